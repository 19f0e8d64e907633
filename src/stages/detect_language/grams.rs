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

use xxhash_rust::xxh3::xxh3_64;

use super::sample::{is_mark_or_joiner, is_unspaced};

/// Longest n-gram, in letters.
pub const ORDERS: usize = 5;
/// Values per unit of log-likelihood.
pub const UNIT: f64 = 8.0;
/// Slots of a bucket.
pub const WAYS: usize = 8;
/// Bytes of a bucket.
const BUCKET: usize = WAYS * 6;
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
        let mut reader = Reader { bytes };
        reader.model().ok_or(Error)
    }

    /// Adds the score of each class for `text` to `scores` (one a class), and returns the number of
    /// n-grams. Sums stop at the largest u16: give it a hundred bytes or so at a time. `orders` has a bit for each
    /// length of n-gram that counts.
    pub fn score(&self, text: &str, orders: u32, found: &mut Vec<u32>, scores: &mut [u16]) -> u32 {
        let mut count = 0;
        // First where all n-grams are, then what stands there: so the processor fetches many at a time.
        found.clear();
        for_each_gram(text, |order, hash| {
            if orders & (1 << order) != 0 {
                count += 1;
                found.extend(self.place(hash));
            }
        });
        for place in found {
            self.add(*place, scores);
        }
        count
    }

    fn add(&self, place: u32, scores: &mut [u16]) {
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
            if let Some(score) = scores.get_mut(usize::from(*class)) {
                *score = score.saturating_add(u16::from(*value));
            }
        }
    }

    #[inline]
    fn place(&self, hash: u64) -> Option<u32> {
        let (bucket, tag) = place(hash, self.buckets);
        let bucket = self.slots.get(bucket * BUCKET..(bucket + 1) * BUCKET)?;
        let (tags, places) = bucket.split_at(WAYS * 2);
        let mut hit = 0_u32;
        for (i, pair) in tags.chunks_exact(2).enumerate() {
            hit |= u32::from(u16::from_le_bytes([pair[0], pair[1]]) == tag) << i;
        }
        if hit == 0 {
            return None;
        }
        let slot = hit.trailing_zeros() as usize * 4;
        let bytes = places.get(slot..slot + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }
}

/// Bucket and tag of an n-gram. The tag is never zero: that is an empty slot's.
#[inline]
pub fn place(hash: u64, buckets: u32) -> (usize, u16) {
    let bucket = (u64::from(hash as u32) * u64::from(buckets)) >> 32;
    (bucket as usize, ((hash >> 47) as u16).max(1))
}

/// Calls `f` with length and hash of each n-gram. Single letters count only outside ASCII: `a` to `z` say nothing.
pub fn for_each_gram(text: &str, mut f: impl FnMut(usize, u64)) {
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
            for (i, letter) in word[from..(length + 1).min(from + ORDERS)].iter().enumerate() {
                hash = step(hash, *letter);
                if i > 0 || *letter > 127 {
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
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphabetic() || c == '\''
    } else {
        c.is_alphabetic() || is_mark_or_joiner(c)
    }
}

/// Whether the letter is of a script without spaces between words.
pub fn is_dense(c: char) -> bool {
    is_unspaced(c)
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

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::from(self.take(1)?[0]);
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }

    fn model(&mut self) -> Option<Model<'a>> {
        if self.take(8)? != MAGIC || self.u32()? != FORMAT {
            return None;
        }
        let hash = u64::from_le_bytes(self.take(8)?.try_into().ok()?);
        if hash != xxh3_64(self.bytes) {
            return None;
        }
        let buckets = self.u32()?;
        let mut classes = Vec::new();
        for _ in 0..self.u32()? {
            classes.push(Class { code: self.text()?, script: self.text()? });
        }
        let slots = self.take((buckets as usize).checked_mul(BUCKET)?)?;
        let lists = self.u32()? as usize;
        let lists = self.take(lists)?;
        let rows = self.bytes;
        (buckets > 0 && classes.len() <= 256).then_some(Model { classes, buckets, slots, lists, rows })
    }
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
    let mut file = MAGIC.to_vec();
    file.extend(FORMAT.to_le_bytes());
    file.extend(xxh3_64(&body).to_le_bytes());
    file.extend(body);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(text: &str) -> Vec<(usize, u64)> {
        let mut all = Vec::new();
        for_each_gram(text, |order, hash| all.push((order, hash)));
        all
    }

    #[test]
    fn words_are_cut_into_grams() {
        // `_ab_`: two letters _a ab b_, three _ab ab_, four _ab_.
        let orders: Vec<usize> = grams("ab").iter().map(|gram| gram.0).collect();
        assert_eq!(orders, [2, 3, 4, 2, 3, 2]);
        assert_eq!(grams("AB, 12"), grams("ab"));
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
        let mut scores = [0; 3];
        assert_eq!(Model::read(&file).unwrap().score("ab", ALL_ORDERS, &mut Vec::new(), &mut scores), 6);
        assert_eq!(scores, [8, 2, 11]);
        let last = file.len() - 1;
        file[last] ^= 1;
        assert!(Model::read(&file).is_err());
        assert!(Model::read(&file[..20]).is_err());
    }
}
