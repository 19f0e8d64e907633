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

/// A page of which the format is forced.
fn forced(format: Format, value: &str, headers: &[(&str, &str)]) -> Result<Page, Reason> {
    let config = Config { format, ..Config::default() };
    decode(&record(value, headers), &config).map_err(|reject| reject.reason)
}

#[test]
fn a_format_can_be_forced() {
    let message = r#"{"body":"some text"}"#;
    assert_eq!(forced(Format::Json, message, &[("content-type", "text/plain")]).unwrap().body, "some text");
    assert_eq!(forced(Format::Raw, message, &[]).unwrap().body, message);
    assert_eq!(forced(Format::Json, "some text", &[]).unwrap_err(), Reason::Malformed);
    let framed = format!("\0\0\0\0\u{7}{message}");
    assert_eq!(forced(Format::Confluent, &framed, &[]).unwrap().body, "some text");
    assert_eq!(forced(Format::Confluent, message, &[]).unwrap_err(), Reason::Malformed);
    assert_eq!(forced(Format::Json, &framed, &[]).unwrap_err(), Reason::Malformed);
    assert_eq!(forced(Format::CloudEvents, message, &[("url", "u")]).unwrap_err(), Reason::Malformed);
    assert_eq!(forced(Format::CloudEvents, "some text", &[("ce_id", "1")]).unwrap().page_id, "1");
}

#[test]
fn events_in_binary_mode() {
    let named = |subject: &str, source: &str| {
        let headers = [
            ("ce-id", "7"),
            ("ce-source", source),
            ("ce-subject", subject),
            ("ce-time", "2020-06-11T14:00:00Z"),
        ];
        let p = page(r#"{"body":"some text"}"#, &headers);
        assert_eq!((p.page_id.as_str(), p.fetched_at.is_some()), ("7", true));
        p.url.unwrap_or_default()
    };
    assert_eq!(named("https://a.example/story", "https://crawler.example/"), "https://a.example/story");
    assert_eq!(named("story", "https://a.example/story"), "https://a.example/story");
    assert_eq!(named("story", "/crawlers/7"), "");
    // What the message says itself counts.
    let own = r#"{"body":"some text","id":"own","url":"https://own.example/"}"#;
    let p = page(
        own,
        &[("ce_id", "7"), ("ce_source", "https://a.example/"), ("content-type", "application/json")],
    );
    assert_eq!((p.page_id.as_str(), p.url.as_deref()), ("own", Some("https://own.example/")));
    // Without attributes of an event headers say nothing of a JSON message.
    assert_eq!(page(r#"{"body":"some text"}"#, &[("id", "7")]).page_id, "in.jsonl:7");
}

#[test]
fn events_in_structured_mode() {
    let typed = &[("content-type", "application/cloudevents+json; charset=utf-8")][..];
    let head =
        r#""specversion":"1.0","id":"e1","source":"/crawler","subject":"https://a.example/1","type":"page""#;
    for (data, body, markup) in [
        (r#""data":{"body":"<p>x</p>","content_type":"text/html"}"#, "<p>x</p>", Markup::Html),
        (r#""datacontenttype":"text/html","data":"<p>x</p>""#, "<p>x</p>", Markup::Html),
        (r#""datacontenttype":"text/plain","data_base64":"eCB5""#, "x y", Markup::Plain),
        (
            r#""datacontenttype":"application/json","data_base64":"eyJib2R5IjoieCB5In0=""#,
            "x y",
            Markup::Plain,
        ),
        (r#""data":{"body":"half \ud83d"}"#, "half \u{fffd}", Markup::Plain),
    ] {
        for headers in [typed, &[]] {
            let p = page(format!("{{{head},{data}}}"), headers);
            assert_eq!((p.body.as_str(), p.markup), (body, markup), "{data}");
            assert_eq!((p.page_id.as_str(), p.url.as_deref()), ("e1", Some("https://a.example/1")), "{data}");
        }
    }
    for data in [r#""data":[1]"#, r#""datacontenttype":"text/html""#, r#""data":"x","data_base64":"eA==""#] {
        assert_eq!(reason(format!("{{{head},{data}}}"), typed), Reason::Malformed, "{data}");
    }
    let batch = [("content-type", "application/cloudevents-batch+json")];
    assert_eq!(reason("[]", &batch), Reason::Malformed);
}

/// `extra` of a page as JSON, where these names are asked for.
fn extra(wanted: &[&str], value: &str, headers: &[(&str, &str)]) -> String {
    let extra = wanted.iter().map(|name| (*name).to_owned()).collect();
    let page = decode(&record(value, headers), &Config { extra, ..Config::default() }).unwrap();
    page.extra.map_or_else(String::new, |extra| serde_json::to_string(&extra).unwrap())
}

#[test]
fn unknown_fields_are_passed_on_where_they_are_asked_for() {
    let message = "{\"z\": 1.0,\n\"body\":\"x y\",\"a\":{\"y\":12345678901234567890123,\n \"b\":[]},\"url\":\"u\",\"z\":2}";
    assert_eq!(page(message, &[]).extra, None);
    assert_eq!(extra(&["*"], message, &[]), r#"{"z":1.0,"a":{"y":12345678901234567890123,  "b":[]}}"#);
    assert_eq!(extra(&["a"], message, &[]), r#"{"a":{"y":12345678901234567890123,  "b":[]}}"#);
    assert_eq!(extra(&["url", "b"], message, &[]), "");
    // Headers and attributes of events as strings.
    let headers = [("Feed", "7 \"x\""), ("ce-type", "page"), ("ce_id", "1"), ("newsmill.attempt", "1")];
    assert_eq!(extra(&["*"], "x y", &headers), r#"{"Feed":"7 \"x\"","ce_type":"page"}"#);
    assert_eq!(extra(&["feed"], message, &headers), r#"{"Feed":"7 \"x\""}"#);
    let event = r#"{"specversion":"1.0","type":"page","tenant":3,"data":{"body":"x y","desk":"sport"}}"#;
    assert_eq!(extra(&["*"], event, &[]), r#"{"desk":"sport","ce_type":"page","ce_tenant":3}"#);
}

#[test]
fn what_is_passed_on_is_bounded() {
    let large = "x".repeat(MAX_EXTRA_BYTES - 20);
    let message = format!(r#"{{"body":"x y","a":"{large}","b":"123456789012345","c":1}}"#);
    let written = extra(&["*"], &message, &[]);
    assert!(
        written.ends_with(r#"","c":1}"#) && written.contains(&large),
        "{}",
        &written[written.len() - 40..]
    );
    let config = Config { extra: vec!["*".to_owned()], ..Config::default() };
    let page = decode(&record(message, &[]), &config).unwrap();
    assert!(page.extra.unwrap().bytes() <= MAX_EXTRA_BYTES);
}

/// What decompresses to up to the cap is read, however it is packed; one byte more is refused.
#[test]
fn the_cap_is_exact_for_every_encoding() {
    let cap = 1_000_000;
    let config = Config { max_body_bytes: cap, ..Config::default() };
    let pack = |encoding: &str, text: &[u8]| match encoding {
        "gzip" => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            gzip.write_all(text).unwrap();
            gzip.finish().unwrap()
        }
        "zstd" => zstd::encode_all(text, 1).unwrap(),
        // Without the size of the content; in two frames.
        "zstd, in frames" => {
            let (a, b) = text.split_at(text.len() / 3);
            [a, b]
                .map(|part| {
                    let mut frame = zstd::Encoder::new(Vec::new(), 1).unwrap();
                    frame.include_contentsize(false).unwrap();
                    frame.write_all(part).unwrap();
                    frame.finish().unwrap()
                })
                .concat()
        }
        _ => {
            let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            zlib.write_all(text).unwrap();
            zlib.finish().unwrap()
        }
    };
    for size in [1, 10_000, 16_384, 262_143, 262_144, 262_145, 700_001, cap, cap + 1] {
        // Words that differ, so that what is packed is no repetition.
        let text: Vec<u8> = (0_u32..)
            .flat_map(|n| format!("{} ", n.wrapping_mul(2_654_435_761)).into_bytes())
            .take(size)
            .collect();
        for encoding in ["gzip", "zstd", "zstd, in frames", "deflate"] {
            let headers =
                [("content-type", "text/plain"), ("content-encoding", encoding.split(',').next().unwrap())];
            let decoded = decode(&record(pack(encoding, &text), &headers), &config);
            match decoded {
                Ok(page) => assert!(size <= cap && page.body.as_bytes() == text, "{encoding} of {size}"),
                Err(reject) => assert!(
                    size > cap && reject.reason == Reason::TooLarge,
                    "{encoding} of {size}: {}",
                    reject.detail
                ),
            }
        }
    }
}
