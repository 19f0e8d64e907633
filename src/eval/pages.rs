//! `newsmill eval pages`: main text and fields on labelled pages.
//!
//! Rows: `{id, url, html | lines, text | gold_text, title?, author?, date?, with?, without?}`.
//! Text: precision, recall and F1 of runs of four words, as means over pages, as in scrapinghub's
//! article-extraction-benchmark; words of unspaced scripts count by character. Segments: the share of wanted and
//! unwanted snippets found. Title and date: exact; author: the set of all names that sign.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;
use unicode_normalization::UnicodeNormalization;

use super::rows::held_out;
use super::score::{Report, Selection, cpu_seconds};
use crate::record::{Extracted, Hash128, Markup, Origin, Page, Reason, Source};
use crate::stages::strip_boilerplate::{Config, StripBoilerplate};

#[derive(Deserialize)]
struct Row {
    id: serde_json::Value,
    url: Option<String>,
    split: Option<String>,
    html: Option<String>,
    lines: Option<Vec<String>>,
    text: Option<String>,
    gold_text: Option<String>,
    title: Option<String>,
    author: Option<Names>,
    date: Option<String>,
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

#[derive(Default)]
struct Tally {
    texts: Vec<(usize, usize, usize)>,
    segments: [usize; 3],
    fields: BTreeMap<&'static str, (u32, u32)>,
    rejected: BTreeMap<&'static str, u32>,
    pages: u32,
    bytes: usize,
    seconds: f64,
}

/// Scores the stage on the rows of `data`, writes what it took as `{page_id, outcome, text, title …}` lines to
/// `predictions`, and reports text, segments, fields, and pages per CPU-second of one thread.
///
/// # Errors
/// The data cannot be read, or the predictions cannot be written.
pub fn evaluate(
    data: &Path,
    selection: &Selection,
    predictions: Option<&Path>,
    config: &Config,
) -> Result<Report> {
    let stage = StripBoilerplate::new(config);
    let mut out = super::score::predictions(predictions)?;
    let clock = cpu_seconds();
    let mut tally = Tally::default();
    for row in super::read::<Row>(data)? {
        let mut row = row?;
        let id = super::score::id(&row.id);
        if selection.split.as_deref().is_some_and(|s| row.split.as_deref() != Some(s))
            || selection.held_out && !held_out(row.url.as_deref(), &id)
        {
            continue;
        }
        let page = page(&mut row, &id);
        let started = clock();
        let result = stage.strip(&page);
        tally.seconds += clock() - started;
        tally.pages += 1;
        tally.bytes += page.body.len();
        if let Some(out) = &mut out {
            writeln!(out, "{}", prediction(&id, &result)).context("cannot write the predictions")?;
        }
        let extracted = result.unwrap_or_else(|(reason, _)| {
            *tally.rejected.entry(reason.as_str()).or_default() += 1;
            Extracted::default()
        });
        tally.count(&row, &extracted);
    }
    Ok(tally.report())
}

fn page(row: &mut Row, id: &str) -> Page {
    let (markup, body) = match (row.html.take(), &row.lines) {
        (Some(html), _) => (Markup::Html, html),
        (None, Some(lines)) => (Markup::Plain, lines.join("\n")),
        (None, None) => (Markup::Plain, String::new()),
    };
    let source = Source::File { input: Arc::from("eval"), line: 1 };
    Page {
        origin: Origin { source, body: Hash128::default() },
        page_id: id.to_owned(),
        url: row.url.clone(),
        fetched_at: None,
        markup,
        body,
        language_hint: None,
        extra: None,
    }
}

fn prediction(id: &str, result: &Result<Extracted, (Reason, String)>) -> serde_json::Value {
    match result {
        Ok(e) => json!({
            "outcome": "article", "id": id, "page_id": id, "title": e.title, "section": e.section, "authors": e.authors,
            "organizations": e.organizations, "agency": e.agency, "dateline": e.dateline,
            "published_at": e.published_at, "stories": e.stories, "text": e.text,
        }),
        Err((reason, detail)) => json!({
            "outcome": "rejected", "page_id": id, "reason": reason.as_str(), "detail": detail,
        }),
    }
}

impl Tally {
    fn count(&mut self, row: &Row, found: &Extracted) {
        if let Some(gold) = row.gold_text.as_deref().or(row.text.as_deref()).filter(|t| !t.is_empty()) {
            self.texts.push(overlap(gold, &found.text));
        }
        let looked = !row.with.is_empty() && !row.without.is_empty();
        if looked {
            let text = squash(&found.text);
            let hits = |snippets: &[String]| snippets.iter().filter(|s| text.contains(&squash(s))).count();
            let hit = hits(&row.with);
            self.segments[0] += hit;
            self.segments[1] += row.with.len() - hit;
            self.segments[2] += if text.is_empty() { 0 } else { hits(&row.without) };
        }
        let mut field = |name, right: bool| {
            let slot = self.fields.entry(name).or_default();
            slot.0 += u32::from(right);
            slot.1 += 1;
        };
        let title = row.title.as_deref().filter(|t| !t.is_empty());
        if let Some(title) = title {
            field("title", letters(title) == letters(found.title.as_deref().unwrap_or("")));
        }
        let signed: BTreeSet<String> = found
            .authors
            .iter()
            .chain(&found.organizations)
            .map(|n| letters(n))
            .filter(|n| !n.is_empty())
            .collect();
        let wanted = row.author.as_ref().map(names).unwrap_or_default();
        if !wanted.is_empty() {
            field("author", wanted == signed);
        }
        let date = row.date.as_deref().and_then(day);
        if date.is_some() {
            field("date", date == found.published_at.as_deref().and_then(day));
        }
        if looked && title.is_some() {
            if wanted.is_empty() {
                field("invented author", !signed.is_empty());
            }
            if row.date.as_deref().unwrap_or("").is_empty() {
                field("invented date", found.published_at.is_some());
            }
        }
    }

    fn report(self) -> Report {
        let mut report = Report::default();
        let table = &mut report.table;
        let figures = &mut report.figures;
        if !self.texts.is_empty() {
            let score = Score::of_counts(&self.texts);
            let _ = writeln!(table, "text             {score}");
            figures.insert("text f1".to_owned(), score.f1);
            figures.insert("text precision".to_owned(), score.precision);
            figures.insert("text recall".to_owned(), score.recall);
        }
        let [hit, missed, wrong] = self.segments;
        if hit + missed + wrong > 0 {
            let f1 = 2.0 * hit as f64 / (2 * hit + missed + wrong) as f64;
            let (p, r) =
                (hit as f64 / (hit + wrong).max(1) as f64, hit as f64 / (hit + missed).max(1) as f64);
            let _ = writeln!(table, "segments         F1 {f1:.4}  P {p:.4}  R {r:.4}");
            figures.insert("segments f1".to_owned(), f1);
        }
        for (name, (right, all)) in &self.fields {
            let part = f64::from(*right) / f64::from(*all);
            let _ = writeln!(table, "{name:<16} {part:.3} of {all}");
            figures.insert((*name).to_owned(), part);
        }
        for (reason, count) in &self.rejected {
            let _ = writeln!(table, "rejected         {reason} {count}");
        }
        let speed = f64::from(self.pages) / self.seconds.max(1e-9);
        let megabytes = self.bytes as f64 / 1e6 / self.seconds.max(1e-9);
        let _ = writeln!(table, "speed            {speed:.0} pages, {megabytes:.0} MB per CPU-second");
        figures.insert("pages per cpu second".to_owned(), speed);
        report
    }
}

fn squash(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words of a field in small letters, compatibility forms made alike.
fn letters(text: &str) -> String {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let words = folded.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The set of names in an author field.
fn names(author: &Names) -> BTreeSet<String> {
    let list: Vec<String> = match author {
        Names::Many(list) => list.clone(),
        Names::One(text) => {
            let mut text = text.replace([';', ',', '|', '/', '&'], "\u{0}");
            for word in ["and", "und", "et", "y"] {
                text = text.replace(&format!(" {word} "), "\u{0}");
            }
            text.split('\u{0}').map(str::to_owned).collect()
        }
    };
    let by = ["by ", "von ", "por ", "par ", "di ", "de "];
    list.iter()
        .map(|name| letters(name))
        .map(|name| by.iter().find_map(|b| name.strip_prefix(b)).map_or(name.clone(), str::to_owned))
        .filter(|name| !name.is_empty())
        .collect()
}

fn day(text: &str) -> Option<&str> {
    let day = text.get(..10)?;
    day.bytes()
        .enumerate()
        .all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() })
        .then_some(day)
}

/// Agreement of texts with gold texts: means over pages.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Score {
    /// Pages.
    pub pages: usize,
    /// Mean share of the text that is gold.
    pub precision: f64,
    /// Mean share of the gold that is in the text.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
}

impl Score {
    /// Scores pairs of gold text and text.
    pub fn of<'t>(pairs: impl Iterator<Item = (&'t str, &'t str)>) -> Self {
        Self::of_counts(&pairs.map(|(gold, text)| overlap(gold, text)).collect::<Vec<_>>())
    }

    /// Scores what [`overlap`] counted for each page.
    pub fn of_counts(counts: &[(usize, usize, usize)]) -> Self {
        let (mut precision, mut recall) = (Vec::new(), Vec::new());
        for &(hit, wanted, given) in counts {
            if given > 0 {
                precision.push(hit as f64 / given as f64);
            }
            if wanted > 0 {
                recall.push(hit as f64 / wanted as f64);
            }
        }
        let mean = |v: &[f64]| if v.is_empty() { 0.0 } else { v.iter().sum::<f64>() / v.len() as f64 };
        let (p, r) = (mean(&precision), mean(&recall));
        let f1 = if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 };
        Self { pages: counts.len(), precision: p, recall: r, f1 }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F1 {:.4}  P {:.4}  R {:.4}  pages {}", self.f1, self.precision, self.recall, self.pages)
    }
}

/// Runs of four words in both texts, in the first, and in the second.
pub fn overlap(gold: &str, text: &str) -> (usize, usize, usize) {
    let (gold, text) = (tokens(gold), tokens(text));
    let count = |tokens: &[&str]| if tokens.is_empty() { 0 } else { tokens.len().saturating_sub(3).max(1) };
    let mut left: HashMap<&[&str], usize> = HashMap::new();
    for run in runs(&gold) {
        *left.entry(run).or_default() += 1;
    }
    let mut hit = 0;
    for run in runs(&text) {
        if let Some(n) = left.get_mut(run).filter(|n| **n > 0) {
            *n -= 1;
            hit += 1;
        }
    }
    (hit, count(&gold), count(&text))
}

fn runs<'a, 't>(tokens: &'a [&'t str]) -> impl Iterator<Item = &'a [&'t str]> {
    tokens.windows(tokens.len().clamp(1, 4))
}

/// Words; those with characters of unspaced scripts give one token a character.
fn tokens(text: &str) -> Vec<&str> {
    let unspaced = |c: char| {
        matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
            | '\u{0e00}'..='\u{0e7f}')
    };
    let mut out = Vec::new();
    for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()) {
        if word.chars().any(unspaced) {
            out.extend(word.char_indices().map(|(at, c)| &word[at..at + c.len_utf8()]));
        } else {
            out.push(word);
        }
    }
    out
}
