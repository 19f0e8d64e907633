//! The vocabulary's pieces as a double array (Aoe, 1989): a step by a byte is one look-up.
//!
//! The child of a node by a byte stands at `base ^ byte` and names its parent in `check`. Nothing that the words of
//! a file hold makes a walk leave the array.

/// Marks places that are free.
const FREE: u32 = u32::MAX;
/// After so many failed trials a block is taken as full.
const BLOCK_TRIALS: u32 = 16;
const BLOCK: usize = 256;

/// One place of the array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Node {
    base: u32,
    check: u32,
    /// Number of the key that ends here, from 1; 0 is none.
    value: u32,
}

/// Byte strings with the numbers that they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trie {
    nodes: Vec<Node>,
}

impl Trie {
    /// Root, where every walk begins.
    pub const ROOT: u32 = 0;

    /// Reads what [`Trie::write`] wrote: three words a place.
    pub fn read(words: &[u32]) -> Self {
        let nodes = words
            .chunks_exact(3)
            .map(|three| Node { base: three[0], check: three[1], value: three[2] })
            .collect();
        Self { nodes }
    }

    /// The array as words.
    pub fn write(&self) -> Vec<u32> {
        self.nodes.iter().flat_map(|node| [node.base, node.check, node.value]).collect()
    }

    /// The node that a byte leads to.
    #[inline]
    pub fn step(&self, node: u32, byte: u8) -> Option<u32> {
        let next = self.nodes.get(node as usize)?.base ^ u32::from(byte);
        (self.nodes.get(next as usize)?.check == node).then_some(next)
    }

    /// Number of the key that ends at a node.
    #[inline]
    pub fn value(&self, node: u32) -> Option<u32> {
        self.nodes.get(node as usize)?.value.checked_sub(1)
    }

    /// The array of these keys; of equal keys the first counts, empty ones are left out.
    pub fn build(keys: &[(Vec<u8>, u32)]) -> Self {
        let mut sorted: Vec<&(Vec<u8>, u32)> = keys.iter().filter(|(key, _)| !key.is_empty()).collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        sorted.dedup_by(|later, first| later.0 == first.0);
        let mut builder = Builder { nodes: Vec::new(), open: Vec::new() };
        builder.add_block();
        builder.nodes[0].check = 0;
        // Nodes with the keys below them and how deep they stand.
        let mut queue = vec![(0_u32, 0..sorted.len(), 0_usize)];
        let mut next = 0;
        while let Some((node, range, depth)) = queue.get(next).cloned() {
            next += 1;
            let mut children: Vec<(u8, std::ops::Range<usize>)> = Vec::new();
            for at in range {
                let (key, value) = sorted[at];
                let Some(byte) = key.get(depth) else {
                    builder.nodes[node as usize].value = value + 1;
                    continue;
                };
                match children.last_mut() {
                    Some((last, keys)) if last == byte => keys.end = at + 1,
                    _ => children.push((*byte, at..at + 1)),
                }
            }
            if children.is_empty() {
                continue;
            }
            let base = builder.place(&children.iter().map(|(byte, _)| *byte).collect::<Vec<_>>());
            builder.nodes[node as usize].base = base;
            for (byte, keys) in children {
                let child = base ^ u32::from(byte);
                builder.nodes[child as usize].check = node;
                queue.push((child, keys, depth + 1));
            }
        }
        Self { nodes: builder.nodes }
    }
}

struct Builder {
    nodes: Vec<Node>,
    /// Blocks with free places, and how often nothing fitted there.
    open: Vec<(usize, u32)>,
}

impl Builder {
    fn add_block(&mut self) {
        self.open.push((self.nodes.len() / BLOCK, 0));
        self.nodes.resize(self.nodes.len() + BLOCK, Node { base: 0, check: FREE, value: 0 });
    }

    /// A base whose places for all these bytes are free.
    fn place(&mut self, bytes: &[u8]) -> u32 {
        for (block, failed) in &mut self.open {
            let places = &self.nodes[*block * BLOCK..(*block + 1) * BLOCK];
            let fits = |base: &u8| bytes.iter().all(|byte| places[usize::from(base ^ byte)].check == FREE);
            if let Some(base) = (0..=u8::MAX).find(fits) {
                return (*block * BLOCK) as u32 + u32::from(base);
            }
            *failed += 1;
        }
        self.open.retain(|(_, failed)| *failed < BLOCK_TRIALS);
        let base = self.nodes.len() as u32;
        self.add_block();
        base
    }
}
