use std::io::Write;

use proptest::prelude::*;

use super::*;

const LIMIT: usize = 100_000;

/// A record of WARC 1.0.
fn record(kind: &str, uri: &str, content_type: &str, block: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2026-03-01T10:00:00Z\r\n\
         WARC-Record-ID: <urn:uuid:{kind}-{}>\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        block.len(),
        block.len()
    )
    .into_bytes();
    out.extend_from_slice(block);
    out.extend_from_slice(b"\r\n\r\n");
    out
}

fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let block = [format!("HTTP/1.1 {status}\r\n{headers}\r\n").as_bytes(), body].concat();
    record("response", "https://a.example/1", "application/http; msgtype=response", &block)
}

fn html(body: &str) -> Vec<u8> {
    response("200 OK", "Content-Type: text/html\r\n", body.as_bytes())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Gives a few bytes at a time.
struct Drip<'a>(&'a [u8], usize);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(buffer.len()).min(self.0.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

type Found = (Vec<RawRecord>, Counts);

fn read_from(file: impl Read) -> Found {
    let mut reader = Reader::new(file, "a.warc".into(), LIMIT).unwrap();
    let mut pages = Vec::new();
    while let Some(page) = reader.next_page().unwrap() {
        pages.push(page);
    }
    (pages, reader.counts().clone())
}

fn read(file: &[u8]) -> Found {
    read_from(file)
}

fn header<'a>(page: &'a RawRecord, name: &str) -> Option<&'a str> {
    page.headers.iter().find(|(key, _)| key == name).map(|(_, value)| std::str::from_utf8(value).unwrap())
}

fn bodies(found: &Found) -> Vec<&str> {
    found.0.iter().map(|page| std::str::from_utf8(&page.value).unwrap()).collect()
}

fn line(page: &RawRecord) -> u64 {
    match page.source {
        Source::File { line, .. } => line,
        Source::Kafka { .. } => 0,
    }
}

#[test]
fn a_page_has_what_its_record_says() {
    let headers =
        "content-type: text/html; charset=koi8-r\r\nContent-Encoding: gzip\r\nContent-Language: ru\r\n";
    let file =
        [record("warcinfo", "", "application/warc-fields", b"x: y"), response("200 OK", headers, b"<p>")];
    let found = read(&file.concat());
    let page = &found.0[0];
    assert_eq!(page.value, b"<p>");
    assert_eq!(header(page, "id").unwrap().split('-').next(), Some("response"));
    assert_eq!(header(page, "url"), Some("https://a.example/1"));
    assert_eq!(header(page, "fetched-at"), Some("2026-03-01T10:00:00Z"));
    assert_eq!(header(page, "content-type"), Some("text/html; charset=koi8-r"));
    assert_eq!(header(page, "content-encoding"), Some("gzip"));
    assert_eq!(header(page, "content-language"), Some("ru"));
    assert_eq!(line(page), 2);
    assert_eq!((found.1.pages, found.1.skipped["warcinfo"], found.1.damaged), (1, 1, 0));
}

#[test]
fn what_is_no_page_is_counted_by_kind() {
    let plain = "Content-Type: text/plain\r\n";
    let file = [
        record(
            "request",
            "https://a.example/1",
            "application/http; msgtype=request",
            b"GET / HTTP/1.1\r\n\r\n",
        ),
        record("response", "dns:a.example", "text/dns", b"20260301\na.example. 60 IN A 192.0.2.1\n"),
        record("metadata", "https://a.example/1", "application/warc-fields", b"fetchTimeMs: 4"),
        record("revisit", "https://a.example/1", "application/http", b"HTTP/1.1 200 OK\r\n\r\n"),
        record("resource", "metadata://gnu.org/software/wget/warc/wget.log", "text/plain", b"log"),
        record("resource", "https://a.example/x.png", "image/png", b"\x89PNG"),
        record("resource", "https://a.example/x.html", "text/html", b"<p>file"),
        record("conversion", "https://a.example/1", "text/plain", "größer".as_bytes()),
        record("response", "gemini://a.example/", "application/gemini", b"20 text/gemini\r\nx"),
        record("unheard-of", "https://a.example/", "text/html", b"x"),
        response("301 Moved Permanently", "Location: /x\r\n", b"x"),
        response("404 Not Found", plain, b"x"),
        response("503 Busy", plain, b"x"),
        response("206 Partial Content", plain, b"part"),
        response("200 OK", "Content-Type: application/json\r\n", b"{}"),
        response("200 OK", "", b"{\"body\": 1}"),
        record("response", "https://a.example/", "application/http", b"no answer at all"),
    ];
    for file in [file.concat(), file.iter().flat_map(|record| gzip(record)).collect()] {
        let found = read(&file);
        assert_eq!(bodies(&found), ["<p>file", "größer", "part", "{\"body\": 1}"]);
        let skipped: Vec<(&str, u64)> = found.1.skipped.iter().map(|(what, count)| (*what, *count)).collect();
        assert_eq!(
            skipped,
            [
                ("HTTP status 3xx", 1),
                ("HTTP status 4xx", 1),
                ("HTTP status 5xx", 1),
                ("dns", 1),
                ("file without a web address", 1),
                ("metadata", 1),
                ("neither HTML nor plain text", 2),
                ("record of an unknown type", 1),
                ("request", 1),
                ("response of another protocol", 1),
                ("response without an HTTP status", 1),
                ("revisit", 1),
            ]
        );
        assert_eq!((found.1.pages, found.1.damaged), (4, 0));
    }
}

#[test]
fn chunks_are_undone() {
    let body = |chunks: &[u8]| {
        let found =
            read(&response("200 OK", "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n", chunks));
        assert_eq!(found.1.damaged, 0);
        bodies(&found)[0].to_owned()
    };
    assert_eq!(body(b"5\r\nfirst\r\n7;x=y\r\n second\r\n0\r\nTrailer: x\r\n\r\n"), "first second");
    assert_eq!(body(b"0A\nten bytes.\n0\n\n"), "ten bytes.");
    assert_eq!(body(b"5\r\nfirst\r\n"), "first", "the end is missing");
    assert_eq!(body(b"5\r\nfir"), "fir", "cut in a chunk");
    assert_eq!(body(b"5\r\nfirst\r\nzz\r\nmore"), "first", "ends where the chunks are damaged");
    assert_eq!(body(b"5\r\nfirst\r\nfffffffffffffffffff\r\nmore"), "first", "a length beyond all");
    assert_eq!(body(b"the crawler undid them\nand said so"), "the crawler undid them\nand said so");
    assert_eq!(body(b"short"), "short", "no line at all");
    assert_eq!(body("long ".repeat(200).as_bytes()), "long ".repeat(200));
    assert_eq!(body(b"0\r\n\r\n"), "");
    assert_eq!(body(b""), "");
}

#[test]
fn lenient_heads() {
    let file = b"WARC/0.18\nwarc-type:response\nWARC-Target-URI: <https://a.example/>\n\tfolded: x\nno colon\n\
        Content-Length: 62\nContent-Length: 9\n\nHTTP/1.1 100 Continue\n\nhttp/2 204\ncontent-type:text/html\n\nbody\n\n";
    let found = read(file);
    assert_eq!(bodies(&found), ["body"], "{:?}", found.1);
    assert_eq!(header(&found.0[0], "url"), Some("https://a.example/"));
    assert_eq!(header(&found.0[0], "id"), None);
}

#[test]
fn bodies_over_the_limit_are_cut_behind_it() {
    for (length, kept) in
        [(LIMIT - 1, LIMIT - 1), (LIMIT, LIMIT), (LIMIT + 1, LIMIT + 1), (3 * LIMIT, LIMIT + 1)]
    {
        let text = "x".repeat(length);
        let chunked = format!("{length:x}\r\n{text}\r\n0\r\n\r\n");
        let headers = "Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n";
        let file = [html(&text), response("200 OK", headers, chunked.as_bytes()), html("next")].concat();
        let found = read(&file);
        let lengths: Vec<usize> = found.0.iter().map(|page| page.value.len()).collect();
        assert_eq!(lengths, [kept, kept, 4]);
        assert!(found.0[0].value.capacity() <= LIMIT + 1);
    }
}

/// Records of which the fourth is damaged in ways that archives are; all others are read.
#[test]
fn what_is_damaged_is_passed_over() {
    let pages: Vec<String> =
        (0..8).map(|i| format!("<p>page {i} {}", "more words ".repeat(30 * i))).collect();
    let all_but = |lost: &[usize]| -> Vec<&str> {
        pages.iter().enumerate().filter(|(i, _)| !lost.contains(i)).map(|(_, page)| page.as_str()).collect()
    };
    let records: Vec<Vec<u8>> = pages.iter().map(|page| html(page)).collect();
    let with = |fourth: Vec<u8>| {
        let mut records = records.clone();
        records[3] = fourth;
        records
    };
    let edit = |from: &str, to: &str| {
        String::from_utf8(records[3].clone()).unwrap().replacen(from, to, 1).into_bytes()
    };
    let length = |by: i64| {
        let length = pages[3].len() as i64 + 44;
        edit(&format!("Content-Length: {length}"), &format!("Content-Length: {}", length + by))
    };
    let members = |records: &[Vec<u8>]| records.iter().flat_map(|record| gzip(record)).collect::<Vec<u8>>();
    let start: u64 = records[..3].iter().map(|record| record.len() as u64).sum();
    let compressed_start = members(&records[..3]).len() as u64;
    let expect = |what: &str, file: &[u8], lost: &[usize], offset: u64| {
        let found = read(file);
        assert_eq!(bodies(&found), all_but(lost), "{what}");
        assert_eq!(found.1.damaged, 1, "{what}: {:?}", found.1);
        let first = found.1.first_damage.clone().unwrap();
        assert_eq!((first.record, first.offset), (4, offset), "{what}: {}", first.what);
        assert!(!first.what.is_empty());
    };
    for (what, fourth) in [
        ("no version", edit("WARC/1.0", "GARBAGE!")),
        ("a version of the future", edit("WARC/1.0", "WARC/9.0")),
        ("no length", edit("Content-Length", "Content-Width")),
        ("a length that is none", length(0).iter().map(|&b| if b == b':' { b'=' } else { b }).collect()),
        ("too short a length", length(-20)),
        ("a head that never ends", edit("\r\n\r\n", &"X: y\r\n".repeat(30_000))),
        ("a head of many lines", edit("\r\n\r\n", &"X:\r\n".repeat(2_000))),
        ("a cut head", records[3][..31].to_vec()),
    ] {
        expect(what, &with(fourth.clone()).concat(), &[3], start);
        expect(what, &members(&with(fourth)), &[3], compressed_start);
    }
    // What a length that is too great takes of the next record is lost with it; members end it.
    expect("too great a length", &with(length(20)).concat(), &[3, 4], start);
    expect("too great a length", &members(&with(length(20))), &[3], compressed_start);
    expect("a cut line", &members(&with(records[3][..60].to_vec())), &[3], compressed_start);
    expect("a cut record", &members(&with(records[3][..300].to_vec())), &[3], compressed_start);
    let mut damaged: Vec<Vec<u8>> = records.iter().map(|record| gzip(record)).collect();
    let fourth = damaged[3].clone();
    let mut flip = |at: usize, what: &str| {
        damaged[3].clone_from(&fourth);
        damaged[3][at] ^= 0x55;
        expect(what, &damaged.concat(), &[3], compressed_start);
    };
    flip(0, "no magic");
    flip(3, "flags that are reserved");
    flip(30, "damaged data");
    flip(fourth.len() / 2, "damaged data");
    flip(fourth.len() - 6, "a wrong checksum");
    flip(fourth.len() - 2, "a wrong length");
    for cut in [1, 12, fourth.len() / 2, fourth.len() - 9, fourth.len() - 1] {
        damaged[3] = fourth[..cut].to_vec();
        expect(&format!("a member cut at {cut}"), &damaged.concat(), &[3], compressed_start);
    }
    let mut frames: Vec<Vec<u8>> =
        records.iter().map(|record| zstd::encode_all(&record[..], 3).unwrap()).collect();
    assert_eq!(bodies(&read(&frames.concat())), all_but(&[]));
    let offset = frames[..3].iter().map(|frame| frame.len() as u64).sum();
    frames[3][40] ^= 0x55;
    let cut = frames[3].len() - 3;
    frames[3].truncate(cut);
    expect("a damaged frame", &frames.concat(), &[3], offset);
}

/// Cut anywhere, an archive is read to its last whole record, and the cut is told.
#[test]
fn a_cut_archive_is_read_to_its_last_whole_record() {
    let records: Vec<Vec<u8>> = (0..4).map(|i| html(&format!("<p>page {i}"))).collect();
    let plain: Vec<Vec<u8>> = records.clone();
    let compressed: Vec<Vec<u8>> = records.iter().map(|record| gzip(record)).collect();
    for parts in [plain, compressed] {
        let file = parts.concat();
        let mut ends: Vec<usize> = Vec::new();
        for part in &parts {
            ends.push(ends.last().unwrap_or(&0) + part.len());
        }
        for cut in 0..file.len() {
            let found = read(&file[..cut]);
            // Of a plain archive the two line ends behind a record may be missing.
            let is_plain = file.starts_with(b"WARC");
            let whole = ends.iter().filter(|&&end| end - if is_plain { 4 } else { 0 } <= cut).count();
            assert_eq!(found.0.len(), whole, "cut at {cut}");
            let clean =
                cut == 0 || ends.iter().any(|&end| (end - if is_plain { 4 } else { 0 }..=end).contains(&cut));
            assert_eq!(found.1.damaged, u64::from(!clean), "cut at {cut}: {:?}", found.1);
        }
    }
}

#[test]
fn members_need_not_be_records() {
    let file: Vec<u8> =
        (0..9).flat_map(|i| html(&format!("<p>page {i} {}", "word ".repeat(50 * i)))).collect();
    let one = gzip(&file);
    let many: Vec<u8> = file.chunks(217).flat_map(gzip).collect();
    let (expected, counts) = read(&file);
    for other in [one, many, zstd::encode_all(&file[..], 3).unwrap()] {
        let found = read(&other);
        assert_eq!(found.1, counts);
        assert!(found.0.iter().zip(&expected).all(|(a, b)| a.value == b.value && a.source == b.source));
    }
}

#[test]
fn archives_are_told_by_their_content() {
    let file = html(&"x".repeat(300_000));
    let zstd = zstd::encode_all(&file[..], 3).unwrap();
    for archive in [file.clone(), gzip(&file), zstd] {
        for step in [1, 1000, 1 << 20] {
            let mut drip = Drip(&archive, step);
            let (head, is_archive) = peek(&mut drip).unwrap();
            assert!(is_archive);
            assert_eq!([&head, drip.0].concat(), archive);
        }
    }
    for other in [&b""[..], b"{\"body\": 1}", b"WAR", &gzip(b"{}"), b"\x1f\x8b", &gzip(b"")] {
        let (head, is_archive) = peek(&mut &other[..]).unwrap();
        assert!(!is_archive && other.starts_with(&head));
    }
    assert_eq!(
        peek(&mut &b"{\"body\": \"a page message\"}"[..]).unwrap().0.len(),
        8,
        "a pipe is not waited for"
    );
}

/// Bytes that are an archive in parts.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(html("<p>page")),
        Just(record("revisit", "https://a.example/", "application/http", b"HTTP/1.1 200 OK\r\n\r\n")),
        Just(response(
            "200 OK",
            "Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n",
            b"3\r\nabc\r\n0\r\n\r\n"
        )),
        Just(gzip(&html("<p>in a member"))),
        Just(zstd::encode_all(&html("<p>in a frame")[..], 1).unwrap()),
        Just(b"WARC/1.0\r\nContent-Length: 99999999999999\r\n\r\n".to_vec()),
        Just(b"\r\n\r\n".to_vec()),
        prop::collection::vec(any::<u8>(), 0..60),
        (0usize..100).prop_map(|cut| html("<p>cut")[..cut].to_vec()),
        (0usize..100).prop_map(|cut| gzip(&html("<p>cut"))[..cut].to_vec()),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_in_any_steps_give_the_same(file in pieces(), step in 1usize..300) {
        let whole = read(&file);
        let dripped = read_from(Drip(&file, step));
        prop_assert_eq!(&whole.1, &dripped.1);
        prop_assert_eq!(whole.0.len() as u64, whole.1.pages);
        for (a, b) in whole.0.iter().zip(&dripped.0) {
            prop_assert_eq!((&a.value, &a.headers, &a.source), (&b.value, &b.headers, &b.source));
        }
        prop_assert_eq!(whole.1.damaged > 0, whole.1.first_damage.is_some());
    }

    #[test]
    fn compressed_and_plain_give_the_same(file in pieces(), size in 1usize..500) {
        // Where nothing is damaged.
        let whole = read(&file);
        if whole.1.damaged == 0 && file.starts_with(b"WARC") {
            let members: Vec<u8> = file.chunks(size).flat_map(gzip).collect();
            prop_assert_eq!(&read(&members).1, &whole.1);
        }
    }
}
