//! IPTC Media Topics of an article.
//!
//! A linear model over hashed n-grams ([`features`], [`model`]) in some 200 languages, trained by `newsmill
//! train topics` and built in (`models/topics.bin`, with its card beside it). Title and opening are
//! evidence, the title's words count twice; a section or kicker, or a folder of the URL, that names a topic adds a
//! bounded amount to it, once, so that it settles doubts and never overrules a text.
//!
//! A score is the probability that the topic applies, calibrated apart for languages that the model
//! knows from articles and those it knows from sentences only. A topic is given when it is more likely than not. In
//! a language that the model has never seen it does not answer.

pub mod encoder;
pub mod features;
pub mod head;
pub mod model;
pub mod subtopics;
#[cfg(test)]
mod tests;
pub mod topics;

use serde::{Deserialize, Serialize};

use self::encoder::Encoder;
use self::head::{Head, SecondOpinion};
use self::model::{Model, Sum};
use self::subtopics::Vocabulary;
use self::topics::{TOP_TOPICS, TOPICS};
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
/// Words of a section, and of a URL's path, that are looked at.
const SECTION_WORDS: usize = 8;

/// Score of the n-gram model from which its word stands, where the encoder is asked in doubt alone.
const SURE: f64 = 0.8;

/// Bytes from the beginning of a line of the processor's memory on: a line of the model is one of those.
#[repr(C, align(64))]
struct Aligned<T: ?Sized>(T);

/// What is spent on topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// The n-gram model alone.
    Fast,
    /// The encoder besides, where the n-gram model is in doubt.
    #[default]
    Balanced,
    /// Both for every text that the encoder can read.
    Best,
}

/// Settings of the stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether the sentence encoder is asked, where it was added.
    pub effort: Effort,
    /// Topics with a lower score are not given, 0 to 1.
    pub min_score: f64,
    /// Topics that are given at most.
    pub max_topics: usize,
    /// Sub-topics of a topic that are given at most; 0: none.
    pub max_subtopics: usize,
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
        if self.max_topics > TOPICS {
            problems.push((
                "max_topics",
                format!("{} is more than the {TOPICS} that there are", self.max_topics),
            ));
        }
        problems
    }
}

/// The stage with its model loaded.
pub struct ClassifyTopics {
    config: Config,
    model: Model<'static>,
    vocabulary: Vocabulary,
    second: Option<SecondOpinion>,
}

impl ClassifyTopics {
    /// Loads the topic model that is built in.
    ///
    /// # Panics
    /// The model that was built in is damaged: a test of every build reads it.
    pub fn new(config: &Config) -> Self {
        #[allow(clippy::expect_used)]
        let model = Model::read(&BUILT_IN.0).expect("the built-in topic model is read by this build's tests");
        #[allow(clippy::expect_used)]
        let vocabulary = Vocabulary::read(LABELS).expect("the vocabulary is read by this build's tests");
        Self { config: config.clone(), model, vocabulary, second: None }
    }

    /// Asks the encoder too, as `effort` says.
    ///
    /// # Panics
    /// The head that was built in is damaged: a test of every build reads it.
    #[must_use]
    pub fn with_encoder(mut self, encoder: Encoder) -> Self {
        #[allow(clippy::expect_used)]
        let head = Head::read(HEAD).expect("the encoder's head is read by this build's tests");
        self.second = Some(SecondOpinion::new(encoder, head));
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
        let mut logits = self.model.logits(&sum);
        let mut named = [false; TOPICS];
        let section = extracted.section.as_deref().unwrap_or_default();
        section_topics(&self.model, section).for_each(|topic| named[topic] = true);
        if let Some(topic) = url.and_then(|url| section_topics(&self.model, folders(url)).next()) {
            named[topic] = true;
        }
        for (logit, _) in logits.iter_mut().zip(named).filter(|(_, named)| *named) {
            *logit += f64::from(self.model.head.section);
        }
        let scores = self.model.scores(&Model::shares(&logits), group);
        let scores = self.second_opinion(extracted, language, &scores).unwrap_or(scores);
        let mut order: Vec<usize> = (0..TOPICS).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        order.truncate(self.config.max_topics);
        order.retain(|topic| scores[*topic] >= self.config.min_score);
        if order.is_empty() {
            return Vec::new();
        }
        let subtopics = self.subtopics(extracted, language);
        let topic = |t: usize| Topic {
            code: TOP_TOPICS[t].code.to_owned(),
            name: TOP_TOPICS[t].name.to_owned(),
            score: (scores[t] * 1000.0).round() / 1000.0,
            subtopics: below(t, &subtopics, self.config.max_subtopics),
        };
        order.into_iter().map(topic).collect()
    }

    /// Scores by both models, where the encoder is there, is to be asked, and can read the text.
    fn second_opinion(
        &self,
        extracted: &Extracted,
        language: &Language,
        scores: &[f64; TOPICS],
    ) -> Option<[f64; TOPICS]> {
        let is_sure = scores.iter().any(|score| *score >= SURE);
        if self.config.effort == Effort::Fast || self.config.effort == Effort::Balanced && is_sure {
            return None;
        }
        let title = extracted.title.as_deref().unwrap_or_default();
        self.second.as_ref()?.scores(&language.code, title, &extracted.text, scores)
    }

    fn subtopics(&self, extracted: &Extracted, language: &Language) -> Vec<subtopics::Subtopic> {
        if self.config.max_subtopics == 0 {
            return Vec::new();
        }
        self.vocabulary.find(&language.code, extracted.title.as_deref().unwrap_or_default(), &extracted.text)
    }
}

/// The sub-topics of a topic in their order.
fn below(topic: usize, found: &[subtopics::Subtopic], most: usize) -> Vec<Subtopic> {
    let own = found.iter().filter(|subtopic| usize::from(subtopic.topic) == topic).take(most);
    own.map(|subtopic| {
        let code = format!("medtop:{:08}", subtopic.code);
        Subtopic { path: format!("{}/{code}", TOP_TOPICS[topic].code), code }
    })
    .collect()
}

/// The features of title and opening. A feature that is in both counts as the title's.
pub fn read(model: &Model<'_>, title: Option<&str>, text: &str) -> Sum {
    let mut sum = Sum::default();
    let mut hashes = Vec::with_capacity(4 * model.head.text_bytes as usize);
    let mut read = |text: &str, bytes: usize, times: i16| {
        hashes.clear();
        features::features(text, bytes, &mut |hash| hashes.push(hash));
        hashes.chunks(BATCH).for_each(|batch| model.add(&mut sum, batch, times));
    };
    if let Some(title) = title {
        read(title, TITLE_BYTES, TITLE_TIMES);
    }
    read(text, model.head.text_bytes as usize, 1);
    sum
}

/// Topics that the words of a section name, in their order.
fn section_topics<'a>(model: &'a Model<'_>, section: &'a str) -> impl Iterator<Item = usize> + 'a {
    section
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(SECTION_WORDS)
        .filter_map(|word| model.section(section_hash(word)))
}

/// The path of a URL without its last segment, which is the article's own. The first word that names a topic is the
/// outermost section, and the only one that counts: `/sport/commonwealth-games/`.
fn folders(url: &str) -> &str {
    let path = url.find("://").map_or(url, |at| &url[at + 3..]);
    let path = path.find(['?', '#']).map_or(path, |end| &path[..end]);
    let Some(from) = path.find('/') else { return "" };
    let path = &path[from..];
    path.trim_end_matches('/').rfind('/').map_or("", |end| &path[..end])
}

/// Hash of a section word in any case.
pub fn section_hash(word: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(word.to_lowercase().as_bytes())
}
