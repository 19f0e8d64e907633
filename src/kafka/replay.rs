//! Puts pages back into the topic of pages: what was rejected, or a stretch of the pages themselves.
//!
//! A record that is put back carries where its page was read first and how often it was put back (see
//! [`RawRecord::headers_again`]). By the first the sightings log knows the page again: what was published keeps its id, its
//! cluster and its verdict, and what was rejected is judged afresh: most of that the log has never seen, and what was taken
//! back in it comes as another page. The second bounds the times.
//!
//! Rejections are put back once: how far each reason got is kept as the offsets of a group of its own
//! (`GROUP-replay-REASON`), committed in the transaction that writes the pages.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Message, Offset, TopicPartitionList};

use super::client;
use super::error::{Error, advice, advice_for};
use super::heard::Hearing;
use super::properties::refusal;
use super::range::{Bound, Reader, Stretch, raw_record};
use super::settings::{Config, Delivery};
use crate::record::{RawRecord, Reason, Source};

/// Most records of one transaction.
const BATCH_RECORDS: usize = 500;
/// Most bytes of their values.
const BATCH_BYTES: usize = 16 << 20;
/// Longest wait for one step of a transaction.
const STEP: Duration = Duration::from_secs(30);
/// Longest wait for a page that its rejection has no room for.
const FETCH_WITHIN: Duration = Duration::from_secs(10);

/// Headers of a rejection that say where its page was read first.
const REJECTED_HEADERS: [&str; 3] = ["newsmill.topic", "newsmill.partition", "newsmill.offset"];

/// What is put back.
#[derive(Debug, Clone)]
pub struct Request {
    /// Of the topic of pages; else of rejections.
    pub pages: bool,
    /// The stretch. Of rejections without one: what was not put back yet.
    pub stretch: Stretch,
    /// Rejections for these reasons alone; empty: for any.
    pub reasons: Vec<Reason>,
    /// A page that was put back so often is left.
    pub max_attempts: u32,
    /// Rejections that were put back before, too.
    pub again: bool,
    /// Most records a second.
    pub rate: Option<f64>,
    /// Most records.
    pub at_most: Option<u64>,
    /// Only counts.
    pub dry_run: bool,
}

/// What became of the records that were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Records that the stretch has at most.
    pub most: u64,
    /// Records read.
    pub read: u64,
    /// Put back, by the reason of the rejection (`page` for pages).
    pub put_back: BTreeMap<String, u64>,
    /// Rejected for another reason.
    pub other_reason: u64,
    /// Put back by an earlier run.
    pub before: u64,
    /// Put back as often as is allowed.
    pub too_often: u64,
    /// Rejections without their bytes whose page has left its topic.
    pub gone: u64,
    /// Records that are no rejections of newsmill, or have no value.
    pub others: u64,
}

impl Replayed {
    /// Records put back.
    pub fn all(&self) -> u64 {
        self.put_back.values().sum()
    }
}

/// One record to put back.
struct Page {
    raw: RawRecord,
    home: Source,
    attempt: u32,
    /// Of a rejection: its reason, and where it stands.
    rejection: Option<(Reason, i32, i64)>,
}

impl Page {
    /// Whether a void may stand in the log for it: these reasons come up when a page may have been sighted.
    fn is_taken_back(&self) -> bool {
        matches!(self.rejection, Some((Reason::Refused | Reason::Crashed | Reason::Timeout, ..)))
    }
}

/// Puts back what is asked for. `told` hears how far it is.
///
/// # Errors
/// The broker does not answer, a topic or a right is missing, a record is not taken. What was committed by then stays.
pub fn replay(
    config: &Config,
    request: &Request,
    stop: &AtomicBool,
    told: impl FnMut(&Replayed),
) -> Result<Replayed, Error> {
    let topics = &config.topics;
    let topic = if request.pages { &topics.pages } else { &topics.rejected };
    let reader = Reader::open(config, topic, &request.stretch)?;
    let writer = if request.dry_run { None } else { Some(Writer::new(config)?) };
    let done = Replayed { most: reader.most, ..Replayed::default() };
    let bounded = request.stretch.from.is_some() || request.stretch.to.is_some();
    let remembers = !request.pages && !bounded && !request.again;
    let cursors = Cursors { config, remembers, groups: BTreeMap::new() };
    let began = Instant::now();
    let mut job = Job { config, request, writer, cursors, batch: Vec::new(), bytes: 0, done, began, told };
    reader.read(config, stop, |message| job.take(message, stop))?;
    if !stop.load(Ordering::Acquire) {
        job.flush()?;
    }
    Ok(job.done)
}

struct Job<'a, T> {
    config: &'a Config,
    request: &'a Request,
    /// `None` in a dry run.
    writer: Option<Writer>,
    cursors: Cursors<'a>,
    batch: Vec<Page>,
    bytes: usize,
    done: Replayed,
    began: Instant,
    told: T,
}

impl<T: FnMut(&Replayed)> Job<'_, T> {
    /// Takes a record. Tells whether there is more to do.
    fn take(&mut self, message: &BorrowedMessage<'_>, stop: &AtomicBool) -> Result<bool, Error> {
        self.done.read += 1;
        if self.done.read.is_multiple_of(100) {
            (self.told)(&self.done);
        }
        let Some(page) = self.page(message)? else { return Ok(true) };
        let name = page.rejection.map_or("page", |(reason, ..)| reason.as_str());
        *self.done.put_back.entry(name.to_owned()).or_default() += 1;
        if self.writer.is_some() {
            self.bytes += page.raw.value.len();
            self.batch.push(page);
        }
        let few = self.request.rate.map_or(BATCH_RECORDS, |rate| (rate / 4.0).clamp(1.0, 500.0) as usize);
        let last = self.request.at_most.is_some_and(|most| self.done.all() >= most);
        if self.batch.len() >= few.min(BATCH_RECORDS) || self.bytes >= BATCH_BYTES || last {
            self.flush()?;
            self.hold_back(stop);
        }
        Ok(!last)
    }

    /// The record as it is put back; `None` where it is not.
    fn page(&mut self, message: &BorrowedMessage<'_>) -> Result<Option<Page>, Error> {
        let raw = raw_record(message, message.topic().into());
        if self.request.pages {
            let attempt = raw.attempt() + 1;
            return Ok(match message.payload() {
                None => {
                    self.done.others += 1;
                    None
                }
                Some(_) if attempt > self.request.max_attempts => {
                    self.done.too_often += 1;
                    None
                }
                Some(_) => Some(Page { home: raw.home(), raw, attempt, rejection: None }),
            });
        }
        let reason = raw.header_text("newsmill.reason");
        let reason = Reason::ALL.into_iter().find(|known| Some(known.as_str()) == reason);
        let (Some(reason), Some(home)) = (reason, raw.place(REJECTED_HEADERS)) else {
            self.done.others += 1;
            return Ok(None);
        };
        let attempt = raw.attempt() + 1;
        let place = (message.partition(), message.offset());
        if !(self.request.reasons.is_empty() || self.request.reasons.contains(&reason)) {
            self.done.other_reason += 1;
        } else if self.cursors.is_past(reason, place)? {
            self.done.before += 1;
        } else if attempt > self.request.max_attempts {
            self.done.too_often += 1;
        } else if message.payload().is_some() {
            return Ok(Some(Page { home, raw, attempt, rejection: Some((reason, place.0, place.1)) }));
        } else if let Some(whole) = fetch(self.config, &home)? {
            // Its own headers are those that the page had.
            let raw = RawRecord { source: raw.source, ..whole };
            return Ok(Some(Page { home, raw, attempt, rejection: Some((reason, place.0, place.1)) }));
        } else {
            self.done.gone += 1;
        }
        Ok(None)
    }

    /// Writes what was gathered.
    fn flush(&mut self) -> Result<(), Error> {
        if let Some(writer) = &self.writer
            && !self.batch.is_empty()
        {
            writer.write(&self.config.topics.pages, &self.batch, &mut self.cursors)?;
        }
        self.batch.clear();
        self.bytes = 0;
        (self.told)(&self.done);
        Ok(())
    }

    /// Waits until no more than the rate was put back.
    fn hold_back(&self, stop: &AtomicBool) {
        let Some(rate) = self.request.rate.filter(|_| self.writer.is_some()) else { return };
        let due = self.began + Duration::from_secs_f64(self.done.all() as f64 / rate);
        while Instant::now() < due && !stop.load(Ordering::Acquire) {
            let left = due.saturating_duration_since(Instant::now());
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }
}

/// The record at this place, if it is still there.
fn fetch(config: &Config, home: &Source) -> Result<Option<RawRecord>, Error> {
    let Source::Kafka { topic, partition, offset } = home else { return Ok(None) };
    let stretch = Stretch {
        from: Some(Bound::Offset(*offset)),
        to: Some(Bound::Offset(offset + 1)),
        partition: Some(*partition),
    };
    let mut found = None;
    let (began, never) = (Instant::now(), AtomicBool::new(false));
    Reader::open(config, topic, &stretch)?.read(config, &never, |message| {
        found = message
            .payload()
            .map(|_| raw_record(message, topic.clone()))
            .filter(|_| message.offset() == *offset);
        Ok(began.elapsed() < FETCH_WITHIN)
    })?;
    Ok(found)
}

/// How far the rejections of each reason were put back.
struct Cursors<'a> {
    config: &'a Config,
    /// Whether what was put back before is passed over, and this run is remembered.
    remembers: bool,
    groups: BTreeMap<&'static str, Group>,
}

struct Group {
    consumer: BaseConsumer<Hearing>,
    /// Offsets of rejections before which all of the reason were put back.
    before: BTreeMap<i32, i64>,
}

impl Cursors<'_> {
    /// Whether the rejection at this place was put back by an earlier run.
    fn is_past(&mut self, reason: Reason, (partition, offset): (i32, i64)) -> Result<bool, Error> {
        if !self.remembers {
            return Ok(false);
        }
        let name = reason.as_str();
        if !self.groups.contains_key(name) {
            let group = Group::open(self.config, name)?;
            self.groups.insert(name, group);
        }
        Ok(self.groups[name].before.get(&partition).is_some_and(|before| offset < *before))
    }

    /// The offsets that the batch moves, by reason.
    fn moved(&self, batch: &[Page]) -> BTreeMap<&'static str, BTreeMap<i32, i64>> {
        let mut moved: BTreeMap<_, BTreeMap<i32, i64>> = BTreeMap::new();
        for (reason, partition, offset) in batch.iter().filter_map(|page| page.rejection) {
            if self.remembers {
                moved.entry(reason.as_str()).or_default().insert(partition, offset + 1);
            }
        }
        moved
    }
}

impl Group {
    fn open(config: &Config, reason: &str) -> Result<Self, Error> {
        let id = format!("{}-replay-{reason}", config.group);
        let mut settings = client::range(config);
        settings.set("group.id", &id);
        let failed = |error: KafkaError| {
            let advice = advice_for(&error).unwrap_or("see the broker's log");
            Error::Failed(format!("cannot read the offsets of the group {id}: {error}; {advice}"))
        };
        let consumer: BaseConsumer<Hearing> =
            settings.create_with_context(Hearing::default()).map_err(failed)?;
        let topic = &config.topics.rejected;
        let metadata = consumer.fetch_metadata(Some(topic), STEP).map_err(failed)?;
        let mut list = TopicPartitionList::new();
        for partition in metadata.topics().iter().flat_map(|row| row.partitions()) {
            list.add_partition(topic, partition.id());
        }
        let committed = consumer.committed_offsets(list, STEP).map_err(failed)?;
        let rows = committed.elements();
        let before = rows.iter().filter_map(|row| match row.offset() {
            Offset::Offset(offset) => Some((row.partition(), offset)),
            _ => None,
        });
        Ok(Self { before: before.collect(), consumer })
    }
}

/// The producer.
struct Writer {
    producer: BaseProducer<Hearing>,
    hearing: Hearing,
    transactional: bool,
}

impl Writer {
    fn new(config: &Config) -> Result<Self, Error> {
        let mut settings = client::outcomes(config);
        let transactional = config.delivery == Delivery::ExactlyOnce;
        if transactional {
            // One at a time: a second one puts the first out of business.
            settings.set("transactional.id", format!("{}-replay", config.group));
        }
        let hearing = Hearing::default();
        let producer: BaseProducer<Hearing> =
            settings.create_with_context(hearing.clone()).map_err(|error| {
                Error::Configuration(format!(
                    "cannot create a Kafka client: {}; check the section kafka",
                    refusal(&error)
                ))
            })?;
        if transactional {
            producer.init_transactions(STEP).map_err(|error| failed(&error))?;
        }
        Ok(Self { producer, hearing, transactional })
    }

    /// Writes a batch and how far it got, together.
    fn write(&self, topic: &str, batch: &[Page], cursors: &mut Cursors<'_>) -> Result<(), Error> {
        let moved = cursors.moved(batch);
        let fail = |error: KafkaError| failed(&error);
        if self.transactional {
            self.producer.begin_transaction().map_err(fail)?;
        }
        for page in batch {
            self.send(topic, page)?;
        }
        self.producer.flush(STEP).map_err(fail)?;
        if let Some(code) = self.hearing.take_undelivered() {
            let what = advice(code).unwrap_or(
                "if a record is too large, raise kafka.max_message_bytes and max.message.bytes of the topic of pages",
            );
            return Err(Error::Failed(format!(
                "{topic} did not take a page: {code}; {what}; nothing of its batch was put back"
            )));
        }
        for (reason, offsets) in &moved {
            let Some(group) = cursors.groups.get(reason) else { continue };
            let mut list = TopicPartitionList::new();
            for (partition, offset) in offsets {
                let rejected = &cursors.config.topics.rejected;
                list.add_partition_offset(rejected, *partition, Offset::Offset(*offset)).map_err(fail)?;
            }
            if !self.transactional {
                group.consumer.commit(&list, CommitMode::Sync).map_err(fail)?;
            } else if let Some(member) = group.consumer.group_metadata() {
                self.producer.send_offsets_to_transaction(&list, &member, STEP).map_err(fail)?;
            }
        }
        if self.transactional {
            self.producer.commit_transaction(STEP).map_err(fail)?;
        }
        for (reason, offsets) in moved {
            if let Some(group) = cursors.groups.get_mut(reason) {
                group.before.extend(offsets);
            }
        }
        Ok(())
    }

    fn send(&self, topic: &str, page: &Page) -> Result<(), Error> {
        let mut headers = OwnedHeaders::new();
        for (key, value) in page.raw.headers_again(&page.home, page.attempt, page.is_taken_back()) {
            headers = headers.insert(Header { key: &key, value: Some(&value) });
        }
        let mut record = BaseRecord::to(topic).payload(&page.raw.value).headers(headers);
        if let Some(key) = &page.raw.key {
            record = record.key(key);
        }
        // Revisions of one URL stay in their order.
        if let Source::Kafka { topic: home, partition, .. } = &page.home
            && **home == *topic
        {
            record = record.partition(*partition);
        }
        loop {
            match self.producer.send(record) {
                Ok(()) => {
                    self.producer.poll(Duration::ZERO);
                    return Ok(());
                }
                Err((KafkaError::MessageProduction(rdkafka::types::RDKafkaErrorCode::QueueFull), again)) => {
                    self.producer.poll(Duration::from_millis(50));
                    record = again;
                }
                Err((error, _)) => return Err(failed(&error)),
            }
        }
    }
}

fn failed(error: &KafkaError) -> Error {
    if error.to_string().to_lowercase().contains("fenced") {
        return Error::Failed(
            "another replay of this group began: let it end, then start this one again".to_owned(),
        );
    }
    match advice_for(error) {
        Some(advice) => Error::Failed(format!("cannot put pages back: {error}; {advice}")),
        None => Error::Failed(format!(
            "cannot put pages back: {error}; what was put back before stays, start it again"
        )),
    }
}
