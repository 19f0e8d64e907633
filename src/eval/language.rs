//! `newsmill eval language`: the language stage on labelled texts.
//!
//! Rows are `{id, set?, lang, text, title?, split?}`, in JSONL. An answer is right when it is the primary language
//! (Nynorsk counts as Bokmål, script subtags do not count); in the set `junk`, `und` is right.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;

use super::pictures::reliability as picture;
use super::score::{Reliability, Report, Selection, cpu_seconds};
use crate::record::Extracted;
use crate::stages::detect_language::{Config, DetectLanguage};

#[derive(Deserialize)]
struct Row {
    id: serde_json::Value,
    set: Option<String>,
    split: Option<String>,
    lang: String,
    text: String,
    title: Option<String>,
}

#[derive(Default)]
struct Set {
    rows: u32,
    right: u32,
    unknown: u32,
    sure_wrong: u32,
    bytes: usize,
    seconds: f64,
}

/// Scores the stage on the rows of `data`, writes its answers as `{id, code, confidence}` lines to
/// `predictions`, and reports per set the share of right answers, of `und`, and of wrong
/// answers at confidence .5 or more, and texts per CPU-second of one thread.
///
/// # Errors
/// The data cannot be read, or the predictions cannot be written.
pub fn evaluate(
    data: &Path,
    selection: &Selection,
    predictions: Option<&Path>,
    config: &Config,
) -> Result<Report> {
    evaluate_and_plot(data, selection, predictions, config).map(|(report, _)| report)
}

/// Does what [`evaluate`] does, and draws confidence against accuracy as an SVG picture.
///
/// # Errors
/// The data cannot be read, or the predictions cannot be written.
pub fn evaluate_and_plot(
    data: &Path,
    selection: &Selection,
    predictions: Option<&Path>,
    config: &Config,
) -> Result<(Report, String)> {
    let stage = DetectLanguage::new(config);
    let mut out = super::score::predictions(predictions)?;
    let clock = cpu_seconds();
    let mut sets: BTreeMap<String, Set> = BTreeMap::new();
    let mut reliability = Reliability::default();
    for row in super::read::<Row>(data)? {
        let row = row?;
        let id = super::score::id(&row.id);
        if !selection.takes(&id, row.split.as_deref()) {
            continue;
        }
        let extracted = Extracted { text: row.text, title: row.title, ..Extracted::default() };
        let start = clock();
        let language = stage.detect(&extracted, None);
        let seconds = clock() - start;
        if let Some(out) = &mut out {
            let answer = json!({"id": row.id, "code": language.code, "confidence": language.confidence});
            writeln!(out, "{answer}").context("cannot write the predictions")?;
        }
        let name = row.set.unwrap_or_else(|| "all".to_owned());
        let wanted = if name == "junk" { "und" } else { primary(&row.lang) };
        let given = primary(&language.code);
        let right = wanted == given;
        let set = sets.entry(name).or_default();
        set.rows += 1;
        set.right += u32::from(right);
        set.unknown += u32::from(given == "und");
        set.sure_wrong += u32::from(!right && given != "und" && language.confidence >= 0.5);
        set.bytes += extracted.text.len();
        set.seconds += seconds;
        if given != "und" {
            reliability.add(language.confidence, right);
        }
    }
    if let Some(mut out) = out {
        out.flush().context("cannot write the predictions")?;
    }
    let mut figures = BTreeMap::new();
    for (name, set) in &sets {
        figures.insert(format!("{name} right"), f64::from(set.right) / f64::from(set.rows));
        figures.insert(format!("{name} sure wrong"), f64::from(set.sure_wrong) / f64::from(set.rows));
    }
    Ok((
        Report { table: table(&sets, &reliability), figures },
        picture(&reliability, "confidence", "share of right answers", "answers"),
    ))
}

fn table(sets: &BTreeMap<String, Set>, reliability: &Reliability) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{:<24} {:>6} {:>6} {:>6} {:>10} {:>7} {:>10}",
        "set", "rows", "right", "und", "sure wrong", "bytes", "/CPU-s"
    );
    for (name, set) in sets {
        let n = f64::from(set.rows);
        let _ = writeln!(
            text,
            "{name:<24} {:>6} {:>6.3} {:>6.3} {:>10.3} {:>7.0} {:>10.0}",
            set.rows,
            f64::from(set.right) / n,
            f64::from(set.unknown) / n,
            f64::from(set.sure_wrong) / n,
            set.bytes as f64 / n,
            n / set.seconds.max(1e-9),
        );
    }
    let _ = writeln!(text, "\nconfidence → share right (answers); mean gap {:.3}", reliability.gap());
    for (confidence, right, n) in reliability.points() {
        let _ = writeln!(text, "{confidence:>6.2} → {right:.3} ({n})");
    }
    text
}

/// The primary language in the scorer's terms.
fn primary(code: &str) -> &str {
    match code.split('-').next().unwrap_or(code) {
        "nn" | "no" => "nb",
        "iw" => "he",
        "in" => "id",
        "fil" => "tl",
        base => base,
    }
}
