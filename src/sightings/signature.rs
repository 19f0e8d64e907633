//! What is kept of an article's sketch for comparing, in about a byte a hash.
//!
//! The hashes that were chosen of a sketch lie between 0 and the highest of them, the *bound*. That range is cut
//! into 4,096 cells, and only the cells are kept, as Rice-coded differences from the bound downwards. A hash of
//! another page that falls into one of them counts as held: with 40 cells one in a hundred does so by chance.
//!
//! Numbers of which the size matters and the last digits do not (the bound, a count of shingles) are kept in two
//! bytes, rounded up by at most a 512th.

use super::codec::BitWriter;
use crate::stages::deduplicate::HASH_BITS;

/// Cells of the range of a signature: 2 to the power of this.
pub(super) const CELL_BITS: u32 = 12;
const LAST_CELL: u32 = (1 << CELL_BITS) - 1;

/// A number rounded up to ten significant bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Short(pub u16);

const MANTISSA_BITS: u32 = 11;

impl Short {
    /// The least that is not less than `value`, which is below 2⁴⁰.
    pub fn up(value: u64) -> Self {
        let shift = value.checked_ilog2().unwrap_or(0).saturating_sub(9);
        Self((shift << MANTISSA_BITS) as u16 | value.div_ceil(1 << shift) as u16)
    }

    /// The number.
    pub fn value(self) -> u64 {
        u64::from(self.0 & ((1 << MANTISSA_BITS) - 1)) << (self.0 >> MANTISSA_BITS)
    }
}

/// How hashes up to a bound fall into cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells {
    bound: u64,
    factor: u64,
}

impl Cells {
    /// `bound`: the highest hash.
    pub fn new(bound: u64) -> Self {
        let bound = bound.min((1 << HASH_BITS) - 1);
        Self { bound, factor: (1 << (HASH_BITS + CELL_BITS)) / (bound + 1) }
    }

    /// Cell of a hash that is not above the bound. The product is below 2⁴⁸.
    #[inline]
    fn of(self, hash: u64) -> u32 {
        ((hash * self.factor) >> HASH_BITS) as u32
    }
}

/// Bits of a difference that are written as they are: what suits differences of random numbers (Kiely 2004).
fn low_bits(hashes: usize) -> u32 {
    ((1 << CELL_BITS) * 7 / 10 / hashes.max(1)).checked_ilog2().unwrap_or(0)
}

/// Appends the signature of ascending hashes up to `bound`.
pub(super) fn put(hashes: &[u64], bound: u64, out: &mut Vec<u8>) {
    let (cells, low) = (Cells::new(bound), low_bits(hashes.len()));
    let (mut before, mut writer) = (LAST_CELL, BitWriter::default());
    for hash in hashes.iter().rev() {
        let cell = cells.of(*hash);
        writer.put_rice(u64::from(before - cell), low, out);
        before = cell;
    }
    writer.finish(out);
}

/// Which of the ascending hashes of a page an article with this signature holds: one bit each. `bytes` begin with
/// the signature and may go on behind it; `count` is the number of its hashes.
pub(super) fn held(bytes: &[u8], count: usize, bound: u64, sketch: &[u64]) -> u128 {
    let (cells, low) = (Cells::new(bound), low_bits(count));
    let mut bits = Bits { bytes, at: 0 };
    let mut below = sketch.partition_point(|hash| *hash <= cells.bound);
    let (mut cell, mut held) = (LAST_CELL, 0u128);
    for _ in 0..count {
        cell = cell.saturating_sub((bits.ones() << low) + bits.take(low));
        while below > 0 {
            let own = cells.of(sketch[below - 1]);
            if own < cell {
                break;
            }
            below -= 1;
            if own == cell {
                held |= 1 << below;
                break;
            }
        }
    }
    held
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// The next 57 bits or more, zeros behind the end.
    #[inline]
    fn peek(&self) -> u64 {
        let mut eight = [0; 8];
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        match rest.first_chunk::<8>() {
            Some(chunk) => eight = *chunk,
            None => eight[..rest.len()].copy_from_slice(rest),
        }
        u64::from_le_bytes(eight) >> (self.at % 8)
    }

    /// Ones up to the next zero, which goes too. Never more than cells and bytes.
    #[inline]
    fn ones(&mut self) -> u32 {
        let mut ones = 0;
        loop {
            let run = self.peek().trailing_ones();
            if run < 57 {
                self.at += run as usize + 1;
                return ones + run;
            }
            ones += 57;
            self.at += 57;
        }
    }

    #[inline]
    fn take(&mut self, width: u32) -> u32 {
        let value = self.peek() & ((1 << width) - 1);
        self.at += width as usize;
        value as u32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn short_numbers_are_hardly_more(value in 0u64..1 << 37) {
            let short = Short::up(value).value();
            prop_assert!(short >= value && short - value <= value / 512);
            prop_assert_eq!(Short::up(short).value(), short);
        }

        #[test]
        fn what_was_put_is_held(
            hashes in prop::collection::btree_set(0u64..1 << 36, 1..129),
            others in prop::collection::btree_set(0u64..1 << 36, 0..60),
            narrow in 0u32..28,
            tail in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let mut hashes: Vec<u64> = hashes.into_iter().map(|hash| hash >> narrow).collect();
            hashes.dedup();
            let bound = Short::up(*hashes.last().unwrap()).value();
            let mut bytes = Vec::new();
            put(&hashes, bound, &mut bytes);
            bytes.extend(tail);
            prop_assert_eq!(held(&bytes, hashes.len(), bound, &hashes).count_ones() as usize, hashes.len());
            // One of a cell is held for each that was put there.
            let others: Vec<u64> = others.into_iter().collect();
            let cells = Cells::new(bound);
            let mut left: Vec<u32> = hashes.iter().map(|hash| cells.of(*hash)).collect();
            let found = held(&bytes, hashes.len(), bound, &others);
            for (i, hash) in others.iter().enumerate().rev() {
                let at = left.iter().position(|cell| *hash <= bound && *cell == cells.of(*hash));
                prop_assert_eq!(found >> i & 1 == 1, at.is_some());
                at.map(|at| left.remove(at));
            }
        }
    }

    #[test]
    fn a_hash_takes_about_a_byte() {
        let hashes: Vec<u64> = (1..=40u64).map(|i| i * i * 1_000_003 % (1 << 32)).collect();
        let mut sorted = hashes;
        sorted.sort_unstable();
        let mut bytes = Vec::new();
        put(&sorted, *sorted.last().unwrap(), &mut bytes);
        assert!(bytes.len() <= 42, "{}", bytes.len());
    }
}
