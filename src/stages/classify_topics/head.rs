//! The second opinion on topics: a linear head over the [`encoder`](super::encoder)'s embedding, and the [`student`](super::student) that is
//! asked before.
//!
//! Its log-odds and those of the n-gram model are added, weighted by how much the encoder knows of the language, and the softmax
//! of the sum is turned into a probability. The file, made by `newsmill train encoder-head`: magic, format, XXH3-64 of what follows,
//! and 32-bit floats: the weight of the n-gram model's log-odds in the encoder's own languages and in others, slope and
//! offset of the calibration, the bias of each topic, and 512 weights of each; then the student. All numbers are little-endian.

use std::sync::Mutex;

use super::encoder::folded::UNITS;
use super::encoder::weights::EMBEDDING_WIDTH;
use super::encoder::{DEFAULT_BUDGET, Encoder, Read, Scratch};
use super::model::{exp, ln, shares};
use super::student::Student;
use super::topics::TOPICS;
use crate::stages::model_file::{self, Reader};

const MAGIC: &[u8; 8] = b"NMHEAD\r\n";
const FORMAT: u32 = 2;
/// Numbers of the head.
const NUMBERS: usize = 4 + TOPICS * (1 + EMBEDDING_WIDTH);
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
    /// Who is asked before the encoder.
    pub student: Student,
}

impl Head {
    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    /// The bytes are no head, of another format, or damaged.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let body = Reader::open(bytes, MAGIC, FORMAT).ok_or(Error)?.bytes;
        let (numbers, student) = body.split_at_checked(4 * NUMBERS).ok_or(Error)?;
        let student = Student::read(student).ok_or(Error)?;
        let numbers = numbers.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four));
        let numbers: Vec<f32> = numbers.collect();
        let (settings, weights) = numbers.split_at(4 + TOPICS);
        let bias = std::array::from_fn(|topic| settings[4 + topic]);
        Ok(Self {
            ngrams: [settings[0], settings[1]],
            calibration: [settings[2], settings[3]],
            bias,
            weights: weights.to_vec(),
            student,
        })
    }

    /// The file.
    pub fn write(&self) -> Vec<u8> {
        let numbers = self.ngrams.iter().chain(&self.calibration).chain(&self.bias).chain(&self.weights);
        let mut body: Vec<u8> = numbers.flat_map(|number| number.to_le_bytes()).collect();
        body.extend(self.student.write());
        model_file::write(MAGIC, FORMAT, &body)
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
        calibrated(&joined(logits, self.ngrams[usize::from(!own)], scores), self.calibration)
    }

    /// Scores by the student and the n-gram model, where they are sure together.
    pub fn by_student(&self, sums: &[f32; UNITS], scores: &[f64; TOPICS]) -> Option<[f64; TOPICS]> {
        let gate = self.student.gate;
        let shares = joined(&self.student.logits(sums), gate.ngrams, scores);
        let is_sure = shares.iter().any(|share| *share >= f64::from(gate.sure));
        is_sure.then(|| calibrated(&shares, gate.calibration))
    }
}

/// Softmax of log-odds and the n-gram model's, which count `weight` times.
fn joined(logits: &[f64; TOPICS], weight: f32, scores: &[f64; TOPICS]) -> [f64; TOPICS] {
    let sum = |t: usize| logits[t] + f64::from(weight) * log_odds(scores[t].clamp(NEAR, 1.0 - NEAR));
    let mut sums: [f64; TOPICS] = std::array::from_fn(sum);
    shares(&mut sums);
    sums
}

/// Shares of a softmax as probabilities, by slope and offset.
fn calibrated(shares: &[f64; TOPICS], calibration: [f32; 2]) -> [f64; TOPICS] {
    let [slope, offset] = calibration.map(f64::from);
    shares.map(|share| {
        let odds = exp(slope * log_odds(share.clamp(1e-6, 1.0 - 1e-6)) + offset);
        odds / (1.0 + odds)
    })
}

fn log_odds(p: f64) -> f64 {
    ln(p / (1.0 - p))
}

/// Who gave a second opinion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The encoder.
    Encoder,
    /// Its student.
    Student,
}

/// The encoder with its head, for all threads.
pub struct SecondOpinion {
    encoder: Encoder,
    head: Head,
    /// The encoder's file has the student's first layer.
    has_student: bool,
    /// Buffers that no thread uses now.
    idle: Mutex<Vec<Scratch>>,
}

impl SecondOpinion {
    /// Of an encoder.
    pub fn new(encoder: Encoder, head: Head) -> Self {
        let has_student = encoder.folded_of() == Some(head.student.number());
        Self { encoder, head, has_student, idle: Mutex::new(Vec::new()) }
    }

    /// Scores of title and text with the n-gram model's `scores`; by the student where `shortly` and it is sure, else by the
    /// encoder. None in languages of which the encoder knows too little, or where it cannot read the script.
    pub fn scores(
        &self,
        language: &str,
        title: &str,
        text: &str,
        scores: &[f64; TOPICS],
        shortly: bool,
    ) -> Option<[f64; TOPICS]> {
        self.decide(language, title, text, scores, shortly).map(|(scores, _)| scores)
    }

    /// The same, with who it was that decided.
    pub fn decide(
        &self,
        language: &str,
        title: &str,
        text: &str,
        scores: &[f64; TOPICS],
        shortly: bool,
    ) -> Option<([f64; TOPICS], By)> {
        let own = is_own(language);
        if !own && !NEAR_LANGUAGES.split(' ').any(|near| near == language) {
            return None;
        }
        // A thread that panicked left its buffers out; those that are here are whole.
        let idle = || self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut scratch = idle().pop().unwrap_or_default();
        let read = self.encoder.read(&mut scratch, title, text, DEFAULT_BUDGET);
        let found = read.filter(|read| is_known(*read)).and_then(|_| {
            let sums =
                if shortly && own && self.has_student { self.encoder.folded_mean(&scratch) } else { None };
            let by_student = sums.and_then(|sums| self.head.by_student(&sums, scores));
            by_student.map(|scores| (scores, By::Student)).or_else(|| {
                let embedding = self.encoder.embed_read(&mut scratch)?;
                Some((self.head.combine(&self.head.logits(embedding.vector), scores, own), By::Encoder))
            })
        });
        idle().push(scratch);
        found
    }
}

/// Whether the encoder was made for a language.
pub fn is_own(language: &str) -> bool {
    LANGUAGES.split(' ').any(|own| own == language)
}

/// Whether the encoder could read enough.
pub fn is_known(read: Read) -> bool {
    read.unknown * 100 < read.tokens * UNKNOWN_PERCENT
}

#[cfg(test)]
mod tests {
    use super::super::encoder::tests::{TEXT, with_layer};
    use super::super::encoder::weights::INPUT_WIDTH;
    use super::super::student::Gate;
    use super::*;

    /// The embedding's number 7 speaks for topic 3, the student's first unit for topic 5.
    fn head() -> Head {
        let mut weights = vec![0.0; TOPICS * EMBEDDING_WIDTH];
        weights[3 * EMBEDDING_WIDTH + 7] = 6.0;
        let mut own = vec![0.0; TOPICS * UNITS];
        own[5 * UNITS] = 1.0;
        let student = Student {
            gate: Gate { ngrams: 1.0, calibration: [0.5, 0.0], sure: 0.75 },
            unit_bias: vec![0.0; UNITS],
            steps: vec![1.0; UNITS],
            bias: [0.0; TOPICS],
            weights: own,
            layer: vec![1; INPUT_WIDTH * UNITS],
        };
        Head { ngrams: [0.25, 1.0], calibration: [1.0, 0.0], bias: [0.0; TOPICS], weights, student }
    }

    #[test]
    fn a_head_is_read_as_it_was_written() {
        let mut file = head().write();
        assert_eq!(Head::read(&file).unwrap(), head());
        assert!(Head::read(&file[..file.len() - 4]).is_err());
        file[30] ^= 1;
        assert!(Head::read(&file).is_err());
        *file.last_mut().unwrap() ^= 1;
        file[30] ^= 1;
        assert!(Head::read(&file).is_err(), "the student's last byte");
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

    #[test]
    fn the_student_speaks_where_it_is_sure() {
        let sums = |first: f32| std::array::from_fn(|unit| if unit == 0 { first } else { 0.0 });
        let scores = [1.0 / TOPICS as f64; TOPICS];
        assert_eq!(head().by_student(&sums(3.5), &scores), None);
        let sure = head().by_student(&sums(5.0), &scores).unwrap();
        // Its share is 1 / (1 + 16 e⁻⁵), and the slope takes the root of the odds.
        let odds = (f64::exp(5.0) / 16.0).sqrt();
        assert!((sure[5] - odds / (1.0 + odds)).abs() < 1e-6, "{}", sure[5]);
        let mut against = scores;
        against[2] = 0.9;
        assert_eq!(head().by_student(&sums(5.0), &against), None, "the n-gram model says something else");
    }

    #[test]
    fn the_encoder_is_asked_where_the_student_is_not_sure() {
        let scores = [0.05; TOPICS];
        let ask = |head: &Head, of: u64, language: &str, shortly: bool| {
            let encoder = Encoder::new(Box::new(with_layer(&head.student.layer, of))).unwrap();
            SecondOpinion::new(encoder, head.clone()).scores(language, "the é", TEXT, &scores, shortly)
        };
        let mut sure = head();
        // Whatever the unit is, it is far from zero, and its topic wins by it or loses.
        sure.student.unit_bias[0] = 1e6;
        let number = sure.student.number();
        let by_student = ask(&sure, number, "en", true).unwrap();
        assert!(by_student[5] > 0.99, "{by_student:?}");
        let by_encoder = ask(&sure, number, "en", false).unwrap();
        assert!(by_encoder[5] < 0.5, "{by_encoder:?}");
        assert_eq!(ask(&sure, number, "sv", true), ask(&sure, number, "sv", false), "not its language");
        assert_eq!(ask(&sure, number + 1, "en", true), Some(by_encoder), "another student's table");
        assert_eq!(ask(&sure, number, "am", true), None);
        let mut doubtful = head();
        doubtful.student.gate.sure = 1.1;
        assert_eq!(ask(&doubtful, number, "en", true), Some(by_encoder));
    }
}
