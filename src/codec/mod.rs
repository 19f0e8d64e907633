//! Bytes to records and back.
//!
//! [`decode`] takes a record as it was read (a JSON page message, or a raw body with headers) through
//! decompression and charset to a [`Page`]; [`encode`] writes an outcome as one JSON object. Both are
//! bounded: a body larger than `max_body_bytes`, before or after decompression, is refused.

mod charset;
mod decompress;
mod encode;
mod export;
mod message;
mod parquet;
pub mod warc;

pub use decompress::{inflate_raw, open_stream};
pub use encode::{Schemas, encode, encode_story, encoded_len, schemas};
pub use export::{line, row};
pub use message::{Format, MAX_EXTRA_BYTES, is_message, key, raw_body, unframed};

pub use parquet::ParquetWriter;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::{Hash128, Origin, Page, RawRecord, Reason, Reject};

/// Limits on what is read.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Decode")]
pub struct Config {
    /// Largest body in bytes, before and after decompression; larger ones are rejected as `too_large`.
    pub max_body_bytes: usize,
    /// What records are: `auto` tells it of each by what it holds; `json`, `raw`, `cloudevents` and `confluent` force one.
    pub format: Format,
    /// Fields of page messages that have no meaning here and are passed on in `extra` of the article: names, or `*` for any.
    pub extra: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self { max_body_bytes: 8 << 20, format: Format::Auto, extra: Vec::new() }
    }
}

impl Config {
    /// What is wrong with the values: key and what to do.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.max_body_bytes < 1024 {
            problems.push(("max_body_bytes", "is below 1024: no page fits; raise it".to_owned()));
        }
        problems
    }
}

/// Reads a record as a page.
///
/// # Errors
/// A [`Reject`] with the reason and the bytes: the body's where it could be told, else the value's.
pub fn decode(raw: &RawRecord, config: &Config) -> Result<Page, Box<Reject>> {
    let message = message::read(raw, config)?;
    let body_hash = Hash128::of(message.body.bytes());
    let page_id = message.id.clone().unwrap_or_else(|| derived_id(raw));
    let refuse = |reason: Reason, detail: String| {
        Box::new(Reject {
            page_id: page_id.clone(),
            url: message.url.clone(),
            reason,
            stage: "decode",
            detail,
            source: raw.home(),
            body: message.body.bytes().to_vec(),
        })
    };
    if message.body.bytes().len() > config.max_body_bytes {
        // Of a body in an archive no more is read than tells that it is larger.
        let detail =
            format!("the body is larger than decode.max_body_bytes = {} bytes", config.max_body_bytes);
        return Err(refuse(Reason::TooLarge, detail));
    }
    let content_type = message.content_type.as_deref().unwrap_or_default();
    let decoded = match &message.body {
        message::Body::Text(_) => None,
        message::Body::Bytes(bytes) => Some({
            let encoding = message.content_encoding.as_deref().unwrap_or_default();
            decompress::decompress(bytes, encoding, config.max_body_bytes)
                .and_then(|plain| charset::to_text(&plain, content_type))
                .map_err(|(reason, detail)| refuse(reason, detail))?
        }),
    };
    let text = match (&decoded, &message.body) {
        (None, message::Body::Text(text)) => text.as_ref(),
        (text, _) => text.as_deref().unwrap_or_default(),
    };
    let markup = charset::markup(text, content_type).map_err(|(reason, detail)| refuse(reason, detail))?;
    if text.trim().is_empty() {
        return Err(refuse(Reason::Empty, "the body holds no text".to_owned()));
    }
    let body = match (decoded, message.body) {
        (None, message::Body::Text(text)) => text.into_owned(),
        (text, _) => text.unwrap_or_default(),
    };
    Ok(Page {
        origin: Origin { source: raw.home(), body: body_hash },
        page_id,
        url: message.url,
        fetched_at: message.fetched_at,
        markup,
        body,
        language_hint: message.content_language,
        extra: message.extra,
    })
}

/// What is known of a record once its message is read; its body is not decoded. `None`: no page message.
pub fn identify(raw: &RawRecord, config: &Config) -> Option<Identity> {
    let message = message::read(raw, config).ok()?;
    Some(Identity {
        page_id: message.id.unwrap_or_else(|| derived_id(raw)),
        url: message.url,
        origin: Origin { source: raw.home(), body: Hash128::of(message.body.bytes()) },
    })
}

/// A page before its body is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The producer's id, else one derived from where it was read.
    pub page_id: String,
    /// URL as given.
    pub url: Option<String>,
    /// As the page's sighting names it.
    pub origin: Origin,
}

/// Id of a page whose producer gave none: `topic/partition/offset`, `input:line`, or the file's name.
pub fn derived_id(raw: &RawRecord) -> String {
    use crate::record::Source;
    match &raw.home() {
        Source::Kafka { topic, partition, offset } => format!("{topic}/{partition}/{offset}"),
        Source::File { input, line } => format!("{input}:{line}"),
    }
}

#[cfg(test)]
mod tests;
