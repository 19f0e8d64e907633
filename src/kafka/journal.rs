//! The in-flight journal: finds the record that kills the process.
//!
//! Each thread of the pool has a slot of 64 bytes in a file of the state folder. It names there the record
//! that it is about to work on, and clears the slot afterwards; nothing else in memory is named, or innocents
//! would be taken for the culprit. What is written into the file stays in the system's page cache when
//! the process dies, so there is no need to wait for the disk: a slot costs one write call of a microsecond.
//! (A machine that loses its power may lose slots: then the record has another crash.)
//!
//! At start the slots that the run before left are read: each names a record that has *crashed* once more.
//! The counts are kept in a second file, for the [`MAX_RECORDS`] last ones and [`MAX_AGE`]; they end with
//! the commit of the record's outcome. A record with [`GIVEN_UP_AT`] crashes is rejected when it is read
//! again ([`super::pool`] does that).
//!
//! # Files, in the folder that the workers of the group on this machine share
//! - `NAME.journal`: a head with the number of the run and the topic, then the slots. Locked by its worker
//!   while that lives. A checksum in head and slots tells what was torn.
//! - `NAME.crashes`: a checksum and the counts as JSON, written beside and renamed. It names the run whose slots it has
//!   counted, so that none counts twice if the worker dies in between.
//!
//! NAME is the worker's. A worker without a fixed name has another one at each start, so it takes over the
//! journals in the folder that nobody holds the lock of. A worker with one leaves those of others alone and
//! only looks: a record that killed the worker which had its partition before has crashed, too.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::state::file_name;
use crate::record::{RawRecord, Source};

/// So many crashes, and a record is rejected.
pub(super) const GIVEN_UP_AT: u32 = 2;
/// Most records whose crashes are remembered; beyond it the oldest are forgotten.
const MAX_RECORDS: usize = 1000;
/// After so long without another crash they are forgotten.
const MAX_AGE: Duration = Duration::from_secs(7 * 24 * 3600);

const MAGIC: &[u8; 24] = b"newsmill journal, v. 1\n\0";
const HEAD_BYTES: usize = 512;
const SLOT_BYTES: usize = 64;
/// Length of each end of a value that is hashed.
const MARK_BYTES: usize = 1024;
const SUM_BYTES: usize = 17;
/// Slots that are read of a file at most.
const MAX_SLOTS: usize = 4096;

/// A record and how often it was in flight when its worker died.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    topic: String,
    partition: i32,
    offset: i64,
    /// Length of the value, and the hash of its ends: in a topic that was made anew an offset is another record.
    bytes: u64,
    hash: u64,
    crashes: u32,
    /// At one of them nothing was done but to read its message, for its rejection.
    #[serde(default)]
    reading: bool,
    /// Of the last crash, as far as that is known: when work on the record began; milliseconds since 1970.
    last_ms: u64,
}

impl Row {
    fn is_same(&self, other: &Self) -> bool {
        (self.partition, self.offset, self.bytes, self.hash)
            == (other.partition, other.offset, other.bytes, other.hash)
            && self.topic == other.topic
    }

    fn is_of(&self, raw: &RawRecord) -> bool {
        let Source::Kafka { topic, partition, offset } = &raw.source else { return false };
        (self.partition, self.offset, self.bytes) == (*partition, *offset, raw.value.len() as u64)
            && *self.topic == **topic
            && self.hash == mark(&raw.value)
    }
}

/// What a record did to earlier runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Before {
    /// How often it was in flight when its worker died.
    pub crashes: u32,
    /// Once nothing was done but to read its message, for its rejection.
    pub reading: bool,
}

/// The file of counts.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    /// Run whose slots are counted here.
    counted: u64,
    records: Vec<Row>,
}

/// What the pool's threads are working on, and what killed earlier runs.
pub(super) struct Journal {
    file: File,
    path: PathBuf,
    run: u64,
    slots: usize,
    topic: String,
    rows: Mutex<Rows>,
    failed: AtomicBool,
}

#[derive(Default)]
struct Rows {
    own: Vec<Row>,
    /// From journals of others: looked at, not kept.
    others: Vec<Row>,
}

impl Journal {
    /// Opens the journal of a worker with `slots` threads at most, and counts what the run before left.
    /// `fixed`: the worker has the same name after a restart.
    ///
    /// # Errors
    /// A file operation failed, or a living worker has the journal.
    pub fn open(folder: &Path, worker: &str, fixed: bool, topic: &str, slots: usize) -> io::Result<Self> {
        let path = folder.join(format!("{}.journal", file_name(worker)));
        let file = lock(&path)?;
        let now = now_ms();
        let mut rows = Rows { own: counted(&file, &path), others: Vec::new() };
        for other in others(folder, &path)? {
            let Ok(file) = OpenOptions::new().read(true).write(true).open(&other) else { continue };
            if file.try_lock().is_err() {
                // Somebody lives there: what it counted at its start is all that is sure.
                add(&mut rows.others, counts(&other).records);
                continue;
            }
            if file.metadata()?.nlink() == 0 {
                // Somebody has just taken it over.
                continue;
            }
            let left = counted(&file, &other);
            let old = file.metadata()?.modified().ok().and_then(|at| at.elapsed().ok());
            if !fixed || old.is_some_and(|age| age > MAX_AGE) {
                add(&mut rows.own, left);
                // First gone, then counted: what is lost if the worker dies in between has another crash,
                // and nothing counts twice.
                let _gone = std::fs::remove_file(counts_path(&other));
                std::fs::remove_file(&other)?;
            } else {
                add(&mut rows.others, left);
            }
        }
        rows.own.retain(|row| row.last_ms.saturating_add(MAX_AGE.as_millis() as u64) > now);
        rows.own.sort_by_key(|row| std::cmp::Reverse(row.last_ms));
        rows.own.truncate(MAX_RECORDS);
        for row in &rows.own {
            let (topic, partition, offset, crashes) = (&row.topic, row.partition, row.offset, row.crashes);
            tracing::warn!(topic, partition, offset, crashes, "was at work on this record when it died");
        }
        let run = head(&file).map_or(0, |(run, _)| run);
        write_counts(&path, &Counts { counted: run, records: rows.own.clone() })?;
        // Runs have to differ from each other alone.
        let run = now.max(run + 1);
        file.write_all_at(&encode_head(run, topic), 0)?;
        // Written in full, so that no slot has to ask for room on the disk later.
        file.write_all_at(&vec![0; slots * SLOT_BYTES], HEAD_BYTES as u64)?;
        file.set_len((HEAD_BYTES + slots * SLOT_BYTES) as u64)?;
        let failed = AtomicBool::new(false);
        Ok(Self { file, path, run, slots, topic: topic.to_owned(), rows: Mutex::new(rows), failed })
    }

    /// The thread with this slot begins to work on a record; `reading`: to do no more than read its message.
    pub fn begin(&self, slot: usize, raw: &RawRecord, reading: bool) {
        let Source::Kafka { partition, offset, .. } = raw.source else { return };
        let mut bytes = [0; SLOT_BYTES];
        bytes[8..12].copy_from_slice(&partition.to_le_bytes());
        bytes[12] = u8::from(reading);
        bytes[16..24].copy_from_slice(&offset.to_le_bytes());
        bytes[24..32].copy_from_slice(&(raw.value.len() as u64).to_le_bytes());
        bytes[32..40].copy_from_slice(&mark(&raw.value).to_le_bytes());
        bytes[40..48].copy_from_slice(&now_ms().to_le_bytes());
        bytes[48..56].copy_from_slice(&self.run.to_le_bytes());
        let sum = xxh3_64(&bytes[8..]);
        bytes[..8].copy_from_slice(&sum.to_le_bytes());
        self.write(slot, &bytes);
    }

    /// The thread with this slot is done.
    pub fn end(&self, slot: usize) {
        self.write(slot, &[0; SLOT_BYTES]);
    }

    fn write(&self, slot: usize, bytes: &[u8; SLOT_BYTES]) {
        if slot >= self.slots {
            return;
        }
        let at = HEAD_BYTES + slot * SLOT_BYTES;
        if let Err(error) = self.file.write_all_at(bytes, at as u64)
            && !self.failed.swap(true, Ordering::Relaxed)
        {
            let path = self.path.display();
            tracing::warn!(%path, %error, "the journal cannot be written: crashes may go unnoticed");
        }
    }

    /// What a record did to earlier runs.
    pub fn crashes(&self, raw: &RawRecord) -> Before {
        let rows = self.rows();
        let its = rows.own.iter().chain(&rows.others).filter(|row| row.is_of(raw));
        its.fold(Before::default(), |before, row| Before {
            crashes: before.crashes.saturating_add(row.crashes),
            reading: before.reading || row.reading,
        })
    }

    /// Everything of `partition` before the offset `next` is committed: its crashes are over.
    pub fn committed(&self, partition: i32, next: i64) {
        let is_over = |row: &Row| row.partition == partition && row.offset < next && row.topic == self.topic;
        let mut rows = self.rows();
        if !rows.own.iter().any(is_over) {
            return;
        }
        rows.own.retain(|row| !is_over(row));
        if let Err(error) = write_counts(&self.path, &Counts { counted: 0, records: rows.own.clone() }) {
            // They end with their age, then.
            tracing::debug!(%error, "cannot write the counts of crashes");
        }
    }

    fn rows(&self) -> std::sync::MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hash of both ends of a value: enough beside topic, offset and length, and it costs the same for any page.
fn mark(value: &[u8]) -> u64 {
    let head = &value[..value.len().min(MARK_BYTES)];
    let tail = &value[value.len() - head.len()..];
    xxh3_64(head) ^ xxh3_64(tail).rotate_left(1)
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis() as u64)
}

/// Opens a worker's own journal and locks it.
fn lock(path: &Path) -> io::Result<File> {
    for _ in 0..20 {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            // Unless somebody took the file over, which ends with its removal, between the two.
            Ok(()) if file.metadata()?.nlink() > 0 => return Ok(file),
            Ok(()) => {}
            // Whoever only looks holds the lock for a moment.
            Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::WouldBlock, "a living worker of the same name has it"))
}

/// The other journals of the folder, in the order of their names.
fn others(folder: &Path, own: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path != own && path.extension().is_some_and(|end| end == "journal") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// The counts that stand beside a journal, with its slots added unless they are in there already.
fn counted(file: &File, path: &Path) -> Vec<Row> {
    let counts = counts(path);
    let mut rows = counts.records;
    if let Some((run, topic)) = head(file)
        && run != counts.counted
    {
        add(&mut rows, slots(file, run, &topic));
    }
    rows
}

fn counts_path(journal: &Path) -> PathBuf {
    journal.with_extension("crashes")
}

fn counts(journal: &Path) -> Counts {
    let path = counts_path(journal);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Counts::default(),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "cannot read the counts of crashes: they begin anew");
            return Counts::default();
        }
    };
    let read = bytes
        .split_first_chunk::<SUM_BYTES>()
        .filter(|(sum, rest)| **sum == sum_line(rest))
        .and_then(|(_, rest)| serde_json::from_slice(rest).ok());
    read.unwrap_or_else(|| {
        tracing::warn!(path = %path.display(), "the counts of crashes are damaged: they begin anew");
        Counts::default()
    })
}

fn write_counts(journal: &Path, counts: &Counts) -> io::Result<()> {
    let beside = journal.with_extension("crashes-new");
    let json = serde_json::to_vec(counts)?;
    std::fs::write(&beside, [&sum_line(&json), json.as_slice()].concat())?;
    std::fs::rename(beside, counts_path(journal))
}

/// Checksum of the counts as 16 hexadecimal digits and the end of the line.
fn sum_line(json: &[u8]) -> [u8; SUM_BYTES] {
    let mut line = [b'\n'; SUM_BYTES];
    line[..16].copy_from_slice(format!("{:016x}", xxh3_64(json)).as_bytes());
    line
}

/// Adds crashes to those that are known.
fn add(rows: &mut Vec<Row>, more: Vec<Row>) {
    for row in more {
        match rows.iter_mut().find(|known| known.is_same(&row)) {
            Some(known) => {
                known.crashes = known.crashes.saturating_add(row.crashes);
                known.reading |= row.reading;
                known.last_ms = known.last_ms.max(row.last_ms);
            }
            None => rows.push(row),
        }
    }
}

fn encode_head(run: u64, topic: &str) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[..24].copy_from_slice(MAGIC);
    head[24..32].copy_from_slice(&run.to_le_bytes());
    // Names of topics have 249 bytes at most.
    let length = topic.len().min(400);
    head[32..34].copy_from_slice(&(length as u16).to_le_bytes());
    head[34..34 + length].copy_from_slice(&topic.as_bytes()[..length]);
    let sum = xxh3_64(&head[..HEAD_BYTES - 8]);
    head[HEAD_BYTES - 8..].copy_from_slice(&sum.to_le_bytes());
    head
}

fn number(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.first_chunk::<8>()?))
}

/// Run and topic of a journal; `None` for an empty file and for anything else.
fn head(file: &File) -> Option<(u64, String)> {
    let mut head = [0; HEAD_BYTES];
    file.read_exact_at(&mut head, 0).ok()?;
    let good =
        head.starts_with(MAGIC) && number(&head[HEAD_BYTES - 8..])? == xxh3_64(&head[..HEAD_BYTES - 8]);
    let length = usize::from(u16::from_le_bytes([head[32], head[33]]));
    let topic = std::str::from_utf8(head.get(34..34 + length)?).ok()?;
    good.then(|| Some((number(&head[24..])?, topic.to_owned())))?
}

/// The records that slots name, each with one crash.
fn slots(file: &File, run: u64, topic: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut slot = [0; SLOT_BYTES];
    for at in 0..MAX_SLOTS {
        if file.read_exact_at(&mut slot, (HEAD_BYTES + at * SLOT_BYTES) as u64).is_err() {
            break;
        }
        let fields = (number(&slot), number(&slot[48..]));
        if fields != (Some(xxh3_64(&slot[8..])), Some(run)) {
            continue;
        }
        let field = |at: usize| number(&slot[at..]).unwrap_or_default();
        let row = Row {
            topic: topic.to_owned(),
            partition: field(8) as u32 as i32,
            offset: field(16) as i64,
            bytes: field(24),
            hash: field(32),
            crashes: 1,
            reading: slot[12] != 0,
            last_ms: field(40),
        };
        // A record that two threads had (it was read again while one was stuck) has crashed once.
        if !rows.iter().any(|known: &Row| known.is_same(&row)) {
            rows.push(row);
        }
    }
    rows
}

#[cfg(test)]
mod tests;
