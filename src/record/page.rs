//! What comes in: the untouched record, its origin, and the decoded page.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Extra;

/// A 128-bit hash (the first 16 bytes of BLAKE3), shown as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Hash128(pub [u8; 16]);

impl Hash128 {
    /// Hash of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut out = [0; 16];
        out.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
        Self(out)
    }

    /// Reads 32 hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        let mut out = [0; 16];
        for (i, byte) in out.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
        }
        Some(Self(out))
    }
}

impl fmt::Display for Hash128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash128 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash128 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| serde::de::Error::custom("expected 32 hexadecimal digits"))
    }
}

impl JsonSchema for Hash128 {
    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "32 hexadecimal digits."})
    }
}

/// Where a record was read: a Kafka topic, or a file (or `stdin`) and its line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Source {
    /// A Kafka record.
    Kafka {
        /// Name of the topic.
        topic: Arc<str>,
        /// Partition of the topic.
        #[schemars(range(min = 0))]
        partition: i32,
        /// Offset in the partition.
        #[schemars(range(min = 0))]
        offset: i64,
    },
    /// A line of a file, or the record of that number in an archive; counted from 1.
    File {
        /// Name of the input as the user gave it.
        input: Arc<str>,
        /// Line or record number, from 1.
        #[schemars(range(min = 1))]
        line: u64,
    },
}

/// What makes a page the same page when it is read again: where it was, and the hash of its body.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// Where the record was read.
    pub source: Source,
    /// Hash of the raw body bytes (before decompression and charset).
    pub body: Hash128,
}

/// One record as it was read, untouched: kept so that a rejection loses nothing.
#[derive(Debug, Clone)]
pub struct RawRecord {
    /// Where it was read.
    pub source: Source,
    /// Kafka key, if any.
    pub key: Option<Vec<u8>>,
    /// Value: a JSON page message, or the raw body with the rest in `headers`.
    pub value: Vec<u8>,
    /// Kafka headers, or what stands for them (`url`, `content-type` …), in order.
    pub headers: Vec<(String, Vec<u8>)>,
}

/// Headers of a record that `newsmill replay` put back: where its page was read first, and how often it was put back.
const ORIGIN_HEADERS: [&str; 3] =
    ["newsmill.origin.topic", "newsmill.origin.partition", "newsmill.origin.offset"];
/// Header of a page that was taken back in the sightings log when it was rejected: it is judged afresh, as a page that
/// stands where the record stands now.
const AFRESH_HEADER: &str = "newsmill.afresh";
/// See [`RawRecord::attempt`].
const ATTEMPT_HEADER: &str = "newsmill.attempt";

impl RawRecord {
    /// Where its page was read first: of a record that was put back that is not where it stands now, unless it is to be
    /// judged afresh.
    pub fn home(&self) -> Source {
        self.origin().unwrap_or_else(|| self.source.clone())
    }

    fn origin(&self) -> Option<Source> {
        let is_file = matches!(self.source, Source::File { .. });
        if self.headers.is_empty() || is_file || self.header_text(AFRESH_HEADER).is_some() {
            return None;
        }
        self.place(ORIGIN_HEADERS)
    }

    /// The place of a Kafka record that three headers name: topic, partition and offset.
    pub fn place(&self, headers: [&str; 3]) -> Option<Source> {
        let [topic, partition, offset] = headers.map(|name| self.header_text(name));
        let (partition, offset) = (partition?.parse().ok()?, offset?.parse().ok()?);
        Some(Source::Kafka { topic: topic?.into(), partition, offset })
    }

    /// How often the page was put back: 0 for one that comes for the first time.
    pub fn attempt(&self) -> u32 {
        self.header_text(ATTEMPT_HEADER).and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// The headers with which it is put back for the `attempt`th time: its own, without what newsmill wrote, and where its
    /// page was read first. `afresh`: the log is not to know it by that.
    pub fn headers_again(&self, home: &Source, attempt: u32, afresh: bool) -> Vec<(String, Vec<u8>)> {
        let own = self.headers.iter().filter(|(key, _)| !key.starts_with("newsmill."));
        let mut out: Vec<_> = own.cloned().collect();
        if let Source::Kafka { topic, partition, offset } = home {
            let values = [topic.to_string(), partition.to_string(), offset.to_string()];
            let named = ORIGIN_HEADERS.into_iter().zip(values);
            out.extend(named.map(|(name, value)| (name.to_owned(), value.into_bytes())));
        }
        if afresh {
            out.push((AFRESH_HEADER.to_owned(), b"1".to_vec()));
        }
        out.push((ATTEMPT_HEADER.to_owned(), attempt.to_string().into_bytes()));
        out
    }

    /// The text of a header, by its exact name.
    pub fn header_text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key == name)?;
        std::str::from_utf8(value).ok()
    }
}

/// What the body is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// HTML or XHTML.
    Html,
    /// Plain text.
    Plain,
}

/// One page with its body decompressed and decoded to text.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it was read, and the hash of its raw body.
    pub origin: Origin,
    /// The producer's id, else one derived from the origin.
    pub page_id: String,
    /// URL as given.
    pub url: Option<String>,
    /// When the crawler fetched it.
    pub fetched_at: Option<Timestamp>,
    /// HTML or plain text.
    pub markup: Markup,
    /// The body as text.
    pub body: String,
    /// `Content-Language` of the HTTP headers: weak evidence, never the answer.
    pub language_hint: Option<String>,
    /// Fields of the message that newsmill does not know, where they are asked for.
    pub extra: Option<Extra>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_is_put_back_knows_where_it_came_from() {
        let source = Source::Kafka { topic: "pages".into(), partition: 3, offset: 120 };
        let headers = vec![("url".to_owned(), b"u".to_vec()), ("newsmill.reason".to_owned(), b"r".to_vec())];
        let first = RawRecord { source: source.clone(), key: None, value: Vec::new(), headers };
        assert_eq!((first.home(), first.attempt()), (source.clone(), 0));
        let now = Source::Kafka { topic: "pages".into(), partition: 0, offset: 900 };
        let again = RawRecord {
            source: now.clone(),
            headers: first.headers_again(&source, 1, false),
            ..first.clone()
        };
        assert_eq!((again.home(), again.attempt()), (source.clone(), 1));
        assert_eq!(
            again.headers.iter().filter(|(key, _)| key == "newsmill.reason" || key == "url").count(),
            1
        );
        let third = again.headers_again(&again.home(), again.attempt() + 1, false);
        let third = RawRecord { source: now.clone(), headers: third, ..first.clone() };
        assert_eq!((third.home(), third.attempt(), third.headers.len()), (source.clone(), 2, 5));
        let afresh = RawRecord {
            source: now.clone(),
            headers: first.headers_again(&source, 1, true),
            ..first.clone()
        };
        assert_eq!((afresh.home(), afresh.attempt()), (now.clone(), 1));
        // Half an origin is none.
        let headers = vec![("newsmill.origin.topic".to_owned(), b"pages".to_vec())];
        assert_eq!(RawRecord { source: now.clone(), headers, ..first }.home(), now);
    }
}
