//! Reads a topic for an export: every committed record of a stretch, in the order of each partition.

use std::sync::atomic::AtomicBool;

use rdkafka::Message;

use super::error::Error;
use super::range::{Reader, Stretch, raw_record};
use super::settings::Config;
use crate::record::RawRecord;

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// Records that the stretch has at most: what transactions leave behind counts, too.
    pub most: u64,
    /// Records with a value.
    pub records: u64,
    /// Records without one, passed over.
    pub tombstones: u64,
}

/// Hands each record of the stretch to `each`, with its timestamp in milliseconds since 1970 and what was read before it. Ends
/// with the stretch, at `stop`, or with the record that `each` does not take.
///
/// # Errors
/// The broker does not answer, the topic is not there, a right is missing; those of `each`.
pub fn export(
    config: &Config,
    topic: &str,
    stretch: &Stretch,
    stop: &AtomicBool,
    mut each: impl FnMut(&RawRecord, Option<i64>, &Exported) -> std::io::Result<bool>,
) -> Result<Exported, Error> {
    let reader = Reader::open(config, topic, stretch)?;
    let mut done = Exported { most: reader.most, ..Exported::default() };
    let name: std::sync::Arc<str> = topic.into();
    reader.read(config, stop, |message| {
        if message.payload().is_none() {
            done.tombstones += 1;
            return Ok(true);
        }
        let raw = raw_record(message, name.clone());
        let goes_on = each(&raw, message.timestamp().to_millis(), &done)
            .map_err(|error| Error::Failed(format!("cannot write the output: {error}")))?;
        done.records += u64::from(goes_on);
        Ok(goes_on)
    })?;
    Ok(done)
}
