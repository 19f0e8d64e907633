//! The topic model: its file, and what it makes of features.
//!
//! A linear model over hashed n-grams. A feature that the model has is a row of 17 weights, one a
//! topic, each a signed byte, and its own weight in the length of a text, an unsigned byte. Rows live
//! in buckets of eight; 16 upper bits of a feature's hash tell it from the others of its bucket,
//! so an n-gram that the model does not have (nearly) never counts.
//!
//! Layout, little-endian: magic `nmtopics`, format u32, XXH3-64 of everything behind it u64, then the
//! [`Head`] in order of its fields, languages (length u8, code, group u8), section words (hash u64, topic u8),
//! tags (u16 a slot, zero where it is empty), rows (18 bytes a slot).
//!
//! Every sum is of integers and every float operation is an exactly rounded one in a fixed order
//! (also [`exp`]), so scores are the same on every machine.

use xxhash_rust::xxh3::xxh3_64;

use super::topics::TOPICS;

/// Magic of the file.
pub const MAGIC: &[u8; 8] = b"nmtopics";
/// Version of the layout and of the features.
pub const FORMAT: u32 = 1;
/// Slots of a bucket.
pub const WAYS: usize = 8;
/// Bytes of a row: 17 weights and the feature's own.
pub const ROW: usize = TOPICS + 1;
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
    /// Number of buckets.
    pub buckets: u32,
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
    /// Per topic: offset besides.
    pub offsets: [f32; TOPICS],
}

/// A model over the bytes of its file.
#[derive(Debug)]
pub struct Model<'a> {
    /// The head's numbers.
    pub head: Head,
    languages: Vec<(&'a str, u8)>,
    sections: Vec<(u64, u8)>,
    tags: &'a [u8],
    rows: &'a [u8],
}

/// The features of one text, summed.
#[derive(Debug, Clone)]
pub struct Sum {
    seen: Vec<u64>,
    topics: [i32; TOPICS],
    squares: u32,
    features: u32,
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

    /// An empty sum.
    pub fn sum(&self) -> Sum {
        let slots = self.head.buckets as usize * WAYS;
        Sum { seen: vec![0; slots.div_ceil(64)], topics: [0; TOPICS], squares: 0, features: 0 }
    }

    /// Adds a feature `times` over, if the model has it and it is not in the sum yet.
    #[inline]
    pub fn add(&self, sum: &mut Sum, hash: u64, times: i32) {
        let Some(slot) = self.slot(hash) else { return };
        let (word, bit) = (slot / 64, 1 << (slot % 64));
        if sum.seen[word] & bit != 0 {
            return;
        }
        sum.seen[word] |= bit;
        let row = &self.rows[slot * ROW..slot * ROW + ROW];
        for (total, weight) in sum.topics.iter_mut().zip(row) {
            *total += times * i32::from(*weight as i8);
        }
        let own = times as u32 * u32::from(row[TOPICS]);
        sum.squares = sum.squares.saturating_add(own * own);
        sum.features += 1;
    }

    #[inline]
    fn slot(&self, hash: u64) -> Option<usize> {
        let (bucket, tag) = place(hash, self.head.buckets);
        let at = bucket * WAYS * 2;
        let tags = &self.tags[at..at + WAYS * 2];
        let mut hit = 0_u32;
        for (i, pair) in tags.chunks_exact(2).enumerate() {
            hit |= u32::from(u16::from_le_bytes([pair[0], pair[1]]) == tag) << i;
        }
        (hit != 0).then(|| bucket * WAYS + hit.trailing_zeros() as usize)
    }

    /// Log-odds of each topic to be the text's subject, up to a constant.
    pub fn logits(&self, sum: &Sum) -> [f64; TOPICS] {
        let length = f64::from(sum.squares.max(1)).sqrt();
        let scale = f64::from(self.head.scale) / length;
        std::array::from_fn(|t| f64::from(sum.topics[t]) * scale + f64::from(self.head.bias[t]))
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
        let [slope, offset] = self.head.calibration[group.min(GROUPS - 1)].map(f64::from);
        std::array::from_fn(|t| {
            let share = shares[t].clamp(1e-9, 1.0 - 1e-9);
            // slope × log-odds, as a power: no logarithm, whose last bit differs between machines.
            let odds = exp(slope * ln(share / (1.0 - share)) + offset + f64::from(self.head.offsets[t]));
            odds / (1.0 + odds)
        })
    }
}

impl Sum {
    /// Features of the text that the model has.
    pub fn features(&self) -> u32 {
        self.features
    }
}

/// Bucket and tag of a feature. The tag is never zero: that is an empty slot's.
#[inline]
pub fn place(hash: u64, buckets: u32) -> (usize, u16) {
    let bucket = (u64::from(hash as u32) * u64::from(buckets)) >> 32;
    (bucket as usize, ((hash >> 47) as u16).max(1))
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
        let buckets = self.u32()?;
        let text_bytes = self.u32()?;
        let scale = self.f32()?;
        let bias = self.f32s()?;
        let section = self.f32()?;
        let mut calibration = [[0.0; 2]; GROUPS];
        for pair in &mut calibration {
            *pair = self.f32s()?;
        }
        let offsets = self.f32s()?;
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
        let slots = (buckets as usize).checked_mul(WAYS)?;
        let tags = self.take(slots.checked_mul(2)?)?;
        let rows = self.take(slots.checked_mul(ROW)?)?;
        let head = Head { buckets, text_bytes, scale, bias, section, calibration, offsets };
        (buckets > 0 && self.bytes.is_empty()).then_some(Model { head, languages, sections, tags, rows })
    }
}

/// Writes a model file: `languages` and `sections` sorted by their keys, `tags` and `rows` by slot.
pub fn write(
    head: &Head,
    languages: &[(String, u8)],
    sections: &[(u64, u8)],
    tags: &[u16],
    rows: &[u8],
) -> Vec<u8> {
    let mut body = Vec::with_capacity(tags.len() * 2 + rows.len() + 16_384);
    body.extend(head.buckets.to_le_bytes());
    body.extend(head.text_bytes.to_le_bytes());
    let floats = [head.scale]
        .into_iter()
        .chain(head.bias)
        .chain([head.section])
        .chain(head.calibration.into_iter().flatten())
        .chain(head.offsets);
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
    tags.iter().for_each(|tag| body.extend(tag.to_le_bytes()));
    body.extend(rows);
    let mut file = MAGIC.to_vec();
    file.extend(FORMAT.to_le_bytes());
    file.extend(xxh3_64(&body).to_le_bytes());
    file.extend(body);
    file
}
