//! A file as the members it is compressed in, so that damage in one does not end the reading.
//!
//! Web archives compress each record by itself: a gzip member or a zstd frame. [`Members`] gives their bytes piece by
//! piece, says where a member ends (its checksum was right), and after damage goes on with the next member that opens as a
//! record does. Nothing is held but two buffers and, for zstd, a window of at most 8 MiB.

use std::io::{self, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};
use memchr::memmem;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use super::{GZIP_MAGIC, ZSTD_MAGIC, ZSTD_WINDOW_LOG};

/// Bytes of the file that are held: also the longest gzip header that is read.
const INPUT_BYTES: usize = 1 << 17;
/// Bytes behind the reading that can be gone back to.
const KEPT_BYTES: usize = 1 << 16;
const OUTPUT_BYTES: usize = 1 << 16;
/// Compressed bytes that are looked at to tell how a member opens.
const TRIAL_BYTES: usize = 4096;
/// Bytes behind a gzip member: checksum and length.
const TRAILER_BYTES: usize = 8;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Bytes, at least one; what was not consumed comes again.
    Bytes(&'a [u8]),
    /// A member ended, and was whole.
    MemberEnd,
    /// The file ended.
    End,
}

/// Why there is no next piece.
#[derive(Debug)]
pub enum Fault {
    /// The file cannot be read.
    Io(io::Error),
    /// What is there is no whole member: what is wrong. The next call goes on behind the damage.
    Damage(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn damage<T>(what: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Damage(what.into()))
}

/// A file's bytes with some of them ahead.
struct Input<R> {
    reader: R,
    buffer: Box<[u8]>,
    from: usize,
    to: usize,
    ended: bool,
    /// Bytes consumed.
    offset: u64,
    /// Bytes consumed that were given back.
    gone_back: u64,
}

impl<R: Read> Input<R> {
    /// At least `count` bytes, or all that are left; never more than [`INPUT_BYTES`].
    fn fill(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.to - self.from < count && !self.ended {
            // By where the reading is, and not by how much came at once: what can be gone back to has to be the same.
            if self.buffer.len() - self.from < count {
                let kept = self.from.min(KEPT_BYTES);
                self.buffer.copy_within(self.from - kept..self.to, 0);
                (self.from, self.to) = (kept, self.to - self.from + kept);
            }
            match self.reader.read(&mut self.buffer[self.to..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.to += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&self.buffer[self.from..self.to])
    }

    fn consume(&mut self, count: usize) {
        self.from += count;
        self.offset += count as u64;
    }

    /// Goes back towards an offset, as far as its bytes are held; not so often that reading is no longer linear in the file.
    fn go_back(&mut self, offset: u64) {
        let back = self.offset.saturating_sub(offset).min(self.from as u64);
        if self.gone_back + back <= 4 * self.offset + (1 << 20) {
            self.gone_back += back;
            self.offset -= back;
            self.from = self.from.saturating_sub(to_usize(back));
        }
    }
}

enum Format {
    Plain,
    Gzip { inflate: Box<Decompress>, crc: Crc },
    Zstd(Box<Decoder<'static>>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the beginning of a member.
    Between,
    Within,
    /// Behind the last byte of a gzip member's content.
    Trailer,
    /// Somewhere in damage.
    Lost,
    Ended,
}

/// What a step led to.
enum Step {
    Bytes,
    MemberEnd,
    End,
    Again,
}

/// The content of a file that is plain, or in members of gzip or zstd (told by the first bytes).
pub struct Members<R> {
    input: Input<R>,
    format: Format,
    state: State,
    /// What a member has to open with to be taken up after damage.
    opening: &'static [u8],
    output: Box<[u8]>,
    from: usize,
    to: usize,
    member_at: u64,
}

impl<R: Read> Members<R> {
    /// Looks at the first bytes; after damage a member is taken up where its content begins with `opening`.
    ///
    /// # Errors
    /// Those of the first read.
    pub fn new(reader: R, opening: &'static [u8]) -> io::Result<Self> {
        let buffer = vec![0; INPUT_BYTES + KEPT_BYTES].into_boxed_slice();
        let mut input = Input { reader, buffer, from: 0, to: 0, ended: false, offset: 0, gone_back: 0 };
        let head = input.fill(4)?;
        let (format, output) = if head.starts_with(GZIP_MAGIC) {
            let inflate = Box::new(Decompress::new(false));
            (Format::Gzip { inflate, crc: Crc::new() }, vec![0; OUTPUT_BYTES])
        } else if head.starts_with(ZSTD_MAGIC) || is_skippable(head) {
            let mut decoder = Decoder::new()?;
            decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
            (Format::Zstd(Box::new(decoder)), vec![0; OUTPUT_BYTES])
        } else {
            (Format::Plain, Vec::new())
        };
        let output = output.into_boxed_slice();
        Ok(Self { input, format, state: State::Between, opening, output, from: 0, to: 0, member_at: 0 })
    }

    /// The next bytes, or the end of a member or of the file.
    ///
    /// # Errors
    /// [`Fault::Damage`] where a member is damaged or cut short.
    pub fn piece(&mut self) -> Result<Piece<'_>, Fault> {
        if matches!(self.format, Format::Plain) {
            let bytes = self.input.fill(1)?;
            return Ok(if bytes.is_empty() { Piece::End } else { Piece::Bytes(bytes) });
        }
        while self.from == self.to {
            match self.step()? {
                Step::Bytes | Step::Again => {}
                Step::MemberEnd => return Ok(Piece::MemberEnd),
                Step::End => return Ok(Piece::End),
            }
        }
        Ok(Piece::Bytes(&self.output[self.from..self.to]))
    }

    /// Passes over bytes of the last piece.
    pub fn consume(&mut self, count: usize) {
        match self.format {
            Format::Plain => self.input.consume(count),
            _ => self.from += count,
        }
    }

    /// Gives up the rest of this member.
    pub fn forsake(&mut self) {
        if !self.is_plain() {
            (self.from, self.to, self.state) = (0, 0, State::Lost);
        }
    }

    /// Whether the file is not compressed.
    pub fn is_plain(&self) -> bool {
        matches!(self.format, Format::Plain)
    }

    /// Bytes of the file that were read so far.
    pub fn offset(&self) -> u64 {
        self.input.offset
    }

    /// Where in the file the next byte stands; in a compressed file, where its member begins.
    pub fn position(&self) -> u64 {
        match self.format {
            Format::Plain => self.input.offset,
            _ => self.member_at,
        }
    }

    fn step(&mut self) -> Result<Step, Fault> {
        let step = match self.state {
            State::Ended => Ok(Step::End),
            State::Between => self.begin(),
            State::Within => self.go_on(),
            State::Trailer => self.check(),
            State::Lost => self.search(),
        };
        if matches!(step, Err(Fault::Damage(_))) {
            // A member that was cut has taken bytes of the next one for its own.
            self.input.go_back(self.member_at + 1);
            self.state = State::Lost;
        }
        step
    }

    fn begin(&mut self) -> Result<Step, Fault> {
        // Tapes and block devices are filled up with zeros.
        while self.input.fill(1)?.first() == Some(&0) {
            let zeros = self.input.fill(1)?.iter().take_while(|&&byte| byte == 0).count();
            self.input.consume(zeros);
        }
        self.member_at = self.input.offset;
        if self.input.fill(1)?.is_empty() {
            self.state = State::Ended;
            return Ok(Step::End);
        }
        match &mut self.format {
            Format::Gzip { inflate, crc } => {
                let mut header = gzip_header(self.input.fill(TRIAL_BYTES)?);
                if header == Header::Longer {
                    header = gzip_header(self.input.fill(INPUT_BYTES)?);
                }
                let Header::Bytes(bytes) = header else {
                    return damage("no gzip member where one has to begin");
                };
                self.input.consume(bytes);
                inflate.reset(false);
                crc.reset();
            }
            Format::Zstd(decoder) => {
                let head = self.input.fill(4)?;
                if !head.starts_with(ZSTD_MAGIC) && !is_skippable(head) {
                    return damage("no zstd frame where one has to begin");
                }
                decoder.reinit()?;
            }
            Format::Plain => {}
        }
        self.state = State::Within;
        Ok(Step::Again)
    }

    fn go_on(&mut self) -> Result<Step, Fault> {
        let bytes = self.input.fill(1)?;
        if bytes.is_empty() {
            return damage("the file is cut short");
        }
        let (read, wrote, ended) = match &mut self.format {
            Format::Gzip { inflate, crc } => {
                let (total_in, total_out) = (inflate.total_in(), inflate.total_out());
                let status = inflate.decompress(bytes, &mut self.output, FlushDecompress::None);
                let (read, wrote) = (inflate.total_in() - total_in, inflate.total_out() - total_out);
                let (read, wrote) = (to_usize(read), to_usize(wrote));
                let Ok(status) = status else {
                    return damage("the gzip member is damaged");
                };
                crc.update(&self.output[..wrote]);
                (read, wrote, status == Status::StreamEnd)
            }
            Format::Zstd(decoder) => {
                let (mut from, mut to) = (InBuffer::around(bytes), OutBuffer::around(&mut self.output[..]));
                match decoder.run(&mut from, &mut to) {
                    Ok(hint) => (from.pos(), to.pos(), hint == 0),
                    Err(error) => {
                        return damage(format!("the zstd frame is damaged: {error}"));
                    }
                }
            }
            Format::Plain => (0, 0, true),
        };
        self.input.consume(read);
        (self.from, self.to) = (0, wrote);
        if ended {
            self.state = State::Trailer;
        } else if read == 0 && wrote == 0 {
            return damage("the member does not go on");
        }
        Ok(Step::Bytes)
    }

    fn check(&mut self) -> Result<Step, Fault> {
        if let Format::Gzip { crc, .. } = &self.format {
            let Some(trailer) = self.input.fill(TRAILER_BYTES)?.first_chunk::<TRAILER_BYTES>() else {
                return damage("the file is cut short");
            };
            let expected = (u64::from(crc.amount()) << 32 | u64::from(crc.sum())).to_le_bytes();
            let right = *trailer == expected;
            self.input.consume(TRAILER_BYTES);
            if !right {
                return damage("the checksum of the gzip member is wrong");
            }
        }
        self.state = State::Between;
        Ok(Step::MemberEnd)
    }

    /// Goes to the next member that opens as it has to.
    fn search(&mut self) -> Result<Step, Fault> {
        let magic: &[u8] =
            if matches!(self.format, Format::Gzip { .. }) { &[0x1f, 0x8b, 8] } else { ZSTD_MAGIC };
        let finder = memmem::Finder::new(magic);
        loop {
            let bytes = self.input.fill(TRIAL_BYTES)?;
            if bytes.len() < magic.len() {
                self.state = State::Ended;
                return Ok(Step::End);
            }
            let Some(at) = finder.find(bytes) else {
                let passed = bytes.len() + 1 - magic.len();
                self.input.consume(passed);
                continue;
            };
            self.input.consume(at);
            let bytes = self.input.fill(TRIAL_BYTES)?;
            if opens_with(&mut self.format, &bytes[..bytes.len().min(TRIAL_BYTES)], self.opening) {
                self.state = State::Between;
                return Ok(Step::Again);
            }
            self.input.consume(1);
        }
    }
}

/// Whether a member begins here whose content begins so.
fn opens_with(format: &mut Format, bytes: &[u8], opening: &[u8]) -> bool {
    let mut start = [0; 16];
    let start = &mut start[..opening.len().min(16)];
    match format {
        Format::Plain => bytes.starts_with(opening),
        Format::Gzip { inflate, .. } => {
            let Header::Bytes(header) = gzip_header(bytes) else { return false };
            inflate.reset(false);
            let done = inflate.decompress(&bytes[header..], start, FlushDecompress::None);
            done.is_ok() && to_usize(inflate.total_out()) == start.len() && start == opening
        }
        Format::Zstd(decoder) => {
            let mut to = OutBuffer::around(&mut start[..]);
            // A block is given out once it is whole, and need not be whole in these bytes: then the header decides.
            let done = decoder.reinit().and_then(|()| decoder.run(&mut InBuffer::around(bytes), &mut to));
            let wrote = to.pos();
            done.is_ok() && opening.starts_with(&start[..wrote])
        }
    }
}

/// How many bytes of a file that begins so [`content_opens_with`] needs.
pub fn head_bytes(head: &[u8]) -> u64 {
    if head.starts_with(GZIP_MAGIC) {
        TRIAL_BYTES as u64
    } else if head.starts_with(ZSTD_MAGIC) || is_skippable(head) {
        // A block is given out once it is whole, and takes up to 128 KiB.
        (INPUT_BYTES + TRIAL_BYTES) as u64
    } else {
        0
    }
}

/// Whether a file that begins so holds, plain or compressed, content that begins with `opening`.
pub fn content_opens_with(head: &[u8], opening: &'static [u8]) -> bool {
    let Ok(mut members) = Members::new(head, opening) else { return false };
    let mut met = 0;
    loop {
        let passed = match members.piece() {
            Ok(Piece::Bytes(bytes)) => {
                let count = bytes.len().min(opening.len() - met);
                if bytes[..count] != opening[met..met + count] {
                    return false;
                }
                count
            }
            // An archive may begin with a frame that holds no content.
            Ok(Piece::MemberEnd) => 0,
            Ok(Piece::End) | Err(_) => return false,
        };
        met += passed;
        if met == opening.len() {
            return true;
        }
        members.consume(passed);
    }
}

/// The frames of zstd that hold no content: RFC 8878, 3.1.2.
fn is_skippable(head: &[u8]) -> bool {
    matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

#[derive(Debug, PartialEq, Eq)]
enum Header {
    Bytes(usize),
    /// More bytes are needed to tell.
    Longer,
    None,
}

/// Length of a gzip member's header: RFC 1952, 2.3.
fn gzip_header(bytes: &[u8]) -> Header {
    const CRC: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const RESERVED: u8 = 0xe0;
    if bytes.len() < 10 {
        return Header::Longer;
    }
    if !bytes.starts_with(&[0x1f, 0x8b, 8]) || bytes[3] & RESERVED != 0 {
        return Header::None;
    }
    let flags = bytes[3];
    let mut at = 10;
    if flags & EXTRA != 0 {
        let Some(length) = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>()) else {
            return Header::Longer;
        };
        at += 2 + usize::from(u16::from_le_bytes(*length));
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let Some(end) = bytes.get(at..).and_then(|rest| memchr::memchr(0, rest)) else {
                return Header::Longer;
            };
            at += end + 1;
        }
    }
    if flags & CRC != 0 {
        at += 2;
    }
    if at > bytes.len() { Header::Longer } else { Header::Bytes(at) }
}

/// Counts of bytes within a buffer.
fn to_usize(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
