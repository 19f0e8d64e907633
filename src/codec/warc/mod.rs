//! Web archives (WARC 0.18, 1.0 and 1.1, ISO 28500) to pages, one record after the other.
//!
//! Pages are the successful answers of HTTP servers (`response`), files (`resource`) and texts (`conversion`, as WET
//! archives hold them), where they are HTML or plain text; the rest is counted by kind and passed over. A page is handed on
//! only when its record was whole: its length, what stands behind it, and the checksum of its gzip member where it ends there.
//!
//! After damage the reading goes on with the next member, or with the next line that opens a record; damage is counted once
//! until a record is found again. A record whose length is too great takes the beginning of the next one with it.
//!
//! Memory is bounded: heads by [`MAX_HEAD_BYTES`], bodies by the caller; what is longer is cut one byte behind the limit, so
//! that it can be told, and the rest is passed over. What is passed over may not be a bomb: see [`MAX_IDLE_BYTES`].

mod body;
mod head;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;

use super::decompress::{Fault, Members, Piece, content_opens_with, head_bytes};
use crate::record::{RawRecord, Source};
use head::{HttpHead, Kind, RecordHead};

/// What records open with; a version follows.
const OPENING: &[u8] = b"WARC/";
/// Longest head of a record, and of an HTTP answer, in bytes.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// Most lines of a head.
const MAX_HEAD_LINES: usize = 1000;
/// Content in a row that may be passed over whatever it is compressed from, in bytes: beyond it, a member that grows more than
/// [`MAX_GROWTH`] times is given up. A video grows hardly at all, and passing over it takes no longer than reading its file.
const MAX_IDLE_BYTES: u64 = 32 << 20;
const MAX_GROWTH: u64 = 200;

/// What an archive held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that became pages.
    pub pages: u64,
    /// Whole records that are no pages, by what they are.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Stretches of damage: a record each, or several in a row.
    pub damaged: u64,
    /// The first of them.
    pub first_damage: Option<Damage>,
}

/// Where an archive is damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Number of the record, from 1.
    pub record: u64,
    /// Where in the file it begins, or its compressed member; in bytes.
    pub offset: u64,
    /// What is wrong.
    pub what: String,
}

/// Reads as much of a file's beginning as tells whether it is an archive: whether its content, possibly compressed, opens a
/// record. Gives what it read, and the answer.
///
/// # Errors
/// The file cannot be read.
pub fn peek(file: &mut impl Read) -> io::Result<(Vec<u8>, bool)> {
    let mut head = Vec::new();
    // No more than that: on a pipe the rest may not be there yet.
    file.by_ref().take(8).read_to_end(&mut head)?;
    file.by_ref().take(head_bytes(&head)).read_to_end(&mut head)?;
    let is_archive = content_opens_with(&head, OPENING);
    Ok((head, is_archive))
}

/// How a record ended.
enum Step {
    Page(RawRecord),
    Skipped(&'static str),
    End,
}

/// Reads an archive. See the [module](self).
pub struct Reader<R> {
    input: Input<R>,
    name: Arc<str>,
    max_body_bytes: usize,
    head: Vec<u8>,
    /// Where the present record begins.
    started_at: u64,
    number: u64,
    lost: bool,
    counts: Counts,
}

/// The archive's content, and how much of the present record's block is left.
struct Input<R> {
    members: Members<R>,
    left: u64,
    /// Content passed over in a row, and where in the file that began.
    idle: u64,
    idle_from: u64,
}

impl<R: Read> Input<R> {
    /// Takes bytes of the block.
    fn take(&mut self, count: usize) {
        self.members.consume(count);
        self.left = self.left.saturating_sub(count as u64);
    }

    /// Passes over bytes that nobody wants, as long as they cost no more than their file.
    fn pass(&mut self, count: usize) -> Result<(), Fault> {
        self.take(count);
        self.idle += count as u64;
        let read = self.members.offset() - self.idle_from;
        if self.idle > MAX_IDLE_BYTES && self.idle / MAX_GROWTH > read {
            self.members.forsake();
            return Err(Fault::Damage(format!(
                "{} MiB in a row are no page, and decompress from {read} bytes: taken for a bomb",
                self.idle >> 20
            )));
        }
        Ok(())
    }

    fn busy(&mut self) {
        (self.idle, self.idle_from) = (0, self.members.offset());
    }

    /// Bytes of the block; none once it is at its end.
    fn block(&mut self) -> Result<&[u8], Fault> {
        if self.left == 0 {
            return Ok(&[]);
        }
        // Where members are not records (bgzip), a record goes on in the next one.
        let mut crossed = false;
        while matches!(self.members.piece()?, Piece::MemberEnd) {
            crossed = true;
        }
        match self.members.piece()? {
            Piece::Bytes(bytes) if crossed && bytes.starts_with(OPENING) => {
                Err(Fault::Damage("the record is shorter than its Content-Length".to_owned()))
            }
            Piece::Bytes(bytes) => {
                let count = bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
                Ok(&bytes[..count])
            }
            Piece::MemberEnd | Piece::End => {
                Err(Fault::Damage("the file is cut short: it ends within the record".to_owned()))
            }
        }
    }

    fn pass_block(&mut self) -> Result<(), Fault> {
        loop {
            let count = self.block()?.len();
            if count == 0 {
                return Ok(());
            }
            self.pass(count)?;
        }
    }
}

impl<R: Read> Reader<R> {
    /// Reads `file`, plain or compressed by gzip or zstd. Pages are said to come from `name`; of bodies one byte more than
    /// `max_body_bytes` is kept.
    ///
    /// # Errors
    /// Those of the first read.
    pub fn new(file: R, name: Arc<str>, max_body_bytes: usize) -> io::Result<Self> {
        let members = Members::new(file, OPENING)?;
        Ok(Self {
            input: Input { members, left: 0, idle: 0, idle_from: 0 },
            name,
            max_body_bytes,
            head: Vec::new(),
            started_at: 0,
            number: 0,
            lost: false,
            counts: Counts::default(),
        })
    }

    /// What was read so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The next page: its body as the value, the rest as the headers of a raw record. `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read. Damage is no error: see [`Counts`].
    pub fn next_page(&mut self) -> io::Result<Option<RawRecord>> {
        loop {
            match self.record() {
                Ok(Step::Page(page)) => {
                    self.counts.pages += 1;
                    return Ok(Some(page));
                }
                Ok(Step::Skipped(what)) => *self.counts.skipped.entry(what).or_default() += 1,
                Ok(Step::End) => return Ok(None),
                Err(Fault::Io(error)) => return Err(error),
                Err(Fault::Damage(what)) => self.damaged(what),
            }
        }
    }

    fn damaged(&mut self, what: String) {
        if !self.lost {
            self.counts.damaged += 1;
            let (record, offset) = (self.number, self.started_at);
            self.counts.first_damage.get_or_insert(Damage { record, offset, what });
        }
        self.lost = true;
        self.input.busy();
    }

    fn record(&mut self) -> Result<Step, Fault> {
        self.head.clear();
        match self.find_record() {
            Ok(true) => {}
            Ok(false) => return Ok(Step::End),
            Err(fault) => {
                // It is the member that does not begin.
                if !self.lost {
                    (self.number, self.started_at) = (self.number + 1, self.input.members.position());
                }
                return Err(fault);
            }
        }
        self.read_head()?;
        self.input.busy();
        let Some(head) = RecordHead::parse(&self.head) else {
            return Err(Fault::Damage("the record states no Content-Length".to_owned()));
        };
        self.input.left = head.length;
        let step = match head.kind {
            Kind::Skip(what) => Step::Skipped(what),
            Kind::Http => self.http(&head)?,
            Kind::File => {
                let content_type = head.content_type.as_deref().unwrap_or_default();
                let body = body::read(&mut self.input, false, self.max_body_bytes)?;
                Step::Page(self.page(&head, body, content_type, &HttpHead::default()))
            }
        };
        match (self.input.pass_block().and_then(|()| self.end_record()), step) {
            (Ok(()), step) => Ok(step),
            // What is too large is refused, whatever becomes of its rest.
            (Err(Fault::Damage(what)), Step::Page(page)) if page.value.len() > self.max_body_bytes => {
                self.damaged(what);
                Ok(Step::Page(page))
            }
            (Err(fault), _) => Err(fault),
        }
    }

    fn http(&mut self, head: &RecordHead) -> Result<Step, Fault> {
        let http = HttpHead::read(&mut self.input)?;
        if let Some(what) = http.skip() {
            return Ok(Step::Skipped(what));
        }
        let body = body::read(&mut self.input, http.chunked, self.max_body_bytes)?;
        // What is not said is told by the body; an answer is no page message, whatever it looks like.
        let content_type = http.content_type.as_deref().unwrap_or("application/octet-stream");
        Ok(Step::Page(self.page(head, body, content_type, &http)))
    }

    fn page(&self, head: &RecordHead, value: Vec<u8>, content_type: &str, http: &HttpHead) -> RawRecord {
        let mut headers = vec![("content-type".to_owned(), content_type.as_bytes().to_vec())];
        let mut add = |name: &str, value: &Option<String>| {
            if let Some(value) = value {
                headers.push((name.to_owned(), value.as_bytes().to_vec()));
            }
        };
        add("id", &head.id);
        add("url", &head.uri);
        add("fetched-at", &head.date);
        add("content-encoding", &http.content_encoding);
        add("content-language", &http.content_language);
        let source = Source::File { input: Arc::clone(&self.name), line: self.number };
        RawRecord { source, key: None, value, headers }
    }

    /// Goes to the next record, and takes what it opens with; `false` at the end of the file.
    fn find_record(&mut self) -> Result<bool, Fault> {
        if self.lost {
            return self.find_line();
        }
        loop {
            match self.input.members.piece()? {
                Piece::End => return Ok(false),
                Piece::MemberEnd => {}
                Piece::Bytes(bytes) => {
                    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                    if blank == 0 {
                        self.started_at = self.input.members.position();
                        self.number += 1;
                        return Ok(true);
                    }
                    self.input.pass(blank)?;
                }
            }
        }
    }

    /// Goes to the next line that opens a record: `WARC/` and a digit.
    fn find_line(&mut self) -> Result<bool, Fault> {
        const LENGTH: usize = OPENING.len() + 1;
        let opens = |line: &[u8]| line.starts_with(OPENING) && line[LENGTH - 1].is_ascii_digit();
        let mut at_line_start = true;
        loop {
            match self.input.members.piece()? {
                Piece::End => return Ok(false),
                // A record begins a member, if it is not in one with others.
                Piece::MemberEnd => {
                    at_line_start = true;
                    self.head.clear();
                }
                Piece::Bytes(bytes) if at_line_start => {
                    let count = bytes.len().min(LENGTH - self.head.len());
                    let count = memchr::memchr(b'\n', &bytes[..count]).map_or(count, |end| end + 1);
                    let begins = self.head.is_empty();
                    self.head.extend_from_slice(&bytes[..count]);
                    if begins {
                        self.started_at = self.input.members.position();
                    }
                    self.input.pass(count)?;
                    if self.head.ends_with(b"\n") {
                        self.head.clear();
                    } else if self.head.len() == LENGTH {
                        if opens(&self.head) {
                            self.lost = false;
                            self.number += 1;
                            return Ok(true);
                        }
                        at_line_start = false;
                        self.head.clear();
                    }
                }
                Piece::Bytes(bytes) => {
                    let end = memchr::memchr(b'\n', bytes);
                    at_line_start = end.is_some();
                    let count = end.map_or(bytes.len(), |end| end + 1);
                    self.input.pass(count)?;
                }
            }
        }
    }

    /// Reads the record's head to its blank line.
    fn read_head(&mut self) -> Result<(), Fault> {
        let (mut line, mut lines, mut crossed) = (0, 0, false);
        loop {
            match self.input.members.piece()? {
                Piece::MemberEnd => {
                    crossed = true;
                    continue;
                }
                Piece::End => {
                    return Err(Fault::Damage(
                        "the file is cut short: it ends in a record's head".to_owned(),
                    ));
                }
                Piece::Bytes(bytes) if crossed && bytes.starts_with(OPENING) => {
                    self.next_head(self.head.len());
                    (line, lines, crossed) = (0, 0, false);
                    continue;
                }
                Piece::Bytes(bytes) => {
                    let end = memchr::memchr(b'\n', bytes);
                    let count = end.map_or(bytes.len(), |end| end + 1);
                    if self.head.len() + count > MAX_HEAD_BYTES || lines == MAX_HEAD_LINES {
                        return Err(Fault::Damage(format!(
                            "the record's head is longer than {MAX_HEAD_BYTES} bytes or {MAX_HEAD_LINES} lines"
                        )));
                    }
                    self.head.extend_from_slice(&bytes[..count]);
                    self.input.members.consume(count);
                    crossed = false;
                    if end.is_none() {
                        continue;
                    }
                }
            }
            let text = self.head[line..].trim_ascii();
            if lines == 0 && !is_version(text) {
                return Err(Fault::Damage(
                    "no line of a WARC version where a record has to begin".to_owned(),
                ));
            }
            if text.is_empty() {
                return Ok(());
            }
            if lines > 0 && is_version(text) {
                self.next_head(line);
                lines = 0;
            }
            (line, lines) = (self.head.len(), lines + 1);
        }
    }

    /// The head was cut, and behind `end` is the next record's.
    fn next_head(&mut self, end: usize) {
        self.damaged("the record's head is cut short".to_owned());
        self.lost = false;
        self.head.drain(..end);
        self.number += 1;
        self.started_at = self.input.members.position();
    }

    /// Behind the block come two line ends; then the next record, or the end of a member or the file. In a plain file what
    /// comes instead of the next record is damage of that one; in a member it may be what a damaged end decompresses to.
    fn end_record(&mut self) -> Result<(), Fault> {
        let is_plain = self.input.members.is_plain();
        let mut ends = 0;
        loop {
            match self.input.members.piece()? {
                Piece::End | Piece::MemberEnd => return Ok(()),
                Piece::Bytes(bytes) => {
                    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                    ends += bytes[..blank].iter().filter(|&&byte| byte == b'\n').count();
                    if blank == 0
                        && (is_plain && ends > 0 || OPENING.starts_with(&bytes[..bytes.len().min(5)]))
                    {
                        return Ok(());
                    }
                    if blank == 0 {
                        return Err(Fault::Damage("the record is longer than its Content-Length".to_owned()));
                    }
                    self.input.pass(blank)?;
                }
            }
        }
    }
}

fn is_version(line: &[u8]) -> bool {
    matches!(line.strip_prefix(OPENING), Some([b'0' | b'1', b'.', b'0'..=b'9', ..]))
}

#[cfg(test)]
mod tests;
