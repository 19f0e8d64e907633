//! What of a record newsmill does not know, where the configuration asks for it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::events::{self, ATTRIBUTES};
use crate::record::{Extra, RawRecord};

/// Most bytes of the names and values that are passed on of a page.
pub const MAX_EXTRA_BYTES: usize = 65_536;

/// The fields of a page message that have a meaning.
const MESSAGE: [&str; 8] =
    ["id", "url", "body", "body_base64", "content_type", "content_encoding", "fetched_at", "headers"];
/// The headers that have one.
const HEADERS: [&str; 6] =
    ["id", "url", "content-type", "content-encoding", "content-language", "fetched-at"];

/// Gathers fields by the names that are asked for.
pub(super) struct Gatherer<'a> {
    wanted: &'a [String],
    extra: Extra,
    bytes: usize,
}

impl<'a> Gatherer<'a> {
    /// Names that are asked for; `*` is any.
    pub fn new(wanted: &'a [String]) -> Self {
        Self { wanted, extra: Extra::default(), bytes: 0 }
    }

    /// What was gathered; `None` for nothing.
    pub fn finish(self) -> Option<Extra> {
        (!self.extra.is_empty()).then_some(self.extra)
    }

    fn add(&mut self, name: &str, json: &str) {
        let wanted = self.wanted.iter().any(|wanted| wanted == "*" || wanted.eq_ignore_ascii_case(name));
        if !wanted || self.extra.contains(name) {
            return;
        }
        let json = on_one_line(json);
        // What does not fit is left out; what is smaller and comes behind it may fit.
        let bytes = self.bytes + name.len() + json.len();
        if bytes > MAX_EXTRA_BYTES {
            return;
        }
        if let Ok(value) = RawValue::from_string(json) {
            self.bytes = bytes;
            self.extra.push(name, value);
        }
    }

    /// Fields of a page message.
    pub fn message(&mut self, json: &[u8]) {
        self.object(json, |name| (!MESSAGE.contains(&name)).then(|| name.to_owned()));
    }

    /// Attributes of an event in JSON, by the names that they have as headers.
    pub fn event(&mut self, json: &[u8]) {
        self.object(json, |name| {
            let known = ATTRIBUTES.contains(&name) || matches!(name, "data" | "data_base64");
            (!known).then(|| format!("ce_{name}"))
        });
    }

    /// Headers, as strings. Those of newsmill itself are none.
    pub fn headers(&mut self, raw: &RawRecord) {
        for (name, value) in &raw.headers {
            let folded = name.to_ascii_lowercase();
            let attribute = events::attribute_name(&folded);
            let known = HEADERS.contains(&folded.as_str())
                || folded.starts_with("newsmill.")
                || attribute.is_some_and(|attribute| ATTRIBUTES.contains(&attribute));
            if let (false, Ok(text)) = (known, std::str::from_utf8(value)) {
                let name = attribute.map_or(Cow::Borrowed(name.as_str()), |name| format!("ce_{name}").into());
                self.add(&name, &serde_json::Value::from(text).to_string());
            }
        }
    }

    /// The entries of a JSON object for which `name_of` has a name.
    fn object(&mut self, json: &[u8], name_of: impl Fn(&str) -> Option<String>) {
        // The message was read before: what is no object has no fields.
        let mut json = serde_json::Deserializer::from_slice(json);
        let _ = json.deserialize_map(Entries { gatherer: self, name_of });
    }
}

struct Entries<'g, 'a, F> {
    gatherer: &'g mut Gatherer<'a>,
    name_of: F,
}

impl<'de, F: Fn(&str) -> Option<String>> Visitor<'de> for Entries<'_, '_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value::<&RawValue>()?;
            if let Some(name) = (self.name_of)(&name) {
                self.gatherer.add(&name, value.get());
            }
        }
        Ok(())
    }
}

/// JSON without the line ends between its parts: within strings there are none.
fn on_one_line(json: &str) -> String {
    json.replace(['\n', '\r'], " ")
}
