//! Where the time goes: how long pages take in each stage, over all threads.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use crate::telemetry::{Buckets, Metric};

/// The stages whose time is told apart, in the order they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Bytes to text: JSON, decompression, charset.
    Decode,
    /// Blocks, main text and fields.
    StripBoilerplate,
    /// Language.
    DetectLanguage,
    /// Topics.
    ClassifyTopics,
    /// Canonical URL, ids and fingerprints.
    Deduplicate,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 5] =
        [Self::Decode, Self::StripBoilerplate, Self::DetectLanguage, Self::ClassifyTopics, Self::Deduplicate];

    /// Name as it is written in records and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::StripBoilerplate => "strip_boilerplate",
            Self::DetectLanguage => "detect_language",
            Self::ClassifyTopics => "classify_topics",
            Self::Deduplicate => "deduplicate",
        }
    }
}

/// When one page was in each stage, and for how long in all.
pub type Laps = [Option<(Instant, Duration)>; Stage::ALL.len()];

/// Does `work` on one page that is no part of the stream: its laps are told, and counted nowhere.
pub fn apart<T>(work: impl FnOnce() -> T) -> (T, Laps) {
    struct Back;
    impl Drop for Back {
        fn drop(&mut self) {
            APART.set(false);
        }
    }
    APART.set(true);
    let _back = Back;
    with_laps(work)
}

thread_local! {
    /// Whether what this thread is at work on is no part of the stream.
    static APART: Cell<bool> = const { Cell::new(false) };
    /// The laps of the page that this thread is at work on, where they are asked for.
    static LAPS: RefCell<Option<Laps>> = const { RefCell::new(None) };
}

/// Does `work` on one page, and tells its laps.
pub fn with_laps<T>(work: impl FnOnce() -> T) -> (T, Laps) {
    LAPS.set(Some(Laps::default()));
    let result = work();
    (result, LAPS.take().unwrap_or_default())
}

/// Times of pages in each stage. Shared by all threads.
#[derive(Debug)]
pub struct StageTimes([Buckets; Stage::ALL.len()]);

impl Default for StageTimes {
    fn default() -> Self {
        Self(Stage::ALL.map(|_| Buckets::new(Metric::StageSeconds)))
    }
}

impl StageTimes {
    /// Runs `work` and adds its time to the stage.
    pub fn measure<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        if !APART.get() {
            self.0[stage as usize].observe(took);
        }
        LAPS.with_borrow_mut(|laps| {
            if let Some(laps) = laps {
                let (_, sum) = laps[stage as usize].get_or_insert((started, Duration::ZERO));
                *sum += took;
            }
        });
        result
    }

    /// Time spent in the stage so far.
    pub fn of(&self, stage: Stage) -> Duration {
        self.0[stage as usize].sum()
    }

    /// Times of the stage by bucket.
    pub fn buckets(&self, stage: Stage) -> &Buckets {
        &self.0[stage as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_is_no_part_of_the_stream_is_not_counted() {
        let times = StageTimes::default();
        let wait = || times.measure(Stage::Decode, || std::thread::sleep(Duration::from_millis(2)));
        let ((), laps) = apart(wait);
        assert!(laps[Stage::Decode as usize].is_some_and(|(_, took)| took >= Duration::from_millis(2)));
        assert_eq!(times.of(Stage::Decode), Duration::ZERO);
        wait();
        assert!(times.of(Stage::Decode) >= Duration::from_millis(2));
    }
}
