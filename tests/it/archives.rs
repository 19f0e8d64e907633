//! `newsmill process` on web archives: files, folders and stdin; the summary and the exit code of damage.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A record of WARC 1.1.
fn record(kind: &str, number: u32, content_type: &str, block: &str) -> Vec<u8> {
    let length = block.len();
    format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:id-{number}>\r\nWARC-Date: 2026-03-01T10:00:0{number}Z\r\n\
         WARC-Target-URI: https://a.example/{number}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n\
         {block}\r\n\r\n"
    )
    .into_bytes()
}

fn text(number: u32) -> String {
    let sentence = |i: u32| {
        format!(
            "The council of town {number} voted on bridge {} after {} hours of talk. ",
            number * 97 + i,
            i + 2
        )
    };
    (0..12).map(sentence).collect()
}

fn page(number: u32) -> Vec<u8> {
    let body = format!("<html><body><h1>Town {number}</h1><p>{}</p></body></html>", text(number));
    let (head, tail) = body.split_at(100);
    let chunks = format!("64\r\n{head}\r\n{:x}\r\n{tail}\r\n0\r\n\r\n", tail.len());
    let http =
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
    record("response", number, "application/http; msgtype=response", &http)
}

/// Three pages with others between them.
fn records() -> Vec<Vec<u8>> {
    vec![
        record("warcinfo", 0, "application/warc-fields", "software: none\r\n"),
        page(1),
        record("revisit", 2, "application/http; msgtype=response", "HTTP/1.1 304 Not Modified\r\n\r\n"),
        page(3),
        record("response", 4, "application/http; msgtype=response", "HTTP/1.1 404 Not Found\r\n\r\nnothing"),
        record("conversion", 5, "text/plain", &format!("Town 5\n\n{}", text(5))),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn run(dir: &Path, input: &str, stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_newsmill"))
        .args(["process", input])
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    child.wait_with_output().unwrap()
}

fn pages(output: &Output) -> Vec<(String, u64)> {
    let lines = std::str::from_utf8(&output.stdout).unwrap().lines();
    lines
        .map(|line| {
            let page: Value = serde_json::from_str(line).unwrap();
            assert_eq!(page["outcome"], "article", "{page}");
            assert!(page["text"].as_str().unwrap().contains("voted on bridge"), "{page}");
            let id = page["page_id"].as_str().unwrap();
            assert_eq!(page["url"], id.replace("id-", "https://a.example/"));
            assert_eq!(page["fetched_at"], format!("2026-03-01T10:00:0{}Z", &id[3..]));
            (id.to_owned(), page["source"]["line"].as_u64().unwrap())
        })
        .collect()
}

#[test]
fn archives_are_read_wherever_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let plain = records().concat();
    let members: Vec<u8> = records().iter().flat_map(|record| gzip(record)).collect();
    let frames: Vec<u8> = records().iter().flat_map(|r| zstd::encode_all(&r[..], 3).unwrap()).collect();
    let expected = [("id-1".to_owned(), 2), ("id-3".to_owned(), 4), ("id-5".to_owned(), 6)];
    std::fs::create_dir(dir.path().join("folder")).unwrap();
    for (name, bytes) in [
        ("a.warc", &plain),
        ("a.warc.gz", &members),
        ("a.warc.zst", &frames),
        ("a.wet.gz", &members),
        ("a", &members),
    ] {
        std::fs::write(dir.path().join(name), bytes).unwrap();
        let folder = dir.path().join("folder/b.warc.gz");
        std::fs::write(folder, &members).unwrap();
        for (input, stdin) in [(name, &b""[..]), ("folder", b""), ("-", bytes)] {
            let output = run(dir.path(), input, stdin);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{said}");
            assert_eq!(pages(&output), expected, "{name}, {input}: {said}");
            let summary =
                "archives: 1; 3 records are pages, 3 are none  (HTTP status 4xx 1, revisit 1, warcinfo 1)";
            assert!(said.contains(summary), "{said}");
        }
    }
}

#[test]
fn damage_is_told_when_all_others_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut members: Vec<Vec<u8>> = records().iter().map(|record| gzip(record)).collect();
    let offset = members[0].len();
    members[1][60] ^= 0x55;
    let last = members[5].len();
    members[5].truncate(last - 5);
    std::fs::write(dir.path().join("a.warc.gz"), members.concat()).unwrap();
    let output = run(dir.path(), "a.warc.gz", b"");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(pages(&output), [("id-3".to_owned(), 4)], "{said}");
    assert!(said.contains(&format!("2; the first in a.warc.gz: record 2, byte {offset}: ")), "{said}");
    assert!(said.contains("newsmill: 2 damaged records of archives were passed over"), "{said}");
}

/// Archives that warcio and GNU wget wrote: each page with its URL and its text, and nothing else.
#[test]
fn archives_that_others_wrote_are_read_back() {
    let wget = Command::new("wget").arg("--version").output();
    assert!(
        wget.is_ok_and(|output| output.status.success()),
        "wget is missing, which writes an archive for this test: run script/bootstrap"
    );
    let dir = tempfile::tempdir().unwrap();
    let output = crate::outside::python("archives.py", &[dir.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", crate::outside::said(&output));
    let truth: Value =
        serde_json::from_slice(&std::fs::read(dir.path().join("truth.json")).unwrap()).unwrap();
    for (name, pages) in truth.as_object().unwrap() {
        let output = run(dir.path(), name, b"");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{name}: {said}");
        let lines = std::str::from_utf8(&output.stdout).unwrap().lines();
        let found: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        let pages = pages.as_array().unwrap();
        assert_eq!(found.len(), pages.len(), "{name}: {said}\n{found:#?}");
        for (page, wanted) in found.iter().zip(pages) {
            let (path, word) = (wanted[0].as_str().unwrap(), wanted[1].as_str().unwrap());
            // The texts are alike: what repeats another carries its own text besides.
            assert_ne!(page["outcome"], "rejected", "{name}: {page}");
            let url = page["url"].as_str().unwrap();
            assert!(url.ends_with(path), "{name}: {url}");
            let text = page["text"].as_str().unwrap();
            assert!(text.contains(&format!("The council of {word} met for the 13th time")), "{name}: {text}");
            assert!(page["fetched_at"].is_string(), "{name}: {page}");
        }
    }
}
