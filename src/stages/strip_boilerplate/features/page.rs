//! What features need to know of the page around a block: counted once for all blocks, forwards and backwards.

use super::{Measured, is_good, log, share};
use crate::stages::strip_boilerplate::document::Flags;
use crate::stages::strip_boilerplate::measure::Measure;
use crate::stages::strip_boilerplate::phrases;

/// Phrases whose short lines head something: further reading, comments, an offer to subscribe, sharing, consent.
const HEADS: [usize; 5] =
    [phrases::FURTHER, phrases::COMMENTS, phrases::SUBSCRIBE, phrases::SHARE, phrases::CONSENT];

/// Groups of [`HEADS`] whose lines are counted.
const COUNTED: usize = 2;

/// The page as its blocks see it; lists have an entry for each block. Distances are in blocks, up to 255.
pub(super) struct Page {
    /// The line that is most likely the headline.
    pub title: Option<usize>,
    /// The last first-level heading up to a block.
    pub headline: Vec<Option<usize>>,
    /// Mass of good blocks before each block, and of all of them.
    pub good_before: Vec<f32>,
    pub since_heading: Vec<u8>,
    pub since_good: Vec<u8>,
    pub until_good: Vec<u8>,
    /// Whether any of the text for machines stands on the page.
    pub has_body: u8,
    /// Whether an element says that it is the body of an article.
    pub body_flag: bool,
    /// Share of the page's words that the lexicon knows.
    pub known: u8,
    /// Share of the text for machines that stands on the page.
    pub body_found: u8,
    /// The line that agrees best with the page's address.
    pub slug_title: Option<usize>,
    /// Blocks since a short line of each group of [`HEADS`].
    pub since_head: Vec<[u8; HEADS.len()]>,
    /// Sums up to each block: ends of sentences at the end, logarithm of the mass and its square, short lines with
    /// dates, texts that stand more than twice on the page.
    pub sums: Vec<[u32; 5]>,
    /// Blocks until such a line, of the first [`COUNTED`] groups.
    pub until_head: Vec<[u8; COUNTED]>,
    /// Such lines before a block, and on the page.
    pub heads_before: Vec<[u8; COUNTED]>,
    pub heads: [u8; COUNTED],
    /// Short lines with dates before a block.
    pub dates_before: Vec<u8>,
    pub since_date: Vec<u8>,
    pub until_date: Vec<u8>,
}

impl Page {
    pub fn new(measured: &Measured<'_>) -> Self {
        let (doc, blocks) = (measured.doc, &measured.blocks);
        let n = blocks.len();
        let level = |index: usize| doc.element_of(&doc.blocks[index]).tag.heading_level();
        let title = (0..n)
            .find(|i| blocks[*i].is_title && level(*i) == 1)
            .or_else(|| (0..n).rev().find(|i| blocks[*i].is_title && level(*i) > 0))
            .or_else(|| (0..n).find(|i| blocks[*i].is_title))
            .or_else(|| (0..n).find(|i| level(*i) == 1));
        let words = |count: &dyn Fn(&Measure) -> u32| blocks.iter().map(count).sum::<u32>() as f32;
        let in_body: f32 = blocks.iter().map(|m| m.in_body * m.triples).sum();
        let agrees = |m: &Measure| m.in_slug.0.min(m.in_slug.1) + 0.1 * m.in_slug.1;
        let slug_title = (0..n)
            .filter(|i| blocks[*i].in_slug.0 >= 0.5 && blocks[*i].in_slug.1 >= 0.5)
            .max_by(|a, b| agrees(&blocks[*a]).total_cmp(&agrees(&blocks[*b])).then(b.cmp(a)));
        let mut page = Self {
            title,
            headline: Vec::with_capacity(n),
            good_before: Vec::with_capacity(n + 1),
            since_heading: Vec::with_capacity(n),
            since_good: Vec::with_capacity(n),
            until_good: vec![255; n],
            has_body: u8::from(blocks.iter().any(|m| m.in_body > 0.0)),
            body_flag: doc.elements.iter().any(|e| e.flags.has(Flags::BODY)),
            known: share(words(&|m| m.reading.known.1) / words(&|m| m.reading.known.0).max(1.0)),
            body_found: share((in_body / measured.body.max(1) as f32).min(1.0)),
            slug_title,
            since_head: Vec::with_capacity(n),
            sums: Vec::with_capacity(n + 1),
            until_head: vec![[255; COUNTED]; n],
            heads_before: Vec::with_capacity(n),
            heads: [0; COUNTED],
            dates_before: Vec::with_capacity(n),
            since_date: Vec::with_capacity(n),
            until_date: vec![255; n],
        };
        page.count_forwards(blocks, level);
        page.count_backwards(blocks);
        page
    }

    fn count_forwards(&mut self, blocks: &[Measure], level: impl Fn(usize) -> u8) {
        let (mut headline, mut heading, mut good, mut date) = (None, 255u8, 255u8, 255u8);
        let (mut since_head, mut dates) = ([255u8; HEADS.len()], 0u8);
        let (mut good_mass, mut sums) = (0.0, [0u32; 5]);
        self.good_before.push(good_mass);
        self.sums.push(sums);
        for (index, m) in blocks.iter().enumerate() {
            // A heading is its own, everything else is behind or before a block.
            match level(index) {
                0 => {}
                1 => (headline, heading) = (Some(index), 0),
                _ => heading = 0,
            }
            self.headline.push(headline);
            self.since_heading.push(heading);
            self.since_good.push(good);
            self.since_date.push(date);
            self.since_head.push(since_head);
            self.dates_before.push(dates);
            self.heads_before.push(self.heads);
            heading = heading.saturating_add(1);
            good = if is_good(m) { 1 } else { good.saturating_add(1) };
            date = if is_date(m) { 0 } else { date.saturating_add(1) };
            dates = dates.saturating_add(u8::from(is_date(m)));
            for (since, group) in since_head.iter_mut().zip(HEADS) {
                *since = if is_head(m, group) { 0 } else { since.saturating_add(1) };
            }
            for (count, group) in self.heads.iter_mut().zip(HEADS) {
                *count = count.saturating_add(u8::from(is_head(m, group)));
            }
            good_mass += if is_good(m) { m.mass } else { 0.0 };
            self.good_before.push(good_mass);
            let log = u32::from(log(m.mass));
            let ends = matches!(m.shape.last, 1 | 2);
            let of_block = [u32::from(ends), log, log * log, u32::from(is_date(m)), u32::from(m.repeats > 2)];
            sums.iter_mut().zip(of_block).for_each(|(sum, value)| *sum += value);
            self.sums.push(sums);
        }
    }

    fn count_backwards(&mut self, blocks: &[Measure]) {
        let (mut good, mut date, mut until_head) = (255u8, 255u8, [255u8; COUNTED]);
        for (index, m) in blocks.iter().enumerate().rev() {
            self.until_good[index] = good;
            self.until_date[index] = date;
            self.until_head[index] = until_head;
            good = if is_good(m) { 1 } else { good.saturating_add(1) };
            date = if is_date(m) { 0 } else { date.saturating_add(1) };
            for (until, group) in until_head.iter_mut().zip(HEADS) {
                *until = if is_head(m, group) { 0 } else { until.saturating_add(1) };
            }
        }
    }
}

/// Whether a block is a short line that holds a phrase of a group.
fn is_head(m: &Measure, group: usize) -> bool {
    m.phrases.counts[group] > 0 && m.mass <= 60.0 && m.sentences == 0.0
}

/// Whether a block is a short line with a date or a time of day.
fn is_date(m: &Measure) -> bool {
    (m.shape.year || m.shape.clock) && m.mass <= 60.0
}
