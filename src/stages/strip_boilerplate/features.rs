//! Numbers the block model decides on: one byte each, the same for HTML and plain text.
//!
//! Nothing depends on the words of one language: lengths, punctuation, links, the place in the page and
//! in its elements, names of classes, repetition, agreement with the page's own title and
//! description, and the same of the neighbours.

mod page;

use super::document::Document;
use super::hints;
use super::html::Tag;
use super::lexicon::Lexicon;
use super::measure::{Measure, count_repeats, measure, title_words};
use super::words::HashSet;
use page::Page;

/// Features of a block; the first [`BASE`] do not need a first reading of the page by the model.
pub const FEATURES: usize = 253;
/// Features known before the model has looked at the page.
pub const BASE: usize = 215;

/// Longest text in a box that its names say is for captions, in letters.
const MAX_CAPTION: f32 = 400.0;

/// Distance of boxes that are nowhere above a block, or as far.
const FAR: u8 = 40;

/// One block's features.
pub type Row = [u8; FEATURES];

/// Blocks of a page with what was measured on them, ready to give features.
pub struct Measured<'d> {
    pub(super) doc: &'d Document,
    /// Hashes of the words of all blocks, by block, sorted in each.
    pub vocabulary: Vec<u32>,
    /// One for each block.
    pub blocks: Vec<Measure>,
    ancestors: Vec<Sum>,
    nearest: Vec<[u8; hints::GROUPS]>,
    same: Vec<Sum>,
    group: Vec<u32>,
    good_mass: f32,
    mass: f32,
    /// Runs of three words of the text for machines.
    body: usize,
    /// Deepest elements that hold half and four fifths of the good text.
    cores: [u32; 2],
    core_of: Vec<[u8; 2]>,
}

/// Sums over the blocks of an element, or of a group of like elements.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    mass: f32,
    link_mass: f32,
    good: f32,
    blocks: f32,
    paragraphs: f32,
    sentences: f32,
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.mass += other.mass;
        self.link_mass += other.link_mass;
        self.good += other.good;
        self.blocks += other.blocks;
        self.paragraphs += other.paragraphs;
        self.sentences += other.sentences;
    }
}

/// Steps of [`log`] for each doubling.
const STEPS: u32 = 14;
/// Where they begin within a doubling: the powers of the 14th root of two, rounded up.
const BEGINS: [f32; 15] = [
    1.0,
    1.050_756_7,
    1.104_089_6,
    1.160_129_4,
    1.219_013_7,
    1.280_886_8,
    1.345_900_3,
    1.414_213_7,
    1.485_994_3,
    1.561_418_4,
    1.640_670_8,
    1.723_945_7,
    1.811_447_4,
    1.903_390_4,
    2.0,
];
/// The step at the beginning of each 32nd of a doubling: none holds the beginning of more than one.
const FIRST: [u8; 32] = {
    let mut first = [0; 32];
    let mut part = 0;
    while part < 32 {
        while BEGINS[first[part] as usize + 1] <= 1.0 + part as f32 / 32.0 {
            first[part] += 1;
        }
        part += 1;
    }
    first
};

/// A count on a logarithmic scale: `14 log2(1 + x)`, rounded down. By comparisons alone: libraries' logarithms take
/// long, and differ in their last bits.
pub(super) fn log(x: f32) -> u8 {
    let bits = (1.0 + x.max(0.0)).to_bits();
    let doublings = (bits >> 23) - 127;
    let part = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000);
    let first = FIRST[(bits >> 18 & 31) as usize];
    let step = u32::from(first) + u32::from(part >= BEGINS[first as usize + 1]);
    (doublings * STEPS + step).min(255) as u8
}

/// A share from 0 to 1.
pub(super) fn share(x: f32) -> u8 {
    (x * 250.0) as u8
}

impl<'d> Measured<'d> {
    /// Measures all blocks of a page.
    pub fn new(doc: &'d Document, lexicon: &Lexicon) -> Self {
        let title = title_words(doc);
        let description = HashSet::triples(&doc.meta.description);
        let body = doc.meta.articles.iter().map(|a| &a.body).max_by_key(|b| b.len());
        let body = body.map(|b| HashSet::triples(b)).filter(|b| b.len() > 30).unwrap_or_default();
        let mut vocabulary = Vec::with_capacity(doc.text.len() / 6);
        let mut blocks: Vec<Measure> = doc
            .blocks
            .iter()
            .map(|block| measure(doc, block, &title, &description, &body, lexicon, &mut vocabulary))
            .collect();
        count_repeats(&mut blocks);
        let mut measured = Self {
            doc,
            vocabulary,
            ancestors: vec![Sum::default(); doc.elements.len()],
            nearest: Vec::new(),
            same: Vec::new(),
            group: Vec::new(),
            good_mass: 0.0,
            mass: 0.0,
            body: body.len(),
            cores: [0; 2],
            core_of: vec![[0; 2]; doc.elements.len()],
            blocks,
        };
        measured.sum_up();
        measured.nearest = measured.nearest_hints();
        measured
    }

    fn sum_up(&mut self) {
        let mut groups: Vec<(u64, u32)> = Vec::with_capacity(self.blocks.len());
        let mut sums = Vec::with_capacity(self.blocks.len());
        for (index, (block, m)) in self.doc.blocks.iter().zip(&self.blocks).enumerate() {
            let good = is_good(m);
            let element = self.doc.element_of(block);
            let sum = Sum {
                mass: m.mass,
                link_mass: m.mass * m.links,
                good: if good { m.mass } else { 0.0 },
                blocks: 1.0,
                paragraphs: f32::from(u8::from(element.tag == Tag::P)),
                sentences: m.sentences,
            };
            self.ancestors[block.element as usize].add(&sum);
            self.good_mass += sum.good;
            self.mass += sum.mass;
            let parent = &self.doc.elements[element.parent as usize];
            let key = u64::from(element.signature) << 32 | u64::from(parent.signature);
            groups.push((key, index as u32));
            sums.push(sum);
        }
        groups.sort_unstable();
        self.group = vec![0; groups.len()];
        let mut last = None;
        for (key, index) in groups {
            if last != Some(key) {
                self.same.push(Sum::default());
                last = Some(key);
            }
            let group = self.same.len() - 1;
            self.group[index as usize] = group as u32;
            self.same[group].add(&sums[index as usize]);
        }
        // Parents stand before their children.
        for index in (1..self.doc.elements.len()).rev() {
            let sum = self.ancestors[index];
            self.ancestors[self.doc.elements[index].parent as usize].add(&sum);
        }
        for (core, part) in [0.5, 0.8].into_iter().enumerate() {
            let mut deepest = (0, 0);
            for (index, element) in self.doc.elements.iter().enumerate() {
                if self.ancestors[index].good >= part * self.good_mass && element.depth >= deepest.0 {
                    deepest = (element.depth, index as u32);
                }
            }
            self.cores[core] = deepest.1;
            for (index, element) in self.doc.elements.iter().enumerate() {
                let above = self.core_of[element.parent as usize][core];
                self.core_of[index][core] = if index as u32 == deepest.1 {
                    1
                } else if above > 0 && index > 0 {
                    (above + 1).min(60)
                } else {
                    0
                };
            }
        }
    }

    /// Like blocks: those whose elements and parents have the same names and classes.
    pub fn group_of(&self, index: usize) -> usize {
        self.group.get(index).copied().unwrap_or(0) as usize
    }

    /// Whether a block stands in a box that holds less than half of the good text and whose names are of a group of
    /// [`hints`].
    pub fn in_box(&self, index: usize, hint: u64) -> bool {
        self.distance(index, hint) < FAR
    }

    /// Whether a block is the caption of a picture.
    pub fn is_caption(&self, index: usize) -> bool {
        self.doc.in_caption(&self.doc.blocks[index])
            || self.blocks[index].mass < MAX_CAPTION && self.distance(index, hints::CAPTION) <= 1
    }

    /// How many elements above a block's own the nearest box stands whose names are of a group of [`hints`], up to
    /// [`FAR`].
    fn distance(&self, index: usize, hint: u64) -> u8 {
        let nearest = &self.nearest[self.doc.blocks[index].element as usize];
        nearest.get(hint.trailing_zeros() as usize).copied().unwrap_or(FAR)
    }

    /// Number of groups of like blocks.
    pub fn groups(&self) -> usize {
        self.same.len()
    }

    /// Features of all blocks, up to [`BASE`].
    pub fn rows(&self) -> Vec<Row> {
        let n = self.blocks.len();
        let page = Page::new(self);
        let mut rows = vec![[0u8; FEATURES]; n];
        let mut before = 0.0;
        for (index, row) in rows.iter_mut().enumerate() {
            let mut out = Out { row, at: 0 };
            self.own(index, &mut out);
            self.place(index, before, &page, &mut out);
            self.around(index, &page, &mut out);
            debug_assert!(out.at <= BASE, "{} features", out.at);
            before += self.blocks[index].mass;
        }
        rows
    }

    fn own(&self, index: usize, out: &mut Out<'_>) {
        let (m, block) = (&self.blocks[index], &self.doc.blocks[index]);
        let s = &m.shape;
        let per = |x: f32| share(x / s.chars.max(1.0));
        out.push(log(m.mass));
        out.push(log(m.words));
        out.push((m.mass / m.words.max(1.0) * 8.0) as u8);
        out.push(log(m.sentences));
        out.push((m.sentences / m.mass.max(1.0) * 2500.0) as u8);
        out.push((s.commas / m.mass.max(1.0) * 2500.0) as u8);
        out.push((s.punctuation / s.chars.max(1.0) * 1000.0) as u8);
        out.push(per(s.digits));
        out.push(share(s.upper / s.letters.max(1.0)));
        out.push(share(s.capitalised / m.words.max(1.0)));
        out.push(s.first);
        out.push(s.last);
        out.push(share(m.links));
        out.push(block.links.min(255) as u8);
        out.push(share(block.emphasis_bytes as f32 / (block.end - block.start).max(1) as f32));
        out.push(s.separators as u8);
        out.push(s.symbols as u8);
        out.push(per(s.unspaced));
        out.push(u8::from(s.year) | u8::from(s.clock) << 1);
        out.push(u8::from(s.address) | u8::from(s.copyright) << 1);
        out.push(u8::from(s.quotes));
        out.push(share(m.in_title));
        out.push(u8::from(m.is_title));
        out.push(share(m.in_description));
        out.push(share(m.in_body));
        out.push(m.repeats.min(255) as u8);
        out.push(m.reading.mean);
        out.push(m.reading.sum);
        out.push(m.reading.lowest);
        out.push(m.reading.start);
        m.phrases.counts.iter().for_each(|count| out.push(*count));
    }

    fn place(&self, index: usize, before: f32, page: &Page, out: &mut Out<'_>) {
        let block = &self.doc.blocks[index];
        let element = self.doc.element_of(block);
        let parent = &self.doc.elements[element.parent as usize];
        let grand = &self.doc.elements[parent.parent as usize];
        out.push(element.tag as u8);
        out.push(parent.tag as u8);
        out.push(grand.tag as u8);
        out.push(element.depth.min(255) as u8);
        let flags = self.doc.flags_of(block).0;
        for bit in 0..19 {
            out.push((flags >> bit & 1) as u8);
        }
        for near in self.nearest[block.element as usize] {
            out.push(near);
        }
        let mut at = block.element as usize;
        for _ in 0..4 {
            let sum = &self.ancestors[at];
            out.push(log(sum.mass));
            out.push(share(sum.link_mass / sum.mass.max(1.0)));
            out.push(share(sum.good / self.good_mass.max(1.0)));
            out.push(log(sum.blocks));
            out.push(log(sum.paragraphs));
            at = self.doc.elements[at].parent as usize;
        }
        let same = &self.same[self.group_of(index)];
        out.push(log(same.mass));
        out.push(log(same.mass / same.blocks.max(1.0)));
        out.push(share(same.link_mass / same.mass.max(1.0)));
        out.push(log(same.blocks));
        out.push((same.sentences / same.blocks.max(1.0) * 20.0) as u8);
        out.push(share(same.good / self.good_mass.max(1.0)));
        out.push(self.core_of[block.element as usize][0]);
        out.push(self.core_of[block.element as usize][1]);
        let n = self.blocks.len() as f32;
        out.push(share(index as f32 / n));
        out.push(log(index as f32));
        out.push(log(n - index as f32));
        out.push(log(n));
        out.push(share(before / self.mass.max(1.0)));
        out.push(log(self.mass));
        out.push(share(self.good_mass / self.mass.max(1.0)));
        out.push(since(index, page.title));
        out.push(since(index, page.headline[index]));
        out.push(u8::from(self.doc.plain));
        out.push(page.has_body);
        out.push(block.gap);
        out.push(u8::from(page.body_flag));
    }

    fn around(&self, index: usize, page: &Page, out: &mut Out<'_>) {
        let n = self.blocks.len();
        let element = self.doc.blocks[index].element;
        for offset in [-3isize, -2, -1, 1, 2, 3] {
            let other = index.checked_add_signed(offset).filter(|o| *o < n);
            let m = other.map(|o| &self.blocks[o]);
            out.push(m.map_or(0, |m| log(m.mass)));
            out.push(m.map_or(0, |m| share(m.links)));
            if offset.abs() <= 2 {
                out.push(m.map_or(0, |m| log(m.sentences)));
                out.push(m.map_or(0, |m| m.shape.last));
                out.push(m.map_or(0, |m| m.reading.mean));
                out.push(other.map_or(0, |o| self.doc.element_of(&self.doc.blocks[o]).tag as u8));
            }
            if offset.abs() == 1 {
                out.push(other.map_or(0, |o| u8::from(self.group[o] == self.group[index])));
                out.push(other.map_or(0, |o| {
                    let a = self.doc.elements[self.doc.blocks[o].element as usize].parent;
                    u8::from(a == self.doc.elements[element as usize].parent)
                }));
            }
        }
        for reach in [4, 12] {
            let sum = |from: usize, to: usize| page.good_before[to] - page.good_before[from];
            out.push(log(sum(index.saturating_sub(reach), index)));
            out.push(log(sum(index + 1, (index + 1 + reach).min(n).max(index + 1).min(n))));
        }
        out.push(page.since_heading[index]);
        out.push(page.since_good[index]);
        out.push(page.until_good[index]);
        self.company(index, page, out);
    }

    /// What stands near a block, and what of it the page says elsewhere.
    fn company(&self, index: usize, page: &Page, out: &mut Out<'_>) {
        let (m, n) = (&self.blocks[index], self.blocks.len());
        out.push(page.known);
        out.push(share(m.reading.known.1 as f32 / m.reading.known.0.max(1) as f32));
        out.push(m.phrases.start);
        out.push(m.phrases.end);
        page.since_head[index].iter().for_each(|since| out.push(*since));
        for (until, (before, all)) in
            page.until_head[index].iter().zip(page.heads_before[index].iter().zip(page.heads))
        {
            out.push(*until);
            out.push(*before);
            out.push(all);
        }
        out.push(page.dates_before[index]);
        out.push(index.checked_sub(1).map_or(0, |before| share(self.blocks[before].in_body)));
        out.push(self.blocks.get(index + 1).map_or(0, |after| share(after.in_body)));
        out.push(page.body_found);
        out.push(share(m.in_slug.0));
        out.push(share(m.in_slug.1));
        out.push(since(index, page.slug_title));
        out.push(page.since_date[index]);
        out.push(page.until_date[index]);
        out.push(((m.words / m.sentences.max(1.0)) * 4.0) as u8);
        let near = index.saturating_sub(5)..(index + 6).min(n);
        let count = near.len() as f32;
        let (from, to) = (&page.sums[near.start], &page.sums[near.end]);
        let [ends, sum, squares, dates, repeats] = std::array::from_fn(|n| (to[n] - from[n]) as f32);
        out.push(share(ends / count));
        out.push((squares / count - (sum / count) * (sum / count)).max(0.0).sqrt() as u8);
        out.push(share(dates / count));
        out.push(share(repeats / count));
    }
}

/// Whether a block looks like a paragraph of a text.
fn is_good(m: &Measure) -> bool {
    m.mass >= 60.0 && m.links < 0.35 && m.sentences >= 1.0
}

pub(super) struct Out<'r> {
    pub(super) row: &'r mut Row,
    pub(super) at: usize,
}

impl Out<'_> {
    pub(super) fn push(&mut self, value: u8) {
        if let Some(slot) = self.row.get_mut(self.at) {
            *slot = value;
        }
        self.at += 1;
    }
}

/// Blocks since an earlier one, or until a later one, around 128.
fn since(index: usize, other: Option<usize>) -> u8 {
    match other {
        None => 0,
        Some(o) if o <= index => 128 + log((index - o) as f32).min(120),
        Some(o) => 128 - log((o - index) as f32).min(120),
    }
}

impl Measured<'_> {
    /// For each element how far up the nearest one stands whose names speak of each group of [`hints`].
    fn nearest_hints(&self) -> Vec<[u8; hints::GROUPS]> {
        let elements = &self.doc.elements;
        let mut all: Vec<[u8; hints::GROUPS]> = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            let mut near = if index == 0 { [FAR; hints::GROUPS] } else { all[element.parent as usize] };
            for distance in &mut near {
                *distance = (*distance + 1).min(FAR);
            }
            let mut bits = element.hints;
            // A box around most of the text is not about what its name says: `class="with-sidebar comments-open"`.
            if self.ancestors[index].good >= 0.5 * self.good_mass {
                bits &= hints::OF_TEXT;
            }
            while bits != 0 {
                if let Some(distance) = near.get_mut(bits.trailing_zeros() as usize) {
                    *distance = 0;
                }
                bits &= bits - 1;
            }
            all.push(near);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_by_comparison() {
        let near = |x: f64| (x - x.round()).abs() < 1e-5;
        for n in 0..2_000_000u32 {
            let x = if n < 1_000_000 { n as f32 / 64.0 } else { (n - 1_000_000) as f32 * 1.7 };
            let exact = (1.0 + f64::from(x)).log2() * 14.0;
            assert!(log(x) == exact as u8 || near(exact), "{x}");
        }
        assert_eq!([log(-3.0), log(0.0), log(1.0), log(3.0)], [0, 0, 14, 28]);
        assert_eq!([log(1e9), log(f32::INFINITY), log(f32::NAN)], [255, 255, 0]);
    }
}
