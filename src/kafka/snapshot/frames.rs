//! The files of a snapshot as bytes.
//!
//! ```text
//! file     line of text that names the format | head | changes | changes | …
//! frame    length of the payload, 4 bytes | checksum, 8 bytes | payload
//! head     place | settings | name of the topic
//! changes  place | settings | changes of the index
//! place    0, or 1 | position, 8 bytes | time in milliseconds, 8 | hash of the entry, 8
//! settings length, 4 bytes | entry of the log; empty if they did not change
//! ```
//!
//! in little-endian order. The checksum (XXH3-64, seeded with the file's number and the frame's place in the file)
//! covers the payload: a frame that was written elsewhere does not pass either.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::sightings::{At, Entry, Settings};

const MAGIC: &[u8] = b"newsmill index snapshot, format 2\n";
/// Length and checksum.
const FRAME_HEAD: usize = 12;
/// Longest payload that is read: what one entry changes after a frame is full is bounded by far less.
const MAX_PAYLOAD: u32 = 16 << 20;

/// What a file begins with.
#[derive(Debug, PartialEq)]
pub(super) struct Head {
    pub topic: String,
    /// The entry after which it begins.
    pub at: Option<At>,
    pub settings: Option<Settings>,
}

/// Changes, with where the log stood after them.
pub(super) struct Frame<'a> {
    pub at: At,
    pub settings: Option<Settings>,
    pub changes: &'a [u8],
}

/// Bytes of the beginning of file `number`.
pub(super) fn head(number: u64, head: &Head) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    let start = begin(&mut out);
    put_at(head.at, &mut out);
    put_settings(head.settings.clone(), &mut out);
    out.extend(head.topic.as_bytes());
    end(number, MAGIC.len() as u64, start, &mut out);
    out
}

/// A frame of changes, to stand at `place` of file `number`.
pub(super) fn changes(
    number: u64,
    place: u64,
    at: At,
    settings: Option<Settings>,
    changes: &[u8],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(changes.len() + 64);
    let start = begin(&mut out);
    put_at(Some(at), &mut out);
    put_settings(settings, &mut out);
    out.extend(changes);
    end(number, place, start, &mut out);
    out
}

fn begin(out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.extend([0; FRAME_HEAD]);
    start
}

fn end(number: u64, place: u64, start: usize, out: &mut [u8]) {
    let payload = start + FRAME_HEAD;
    let length = (out.len() - payload) as u32;
    let sum = checksum(number, place, &out[payload..]);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..payload].copy_from_slice(&sum.to_le_bytes());
}

fn checksum(number: u64, place: u64, payload: &[u8]) -> u64 {
    xxh3_64_with_seed(payload, number.rotate_left(40) ^ place)
}

fn put_at(at: Option<At>, out: &mut Vec<u8>) {
    out.push(u8::from(at.is_some()));
    if let Some(At { position, millis, check }) = at {
        out.extend(position.to_le_bytes());
        out.extend(millis.to_le_bytes());
        out.extend(check.to_le_bytes());
    }
}

fn put_settings(settings: Option<Settings>, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend([0; 4]);
    if let Some(settings) = settings {
        Entry::Settings(settings).encode(out);
    }
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// A file being read.
pub(super) struct Reading {
    input: BufReader<File>,
    number: u64,
    size: u64,
    /// Bytes up to the end of the last good frame.
    good: u64,
    payload: Vec<u8>,
}

impl Reading {
    pub fn open(path: &Path, number: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        Ok(Self {
            input: BufReader::with_capacity(1 << 18, file),
            number,
            size,
            good: 0,
            payload: Vec::new(),
        })
    }

    /// Bytes up to the end of the last good frame.
    pub fn bytes(&self) -> u64 {
        self.good
    }

    /// # Errors
    /// It is no file of a snapshot, or damaged.
    pub fn head(&mut self) -> Result<Head, String> {
        let mut magic = [0; MAGIC.len()];
        self.input.read_exact(&mut magic).map_err(|_| "it is cut short".to_owned())?;
        if magic != MAGIC {
            return Err("it was not written by this version".to_owned());
        }
        self.good = MAGIC.len() as u64;
        if !self.frame()? {
            return Err("it is cut short".to_owned());
        }
        let mut rest = &self.payload[..];
        let at = take_at(&mut rest)?;
        let settings = take_settings(&mut rest)?;
        let topic = String::from_utf8(rest.to_vec()).map_err(|_| "the topic's name is no text".to_owned())?;
        Ok(Head { topic, at, settings })
    }

    /// The next frame; `None` at the end.
    ///
    /// # Errors
    /// It is damaged here.
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, String> {
        if !self.frame()? {
            return Ok(None);
        }
        let mut rest = &self.payload[..];
        let at = take_at(&mut rest)?.ok_or("a frame has no place in the log")?;
        let settings = take_settings(&mut rest)?;
        Ok(Some(Frame { at, settings, changes: rest }))
    }

    /// Reads a frame's payload; `false` at the end.
    fn frame(&mut self) -> Result<bool, String> {
        let (at, left) = (self.good, self.size.saturating_sub(self.good));
        if left == 0 {
            return Ok(false);
        }
        let damaged = |what: &str| format!("{what} at byte {at}");
        let mut head = [0; FRAME_HEAD];
        if left < FRAME_HEAD as u64 {
            return Err(damaged("it is cut short"));
        }
        self.input.read_exact(&mut head).map_err(|error| damaged(&error.to_string()))?;
        let (length, sum) = head.split_at(4);
        let length = u32::from_le_bytes(length.try_into().unwrap_or_default());
        let sum = u64::from_le_bytes(sum.try_into().unwrap_or_default());
        if length > MAX_PAYLOAD {
            return Err(damaged("a length is too large"));
        }
        if u64::from(length) + FRAME_HEAD as u64 > left {
            return Err(damaged("it is cut short"));
        }
        self.payload.resize(length as usize, 0);
        self.input.read_exact(&mut self.payload).map_err(|error| damaged(&error.to_string()))?;
        if checksum(self.number, at, &self.payload) != sum {
            return Err(damaged("a checksum does not fit"));
        }
        self.good += u64::from(length) + FRAME_HEAD as u64;
        Ok(true)
    }
}

fn take<'a>(rest: &mut &'a [u8], n: usize) -> Result<&'a [u8], String> {
    let (head, tail) = rest.split_at_checked(n).ok_or("a frame is too short")?;
    *rest = tail;
    Ok(head)
}

fn take_u64(rest: &mut &[u8]) -> Result<u64, String> {
    Ok(u64::from_le_bytes(take(rest, 8)?.try_into().unwrap_or_default()))
}

fn take_at(rest: &mut &[u8]) -> Result<Option<At>, String> {
    if take(rest, 1)? == [0] {
        return Ok(None);
    }
    let (position, millis, check) = (take_u64(rest)?, take_u64(rest)? as i64, take_u64(rest)?);
    Ok(Some(At { position, millis, check }))
}

fn take_settings(rest: &mut &[u8]) -> Result<Option<Settings>, String> {
    let length = u32::from_le_bytes(take(rest, 4)?.try_into().unwrap_or_default());
    match take(rest, length as usize)? {
        [] => Ok(None),
        bytes => match Entry::decode(bytes)? {
            Entry::Settings(settings) => Ok(Some(settings)),
            _ => Err("settings are another entry".to_owned()),
        },
    }
}
