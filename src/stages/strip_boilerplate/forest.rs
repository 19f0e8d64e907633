//! Boosted trees on byte features: reading the model's file, and scoring blocks.
//!
//! Every tree is complete and of depth [`DEPTH`]: which leaf a row falls into is found without branches, for many rows
//! at once by [`Masks`].

use std::cell::RefCell;
use std::sync::OnceLock;

use super::features::{FEATURES, Row};
use super::masks::{self, Masks, ROWS, Space};

/// Decisions from root to leaf.
pub const DEPTH: usize = 6;
/// Decisions of a tree.
pub const NODES: usize = (1 << DEPTH) - 1;
/// Leaves of a tree.
pub const LEAVES: usize = 1 << DEPTH;
/// Leaves are stored in this part of a logit.
pub const LEAF_SCALE: f32 = 1.0 / 4096.0;
/// Rows from which on scoring them at once is faster than one by one.
const MANY: usize = 20;
/// Bytes of a tree in the model's file.
const TREE_BYTES: usize = NODES * 2 + LEAVES * 2;

thread_local! {
    /// Where forests put their masks: half a megabyte, of which they touch a tenth.
    static SPACE: RefCell<Box<Space>> = RefCell::new(masks::space());
}

/// One tree: a row goes right where its feature is above the threshold.
#[derive(Debug, Clone)]
pub struct Tree {
    /// Feature and threshold of each decision; the children of `n` are `2n + 1` and `2n + 2`.
    pub nodes: [(u8, u8); NODES],
    /// Value of each leaf, in [`LEAF_SCALE`].
    pub leaves: [i16; LEAVES],
}

/// A sum of trees.
#[derive(Debug, Clone, Default)]
pub struct Forest {
    trees: Vec<Tree>,
    base: i32,
    /// Made when it first scores.
    masks: OnceLock<Masks>,
}

impl Tree {
    /// Value of the leaf that a row falls into.
    pub fn leaf(&self, row: &Row) -> i16 {
        let mut node = 0;
        for _ in 0..DEPTH {
            let (feature, threshold) = self.nodes[node];
            node = 2 * node + 1 + usize::from(row[feature as usize] > threshold);
        }
        self.leaves[node - NODES]
    }
}

impl Forest {
    /// A forest of the given trees, and the value before the first of them, in [`LEAF_SCALE`].
    pub fn new(base: i32, trees: Vec<Tree>) -> Self {
        Self { trees, base, masks: OnceLock::new() }
    }

    /// Its trees.
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// The value before the first tree, in [`LEAF_SCALE`].
    pub fn base(&self) -> i32 {
        self.base
    }

    /// Whether it has no trees.
    pub fn is_empty(&self) -> bool {
        self.trees.is_empty()
    }

    /// Probability of each row.
    pub fn score(&self, rows: &[Row]) -> Vec<f32> {
        let sums = self.sums(rows);
        sums.into_iter().map(|sum| 1.0 / (1.0 + (-(sum as f32) * LEAF_SCALE).exp())).collect()
    }

    /// Sum of the trees' values for each row, in [`LEAF_SCALE`].
    pub(super) fn sums(&self, rows: &[Row]) -> Vec<i32> {
        let mut sums = vec![self.base; rows.len()];
        let masks = self.masks.get_or_init(|| Masks::new(&self.trees));
        for (rows, sums) in rows.chunks(ROWS).zip(sums.chunks_mut(ROWS)) {
            if rows.len() >= MANY {
                SPACE.with_borrow_mut(|space| masks.add(rows, space, sums));
                continue;
            }
            for tree in &self.trees {
                for (row, sum) in rows.iter().zip(&mut *sums) {
                    *sum += i32::from(tree.leaf(row));
                }
            }
        }
        sums
    }

    /// Appends the forest as it stands in the model's file: number of trees, base, trees; little endian.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend((self.trees.len() as u32).to_le_bytes());
        out.extend(self.base.to_le_bytes());
        for tree in &self.trees {
            out.extend(tree.nodes.iter().flat_map(|(feature, threshold)| [*feature, *threshold]));
            out.extend(tree.leaves.iter().flat_map(|leaf| leaf.to_le_bytes()));
        }
    }

    /// Reads a forest off the front of `bytes`; `None` where they are none.
    pub fn read(bytes: &mut &[u8]) -> Option<Self> {
        let count = u32::from_le_bytes(take(bytes, 4)?.try_into().ok()?) as usize;
        let base = i32::from_le_bytes(take(bytes, 4)?.try_into().ok()?);
        let mut trees = Vec::with_capacity(count.min(10_000));
        for _ in 0..count {
            let tree = take(bytes, TREE_BYTES)?;
            let mut nodes = [(0, 0); NODES];
            for (node, pair) in nodes.iter_mut().zip(tree.chunks_exact(2)) {
                if pair[0] as usize >= FEATURES {
                    return None;
                }
                *node = (pair[0], pair[1]);
            }
            let mut leaves = [0; LEAVES];
            for (leaf, pair) in leaves.iter_mut().zip(tree[NODES * 2..].chunks_exact(2)) {
                *leaf = i16::from_le_bytes([pair[0], pair[1]]);
            }
            trees.push(Tree { nodes, leaves });
        }
        Some(Self::new(base, trees))
    }
}

/// The next `n` bytes.
pub fn take<'b>(bytes: &mut &'b [u8], n: usize) -> Option<&'b [u8]> {
    let (head, tail) = bytes.split_at_checked(n)?;
    *bytes = tail;
    Some(head)
}
