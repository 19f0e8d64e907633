//! What a run did, in figures that people can read.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::archives::Archives;
use super::progress::{Clock, human};
use crate::pipeline::{Stage, StageTimes};
use crate::record::{Article, DuplicateKind, Outcome, Reason};

/// Titles shown as examples.
const SHOWN_ARTICLES: usize = 5;
/// Most names shown of languages and topics.
const SHOWN_NAMES: usize = 12;

/// Counts of outcomes, languages and topics.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// New articles.
    pub articles: u64,
    /// Repeats by kind.
    pub duplicates: BTreeMap<&'static str, u64>,
    /// Rejections by reason.
    pub rejected: BTreeMap<Reason, u64>,
    /// Records of stories, which are no pages.
    pub stories: u64,
    /// New articles by code of their language.
    pub languages: BTreeMap<String, u64>,
    /// New articles by name of their first topic; `(none)` where there is none.
    pub topics: BTreeMap<String, u64>,
    examples: Vec<String>,
}

impl Counts {
    /// Counts one outcome.
    pub fn count(&mut self, outcome: &Outcome) {
        self.stories += outcome.story_records().len() as u64;
        match outcome {
            Outcome::Article(article) => {
                self.articles += 1;
                *self.languages.entry(article.language.code.clone()).or_default() += 1;
                let topic = article.topics.first().map_or("(none)", |topic| topic.name.as_str());
                match self.topics.get_mut(topic) {
                    Some(count) => *count += 1,
                    None => {
                        self.topics.insert(topic.to_owned(), 1);
                    }
                }
                if self.examples.len() < SHOWN_ARTICLES {
                    self.examples.push(example(article));
                }
            }
            Outcome::Duplicate(duplicate) => {
                *self.duplicates.entry(duplicate.kind.as_str()).or_default() += 1;
            }
            Outcome::Rejected(reject) => *self.rejected.entry(reject.reason).or_default() += 1,
        }
    }

    /// Pages of every outcome.
    pub fn pages(&self) -> u64 {
        self.articles + self.duplicates.values().sum::<u64>() + self.rejected.values().sum::<u64>()
    }
}

/// What was counted, and the time taken. Shown with [`fmt::Display`].
pub struct Summary {
    /// What was counted.
    pub counts: Counts,
    /// What web archives held.
    pub archives: Archives,
    passed_over: u64,
    took: Duration,
    cpu: Option<Duration>,
    stages: Vec<(&'static str, Duration)>,
}

impl Summary {
    /// Of what was done since `clock` was started.
    pub fn new(
        counts: Counts,
        archives: Archives,
        passed_over: u64,
        clock: &Clock,
        times: &StageTimes,
    ) -> Self {
        let stages = Stage::ALL.iter().map(|&stage| (stage.as_str(), times.of(stage))).collect();
        Self { counts, archives, passed_over, took: clock.elapsed(), cpu: clock.cpu(), stages }
    }
}

fn example(article: &Article) -> String {
    let title = article.title.as_deref().unwrap_or("(no title)");
    let mut line = format!("[{}] {title}", article.language.code);
    let topics: Vec<&str> = article.topics.iter().take(2).map(|topic| topic.name.as_str()).collect();
    let signed: Vec<&str> =
        article.authors.iter().map(String::as_str).chain(article.agency.as_deref()).take(3).collect();
    let dateline = article.dateline.as_ref().and_then(|dateline| dateline.place.as_deref());
    let words = format!("{} words", article.word_count);
    let more = [signed.join(", "), dateline.unwrap_or_default().to_owned(), words, topics.join(", ")];
    let more: Vec<String> = more.into_iter().filter(|part| !part.is_empty()).collect();
    line.push_str(&format!("\n       {}", more.join(" · ")));
    line
}

/// Names with counts, most frequent first, as one line.
fn ranked(counts: &BTreeMap<String, u64>) -> String {
    let mut ranked: Vec<(&String, &u64)> = counts.iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let shown: Vec<String> =
        ranked.iter().take(SHOWN_NAMES).map(|(name, count)| format!("{name} {count}")).collect();
    let rest = ranked.len().saturating_sub(SHOWN_NAMES);
    let more = if rest > 0 { format!(", and {rest} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        let pages = counts.pages();
        let duplicates: u64 = counts.duplicates.values().sum();
        let rejected: u64 = counts.rejected.values().sum();
        let by = |counts: Vec<String>| {
            if counts.is_empty() { String::new() } else { format!("  ({})", counts.join(", ")) }
        };
        let kinds = [DuplicateKind::Exact, DuplicateKind::Near, DuplicateKind::Revision];
        let kinds: Vec<String> = kinds
            .iter()
            .filter_map(|kind| counts.duplicates.get(kind.as_str()).map(|n| format!("{} {n}", kind.as_str())))
            .collect();
        let reasons = counts.rejected.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
        writeln!(f, "{pages} {}", if pages == 1 { "page" } else { "pages" })?;
        if pages == 0 {
            writeln!(
                f,
                "nothing was read: of folders these are: .jsonl, .warc, .wet, .json, .html, .txt, also compressed"
            )?;
        }
        writeln!(f, "  articles   {:>8}", counts.articles)?;
        writeln!(f, "  duplicates {duplicates:>8}{}", by(kinds))?;
        writeln!(f, "  rejected   {rejected:>8}{}", by(reasons))?;
        if counts.stories > 0 {
            writeln!(f, "  stories    {:>8} (records beside those of the pages)", counts.stories)?;
        }
        if counts.articles > 0 {
            writeln!(f, "languages: {}", ranked(&counts.languages))?;
            writeln!(f, "first topics: {}", ranked(&counts.topics))?;
            writeln!(f, "first articles:")?;
            for example in &counts.examples {
                writeln!(f, "  {example}")?;
            }
        }
        if self.passed_over > 0 {
            writeln!(f, "{} files of other kinds in the folders were passed over", self.passed_over)?;
        }
        write!(f, "{}", self.archives)?;
        let seconds = self.took.as_secs_f64();
        let took = if seconds < 10.0 { format!("{seconds:.2} s") } else { human(self.took) };
        write!(f, "took {took}")?;
        if seconds > 0.0 {
            write!(f, ", {:.0} pages a second", pages as f64 / seconds)?;
        }
        if let Some(cpu) = self.cpu.filter(|cpu| !cpu.is_zero()) {
            write!(f, ", {:.0} a CPU-second", pages as f64 / cpu.as_secs_f64())?;
        }
        writeln!(f)?;
        let all: f64 = self.stages.iter().map(|(_, time)| time.as_secs_f64()).sum();
        if all > 0.0 {
            let share = |time: &Duration| 100.0 * time.as_secs_f64() / all;
            let shares: Vec<String> =
                self.stages.iter().map(|(name, time)| format!("{name} {:.0} %", share(time))).collect();
            writeln!(f, "time by stage: {}", shares.join(", "))?;
        }
        Ok(())
    }
}
