//! Words of the headline in the page's address: `/2026/harbour-wall-to-be-rebuilt.html`. On a page of plain text they
//! are all that says which of its lines is the headline.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::words::{self, HashSet};

/// Fewest words of a part of the path that may be a headline.
const MIN_WORDS: usize = 3;
/// Longest part of a path that is looked at, in bytes.
const MAX_BYTES: usize = 2_000;
/// Longest line that may be a headline, in bytes.
const MAX_LINE: usize = 400;

/// The words of the headline in an address, folded to what addresses are written in.
#[derive(Debug, Default, Clone)]
pub struct Slug(HashSet);

impl Slug {
    /// The part of the path with the most words; empty where none has [`MIN_WORDS`].
    pub fn of(url: &str) -> Self {
        let path = url.split_once("://").map_or(url, |(_, rest)| rest);
        let path = path.split(['?', '#']).next().unwrap_or("");
        let parts = path.split('/').skip(1).filter(|part| part.len() <= MAX_BYTES);
        let best = parts.map(Self::of_part).max_by_key(|slug| slug.0.len());
        best.filter(|slug| slug.0.len() >= MIN_WORDS).unwrap_or_default()
    }

    fn of_part(part: &str) -> Self {
        let decoded = percent_encoding::percent_decode_str(part).decode_utf8_lossy();
        let stem =
            decoded.rsplit_once('.').filter(|(_, end)| end.len() <= 5).map_or(&*decoded, |(stem, _)| stem);
        let words = stem.split(['-', '_', '+', ' ', ',', '.']).filter(|word| {
            // Numbers of articles are no words of their headlines.
            word.chars().any(char::is_alphabetic) && !word.chars().any(|c| c.is_ascii_digit())
        });
        let joined = words.collect::<Vec<_>>().join(" ");
        Self(HashSet::words(&folded(&joined, false)))
    }

    /// Whether there is no headline in the address.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a line for its [`Agreement`], word by word as its hashes come; `None` where it can have none, or has to be
    /// folded before ([`Self::agreement`]).
    pub fn reader(&self, line: &str) -> Option<Agreement<'_>> {
        let reads = !self.is_empty() && line.len() <= MAX_LINE && line.is_ascii();
        reads.then(|| Agreement { slug: self, words: 0.0, found: Vec::new() })
    }

    /// The share of a line's words that are in the address, and of the address's words that are in the line.
    pub fn agreement(&self, line: &str) -> (f32, f32) {
        if self.is_empty() || line.len() > MAX_LINE {
            return (0.0, 0.0);
        }
        let mut agreement = Agreement { slug: self, words: 0.0, found: Vec::new() };
        words::hashes(&folded(line, false), |hash| agreement.word(hash));
        // `für` is written `fur` or `fuer`.
        if line.contains(['ä', 'ö', 'ü', 'Ä', 'Ö', 'Ü']) {
            words::hashes(&folded(line, true), |hash| agreement.find(hash));
        }
        agreement.finish()
    }
}

/// How much a line agrees with an address.
#[derive(Debug)]
pub struct Agreement<'s> {
    slug: &'s Slug,
    words: f32,
    found: Vec<u32>,
}

impl Agreement<'_> {
    /// Takes the next word by its hash.
    pub fn word(&mut self, hash: u32) {
        self.words += 1.0;
        self.find(hash);
    }

    fn find(&mut self, hash: u32) {
        if self.slug.0.contains(hash) {
            self.found.push(hash);
        }
    }

    /// The share of the line's words that are in the address, and of the address's words that are in the line.
    pub fn finish(mut self) -> (f32, f32) {
        self.found.sort_unstable();
        self.found.dedup();
        let found = self.found.len() as f32;
        ((found / self.words.max(1.0)).min(1.0), found / self.slug.0.len() as f32)
    }
}

/// A text without accents; with `umlauts` ä, ö and ü are written out.
fn folded(text: &str, umlauts: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            _ if c.is_ascii() => out.push(c),
            'ä' | 'Ä' if umlauts => out.push_str("ae"),
            'ö' | 'Ö' if umlauts => out.push_str("oe"),
            'ü' | 'Ü' if umlauts => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'æ' | 'Æ' => out.push_str("ae"),
            'ø' | 'Ø' => out.push('o'),
            'ł' | 'Ł' => out.push('l'),
            'đ' | 'Đ' => out.push('d'),
            'ı' => out.push('i'),
            '’' | '‘' => {}
            _ => out.extend(std::iter::once(c).nfd().filter(|c| !is_combining_mark(*c))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headlines_agree_with_their_addresses() {
        let slug = Slug::of(
            "https://example.com/nachrichten/bruecke-fuer-die-fähre-gesperrt-a-12345.html?x=a-b-c-d",
        );
        assert_eq!(slug.agreement("Brücke für die Fähre gesperrt").0, 1.0);
        assert!(slug.agreement("Brücke für die Fähre gesperrt").1 > 0.7);
        assert!(slug.agreement("Der Rat der Stadt tagt am Montag").0 < 0.2);
        let slug = Slug::of(
            "https://example.com/%E0%A4%AA%E0%A5%81%E0%A4%B2-%E0%A4%95%E0%A4%BE-%E0%A4%95%E0%A4%BE%E0%A4%AE",
        );
        assert_eq!(slug.agreement("पुल का काम").1, 1.0);
        assert!(Slug::of("https://example.com/a/b/123-456").is_empty());
    }
}
