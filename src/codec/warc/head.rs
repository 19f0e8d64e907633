//! The heads: of a record, and of the HTTP answer in it. Lenient as browsers are: line ends with or without a carriage
//! return, names in any case, what is not known passed over.

use std::io::Read;

use super::{Input, MAX_HEAD_BYTES, MAX_HEAD_LINES};
use crate::codec::decompress::Fault;

/// What a record is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An HTTP answer.
    Http,
    /// A file, or text that was made of one.
    File,
    /// No page: what it is.
    Skip(&'static str),
}

/// A record's head.
#[derive(Debug)]
pub struct RecordHead {
    pub kind: Kind,
    /// Bytes of the block.
    pub length: u64,
    pub content_type: Option<String>,
    /// `WARC-Record-ID` without brackets and `urn:uuid:`.
    pub id: Option<String>,
    pub uri: Option<String>,
    pub date: Option<String>,
}

/// Names and values; lines that go on with the one before are passed over.
fn fields(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    head.split(|&byte| byte == b'\n').skip(1).filter_map(|line| {
        let at = memchr::memchr(b':', line)?;
        let name = &line[..at];
        (!name.starts_with(b" ") && !name.starts_with(b"\t"))
            .then(|| (name.trim_ascii(), line[at + 1..].trim_ascii()))
    })
}

fn text(value: &[u8]) -> Option<String> {
    (!value.is_empty()).then(|| String::from_utf8_lossy(value).into_owned())
}

impl RecordHead {
    /// Reads a head, its version line included; `None` without a length.
    pub fn parse(head: &[u8]) -> Option<Self> {
        let (mut kind, mut length, mut content_type, mut id, mut uri, mut date) =
            (None, None, None, None, None, None);
        for (name, value) in fields(head) {
            let target = match () {
                () if name.eq_ignore_ascii_case(b"warc-type") => &mut kind,
                () if name.eq_ignore_ascii_case(b"content-length") => &mut length,
                () if name.eq_ignore_ascii_case(b"content-type") => &mut content_type,
                () if name.eq_ignore_ascii_case(b"warc-record-id") => &mut id,
                () if name.eq_ignore_ascii_case(b"warc-target-uri") => &mut uri,
                () if name.eq_ignore_ascii_case(b"warc-date") => &mut date,
                () => continue,
            };
            if target.is_none() {
                *target = text(value);
            }
        }
        let length = length?;
        // `parse` would take a sign.
        let length = length.bytes().all(|byte| byte.is_ascii_digit()).then(|| length.parse().ok())??;
        // Some writers of WARC 1.0 put the address in brackets.
        let bare = |text: String| text.trim_start_matches('<').trim_end_matches('>').to_owned();
        let id = id.map(bare).map(|id| id.strip_prefix("urn:uuid:").map(str::to_owned).unwrap_or(id));
        let uri = uri.map(bare);
        let kind = tell(
            &kind.unwrap_or_default().to_ascii_lowercase(),
            uri.as_deref().unwrap_or_default(),
            content_type.as_deref().unwrap_or_default(),
        );
        Some(Self { kind, length, content_type, id, uri, date })
    }
}

fn tell(kind: &str, uri: &str, content_type: &str) -> Kind {
    let scheme = uri.split(':').next().unwrap_or_default().to_ascii_lowercase();
    match kind {
        _ if scheme == "dns" => Kind::Skip("dns"),
        "response" if content_type.is_empty() || essence(content_type) == "application/http" => Kind::Http,
        "response" => Kind::Skip("response of another protocol"),
        // What crawlers write of themselves, and what they made of a page, have addresses of other schemes.
        "resource" | "conversion" if !matches!(scheme.as_str(), "http" | "https" | "ftp" | "file") => {
            Kind::Skip("file without a web address")
        }
        "resource" | "conversion" if is_text(content_type) => Kind::File,
        "resource" | "conversion" => Kind::Skip(OTHER_TYPE),
        "warcinfo" => Kind::Skip("warcinfo"),
        "request" => Kind::Skip("request"),
        "metadata" => Kind::Skip("metadata"),
        "revisit" => Kind::Skip("revisit"),
        "continuation" => Kind::Skip("continuation"),
        _ => Kind::Skip("record of an unknown type"),
    }
}

const OTHER_TYPE: &str = "neither HTML nor plain text";

fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_text(content_type: &str) -> bool {
    matches!(essence(content_type).as_str(), "text/html" | "application/xhtml+xml" | "text/plain")
}

/// The head of an HTTP answer.
#[derive(Debug, Default)]
pub struct HttpHead {
    /// 0 where no status can be read.
    pub status: u16,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    pub chunked: bool,
}

impl HttpHead {
    /// Reads the head at the beginning of a block; one that is too long or does not end is like one without a status.
    pub fn read(input: &mut Input<impl Read>) -> Result<Self, Fault> {
        let (mut head, mut line, mut lines) = (Vec::new(), 0, 0);
        loop {
            let bytes = input.block()?;
            let end = memchr::memchr(b'\n', bytes);
            let count = end.map_or(bytes.len(), |end| end + 1);
            if head.len() + count > MAX_HEAD_BYTES || lines == MAX_HEAD_LINES {
                return Ok(Self::default());
            }
            head.extend_from_slice(&bytes[..count]);
            input.take(count);
            if end.is_none() && count > 0 {
                continue;
            }
            let blank = head[line..].trim_ascii().is_empty();
            (line, lines) = (head.len(), lines + 1);
            if !blank && count > 0 {
                continue;
            }
            let http = Self::parse(&head);
            // An answer that is only announced is followed by the answer.
            if !(100..200).contains(&http.status) || input.left == 0 {
                return Ok(http);
            }
            head.clear();
            line = 0;
        }
    }

    fn parse(head: &[u8]) -> Self {
        let mut http = Self { status: status(head).unwrap_or(0), ..Self::default() };
        for (name, value) in fields(head) {
            if name.eq_ignore_ascii_case(b"content-type") {
                http.content_type = text(value).or(http.content_type);
            } else if name.eq_ignore_ascii_case(b"content-encoding") {
                http.content_encoding = text(value).or(http.content_encoding);
            } else if name.eq_ignore_ascii_case(b"content-language") {
                http.content_language = text(value).or(http.content_language);
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                http.chunked |= value.to_ascii_lowercase().ends_with(b"chunked");
            }
        }
        http
    }

    /// Why the answer is no page, where it is none.
    pub fn skip(&self) -> Option<&'static str> {
        match self.status {
            0 => Some("response without an HTTP status"),
            200..300 if self.content_type.as_deref().is_none_or(is_text) => None,
            200..300 => Some(OTHER_TYPE),
            300..400 => Some("HTTP status 3xx"),
            400..500 => Some("HTTP status 4xx"),
            500..600 => Some("HTTP status 5xx"),
            _ => Some("HTTP status of another kind"),
        }
    }
}

fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|&byte| byte == b'\n').next()?;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let protocol = words.next()?;
    let code = words.next()?;
    let known = protocol.len() >= 4 && protocol[..4].eq_ignore_ascii_case(b"http");
    let code = std::str::from_utf8(code).ok()?;
    (known && code.len() == 3).then(|| code.parse().ok())?
}
