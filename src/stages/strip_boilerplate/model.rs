//! The block model: a list of words and two forests, one for the first reading of the page and one that also
//! sees what the first made of each block's surroundings.

use super::features::{Measured, Row};
use super::forest::{Forest, take};
use super::lexicon::{FILE_BYTES, Lexicon};

/// The model that is built in.
static BUILT_IN: &[u8] = include_bytes!("../../../models/blocks.bin");

/// First bytes of a model's file.
const MAGIC: &[u8; 8] = b"nmblock2";

/// Everything learned about blocks.
#[derive(Debug, Clone)]
pub struct Model {
    /// Weights of words.
    pub lexicon: Lexicon,
    /// First reading: each block with its place and neighbours.
    pub first: Forest,
    /// Second reading: with the first's opinion of the surroundings.
    pub second: Forest,
}

impl Model {
    /// The first 4 bytes of the built-in model's BLAKE3 hash, in hexadecimal.
    pub fn built_in_hash() -> String {
        blake3::hash(BUILT_IN).to_hex()[..8].to_owned()
    }

    /// The model that is built in; without any knowledge if its file is broken, which a test rules out.
    pub fn built_in() -> Self {
        Self::read(BUILT_IN).unwrap_or_else(Self::empty)
    }

    /// A model that knows nothing.
    pub fn empty() -> Self {
        Self { lexicon: Lexicon::empty(), first: Forest::default(), second: Forest::default() }
    }

    /// Reads a model's file.
    pub fn read(mut bytes: &[u8]) -> Option<Self> {
        if take(&mut bytes, MAGIC.len())? != MAGIC {
            return None;
        }
        let lexicon = Lexicon::read(take(&mut bytes, FILE_BYTES)?);
        let first = Forest::read(&mut bytes)?;
        let second = Forest::read(&mut bytes)?;
        bytes.is_empty().then_some(Self { lexicon, first, second })
    }

    /// The model as a file.
    pub fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        self.lexicon.write(&mut out);
        self.first.write(&mut out);
        self.second.write(&mut out);
        out
    }

    /// Probability of each block to be main text.
    pub fn score(&self, page: &Measured<'_>) -> Vec<f32> {
        let mut rows: Vec<Row> = page.rows();
        let first = self.first.score(&rows);
        if self.second.is_empty() {
            return first;
        }
        page.second_reading(&mut rows, &first);
        self.second.score(&rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_model_is_whole() {
        let model = Model::read(BUILT_IN).expect("models/blocks.bin is no model");
        assert!(!model.first.is_empty() && !model.second.is_empty());
        assert_eq!(model.write(), BUILT_IN);
        assert!(BUILT_IN.len() <= 2 << 20);
    }
}
