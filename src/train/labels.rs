//! Which blocks of a labelled page are main text: blocks aligned with the page's gold text.

use std::collections::HashMap;

use crate::stages::strip_boilerplate::document::Document;
use crate::stages::strip_boilerplate::words;

/// A block's label and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Label {
    /// Whether the block is main text.
    pub text: bool,
    /// 1 where it is plain to see, less where it is not, 0 where nothing is known.
    pub sure: f32,
}

/// Labels of all blocks by a gold text: a block is main text where most of its runs of four words are.
pub fn by_text(doc: &Document, gold: &str) -> Vec<Label> {
    let mut left: HashMap<u64, i32> = HashMap::new();
    let gold_words = word_list(gold);
    for n in 1..=4 {
        for run in gold_words.windows(n) {
            *left.entry(key(run)).or_default() += 1;
        }
    }
    let mut lines: HashMap<u64, usize> = HashMap::new();
    gold.lines().for_each(|l| *lines.entry(key(&word_list(l))).or_default() += 1);
    let blocks: Vec<Vec<u32>> = doc.blocks.iter().map(|b| word_list(doc.block_text(b))).collect();
    let mut labels: Vec<Label> = blocks.iter().map(|words| first_guess(words, &left)).collect();
    // Of several copies the one among other main text is the one meant.
    let mut copies: HashMap<u64, Vec<usize>> = HashMap::new();
    for (index, words) in blocks.iter().enumerate() {
        if labels[index].text && words.len() >= 4 {
            copies.entry(key(words)).or_default().push(index);
        }
    }
    let company = |labels: &[Label], index: usize| -> usize {
        let range = index.saturating_sub(4)..(index + 5).min(labels.len());
        range
            .filter(|i| *i != index && labels[*i].text && blocks[*i].len() >= 4)
            .map(|i| blocks[i].len() * 12 / i.abs_diff(index))
            .sum()
    };
    let mut doubled: Vec<Vec<usize>> = copies.into_values().filter(|c| c.len() > 1).collect();
    doubled.sort();
    for mut indices in doubled {
        let wanted = (*left.get(&key(&blocks[indices[0]][..4])).unwrap_or(&1)).max(1) as usize;
        if indices.len() > wanted {
            let by_company: Vec<usize> = indices.iter().map(|i| company(&labels, *i)).collect();
            let mut order: Vec<usize> = (0..indices.len()).collect();
            order.sort_by_key(|i| (std::cmp::Reverse(by_company[*i]), *i));
            indices = order.iter().map(|i| indices[*i]).collect();
            for index in &indices[wanted..] {
                labels[*index] = Label { text: false, sure: 0.3 };
            }
        }
    }
    // Short blocks: a line of its own in the gold text, or going on from or into main text beside it.
    let mut heads: HashMap<u64, Vec<usize>> = HashMap::new();
    for index in 0..blocks.len() {
        let words = &blocks[index];
        if words.len() >= 4 || words.is_empty() {
            continue;
        }
        let beside = |other: Option<usize>| other.filter(|o| *o < blocks.len() && labels[*o].text);
        let (before, after) = (beside(index.checked_sub(1)), beside(Some(index + 1)));
        let joins = |run: Vec<u32>| run.len() >= 3 && left.contains_key(&key(&run[..run.len().min(4)]));
        let from_before = before.is_some_and(|b| {
            let tail: Vec<u32> = blocks[b].iter().rev().take(4 - words.len().min(3)).rev().copied().collect();
            joins(tail.into_iter().chain(words.iter().copied()).collect())
        });
        let into_after = after
            .is_some_and(|a| joins(words.iter().copied().chain(blocks[a].iter().copied()).take(4).collect()));
        if lines.contains_key(&key(words)) && !from_before && !into_after {
            heads.entry(key(words)).or_default().push(index);
        }
        let text = from_before || into_after;
        if text && let Some(wanted) = lines.get_mut(&key(words)) {
            *wanted = wanted.saturating_sub(1);
        }
        labels[index] = Label { text, sure: if text { 0.8 } else { 0.5 } };
    }
    let mut heads: Vec<(u64, Vec<usize>)> = heads.into_iter().collect();
    heads.sort();
    for (line, mut indices) in heads {
        let by_company: HashMap<usize, usize> = indices.iter().map(|i| (*i, company(&labels, *i))).collect();
        indices.sort_by_key(|i| (std::cmp::Reverse(by_company[i]), *i));
        for index in indices.iter().take(lines[&line]).filter(|i| by_company[i] > 60) {
            labels[*index] = Label { text: true, sure: 0.8 };
        }
    }
    labels
}

/// Labels by snippets that are wanted and not wanted; blocks with neither are not known.
pub fn by_snippets(doc: &Document, with: &[String], without: &[String]) -> Vec<Label> {
    let squash = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
    let with: Vec<String> = with.iter().map(|s| squash(s)).filter(|s| s.len() > 8).collect();
    let without: Vec<String> = without.iter().map(|s| squash(s)).filter(|s| s.len() > 3).collect();
    doc.blocks
        .iter()
        .map(|block| {
            let text = squash(doc.block_text(block));
            let wanted = with.iter().any(|s| text.contains(s.as_str()));
            let unwanted = without.iter().any(|s| text.contains(s.as_str()) && s.len() * 3 > text.len());
            Label { text: wanted, sure: if wanted == unwanted { 0.0 } else { 1.0 } }
        })
        .collect()
}

fn first_guess(words: &[u32], gold: &HashMap<u64, i32>) -> Label {
    if words.len() < 4 {
        return Label { text: false, sure: 0.0 };
    }
    let hit = words.windows(4).filter(|run| gold.contains_key(&key(run))).count();
    let part = hit as f32 / (words.len() - 3) as f32;
    Label { text: part > 0.5, sure: if (0.15..=0.85).contains(&part) { 0.6 } else { 1.0 } }
}

fn word_list(text: &str) -> Vec<u32> {
    let mut out = Vec::new();
    words::hashes(text, |h| out.push(h));
    out
}

fn key(words: &[u32]) -> u64 {
    words.iter().fold(words.len() as u64, |hash, word| {
        (hash ^ u64::from(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::strip_boilerplate::html;

    #[test]
    fn paragraphs_short_heads_and_copies() {
        let page = "<p>The pier of Lindmere will be rebuilt this summer.</p><ul><li>Home<li>Costs</ul>\
            <h1>Pier</h1><p>The pier of Lindmere will be rebuilt this summer.</p><h2>Costs</h2>\
            <p>The town pays two million for the new pier, the mayor said on Tuesday.</p>\
            <p>Subscribe to our newsletter to read more of this every day.</p>";
        let gold = "The pier of Lindmere will be rebuilt this summer.\nCosts\nThe town pays two million for the \
            new pier, the mayor said on Tuesday.";
        let doc = html::read(page);
        let labels: Vec<bool> = by_text(&doc, gold).iter().map(|l| l.text).collect();
        assert_eq!(labels, [false, false, false, false, true, true, true, false]);
    }
}
