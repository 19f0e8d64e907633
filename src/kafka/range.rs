//! Reads a stretch of a topic, from its beginning or a place in it to its end as it is now, without a group.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers};
use rdkafka::{Message, Offset, TopicPartitionList};

use super::client;
use super::error::{Error, advice_for};
use super::heard::Hearing;
use super::properties::{bare, refusal};
use super::settings::Config;
use crate::record::{RawRecord, Source};

/// Longest wait for one answer of the broker.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// So long may nothing come before the end of the stretch, until the reader gives up.
const SILENCE: Duration = Duration::from_secs(30);

/// A place in each partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// An offset.
    Offset(i64),
    /// The first record of this time or later, in milliseconds since 1970.
    Millis(i64),
}

/// What is read: records from `from` on and before `to`.
#[derive(Debug, Clone, Default)]
pub struct Stretch {
    /// Without it: the beginning.
    pub from: Option<Bound>,
    /// Without it: the end as it is when the reading begins.
    pub to: Option<Bound>,
    /// One partition alone.
    pub partition: Option<i32>,
}

/// A reader of a stretch.
pub(super) struct Reader {
    consumer: BaseConsumer<Hearing>,
    topic: String,
    /// First offset that is not read any more, by partition that is still being read.
    ends: BTreeMap<i32, i64>,
    /// Records of the stretch, at most: what transactions leave behind counts, too.
    pub most: u64,
}

impl Reader {
    /// Finds the stretch. At `read_committed`: what was aborted is not there.
    ///
    /// # Errors
    /// The broker does not answer, the topic or the partition is not there, the user lacks rights.
    pub fn open(config: &Config, topic: &str, stretch: &Stretch) -> Result<Self, Error> {
        let consumer: BaseConsumer<Hearing> =
            client::range(config).create_with_context(Hearing::default()).map_err(|error| {
                Error::Configuration(format!(
                    "cannot create a Kafka client: {}; check the section kafka",
                    refusal(&error)
                ))
            })?;
        let failed = |error: KafkaError| said(config, topic, &error);
        let metadata = consumer.fetch_metadata(Some(topic), ANSWER_WITHIN).map_err(failed)?;
        let row =
            metadata.topics().first().filter(|row| row.error().is_none() && !row.partitions().is_empty());
        let row = row.ok_or_else(|| {
            Error::Failed(format!(
                "there is no topic {topic}, or this user may not see it: `newsmill check` says more"
            ))
        })?;
        let mut partitions: Vec<i32> =
            row.partitions().iter().map(rdkafka::metadata::MetadataPartition::id).collect();
        if let Some(one) = stretch.partition {
            if !partitions.contains(&one) {
                let most = partitions.len() - 1;
                return Err(Error::Failed(format!("{topic} has no partition {one}: they are 0 to {most}")));
            }
            partitions = vec![one];
        }
        let at = |bound: Option<Bound>, otherwise: Offset| -> Result<BTreeMap<i32, Offset>, KafkaError> {
            let all = |offset| partitions.iter().map(|partition| (*partition, offset)).collect();
            match bound {
                None => Ok(all(otherwise)),
                Some(Bound::Offset(offset)) => Ok(all(Offset::Offset(offset))),
                Some(Bound::Millis(millis)) => {
                    let mut asked = TopicPartitionList::new();
                    for partition in &partitions {
                        asked.add_partition_offset(topic, *partition, Offset::Offset(millis))?;
                    }
                    let found = consumer.offsets_for_times(asked, ANSWER_WITHIN)?;
                    Ok(found.elements().iter().map(|row| (row.partition(), row.offset())).collect())
                }
            }
        };
        let (from, to) = (at(stretch.from, Offset::Beginning), at(stretch.to, Offset::End));
        let (from, to) = (from.map_err(failed)?, to.map_err(failed)?);
        let mut assigned = TopicPartitionList::new();
        let (mut ends, mut most) = (BTreeMap::new(), 0);
        for partition in partitions {
            let (low, high) = consumer.fetch_watermarks(topic, partition, ANSWER_WITHIN).map_err(failed)?;
            let within = |offset: Option<&Offset>, otherwise: i64| match offset {
                Some(Offset::Offset(offset)) => (*offset).clamp(low, high),
                // Of a time after the last record.
                Some(Offset::End) => high,
                _ => otherwise,
            };
            let (first, end) = (within(from.get(&partition), low), within(to.get(&partition), high));
            if first < end {
                assigned.add_partition_offset(topic, partition, Offset::Offset(first)).map_err(failed)?;
                ends.insert(partition, end);
                most += end.abs_diff(first);
            }
        }
        consumer.assign(&assigned).map_err(failed)?;
        Ok(Self { consumer, topic: topic.to_owned(), ends, most })
    }

    /// Hands over record after record, in the order of each partition, until the stretch ends, `each` breaks off, or
    /// `stop` is set.
    ///
    /// # Errors
    /// Those that no retry mends, those of `each`, and a broker that is silent for half a minute.
    pub fn read(
        mut self,
        config: &Config,
        stop: &AtomicBool,
        mut each: impl FnMut(&BorrowedMessage<'_>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut heard = Instant::now();
        while !self.ends.is_empty() && !stop.load(Ordering::Acquire) {
            match self.consumer.poll(Duration::from_millis(100)) {
                None if heard.elapsed() > SILENCE => {
                    return Err(Error::Unreachable(format!(
                        "nothing came of {} for {} s: check that the brokers are up",
                        self.topic,
                        SILENCE.as_secs()
                    )));
                }
                None => {}
                Some(Ok(message)) => {
                    heard = Instant::now();
                    let Some(end) = self.ends.get(&message.partition()).copied() else { continue };
                    if message.offset() < end && !each(&message)? {
                        return Ok(());
                    }
                    if message.offset() + 1 >= end {
                        self.ends.remove(&message.partition());
                    }
                }
                // The end, or where an open transaction begins.
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    heard = Instant::now();
                    self.ends.remove(&partition);
                }
                Some(Err(error)) if advice_for(&error).is_some() => {
                    return Err(said(config, &self.topic, &error));
                }
                Some(Err(error)) => tracing::debug!(%error, "while reading"),
            }
        }
        Ok(())
    }
}

/// A message as it is kept: untouched, with the name of its topic shared.
pub(super) fn raw_record(message: &BorrowedMessage<'_>, topic: Arc<str>) -> RawRecord {
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        headers.iter().map(|row| (row.key.to_owned(), row.value.unwrap_or_default().to_vec())).collect()
    });
    RawRecord {
        source: Source::Kafka { topic, partition: message.partition(), offset: message.offset() },
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().unwrap_or_default().to_vec(),
        headers,
    }
}

/// What is said of an error.
fn said(config: &Config, topic: &str, error: &KafkaError) -> Error {
    match advice_for(error) {
        Some(advice) => Error::Failed(format!("cannot read {topic}: {error}; {advice}")),
        None => Error::Unreachable(format!(
            "cannot read {topic} at {}: {error}; check that the broker is up, `newsmill check` says more",
            bare(&config.brokers)
        )),
    }
}
