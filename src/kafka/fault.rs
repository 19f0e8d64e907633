//! Faults on purpose, for the tests of what no stage does: builds for release have none of it.
//!
//! `TEST_NEWSMILL_FAULT=KIND:TEXT` strikes when a record whose value holds TEXT is about to go through the
//! stages. KIND is `abort`, `overflow` (the stack), `hang` (for ever) or `slow` (a second and a half).

use std::sync::OnceLock;
use std::time::Duration;

use crate::record::RawRecord;

/// Strikes, if this is the record.
pub(super) fn strike(raw: &RawRecord) {
    static FAULT: OnceLock<Option<(String, String)>> = OnceLock::new();
    let fault = FAULT.get_or_init(|| {
        let set = std::env::var("TEST_NEWSMILL_FAULT").ok()?;
        set.split_once(':').map(|(kind, text)| (kind.to_owned(), text.to_owned()))
    });
    let Some((kind, text)) = fault else { return };
    if memchr::memmem::find(&raw.value, text.as_bytes()).is_none() {
        return;
    }
    tracing::warn!(kind, "a fault on purpose strikes");
    match kind.as_str() {
        "abort" => std::process::abort(),
        "overflow" => {
            deepen(&[0; 1024]);
        }
        "hang" => loop {
            std::thread::sleep(Duration::from_millis(10));
        },
        _ => std::thread::sleep(Duration::from_millis(1500)),
    }
}

#[allow(unconditional_recursion, reason = "that is what it is for")]
fn deepen(frame: &[u8; 1024]) -> u8 {
    let next = std::hint::black_box(*frame);
    deepen(&next).wrapping_add(next[0])
}
