//! Pages in memory, from the read to the commit.
//!
//! A page goes `Preparing` → `Prepared` → `Sighted` → `Concluded`; a rejection goes from `Prepared` to
//! `Concluded`. Sightings are appended in the order of reading, over all batches, so that of two copies the
//! one read first becomes the article.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::log::Acks;
use super::trace::PageTrace;
use crate::pipeline::Prepared;
use crate::record::{Origin, Outcome, RawRecord, Reject};

/// Longest time that the pages of one batch may take to prepare: the first of them waits for the last.
const PREPARED_WITHIN: Duration = Duration::from_millis(500);

/// Weight of one page in the mean time of preparing one.
const WEIGHT: f64 = 1.0 / 64.0;

/// How fast pages are prepared, which bounds the batches: slow pages go in small ones.
pub(super) struct Pace {
    /// Mean of the last hundred or so, seconds.
    mean: f64,
    threads: f64,
}

impl Pace {
    /// Before any page was seen, as if each took a millisecond.
    pub fn new(threads: usize) -> Self {
        Self { mean: 0.001, threads: threads as f64 }
    }

    /// A page took so many seconds.
    pub fn note(&mut self, seconds: f64) {
        self.mean += WEIGHT * (seconds - self.mean);
    }

    /// Pages that a batch may have, at most `most`.
    pub fn pages(&self, most: usize) -> usize {
        let fit = PREPARED_WITHIN.as_secs_f64() * self.threads / self.mean.max(1e-6);
        // A cast of a float saturates.
        (fit as usize).clamp(1, most.max(1))
    }
}

/// How far a page is.
pub(super) enum State {
    /// In the pool.
    Preparing,
    /// Waits for its turn to be sighted.
    Prepared(Box<Prepared>),
    /// As that, but rejected for what it did to the pool; a void for its origin goes into the log, for an earlier
    /// run may have sighted it.
    Stopped(Box<Reject>, Option<Origin>),
    /// Its sighting is on its way to the log and back.
    Sighted(Box<Prepared>, Instant),
    /// Done but for the commit; the origin where it was sighted.
    Concluded(Outcome, Option<Origin>),
    /// No page: its offset is committed, nothing else.
    Skipped,
}

/// A record of a batch.
pub(super) struct Slot {
    pub raw: Arc<RawRecord>,
    pub partition: i32,
    pub offset: i64,
    /// Of the record, milliseconds since 1970.
    pub timestamp: i64,
    pub state: State,
    /// Of a page that is traced.
    pub trace: Option<Box<PageTrace>>,
    /// The broker refused even its rejection: the value is left out of it.
    pub without_value: bool,
}

/// Pages that are committed together.
pub(super) struct Batch {
    pub id: u64,
    pub slots: Vec<Slot>,
    /// Bytes of the records.
    pub bytes: usize,
    pub opened: Instant,
    /// Takes no more pages.
    pub closed: bool,
    /// Slots before this one have been sighted, or need not be.
    pub sighted: usize,
    /// Slots that are concluded or skipped.
    pub concluded: usize,
    /// Entries of the log that are not acknowledged yet.
    pub acks: Arc<Acks>,
    /// Tells the pool not to bother.
    pub given_up: Arc<AtomicBool>,
}

impl Batch {
    pub fn new(id: u64) -> Self {
        Self {
            id,
            slots: Vec::new(),
            bytes: 0,
            opened: Instant::now(),
            closed: false,
            sighted: 0,
            concluded: 0,
            acks: Arc::default(),
            given_up: Arc::default(),
        }
    }

    /// Whether every page has its outcome.
    pub fn is_concluded(&self) -> bool {
        self.concluded == self.slots.len()
    }

    /// Pages, without what was skipped.
    pub fn pages(&self) -> usize {
        self.slots.iter().filter(|slot| !matches!(slot.state, State::Skipped)).count()
    }

    /// Whether any page is still in the pool.
    pub fn is_preparing(&self) -> bool {
        self.slots.iter().any(|slot| matches!(slot.state, State::Preparing))
    }

    /// Next offset and timestamp of the last record, by partition.
    pub fn offsets(&self) -> BTreeMap<i32, (i64, i64)> {
        let mut offsets = BTreeMap::new();
        for slot in &self.slots {
            // Committed is what comes next, not what was last.
            offsets.insert(slot.partition, (slot.offset + 1, slot.timestamp));
        }
        offsets
    }

    /// Leaves only the pages that have left a sighting, or need none, so that it can be committed without the
    /// pool. Gives the number of pages dropped.
    pub fn keep_sighted(&mut self) -> usize {
        let before = self.pages();
        self.bytes -= self.slots[self.sighted..].iter().map(|slot| slot.raw.value.len()).sum::<usize>();
        self.slots.truncate(self.sighted);
        self.concluded = self
            .slots
            .iter()
            .filter(|slot| matches!(slot.state, State::Concluded(..) | State::Skipped))
            .count();
        self.closed = true;
        before - self.pages()
    }

    /// Nothing of it will be committed.
    pub fn give_up(&self) {
        self.given_up.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Source;

    fn slot(partition: i32, offset: i64, state: State) -> Slot {
        let source = Source::Kafka { topic: "pages".into(), partition, offset };
        let raw = Arc::new(RawRecord { source, key: None, value: vec![0; 10], headers: Vec::new() });
        Slot { raw, partition, offset, timestamp: offset, state, trace: None, without_value: false }
    }

    #[test]
    fn slow_pages_go_in_small_batches() {
        let mut pace = Pace::new(2);
        assert_eq!(pace.pages(250), 250);
        for _ in 0..1000 {
            pace.note(0.1);
        }
        assert_eq!(pace.pages(250), 10);
        for _ in 0..1000 {
            pace.note(60.0);
        }
        assert_eq!(pace.pages(250), 1);
        for _ in 0..2000 {
            pace.note(0.0005);
        }
        assert_eq!(pace.pages(250), 250);
    }

    #[test]
    fn what_is_not_sighted_is_dropped_and_not_committed() {
        let mut batch = Batch::new(1);
        batch.slots = vec![
            slot(0, 5, State::Skipped),
            slot(1, 8, State::Skipped),
            slot(0, 6, State::Preparing),
            slot(1, 9, State::Skipped),
        ];
        (batch.bytes, batch.sighted, batch.concluded) = (40, 2, 3);
        assert!(!batch.is_concluded());
        assert_eq!(batch.offsets(), BTreeMap::from([(0, (7, 6)), (1, (10, 9))]));
        assert_eq!(batch.keep_sighted(), 1);
        assert!(batch.is_concluded());
        assert_eq!((batch.bytes, batch.offsets()), (20, BTreeMap::from([(0, (6, 5)), (1, (9, 8))])));
    }
}
