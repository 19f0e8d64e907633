//! From a fitted model to the bytes of its file: which features are kept, and what stands for their weights.

use super::data::{Corpus, Example, IN_TITLE};
use super::fit::{Fitted, Random};
use crate::stages::classify_topics::TITLE_TIMES;
use crate::stages::classify_topics::model::{
    Book, GAINS, Head, Layout, MAX_PARTS, Model, PART, PATTERNS, Packed, Sum, place,
};

/// Features that the books are made of, at most.
const SAMPLE: usize = 80_000;
/// Rounds of k-means.
const ROUNDS: usize = 10;

/// Weights of a part of the topics.
pub type Part = [f32; PART];

/// Features and their weights, packed.
pub struct PackedModel {
    /// Books of the parts.
    pub books: Vec<Book>,
    /// Features of each line.
    pub lines: Vec<Vec<Packed>>,
    /// How many features there are.
    pub features: usize,
    /// Length of what was lost of the weights, as a share of theirs.
    pub loss: f32,
}

/// Weights about their mean: what is common to all topics decides nothing.
pub fn centred(row: &[f32]) -> impl Iterator<Item = f32> + '_ {
    let mean = row.iter().sum::<f32>() / row.len() as f32;
    row.iter().map(move |w| w - mean)
}

/// Length of a vector.
pub fn length(row: impl Iterator<Item = f32>) -> f32 {
    row.map(|w| w * w).sum::<f32>().sqrt()
}

/// Which features to keep, the best first: those that move the most texts the furthest, as many as fit in lines.
fn choose(corpus: &Corpus, fitted: &Fitted, own: &[u8], lines: u32) -> Vec<u32> {
    let ways = Layout::of(corpus.labels.len()).ways;
    let mut by_worth: Vec<(f32, u32)> = (0..corpus.hashes.len())
        .map(|f| {
            let length = length(centred(fitted.row(f as u32)));
            (length * f32::from(own[f]) * (corpus.counts[f] as f32).sqrt(), f as u32)
        })
        .collect();
    by_worth.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut tags: Vec<Vec<u16>> = vec![Vec::with_capacity(ways); lines as usize];
    by_worth.retain(|(_, feature)| {
        let (line, tag) = place(corpus.hashes[*feature as usize], lines);
        let line = &mut tags[line];
        // Two features of one tag in a line could not be told apart: the better one stays.
        let room = line.len() < ways && !line.contains(&tag);
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
pub fn pack(corpus: &Corpus, fitted: &Fitted, own: &[u8], head: &mut Head, seed: u64) -> PackedModel {
    let keep = choose(corpus, fitted, own, head.lines);
    let value = |f: u32| {
        let own = f32::from(own[f as usize]);
        centred(fitted.row(f)).map(move |w| w * own)
    };
    let mut lengths: Vec<f32> = keep.iter().map(|f| length(value(*f))).collect();
    lengths.sort_by(f32::total_cmp);
    let longest = lengths.get(lengths.len() - 1 - lengths.len() / 2000).copied().unwrap_or(1.0).max(1e-6);
    let unit = longest / f32::from(GAINS[GAINS.len() - 1]);
    let count = Layout::of(corpus.labels.len()).parts;
    let parts = |f: u32| {
        let wanted = length(value(f)) / unit;
        // The first gain that reaches nine tenths of what is wanted is within an eighth of it.
        let gain = GAINS.iter().position(|g| f32::from(*g) >= wanted * 0.88).unwrap_or(GAINS.len() - 1);
        let by = unit * f32::from(GAINS[gain]);
        let mut parts = [[0.0; PART]; MAX_PARTS];
        parts.iter_mut().flatten().zip(value(f)).for_each(|(to, w)| *to = (w / by).clamp(-1.2, 1.2));
        (gain, parts)
    };
    let sample: Vec<u32> = keep.iter().copied().step_by(keep.len().div_ceil(SAMPLE).max(1)).collect();
    let mut random = Random(seed);
    let sample: Vec<[Part; MAX_PARTS]> = sample.iter().map(|f| parts(*f).1).collect();
    let centres: Vec<Vec<Part>> = (0..count)
        .map(|p| {
            let sample: Vec<Part> = sample.iter().map(|parts| parts[p]).collect();
            means(&sample, &mut random)
        })
        .collect();
    let largest = centres.iter().flatten().flatten().fold(1e-6_f32, |top, w| top.max(w.abs()));
    head.scale = unit * largest / 127.0;
    head.bias.clone_from(&fitted.bias);
    let step = largest / 127.0;
    let mut books: Vec<Book> = vec![[[0; 8]; PATTERNS]; count];
    for (book, centres) in books.iter_mut().zip(&centres) {
        for (pattern, centre) in book.iter_mut().zip(centres) {
            let whole = centre.map(|w| (w / step).round().clamp(-127.0, 127.0) as i16);
            pattern[..PART].copy_from_slice(&whole);
        }
    }
    let rounded: Vec<Vec<Part>> = books.iter().map(|book| rows_of(book, step)).collect();
    let mut lines: Vec<Vec<Packed>> = vec![Vec::new(); head.lines as usize];
    let (mut lost, mut total) = (0.0_f64, 0.0_f64);
    for f in &keep {
        let (gain, parts) = parts(*f);
        let (line, tag) = place(corpus.hashes[*f as usize], head.lines);
        let mut patterns = [0; MAX_PARTS];
        for (p, (rounded, part)) in rounded.iter().zip(&parts).enumerate() {
            let (nearest, distance) = nearest(rounded, part);
            patterns[p] = nearest as u8;
            let by = f64::from(GAINS[gain]).powi(2);
            lost += f64::from(distance) * by;
            total += f64::from(part.iter().map(|w| w * w).sum::<f32>()) * by;
        }
        lines[line].push(Packed { tag, gain: gain as u8, own: own[*f as usize], patterns });
    }
    PackedModel { books, lines, features: keep.len(), loss: (lost / total.max(1e-9)).sqrt() as f32 }
}

/// The patterns of a book, times `step`.
pub fn rows_of(book: &Book, step: f32) -> Vec<Part> {
    book.iter().map(|pattern| std::array::from_fn(|i| f32::from(pattern[i]) * step)).collect()
}

/// The nearest of some centres, and the square of its distance.
pub fn nearest(centres: &[Part], part: &Part) -> (usize, f32) {
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
pub fn logits(model: &Model, corpus: &Corpus, example: &Example, sum: &mut Sum) -> Vec<f64> {
    sum.clear();
    for entry in &corpus.entries[example.from..example.to] {
        let times = if entry & IN_TITLE == IN_TITLE { TITLE_TIMES } else { 1 };
        model.add(sum, &[corpus.hashes[(entry >> 1) as usize]], times);
    }
    model.logits(sum)
}
