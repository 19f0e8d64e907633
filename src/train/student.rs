//! The fit of the encoder's student, a network of one layer of units.
//!
//! It is fitted by Adam (Kingma and Ba, 2015) with decoupled decay of weights, on batches that are drawn by weight, with inputs and units
//! left out at random. The inputs are shifted and scaled to mean 0 and variance 1; that is folded into the first layer at the end, and
//! the layer is rounded to 8 bits. All is done in a fixed order with a generator of its own: the same data gives the same bytes.

use super::gbdt::Random;
use crate::stages::classify_topics::encoder::folded::UNITS;
use crate::stages::classify_topics::encoder::weights::INPUT_WIDTH;
use crate::stages::classify_topics::model::exp;
use crate::stages::classify_topics::student::{Gate, Student};
use crate::stages::classify_topics::topics::TOPICS;

/// Where the biases of the units begin among all weights, behind a row of units for each input.
const UNIT_BIAS: usize = INPUT_WIDTH * UNITS;
/// Where the weights of the topics begin, a row for each.
const OUTPUT: usize = UNIT_BIAS + UNITS;
/// Where their biases begin.
const OUTPUT_BIAS: usize = OUTPUT + UNITS * TOPICS;
/// All weights.
const WEIGHTS: usize = OUTPUT_BIAS + TOPICS;
/// Decay of the means of gradients and of their squares.
const DECAY: [f32; 2] = [0.9, 0.999];
/// Largest weight of the rounded layer.
const LARGEST: f32 = 127.0;

/// Choices of the fit. The defaults are those of the student that ships.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Share of the target that is the encoder's own answer, where there are labels.
    pub teacher: f32,
    /// What a sentence counts beside an article.
    pub sentence_weight: f32,
    /// Times that as many texts as there are are drawn.
    pub rounds: usize,
    /// Seed of the generator.
    pub seed: u64,
    /// Texts of a batch.
    pub batch: usize,
    /// First step; it falls evenly to nothing.
    pub rate: f32,
    /// What is taken off a weight with each step, as a share of it and of the step.
    pub decay: f32,
    /// Share of the inputs and of the units that are left out.
    pub left_out: [f32; 2],
    /// When its word stands: chosen on held-out texts and on 115 labelled pages that are never trained on.
    pub gate: Gate,
}

/// A text to learn from.
pub struct Example<'a> {
    /// Mean of its tokens' inputs: 768 numbers.
    pub mean: &'a [f32],
    /// Share of each topic.
    pub target: [f32; TOPICS],
    /// What it counts.
    pub weight: f32,
}

/// Fits a student.
pub fn fit(examples: &[Example<'_>], settings: &Settings) -> Student {
    let scaling = Scaling::of(examples);
    let rows: Vec<f32> = examples.iter().flat_map(|example| scaling.scaled(example.mean)).collect();
    student(&network(&rows, examples, settings), &scaling, settings.gate)
}

/// Mean and deviation of every input.
struct Scaling {
    mean: Vec<f32>,
    deviation: Vec<f32>,
}

impl Scaling {
    fn of(examples: &[Example<'_>]) -> Self {
        let total: f64 = examples.iter().map(|example| f64::from(example.weight)).sum();
        let sum = |f: &dyn Fn(&Example<'_>, usize) -> f64| -> Vec<f32> {
            let mut sums = vec![0.0; INPUT_WIDTH];
            for example in examples {
                for (k, sum) in sums.iter_mut().enumerate() {
                    *sum += f64::from(example.weight) * f(example, k);
                }
            }
            sums.into_iter().map(|sum| (sum / total) as f32).collect()
        };
        let mean = sum(&|example, k| f64::from(example.mean[k]));
        let square = sum(&|example, k| {
            let off = f64::from(example.mean[k] - mean[k]);
            off * off
        });
        // An input that never changes is not blown up.
        let deviation = square.iter().map(|square| square.sqrt() + 1e-3).collect();
        Self { mean, deviation }
    }

    fn scaled<'s>(&'s self, row: &'s [f32]) -> impl Iterator<Item = f32> + 's {
        row.iter()
            .zip(self.mean.iter().zip(&self.deviation))
            .map(|(v, (mean, deviation))| (v - mean) / deviation)
    }
}

/// The weights of the network.
fn network(rows: &[f32], examples: &[Example<'_>], settings: &Settings) -> Vec<f32> {
    let mut random = Random::new(settings.seed);
    let mut at = vec![0.0_f32; WEIGHTS];
    // Even between plus and minus the root of 3 / n: of the variance 1 / n.
    for (range, inputs) in [(0..UNIT_BIAS, INPUT_WIDTH), (OUTPUT..OUTPUT_BIAS, UNITS)] {
        let most = (3.0 / inputs as f32).sqrt();
        at[range].iter_mut().for_each(|w| *w = (2.0 * random.share() - 1.0) * most);
    }
    let mut until = Vec::with_capacity(examples.len());
    let mut total = 0.0;
    for example in examples {
        total += f64::from(example.weight);
        until.push(total);
    }
    let steps = settings.rounds * examples.len() / settings.batch;
    let mut gradient = vec![0.0_f32; WEIGHTS];
    let mut moments = [vec![0.0_f32; WEIGHTS], vec![0.0_f32; WEIGHTS]];
    let mut powers = [1.0_f32; 2];
    let mut row = [0.0_f32; INPUT_WIDTH];
    for step in 0..steps {
        gradient.fill(0.0);
        for _ in 0..settings.batch {
            let drawn = f64::from(random.share()) * total;
            let number = until.partition_point(|end| *end <= drawn).min(examples.len() - 1);
            let own = &rows[number * INPUT_WIDTH..][..INPUT_WIDTH];
            let [inputs, units] = settings.left_out;
            for (to, v) in row.iter_mut().zip(own) {
                *to = if random.share() < inputs { 0.0 } else { v / (1.0 - inputs) };
            }
            let kept: [f32; UNITS] =
                std::array::from_fn(|_| if random.share() < units { 0.0 } else { 1.0 / (1.0 - units) });
            add_gradient(&at, &row, &kept, &examples[number].target, &mut gradient);
        }
        let rate = settings.rate * (1.0 - step as f32 / steps as f32);
        powers = [powers[0] * DECAY[0], powers[1] * DECAY[1]];
        let [first, second] = &mut moments;
        for (i, w) in at.iter_mut().enumerate() {
            let g = gradient[i] / settings.batch as f32;
            first[i] = DECAY[0] * first[i] + (1.0 - DECAY[0]) * g;
            second[i] = DECAY[1] * second[i] + (1.0 - DECAY[1]) * g * g;
            let along = first[i] / (1.0 - powers[0]) / ((second[i] / (1.0 - powers[1])).sqrt() + 1e-8);
            *w -= rate * (along + settings.decay * *w);
        }
    }
    at
}

/// Adds the gradient of one text. `kept` is what a unit counts.
fn add_gradient(
    at: &[f32],
    row: &[f32; INPUT_WIDTH],
    kept: &[f32; UNITS],
    target: &[f32; TOPICS],
    gradient: &mut [f32],
) {
    let mut units: [f32; UNITS] = std::array::from_fn(|unit| at[UNIT_BIAS + unit]);
    for (v, weights) in row.iter().zip(at[..UNIT_BIAS].as_chunks::<UNITS>().0) {
        units.iter_mut().zip(weights).for_each(|(unit, w)| *unit += v * w);
    }
    let active: [f32; UNITS] = std::array::from_fn(|unit| if units[unit] > 0.0 { kept[unit] } else { 0.0 });
    units.iter_mut().zip(&active).for_each(|(unit, active)| *unit *= active);
    let mut logits: [f32; TOPICS] = std::array::from_fn(|topic| at[OUTPUT_BIAS + topic]);
    for (topic, weights) in at[OUTPUT..OUTPUT_BIAS].as_chunks::<UNITS>().0.iter().enumerate() {
        logits[topic] += units.iter().zip(weights).map(|(unit, w)| unit * w).sum::<f32>();
    }
    let off = softmax(&logits);
    let mut back = [0.0_f32; UNITS];
    for topic in 0..TOPICS {
        let off = off[topic] - target[topic];
        let place = OUTPUT + topic * UNITS;
        for unit in 0..UNITS {
            back[unit] += off * at[place + unit];
            gradient[place + unit] += off * units[unit];
        }
        gradient[OUTPUT_BIAS + topic] += off;
    }
    back.iter_mut().zip(&active).for_each(|(back, active)| *back *= active);
    for (v, sums) in row.iter().zip(gradient[..UNIT_BIAS].as_chunks_mut::<UNITS>().0) {
        sums.iter_mut().zip(&back).for_each(|(sum, back)| *sum += v * back);
    }
    gradient[UNIT_BIAS..OUTPUT].iter_mut().zip(&back).for_each(|(sum, back)| *sum += back);
}

/// Shares of the topics.
pub fn softmax(logits: &[f32; TOPICS]) -> [f32; TOPICS] {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let shares = logits.map(|logit| exp(f64::from(logit - most)) as f32);
    let sum: f32 = shares.iter().sum();
    shares.map(|share| share / sum)
}

/// The network with the scaling of its inputs folded in, and its layer rounded.
fn student(network: &[f32], scaling: &Scaling, gate: Gate) -> Student {
    let weight = |unit: usize, k: usize| network[k * UNITS + unit] / scaling.deviation[k];
    let largest =
        |unit: usize| (0..INPUT_WIDTH).fold(f32::MIN_POSITIVE, |most, k| weight(unit, k).abs().max(most));
    let steps: Vec<f32> = (0..UNITS).map(|unit| largest(unit) / LARGEST).collect();
    let whole = |i: usize| (weight(i % UNITS, i / UNITS) / steps[i % UNITS]).round() as i8;
    let layer: Vec<i8> = (0..INPUT_WIDTH * UNITS).map(whole).collect();
    let unit_bias = |unit: usize| {
        let shift = |k: usize| scaling.mean[k] * f32::from(layer[k * UNITS + unit]) * steps[unit];
        network[UNIT_BIAS + unit] - (0..INPUT_WIDTH).map(shift).sum::<f32>()
    };
    Student {
        gate,
        unit_bias: (0..UNITS).map(unit_bias).collect(),
        bias: std::array::from_fn(|topic| network[OUTPUT_BIAS + topic]),
        weights: network[OUTPUT..OUTPUT_BIAS].to_vec(),
        steps,
        layer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two topics that no single input tells: the one where two inputs agree, the other where they do not.
    #[test]
    fn a_student_learns_what_is_not_linear() {
        let signs = [(1.0, 1.0, 3), (-1.0, -1.0, 3), (1.0, -1.0, 8), (-1.0, 1.0, 8)];
        let means = signs.map(|(a, b, topic)| {
            // Inputs that say the same, so that some may be left out.
            let mean: Vec<f32> =
                (0..INPUT_WIDTH).map(|k| if k % 2 == 0 { 2.0 + a } else { 3.0 + b }).collect();
            (mean, topic)
        });
        let examples: Vec<Example<'_>> = means
            .iter()
            .map(|(mean, topic)| {
                let target = std::array::from_fn(|t| if t == *topic { 1.0 } else { 0.0 });
                Example { mean, target, weight: 1.0 }
            })
            .collect();
        let settings =
            Settings { rounds: 2000, batch: 8, ..super::super::encoder_head::Settings::default().student };
        let student = fit(&examples, &settings);
        assert_eq!(student, fit(&examples, &settings), "the same data gives the same bytes");
        for (mean, topic) in &means {
            let sum = |unit: usize| {
                let rows = student.layer.iter().skip(unit).step_by(UNITS);
                mean.iter().zip(rows).map(|(v, w)| v * f32::from(*w)).sum::<f32>()
            };
            let logits = student.logits(&std::array::from_fn(sum));
            let best = (0..TOPICS).fold(0, |a, b| if logits[b] > logits[a] { b } else { a });
            assert_eq!(best, *topic, "{logits:?}");
        }
    }
}
