//! What flows: one look at a worker or at a run over files, in the same words.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::super::health::Health;
use crate::kafka::Lag;
use crate::local::Live;
use crate::pipeline::{Pipeline, Stage};
use crate::record::DuplicateKind;
use crate::telemetry::{Exporter, Metric};

/// Names of languages and topics that are told apart; the rest is one sum.
const TOLD_APART: usize = 12;

/// Where the figures come from.
pub(in super::super) enum Flow {
    /// A worker on Kafka: from its metrics and its health.
    Worker {
        /// What it waits for.
        health: Health,
        /// What it counted.
        exporter: Exporter,
        /// Its name.
        name: String,
    },
    /// A run over files.
    Files(Arc<Live>),
}

/// How it goes, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Phase {
    /// Works, or could.
    Ready,
    /// Waits for something.
    Waiting,
    /// Is asked to stop.
    Stopping,
    /// All is done.
    Finished,
}

/// What waits in the topic of pages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Backlog {
    /// Records that are not committed, over all partitions of this worker.
    records: i64,
    /// Age of the oldest of them; `None` where it is not known.
    seconds: Option<f64>,
    /// Partitions of this worker.
    partitions: usize,
    /// The partition with the most.
    worst: Option<String>,
}

/// One look. Counts are since the start.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Sample {
    pub phase: Phase,
    /// What is waited for, in words.
    pub awaits: Vec<String>,
    pub articles: u64,
    /// By kind.
    pub duplicates: BTreeMap<String, u64>,
    /// By reason, those that occurred.
    pub rejected: BTreeMap<String, u64>,
    /// New articles by language, the most frequent first; `other` is the sum of the rest.
    pub languages: Vec<(String, u64)>,
    /// New articles by first topic, likewise.
    pub topics: Vec<(String, u64)>,
    /// Pages read and not committed; `None` for files.
    pub in_flight: Option<u64>,
    pub backlog: Option<Backlog>,
    /// Share of the work that is done; `None` where its size is not known.
    pub progress: Option<f64>,
}

impl Sample {
    /// Nothing yet.
    pub fn empty() -> Self {
        Self {
            phase: Phase::Ready,
            awaits: Vec::new(),
            articles: 0,
            duplicates: BTreeMap::new(),
            rejected: BTreeMap::new(),
            languages: Vec::new(),
            topics: Vec::new(),
            in_flight: None,
            backlog: None,
            progress: None,
        }
    }

    /// Articles, duplicates and rejections.
    pub fn outcomes(&self) -> [u64; 3] {
        [self.articles, self.duplicates.values().sum(), self.rejected.values().sum()]
    }

    /// Records that wait.
    pub fn lag(&self) -> Option<i64> {
        self.backlog.as_ref().map(|backlog| backlog.records)
    }
}

impl Flow {
    /// `worker` or `files`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Worker { .. } => "worker",
            Self::Files(_) => "files",
        }
    }

    /// Name of the worker.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Worker { name, .. } => Some(name),
            Self::Files(_) => None,
        }
    }

    /// Looks. `topic_names` gives the names of the topics by their codes. Takes longer than async code may.
    pub(super) fn look(&self, topic_names: &BTreeMap<String, String>) -> Sample {
        match self {
            Self::Worker { health, exporter, .. } => of_worker(health, exporter, topic_names),
            Self::Files(live) => of_files(live),
        }
    }
}

fn of_worker(health: &Health, exporter: &Exporter, topic_names: &BTreeMap<String, String>) -> Sample {
    let (counts, in_flight) = exporter.counts(&[Metric::Pages, Metric::Languages, Metric::Topics]);
    let mut sample = Sample::empty();
    let (mut languages, mut topics) = (Vec::new(), Vec::new());
    for mut row in counts {
        let count = row.value as u64;
        let label = std::mem::take(&mut row.labels[0]);
        match row.metric {
            Metric::Languages => languages.push((label, count)),
            Metric::Topics => topics.push((topic_names.get(&label).cloned().unwrap_or(label), count)),
            _ => {
                let reason = std::mem::take(&mut row.labels[1]);
                match label.as_str() {
                    "article" => sample.articles += count,
                    "duplicate" => *sample.duplicates.entry(reason).or_default() += count,
                    _ if count > 0 => *sample.rejected.entry(reason).or_default() += count,
                    _ => {}
                }
            }
        }
    }
    let awaits = health.awaits();
    sample.phase = match (health.is_stopping(), awaits.is_empty()) {
        (true, _) => Phase::Stopping,
        (false, true) => Phase::Ready,
        (false, false) => Phase::Waiting,
    };
    sample.awaits = awaits;
    (sample.languages, sample.topics) = (most_frequent(languages), most_frequent(topics));
    sample.in_flight = Some(in_flight);
    sample.backlog = Some(backlog(&health.status.lag(), health.status.assigned_partitions()));
    sample
}

fn backlog(lag: &[Lag], partitions: usize) -> Backlog {
    let worst = lag.iter().filter(|lag| lag.records > 0).max_by_key(|lag| lag.records);
    Backlog {
        records: lag.iter().map(|lag| lag.records).sum(),
        seconds: lag.iter().filter_map(|lag| lag.seconds).reduce(f64::max),
        partitions,
        worst: worst.map(|lag| format!("{}/{}: {}", lag.topic, lag.partition, lag.records)),
    }
}

fn of_files(live: &Live) -> Sample {
    let counts = live.counts().clone();
    let none = |name: String| if name == "(none)" { "none".to_owned() } else { name };
    Sample {
        phase: if live.is_finished() { Phase::Finished } else { Phase::Ready },
        articles: counts.articles,
        duplicates: [DuplicateKind::Exact, DuplicateKind::Near, DuplicateKind::Revision]
            .map(|kind| {
                (kind.as_str().to_owned(), counts.duplicates.get(kind.as_str()).copied().unwrap_or(0))
            })
            .into(),
        rejected: counts.rejected.iter().map(|(reason, n)| (reason.to_string(), *n)).collect(),
        languages: most_frequent(counts.languages.into_iter().collect()),
        topics: most_frequent(counts.topics.into_iter().map(|(name, n)| (none(name), n)).collect()),
        progress: if live.is_finished() { Some(1.0) } else { live.progress() },
        ..Sample::empty()
    }
}

/// The most frequent first, and the sum of the rest as `other`.
fn most_frequent(mut counts: Vec<(String, u64)>) -> Vec<(String, u64)> {
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if counts.len() > TOLD_APART {
        let rest = counts.split_off(TOLD_APART);
        counts.push(("other".to_owned(), rest.iter().map(|(_, count)| count).sum()));
    }
    counts
}

/// Observations of a stage's times by bucket, and their sum.
#[derive(Debug, Clone, Default)]
pub(super) struct StageCounts(Vec<(Vec<u64>, Duration)>);

/// How long pages took in a stage.
#[derive(Debug, Serialize)]
pub(super) struct StageFigures {
    name: &'static str,
    pages: u64,
    /// Half of the pages took at most so many milliseconds; `None` where there were none.
    p50_ms: Option<f64>,
    /// 19 of 20 took at most so many.
    p95_ms: Option<f64>,
    /// Of the time of all stages, from 0 to 1.
    share: f64,
}

impl StageCounts {
    /// Those of now.
    pub fn of(pipeline: &Pipeline) -> Self {
        let times = pipeline.times();
        Self(Stage::ALL.map(|stage| (times.buckets(stage).counts(), times.of(stage))).into())
    }

    /// What has come since `before`.
    pub fn since(&self, before: &Self, pipeline: &Pipeline) -> Vec<StageFigures> {
        let rows = Stage::ALL.iter().zip(&self.0).enumerate().map(|(i, (stage, (counts, sum)))| {
            let (counts, sum) = match before.0.get(i) {
                None => (counts.clone(), *sum),
                Some((before, sum_before)) => {
                    let new = counts.iter().zip(before).map(|(now, before)| now.saturating_sub(*before));
                    (new.collect(), sum.saturating_sub(*sum_before))
                }
            };
            (*stage, counts, sum)
        });
        let rows: Vec<_> = rows.collect();
        let all: f64 = rows.iter().map(|(_, _, sum)| sum.as_secs_f64()).sum();
        let millis = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
        rows.into_iter()
            .map(|(stage, counts, sum)| {
                let buckets = pipeline.times().buckets(stage);
                StageFigures {
                    name: stage.as_str(),
                    pages: counts.iter().sum(),
                    p50_ms: buckets.quantile(&counts, 0.5).map(millis),
                    p95_ms: buckets.quantile(&counts, 0.95).map(millis),
                    share: if all > 0.0 { sum.as_secs_f64() / all } else { 0.0 },
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rare_is_one_sum() {
        let counts = (0..15).map(|n| (format!("l{n:02}"), 100 - n)).collect();
        let shown = most_frequent(counts);
        assert_eq!(shown.len(), TOLD_APART + 1);
        assert_eq!(shown[0], ("l00".to_owned(), 100));
        assert_eq!(shown[TOLD_APART], ("other".to_owned(), 88 + 87 + 86));
        assert_eq!(most_frequent(vec![("b".into(), 1), ("a".into(), 1)])[0].0, "a");
    }

    #[test]
    fn lag_is_summed_and_its_worst_partition_named() {
        let row = |partition, records, seconds| Lag { topic: "p".into(), partition, records, seconds };
        let sum = backlog(&[row(0, 5, Some(1.0)), row(1, 9, Some(4.0)), row(2, 0, None)], 3);
        let worst = Some("p/1: 9".to_owned());
        assert_eq!(sum, Backlog { records: 14, seconds: Some(4.0), partitions: 3, worst });
        assert_eq!(backlog(&[row(0, 0, Some(0.0))], 1).worst, None);
    }
}
