//! Fits the block model: which blocks of a page are main text.
//!
//! 1. Pages are read to blocks, and labelled by their gold text ([`super::labels`]).
//! 2. Three folds by host: words, then the first forest, are learned on two of them and read on the third, so that
//!    what the next step sees of a page never comes from the page itself.
//! 3. The second forest learns on the first's opinions. Words and first forest that ship are learned on everything.
//! 4. Pages known only by snippets are read by a model made of steps 1 to 3; where that agrees with every
//!    snippet, its sure labels are taken, and the steps are done again with them.
//!
//! Held-out hosts ([`crate::eval::rows::held_out`]) are never read.

use std::path::Path;

use anyhow::{Result, bail};
use rayon::prelude::*;
use serde::Deserialize;

use super::gbdt::{self, Table};
use super::labels::{self, Label};
use crate::eval::pages::Score;
use crate::eval::rows::{crc32, held_out, read};
use crate::stages::strip_boilerplate::decode;
use crate::stages::strip_boilerplate::document::Document;
use crate::stages::strip_boilerplate::features::{BASE, FEATURES, Measured, Row};
use crate::stages::strip_boilerplate::lexicon::{Lexicon, SLOTS, pair_slot, word_slot};
use crate::stages::strip_boilerplate::model::Model;
use crate::stages::strip_boilerplate::{html, plain, words};

/// Folds that training reads its own opinions across.
const FOLDS: u32 = 3;

/// What to train on, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Keep a fifth of the training hosts apart and score on them, for choosing features and settings.
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
        Self { validate: false, first_trees: 80, second_trees: 120, snippets: true }
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
    doc: Document,
    labels: Vec<Label>,
    gold: Option<String>,
    snippets: Option<(Vec<String>, Vec<String>)>,
    fold: u32,
    apart: bool,
    rows: Vec<Row>,
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
    let mut model = fit(&mut learn, options);
    if options.snippets {
        report.extend(score(&model, &apart, "before snippets' pages"));
        let taken = learn_from_snippets(&model, &mut learn);
        report.push(format!("{taken} pages known by snippets agree with the first model in all of them"));
        model = fit(&mut learn, options);
    }
    report.extend(score(&model, &apart, "kept apart"));
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
    out.par_extend(pages.into_par_iter().map(|(row, id)| example(row, &id, options)));
    Ok(())
}

fn example(row: LabelledPage, id: &str, options: &Options) -> Example {
    let host = row.url.as_deref().and_then(|u| u.split('/').nth(2)).unwrap_or(id).to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
    let gold = row.gold_text.or(row.text).filter(|t| !t.is_empty());
    let doc = match (&row.html, &row.lines) {
        (Some(page), _) => html::read(page),
        (None, Some(lines)) => plain::read(&lines.join("\n")),
        (None, None) => Document::default(),
    };
    let mut snippets = None;
    let labels = match (&row.lines, &row.gold_lines, &gold) {
        (Some(lines), Some(numbers), _) if lines.len() == doc.blocks.len() => {
            (0..lines.len()).map(|i| Label { text: numbers.contains(&i), sure: 1.0 }).collect()
        }
        (_, _, Some(gold)) => labels::by_text(&doc, gold),
        _ => {
            let (with, without) = (row.with.unwrap_or_default(), row.without.unwrap_or_default());
            let labels = labels::by_snippets(&doc, &with, &without);
            snippets = Some((with, without));
            labels
        }
    };
    Example {
        doc,
        labels,
        gold,
        snippets,
        fold: crc32(format!("fold {host}").as_bytes()) % FOLDS,
        apart: options.validate && crc32(host.as_bytes()) % 5 == 1,
        rows: Vec::new(),
    }
}

/// Steps 1 to 3.
fn fit(examples: &mut [Example], options: &Options) -> Model {
    let first = gbdt::Settings {
        trees: options.first_trees,
        rate: 0.12,
        features: 0.35,
        rows: 0.6,
        lambda: 4.0,
        least: 8.0,
        seed: 1,
    };
    let second = gbdt::Settings { trees: options.second_trees, rate: 0.08, seed: 2, ..first.clone() };
    let lexicons: Vec<Lexicon> =
        (0..FOLDS).into_par_iter().map(|fold| learn_words(examples, Some(fold))).collect();
    examples.par_iter_mut().for_each(|e| {
        e.rows = Measured::new(&e.doc, &lexicons[e.fold as usize]).rows();
    });
    for fold in 0..FOLDS {
        let forest = gbdt::grow(&table(examples, Some(fold), BASE), &first);
        examples.par_iter_mut().filter(|e| e.fold == fold).for_each(|e| {
            let scores = forest.score(&e.rows);
            Measured::new(&e.doc, &lexicons[fold as usize]).second_reading(&mut e.rows, &scores);
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
    let used: Vec<&Example> = examples.iter().filter(|e| Some(e.fold) != without).collect();
    for e in &used {
        let mass: Vec<f32> = e.doc.blocks.iter().map(|b| (b.end - b.start) as f32).collect();
        let gold: f32 = mass.iter().zip(&e.labels).filter(|(_, l)| l.text).map(|(m, _)| m).sum();
        let share = if e.snippets.is_some() { 0.4 } else { 1.0 };
        for (m, label) in mass.iter().zip(&e.labels) {
            // What the block can add to or take from the page's F1.
            let weight = ((m + 15.0) / (gold + 600.0)).min(0.4) * 40.0 + 0.1;
            table.labels.push(f32::from(u8::from(label.text)));
            table.weights.push(weight * label.sure * share);
        }
    }
    table.columns.par_iter_mut().enumerate().for_each(|(feature, column)| {
        column.extend(used.iter().flat_map(|e| e.rows.iter().map(|row| row[feature])));
    });
    table
}

/// Weights of words: log odds of pages that have the word in main text against pages that have it elsewhere.
fn learn_words(examples: &[Example], without: Option<u32>) -> Lexicon {
    let mut counts = vec![(0u32, 0u32); SLOTS];
    for e in examples.iter().filter(|e| Some(e.fold) != without) {
        let (mut text, mut other) = (Vec::new(), Vec::new());
        for (block, label) in e.doc.blocks.iter().zip(&e.labels).filter(|(_, l)| l.sure > 0.4) {
            let slots = if label.text { &mut text } else { &mut other };
            let (mut last, mut seen) = (0, 0);
            words::hashes(e.doc.block_text(block), |h| {
                seen += 1;
                if seen <= 60 {
                    slots.push(word_slot(h));
                    slots.push(pair_slot(last, h));
                }
                last = h;
            });
        }
        for (slots, is_text) in [(&mut text, true), (&mut other, false)] {
            slots.sort_unstable();
            slots.dedup();
            for slot in slots.iter() {
                if is_text { counts[*slot].0 += 1 } else { counts[*slot].1 += 1 }
            }
        }
    }
    let weight = |(text, other): &(u32, u32)| {
        let odds = ((*text as f32 + 2.0) / (*other as f32 + 2.0)).ln();
        (odds * 16.0).clamp(-100.0, 100.0) as i8
    };
    Lexicon::new(counts.iter().map(weight).collect())
}

/// Step 4: the labels of pages known by snippets, where the model agrees with all of these.
fn learn_from_snippets(model: &Model, examples: &mut [Example]) -> usize {
    let squash = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
    examples
        .par_iter_mut()
        .map(|e| {
            let Some((with, without)) = &e.snippets else { return 0 };
            let measured = Measured::new(&e.doc, &model.lexicon);
            let scores = model.score(&measured);
            let text = squash(&decoded(&e.doc, &measured, &scores));
            let agrees = with.iter().all(|s| text.contains(&squash(s)))
                && !without.iter().any(|s| text.contains(&squash(s)));
            if !agrees {
                return 0;
            }
            for (label, score) in e.labels.iter_mut().zip(&scores) {
                if label.sure == 0.0 && !(0.15..=0.8).contains(score) {
                    *label = Label { text: *score > 0.5, sure: 0.6 };
                }
            }
            1
        })
        .sum()
}

/// The text that the model takes from a page.
fn decoded(doc: &Document, measured: &Measured<'_>, scores: &[f32]) -> String {
    let mass: Vec<f32> = measured.blocks.iter().map(|m| m.mass).collect();
    let chosen = decode::choose(&mass, scores);
    let kept = doc.blocks.iter().zip(chosen).filter(|(_, c)| *c).map(|(b, _)| doc.block_text(b));
    kept.collect::<Vec<_>>().join("\n\n")
}

fn score(model: &Model, examples: &[Example], name: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (kind, plain) in [("html", false), ("plain", true)] {
        let pages: Vec<&Example> =
            examples.iter().filter(|e| e.doc.plain == plain && e.gold.is_some()).collect();
        if pages.is_empty() {
            continue;
        }
        let pairs: Vec<(&str, String)> = pages
            .par_iter()
            .map(|e| {
                let measured = Measured::new(&e.doc, &model.lexicon);
                let scores = model.score(&measured);
                (e.gold.as_deref().unwrap_or(""), decoded(&e.doc, &measured, &scores))
            })
            .collect();
        let ideal: Vec<(&str, String)> = pages
            .iter()
            .map(|e| {
                let kept = e.doc.blocks.iter().zip(&e.labels).filter(|(_, l)| l.text);
                let kept: Vec<&str> = kept.map(|(b, _)| e.doc.block_text(b)).collect();
                (e.gold.as_deref().unwrap_or(""), kept.join("\n\n"))
            })
            .collect();
        for (what, pairs) in [("model", &pairs), ("labels", &ideal)] {
            let score = Score::of(pairs.iter().map(|(gold, text)| (*gold, text.as_str())));
            lines.push(format!("{name}, {kind}, {what}: {score}"));
        }
    }
    lines
}
