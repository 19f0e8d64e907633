//! Character n-grams of some 190 languages: the model that every text is asked of first.
//!
//! A text is cut into words (in scripts without spaces: runs of letters), and each word, with its two ends marked,
//! into n-grams of 1 to 5 letters. For every language that has an n-gram, the model holds by how much more likely
//! it is there than a floor that all languages share: `ln(1 + rate / floor)`, in eighths. The sum over a text is
//! the language's score: naive Bayes, with the floor for what was never seen.
//!
//! The file: magic, format, XXH3-64 of what follows, number of buckets and classes, the classes (code and script, each with
//! its length before it), buckets, lists, rows. A bucket is eight tags (u16) and eight places (u32), which one look
//! at memory fetches; the tag tells n-grams of a bucket apart. A place leads to a list (length, classes, values, a byte each), or with its
//! highest bit to a row that has a value for every class. All numbers are little-endian.

use super::sample::{is_mark_or_joiner, is_unspaced};
use crate::stages::letters::is_alphabetic;
use crate::stages::model_file::{self, Reader};
use crate::stages::touch;

/// Longest n-gram, in letters.
pub const ORDERS: usize = 5;
/// Values per unit of log-likelihood.
pub const UNIT: f64 = 8.0;
/// Slots of a bucket.
pub const WAYS: usize = 8;
/// Bytes of a bucket.
const BUCKET: usize = WAYS * 6;
/// Bytes that the processor fetches at once, on nearly all of them.
const LINE: usize = 64;
/// All lengths of n-gram.
pub const ALL_ORDERS: u32 = 0b11_1110;
/// Marks the place of a row.
pub const ROW: u32 = 1 << 31;
const MAGIC: &[u8; 8] = b"NMLANG\r\n";
const FORMAT: u32 = 1;
/// Longest word that is looked at, in letters: the rest counts as the next one.
const WORD_MAX: usize = 60;
const EDGE: u64 = b'_' as u64;

/// Why bytes are no model.
#[derive(Debug, thiserror::Error)]
#[error("not a language model of format {FORMAT}, or damaged: make it again with `newsmill train language`")]
pub struct Error;

/// What the model tells apart: a language in a script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class {
    /// ISO 639-1 code (639-3 where there is none).
    pub code: String,
    /// ISO 15924 code of the script.
    pub script: String,
}

/// A score for each class; there are at most 256.
pub type Scores = [u16; 256];

/// Where [`Model::score`] works: kept from one text to the next.
#[derive(Debug, Default)]
pub struct Found {
    hashes: Vec<u64>,
    places: Vec<u32>,
}

/// A model over the bytes of its file.
#[derive(Debug)]
pub struct Model<'a> {
    /// Classes, sorted.
    pub classes: Vec<Class>,
    buckets: u32,
    slots: &'a [u8],
    lists: &'a [u8],
    rows: &'a [u8],
}

impl<'a> Model<'a> {
    /// Reads a model.
    ///
    /// # Errors
    /// The bytes are not a model, of another format, or damaged.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        Reader::open(bytes, MAGIC, FORMAT).and_then(model).ok_or(Error)
    }

    /// Adds the score of each class for `text` to `scores` (one a class), and returns the number of
    /// n-grams. Sums stop at the largest u16: give it a hundred bytes or so at a time. `orders` has a bit for each
    /// length of n-gram that counts.
    pub fn score(&self, text: &str, orders: u32, found: &mut Found, scores: &mut Scores) -> u32 {
        // First what is looked for, then where it is, then what stands there; and before each step all that it will read
        // is touched. So the processor fetches from many places at a time.
        found.hashes.clear();
        for_each_gram(text, orders, |_, hash| found.hashes.push(hash));
        found.places.resize(found.hashes.len().max(found.places.len()), 0);
        let mut hits = 0;
        let buckets = found.hashes.iter().map(|hash| place(*hash, self.buckets).0 * BUCKET);
        touch(self.slots, buckets.flat_map(|at| [at, at + BUCKET - 1]));
        for hash in &found.hashes {
            let (place, is_hit) = self.place(*hash);
            // A miss is written too, and over by the next: cheaper than a branch that is taken half the time.
            found.places[hits] = place;
            hits += usize::from(is_hit);
        }
        let classes = self.classes.len();
        // A row's place is past all lists, and touches none.
        touch(self.lists, found.places[..hits].iter().map(|place| *place as usize));
        let rows_found = found.places[..hits].iter().filter(|place| *place & ROW != 0);
        touch(
            self.rows,
            rows_found.flat_map(|place| {
                let at = (*place & !ROW) as usize * classes;
                (at..at + classes).step_by(LINE)
            }),
        );
        for place in &found.places[..hits] {
            self.add(*place, scores);
        }
        found.hashes.len() as u32
    }

    fn add(&self, place: u32, scores: &mut Scores) {
        if place & ROW != 0 {
            let at = (place & !ROW) as usize * self.classes.len();
            let Some(row) = self.rows.get(at..at + self.classes.len()) else { return };
            for (score, value) in scores.iter_mut().zip(row) {
                *score = score.saturating_add(u16::from(*value));
            }
            return;
        }
        let Some((length, rest)) = self.lists.get(place as usize..).and_then(<[u8]>::split_first) else {
            return;
        };
        let length = usize::from(*length);
        let Some((classes, values)) = rest.get(..2 * length).map(|list| list.split_at(length)) else {
            return;
        };
        for (class, value) in classes.iter().zip(values) {
            let score = &mut scores[usize::from(*class)];
            *score = score.saturating_add(u16::from(*value));
        }
    }

    /// The place of an n-gram, and whether it has one.
    #[inline]
    fn place(&self, hash: u64) -> (u32, bool) {
        // One in each u16.
        const ONES: u128 = u128::MAX / 0xffff;
        let (bucket, tag) = place(hash, self.buckets);
        let Some(bucket) = self.slots.get(bucket * BUCKET..).and_then(<[u8]>::first_chunk::<BUCKET>) else {
            return (0, false);
        };
        let Some(tags) = bucket.first_chunk::<{ WAYS * 2 }>() else { return (0, false) };
        // All tags at once: what is zero now was equal, and the lowest zero is found without doubt.
        let tags = u128::from_le_bytes(*tags) ^ (u128::from(tag) * ONES);
        let zeros = tags.wrapping_sub(ONES) & !tags & (ONES << 15);
        let slot = (zeros.trailing_zeros() / 16) as usize % WAYS;
        let at = WAYS * 2 + slot * 4;
        let bytes = [bucket[at], bucket[at + 1], bucket[at + 2], bucket[at + 3]];
        (u32::from_le_bytes(bytes), zeros != 0)
    }
}

/// Bucket and tag of an n-gram. The tag is never zero: that is an empty slot's.
#[inline]
pub fn place(hash: u64, buckets: u32) -> (usize, u16) {
    let bucket = (u64::from(hash as u32) * u64::from(buckets)) >> 32;
    (bucket as usize, ((hash >> 47) as u16).max(1))
}

/// Calls `f` with length and hash of each n-gram of the lengths in `orders`, a bit each. Single letters count only
/// outside ASCII: `a` to `z` say nothing.
#[inline]
pub fn for_each_gram(text: &str, orders: u32, mut f: impl FnMut(usize, u64)) {
    let longest = orders.checked_ilog2().unwrap_or(0) as usize;
    let mut word = [EDGE; WORD_MAX + 2];
    let mut chars = text.chars();
    loop {
        let mut length = 1;
        for c in chars.by_ref() {
            if is_letter(c) {
                word[length] = u64::from(u32::from(lower(c)));
                length += 1;
                if length > WORD_MAX {
                    break;
                }
            } else if length > 1 {
                break;
            }
        }
        if length == 1 {
            return;
        }
        word[length] = EDGE;
        for from in 0..=length {
            let mut hash = 0;
            for (i, letter) in word[from..(length + 1).min(from + longest)].iter().enumerate() {
                hash = step(hash, *letter);
                if orders & (2 << i) != 0 && (i > 0 || *letter > 127) {
                    f(i + 1, finish(hash));
                }
            }
        }
    }
}

fn step(hash: u64, letter: u64) -> u64 {
    (hash.rotate_left(5) ^ letter).wrapping_mul(0x517c_c1b7_2722_0a95)
}

fn finish(mut hash: u64) -> u64 {
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

fn lower(c: char) -> char {
    match c {
        '\0'..='\u{7f}' => c.to_ascii_lowercase(),
        // Scripts without case: from Hebrew to Burmese, Han, kana, Hangul.
        '\u{590}'..='\u{109f}' | '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => c,
        _ => c.to_lowercase().next().unwrap_or(c),
    }
}

fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() || c == '\'' } else { is_mark_or_joiner(c) || is_alphabetic(c) }
}

/// Whether the letter is of a script without spaces between words.
pub fn is_dense(c: char) -> bool {
    is_unspaced(c)
}

/// The model that a file holds.
fn model(mut reader: Reader<'_>) -> Option<Model<'_>> {
    let buckets = reader.u32()?;
    let mut classes = Vec::new();
    for _ in 0..reader.u32()? {
        classes.push(Class { code: reader.text()?, script: reader.text()? });
    }
    let slots = reader.take((buckets as usize).checked_mul(BUCKET)?)?;
    let lists = reader.u32()? as usize;
    let lists = reader.take(lists)?;
    let rows = reader.bytes;
    (buckets > 0 && classes.len() <= 256).then_some(Model { classes, buckets, slots, lists, rows })
}

/// Writes a model file; `tags` and `places` by slot.
pub fn write(classes: &[Class], tags: &[u16], places: &[u32], lists: &[u8], rows: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(tags.len() * 6 + lists.len() + rows.len() + 8192);
    body.extend(((tags.len() / WAYS) as u32).to_le_bytes());
    body.extend((classes.len() as u32).to_le_bytes());
    for part in classes.iter().flat_map(|class| [&class.code, &class.script]) {
        body.push(part.len() as u8);
        body.extend(part.as_bytes());
    }
    for (tags, places) in tags.chunks(WAYS).zip(places.chunks(WAYS)) {
        tags.iter().for_each(|tag| body.extend(tag.to_le_bytes()));
        places.iter().for_each(|place| body.extend(place.to_le_bytes()));
    }
    body.extend((lists.len() as u32).to_le_bytes());
    body.extend(lists);
    body.extend(rows);
    model_file::write(MAGIC, FORMAT, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(text: &str) -> Vec<(usize, u64)> {
        let mut all = Vec::new();
        for_each_gram(text, ALL_ORDERS, |order, hash| all.push((order, hash)));
        all
    }

    #[test]
    fn words_are_cut_into_grams() {
        // `_ab_`: two letters _a ab b_, three _ab ab_, four _ab_.
        let orders: Vec<usize> = grams("ab").iter().map(|gram| gram.0).collect();
        assert_eq!(orders, [2, 3, 4, 2, 3, 2]);
        assert_eq!(grams("AB, 12"), grams("ab"));
        let mut some = Vec::new();
        for_each_gram("ab", 0b1_0100, |order, _| some.push(order));
        assert_eq!(some, [2, 4, 2, 2]);
        assert_eq!(grams("é").iter().filter(|gram| gram.0 == 1).count(), 1);
        assert!(grams(" 12 — ").is_empty());
    }

    #[test]
    fn a_model_gives_what_was_written() {
        let classes = ["de", "en", "fr"].map(|code| Class { code: code.into(), script: "Latn".into() });
        let (mut tags, mut places) = (vec![0; WAYS], vec![0; WAYS]);
        let hash = grams("ab")[1].1;
        tags[3] = place(hash, 1).1;
        places[3] = 2;
        let hash = grams("ab")[2].1;
        tags[5] = place(hash, 1).1;
        places[5] = ROW | 1;
        let mut file = write(&classes, &tags, &places, &[9, 9, 2, 0, 2, 7, 8], &[0, 0, 0, 1, 2, 3]);
        let mut scores = [0; 256];
        let mut found = Found::default();
        assert_eq!(Model::read(&file).unwrap().score("ab", ALL_ORDERS, &mut found, &mut scores), 6);
        assert_eq!(scores[..4], [8, 2, 11, 0]);
        let last = file.len() - 1;
        file[last] ^= 1;
        assert!(Model::read(&file).is_err());
        assert!(Model::read(&file[..20]).is_err());
    }
}
