//! `newsmill eval topics`: the topic stage on labelled texts.
//!
//! Rows are `{id, lang, text, title?, section?, url?, keywords?, topics, source?, split?}`, in JSONL; `topics` has the primary first and may be
//! empty, which wants no answer. The stage is given the row's language. Where a row has no title and its text begins with a short line, that line is the title.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;

use super::languages::code as language_code;
use super::pictures;
use super::score::{Reliability, Report, Selection, cpu_seconds, macro_f1};
use crate::record::{Extracted, Language};
use crate::stages::classify_topics::model::Label;
use crate::stages::classify_topics::{Config, TITLE_BYTES};

#[derive(Deserialize)]
struct Row {
    id: serde_json::Value,
    lang: String,
    title: Option<String>,
    section: Option<String>,
    url: Option<String>,
    #[serde(default)]
    keywords: Vec<String>,
    text: String,
    topics: Vec<String>,
    source: Option<String>,
    split: Option<String>,
}

/// An answer beside what was wanted.
struct Answer {
    wanted: Vec<String>,
    first: String,
    score: f64,
}

const NONE: &str = "none";

/// Pictures of an evaluation, as SVG.
#[derive(Debug, Default)]
pub struct Pictures {
    /// Share of right topics over their score.
    pub reliability: String,
    /// First topic against the primary one that was wanted.
    pub confusion: String,
}

/// Scores the stage on the rows of `data`, writes its answers as `{id, topics: [{code, score}]}` lines to `predictions`, and
/// reports by source, language and topic, and draws pictures: macro-F1 of the primary topic, the share of texts whose first topic is among the wanted ones, the
/// share without an answer, and the same where the score is .9 or more; and texts per CPU-second of one thread.
///
/// # Errors
/// The data cannot be read, or the predictions cannot be written.
pub fn evaluate(
    data: &Path,
    selection: &Selection,
    predictions: Option<&Path>,
    config: &Config,
) -> Result<(Report, Pictures)> {
    let stage = crate::models::classify_topics(config)?;
    let mut out = super::score::predictions(predictions)?;
    let clock = cpu_seconds();
    let (mut seconds, mut bytes) = (0.0, 0);
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut answers: Vec<Answer> = Vec::new();
    let mut reliability = Reliability::default();
    for row in super::read::<Row>(data)? {
        let row = row?;
        let id = super::score::id(&row.id);
        if !selection.takes(&id, row.split.as_deref()) {
            continue;
        }
        let (title, text) = match (row.title, row.text.split_once('\n')) {
            (None, Some((first, rest))) if first.len() <= TITLE_BYTES && !rest.trim().is_empty() => {
                (Some(first.to_owned()), rest.to_owned())
            }
            (title, _) => (title, row.text),
        };
        let Row { section, keywords, .. } = row;
        let extracted = Extracted { title, section, keywords, text, ..Extracted::default() };
        let language = Language { code: language_code(&row.lang), confidence: 1.0, ..Language::default() };
        let start = clock();
        let topics = stage.classify(&extracted, row.url.as_deref(), &language);
        seconds += clock() - start;
        bytes += extracted.text.len();
        if let Some(out) = &mut out {
            let topics: Vec<_> = topics.iter().map(|t| json!({"code": t.code, "score": t.score})).collect();
            writeln!(out, "{}", json!({"id": row.id, "topics": topics}))
                .context("cannot write the predictions")?;
        }
        let wanted = if row.topics.is_empty() { vec![NONE.to_owned()] } else { row.topics };
        for topic in &topics {
            reliability.add(topic.score, wanted.contains(&topic.code));
        }
        let (first, score) = topics.first().map_or((NONE.to_owned(), 0.0), |t| (t.code.clone(), t.score));
        for key in [
            "all".to_owned(),
            format!("source {}", row.source.as_deref().unwrap_or("-")),
            format!("language {}", row.lang),
        ] {
            groups.entry(key).or_default().push(answers.len());
        }
        answers.push(Answer { wanted, first, score });
    }
    if let Some(mut out) = out {
        out.flush().context("cannot write the predictions")?;
    }
    let mut report = report(&groups, &answers, &reliability, stage.labels());
    let rate = answers.len() as f64 / f64::max(seconds, 1e-9);
    let mean = bytes as f64 / answers.len().max(1) as f64;
    let _ = writeln!(report.table, "\n{rate:.0} texts of {mean:.0} bytes per CPU-second");
    report.figures.insert("texts per cpu second".to_owned(), rate);
    let pictures = Pictures {
        reliability: pictures::reliability(&reliability, "score", "share of right topics", "topics"),
        confusion: confusion(&answers, stage.labels()),
    };
    Ok((report, pictures))
}

/// The matrix of first topics: a text whose first topic is one of the wanted ones stands on the diagonal.
fn confusion(answers: &[Answer], topics: &[Label]) -> String {
    let mut names: Vec<&str> = topics.iter().map(|topic| topic.name.as_str()).collect();
    names.push(NONE);
    let index = |code: &str| topics.iter().position(|topic| topic.code == code).unwrap_or(topics.len());
    let mut counts = vec![0; names.len() * names.len()];
    for answer in answers {
        let given = index(&answer.first);
        let right = answer.wanted.contains(&answer.first);
        let wanted = if right { given } else { index(&answer.wanted[0]) };
        counts[wanted * names.len() + given] += 1;
    }
    pictures::confusion(&names, &counts)
}

fn report(
    groups: &BTreeMap<String, Vec<usize>>,
    answers: &[Answer],
    reliability: &Reliability,
    topics: &[Label],
) -> Report {
    let mut report = Report::default();
    let _ = writeln!(
        report.table,
        "{:<24} {:>6} {:>8} {:>11} {:>6} {:>6} {:>10}",
        "group", "texts", "macro-F1", "first right", "none", "sure", "sure right"
    );
    let (mut languages, mut right_sum, mut f1_sum) = (0, 0.0, 0.0);
    for (name, members) in groups {
        let of: Vec<&Answer> = members.iter().map(|i| &answers[*i]).collect();
        let n = of.len() as f64;
        let share = |hit: &dyn Fn(&Answer) -> bool| of.iter().filter(|a| hit(a)).count() as f64 / n;
        let pairs: Vec<(&str, &str)> = of.iter().map(|a| (a.wanted[0].as_str(), a.first.as_str())).collect();
        let f1 = macro_f1(&pairs);
        let right = share(&|a| a.wanted.contains(&a.first));
        let sure = share(&|a| a.score >= 0.9);
        let sure_right = share(&|a| a.score >= 0.9 && a.wanted.contains(&a.first)) / f64::max(sure, 1e-9);
        let none = share(&|a| a.first == NONE);
        let _ = writeln!(
            report.table,
            "{name:<24} {:>6} {f1:>8.3} {right:>11.3} {none:>6.3} {sure:>6.3} {sure_right:>10.3}",
            of.len()
        );
        report.figures.insert(format!("{name} first right"), right);
        report.figures.insert(format!("{name} macro f1"), f1);
        if name.starts_with("language ") {
            languages += 1;
            right_sum += right;
            f1_sum += f1;
        }
    }
    let n = f64::from(languages.max(1));
    let _ = writeln!(
        report.table,
        "{:<24} {languages:>6} {:>8.3} {:>11.3}",
        "mean over languages",
        f1_sum / n,
        right_sum / n
    );
    report.figures.insert("mean over languages first right".to_owned(), right_sum / n);
    report.figures.insert("mean over languages macro f1".to_owned(), f1_sum / n);
    let _ = writeln!(report.table, "\n{:<44} {:>6} {:>9} {:>6}", "topic", "texts", "precision", "recall");
    for topic in topics {
        let wanted = answers.iter().filter(|a| a.wanted[0] == topic.code).count();
        let given = answers.iter().filter(|a| a.first == topic.code);
        let (given, right) =
            given.fold((0, 0), |(n, right), a| (n + 1, right + usize::from(a.wanted.contains(&a.first))));
        let found = answers.iter().filter(|a| a.wanted[0] == topic.code && a.first == topic.code).count();
        if wanted + given > 0 {
            let _ = writeln!(
                report.table,
                "{:<44} {wanted:>6} {:>9.3} {:>6.3}",
                topic.name,
                right as f64 / f64::max(given as f64, 1.0),
                found as f64 / f64::max(wanted as f64, 1.0)
            );
        }
    }
    let _ = writeln!(report.table, "\nscore → share right (topics given); mean gap {:.3}", reliability.gap());
    for (score, right, n) in reliability.points() {
        let _ = writeln!(report.table, "{score:>6.2} → {right:.3} ({n})");
    }
    report
}
