//! From outcomes to the records that are produced.
//!
//! Times of processing and the worker's version travel in headers, so that the values are the same bytes
//! whoever makes them.

use super::settings::{Kinds, Route, Topics};
use crate::codec;
use crate::record::{Article, Duplicate, DuplicateKind, Outcome, RawRecord, Reject, Source};

/// A record to produce.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    /// Place of its page in the batch.
    pub slot: u32,
    pub topic: String,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Vec<u8>)>,
}

/// Version of newsmill, as headers carry it.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Room in a record for its headers, key and framing, in bytes.
pub(super) const OVERHEAD: usize = 4096;

/// The records of an outcome: its primary one, and the marked copy of a routed revision. None for a dropped kind.
pub(super) fn records(
    slot: u32,
    outcome: &Outcome,
    raw: &RawRecord,
    topics: &Topics,
    kinds: &Kinds,
    now_ms: i64,
    limit: usize,
) -> Vec<Record> {
    let record = |topic: &str, key: String, headers: Vec<(String, Vec<u8>)>| {
        let mut value = Vec::new();
        // Writing to memory does not fail.
        let _infallible = codec::encode(outcome, &mut value);
        Record { slot, topic: topic.to_owned(), key: Some(key.into_bytes()), value: Some(value), headers }
    };
    match outcome {
        Outcome::Article(article) => {
            vec![record(&topics.articles, article.id.to_string(), article_headers(article, now_ms))]
        }
        Outcome::Duplicate(duplicate) => {
            let route = kinds.of(duplicate.kind);
            let topic = match route {
                Route::Route => &topics.duplicates,
                Route::Tag => &topics.articles,
                Route::Drop => return Vec::new(),
            };
            let primary = record(topic, duplicate.id.to_string(), duplicate_headers(duplicate, now_ms));
            let mut out = vec![primary];
            if route == Route::Route && duplicate.kind == DuplicateKind::Revision {
                let mut copy = out[0].clone();
                copy.topic.clone_from(&topics.articles);
                copy.headers.push(header("newsmill.copy", "revision"));
                out.push(copy);
            }
            out
        }
        Outcome::Rejected(reject) => vec![rejected(slot, reject, raw, topics, limit)],
    }
}

fn header(key: &str, value: &str) -> (String, Vec<u8>) {
    (key.to_owned(), value.as_bytes().to_vec())
}

fn common(now_ms: i64) -> Vec<(String, Vec<u8>)> {
    vec![header("newsmill.version", VERSION), header("newsmill.processed_at_ms", &now_ms.to_string())]
}

fn article_headers(article: &Article, now_ms: i64) -> Vec<(String, Vec<u8>)> {
    let mut headers = common(now_ms);
    headers.push(header("newsmill.outcome", "article"));
    headers.push(header("newsmill.language", &article.language.code));
    if let Some(topic) = article.topics.first() {
        headers.push(header("newsmill.first_topic", &topic.code));
    }
    headers.push(header("newsmill.cluster", &article.cluster.to_string()));
    headers
}

fn duplicate_headers(duplicate: &Duplicate, now_ms: i64) -> Vec<(String, Vec<u8>)> {
    let mut headers = common(now_ms);
    headers.push(header("newsmill.outcome", "duplicate"));
    headers.push(header("newsmill.kind", duplicate.kind.as_str()));
    headers.push(header("newsmill.cluster", &duplicate.cluster.to_string()));
    headers
}

/// The untouched record with the reason beside it. One that is too large to be produced again loses its value,
/// and says so; key, headers and the offset that it was read at remain.
fn rejected(slot: u32, reject: &Reject, raw: &RawRecord, topics: &Topics, limit: usize) -> Record {
    // A record that comes back from the rejects brings the marks of its first rejection along.
    let mut headers: Vec<_> =
        raw.headers.iter().filter(|(key, _)| !key.starts_with("newsmill.")).cloned().collect();
    headers.push(header("newsmill.version", VERSION));
    headers.push(header("newsmill.outcome", "rejected"));
    headers.push(header("newsmill.page_id", &reject.page_id));
    headers.push(header("newsmill.reason", reject.reason.as_str()));
    headers.push(header("newsmill.stage", reject.stage));
    if !reject.detail.is_empty() {
        let end = reject.detail.char_indices().map(|(i, _)| i).find(|i| *i >= 1000);
        headers.push(header("newsmill.detail", &reject.detail[..end.unwrap_or(reject.detail.len())]));
    }
    if let Source::Kafka { topic, partition, offset } = &raw.source {
        headers.push(header("newsmill.topic", topic));
        headers.push(header("newsmill.partition", &partition.to_string()));
        headers.push(header("newsmill.offset", &offset.to_string()));
    }
    let size = raw.value.len()
        + raw.key.as_ref().map_or(0, Vec::len)
        + headers.iter().map(|(key, value)| key.len() + value.len() + 8).sum::<usize>();
    let value = if size + 512 <= limit {
        Some(raw.value.clone())
    } else {
        headers.push(header("newsmill.value_dropped_bytes", &raw.value.len().to_string()));
        None
    };
    Record { slot, topic: topics.rejected.clone(), key: raw.key.clone(), value, headers }
}
