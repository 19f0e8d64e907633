//! From a fitted model to the bytes of its file: which features are kept, and what stands for their weights.

use super::data::{Corpus, Example, IN_TITLE};
use super::fit::{Fitted, Random, Row, own_weights};
use crate::stages::classify_topics::TITLE_TIMES;
use crate::stages::classify_topics::model::{
    GAINS, Head, Model, PART, PARTS, PATTERNS, Packed, Sum, WAYS, place,
};
use crate::stages::classify_topics::topics::TOPICS;

/// Features that the books are made of, at most.
const SAMPLE: usize = 80_000;
/// Rounds of k-means.
const ROUNDS: usize = 10;

/// Bytes of a book: patterns of one part.
pub type Bytes = [[i8; PART]; PATTERNS];
type Part = [f32; PART];

/// Features and their weights, packed.
pub struct PackedModel {
    /// Books of the parts.
    pub books: [Bytes; PARTS],
    /// Features of each line.
    pub lines: Vec<Vec<Packed>>,
    /// How many features there are.
    pub features: usize,
    /// Length of what was lost of the weights, as a share of theirs.
    pub loss: f32,
}

/// Weights about their mean: what is common to all topics decides nothing.
fn centred(row: &Row) -> Row {
    let mean = row.iter().sum::<f32>() / TOPICS as f32;
    row.map(|w| w - mean)
}

fn length(row: &[f32]) -> f32 {
    row.iter().map(|w| w * w).sum::<f32>().sqrt()
}

/// Which features to keep, the best first: those that move the most texts the furthest, as many as fit in lines.
fn choose(corpus: &Corpus, fitted: &Fitted, own: &[u8], lines: u32) -> Vec<u32> {
    let mut by_worth: Vec<(f32, u32)> = (0..corpus.hashes.len())
        .map(|f| {
            let length = length(&centred(&fitted.rows[f]));
            (length * f32::from(own[f]) * (corpus.counts[f] as f32).sqrt(), f as u32)
        })
        .collect();
    by_worth.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut tags: Vec<Vec<u16>> = vec![Vec::with_capacity(WAYS); lines as usize];
    by_worth.retain(|(_, feature)| {
        let (line, tag) = place(corpus.hashes[*feature as usize], lines);
        let line = &mut tags[line];
        // Two features of one tag in a line could not be told apart: the better one stays.
        let room = line.len() < WAYS && !line.contains(&tag);
        if room {
            line.push(tag);
        }
        room
    });
    by_worth.into_iter().map(|(_, feature)| feature).collect()
}

/// Packs the best features, and sets the scale and bias of the head.
///
/// A row is a gain times three patterns. Gains are steps of a logarithm; patterns are the centres that k-means finds in a sample of the rows.
/// One row in two thousand is so long that it is cut off.
pub fn pack(corpus: &Corpus, fitted: &Fitted, head: &mut Head, seed: u64) -> PackedModel {
    let own = own_weights(corpus);
    let keep = choose(corpus, fitted, &own, head.lines);
    let value = |f: u32| {
        let own = f32::from(own[f as usize]);
        centred(&fitted.rows[f as usize]).map(|w| w * own)
    };
    let mut lengths: Vec<f32> = keep.iter().map(|f| length(&value(*f))).collect();
    lengths.sort_by(f32::total_cmp);
    let longest = lengths.get(lengths.len() - 1 - lengths.len() / 2000).copied().unwrap_or(1.0).max(1e-6);
    let unit = longest / f32::from(GAINS[GAINS.len() - 1]);
    let gain = |row: &Row| {
        let wanted = length(row) / unit;
        // The first gain that reaches nine tenths of what is wanted is within an eighth of it.
        GAINS.iter().position(|g| f32::from(*g) >= wanted * 0.88).unwrap_or(GAINS.len() - 1)
    };
    let parts = |f: u32| {
        let row = value(f);
        let gain = gain(&row);
        let by = unit * f32::from(GAINS[gain]);
        let parts: [Part; PARTS] = std::array::from_fn(|p| {
            std::array::from_fn(|i| row.get(p * PART + i).map_or(0.0, |w| (w / by).clamp(-1.2, 1.2)))
        });
        (gain, parts)
    };
    let sample: Vec<u32> = keep.iter().copied().step_by(keep.len().div_ceil(SAMPLE).max(1)).collect();
    let mut random = Random(seed);
    let sample: Vec<[Part; PARTS]> = sample.iter().map(|f| parts(*f).1).collect();
    let centres: [Vec<Part>; PARTS] = std::array::from_fn(|p| {
        let sample: Vec<Part> = sample.iter().map(|parts| parts[p]).collect();
        means(&sample, &mut random)
    });
    let largest = centres.iter().flatten().flatten().fold(1e-6_f32, |top, w| top.max(w.abs()));
    head.scale = unit * largest / 127.0;
    head.bias = fitted.bias;
    let step = largest / 127.0;
    let books: [Bytes; PARTS] = std::array::from_fn(|p| {
        std::array::from_fn(|i| {
            centres[p].get(i).map_or([0; PART], |c| c.map(|w| (w / step).round().clamp(-127.0, 127.0) as i8))
        })
    });
    let rounded: [Vec<Part>; PARTS] =
        std::array::from_fn(|p| books[p].iter().map(|c| c.map(|w| f32::from(w) * step)).collect());
    let mut lines: Vec<Vec<Packed>> = vec![Vec::new(); head.lines as usize];
    let (mut lost, mut total) = (0.0_f64, 0.0_f64);
    for f in &keep {
        let (gain, parts) = parts(*f);
        let (line, tag) = place(corpus.hashes[*f as usize], head.lines);
        let mut patterns = [0; PARTS];
        for (p, part) in parts.iter().enumerate() {
            let (nearest, distance) = nearest(&rounded[p], part);
            patterns[p] = nearest as u8;
            let by = f64::from(GAINS[gain]).powi(2);
            lost += f64::from(distance) * by;
            total += f64::from(part.iter().map(|w| w * w).sum::<f32>()) * by;
        }
        lines[line].push(Packed { tag, gain: gain as u8, own: own[*f as usize], patterns });
    }
    PackedModel { books, lines, features: keep.len(), loss: (lost / total.max(1e-9)).sqrt() as f32 }
}

/// The nearest of some centres, and the square of its distance.
fn nearest(centres: &[Part], part: &Part) -> (usize, f32) {
    let mut best = (0, f32::MAX);
    for (i, centre) in centres.iter().enumerate() {
        let distance: f32 = centre.iter().zip(part).map(|(a, b)| (a - b) * (a - b)).sum();
        if distance < best.1 {
            best = (i, distance);
        }
    }
    best
}

/// Centres of a sample by k-means (Lloyd), from a random start.
fn means(sample: &[Part], random: &mut Random) -> Vec<Part> {
    let mut centres: Vec<Part> =
        (0..PATTERNS).map(|_| sample[(random.next() % sample.len() as u64) as usize]).collect();
    for _ in 0..ROUNDS {
        let mut sums = vec![([0.0_f32; PART], 0.0_f32); PATTERNS];
        for part in sample {
            let (sum, n) = &mut sums[nearest(&centres, part).0];
            sum.iter_mut().zip(part).for_each(|(s, w)| *s += w);
            *n += 1.0;
        }
        for (centre, (sum, n)) in centres.iter_mut().zip(sums) {
            // A centre that nothing is near to goes where something is.
            *centre = if n > 0.0 {
                sum.map(|s| s / n)
            } else {
                sample[(random.next() % sample.len() as u64) as usize]
            };
        }
    }
    centres
}

/// Logits of an example by the packed model.
pub fn logits(model: &Model<'_>, corpus: &Corpus, example: &Example, sum: &mut Sum) -> [f64; TOPICS] {
    sum.clear();
    for entry in &corpus.entries[example.from..example.to] {
        let times = if entry & IN_TITLE == IN_TITLE { TITLE_TIMES } else { 1 };
        model.add(sum, &[corpus.hashes[(entry >> 1) as usize]], times);
    }
    model.logits(sum)
}
