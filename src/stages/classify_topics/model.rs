//! The topic model: its file, and what it makes of features.
//!
//! A linear model over hashed n-grams. A feature that the model has is a weight for each topic, and its own
//! weight in the length of a text. To have room for a million and a half of them in ten megabytes, the weights are stored as
//! a product: topics are cut into parts of six, each part of a feature is one of 256 in the
//! model's [`Book`]s, and all are multiplied by one of 16 [`GAINS`].
//! Features share a line of 64 bytes, so that a look-up is one access to memory; 16 upper bits of a
//! feature's hash tell it from the others of its line, so an n-gram that the model does not have
//! (nearly) never counts. How many parts a feature has and how many features a line depends on the number of topics: [`Layout`].
//! [`file`] says how all of it is written.
//!
//! Every sum is of integers and every float operation is an exactly rounded one in a fixed order
//! (also [`exp`]), so scores are the same on every machine.

pub mod file;

use std::ops::Range;

use super::evidence::KINDS;
use super::topics::TOP_TOPICS;
use crate::stages::touch;

/// Bits that number the features of a line.
const WAY_BITS: u32 = 4;
/// Bytes of a line.
pub const LINE: usize = 64;
/// Parts that topics are cut into at most.
pub const MAX_PARTS: usize = 10;
/// Topics that a model has at most.
pub const MAX_TOPICS: usize = MAX_PARTS * PART;
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

/// How a line holds its features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Features of a line.
    pub ways: usize,
    /// Parts of a feature.
    pub parts: usize,
}

impl Layout {
    /// Up to 18 topics.
    const FEW: Self = Self { ways: 10, parts: 3 };
    /// Up to 30.
    const SOME: Self = Self { ways: 8, parts: 5 };
    /// Up to [`MAX_TOPICS`].
    const MANY: Self = Self { ways: 4, parts: MAX_PARTS };

    /// The one that holds the most features.
    pub fn of(topics: usize) -> Self {
        [Self::FEW, Self::SOME].into_iter().find(|layout| topics <= layout.parts * PART).unwrap_or(Self::MANY)
    }
}

/// A topic as records give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Code such as `medtop:16000000`.
    pub code: String,
    /// What people read.
    pub name: String,
}

/// The numbers at the head of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Number of lines.
    pub lines: u32,
    /// Texts that it was made of.
    pub texts: u32,
    /// Bytes of the main text that are read.
    pub text_bytes: u32,
    /// What a weight of 1 stands for.
    pub scale: f32,
    /// Log-odds of each topic without evidence.
    pub bias: Vec<f32>,
    /// What each kind of [`super::evidence`] adds to the log-odds of a topic that it names.
    pub evidence: [f32; KINDS],
    /// Per group of languages: slope and offset from the log-odds of a topic among all to those
    /// that it applies.
    pub calibration: [[f32; 2]; GROUPS],
    /// Per group of languages and topic: offset besides.
    pub offsets: [Vec<f32>; GROUPS],
}

/// Bytes of a model file, in memory or mapped.
pub type Bytes = Box<dyn AsRef<[u8]> + Send + Sync>;

/// A model over the bytes of its file.
pub struct Model {
    /// The head's numbers.
    pub head: Head,
    labels: Vec<Label>,
    layout: Layout,
    languages: Vec<(String, u8)>,
    sections: Vec<(u64, u8)>,
    books: Vec<Book>,
    file: Bytes,
    /// Where its lines are.
    lines: Range<usize>,
}

/// The features of one text, summed.
#[derive(Debug, Clone)]
pub struct Sum {
    /// Slots seen, and one to tell them from empty places: an open-addressed table.
    seen: Vec<u32>,
    /// Slots of the features being added.
    slots: Vec<u32>,
    topics: [[i32; 8]; MAX_PARTS],
    squares: u32,
    features: u32,
}

impl Default for Sum {
    fn default() -> Self {
        Self { seen: vec![0; SEEN], slots: Vec::new(), topics: [[0; 8]; MAX_PARTS], squares: 0, features: 0 }
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
    pub patterns: [u8; MAX_PARTS],
}

impl Model {
    /// Its topics, by their numbers.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The hash of its file, in hexadecimal: eight digits of the one in the file's head.
    pub fn hash(&self) -> String {
        let hash = (*self.file).as_ref().get(12..16).unwrap_or_default();
        hash.iter().rev().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether its topics are the 17 at the top of IPTC Media Topics.
    pub fn has_media_topics(&self) -> bool {
        let (own, top) = (self.labels.iter(), TOP_TOPICS.iter());
        self.labels.len() == TOP_TOPICS.len() && own.zip(top).all(|(own, top)| own.code == top.code)
    }

    /// How its lines hold their features.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Its books, one for each part of the topics.
    pub fn books(&self) -> &[Book] {
        &self.books
    }

    /// Languages that it knows, and how well, sorted.
    pub fn languages(&self) -> &[(String, u8)] {
        &self.languages
    }

    /// Hashes of section words and their topics, sorted.
    pub fn sections(&self) -> &[(u64, u8)] {
        &self.sections
    }

    /// The features of all its lines.
    pub fn lines(&self) -> Vec<Vec<Packed>> {
        (0..self.head.lines as usize).map(|at| self.features_of(at).collect()).collect()
    }

    /// A feature, if the model has it.
    pub fn find(&self, hash: u64) -> Option<Packed> {
        let (at, tag) = place(hash, self.head.lines);
        self.features_of(at).find(|packed| packed.tag == tag)
    }

    /// What a feature adds to the log-odds of each topic in a text of length 1.
    pub fn weights<'a>(&'a self, packed: &'a Packed) -> impl Iterator<Item = f32> + 'a {
        let by = f32::from(GAINS[usize::from(packed.gain)]) * self.head.scale;
        let patterns = self.books.iter().zip(packed.patterns);
        let weights = patterns.flat_map(|(book, pattern)| &book[usize::from(pattern)][..PART]);
        weights.take(self.labels.len()).map(move |weight| f32::from(*weight) * by)
    }

    fn features_of(&self, at: usize) -> impl Iterator<Item = Packed> + '_ {
        let lines = &(*self.file).as_ref()[self.lines.clone()];
        let line = &lines[at * LINE..at * LINE + LINE];
        let Layout { ways, parts } = self.layout;
        let tags = line[..ways * 2].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        tags.enumerate().filter(|(_, tag)| *tag != 0).map(move |(way, tag)| {
            let mut patterns = [0; MAX_PARTS];
            for (part, pattern) in patterns[..parts].iter_mut().enumerate() {
                *pattern = line[ways * (3 + part) + way];
            }
            let packed = line[ways * 2 + way];
            Packed { tag, gain: packed >> 4, own: packed & 15, patterns }
        })
    }

    /// How well the model knows a language: `None` not at all, 0 by sentences, 1 by articles.
    pub fn group(&self, language: &str) -> Option<usize> {
        let at = self.languages.binary_search_by(|(code, _)| code.as_str().cmp(language)).ok()?;
        Some(usize::from(self.languages[at].1))
    }

    /// Topic of a section word (lower case), by its hash.
    pub fn section(&self, hash: u64) -> Option<usize> {
        let at = self.sections.binary_search_by_key(&hash, |(hash, _)| *hash).ok()?;
        Some(usize::from(self.sections[at].1))
    }

    /// Adds features `times` (1 or 2) over, in their order: those that the model has and that are not in the sum yet.
    pub fn add(&self, sum: &mut Sum, hashes: &[u64], times: i16) {
        match self.layout {
            Layout::FEW => self.add_lines::<{ Layout::FEW.ways }, { Layout::FEW.parts }>(sum, hashes, times),
            Layout::SOME => {
                self.add_lines::<{ Layout::SOME.ways }, { Layout::SOME.parts }>(sum, hashes, times)
            }
            _ => self.add_lines::<{ Layout::MANY.ways }, { Layout::MANY.parts }>(sum, hashes, times),
        }
    }

    fn add_lines<const WAYS: usize, const PARTS: usize>(&self, sum: &mut Sum, hashes: &[u64], times: i16) {
        // First where they are, then what stands there; and before, every line is touched. So the processor fetches from many
        // places at a time.
        let lines = &(*self.file).as_ref()[self.lines.clone()];
        touch(lines, hashes.iter().map(|hash| place(*hash, self.head.lines).0 * LINE));
        let mut slots = std::mem::take(&mut sum.slots);
        slots.clear();
        slots.resize(hashes.len(), 0);
        let mut hits = 0;
        for hash in hashes {
            let (at, tag) = place(*hash, self.head.lines);
            let line = &lines[at * LINE..at * LINE + LINE];
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
                self.add_slot::<WAYS, PARTS>(sum, lines, *slot as usize, times);
            }
        }
        sum.slots = slots;
    }

    fn add_slot<const WAYS: usize, const PARTS: usize>(
        &self,
        sum: &mut Sum,
        lines: &[u8],
        slot: usize,
        times: i16,
    ) {
        let (at, way) = (slot >> WAY_BITS, slot & ((1 << WAY_BITS) - 1));
        let line = &lines[at * LINE..at * LINE + LINE];
        let packed = line[WAYS * 2 + way];
        let gain = GAINS[usize::from(packed >> 4)];
        for (part, (totals, book)) in sum.topics[..PARTS].iter_mut().zip(&self.books).enumerate() {
            let pattern = &book[usize::from(line[WAYS * (3 + part) + way])];
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
    pub fn logits(&self, sum: &Sum) -> Vec<f64> {
        let length = f64::from(sum.squares.max(1)).sqrt();
        let scale = f64::from(self.head.scale) / length;
        let totals = sum.topics.iter().flat_map(|part| &part[..PART]);
        totals
            .zip(&self.head.bias)
            .map(|(total, bias)| f64::from(*total) * scale + f64::from(*bias))
            .collect()
    }

    /// Probability of each topic to apply, given the shares.
    pub fn scores(&self, shares: &[f64], group: usize) -> Vec<f64> {
        let group = group.min(GROUPS - 1);
        let [slope, offset] = self.head.calibration[group].map(f64::from);
        let score = |(share, by): (&f64, &f32)| {
            let share = share.clamp(1e-9, 1.0 - 1e-9);
            // slope × log-odds, as a power: no logarithm, whose last bit differs between machines.
            let odds = exp(slope * ln(share / (1.0 - share)) + offset + f64::from(*by));
            odds / (1.0 + odds)
        };
        shares.iter().zip(&self.head.offsets[group]).map(score).collect()
    }
}

/// Probability of each topic to be the subject: the logits' softmax, in their place.
pub fn shares(logits: &mut [f64]) {
    let top = logits.iter().copied().fold(f64::MIN, f64::max);
    logits.iter_mut().for_each(|logit| *logit = exp(*logit - top));
    let total: f64 = logits.iter().sum();
    logits.iter_mut().for_each(|power| *power /= total);
}

impl Sum {
    /// Makes it empty.
    pub fn clear(&mut self) {
        self.seen.fill(0);
        (self.topics, self.squares, self.features) = ([[0; 8]; MAX_PARTS], 0, 0);
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
