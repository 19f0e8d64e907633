//! `newsmill eval dedup`: near-duplicates on a labelled stream.
//!
//! Rows are `{id, cluster, title?, text, kind?}` in stream order; pages of one cluster tell the same
//! text. Each row is fingerprinted, sighted and judged as `process` does it, without extraction.
//!
//! - Pairs: precision, recall and F1 over pairs of pages put into one cluster.
//! - Verdicts: is this page a repeat of an earlier one?
//! - By kind: share of right verdicts.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;

use super::score::{Report, cpu_seconds};
use super::stream::Rng;
use crate::record::{Hash128, Origin, Source};
use crate::sightings::{At, Entry, Index, Repeat, Sighting, Verdict};
use crate::stages::deduplicate::{Config, canonical_url, fingerprint_text, hash_body};

#[derive(Deserialize)]
struct Row {
    id: serde_json::Value,
    cluster: serde_json::Value,
    title: Option<String>,
    text: String,
    kind: Option<String>,
    /// Where a set gives one; without it every page has an address of its own.
    url: Option<String>,
}

/// Which rows, and in which order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Order {
    /// Shuffle the stream with this seed.
    pub shuffle: Option<u64>,
}

/// Scores the stage on the rows of `data` and writes its answers to `predictions` as lines
/// `{page_id, outcome, cluster, kind, of, similarity}`.
///
/// # Errors
/// The data cannot be read, or the predictions cannot be written.
pub fn evaluate(data: &Path, order: Order, predictions: Option<&Path>, config: &Config) -> Result<Report> {
    let mut rows = super::read::<Row>(data)?.collect::<Result<Vec<_>>>()?;
    if let Some(seed) = order.shuffle {
        shuffle(&mut rows, seed);
    }
    let mut out = super::score::predictions(predictions)?;
    let mut tally = Tally::default();
    let mut index = Index::new(config);
    let clock = cpu_seconds();
    let (mut seconds, mut log_bytes) = (0.0, 0);
    let mut encoded = Vec::new();
    for (position, row) in (0u64..).zip(&rows) {
        let id = super::score::id(&row.id);
        let start = clock();
        let source = Source::File { input: "eval".into(), line: position + 1 };
        let canonical = row.url.as_deref().and_then(canonical_url);
        let origin = Origin { source, body: hash_body(row.text.as_bytes()) };
        let fingerprints = fingerprint_text(row.title.as_deref(), &row.text, canonical.as_deref());
        let entry = Entry::Sighting(Box::new(Sighting::full(origin, fingerprints)));
        let verdict = index.apply(At { position, millis: 0, check: 0 }, &entry).unwrap_or(Verdict::Unknown);
        seconds += clock() - start;
        encoded.clear();
        entry.encode(&mut encoded);
        log_bytes += encoded.len();
        if let Some(out) = &mut out {
            let answer = match &verdict {
                Verdict::Repeat(Repeat { kind, of, cluster, similarity, .. }) => {
                    json!({"page_id": id, "outcome": "duplicate",
                    "cluster": cluster, "kind": kind, "of": of, "similarity": similarity})
                }
                Verdict::New { id: own } => json!({"page_id": id, "outcome": "article", "cluster": own}),
                Verdict::Unknown => json!({"page_id": id}),
            };
            writeln!(out, "{answer}").context("cannot write the predictions")?;
        }
        tally.add(row, &verdict);
    }
    if let Some(mut out) = out {
        out.flush().context("cannot write the predictions")?;
    }
    let n = rows.len().max(1) as f64;
    let mut report = tally.report();
    for (name, value) in [
        ("docs per CPU-second", n / seconds.max(1e-9)),
        ("index bytes per document", index.bytes() as f64 / n),
        ("log bytes per document", log_bytes as f64 / n),
    ] {
        report.figures.insert(name.to_owned(), value);
        let _ = writeln!(report.table, "{name:<26} {value:>8.0}");
    }
    Ok(report)
}

#[derive(Default)]
struct Tally {
    pages: u32,
    seen: HashSet<String>,
    gold: HashMap<String, u64>,
    given: HashMap<Hash128, u64>,
    both: HashMap<(String, Hash128), u64>,
    kinds: BTreeMap<String, (u32, u32)>,
    hit: f64,
    false_alarm: f64,
    miss: f64,
}

impl Tally {
    fn add(&mut self, row: &Row, verdict: &Verdict) {
        let gold = super::score::id(&row.cluster);
        let cluster = match verdict {
            Verdict::New { id } => *id,
            Verdict::Repeat(repeat) => repeat.cluster,
            Verdict::Unknown => return,
        };
        self.pages += 1;
        *self.gold.entry(gold.clone()).or_default() += 1;
        *self.given.entry(cluster).or_default() += 1;
        *self.both.entry((gold.clone(), cluster)).or_default() += 1;
        let wanted = !self.seen.insert(gold);
        let said = matches!(verdict, Verdict::Repeat(_));
        match (wanted, said) {
            (true, true) => self.hit += 1.0,
            (false, true) => self.false_alarm += 1.0,
            (true, false) => self.miss += 1.0,
            (false, false) => {}
        }
        let kind = self.kinds.entry(row.kind.clone().unwrap_or_default()).or_default();
        kind.0 += u32::from(wanted == said);
        kind.1 += 1;
    }

    fn report(&self) -> Report {
        let hit = pairs(self.both.values());
        let (given, gold) = (pairs(self.given.values()), pairs(self.gold.values()));
        let (pair_p, pair_r) = (share(hit, given), share(hit, gold));
        let verdict_p = share(self.hit, self.hit + self.false_alarm);
        let verdict_r = share(self.hit, self.hit + self.miss);
        let figures = [
            ("pair precision", pair_p),
            ("pair recall", pair_r),
            ("pair f1", f1(pair_p, pair_r)),
            ("verdict precision", verdict_p),
            ("verdict recall", verdict_r),
            ("verdict f1", f1(verdict_p, verdict_r)),
        ];
        let mut report = Report::default();
        let _ = writeln!(report.table, "{:<26} {:>8}", "pages", self.pages);
        for (name, value) in figures {
            report.figures.insert(name.to_owned(), value);
            let _ = writeln!(report.table, "{name:<26} {value:>8.4}");
        }
        let largest = self.given.values().max().copied().unwrap_or(0);
        report.figures.insert("largest cluster".to_owned(), largest as f64);
        let _ = writeln!(report.table, "{:<26} {largest:>8}", "largest cluster");
        let mut kinds: Vec<_> = self.kinds.iter().collect();
        kinds.sort_by(|a, b| share(a.1.0.into(), a.1.1.into()).total_cmp(&share(b.1.0.into(), b.1.1.into())));
        for (kind, (right, pages)) in kinds {
            let right = share((*right).into(), (*pages).into());
            report.figures.insert(format!("{kind} right"), right);
            let _ = writeln!(report.table, "  {kind:<24} {right:>8.3} of {pages}");
        }
        report
    }
}

fn pairs<'a>(groups: impl Iterator<Item = &'a u64>) -> f64 {
    groups.map(|n| (n * (n - 1) / 2) as f64).sum()
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn f1(p: f64, r: f64) -> f64 {
    share(2.0 * p * r, p + r)
}

/// Fisher and Yates.
fn shuffle<T>(rows: &mut [T], seed: u64) {
    let mut rng = Rng(seed);
    for i in (1..rows.len()).rev() {
        rows.swap(i, rng.below(i as u64 + 1) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_a_stream() {
        let dir = tempfile::tempdir().unwrap();
        let (data, answers) = (dir.path().join("rows.jsonl"), dir.path().join("answers.jsonl"));
        let text = "The harbour board of Ostrava Point said on Monday that the old crane would be taken down \
            before the storms of autumn, and that the rails under it would stay where they are.";
        let other = "Bakers in three valleys have agreed to sell the grey loaf again, which nobody had seen \
            on a counter since the mill at Tern closed its doors in the hard winter.";
        let rows = [("1", "a", text), ("2", "b", other), ("3", "a", text), ("4", "c", text)];
        let lines: Vec<String> = rows
            .iter()
            .map(|(id, cluster, text)| {
                json!({"id": id, "cluster": cluster, "text": text, "kind": "k"}).to_string()
            })
            .collect();
        std::fs::write(&data, lines.join("\n")).unwrap();
        let report = evaluate(&data, Order::default(), Some(&answers), &Config::default()).unwrap();
        // Found: 1 = 3 = 4; wanted: 1 = 3.
        assert!((report.figures["pair precision"] - 1.0 / 3.0).abs() < 1e-9);
        assert!((report.figures["pair recall"] - 1.0).abs() < 1e-9);
        assert!((report.figures["verdict precision"] - 0.5).abs() < 1e-9);
        assert!((report.figures["k right"] - 0.75).abs() < 1e-9);
        assert_eq!(std::fs::read_to_string(&answers).unwrap().lines().count(), 4);
        let shuffled = evaluate(&data, Order { shuffle: Some(7) }, None, &Config::default()).unwrap();
        assert!((shuffled.figures["pair recall"] - 1.0).abs() < 1e-9);
    }
}
