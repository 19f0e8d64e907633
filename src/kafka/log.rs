//! Carries the sightings log on Kafka: appends entries, and tails the topic into the index.
//!
//! The topic has one partition, so its order is the order of everything that was seen. The key of a record
//! is who appended it (8 random bytes of the process) and its [`Ticket`] (8 bytes): the tail knows its own
//! sightings by it and hands their verdicts to the loop. The time of an entry is the broker's.
//!
//! The tail begins where the [`Snapshot`] of the index ends, and keeps that up.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use rdkafka::client::OAuthToken;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, DeliveryResult, Message};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::statistics::Statistics;
use rdkafka::{ClientContext, Offset, TopicPartitionList};
use xxhash_rust::xxh3::xxh3_64;

use super::client::{self, Plain};
use super::error::{Error, advice_for};
use super::events::{Event, Passed, Ticket};
use super::properties;
use super::resume::{Begun, begin, entry_at, noting};
use super::settings::Config;
use super::snapshot::Snapshot;
use super::status::Status;
use super::token;
use crate::sightings::{At, Entry, Index, Replay, Settings};
use crate::telemetry::{self, Metric};

/// Entries that are applied to the index under one lock.
const CHUNK: usize = 512;

/// Entries of one batch that the log has yet to acknowledge.
#[derive(Default)]
pub(super) struct Acks {
    pending: AtomicUsize,
    lock: Mutex<Option<String>>,
    changed: Condvar,
}

impl Acks {
    fn done(&self, error: Option<String>) {
        let mut failed = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.is_none() {
            *failed = error;
        }
        self.pending.fetch_sub(1, Ordering::AcqRel);
        self.changed.notify_all();
    }

    /// Waits until every entry is acknowledged: `Ok(false)` after `wait`.
    ///
    /// # Errors
    /// What the log said of an entry that it did not take.
    pub fn wait(&self, wait: Duration) -> Result<bool, String> {
        let deadline = Instant::now() + wait;
        let mut failed = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(error) = failed.as_ref() {
                return Err(error.clone());
            }
            if self.pending.load(Ordering::Acquire) == 0 {
                return Ok(true);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            failed = self.changed.wait_timeout(failed, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[derive(Clone)]
struct AppendContext {
    generation: u32,
    events: Sender<Event>,
    status: Arc<Status>,
}

impl ClientContext for AppendContext {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        token::read(config)
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(level, facility, message);
    }

    fn stats(&self, statistics: Statistics) {
        self.status.set_broker_up(client::note("sightings", &statistics));
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown) {
            self.status.set_broker_up(false);
        }
        tracing::debug!(target: "newsmill::kafka::client", %error, "{reason}");
    }
}

impl ProducerContext for AppendContext {
    /// Who waits for the entry's acknowledgement.
    type DeliveryOpaque = Arc<Acks>;

    fn delivery(&self, result: &DeliveryResult<'_>, acks: Arc<Acks>) {
        let error = result.as_ref().err().map(|(error, _)| error.to_string());
        if let Some(error) = &error {
            let _loop_is_gone = self.events.send(Event::AppendFailed(self.generation, error.clone()));
        }
        acks.done(error);
    }
}

fn appending(
    settings: &ClientConfig,
    context: AppendContext,
) -> Result<ThreadedProducer<AppendContext>, Error> {
    settings.create_with_context(context).map_err(|error| {
        Error::Configuration(format!(
            "cannot create the producer of sightings: {}; check the section kafka",
            properties::refusal(&error)
        ))
    })
}

/// Appends to the log.
pub(super) struct Appender {
    settings: ClientConfig,
    producer: ThreadedProducer<AppendContext>,
    topic: String,
    instance: [u8; 8],
    buffer: Vec<u8>,
}

impl Appender {
    pub fn new(
        config: &Config,
        instance: [u8; 8],
        status: Arc<Status>,
        events: Sender<Event>,
    ) -> Result<Self, Error> {
        let settings = client::appender(config);
        let context = AppendContext { generation: 0, events, status };
        let producer = appending(&settings, context)?;
        let topic = config.topics.sightings.clone();
        Ok(Self { settings, producer, topic, instance, buffer: Vec::new() })
    }

    /// Makes the producer anew; what the old one has not appended yet is dropped.
    pub fn renew(&mut self) -> Result<(), Error> {
        let mut context = AppendContext::clone(self.producer.context());
        context.generation += 1;
        self.producer = appending(&self.settings, context)?;
        Ok(())
    }

    /// Counts the producers made so far.
    pub fn generation(&self) -> u32 {
        self.producer.context().generation
    }

    /// Appends an entry; `acks` counts it until the log has it.
    ///
    /// # Errors
    /// The client does not take it.
    pub fn append(&mut self, entry: &Entry, ticket: Ticket, acks: &Arc<Acks>) -> Result<(), String> {
        self.buffer.clear();
        entry.encode(&mut self.buffer);
        let mut key = [0; 16];
        key[..8].copy_from_slice(&self.instance);
        key[8..].copy_from_slice(&ticket.to_u64().to_be_bytes());
        acks.pending.fetch_add(1, Ordering::AcqRel);
        let record = BaseRecord::with_opaque_to(&self.topic, acks.clone())
            .partition(0)
            .key(key.as_slice())
            .payload(self.buffer.as_slice());
        self.producer.send(record).map_err(|(error, _)| {
            let error = format!("{error}");
            acks.done(Some(error.clone()));
            error
        })
    }
}

/// Who appended a record, if its key says so.
fn key_of(message: &BorrowedMessage<'_>) -> Option<([u8; 8], Ticket)> {
    let key = message.key()?;
    let (instance, ticket) = key.split_first_chunk::<8>()?;
    Some((*instance, Ticket::from_u64(u64::from_be_bytes(ticket.try_into().ok()?))))
}

/// Where a record stands in the log. Positions and offsets are never negative.
pub(super) fn at(message: &BorrowedMessage<'_>) -> At {
    At {
        position: message.offset().unsigned_abs(),
        millis: message.timestamp().to_millis().unwrap_or(0),
        check: xxh3_64(message.payload().unwrap_or_default()),
    }
}

/// The thread that applies the log to the index.
pub(super) struct Tail {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// The last settings that stood in the log at the end of the replay.
    settings: Arc<Mutex<Option<Settings>>>,
}

impl Tail {
    /// Starts to tail the log from the end of the snapshot in `state`, a folder, or from its beginning. `status`
    /// tells when the end that the log had now is reached; from there on verdicts of this instance's sightings and
    /// changed settings come as events.
    pub fn start(
        config: &Config,
        instance: [u8; 8],
        state: Option<&Path>,
        index: Arc<RwLock<Index>>,
        status: Arc<Status>,
        events: Sender<Event>,
    ) -> Result<Self, Error> {
        let failed = |error: KafkaError| {
            Error::Failed(format!("cannot tail the sightings log: {error}; `newsmill check` says more"))
        };
        let consumer: BaseConsumer<Plain> =
            client::tail(config).create_with_context(Plain).map_err(failed)?;
        let topic = config.topics.sightings.clone();
        let wait = Duration::from_millis(config.connect_timeout_ms);
        let deadline = Instant::now() + wait;
        // A topic that was created a moment ago may have no leader yet.
        let (low, high) = loop {
            // A client that logs in by token asks for it first.
            let _nothing_is_assigned = consumer.poll(Duration::ZERO);
            match consumer.fetch_watermarks(&topic, 0, wait) {
                Ok(ends) => break ends,
                Err(error) if Instant::now() < deadline && advice_for(&error).is_none() => {
                    tracing::debug!(%error, "cannot read the ends of the sightings log yet");
                    std::thread::sleep(Duration::from_millis(200));
                }
                Err(error) => {
                    let advice = advice_for(&error).unwrap_or("check that its partition 0 has a leader");
                    return Err(Error::Failed(format!("cannot read the ends of {topic}: {error}; {advice}")));
                }
            }
        };
        status.set_replay_end(high);
        let seed = std::mem::take(&mut *index.write().unwrap_or_else(PoisonError::into_inner));
        let begun = match state {
            Some(folder) => {
                let entry = |position| entry_at(&consumer, &topic, position, wait);
                let ends = (low.unsigned_abs(), high.unsigned_abs());
                begin(folder, &topic, seed, ends, &status, entry)?
            }
            None => Begun { snapshot: None, index: seed, settings: None, next: None },
        };
        let next = begun.next.map_or(low, |next| next as i64);
        status.set_replay_position(next);
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&topic, 0, Offset::Offset(next)).map_err(failed)?;
        consumer.assign(&list).map_err(failed)?;
        let stop = Arc::new(AtomicBool::new(false));
        let settings = Arc::new(Mutex::new(begun.settings));
        let mut tailing = Tailing {
            consumer,
            instance,
            index,
            status,
            events,
            stop: stop.clone(),
            settings: settings.clone(),
            replay: Some(Replay::new(begun.index)),
            snapshot: begun.snapshot,
            forgotten: 0,
            next,
            end: high,
        };
        let thread = std::thread::Builder::new()
            .name("sightings-tail".into())
            .spawn(move || tailing.run())
            .map_err(|error| {
            Error::Failed(format!(
                "cannot start a thread: {error}; raise the limit of threads of this user or control group"
            ))
        })?;
        Ok(Self { stop, thread: Some(thread), settings })
    }

    /// The settings that stand in the log; to be asked after the replay.
    pub fn settings(&self) -> Option<Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

struct Tailing {
    consumer: BaseConsumer<Plain>,
    instance: [u8; 8],
    index: Arc<RwLock<Index>>,
    status: Arc<Status>,
    events: Sender<Event>,
    stop: Arc<AtomicBool>,
    settings: Arc<Mutex<Option<Settings>>>,
    /// The index while it is being built; then `index` has it.
    replay: Option<Replay>,
    snapshot: Option<Snapshot>,
    /// Pages that have left the index early, as far as they are counted.
    forgotten: u64,
    next: i64,
    end: i64,
}

/// An entry as read, with its ticket where it is our own.
struct Logged {
    at: At,
    ticket: Option<Ticket>,
    entry: Entry,
}

impl Tailing {
    fn run(&mut self) {
        self.end_replay();
        let mut chunk = Vec::with_capacity(CHUNK);
        while !self.stop.load(Ordering::Acquire) {
            match self.fill(&mut chunk) {
                Ok(()) => self.apply(&mut chunk),
                Err(error) => {
                    let _loop_is_gone = self.events.send(Event::TailFailed(error));
                    break;
                }
            }
            let flushed = self.snapshot.as_mut().map_or(Ok(()), Snapshot::flush_if_due);
            self.keep_up(flushed);
        }
        if let Some(Err(error)) = self.snapshot.take().map(Snapshot::close) {
            tracing::warn!(%error, "the end of the snapshot could not be written");
        }
    }

    /// Goes on without a snapshot when the disk does not take it; the index stops recording with the next entry.
    fn keep_up(&mut self, done: std::io::Result<()>) {
        let Err(error) = done else { return };
        if let Some(snapshot) = self.snapshot.take() {
            let folder = snapshot.folder().display();
            tracing::warn!(%folder, %error, "the snapshot cannot be written: going on without, the next start reads more of the log");
        }
    }

    /// Once the log is read to the end that it had at the start: from here on verdicts are reached live.
    fn end_replay(&mut self) {
        if self.next < self.end {
            return;
        }
        let Some(replay) = self.replay.take() else { return };
        let mut done = Ok(());
        let built = replay.finish(noting(&mut self.snapshot, &mut done));
        self.status.set_oldest(built.oldest());
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = built;
        self.keep_up(done);
        self.status.set_replayed();
        let _loop_is_gone = self.events.send(Event::Wake);
    }

    /// Reads what is there, up to a chunk; waits for the first entry at most 100 ms.
    fn fill(&self, chunk: &mut Vec<Logged>) -> Result<(), String> {
        let mut wait = Duration::from_millis(100);
        while chunk.len() < CHUNK {
            match self.consumer.poll(wait) {
                None => break,
                Some(Ok(message)) => chunk.push(self.read(&message)?),
                // The end of the log for now: what matters of it is known from the watermarks.
                Some(Err(KafkaError::PartitionEOF(_))) => break,
                Some(Err(error)) => self.passes(&error)?,
            }
            wait = Duration::ZERO;
        }
        Ok(())
    }

    fn read(&self, message: &BorrowedMessage<'_>) -> Result<Logged, String> {
        let position = message.offset();
        let entry = Entry::decode(message.payload().unwrap_or_default()).map_err(|error| {
            format!(
                "entry {position} of the sightings log {} cannot be read: {error}; it was written by a newer \
                 release (upgrade this worker) or by another program (give newsmill a topic of its own)",
                message.topic()
            )
        })?;
        let ticket =
            key_of(message).filter(|(instance, _)| *instance == self.instance).map(|(_, ticket)| ticket);
        Ok(Logged { at: at(message), ticket, entry })
    }

    fn passes(&self, error: &KafkaError) -> Result<(), String> {
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => Err(format!(
                "the sightings log no longer holds position {}, where the index stands: the topic was deleted, \
                 made anew or cut short; start this worker again, and it builds the index from what is left",
                self.next
            )),
            _ => match advice_for(error) {
                Some(advice) => Err(format!("cannot tail the sightings log: {error}; {advice}")),
                None => {
                    tracing::debug!(%error, "the tail reports");
                    Ok(())
                }
            },
        }
    }

    fn apply(&mut self, chunk: &mut Vec<Logged>) {
        let Some(last) = chunk.last() else { return };
        self.next = last.at.position as i64 + 1;
        let mut passed = Vec::new();
        let mut changed = None;
        let mut counts = [("settings", 0), ("sighting", 0), ("judged", 0), ("void", 0)];
        let mut done = Ok(());
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        for logged in chunk.drain(..) {
            let kind = match &logged.entry {
                Entry::Settings(settings) => {
                    changed = Some(settings.clone());
                    if let Some(snapshot) = &mut self.snapshot {
                        snapshot.set_settings(settings);
                    }
                    0
                }
                Entry::Sighting(_) => 1,
                Entry::Judged(_) => 2,
                Entry::Void(_) => 3,
            };
            counts[kind].1 += 1;
            if let Some(replay) = &mut self.replay {
                replay.push(logged.at, logged.entry, noting(&mut self.snapshot, &mut done));
                continue;
            }
            let verdict = index.apply(logged.at, &logged.entry);
            if let (Some(ticket), Some(verdict), Entry::Sighting(sighting)) =
                (logged.ticket, verdict, &logged.entry)
            {
                // Before the next entry changes what it says.
                let (stories, judged) = (index.stories(sighting), index.judged(sighting));
                passed.push(Passed { ticket, verdict, stories, judged });
            }
            noting(&mut self.snapshot, &mut done)(&mut index, logged.at, ());
        }
        let (pages, bytes, forgotten) = (index.pages(), index.bytes(), index.forgotten_early());
        let oldest = index.oldest();
        drop(index);
        self.status.set_oldest(oldest);
        self.keep_up(done);
        for (kind, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            telemetry::add(Metric::SightingsApplied, count, &[kind]);
        }
        telemetry::set(Metric::SightingsPosition, self.next as f64, &[]);
        telemetry::set(Metric::IndexPages, pages as f64, &[]);
        telemetry::set(Metric::IndexBytes, bytes as f64, &[]);
        telemetry::add(Metric::IndexForgottenEarly, forgotten.saturating_sub(self.forgotten), &[]);
        self.forgotten = forgotten;
        if let Some(position) = self.snapshot.as_ref().and_then(Snapshot::position) {
            telemetry::set(Metric::SnapshotPosition, position as f64, &[]);
        }
        self.status.set_replay_position(self.next);
        if !passed.is_empty() {
            let _loop_is_gone = self.events.send(Event::Verdicts(passed));
        }
        if let Some(settings) = changed {
            *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = Some(settings.clone());
            // What stood in the log before is judged once, at the end of the replay.
            if self.replay.is_none() {
                let _loop_is_gone = self.events.send(Event::Settings(Box::new(settings)));
            }
        }
        self.end_replay();
    }
}
