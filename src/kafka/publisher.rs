//! Produces the outcomes of a batch and commits its offsets, in one transaction or at least once.
//!
//! How a transaction may end, and what is done about it:
//! - committed: on to the next batch;
//! - the broker (or the client, for it) refuses a record: aborted, the refused page becomes a rejection, and
//!   the rest is tried again;
//! - the group is between two generations: aborted, and tried again with the next one's proof of membership;
//! - aborted for any other reason (a rebalance, a timeout, a leader that moved): what is in flight is given up
//!   and read again from the committed offsets;
//! - its outcome is not known, or the producer was fenced: the producer is made anew, which makes the broker
//!   end the old transaction, and then the same.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::OAuthToken;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::statistics::Statistics;
use rdkafka::{ClientContext, TopicPartitionList};

use super::client;
use super::error::{Error, advice_for};
use super::output::Record;
use super::properties;
use super::settings::{Config, Delivery};
use super::token;

/// How long a step may take at least, even when the worker is asked to stop in the middle of it.
const STOPPING: Duration = Duration::from_secs(2);

/// One wait for the broker within a step, after which the step looks around.
const SLICE: Duration = Duration::from_millis(500);

/// Things that one look serves at most.
const SERVE_AT_ONCE: usize = 10_000;

/// Why a batch was not committed.
pub(super) enum Trouble {
    /// These pages (by slot) have records that the broker does not take; nothing was committed.
    Refused(Vec<(u32, String)>),
    /// Aborted: go back to the committed offsets.
    Aborted(String),
    /// Aborted, because the group makes a change: the same may be tried again in a moment.
    Stale(String),
    /// The producer is of no more use: make it anew, then go back to the committed offsets.
    Lost(String),
    /// No retry mends it.
    Fatal(Error),
}

struct Context {
    /// Records that were not taken: slot, error, whether it is the record's own fault.
    failed: Mutex<Vec<(u32, String, bool)>>,
    /// Counts what polls have served besides deliveries: a poll serves one thing.
    served: AtomicU64,
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        token::read(config)
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.served.fetch_add(1, Ordering::Relaxed);
        client::log(level, facility, message);
    }

    fn stats(&self, statistics: Statistics) {
        self.served.fetch_add(1, Ordering::Relaxed);
        client::note("outcomes", &statistics);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.served.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(target: "newsmill::kafka::client", %error, "{reason}");
    }
}

impl ProducerContext for Context {
    /// The page's slot.
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, slot: usize) {
        if let Err((error, _)) = result {
            let row = (slot as u32, error.to_string(), is_refusal(error));
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(row);
        }
    }
}

/// Whether the broker takes exception to the record itself.
fn is_refusal(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::MessageSizeTooLarge
                | RDKafkaErrorCode::InvalidMessage
                | RDKafkaErrorCode::InvalidMessageSize
                | RDKafkaErrorCode::InvalidRecord
        )
    )
}

/// The producer of outcomes.
pub(super) struct Publisher {
    settings: ClientConfig,
    producer: BaseProducer<Context>,
    transactional: bool,
    /// Whether a transaction is open.
    open: bool,
    /// Longest time that one wait may take.
    patience: Duration,
    /// No wait goes on after this.
    deadline: Option<Instant>,
    stop: Arc<AtomicBool>,
}

impl Publisher {
    /// Makes the producer; [`Publisher::init`] is to follow.
    /// Once `stop` is set, waits end early.
    pub fn new(config: &Config, stop: Arc<AtomicBool>) -> Result<Self, Error> {
        let settings = client::outcomes(config);
        let producer = create(&settings)?;
        let transactional = config.delivery == Delivery::ExactlyOnce;
        let patience = Duration::from_millis(u64::from(config.transaction_timeout_ms));
        Ok(Self { settings, producer, transactional, open: false, patience, deadline: None, stop })
    }

    /// From here on nothing waits past `deadline`.
    pub fn hurry(&mut self, deadline: Instant) {
        self.deadline = Some(deadline);
    }

    /// When a wait that begins now has to end.
    fn deadline(&self) -> Instant {
        let deadline = Instant::now() + self.patience;
        self.deadline.map_or(deadline, |end| end.min(deadline))
    }

    /// Whether a wait is over: its deadline has come, or, with no deadline for stopping yet, the worker is asked to
    /// stop and has waited for `STOPPING` all the same.
    fn is_over(&self, began: Instant, deadline: Instant) -> bool {
        let stopping = self.deadline.is_none() && self.stop.load(Ordering::Acquire);
        Instant::now() >= deadline || (stopping && began.elapsed() >= STOPPING)
    }

    /// Announces the transactional id to the broker, which ends what an earlier producer of that id left open.
    /// `Ok(false)`: not within `wait`, try again.
    ///
    /// # Errors
    /// Those that no retry mends.
    pub fn init(&mut self, wait: Duration) -> Result<bool, Error> {
        if !self.transactional {
            return Ok(true);
        }
        // A client that logs in by token asks for it first.
        self.serve();
        match self.producer.init_transactions(wait) {
            Ok(()) => Ok(true),
            Err(error) => match (advice_for(&error), &error) {
                (Some(advice), _) => {
                    Err(Error::Failed(format!("cannot begin transactions: {error}; {advice}")))
                }
                (None, KafkaError::Transaction(inner)) if inner.is_fatal() => {
                    self.producer = create(&self.settings)?;
                    Ok(false)
                }
                _ => {
                    tracing::debug!(%error, "transactions cannot begin yet");
                    Ok(false)
                }
            },
        }
    }

    /// Makes the producer anew; [`Publisher::init`] is to follow.
    pub fn rebuild(&mut self) -> Result<(), Error> {
        self.producer = create(&self.settings)?;
        self.open = false;
        Ok(())
    }

    /// Takes what the client has to say: logs, statistics, errors. Without it they would gather for as long as there
    /// is nothing to publish.
    pub fn serve(&self) {
        for _ in 0..SERVE_AT_ONCE {
            let served = self.producer.context().served.load(Ordering::Relaxed);
            self.producer.poll(Duration::ZERO);
            if self.producer.context().served.load(Ordering::Relaxed) == served {
                break;
            }
        }
    }

    /// Produces `records` and commits `offsets`. `group` and `commit` are the two ways to commit: in the
    /// transaction, or after it. Records of the slots in `alone` are sent one by one: the broker refuses what
    /// the client has packed together as a whole, and only alone does a record answer for itself.
    pub fn publish(
        &mut self,
        records: &[Record],
        alone: &BTreeSet<u32>,
        offsets: &TopicPartitionList,
        group: Option<&ConsumerGroupMetadata>,
        commit: impl FnOnce(&TopicPartitionList) -> Result<(), KafkaError>,
        mut beat: impl FnMut(&'static str),
    ) -> Result<(), Trouble> {
        self.failures();
        beat("produce");
        if self.transactional {
            // A producer that cannot begin is in a state that only a new one gets out of.
            self.producer.begin_transaction().map_err(|error| lost(&error))?;
            self.open = true;
        }
        let mut refused = Vec::new();
        let mut other = None;
        for record in records {
            let alone = alone.contains(&record.slot);
            if alone {
                self.drain(&mut beat)?;
            }
            match self.send(record) {
                Ok(()) => {}
                Err(error) if is_refusal(&error) => refused.push((record.slot, error.to_string())),
                // A refusal puts an end to the transaction: what follows is not taken any more.
                Err(error) => other = Some(error.to_string()),
            }
            if alone {
                self.drain(&mut beat)?;
            }
            if other.is_some() || self.has_failed() {
                break;
            }
        }
        self.drain(&mut beat)?;
        for (slot, error, is_refusal) in self.failures() {
            if is_refusal { refused.push((slot, error)) } else { other = Some(error) }
        }
        if let (Some(error), true) = (other, refused.is_empty()) {
            return Err(self.abort_for(error));
        }
        if !refused.is_empty() {
            refused.sort();
            refused.dedup_by_key(|(slot, _)| *slot);
            return Err(match self.abort_for(String::new()) {
                Trouble::Aborted(_) => Trouble::Refused(refused),
                worse => worse,
            });
        }
        beat("commit");
        if !self.transactional {
            return commit(offsets).map_err(|error| trouble(&error));
        }
        let Some(group) = group else {
            return Err(self.abort_for("the worker is not in the group".to_owned()));
        };
        // This step cannot be looked into, nor resumed.
        let wait = self.deadline().saturating_duration_since(Instant::now()).max(SLICE);
        if let Err(error) = self.producer.send_offsets_to_transaction(offsets, group, wait) {
            let stale = matches!(
                error.rdkafka_error_code(),
                Some(RDKafkaErrorCode::IllegalGeneration | RDKafkaErrorCode::RebalanceInProgress)
            );
            return Err(match self.abort(&error) {
                Trouble::Aborted(why) if stale => Trouble::Stale(why),
                other => other,
            });
        }
        let (began, deadline) = (Instant::now(), self.deadline());
        loop {
            match self.producer.commit_transaction(SLICE) {
                Ok(()) => {
                    self.open = false;
                    return Ok(());
                }
                Err(KafkaError::Transaction(error))
                    if error.is_retriable() && !self.is_over(began, deadline) =>
                {
                    beat("commit");
                }
                Err(KafkaError::Transaction(error)) if error.txn_requires_abort() => {
                    return Err(self.abort(&KafkaError::Transaction(error)));
                }
                // Whether it was committed is not known: a new producer makes the broker decide.
                Err(error) => return Err(lost(&error)),
            }
        }
    }

    fn send(&self, record: &Record) -> Result<(), KafkaError> {
        let (began, deadline) = (Instant::now(), self.deadline());
        loop {
            let mut headers = OwnedHeaders::new_with_capacity(record.headers.len());
            for (key, value) in &record.headers {
                headers = headers.insert(Header { key, value: Some(value.as_slice()) });
            }
            let mut message =
                BaseRecord::with_opaque_to(&record.topic, record.slot as usize).headers(headers);
            message.key = record.key.as_deref();
            message.payload = record.value.as_deref();
            match self.producer.send::<[u8], [u8]>(message) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _))
                    if !self.is_over(began, deadline) =>
                {
                    self.producer.poll(Duration::from_millis(1));
                }
                Err((error, _)) => return Err(error),
            }
        }
    }

    /// Waits until the broker has answered for every record. Polls by itself: the library's own flush looks
    /// every 100 ms only.
    fn drain(&mut self, beat: &mut impl FnMut(&'static str)) -> Result<(), Trouble> {
        let (began, deadline) = (Instant::now(), self.deadline());
        let mut rounds = 0_u32;
        while self.producer.in_flight_count() > 0 {
            self.producer.poll(Duration::ZERO);
            if self.is_over(began, deadline) {
                return Err(self.abort_for("the broker did not take the records in time".to_owned()));
            }
            rounds += 1;
            if rounds.is_multiple_of(100) {
                beat("produce");
            }
            // A small batch is there in a millisecond or two; looking for a large one as often only costs CPU.
            std::thread::sleep(Duration::from_micros(u64::from(200 + 50 * rounds.min(40))));
        }
        Ok(())
    }

    fn failures(&self) -> Vec<(u32, String, bool)> {
        std::mem::take(&mut *self.producer.context().failed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn has_failed(&self) -> bool {
        !self.producer.context().failed.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn abort(&mut self, error: &KafkaError) -> Trouble {
        match trouble(error) {
            Trouble::Aborted(why) => self.abort_for(why),
            worse => worse,
        }
    }

    fn abort_for(&mut self, why: String) -> Trouble {
        if !self.transactional {
            return Trouble::Aborted(why);
        }
        let (began, deadline) = (Instant::now(), self.deadline());
        loop {
            match self.producer.abort_transaction(SLICE) {
                Ok(()) => {
                    self.open = false;
                    return Trouble::Aborted(why);
                }
                // A call that timed out is resumed by the next one.
                Err(KafkaError::Transaction(error))
                    if error.is_retriable() && !self.is_over(began, deadline) => {}
                Err(error) => return lost(&error),
            }
        }
    }

    /// Ends what is open, within `wait`; for a stop.
    pub fn close(self, wait: Duration) {
        if self.open && self.producer.abort_transaction(wait).is_err() {
            tracing::warn!("the open transaction could not be ended; the broker ends it after its timeout");
        }
    }
}

fn create(settings: &ClientConfig) -> Result<BaseProducer<Context>, Error> {
    settings
        .create_with_context(Context { failed: Mutex::new(Vec::new()), served: AtomicU64::new(0) })
        .map_err(|error| {
            Error::Configuration(format!(
                "cannot create the producer of outcomes: {}; check the section kafka",
                properties::refusal(&error)
            ))
        })
}

/// What to do about an error of the producer.
fn trouble(error: &KafkaError) -> Trouble {
    if let Some(advice) = advice_for(error) {
        return Trouble::Fatal(Error::Failed(format!("cannot produce: {error}; {advice}")));
    }
    match error {
        KafkaError::Transaction(inner) if inner.is_fatal() => lost(error),
        _ => Trouble::Aborted(error.to_string()),
    }
}

fn lost(error: &KafkaError) -> Trouble {
    match advice_for(error) {
        Some(advice) => Trouble::Fatal(Error::Failed(format!("cannot produce: {error}; {advice}"))),
        None => Trouble::Lost(error.to_string()),
    }
}
