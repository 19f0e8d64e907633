//! The consumer of pages, with rebalances that wait for the worker.
//!
//! The library calls back in the middle of a poll when partitions are to be given up. Here that only
//! notes the list: the loop finishes or gives up what is in flight, and then hands the partitions back
//! with [`Pages::give_up`]. Until then the group waits, which is what makes a commit before a hand-over
//! possible.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::OAuthToken;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::statistics::Statistics;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use super::client;
use super::error::{Error, advice};
use super::events::Waker;
use super::properties;
use super::range::raw_record;
use super::status::Status;
use super::token;
use crate::record::RawRecord;
use crate::telemetry::{self, Metric};

/// Things besides pages that one read serves at most.
const SERVE_AT_ONCE: usize = 10_000;

/// Partitions that the group wants back.
pub(super) struct Revoked {
    pub partitions: Vec<i32>,
    /// The group has given them to others already: nothing of them can be committed.
    pub lost: bool,
}

pub(super) struct Context {
    status: Arc<Status>,
    revoked: Mutex<Option<Revoked>>,
    closing: AtomicBool,
    /// Counts what polls have served besides pages: logs, statistics, errors. A poll that served one gives no page
    /// though there may be some.
    served: AtomicU64,
    /// A poll has served a rebalance.
    rebalanced: AtomicBool,
}

impl Context {
    fn count(&self) {
        self.served.fetch_add(1, Ordering::Relaxed);
    }
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        token::read(config)
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.count();
        client::log(level, facility, message);
    }

    fn stats(&self, statistics: Statistics) {
        self.count();
        client::note("pages", &statistics);
        if let Some(group) = &statistics.cgrp {
            self.status.set_group(&group.join_state);
        }
        for topic in statistics.topics.values() {
            for row in topic.partitions.values().filter(|row| row.partition >= 0) {
                let end = row.ls_offset.max(0).min(row.hi_offset);
                let fetching = row.fetch_state == "active";
                let (low, committed) = (row.lo_offset, row.committed_offset);
                self.status.watermark(&topic.topic, row.partition, end, low, committed, fetching);
                let drained = row.next_offset >= end && row.fetchq_cnt == 0;
                self.status.drained(&topic.topic, row.partition, drained);
            }
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.count();
        tracing::debug!(target: "newsmill::kafka::client", %error, "{reason}");
    }
}

impl ConsumerContext for Context {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        error: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        self.rebalanced.store(true, Ordering::Release);
        let list: Vec<i32> = partitions.elements().iter().map(|element| element.partition()).collect();
        if error == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            if let Err(error) = consumer.incremental_assign(partitions) {
                tracing::error!(%error, "cannot take the assigned partitions");
            }
            // A partition that was paused when it left comes back paused.
            if let Err(error) = consumer.resume(partitions) {
                tracing::debug!(%error, "cannot resume");
            }
            for element in partitions.elements() {
                self.status.assigned(element.topic(), element.partition());
            }
            telemetry::add(Metric::Rebalances, 1, &["assigned"]);
            tracing::info!(partitions = ?list, "assigned");
        } else {
            let lost = consumer.assignment_lost();
            telemetry::add(Metric::Rebalances, 1, &[if lost { "lost" } else { "revoked" }]);
            tracing::info!(partitions = ?list, lost, "revoked");
            for element in partitions.elements() {
                self.status.revoked(element.topic(), element.partition());
            }
            if self.closing.load(Ordering::Acquire) || list.is_empty() {
                if let Err(error) = consumer.incremental_unassign(partitions) {
                    tracing::debug!(%error, "cannot hand partitions back");
                }
            } else {
                let mut revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
                *revoked = Some(Revoked { partitions: list, lost });
            }
        }
        telemetry::set(Metric::AssignedPartitions, self.status.assigned_partitions() as f64, &[]);
    }
}

/// One look at the topic of pages.
pub(super) enum Read {
    /// A page, and its record's timestamp in milliseconds.
    Page(RawRecord, i64),
    /// A record with no value.
    Tombstone { partition: i32, offset: i64 },
    /// The assignment has changed, or is to change: see [`Pages::take_revoked`]. There may be more to read.
    Rebalance,
    /// Nothing now.
    Nothing,
}

/// The consumer of pages.
pub(super) struct Pages {
    consumer: BaseConsumer<Context>,
    topic: Arc<str>,
}

impl Pages {
    /// Joins the group. Returns at once; partitions come with later reads.
    pub fn join(
        config: &ClientConfig,
        topic: &str,
        status: Arc<Status>,
        waker: Waker,
    ) -> Result<Self, Error> {
        let context = Context {
            status,
            revoked: Mutex::new(None),
            closing: AtomicBool::new(false),
            served: AtomicU64::new(0),
            rebalanced: AtomicBool::new(false),
        };
        let failed = |error: KafkaError| {
            Error::Configuration(format!("cannot create the Kafka consumer: {}", properties::refusal(&error)))
        };
        let mut consumer: BaseConsumer<Context> = config.create_with_context(context).map_err(failed)?;
        consumer.set_nonempty_callback(move || waker.wake());
        consumer.subscribe(&[topic]).map_err(failed)?;
        Ok(Self { consumer, topic: topic.into() })
    }

    /// The next record, if one is there now. Serves rebalances too, and all that the client has to say: a poll
    /// serves one thing, and during an outage there are hundreds.
    ///
    /// # Errors
    /// Those that no retry mends.
    pub fn read(&self) -> Result<Read, Error> {
        let context = self.consumer.context();
        for _ in 0..SERVE_AT_ONCE {
            let served = context.served.load(Ordering::Relaxed);
            match self.consumer.poll(Duration::ZERO) {
                Some(Ok(message)) => return Ok(self.record(&message)),
                Some(Err(error)) => self.passes(&error)?,
                None if context.rebalanced.swap(false, Ordering::AcqRel) => return Ok(Read::Rebalance),
                None if context.served.load(Ordering::Relaxed) == served => break,
                None => {}
            }
        }
        Ok(Read::Nothing)
    }

    fn record(&self, message: &BorrowedMessage<'_>) -> Read {
        let (partition, offset) = (message.partition(), message.offset());
        if message.payload().is_none() {
            return Read::Tombstone { partition, offset };
        }
        let raw = raw_record(message, self.topic.clone());
        Read::Page(raw, message.timestamp().to_millis().unwrap_or(0))
    }

    /// Tells errors that pass by themselves from those that do not.
    fn passes(&self, error: &KafkaError) -> Result<(), Error> {
        if let Some(advice) = error.rdkafka_error_code().and_then(advice) {
            return Err(Error::Failed(format!("cannot read {}: {error}; {advice}", self.topic)));
        }
        match error {
            KafkaError::MessageConsumptionFatal(_) => {
                Err(Error::Failed(format!("the Kafka consumer cannot go on: {error}")))
            }
            KafkaError::MessageConsumption(RDKafkaErrorCode::PollExceeded) => {
                tracing::warn!(
                    "left the group: the loop did not poll for max.poll.interval.ms; joining again"
                );
                Ok(())
            }
            _ => {
                tracing::debug!(%error, "the consumer reports");
                Ok(())
            }
        }
    }

    /// Partitions that the group wants back since the last call.
    pub fn take_revoked(&self) -> Option<Revoked> {
        self.consumer.context().revoked.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Hands partitions back to the group.
    pub fn give_up(&self, revoked: &Revoked) {
        if let Err(error) = self.consumer.incremental_unassign(&self.list(&revoked.partitions)) {
            // Lost partitions may be gone from the client's assignment by itself.
            tracing::debug!(%error, "cannot hand partitions back");
        }
    }

    fn list(&self, partitions: &[i32]) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition(&self.topic, *partition);
        }
        list
    }

    /// Whether the group wants partitions back, or has taken them, which [`Pages::take_revoked`] has not given yet.
    pub fn is_revoked(&self) -> bool {
        self.consumer.context().revoked.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether the group has given the partitions to others without asking. To be looked at after
    /// [`Pages::group_metadata`]: what that gives may be too little for the broker to see it.
    pub fn is_lost(&self) -> bool {
        self.consumer.assignment_lost()
    }

    /// Names of all topics that the user may see.
    pub fn topics(&self, wait: Duration) -> KafkaResult<Vec<String>> {
        let metadata = self.consumer.fetch_metadata(None, wait)?;
        let there = metadata.topics().iter().filter(|topic| topic.error().is_none());
        Ok(there.map(|topic| topic.name().to_owned()).collect())
    }

    /// What proves to the broker, at a commit, that the group still counts on this worker.
    pub fn group_metadata(&self) -> Option<ConsumerGroupMetadata> {
        self.consumer.group_metadata()
    }

    /// Commits offsets outside of a transaction.
    pub fn commit(&self, offsets: &TopicPartitionList) -> KafkaResult<()> {
        self.consumer.commit(offsets, rdkafka::consumer::CommitMode::Sync)
    }

    /// Goes back to the committed offsets of all assigned partitions; `first` names, by partition, the oldest
    /// offset read and not committed, for partitions where nothing is committed.
    ///
    /// # Errors
    /// The broker did not answer within `wait`, or the client did not seek: try again.
    pub fn rewind(&self, first: impl Fn(i32) -> Option<i64>, wait: Duration) -> KafkaResult<()> {
        let assigned = self.consumer.assignment()?;
        if assigned.count() == 0 {
            return Ok(());
        }
        let deadline = Instant::now() + wait;
        let committed = self.consumer.committed_offsets(assigned, wait)?;
        let mut seek = TopicPartitionList::new();
        for element in committed.elements() {
            let offset = match element.offset() {
                Offset::Offset(offset) => Some(offset),
                _ => first(element.partition()),
            };
            // A partition of which nothing was read and nothing is committed stands where it began.
            if let Some(offset) = offset {
                seek.add_partition_offset(&self.topic, element.partition(), Offset::Offset(offset))?;
            }
        }
        if seek.count() == 0 {
            return Ok(());
        }
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(500));
        let sought = self.consumer.seek_partitions(seek, left)?;
        sought.elements().iter().try_for_each(|element| element.error())
    }

    /// Stops fetching while the worker is full, so that polls serve the group alone.
    pub fn pause(&self, paused: bool) {
        let Ok(assigned) = self.consumer.assignment() else { return };
        let done = if paused { self.consumer.pause(&assigned) } else { self.consumer.resume(&assigned) };
        if let Err(error) = done {
            tracing::debug!(%error, paused, "cannot pause or resume");
        }
    }

    /// Leaves the group: what is still assigned goes to the others at once. Takes at most `wait`: with no broker
    /// there is nobody to say it to.
    pub fn leave(self, wait: Duration) {
        self.consumer.context().closing.store(true, Ordering::Release);
        if let Some(revoked) = self.take_revoked() {
            self.give_up(&revoked);
        }
        let (done, left) = crossbeam_channel::bounded(1);
        // The client leaves when it is dropped, which has no bound of its own.
        let leaving = std::thread::Builder::new().name("leave".into()).spawn(move || {
            drop(self.consumer);
            let _nobody_waits = done.send(());
        });
        if leaving.is_ok() && left.recv_timeout(wait).is_err() {
            tracing::warn!("the group does not answer: it finds this worker gone at the session timeout");
        }
    }
}
