//! The student: a small network that was taught what the [`encoder`](super::encoder) makes of texts, and costs next to nothing.
//!
//! It takes the mean of the inputs of a text's tokens, which know nothing of their neighbours, to [`UNITS`] units of which those below zero
//! are nothing, and those to the log-odds of the topics. The first layer is linear, so that it is folded to a table once
//! ([`folded`](super::encoder::folded)).
//!
//! Its bytes, in the file of [`head`](super::head), little-endian: the settings of [`Gate`] as 32-bit floats, a bias and a step of each unit, the bias of each
//! topic, [`UNITS`] weights of each topic; then 768 rows of weights of the units, 8 bits each.

use xxhash_rust::xxh3::xxh3_64;

use super::encoder::folded::UNITS;
use super::encoder::weights::INPUT_WIDTH;
use super::topics::TOPICS;

/// Numbers before the first layer.
const FLOATS: usize = 4 + 2 * UNITS + TOPICS * (1 + UNITS);
/// Bytes of a student.
pub const BYTES: usize = 4 * FLOATS + INPUT_WIDTH * UNITS;

/// When the student's word stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gate {
    /// Weight of the n-gram model's log-odds beside the student's.
    pub ngrams: f32,
    /// Slope and offset from log-odds of the softmax to those of the score.
    pub calibration: [f32; 2],
    /// Share of the softmax from which the encoder is not asked.
    pub sure: f32,
}

/// The student's numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Student {
    /// When its word stands.
    pub gate: Gate,
    /// Bias of each unit.
    pub unit_bias: Vec<f32>,
    /// What a weight of 1 stands for, by unit.
    pub steps: Vec<f32>,
    /// Bias of each topic.
    pub bias: [f32; TOPICS],
    /// [`UNITS`] weights of each topic.
    pub weights: Vec<f32>,
    /// 768 rows of weights of the units, in steps.
    pub layer: Vec<i8>,
}

impl Student {
    /// Reads what [`Self::write`] wrote; none where the length is another.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (floats, layer) = bytes.split_at_checked(4 * FLOATS).filter(|_| bytes.len() == BYTES)?;
        let mut numbers = floats.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four));
        let mut next = |count: usize| -> Vec<f32> { numbers.by_ref().take(count).collect() };
        let settings = next(4);
        Some(Self {
            gate: Gate { ngrams: settings[0], calibration: [settings[1], settings[2]], sure: settings[3] },
            unit_bias: next(UNITS),
            steps: next(UNITS),
            bias: next(TOPICS).try_into().ok()?,
            weights: next(TOPICS * UNITS),
            layer: layer.iter().map(|byte| *byte as i8).collect(),
        })
    }

    /// Its bytes.
    pub fn write(&self) -> Vec<u8> {
        let Gate { ngrams, calibration: [slope, offset], sure } = self.gate;
        let settings = [ngrams, slope, offset, sure];
        let floats =
            settings.iter().chain(&self.unit_bias).chain(&self.steps).chain(&self.bias).chain(&self.weights);
        let mut bytes: Vec<u8> = floats.flat_map(|number| number.to_le_bytes()).collect();
        bytes.extend(self.layer.iter().map(|weight| *weight as u8));
        bytes
    }

    /// A number that tells the first layer from any other.
    pub fn number(&self) -> u64 {
        let bytes: Vec<u8> = self.layer.iter().map(|weight| *weight as u8).collect();
        xxh3_64(&bytes)
    }

    /// Log-odds of the topics, up to a constant, by the sums of the first layer over the mean of a text's tokens, in steps.
    pub fn logits(&self, sums: &[f32; UNITS]) -> [f64; TOPICS] {
        let unit = |unit: usize| f64::from(sums[unit] * self.steps[unit] + self.unit_bias[unit]).max(0.0);
        let units: [f64; UNITS] = std::array::from_fn(unit);
        let mut rows = self.weights.chunks_exact(UNITS);
        std::array::from_fn(|topic| {
            let row = rows.next().unwrap_or_default();
            let sum: f64 = row.iter().zip(&units).map(|(w, v)| f64::from(*w) * v).sum();
            sum + f64::from(self.bias[topic])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Its first unit speaks for topic 4 where it is over zero, its second for topic 9.
    fn student() -> Student {
        let mut weights = vec![0.0; TOPICS * UNITS];
        weights[4 * UNITS] = 2.0;
        weights[9 * UNITS + 1] = 3.0;
        let mut unit_bias = vec![0.0; UNITS];
        unit_bias[1] = -1.0;
        Student {
            gate: Gate { ngrams: 0.5, calibration: [0.9, 0.1], sure: 0.8 },
            unit_bias,
            steps: vec![0.25; UNITS],
            bias: std::array::from_fn(|topic| topic as f32 / 64.0),
            weights,
            layer: (0..INPUT_WIDTH * UNITS).map(|i| (i % 251) as i8).collect(),
        }
    }

    #[test]
    fn a_student_is_read_as_it_was_written() {
        let bytes = student().write();
        assert_eq!(bytes.len(), BYTES);
        assert_eq!(Student::read(&bytes), Some(student()));
        assert_eq!(Student::read(&bytes[1..]), None);
        assert_eq!(Student::read(&bytes[..100]), None);
        let mut other = student();
        other.layer[7] += 1;
        assert_ne!(other.number(), student().number());
        other.layer[7] -= 1;
        other.bias[0] = 5.0;
        assert_eq!(other.number(), student().number(), "the table does not depend on it");
    }

    #[test]
    fn units_below_zero_are_nothing() {
        let mut sums = [0.0; UNITS];
        (sums[0], sums[1]) = (8.0, 3.0);
        let bias = |topic: usize| topic as f64 / 64.0;
        assert_eq!(student().logits(&sums)[4], 4.0 + bias(4));
        assert_eq!(student().logits(&sums)[9], bias(9));
        (sums[0], sums[1]) = (-8.0, 8.0);
        assert_eq!(student().logits(&sums)[4], bias(4));
        assert_eq!(student().logits(&sums)[9], 3.0 + bias(9));
    }
}
