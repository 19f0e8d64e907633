//! Raw bytes to text, and what the text is.
//!
//! Charset by BOM, HTTP header, `<meta>`, then detection; but bytes that are valid UTF-8 beyond ASCII
//! are UTF-8 whatever is declared (no other encoding looks like it by chance), and a declared UTF-8 that
//! the bytes are not is passed over.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memmem;

use crate::record::{Markup, Reason};

/// How far into the body a `<meta charset>` is looked for, in bytes.
const META_WINDOW_BYTES: usize = 4096;
/// How much of the body is looked at to tell text from binary, in bytes.
const SNIFF_BYTES: usize = 8192;
/// Bytes given to the detector.
const DETECT_BYTES: usize = 65_536;

/// First bytes of what crawlers bring and is no text.
const BINARY: &[(&[u8], &str)] = &[
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a RIFF file"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"OggS", "an Ogg stream"),
    (b"ID3", "an MP3 file"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
];

/// Decodes a body to text. Malformed sequences become U+FFFD.
///
/// # Errors
/// `not_text` for bytes that are no text in any charset.
pub fn to_text(bytes: &[u8], content_type: &str) -> Result<String, (Reason, String)> {
    if let Some((encoding, skip)) = Encoding::for_bom(bytes) {
        return Ok(encoding.decode_without_bom_handling(&bytes[skip..]).0.into_owned());
    }
    if let Some((_, what)) = BINARY.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err((Reason::NotText, format!("the body is {what}")));
    }
    if let Some(encoding) = utf_16_without_bom(bytes) {
        return Ok(encoding.decode_without_bom_handling(bytes).0.into_owned());
    }
    let head = &bytes[..bytes.len().min(SNIFF_BYTES)];
    let control =
        head.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)).count();
    // Text has next to no control bytes; a stray NUL or two is left to the reader.
    if control * 20 > head.len() {
        return Err((
            Reason::NotText,
            format!("{control} of the first {} bytes are control bytes", head.len()),
        ));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let declared = charset_of(content_type.as_bytes())
        .or_else(|| charset_of(&bytes[..bytes.len().min(META_WINDOW_BYTES)]))
        .filter(|&encoding| encoding != UTF_8 || nearly_utf_8(bytes));
    let encoding = declared.unwrap_or_else(|| detect(bytes));
    let text = encoding.decode_without_bom_handling(bytes).0;
    let broken = text.chars().filter(|&c| c == '\u{fffd}').count();
    if broken * 10 > text.chars().count() {
        return Err((Reason::NotText, format!("{broken} sequences are no text in {}", encoding.name())));
    }
    Ok(text.into_owned())
}

/// Whether the bytes are UTF-8 but for a few broken sequences (a cut end, one odd byte in a thousand).
fn nearly_utf_8(bytes: &[u8]) -> bool {
    let broken = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    broken <= 1 + bytes.len() / 1000
}

/// Every second byte NUL is UTF-16 of a Latin text.
fn utf_16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(512) & !1];
    if head.len() < 32 {
        return None;
    }
    let nuls = |odd: usize| head.iter().skip(odd).step_by(2).filter(|&&b| b == 0).count();
    let half = head.len() / 2;
    let (even, odd) = (nuls(0), nuls(1));
    match (even * 10 < half, odd * 10 > half * 7, even * 10 > half * 7, odd * 10 < half) {
        (true, true, ..) => Some(UTF_16LE),
        (.., true, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// The encoding that follows the first usable `charset=` (or XML's `encoding=`).
fn charset_of(bytes: &[u8]) -> Option<&'static Encoding> {
    let lower = bytes.to_ascii_lowercase();
    ["charset", "encoding"].iter().find_map(|name| {
        memmem::find_iter(&lower, name.as_bytes()).find_map(|at| {
            let rest = lower[at + name.len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
            let rest = rest.strip_prefix(b"\"").or(rest.strip_prefix(b"'")).unwrap_or(rest);
            let end = rest
                .iter()
                .position(|b| {
                    matches!(b, b'"' | b'\'' | b';' | b'>' | b'?' | b'/' | b',') || b.is_ascii_whitespace()
                })
                .unwrap_or(rest.len());
            // A <meta> that says UTF-16 could not be read if it were true.
            Encoding::for_label(&rest[..end]).map(|e| if e == UTF_16LE || e == UTF_16BE { UTF_8 } else { e })
        })
    })
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(&bytes[..bytes.len().min(DETECT_BYTES)], bytes.len() <= DETECT_BYTES);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

/// Tells HTML from plain text: by content type, else by the text itself.
///
/// # Errors
/// `not_text` where the content type says picture, sound, film or font.
pub fn markup(text: &str, content_type: &str) -> Result<Markup, (Reason, String)> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if ["image/", "audio/", "video/", "font/"].iter().any(|kind| essence.starts_with(kind))
        && essence != "image/svg+xml"
    {
        return Err((Reason::NotText, format!("the content type is {essence}")));
    }
    if essence.contains("html") {
        return Ok(Markup::Html);
    }
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let head: String = start.chars().take(64).collect::<String>().to_ascii_lowercase();
    // Servers that send HTML as text/plain are common; plain texts that open so are not.
    if ["<!doctype html", "<html"].iter().any(|mark| head.starts_with(mark)) {
        return Ok(Markup::Html);
    }
    if essence == "text/plain" || !head.starts_with('<') {
        return Ok(Markup::Plain);
    }
    let looks_like_tag = head[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?');
    Ok(if looks_like_tag { Markup::Html } else { Markup::Plain })
}
