//! The local carrier of the sightings log: in memory, or in a file of a state folder.
//!
//! The file `sightings.log` begins with a line that names its format; then come frames, one an entry:
//!
//! ```text
//! length of the payload, 4 bytes | checksum, 8 bytes | time, 8 bytes | payload
//! ```
//!
//! in little-endian order. The checksum (XXH3-64) covers time and payload. The first entry states the
//! settings, and a program with others is refused, for it would come to other verdicts. At the start
//! the file is replayed. A last frame that was not written to its end (a crash, a full disk) is cut off
//! and said; damage before the end is an error, for entries after it would be lost silently. A lock on
//! `sightings.lock` keeps a second process out. Once more than half of the file is older than the
//! window, it is written anew without that part.
//!
//! The log's time on files is the largest `fetched_at` so far.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use crate::sightings::{At, Config, Entry, Index, Replay, Settings, Sighting, Verdict};

const MAGIC: &[u8] = b"newsmill sightings log, format 1\n";
const HEAD_BYTES: usize = 20;
/// Longest payload that is read: a sighting takes some 600 bytes, and names of inputs are bounded.
const MAX_PAYLOAD_BYTES: u32 = 1 << 20;
/// Files below this size are not worth writing anew.
const MIN_COMPACT_BYTES: u64 = 4 << 20;
/// What is kept beyond the window, as on Kafka.
const GRACE_DAYS: i64 = 2;
const DAY_MS: i64 = 86_400_000;

/// Why the log cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file operation failed.
    #[error("cannot {doing} {}: {error}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// The system's answer.
        error: io::Error,
    },
    /// Another process has it.
    #[error("{} is in use by another process: wait for its end, or give another state folder", .0.display())]
    InUse(PathBuf),
    /// It was written with settings that lead to other verdicts.
    #[error(
        "the sightings log {} was written with other settings ({differences}): run with the settings of the log, \
         or give another state folder, which starts with no memory of earlier pages",
        path.display()
    )]
    OtherSettings {
        /// The log.
        path: PathBuf,
        /// Each key with the value there and here.
        differences: String,
    },
    /// Bytes that this version cannot read, before the end of the file.
    #[error(
        "the sightings log {} is damaged at byte {at} ({what}): bring it back from a copy, or give another state \
         folder, which starts with no memory of earlier pages",
        path.display()
    )]
    Damaged {
        /// The log.
        path: PathBuf,
        /// Where the frame begins.
        at: u64,
        /// What is wrong with it.
        what: String,
    },
}

/// What was found when a log was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opened {
    /// Entries replayed.
    pub entries: u64,
    /// Bytes of a torn last frame that were cut off.
    pub cut_bytes: u64,
    /// Bytes older than the window that were dropped.
    pub dropped_bytes: u64,
}

/// The sightings log of one process, with its index.
#[derive(Debug)]
pub struct Log {
    index: Index,
    position: u64,
    millis: i64,
    file: Option<Written>,
}

#[derive(Debug)]
struct Written {
    path: PathBuf,
    out: BufWriter<File>,
    frame: Vec<u8>,
    /// Holds the lock as long as the log is open.
    _lock: File,
}

impl Log {
    /// A log that ends with the process.
    pub fn in_memory(config: &Config) -> Self {
        Self { index: Index::new(config), position: 0, millis: 0, file: None }
    }

    /// Opens the log of a state folder, which is made if need be, and replays it. `settings` are those that the
    /// log has to state: `config` and what is built in.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn open(folder: &Path, config: &Config, settings: &Settings) -> Result<(Self, Opened), Error> {
        std::fs::create_dir_all(folder).map_err(io_error("make", folder))?;
        let lock_path = folder.join("sightings.lock");
        let lock = File::create(&lock_path).map_err(io_error("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(io_error("lock", &lock_path)(error)),
        }
        let path = folder.join("sightings.log");
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = file.map_err(io_error("open", &path))?;
        let read = replay(&mut file, &path, config, settings)?;
        let mut opened = Opened { entries: read.entries, cut_bytes: read.cut_bytes, dropped_bytes: 0 };
        if read.cut_bytes > 0 {
            file.set_len(read.good_bytes).map_err(io_error("cut the torn end of", &path))?;
        }
        if read.good_bytes > MIN_COMPACT_BYTES && read.old_bytes * 2 > read.good_bytes {
            file = compact(file, &path, read.old_bytes, settings)?;
            opened.dropped_bytes = read.old_bytes;
        }
        file.seek(SeekFrom::End(0)).map_err(io_error("read", &path))?;
        let written =
            Written { path, out: BufWriter::with_capacity(1 << 16, file), frame: Vec::new(), _lock: lock };
        let mut log =
            Self { index: read.index, position: read.entries, millis: read.millis, file: Some(written) };
        if read.good_bytes == 0 {
            log.begin(settings)?;
        }
        Ok((log, opened))
    }

    /// The index of a state folder's log as it stands: nothing is written, and whoever has the log in use may go on.
    ///
    /// # Errors
    /// See [`Error`]; a folder without a log is one.
    pub fn look(folder: &Path, config: &Config, settings: &Settings) -> Result<Index, Error> {
        let path = folder.join("sightings.log");
        let mut file = File::open(&path).map_err(io_error("open", &path))?;
        Ok(replay(&mut file, &path, config, settings)?.index)
    }

    /// The index of what was seen.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Appends a sighting and gives its verdict, which is logged too. `millis` is the page's
    /// `fetched_at`, if it has one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn sight(&mut self, millis: Option<i64>, sighting: &Sighting) -> Result<Verdict, Error> {
        let entry = Entry::Sighting(Box::new(sighting.clone()));
        let verdict = self.append(millis, &entry)?.unwrap_or(Verdict::Unknown);
        if let (Some(_), Some(judged)) = (&self.file, self.index.judged(sighting)) {
            self.append(None, &judged)?;
        }
        Ok(verdict)
    }

    /// Appends an entry; gives the verdict if it is a sighting.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, millis: Option<i64>, entry: &Entry) -> Result<Option<Verdict>, Error> {
        self.millis = self.millis.max(millis.unwrap_or(0));
        if let Some(file) = &mut self.file {
            file.write(self.millis, entry)?;
        }
        self.position += 1;
        Ok(self.index.apply(At { position: self.position, millis: self.millis, check: 0 }, entry))
    }

    /// Hands what is buffered to the system. To be called before what follows from it is written.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn flush(&mut self) -> Result<(), Error> {
        match &mut self.file {
            Some(file) => file.out.flush().map_err(io_error("write", &file.path)),
            None => Ok(()),
        }
    }

    /// Ends the log, with everything on the disk.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn close(mut self) -> Result<(), Error> {
        self.flush()?;
        match &self.file {
            Some(file) => file.out.get_ref().sync_data().map_err(io_error("write", &file.path)),
            None => Ok(()),
        }
    }

    fn begin(&mut self, settings: &Settings) -> Result<(), Error> {
        if let Some(file) = &mut self.file {
            file.out.write_all(MAGIC).map_err(io_error("write", &file.path))?;
        }
        self.append(None, &Entry::Settings(settings.clone()))?;
        self.flush()
    }
}

impl Written {
    fn write(&mut self, millis: i64, entry: &Entry) -> Result<(), Error> {
        self.frame.clear();
        push_frame(millis, entry, &mut self.frame);
        self.out.write_all(&self.frame).map_err(io_error("write", &self.path))
    }
}

fn push_frame(millis: i64, entry: &Entry, frame: &mut Vec<u8>) {
    let start = frame.len();
    frame.extend([0; HEAD_BYTES]);
    entry.encode(frame);
    let length = (frame.len() - start - HEAD_BYTES) as u32;
    let sum = checksum(millis, &frame[start + HEAD_BYTES..]);
    frame[start..start + 4].copy_from_slice(&length.to_le_bytes());
    frame[start + 4..start + 12].copy_from_slice(&sum.to_le_bytes());
    frame[start + 12..start + 20].copy_from_slice(&millis.to_le_bytes());
}

fn checksum(millis: i64, payload: &[u8]) -> u64 {
    let mut hasher = Xxh3::new();
    hasher.update(&millis.to_le_bytes());
    hasher.update(payload);
    hasher.digest()
}

fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |error| Error::Io { doing, path, error }
}

/// What was read of a file.
struct ReadBack {
    index: Index,
    entries: u64,
    millis: i64,
    /// Bytes up to the end of the last whole frame.
    good_bytes: u64,
    cut_bytes: u64,
    /// Bytes, from the start, of frames that are older than window and grace.
    old_bytes: u64,
}

fn replay(file: &mut File, path: &Path, config: &Config, settings: &Settings) -> Result<ReadBack, Error> {
    let damaged = |at: u64, what: &str| Error::Damaged { path: path.to_owned(), at, what: what.to_owned() };
    let size = file.metadata().map_err(io_error("read", path))?.len();
    let mut frames =
        Frames { input: BufReader::with_capacity(1 << 18, file), at: 0, size, payload: Vec::new() };
    let mut read = ReadBack {
        index: Index::new(config),
        entries: 0,
        millis: 0,
        good_bytes: 0,
        cut_bytes: 0,
        old_bytes: 0,
    };
    if !frames.magic().map_err(io_error("read", path))? {
        // Nothing, or the first line itself was torn: a new log.
        let torn = size < MAGIC.len() as u64;
        read.cut_bytes = size;
        return if torn { Ok(read) } else { Err(damaged(0, "it is no sightings log of this version")) };
    }
    let mut replay = Replay::new(Index::new(config));
    // Where each day's frames begin, to find what is older than the window.
    let mut days: Vec<(i64, u64)> = Vec::new();
    loop {
        let at = frames.at;
        match frames.next().map_err(io_error("read", path))? {
            Frame::Whole(millis) => {
                let entry = Entry::decode(&frames.payload).map_err(|what| damaged(at, &what))?;
                match &entry {
                    Entry::Settings(theirs) => check_settings(path, theirs, settings)?,
                    _ if read.entries == 0 => return Err(damaged(at, "it does not begin with its settings")),
                    _ => {}
                }
                read.entries += 1;
                read.millis = read.millis.max(millis);
                let day = read.millis.div_euclid(DAY_MS);
                if days.last().is_none_or(|(last, _)| *last != day) {
                    days.push((day, at));
                }
                replay.push(
                    At { position: read.entries, millis: read.millis, check: 0 },
                    entry,
                    |_, _, _| {},
                );
            }
            Frame::End => break,
            Frame::Torn => {
                read.cut_bytes = size - at;
                break;
            }
            Frame::Bad(what) => return Err(damaged(at, what)),
        }
    }
    read.good_bytes = if read.entries == 0 { 0 } else { size - read.cut_bytes };
    if read.entries == 0 {
        read.cut_bytes = size;
    }
    let oldest = read.millis.div_euclid(DAY_MS) - i64::from(config.window_days) - GRACE_DAYS;
    read.old_bytes = days.iter().find(|(day, _)| *day >= oldest).map_or(0, |(_, at)| *at);
    read.index = replay.finish(|_, _, _| {});
    Ok(read)
}

fn check_settings(path: &Path, theirs: &Settings, ours: &Settings) -> Result<(), Error> {
    let differences = ours.differences(theirs);
    if differences.is_empty() {
        return Ok(());
    }
    Err(Error::OtherSettings { path: path.to_owned(), differences: differences.join(", ") })
}

/// Writes the file anew from `from` on, and puts it in the place of the old one.
fn compact(mut file: File, path: &Path, from: u64, settings: &Settings) -> Result<File, Error> {
    let new_path = path.with_extension("log.new");
    let mut options = OpenOptions::new();
    let new = options.read(true).write(true).create(true).truncate(true).open(&new_path);
    let mut new = new.map_err(io_error("write", &new_path))?;
    let mut head = MAGIC.to_vec();
    push_frame(0, &Entry::Settings(settings.clone()), &mut head);
    let mut copy = || {
        new.write_all(&head)?;
        file.seek(SeekFrom::Start(from))?;
        io::copy(&mut file, &mut new)?;
        new.sync_data()
    };
    copy().map_err(io_error("write", &new_path))?;
    std::fs::rename(&new_path, path).map_err(io_error("replace", path))?;
    Ok(new)
}

enum Frame {
    /// Its payload is in the reader.
    Whole(i64),
    End,
    Torn,
    Bad(&'static str),
}

struct Frames<R> {
    input: R,
    at: u64,
    size: u64,
    payload: Vec<u8>,
}

impl<R: Read> Frames<R> {
    fn magic(&mut self) -> io::Result<bool> {
        if self.size < MAGIC.len() as u64 {
            return Ok(false);
        }
        let mut magic = vec![0; MAGIC.len()];
        self.input.read_exact(&mut magic)?;
        self.at = magic.len() as u64;
        Ok(magic == MAGIC)
    }

    fn next(&mut self) -> io::Result<Frame> {
        let left = self.size - self.at;
        if left == 0 {
            return Ok(Frame::End);
        }
        if left < HEAD_BYTES as u64 {
            return Ok(Frame::Torn);
        }
        let mut head = [0; HEAD_BYTES];
        self.input.read_exact(&mut head)?;
        let (length, rest) = head.split_at(4);
        let (sum, millis) = rest.split_at(8);
        let length = length.iter().rev().fold(0u32, |n, byte| n << 8 | u32::from(*byte));
        let sum = sum.iter().rev().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
        let millis = millis.iter().rev().fold(0u64, |n, byte| n << 8 | u64::from(*byte)) as i64;
        if u64::from(length) + HEAD_BYTES as u64 > left {
            // A length that reaches beyond the end: a torn frame, if it can be the length of one.
            return Ok(if length <= MAX_PAYLOAD_BYTES {
                Frame::Torn
            } else {
                Frame::Bad("a length is too large")
            });
        }
        if head == [0; HEAD_BYTES] {
            // A file system may leave zeros where a write was under way.
            let mut rest = Vec::new();
            self.input.read_to_end(&mut rest)?;
            let zeros = rest.iter().all(|byte| *byte == 0);
            return Ok(if zeros { Frame::Torn } else { Frame::Bad("a frame is empty") });
        }
        if length > MAX_PAYLOAD_BYTES {
            return Ok(Frame::Bad("a length is too large"));
        }
        self.payload.resize(length as usize, 0);
        self.input.read_exact(&mut self.payload)?;
        let end = self.at + HEAD_BYTES as u64 + u64::from(length);
        if checksum(millis, &self.payload) != sum {
            return Ok(if end == self.size { Frame::Torn } else { Frame::Bad("a checksum does not fit") });
        }
        self.at = end;
        Ok(Frame::Whole(millis))
    }
}

#[cfg(test)]
mod tests;
