//! Why a page became what it did: an [`Explanation`] made of one record, and how it is shown.
//!
//! The record goes through the stages as it always does, and then each stage is asked what it rested on. Nothing is
//! counted, nothing is put down in the index, and no file is read: what is shown of a page on a worker's own page is
//! made the same way. [`terminal`] and [`html`] only write what stands in the explanation; as JSON it is for programs
//! (`newsmill schema explanation`).

pub mod html;
pub mod terminal;
mod words;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::codec;
use crate::pipeline::{Concluded, Laps, Pipeline, Prepared, Stage, apart};
use crate::record::{
    Article, Contained, DuplicateKind, Hash128, Markup, Outcome, Page, RawRecord, Reason, Source,
};
use crate::sightings::{Index, Neighbour, Verdict};
use crate::stages::classify_topics::TopicsEvidence;
use crate::stages::detect_language::LanguageEvidence;
use crate::stages::strip_boilerplate::site_rules::Report;
use crate::stages::strip_boilerplate::{ExplainedBlock, Field, ReadFrom};

/// What a page became, and why.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Explanation {
    /// `newsmill.explanation/1`.
    pub schema: &'static str,
    /// Version of newsmill.
    pub newsmill: &'static str,
    /// The outcome in one sentence.
    pub summary: String,
    /// What the page became.
    pub outcome: ExplainedOutcome,
    /// The page.
    pub page: ExplainedPage,
    /// The record that comes of it; of a rejected page and of an exact repeat there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Box<Article>>,
    /// Where its text was taken from; left out where no text was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_from: Option<ReadFrom>,
    /// What the configured rule of its site did; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_rule: Option<Report>,
    /// All blocks of it, in page order.
    pub blocks: Vec<ExplainedBlock>,
    /// Title, authors and dates: what there was to choose from.
    pub fields: Vec<Field>,
    /// What the language was found by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageEvidence>,
    /// What the topics were found by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topics: Option<TopicsEvidence>,
    /// What the index of earlier articles says of it; left out where there is no index to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Repeats>,
    /// Time by stage, in the order in which they ran.
    pub times: Vec<StageTime>,
}

/// What a page became.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ExplainedOutcome {
    /// A new article.
    Article {
        /// Its id.
        id: Hash128,
    },
    /// A repeat of an earlier article.
    Duplicate {
        /// How it repeats.
        kind: DuplicateKind,
        /// Id of the article it repeats.
        of: Hash128,
        /// Share of text in common, 0 to 1.
        similarity: f64,
        /// Which stands within the other, where only one does.
        #[serde(skip_serializing_if = "Option::is_none")]
        contained: Option<Contained>,
    },
    /// No article.
    Rejected {
        /// Why: `no_article`, `consent_wall` …
        reason: &'static str,
        /// The stage that refused it.
        stage: &'static str,
        /// What was wrong, as the record says it.
        detail: String,
        /// What the reason means, in a sentence.
        means: &'static str,
        /// What was seen of the page.
        seen: Vec<String>,
    },
}

/// The page as it came in.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ExplainedPage {
    /// Where it was read.
    pub source: Source,
    /// The producer's id, else one derived from the origin.
    pub page_id: String,
    /// URL as given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When the crawler fetched it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub fetched_at: Option<Timestamp>,
    /// `html` or `plain`; left out where it could not be decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub markup: Option<&'static str>,
    /// Bytes of its body as text, or of the record where it could not be decoded.
    pub bytes: usize,
}

/// What the index of earlier articles says of a page.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Repeats {
    /// Pages in the index.
    pub pages: usize,
    /// Whether this very page was seen before, and has its verdict from then.
    pub is_known: bool,
    /// The verdict and what it rests on, in a sentence.
    pub verdict: String,
    /// The articles that share most with it, the best first.
    pub nearest: Vec<Neighbour>,
}

/// How long a stage took.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StageTime {
    /// Name of the stage.
    pub stage: &'static str,
    /// Milliseconds.
    pub millis: f64,
}

/// Neighbours in the index that are given.
const NEAREST: usize = 5;

impl Explanation {
    /// Name and version of the structure.
    pub const SCHEMA: &str = "newsmill.explanation/1";
}

/// Explains what becomes of a record; `index` is what was seen before, where there is such a thing.
pub fn explain(pipeline: &Pipeline, raw: &RawRecord, index: Option<&Index>) -> Explanation {
    let (prepared, laps) = apart(|| pipeline.prepare(raw, |_| None));
    let decoded = pipeline.page(raw).ok();
    let sighting = prepared.sighting().cloned();
    let held = index.zip(sighting.as_ref()).map(|(index, sighting)| (index, index.hold(sighting, NEAREST)));
    let verdict = match (&held, &sighting) {
        (Some((_, held)), _) => Some(held.verdict.clone()),
        (None, Some(sighting)) => Some(Verdict::New { id: sighting.id }),
        (None, None) => None,
    };
    let stage_failed =
        matches!(&prepared, Prepared::Rejected(reject) if reject.reason == Reason::StageFailed);
    let concluded = pipeline.conclude(prepared, verdict.as_ref(), &[]);
    let mut out = Explanation {
        schema: Explanation::SCHEMA,
        newsmill: env!("CARGO_PKG_VERSION"),
        summary: String::new(),
        outcome: ExplainedOutcome::Article { id: Hash128::default() },
        page: page(raw, decoded.as_ref()),
        record: None,
        read_from: None,
        site_rule: None,
        blocks: Vec::new(),
        fields: Vec::new(),
        language: None,
        topics: None,
        repeats: held.map(|(index, held)| Repeats {
            pages: index.pages(),
            is_known: held.is_known,
            verdict: words::verdict(&held.verdict),
            nearest: held.nearest,
        }),
        times: times(&laps),
    };
    // A stage that broke on the page would break again.
    if let Some(page) = decoded.filter(|_| !stage_failed) {
        of_stages(pipeline, &page, &mut out);
    }
    if let Concluded::Outcome(outcome) = concluded {
        conclude(outcome, raw, &mut out);
    }
    out.summary = words::summary(&out);
    out
}

fn page(raw: &RawRecord, decoded: Option<&Page>) -> ExplainedPage {
    let markup = |page: &Page| if page.markup == Markup::Html { "html" } else { "plain" };
    ExplainedPage {
        source: raw.source.clone(),
        page_id: decoded.map_or_else(|| codec::derived_id(raw), |page| page.page_id.clone()),
        url: decoded.and_then(|page| page.url.clone()),
        fetched_at: decoded.and_then(|page| page.fetched_at),
        markup: decoded.map(markup),
        bytes: decoded.map_or(raw.value.len(), |page| page.body.len()),
    }
}

/// What each stage rested on.
fn of_stages(pipeline: &Pipeline, page: &Page, out: &mut Explanation) {
    out.site_rule = pipeline.strip_boilerplate().site_rule(page);
    let explained = pipeline.strip_boilerplate().explain(page);
    out.read_from = Some(explained.read_from);
    out.blocks = explained.blocks;
    out.fields = explained.fields;
    let Ok(extracted) = explained.outcome else { return };
    let language = pipeline.detect_language().explain(&extracted, page.language_hint.as_deref());
    out.topics =
        Some(pipeline.classify_topics().explain(&extracted, page.url.as_deref(), &language.language));
    out.language = Some(language);
}

fn conclude(outcome: Outcome, raw: &RawRecord, out: &mut Explanation) {
    out.outcome = match outcome {
        Outcome::Article(article) => {
            let id = article.id;
            out.record = Some(article);
            ExplainedOutcome::Article { id }
        }
        Outcome::Duplicate(duplicate) => {
            let kind = duplicate.kind;
            let (of, similarity) = (duplicate.of, duplicate.similarity);
            out.record = duplicate.article;
            ExplainedOutcome::Duplicate { kind, of, similarity, contained: duplicate.contained }
        }
        Outcome::Rejected(reject) => {
            out.page.url = out.page.url.take().or(reject.url);
            out.page.page_id = reject.page_id;
            ExplainedOutcome::Rejected {
                reason: reject.reason.as_str(),
                stage: reject.stage,
                detail: reject.detail,
                means: words::reason(reject.reason),
                seen: words::seen(&out.blocks, raw),
            }
        }
    };
}

fn times(laps: &Laps) -> Vec<StageTime> {
    let ran = Stage::ALL.into_iter().zip(laps).filter_map(|(stage, lap)| Some((stage, (*lap)?.1)));
    ran.map(|(stage, took)| StageTime {
        stage: stage.as_str(),
        millis: (took.as_secs_f64() * 1e6).round() / 1e3,
    })
    .collect()
}

#[cfg(test)]
pub(crate) mod tests;
