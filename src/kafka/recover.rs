//! Commits of the worker, and what it does when one fails.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rdkafka::{Offset, TopicPartitionList};

use super::batch::{Batch, State};
use super::error::Error;
use super::events::Ticket;
use super::headers::Stamp;
use super::pages::Read;
use super::pool::reject;
use super::publisher::Trouble;
use super::trace;
use super::worker::Worker;
use crate::record::{Outcome, Reason, Source};
use crate::sightings::Entry;
use crate::telemetry::{self, Metric};

/// Longest wait for the log's acknowledgements before the batch is given up.
const ACKS_WAIT: Duration = Duration::from_secs(10);
/// Longest time that a commit is tried again while the group makes a change.
const STALE_WAIT: Duration = Duration::from_secs(2);
/// Between two turns of a worker that reads nothing any more.
const REST: Duration = Duration::from_millis(200);
/// Longest wait for the names of the cluster's topics.
const TOPICS_WAIT: Duration = Duration::from_secs(2);
/// So many times may another worker of the same name put this one out of business before it gives in.
const MAX_FENCED: usize = 3;

/// The span of time in which they count.
const FENCED_WITHIN: Duration = Duration::from_secs(300);

/// Failures so far, for back-off and for giving in.
#[derive(Default)]
pub(super) struct Failures {
    in_a_row: u32,
    fenced: Vec<Instant>,
}

/// Why the pages of a batch were rejected, in the order of reading; `None` for those that were not.
fn reasons(batch: &Batch) -> impl Iterator<Item = Option<Reason>> + '_ {
    batch.slots.iter().filter_map(|slot| match &slot.state {
        State::Concluded(Outcome::Rejected(reject), _) => Some(Some(reject.reason)),
        State::Concluded(..) => Some(None),
        _ => None,
    })
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis() as i64)
}

impl Worker {
    /// Commits the oldest batch, all of whose pages are concluded.
    pub(super) fn commit_front(&mut self) -> Result<(), Error> {
        let Some(mut batch) = self.batches.pop_front() else { return Ok(()) };
        if let Some(why) = self.breaker.look(reasons(&batch)) {
            self.batches.push_front(batch);
            self.trip(&why);
            return Ok(());
        }
        match self.try_commit(&mut batch) {
            Ok(()) => {
                self.failures.in_a_row = 0;
                self.status.progress();
                self.breaker.committed(reasons(&batch));
                self.committed(&batch);
                Ok(())
            }
            Err(trouble) => {
                self.batches.push_front(batch);
                match trouble {
                    Trouble::Fatal(error) => Err(error),
                    Trouble::Aborted(why) => {
                        telemetry::add(Metric::Transactions, 1, &["aborted"]);
                        self.start_over("aborted", &why, false)
                    }
                    Trouble::Lost(why) => {
                        telemetry::add(Metric::Transactions, 1, &["lost"]);
                        if why.to_lowercase().contains("fenced") {
                            self.failures.fenced.push(Instant::now());
                        }
                        self.failures.fenced.retain(|at| at.elapsed() < FENCED_WITHIN);
                        if self.failures.fenced.len() >= MAX_FENCED {
                            return Err(Error::Failed(format!(
                                "another worker uses the transactional id {}: give each worker of the group a \
                                 kafka.worker_id of its own",
                                self.config.transactional_id()
                            )));
                        }
                        self.start_over("lost", &why, true)
                    }
                    // try_commit deals with these itself.
                    Trouble::Refused(_) | Trouble::Stale(_) => {
                        self.start_over("refused", "a rejection was refused", false)
                    }
                }
            }
        }
    }

    fn try_commit(&mut self, batch: &mut Batch) -> Result<(), Trouble> {
        let mut suspects = BTreeSet::new();
        let started = Instant::now();
        loop {
            self.await_acks(batch)?;
            self.clock.enter("encode", &self.status);
            let now_ms = now_ms();
            self.look_for_topics();
            let mut records = Vec::with_capacity(batch.slots.len());
            for (index, slot) in batch.slots.iter().enumerate() {
                if let State::Concluded(outcome, _) = &slot.state {
                    let trace = trace::headers(&slot.raw, slot.trace.as_deref());
                    let attempt = slot.raw.attempt();
                    let stamp = Stamp { now_ms, written_ms: slot.timestamp, trace, attempt };
                    records.extend(self.outputs.records(
                        index as u32,
                        outcome,
                        &slot.raw,
                        &stamp,
                        slot.without_value,
                    ));
                }
            }
            let mut offsets = TopicPartitionList::new();
            for (partition, (next, _)) in batch.offsets() {
                offsets
                    .add_partition_offset(&self.config.topics.pages, partition, Offset::Offset(next))
                    .map_err(|error| Trouble::Aborted(error.to_string()))?;
            }
            let group = self.pages.group_metadata();
            if self.pages.is_lost() {
                return Err(Trouble::Aborted("the group has given the partitions to others".to_owned()));
            }
            let (pages, clock, status) = (&self.pages, &mut self.clock, &self.status);
            let published = self.publisher.publish(
                &records,
                &suspects,
                &offsets,
                group.as_ref(),
                |offsets| pages.commit(offsets),
                |state| clock.enter(state, status),
            );
            match published {
                Err(Trouble::Refused(slots)) => {
                    telemetry::add(Metric::Transactions, 1, &["refused"]);
                    for (slot, error) in slots {
                        // Refused in company proves nothing yet: sent again, alone.
                        if !suspects.insert(slot) {
                            self.refuse(batch, slot, &error)?;
                        }
                    }
                    // After a refusal the producer's sequence numbers have a gap, which fails its next transaction.
                    if !self.renew_producer(Some(ACKS_WAIT)).map_err(Trouble::Fatal)? {
                        return Err(Trouble::Lost("the producer cannot be made anew yet".to_owned()));
                    }
                }
                // Between two generations of the group nobody can commit; the partitions may well stay, and those
                // that are to go are this worker's until the loop hands them over. So trying again is as safe as the
                // first time: where the group has given them away, the client gets no new generation without a poll.
                Err(Trouble::Stale(why)) => {
                    let stopping = self.stop.load(Ordering::Acquire);
                    if started.elapsed() > STALE_WAIT || stopping || self.pages.is_revoked() {
                        return Err(Trouble::Aborted(why));
                    }
                    telemetry::add(Metric::Transactions, 1, &["again"]);
                    self.pause(Duration::from_millis(30));
                }
                Ok(()) => {
                    for record in records.iter().filter(|record| record.routed) {
                        telemetry::add(Metric::RoutedRecords, 1, &[&record.topic]);
                    }
                    return Ok(());
                }
                other => return other,
            }
        }
    }

    /// Where records were for topics that are not there: looks whether they are by now.
    fn look_for_topics(&mut self) {
        if self.outputs.routes.wants_a_look() {
            match self.pages.topics(TOPICS_WAIT) {
                Ok(names) => self.outputs.routes.are_there(names.iter().map(String::as_str)),
                Err(error) => tracing::debug!(%error, "cannot look for the topics of the routes"),
            }
        }
    }

    /// Waits until the log has every sighting and verdict of the batch.
    fn await_acks(&mut self, batch: &Batch) -> Result<(), Trouble> {
        self.clock.enter("judged", &self.status);
        let deadline = Instant::now() + ACKS_WAIT;
        loop {
            match batch.acks.wait(Duration::from_millis(500)) {
                Ok(true) => return Ok(()),
                Ok(false) if Instant::now() < deadline && !self.stop.load(Ordering::Acquire) => {
                    self.clock.enter("judged", &self.status);
                }
                Ok(false) => {
                    return Err(Trouble::Aborted("the log does not acknowledge verdicts".to_owned()));
                }
                Err(error) => {
                    return Err(Trouble::Aborted(format!("the log did not take an entry: {error}")));
                }
            }
        }
    }

    /// The broker does not take the page's record: from here on its sighting is void, and the page rejected.
    fn refuse(&mut self, batch: &mut Batch, index: u32, why: &str) -> Result<(), Trouble> {
        let Some(slot) = batch.slots.get_mut(index as usize) else { return Ok(()) };
        let State::Concluded(outcome, origin) = &mut slot.state else { return Ok(()) };
        if matches!(outcome, Outcome::Rejected(_)) {
            if slot.without_value {
                let topic = &self.config.topics.rejected;
                return Err(Trouble::Fatal(Error::Failed(format!(
                    "{topic} does not take a rejection even without its value: {why}; raise its max.message.bytes \
                     (newsmill check prints how)"
                ))));
            }
            tracing::warn!(why, "a rejected page is too large for its topic: written without its value");
            slot.without_value = true;
            return Ok(());
        }
        let url = match &*outcome {
            Outcome::Article(article) => article.url.clone(),
            Outcome::Duplicate(duplicate) => duplicate.url.clone(),
            Outcome::Rejected(reject) => reject.url.clone(),
        };
        tracing::warn!(why, page_id = outcome.page_id(), "the broker refuses a page's record: rejected");
        let page_id = outcome.page_id().to_owned();
        let rejection = reject(&slot.raw, page_id, url, Reason::Refused, "publish", why.to_owned());
        let sighted = origin.take();
        *outcome = Outcome::Rejected(rejection);
        if let Some(origin) = sighted {
            let ticket = Ticket { batch: batch.id, slot: index };
            self.appender.append(&Entry::Void(origin), ticket, &batch.acks).map_err(Trouble::Aborted)?;
        }
        Ok(())
    }

    /// Counts a committed batch.
    fn committed(&mut self, batch: &Batch) {
        let offsets = batch.offsets();
        for (partition, (next, timestamp)) in &offsets {
            self.pool.committed(*partition, *next);
            let mut rest = self.batches.iter().flat_map(|batch| &batch.slots);
            let oldest = rest.find(|slot| slot.partition == *partition);
            let waiting = oldest.map_or(0, |slot| slot.timestamp);
            match oldest {
                Some(slot) => self.uncommitted.insert(*partition, slot.offset),
                None => self.uncommitted.remove(partition),
            };
            self.status.committed(&self.config.topics.pages, *partition, *next, *timestamp, waiting);
        }
        telemetry::add(Metric::Transactions, 1, &["committed"]);
        let pages = batch.pages();
        telemetry::observe(Metric::BatchPages, pages as f64, &[]);
        telemetry::observe(Metric::BatchBytes, batch.bytes as f64, &[]);
        if let Some(tracer) = &self.tracer {
            for slot in &batch.slots {
                if let (Some(trace), State::Concluded(outcome, _)) = (&slot.trace, &slot.state) {
                    tracer.send(trace.spans(slot, outcome, &self.config.group, pages));
                }
            }
        }
        if let Some(recent) = &self.recent {
            for slot in &batch.slots {
                if let State::Concluded(outcome, _) = &slot.state {
                    recent.offer(outcome, || slot.raw.clone());
                }
            }
        }
        let now = now_ms();
        telemetry::consistent(|ledger| {
            ledger.concluded += pages as u64;
            ledger.in_flight = ledger.in_flight.saturating_sub(pages as u64);
            for slot in &batch.slots {
                let State::Concluded(outcome, _) = &slot.state else { continue };
                let reason = match outcome {
                    Outcome::Article(article) => {
                        telemetry::add(Metric::Languages, 1, &[&article.language.code]);
                        let topic = article.topics.first().map_or("none", |topic| topic.code.as_str());
                        telemetry::add(Metric::Topics, 1, &[topic]);
                        "new"
                    }
                    Outcome::Duplicate(duplicate) => duplicate.kind.as_str(),
                    Outcome::Rejected(reject) => reject.reason.as_str(),
                };
                telemetry::add(Metric::Pages, 1, &[outcome.as_str(), reason]);
                if slot.timestamp > 0 {
                    let seconds = (now - slot.timestamp).max(0) as f64 / 1000.0;
                    telemetry::observe(Metric::EndToEndSeconds, seconds, &[]);
                }
            }
        });
    }

    /// Stops reading for good: what is in flight is given up, and stays in the topic of pages. The worker keeps its
    /// partitions, so that nobody else drains them, and is alive and not ready until it is started anew.
    fn trip(&mut self, why: &str) {
        let pages = self.abandon();
        let rejected = &self.config.topics.rejected;
        tracing::error!(why, pages, rejected, "nothing more is read: nearly everything is rejected");
        self.status.set_tripped(format!(
            "{why}: look at {rejected}, mend what is wrong with the pages or the settings (or raise the limit), and start the \
             worker anew; what was not committed is read again then"
        ));
        self.tripped = true;
    }

    /// One turn of a worker that reads nothing any more.
    pub(super) fn rest(&mut self) -> Result<(), Error> {
        self.clock.enter("tripped", &self.status);
        self.status.progress();
        // What was assigned since comes unpaused.
        self.pages.pause(true);
        self.serve_group()?;
        self.look(REST)
    }

    /// Gives up everything in flight. Gives the number of pages.
    pub(super) fn abandon(&mut self) -> usize {
        let pages = self.in_flight();
        for batch in self.batches.drain(..) {
            batch.give_up();
        }
        self.count_abandoned(pages);
        pages
    }

    fn count_abandoned(&self, pages: usize) {
        telemetry::consistent(|ledger| {
            ledger.abandoned += pages as u64;
            ledger.in_flight = ledger.in_flight.saturating_sub(pages as u64);
        });
    }

    /// Finishes and commits what has left a sighting, which takes no more CPU, and gives up the rest. Tells
    /// whether anything was given up.
    pub(super) fn finish_sighted(&mut self, deadline: Instant) -> Result<bool, Error> {
        self.sight()?;
        let mut dropped = 0;
        for batch in &mut self.batches {
            dropped += batch.keep_sighted();
        }
        self.batches.retain(|batch| !batch.slots.is_empty());
        self.count_abandoned(dropped);
        while let Some(front) = self.batches.front() {
            if front.is_concluded() {
                let before = self.batches.len();
                self.commit_front()?;
                // A commit that failed has given up everything.
                if self.batches.len() + 1 < before {
                    return Ok(true);
                }
                continue;
            }
            if Instant::now() >= deadline {
                return Ok(self.abandon() + dropped > 0);
            }
            self.look(Duration::from_millis(20))?;
        }
        Ok(dropped > 0)
    }

    /// Gives up everything in flight and goes back to the committed offsets; with `rebuild` the producer is made
    /// anew first. Takes as long as the broker is away, unless the worker is asked to stop.
    pub(super) fn start_over(&mut self, cause: &'static str, why: &str, rebuild: bool) -> Result<(), Error> {
        let pages = self.abandon();
        self.clock.enter("recover", &self.status);
        tracing::warn!(cause, why, pages, "going back to the committed offsets");
        telemetry::add(Metric::Recoveries, 1, &[cause]);
        self.failures.in_a_row += 1;
        self.outputs.routes.doubt();
        let pause = Duration::from_millis(50 << self.failures.in_a_row.min(6));
        self.pause(pause);
        if cause == "log" {
            self.appender.renew()?;
        }
        if rebuild && !self.renew_producer(None)? {
            return Ok(());
        }
        self.rewind()
    }

    /// Makes the producer anew within `wait`, or, where that is not given, however long the broker is away: then
    /// nothing may be in flight, as pages are read meanwhile that have to be read again. `Ok(false)`: not in time,
    /// or asked to stop.
    fn renew_producer(&mut self, wait: Option<Duration>) -> Result<bool, Error> {
        self.publisher.rebuild()?;
        let started = Instant::now();
        while !self.publisher.init(Duration::from_secs(1))? {
            if self.stop.load(Ordering::Acquire) || wait.is_some_and(|wait| started.elapsed() > wait) {
                return Ok(false);
            }
            self.clock.enter("recover", &self.status);
            self.pause(Duration::from_millis(200));
            if wait.is_none() {
                self.serve_group()?;
            }
        }
        Ok(true)
    }

    /// Polls, so that the group sees the worker alive, while nothing is in flight. What is read here has to be
    /// read again.
    fn serve_group(&mut self) -> Result<(), Error> {
        self.publisher.serve();
        for _ in 0..1000 {
            let (partition, offset) = match self.pages.read()? {
                Read::Nothing | Read::Rebalance => break,
                Read::Tombstone { partition, offset } => (partition, offset),
                Read::Page(raw, _) => match raw.source {
                    Source::Kafka { partition, offset, .. } => (partition, offset),
                    _ => continue,
                },
            };
            // Where nothing is committed yet, this is the place to go back to.
            self.uncommitted.entry(partition).or_insert(offset);
        }
        if let Some(revoked) = self.pages.take_revoked() {
            self.pages.give_up(&revoked);
            for partition in &revoked.partitions {
                self.uncommitted.remove(partition);
            }
        }
        Ok(())
    }

    fn pause(&self, pause: Duration) {
        let deadline = Instant::now() + pause;
        while !self.stop.load(Ordering::Acquire) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Goes back to the committed offsets, however long the broker is away.
    pub(super) fn rewind(&mut self) -> Result<(), Error> {
        loop {
            self.clock.enter("recover", &self.status);
            let uncommitted = &self.uncommitted;
            match self.pages.rewind(|partition| uncommitted.get(&partition).copied(), Duration::from_secs(2))
            {
                Ok(()) => break,
                Err(error) => tracing::debug!(%error, "cannot go back yet"),
            }
            if self.stop.load(Ordering::Acquire) {
                return Ok(());
            }
            self.pause(Duration::from_millis(200));
            self.serve_group()?;
        }
        self.uncommitted.clear();
        self.more = true;
        Ok(())
    }
}
