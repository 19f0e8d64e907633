//! Gradient-boosted trees on byte features with logistic loss: Newton steps, histograms, complete trees.
//!
//! Deterministic: sums run in a fixed order (a feature is summed by one thread), and what is left out of a tree
//! at random comes from a fixed seed.

use rayon::prelude::*;

use crate::stages::strip_boilerplate::forest::{DEPTH, Forest, LEAF_SCALE, LEAVES, NODES, Tree};

/// How a forest is grown.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Number of trees.
    pub trees: usize,
    /// Share of each tree's step that is taken.
    pub rate: f32,
    /// Share of features that a tree may use.
    pub features: f32,
    /// Share of rows that a tree is fitted on.
    pub rows: f32,
    /// Penalty on the size of leaves.
    pub lambda: f64,
    /// Least weight (sum of second derivatives) of a leaf.
    pub least: f64,
    /// Seed of what is left out.
    pub seed: u64,
}

/// Rows by feature, with their labels and weights.
#[derive(Debug, Default)]
pub struct Table {
    /// One column a feature.
    pub columns: Vec<Vec<u8>>,
    /// Wanted probability of each row.
    pub labels: Vec<f32>,
    /// Weight of each row.
    pub weights: Vec<f32>,
}

/// A small generator of pseudo-random numbers (xorshift64*), for what is left out of a tree.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number from 0 to 1.
    pub fn share(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40) as f32 / (1u64 << 24) as f32
    }
}

/// Sums of first and second derivatives.
type Pair = (f64, f64);

/// Grows a forest on a table.
pub fn grow(table: &Table, settings: &Settings) -> Forest {
    let n = table.labels.len();
    let mut random = Random::new(settings.seed);
    let total: f64 = table.weights.iter().map(|w| f64::from(*w)).sum();
    let positive: f64 = table.weights.iter().zip(&table.labels).map(|(w, y)| f64::from(w * y)).sum();
    let rate = (positive / total.max(1e-9)).clamp(1e-4, 1.0 - 1e-4);
    let base = ((rate / (1.0 - rate)).ln() / f64::from(LEAF_SCALE)) as i32;
    let mut trees = Vec::new();
    let mut sums = vec![base; n];
    for _ in 0..settings.trees {
        let gradients: Vec<(f32, f32)> = (0..n)
            .into_par_iter()
            .map(|i| {
                let p = 1.0 / (1.0 + (-(sums[i] as f32) * LEAF_SCALE).exp());
                let w = table.weights[i];
                (w * (p - table.labels[i]), (w * p * (1.0 - p)).max(1e-6 * w))
            })
            .collect();
        let rows: Vec<u32> = (0..n as u32)
            .filter(|i| random.share() < settings.rows && table.weights[*i as usize] > 0.0)
            .collect();
        let features: Vec<usize> =
            (0..table.columns.len()).filter(|_| random.share() < settings.features).collect();
        let tree = tree(table, &gradients, &rows, &features, settings);
        sums.par_iter_mut().enumerate().for_each(|(i, sum)| {
            let mut node = 0;
            for _ in 0..DEPTH {
                let (feature, threshold) = tree.nodes[node];
                node = 2 * node + 1 + usize::from(table.columns[feature as usize][i] > threshold);
            }
            *sum += i32::from(tree.leaves[node - NODES]);
        });
        trees.push(tree);
    }
    Forest::new(base, trees)
}

fn tree(
    table: &Table,
    gradients: &[(f32, f32)],
    rows: &[u32],
    features: &[usize],
    settings: &Settings,
) -> Tree {
    let mut tree = Tree { nodes: [(0, 255); NODES], leaves: [0; LEAVES] };
    let mut at: Vec<u8> = vec![0; rows.len()];
    let picked: Vec<(f32, f32)> = rows.iter().map(|i| gradients[*i as usize]).collect();
    for depth in 0..DEPTH {
        let width = 1usize << depth;
        let mut totals = vec![(0.0, 0.0); width];
        for (node, (g, h)) in at.iter().zip(&picked) {
            let t: &mut Pair = &mut totals[*node as usize];
            t.0 += f64::from(*g);
            t.1 += f64::from(*h);
        }
        let best: Vec<Vec<(f64, u8)>> = features
            .par_iter()
            .map(|feature| best_splits(&table.columns[*feature], rows, &at, &picked, &totals, settings))
            .collect();
        let mut splits = vec![(0u8, 255u8); width];
        for (node, split) in splits.iter_mut().enumerate() {
            let mut gain = 1e-3;
            for (feature, found) in features.iter().zip(&best) {
                if found[node].0 > gain {
                    gain = found[node].0;
                    *split = (*feature as u8, found[node].1);
                }
            }
            tree.nodes[width - 1 + node] = *split;
        }
        for (node, row) in at.iter_mut().zip(rows) {
            let (feature, threshold) = splits[*node as usize];
            *node = 2 * *node + u8::from(table.columns[feature as usize][*row as usize] > threshold);
        }
    }
    let mut totals = [(0.0, 0.0); LEAVES];
    for (leaf, (g, h)) in at.iter().zip(&picked) {
        let t: &mut Pair = &mut totals[*leaf as usize];
        t.0 += f64::from(*g);
        t.1 += f64::from(*h);
    }
    for (leaf, (g, h)) in tree.leaves.iter_mut().zip(totals) {
        let step = -g / (h + settings.lambda) * f64::from(settings.rate);
        *leaf = (step.clamp(-4.0, 4.0) / f64::from(LEAF_SCALE)).round() as i16;
    }
    tree
}

/// For each node of a level the best gain of splitting it by one feature, and where.
fn best_splits(
    column: &[u8],
    rows: &[u32],
    at: &[u8],
    gradients: &[(f32, f32)],
    totals: &[Pair],
    settings: &Settings,
) -> Vec<(f64, u8)> {
    let mut histogram = vec![(0.0f64, 0.0f64); totals.len() * 256];
    for ((row, node), (g, h)) in rows.iter().zip(at).zip(gradients) {
        let bin = &mut histogram[(*node as usize) << 8 | column[*row as usize] as usize];
        bin.0 += f64::from(*g);
        bin.1 += f64::from(*h);
    }
    let value = |g: f64, h: f64| g * g / (h + settings.lambda);
    totals
        .iter()
        .zip(histogram.chunks_exact(256))
        .map(|(&(all_g, all_h), bins)| {
            let (mut best, mut threshold) = (0.0, 255);
            let (mut g, mut h) = (0.0, 0.0);
            for (bin, sums) in bins.iter().enumerate().take(255) {
                if sums.1 == 0.0 {
                    continue;
                }
                g += sums.0;
                h += sums.1;
                if h < settings.least || all_h - h < settings.least {
                    continue;
                }
                let gain = value(g, h) + value(all_g - g, all_h - h) - value(all_g, all_h);
                if gain > best {
                    (best, threshold) = (gain, bin as u8);
                }
            }
            (best, threshold)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learns_an_exclusive_or() {
        let mut random = Random::new(7);
        let mut table = Table { columns: vec![Vec::new(); 3], ..Table::default() };
        for _ in 0..2000 {
            let row: Vec<u8> = (0..3).map(|_| (random.share() * 255.0) as u8).collect();
            table.labels.push(f32::from(u8::from((row[0] > 90) != (row[2] > 160))));
            table.weights.push(1.0);
            for (column, value) in table.columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        let settings =
            Settings { trees: 40, rate: 0.3, features: 0.9, rows: 0.9, lambda: 1.0, least: 1.0, seed: 1 };
        let forest = grow(&table, &settings);
        let mut bytes = Vec::new();
        forest.write(&mut bytes);
        let again = Forest::read(&mut &bytes[..]).unwrap();
        let mut right = 0;
        for i in 0..2000 {
            let mut row = [0; crate::stages::strip_boilerplate::features::FEATURES];
            (0..3).for_each(|f| row[f] = table.columns[f][i]);
            right += usize::from((again.score(&[row])[0] > 0.5) == (table.labels[i] > 0.5));
        }
        assert!(right > 1940, "{right} of 2000");
        let mut second = Vec::new();
        grow(&table, &settings).write(&mut second);
        assert_eq!(bytes, second);
    }
}
