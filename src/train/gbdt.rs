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
    // Rows by node, in their order within it.
    let mut rows = rows.to_vec();
    let mut nodes: Vec<std::ops::Range<usize>> = std::iter::once(0..rows.len()).collect();
    let mut histograms: Vec<Vec<Histogram>> = vec![Vec::new(); features.len()];
    for depth in 0..DEPTH {
        let picked: Vec<(f32, f32)> = rows.iter().map(|row| gradients[*row as usize]).collect();
        let best: Vec<Vec<(f64, u8)>> = features
            .par_iter()
            .zip(&mut histograms)
            .map(|(feature, known)| {
                *known = level(&table.columns[*feature], &rows, &picked, &nodes, std::mem::take(known));
                known.iter().map(|histogram| best_split(histogram, settings)).collect()
            })
            .collect();
        let mut next = Vec::with_capacity(nodes.len() * 2);
        for (node, range) in nodes.iter().enumerate() {
            let (mut gain, mut split) = (1e-3, (0u8, 255u8));
            for (feature, found) in features.iter().zip(&best) {
                if found[node].0 > gain {
                    gain = found[node].0;
                    split = (*feature as u8, found[node].1);
                }
            }
            tree.nodes[nodes.len() - 1 + node] = split;
            let column = &table.columns[split.0 as usize];
            let of_node = &mut rows[range.clone()];
            let (left, right): (Vec<u32>, Vec<u32>) =
                of_node.iter().partition(|row| column[**row as usize] <= split.1);
            of_node[..left.len()].copy_from_slice(&left);
            of_node[left.len()..].copy_from_slice(&right);
            let middle = range.start + left.len();
            next.extend([range.start..middle, middle..range.end]);
        }
        nodes = next;
        if depth + 1 == DEPTH {
            histograms.clear();
        }
    }
    for (leaf, range) in tree.leaves.iter_mut().zip(nodes) {
        let (mut g, mut h) = (0.0, 0.0);
        for row in &rows[range] {
            let gradient = gradients[*row as usize];
            g += f64::from(gradient.0);
            h += f64::from(gradient.1);
        }
        let step = -g / (h + settings.lambda) * f64::from(settings.rate);
        *leaf = (step.clamp(-4.0, 4.0) / f64::from(LEAF_SCALE)).round() as i16;
    }
    tree
}

/// Sums of the derivatives of a node's rows, by the value of one feature.
type Histogram = Box<[Pair; 256]>;

/// The histograms of one feature for all nodes of a level, given those of the level above. Of two children the one with
/// fewer rows is summed up; the other is what is left of their parent.
fn level(
    column: &[u8],
    rows: &[u32],
    gradients: &[(f32, f32)],
    nodes: &[std::ops::Range<usize>],
    above: Vec<Histogram>,
) -> Vec<Histogram> {
    let sum = |range: &std::ops::Range<usize>| {
        let mut histogram: Histogram = Box::new([(0.0, 0.0); 256]);
        for (row, (g, h)) in rows[range.clone()].iter().zip(&gradients[range.clone()]) {
            let bin = &mut histogram[column[*row as usize] as usize];
            bin.0 += f64::from(*g);
            bin.1 += f64::from(*h);
        }
        histogram
    };
    if above.is_empty() {
        return nodes.iter().map(sum).collect();
    }
    let mut out = Vec::with_capacity(nodes.len());
    for (pair, mut rest) in nodes.chunks_exact(2).zip(above) {
        let left_is_smaller = pair[0].len() <= pair[1].len();
        let smaller = sum(if left_is_smaller { &pair[0] } else { &pair[1] });
        for (bin, part) in rest.iter_mut().zip(smaller.iter()) {
            bin.0 -= part.0;
            bin.1 -= part.1;
        }
        out.extend(if left_is_smaller { [smaller, rest] } else { [rest, smaller] });
    }
    out
}

/// The best gain of splitting a node by one feature, and where.
fn best_split(bins: &Histogram, settings: &Settings) -> (f64, u8) {
    let value = |g: f64, h: f64| g * g / (h + settings.lambda);
    let (all_g, all_h) = bins.iter().fold((0.0, 0.0), |sum, bin| (sum.0 + bin.0, sum.1 + bin.1));
    let (mut best, mut threshold) = (0.0, 255);
    let (mut g, mut h) = (0.0, 0.0);
    for (bin, sums) in bins.iter().enumerate().take(255) {
        // What subtraction leaves of an empty bin is next to nothing.
        if sums.1 < 1e-9 {
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
