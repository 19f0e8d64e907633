//! The worker's loop: one thread that owns the consumer, the batches and the producer.
//!
//! It sleeps on one channel of [`Event`]s and never waits for anything else without a bound. Each turn it
//! serves the group, reads pages while there is room, moves every batch as far as it gets, and commits the
//! oldest one when all its pages are concluded. Everything that goes wrong on the way ends in one of two
//! ways: go back to the committed offsets ([`Worker::start_over`]), or leave with an [`Error`].

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::batch::{Batch, Pace, Slot, State};
use super::breaker::Breaker;
use super::error::Error;
use super::events::{Event, Passed, Ticket, Waker};
use super::log::{Appender, Tail};
use super::output::Outputs;
use super::pages::{Pages, Read, Revoked};
use super::pool::Pool;
use super::publisher::Publisher;
use super::settings::Config;
use super::status::Status;
use super::trace::PageTrace;
use crate::pipeline::{Concluded, Pipeline};
use crate::record::Outcome;
use crate::sightings::{Entry, Settings};
use crate::telemetry::{self, Metric, Recent, Tracer};

/// Pages read in one turn, so that events are looked at in between.
const READ_AT_ONCE: usize = 64;
/// How long the consumer may go unpolled while there is no room, before it is paused and polled for the group.
const HOLD_BACK: Duration = Duration::from_secs(2);
/// Longest time for leaving the group.
const LEAVE_WAIT: Duration = Duration::from_millis(1500);
/// Longest sleep.
const TICK: Duration = Duration::from_millis(100);

/// The worker's loop.
pub(super) struct Worker {
    pub(super) config: Config,
    pub(super) settings: Settings,
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) tracer: Option<Tracer>,
    pub(super) recent: Option<Arc<Recent>>,
    pub(super) status: Arc<Status>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) events: Receiver<Event>,
    pub(super) waker: Waker,
    pub(super) pages: Pages,
    pub(super) pool: Pool,
    pub(super) appender: Appender,
    /// Ends with the worker.
    pub(super) _tail: Tail,
    pub(super) publisher: Publisher,
    pub(super) outputs: Outputs,
    pub(super) breaker: Breaker,
    /// Nearly everything is rejected: nothing is read any more.
    pub(super) tripped: bool,
    /// Oldest first; the last one may be open.
    pub(super) batches: VecDeque<Batch>,
    pub(super) next_batch: u64,
    pub(super) pace: Pace,
    /// By partition, the oldest offset read and not committed.
    pub(super) uncommitted: BTreeMap<i32, i64>,
    /// The consumer has more to give than was read.
    pub(super) more: bool,
    pub(super) full_since: Option<Instant>,
    pub(super) paused: bool,
    pub(super) failures: super::recover::Failures,
    pub(super) clock: Clock,
}

/// Accounts for the time of the loop by state.
pub(super) struct Clock {
    state: &'static str,
    since: Instant,
}

impl Clock {
    pub fn new() -> Self {
        Self { state: "idle", since: Instant::now() }
    }

    /// From here on the loop is in `state`.
    pub fn enter(&mut self, state: &'static str, status: &Status) {
        let now = Instant::now();
        let seconds = now.duration_since(self.since).as_secs_f64();
        {
            let mut ledger = telemetry::ledger();
            match ledger.loop_seconds.iter_mut().find(|(name, _)| *name == self.state) {
                Some((_, sum)) => *sum += seconds,
                None => ledger.loop_seconds.push((self.state, seconds)),
            }
        }
        (self.state, self.since) = (state, now);
        status.beat(state);
    }
}

impl Worker {
    /// Works until it is asked to stop, then finishes or gives up what is in flight and leaves the group.
    ///
    /// # Errors
    /// What keeps it from going on.
    pub fn run(mut self) -> Result<(), Error> {
        let result = self.work();
        let deadline = Instant::now() + Duration::from_millis(self.config.stop_timeout_ms);
        self.publisher.hurry(deadline);
        if result.is_ok() {
            tracing::info!(pages = self.in_flight(), "stopping: finishing what has been sighted");
            if let Err(error) = self.finish_sighted(deadline) {
                tracing::warn!(%error, "what was in flight is given up");
            }
        }
        self.abandon();
        self.clock.enter("leave", &self.status);
        self.publisher.close(Duration::from_secs(1));
        self.pages.leave(LEAVE_WAIT);
        self.status.set_joined(false);
        result
    }

    fn work(&mut self) -> Result<(), Error> {
        while !self.stop.load(Ordering::Acquire) {
            if self.tripped {
                self.rest()?;
                continue;
            }
            self.clock.enter("poll", &self.status);
            self.publisher.serve();
            self.read()?;
            if let Some(revoked) = self.pages.take_revoked() {
                self.hand_over(&revoked)?;
            }
            for stopped in self.pool.watch()? {
                self.handle(stopped)?;
            }
            self.sight()?;
            self.commit_ready()?;
            self.wait()?;
        }
        Ok(())
    }

    /// Pages in memory.
    pub(super) fn in_flight(&self) -> usize {
        self.batches.iter().map(Batch::pages).sum()
    }

    fn has_room(&self) -> bool {
        let slots: usize = self.batches.iter().map(|batch| batch.slots.len()).sum();
        let bytes: usize = self.batches.iter().map(|batch| batch.bytes).sum();
        slots < self.config.in_flight_pages && bytes < 4 * self.config.batch_bytes
    }

    /// Reads pages while there is room. Without room the consumer is left alone for a while, which keeps what
    /// it has fetched; only then is it paused, which does not, and polled so that the group sees it alive.
    fn read(&mut self) -> Result<(), Error> {
        if self.has_room() {
            self.full_since = None;
            if std::mem::take(&mut self.paused) {
                self.pages.pause(false);
            }
        } else if self.full_since.get_or_insert_with(Instant::now).elapsed() < HOLD_BACK {
            return Ok(());
        } else if !std::mem::replace(&mut self.paused, true) {
            self.pages.pause(true);
        }
        self.waker.clear();
        self.more = true;
        for _ in 0..READ_AT_ONCE {
            match self.pages.read()? {
                Read::Nothing => {
                    self.more = false;
                    break;
                }
                Read::Rebalance => break,
                Read::Page(raw, timestamp) => {
                    if let crate::record::Source::Kafka { partition, offset, .. } = raw.source {
                        self.take(Some(raw), partition, offset, timestamp);
                    }
                }
                Read::Tombstone { partition, offset } => self.take(None, partition, offset, 0),
            }
            if !self.has_room() {
                break;
            }
        }
        Ok(())
    }

    /// Takes a record into the open batch, and sends it to the pool.
    fn take(&mut self, raw: Option<crate::record::RawRecord>, partition: i32, offset: i64, timestamp: i64) {
        self.uncommitted.entry(partition).or_insert_with(|| {
            self.status.waiting(&self.config.topics.pages, partition, timestamp);
            offset
        });
        if self.batches.back().is_none_or(|batch| batch.closed) {
            self.batches.push_back(Batch::new(self.next_batch));
            // Ticket numbers are 32 bits wide.
            self.next_batch = (self.next_batch + 1) & u64::from(u32::MAX);
        }
        let Some(batch) = self.batches.back_mut() else { return };
        let ticket = Ticket { batch: batch.id, slot: batch.slots.len() as u32 };
        match raw {
            Some(raw) => {
                telemetry::consistent(|ledger| {
                    ledger.received += 1;
                    ledger.in_flight += 1;
                });
                batch.bytes += raw.value.len();
                let trace = self.tracer.as_ref().and_then(|tracer| PageTrace::begin(tracer, &raw));
                let (raw, state) = (Arc::new(raw), State::Preparing);
                let slot = Slot { raw, partition, offset, timestamp, state, trace, without_value: false };
                self.pool.prepare(ticket, &slot, false, batch.given_up.clone());
                batch.slots.push(slot);
            }
            None => {
                telemetry::add(Metric::Tombstones, 1, &[]);
                let source = crate::record::Source::Kafka { topic: "".into(), partition, offset };
                let raw =
                    crate::record::RawRecord { source, key: None, value: Vec::new(), headers: Vec::new() };
                let (raw, state) = (Arc::new(raw), State::Skipped);
                batch.slots.push(Slot {
                    raw,
                    partition,
                    offset,
                    timestamp,
                    state,
                    trace: None,
                    without_value: false,
                });
                batch.concluded += 1;
            }
        }
        let most = self.pace.pages(self.config.batch_pages);
        if batch.slots.len() >= most || batch.bytes >= self.config.batch_bytes {
            batch.closed = true;
        }
    }

    /// Appends the sightings of prepared pages, in the order of reading.
    pub(super) fn sight(&mut self) -> Result<(), Error> {
        for index in 0..self.batches.len() {
            let batch = &mut self.batches[index];
            while batch.sighted < batch.slots.len() {
                let slot = batch.sighted;
                if matches!(batch.slots[slot].state, State::Preparing) {
                    return Ok(());
                }
                batch.sighted += 1;
                if let Err(error) = sight(&mut self.appender, &self.pipeline, batch, slot) {
                    return self.start_over("log", &error, false);
                }
            }
            if !batch.closed {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Closes the oldest batch when it has waited long enough, and commits whatever is ready, in order.
    fn commit_ready(&mut self) -> Result<(), Error> {
        let wait = Duration::from_millis(self.config.batch_wait_ms);
        while let Some(front) = self.batches.front_mut() {
            front.closed |= front.opened.elapsed() >= wait;
            if !(front.closed && front.is_concluded()) {
                break;
            }
            self.commit_front()?;
        }
        Ok(())
    }

    /// Sleeps until something happens, then looks at all that has.
    fn wait(&mut self) -> Result<(), Error> {
        let room = self.has_room();
        let wait = match self.batches.front() {
            _ if room && self.more => Duration::ZERO,
            Some(front) if !front.closed => {
                let age = front.opened.elapsed();
                Duration::from_millis(self.config.batch_wait_ms).saturating_sub(age).min(TICK)
            }
            _ => TICK,
        };
        if self.batches.is_empty() {
            self.status.progress();
        }
        let state = match self.batches.front() {
            None => "idle",
            Some(front) if front.is_preparing() => "prepare",
            Some(front) if front.is_concluded() => "gather",
            Some(_) => "sightings",
        };
        self.clock.enter(state, &self.status);
        self.look(wait)
    }

    /// Handles events: waits for the first at most `wait`.
    pub(super) fn look(&mut self, wait: Duration) -> Result<(), Error> {
        let Ok(first) = self.events.recv_timeout(wait) else { return Ok(()) };
        self.handle(first)?;
        for _ in 0..1024 {
            let Ok(event) = self.events.try_recv() else { break };
            self.handle(event)?;
        }
        Ok(())
    }

    fn handle(&mut self, event: Event) -> Result<(), Error> {
        match event {
            Event::Pages | Event::Wake => self.more = true,
            Event::Prepared(ticket, prepared, work) => {
                self.status.progress();
                telemetry::observe(Metric::PrepareSeconds, work.seconds, &[]);
                self.pace.note(work.seconds);
                if let Some(laps) = work.laps
                    && let Some(trace) = self.slot(ticket).and_then(|slot| slot.trace.as_mut())
                {
                    trace.prepared(work.from, work.seconds, *laps);
                }
                return self.prepared(ticket, State::Prepared(prepared));
            }
            Event::Stopped(ticket, reject, void) => {
                self.status.progress();
                return self.prepared(ticket, State::Stopped(reject, void));
            }
            Event::Verdicts(passed) => {
                self.status.progress();
                for passed in passed {
                    self.conclude(passed)?;
                }
            }
            // What an earlier producer could not append is given up already.
            Event::AppendFailed(generation, error) if generation == self.appender.generation() => {
                return self.start_over("log", &error, false);
            }
            Event::AppendFailed(..) => {}
            Event::Settings(settings) if *settings != self.settings => {
                return Err(Error::Failed(super::start::other_settings(&settings, &self.settings)));
            }
            Event::Settings(_) => {}
            Event::TailFailed(error) => return Err(Error::Failed(error)),
        }
        Ok(())
    }

    fn slot(&mut self, ticket: Ticket) -> Option<&mut Slot> {
        let batch = self.batches.iter_mut().find(|batch| batch.id == ticket.batch)?;
        batch.slots.get_mut(ticket.slot as usize)
    }

    /// A page comes out of the pool, in its next state.
    fn prepared(&mut self, ticket: Ticket, next: State) -> Result<(), Error> {
        let Some(batch) = self.batches.iter_mut().find(|batch| batch.id == ticket.batch) else {
            return Ok(());
        };
        let slot = ticket.slot as usize;
        // Absent: dropped at a hand-over.
        let Some(state) = batch.slots.get_mut(slot).map(|slot| &mut slot.state) else { return Ok(()) };
        if !matches!(state, State::Preparing) {
            return Ok(());
        }
        *state = next;
        // Prepared a second time, after the log did not confirm the short cut: its turn has come already.
        if slot < batch.sighted
            && let Err(error) = sight(&mut self.appender, &self.pipeline, batch, slot)
        {
            return self.start_over("log", &error, false);
        }
        Ok(())
    }

    /// The tail has passed the page's sighting.
    fn conclude(&mut self, passed: Passed) -> Result<(), Error> {
        let ticket = passed.ticket;
        let Some(batch) = self.batches.iter_mut().find(|batch| batch.id == ticket.batch) else {
            return Ok(());
        };
        let Some(slot) = batch.slots.get_mut(ticket.slot as usize) else { return Ok(()) };
        let (prepared, since) = match std::mem::replace(&mut slot.state, State::Preparing) {
            State::Sighted(prepared, since) => (prepared, since),
            other => {
                slot.state = other;
                return Ok(());
            }
        };
        telemetry::observe(Metric::SightingsWaitSeconds, since.elapsed().as_secs_f64(), &[]);
        if let Some(trace) = &mut slot.trace {
            trace.judged(since);
        }
        let origin = crate::pipeline::origin(&prepared).cloned();
        match self.pipeline.conclude(*prepared, Some(&passed.verdict), &passed.stories) {
            Concluded::Outcome(outcome) => {
                slot.state = State::Concluded(outcome, origin);
                batch.concluded += 1;
                if let Some(entry) = &passed.judged
                    && let Err(error) = self.appender.append(entry, ticket, &batch.acks)
                {
                    return self.start_over("log", &error, false);
                }
            }
            Concluded::PrepareAgain => {
                self.pool.prepare(ticket, slot, true, batch.given_up.clone());
            }
        }
        Ok(())
    }

    /// The group wants partitions back: what has been sighted is finished and committed, the rest given up.
    fn hand_over(&mut self, revoked: &Revoked) -> Result<(), Error> {
        self.clock.enter("rebalance", &self.status);
        let mut dropped = false;
        if revoked.lost {
            dropped = self.abandon() > 0;
        } else if !self.batches.is_empty() {
            let deadline = Instant::now() + Duration::from_millis(self.config.stop_timeout_ms);
            dropped = self.finish_sighted(deadline)?;
        }
        self.pages.give_up(revoked);
        for partition in &revoked.partitions {
            self.uncommitted.remove(partition);
        }
        if dropped {
            // Of the partitions that stay, what was dropped has to be read again.
            self.rewind()?;
        }
        Ok(())
    }
}

/// Appends the sighting of a prepared page; concludes one that needs none.
fn sight(appender: &mut Appender, pipeline: &Pipeline, batch: &mut Batch, slot: usize) -> Result<(), String> {
    let ticket = Ticket { batch: batch.id, slot: slot as u32 };
    let acks = batch.acks.clone();
    let Some(state) = batch.slots.get_mut(slot).map(|slot| &mut slot.state) else { return Ok(()) };
    *state = match std::mem::replace(state, State::Preparing) {
        State::Prepared(prepared) => match prepared.sighting() {
            Some(sighting) => {
                appender.append(&Entry::Sighting(Box::new(sighting.clone())), ticket, &acks)?;
                State::Sighted(prepared, Instant::now())
            }
            None => match pipeline.conclude(*prepared, None, &[]) {
                Concluded::Outcome(outcome) => {
                    batch.concluded += 1;
                    State::Concluded(outcome, None)
                }
                // Only what has a sighting is prepared again.
                Concluded::PrepareAgain => State::Preparing,
            },
        },
        State::Stopped(reject, origin) => {
            if let Some(origin) = origin {
                appender.append(&Entry::Void(origin), ticket, &acks)?;
            }
            batch.concluded += 1;
            State::Concluded(Outcome::Rejected(reject), None)
        }
        other => other,
    };
    Ok(())
}
