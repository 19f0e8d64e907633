//! A small learned list of words by their hashes: how much each speaks for main text.
//!
//! Words that stand in the boilerplate of many sites ("newsletter", "Impressum", "阅读更多") pull a block down
//! whatever else is known of it. The list is learned with the model; it is one opinion among many.

/// Slots of the table.
const SLOTS: usize = 1 << 17;
/// Bytes of a list in the model's file.
pub const FILE_BYTES: usize = SLOTS * 2;
/// Slots that a word may stand in, from its own on.
const PROBES: usize = 2;
/// Words of a block that are looked up: longer ones are judged by their shape alone.
const MAX_WORDS: i32 = 30;

/// Weights of words, in sixteenths of a logit. A word is known by its slot and by eight more bits of its hash, so that
/// of the words of a language that nothing was learned from, hardly one is taken for another.
#[derive(Debug, Clone)]
pub struct Lexicon {
    /// Check and weight; a check of 0 is an empty slot.
    slots: Vec<(u8, i8)>,
}

/// What the list makes of a block, each around 128 (0 where nothing is known).
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading {
    /// Mean weight of words and pairs of words.
    pub mean: u8,
    /// Their sum.
    pub sum: u8,
    /// The lowest weight.
    pub lowest: u8,
    /// Sum of the weights of the first three words.
    pub start: u8,
    /// Words and pairs looked up, and how many were known.
    pub known: (u32, u32),
}

impl Lexicon {
    /// A list that knows no word.
    pub fn empty() -> Self {
        Self { slots: vec![(0, 0); SLOTS] }
    }

    /// A list of [`word`]s and [`pair`]s with their weights, the most important first: what finds no slot is left out.
    pub fn of(weights: impl Iterator<Item = (u32, i8)>) -> Self {
        let mut lexicon = Self::empty();
        for (hash, weight) in weights {
            let (slot, check) = place(hash);
            let free = (0..PROBES).map(|n| (slot + n) % SLOTS).find(|at| lexicon.slots[*at].0 == 0);
            if let Some(at) = free
                && lexicon.weight(hash).is_none()
            {
                lexicon.slots[at] = (check, weight);
            }
        }
        lexicon
    }

    /// A list as it stands in the model's file: [`FILE_BYTES`], check and weight in turn.
    pub fn read(bytes: &[u8]) -> Self {
        let mut slots: Vec<(u8, i8)> = bytes.chunks_exact(2).map(|b| (b[0], b[1] as i8)).collect();
        slots.resize(SLOTS, (0, 0));
        Self { slots }
    }

    /// Appends the list as it stands in the model's file.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.slots.iter().flat_map(|(check, weight)| [*check, *weight as u8]));
    }

    /// Without a branch for what stands there: half of all words are known.
    #[inline]
    fn weight(&self, hash: u32) -> Option<i8> {
        const { assert!(PROBES == 2) };
        let (slot, check) = place(hash);
        let [first, second] = [slot, slot + 1].map(|slot| self.slots[slot % SLOTS]);
        let is_first = first.0 == check;
        let is_second = (first.0 != 0) & (second.0 == check);
        let weight = if is_first { first.1 } else { second.1 };
        (is_first | is_second).then_some(weight)
    }

    /// Begins to read a block.
    pub fn reader(&self) -> LexiconReader<'_> {
        LexiconReader { lexicon: self, last: 0, sum: 0, start: 0, lowest: 0, words: 0, known: 0 }
    }
}

/// Slot and check of a hash.
fn place(hash: u32) -> (usize, u8) {
    ((hash >> 15) as usize, (hash as u8).max(1))
}

/// Key of a word.
pub fn word(hash: u32) -> u32 {
    let h = hash.wrapping_mul(0x9e37_79b1);
    h ^ h >> 15
}

/// Key of a pair of words.
pub fn pair(before: u32, hash: u32) -> u32 {
    word((before.rotate_left(7).wrapping_mul(0x85eb_ca6b) ^ hash).wrapping_mul(0xc2b2_ae35))
}

/// Reads the words of one block.
#[derive(Debug)]
pub struct LexiconReader<'l> {
    lexicon: &'l Lexicon,
    last: u32,
    sum: i32,
    start: i32,
    lowest: i32,
    words: i32,
    known: u32,
}

impl LexiconReader<'_> {
    /// Takes the next word by its hash.
    pub fn word(&mut self, hash: u32) {
        if self.words >= MAX_WORDS {
            return;
        }
        self.words += 1;
        let own = self.lexicon.weight(word(hash));
        let with_last = self.lexicon.weight(pair(self.last, hash));
        self.known += u32::from(own.is_some());
        let weight = i32::from(own.unwrap_or(0)) + i32::from(with_last.unwrap_or(0));
        self.last = hash;
        self.sum += weight;
        self.lowest = self.lowest.min(weight);
        if self.words <= 3 {
            self.start += weight;
        }
    }

    /// What it makes of the block.
    pub fn finish(self) -> Reading {
        if self.words == 0 {
            return Reading::default();
        }
        let around = |x: i32| (128 + x).clamp(1, 255) as u8;
        Reading {
            mean: around(self.sum * 4 / self.words),
            sum: around(self.sum / 2),
            lowest: around(self.lowest),
            start: around(self.start / 2),
            known: (self.words as u32, self.known),
        }
    }
}
