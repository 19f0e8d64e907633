//! What the model's first reading says of a block's surroundings: features of the second reading.

use super::features::{BASE, FEATURES, Measured, Out, Row, log, share};

impl Measured<'_> {
    /// Adds what the model's first reading says of each block and its surroundings.
    pub fn second_reading(&self, rows: &mut [Row], scores: &[f32]) {
        let n = rows.len();
        let mass: Vec<f32> = self.blocks.iter().map(|m| m.mass + 5.0).collect();
        let sums = |weights: &dyn Fn(usize) -> f32| {
            let mut sums = Vec::with_capacity(n + 1);
            let mut sum = 0.0;
            sums.push(0.0);
            for index in 0..n {
                sum += weights(index);
                sums.push(sum);
            }
            sums
        };
        let likely = sums(&|i| mass[i] * scores[i]);
        let all = sums(&|i| mass[i]);
        let mut element = vec![(0.0f32, 0.0f32); self.doc.elements.len()];
        let mut group = vec![(0.0f32, 0.0f32); self.groups()];
        for (index, block) in self.doc.blocks.iter().enumerate() {
            for slot in [&mut element[block.element as usize], &mut group[self.group_of(index)]] {
                slot.0 += mass[index] * scores[index];
                slot.1 += mass[index];
            }
        }
        for index in (1..self.doc.elements.len()).rev() {
            let (a, b) = element[index];
            let parent = &mut element[self.doc.elements[index].parent as usize];
            parent.0 += a;
            parent.1 += b;
        }
        let total = likely[n].max(1.0);
        let peak = scores.iter().copied().fold(0.0, f32::max);
        let affinity = self.affinity(scores);
        let runs = Runs::new(scores, &mass);
        let mut since = vec![255u8; n];
        let mut until = vec![255u8; n];
        let mut far = 255u8;
        for index in 0..n {
            since[index] = far;
            far = if scores[index] > 0.6 { 0 } else { far.saturating_add(1) };
        }
        far = 255;
        for index in (0..n).rev() {
            until[index] = far;
            far = if scores[index] > 0.6 { 0 } else { far.saturating_add(1) };
        }
        for (index, row) in rows.iter_mut().enumerate() {
            let mut out = Out { row, at: BASE };
            out.push(share(scores[index]));
            for offset in [-4isize, -3, -2, -1, 1, 2, 3, 4] {
                let other = index.checked_add_signed(offset).filter(|o| *o < n);
                out.push(other.map_or(0, |o| share(scores[o])));
            }
            for reach in [5usize, 15, 40] {
                let mean = |from: usize, to: usize| {
                    share((likely[to] - likely[from]) / (all[to] - all[from]).max(1.0))
                };
                out.push(mean(index.saturating_sub(reach), index));
                out.push(mean((index + 1).min(n), (index + 1 + reach).min(n)));
            }
            out.push(share(likely[index] / total));
            out.push(log(total));
            out.push(share(total / all[n].max(1.0)));
            out.push(share(peak));
            out.push(since[index]);
            out.push(until[index]);
            let mut at = self.doc.blocks[index].element as usize;
            for _ in 0..4 {
                let (a, b) = element[at];
                out.push(share(a / b.max(1.0)));
                out.push(share(a / total));
                at = self.doc.elements[at].parent as usize;
            }
            let (a, b) = group[self.group_of(index)];
            out.push(share(a / b.max(1.0)));
            out.push(share(a / total));
            out.push(affinity[index]);
            runs.push(index, &mut out);
            debug_assert!(out.at <= FEATURES, "{} features", out.at);
        }
    }

    /// For each block the share of its words that other likely text has too: teasers of other stories
    /// speak of other things. Words that most of the text has say nothing and do not count.
    fn affinity(&self, scores: &[f32]) -> Vec<u8> {
        let mut counts = vec![0u8; VOCABULARY];
        let slot = |word: u32| (word.wrapping_mul(0x9e37_79b1) >> 18) as usize;
        let likely = |index: usize| scores[index] > 0.5 && self.blocks[index].mass > 40.0;
        let words = |index: usize| {
            let (from, to) = self.blocks[index].vocabulary;
            let words = &self.vocabulary[from as usize..to as usize];
            words.iter().enumerate().filter(|(i, w)| *i == 0 || words[i - 1] != **w).map(|(_, w)| *w)
        };
        let mut texts = 0u32;
        for index in (0..scores.len()).filter(|i| likely(*i)) {
            texts += 1;
            words(index).for_each(|w| counts[slot(w)] = counts[slot(w)].saturating_add(1));
        }
        let common = (texts / 4).clamp(3, 250) as u8;
        (0..scores.len())
            .map(|index| {
                let own = u8::from(likely(index));
                let (mut known, mut all) = (0.0f32, 0.5f32);
                for word in words(index) {
                    let others = counts[slot(word)].saturating_sub(own);
                    if others < common {
                        all += 1.0;
                        known += f32::from(u8::from(others > 0));
                    }
                }
                share(known / all)
            })
            .collect()
    }
}

/// Slots of the table of words of the likely text.
const VOCABULARY: usize = 1 << 14;

/// Blocks between two likely ones that do not end a run.
const RUN_GAP: usize = 3;

/// Runs of likely text, with small gaps.
struct Runs {
    /// First block, last block, and mass.
    runs: Vec<(usize, usize, f32)>,
    largest: usize,
    /// Run of each block, where it is in one.
    run_of: Vec<Option<usize>>,
}

impl Runs {
    fn new(scores: &[f32], mass: &[f32]) -> Self {
        let mut runs: Vec<(usize, usize, f32)> = Vec::new();
        for (index, score) in scores.iter().enumerate() {
            if *score <= 0.5 {
                continue;
            }
            match runs.last_mut() {
                Some(run) if index - run.1 <= RUN_GAP + 1 => {
                    run.1 = index;
                    run.2 += mass[index];
                }
                _ => runs.push((index, index, mass[index])),
            }
        }
        let mut largest = 0;
        let mut run_of = vec![None; scores.len()];
        for (number, run) in runs.iter().enumerate() {
            if run.2 > runs[largest].2 {
                largest = number;
            }
            run_of[run.0..=run.1].fill(Some(number));
        }
        Self { runs, largest, run_of }
    }

    fn push(&self, index: usize, out: &mut Out<'_>) {
        let own = self.run_of[index];
        out.push(own.map_or(0, |run| 1 + u8::from(run == self.largest)));
        out.push(own.map_or(0, |run| log(self.runs[run].2)));
        let Some((first, last, all)) = self.runs.get(self.largest) else {
            (0..4).for_each(|_| out.push(0));
            return;
        };
        out.push(match index {
            i if i < *first => 128 - log((first - i) as f32).min(120),
            i if i > *last => 128 + log((i - last) as f32).min(120),
            _ => 128,
        });
        out.push(own.map_or(0, |run| share(self.runs[run].2 / all)));
        out.push(share(index.saturating_sub(*first) as f32 / (last - first + 1) as f32).min(250));
        out.push(log(self.runs.len() as f32));
    }
}
