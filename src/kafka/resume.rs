//! Where the tail of the sightings log begins: at the end of the snapshot, if it is one of this log, else at the
//! beginning of the log.

use std::path::Path;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};

use super::client::Plain;
use super::error::Error;
use super::log::at;
use super::snapshot::Snapshot;
use super::status::Status;
use crate::sightings::{At, Index, Settings};

/// What the tail begins with.
pub(super) struct Begun {
    pub snapshot: Option<Snapshot>,
    pub index: Index,
    /// The settings that stood in the log there.
    pub settings: Option<Settings>,
    /// Position of the first entry to read; `None`: the first that there is.
    pub next: Option<u64>,
}

/// Opens the snapshot in `folder`, and takes the index from it if it stands for this log; `ends` are the positions
/// where the log begins and ends. Without a snapshot the index is `seed`.
pub(super) fn begin(
    folder: &Path,
    topic: &str,
    mut seed: Index,
    ends: (u64, u64),
    status: &Status,
    entry: impl FnOnce(u64) -> Result<At, String>,
) -> Result<Begun, Error> {
    let started = Instant::now();
    let progress = |read, all| {
        status.beat("reading the snapshot of the index");
        status.set_snapshot(read, all);
    };
    let (mut snapshot, found) = match Snapshot::open(folder, topic, seed.config(), progress) {
        Ok(opened) => opened,
        Err(error) => {
            let folder = folder.display();
            tracing::warn!(%folder, %error, "no snapshot can be kept here: each start reads the whole log; set service.state_dir");
            return Ok(Begun { snapshot: None, index: seed, settings: None, next: None });
        }
    };
    let folder = snapshot.folder().display().to_string();
    let rebuilding =
        |why: &str| tracing::warn!(folder, why, "the snapshot is not used: building the index from the log");
    match found {
        Ok(Some(restored)) => {
            match Snapshot::problem(restored.at, ends.0, ends.1, entry).map_err(Error::Failed)? {
                None => {
                    if let Some(damage) = restored.damage {
                        tracing::warn!(
                            folder,
                            damage,
                            "the snapshot is damaged: what follows comes from the log"
                        );
                    }
                    let (position, seconds) = (restored.at.position + 1, started.elapsed().as_secs_f64());
                    tracing::info!(
                        folder,
                        pages = restored.index.pages(),
                        position,
                        seconds,
                        "the snapshot is read"
                    );
                    return Ok(Begun {
                        snapshot: Some(snapshot),
                        index: restored.index,
                        settings: restored.settings,
                        next: Some(position),
                    });
                }
                Some(why) => rebuilding(&why),
            }
        }
        Ok(None) => {}
        Err(why) => rebuilding(&why),
    }
    seed.record_changes(true);
    let snapshot = match snapshot.discard() {
        Ok(()) => Some(snapshot),
        Err(error) => {
            tracing::warn!(folder, %error, "the old snapshot cannot be removed, and no new one kept");
            seed.record_changes(false);
            None
        }
    };
    Ok(Begun { snapshot, index: seed, settings: None, next: None })
}

/// The entry of the log at a position that it holds.
pub(super) fn entry_at(
    consumer: &BaseConsumer<Plain>,
    topic: &str,
    position: u64,
    wait: Duration,
) -> Result<At, String> {
    let failed = |error: KafkaError| format!("cannot read entry {position} of {topic}: {error}");
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, 0, Offset::Offset(position as i64)).map_err(failed)?;
    consumer.assign(&list).map_err(failed)?;
    let deadline = Instant::now() + wait;
    while Instant::now() < deadline {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => return Ok(at(&message)),
            Some(Err(error)) => tracing::debug!(%error, "the tail reports"),
            None => {}
        }
    }
    Err(format!(
        "entry {position} of {topic} did not come within {} ms: check that the broker is up",
        wait.as_millis()
    ))
}

/// Takes each entry down in the snapshot; `done` tells the first failure. Without a snapshot, from the start or since
/// a failure, the index stops recording, be it the live one or one that is being built.
pub(super) fn noting<'a, V>(
    snapshot: &'a mut Option<Snapshot>,
    done: &'a mut std::io::Result<()>,
) -> impl FnMut(&mut Index, At, V) + use<'a, V> {
    move |index, _, _| match snapshot.as_mut().filter(|_| done.is_ok()) {
        Some(snapshot) => *done = snapshot.note(index),
        None => index.record_changes(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Hash128, Origin, Source};
    use crate::sightings::{Config, Entry, Replay};

    #[test]
    fn without_a_snapshot_nothing_is_recorded_not_even_in_a_replay() {
        let mut index = Index::new(&Config::default());
        index.record_changes(true);
        let mut replay = Replay::new(index);
        let (mut snapshot, mut done) = (None, Ok(()));
        for position in 0..3 {
            let source = Source::File { input: "x".into(), line: position };
            let entry = Entry::Void(Origin { source, body: Hash128::default() });
            let at = At { position, millis: 0, check: 0 };
            replay.push(at, entry, noting(&mut snapshot, &mut done));
        }
        let mut index = replay.finish(noting(&mut snapshot, &mut done));
        let mut changes = Vec::new();
        index.take_changes(&mut changes);
        assert!(changes.is_empty(), "{} bytes were kept for nobody", changes.len());
    }
}
