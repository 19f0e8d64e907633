//! CloudEvents: pages as events, in binary mode (attributes are headers) and in structured mode (all is JSON).
//!
//! Of the attributes, `id` is the page's id and `time` its time. `source` says who sent the event and `subject` what it is about,
//! in words that are the sender's affair: either is the page's URL only where it is an absolute one of HTTP, first the
//! extension `url`, then `subject`, then `source`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Body, Malformed, Message, content_is_json, from_base64, header, page_message, text_or_number, timestamp,
};
use crate::record::RawRecord;

/// Attributes that have a meaning here.
pub(super) const ATTRIBUTES: [&str; 5] = ["specversion", "id", "time", "datacontenttype", "url"];

/// Name of the attribute that a header, in small letters, holds: `ce_id` on Kafka, `ce-id` as HTTP has it.
pub(super) fn attribute_name(header: &str) -> Option<&str> {
    header.strip_prefix("ce_").or_else(|| header.strip_prefix("ce-"))
}

/// An attribute in binary mode.
pub(super) fn attribute(raw: &RawRecord, name: &str) -> Option<String> {
    header(raw, &[&format!("ce_{name}"), &format!("ce-{name}")])
}

/// Whether a record is an event in binary mode.
pub(super) fn is_binary(raw: &RawRecord) -> bool {
    raw.headers.iter().any(|(name, _)| {
        attribute_name(&name.to_ascii_lowercase())
            .is_some_and(|name| matches!(name, "id" | "source" | "specversion"))
    })
}

/// The URL of the page that an event is about.
fn url(url: Option<String>, subject: Option<String>, source: Option<String>) -> Option<String> {
    let is_url = |text: &String| {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme).unwrap_or_default();
        scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
    };
    url.filter(|url| !url.trim().is_empty())
        .or_else(|| subject.filter(is_url))
        .or_else(|| source.filter(is_url))
}

/// The URL of the page that an event in binary mode is about.
pub(super) fn binary_url(raw: &RawRecord) -> Option<String> {
    url(attribute(raw, "url"), attribute(raw, "subject"), attribute(raw, "source"))
}

/// What the attributes of binary mode say, where the message itself does not.
pub(super) fn fill(message: &mut Message<'_>, raw: &RawRecord) {
    if is_binary(raw) {
        message.id = message.id.take().or_else(|| attribute(raw, "id").filter(|id| !id.is_empty()));
        message.url = message.url.take().or_else(|| binary_url(raw));
        message.fetched_at = message.fetched_at.or_else(|| timestamp(&attribute(raw, "time")?));
    }
}

/// An event in structured mode.
#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(default)]
    id: Option<serde_json::Value>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    time: Option<String>,
    #[serde(default)]
    datacontenttype: Option<String>,
    #[serde(default)]
    url: Option<String>,
    /// A page message, or a text.
    #[serde(default, borrow)]
    pub data: Option<&'a RawValue>,
    #[serde(default)]
    data_base64: Option<String>,
}

/// Reads an event in structured mode: its data is a page message, a text, or bytes.
pub(super) fn structured(json: &[u8]) -> Result<Message<'_>, Malformed> {
    let event: Event<'_> = serde_json::from_slice(json).map_err(Malformed::syntax)?;
    let id = text_or_number(event.id)?;
    let is_json = event.datacontenttype.as_deref().is_none_or(content_is_json);
    let bare = |body| Message { content_type: event.datacontenttype.clone(), ..Message::of(body) };
    let mut message = match (event.data, event.data_base64) {
        (Some(data), None) if data.get().starts_with('{') => page_message(data.get().as_bytes())?,
        (Some(data), None) if data.get().starts_with('"') => {
            bare(Body::Text(serde_json::from_str(data.get()).map_err(Malformed::syntax)?))
        }
        (None, Some(base64)) => {
            let bytes = from_base64("data_base64", &base64, &id)?;
            if event.datacontenttype.is_some() && is_json {
                page_message(&bytes)?.into_owned()
            } else {
                bare(Body::Bytes(bytes.into()))
            }
        }
        (Some(_), Some(_)) => {
            return Err(Malformed::of(id, "both `data` and `data_base64` are given: give one"));
        }
        (Some(_), None) => return Err(Malformed::of(id, "`data` is neither a page message nor a text")),
        (None, None) => return Err(Malformed::of(id, "the event has no `data`")),
    };
    message.id = message.id.or(id);
    message.url = message.url.or_else(|| url(event.url, event.subject, event.source));
    message.fetched_at = message.fetched_at.or_else(|| timestamp(&event.time?));
    Ok(message)
}
