//! What each feature added to a forest's sum, for one row of a page.
//!
//! A tree is walked from its root to the leaf that the row falls into. Every node has a value, a leaf its own. What a step
//! changes of the value is due to the feature that the step asks for. So the contributions and the base, the value of
//! all roots, add up to what the forest says of the row (Saabas 2014).
//!
//! The value of a node is the mean of the leaves that the page's own rows reach through it: what all of a page have in
//! common sets none of them apart. A few rows that stand for any page at all, and go left as often as right, are added to
//! them, so that a page of a few blocks has weights, too. The file of a model has no values of nodes, and the way of scoring is
//! untouched.

use crate::stages::strip_boilerplate::features::{FEATURES, Row};
use crate::stages::strip_boilerplate::forest::{DEPTH, Forest, LEAF_SCALE, NODES, Tree};

/// Rows that stand for any page.
const ANY: f32 = 4.0;
/// Rows of a page that its means are taken over: of more, so many spread over the page.
const MOST: usize = 2_000;

/// A forest with the values of its nodes for one page.
pub struct Attribution<'f> {
    forest: &'f Forest,
    /// Of each tree, in the order of its nodes.
    values: Vec<[f32; NODES]>,
}

impl<'f> Attribution<'f> {
    /// Computes the values of all nodes, given the rows of the page.
    pub fn new(forest: &'f Forest, rows: &[Row]) -> Self {
        Self { forest, values: forest.trees().iter().map(|tree| values(tree, rows)).collect() }
    }

    /// Log odds of a row of the page before anything is known of it.
    pub fn base(&self) -> f32 {
        let roots: f32 = self.values.iter().map(|values| values[0]).sum();
        (self.forest.base() as f32 + roots) * LEAF_SCALE
    }

    /// What each feature adds to the base, in log odds.
    pub fn of(&self, row: &Row) -> [f32; FEATURES] {
        let mut sums = [0.0f32; FEATURES];
        for (tree, values) in self.forest.trees().iter().zip(&self.values) {
            let mut node = 0;
            for _ in 0..DEPTH {
                let (feature, threshold) = tree.nodes[node];
                let next = 2 * node + 1 + usize::from(row[feature as usize] > threshold);
                sums[feature as usize] += value(tree, values, next) - values[node];
                node = next;
            }
        }
        sums.iter_mut().for_each(|sum| *sum *= LEAF_SCALE);
        sums
    }
}

/// Value of a node or leaf, given those of the nodes.
fn value(tree: &Tree, values: &[f32; NODES], node: usize) -> f32 {
    if node < NODES { values[node] } else { f32::from(tree.leaves[node - NODES]) }
}

/// Values of a tree's nodes for a page of these rows.
fn values(tree: &Tree, rows: &[Row]) -> [f32; NODES] {
    let mut values = of_any_page(tree);
    let mut seen = [(0.0f32, 0.0f32); NODES];
    for row in rows.iter().step_by(rows.len().div_ceil(MOST).max(1)) {
        let leaf = f32::from(tree.leaf(row));
        let mut node = 0;
        while node < NODES {
            seen[node].0 += 1.0;
            seen[node].1 += leaf;
            let (feature, threshold) = tree.nodes[node];
            node = 2 * node + 1 + usize::from(row[feature as usize] > threshold);
        }
    }
    for (value, (count, sum)) in values.iter_mut().zip(seen) {
        *value = (sum + ANY * *value) / (count + ANY);
    }
    values
}

/// Mean of the leaves below each node, from the leaves up. No row passes the highest threshold: what stands behind it
/// counts for nothing.
fn of_any_page(tree: &Tree) -> [f32; NODES] {
    let mut values = [0.0; NODES];
    for node in (0..NODES).rev() {
        let [left, right] = [1, 2].map(|side| value(tree, &values, 2 * node + side));
        values[node] = if tree.nodes[node].1 == u8::MAX { left } else { f32::midpoint(left, right) };
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::strip_boilerplate::model::Model;

    #[test]
    fn contributions_add_up_to_what_the_forest_says() {
        let model = Model::built_in();
        for forest in [&model.first, &model.second] {
            let row = |seed: u32| -> Row {
                std::array::from_fn(|n| ((n as u32 + 1).wrapping_mul(seed * 40_503 + 7) >> 3) as u8)
            };
            let rows: Vec<Row> = (0..20).map(row).collect();
            let attribution = Attribution::new(forest, &rows);
            for row in &rows {
                let parts: f32 = attribution.of(row).iter().sum();
                let says = forest.sums(std::slice::from_ref(row))[0] as f32 * LEAF_SCALE;
                assert!((attribution.base() + parts - says).abs() < 1e-2, "{parts} of {says}");
            }
        }
    }

    #[test]
    fn the_feature_that_decides_has_the_contribution() {
        let mut tree = Tree { nodes: [(0, 255); NODES], leaves: [0; 64] };
        tree.nodes[0] = (7, 100);
        tree.leaves[0] = -4096;
        tree.leaves[32] = 8192;
        let forest = Forest::new(2048, vec![tree]);
        let attribution = Attribution::new(&forest, &[]);
        assert!((attribution.base() - 1.0).abs() < 1e-6, "half a unit of its own and the mean of both sides");
        let mut row = [0; FEATURES];
        assert!((attribution.of(&row)[7] + 1.5).abs() < 1e-6);
        row[7] = 101;
        let parts = attribution.of(&row);
        assert!((parts[7] - 1.5).abs() < 1e-6);
        assert!(parts.iter().enumerate().all(|(n, part)| n == 7 || *part == 0.0));
    }

    #[test]
    fn what_all_of_a_page_have_in_common_weighs_little() {
        let mut tree = Tree { nodes: [(0, 255); NODES], leaves: [0; 64] };
        tree.nodes[0] = (7, 100);
        (tree.leaves[0], tree.leaves[32]) = (-4096, 8192);
        let forest = Forest::new(0, vec![tree]);
        let alike = vec![[0; FEATURES]; 400];
        let weight = Attribution::new(&forest, &alike).of(&alike[0])[7];
        assert!(weight < 0.0 && weight > -0.02, "{weight}");
        let mut other = alike.clone();
        other[0][7] = 200;
        assert!(Attribution::new(&forest, &other).of(&other[0])[7] > 2.9, "the one that differs stands out");
    }
}
