//! The chain of stages, from a raw record to what is sighted, and from the verdict to the outcome.

mod ordered;
mod settings;
mod stories;
mod times;

pub use ordered::ordered;
pub use settings::{Output, Settings, Stories};
pub use times::{Laps, Stage, StageTimes, apart, with_laps};

use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use crate::codec;
use crate::models;
use crate::record::{
    Article, Duplicate, DuplicateKind, Extracted, Hash128, Origin, Outcome, Page, RawRecord, Reason, Reject,
    Source,
};
use crate::sightings::{self, MAX_STORIES, Sighting, Verdict};
use crate::stages::classify_topics::ClassifyTopics;
use crate::stages::deduplicate;
use crate::stages::detect_language::{self, DetectLanguage};
use crate::stages::strip_boilerplate::{self, StripBoilerplate};

/// The stages with their models loaded. Shared by all threads.
pub struct Pipeline {
    settings: Settings,
    strip_boilerplate: StripBoilerplate,
    detect_language: DetectLanguage,
    classify_topics: ClassifyTopics,
    times: StageTimes,
}

/// Versions of the models. Workers of one group with the same settings and versions write the same.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Versions {
    /// Code and block model of the main text, as the sightings log has it.
    pub main_text: String,
    /// The language model.
    pub language: String,
    /// The topic model.
    pub topics: String,
    /// The sentence encoder's package; `none` without it.
    pub encoder: &'static str,
}

/// What records may say: the codes that the stages give with some settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    /// Of languages, `und` among them.
    pub languages: Vec<String>,
    /// Of topics.
    pub topics: Vec<String>,
    /// Of topics and sub-topics.
    pub all_topics: Vec<String>,
}

impl Vocabulary {
    fn of(settings: &Settings, topics: &ClassifyTopics) -> Self {
        let languages = detect_language::given(&settings.detect_language);
        let codes: Vec<String> = topics.labels().iter().map(|label| label.code.clone()).collect();
        let all_topics = codes.iter().cloned().chain(topics.subtopic_codes()).collect();
        Self { languages: languages.into_iter().map(str::to_owned).collect(), topics: codes, all_topics }
    }

    /// That of these settings, without a pipeline.
    ///
    /// # Errors
    /// The topic model or the encoder cannot be read.
    pub fn load(settings: &Settings) -> Result<Self, models::Error> {
        Ok(Self::of(settings, &models::classify_topics(&settings.classify_topics)?))
    }
}

/// Reason, stage and detail of a rejection.
type Refusal = (Reason, Stage, String);

/// A record as far as it gets without the log.
#[derive(Debug)]
pub enum Prepared {
    /// Refused; leaves no sighting.
    Rejected(Box<Reject>),
    /// Its bytes are in the index: a light sighting, nothing extracted.
    Repeat(Box<Repeat>),
    /// An article, if the verdict does not say otherwise.
    Article(Box<Article>, Box<Sighting>),
}

/// A page whose bytes were seen before.
#[derive(Debug)]
pub struct Repeat {
    /// The page as decoded up to its body.
    pub page: Page,
    /// What is appended to the log.
    pub sighting: Sighting,
}

impl Prepared {
    /// What is to be appended to the log; `None` for a rejection.
    pub fn sighting(&self) -> Option<&Sighting> {
        match self {
            Self::Rejected(_) => None,
            Self::Repeat(repeat) => Some(&repeat.sighting),
            Self::Article(_, sighting) => Some(sighting),
        }
    }
}

/// What a verdict makes of a prepared record.
#[derive(Debug)]
pub enum Concluded {
    /// Done.
    Outcome(Outcome),
    /// It is no exact repeat after all: prepare again with `known` answering `None`, and append.
    PrepareAgain,
}

impl Pipeline {
    /// Loads the models that are built in.
    pub fn new(settings: &Settings) -> Self {
        Self::with_topics(settings, ClassifyTopics::new(&settings.classify_topics))
    }

    /// Loads the models, the sentence encoder too where it was added and `effort` asks for it.
    ///
    /// # Errors
    /// The encoder's file is damaged, or configured and not there.
    pub fn load(settings: &Settings) -> Result<Self, models::Error> {
        Ok(Self::with_topics(settings, models::classify_topics(&settings.classify_topics)?))
    }

    fn with_topics(settings: &Settings, classify_topics: ClassifyTopics) -> Self {
        Self {
            settings: settings.clone(),
            strip_boilerplate: StripBoilerplate::new(&settings.strip_boilerplate),
            detect_language: DetectLanguage::new(&settings.detect_language),
            classify_topics,
            times: StageTimes::default(),
        }
    }

    /// What is missing though it is configured, for users to be told once.
    pub fn missing(&self) -> Option<&'static str> {
        let is_wanted = self.classify_topics.can_use_encoder();
        (is_wanted && !self.classify_topics.has_encoder()).then_some(
            "no sentence encoder: topics are the built-in model's (`newsmill models --help` says how to add it)",
        )
    }

    /// Versions of its models.
    pub fn versions(&self) -> Versions {
        let settings = &self.settings;
        Versions {
            main_text: strip_boilerplate::version(&settings.strip_boilerplate),
            language: detect_language::version(),
            topics: self.classify_topics.version(),
            encoder: if self.classify_topics.has_encoder() { models::package_version() } else { "none" },
        }
    }

    /// What its records may say.
    pub fn vocabulary(&self) -> Vocabulary {
        Vocabulary::of(&self.settings, &self.classify_topics)
    }

    /// Names of its topics by their codes.
    pub fn topic_names(&self) -> BTreeMap<String, String> {
        let labels = self.classify_topics.labels().iter();
        labels.map(|label| (label.code.clone(), label.name.clone())).collect()
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What verdicts depend on besides the log.
    pub fn log_settings(&self) -> sightings::Settings {
        sightings::Settings::new(
            &self.settings.deduplicate,
            &strip_boilerplate::version(&self.settings.strip_boilerplate),
        )
    }

    /// The page of a record, as the stages are given it.
    ///
    /// # Errors
    /// The rejection of a record that holds none.
    pub fn page(&self, raw: &RawRecord) -> Result<Page, Box<Reject>> {
        codec::decode(raw, &self.settings.decode)
    }

    /// The stage that takes the main text.
    pub fn strip_boilerplate(&self) -> &StripBoilerplate {
        &self.strip_boilerplate
    }

    /// The stage that finds the language.
    pub fn detect_language(&self) -> &DetectLanguage {
        &self.detect_language
    }

    /// The stage that finds the topics.
    pub fn classify_topics(&self) -> &ClassifyTopics {
        &self.classify_topics
    }

    /// Time spent in each stage so far.
    pub fn times(&self) -> &StageTimes {
        &self.times
    }

    /// Takes a record through every stage before the log. `known` looks raw bytes up in the index
    /// ([`crate::sightings::Index::knows_body`]); it decides what work is saved, never the outcome.
    ///
    /// A panic in a stage becomes a rejection with reason `stage_failed`.
    pub fn prepare(&self, raw: &RawRecord, known: impl Fn(&Hash128) -> Option<Hash128>) -> Prepared {
        let page = match self.times.measure(Stage::Decode, || codec::decode(raw, &self.settings.decode)) {
            Ok(page) => page,
            Err(reject) => return Prepared::Rejected(reject),
        };
        if let Some(id) = known(&page.origin.body) {
            let sighting = Sighting::light(page.origin.clone(), id);
            return Prepared::Repeat(Box::new(Repeat { page, sighting }));
        }
        let at = Cell::new(Stage::StripBoilerplate);
        match catch_unwind(AssertUnwindSafe(|| self.run_stages(&page, &at))) {
            Ok(Ok((article, sighting))) => Prepared::Article(article, sighting),
            Ok(Err((reason, stage, detail))) => {
                Prepared::Rejected(reject(&page, raw, &self.settings.decode, reason, stage, detail))
            }
            Err(panic) => {
                let detail = panic
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
                    .unwrap_or_default();
                Prepared::Rejected(reject(
                    &page,
                    raw,
                    &self.settings.decode,
                    Reason::StageFailed,
                    at.get(),
                    detail,
                ))
            }
        }
    }

    /// `at` tells which stage was at work when one panics.
    fn run_stages(&self, page: &Page, at: &Cell<Stage>) -> Result<(Box<Article>, Box<Sighting>), Refusal> {
        at.set(Stage::StripBoilerplate);
        let extracted = self
            .times
            .measure(Stage::StripBoilerplate, || self.strip_boilerplate.strip(page))
            .map_err(|(reason, detail)| (reason, Stage::StripBoilerplate, detail))?;
        at.set(Stage::DetectLanguage);
        let language = self.times.measure(Stage::DetectLanguage, || {
            self.detect_language.detect(&extracted, page.language_hint.as_deref())
        });
        at.set(Stage::ClassifyTopics);
        let topics = self.times.measure(Stage::ClassifyTopics, || {
            self.classify_topics.classify(&extracted, page.url.as_deref(), &language)
        });
        at.set(Stage::Deduplicate);
        let (canonical, id, sighting, word_count) = self.times.measure(Stage::Deduplicate, || {
            let url = extracted.canonical_url.as_deref().or(page.url.as_deref());
            let canonical = url.and_then(deduplicate::canonical_url);
            let (fingerprints, words) = deduplicate::fingerprint(&extracted, canonical.as_deref());
            let told = extracted.stories.iter().take(MAX_STORIES);
            let stories = told.map(|story| deduplicate::fingerprint_story(story, canonical.as_deref()));
            let id = fingerprints.id();
            let sighting = Sighting::full(page.origin.clone(), fingerprints).with_stories(stories);
            (canonical, id, sighting, words)
        });
        let site = canonical.as_deref().or(page.url.as_deref()).and_then(site_of);
        let Extracted {
            title,
            section,
            authors,
            organizations,
            agency,
            dateline,
            published_at,
            modified_at,
            image,
            description,
            paywalled,
            text,
            truncated,
            stories,
            ..
        } = extracted;
        let mut article = Article {
            schema: Article::SCHEMA.to_owned(),
            id,
            page_id: page.page_id.clone(),
            url: page.url.clone(),
            canonical_url: canonical,
            site,
            fetched_at: page.fetched_at,
            published_at,
            modified_at,
            title,
            section,
            authors,
            organizations,
            agency,
            dateline,
            image,
            description,
            paywalled,
            language,
            topics,
            word_count,
            text,
            truncated,
            stories,
            parent: None,
            repeats: None,
            extra: page.extra.clone(),
            story_records: Vec::new(),
            cluster: id,
            source: page.origin.source.clone(),
        };
        if self.settings.output.stories == Stories::Records {
            article.story_records = self.story_records(&article, &sighting.stories);
        }
        Ok((Box::new(article), Box::new(sighting)))
    }

    /// The outcome of a prepared record, given the log's verdict on its sighting and what its stories repeat
    /// ([`sightings::Index::stories`]).
    pub fn conclude(
        &self,
        prepared: Prepared,
        verdict: Option<&Verdict>,
        repeats: &[Option<sightings::Repeat>],
    ) -> Concluded {
        let outcome = match (prepared, verdict) {
            (Prepared::Rejected(reject), _) => Outcome::Rejected(reject),
            (Prepared::Article(mut article, _), Some(Verdict::New { id })) => {
                article.id = *id;
                article.cluster = *id;
                stories::judge(&mut article, repeats);
                Outcome::Article(article)
            }
            (Prepared::Article(mut article, _), Some(Verdict::Repeat(repeat))) => {
                article.id = repeat.id;
                article.cluster = repeat.cluster;
                stories::judge(&mut article, repeats);
                let known = (article.page_id.clone(), article.url.clone(), article.fetched_at);
                let (source, whole) = (article.source.clone(), repeat.kind != DuplicateKind::Exact);
                duplicate(repeat, known, source, whole.then_some(article))
            }
            // Of any other kind the record holds the whole article, which has to be prepared for it.
            (Prepared::Repeat(seen), Some(Verdict::Repeat(repeat)))
                if repeat.kind == DuplicateKind::Exact =>
            {
                let page = seen.page;
                duplicate(repeat, (page.page_id, page.url, page.fetched_at), page.origin.source, None)
            }
            (Prepared::Repeat(_) | Prepared::Article(..), _) => return Concluded::PrepareAgain,
        };
        Concluded::Outcome(outcome)
    }
}

/// The duplicate that the log says a page is, of which page id, URL and time are `known`.
fn duplicate(
    repeat: &sightings::Repeat,
    (page_id, url, fetched_at): (String, Option<String>, Option<Timestamp>),
    source: Source,
    article: Option<Box<Article>>,
) -> Outcome {
    let sightings::Repeat { id, kind, of, cluster, similarity, contained } = *repeat;
    Outcome::Duplicate(Box::new(Duplicate {
        kind,
        id,
        page_id,
        url,
        of,
        cluster,
        similarity,
        contained,
        fetched_at,
        source,
        article,
    }))
}

/// Host of a URL without `www.`
fn site_of(url: &str) -> Option<String> {
    let host = url::Url::parse(url).ok()?.host_str()?.to_owned();
    Some(host.strip_prefix("www.").map_or(host.clone(), str::to_owned))
}

fn reject(
    page: &Page,
    raw: &RawRecord,
    decode: &codec::Config,
    reason: Reason,
    stage: Stage,
    detail: String,
) -> Box<Reject> {
    Box::new(Reject {
        page_id: page.page_id.clone(),
        url: page.url.clone(),
        reason,
        stage: stage.as_str(),
        detail,
        source: page.origin.source.clone(),
        body: codec::raw_body(raw, decode),
    })
}

/// Origin of a prepared record's sighting.
pub fn origin(prepared: &Prepared) -> Option<&Origin> {
    prepared.sighting().map(|sighting| &sighting.origin)
}
