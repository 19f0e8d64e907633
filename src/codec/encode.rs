//! Outcomes to JSON: one object each, `outcome` first, fields in the order of the structs.

use std::io::{self, Write};

use base64::Engine;
use jiff::Timestamp;
use serde::Serialize;

use crate::record::{Article, Contained, DuplicateKind, Hash128, Outcome, Source};

#[derive(Serialize)]
struct ArticleJson<'a> {
    outcome: &'static str,
    #[serde(flatten)]
    article: &'a Article,
}

/// A duplicate that carries its article: the article's own fields hold id, URL, cluster and source.
#[derive(Serialize)]
struct FullDuplicateJson<'a> {
    outcome: &'static str,
    kind: DuplicateKind,
    of: Hash128,
    similarity: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    contained: Option<Contained>,
    #[serde(flatten)]
    article: &'a Article,
}

#[derive(Serialize)]
struct DuplicateJson<'a> {
    outcome: &'static str,
    kind: DuplicateKind,
    id: Hash128,
    page_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    of: Hash128,
    cluster: Hash128,
    similarity: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    fetched_at: Option<Timestamp>,
    source: &'a Source,
}

#[derive(Serialize)]
struct RejectJson<'a> {
    outcome: &'static str,
    page_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    reason: &'static str,
    stage: &'a str,
    detail: &'a str,
    source: &'a Source,
    body_base64: String,
}

/// Writes an outcome as one JSON object, without a line end.
///
/// # Errors
/// Those of the writer.
pub fn encode(outcome: &Outcome, out: impl Write) -> io::Result<()> {
    let name = outcome.as_str();
    match outcome {
        Outcome::Article(article) => serde_json::to_writer(out, &ArticleJson { outcome: name, article }),
        Outcome::Duplicate(d) => match &d.article {
            Some(article) => {
                let full = FullDuplicateJson {
                    outcome: name,
                    kind: d.kind,
                    of: d.of,
                    similarity: d.similarity,
                    contained: d.contained,
                    article,
                };
                serde_json::to_writer(out, &full)
            }
            None => serde_json::to_writer(
                out,
                &DuplicateJson {
                    outcome: name,
                    kind: d.kind,
                    id: d.id,
                    page_id: &d.page_id,
                    url: d.url.as_deref(),
                    of: d.of,
                    cluster: d.cluster,
                    similarity: d.similarity,
                    fetched_at: d.fetched_at,
                    source: &d.source,
                },
            ),
        },
        Outcome::Rejected(r) => serde_json::to_writer(
            out,
            &RejectJson {
                outcome: name,
                page_id: &r.page_id,
                url: r.url.as_deref(),
                reason: r.reason.as_str(),
                stage: r.stage,
                detail: &r.detail,
                source: &r.source,
                body_base64: base64::engine::general_purpose::STANDARD.encode(&r.body),
            },
        ),
    }
    .map_err(io::Error::from)
}

/// Writes the record of a story as one JSON object, without a line end.
///
/// # Errors
/// Those of the writer.
pub fn encode_story(article: &Article, out: impl Write) -> io::Result<()> {
    serde_json::to_writer(out, &ArticleJson { outcome: "story", article }).map_err(io::Error::from)
}

/// Bytes that the article takes as JSON, counted without writing them.
pub fn encoded_len(article: &Article) -> usize {
    struct Counter(usize);
    impl Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // The counter takes everything, and an article has no map keys that JSON could refuse.
    let _ = serde_json::to_writer(&mut counter, &ArticleJson { outcome: "article", article });
    counter.0
}
