//! Shingles of a text and the bottom of their hashes.
//!
//! A shingle is a run of tokens of weight 12 (see [`super::words`]). Of the distinct shingle hashes
//! the smallest are kept (a bottom-k sketch, Cohen and Kaplan 2007): two texts share a fraction of
//! the kept hashes that estimates the fraction of shingles in common, and because the same low range
//! of hashes is kept of every text, containment can be estimated as well as resemblance.

use super::words::{Token, finish};

/// Bits of a shingle hash. 40 keep chance hits rare among hundreds of millions of kept hashes, and
/// fit a table slot beside an article's number.
pub const HASH_BITS: u32 = 40;

/// Weight a shingle spans: 4 words.
const SPAN: u32 = 12;

/// Distinct shingle hashes, ascending.
pub fn shingles(tokens: &[Token]) -> Vec<u64> {
    let mut out = Vec::with_capacity(tokens.len());
    let (mut start, mut weight) = (0usize, 0u32);
    for (end, token) in tokens.iter().enumerate() {
        weight += u32::from(token.weight);
        while weight - u32::from(tokens[start].weight) >= SPAN {
            weight -= u32::from(tokens[start].weight);
            start += 1;
        }
        if weight >= SPAN {
            // Order counts: each step multiplies what came before.
            let hash = tokens[start..=end]
                .iter()
                .fold(0u64, |h, t| h.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(t.hash));
            out.push(finish(hash) >> (64 - HASH_BITS));
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::super::words::tokens;
    use super::*;

    #[test]
    fn a_shingle_is_four_words_or_their_like() {
        assert_eq!(shingles(&tokens("one two three")).len(), 0);
        assert_eq!(shingles(&tokens("one two three four")).len(), 1);
        assert_eq!(shingles(&tokens("one two three four five six")).len(), 3);
        assert_eq!(shingles(&tokens("天気予報の続")).len(), 1);
        assert_eq!(shingles(&tokens("天気予報の")).len(), 0);
        assert_eq!(shingles(&tokens("สวัสดีชาวโลก")).len(), shingles(&tokens("สวัสดีชาวโลก ")).len());
        assert!(shingles(&tokens("a b c d a b c d a b c d")).len() == 4, "repeats count once");
    }

    #[test]
    fn order_counts() {
        assert_ne!(shingles(&tokens("one two three four")), shingles(&tokens("four three two one")));
    }
}
