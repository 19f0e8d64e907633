use std::io::Write;

use super::*;
use crate::record::{Markup, Source};

fn record(value: impl Into<Vec<u8>>, headers: &[(&str, &str)]) -> RawRecord {
    RawRecord {
        source: Source::File { input: "in.jsonl".into(), line: 7 },
        key: None,
        value: value.into(),
        headers: headers.iter().map(|(k, v)| ((*k).to_owned(), v.as_bytes().to_vec())).collect(),
    }
}

fn page(value: impl Into<Vec<u8>>, headers: &[(&str, &str)]) -> Page {
    decode(&record(value, headers), &Config::default()).unwrap()
}

fn reason(value: impl Into<Vec<u8>>, headers: &[(&str, &str)]) -> Reason {
    decode(&record(value, headers), &Config::default()).unwrap_err().reason
}

#[test]
fn json_message() {
    let p = page(
        r#"{"url":"https://a.example/1","body":"<p>x</p>","content_type":"text/html","fetched_at":"2020-06-11T14:00:00Z","id":"p1","more":[1]}"#,
        &[],
    );
    assert_eq!((p.page_id.as_str(), p.markup, p.body.as_str()), ("p1", Markup::Html, "<p>x</p>"));
    assert_eq!(p.fetched_at.unwrap().to_string(), "2020-06-11T14:00:00Z");
    assert_eq!(page(r#"{"body":"some text","id":17}"#, &[]).page_id, "17");
    assert_eq!(page(r#"{"body":"some text"}"#, &[]).page_id, "in.jsonl:7");
}

#[test]
fn confluent_frame_is_stripped() {
    assert_eq!(page(b"\0\0\0\0\x2a{\"body\":\"framed\"}".to_vec(), &[]).body, "framed");
}

#[test]
fn lone_surrogates_do_not_refuse_a_page() {
    assert_eq!(
        page(br#"{"body":"a \ud83d b \ud83d\ude00 \\ud83d"}"#.to_vec(), &[]).body,
        "a \u{fffd} b 😀 \\ud83d"
    );
}

#[test]
fn malformed_messages() {
    for value in
        ["{", "{\"url\":\"u\"}", "{\"body\":1}", "{\"body_base64\":\"%%\"}", "{\"id\":{},\"body\":\"x\"}"]
    {
        let reject = decode(&record(value, &[]), &Config::default()).unwrap_err();
        assert_eq!(reject.reason, Reason::Malformed, "{value}");
        assert_eq!(reject.body, value.as_bytes());
    }
}

#[test]
fn raw_body_with_headers() {
    let p = page(
        "<html><body>x",
        &[
            ("url", "https://a.example/"),
            ("Content-Type", "text/html"),
            ("fetched-at", "2020-01-02T03:04:05Z"),
        ],
    );
    assert_eq!((p.url.as_deref(), p.markup), (Some("https://a.example/"), Markup::Html));
    assert!(p.fetched_at.is_some());
    let p = page(
        "plain",
        &[("ce_id", "e1"), ("ce_source", "https://b.example/"), ("content-type", "text/plain")],
    );
    assert_eq!((p.page_id.as_str(), p.url.as_deref()), ("e1", Some("https://b.example/")));
}

#[test]
fn charsets() {
    let html = |charset: &str, bytes: &[u8]| {
        let mut value = format!("<html><meta charset={charset}>").into_bytes();
        value.extend_from_slice(bytes);
        page(value, &[("content-type", "text/html")]).body
    };
    assert!(html("windows-1251", &[0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]).ends_with("Привет"));
    assert!(html("utf-8", &[0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, b' '].repeat(40)).ends_with("Привет "));
    assert!(html("iso-8859-1", "Grüße".as_bytes()).ends_with("Grüße"));
    assert!(html("shift_jis", &[0x93, 0xfa, 0x96, 0x7b]).ends_with("日本"));
    let utf16: Vec<u8> = "\u{feff}Ünïcode page".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(page(utf16, &[("content-type", "text/plain")]).body, "Ünïcode page");
    let bare: Vec<u8> = "no mark at all in this text".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(page(bare, &[("content-type", "text/plain")]).body, "no mark at all in this text");
}

#[test]
fn binary_is_not_text() {
    assert_eq!(reason(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), &[]), Reason::NotText);
    assert_eq!(reason((0u8..=255).cycle().take(4000).collect::<Vec<_>>(), &[]), Reason::NotText);
    assert_eq!(reason("x", &[("content-type", "image/webp")]), Reason::NotText);
}

#[test]
fn empty_bodies() {
    assert_eq!(reason("{\"body\":\" \\n\"}", &[]), Reason::Empty);
    assert_eq!(reason("", &[]), Reason::Empty);
}

#[test]
fn compressed_bodies() {
    let text = b"the same words again and again ".repeat(200);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&text).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(&text).unwrap();
    let plain = &[("content-type", "text/plain")][..];
    let with = |encoding: &'static str| [("content-type", "text/plain"), ("content-encoding", encoding)];
    assert_eq!(page(gzip.clone(), plain).body.as_bytes(), text);
    assert_eq!(page(zstd::encode_all(&text[..], 3).unwrap(), plain).body.as_bytes(), text);
    assert_eq!(page(zlib.finish().unwrap(), &with("deflate")).body.as_bytes(), text);
    assert_eq!(page(text.clone(), &with("gzip")).body.as_bytes(), text, "decoded by the crawler");
    assert_eq!(page(text.clone(), &with("br")).body.as_bytes(), text, "decoded by the crawler");
    assert_eq!(reason(gzip[..gzip.len() / 2].to_vec(), plain), Reason::BadCompression);
    assert_eq!(reason("x", &with("rot13")), Reason::BadCompression);
}

#[test]
fn a_bomb_is_capped() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        gzip.write_all(&vec![b'a'; 1 << 20]).unwrap();
    }
    assert_eq!(reason(gzip.finish().unwrap(), &[]), Reason::TooLarge);
}
