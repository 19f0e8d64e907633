//! Fingerprints of a page: what the sightings log needs to tell repeats.
//!
//! - **Bytes**: hash of the raw body. Finds re-crawls before anything is extracted.
//! - **Text**: hash of the folded words of the main text ([`words`]). The main text decides: a
//!   syndicated copy carries another headline and is the same text all the same. Only of a text of
//!   a few words ("Video", "Subscribe to read on") the title is part, for such a text says nothing.
//! - **URL**: hash of the canonical URL ([`canonical_url`]).
//! - **Sketch**: the bottom of the shingle hashes ([`sketch`]).
//! - **Numbers**: a small map of the numbers in the text. Yesterday's market report and today's
//!   differ in nothing else.

mod canonical_url;
mod settings;
mod sketch;
mod words;

pub use canonical_url::canonical_url;
pub use settings::Config;
pub use sketch::{HASH_BITS, Shingles, bottom, placed};

use crate::record::{Extracted, Hash128, Story};

/// Most shingle hashes in a sketch. With their order, 128 take some 580 bytes in the log.
pub const SKETCH_HASHES: usize = 128;

/// Most shingle hashes in the sketch of a story.
pub const STORY_HASHES: usize = 64;

/// Version of the fingerprints: to be raised with each change that gives another one of the same text and URL
/// (words, shingles, numbers, the policy of canonical URLs).
pub const FINGERPRINTS_VERSION: u32 = 1;

/// Words below which the title counts as part of the text.
const FEW_WORDS: u32 = 8;

/// Hash of raw body bytes.
pub fn hash_body(bytes: &[u8]) -> Hash128 {
    let mut out = [0; 16];
    out.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    Hash128(out)
}

/// What is known of a page's text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fingerprints {
    /// Hash of the folded main text.
    pub text: u64,
    /// Hash of the canonical URL, where there is one.
    pub url: Option<u64>,
    /// Distinct shingles of the text.
    pub shingles: u32,
    /// The lowest [`SKETCH_HASHES`] of the shingle hashes (of [`HASH_BITS`] bits), ascending.
    pub sketch: Vec<u64>,
    /// For each hash of the sketch, its rank in the order of the text: it tells a text that quotes a
    /// passage from one that is reworked throughout.
    pub ranks: Vec<u8>,
    /// One bit set for each number in the text, at its hash modulo 64.
    pub numbers: u64,
}

impl Fingerprints {
    /// Id of the article: its first half stands for the main text, its second for the canonical URL
    /// (zero where there is none), so a page seen again unchanged has the same id.
    pub fn id(&self) -> Hash128 {
        let mut out = [0; 16];
        out[..8].copy_from_slice(&self.text.to_be_bytes());
        out[8..].copy_from_slice(&self.url.unwrap_or(0).to_be_bytes());
        Hash128(out)
    }

    /// Id of a story inside a page, of its text and the page's canonical URL too, and never that of an article:
    /// an article may tell the same text under the same address, or both may have none.
    pub fn story_id(&self) -> Hash128 {
        let mut id = self.id();
        id.0[8..].iter_mut().for_each(|byte| *byte = !*byte);
        id
    }
}

/// Fingerprints of the main text, and how many words it has. `canonical` is the page's canonical URL, where there is one.
pub fn fingerprint(extracted: &Extracted, canonical: Option<&str>) -> (Fingerprints, u32) {
    let tokens = words::tokens(&extracted.text);
    let fingerprints = fingerprint_tokens(extracted.title.as_deref(), &extracted.text, &tokens, canonical);
    (fingerprints, u32::try_from(tokens.len()).unwrap_or(u32::MAX))
}

/// Fingerprints of a text with its title.
pub fn fingerprint_text(title: Option<&str>, text: &str, canonical: Option<&str>) -> Fingerprints {
    fingerprint_tokens(title, text, &words::tokens(text), canonical)
}

fn fingerprint_tokens(
    title: Option<&str>,
    text: &str,
    tokens: &[words::Token],
    canonical: Option<&str>,
) -> Fingerprints {
    let mut numbers = 0u64;
    for token in tokens.iter().filter(|t| t.number) {
        numbers |= 1 << (token.hash & 63);
    }
    let sketch::Shingles { count, lowest, ranks } = sketch::shingles(tokens, SKETCH_HASHES);
    Fingerprints {
        text: hash_text(title, text, tokens),
        url: canonical.map(|url| first_u64(blake3::hash(url.as_bytes())).max(1)),
        shingles: u32::try_from(count).unwrap_or(u32::MAX),
        sketch: lowest,
        ranks,
        numbers,
    }
}

/// Fingerprints of a story inside a page, with fewer hashes: there may be many, and the index keeps fewer still.
pub fn fingerprint_story(story: &Story, canonical: Option<&str>) -> Fingerprints {
    let mut all = fingerprint_text(story.title.as_deref(), &story.text, canonical);
    if all.sketch.len() > STORY_HASHES {
        all.sketch.truncate(STORY_HASHES);
        // Their ranks among themselves.
        let mut order: Vec<u8> = (0..STORY_HASHES as u8).collect();
        order.sort_by_key(|i| all.ranks[usize::from(*i)]);
        all.ranks.truncate(STORY_HASHES);
        for (rank, i) in (0..=u8::MAX).zip(order) {
            all.ranks[usize::from(i)] = rank;
        }
    }
    all
}

/// Words of a text: Unicode words; unspaced scripts by character.
pub fn word_count(text: &str) -> u32 {
    words::count(text)
}

fn hash_text(title: Option<&str>, text: &str, tokens: &[words::Token]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = [0u8; 1024];
    for chunk in tokens.chunks(buffer.len() / 8) {
        for (slot, token) in buffer.chunks_exact_mut(8).zip(chunk) {
            slot.copy_from_slice(&token.hash.to_le_bytes());
        }
        hasher.update(&buffer[..chunk.len() * 8]);
    }
    let weight: u32 = tokens.iter().take(64).map(|t| u32::from(t.weight)).sum();
    if weight < FEW_WORDS * u32::from(words::WORD) {
        hasher.update(b"title");
        words::each(title.unwrap_or_default(), |token| {
            hasher.update(&token.hash.to_le_bytes());
        });
        if tokens.is_empty() {
            hasher.update(text.as_bytes());
        }
    }
    first_u64(hasher.finalize())
}

fn first_u64(hash: blake3::Hash) -> u64 {
    let mut out = [0; 8];
    out.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_be_bytes(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "The council of Marrow Bay voted on Tuesday to keep the night ferry running \
        through the winter, after 1,204 residents signed a petition.";

    #[test]
    fn the_main_text_decides_and_not_the_title() {
        let a = fingerprint_text(Some("Ferry stays"), TEXT, None);
        let b = fingerprint_text(Some("Night boat saved"), TEXT, None);
        assert_eq!(a, b);
        assert_ne!(a.text, fingerprint_text(None, &TEXT.replace("winter", "summer"), None).text);
    }

    #[test]
    fn the_title_is_part_of_a_text_of_few_words() {
        let text = "Subscribe to read on.";
        assert_ne!(
            fingerprint_text(Some("A"), text, None).text,
            fingerprint_text(Some("B"), text, None).text
        );
        assert_eq!(
            fingerprint_text(Some("A"), text, None).text,
            fingerprint_text(Some("a"), text, None).text
        );
    }

    #[test]
    fn the_id_says_text_and_url() {
        let url = canonical_url("https://www.marrow.example/ferry").unwrap();
        let here = fingerprint_text(None, TEXT, Some(&url)).id();
        let there = fingerprint_text(None, TEXT, Some("https://other.example/")).id();
        assert_eq!(here.0[..8], there.0[..8]);
        assert_ne!(here, there);
        assert_eq!(here, fingerprint_text(Some("x"), &TEXT.to_uppercase(), Some(&url)).id());
    }

    #[test]
    fn sketches_are_bounded_and_sorted() {
        let long: String = (0..5000).map(|i| format!("word{i} ")).collect();
        let fp = fingerprint_text(None, &long, None);
        assert_eq!((fp.sketch.len(), fp.shingles), (SKETCH_HASHES, 4997));
        assert!(fp.sketch.is_sorted() && fp.sketch.iter().all(|h| *h < 1 << HASH_BITS));
    }
}
