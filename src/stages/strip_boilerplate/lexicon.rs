//! A small learned list of words by their hashes: how much each speaks for main text.
//!
//! Words that stand in the boilerplate of many sites ("newsletter", "Impressum", "阅读更多") pull a block down
//! whatever else is known of it. The list is learned with the model; it is one opinion among many.

/// Slots of the table; words that share one share their weight.
pub const SLOTS: usize = 1 << 15;

/// Weights of words, in sixteenths of a logit.
#[derive(Debug, Clone)]
pub struct Lexicon {
    weights: Vec<i8>,
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
}

impl Lexicon {
    /// A list of the given weights; one without any where there are not [`SLOTS`].
    pub fn new(weights: Vec<i8>) -> Self {
        Self { weights: if weights.len() == SLOTS { weights } else { vec![0; SLOTS] } }
    }

    /// The weights.
    pub fn weights(&self) -> &[i8] {
        &self.weights
    }

    /// Begins to read a block.
    pub fn reader(&self, _plain: bool) -> LexiconReader<'_> {
        LexiconReader { weights: &self.weights, last: 0, sum: 0, start: 0, lowest: 0, words: 0 }
    }
}

/// Slot of a word.
pub fn word_slot(hash: u32) -> usize {
    (hash.wrapping_mul(0x9e37_79b1) >> 17) as usize
}

/// Slot of a pair of words.
pub fn pair_slot(before: u32, hash: u32) -> usize {
    ((before.rotate_left(7).wrapping_mul(0x85eb_ca6b) ^ hash).wrapping_mul(0xc2b2_ae35) >> 17) as usize
}

/// Reads the words of one block.
#[derive(Debug)]
pub struct LexiconReader<'l> {
    weights: &'l [i8],
    last: u32,
    sum: i32,
    start: i32,
    lowest: i32,
    words: i32,
}

impl LexiconReader<'_> {
    /// Takes the next word by its hash.
    pub fn word(&mut self, hash: u32) {
        // Blocks of more words are judged by their shape alone.
        if self.words >= 60 {
            return;
        }
        self.words += 1;
        let weight =
            i32::from(self.weights[word_slot(hash)]) + i32::from(self.weights[pair_slot(self.last, hash)]);
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
        }
    }
}
