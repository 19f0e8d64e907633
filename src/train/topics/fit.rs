//! Fitting the linear model, and calibrating its scores.

use crate::stages::classify_topics::TITLE_TIMES;
use crate::stages::classify_topics::model::{GROUPS, Head};

use super::Settings;
use super::data::{Corpus, Example, IN_TITLE};

/// A fitted model in floats.
pub struct Fitted {
    /// A weight for each topic, feature by feature.
    weights: Vec<f32>,
    /// Log-odds of each topic without evidence.
    pub bias: Vec<f32>,
}

impl Fitted {
    /// Weights of a feature.
    pub fn row(&self, feature: u32) -> &[f32] {
        let topics = self.bias.len();
        &self.weights[feature as usize * topics..][..topics]
    }
}

/// Where a fit starts.
pub struct Start {
    /// Own weight of each feature.
    pub own: Vec<u8>,
    /// A weight for each topic, feature by feature.
    pub weights: Vec<f32>,
    /// Sum of squared steps of each feature.
    pub steps: Vec<f32>,
    /// Log-odds of each topic without evidence.
    pub bias: Vec<f32>,
}

/// Examples of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// All of them.
    All,
    /// Articles, and of the sentences a part.
    Articles,
}

impl Start {
    /// From where another fit ended, with features that are as slow to move as after squared steps of this sum.
    pub fn again(self, fitted: Fitted, steps: f32) -> Self {
        Self { weights: fitted.weights, steps: vec![steps; self.steps.len()], bias: fitted.bias, ..self }
    }

    /// From nothing.
    pub fn new(corpus: &Corpus) -> Self {
        let (topics, features) = (corpus.labels.len(), corpus.hashes.len());
        Self {
            own: corpus.counts.iter().map(|count| own_weight(*count, corpus.examples.len())).collect(),
            weights: vec![0.0; topics * features],
            steps: vec![0.0; features],
            bias: vec![0.0; topics],
        }
    }
}

/// The generator of all randomness in training: SplitMix64.
pub struct Random(pub u64);

impl Random {
    /// 64 random bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }
}

/// A feature's own weight: how rare it is, as a whole natural logarithm.
pub fn own_weight(count: u32, texts: usize) -> u8 {
    (texts as f32 / count as f32).ln().round().clamp(1.0, 15.0) as u8
}

/// Share of each topic that an example asks for: most for the primary, the rest for the others.
fn target(example: &Example, smoothing: f32, target: &mut [f32]) {
    target.fill(0.0);
    let others = example.topics.len().saturating_sub(1) as f32;
    for (i, topic) in example.topics.iter().enumerate() {
        target[usize::from(*topic)] += match (i, others) {
            (0, 0.0) => 1.0,
            (0, _) => 0.7,
            _ => 0.3 / others,
        };
    }
    let possible = example.mask.count_ones() as f32;
    for (t, share) in target.iter_mut().enumerate() {
        let even = if example.mask >> t & 1 == 1 { smoothing / possible } else { 0.0 };
        *share = *share * (1.0 - smoothing) + even;
    }
}

/// Fits by stochastic gradient descent on the cross-entropy of the softmax over topics, with a step
/// size a feature (Adagrad). One thread, fixed seed: the same data gives the same model.
///
/// In each step most features of the example are left out at random: the model cannot lean on a few rare ones.
/// Topics that the example's source cannot express take part with little weight.
pub fn fit(
    corpus: &Corpus,
    start: &Start,
    settings: &Settings,
    (round, with_apart): (Round, bool),
    say: &mut dyn FnMut(&str),
) -> Fitted {
    let own: Vec<f32> = start.own.iter().map(|own| f32::from(*own)).collect();
    let mut random = Random(settings.seed);
    let topics = corpus.labels.len();
    let (mut weights, mut steps) = (start.weights.clone(), start.steps.clone());
    let mut bias = start.bias.clone();
    let (mut shares, mut wanted) = (bias.clone(), bias.clone());
    let outside = settings.outside.ln();
    let mut used: Vec<(u32, f32)> = Vec::new();
    let mut done = 0.0;
    for epoch in 0..settings.epochs {
        let order = order(corpus, settings, (round, with_apart), &mut random);
        let mut loss = 0.0;
        for (i, at) in order.iter().enumerate() {
            let example = &corpus.examples[*at as usize];
            let progress = (epoch as f32 + i as f32 / order.len() as f32) / settings.epochs as f32;
            let rate = settings.rate * (1.0 - progress).max(0.02);
            used.clear();
            let mut squares = 0.0;
            for entry in &corpus.entries[example.from..example.to] {
                if random.unit() >= settings.dropout {
                    let times = if entry & IN_TITLE == IN_TITLE { f32::from(TITLE_TIMES) } else { 1.0 };
                    let weight = times * own[(entry >> 1) as usize];
                    squares += weight * weight;
                    used.push((entry >> 1, weight));
                }
            }
            if used.is_empty() {
                continue;
            }
            let length = squares.sqrt();
            shares.copy_from_slice(&bias);
            for (feature, weight) in &used {
                let weight = weight / length;
                let row = &weights[*feature as usize * topics..][..topics];
                shares.iter_mut().zip(row).for_each(|(z, w)| *z += weight * w);
            }
            for (t, z) in shares.iter_mut().enumerate() {
                if example.mask >> t & 1 == 0 {
                    *z += outside;
                }
            }
            softmax(&mut shares);
            target(example, settings.smoothing, &mut wanted);
            loss -= shares.iter().zip(&wanted).map(|(p, y)| y * p.max(1e-9).ln()).sum::<f32>();
            shares.iter_mut().zip(&wanted).for_each(|(p, y)| *p -= y);
            let gradient = &shares;
            let size = gradient.iter().map(|g| g * g).sum::<f32>() / topics as f32;
            for (feature, weight) in &used {
                let weight = weight / length;
                let step = &mut steps[*feature as usize];
                *step += size * weight * weight;
                let by = rate * weight / (step.sqrt() + 1e-6);
                let row = &mut weights[*feature as usize * topics..][..topics];
                row.iter_mut().zip(gradient).for_each(|(w, g)| *w -= by * g);
            }
            bias.iter_mut().zip(gradient).for_each(|(b, g)| *b -= rate * 0.1 * g);
        }
        done += order.len() as f32;
        say(&format!("epoch {} of {}: loss {:.3}", epoch + 1, settings.epochs, loss / order.len() as f32));
    }
    say(&format!("{done} steps"));
    Fitted { weights, bias }
}

/// The examples of an epoch in random order, each as often as its source says.
fn order(
    corpus: &Corpus,
    settings: &Settings,
    (round, with_apart): (Round, bool),
    random: &mut Random,
) -> Vec<u32> {
    let mut order = Vec::new();
    for (i, example) in corpus.examples.iter().enumerate() {
        if example.topics.is_empty() || (example.apart && !with_apart) {
            continue;
        }
        let source = &corpus.sources[example.source];
        let passes = match round {
            Round::Articles if !source.is_of_articles() => settings.sentences,
            _ => source.passes,
        };
        let times = passes.floor() as u32 + u32::from(random.unit() < passes.fract());
        (0..times).for_each(|_| order.push(i as u32));
    }
    for i in (1..order.len()).rev() {
        order.swap(i, (random.next() % (i as u64 + 1)) as usize);
    }
    order
}

fn softmax(logits: &mut [f32]) {
    let top = logits.iter().copied().fold(f32::MIN, f32::max);
    logits.iter_mut().for_each(|z| *z = (*z - top).exp());
    let total: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|p| *p /= total);
}

/// An observation for calibration: language group, topic, log-odds of the share, whether it applies, weight.
pub struct Observation {
    /// Group of the language.
    pub group: usize,
    /// Topic.
    pub topic: usize,
    /// Log-odds of the topic's share.
    pub log_odds: f64,
    /// Whether the topic is among the text's.
    pub applies: bool,
    /// How much it counts.
    pub weight: f64,
}

/// Fits slope and offset of each group, and an offset of each topic in it, by gradient descent on the
/// logistic loss, with a little weight on zero offsets.
pub fn calibrate(observations: &[Observation], head: &mut Head) {
    const ROUNDS: usize = 400;
    let topics = head.bias.len();
    let mut groups = [[0.7_f64, 0.0]; GROUPS];
    let mut offsets: [Vec<f64>; GROUPS] = std::array::from_fn(|_| vec![0.0; topics]);
    let mut totals = [1e-9; GROUPS];
    let mut topic_totals: [Vec<f64>; GROUPS] = std::array::from_fn(|_| vec![1e-9; topics]);
    for o in observations {
        totals[o.group] += o.weight;
        topic_totals[o.group][o.topic] += o.weight;
    }
    for round in 0..ROUNDS {
        let mut by_group = [[0.0; 2]; GROUPS];
        let mut by_topic: [Vec<f64>; GROUPS] = std::array::from_fn(|_| vec![0.0; topics]);
        for o in observations {
            let z = groups[o.group][0] * o.log_odds + groups[o.group][1] + offsets[o.group][o.topic];
            let error = (1.0 / (1.0 + (-z).exp()) - f64::from(u8::from(o.applies))) * o.weight;
            by_group[o.group][0] += error * o.log_odds;
            by_group[o.group][1] += error;
            by_topic[o.group][o.topic] += error;
        }
        let rate = if round < ROUNDS / 2 { 1.0 } else { 0.3 };
        for g in 0..GROUPS {
            groups[g][0] -= rate * 0.15 * by_group[g][0] / totals[g];
            groups[g][1] -= rate * by_group[g][1] / totals[g];
            for t in 0..topics {
                offsets[g][t] -= rate * (by_topic[g][t] / topic_totals[g][t] + 0.02 * offsets[g][t]);
            }
        }
    }
    head.calibration = groups.map(|pair| pair.map(|v| v as f32));
    head.offsets = offsets.map(|group| group.into_iter().map(|v| v as f32).collect());
}
