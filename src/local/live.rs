//! What a run has done so far, for whoever watches it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::inputs::Inputs;
use super::summary::Counts;
use crate::telemetry::Recent;

/// Counts and progress of one run, and a sample of its pages. The run writes, any thread may look.
#[derive(Debug, Default)]
pub struct Live {
    counts: Mutex<Counts>,
    /// The last pages, where they may be shown.
    pub recent: Option<Arc<Recent>>,
    at_most: Option<u64>,
    bytes_total: Option<u64>,
    bytes_read: Arc<AtomicU64>,
    finished: AtomicBool,
}

impl Live {
    /// Of a run over these inputs that stops after `at_most` pages.
    pub fn new(inputs: &Inputs, at_most: Option<u64>, recent: Option<Arc<Recent>>) -> Self {
        let (bytes_total, bytes_read) = (inputs.bytes_total, inputs.bytes_read());
        Self { recent, at_most, bytes_total, bytes_read, ..Self::default() }
    }

    /// What was counted so far.
    pub fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Share of the work that is done, from 0 to 1; `None` where its size is not known.
    pub fn progress(&self) -> Option<f64> {
        let (done, all) = match (self.at_most, self.bytes_total) {
            (Some(all), _) => (self.counts().pages(), all),
            (None, Some(all)) => (self.bytes_read.load(Ordering::Relaxed), all),
            (None, None) => return None,
        };
        Some(if all == 0 { 1.0 } else { (done as f64 / all as f64).min(1.0) })
    }

    /// The run has ended.
    pub fn finish(&self) {
        self.finished.store(true, Ordering::Release);
    }

    /// Whether the run has ended.
    pub fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }
}
