//! The records themselves, and the keys they are found by.

use super::super::changes::ALL;
use super::super::codec::{code_of, kind_of};
use super::super::matching::Kept;
use super::super::signature::Short;
use crate::record::{DuplicateKind, Hash128};

/// Marks in [`Text::keys`], behind those of [`Indexed`]: its group is not named after it, its sketch has gaps.
pub(super) const HAS_GROUP: u8 = 64;
pub(super) const HAS_GAPS: u8 = 128;

/// A page. Packed: there are millions.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed(2))]
pub struct Seen {
    pub id: Hash128,
    /// The half of the origin's hash that is not its key.
    pub(super) origin: u32,
    /// Number of the first page of its cluster, or an elder.
    pub cluster: u32,
    /// How much it is like what it repeats (see [`super::super::likeness`]), 10 and 2 bits; between them its kind, 2 bits,
    /// [`VOID`] and [`STORY`].
    pub(super) marks: u16,
}

const KIND: u16 = 10;
const KIND_MASK: u16 = 3 << KIND;
pub(super) const VOID: u16 = 1 << 12;
/// It is no page but a story of the last page before it.
pub(super) const STORY: u16 = 1 << 13;
/// What is no likeness.
const OTHER_MARKS: u16 = KIND_MASK | VOID | STORY;

impl Seen {
    /// Of a page that repeats nothing: its own number is its cluster's.
    pub(super) fn new(
        origin: u64,
        id: Hash128,
        number: u32,
        repeat: Option<(u32, DuplicateKind, u16)>,
    ) -> Self {
        let (cluster, kind, likeness) = match repeat {
            None => (number, None, 1000),
            Some((cluster, kind, likeness)) => (cluster, Some(kind), likeness),
        };
        let kind = u16::from(code_of(kind));
        Self { id, origin: origin as u32, cluster, marks: likeness & !OTHER_MARKS | kind << KIND }
    }

    pub fn likeness(&self) -> u16 {
        self.marks & !OTHER_MARKS
    }

    pub fn kind(&self) -> Option<DuplicateKind> {
        kind_of((self.marks >> KIND & 3) as u8)
    }

    /// Whether it is a story of the last page before it.
    pub fn is_story(&self) -> bool {
        self.marks & STORY != 0
    }

    /// Whether it was taken back.
    pub fn is_void(&self) -> bool {
        self.marks & VOID != 0
    }
}

/// What of a page can be matched. The bytes beside it are its group and the gaps of its sketch, where it has such,
/// and its signature.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    pub numbers: u64,
    /// The half of the body's key that does not stand in the table.
    pub(super) body: u32,
    pub seen: u32,
    pub(super) at: u16,
    pub(super) shingles: Short,
    /// Highest hash of the signature; `ALL` if none was left out.
    pub(super) bound: Short,
    /// Hashes chosen of the sketch: the lowest it can be found by, the others are in the signature.
    pub(super) hashes: u8,
    pub keys: u8,
}

impl Text {
    /// Where its gaps are among the bytes beside it: how many, and which.
    pub(super) fn at_gaps(&self) -> usize {
        usize::from(self.at) + if self.keys & HAS_GROUP == 0 { 0 } else { 4 }
    }

    pub fn kept(&self) -> Kept {
        Kept {
            shingles: self.shingles.value() as u32,
            hashes: u32::from(self.hashes),
            bound: bound_of(self.bound),
            numbers: self.numbers,
        }
    }
}

/// Highest hash that a signature may hold.
pub(super) fn bound_of(bound: Short) -> u64 {
    if bound == ALL { u64::MAX } else { bound.value() }
}

/// Places that a mask leaves out below its highest bit.
pub(super) fn gaps_of(mask: u128) -> Vec<u8> {
    let length = 128 - mask.leading_zeros();
    (0..length as u8).filter(|i| mask >> i & 1 == 0).collect()
}

/// The mask of so many bits that leaves these places out.
pub(super) fn mask_of(bits: u8, gaps: &[u8]) -> u128 {
    let length = usize::from(bits) + gaps.len();
    let all = if length >= 128 { u128::MAX } else { (1 << length) - 1 };
    gaps.iter().fold(all, |mask, gap| mask & !(1 << (gap & 127)))
}

/// Name of the group that a text begins.
pub(super) fn own_group(id: &Hash128) -> u32 {
    let mut group = [0; 4];
    group.copy_from_slice(&id.0[..4]);
    u32::from_be_bytes(group)
}

pub(super) fn origin_half(key: u64) -> u32 {
    (key >> 32) as u32
}

/// The low bits: those of long texts have no others.
pub(super) fn sketch_key(hash: u64) -> u32 {
    hash as u32
}

// Keys of the three kinds share a table; multiplying by another odd number for each keeps them apart. The half of
// the product that is not the key is kept beside the record, where nothing else tells the whole.
pub(super) fn key_of(product: u64) -> u32 {
    (product >> 32) as u32
}

pub(super) fn body_product(half: u64) -> u64 {
    half.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

pub(super) fn body_key(body: &Hash128) -> u32 {
    key_of(body_product(body_half(body)))
}

pub(super) fn text_key(text: u64) -> u32 {
    key_of(text.wrapping_mul(0xd6e8_feb8_6659_fd93))
}

pub(super) fn url_key(url: u64) -> u32 {
    key_of(url.wrapping_mul(0xa076_1d64_78bd_642f))
}

pub(super) fn body_half(body: &Hash128) -> u64 {
    let mut half = [0; 8];
    half.copy_from_slice(&body.0[..8]);
    u64::from_be_bytes(half)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_mask_comes_back_from_its_gaps(mask in any::<u128>(), short in 0u32..128) {
            let mask = mask >> short;
            prop_assert_eq!(mask_of(mask.count_ones() as u8, &gaps_of(mask)), mask);
        }
    }
}
