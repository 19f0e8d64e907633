//! What becomes of a page: exactly one outcome each.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Article, Hash128, Source};

/// How a page repeats an earlier one. Precedence: bytes, text, revision, near.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DuplicateKind {
    /// Same bytes or same text.
    Exact,
    /// Another page with nearly the same text.
    Near,
    /// The same URL with a changed text that is still the same story.
    Revision,
}

impl DuplicateKind {
    /// Name as it is written in records and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Near => "near",
            Self::Revision => "revision",
        }
    }
}

/// Which of two texts stands within the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Contained {
    /// The page is a part of the article: a shortened copy.
    Page,
    /// The article is a part of the page: a copy with more around it.
    Article,
}

/// A page that repeats an article.
///
/// Near and revision duplicates carry the whole article besides: the fields of `article` follow
/// those of the verdict in the same JSON object.
#[derive(Debug, Clone)]
pub struct Duplicate {
    /// How it repeats.
    pub kind: DuplicateKind,
    /// Id of the page's own text, as an article would have.
    pub id: Hash128,
    /// The producer's id, else one derived from the origin.
    pub page_id: String,
    /// URL as given.
    pub url: Option<String>,
    /// Id of the article it repeats.
    pub of: Hash128,
    /// Cluster of that article.
    pub cluster: Hash128,
    /// Share of text in common, 0 to 1, rounded to 3 decimals; 1 for exact.
    pub similarity: f64,
    /// Which stands within the other, where only one does.
    pub contained: Option<Contained>,
    /// When the crawler fetched it.
    pub fetched_at: Option<Timestamp>,
    /// Where the page was read.
    pub source: Source,
    /// The whole article, for near and revision.
    pub article: Option<Box<Article>>,
}

/// Why a page was rejected. Names are stable: they are metric labels and header values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// Not a page message: bad JSON, no body, wrong types.
    Malformed,
    /// Larger than the limit, before or after decompression.
    TooLarge,
    /// A compressed body that does not decompress.
    BadCompression,
    /// Bytes that are no text.
    NotText,
    /// A body with no text in it.
    Empty,
    /// Text, but no article.
    NoArticle,
    /// Nothing but a consent wall.
    ConsentWall,
    /// Nothing but a paywall notice.
    Paywall,
    /// A stage gave up (a bug: the detail names it).
    StageFailed,
    /// The watchdog stopped it.
    Timeout,
    /// It was in flight at two crashes.
    Crashed,
    /// The broker does not take the record.
    Refused,
}

impl Reason {
    /// Every reason, in the order of the enum.
    pub const ALL: [Self; 12] = [
        Self::Malformed,
        Self::TooLarge,
        Self::BadCompression,
        Self::NotText,
        Self::Empty,
        Self::NoArticle,
        Self::ConsentWall,
        Self::Paywall,
        Self::StageFailed,
        Self::Timeout,
        Self::Crashed,
        Self::Refused,
    ];

    /// Name as it is written in records, headers and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::BadCompression => "bad_compression",
            Self::NotText => "not_text",
            Self::Empty => "empty",
            Self::NoArticle => "no_article",
            Self::ConsentWall => "consent_wall",
            Self::Paywall => "paywall",
            Self::StageFailed => "stage_failed",
            Self::Timeout => "timeout",
            Self::Crashed => "crashed",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A page that did not become an article, with its bytes.
#[derive(Debug, Clone)]
pub struct Reject {
    /// The producer's id, else one derived from the origin.
    pub page_id: String,
    /// URL if known.
    pub url: Option<String>,
    /// Why.
    pub reason: Reason,
    /// Stage that refused it: `decode`, `strip_boilerplate` …
    pub stage: &'static str,
    /// What was wrong, in words.
    pub detail: String,
    /// Where the page was read.
    pub source: Source,
    /// The body's raw bytes; the whole value where no body could be told.
    pub body: Vec<u8>,
}

/// The one outcome of a page.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A new article.
    Article(Box<Article>),
    /// A repeat of an article.
    Duplicate(Box<Duplicate>),
    /// Refused, with its bytes.
    Rejected(Box<Reject>),
}

impl Outcome {
    /// Name as it is written in records and metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Article(_) => "article",
            Self::Duplicate(_) => "duplicate",
            Self::Rejected(_) => "rejected",
        }
    }

    /// Records of the page's stories, where the page is a new article or a revision of one: further copies, no
    /// outcomes.
    pub fn story_records(&self) -> &[Article] {
        let article = match self {
            Self::Article(article) => Some(article),
            Self::Duplicate(d) => d.article.as_ref().filter(|_| d.kind == DuplicateKind::Revision),
            Self::Rejected(_) => None,
        };
        article.map_or(&[], |article| &article.story_records)
    }

    /// Id of the page.
    pub fn page_id(&self) -> &str {
        match self {
            Self::Article(a) => &a.page_id,
            Self::Duplicate(d) => &d.page_id,
            Self::Rejected(r) => &r.page_id,
        }
    }
}
