//! Shingles of a text and the bottom of their hashes.
//!
//! A shingle is a run of tokens of weight 12 (see [`super::words`]). Of the distinct shingle hashes
//! the smallest are kept (a bottom-k sketch, Cohen and Kaplan 2007): two texts share a fraction of
//! the kept hashes that estimates the fraction of shingles in common, and because the same low range
//! of hashes is kept of every text, containment can be estimated as well as resemblance.

use super::words::{Token, finish};

/// Bits of a shingle hash: enough that chance hits stay rare among hundreds of millions of kept
/// hashes, few enough for a sighting of 700 bytes.
pub const HASH_BITS: u32 = 36;

/// Weight a shingle spans: 4 words.
const SPAN: u32 = 12;
/// Bits of a hash and a place in one sortable number.
const PLACE_BITS: u32 = 64 - HASH_BITS;

/// The shingles of a text.
pub struct Shingles {
    /// How many distinct ones.
    pub count: usize,
    /// The lowest hashes, ascending.
    pub lowest: Vec<u64>,
    /// For each of them its rank in the order of the text, by its first occurrence.
    pub ranks: Vec<u8>,
}

/// Shingles of a text, of which the lowest `keep` hashes (256 at the most) are kept.
pub fn shingles(tokens: &[Token], keep: usize) -> Shingles {
    let mut all = Vec::with_capacity(tokens.len());
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
            all.push(placed(finish(hash) >> PLACE_BITS, end));
        }
    }
    bottom(all, keep)
}

/// A hash with its place in the text, as [`bottom`] takes it.
pub fn placed(hash: u64, place: usize) -> u64 {
    hash << PLACE_BITS | (place as u64).min((1 << PLACE_BITS) - 1)
}

/// The lowest `keep` (256 at the most) of hashes with their places ([`placed`]).
pub fn bottom(mut all: Vec<u64>, keep: usize) -> Shingles {
    sort_spread(&mut all);
    all.dedup_by_key(|shingle| *shingle >> PLACE_BITS);
    let count = all.len();
    all.truncate(keep.min(256));
    // Place and index; a place is one shingle's.
    let place = |(i, shingle): (u64, &u64)| (*shingle & ((1 << PLACE_BITS) - 1)) << 8 | i;
    let mut in_text: Vec<u64> = (0..).zip(&all).map(place).collect();
    in_text.sort_unstable();
    let mut ranks = vec![0; all.len()];
    for (rank, i) in (0..=u8::MAX).zip(&in_text) {
        ranks[usize::from(*i as u8)] = rank;
    }
    Shingles { count, lowest: all.iter().map(|shingle| shingle >> PLACE_BITS).collect(), ranks }
}

/// Shingles from which on they are sorted by their first byte before.
const MANY: usize = 64;

/// Sorts numbers that are spread evenly, as hashes are: by their first byte, then what shares it. Others take no longer than
/// they would without.
fn sort_spread(all: &mut Vec<u64>) {
    if all.len() < MANY {
        all.sort_unstable();
        return;
    }
    let first = |number: u64| (number >> 56) as usize;
    let mut ends = [0usize; 256];
    all.iter().for_each(|number| ends[first(*number)] += 1);
    let mut begin = 0;
    for end in &mut ends {
        begin += std::mem::replace(end, begin);
    }
    let mut sorted = vec![0; all.len()];
    for number in &*all {
        let end = &mut ends[first(*number)];
        sorted[*end] = *number;
        *end += 1;
    }
    begin = 0;
    for end in ends {
        sorted[begin..end].sort_unstable();
        begin = end;
    }
    *all = sorted;
}

#[cfg(test)]
mod tests {
    use super::super::words::tokens;
    use super::*;

    fn lowest(text: &str) -> Vec<u64> {
        shingles(&tokens(text), 128).lowest
    }

    #[test]
    fn a_shingle_is_four_words_or_their_like() {
        assert_eq!(lowest("one two three").len(), 0);
        assert_eq!(lowest("one two three four").len(), 1);
        assert_eq!(lowest("one two three four five six").len(), 3);
        assert_eq!(lowest("天気予報の続").len(), 1);
        assert_eq!(lowest("天気予報の").len(), 0);
        assert_eq!(lowest("สวัสดีชาวโลก").len(), lowest("สวัสดีชาวโลก ").len());
        assert!(lowest("a b c d a b c d a b c d").len() == 4, "repeats count once");
    }

    #[test]
    fn ranks_follow_the_text() {
        let text: String = (0..300).map(|i| format!("w{i} ")).collect();
        let all = shingles(&tokens(&text), 128);
        assert_eq!((all.count, all.lowest.len()), (297, 128));
        let mut ranks = all.ranks.clone();
        ranks.sort_unstable();
        assert_eq!(ranks, (0..128).collect::<Vec<u8>>());
        // The hash of rank 0 is the first of the kept ones in the text.
        let first = all.ranks.iter().position(|rank| *rank == 0).unwrap();
        let at = (0..297)
            .position(|i| lowest(&format!("w{i} w{} w{} w{}", i + 1, i + 2, i + 3))[0] == all.lowest[first])
            .unwrap();
        for i in 0..at {
            let hash = lowest(&format!("w{i} w{} w{} w{}", i + 1, i + 2, i + 3))[0];
            assert!(!all.lowest.contains(&hash));
        }
    }

    proptest::proptest! {
        #[test]
        fn spread_or_not_all_is_sorted(
            mut numbers in proptest::collection::vec(proptest::prelude::any::<u64>(), 0..300),
            right in 0..64u32,
        ) {
            numbers.iter_mut().step_by(2).for_each(|number| *number >>= right);
            let mut wanted = numbers.clone();
            wanted.sort_unstable();
            sort_spread(&mut numbers);
            proptest::prop_assert_eq!(numbers, wanted);
        }
    }

    #[test]
    fn order_counts() {
        assert_ne!(lowest("one two three four"), lowest("four three two one"));
    }
}
