//! What the evaluators share: which rows, how long, how to count.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use super::rows::crc32;

/// Which rows of a labelled set are looked at.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only rows of this split.
    pub split: Option<String>,
    /// Only rows that are never trained on: those whose id has a CRC-32 divisible by five.
    pub held_out: bool,
}

impl Selection {
    /// Whether the row with this id and split is looked at.
    pub fn takes(&self, id: &str, split: Option<&str>) -> bool {
        self.split.as_deref().is_none_or(|wanted| split == Some(wanted))
            && (!self.held_out || is_held_out(id))
    }
}

/// What an evaluator found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// A table for people.
    pub table: String,
    /// The figures by name (`sib_article right`, `f1`), for checks against floors.
    pub figures: BTreeMap<String, f64>,
}

/// Whether a row is never trained on: the CRC-32 of its id is divisible by five.
pub fn is_held_out(id: &str) -> bool {
    crc32(id.as_bytes()).is_multiple_of(5)
}

/// Whether models may learn from a row: its split is `train`, or it has none and is not held out.
pub fn is_for_training(id: &str, split: Option<&str>) -> bool {
    split.map_or_else(|| !is_held_out(id), |split| split == "train")
}

/// An id as text: labelled sets have numbers and strings.
pub fn id(id: &serde_json::Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// Opens the file that predictions are written to, if one is wanted.
pub fn predictions(path: Option<&Path>) -> Result<Option<BufWriter<File>>> {
    path.map(|path| {
        File::create(path).map(BufWriter::new).with_context(|| format!("cannot write {}", path.display()))
    })
    .transpose()
}

/// A clock of the time that the calling thread has had a CPU; wall time where the system does not say.
pub fn cpu_seconds() -> impl Fn() -> f64 {
    let started = Instant::now();
    move || match std::fs::read_to_string("/proc/thread-self/schedstat") {
        Ok(stat) => stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9,
        Err(_) => started.elapsed().as_secs_f64(),
    }
}

/// Ten bins of confidence against being right.
#[derive(Debug, Clone, Default)]
pub struct Reliability {
    bins: [(u32, u32, f64); 10],
}

impl Reliability {
    /// Counts an answer.
    pub fn add(&mut self, confidence: f64, right: bool) {
        let bin = &mut self.bins[((confidence * 10.0) as usize).min(9)];
        bin.0 += 1;
        bin.1 += u32::from(right);
        bin.2 += confidence;
    }

    /// Answers counted.
    pub fn count(&self) -> u32 {
        self.bins.iter().map(|bin| bin.0).sum()
    }

    /// Mean distance between confidence and accuracy over the bins, by answers.
    pub fn gap(&self) -> f64 {
        let gap: f64 = self.bins.iter().map(|(_, right, sum)| (f64::from(*right) - sum).abs()).sum();
        gap / f64::from(self.count().max(1))
    }

    /// Bins that have answers: mean confidence, share right, answers.
    pub fn points(&self) -> impl Iterator<Item = (f64, f64, u32)> {
        self.bins
            .iter()
            .filter(|bin| bin.0 > 0)
            .map(|(n, right, sum)| (sum / f64::from(*n), f64::from(*right) / f64::from(*n), *n))
    }
}

/// Macro-F1 over pairs of (wanted, given): the mean over the labels that are wanted at all.
pub fn macro_f1<'a>(pairs: &[(&'a str, &'a str)]) -> f64 {
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for (gold, _) in pairs {
        counts.entry(gold).or_default();
    }
    for (gold, given) in pairs {
        if gold == given {
            counts.entry(gold).or_default().0 += 1;
        } else {
            counts.entry(gold).or_default().1 += 1;
            if let Some(count) = counts.get_mut(given) {
                count.1 += 1;
            }
        }
    }
    let sum: f64 = counts
        .values()
        .map(|(right, wrong)| match right {
            0 => 0.0,
            _ => f64::from(2 * right) / f64::from(2 * right + wrong),
        })
        .sum();
    sum / counts.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macro_f1_counts_both_kinds_of_error_for_wanted_labels_only() {
        assert!((macro_f1(&[("a", "a"), ("b", "b")]) - 1.0).abs() < 1e-12);
        // a: one right, one taken for b; b: never wanted twice; c is given but never wanted.
        let pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("b", "c")];
        let a = 2.0 / 3.0;
        let b = 2.0 / 4.0;
        assert!((macro_f1(&pairs) - (a + b) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn held_out_rows_are_those_of_the_published_rule() {
        // CRC-32 of "123456789" is the standard's check value cbf43926, 3421780262 = 2 mod 5.
        assert!(!is_held_out("123456789"));
        let held = (0..1000).filter(|i| is_held_out(&format!("row-{i}"))).count();
        assert!((150..250).contains(&held), "{held}");
    }

    #[test]
    fn reliability_is_the_mean_gap_of_the_bins() {
        let mut r = Reliability::default();
        for right in [true, true, true, false] {
            r.add(0.95, right);
        }
        assert!((r.gap() - 0.2).abs() < 1e-12);
        assert_eq!(r.count(), 4);
    }
}
