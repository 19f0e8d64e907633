//! A worker that nobody scrapes keeps no more than one that is.
//!
//! A binary of its own, for it counts every byte that is allocated, and a process has one recorder.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests fail by panicking, and may talk")]

use std::time::Duration;

use newsmill::pipeline::{Stage, StageTimes};
use newsmill::telemetry::{self, Exporter, Metric};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// Pages between two upkeeps of the service, which are five seconds apart: 1,000 a second.
const PAGES: u32 = 5_000;
/// An hour of them.
const ROUNDS: u32 = 720;
/// Memory that the hour may leave behind (what the recorder is about to free counts as left), and that it may take in between.
const LEFT: usize = 1 << 20;
const TAKEN: usize = 16 << 20;

/// What a worker writes of its pages between two upkeeps.
fn pages(times: &StageTimes) {
    for i in 0..PAGES {
        let seconds = f64::from(i) / 1e4;
        for metric in [Metric::PrepareSeconds, Metric::SightingsWaitSeconds, Metric::EndToEndSeconds] {
            telemetry::observe(metric, seconds, &[]);
        }
        for stage in Stage::ALL {
            times.measure(stage, || ());
        }
        telemetry::add(Metric::Pages, 1, &["article", "new"]);
        if i % 100 == 0 {
            telemetry::observe(Metric::BatchPages, f64::from(i), &[]);
            telemetry::observe(Metric::BatchBytes, f64::from(i) * 1e4, &[]);
        }
    }
}

#[test]
fn an_hour_without_a_scrape_leaves_memory_flat() {
    let (exporter, times) = (Exporter::install().unwrap(), StageTimes::default());
    let mut after = Vec::with_capacity(ROUNDS as usize);
    for _ in 0..ROUNDS {
        pages(&times);
        exporter.upkeep();
        after.push(ALLOCATED.current_usage());
    }
    let (early, late) = (after[ROUNDS as usize / 10], after[ROUNDS as usize - 1]);
    println!("{early} bytes after six minutes, {late} after an hour, {} at most", ALLOCATED.peak_usage());
    assert!(late < early + LEFT, "{early} bytes after six minutes, {late} after an hour");
    assert!(ALLOCATED.peak_usage() < early + TAKEN, "{} bytes at a time", ALLOCATED.peak_usage());

    // Nothing of it is lost, and what is kept is counted as it was observed.
    let text = exporter.render(&[], &Stage::ALL.map(|stage| (stage.as_str(), times.buckets(stage))));
    let all = PAGES * ROUNDS;
    for line in [
        format!("newsmill_prepare_seconds_count {all}"),
        format!("newsmill_prepare_seconds_bucket{{le=\"+Inf\"}} {all}"),
        format!("newsmill_stage_seconds_count{{stage=\"decode\"}} {all}"),
        format!("newsmill_batch_pages_count {}", all / 100),
        format!("newsmill_pages_total{{outcome=\"article\",reason=\"new\"}} {all}"),
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(times.of(Stage::Decode) < Duration::from_secs(60));
}
