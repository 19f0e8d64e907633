//! A made-up stream of sightings, as long as wanted: what the index is filled with when its size and speed are
//! measured.
//!
//! Every document is a function of the stream's seed and of its number alone, so nothing is kept of those before it,
//! a repeat can be told what it repeats, and the same numbers give the same documents on every run.
//!
//! What is measured of news texts and went into it:
//! - **Length**: words of a text are spread log-normally; the deviation of their logarithm is .82 to .86 in three sets
//!   of news texts and pages. The median is that of a mixed stream, between wires' (240) and magazines' (1,500).
//! - **Phrases**: of 800 and of 4,200 different texts, 6 % of the shingles are in another one too, and the commonest are
//!   in 4 % of the texts.
//! - **Numbers**: one word in 31 has a digit in it.
//!
//! How much of a stream repeats differs from one to the next: it depends on how often pages are fetched again, and on
//! how many sites carry the same wires. [`Shares::WIRE`] is on the careful side for a crawl of sites that carry wires
//! and are fetched again while they are news: fewer repeats mean more to remember.

use crate::record::{Hash128, Origin, Source};
use crate::sightings::{At, Entry, Sighting};
use crate::stages::deduplicate::{Fingerprints, HASH_BITS, SKETCH_HASHES, Shingles, bottom, placed};

const MEDIAN_WORDS: f64 = 350.0;
const DEVIATION: f64 = 0.85;
const FEWEST_WORDS: f64 = 30.0;
const MOST_WORDS: f64 = 5_000.0;
/// Words in a shingle.
const SHINGLE_WORDS: u64 = 4;
/// One word in so many has a digit in it.
const WORDS_A_NUMBER: u64 = 31;
/// Of a thousand shingles so many are phrases. Phrases are used as Zipf's law says, of rank 75 and up, which puts the
/// commonest into 4 % of texts: as many fall between 75 and 150 as between 150 and 300, and so on.
const PHRASES: u64 = 60;
const FIRST_RANK: u64 = 75;
const RANK_DOUBLINGS: u64 = 17;
/// The documents are spread over so much of the log's time: nothing leaves a window of 30 days.
const SPAN_MS: u64 = 30 * 86_400_000 - 1;
/// Some day.
const START_MS: i64 = 1_700_006_400_000;
const PARTITIONS: u64 = 12;

/// How many of a hundred documents repeat an earlier one, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// Fetched again, the bytes are the same.
    pub same_bytes: u64,
    /// The same text on another site.
    pub same_text: u64,
    /// Nearly the same text on another site.
    pub near: u64,
    /// A later version under the same URL.
    pub revision: u64,
}

impl Shares {
    /// Every document is another one: the most that an index has to remember.
    pub const NONE: Self = Self { same_bytes: 0, same_text: 0, near: 0, revision: 0 };
    /// A stream of sites that carry wires, and are fetched more than once.
    pub const WIRE: Self = Self { same_bytes: 12, same_text: 8, near: 12, revision: 4 };

    /// How many of a hundred documents are repeats.
    pub fn repeats(self) -> u64 {
        self.same_bytes + self.same_text + self.near + self.revision
    }
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// A text of its own.
    New,
    /// See [`Shares::same_bytes`].
    SameBytes,
    /// See [`Shares::same_text`].
    SameText,
    /// See [`Shares::near`].
    Near,
    /// See [`Shares::revision`].
    Revision,
}

/// A document of the stream.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it is.
    pub made: Made,
    /// Number of the document that it repeats, which is [`Made::New`]; else its own.
    pub of: u64,
    /// Its place in the log.
    pub at: At,
    /// Its entry in the log.
    pub entry: Entry,
}

/// The stream.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    seed: u64,
    /// Documents that make up [`SPAN_MS`].
    documents: u64,
    shares: Shares,
}

/// What numbers are drawn for: each has a series of its own.
#[derive(Clone, Copy)]
enum Series {
    Kind = 1,
    Text,
    Body,
    Url,
    Shingles,
    Numbers,
    Change,
    Phrase,
}

impl Stream {
    /// A stream of `documents` in 30 days. Streams with the same seed and other shares share their new texts: number
    /// `n` has the same text in each in which it is new.
    pub fn new(seed: u64, documents: u64, shares: Shares) -> Self {
        Self { seed, documents: documents.max(1), shares }
    }

    /// The same stream with other repeats in it.
    pub fn with(self, shares: Shares) -> Self {
        Self { shares, ..self }
    }

    /// What document `n` is, and the number of the one that it repeats.
    pub fn kind(&self, mut n: u64) -> (Made, u64) {
        let (made, mut back) = self.drawn(n);
        let first = made;
        while let Some(by) = back {
            n -= by;
            back = self.drawn(n).1;
        }
        (first, n)
    }

    /// Document `n`.
    pub fn document(&self, n: u64) -> Document {
        let (made, of) = self.kind(n);
        let at = At { position: n, millis: START_MS + self.millis(n) as i64, check: 0 };
        let body = if made == Made::SameBytes { of } else { n };
        let mut hash = [0; 16];
        hash[..8].copy_from_slice(&self.rng(Series::Body, body).bits().to_be_bytes());
        hash[8..].copy_from_slice(&self.rng(Series::Body, !body).bits().to_be_bytes());
        let source = Source::Kafka {
            topic: "news.pages".into(),
            partition: (n % PARTITIONS) as i32,
            offset: (n / PARTITIONS) as i64,
        };
        let origin = Origin { source, body: Hash128(hash) };
        // What is in the older half of the window is sighted in full, to be remembered anew.
        let old = self.millis(n) - self.millis(of) > SPAN_MS / 2 - 86_400_000;
        let sighting = if made == Made::SameBytes && !old {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&self.text(of).to_be_bytes());
            id[8..].copy_from_slice(&self.url(of).to_be_bytes());
            Sighting::light(origin, Hash128(id))
        } else {
            Sighting::full(origin, self.fingerprints(n, made, of))
        };
        Document { made, of, at, entry: Entry::Sighting(Box::new(sighting)) }
    }

    /// Its kind, and how far back the document is that it repeats.
    fn drawn(&self, n: u64) -> (Made, Option<u64>) {
        let mut rng = self.rng(Series::Kind, n);
        let Shares { same_bytes, same_text, near, revision } = self.shares;
        let mut drawn = rng.below(100);
        let mut kind = Made::New;
        for (share, made) in [
            (same_bytes, Made::SameBytes),
            (same_text, Made::SameText),
            (near, Made::Near),
            (revision, Made::Revision),
        ] {
            if drawn < share {
                kind = made;
                break;
            }
            drawn -= share;
        }
        if n == 0 || kind == Made::New {
            return (Made::New, None);
        }
        // Most repeats come soon: as many between 1,000 and 2,000 documents later as between 2,000 and 4,000.
        let doublings = rng.below(u64::from(n.ilog2()) + 1);
        let back = (1 << doublings) + rng.below(1 << doublings);
        (kind, Some(back.min(n)))
    }

    fn millis(&self, n: u64) -> u64 {
        (u128::from(n) * u128::from(SPAN_MS) / u128::from(self.documents)) as u64
    }

    fn text(&self, n: u64) -> u64 {
        self.rng(Series::Text, n).bits()
    }

    fn url(&self, n: u64) -> u64 {
        self.rng(Series::Url, n).bits().max(1)
    }

    fn words(&self, n: u64) -> u64 {
        let mut rng = self.rng(Series::Shingles, n);
        // The sum of twelve is as good as normal.
        let normal: f64 = (0..12).map(|_| rng.below(1 << 32) as f64 / (1u64 << 32) as f64).sum::<f64>() - 6.0;
        (MEDIAN_WORDS * (DEVIATION * normal).exp()).clamp(FEWEST_WORDS, MOST_WORDS) as u64
    }

    fn fingerprints(&self, n: u64, made: Made, of: u64) -> Fingerprints {
        let words = self.words(of);
        let shingles = words + 1 - SHINGLE_WORDS;
        let mut rng = self.rng(Series::Change, n);
        let mut hashes = Hashes::default();
        let mut own = self.rng(Series::Text, !of);
        let mut numbers = self.numbers(of, words);
        // 5 to 40 %, where something is added.
        let more = shingles * (5 + rng.below(36)) / 100;
        match made {
            Made::New | Made::SameBytes | Made::SameText => hashes.extend(self, &mut own, shingles),
            Made::Near => match rng.below(10) {
                // Edited: of a hundred words up to six are others.
                0..4 => {
                    hashes.extend(self, &mut own, shingles);
                    let edits = words * (1 + rng.below(6)) / 100;
                    for _ in 0..edits.max(1) {
                        hashes.replace(self, &mut rng, shingles);
                    }
                }
                // Cut to fit: 40 to 95 % are left.
                4..7 => hashes.extend(self, &mut own, (shingles * (40 + rng.below(56)) / 100).max(8)),
                // A few paragraphs of its own.
                _ => {
                    hashes.extend(self, &mut own, shingles);
                    hashes.extend(self, &mut rng, more);
                }
            },
            // 60 to 95 % of what was there, and more.
            Made::Revision => {
                hashes.extend(self, &mut own, (shingles * (60 + rng.below(36)) / 100).max(8));
                hashes.extend(self, &mut rng, more);
                numbers |= 1 << rng.below(64);
            }
        }
        let (shingles, sketch, ranks) = hashes.lowest();
        let url = if matches!(made, Made::SameBytes | Made::Revision) { of } else { n };
        let text = if matches!(made, Made::SameBytes | Made::SameText) { of } else { n };
        Fingerprints { text: self.text(text), url: Some(self.url(url)), shingles, sketch, ranks, numbers }
    }

    fn numbers(&self, n: u64, words: u64) -> u64 {
        let mut rng = self.rng(Series::Numbers, n);
        // Of a number that comes several times in a text one bit is set.
        (0..words / WORDS_A_NUMBER).fold(0, |map, _| map | 1 << rng.below(64))
    }

    fn shingle(&self, rng: &mut Rng) -> u64 {
        let drawn = rng.bits();
        if drawn % 1000 >= PHRASES {
            return rng.bits() >> (64 - HASH_BITS);
        }
        let first = FIRST_RANK << rng.below(RANK_DOUBLINGS);
        self.rng(Series::Phrase, first + rng.below(first)).bits() >> (64 - HASH_BITS)
    }

    fn rng(&self, series: Series, n: u64) -> Rng {
        let mut rng = Rng(self.seed ^ (series as u64) << 56);
        Rng(rng.bits() ^ n.wrapping_mul(0xd134_2543_de82_ef95))
    }
}

/// Hashes of a text's shingles, in its order.
#[derive(Default)]
struct Hashes(Vec<u64>);

impl Hashes {
    fn extend(&mut self, stream: &Stream, rng: &mut Rng, more: u64) {
        self.0.extend((0..more).map(|_| stream.shingle(rng)));
    }

    /// Puts another word into the text: the shingles that hold it are others.
    fn replace(&mut self, stream: &Stream, rng: &mut Rng, shingles: u64) {
        let at = rng.below(shingles) as usize;
        for hash in self.0.iter_mut().skip(at).take(SHINGLE_WORDS as usize) {
            *hash = stream.shingle(rng);
        }
    }

    /// How many distinct ones there are, the lowest of them, and their ranks in the text.
    fn lowest(self) -> (u32, Vec<u64>, Vec<u8>) {
        let all = (0..).zip(self.0).map(|(place, hash)| placed(hash, place)).collect();
        let Shingles { count, lowest, ranks } = bottom(all, SKETCH_HASHES);
        (count as u32, lowest, ranks)
    }
}

/// SplitMix64.
pub struct Rng(pub u64);

impl Rng {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::record::DuplicateKind;
    use crate::sightings::{Index, Verdict};
    use crate::stages::deduplicate::Config;

    fn full(document: &Document) -> &Fingerprints {
        let Entry::Sighting(sighting) = &document.entry else { panic!("no sighting") };
        sighting.fingerprints.as_ref().unwrap()
    }

    #[test]
    fn the_same_numbers_give_the_same_documents() {
        let (one, two) = (Stream::new(7, 1000, Shares::WIRE), Stream::new(7, 1000, Shares::WIRE));
        let other = Stream::new(8, 1000, Shares::WIRE);
        for n in [0, 1, 5, 500, 999, 123_456_789] {
            assert_eq!(one.document(n).entry, two.document(n).entry);
            assert_ne!(one.document(n).entry, other.document(n).entry);
        }
        // Another length changes times and nothing else.
        assert_eq!(one.document(9).entry, Stream::new(7, 2000, Shares::WIRE).document(9).entry);
        // What is new in both has the same text whatever else there is.
        let n = (1..).find(|n| one.kind(*n).0 == Made::New).unwrap();
        assert_eq!(one.document(n).entry, one.with(Shares::NONE).document(n).entry);
    }

    #[test]
    fn shares_are_as_said_and_repeats_repeat_what_is_new() {
        let stream = Stream::new(3, 50_000, Shares::WIRE);
        let mut counts: HashMap<u8, u64> = HashMap::new();
        for n in 0..50_000 {
            let (made, of) = stream.kind(n);
            *counts.entry(made as u8).or_default() += 1;
            assert_eq!(stream.kind(of), (Made::New, of));
            assert!(if made == Made::New { of == n } else { of < n });
        }
        for (made, share) in [
            (Made::New, 64.0),
            (Made::SameBytes, 12.0),
            (Made::SameText, 8.0),
            (Made::Near, 12.0),
            (Made::Revision, 4.0),
        ] {
            let is = counts[&(made as u8)] as f64 / 500.0;
            assert!((is - share).abs() < 0.6, "{made:?}: {is} %");
        }
        let none = stream.with(Shares::NONE);
        assert!((0..1000).all(|n| none.kind(n) == (Made::New, n)));
    }

    #[test]
    fn lengths_phrases_and_times_are_as_said() {
        let stream = Stream::new(5, 4000, Shares::NONE);
        let mut words: Vec<u64> = (0..4000).map(|n| stream.words(n)).collect();
        words.sort_unstable();
        assert!((330..370).contains(&words[2000]), "median {}", words[2000]);
        // One deviation to either side.
        assert!((135..165).contains(&words[635]) && (760..880).contains(&words[3365]));
        assert!(words[0] >= 30 && words[3999] <= 5000);
        let mut df: HashMap<u64, u32> = HashMap::new();
        let mut all = 0;
        for n in 0..4000 {
            let document = stream.document(n);
            let Fingerprints { shingles, sketch, ranks, .. } = full(&document);
            assert_eq!(sketch.len(), SKETCH_HASHES.min(*shingles as usize));
            assert!(sketch.is_sorted_by(|a, b| a < b) && sketch.iter().all(|hash| hash >> HASH_BITS == 0));
            let mut sorted = ranks.clone();
            sorted.sort_unstable();
            assert!(
                (0..).zip(&sorted).all(|(rank, is)| rank == usize::from(*is)) && ranks.len() == sketch.len()
            );
            all += sketch.len() as u32;
            sketch.iter().for_each(|hash| *df.entry(*hash).or_default() += 1);
        }
        let shared: u32 = df.values().filter(|df| **df > 1).sum();
        let share = f64::from(shared) / f64::from(all);
        assert!((0.02..0.06).contains(&share), "{share} of the hashes are phrases met twice");
        let days = (stream.document(3999).at.millis - stream.document(0).at.millis) / 86_400_000;
        assert_eq!(days, 29);
    }

    /// The index takes them for what they were made as: so repeats are like repeats, and the rest is not.
    #[test]
    fn the_index_sees_what_was_made() {
        let stream = Stream::new(11, 6000, Shares::WIRE);
        let mut index = Index::new(&Config::default());
        let mut right: HashMap<u8, (u32, u32)> = HashMap::new();
        for n in 0..6000 {
            let document = stream.document(n);
            let verdict = index.apply(document.at, &document.entry).unwrap();
            let kind = match &verdict {
                Verdict::Repeat(repeat) => Some(repeat.kind),
                Verdict::New { .. } => None,
                Verdict::Unknown => panic!("{document:?} is not known"),
            };
            let wanted = match document.made {
                Made::New => None,
                Made::SameBytes | Made::SameText => Some(DuplicateKind::Exact),
                Made::Near => Some(DuplicateKind::Near),
                Made::Revision => Some(DuplicateKind::Revision),
            };
            let count = right.entry(document.made as u8).or_default();
            count.0 += u32::from(kind == wanted);
            count.1 += 1;
        }
        for (made, least) in [
            (Made::New, 0.995),
            (Made::SameBytes, 1.0),
            (Made::SameText, 1.0),
            (Made::Near, 0.95),
            (Made::Revision, 0.95),
        ] {
            let (right, all) = right[&(made as u8)];
            let share = f64::from(right) / f64::from(all);
            assert!(share >= least, "{made:?}: {share} of {all}");
        }
    }
}
