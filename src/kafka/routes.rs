//! Which topic a record goes to: the `[[route]]` entries of the configuration.
//!
//! A route names conditions and a topic. A record that fits goes to the route's topic instead of the one it would go
//! to by default; with `kafka.routes = "all"` it goes to the topics of all routes that it fits, the first of which is
//! its primary one, and the others get marked copies. What fits no route, or only routes whose topic is not there,
//! goes where it goes by default: a record never stays unwritten.
//!
//! The topics that routes can name are known at the start: `{language}` stands for a code that the language stage gives,
//! `{topic}` for one that the topic model has. So `newsmill check` can list them, and a worker can create them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::settings::Topics;
use crate::config::{closest, did_you_mean};
use crate::pipeline::Vocabulary;
use crate::record::{Article, DuplicateKind};

/// Most topics that all routes together can name: each is a topic that the cluster has to carry.
const MAX_TOPICS: usize = 500;
/// Longest name of a topic that Kafka takes.
const MAX_NAME: usize = 249;
/// What a topic's name may hold for a part that a record fills in.
const PLACEHOLDERS: [&str; 2] = ["language", "topic"];
/// How often topics that were not there are looked for again.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Which of the routes that a record fits it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// The first.
    #[default]
    First,
    /// All.
    All,
}

/// What a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A new article.
    Article,
    /// A story with a record of its own.
    Story,
    /// A repeat with the same bytes or text.
    Exact,
    /// A repeat on another page.
    Near,
    /// A changed text under the same URL.
    Revision,
}

impl From<DuplicateKind> for Kind {
    fn from(kind: DuplicateKind) -> Self {
        match kind {
            DuplicateKind::Exact => Self::Exact,
            DuplicateKind::Near => Self::Near,
            DuplicateKind::Revision => Self::Revision,
        }
    }
}

/// A `[[route]]` entry, as written. A condition that is left out holds for every record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The topic's name, in which `{language}` and `{topic}` stand for the record's own.
    pub topic: String,
    /// Languages, as ISO 639-1 codes (639-3 where there is none).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Codes of topics or of sub-topics, one of which the record must have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// Least score of the topic, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_score: Option<f64>,
    /// Sites (hosts without `www.`), with all hosts below them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
    /// Kinds of records. Without it: whatever would go to the articles topic.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// Least words of the main text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_words: Option<u32>,
    /// Most words of the main text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_words: Option<u32>,
}

/// What routes look at.
pub(super) struct Facts<'a> {
    pub kind: Kind,
    /// The record would go to the articles topic.
    pub to_articles: bool,
    /// Host without `www.`
    pub site: Option<&'a str>,
    /// Absent where the page was not prepared: an exact repeat.
    pub article: Option<&'a Article>,
}

impl Rule {
    /// The topics that this route names for a record, the best first; empty where the record does not fit. Nearly always
    /// one; more with `{topic}`.
    fn names(&self, facts: &Facts<'_>) -> Vec<String> {
        let kind_fits =
            if self.kinds.is_empty() { facts.to_articles } else { self.kinds.contains(&facts.kind) };
        let site_fits = self.sites.is_empty()
            || facts.site.is_some_and(|site| self.sites.iter().any(|wanted| is_within(site, wanted)));
        if !kind_fits || !site_fits {
            return Vec::new();
        }
        let Some(article) = facts.article else {
            return if self.asks_for_text() { Vec::new() } else { vec![self.topic.clone()] };
        };
        let language = &article.language.code;
        let words = article.word_count;
        if !(self.languages.is_empty() || self.languages.contains(language))
            || self.min_words.is_some_and(|least| words < least)
            || self.max_words.is_some_and(|most| words > most)
        {
            return Vec::new();
        }
        let with_language = self.topic.replace("{language}", &name_part(language));
        if !self.asks_for_topic() {
            return vec![with_language];
        }
        let mut out = Vec::new();
        for code in self.codes(article) {
            let name = with_language.replace("{topic}", &name_part(code));
            if !out.contains(&name) {
                out.push(name);
            }
        }
        out
    }

    /// Codes of the article's topics that fit, the best first.
    fn codes<'a>(&'a self, article: &'a Article) -> impl Iterator<Item = &'a str> {
        let least = self.min_score.unwrap_or(0.0);
        article.topics.iter().filter(move |topic| topic.score >= least).flat_map(|topic| {
            let below = topic.subtopics.iter().map(|below| below.code.as_str());
            std::iter::once(topic.code.as_str())
                .chain(below.filter(|_| !self.topics.is_empty()))
                .filter(|code| self.topics.is_empty() || self.topics.iter().any(|wanted| wanted == code))
        })
    }

    fn asks_for_topic(&self) -> bool {
        !self.topics.is_empty() || self.min_score.is_some() || self.topic.contains("{topic}")
    }

    /// Whether it needs what only a prepared page has.
    fn asks_for_text(&self) -> bool {
        self.asks_for_topic()
            || !self.languages.is_empty()
            || self.topic.contains("{language}")
            || self.min_words.is_some()
            || self.max_words.is_some()
    }

    /// Every topic that it can name.
    pub(super) fn all_names(&self, vocabulary: &Vocabulary) -> Vec<String> {
        let or = |own: &[String], all: &[String]| {
            let codes = if own.is_empty() { all } else { own };
            codes.iter().map(|code| name_part(code)).collect::<Vec<_>>()
        };
        let mut names = vec![self.topic.clone()];
        for (placeholder, parts) in [
            ("{language}", or(&self.languages, &vocabulary.languages)),
            ("{topic}", or(&self.topics, &vocabulary.topics)),
        ] {
            if self.topic.contains(placeholder) {
                names = names
                    .iter()
                    .flat_map(|name| parts.iter().map(|p| name.replace(placeholder, p)))
                    .collect();
            }
        }
        names
    }

    /// Whether it names one topic for every record.
    pub(super) fn is_fixed(&self) -> bool {
        !self.topic.contains('{')
    }

    /// What is wrong with it, whatever the models are.
    fn problems(&self) -> Vec<String> {
        let mut out = Vec::new();
        let mut bare = self.topic.clone();
        for name in PLACEHOLDERS {
            bare = bare.replace(&format!("{{{name}}}"), "x");
        }
        if let Some((_, rest)) = bare.split_once('{') {
            let name = rest.split('}').next().unwrap_or_default();
            let hint = closest(name, PLACEHOLDERS.into_iter())
                .map_or_else(String::new, |known| format!("; did you mean {{{known}}}?"));
            out.push(format!(
                "topic: {{{name}}} stands for nothing: there are {{language}} and {{topic}}{hint}"
            ));
        } else if bare.is_empty() {
            out.push("topic is empty: name the topic that the records go to".to_owned());
        } else if !is_topic_name(&bare) {
            out.push(format!(
                "topic: `{}` is no name for a topic: letters, digits, `.`, `_` and `-`, at most {MAX_NAME}",
                self.topic
            ));
        }
        if self.min_score.is_some_and(|score| !(0.0..=1.0).contains(&score)) {
            out.push("min_score is not between 0 and 1".to_owned());
        }
        if let (Some(least), Some(most)) = (self.min_words, self.max_words)
            && least > most
        {
            out.push(format!("min_words ({least}) is over max_words ({most}): no record fits"));
        }
        for site in &self.sites {
            if site.is_empty() || site.contains(['/', ':']) || site.starts_with("www.") {
                out.push(format!("sites: `{site}` is no host: write it without scheme, path and `www.`"));
            }
        }
        if self.kinds == [Kind::Exact] && self.asks_for_text() {
            out.push(
                "kinds: an exact repeat is not read again, so it has no language, topics or words: no record fits"
                    .to_owned(),
            );
        }
        out
    }
}

/// Problems of all routes, each with the number of its route (from 1).
pub fn problems(rules: &[Rule]) -> Vec<String> {
    let numbered = rules.iter().enumerate();
    numbered
        .flat_map(|(i, rule)| {
            rule.problems().into_iter().map(move |problem| format!("route {}: {problem}", i + 1))
        })
        .collect()
}

/// Whether `site` is `wanted` or a host below it.
fn is_within(site: &str, wanted: &str) -> bool {
    site.strip_suffix(wanted).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A code as a part of a topic's name: what names may not hold becomes `-`.
fn name_part(code: &str) -> String {
    code.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect()
}

fn is_topic_name(name: &str) -> bool {
    let taken = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !name.is_empty() && name.len() <= MAX_NAME && name.chars().all(taken) && name != "." && name != ".."
}

/// The routes of a worker, and which of their topics there are.
pub(super) struct Routes {
    rules: Vec<Rule>,
    which: Match,
    /// Every topic that they can name, and whether it is there.
    topics: BTreeMap<String, bool>,
    /// A record was for a topic that is not there; since when nobody looked.
    missed: bool,
    looked: Instant,
}

impl Routes {
    /// Routes that may name the topics of this vocabulary; of the topics only those without placeholders are taken to be
    /// there.
    ///
    /// # Errors
    /// Every problem: codes that are never given, topics that newsmill reads or keeps for rejections, too many of them.
    pub fn new(
        rules: &[Rule],
        which: Match,
        own: &Topics,
        vocabulary: &Vocabulary,
    ) -> Result<Self, Vec<String>> {
        let mut found = Vec::new();
        let mut topics = BTreeMap::new();
        for (i, rule) in rules.iter().enumerate() {
            let known = [
                ("languages", &rule.languages, &vocabulary.languages, "that the language stage gives"),
                ("topics", &rule.topics, &vocabulary.all_topics, "that the topic model has"),
            ];
            for (key, codes, known, given) in known {
                for code in codes.iter().filter(|code| !known.contains(code)) {
                    let hint = did_you_mean(code, known.iter().map(String::as_str));
                    found.push(format!("route {}: {key}: `{code}` is none {given}{hint}", i + 1));
                }
            }
            for name in rule.all_names(vocabulary) {
                *topics.entry(name.clone()).or_insert(false) |= rule.is_fixed();
                let kept =
                    [("pages", &own.pages), ("rejected", &own.rejected), ("sightings", &own.sightings)];
                if let Some((key, _)) = kept.into_iter().find(|(_, kept)| **kept == name) {
                    found.push(format!("route {}: `{name}` is kafka.topics.{key}: name another", i + 1));
                }
            }
        }
        if topics.len() > MAX_TOPICS {
            found.push(format!(
                "the routes can name {} topics, at most {MAX_TOPICS}: give the languages or topics that you want",
                topics.len()
            ));
        }
        if !found.is_empty() {
            return Err(found);
        }
        Ok(Self { rules: rules.to_vec(), which, topics, missed: false, looked: Instant::now() })
    }

    /// Every topic that a route can name. At the beginning `true` for those that one names without placeholders: they
    /// have to be there.
    pub fn names(&self) -> &BTreeMap<String, bool> {
        &self.topics
    }

    /// The topics that a record goes to, the primary one first, each once; `default` where it fits no route.
    pub fn targets(&mut self, facts: &Facts<'_>, default: &str) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for rule in &self.rules {
            for name in rule.names(facts) {
                if self.topics.get(&name) != Some(&true) {
                    self.missed = true;
                } else if !out.contains(&name) {
                    out.push(name);
                    if self.which == Match::First {
                        return out;
                    }
                }
            }
        }
        if out.is_empty() {
            out.push(default.to_owned());
        }
        out
    }

    /// Whether topics that were not there should be looked for: a record wanted one, and the last look is long ago.
    pub fn wants_a_look(&self) -> bool {
        self.missed && self.looked.elapsed() >= LOOK_EVERY
    }

    /// These topics are there, and no others.
    pub fn are_there<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let names: std::collections::BTreeSet<&str> = names.collect();
        for (name, there) in &mut self.topics {
            let now = names.contains(name.as_str());
            if now != *there {
                tracing::info!(topic = name, there = now, "a topic of the routes");
            }
            *there = now;
        }
        (self.missed, self.looked) = (false, Instant::now());
    }

    /// Nobody knows which of the topics are there: the next look is due at once.
    pub fn doubt(&mut self) {
        self.missed = true;
        if let Some(long_ago) = Instant::now().checked_sub(LOOK_EVERY) {
            self.looked = long_ago;
        }
    }
}

#[cfg(test)]
mod tests;
