//! The topics of an article, by default those of IPTC Media Topics.
//!
//! A linear model over hashed n-grams ([`features`], [`model`]) in some 200 languages, trained by `newsmill
//! train topics` and built in (`models/topics.bin`, with its card beside it), or one that users trained, with topics of their
//! own. Title and opening are evidence, the title's words count twice; a section or kicker, a folder of the URL, or
//! a keyword of the publisher's, that names a topic adds a bounded amount to it, once, so that it settles doubts and never overrules a text.
//!
//! A score is the probability that the topic applies, calibrated apart for languages that the model
//! knows from articles and those it knows from sentences only. A topic is given when it is more likely than not. In
//! a language that the model has never seen it does not answer.

pub mod encoder;
pub mod evidence;
mod explain;
pub mod features;
pub mod head;
pub mod model;
pub mod student;
pub mod subtopics;
#[cfg(test)]
mod tests;
pub mod topics;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::encoder::Encoder;
use self::evidence::Page;
pub use self::explain::{DecidedBy, Pull, TopicEvidence, TopicsEvidence};
use self::features::Known;
use self::head::{By, Head, SecondOpinion};
use self::model::{Label, MAX_TOPICS, Model, Sum, shares};
use self::student::Student;
use self::subtopics::Vocabulary;
use self::topics::TOPICS;
use crate::record::{Extracted, Language, Subtopic, Topic};

/// The model that is built in.
static BUILT_IN: &Aligned<[u8]> = &Aligned(*include_bytes!("../../../models/topics.bin"));
/// The encoder's head, made by `newsmill train encoder-head`.
static HEAD: &[u8] = include_bytes!("../../../models/encoder-head.bin");
/// The vocabulary's labels, made by `newsmill train subtopics`.
static LABELS: &[u8] = include_bytes!("../../../models/subtopics.bin");

/// Bytes of a title that are read.
pub const TITLE_BYTES: usize = 400;
/// How much more a feature of the title counts than one of the text.
pub const TITLE_TIMES: i16 = 2;
/// Features that are looked up at a time: their lines fit the nearest memory.
const BATCH: usize = 256;
/// Features that a text must share with the model before it says anything.
const MIN_FEATURES: u32 = 8;

/// Score of the n-gram model from which its word stands, where the encoder is asked in doubt alone.
const SURE: f64 = 0.8;

/// Bytes from the beginning of a line of the processor's memory on: a line of the model is one of those.
#[repr(C, align(64))]
struct Aligned<T: ?Sized>(T);

/// What is spent on topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// The n-gram model alone.
    Fast,
    /// The encoder besides, where the n-gram model is in doubt, and the encoder's student too.
    #[default]
    Balanced,
    /// Both for every text that the encoder can read.
    Best,
}

/// Settings of the stage.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ClassifyTopics")]
pub struct Config {
    /// Whether the sentence encoder is asked, where it was added.
    pub effort: Effort,
    /// Topics with a lower score are not given, 0 to 1.
    pub min_score: f64,
    /// Topics that are given at most.
    pub max_topics: usize,
    /// Sub-topics of a topic that are given at most; 0: none.
    pub max_subtopics: usize,
    /// File of a model that `newsmill train topics` wrote; empty: the one that is built in.
    pub model: String,
    /// File of the sentence encoder; empty: the place where `newsmill models add` puts it.
    pub encoder: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            effort: Effort::default(),
            min_score: 0.5,
            max_topics: 4,
            max_subtopics: 2,
            model: String::new(),
            encoder: String::new(),
        }
    }
}

impl Config {
    /// Keys with wrong values: what is wrong, and what to do.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !(0.0..=1.0).contains(&self.min_score) {
            problems.push(("min_score", format!("{} is not between 0 and 1", self.min_score)));
        }
        if self.max_topics > MAX_TOPICS {
            problems.push((
                "max_topics",
                format!("{} is more than the {MAX_TOPICS} that a model has at most", self.max_topics),
            ));
        }
        problems
    }
}

/// The stage with its model loaded.
pub struct ClassifyTopics {
    config: Config,
    model: Model,
    /// What is known of the 17 topics at the top of IPTC Media Topics alone: none where the model has others.
    vocabulary: Option<Vocabulary>,
    second: Option<SecondOpinion>,
}

impl ClassifyTopics {
    /// Loads the topic model that is built in.
    ///
    /// # Panics
    /// The model that was built in is damaged: a test of every build reads it.
    pub fn new(config: &Config) -> Self {
        Self::of(config, built_in())
    }

    /// With a model that `newsmill train topics` made.
    ///
    /// # Panics
    /// The vocabulary that was built in is damaged: a test of every build reads it.
    pub fn of(config: &Config, model: Model) -> Self {
        #[allow(clippy::expect_used)]
        let vocabulary = || Vocabulary::read(LABELS).expect("the vocabulary is read by this build's tests");
        let vocabulary = model.has_media_topics().then(vocabulary);
        Self { config: config.clone(), model, vocabulary, second: None }
    }

    /// The topics that it tells apart.
    pub fn labels(&self) -> &[Label] {
        self.model.labels()
    }

    /// Codes of the sub-topics that it gives: none where the model has topics of its own.
    pub fn subtopic_codes(&self) -> Vec<String> {
        let below = self.vocabulary.iter().flat_map(|vocabulary| &vocabulary.subtopics);
        below.map(|subtopic| subtopic.name()).collect()
    }

    /// Names its model: eight digits of its hash, in hexadecimal.
    pub fn version(&self) -> String {
        self.model.hash()
    }

    /// Whether the encoder can be of use: it knows the 17 topics at the top of IPTC Media Topics and no others.
    pub fn can_use_encoder(&self) -> bool {
        self.config.effort != Effort::Fast && self.model.has_media_topics()
    }

    /// Asks the encoder too, as `effort` says.
    ///
    /// # Panics
    /// The head that was built in is damaged: a test of every build reads it.
    #[must_use]
    pub fn with_encoder(mut self, encoder: Encoder) -> Self {
        self.second = Some(SecondOpinion::new(encoder, head()));
        self
    }

    /// Whether the encoder is there to be asked.
    pub fn has_encoder(&self) -> bool {
        self.second.is_some()
    }

    /// Topics, best first; empty where the model does not know.
    pub fn classify(&self, extracted: &Extracted, url: Option<&str>, language: &Language) -> Vec<Topic> {
        let Some(group) = self.model.group(&language.code) else { return Vec::new() };
        let sum = read(&self.model, extracted.title.as_deref(), &extracted.text);
        if sum.features() < MIN_FEATURES {
            return Vec::new();
        }
        let mut scores = self.model.logits(&sum);
        let page = Page { section: extracted.section.as_deref(), url, keywords: &extracted.keywords };
        evidence::add(&self.model, &page, &mut scores);
        shares(&mut scores);
        let scores = self.model.scores(&scores, group);
        let scores = self.second_opinion(extracted, language, &scores).map_or(scores, |(scores, _)| scores);
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        order.truncate(self.config.max_topics);
        order.retain(|topic| scores[*topic] >= self.config.min_score);
        if order.is_empty() {
            return Vec::new();
        }
        let subtopics = self.subtopics(extracted, language);
        let topic = |t: usize| Topic {
            code: self.labels()[t].code.clone(),
            name: self.labels()[t].name.clone(),
            score: (scores[t] * 1000.0).round() / 1000.0,
            subtopics: below(t, &self.labels()[t].code, &subtopics, self.config.max_subtopics),
        };
        order.into_iter().map(topic).collect()
    }

    /// Scores by both models, where the encoder is there, is to be asked, and can read the text.
    fn second_opinion(
        &self,
        extracted: &Extracted,
        language: &Language,
        scores: &[f64],
    ) -> Option<(Vec<f64>, By)> {
        let is_sure = scores.iter().any(|score| *score >= SURE);
        if self.config.effort == Effort::Fast || self.config.effort == Effort::Balanced && is_sure {
            return None;
        }
        let title = extracted.title.as_deref().unwrap_or_default();
        let scores: &[f64; TOPICS] = scores.try_into().ok()?;
        let shortly = self.config.effort == Effort::Balanced;
        let second = self.second.as_ref()?;
        let (scores, by) = second.decide(&language.code, title, &extracted.text, scores, shortly)?;
        Some((scores.to_vec(), by))
    }

    fn subtopics(&self, extracted: &Extracted, language: &Language) -> Vec<subtopics::Subtopic> {
        let Some(vocabulary) = self.vocabulary.as_ref().filter(|_| self.config.max_subtopics > 0) else {
            return Vec::new();
        };
        vocabulary.find(&language.code, extracted.title.as_deref().unwrap_or_default(), &extracted.text)
    }
}

/// The model that is built in.
///
/// # Panics
/// It is damaged: a test of every build reads it.
pub fn built_in() -> Model {
    #[allow(clippy::expect_used)]
    Model::read(Box::new(&BUILT_IN.0)).expect("the built-in topic model is read by this build's tests")
}

/// The student that is built in: `newsmill models add` folds its first layer.
///
/// # Panics
/// The head that was built in is damaged: a test of every build reads it.
pub fn student() -> Student {
    head().student
}

fn head() -> Head {
    #[allow(clippy::expect_used)]
    Head::read(HEAD).expect("the encoder's head is read by this build's tests")
}

/// The sub-topics of a topic in their order; `path` is its code.
fn below(topic: usize, path: &str, found: &[subtopics::Subtopic], most: usize) -> Vec<Subtopic> {
    let own = found.iter().filter(|subtopic| usize::from(subtopic.topic) == topic).take(most);
    own.map(|subtopic| {
        let code = subtopic.name();
        Subtopic { path: format!("{path}/{code}"), code }
    })
    .collect()
}

/// The features of title and opening. A feature that is in both counts as the title's.
pub fn read(model: &Model, title: Option<&str>, text: &str) -> Sum {
    let mut sum = Sum::default();
    let mut hashes = Vec::with_capacity(2 * text.len().min(model.head.text_bytes as usize));
    // A feature counts once however often it comes.
    let mut known = Known::default();
    let mut read = |text: &str, bytes: usize, times: i16| {
        hashes.clear();
        features::distinct(text, bytes, &mut known, &mut |hash| hashes.push(hash));
        hashes.chunks(BATCH).for_each(|batch| model.add(&mut sum, batch, times));
    };
    if let Some(title) = title {
        read(title, TITLE_BYTES, TITLE_TIMES);
    }
    read(text, model.head.text_bytes as usize, 1);
    sum
}
