//! A multimap from 32-bit keys to numbers, in 5 bytes a slot.
//!
//! Linear probing in order of the keys ("bidirectional linear probing", Amble and Knuth 1974), with quotients
//! (Cleary 1984): where a slot stands says most of its key, so only the rest is kept. A slot is
//!
//! ```text
//! distance from its home, 7 bits | rest of the key, inverted | number + 1
//! ```
//!
//! and the larger a shard is, the fewer bits are the rest and the more the number's. Inverted, the rest makes one
//! comparison of a slot tell whether its key is before another, the same, or behind it. No key is ever mistaken for
//! another.
//!
//! The table has 256 shards of their own size. A shard grows by a thirty-second when it is 94 % full, so at no time
//! is more than 1/256 of the table copied or held twice. Its slots are kept in segments of one size for all shards of all tables:
//! what one gives back when it grows the next one takes, where pieces that each are a little larger would leave holes of
//! half the table's size. An entry that would stand too far from home (many
//! numbers under few keys) waits in a list beside the slots.
//!
//! Nothing is removed one by one: numbers that have left are overwritten when their key comes again, and swept by
//! [`Table::shift`].

use std::ops::Range;

const SHARD_BITS: u32 = 8;
const SHARDS: usize = 1 << SHARD_BITS;
/// Bits of a key within its shard.
const TAG_BITS: u32 = 32 - SHARD_BITS;
const SLOT_BYTES: usize = 5;
const SLOT_BITS: u32 = 40;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;
const EMPTY: u64 = 0;
const DISTANCE_BITS: u32 = 7;
/// Slots that an entry may stand from its home.
const FARTHEST: usize = (1 << DISTANCE_BITS) - 1;
/// One step from home, in a slot.
const STEP: u64 = 1 << (SLOT_BITS - DISTANCE_BITS);
/// Slots of a segment, as a power of two.
const SEGMENT_BITS: u32 = 10;
const SEGMENT: usize = 1 << SEGMENT_BITS;
/// A slot is read as 8 bytes, so the last one of a segment has some behind it.
const PADDING: usize = 8 - SLOT_BYTES;
/// Fill at which a shard grows, in percent.
const FULL: usize = 94;
/// Fill that a shard is made with where its entries are known, in percent.
const FITTING: usize = 92;
/// Slots of the smallest shard.
const SMALLEST: usize = 8;

/// The multimap.
#[derive(Debug, Default)]
pub struct Table {
    /// None until something is put in.
    shards: Vec<Shard>,
}

#[derive(Debug, Default)]
struct Shard {
    /// Homes; behind the last of them are as many slots as an entry may stand from home.
    homes: usize,
    /// Bits of the rest of a key in a slot.
    rest_bits: u32,
    /// All of [`SEGMENT`] slots but the last, which has as many as are left.
    segments: Vec<Box<[u8]>>,
    used: usize,
    /// Entries that stand nowhere: tag and number.
    far: Vec<(u32, u32)>,
}

/// Spreads keys (of which the small ones are the most used) over shards and homes. Each step can be undone, so
/// different keys stay different.
#[inline]
fn place(key: u32) -> (usize, u32) {
    let mut key = key.wrapping_mul(0x9e37_79b1);
    key ^= key >> 16;
    key = key.wrapping_mul(0x85eb_ca6b);
    key ^= key >> 13;
    ((key & (SHARDS as u32 - 1)) as usize, key >> SHARD_BITS)
}

/// Entries that are to go into a table, kept by shard: what fills a shard together finds it in the cache.
#[derive(Debug)]
pub struct Deferred {
    entries: Vec<Vec<(u32, u32)>>,
}

impl Default for Deferred {
    fn default() -> Self {
        Self { entries: vec![Vec::new(); SHARDS] }
    }
}

impl Deferred {
    /// Entries of a shard that may wait: with all shards 2 MB.
    const MOST: usize = 1024;

    /// Adds an entry, to be found once it is settled.
    #[inline]
    pub fn push(&mut self, table: &mut Table, key: u32, number: u32) {
        let (shard, tag) = place(key);
        let entries = &mut self.entries[shard];
        entries.push((tag, number));
        if entries.len() >= Self::MOST {
            table.shard(shard).extend(entries);
        }
    }

    /// Puts everything into the table.
    pub fn settle(&mut self, table: &mut Table) {
        for (shard, entries) in self.entries.iter_mut().enumerate() {
            if !entries.is_empty() {
                table.shard(shard).extend(entries);
            }
        }
    }
}

/// Homes for so many entries.
fn fitting(entries: usize) -> usize {
    if entries == 0 { 0 } else { (entries * 100 / FITTING + 1).max(SMALLEST) }
}

impl Table {
    /// Numbers under a key, in no particular order.
    #[inline]
    pub fn numbers(&self, key: u32) -> impl Iterator<Item = u32> + '_ {
        let (shard, tag) = place(key);
        self.shards.get(shard).into_iter().flat_map(move |shard| shard.numbers(tag))
    }

    /// A byte of where a key stands. Reading one for each of many keys, before any of them is looked up, lets the
    /// processor fetch many at a time.
    #[inline]
    pub fn touch(&self, key: u32) -> u8 {
        let (shard, tag) = place(key);
        let byte = |shard: &Shard| {
            let home = shard.home(tag).0;
            shard.segments.get(home >> SEGMENT_BITS)?.get(home % SEGMENT * SLOT_BYTES).copied()
        };
        self.shards.get(shard).and_then(byte).unwrap_or(0)
    }

    /// Adds a number under a key, in the place of one that `is_dead` if there is one.
    pub fn insert(&mut self, key: u32, number: u32, is_dead: impl Fn(u32) -> bool) {
        let (shard, tag) = place(key);
        let shard = self.shard(shard);
        let places = shard.places(tag);
        let behind = places.end;
        if !shard.replace(places, tag, number, is_dead) {
            let behind = if shard.grow_for(1, number) { shard.places(tag).end } else { behind };
            shard.put(behind, tag, number);
        }
    }

    fn shard(&mut self, shard: usize) -> &mut Shard {
        if self.shards.is_empty() {
            self.shards.resize_with(SHARDS, Shard::default);
        }
        &mut self.shards[shard]
    }

    /// Entries.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.used).sum()
    }

    /// Makes room for so many entries in all.
    pub fn reserve(&mut self, entries: usize) {
        for shard in 0..SHARDS {
            let shard = self.shard(shard);
            let homes = fitting(entries / SHARDS);
            if homes > shard.homes {
                shard.resize(homes, Some);
            }
        }
    }

    /// Gives back what the shards have too much of.
    pub fn shrink(&mut self) {
        for shard in &mut self.shards {
            let homes = fitting(shard.used);
            if homes + homes / 32 < shard.homes {
                shard.resize(homes, Some);
            }
        }
    }

    /// Drops numbers below `by` and takes `by` from the others.
    pub fn shift(&mut self, by: u32) {
        for shard in &mut self.shards {
            let live = shard.entries().filter(|(_, number)| *number >= by).count();
            shard.resize(fitting(live), |number| number.checked_sub(by));
        }
    }

    /// Bytes allocated.
    pub fn bytes(&self) -> usize {
        let of = |shard: &Shard| {
            let slots: usize = shard.segments.iter().map(|segment| segment.len()).sum();
            slots + shard.segments.capacity() * size_of::<Box<[u8]>>() + shard.far.capacity() * 8
        };
        self.shards.iter().map(of).sum::<usize>() + self.shards.capacity() * size_of::<Shard>()
    }
}

impl Shard {
    /// Bits of the number in a slot.
    #[inline]
    fn number_bits(&self) -> u32 {
        SLOT_BITS - DISTANCE_BITS - self.rest_bits
    }

    /// Home of a tag, and the inverted rest by which it is known there: tags of one home differ by `homes` or more in
    /// what is left of the product.
    #[inline]
    fn home(&self, tag: u32) -> (usize, u64) {
        let product = u64::from(tag) * self.homes as u64;
        let left = product & ((1 << TAG_BITS) - 1);
        ((product >> TAG_BITS) as usize, self.inverted(left >> (TAG_BITS - self.rest_bits)))
    }

    #[inline]
    fn inverted(&self, rest: u64) -> u64 {
        rest ^ ((1 << self.rest_bits) - 1)
    }

    /// The tag that [`Shard::home`] gives these for.
    fn tag(&self, home: usize, rest: u64) -> u32 {
        let least = (home as u64) << TAG_BITS | self.inverted(rest) << (TAG_BITS - self.rest_bits);
        least.div_ceil(self.homes as u64) as u32
    }

    fn slot(&self, distance: usize, rest: u64, number: u32) -> u64 {
        (distance as u64 * STEP) | (rest << self.number_bits()) | (u64::from(number) + 1)
    }

    #[inline]
    fn get(&self, at: usize) -> u64 {
        let from = at % SEGMENT * SLOT_BYTES;
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.segments[at >> SEGMENT_BITS][from..from + 8]);
        u64::from_le_bytes(bytes) & SLOT_MASK
    }

    #[inline]
    fn set(&mut self, at: usize, slot: u64) {
        let from = at % SEGMENT * SLOT_BYTES;
        let bytes = &mut self.segments[at >> SEGMENT_BITS][from..from + SLOT_BYTES];
        bytes.copy_from_slice(&slot.to_le_bytes()[..SLOT_BYTES]);
    }

    /// Numbers under a tag.
    #[inline]
    fn numbers(&self, tag: u32) -> impl Iterator<Item = u32> + '_ {
        let mask = (1 << self.number_bits()) - 1;
        let slots = self.places(tag).map(move |at| (self.get(at) & mask) as u32 - 1);
        slots.chain(self.far.iter().filter(move |entry| entry.0 == tag).map(|entry| entry.1))
    }

    /// Places of the slots that hold a tag.
    #[inline]
    fn places(&self, tag: u32) -> Range<usize> {
        if self.homes == 0 {
            return 0..0;
        }
        let (home, rest) = self.home(tag);
        let mut least = rest << self.number_bits();
        let one_key = 1 << self.number_bits();
        let behind_all = home + FARTHEST + 1;
        let mut first = home;
        while first < behind_all && self.get(first) >= least + one_key {
            (first, least) = (first + 1, least + STEP);
        }
        let mut behind = first;
        while behind < behind_all && self.get(behind) > least {
            (behind, least) = (behind + 1, least + STEP);
        }
        first..behind
    }

    /// Puts a number in the place of one under the same tag that `is_dead`, if there is one.
    fn replace(
        &mut self,
        places: Range<usize>,
        tag: u32,
        number: u32,
        is_dead: impl Fn(u32) -> bool,
    ) -> bool {
        let mask = (1 << self.number_bits()) - 1;
        if u64::from(number) < mask {
            for at in places {
                let slot = self.get(at);
                if is_dead((slot & mask) as u32 - 1) {
                    self.set(at, slot & !mask | (u64::from(number) + 1));
                    return true;
                }
            }
        }
        let dead = self.far.iter_mut().find(|entry| entry.0 == tag && is_dead(entry.1));
        dead.map(|entry| entry.1 = number).is_some()
    }

    /// Makes room for `more` entries with numbers up to `number`; whether that moved what is there.
    fn grow_for(&mut self, more: usize, number: u32) -> bool {
        let mut homes = self.homes.max(SMALLEST);
        while (self.used + more) * 100 > homes * FULL {
            homes += homes / 32 + 1;
        }
        // It is kept plus one.
        while u64::from(number) >= (1 << (SLOT_BITS - DISTANCE_BITS - rest_bits(homes))) - 1 {
            homes *= 2;
        }
        let grows = homes > self.homes;
        if grows {
            self.resize(homes, Some);
        }
        grows
    }

    /// Adds all of `entries`, and empties it.
    fn extend(&mut self, entries: &mut Vec<(u32, u32)>) {
        let largest = entries.iter().map(|entry| entry.1).max().unwrap_or(0);
        self.grow_for(entries.len(), largest);
        for (tag, number) in entries.drain(..) {
            self.put(self.places(tag).end, tag, number);
        }
    }

    /// Adds an entry for which there is room, behind those of its tag: what stands there moves on.
    fn put(&mut self, at: usize, tag: u32, number: u32) {
        self.used += 1;
        let (home, rest) = self.home(tag);
        let distance = at - home;
        if distance > FARTHEST {
            self.far.push((tag, number));
            return;
        }
        let mut slot = self.slot(distance, rest, number);
        for at in at.. {
            let next = self.get(at);
            self.set(at, slot);
            if next == EMPTY {
                break;
            }
            if next / STEP == FARTHEST as u64 {
                self.far.push(self.entry(at, next));
                break;
            }
            slot = next + STEP;
        }
    }

    /// Tag and number of a slot that is not empty.
    fn entry(&self, at: usize, slot: u64) -> (u32, u32) {
        let home = at - (slot / STEP) as usize;
        let number_bits = self.number_bits();
        let tag = self.tag(home, (slot & (STEP - 1)) >> number_bits);
        (tag, (slot & ((1 << number_bits) - 1)) as u32 - 1)
    }

    /// All there is, those in slots by their tags.
    fn entries(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let slots = if self.homes == 0 { 0 } else { self.homes + FARTHEST };
        let slots = (0..slots).map(|at| (at, self.get(at))).filter(|(_, slot)| *slot != EMPTY);
        slots.map(|(at, slot)| self.entry(at, slot)).chain(self.far.iter().copied())
    }

    fn resize(&mut self, homes: usize, keep: impl Fn(u32) -> Option<u32>) {
        let kept = self.entries().filter_map(|(tag, number)| Some((tag, keep(number)?)));
        let mut kept: Vec<(u32, u32)> = kept.collect();
        if !self.far.is_empty() {
            kept.sort_by_key(|entry| entry.0);
        }
        let largest = kept.iter().map(|entry| entry.1).max().unwrap_or(0);
        *self = Self { homes, rest_bits: rest_bits(homes), ..Self::default() };
        if homes == 0 {
            return;
        }
        let slots = homes + FARTHEST;
        let sizes = (0..slots).step_by(SEGMENT).map(|at| SEGMENT.min(slots - at));
        self.segments = sizes.map(|size| vec![0; size * SLOT_BYTES + PADDING].into()).collect();
        self.grow_for(0, largest);
        self.used = kept.len();
        let mut free = 0;
        for (tag, number) in kept {
            let (home, rest) = self.home(tag);
            let at = free.max(home);
            if at - home > FARTHEST {
                self.far.push((tag, number));
                continue;
            }
            self.set(at, self.slot(at - home, rest, number));
            free = at + 1;
        }
    }
}

/// Bits that tell the tags of one home apart.
fn rest_bits(homes: usize) -> u32 {
    TAG_BITS.saturating_sub(homes.checked_ilog2().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn sorted(table: &Table, key: u32) -> Vec<u32> {
        let mut numbers: Vec<u32> = table.numbers(key).collect();
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn an_empty_table_knows_nothing() {
        assert_eq!(Table::default().numbers(7).count(), 0);
    }

    #[test]
    fn keys_are_told_apart() {
        let mut seen = std::collections::BTreeSet::new();
        for key in (0..=u32::MAX).step_by(1 << 12).chain(0..4000) {
            seen.insert(place(key));
        }
        assert_eq!(seen.len(), (1 << 20) + 4000 - 1);
    }

    #[test]
    fn tags_come_back_from_their_homes() {
        for homes in [8, 9, 15, 16, 1000, 4095, 40_000] {
            let shard = Shard { homes, rest_bits: rest_bits(homes), ..Shard::default() };
            for tag in (0..1 << TAG_BITS).step_by(997) {
                let (home, rest) = shard.home(tag);
                assert_eq!(shard.tag(home, rest), tag, "of {homes}");
            }
        }
    }

    #[test]
    fn the_dead_are_overwritten() {
        let mut table = Table::default();
        for number in 0..1000 {
            table.insert(5, number, |old| old < number);
        }
        assert_eq!(sorted(&table, 5), [999]);
        assert_eq!(table.len(), 1);
    }

    #[test]
    fn a_key_may_have_more_numbers_than_fit_behind_its_home() {
        let mut table = Table::default();
        for number in 0..1000 {
            table.insert(number % 3, number, |_| false);
        }
        for key in 0..3 {
            assert_eq!(sorted(&table, key), (0..1000).filter(|n| n % 3 == key).collect::<Vec<_>>());
        }
        table.insert(2, 5000, |old| old == 998);
        assert!(sorted(&table, 2).contains(&5000) && !sorted(&table, 2).contains(&998));
    }

    #[test]
    fn an_entry_takes_under_six_bytes() {
        let mut table = Table::default();
        let mut key = 1u32;
        for number in 0..1_000_000 {
            key = key.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
            table.insert(key, number / 8, |_| false);
        }
        let bytes = table.bytes() as f64 / 1e6;
        assert!(bytes < 6.5, "{bytes}");
    }

    proptest! {
        #[test]
        fn it_is_a_multimap(
            entries in prop::collection::vec((0u32..300, any::<u16>()), 0..2000),
            spread in 0u32..24,
            large in any::<bool>(),
            by in 0u32..70_000,
        ) {
            let mut table = Table::default();
            let mut deferred = Deferred::default();
            let mut model: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            let up = if large { 30_000_000 } else { 0 };
            for (i, (key, number)) in entries.into_iter().enumerate() {
                let (key, number) = (key << spread, u32::from(number) + up);
                if i % 3 == 0 {
                    deferred.push(&mut table, key, number);
                } else {
                    table.insert(key, number, |_| false);
                }
                model.entry(key).or_default().push(number);
            }
            deferred.settle(&mut table);
            for (key, numbers) in &mut model {
                numbers.sort_unstable();
                prop_assert_eq!(&sorted(&table, *key), numbers);
            }
            table.shrink();
            table.shift(by + up);
            for (key, numbers) in &model {
                let left: Vec<u32> = numbers.iter().filter_map(|n| n.checked_sub(by + up)).collect();
                prop_assert_eq!(sorted(&table, *key), left);
            }
        }
    }
}
