//! Small bodies that decompress to gigabytes: refused, before they take time or memory.

use std::io::Write;
use std::time::Duration;

use base64::Engine;
use newsmill::codec;
use newsmill::pipeline::{Pipeline, Prepared};
use newsmill::record::{RawRecord, Reason, Source};

use super::{ALLOCATED, ALONE, cpu_time, pipeline};

/// CPU time within which a bomb is refused.
const LIMIT: Duration = Duration::from_millis(100);
/// Memory beyond the largest body that is read, in bytes.
const BEYOND: usize = 1 << 20;

/// Bits as brotli has them: the lowest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn put(&mut self, value: u64, count: u32) {
        for bit in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= ((value >> bit & 1) as u8) << (self.used % 8);
            self.used += 1;
        }
    }
}

/// Blocks of 16 MiB of the letter `a`, each a literal and one copy of it (RFC 7932), behind a window of 2^`window` bytes.
fn brotli(window: u64, blocks: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    // A window of 18 to 24 bits.
    bits.put(1, 1);
    bits.put(window - 17, 3);
    for _ in 0..blocks {
        let length = 1 << 24;
        bits.put(0, 1); // not the last
        bits.put(2, 2); // the length has six nibbles
        bits.put(length - 1, 24);
        bits.put(0, 1); // compressed
        bits.put(0, 3); // one type of blocks each
        bits.put(0, 6); // distances: no postfix, none direct
        bits.put(0, 2); // mode of contexts
        bits.put(0, 2); // one tree each
        for (symbol, width) in [(u64::from(b'a'), 8), (399, 10), (16, 6)] {
            bits.put(1, 2); // a simple code
            bits.put(0, 2); // of one symbol
            bits.put(symbol, width);
        }
        // 399: insert one letter, copy 2118 and what 24 bits say; 16: a distance of 1 or 2.
        bits.put(length - 1 - 2118, 24);
        bits.put(0, 1);
    }
    bits.put(3, 2); // the last, and empty
    bits.bytes
}

/// Blocks of 128 KiB of the letter `a`, of which each is a repeated byte (RFC 8878), in one frame.
fn zstd(window_descriptor: u8, blocks: u32) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, window_descriptor];
    for n in 1..=blocks {
        let header = u32::from(n == blocks) | 1 << 1 | (128 << 10) << 3;
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(b'a');
    }
    frame
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(text).unwrap();
    gzip.finish().unwrap()
}

fn deflate(megabytes: usize) -> Vec<u8> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    (0..megabytes).for_each(|_| zlib.write_all(&[b'a'; 1 << 20]).unwrap());
    zlib.finish().unwrap()
}

/// Name, content encoding and bytes.
fn bombs() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let member = gzip(&[b'a'; 1 << 20]);
    let gigabytes = member.repeat(4096);
    vec![
        ("gzip: 42 MB in one member", "gzip", gzip(&vec![b'a'; 42 << 20])),
        ("gzip: 4 GB in members of 1 MB", "gzip", gigabytes.clone()),
        ("gzip in gzip: 4 GB", "gzip, gzip", gzip(&gigabytes)),
        ("gzip in gzip in gzip: 4 GB", "gzip, gzip, gzip", gzip(&gzip(&gigabytes))),
        ("gzip in zstd: 4 GB", "gzip, zstd", zstd::encode_all(&gigabytes[..], 19).unwrap()),
        ("gzip that nothing names", "", gzip(&vec![b'a'; 42 << 20])),
        ("deflate: 42 MB", "deflate", deflate(42)),
        ("zstd: 4 GB", "zstd", zstd(0x68, 1 << 15)),
        ("zstd: 4 GB in frames of 1 MB", "zstd", zstd(0x68, 8).repeat(4096)),
        ("zstd: 4 GB behind a window of 2 GB", "zstd", zstd(0xa8, 1 << 15)),
        ("zstd in gzip: 4 GB", "zstd, gzip", gzip(&zstd(0x68, 1 << 15))),
        ("brotli: 4 GB", "br", brotli(22, 256)),
        ("brotli: 4 GB behind a window of 16 MB", "br", brotli(24, 256)),
        ("brotli in gzip: 4 GB", "br, gzip", gzip(&brotli(22, 256))),
        ("gzip in brotli is a bomb of its outside", "gzip, br", brotli(22, 256)),
    ]
}

/// As the value itself, and within a page message.
fn records(encoding: &str, bytes: &[u8]) -> [RawRecord; 2] {
    let source = || Source::File { input: "bomb".into(), line: 1 };
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let raw = RawRecord {
        source: source(),
        key: None,
        value: bytes.to_vec(),
        headers: vec![header("content-type", "text/html"), header("content-encoding", encoding)],
    };
    let body = base64::engine::general_purpose::STANDARD.encode(bytes);
    let message = format!(r#"{{"content_encoding":"{encoding}","body_base64":"{body}"}}"#);
    [raw, RawRecord { source: source(), key: None, value: message.into_bytes(), headers: Vec::new() }]
}

/// What is wrong with how a bomb ended.
fn problems(pipeline: &Pipeline, name: &str, record: &RawRecord, limit: usize) -> Vec<String> {
    ALLOCATED.reset_peak_usage();
    let (memory, started) = (ALLOCATED.current_usage(), cpu_time());
    let prepared = pipeline.prepare(record, |_| None);
    let (taken, memory) = (cpu_time() - started, ALLOCATED.peak_usage() - memory);
    println!("{:4} ms, {:5} kB: {name}, {} kB", taken.as_millis(), memory >> 10, record.value.len() >> 10);
    let mut problems = Vec::new();
    match prepared {
        Prepared::Rejected(reject) if reject.reason == Reason::TooLarge => {}
        Prepared::Rejected(reject) => {
            problems.push(format!("{name} is {}: {}", reject.reason, reject.detail))
        }
        _ => problems.push(format!("{name} is read")),
    }
    if taken > LIMIT {
        problems.push(format!("{name} took {} ms", taken.as_millis()));
    }
    if memory > limit {
        problems.push(format!("{name} took {} kB", memory >> 10));
    }
    problems
}

#[test]
fn bombs_are_refused_in_time_and_memory() {
    let _alone = ALONE.lock();
    let mut wrong = Vec::new();
    for cap in [codec::Config::default().max_body_bytes, 1 << 20] {
        let pipeline = pipeline(cap);
        for (name, encoding, bytes) in bombs() {
            if bytes.len() > cap {
                continue;
            }
            let [raw, message] = records(encoding, &bytes);
            wrong.extend(problems(&pipeline, name, &raw, cap + BEYOND));
            // What is in base64 is there a second time.
            let name = format!("{name}, in a page message");
            wrong.extend(problems(&pipeline, &name, &message, cap + BEYOND + bytes.len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A record of a web archive: an answer with a body of that encoding.
fn archive_record(encoding: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {encoding}\r\n\r\n");
    let length = head.len() + body.len();
    let record = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://bomb.example/\r\nWARC-Date: 2026-03-01T10:00:00Z\r\n\
         Content-Type: application/http; msgtype=response\r\nContent-Length: {length}\r\n\r\n{head}"
    );
    [record.as_bytes(), body, b"\r\n\r\n"].concat()
}

#[test]
fn bombs_in_archives_are_refused_in_time_and_memory() {
    let _alone = ALONE.lock();
    let cap = codec::Config::default().max_body_bytes;
    let pipeline = pipeline(cap);
    let mut archives: Vec<(String, Vec<u8>)> = bombs()
        .into_iter()
        .filter(|(_, _, bytes)| bytes.len() <= cap)
        .map(|(name, encoding, bytes)| (name.to_owned(), archive_record(encoding, &bytes)))
        .collect();
    // The archive itself is the bomb: a record of 512 MB in one member, and in members of 1 MB.
    let huge = archive_record("", &vec![b'a'; 512 << 20]);
    archives.push(("a record of 512 MB in a member".to_owned(), gzip(&huge)));
    archives.push((
        "a record of 512 MB in members of 1 MB".to_owned(),
        huge.chunks(1 << 20).flat_map(gzip).collect(),
    ));
    drop(huge);
    let mut wrong = Vec::new();
    for (name, file) in archives {
        ALLOCATED.reset_peak_usage();
        let (memory, started) = (ALLOCATED.current_usage(), cpu_time());
        let mut reader = codec::warc::Reader::new(&file[..], "bomb".into(), cap).unwrap();
        let (mut reasons, mut sent) = (Vec::new(), 0);
        while let Some(record) = reader.next_page().unwrap() {
            sent = sent.max(record.value.len());
            match pipeline.prepare(&record, |_| None) {
                Prepared::Rejected(reject) => reasons.push(reject.reason),
                _ => wrong.push(format!("{name} is read")),
            }
        }
        let (taken, memory) = (cpu_time() - started, ALLOCATED.peak_usage() - memory);
        println!("{:4} ms, {:5} kB: {name}, {} kB", taken.as_millis(), memory >> 10, file.len() >> 10);
        // The whole is too large, or given up as damaged.
        let refused = reasons == [Reason::TooLarge] || reasons.is_empty() && reader.counts().damaged == 1;
        if !refused {
            wrong.push(format!("{name} ended as {reasons:?} with {:?}", reader.counts()));
        }
        if taken > LIMIT {
            wrong.push(format!("{name} took {} ms", taken.as_millis()));
        }
        // A body as it was sent is there beside what it decompresses to, or what is kept of it where it is rejected.
        if memory > cap + BEYOND + sent {
            wrong.push(format!("{name} took {} kB", memory >> 10));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The bombs are what they are called: a smaller one of each is read to its end, beyond what doubles and what is counted first.
#[test]
fn as_large_as_is_read_they_are_pages() {
    let _alone = ALONE.lock();
    let config = codec::Config { max_body_bytes: 20 << 20, ..codec::Config::default() };
    for (encoding, bytes) in [("br", brotli(24, 1)), ("br", brotli(18, 1)), ("zstd", zstd(0x68, 128))] {
        let [raw, message] = records(encoding, &bytes);
        for record in [raw, message] {
            let page = codec::decode(&record, &config).map_err(|reject| reject.detail).unwrap();
            assert_eq!(page.body.len(), 16 << 20, "{encoding}");
            assert!(page.body.bytes().all(|letter| letter == b'a'), "{encoding}");
        }
    }
}
