//! Writing to the metrics of the table, and showing them in Prometheus' text format.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use metrics::{Label, SharedString, Unit};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::{Buckets, Kind, Metric, process, text};
use crate::record::{DuplicateKind, Reason};

/// Adds to a counter. `labels` are the values in the order of the table.
pub fn add(metric: Metric, amount: u64, labels: &[&str]) {
    metrics::counter!(metric.describe().name, named(metric, labels)).increment(amount);
}

/// Sets a gauge.
pub fn set(metric: Metric, value: f64, labels: &[&str]) {
    metrics::gauge!(metric.describe().name, named(metric, labels)).set(value);
}

/// Adds an observation to a histogram.
pub fn observe(metric: Metric, value: f64, labels: &[&str]) {
    metrics::histogram!(metric.describe().name, named(metric, labels)).record(value);
}

fn named(metric: Metric, values: &[&str]) -> Vec<Label> {
    let names = metric.describe().labels;
    debug_assert_eq!(names.len(), values.len(), "labels of {metric:?}");
    names
        .iter()
        .zip(values)
        .map(|(name, value)| Label::new(*name, SharedString::from((*value).to_owned())))
        .collect()
}

/// Counts that must agree with each other at every scrape, and times that are no whole numbers.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Pages read.
    pub received: u64,
    /// Pages with a committed outcome.
    pub concluded: u64,
    /// Pages given up before their commit.
    pub abandoned: u64,
    /// Pages read and not yet committed or given up.
    pub in_flight: u64,
    /// Seconds of the loop by state, in the order of first use.
    pub loop_seconds: Vec<(&'static str, f64)>,
}

static LEDGER: Mutex<Ledger> =
    Mutex::new(Ledger { received: 0, concluded: 0, abandoned: 0, in_flight: 0, loop_seconds: Vec::new() });

/// The ledger; a scrape waits while it is held.
pub fn ledger() -> MutexGuard<'static, Ledger> {
    LEDGER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does `work`, which writes to the ledger and to metrics, with no scrape in between.
pub fn consistent(work: impl FnOnce(&mut Ledger)) {
    work(&mut ledger());
}

/// A value that is looked up at each scrape and not kept: absent where there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// A gauge, or a counter, of the table.
    pub metric: Metric,
    /// Values of its labels, in the order of the table.
    pub labels: Vec<String>,
    /// The value.
    pub value: f64,
}

impl Sample {
    /// A sample without labels.
    pub fn new(metric: Metric, value: f64) -> Self {
        Self { metric, labels: Vec::new(), value }
    }
}

/// Shows the metrics of this process.
#[derive(Clone)]
pub struct Exporter {
    handle: PrometheusHandle,
    /// Unix time of the start, in seconds.
    started: f64,
}

impl Exporter {
    /// Starts collecting. Once a process.
    ///
    /// # Errors
    /// A recorder is installed already.
    pub fn install() -> Result<Self, String> {
        let recorder = recorder()?;
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|error| error.to_string())?;
        describe();
        let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
        Ok(Self { handle, started })
    }

    /// Folds what was observed into the histograms: to be called every few seconds, so that a worker that
    /// nobody scrapes does not keep every observation.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// What was added to these counters, in a row for each, and how many pages are in flight at that moment.
    pub fn counts(&self, counters: &[Metric]) -> (Vec<Sample>, u64) {
        let (text, in_flight) = {
            let ledger = ledger();
            (self.handle.render(), ledger.in_flight)
        };
        (counters.iter().flat_map(|metric| text::read(&text, *metric)).collect(), in_flight)
    }

    /// All metrics in Prometheus' text format. `samples` are those that are looked up at each scrape, each metric's in a
    /// row; `stages` are the times of the stages by name.
    pub fn render(&self, samples: &[Sample], stages: &[(&str, &Buckets)]) -> String {
        let mut own = vec![Sample::new(Metric::StartTimeSeconds, self.started)];
        own.extend(process::resident_bytes().map(|bytes| Sample::new(Metric::ResidentMemoryBytes, bytes)));
        own.extend(process::memory_limit().map(|bytes| Sample::new(Metric::MemoryLimitBytes, bytes)));
        let mut out = {
            let ledger = ledger();
            let mut out = self.handle.render();
            let counts = [
                (Metric::PagesReceived, ledger.received),
                (Metric::PagesAbandoned, ledger.abandoned),
                (Metric::PagesInFlight, ledger.in_flight),
            ];
            own.extend(counts.map(|(metric, count)| Sample::new(metric, count as f64)));
            own.extend(ledger.loop_seconds.iter().map(|(state, seconds)| Sample {
                metric: Metric::LoopSeconds,
                labels: vec![(*state).to_owned()],
                value: *seconds,
            }));
            drop(ledger);
            text::samples(&mut out, &own);
            out
        };
        text::samples(&mut out, samples);
        text::histogram(&mut out, Metric::StageSeconds, stages);
        out
    }
}

/// The recorder, with the buckets of the table.
fn recorder() -> Result<PrometheusRecorder, String> {
    let mut builder = PrometheusBuilder::new();
    for metric in Metric::ALL {
        let row = metric.describe();
        if let Kind::Histogram(bounds) = row.kind {
            builder = builder
                .set_buckets_for_metric(Matcher::Full(row.name.to_owned()), bounds)
                .map_err(|error| error.to_string())?;
        }
    }
    Ok(builder.build_recorder())
}

/// Tells the recorder the help of each metric, and begins the counters whose labels have few values at zero: a series that
/// begins with its first event has no increase to show for it.
fn describe() {
    for metric in Metric::ALL {
        let row = metric.describe();
        let unit = match row.unit {
            "seconds" => Unit::Seconds,
            "bytes" => Unit::Bytes,
            _ => Unit::Count,
        };
        match row.kind {
            Kind::Counter => metrics::describe_counter!(row.name, unit, row.help),
            Kind::Gauge => metrics::describe_gauge!(row.name, unit, row.help),
            Kind::Histogram(_) => metrics::describe_histogram!(row.name, unit, row.help),
        }
    }
    add(Metric::Pages, 0, &["article", "new"]);
    for kind in [DuplicateKind::Exact, DuplicateKind::Near, DuplicateKind::Revision] {
        add(Metric::Pages, 0, &["duplicate", kind.as_str()]);
    }
    for reason in Reason::ALL {
        add(Metric::Pages, 0, &["rejected", reason.as_str()]);
    }
    for result in ["committed", "aborted", "again", "refused", "lost"] {
        add(Metric::Transactions, 0, &[result]);
    }
    for cause in ["aborted", "lost", "refused", "log"] {
        add(Metric::Recoveries, 0, &[cause]);
    }
    for kind in ["assigned", "revoked", "lost"] {
        add(Metric::Rebalances, 0, &[kind]);
    }
    for result in ["sent", "dropped"] {
        add(Metric::TraceSpans, 0, &[result]);
    }
    add(Metric::Tombstones, 0, &[]);
    add(Metric::IndexForgottenEarly, 0, &[]);
}

#[cfg(test)]
mod tests;
