//! What the topics were found by: for `newsmill explain`.
//!
//! Of the linear model it can be said exactly what each word added: the log-odds of a topic are a sum over n-grams, and
//! each n-gram ends in a word. The sentence encoder reads whole texts; of it only what it made of them is told.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::evidence::{self, NAMES, Page};
use super::head::By;
use super::model::{Model, place, shares};
use super::{ClassifyTopics, MIN_FEATURES, TITLE_BYTES, TITLE_TIMES, features, read};
use crate::record::{Extracted, Language, Topic};

/// What spoke for the topics of a text.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TopicsEvidence {
    /// The answer, as the record has it.
    pub topics: Vec<Topic>,
    /// Whose scores they are.
    pub decided_by: DecidedBy,
    /// The likeliest topics, best first, those that are not given among them.
    pub candidates: Vec<TopicEvidence>,
    /// Score from which on a topic is given.
    pub min_score: f64,
}

/// Whose scores the topics have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// Nobody's: the model does not know the language, or too little of the text.
    Nobody,
    /// The model of words that is built in, or that was trained.
    Words,
    /// The sentence encoder, with the model of words beside it.
    Encoder,
    /// The encoder's student, with the model of words beside it.
    Student,
}

/// A topic, and what spoke for it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TopicEvidence {
    /// Code such as `medtop:16000000`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Probability that it applies, 0 to 1.
    pub score: f64,
    /// The same by the model of words alone.
    pub score_by_words: f64,
    /// Whether it is given.
    pub given: bool,
    /// What the page says of itself that names it: `section`, `folder of the URL`, `keyword`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub named_by: Vec<&'static str>,
    /// Words that pulled towards it, the strongest first.
    pub words: Vec<Pull>,
    /// Words that pulled away from it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words_against: Vec<Pull>,
}

/// A word, and how it pulled.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Pull {
    /// The word in small letters; of scripts without spaces a run of letters.
    pub word: String,
    /// By how much it moved the topic's log-odds, against the mean of all topics.
    pub by: f32,
}

/// Topics that are given here.
const MOST: usize = 5;
/// Score from which on a topic that is not given in the record is given here, besides the best.
const LEAST: f64 = 0.02;
/// Words for a topic, and words against it.
const WORDS: [usize; 2] = [10, 4];
/// Smallest pull that is told.
const LEAST_PULL: f32 = 0.01;

impl ClassifyTopics {
    /// What spoke for the topics.
    pub fn explain(&self, extracted: &Extracted, url: Option<&str>, language: &Language) -> TopicsEvidence {
        let topics = self.classify(extracted, url, language);
        let nothing = || TopicsEvidence {
            topics: Vec::new(),
            decided_by: DecidedBy::Nobody,
            candidates: Vec::new(),
            min_score: self.config.min_score,
        };
        let Some(group) = self.model.group(&language.code) else { return nothing() };
        let sum = read(&self.model, extracted.title.as_deref(), &extracted.text);
        if sum.features() < MIN_FEATURES {
            return nothing();
        }
        let mut logits = self.model.logits(&sum);
        let page = Page { section: extracted.section.as_deref(), url, keywords: &extracted.keywords };
        evidence::add(&self.model, &page, &mut logits);
        shares(&mut logits);
        let by_words = self.model.scores(&logits, group);
        let second = self.second_opinion(extracted, language, &by_words);
        let decided_by = match &second {
            None => DecidedBy::Words,
            Some((_, By::Encoder)) => DecidedBy::Encoder,
            Some((_, By::Student)) => DecidedBy::Student,
        };
        let scores = second.map_or_else(|| by_words.clone(), |(scores, _)| scores);
        let named = evidence::named(&page, &|hash| self.model.section(hash));
        let pulls = Pulls::new(&self.model, extracted.title.as_deref(), &extracted.text);
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        let given = |topic: &usize| topics.iter().any(|own| own.code == self.labels()[*topic].code);
        let best = order.first().copied();
        order.retain(|topic| given(topic) || Some(*topic) == best || scores[*topic] >= LEAST);
        order.truncate(MOST.max(topics.len()));
        let rounded = |score: f64| (score * 1000.0).round() / 1000.0;
        let candidates = order.iter().map(|topic| {
            let label = &self.labels()[*topic];
            let (words, words_against) = pulls.of(*topic);
            let named_by = NAMES.iter().zip(named).filter(|(_, topics)| topics >> topic & 1 == 1);
            TopicEvidence {
                code: label.code.clone(),
                name: label.name.clone(),
                score: rounded(scores[*topic]),
                score_by_words: rounded(by_words[*topic]),
                given: given(topic),
                named_by: named_by.map(|(name, _)| *name).collect(),
                words,
                words_against,
            }
        });
        let candidates = candidates.collect();
        TopicsEvidence { topics, decided_by, candidates, min_score: self.config.min_score }
    }
}

/// What each word of a text adds to the log-odds of each topic.
struct Pulls {
    words: HashMap<String, Vec<f32>>,
}

impl Pulls {
    fn new(model: &Model, title: Option<&str>, text: &str) -> Self {
        let mut words: HashMap<String, Vec<f32>> = HashMap::new();
        let mut seen = HashSet::new();
        let mut squares = 0;
        let topics = model.labels().len();
        let parts = [(title.unwrap_or_default(), TITLE_BYTES, TITLE_TIMES)];
        let parts = parts.into_iter().chain([(text, model.head.text_bytes as usize, 1)]);
        for (text, bytes, times) in parts {
            let (end, count) = (Cell::new(0), Cell::new(0));
            let mut add = |hash| {
                count.set(count.get() + 1);
                // A feature counts once.
                let Some(packed) = model.find(hash) else { return };
                if !seen.insert(place(hash, model.head.lines)) {
                    return;
                }
                let own = times as u32 * u32::from(packed.own);
                squares += own * own;
                let word = features::word_before(text, end.get(), count.get()).to_lowercase();
                let sums = words.entry(word).or_insert_with(|| vec![0.0; topics]);
                for (sum, weight) in sums.iter_mut().zip(model.weights(&packed)) {
                    *sum += weight * f32::from(times);
                }
            };
            features::scan(text, bytes, &mut add, |at| {
                end.set(at);
                count.set(0);
            });
        }
        let length = (squares.max(1) as f32).sqrt();
        for sums in words.values_mut() {
            sums.iter_mut().for_each(|sum| *sum /= length);
        }
        Self { words }
    }

    /// The words that pulled most towards a topic, and away from it.
    fn of(&self, topic: usize) -> (Vec<Pull>, Vec<Pull>) {
        let mut all: Vec<Pull> = self
            .words
            .iter()
            .map(|(word, sums)| {
                // What all topics gain alike moves none of them.
                let mean = sums.iter().sum::<f32>() / sums.len().max(1) as f32;
                Pull { word: word.clone(), by: sums[topic] - mean }
            })
            .filter(|pull| pull.by.abs() >= LEAST_PULL)
            .collect();
        all.sort_by(|a, b| b.by.total_cmp(&a.by).then_with(|| a.word.cmp(&b.word)));
        let against = all.iter().rev().filter(|pull| pull.by < 0.0).take(WORDS[1]).cloned().collect();
        all.retain(|pull| pull.by > 0.0);
        all.truncate(WORDS[0]);
        (all, against)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::classify_topics::{Config, built_in};

    const TEXT: &str = "The striker scored twice as the club won the final of the football league. The coach praised \
                        his players, and the goalkeeper, who saved a penalty in the second half of the match.";

    fn language(code: &str) -> Language {
        Language { code: code.to_owned(), confidence: 1.0, ..Language::default() }
    }

    #[test]
    fn words_add_up_to_the_log_odds() {
        let model = built_in();
        let cases = [
            (Some("Club wins the final"), TEXT),
            (None, "足球队赢得了比赛，教练赞扬了球员。Кубок выиграл клуб."),
        ];
        for (title, text) in cases {
            let logits = model.logits(&read(&model, title, text));
            let pulls = Pulls::new(&model, title, text);
            for (topic, logit) in logits.iter().enumerate() {
                let words: f32 = pulls.words.values().map(|sums| sums[topic]).sum();
                let says = words + model.head.bias[topic];
                assert!((f64::from(says) - logit).abs() < 1e-3, "{says} is not {logit}");
            }
        }
    }

    #[test]
    fn the_words_that_pulled_are_named() {
        let stage = ClassifyTopics::new(&Config::default());
        let extracted = Extracted {
            title: Some("Club wins the final".to_owned()),
            section: Some("Sport".to_owned()),
            text: TEXT.to_owned(),
            ..Extracted::default()
        };
        let found = stage.explain(&extracted, None, &language("en"));
        assert_eq!(found.topics, stage.classify(&extracted, None, &language("en")));
        assert_eq!(found.decided_by, DecidedBy::Words);
        let sport = &found.candidates[0];
        assert_eq!((sport.name.as_str(), sport.given), ("sport", true));
        assert_eq!(sport.named_by, ["section"]);
        let words: Vec<&str> = sport.words.iter().map(|pull| pull.word.as_str()).collect();
        assert!(words.contains(&"football") && words.contains(&"goalkeeper"), "{words:?}");
        assert!(sport.words.is_sorted_by(|a, b| a.by >= b.by));
    }

    #[test]
    fn runs_of_letters_are_named_where_words_are_not_separated() {
        let stage = ClassifyTopics::new(&Config::default());
        let text = "足球队赢得了比赛，教练赞扬了球员。足球联赛的决赛在周六举行，守门员扑出了点球。";
        let extracted = Extracted { text: text.to_owned(), ..Extracted::default() };
        let found = stage.explain(&extracted, None, &language("zh"));
        let words: Vec<&str> = found.candidates[0].words.iter().map(|pull| pull.word.as_str()).collect();
        assert!(words.iter().any(|word| text.contains(word) && word.chars().count() > 1), "{words:?}");
    }

    #[test]
    fn an_unknown_language_has_nobody() {
        let stage = ClassifyTopics::new(&Config::default());
        let extracted = Extracted { text: TEXT.to_owned(), ..Extracted::default() };
        let found = stage.explain(&extracted, None, &language("und"));
        assert_eq!((found.decided_by, found.candidates.len()), (DecidedBy::Nobody, 0));
    }
}
