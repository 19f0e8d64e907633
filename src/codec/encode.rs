//! Outcomes to JSON: one object each, `outcome` first, fields in the order of the structs.

use std::io::{self, Write};

use base64::Engine;
use jiff::Timestamp;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::record::{Article, Contained, DuplicateKind, Hash128, Outcome, Source};

/// A new article, or the record of a story.
#[derive(Serialize, JsonSchema)]
struct ArticleJson<'a> {
    /// What the record is.
    outcome: &'static str,
    #[serde(flatten)]
    article: &'a Article,
}

/// A duplicate that carries its article: the article's own fields hold id, URL, cluster and source.
#[derive(Serialize, JsonSchema)]
struct FullDuplicateJson<'a> {
    /// What the record is.
    outcome: &'static str,
    /// How the page repeats the article: `near` is another page with nearly the same text, `revision` the same URL with a
    /// changed text that is still the same story.
    kind: DuplicateKind,
    /// Id of the article it repeats.
    of: Hash128,
    /// Share of text in common, from 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    similarity: f64,
    /// Which stands within the other, where only one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    contained: Option<Contained>,
    #[serde(flatten)]
    article: &'a Article,
}

/// A page with the bytes or the text of an article.
#[derive(Serialize, JsonSchema)]
struct DuplicateJson<'a> {
    /// What the record is.
    outcome: &'static str,
    /// How the page repeats the article: `exact`, the same bytes or the same text.
    kind: DuplicateKind,
    /// Id of the page's own text, as an article would have.
    id: Hash128,
    /// The producer's id, else one derived from where the page was read.
    page_id: &'a str,
    /// URL as given.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    /// Id of the article it repeats.
    of: Hash128,
    /// Cluster of that article.
    cluster: Hash128,
    /// Share of text in common: 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    similarity: f64,
    /// When the crawler fetched it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    fetched_at: Option<Timestamp>,
    /// Where the page was read.
    source: &'a Source,
}

/// A page that did not become an article, with its bytes.
#[derive(Serialize, JsonSchema)]
pub(super) struct RejectJson<'a> {
    /// What the record is.
    pub outcome: &'static str,
    /// The producer's id, else one derived from where the page was read.
    pub page_id: &'a str,
    /// URL as given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<&'a str>,
    /// Why.
    pub reason: &'static str,
    /// Stage that refused it: `decode`, `strip_boilerplate` …
    pub stage: &'a str,
    /// What was wrong, in words.
    pub detail: &'a str,
    /// Where the page was read.
    pub source: &'a Source,
    /// The body's raw bytes, or the whole value where no body could be told.
    #[schemars(extend("contentEncoding" = "base64"))]
    pub body_base64: String,
}

/// Schemas of what is written, by its shape.
#[derive(Debug)]
pub struct Schemas {
    /// A new article, or a story's own record.
    pub article: Schema,
    /// A repeat with the whole article.
    pub full_duplicate: Schema,
    /// A repeat without it.
    pub duplicate: Schema,
    /// A rejection on files.
    pub rejected: Schema,
}

/// The shapes of the records, as JSON Schema (draft 2020-12).
pub fn schemas() -> Schemas {
    fn of<T: JsonSchema>() -> Schema {
        SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
    }
    Schemas {
        article: of::<ArticleJson<'_>>(),
        full_duplicate: of::<FullDuplicateJson<'_>>(),
        duplicate: of::<DuplicateJson<'_>>(),
        rejected: of::<RejectJson<'_>>(),
    }
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
