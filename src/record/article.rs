//! What the stages make of a page.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Contained, DuplicateKind, Extra, Hash128, Source};

/// ISO 8601 day, or day, time of day and, where it is known, zone.
const DAY_OR_TIME: &str = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$";
/// ISO 639-1 or 639-3.
const LANGUAGE: &str = "^[a-z]{2,3}$";
/// IPTC Media Topics.
const MEDIA_TOPIC: &str = r"^medtop:\d{8}$";

/// Place and date at the head of a wire story: `Baghdad (AFP) June 11, 2020`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Dateline {
    /// Place as written, title-cased when it was all capitals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// ISO 8601 date; left out when the year is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    pub date: Option<String>,
}

/// A story on the page beside the main one: an inset story, a post of a live blog, an item of a round-up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Story {
    /// Its headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// News agency that signs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// Its dateline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dateline: Option<Dateline>,
    /// When a post was published: ISO 8601 date and time, without a zone where the page shows the time of day alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DAY_OR_TIME))]
    pub published_at: Option<String>,
    /// Its paragraphs, separated by one blank line.
    pub text: String,
    /// What it repeats, as the log says; set with the verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<StoryRepeat>,
}

/// How a story repeats an article or a story of another page.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StoryRepeat {
    /// `exact` or `near`.
    pub kind: DuplicateKind,
    /// Id of the article, or of the story's record, that was the first to tell this text.
    pub of: Hash128,
    /// Share of text in common, from 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub similarity: f64,
    /// Which stands within the other, where only one does; the story is the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contained: Option<Contained>,
}

/// Main text and fields of a page, as stripping the boilerplate leaves them.
///
/// A field that the page does not state is `None` or empty; nothing is guessed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Extracted {
    /// Headline as the reader sees it, without site name or section.
    pub title: Option<String>,
    /// Section or kicker.
    pub section: Option<String>,
    /// The publisher's keywords: evidence of the topics.
    pub keywords: Vec<String>,
    /// People who sign, without "By", titles and handles.
    pub authors: Vec<String>,
    /// Desks, agencies and sites that sign.
    pub organizations: Vec<String>,
    /// News agency: `AFP`, `Reuters`, `dpa` …
    pub agency: Option<String>,
    /// Dateline of the main story.
    pub dateline: Option<Dateline>,
    /// ISO 8601 date, or date and time where the page gives one.
    pub published_at: Option<String>,
    /// ISO 8601 date, or date and time, of the last change, later than `published_at`.
    pub modified_at: Option<String>,
    /// Absolute URL of the article's picture.
    pub image: Option<String>,
    /// What the page's data gives as a description of the article.
    pub description: Option<String>,
    /// Whether the article has to be paid for, where the page's data says it.
    pub paywalled: Option<bool>,
    /// `<link rel=canonical>` or `og:url`, absolute, as the page gives it.
    pub canonical_url: Option<String>,
    /// Language that the site's rule says: it stands, whatever the text.
    pub language: Option<String>,
    /// Language that the page claims (`<html lang>`): weak evidence.
    pub language_hint: Option<String>,
    /// Main text: paragraphs separated by one blank line. Never empty.
    pub text: String,
    /// Whether the page is larger than what is read of one, so that its text may end early.
    pub truncated: bool,
    /// Its other stories in page order.
    pub stories: Vec<Story>,
}

/// Language of the main text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Language {
    /// ISO 639-1 code (639-3 where there is none), `und` where it is not known.
    #[schemars(regex(pattern = LANGUAGE))]
    pub code: String,
    /// Probability that `code` is right, 0 to 1, rounded to 2 decimals.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
    /// Script of the text (ISO 15924, such as `Latn`), where news of the language is written in more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Z][a-z]{3}$"))]
    pub script: Option<String>,
    /// Languages that the text cannot be told from (Bosnian, Croatian, Serbian), the likelier first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<LanguageAlternative>,
    /// Another language in which a good part of the text is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<SecondLanguage>,
}

/// What a text's language may be instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LanguageAlternative {
    /// ISO 639-1 code (639-3 where there is none).
    #[schemars(regex(pattern = LANGUAGE))]
    pub code: String,
    /// Probability that it is the right one, 0 to 1, rounded to 2 decimals.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
}

/// The language of the smaller part of a text in two languages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecondLanguage {
    /// ISO 639-1 code (639-3 where there is none).
    #[schemars(regex(pattern = LANGUAGE))]
    pub code: String,
    /// Its share of the text, 0 to .5, rounded to 2 decimals.
    #[schemars(range(min = 0.0, max = 0.5))]
    pub share: f64,
}

/// One IPTC Media Topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Topic {
    /// Code such as `medtop:16000000`.
    #[schemars(regex(pattern = MEDIA_TOPIC))]
    pub code: String,
    /// English label.
    pub name: String,
    /// Probability that the topic applies, 0 to 1, rounded to 3 decimals.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub score: f64,
    /// Sub-topics of the vocabulary's second level that the text names, the firmest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subtopics: Vec<Subtopic>,
}

/// A sub-topic of IPTC Media Topics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subtopic {
    /// Code such as `medtop:20000574`.
    #[schemars(regex(pattern = MEDIA_TOPIC))]
    pub code: String,
    /// The codes from the top of the vocabulary down to it, separated by `/`.
    #[schemars(regex(pattern = r"^medtop:\d{8}(/medtop:\d{8})*$"))]
    pub path: String,
}

/// An article: everything newsmill knows of a page. Serialises as `newsmill.article/1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Article {
    /// Name and version of the record.
    #[schemars(extend("const" = Article::SCHEMA))]
    pub schema: String,
    /// Derived from the canonical URL (where there is one) and the main text.
    pub id: Hash128,
    /// Of a story's own record: id of the page's article.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<Hash128>,
    /// The producer's id, else one derived from the origin.
    pub page_id: String,
    /// URL as given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// URL by the canonical policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<String>,
    /// Host without `www.`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// When the crawler fetched it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub fetched_at: Option<Timestamp>,
    /// First publication: ISO 8601 day, or day, time and zone where the page gives them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DAY_OR_TIME))]
    pub published_at: Option<String>,
    /// Last change that the page states, later than `published_at`: ISO 8601 day, or day, time and zone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(regex(pattern = DAY_OR_TIME))]
    pub modified_at: Option<String>,
    /// Headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Section or kicker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// People who sign.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub authors: Vec<String>,
    /// Desks, agencies and sites that sign.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub organizations: Vec<String>,
    /// News agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// Dateline of the main story.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dateline: Option<Dateline>,
    /// Absolute URL of the picture that the page's data names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub image: Option<String>,
    /// Description that the page's data gives.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// Whether the article has to be paid for, where the page's data says it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub paywalled: Option<bool>,
    /// Language of the main text.
    pub language: Language,
    /// Topics, best first; empty where the model does not know.
    pub topics: Vec<Topic>,
    /// Main text: paragraphs separated by one blank line.
    pub text: String,
    /// Whether the page was cut at a bound, so that its text may end early.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub truncated: bool,
    /// Words of the main text (Unicode words; unspaced scripts by character).
    pub word_count: u32,
    /// The page's other stories.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub stories: Vec<Story>,
    /// Records of the stories, one each, where they are asked for; they are written beside the article's.
    #[serde(skip)]
    pub story_records: Vec<Self>,
    /// Of a story's own record: what it repeats, as the log says; set with the verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<StoryRepeat>,
    /// Fields of the page's message that newsmill does not know, as they came, where `decode.extra` asks for them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub extra: Option<Extra>,
    /// Id of the first article of its cluster; set with the verdict.
    pub cluster: Hash128,
    /// Where the page was read.
    pub source: Source,
}

impl Article {
    /// Name and version of the record.
    pub const SCHEMA: &'static str = "newsmill.article/1";
}
