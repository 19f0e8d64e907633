//! Web archives of any bytes: no panic, an end, bounded bodies, counts that add up; and the same however the bytes come.
#![no_main]

use std::io::{self, Read};

use libfuzzer_sys::fuzz_target;
use newsmill::codec::warc::{Counts, Reader};
use newsmill::record::RawRecord;

/// Largest body that is read, in bytes.
const LIMIT: usize = 4096;

/// Gives a few bytes at a time.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(7).min(self.0.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

fn read(file: impl Read) -> Option<(Vec<RawRecord>, Counts)> {
    let mut reader = Reader::new(file, "fuzz.warc".into(), LIMIT).ok()?;
    let mut pages = Vec::new();
    while let Some(page) = reader.next_page().ok()? {
        assert!(page.value.len() <= LIMIT + 1);
        pages.push(page);
    }
    Some((pages, reader.counts().clone()))
}

fuzz_target!(|bytes: &[u8]| {
    let whole = read(bytes);
    if let Some((pages, counts)) = &whole {
        assert_eq!(pages.len() as u64, counts.pages);
        assert_eq!(counts.damaged > 0, counts.first_damage.is_some());
    }
    // Gzip and zstd may tell damage from an end only by what they were given at once.
    if bytes.starts_with(b"WARC/") {
        let values = |found: &Option<(Vec<RawRecord>, Counts)>| {
            let found = found.as_ref();
            found.map(|(pages, counts)| {
                (pages.iter().map(|page| page.value.clone()).collect::<Vec<_>>(), counts.clone())
            })
        };
        assert!(
            values(&whole) == values(&read(Drip(bytes))),
            "the same bytes in other pieces are another archive"
        );
    }
});
