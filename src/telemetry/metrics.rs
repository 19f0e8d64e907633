//! Writing to the metrics of the table, and showing them in Prometheus' text format.

use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use metrics::{Label, SharedString, Unit};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::{Kind, Metric};

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

/// Shows the metrics of this process.
#[derive(Clone)]
pub struct Exporter {
    handle: PrometheusHandle,
}

impl Exporter {
    /// Starts collecting. Once a process.
    ///
    /// # Errors
    /// A recorder is installed already.
    pub fn install() -> Result<Self, String> {
        let mut builder = PrometheusBuilder::new();
        for metric in Metric::ALL {
            let row = metric.describe();
            if let Kind::Histogram(bounds) = row.kind {
                builder = builder
                    .set_buckets_for_metric(Matcher::Full(row.name.to_owned()), bounds)
                    .map_err(|error| error.to_string())?;
            }
        }
        let handle = builder.install_recorder().map_err(|error| error.to_string())?;
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
        set(Metric::BuildInfo, 1.0, &[env!("CARGO_PKG_VERSION")]);
        Ok(Self { handle })
    }

    /// Folds what was observed into the histograms: to be called every few seconds, so that a worker that
    /// nobody scrapes does not keep every observation.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// All metrics in Prometheus' text format. `lag` has a row for each assigned partition: topic, partition,
    /// records, seconds. `stages` has the seconds spent in each stage so far.
    pub fn render(&self, lag: &[(String, i32, i64, f64)], stages: &[(&str, f64)]) -> String {
        if let Some(bytes) = resident_bytes() {
            set(Metric::ResidentMemoryBytes, bytes, &[]);
        }
        let mut out = {
            let ledger = ledger();
            let mut out = self.handle.render();
            for (metric, value) in [
                (Metric::PagesReceived, ledger.received),
                (Metric::PagesAbandoned, ledger.abandoned),
                (Metric::PagesInFlight, ledger.in_flight),
            ] {
                head(&mut out, metric);
                let _infallible = writeln!(out, "{} {value}", metric.describe().name);
            }
            sums(&mut out, Metric::LoopSeconds, &ledger.loop_seconds);
            out
        };
        sums(&mut out, Metric::StageSeconds, stages);
        // Written here and not through the recorder, which has no way to forget a series.
        for metric in [Metric::LagRecords, Metric::LagSeconds] {
            head(&mut out, metric);
            for (topic, partition, records, seconds) in lag {
                let name = metric.describe().name;
                let _infallible = write!(out, "{name}{{topic=\"{topic}\",partition=\"{partition}\"}} ");
                let _infallible = match metric {
                    Metric::LagRecords => writeln!(out, "{records}"),
                    _ => writeln!(out, "{seconds:.3}"),
                };
            }
        }
        out
    }
}

/// Seconds by the one label of the metric: written here, as the recorder's counters are whole numbers.
fn sums(out: &mut String, metric: Metric, rows: &[(&str, f64)]) {
    head(out, metric);
    let row = metric.describe();
    for (value, seconds) in rows {
        let _infallible = writeln!(out, "{}{{{}=\"{value}\"}} {seconds:.6}", row.name, row.labels[0]);
    }
}

fn head(out: &mut String, metric: Metric) {
    let row = metric.describe();
    let kind = if row.kind == Kind::Counter { "counter" } else { "gauge" };
    let _infallible = writeln!(out, "# HELP {} {}\n# TYPE {} {kind}", row.name, row.help, row.name);
}

/// Resident memory of this process; `None` where there is no `/proc`.
fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1024.0)
}
