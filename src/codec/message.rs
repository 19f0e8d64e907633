//! A record's value to its parts: a JSON page message, an event of CloudEvents, or a raw body with headers.

mod events;
mod extra;

use std::borrow::Cow;

use base64::Engine;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::extra::Gatherer;
pub use self::extra::MAX_EXTRA_BYTES;
use super::{Config, derived_id};
use crate::record::{Extra, RawRecord, Reason, Reject};

/// Longest producer's id, in bytes.
const MAX_ID_BYTES: usize = 512;
/// Longest URL, in bytes.
const MAX_URL_BYTES: usize = 8192;

/// How the records of pages are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Each record by what it holds.
    #[default]
    Auto,
    /// A JSON page message.
    Json,
    /// The raw body, with headers.
    Raw,
    /// An event of CloudEvents, in binary or structured mode.
    CloudEvents,
    /// A JSON page message behind a zero byte and the id of a schema.
    Confluent,
}

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
    /// Fields that have no meaning here, where they are asked for.
    pub extra: Option<Extra>,
}

impl<'a> Message<'a> {
    /// A body of which nothing else is known.
    fn of(body: Body<'a>) -> Self {
        Self {
            id: None,
            url: None,
            content_type: None,
            content_encoding: None,
            content_language: None,
            fetched_at: None,
            body,
            extra: None,
        }
    }

    fn into_owned(self) -> Message<'static> {
        let body = match self.body {
            Body::Text(text) => Body::Text(Cow::Owned(text.into_owned())),
            Body::Bytes(bytes) => Body::Bytes(Cow::Owned(bytes.into_owned())),
        };
        Message { body, ..self }
    }
}

/// Why a record is no page message.
#[derive(Debug)]
struct Malformed {
    /// Where it was read.
    id: Option<String>,
    detail: String,
    /// It is no JSON, or holds other types.
    is_syntax: bool,
    /// It is an event in structured mode.
    is_event: bool,
}

impl Malformed {
    fn of(id: Option<String>, detail: impl Into<String>) -> Self {
        Self { id, detail: detail.into(), is_syntax: false, is_event: false }
    }

    #[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
    fn syntax(error: serde_json::Error) -> Self {
        Self { is_syntax: true, ..Self::of(None, format!("not a page message: {error}")) }
    }
}

/// The JSON of a page message.
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
    /// With it and without a body: an event.
    #[serde(default)]
    specversion: Option<serde::de::IgnoredAny>,
}

/// How a record is to be read.
enum Form<'a> {
    Message(&'a [u8]),
    /// An event in structured mode.
    Event(&'a [u8]),
    Raw,
    /// It is not what it should be.
    Unfit(&'static str),
}

/// By the format that is asked for, else by content.
fn form(raw: &RawRecord, format: Format) -> Form<'_> {
    let content_type = || header(raw, &["content-type", "ce_datacontenttype", "ce-datacontenttype"]);
    let structured = |content_type: &Option<String>| {
        content_type.as_ref().is_some_and(|name| name.starts_with("application/cloudevents"))
    };
    let opens = |value: &[u8]| value.trim_ascii_start().starts_with(b"{");
    match format {
        Format::Json => Form::Message(&raw.value),
        Format::Raw => Form::Raw,
        Format::Confluent => match &raw.value[..] {
            [0, _, _, _, _, json @ ..] => Form::Message(json),
            _ => Form::Unfit(
                "the value does not begin with a zero byte and the id of a schema (decode.format)",
            ),
        },
        Format::CloudEvents => match content_type() {
            name if structured(&name) => Form::Event(unframed(&raw.value)),
            name if events::is_binary(raw) => match name {
                Some(name) if content_is_json(&name) => Form::Message(unframed(&raw.value)),
                None if opens(unframed(&raw.value)) => Form::Message(unframed(&raw.value)),
                _ => Form::Raw,
            },
            _ if opens(&raw.value) => Form::Event(&raw.value),
            _ => Form::Unfit("no event: it has no attributes of CloudEvents (decode.format)"),
        },
        Format::Auto => match content_type() {
            Some(name) if name.starts_with("application/cloudevents-batch") => {
                Form::Unfit("a batch of events: send each as a record of its own")
            }
            name if structured(&name) => Form::Event(unframed(&raw.value)),
            Some(name) if content_is_json(&name) => Form::Message(unframed(&raw.value)),
            None if opens(unframed(&raw.value)) => Form::Message(unframed(&raw.value)),
            _ => Form::Raw,
        },
    }
}

/// Whether a content type is one of JSON that may be a page message.
fn content_is_json(content_type: &str) -> bool {
    content_type.contains("json") && !content_type.contains("ld+json")
}

/// Reads a record's parts.
///
/// # Errors
/// `malformed`, with the whole value as the bytes that are kept.
pub fn read<'a>(raw: &'a RawRecord, config: &Config) -> Result<Message<'a>, Box<Reject>> {
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
    let mut message = parts(raw, config).map_err(|wrong| malformed(wrong.id, wrong.detail))?;
    if message.id.as_ref().is_some_and(|id| id.len() > MAX_ID_BYTES) {
        return Err(malformed(None, format!("`id` is longer than {MAX_ID_BYTES} bytes")));
    }
    if message.url.as_ref().is_some_and(|url| url.len() > MAX_URL_BYTES) {
        return Err(malformed(message.id, format!("`url` is longer than {MAX_URL_BYTES} bytes")));
    }
    if !config.extra.is_empty() {
        message.extra = extra_of(raw, config);
    }
    Ok(message)
}

fn parts<'a>(raw: &'a RawRecord, config: &Config) -> Result<Message<'a>, Malformed> {
    match form(raw, config.format) {
        Form::Raw => Ok(from_headers(raw)),
        Form::Unfit(why) => Err(Malformed::of(None, why)),
        Form::Event(json) => repaired(json, events::structured),
        Form::Message(json) => {
            let mut message = match repaired(json, page_message) {
                Err(wrong) if wrong.is_event && config.format == Format::Auto => {
                    repaired(json, events::structured)?
                }
                message => message?,
            };
            events::fill(&mut message, raw);
            Ok(message)
        }
    }
}

/// Reads JSON. Python writes half surrogate pairs that JSON does not allow: reads those as U+FFFD.
fn repaired<'a>(
    json: &'a [u8],
    read: impl for<'b> Fn(&'b [u8]) -> Result<Message<'b>, Malformed>,
) -> Result<Message<'a>, Malformed> {
    match read(json) {
        Err(wrong) if wrong.is_syntax => match replace_lone_surrogates(json).as_deref().map(read) {
            Some(Ok(message)) => Ok(message.into_owned()),
            Some(Err(again)) if !again.is_syntax => Err(again),
            _ => Err(wrong),
        },
        result => result,
    }
}

/// Reads a JSON page message.
fn page_message(json: &[u8]) -> Result<Message<'_>, Malformed> {
    from_json(serde_json::from_slice(json).map_err(Malformed::syntax)?)
}

/// What of a record has no meaning here.
fn extra_of(raw: &RawRecord, config: &Config) -> Option<Extra> {
    let mut gatherer = Gatherer::new(&config.extra);
    let json = match form(raw, config.format) {
        Form::Message(json) | Form::Event(json) => json,
        Form::Raw | Form::Unfit(_) => &[],
    };
    let repaired = replace_lone_surrogates(json);
    let json = repaired.as_deref().unwrap_or(json);
    let is_event = matches!(form(raw, config.format), Form::Event(_))
        || page_message(json).is_err_and(|wrong| wrong.is_event);
    if is_event {
        let event: Option<events::Event<'_>> = serde_json::from_slice(json).ok();
        if let Some(data) = event.and_then(|event| event.data).filter(|data| data.get().starts_with('{')) {
            gatherer.message(data.get().as_bytes());
        }
        gatherer.event(json);
    } else {
        gatherer.message(json);
    }
    gatherer.headers(raw);
    gatherer.finish()
}

/// The body's raw bytes, or the whole value where no body can be told.
pub fn raw_body(raw: &RawRecord, config: &Config) -> Vec<u8> {
    read(raw, config).map_or_else(|_| raw.value.clone(), |message| message.body.bytes().to_vec())
}

/// Whether a record is JSON; else its value is the raw body. Told by its content type, and where it has none by its beginning.
pub fn is_message(raw: &RawRecord) -> bool {
    matches!(form(raw, Format::Auto), Form::Message(_) | Form::Event(_))
}

/// A JSON value without Confluent's frame, a zero byte and a schema's id as four bytes; without one, as it is.
pub fn unframed(value: &[u8]) -> &[u8] {
    match value {
        [0, _, _, _, _, rest @ ..] if rest.trim_ascii_start().starts_with(b"{") => rest,
        _ => value,
    }
}

/// What a producer does well to take as the key: the URL, so that a page and its revisions stay on one partition while the
/// pages of one site spread; without one the id. `None`: the record names neither.
pub fn key(raw: &RawRecord, config: &Config) -> Option<Vec<u8>> {
    let message = parts(raw, config).ok()?;
    message.url.or(message.id).map(String::into_bytes)
}

/// An id as JSON gives it.
fn text_or_number(id: Option<serde_json::Value>) -> Result<Option<String>, Malformed> {
    match id {
        None | Some(serde_json::Value::Null) => Ok(None),
        Some(serde_json::Value::String(id)) => Ok(Some(id).filter(|id| !id.is_empty())),
        Some(serde_json::Value::Number(id)) => Ok(Some(id.to_string())),
        Some(_) => Err(Malformed::of(None, "`id` is neither a string nor a number")),
    }
}

fn from_base64(field: &str, text: &str, id: &Option<String>) -> Result<Vec<u8>, Malformed> {
    let decoded = base64::engine::general_purpose::STANDARD.decode(text.as_bytes());
    decoded.map_err(|error| Malformed::of(id.clone(), format!("`{field}` is not base64: {error}")))
}

fn from_json(json: Json<'_>) -> Result<Message<'_>, Malformed> {
    let id = text_or_number(json.id)?;
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
        (None, Some(base64)) => Body::Bytes(from_base64("body_base64", &base64, &id)?.into()),
        (Some(_), Some(_)) => {
            return Err(Malformed::of(id, "both `body` and `body_base64` are given: give one"));
        }
        (None, None) => {
            let is_event = json.specversion.is_some();
            let wrong = Malformed::of(id, "no `body`: give `body` or `body_base64`");
            return Err(Malformed { is_event, ..wrong });
        }
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
        extra: None,
    })
}

fn from_headers(raw: &RawRecord) -> Message<'_> {
    let mut message = Message {
        id: header(raw, &["id"]).filter(|id| !id.is_empty()),
        url: header(raw, &["url"]).filter(|url| !url.trim().is_empty()),
        content_type: header(raw, &["content-type", "ce_datacontenttype", "ce-datacontenttype"]),
        content_encoding: header(raw, &["content-encoding"]),
        content_language: header(raw, &["content-language"]),
        fetched_at: header(raw, &["fetched-at"]).and_then(|text| timestamp(&text)),
        ..Message::of(Body::Bytes(Cow::Borrowed(&raw.value)))
    };
    events::fill(&mut message, raw);
    message
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
