//! Text to the vocabulary's pieces: SentencePiece's unigram segmentation (Kudo, 2018).
//!
//! Of all ways to cut the normalised text into pieces, the one with the largest sum of scores; of equal ones, that whose last
//! piece is the longest. A character that is no piece is unknown; a run of unknown characters is one token, as in SentencePiece.

use super::charsmap::Charsmap;
use super::trie::Trie;

/// Token of what the vocabulary does not have.
pub const UNKNOWN: u32 = 0;
/// Token before every text.
pub const BEGIN: u32 = 1;
/// Token after every text.
pub const END: u32 = 2;
/// An unknown character's score lies so far below the lowest of the vocabulary.
const UNKNOWN_PENALTY: f64 = 10.0;

/// Normaliser, pieces and their scores.
pub struct Tokenizer {
    charsmap: Charsmap,
    pieces: Trie,
    scores: Vec<f32>,
    unknown_score: f64,
}

/// Buffers of [`Tokenizer::encode`].
#[derive(Default)]
pub struct Buffers {
    normalized: Vec<u8>,
    best: Vec<Best>,
}

/// The best way to a place in the text: score, and the last piece's start and token.
#[derive(Clone, Copy)]
struct Best {
    score: f64,
    start: u32,
    token: u32,
}

impl Tokenizer {
    /// A tokenizer; `scores` holds a score for each token.
    pub fn new(charsmap: Charsmap, pieces: Trie, scores: Vec<f32>) -> Self {
        let lowest = scores.iter().copied().fold(0.0, f32::min);
        Self { charsmap, pieces, scores, unknown_score: f64::from(lowest) - UNKNOWN_PENALTY }
    }

    /// Appends the tokens of a text, without begin and end. A text with nothing in it has none.
    pub fn encode(&self, text: &str, buffers: &mut Buffers, tokens: &mut Vec<u32>) {
        let Buffers { normalized, best } = buffers;
        self.charsmap.normalize(text, normalized);
        best.clear();
        best.resize(normalized.len() + 1, Best { score: f64::NEG_INFINITY, start: 0, token: UNKNOWN });
        best[0].score = 0.0;
        let mut at = 0;
        while at < normalized.len() {
            let base = best[at].score;
            let next = (at + character_bytes(normalized[at])).min(normalized.len());
            let mut single = false;
            let mut node = Trie::ROOT;
            for (i, byte) in normalized[at..].iter().enumerate() {
                let Some(deeper) = self.pieces.step(node, *byte) else { break };
                node = deeper;
                let Some(token) = self.pieces.value(node) else { continue };
                let Some(score) = self.scores.get(token as usize) else { continue };
                let end = at + i + 1;
                single |= end == next;
                improve(&mut best[end], base + f64::from(*score), at, token);
            }
            if !single {
                improve(&mut best[next], base + self.unknown_score, at, UNKNOWN);
            }
            at = next;
        }
        let first = tokens.len();
        let mut end = normalized.len();
        while end > 0 {
            let Best { start, token, .. } = best[end];
            if token != UNKNOWN || tokens[first..].last() != Some(&UNKNOWN) {
                tokens.push(token);
            }
            end = start as usize;
        }
        tokens[first..].reverse();
    }
}

fn improve(best: &mut Best, score: f64, start: usize, token: u32) {
    if score > best.score {
        *best = Best { score, start: start as u32, token };
    }
}

/// Bytes of a character by its first.
fn character_bytes(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}
