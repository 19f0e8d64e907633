//! The topic model: its file, and what it makes of features.
//!
//! A linear model over hashed n-grams. A feature that the model has is 17 weights, one a topic, and its own
//! weight in the length of a text. To have room for a million and a half of them in ten megabytes, the weights are stored as
//! a product: topics are cut into three parts of six, each part of a feature is one of 256 in the
//! model's [`Book`]s, and all are multiplied by one of 16 [`GAINS`].
//! Ten features share a line of 64 bytes, so that a look-up is one access to memory; 16 upper bits of a
//! feature's hash tell it from the others of its line, so an n-gram that the model does not have
//! (nearly) never counts.
//!
//! Layout, little-endian: magic `nmtopics`, format u32, XXH3-64 of everything behind it u64, then the
//! [`Head`] in order of its fields, languages (length u8, code, group u8), section words (hash u64, topic u8),
//! books (three times 256 times six signed bytes), zeros up to a multiple of 64 bytes from the file's beginning, lines. A line: ten tags (u16, zero where there is none), ten bytes of gain (upper half) and own
//! weight (lower half), ten bytes each of the parts' numbers, four zeros.
//!
//! Every sum is of integers and every float operation is an exactly rounded one in a fixed order
//! (also [`exp`]), so scores are the same on every machine.

use xxhash_rust::xxh3::xxh3_64;

use super::topics::TOPICS;
use crate::stages::touch;

/// Magic of the file.
pub const MAGIC: &[u8; 8] = b"nmtopics";
/// Version of the layout and of the features.
pub const FORMAT: u32 = 3;
/// Bytes of magic, format and hash.
const HEAD: usize = 20;
/// Features of a line.
pub const WAYS: usize = 10;
/// Bits that number them.
const WAY_BITS: u32 = 4;
/// Bytes of a line.
pub const LINE: usize = 64;
/// Parts that topics are cut into.
pub const PARTS: usize = 3;
/// Topics of a part.
pub const PART: usize = 6;
/// Patterns of weights in a part's book.
pub const PATTERNS: usize = 256;
/// What a feature's patterns are multiplied by: about 1.28 to the power of its gain.
pub const GAINS: [i16; 16] = [3, 4, 5, 6, 8, 10, 12, 16, 21, 27, 34, 44, 56, 74, 98, 127];
/// Distinct features of a text that count at most.
const MAX_FEATURES: u32 = 12_000;
/// Places of the table of features seen: a power of two.
const SEEN: usize = 1 << 14;

/// Patterns of a part, topics in whole lanes.
pub type Book = [[i16; 8]; PATTERNS];

/// Groups of languages that are calibrated apart: known by sentences only, and by articles.
pub const GROUPS: usize = 2;

/// Why a model file was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Not a model file.
    #[error(
        "not a topic model: it does not start with `nmtopics`; give the file that `newsmill train topics` wrote"
    )]
    NotAModel,
    /// Another format.
    #[error(
        "the topic model has format {0}, this newsmill reads {FORMAT}: train it again with `newsmill train topics`"
    )]
    Format(u32),
    /// Cut short or changed.
    #[error("the topic model is damaged ({0}): copy or train it again")]
    Damaged(&'static str),
}

/// The numbers at the head of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Number of lines.
    pub lines: u32,
    /// Bytes of the main text that are read.
    pub text_bytes: u32,
    /// What a weight of 1 stands for.
    pub scale: f32,
    /// Log-odds of each topic without evidence.
    pub bias: [f32; TOPICS],
    /// What a known section word adds to the log-odds of its topic.
    pub section: f32,
    /// Per group of languages: slope and offset from the log-odds of a topic among the 17 to those
    /// that it applies.
    pub calibration: [[f32; 2]; GROUPS],
    /// Per group of languages and topic: offset besides.
    pub offsets: [[f32; TOPICS]; GROUPS],
}

/// A model over the bytes of its file.
#[derive(Debug)]
pub struct Model<'a> {
    /// The head's numbers.
    pub head: Head,
    languages: Vec<(&'a str, u8)>,
    sections: Vec<(u64, u8)>,
    books: Box<[Book; PARTS]>,
    lines: &'a [u8],
}

/// The features of one text, summed.
#[derive(Debug, Clone)]
pub struct Sum {
    /// Slots seen, and one to tell them from empty places: an open-addressed table.
    seen: Vec<u32>,
    /// Slots of the features being added.
    slots: Vec<u32>,
    topics: [[i32; 8]; PARTS],
    squares: u32,
    features: u32,
}

impl Default for Sum {
    fn default() -> Self {
        Self { seen: vec![0; SEEN], slots: Vec::new(), topics: [[0; 8]; PARTS], squares: 0, features: 0 }
    }
}

/// A feature as a line holds it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Packed {
    /// Upper bits of the hash, never zero.
    pub tag: u16,
    /// Index in [`GAINS`].
    pub gain: u8,
    /// Its own weight, 1 to 15: how rare it is, as a natural logarithm.
    pub own: u8,
    /// Its pattern in each book.
    pub patterns: [u8; PARTS],
}

impl<'a> Model<'a> {
    /// Reads a model.
    ///
    /// # Errors
    /// The bytes are not a model, of another format, or damaged.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader { bytes };
        if reader.take(8).ok_or(Error::NotAModel)? != MAGIC {
            return Err(Error::NotAModel);
        }
        let cut = || Error::Damaged("cut short");
        let format = reader.u32().ok_or_else(cut)?;
        if format != FORMAT {
            return Err(Error::Format(format));
        }
        let hash = reader.u64().ok_or_else(cut)?;
        if hash != xxh3_64(reader.bytes) {
            return Err(Error::Damaged("its hash differs from the one in its head"));
        }
        reader.model().ok_or_else(cut)
    }

    /// How well the model knows a language: `None` not at all, 0 by sentences, 1 by articles.
    pub fn group(&self, language: &str) -> Option<usize> {
        let at = self.languages.binary_search_by_key(&language, |(code, _)| code).ok()?;
        Some(usize::from(self.languages[at].1))
    }

    /// Topic of a section word (lower case), by its hash.
    pub fn section(&self, hash: u64) -> Option<usize> {
        let at = self.sections.binary_search_by_key(&hash, |(hash, _)| *hash).ok()?;
        Some(usize::from(self.sections[at].1))
    }

    /// Adds features `times` (1 or 2) over, in their order: those that the model has and that are not in the sum yet.
    pub fn add(&self, sum: &mut Sum, hashes: &[u64], times: i16) {
        // First where they are, then what stands there; and before, every line is touched. So the processor fetches from many
        // places at a time.
        touch(self.lines, hashes.iter().map(|hash| place(*hash, self.head.lines).0 * LINE));
        let mut slots = std::mem::take(&mut sum.slots);
        slots.clear();
        slots.resize(hashes.len(), 0);
        let mut hits = 0;
        for hash in hashes {
            let (at, tag) = place(*hash, self.head.lines);
            let line = &self.lines[at * LINE..at * LINE + LINE];
            let mut hit = 0_u32;
            for (i, pair) in line[..WAYS * 2].chunks_exact(2).enumerate() {
                hit |= u32::from(u16::from_le_bytes([pair[0], pair[1]]) == tag) << i;
            }
            // A miss is written too, and over by the next: cheaper than a branch that is taken half the time.
            slots[hits] = (at as u32) << WAY_BITS | hit.trailing_zeros() & ((1 << WAY_BITS) - 1);
            hits += usize::from(hit != 0);
        }
        for slot in &slots[..hits] {
            if sum.first(*slot) {
                self.add_slot(sum, *slot as usize, times);
            }
        }
        sum.slots = slots;
    }

    fn add_slot(&self, sum: &mut Sum, slot: usize, times: i16) {
        let (at, way) = (slot >> WAY_BITS, slot & ((1 << WAY_BITS) - 1));
        let line = &self.lines[at * LINE..at * LINE + LINE];
        let packed = line[WAYS * 2 + way];
        let gain = GAINS[usize::from(packed >> 4)];
        for (part, totals) in sum.topics.iter_mut().enumerate() {
            let pattern = &self.books[part][usize::from(line[WAYS * (3 + part) + way])];
            for (total, weight) in totals.iter_mut().zip(pattern) {
                // 127 × 127 fits 16 bits.
                *total += i32::from(weight * gain) * i32::from(times);
            }
        }
        let own = times as u32 * u32::from(packed & 15);
        sum.squares += own * own;
        sum.features += 1;
    }

    /// Log-odds of each topic to be the text's subject, up to a constant.
    pub fn logits(&self, sum: &Sum) -> [f64; TOPICS] {
        let length = f64::from(sum.squares.max(1)).sqrt();
        let scale = f64::from(self.head.scale) / length;
        std::array::from_fn(|t| {
            f64::from(sum.topics[t / PART][t % PART]) * scale + f64::from(self.head.bias[t])
        })
    }

    /// Probability of each topic to be the subject: the logits' softmax.
    pub fn shares(logits: &[f64; TOPICS]) -> [f64; TOPICS] {
        let top = logits.iter().copied().fold(f64::MIN, f64::max);
        let powers: [f64; TOPICS] = std::array::from_fn(|t| exp(logits[t] - top));
        let total: f64 = powers.iter().sum();
        powers.map(|power| power / total)
    }

    /// Probability of each topic to apply, given the shares.
    pub fn scores(&self, shares: &[f64; TOPICS], group: usize) -> [f64; TOPICS] {
        let group = group.min(GROUPS - 1);
        let [slope, offset] = self.head.calibration[group].map(f64::from);
        let offsets = &self.head.offsets[group];
        std::array::from_fn(|t| {
            let share = shares[t].clamp(1e-9, 1.0 - 1e-9);
            // slope × log-odds, as a power: no logarithm, whose last bit differs between machines.
            let odds = exp(slope * ln(share / (1.0 - share)) + offset + f64::from(offsets[t]));
            odds / (1.0 + odds)
        })
    }
}

impl Sum {
    /// Makes it empty.
    pub fn clear(&mut self) {
        self.seen.fill(0);
        (self.topics, self.squares, self.features) = ([[0; 8]; PARTS], 0, 0);
    }

    /// Whether a slot is seen for the first time, and there is room.
    #[inline]
    fn first(&mut self, slot: u32) -> bool {
        if self.features >= MAX_FEATURES {
            return false;
        }
        let mut at = (slot.wrapping_mul(0x9e37_79b1) >> 18) as usize;
        while self.seen[at] != 0 {
            if self.seen[at] == slot + 1 {
                return false;
            }
            at = (at + 1) % SEEN;
        }
        self.seen[at] = slot + 1;
        true
    }

    /// Features of the text that the model has.
    pub fn features(&self) -> u32 {
        self.features
    }
}

/// Line and tag of a feature. The tag is never zero: that is an empty place's.
#[inline]
pub fn place(hash: u64, lines: u32) -> (usize, u16) {
    let line = (u64::from(hash as u32) * u64::from(lines)) >> 32;
    (line as usize, ((hash >> 47) as u16).max(1))
}

/// `e^x` from additions and multiplications alone, to about 1e-12: the same bits on every machine.
pub fn exp(x: f64) -> f64 {
    if x < -700.0 {
        return 0.0;
    }
    let x = x.min(700.0);
    // e^x = 2^k e^r with |r| <= ln 2 / 2.
    let k = (x * std::f64::consts::LOG2_E).round();
    let r = x - k * std::f64::consts::LN_2;
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 1..=14 {
        term *= r / f64::from(n);
        sum += term;
    }
    sum * f64::from_bits(((1023 + k as i64) as u64) << 52)
}

/// Natural logarithm of a positive number, to about 1e-12, in the same manner.
pub fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut k = ((bits >> 52) & 0x7ff) as i64 - 1023;
    let mut m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if m > std::f64::consts::SQRT_2 {
        m /= 2.0;
        k += 1;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)), |argument| < 0.172.
    let y = (m - 1.0) / (m + 1.0);
    let square = y * y;
    let mut power = y;
    let mut sum = 0.0;
    for n in 0..10 {
        sum += power / f64::from(2 * n + 1);
        power *= square;
    }
    2.0 * sum + k as f64 * std::f64::consts::LN_2
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.bytes.split_at_checked(n)?;
        self.bytes = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u8(&mut self) -> Option<u8> {
        Some(self.array::<1>()?[0])
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn f32(&mut self) -> Option<f32> {
        self.array().map(f32::from_le_bytes)
    }

    fn f32s<const N: usize>(&mut self) -> Option<[f32; N]> {
        let mut out = [0.0; N];
        for value in &mut out {
            *value = self.f32()?;
        }
        Some(out)
    }

    fn model(&mut self) -> Option<Model<'a>> {
        let lines = self.u32()?;
        let text_bytes = self.u32()?;
        let scale = self.f32()?;
        let bias = self.f32s()?;
        let section = self.f32()?;
        let mut calibration = [[0.0; 2]; GROUPS];
        for pair in &mut calibration {
            *pair = self.f32s()?;
        }
        let mut offsets = [[0.0; TOPICS]; GROUPS];
        for group in &mut offsets {
            *group = self.f32s()?;
        }
        let mut languages = Vec::new();
        for _ in 0..self.u32()? {
            let length = self.u8()?;
            let code = std::str::from_utf8(self.take(usize::from(length))?).ok()?;
            languages.push((code, self.u8()?));
        }
        let mut sections = Vec::new();
        for _ in 0..self.u32()? {
            let hash = self.u64()?;
            sections.push((hash, self.u8()?.min(TOPICS as u8 - 1)));
        }
        let mut books = Box::new([[[0; 8]; PATTERNS]; PARTS]);
        for pattern in books.iter_mut().flatten() {
            let weights = self.array::<PART>()?;
            pattern.iter_mut().zip(weights).for_each(|(to, from)| *to = i16::from((from as i8).max(-127)));
        }
        let length = (lines as usize).checked_mul(LINE)?;
        self.take(self.bytes.len().checked_sub(length).filter(|padding| *padding < LINE)?)?;
        let bytes = self.take(length)?;
        let head = Head { lines, text_bytes, scale, bias, section, calibration, offsets };
        (lines > 0 && self.bytes.is_empty()).then_some(Model {
            head,
            languages,
            sections,
            books,
            lines: bytes,
        })
    }
}

/// Writes a model file: `languages` and `sections` sorted by their keys, features by line, up to [`WAYS`] each.
pub fn write(
    head: &Head,
    languages: &[(String, u8)],
    sections: &[(u64, u8)],
    books: &[[[i8; PART]; PATTERNS]; PARTS],
    lines: &[Vec<Packed>],
) -> Vec<u8> {
    let mut body = Vec::with_capacity(lines.len() * LINE + 65_536);
    body.extend(head.lines.to_le_bytes());
    body.extend(head.text_bytes.to_le_bytes());
    let floats = [head.scale]
        .into_iter()
        .chain(head.bias)
        .chain([head.section])
        .chain(head.calibration.into_iter().flatten())
        .chain(head.offsets.into_iter().flatten());
    floats.for_each(|value| body.extend(value.to_le_bytes()));
    body.extend((languages.len() as u32).to_le_bytes());
    for (code, group) in languages {
        body.push(code.len() as u8);
        body.extend(code.as_bytes());
        body.push(*group);
    }
    body.extend((sections.len() as u32).to_le_bytes());
    for (hash, topic) in sections {
        body.extend(hash.to_le_bytes());
        body.push(*topic);
    }
    body.extend(books.iter().flatten().flatten().map(|weight| *weight as u8));
    body.resize((HEAD + body.len()).next_multiple_of(LINE) - HEAD, 0);
    for features in lines {
        let mut line = [0_u8; LINE];
        for (way, feature) in features.iter().take(WAYS).enumerate() {
            line[way * 2..way * 2 + 2].copy_from_slice(&feature.tag.to_le_bytes());
            line[WAYS * 2 + way] = feature.gain << 4 | feature.own & 15;
            for (part, pattern) in feature.patterns.iter().enumerate() {
                line[WAYS * (3 + part) + way] = *pattern;
            }
        }
        body.extend(line);
    }
    let mut file = MAGIC.to_vec();
    file.extend(FORMAT.to_le_bytes());
    file.extend(xxh3_64(&body).to_le_bytes());
    debug_assert_eq!(file.len(), HEAD);
    file.extend(body);
    file
}
