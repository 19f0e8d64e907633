//! Bytes through charset and the whole stage: an article that keeps its promises, or a reason; twice the same.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use newsmill::codec;
use newsmill::record::{RawRecord, Source};
use newsmill::stages::strip_boilerplate::{Config, StripBoilerplate, promises};

static STAGE: LazyLock<StripBoilerplate> = LazyLock::new(|| StripBoilerplate::new(&Config::default()));

/// What a page may be said to be; its last byte chooses.
const CONTENT_TYPES: [&str; 10] = [
    "text/html; charset=utf-8",
    "text/plain; charset=utf-8",
    "text/html",
    "text/plain",
    "",
    "text/html; charset=utf-16le",
    "text/html; charset=windows-1252",
    "text/html; charset=shift_jis",
    "text/html; charset=gb18030",
    "text/html; charset=iso-2022-jp",
];

fuzz_target!(|bytes: &[u8]| {
    let chosen = bytes.last().map_or(0, |last| *last as usize % CONTENT_TYPES.len());
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let raw = RawRecord {
        source: Source::File { input: "fuzz".into(), line: 1 },
        key: None,
        value: bytes.to_vec(),
        headers: vec![
            header("content-type", CONTENT_TYPES[chosen]),
            header("url", "https://www.coastwatch.example/2026/03/03/pier"),
            header("fetched-at", "2026-03-04T05:06:07Z"),
        ],
    };
    let Ok(page) = codec::decode(&raw, &codec::Config::default()) else { return };
    let got = STAGE.strip(&page);
    match &got {
        Ok(extracted) => {
            if let Err(broken) = promises::of_extracted(extracted) {
                panic!("not so any more: {broken}");
            }
        }
        Err((_, detail)) => assert!(!detail.is_empty()),
    }
    assert!(got == STAGE.strip(&page), "twice the same page, and not the same of it");
});
