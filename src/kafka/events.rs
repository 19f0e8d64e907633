//! What wakes the worker's loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crossbeam_channel::Sender;

use crate::pipeline::{Laps, Prepared};
use crate::record::{Origin, Reject};
use crate::sightings::{Entry, Repeat, Settings, Verdict};

/// A page in memory: its batch (numbered through the process's life) and its place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    pub batch: u64,
    pub slot: u32,
}

impl Ticket {
    /// As it travels in the key of a sighting: 32 bits each. A batch number that wraps is long gone.
    pub fn to_u64(self) -> u64 {
        (self.batch << 32) | u64::from(self.slot)
    }

    /// The inverse.
    pub fn from_u64(bits: u64) -> Self {
        Self { batch: bits >> 32, slot: bits as u32 }
    }
}

/// A sighting of this worker that the tail has passed.
pub(super) struct Passed {
    pub ticket: Ticket,
    pub verdict: Verdict,
    /// What the page's stories repeat.
    pub stories: Vec<Option<Repeat>>,
    /// The entry that puts the verdict into the log; `None` where there is none to put.
    pub judged: Option<Entry>,
}

/// The work of the pool on a page.
pub(super) struct Work {
    pub from: Instant,
    pub seconds: f64,
    /// Of a page that is traced.
    pub laps: Option<Box<Laps>>,
}

/// Something happened that the loop has to look at.
pub(super) enum Event {
    /// The consumer has something to poll.
    Pages,
    /// A page went through the stages.
    Prepared(Ticket, Box<Prepared>, Work),
    /// A page was taken out of the pool: its rejection, and the origin that is void from now on.
    Stopped(Ticket, Box<Reject>, Option<Origin>),
    /// The tail passed sightings of this worker.
    Verdicts(Vec<Passed>),
    /// The log did not take an entry of this worker; the number is the appender's generation.
    AppendFailed(u32, String),
    /// Somebody wrote other settings to the log.
    Settings(Box<Settings>),
    /// The tail cannot go on.
    TailFailed(String),
    /// The process is asked to stop, or a wait is over: look around.
    Wake,
}

/// Wakes the loop when the consumer has something, once until the loop has looked.
#[derive(Clone)]
pub(super) struct Waker {
    events: Sender<Event>,
    set: Arc<AtomicBool>,
}

impl Waker {
    pub fn new(events: Sender<Event>) -> Self {
        Self { events, set: Arc::new(AtomicBool::new(false)) }
    }

    pub fn wake(&self) {
        if !self.set.swap(true, Ordering::AcqRel) {
            let _loop_is_gone = self.events.send(Event::Pages);
        }
    }

    pub fn clear(&self) {
        self.set.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_survives_the_log() {
        let ticket = Ticket { batch: 7_000_000, slot: 249 };
        assert_eq!(Ticket::from_u64(ticket.to_u64()), ticket);
    }
}
