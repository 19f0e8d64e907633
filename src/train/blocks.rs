//! Fits the block model: which blocks of a page are main text.
//!
//! 1. Pages are read to blocks, and labelled by their gold text ([`super::labels`]).
//! 2. Three folds by host: words, then the first forest, are learned on two of them and read on the third, so that
//!    what the next step sees of a page never comes from the page itself.
//! 3. The second forest learns on the first's opinions. Words and first forest that ship are learned on everything.
//! 4. Pages known only by snippets are read by a model made of steps 1 to 3; what it is sure of becomes a label beside
//!    those of the snippets, for more where it agrees with all of them, and the steps are done again, with these pages
//!    in shapes of plain text too.
//!
//! All pages are learned from a second time with a lexicon that knows no word: as pages of a language that
//! nothing was learned from, which the model has to read by everything else.
//!
//! Held-out hosts ([`crate::eval::rows::held_out`]) are never read.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use rayon::prelude::*;
use serde::Deserialize;

use super::gbdt::{self, Table};
use super::labels::{self, Label};
use crate::eval::pages::Score;
use crate::eval::rows::{crc32, held_out, read};
use crate::stages::strip_boilerplate::decode;
use crate::stages::strip_boilerplate::document::Document;
use crate::stages::strip_boilerplate::evidence;
use crate::stages::strip_boilerplate::features::{BASE, FEATURES, Measured, Row};
use crate::stages::strip_boilerplate::lexicon::{self, Lexicon};
use crate::stages::strip_boilerplate::model::Model;
use crate::stages::strip_boilerplate::slug::Slug;
use crate::stages::strip_boilerplate::{html, plain, words};

/// Folds that training reads its own opinions across.
const FOLDS: u32 = 3;

/// What to train on, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Keep two fifths of the training hosts apart and score on them, for choosing features and settings.
    pub validate: bool,
    /// Trees of the first forest.
    pub first_trees: usize,
    /// Trees of the second forest.
    pub second_trees: usize,
    /// Whether pages known by snippets are learned from too.
    pub snippets: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { validate: false, first_trees: 160, second_trees: 300, snippets: true }
    }
}

#[derive(Deserialize)]
struct LabelledPage {
    id: serde_json::Value,
    url: Option<String>,
    html: Option<String>,
    text: Option<String>,
    lines: Option<Vec<String>>,
    gold_lines: Option<Vec<usize>>,
    gold_text: Option<String>,
    with: Option<Vec<String>>,
    without: Option<Vec<String>>,
}

/// A page ready for training.
struct Example {
    id: String,
    /// Shared with the copy that is read without words.
    doc: Arc<Document>,
    labels: Vec<Label>,
    gold: Option<String>,
    snippets: Option<(Vec<String>, Vec<String>)>,
    fold: u32,
    apart: bool,
    rows: Vec<Row>,
    shape: Shape,
    /// Some of its labels for main text are the model's own, which agreed with all of its snippets.
    agreed: bool,
    /// Read as a page of a language whose words are not known.
    wordless: bool,
}

impl Example {
    /// The same page, as a page of a language whose words are not known.
    fn without_words(&self) -> Self {
        Self {
            id: self.id.clone(),
            doc: Arc::clone(&self.doc),
            labels: self.labels.clone(),
            gold: self.gold.clone(),
            snippets: self.snippets.clone(),
            rows: Vec::new(),
            wordless: true,
            ..*self
        }
    }

    /// A page known by snippets, in another shape.
    fn derived(&self, mut doc: Document, labels: Vec<Label>, shape: Shape) -> Self {
        doc.slug = self.doc.slug.clone();
        Self {
            id: self.id.clone(),
            doc: Arc::new(doc),
            labels,
            gold: None,
            snippets: self.snippets.clone(),
            rows: Vec::new(),
            shape,
            ..*self
        }
    }

    /// The texts of its blocks, each on one line.
    fn lines(&self) -> Vec<String> {
        self.doc.blocks.iter().map(|b| self.doc.block_text(b).replace('\n', " ")).collect()
    }

    fn lexicon<'l>(&self, lexicon: &'l Lexicon, none: &'l Lexicon) -> &'l Lexicon {
        if self.wordless { none } else { lexicon }
    }
}

/// How the page came to its blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Html,
    Lines,
    /// The lines of a page run together on one.
    SingleLine,
    /// The lines wrapped at 72 characters.
    Wrapped,
    /// The blocks of an HTML page as lines.
    Flattened,
}

/// Trains on the sets in `data` (`pages/wcxb_dev`, `plain/wcxb_dev`, `pages/trafilatura`) and returns the model
/// with a report of what it was made of and, with [`Options::validate`], how it scores.
///
/// # Errors
/// Where a set cannot be read or holds no pages.
pub fn train(data: &Path, options: &Options) -> Result<(Model, Vec<String>)> {
    let mut report = Vec::new();
    let mut examples = Vec::new();
    for set in ["pages/wcxb_dev", "plain/wcxb_dev", "pages/trafilatura"] {
        if set == "pages/trafilatura" && !options.snippets {
            continue;
        }
        let before = examples.len();
        read_set(&data.join(format!("{set}.jsonl.xz")), options, &mut examples)?;
        report.push(format!("{set}: {} pages", examples.len() - before));
    }
    let (mut learn, apart): (Vec<Example>, Vec<Example>) = examples.into_iter().partition(|e| !e.apart);
    if learn.is_empty() {
        bail!("no pages to train on in {}", data.display());
    }
    let mut apart = apart;
    apart.extend(flattened(&apart));
    let mut model = fit(&mut learn, options);
    if options.snippets {
        report.extend(score(&model, &apart, "first"));
        let taken = learn_from_snippets(&model, &mut learn);
        report.push(format!("{taken} pages known by snippets agree with the first model in all of them"));
        let more = flattened(&learn);
        let reshaped = reshaped(&learn);
        learn.extend(more);
        learn.extend(reshaped);
        model = fit(&mut learn, options);
    }
    report.extend(score(&model, &apart, "last"));
    Ok((model, report))
}

fn read_set(path: &Path, options: &Options, out: &mut Vec<Example>) -> Result<()> {
    let mut pages = Vec::new();
    for row in read::<LabelledPage>(path)? {
        let row = row?;
        let id = row.id.as_str().map_or_else(|| row.id.to_string(), str::to_owned);
        if !held_out(row.url.as_deref(), &id) {
            pages.push((row, id));
        }
    }
    out.par_extend(pages.into_par_iter().flat_map_iter(|(row, id)| {
        let other = match (&row.lines, crc32(id.as_bytes()) / 7 % 4) {
            (None, _) => None,
            (_, 0 | 2) => Some(Shape::SingleLine),
            _ => Some(Shape::Wrapped),
        };
        let other = other.map(|shape| example(&row, &id, shape, options));
        let shape = if row.lines.is_some() { Shape::Lines } else { Shape::Html };
        let example = example(&row, &id, shape, options);
        let wordless = example.without_words();
        [example, wordless].into_iter().chain(other)
    }));
    Ok(())
}

/// Pages known by snippets as they would be in plain text: a block a line.
fn flattened(examples: &[Example]) -> Vec<Example> {
    let of = |e: &Example| {
        let lines = e.lines();
        let doc = plain::read(&lines.join("\n"));
        (doc.blocks.len() == lines.len()).then(|| e.derived(doc, e.labels.clone(), Shape::Flattened))
    };
    let known = |e: &&Example| e.snippets.is_some() && e.labels.iter().any(|l| l.text && l.sure > 0.0);
    examples.iter().filter(known).filter_map(of).collect()
}

/// Pages known by snippets, where the model agrees with all of these, as wrapped lines or as a single one; what the
/// model takes from the page is the gold text.
fn reshaped(examples: &[Example]) -> Vec<Example> {
    let of = |e: &Example| {
        let lines = e.lines();
        let (shape, text) = if crc32(e.id.as_bytes()).is_multiple_of(2) {
            (Shape::SingleLine, lines.join(" "))
        } else {
            (Shape::Wrapped, wrapped(&lines))
        };
        let doc = plain::read(&text);
        let gold: Vec<&str> =
            lines.iter().zip(&e.labels).filter(|(_, l)| l.text).map(|(line, _)| line.as_str()).collect();
        let labels = labels::by_text(&doc, &gold.join("\n"));
        e.derived(doc, labels, shape)
    };
    examples.par_iter().filter(|e| e.agreed).map(of).collect()
}

/// Lines wrapped at 72 characters, as mail and news wires have them.
fn wrapped(lines: &[String]) -> String {
    let mut out = String::new();
    for line in lines {
        let mut width = 0;
        for word in line.split_whitespace() {
            let length = word.chars().count();
            if width > 0 && width + 1 + length > 72 {
                out.push('\n');
                width = 0;
            } else if width > 0 {
                out.push(' ');
                width += 1;
            }
            out.push_str(word);
            width += length;
        }
        out.push('\n');
    }
    out
}

fn example(row: &LabelledPage, id: &str, shape: Shape, options: &Options) -> Example {
    let host = row.url.as_deref().and_then(|u| u.split('/').nth(2)).unwrap_or(id).to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
    let gold = row.gold_text.as_ref().or(row.text.as_ref()).cloned().filter(|t| !t.is_empty());
    let mut doc = match (&row.html, &row.lines) {
        (Some(page), _) => html::read(page),
        (None, Some(lines)) => plain::read(&match shape {
            Shape::SingleLine => lines.join(" "),
            Shape::Wrapped => wrapped(lines),
            _ => lines.join("\n"),
        }),
        (None, None) => Document::default(),
    };
    doc.slug = row.url.as_deref().map(Slug::of).unwrap_or_default();
    let mut snippets = None;
    let labels = match (&row.lines, &row.gold_lines, &gold) {
        (Some(lines), Some(numbers), _) if lines.len() == doc.blocks.len() && shape == Shape::Lines => {
            (0..lines.len()).map(|i| Label { text: numbers.contains(&i), sure: 1.0 }).collect()
        }
        (_, _, Some(gold)) => labels::by_text(&doc, gold),
        _ => {
            let (with, without) =
                (row.with.clone().unwrap_or_default(), row.without.clone().unwrap_or_default());
            let labels = labels::by_snippets(&doc, &with, &without);
            snippets = Some((with, without));
            labels
        }
    };
    Example {
        id: id.to_owned(),
        doc: Arc::new(doc),
        labels,
        gold,
        snippets,
        fold: crc32(format!("fold {host}").as_bytes()) % FOLDS,
        apart: options.validate && matches!(crc32(host.as_bytes()) % 5, 1 | 3),
        rows: Vec::new(),
        shape,
        agreed: false,
        wordless: false,
    }
}

/// Steps 1 to 3.
fn fit(examples: &mut [Example], options: &Options) -> Model {
    let first = gbdt::Settings {
        trees: options.first_trees,
        rate: 0.08,
        features: 0.25,
        rows: 0.6,
        lambda: 4.0,
        least: 8.0,
        seed: 1,
    };
    let second = gbdt::Settings { trees: options.second_trees, rate: 0.05, seed: 2, ..first.clone() };
    let lexicons: Vec<Lexicon> =
        (0..FOLDS).into_par_iter().map(|fold| learn_words(examples, Some(fold))).collect();
    let none = Lexicon::empty();
    examples.par_iter_mut().for_each(|e| {
        e.rows = Measured::new(&e.doc, e.lexicon(&lexicons[e.fold as usize], &none)).rows();
    });
    for fold in 0..FOLDS {
        let forest = gbdt::grow(&table(examples, Some(fold), BASE), &first);
        examples.par_iter_mut().filter(|e| e.fold == fold).for_each(|e| {
            let scores = forest.score(&e.rows);
            let lexicon = e.lexicon(&lexicons[fold as usize], &none);
            Measured::new(&e.doc, lexicon).second_reading(&mut e.rows, &scores);
        });
    }
    Model {
        lexicon: learn_words(examples, None),
        first: gbdt::grow(&table(examples, None, BASE), &first),
        second: gbdt::grow(&table(examples, None, FEATURES), &second),
    }
}

/// Rows, labels and weights of all examples but those of one fold.
fn table(examples: &[Example], without: Option<u32>, features: usize) -> Table {
    let mut table = Table { columns: vec![Vec::new(); features], ..Table::default() };
    let used: Vec<(&Example, Vec<usize>)> =
        examples.iter().filter(|e| Some(e.fold) != without).map(|e| (e, taken(e))).collect();
    for (e, indices) in &used {
        let mass: Vec<f32> = e.doc.blocks.iter().map(|b| (b.end - b.start) as f32).collect();
        let gold: f32 = mass.iter().zip(&e.labels).filter(|(_, l)| l.text).map(|(m, _)| m).sum();
        let share = match e.shape {
            _ if e.wordless => 0.4,
            _ if e.snippets.is_some() && e.shape != Shape::Html && e.shape != Shape::Flattened => 0.35,
            Shape::Html | Shape::Lines if e.snippets.is_none() => 1.0,
            Shape::Flattened => 0.8,
            _ => 0.5,
        };
        let near = near_text(e);
        for index in indices {
            let label = e.labels[*index];
            // What the block can add to or take from the page's F1.
            let weight = ((mass[*index] + 15.0) / (gold + 600.0)).min(0.4) * 40.0 + 0.1;
            let stands_for = if near[*index] { 1.0 } else { FAR as f32 };
            table.labels.push(f32::from(u8::from(label.text)));
            table.weights.push(weight * label.sure * share * stands_for);
        }
    }
    table.columns.par_iter_mut().enumerate().for_each(|(feature, column)| {
        column.extend(used.iter().flat_map(|(e, indices)| indices.iter().map(|i| e.rows[*i][feature])));
    });
    table
}

/// Of the blocks far from any main text, one in so many is learned from, for all of them.
const FAR: usize = 5;

/// Blocks with main text among the eight before or after them.
fn near_text(e: &Example) -> Vec<bool> {
    let mut near = vec![false; e.labels.len()];
    for (index, _) in e.labels.iter().enumerate().filter(|(_, l)| l.text) {
        let to = (index + 9).min(near.len());
        near[index.saturating_sub(8)..to].fill(true);
    }
    near
}

/// Indices of the blocks that are learned from.
fn taken(e: &Example) -> Vec<usize> {
    let near = near_text(e);
    let start = e.doc.text.len();
    (0..near.len())
        .filter(|i| e.labels[*i].sure > 0.0 && (near[*i] || (start + i).is_multiple_of(FAR)))
        .collect()
}

/// Weights of words: log odds of pages that have the word in main text against pages that have it elsewhere.
fn learn_words(examples: &[Example], without: Option<u32>) -> Lexicon {
    let mut counts: HashMap<u32, (u32, u32)> = HashMap::new();
    for e in examples.iter().filter(|e| Some(e.fold) != without && !e.wordless) {
        let (mut text, mut other) = (Vec::new(), Vec::new());
        for (block, label) in e.doc.blocks.iter().zip(&e.labels).filter(|(_, l)| l.sure > 0.4) {
            let slots = if label.text { &mut text } else { &mut other };
            let (mut last, mut seen) = (0, 0);
            words::hashes(e.doc.block_text(block), |h| {
                seen += 1;
                if seen <= 60 {
                    slots.push(lexicon::word(h));
                    slots.push(lexicon::pair(last, h));
                }
                last = h;
            });
        }
        for (slots, is_text) in [(&mut text, true), (&mut other, false)] {
            slots.sort_unstable();
            slots.dedup();
            for slot in slots.iter() {
                let count = counts.entry(*slot).or_default();
                if is_text { count.0 += 1 } else { count.1 += 1 }
            }
        }
    }
    let weight = |(text, other): (u32, u32)| {
        let odds = ((text as f32 + 2.0) / (other as f32 + 2.0)).ln();
        (odds * 16.0).clamp(-100.0, 100.0) as i8
    };
    // What stands on one page alone is no word of a language.
    let mut known: Vec<(u32, u32, i8)> = counts
        .into_iter()
        .filter(|(_, (text, other))| text + other >= MIN_PAGES)
        .map(|(hash, counts)| (counts.0 + counts.1, hash, weight(counts)))
        .collect();
    known.sort_unstable_by_key(|(pages, hash, _)| (std::cmp::Reverse(*pages), *hash));
    Lexicon::of(known.into_iter().map(|(_, hash, weight)| (hash, weight)))
}

/// Pages that a word has to stand on to be learned.
const MIN_PAGES: u32 = 3;

/// Step 4: the labels of pages known by snippets, where the model agrees with all of these.
fn learn_from_snippets(model: &Model, examples: &mut [Example]) -> usize {
    examples
        .par_iter_mut()
        .map(|e| {
            let Some((with, without)) = &e.snippets else { return 0 };
            let measured = Measured::new(&e.doc, &model.lexicon);
            let scores = model.score(&measured);
            let text = squash(&decoded(&e.doc, &measured, &scores));
            let agrees = with.iter().all(|s| text.contains(&squash(s)))
                && !without.iter().any(|s| text.contains(&squash(s)));
            for (label, score) in e.labels.iter_mut().zip(&scores) {
                if label.sure == 0.0 && !(0.1..=0.85).contains(score) {
                    *label = Label { text: *score > 0.5, sure: if agrees { 0.7 } else { 0.3 } };
                    e.agreed |= agrees && label.text;
                }
            }
            usize::from(agrees)
        })
        .sum()
}

/// The text that the model takes from a page.
fn decoded(doc: &Document, measured: &Measured<'_>, scores: &[f32]) -> String {
    let mass: Vec<f32> = measured.blocks.iter().map(|m| m.mass).collect();
    let cost = if doc.plain { decode::PLAIN_SWITCH_COST } else { decode::SWITCH_COST };
    let chosen = decode::choose(&mass, scores, cost);
    let kept = doc.blocks.iter().zip(chosen).filter(|(_, c)| *c).map(|(b, _)| doc.block_text(b));
    kept.collect::<Vec<_>>().join("\n\n")
}

fn score(model: &Model, examples: &[Example], name: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let none = Lexicon::empty();
    let shapes = [Shape::Html, Shape::Lines, Shape::SingleLine, Shape::Wrapped, Shape::Flattened];
    let known_words = shapes.map(|shape| (shape, false));
    for (shape, wordless) in known_words.into_iter().chain([(Shape::Html, true), (Shape::Lines, true)]) {
        let how = if wordless { " without words" } else { "" };
        let lexicon = if wordless { &none } else { &model.lexicon };
        let pages: Vec<&Example> = examples.iter().filter(|e| e.shape == shape && !e.wordless).collect();
        let read = |e: &&Example| {
            let measured = Measured::new(&e.doc, lexicon);
            let mut scores = model.score(&measured);
            evidence::weigh(&e.doc, &measured, &mut scores);
            decoded(&e.doc, &measured, &scores)
        };
        let texts: Vec<String> = pages.par_iter().map(read).collect();
        let ideal = |e: &Example| {
            let kept = e.doc.blocks.iter().zip(&e.labels).filter(|(_, l)| l.text);
            kept.map(|(b, _)| e.doc.block_text(b)).collect::<Vec<_>>().join("\n\n")
        };
        let known: Vec<(&str, &String, String)> = pages
            .iter()
            .zip(&texts)
            .filter_map(|(e, text)| Some((e.gold.as_deref()?, text, ideal(e))))
            .collect();
        if !known.is_empty() {
            let score = Score::of(known.iter().map(|(gold, text, _)| (*gold, text.as_str())));
            let best = Score::of(known.iter().map(|(gold, _, ideal)| (*gold, ideal.as_str())));
            lines.push(format!("{name}: {shape:?}{how} {score} (labels: {:.4})", best.f1));
        }
        let mut hits = [0usize; 3];
        for (e, text) in pages.iter().zip(&texts) {
            let Some((with, without)) = &e.snippets else { continue };
            let text = squash(text);
            let found = |snippets: &[String]| snippets.iter().filter(|s| text.contains(&squash(s))).count();
            hits[0] += found(with);
            hits[1] += with.len() - found(with);
            hits[2] += found(without);
        }
        let [hit, missed, wrong] = hits;
        if hit > 0 {
            let f1 = 2.0 * hit as f64 / (2 * hit + missed + wrong) as f64;
            lines.push(format!(
                "{name}: {shape:?}{how} snippets F1 {f1:.4}, {missed} missed, {wrong} wrong, {hit} right"
            ));
        }
    }
    lines
}

fn squash(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
