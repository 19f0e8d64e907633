//! A record's value to its parts: a JSON page message, or a raw body with headers.

use std::borrow::Cow;

use base64::Engine;
use jiff::Timestamp;
use serde::Deserialize;

use super::derived_id;
use crate::record::{RawRecord, Reason, Reject};

/// Longest producer's id, in bytes.
const MAX_ID_BYTES: usize = 512;
/// Longest URL, in bytes.
const MAX_URL_BYTES: usize = 8192;

/// The body as it came.
#[derive(Debug)]
pub enum Body<'a> {
    /// Text already (`body` of a JSON message).
    Text(Cow<'a, str>),
    /// Raw bytes, possibly compressed, in an unknown charset.
    Bytes(Cow<'a, [u8]>),
}

impl Body<'_> {
    /// The bytes that the body's hash is taken of.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// The parts of a page message.
#[derive(Debug)]
pub struct Message<'a> {
    pub id: Option<String>,
    pub url: Option<String>,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    pub fetched_at: Option<Timestamp>,
    pub body: Body<'a>,
}

/// The JSON of a page message. Unknown fields are passed over.
#[derive(Deserialize)]
struct Json<'a> {
    #[serde(default)]
    id: Option<serde_json::Value>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default, borrow)]
    body: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    body_base64: Option<Cow<'a, str>>,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    content_encoding: Option<String>,
    #[serde(default)]
    fetched_at: Option<serde_json::Value>,
    #[serde(default)]
    headers: serde_json::Map<String, serde_json::Value>,
}

/// Reads a record's parts.
///
/// # Errors
/// `malformed`, with the whole value as the bytes that are kept.
pub fn read(raw: &RawRecord) -> Result<Message<'_>, Box<Reject>> {
    let malformed = |id: Option<String>, detail: String| {
        Box::new(Reject {
            page_id: id.unwrap_or_else(|| derived_id(raw)),
            url: None,
            reason: Reason::Malformed,
            stage: "decode",
            detail,
            source: raw.home(),
            body: raw.value.clone(),
        })
    };
    let message = if is_json(raw) {
        let value = unframed(&raw.value);
        let repaired;
        let json = match serde_json::from_slice::<Json<'_>>(value) {
            Ok(json) => json,
            Err(error) => {
                // Python writes half surrogate pairs that JSON does not allow: read those as U+FFFD.
                repaired = replace_lone_surrogates(value);
                match repaired.as_deref().map(serde_json::from_slice::<Json<'_>>) {
                    Some(Ok(json)) => into_owned(json),
                    _ => return Err(malformed(None, format!("not a page message: {error}"))),
                }
            }
        };
        from_json(json).map_err(|(id, detail)| malformed(id, detail))?
    } else {
        from_headers(raw)
    };
    if message.id.as_ref().is_some_and(|id| id.len() > MAX_ID_BYTES) {
        return Err(malformed(None, format!("`id` is longer than {MAX_ID_BYTES} bytes")));
    }
    if message.url.as_ref().is_some_and(|url| url.len() > MAX_URL_BYTES) {
        return Err(malformed(message.id, format!("`url` is longer than {MAX_URL_BYTES} bytes")));
    }
    Ok(message)
}

/// The body's raw bytes, or the whole value where no body can be told.
pub fn raw_body(raw: &RawRecord) -> Vec<u8> {
    read(raw).map_or_else(|_| raw.value.clone(), |message| message.body.bytes().to_vec())
}

/// A value is JSON if it says so, or if nothing says otherwise and it opens like an object.
fn is_json(raw: &RawRecord) -> bool {
    if let Some(content_type) = header(raw, &["content-type", "ce_datacontenttype"]) {
        return content_type.contains("json") && !content_type.contains("ld+json");
    }
    unframed(&raw.value).trim_ascii_start().starts_with(b"{")
}

/// A JSON value without Confluent's frame, a zero byte and a schema's id as four bytes; without one, as it is.
pub fn unframed(value: &[u8]) -> &[u8] {
    match value {
        [0, _, _, _, _, rest @ ..] if rest.trim_ascii_start().starts_with(b"{") => rest,
        _ => value,
    }
}

fn into_owned(json: Json<'_>) -> Json<'static> {
    Json {
        id: json.id,
        url: json.url,
        body: json.body.map(|body| Cow::Owned(body.into_owned())),
        body_base64: json.body_base64.map(|body| Cow::Owned(body.into_owned())),
        content_type: json.content_type,
        content_encoding: json.content_encoding,
        fetched_at: json.fetched_at,
        headers: json.headers,
    }
}

/// Id (where it was read) and what is wrong.
type Malformed = (Option<String>, String);

fn from_json(json: Json<'_>) -> Result<Message<'_>, Malformed> {
    let id = match json.id {
        None | Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::String(id)) => Some(id).filter(|id| !id.is_empty()),
        Some(serde_json::Value::Number(id)) => Some(id.to_string()),
        Some(_) => return Err((None, "`id` is neither a string nor a number".to_owned())),
    };
    let http = |name: &str| {
        json.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| match value
        {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Array(many) => many.last().and_then(|last| last.as_str()).map(str::to_owned),
            _ => None,
        })
    };
    let body = match (json.body, json.body_base64) {
        (Some(text), None) => Body::Text(text),
        (None, Some(base64)) => {
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(base64.as_bytes())
                .map_err(|error| (id.clone(), format!("`body_base64` is not base64: {error}")))?;
            Body::Bytes(Cow::Owned(bytes))
        }
        (Some(_), Some(_)) => {
            return Err((id, "both `body` and `body_base64` are given: give one".to_owned()));
        }
        (None, None) => return Err((id, "no `body`: give `body` or `body_base64`".to_owned())),
    };
    let fetched_at = match json.fetched_at {
        Some(serde_json::Value::String(text)) => timestamp(&text),
        Some(serde_json::Value::Number(number)) => number.as_f64().and_then(epoch),
        _ => None,
    };
    Ok(Message {
        id,
        url: json.url.filter(|url| !url.trim().is_empty()),
        content_type: json.content_type.or_else(|| http("content-type")),
        content_encoding: json.content_encoding.or_else(|| http("content-encoding")),
        content_language: http("content-language"),
        fetched_at,
        body,
    })
}

fn from_headers(raw: &RawRecord) -> Message<'_> {
    let url = header(raw, &["url", "ce_source"]).filter(|url| !url.trim().is_empty());
    Message {
        id: header(raw, &["id", "ce_id"]).filter(|id| !id.is_empty()),
        url,
        content_type: header(raw, &["content-type", "ce_datacontenttype"]),
        content_encoding: header(raw, &["content-encoding"]),
        content_language: header(raw, &["content-language"]),
        fetched_at: header(raw, &["fetched-at", "ce_time"]).and_then(|text| timestamp(&text)),
        body: Body::Bytes(Cow::Borrowed(&raw.value)),
    }
}

/// The first of the named headers that is there and is UTF-8; names compare without case.
fn header(raw: &RawRecord, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let (_, value) = raw.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        String::from_utf8(value.clone()).ok()
    })
}

/// RFC 3339, or a date and time without zone, taken as UTC; anything else is not known.
fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
    })
}

/// Seconds since 1970, or milliseconds where the number is too large for seconds of this era.
fn epoch(number: f64) -> Option<Timestamp> {
    let millis = if number.abs() < 1e11 { number * 1000.0 } else { number };
    #[expect(clippy::cast_possible_truncation, reason = "from_millisecond refuses what is out of range")]
    Timestamp::from_millisecond(millis as i64).ok()
}

/// Writes `\ufffd` over escaped surrogates that have no partner; `None` where there is none.
fn replace_lone_surrogates(json: &[u8]) -> Option<Vec<u8>> {
    let unit = |at: usize| {
        let hex = std::str::from_utf8(json.get(at + 2..at + 6)?).ok()?;
        (json[at..].starts_with(b"\\u")).then(|| u16::from_str_radix(hex, 16).ok()).flatten()
    };
    let mut out: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &json[at..]) {
        at += found;
        match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                out.get_or_insert_with(|| json.to_vec())[at + 2..at + 6].copy_from_slice(b"fffd");
                at += 6;
            }
            Some(_) => at += 6,
            None => at += 2,
        }
        if at >= json.len() {
            break;
        }
    }
    out
}
