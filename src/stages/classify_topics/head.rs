//! The second opinion on topics: a linear head over the [`encoder`](super::encoder)'s embedding.
//!
//! Its log-odds and those of the n-gram model are added, weighted by how much the encoder knows of the language, and the softmax
//! of the sum is turned into a probability. The file, made by `newsmill train encoder-head`: magic, format, XXH3-64 of what follows,
//! and 32-bit floats: the weight of the n-gram model's log-odds in the encoder's own languages and in others, slope and
//! offset of the calibration, the bias of each topic, and 512 weights of each. All numbers are little-endian.

use std::sync::Mutex;

use xxhash_rust::xxh3::xxh3_64;

use super::encoder::weights::EMBEDDING_WIDTH;
use super::encoder::{DEFAULT_BUDGET, Embedding, Encoder, Scratch};
use super::model::{exp, ln, shares};
use super::topics::TOPICS;

const MAGIC: &[u8; 8] = b"NMHEAD\r\n";
const FORMAT: u32 = 1;
/// Languages that the encoder was made for.
const LANGUAGES: &str = "ar de en es fr it ja ko nl pl pt ru th tr zh";
/// Languages that it was not made for, and in which held-out texts were the better for it: they share words with its own. In
/// those of Africa, of which the n-gram model has read news, it only disturbs.
const NEAR_LANGUAGES: &str =
    "be bg bs ca cs da et eu fi gl hr hu id lt lv mk ms nb nn ro sk sl sq sr sv tl uk vi";
/// Share of tokens that the vocabulary lacks, in percent, from which the encoder has nothing to say.
const UNKNOWN_PERCENT: usize = 30;
/// Scores are kept this far from 0 and 1 where their log-odds are taken.
const NEAR: f64 = 0.001;

/// Why bytes are no head.
#[derive(Debug, thiserror::Error)]
#[error("not a head of format {FORMAT}, or damaged: make it again with `newsmill train encoder-head`")]
pub struct Error;

/// The head's numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Weight of the n-gram model's log-odds: in the encoder's own languages, in others.
    pub ngrams: [f32; 2],
    /// Slope and offset from log-odds of the softmax to those of the score.
    pub calibration: [f32; 2],
    /// Bias of each topic.
    pub bias: [f32; TOPICS],
    /// 512 weights of each topic.
    pub weights: Vec<f32>,
}

impl Head {
    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    /// The bytes are no head, of another format, or damaged.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let body = bytes
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.strip_prefix(&FORMAT.to_le_bytes()))
            .ok_or(Error)?;
        let (hash, body) = body.split_first_chunk::<8>().ok_or(Error)?;
        let (chunks, rest) = body.as_chunks::<4>();
        let numbers: Vec<f32> = chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect();
        let is_whole = rest.is_empty() && numbers.len() == 4 + TOPICS * (1 + EMBEDDING_WIDTH);
        if u64::from_le_bytes(*hash) != xxh3_64(body) || !is_whole {
            return Err(Error);
        }
        let (settings, weights) = numbers.split_at(4 + TOPICS);
        let bias = std::array::from_fn(|topic| settings[4 + topic]);
        Ok(Self {
            ngrams: [settings[0], settings[1]],
            calibration: [settings[2], settings[3]],
            bias,
            weights: weights.to_vec(),
        })
    }

    /// The file.
    pub fn write(&self) -> Vec<u8> {
        let numbers = self.ngrams.iter().chain(&self.calibration).chain(&self.bias).chain(&self.weights);
        let body: Vec<u8> = numbers.flat_map(|number| number.to_le_bytes()).collect();
        let mut file = MAGIC.to_vec();
        file.extend(FORMAT.to_le_bytes());
        file.extend(xxh3_64(&body).to_le_bytes());
        file.extend(body);
        file
    }

    /// Log-odds of the topics by an embedding, up to a constant.
    pub fn logits(&self, vector: &[f32]) -> [f64; TOPICS] {
        let mut rows = self.weights.chunks_exact(EMBEDDING_WIDTH);
        std::array::from_fn(|topic| {
            let row = rows.next().unwrap_or_default();
            let sum: f64 = row.iter().zip(vector).map(|(w, v)| f64::from(*w) * f64::from(*v)).sum();
            sum + f64::from(self.bias[topic])
        })
    }

    /// Scores by both: `logits` are the head's, `scores` the n-gram model's; `own` says whether the language is the encoder's.
    pub fn combine(&self, logits: &[f64; TOPICS], scores: &[f64; TOPICS], own: bool) -> [f64; TOPICS] {
        let weight = f64::from(self.ngrams[usize::from(!own)]);
        let log_odds = |p: f64| ln(p / (1.0 - p));
        let mut sums: [f64; TOPICS] =
            std::array::from_fn(|t| logits[t] + weight * log_odds(scores[t].clamp(NEAR, 1.0 - NEAR)));
        let [slope, offset] = self.calibration.map(f64::from);
        shares(&mut sums);
        sums.map(|share| {
            let odds = exp(slope * log_odds(share.clamp(1e-6, 1.0 - 1e-6)) + offset);
            odds / (1.0 + odds)
        })
    }
}

/// The encoder with its head, for all threads.
pub struct SecondOpinion {
    encoder: Encoder,
    head: Head,
    /// Buffers that no thread uses now.
    idle: Mutex<Vec<Scratch>>,
}

impl SecondOpinion {
    /// Of an encoder.
    pub fn new(encoder: Encoder, head: Head) -> Self {
        Self { encoder, head, idle: Mutex::new(Vec::new()) }
    }

    /// Scores of title and text by both models; none in languages of which the encoder knows too little, or where it
    /// cannot read the script.
    pub fn scores(
        &self,
        language: &str,
        title: &str,
        text: &str,
        scores: &[f64; TOPICS],
    ) -> Option<[f64; TOPICS]> {
        if !is_own(language) && !NEAR_LANGUAGES.split(' ').any(|near| near == language) {
            return None;
        }
        // A thread that panicked left its buffers out; those that are here are whole.
        let idle = || self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut scratch = idle().pop().unwrap_or_default();
        let embedding = self.encoder.embed(&mut scratch, title, text, DEFAULT_BUDGET);
        let logits = embedding.filter(is_known).map(|embedding| self.head.logits(embedding.vector));
        idle().push(scratch);
        Some(self.head.combine(&logits?, scores, is_own(language)))
    }
}

/// Whether the encoder was made for a language.
pub fn is_own(language: &str) -> bool {
    LANGUAGES.split(' ').any(|own| own == language)
}

/// Whether the encoder could read enough.
pub fn is_known(embedding: &Embedding<'_>) -> bool {
    embedding.unknown * 100 < embedding.tokens * UNKNOWN_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        let mut weights = vec![0.0; TOPICS * EMBEDDING_WIDTH];
        weights[3 * EMBEDDING_WIDTH + 7] = 6.0;
        Head { ngrams: [0.25, 1.0], calibration: [1.0, 0.0], bias: [0.0; TOPICS], weights }
    }

    #[test]
    fn a_head_is_read_as_it_was_written() {
        let mut file = head().write();
        assert_eq!(Head::read(&file).unwrap(), head());
        assert!(Head::read(&file[..file.len() - 4]).is_err());
        file[30] ^= 1;
        assert!(Head::read(&file).is_err());
    }

    #[test]
    fn both_models_count() {
        let mut vector = vec![0.0; EMBEDDING_WIDTH];
        vector[7] = 1.0;
        let logits = head().logits(&vector);
        assert_eq!((logits[3], logits[2]), (6.0, 0.0));
        let mut scores = [0.01; TOPICS];
        scores[5] = 0.9;
        let best =
            |scores: [f64; TOPICS]| (0..TOPICS).fold(0, |a, b| if scores[b] > scores[a] { b } else { a });
        assert_eq!(best(head().combine(&logits, &scores, true)), 3, "the encoder's language");
        assert_eq!(best(head().combine(&logits, &scores, false)), 5, "another language");
        let sum: f64 = head().combine(&logits, &scores, true).iter().sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sum}");
    }
}
