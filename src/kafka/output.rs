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

/// The records of an outcome: its primary one, the marked copy of a routed revision, and marked ones of the stories
/// of what goes to the articles. None for a dropped kind.
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
            let primary = record(&topics.articles, article.id.to_string(), article_headers(article, now_ms));
            std::iter::once(primary).chain(stories(slot, outcome, topics, now_ms)).collect()
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
            out.extend(stories(slot, outcome, topics, now_ms));
            out
        }
        Outcome::Rejected(reject) => vec![rejected(slot, reject, raw, topics, limit)],
    }
}

/// The records of the page's stories, of its slot: they come and go with its outcome.
fn stories<'o>(
    slot: u32,
    outcome: &'o Outcome,
    topics: &'o Topics,
    now_ms: i64,
) -> impl Iterator<Item = Record> + 'o {
    outcome.story_records().iter().map(move |story| {
        let mut value = Vec::new();
        // Writing to memory does not fail.
        let _infallible = codec::encode_story(story, &mut value);
        let mut headers = article_headers(story, now_ms);
        headers.retain(|(key, _)| key != "newsmill.outcome");
        headers.push(header("newsmill.outcome", "story"));
        headers.push(header("newsmill.copy", "story"));
        let key = Some(story.id.to_string().into_bytes());
        Record { slot, topic: topics.articles.clone(), key, value: Some(value), headers }
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Concluded, Output, Pipeline, Settings, Stories};
    use crate::sightings::Verdict;

    const PAGE: &str = "<h1>Lindmere votes to rebuild its pier after a winter of storms</h1><p>By Anna Moor</p>\
        <p>The town of Lindmere voted on Tuesday to rebuild its pier before the summer, after storms had carried it off.</p>\
        <p>Mayor Anna Holt said that work would begin in April and that the town would pay two million crowns for it.</p>\
        <div><h3>Engineer calls a stone wall cheaper in the end</h3><p>OSKAR BAY, March 2 (Reuters) - A wall of stone would \
        outlast three piers, an engineer who advises the ports of the coast said on Monday.</p></div>\
        <p>The owners of the two cafés on the pier have been promised their old places, with a roof that holds in a gale.</p>";

    /// What a page becomes as a new article, with its raw record.
    fn outcome(stories: Stories) -> (RawRecord, Outcome) {
        let pipeline = Pipeline::new(&Settings { output: Output { stories }, ..Settings::default() });
        let source = Source::Kafka { topic: "news.pages".into(), partition: 3, offset: 120 };
        let value =
            serde_json::to_vec(&serde_json::json!({"body": PAGE, "url": "https://a.example/pier"})).unwrap();
        let raw = RawRecord { source, key: None, value, headers: Vec::new() };
        let prepared = pipeline.prepare(&raw, |_| None);
        let id = prepared.sighting().unwrap().id;
        match pipeline.conclude(prepared, Some(&Verdict::New { id }), &[]) {
            Concluded::Outcome(outcome) => (raw, outcome),
            Concluded::PrepareAgain => panic!("a new article has its outcome"),
        }
    }

    #[test]
    fn a_story_is_a_marked_copy_beside_its_page() {
        let (raw, outcome) = outcome(Stories::Records);
        let records = records(7, &outcome, &raw, &Topics::default(), &Kinds::default(), 0, 1 << 20);
        assert_eq!(records.len(), 2);
        let values: Vec<serde_json::Value> =
            records.iter().map(|r| serde_json::from_slice(r.value.as_ref().unwrap()).unwrap()).collect();
        let mark = |record: &Record| record.headers.iter().find(|(k, _)| k == "newsmill.copy").cloned();
        assert!(records.iter().all(|r| r.slot == 7 && r.topic == Topics::default().articles));
        assert_eq!((mark(&records[0]), mark(&records[1])), (None, Some(header("newsmill.copy", "story"))));
        assert_eq!((&values[0]["outcome"], &values[1]["outcome"]), (&"article".into(), &"story".into()));
        assert_eq!(values[1]["parent"], values[0]["id"]);
        assert_ne!(values[1]["id"], values[0]["id"]);
        assert_eq!(values[1]["text"], values[0]["stories"][0]["text"]);
        assert_eq!(values[1]["agency"], "Reuters");
        assert_eq!(values[1]["language"]["code"], "en");
        assert_eq!(values[1]["source"], values[0]["source"]);
    }

    #[test]
    fn stories_stay_inside_where_nothing_is_configured() {
        let (raw, outcome) = outcome(Stories::Inside);
        let records = records(7, &outcome, &raw, &Topics::default(), &Kinds::default(), 0, 1 << 20);
        assert_eq!(records.len(), 1);
    }
}
