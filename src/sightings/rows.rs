//! Rows of records, numbered from the oldest that is left, with bytes beside them.
//!
//! They are kept in chunks of 256: a row of a million grows without being copied or held twice, and the oldest
//! leave without the others being moved.

use std::collections::VecDeque;
use std::ops::{Index, IndexMut};

const CHUNK: usize = 256;

/// The rows.
#[derive(Debug)]
pub struct Rows<T> {
    chunks: VecDeque<Chunk<T>>,
    /// Rows of the first chunk that have left.
    gone: usize,
    len: usize,
}

#[derive(Debug)]
struct Chunk<T> {
    rows: Vec<T>,
    bytes: Vec<u8>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { chunks: VecDeque::new(), gone: 0, len: 0 }
    }
}

impl<T> Rows<T> {
    /// Rows that are left.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The newest.
    pub fn last(&self) -> Option<&T> {
        self.chunks.back().and_then(|chunk| chunk.rows.last())
    }

    /// Adds a row.
    pub fn push(&mut self, row: T) {
        self.push_with(|_| row);
    }

    /// Adds a row that `make` gives; what it appends to the bytes it finds again in [`Rows::bytes_of`], at the
    /// place where it has put it.
    pub fn push_with(&mut self, make: impl FnOnce(&mut Vec<u8>) -> T) {
        if self.chunks.back().is_none_or(|chunk| chunk.rows.len() == CHUNK) {
            let mut bytes = Vec::new();
            if let Some(full) = self.chunks.back_mut() {
                full.bytes.shrink_to_fit();
                // As many as before and some more: doubled ones would leave holes that the next do not fit into.
                bytes.reserve_exact(full.bytes.len() + full.bytes.len() / 16);
            }
            self.chunks.push_back(Chunk { rows: Vec::with_capacity(CHUNK), bytes });
        }
        if let Some(chunk) = self.chunks.back_mut() {
            let row = make(&mut chunk.bytes);
            chunk.rows.push(row);
            self.len += 1;
        }
    }

    /// Bytes that this row and its neighbours were pushed with.
    pub fn bytes_of(&self, number: usize) -> &[u8] {
        &self.chunks[(number + self.gone) / CHUNK].bytes
    }

    /// Drops the oldest `count`.
    pub fn drop_oldest(&mut self, count: usize) {
        let count = count.min(self.len);
        self.len -= count;
        self.gone += count;
        let chunks = if self.len == 0 { self.chunks.len() } else { self.gone / CHUNK };
        self.chunks.drain(..chunks);
        self.gone = if self.len == 0 { 0 } else { self.gone % CHUNK };
    }

    /// All of them, oldest first, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.chunks.iter_mut().flat_map(|chunk| &mut chunk.rows).skip(self.gone)
    }

    /// Bytes allocated.
    pub fn bytes(&self) -> usize {
        let of = |chunk: &Chunk<T>| chunk.rows.capacity() * size_of::<T>() + chunk.bytes.capacity();
        self.chunks.iter().map(of).sum::<usize>() + self.chunks.capacity() * size_of::<Chunk<T>>()
    }
}

impl<T> Index<usize> for Rows<T> {
    type Output = T;

    fn index(&self, number: usize) -> &T {
        let at = number + self.gone;
        &self.chunks[at / CHUNK].rows[at % CHUNK]
    }
}

impl<T> IndexMut<usize> for Rows<T> {
    fn index_mut(&mut self, number: usize) -> &mut T {
        let at = number + self.gone;
        &mut self.chunks[at / CHUNK].rows[at % CHUNK]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_a_queue(steps in prop::collection::vec((0usize..700, 0usize..700), 1..8)) {
            let (mut rows, mut model) = (Rows::default(), VecDeque::new());
            let mut next = 0u32;
            for (push, drop) in steps {
                for _ in 0..push {
                    rows.push_with(|bytes| {
                        bytes.extend(next.to_le_bytes());
                        (next, bytes.len() - 4)
                    });
                    model.push_back(next);
                    next += 1;
                }
                rows.drop_oldest(drop);
                model.drain(..drop.min(model.len()));
                rows.iter_mut().for_each(|row| row.0 ^= 1);
                model.iter_mut().for_each(|row| *row ^= 1);
                prop_assert_eq!(rows.len(), model.len());
                prop_assert_eq!(rows.last().map(|row| row.0), model.back().copied());
                for (i, expected) in model.iter().enumerate() {
                    let (value, at) = rows[i];
                    prop_assert_eq!(value, *expected);
                    let bytes = &rows.bytes_of(i)[at..at + 4];
                    let stored = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                    prop_assert!(stored == value || stored == value ^ 1);
                }
            }
        }
    }
}
