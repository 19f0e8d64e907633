//! Where the time goes: CPU-side seconds by stage, summed over all threads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

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

/// Time spent in each stage. Shared by all threads.
#[derive(Debug, Default)]
pub struct StageTimes([AtomicU64; Stage::ALL.len()]);

impl StageTimes {
    /// Runs `work` and adds its time to the stage.
    pub fn measure<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        let nanos = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.0[stage as usize].fetch_add(nanos, Ordering::Relaxed);
        result
    }

    /// Time spent in the stage so far.
    pub fn of(&self, stage: Stage) -> Duration {
        Duration::from_nanos(self.0[stage as usize].load(Ordering::Relaxed))
    }
}
