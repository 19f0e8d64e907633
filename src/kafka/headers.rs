//! Headers of the records that are produced: what a reader can filter on without reading the value.

use super::cloudevents;
use super::settings::{Config, Output};
use crate::record::{Article, Duplicate, RawRecord, Reject, Source};

/// Version of newsmill, as headers carry it.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Most bytes of the detail of a rejection.
const MAX_DETAIL: usize = 1000;

/// What headers say besides the outcome.
pub(super) struct Stamp {
    /// Time of processing, in milliseconds since 1970.
    pub now_ms: i64,
    /// Timestamp of the page's record, in milliseconds since 1970; 0 where it has none.
    pub written_ms: i64,
    /// The page's trace, see [`super::trace`].
    pub trace: Vec<Header>,
    /// How often the page was put back.
    pub attempt: u32,
}

/// How records are dressed.
pub(super) struct Form {
    /// The consumer group: the source of events.
    pub group: String,
    /// What is asked for.
    pub output: Output,
}

impl Form {
    /// As configured.
    pub fn new(config: &Config) -> Self {
        Self { group: config.group.clone(), output: config.output.clone() }
    }
}

/// Name and value.
pub(super) type Header = (String, Vec<u8>);

/// One header.
pub(super) fn header(key: &str, value: &str) -> Header {
    (key.to_owned(), value.as_bytes().to_vec())
}

/// Of a new article.
pub(super) fn article(article: &Article, form: &Form, stamp: &Stamp) -> Vec<Header> {
    let mut headers = common("article", stamp);
    labels(article, &mut headers);
    headers.push(header("newsmill.cluster", &article.cluster.to_string()));
    headers.extend(cloudevents::article(article, form, stamp));
    headers
}

/// Of a story's own record.
pub(super) fn story(story: &Article, form: &Form, stamp: &Stamp) -> Vec<Header> {
    let mut headers = common("story", stamp);
    labels(story, &mut headers);
    headers.push(header("newsmill.cluster", &story.cluster.to_string()));
    headers.extend(cloudevents::story(story, form, stamp));
    headers
}

/// Of a repeat; language and topic where it carries the whole article.
pub(super) fn duplicate(duplicate: &Duplicate, form: &Form, stamp: &Stamp) -> Vec<Header> {
    let mut headers = common("duplicate", stamp);
    headers.push(header("newsmill.kind", duplicate.kind.as_str()));
    if let Some(article) = &duplicate.article {
        labels(article, &mut headers);
    }
    headers.push(header("newsmill.cluster", &duplicate.cluster.to_string()));
    headers.extend(cloudevents::duplicate(duplicate, form, stamp));
    headers
}

/// Of a rejection: those of the page's record, untouched, and the reason beside them.
pub(super) fn rejected(reject: &Reject, raw: &RawRecord) -> Vec<Header> {
    // A record that comes back from the rejects brings the marks of its first rejection along.
    let mut headers: Vec<_> =
        raw.headers.iter().filter(|(key, _)| !key.starts_with("newsmill.")).cloned().collect();
    headers.push(header("newsmill.version", VERSION));
    headers.push(header("newsmill.outcome", "rejected"));
    headers.push(header("newsmill.page_id", &reject.page_id));
    headers.push(header("newsmill.reason", reject.reason.as_str()));
    headers.push(header("newsmill.stage", reject.stage));
    if !reject.detail.is_empty() {
        let end = reject.detail.char_indices().map(|(i, _)| i).find(|i| *i >= MAX_DETAIL);
        headers.push(header("newsmill.detail", &reject.detail[..end.unwrap_or(reject.detail.len())]));
    }
    if raw.attempt() > 0 {
        headers.push(header("newsmill.attempt", &raw.attempt().to_string()));
    }
    // Of a page that was put back: where it was read first.
    if let Source::Kafka { topic, partition, offset } = &raw.home() {
        headers.push(header("newsmill.topic", topic));
        headers.push(header("newsmill.partition", &partition.to_string()));
        headers.push(header("newsmill.offset", &offset.to_string()));
    }
    headers
}

fn common(outcome: &str, stamp: &Stamp) -> Vec<Header> {
    let mut headers = vec![
        header("newsmill.version", VERSION),
        header("newsmill.processed_at_ms", &stamp.now_ms.to_string()),
        header("newsmill.outcome", outcome),
    ];
    headers.extend_from_slice(&stamp.trace);
    if stamp.attempt > 0 {
        headers.push(header("newsmill.attempt", &stamp.attempt.to_string()));
    }
    headers
}

fn labels(article: &Article, headers: &mut Vec<Header>) {
    headers.push(header("newsmill.language", &article.language.code));
    if let Some(topic) = article.topics.first() {
        headers.push(header("newsmill.first_topic", &topic.code));
    }
}
