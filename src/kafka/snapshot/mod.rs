//! The snapshot of the index on local disk, so that a start need not read the whole log.
//!
//! It is written as the log is applied, not in one go: a folder with a file for each segment of the index (a day, or
//! a part of one), to which what is done to the index is appended, with the place in the log that it stands for. So
//! it costs some 160 bytes a page when the page comes, stops nobody, and is never far behind. A file goes when its
//! segment leaves the index.
//!
//! Every frame is checksummed, with its file and its place in the checksum: of what a crash or a bad disk leaves, only
//! the frames before the first bad one are used, and the log gives the rest ([`frames`] has the layout).
//!
//! A snapshot names its topic, the position it stands for, and a hash of the entry there. A topic made anew, a log
//! cut short, or another cluster is found out by asking the log for that entry: see [`Snapshot::problem`].
//!
//! Several workers may share the folder: each takes the first of `index-0`, `index-1` … that nobody else holds.

mod frames;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use frames::{Frame, Head, Reading};

use crate::sightings::{At, Config, Index, Restore, Settings};

/// Bytes of changes that are written in one frame at the latest.
const FRAME_BYTES: usize = 256 << 10;
/// Changes wait no longer than this for a frame.
const FRAME_WAIT: Duration = Duration::from_secs(1);
/// Bytes of a snapshot that tell how much room the rest will take.
const SAMPLE_BYTES: u64 = 1 << 20;
/// Snapshots in one folder, which is workers on one machine.
const MAX_SLOTS: u32 = 64;

/// Writes the snapshot.
pub(super) struct Snapshot {
    folder: PathBuf,
    topic: String,
    /// Held as long as this lives.
    _lock: File,
    /// Numbers of the files that are there, ascending; the last one is written to.
    numbers: Vec<u64>,
    file: Option<File>,
    /// Bytes of that file.
    bytes: u64,
    /// What was done and is not written.
    changes: Vec<u8>,
    /// The last entry that was applied.
    at: Option<At>,
    /// The settings in force, and whether they are written.
    settings: Option<(Settings, bool)>,
    written: Instant,
}

/// What a snapshot gave.
pub(super) struct Restored {
    pub index: Index,
    /// The last entry that it holds.
    pub at: At,
    /// Settings that stood in the log there.
    pub settings: Option<Settings>,
    /// Why it does not reach as far as it was written.
    pub damage: Option<String>,
}

impl Snapshot {
    /// Opens a snapshot below `folder` that no other worker has, and reads it. `progress` is told the bytes
    /// read and all there are. Without a snapshot that can be used: `Ok(None)`, or why not.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn open(
        folder: &Path,
        topic: &str,
        config: &Config,
        progress: impl FnMut(u64, u64),
    ) -> io::Result<(Self, Result<Option<Restored>, String>)> {
        let (folder, lock) = take_slot(folder)?;
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&folder)? {
            numbers.extend(entry?.file_name().to_str().and_then(number_of));
        }
        numbers.sort_unstable();
        let mut snapshot = Self {
            folder,
            topic: topic.to_owned(),
            _lock: lock,
            numbers,
            file: None,
            bytes: 0,
            changes: Vec::new(),
            at: None,
            settings: None,
            written: Instant::now(),
        };
        if snapshot.numbers.is_empty() {
            return Ok((snapshot, Ok(None)));
        }
        match snapshot.read(config, progress) {
            Ok(mut restored) => {
                restored.index.record_changes(true);
                snapshot.at = Some(restored.at);
                snapshot.settings = restored.settings.clone().map(|settings| (settings, true));
                Ok((snapshot, Ok(Some(restored))))
            }
            Err(why) => {
                snapshot.discard()?;
                Ok((snapshot, Err(why)))
            }
        }
    }

    /// Position of the last entry that is on the disk or waits for it.
    pub fn position(&self) -> Option<u64> {
        self.at.map(|at| at.position)
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Why this log is not the one that the snapshot was made of; `None` if it is. The log holds positions from
    /// `low` to before `high`; `entry` gives the entry at a position, as far as it is there.
    pub fn problem(
        at: At,
        low: u64,
        high: u64,
        entry: impl FnOnce(u64) -> Result<At, String>,
    ) -> Result<Option<String>, String> {
        let position = at.position;
        if position >= high {
            return Ok(Some(format!(
                "it stands for position {position}, and the log ends before {high}: the topic was made anew or cut short"
            )));
        }
        if position < low {
            return Ok(Some(format!(
                "it stands for position {position}, and the log begins at {low}: what came between has left the log"
            )));
        }
        let there = entry(position)?;
        let same = there.position == position && there.check == at.check;
        Ok((!same).then(|| {
            format!("at position {position} the log holds another entry: the topic was made anew, or is another one")
        }))
    }

    /// Begins anew, with an empty folder.
    pub fn discard(&mut self) -> io::Result<()> {
        (self.file, self.at, self.settings) = (None, None, None);
        self.changes.clear();
        for number in std::mem::take(&mut self.numbers) {
            std::fs::remove_file(self.path(number))?;
        }
        Ok(())
    }

    /// Takes down what was done to the index by one entry; to be called after each.
    ///
    /// # Errors
    /// The disk does not take it: the snapshot is to be dropped, and the index to stop recording.
    pub fn note(&mut self, index: &mut Index) -> io::Result<()> {
        let segments = index.segments();
        if self.file.is_none() || self.numbers.last() != Some(&segments.end) {
            self.flush()?;
            self.begin(segments.end)?;
            // Of a segment that has left nothing is needed. Segment n, counted from 0, has file n + 1.
            while self.numbers.len() > 1 && self.numbers[0] <= segments.start {
                let oldest = self.numbers.remove(0);
                std::fs::remove_file(self.path(oldest))?;
            }
        }
        index.take_changes(&mut self.changes);
        self.at = index.applied();
        if self.changes.len() >= FRAME_BYTES { self.flush() } else { Ok(()) }
    }

    /// Settings that stand in the log from here on.
    pub fn set_settings(&mut self, settings: &Settings) {
        self.settings = Some((settings.clone(), false));
    }

    /// Writes what has waited long enough.
    ///
    /// # Errors
    /// As [`Snapshot::note`].
    pub fn flush_if_due(&mut self) -> io::Result<()> {
        if self.written.elapsed() >= FRAME_WAIT { self.flush() } else { Ok(()) }
    }

    /// Writes everything that waits.
    ///
    /// # Errors
    /// As [`Snapshot::note`].
    pub fn flush(&mut self) -> io::Result<()> {
        self.written = Instant::now();
        let (Some(file), Some(at), Some(number)) = (&mut self.file, self.at, self.numbers.last()) else {
            return Ok(());
        };
        let unwritten = self.settings.as_mut().filter(|(_, written)| !*written);
        if self.changes.is_empty() && unwritten.is_none() {
            return Ok(());
        }
        let settings = unwritten.map(|(settings, written)| {
            *written = true;
            settings.clone()
        });
        let frame = frames::changes(*number, self.bytes, at, settings, &self.changes);
        file.write_all(&frame)?;
        self.bytes += frame.len() as u64;
        self.changes.clear();
        Ok(())
    }

    /// Writes what waits, and has it on the disk.
    ///
    /// # Errors
    /// As [`Snapshot::note`].
    pub fn close(mut self) -> io::Result<()> {
        self.flush()?;
        self.file.as_ref().map_or(Ok(()), File::sync_data)
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:012}.part"))
    }

    /// Begins the file of a segment.
    fn begin(&mut self, number: u64) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(self.path(number))?;
        let settings = self.settings.as_mut().map(|(settings, written)| {
            *written = true;
            settings.clone()
        });
        let head = Head { topic: self.topic.clone(), at: self.at, settings };
        let bytes = frames::head(number, &head);
        file.write_all(&bytes)?;
        if self.numbers.last() != Some(&number) {
            self.numbers.push(number);
        }
        (self.file, self.bytes) = (Some(file), bytes.len() as u64);
        Ok(())
    }

    /// Reads the files up to the first that is damaged, cuts that one off there, and removes those after it.
    fn read(&mut self, config: &Config, mut progress: impl FnMut(u64, u64)) -> Result<Restored, String> {
        let unreadable = |error: io::Error| format!("it cannot be read: {error}");
        let mut total = 0;
        for number in &self.numbers {
            total += std::fs::metadata(self.path(*number)).map_err(unreadable)?.len();
        }
        let mut done = 0;
        let mut restore: Option<Restore> = None;
        let (mut at, mut settings, mut damage): (Option<At>, Option<Settings>, Option<String>) =
            (None, None, None);
        let (mut used, mut expected) = (0, false);
        for number in self.numbers.clone() {
            let path = self.path(number);
            let mut reading = Reading::open(&path, number).map_err(unreadable)?;
            let head = match reading.head() {
                Ok(head) => head,
                Err(why) => {
                    damage = Some(format!("{}: {why}", path.display()));
                    break;
                }
            };
            if head.topic != self.topic {
                return Err(format!("it is of the topic {}", head.topic));
            }
            if used > 0 && head.at != at {
                damage = Some(format!("{} does not begin where the file before it ends", path.display()));
                break;
            }
            (at, settings) = (head.at, head.settings.or(settings));
            let into = restore.get_or_insert_with(|| Restore::new(config, number.saturating_sub(1), head.at));
            used += 1;
            loop {
                progress(done + reading.bytes(), total);
                if !expected && done + reading.bytes() >= SAMPLE_BYTES.min(total / 2) {
                    expected = true;
                    into.expect((done + reading.bytes()) as f64 / total as f64);
                }
                match reading.next() {
                    Ok(Some(Frame { at: next, settings: changed, changes })) => {
                        into.push(changes, next).map_err(|why| format!("it cannot be applied: {why}"))?;
                        (at, settings) = (Some(next), changed.or(settings));
                    }
                    Ok(None) => break,
                    Err(why) => {
                        damage = Some(format!("{}: {why}", path.display()));
                        break;
                    }
                }
            }
            done += reading.bytes();
            self.bytes = reading.bytes();
            if damage.is_some() {
                break;
            }
        }
        let (Some(restore), Some(at)) = (restore, at) else {
            return Err(damage.unwrap_or_else(|| "it holds nothing".to_owned()));
        };
        self.cut(used).map_err(|error| format!("what is damaged of it cannot be cut off: {error}"))?;
        Ok(Restored { index: restore.finish(), at, settings, damage })
    }

    /// Keeps the first `used` files, the last of them up to `self.bytes`, and goes on with that.
    fn cut(&mut self, used: usize) -> io::Result<()> {
        for number in self.numbers.split_off(used) {
            std::fs::remove_file(self.path(number))?;
        }
        let Some(last) = self.numbers.last() else { return Ok(()) };
        let file = OpenOptions::new().write(true).open(self.path(*last))?;
        file.set_len(self.bytes)?;
        drop(file);
        self.file = Some(OpenOptions::new().append(true).open(self.path(*last))?);
        Ok(())
    }
}

fn number_of(name: &str) -> Option<u64> {
    name.strip_suffix(".part")?.parse().ok()
}

/// The first folder that nobody holds.
fn take_slot(folder: &Path) -> io::Result<(PathBuf, File)> {
    for slot in 0..MAX_SLOTS {
        let folder = folder.join(format!("index-{slot}"));
        std::fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => return Ok((folder, lock)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::other(format!("{MAX_SLOTS} other workers use it")))
}

#[cfg(test)]
mod tests;
