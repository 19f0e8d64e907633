//! Sends pages to the topic of pages, in order, and knows which of them the broker has.
//!
//! The producer is idempotent and waits for all replicas, so what it tries again is there once. What it has not had an
//! answer for is bounded, in records and bytes: a full queue holds the reading back. Answers come in any order, as
//! partitions do; [`Importer::reached`] tells the last page before which all were answered for.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, ProducerContext};

use super::client;
use super::error::{Error, advice};
use super::preflight;
use super::properties::{bare, refusal};
use super::settings::Config;
use super::token;
use crate::codec;
use crate::record::{RawRecord, Source};

/// After so many milliseconds without an answer a page is given up: a broker's restart takes less.
const DELIVERY_WITHIN_MS: u32 = 120_000;
/// Most records that are on their way; the client bounds their bytes.
const IN_FLIGHT: usize = 20_000;
/// So many pages may be behind one that has no answer: one partition that does not answer ends the reading in the end.
const BEHIND: usize = 100_000;
/// Most bytes of a batch of several records; a larger record goes alone.
const BATCH_BYTES: i64 = 1_000_000;
/// Pages that were not taken, kept to be told of at once.
const TOLD_AT_ONCE: usize = 100;

/// A page that the topic does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oversized {
    /// Where it was read.
    pub place: Source,
    /// Bytes of key, value and headers.
    pub bytes: usize,
}

/// What was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Pages that the broker has.
    pub pages: u64,
    /// Their bytes: keys, values and headers.
    pub bytes: u64,
    /// Pages that are too large for the topic.
    pub oversized: u64,
    /// Pages that the broker gave no answer for: they may be there.
    pub unknown: u64,
}

#[derive(Default)]
struct Flight {
    /// Pages from the first on that has no answer; the answered ones among them are marked.
    waiting: VecDeque<Waiting>,
    /// Number of the first of them.
    first: usize,
    reached: Option<Source>,
    done: Imported,
    oversized: Vec<Oversized>,
    failed: Option<RDKafkaErrorCode>,
}

struct Waiting {
    place: Source,
    bytes: usize,
    answered: bool,
}

impl Flight {
    /// Notes the answer for a page; without one it stays where it is, so that nothing behind it counts as reached.
    fn answer(&mut self, number: usize, result: Result<(), RDKafkaErrorCode>) {
        let Some(row) = number.checked_sub(self.first).and_then(|at| self.waiting.get_mut(at)) else {
            return;
        };
        match result {
            Ok(()) => {
                self.done.pages += 1;
                self.done.bytes += row.bytes as u64;
            }
            Err(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::InvalidMessageSize) => {
                self.done.oversized += 1;
                if self.oversized.len() < TOLD_AT_ONCE {
                    self.oversized.push(Oversized { place: row.place.clone(), bytes: row.bytes });
                }
            }
            Err(code) => {
                self.failed.get_or_insert(code);
                return;
            }
        }
        row.answered = true;
        while self.waiting.front().is_some_and(|row| row.answered) {
            self.reached = self.waiting.pop_front().map(|row| row.place);
            self.first += 1;
        }
    }
}

/// Hears the broker's answers.
#[derive(Clone, Default)]
struct Deliveries(Arc<Mutex<Flight>>);

impl Deliveries {
    fn flight(&self) -> MutexGuard<'_, Flight> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for Deliveries {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        token::read(config)
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if let Some(code) = client::decisive(&error, reason) {
            self.flight().failed.get_or_insert(code);
        }
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, number: usize) {
        let result = match result {
            Ok(_) => Ok(()),
            Err((error, _)) => Err(error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail)),
        };
        self.flight().answer(number, result);
    }
}

/// Sends pages.
pub struct Importer {
    producer: BaseProducer<Deliveries>,
    deliveries: Deliveries,
    brokers: String,
    topic: String,
    decode: codec::Config,
    sent: usize,
}

impl Importer {
    /// Looks for the broker and the topic. `decode`: how pages are read, for their keys.
    ///
    /// # Errors
    /// No broker answers, the topic is not there, the user lacks rights.
    pub fn open(config: &Config, decode: &codec::Config, topic: &str) -> Result<Self, Error> {
        // A batch over the topic's limit would be refused as a whole.
        let limit = preflight::prepare_pages(config, topic)?.unwrap_or(BATCH_BYTES);
        let mut settings = client::importer(config);
        settings
            .set("batch.size", limit.clamp(1, BATCH_BYTES).to_string())
            .set("message.timeout.ms", DELIVERY_WITHIN_MS.to_string())
            .set("queue.buffering.max.messages", IN_FLIGHT.to_string());
        let deliveries = Deliveries::default();
        let producer: BaseProducer<Deliveries> =
            settings.create_with_context(deliveries.clone()).map_err(|error| {
                Error::Configuration(format!(
                    "cannot create the Kafka producer: {}; check the section kafka",
                    refusal(&error)
                ))
            })?;
        let (brokers, topic) = (bare(&config.brokers), topic.to_owned());
        Ok(Self { producer, deliveries, brokers, topic, decode: decode.clone(), sent: 0 })
    }

    /// Sends a page: its value untouched, its headers, and as its key, where it has none, its URL, else its id. Waits
    /// while too much is on its way. `false`: `stop` was set while it waited, and the page was not sent.
    ///
    /// # Errors
    /// What keeps earlier pages from being delivered.
    pub fn send(&mut self, page: &RawRecord, stop: &AtomicBool) -> Result<bool, Error> {
        let key = page.key.clone().or_else(|| codec::key(page, &self.decode));
        let mut headers = OwnedHeaders::new_with_capacity(page.headers.len());
        for (name, value) in &page.headers {
            headers = headers.insert(Header { key: name, value: Some(value) });
        }
        let bytes = key.as_ref().map_or(0, Vec::len)
            + page.value.len()
            + page.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        while self.deliveries.flight().waiting.len() >= BEHIND {
            self.wait(Duration::from_millis(50))?;
            if stop.load(Ordering::Acquire) {
                return Ok(false);
            }
        }
        let number = self.sent;
        let waiting = Waiting { place: page.source.clone(), bytes, answered: false };
        self.deliveries.flight().waiting.push_back(waiting);
        self.sent += 1;
        let mut record = BaseRecord::with_opaque_to(&self.topic, number).payload(&page.value);
        if !page.headers.is_empty() {
            record = record.headers(headers);
        }
        if let Some(key) = &key {
            record = record.key(key);
        }
        loop {
            match self.producer.send(record) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), again)) => {
                    record = again;
                    self.wait(Duration::from_millis(50))?;
                    if stop.load(Ordering::Acquire) {
                        self.deliveries.flight().waiting.pop_back();
                        self.sent -= 1;
                        return Ok(false);
                    }
                }
                Err((error, _)) => {
                    let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail);
                    self.deliveries.flight().answer(number, Err(code));
                    break;
                }
            }
        }
        self.wait(Duration::ZERO)?;
        Ok(true)
    }

    /// Hears answers for so long.
    ///
    /// # Errors
    /// What keeps pages from being delivered.
    pub fn wait(&self, time: Duration) -> Result<(), Error> {
        self.producer.poll(time);
        let failed = self.deliveries.flight().failed;
        failed.map_or(Ok(()), |code| Err(self.failure(code)))
    }

    /// Waits for the answers that are out, until all have come, one tells of a failure, or the time is over.
    ///
    /// # Errors
    /// What keeps pages from being delivered.
    pub fn finish(&self, within: Duration) -> Result<(), Error> {
        let until = Instant::now() + within;
        while !self.deliveries.flight().waiting.is_empty() && Instant::now() < until {
            self.wait(Duration::from_millis(20))?;
        }
        Ok(())
    }

    /// What was sent by now; what has no answer yet counts as unknown.
    pub fn done(&self) -> Imported {
        let flight = self.deliveries.flight();
        let unknown = flight.waiting.iter().filter(|row| !row.answered).count() as u64;
        Imported { unknown, ..flight.done.clone() }
    }

    /// The last page before which the broker has answered for all, itself among them.
    pub fn reached(&self) -> Option<Source> {
        self.deliveries.flight().reached.clone()
    }

    /// Pages too large for the topic that were not told of yet.
    pub fn take_oversized(&self) -> Vec<Oversized> {
        std::mem::take(&mut self.deliveries.flight().oversized)
    }

    fn failure(&self, code: RDKafkaErrorCode) -> Error {
        let topic = &self.topic;
        match code {
            RDKafkaErrorCode::TopicAuthorizationFailed => {
                Error::Failed(format!("cannot write to {topic}: {code}; allow WRITE and DESCRIBE on it"))
            }
            RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic => {
                Error::Failed(format!("there is no topic {topic}: `newsmill check` prints how to create it"))
            }
            code => match advice(code) {
                Some(advice) => Error::Failed(format!("cannot write to {topic}: {code}; {advice}")),
                None => Error::Unreachable(format!(
                    "cannot write to {topic} at {}: {code}; check that the brokers are up, `newsmill check` says more",
                    self.brokers
                )),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_all_before_was_answered_for_is_reached() {
        let mut flight = Flight::default();
        for line in 1..=4 {
            let place = Source::File { input: "a.jsonl".into(), line };
            flight.waiting.push_back(Waiting { place, bytes: 10, answered: false });
        }
        let line = |flight: &Flight| match flight.reached {
            Some(Source::File { line, .. }) => line,
            _ => 0,
        };
        flight.answer(1, Ok(()));
        assert_eq!((line(&flight), flight.done.pages), (0, 1));
        flight.answer(0, Err(RDKafkaErrorCode::MessageSizeTooLarge));
        assert_eq!((line(&flight), flight.done.oversized, flight.oversized.len()), (2, 1, 1));
        flight.answer(2, Err(RDKafkaErrorCode::MessageTimedOut));
        flight.answer(3, Ok(()));
        assert_eq!((line(&flight), flight.done.pages, flight.waiting.len()), (2, 2, 2));
        assert_eq!(flight.failed, Some(RDKafkaErrorCode::MessageTimedOut));
    }
}
