//! A multimap from 40-bit keys to 32-bit numbers, in 8 bytes a slot.
//!
//! Open addressing in 256 shards: the shard stands for 8 bits of the key, the slot holds the other
//! 32 beside the number, so no key is ever mistaken for another of 40 bits. A shard grows by an
//! eighth when it is 85 % full, so at no time is more than 1/256 of the table copied or held twice.
//! Nothing is removed one by one: numbers that have left are overwritten when their key comes again,
//! and swept by [`Table::shift`].

const SHARDS: usize = 256;
const EMPTY: u64 = u64::MAX;
/// Fill at which a shard grows, in percent.
const FULL: usize = 85;

/// The multimap.
#[derive(Debug, Default)]
pub struct Table {
    /// None until something is put in.
    shards: Vec<Shard>,
}

#[derive(Debug, Default)]
struct Shard {
    slots: Vec<u64>,
    used: usize,
}

/// Spreads 40-bit keys (of which the small ones are the most used) over shards and slots. Each step
/// can be undone, so different keys stay different.
#[inline]
fn place(key: u64) -> (usize, u32) {
    const MASK: u64 = (1 << 40) - 1;
    let mut key = (key & MASK).wrapping_mul(0x9e_3779_b97f) & MASK;
    key ^= key >> 20;
    key = key.wrapping_mul(0xbf_5847_6d1d) & MASK;
    key ^= key >> 19;
    ((key & 0xff) as usize, (key >> 8) as u32)
}

#[inline]
fn home(tag: u32, slots: usize) -> usize {
    ((u64::from(tag) * slots as u64) >> 32) as usize
}

/// Entries that are to go into a table, kept by shard: what fills a shard together finds it in the cache.
#[derive(Debug)]
pub struct Deferred {
    slots: Vec<Vec<u64>>,
}

impl Default for Deferred {
    fn default() -> Self {
        Self { slots: vec![Vec::new(); SHARDS] }
    }
}

impl Deferred {
    /// Entries of a shard that may wait: with all shards 2 MB.
    const MOST: usize = 1024;

    /// Adds an entry, to be found once it is settled.
    #[inline]
    pub fn push(&mut self, table: &mut Table, key: u64, number: u32) {
        let (shard, tag) = place(key);
        let slots = &mut self.slots[shard];
        slots.push(u64::from(tag) << 32 | u64::from(number));
        if slots.len() >= Self::MOST {
            table.shard(shard).extend(slots);
        }
    }

    /// Puts everything into the table.
    pub fn settle(&mut self, table: &mut Table) {
        for (shard, slots) in self.slots.iter_mut().enumerate() {
            if !slots.is_empty() {
                table.shard(shard).extend(slots);
            }
        }
    }
}

/// Slots that so many entries fill as a shard is filled half-way between two growths.
fn fitting(entries: usize) -> usize {
    if entries == 0 { 0 } else { entries * 100 / (FULL - 5) + 8 }
}

impl Table {
    /// Numbers under a key, in no particular order.
    #[inline]
    pub fn numbers(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        let (shard, tag) = place(key);
        let slots = self.shards.get(shard).map_or(&[][..], |shard| &shard.slots);
        let first = home(tag, slots.len());
        slots[first.min(slots.len())..]
            .iter()
            .chain(&slots[..first])
            .take_while(|slot| **slot != EMPTY)
            .filter(move |slot| (**slot >> 32) as u32 == tag)
            .map(|slot| *slot as u32)
    }

    /// Adds a number under a key, in the place of one that `is_dead` if there is one.
    pub fn insert(&mut self, key: u64, number: u32, is_dead: impl Fn(u32) -> bool) {
        let (shard, tag) = place(key);
        let shard = self.shard(shard);
        shard.grow_for(1);
        let mut at = home(tag, shard.slots.len());
        loop {
            let slot = shard.slots[at];
            if slot == EMPTY {
                shard.used += 1;
                break;
            }
            if (slot >> 32) as u32 == tag && is_dead(slot as u32) {
                break;
            }
            at = if at + 1 == shard.slots.len() { 0 } else { at + 1 };
        }
        shard.slots[at] = u64::from(tag) << 32 | u64::from(number);
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
            let slots = fitting(entries / SHARDS);
            if slots > shard.slots.len() {
                shard.resize(slots, Some);
            }
        }
    }

    /// Gives back what the shards have too much of.
    pub fn shrink(&mut self) {
        for shard in &mut self.shards {
            let slots = fitting(shard.used);
            if slots + slots / 8 < shard.slots.len() {
                shard.resize(slots, Some);
            }
        }
    }

    /// Drops numbers below `by` and takes `by` from the others.
    pub fn shift(&mut self, by: u32) {
        for shard in &mut self.shards {
            let live = shard.slots.iter().filter(|slot| **slot != EMPTY && **slot as u32 >= by).count();
            shard.resize(fitting(live), |slot| (slot as u32 >= by).then(|| slot - u64::from(by)));
        }
    }

    /// Bytes allocated.
    pub fn bytes(&self) -> usize {
        let slots: usize = self.shards.iter().map(|shard| shard.slots.capacity() * 8).sum();
        slots + self.shards.capacity() * size_of::<Shard>()
    }
}

impl Shard {
    /// Makes room for `more` entries.
    fn grow_for(&mut self, more: usize) {
        let mut slots = self.slots.len();
        while (self.used + more) * 100 > slots * FULL {
            slots += slots / 8 + 8;
        }
        if slots > self.slots.len() {
            self.resize(slots, Some);
        }
    }

    /// Adds all of `slots`, and empties it.
    fn extend(&mut self, slots: &mut Vec<u64>) {
        self.grow_for(slots.len());
        for slot in slots.drain(..) {
            self.put(slot);
        }
    }

    fn put(&mut self, slot: u64) {
        let mut at = home((slot >> 32) as u32, self.slots.len());
        while self.slots[at] != EMPTY {
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
        self.slots[at] = slot;
        self.used += 1;
    }

    fn resize(&mut self, slots: usize, keep: impl Fn(u64) -> Option<u64>) {
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; slots]);
        self.used = 0;
        for slot in old.into_iter().filter(|slot| *slot != EMPTY).filter_map(keep) {
            self.put(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn sorted(table: &Table, key: u64) -> Vec<u32> {
        let mut numbers: Vec<u32> = table.numbers(key).collect();
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn an_empty_table_knows_nothing() {
        assert_eq!(Table::default().numbers(7).count(), 0);
    }

    #[test]
    fn keys_of_40_bits_are_told_apart() {
        let mut seen = std::collections::BTreeSet::new();
        for key in (0..1u64 << 40).step_by(1 << 20).chain(0..100_000) {
            seen.insert(place(key));
        }
        assert_eq!(seen.len(), (1 << 20) + 100_000 - 1);
    }

    #[test]
    fn the_dead_are_overwritten() {
        let mut table = Table::default();
        for number in 0..1000 {
            table.insert(5, number, |old| old < number);
        }
        assert_eq!(sorted(&table, 5), [999]);
    }

    proptest! {
        #[test]
        fn it_is_a_multimap(entries in prop::collection::vec((0u64..300, any::<u16>()), 0..2000), by in 0u32..70_000) {
            let mut table = Table::default();
            let mut model: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
            for (key, number) in entries {
                table.insert(key << 31, u32::from(number), |_| false);
                model.entry(key).or_default().push(u32::from(number));
            }
            for (key, numbers) in &mut model {
                numbers.sort_unstable();
                prop_assert_eq!(&sorted(&table, *key << 31), numbers);
            }
            table.shift(by);
            for (key, numbers) in &model {
                let left: Vec<u32> = numbers.iter().filter(|n| **n >= by).map(|n| n - by).collect();
                prop_assert_eq!(sorted(&table, *key << 31), left);
            }
        }
    }
}
