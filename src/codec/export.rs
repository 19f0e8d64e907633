//! Records of a topic to what an export holds: a line of JSON, or a row of a table.
//!
//! A record of newsmill is its JSON as it stands, without a registry's frame. A rejection, which on Kafka is its page with
//! headers, becomes the rejection that is written on files. Anything else is a page, and becomes a page message.

use std::borrow::Cow;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::encode::RejectJson;
use super::message::{self, is_message, unframed};
use super::parquet::RECORD;
use super::{Config, derived_id};
use crate::record::{RawRecord, Reason, Source};

/// A page that came as a raw body, as a page message.
#[derive(Serialize)]
struct PageJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_encoding: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fetched_at: Option<jiff::Timestamp>,
    body_base64: String,
}

/// What a rejection's headers say of it.
struct Rejection<'a> {
    page_id: Cow<'a, str>,
    url: Option<String>,
    reason: &'static str,
    stage: &'a str,
    detail: &'a str,
    source: Source,
}

fn header<'a>(raw: &'a RawRecord, name: &str) -> Option<&'a str> {
    let (_, value) = raw.headers.iter().find(|(key, _)| key == name)?;
    std::str::from_utf8(value).ok()
}

fn rejection<'a>(raw: &'a RawRecord, config: &Config) -> Option<Rejection<'a>> {
    let reason = header(raw, "newsmill.reason")?;
    let reason = Reason::ALL.into_iter().map(Reason::as_str).find(|known| *known == reason)?;
    let topic = header(raw, "newsmill.topic")?.into();
    let partition = header(raw, "newsmill.partition")?.parse().ok()?;
    let offset = header(raw, "newsmill.offset")?.parse().ok()?;
    let source = Source::Kafka { topic, partition, offset };
    let page_id = match header(raw, "newsmill.page_id") {
        Some(id) => Cow::Borrowed(id),
        None => Cow::Owned(derived_id(&RawRecord { source: source.clone(), ..raw.clone() })),
    };
    let url = message::read(raw, config).ok().and_then(|message| message.url);
    let text = |name| header(raw, name).unwrap_or_default();
    Some(Rejection {
        page_id,
        url,
        reason,
        stage: text("newsmill.stage"),
        detail: text("newsmill.detail"),
        source,
    })
}

/// The JSON of a record whose value is some; what only looks like JSON is none.
fn json(raw: &RawRecord) -> Option<&[u8]> {
    let value = unframed(&raw.value).trim_ascii();
    (is_message(raw) && serde_json::from_slice::<IgnoredAny>(value).is_ok()).then_some(value)
}

/// Writes a record as one line of JSON, with its end. `config`: how pages are read.
///
/// # Errors
/// Those of the writer.
pub fn line(raw: &RawRecord, config: &Config, mut out: impl Write) -> io::Result<()> {
    if let Some(rejection) = rejection(raw, config) {
        let row = RejectJson {
            outcome: "rejected",
            page_id: &rejection.page_id,
            url: rejection.url.as_deref(),
            reason: rejection.reason,
            stage: rejection.stage,
            detail: rejection.detail,
            source: &rejection.source,
            body_base64: STANDARD.encode(message::raw_body(raw, config)),
        };
        serde_json::to_writer(&mut out, &row)?;
    } else if let Some(value) = json(raw) {
        // A line's end in JSON stands between its parts, never within a string.
        for part in value.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            match part.split_last() {
                Some((b'\n' | b'\r', rest)) => {
                    out.write_all(rest)?;
                    out.write_all(b" ")?;
                }
                _ => out.write_all(part)?,
            }
        }
    } else {
        let message = message::read(raw, config).ok();
        let message = message.as_ref();
        let row = PageJson {
            id: message.and_then(|message| message.id.as_deref()),
            url: message.and_then(|message| message.url.as_deref()),
            content_type: message.and_then(|message| message.content_type.as_deref()),
            content_encoding: message.and_then(|message| message.content_encoding.as_deref()),
            fetched_at: message.and_then(|message| message.fetched_at),
            body_base64: STANDARD.encode(&raw.value),
        };
        serde_json::to_writer(&mut out, &row)?;
    }
    out.write_all(b"\n")
}

/// A record as a row: the fields of its JSON, those of its Kafka record besides. `timestamp_ms`: of its Kafka record.
pub fn row(raw: &RawRecord, config: &Config, timestamp_ms: Option<i64>) -> Value {
    let mut fields = match rejection(raw, config) {
        Some(rejection) => rejection_fields(raw, config, &rejection),
        None => json(raw)
            .and_then(|value| serde_json::from_slice::<Map<String, Value>>(value).ok())
            .filter(|fields| fields.contains_key("outcome"))
            .unwrap_or_else(|| page_fields(raw, config)),
    };
    let mut record = Map::new();
    if let Source::Kafka { topic, partition, offset } = &raw.source {
        record.insert("topic".into(), topic.as_ref().into());
        record.insert("partition".into(), (*partition).into());
        record.insert("offset".into(), (*offset).into());
    }
    if let Some(timestamp) = timestamp_ms {
        record.insert("timestamp_ms".into(), timestamp.into());
    }
    if let Some(key) = &raw.key {
        record.insert("key".into(), String::from_utf8_lossy(key).into());
    }
    for (column, name) in [("copy", "newsmill.copy"), ("version", "newsmill.version")] {
        if let Some(text) = header(raw, name) {
            record.insert(column.into(), text.into());
        }
    }
    if let Some(millis) = header(raw, "newsmill.processed_at_ms").and_then(|text| text.parse::<i64>().ok()) {
        record.insert("processed_at_ms".into(), millis.into());
    }
    fields.insert(RECORD.into(), record.into());
    Value::Object(fields)
}

fn rejection_fields(raw: &RawRecord, config: &Config, rejection: &Rejection<'_>) -> Map<String, Value> {
    let mut fields = page_fields(raw, config);
    let texts = [
        ("outcome", "rejected"),
        ("page_id", &rejection.page_id),
        ("reason", rejection.reason),
        ("stage", rejection.stage),
        ("detail", rejection.detail),
    ];
    fields.extend(texts.map(|(name, text)| (name.to_owned(), text.into())));
    if let Ok(source) = serde_json::to_value(&rejection.source) {
        fields.insert("source".into(), source);
    }
    fields
}

fn page_fields(raw: &RawRecord, config: &Config) -> Map<String, Value> {
    let mut fields = Map::new();
    let Ok(message) = message::read(raw, config) else {
        fields.insert("body_base64".into(), STANDARD.encode(&raw.value).into());
        return fields;
    };
    let body = STANDARD.encode(message.body.bytes());
    let fetched_at = message.fetched_at.map(|at| at.to_string());
    let texts = [
        ("page_id", message.id),
        ("url", message.url),
        ("content_type", message.content_type),
        ("content_encoding", message.content_encoding),
        ("fetched_at", fetched_at),
        ("body_base64", Some(body)),
    ];
    fields.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(value: &str, headers: &[(&str, &str)]) -> RawRecord {
        RawRecord {
            source: Source::Kafka { topic: "t".into(), partition: 1, offset: 9 },
            key: Some(b"k".to_vec()),
            value: value.as_bytes().to_vec(),
            headers: headers.iter().map(|(k, v)| ((*k).to_owned(), v.as_bytes().to_vec())).collect(),
        }
    }

    fn line_of(raw: &RawRecord) -> String {
        let mut out = Vec::new();
        line(raw, &Config::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_stays_as_it_is_on_one_line() {
        assert_eq!(
            line_of(&record("{\"b\":1,\n\"a\": \"x\\ny\"}\r\n", &[])),
            "{\"b\":1, \"a\": \"x\\ny\"}\n"
        );
        assert_eq!(line_of(&record("\0\0\0\0\u{7}{\"b\":1}", &[])), "{\"b\":1}\n");
    }

    #[test]
    fn a_raw_page_becomes_a_message_that_reads_the_same() {
        let raw = record("<p>é", &[("url", "https://a.example/"), ("content-type", "text/html")]);
        let text = line_of(&raw);
        assert_eq!(
            text,
            "{\"url\":\"https://a.example/\",\"content_type\":\"text/html\",\"body_base64\":\"PHA+w6k=\"}\n"
        );
        let again = RawRecord { value: text.into_bytes(), headers: Vec::new(), ..raw.clone() };
        let config = Config::default();
        let (one, two) = (super::super::decode(&raw, &config), super::super::decode(&again, &config));
        assert_eq!(one.unwrap().body, two.unwrap().body);
        // What only looks like a message is kept as bytes.
        assert_eq!(line_of(&record("{\"body\":", &[])), "{\"body_base64\":\"eyJib2R5Ijo=\"}\n");
    }

    #[test]
    fn a_rejection_is_the_one_of_files() {
        let headers = [
            ("newsmill.reason", "no_article"),
            ("newsmill.stage", "strip_boilerplate"),
            ("newsmill.detail", "too short"),
            ("newsmill.page_id", "p1"),
            ("newsmill.topic", "pages"),
            ("newsmill.partition", "3"),
            ("newsmill.offset", "120"),
            ("newsmill.version", "1.2.3"),
        ];
        let raw = record("{\"url\":\"u\",\"body\":\"x\"}", &headers);
        assert_eq!(
            line_of(&raw),
            "{\"outcome\":\"rejected\",\"page_id\":\"p1\",\"url\":\"u\",\"reason\":\"no_article\",\
             \"stage\":\"strip_boilerplate\",\"detail\":\"too short\",\
             \"source\":{\"topic\":\"pages\",\"partition\":3,\"offset\":120},\"body_base64\":\"eA==\"}\n"
        );
        let row = row(&raw, &Config::default(), Some(5));
        assert_eq!((&row["reason"], &row["source"]["offset"]), (&"no_article".into(), &120.into()));
        assert_eq!((&row["body_base64"], &row["url"]), (&"eA==".into(), &"u".into()));
        let kafka = &row[RECORD];
        assert_eq!((&kafka["offset"], &kafka["key"]), (&9.into(), &"k".into()));
        assert_eq!((&kafka["timestamp_ms"], &kafka["version"]), (&5.into(), &"1.2.3".into()));
    }
}
