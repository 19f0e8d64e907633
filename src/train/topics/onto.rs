//! Learning on from a model: users' texts are added to what it knows, without the texts that it was made of.
//!
//! Its weights are where the fit starts, and its books stay. A feature that it has keeps its place and its own weight; a new one takes a free place
//! of its line, or that of the line's weakest. What users' texts do not have stays as it was.

use super::data::Corpus;
use super::fit::{Fitted, Start, own_weight};
use super::pack::{PackedModel, Part, centred, length, nearest, rows_of};
use crate::stages::classify_topics::model::{GAINS, MAX_PARTS, Model, PART, Packed, place};

/// Where the fit starts. Features that the model has are as slow to move as after many steps (see [`fit`](super::fit::fit)): `steps`.
pub fn start(base: &Model, corpus: &Corpus, steps: f32) -> Start {
    let topics = corpus.labels.len();
    let mut start = Start {
        own: Vec::with_capacity(corpus.hashes.len()),
        weights: vec![0.0; topics * corpus.hashes.len()],
        steps: vec![0.0; corpus.hashes.len()],
        bias: base.head.bias.clone(),
    };
    let texts = base.head.texts as usize + corpus.examples.len();
    for (feature, (hash, count)) in corpus.hashes.iter().zip(&corpus.counts).enumerate() {
        let Some(packed) = base.find(*hash) else {
            start.own.push(own_weight(*count, texts));
            continue;
        };
        start.own.push(packed.own);
        start.steps[feature] = steps;
        let row = &mut start.weights[feature * topics..][..topics];
        row.iter_mut().zip(base.weights(&packed)).for_each(|(w, v)| *w = v / f32::from(packed.own));
    }
    start
}

/// The model's lines with the weights that were learned on top of them.
pub fn pack(base: &Model, corpus: &Corpus, fitted: &Fitted, own: &[u8]) -> PackedModel {
    let rounded: Vec<Vec<Part>> = base.books().iter().map(|book| rows_of(book, base.head.scale)).collect();
    let mut lines = base.lines();
    let usual = usual_length(&rounded, &lines);
    let ways = base.layout().ways;
    let worth = |f: u32| {
        let own = f32::from(own[f as usize]);
        length(centred(fitted.row(f))) * own * (corpus.counts[f as usize] as f32).sqrt()
    };
    let mut order: Vec<(f32, u32)> = (0..corpus.hashes.len() as u32).map(|f| (worth(f), f)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (mut lost, mut total, mut features) = (0.0_f64, 0.0_f64, 0);
    for (_, f) in order {
        let own = own[f as usize];
        let mut parts = [[0.0; PART]; MAX_PARTS];
        let values = centred(fitted.row(f)).map(|w| w * f32::from(own));
        parts.iter_mut().flatten().zip(values).for_each(|(to, w)| *to = w);
        let parts = &parts[..rounded.len()];
        let (at, tag) = place(corpus.hashes[f as usize], base.head.lines);
        let (gain, patterns, distance) = closest(&rounded, usual, parts);
        let packed = Packed { tag, gain, own, patterns };
        let line = &mut lines[at];
        if let Some(known) = line.iter_mut().find(|known| known.tag == tag) {
            *known = packed;
        } else if line.len() < ways {
            line.push(packed);
        } else {
            let weakest = line.iter_mut().min_by_key(|known| known.gain);
            match weakest.filter(|known| known.gain < gain) {
                Some(known) => *known = packed,
                None => continue,
            }
        }
        features += 1;
        lost += f64::from(distance);
        total += parts.iter().flatten().map(|w| f64::from(w * w)).sum::<f64>();
    }
    PackedModel {
        books: base.books().to_vec(),
        lines,
        features,
        loss: (lost / total.max(1e-9)).sqrt() as f32,
    }
}

/// Gain and patterns that are nearest to a feature's weights, and the square of their distance; `usual` is the length of patterns, in
/// weights at a gain of 1. Gains are tried that make the patterns about as long as that.
fn closest(rounded: &[Vec<Part>], usual: f32, parts: &[Part]) -> (u8, [u8; MAX_PARTS], f32) {
    let wanted = length(parts.iter().flatten().copied()) / usual;
    let first = GAINS.iter().position(|gain| f32::from(*gain) >= wanted).unwrap_or(GAINS.len() - 1);
    let mut best = (0, [0; MAX_PARTS], f32::MAX);
    for (number, gain) in GAINS.iter().enumerate().take(first + 2).skip(first.saturating_sub(1)) {
        let gain = f32::from(*gain);
        let (mut patterns, mut distance) = ([0; MAX_PARTS], 0.0);
        for (pattern, (rounded, part)) in patterns.iter_mut().zip(rounded.iter().zip(parts)) {
            let (found, apart) = nearest(rounded, &part.map(|w| w / gain));
            *pattern = found as u8;
            distance += apart * gain * gain;
        }
        if distance < best.2 {
            best = (number as u8, patterns, distance);
        }
    }
    best
}

/// The mean length of features' patterns, in weights at a gain of 1.
fn usual_length(rounded: &[Vec<Part>], lines: &[Vec<Packed>]) -> f32 {
    let of = |packed: &Packed| {
        let parts =
            rounded.iter().zip(packed.patterns).map(|(rounded, pattern)| rounded[usize::from(pattern)]);
        length(parts.flatten())
    };
    let (mut sum, mut count) = (0.0, 0.0);
    for packed in lines.iter().flatten() {
        sum += f64::from(of(packed));
        count += 1.0;
    }
    f64::max(sum / f64::max(count, 1.0), 1e-9) as f32
}
