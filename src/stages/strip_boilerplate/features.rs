//! Numbers the block model decides on: one byte each, the same for HTML and plain text.
//!
//! Nothing depends on the words of one language: lengths, punctuation, links, the place in the page and
//! in its elements, names of classes, repetition, agreement with the page's own title and
//! description, and the same of the neighbours.

use super::document::{Block, Document, Flags};
use super::hints;
use super::html::Tag;
use super::lexicon::{Lexicon, Reading};
use super::words::{self, HashSet, triple};

/// Features of a block; the first [`BASE`] do not need a first reading of the page by the model.
pub const FEATURES: usize = 224;
/// Features known before the model has looked at the page.
pub const BASE: usize = 186;

/// One block's features.
pub type Row = [u8; FEATURES];

/// What is measured on the text of one block.
#[derive(Debug, Clone, Default)]
pub struct Measure {
    /// Letters, those of unspaced scripts counted double: the same amount of text in any script.
    pub mass: f32,
    /// Words.
    pub words: f32,
    /// Ends of sentences.
    pub sentences: f32,
    /// Share of bytes in links.
    pub links: f32,
    /// Hash of the words.
    pub hash: u32,
    /// Share of words that are also in the title.
    pub in_title: f32,
    /// Whether it is the title.
    pub is_title: bool,
    /// Share of triples of words that are in the page's description of itself.
    pub in_description: f32,
    /// Share of triples of words that are in the text the page gives for machines.
    pub in_body: f32,
    /// How often the same text stands on the page.
    pub repeats: u32,
    /// What the lexicon makes of its words.
    pub reading: Reading,
    shape: Shape,
}

#[derive(Debug, Clone, Copy, Default)]
struct Shape {
    chars: f32,
    commas: f32,
    punctuation: f32,
    digits: f32,
    letters: f32,
    upper: f32,
    capitalised: f32,
    unspaced: f32,
    separators: f32,
    symbols: f32,
    first: u8,
    last: u8,
    quotes: bool,
    year: bool,
    clock: bool,
    address: bool,
    copyright: bool,
}

/// Blocks of a page with what was measured on them, ready to give features.
pub struct Measured<'d> {
    doc: &'d Document,
    /// One for each block.
    pub blocks: Vec<Measure>,
    ancestors: Vec<Sum>,
    nearest: Vec<[u8; hints::GROUPS]>,
    same: Vec<Sum>,
    group: Vec<u32>,
    good_mass: f32,
    mass: f32,
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

/// A count on a logarithmic scale: 16 steps for each doubling.
fn log(x: f32) -> u8 {
    ((1.0 + x.max(0.0)).log2() * 14.0) as u8
}

/// A share from 0 to 1.
fn share(x: f32) -> u8 {
    (x * 250.0) as u8
}

impl<'d> Measured<'d> {
    /// Measures all blocks of a page.
    pub fn new(doc: &'d Document, lexicon: &Lexicon) -> Self {
        let title = title_words(doc);
        let description = HashSet::triples(&doc.meta.description);
        let body = doc.meta.articles.iter().map(|a| &a.body).max_by_key(|b| b.len());
        let body = body.map(|b| HashSet::triples(b)).filter(|b| b.len() > 30).unwrap_or_default();
        let mut blocks: Vec<Measure> = doc
            .blocks
            .iter()
            .map(|block| measure(doc, block, &title, &description, &body, lexicon))
            .collect();
        count_repeats(&mut blocks);
        let mut measured = Self {
            doc,
            ancestors: vec![Sum::default(); doc.elements.len()],
            nearest: nearest_hints(doc),
            same: Vec::new(),
            group: Vec::new(),
            good_mass: 0.0,
            mass: 0.0,
            cores: [0; 2],
            core_of: vec![[0; 2]; doc.elements.len()],
            blocks,
        };
        measured.sum_up();
        measured
    }

    fn sum_up(&mut self) {
        let mut groups: Vec<(u64, u32)> = Vec::with_capacity(self.blocks.len());
        let mut sums = Vec::with_capacity(self.blocks.len());
        for (index, (block, m)) in self.doc.blocks.iter().zip(&self.blocks).enumerate() {
            let good = m.mass >= 60.0 && m.links < 0.35 && m.sentences >= 1.0;
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

    /// Number of groups of like blocks.
    pub fn groups(&self) -> usize {
        self.same.len()
    }

    /// Features of all blocks, up to [`BASE`].
    pub fn rows(&self) -> Vec<Row> {
        let n = self.blocks.len();
        let page = self.page();
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
    }

    fn page(&self) -> Page {
        let n = self.blocks.len();
        let mut page = Page {
            title: None,
            headline: Vec::with_capacity(n),
            good_before: Vec::with_capacity(n + 1),
            since_heading: vec![255; n],
            since_good: vec![255; n],
            until_good: vec![255; n],
            has_body: u8::from(self.blocks.iter().any(|m| m.in_body > 0.0)),
            body_flag: self.doc.elements.iter().any(|e| e.flags.has(Flags::BODY)),
        };
        let level = |index: usize| self.doc.element_of(&self.doc.blocks[index]).tag.heading_level();
        page.title = (0..n)
            .find(|i| self.blocks[*i].is_title && level(*i) == 1)
            .or_else(|| (0..n).rev().find(|i| self.blocks[*i].is_title && level(*i) > 0))
            .or_else(|| (0..n).find(|i| self.blocks[*i].is_title))
            .or_else(|| (0..n).find(|i| level(*i) == 1));
        let (mut heading, mut good, mut headline, mut sum) = (255u8, 255u8, None, 0.0);
        page.good_before.push(0.0);
        for (index, m) in self.blocks.iter().enumerate() {
            if level(index) > 0 {
                heading = 0;
            }
            if level(index) == 1 {
                headline = Some(index);
            }
            page.headline.push(headline);
            page.since_heading[index] = heading;
            page.since_good[index] = good;
            heading = heading.saturating_add(1);
            good = good.saturating_add(1);
            if m.mass >= 60.0 && m.links < 0.35 && m.sentences >= 1.0 {
                good = 1;
                sum += m.mass;
            }
            page.good_before.push(sum);
        }
        good = 255;
        for (index, m) in self.blocks.iter().enumerate().rev() {
            page.until_good[index] = good;
            good = good.saturating_add(1);
            if m.mass >= 60.0 && m.links < 0.35 && m.sentences >= 1.0 {
                good = 1;
            }
        }
        page
    }

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
            debug_assert!(out.at <= FEATURES, "{} features", out.at);
        }
    }
}

struct Page {
    title: Option<usize>,
    headline: Vec<Option<usize>>,
    good_before: Vec<f32>,
    since_heading: Vec<u8>,
    since_good: Vec<u8>,
    until_good: Vec<u8>,
    has_body: u8,
    body_flag: bool,
}

struct Out<'r> {
    row: &'r mut Row,
    at: usize,
}

impl Out<'_> {
    fn push(&mut self, value: u8) {
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

fn nearest_hints(doc: &Document) -> Vec<[u8; hints::GROUPS]> {
    let mut all: Vec<[u8; hints::GROUPS]> = Vec::with_capacity(doc.elements.len());
    for (index, element) in doc.elements.iter().enumerate() {
        let mut near = if index == 0 { [40; hints::GROUPS] } else { all[element.parent as usize] };
        for distance in &mut near {
            *distance = (*distance + 1).min(40);
        }
        let mut bits = element.hints;
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

/// Words of the page's own titles.
fn title_words(doc: &Document) -> HashSet {
    let meta = &doc.meta;
    let headline = meta.article().map_or("", |a| a.headline.as_str());
    let titles = [headline, &meta.og_title, &meta.title, &meta.other_title];
    HashSet::words(titles.into_iter().find(|t| !t.is_empty()).unwrap_or(""))
}

fn count_repeats(blocks: &mut [Measure]) {
    let mut order: Vec<(u32, u32)> = blocks.iter().enumerate().map(|(i, m)| (m.hash, i as u32)).collect();
    order.sort_unstable();
    let mut from = 0;
    while from < order.len() {
        let to = from + order[from..].iter().take_while(|o| o.0 == order[from].0).count();
        for (_, index) in &order[from..to] {
            blocks[*index as usize].repeats = (to - from) as u32;
        }
        from = to;
    }
}

fn measure(
    doc: &Document,
    block: &Block,
    title: &HashSet,
    description: &HashSet,
    body: &HashSet,
    lexicon: &Lexicon,
) -> Measure {
    let text = doc.block_text(block);
    let shape = shape(text);
    let mut m = Measure {
        mass: shape.letters + shape.digits + shape.unspaced,
        links: block.link_bytes as f32 / (block.end - block.start).max(1) as f32,
        ..Measure::default()
    };
    let mut last = [0u32; 3];
    let (mut in_title, mut in_description, mut in_body, mut triples) = (0.0f32, 0.0f32, 0.0f32, 0.0f32);
    let mut reader = lexicon.reader(doc.plain);
    let (mut words, mut hash) = (0.0f32, 0u32);
    words::hashes(text, |h| {
        words += 1.0;
        hash = hash.rotate_left(5) ^ h.wrapping_mul(0x9e37_79b1);
        reader.word(h);
        if words <= 40.0 && title.contains(h) {
            in_title += 1.0;
        }
        last = [last[1], last[2], h];
        if words >= 3.0 {
            let t = triple(last);
            triples += 1.0;
            in_description += f32::from(u8::from(description.contains(t)));
            in_body += f32::from(u8::from(body.contains(t)));
        }
    });
    m.words = words;
    m.hash = hash;
    m.in_title = in_title / words.clamp(1.0, 40.0);
    m.is_title = words >= 2.0 && in_title >= 0.99 * words && in_title >= 0.6 * title.len() as f32;
    m.in_description = in_description / triples.max(1.0);
    m.in_body = in_body / triples.max(1.0);
    m.reading = reader.finish();
    m.sentences = sentences(text);
    m.shape = shape;
    m
}

/// Ends of sentences: full stops and the like before white space or the end, or in unspaced scripts.
fn sentences(text: &str) -> f32 {
    let mut count = 0.0;
    let mut pending = false;
    for c in text.chars() {
        if pending && (c.is_whitespace() || words::closes(c)) {
            count += 1.0;
            pending = false;
        } else if words::ends_sentence(c) {
            if c.is_ascii() || c == '…' {
                pending = true;
            } else {
                count += 1.0;
                pending = false;
            }
        } else {
            pending = false;
        }
    }
    if pending { count + 1.0 } else { count }
}

fn shape(text: &str) -> Shape {
    let mut s = Shape::default();
    let mut previous = ' ';
    let mut digits = 0u32;
    let mut number = 0u32;
    for c in text.chars() {
        s.chars += 1.0;
        if c.is_ascii_digit() {
            digits += 1;
            number = number.wrapping_mul(10).wrapping_add(c as u32 - '0' as u32);
            s.digits += 1.0;
        } else {
            if digits == 4 && (1900..2100).contains(&number) {
                s.year = true;
            }
            s.clock |= c == ':' && (digits == 1 || digits == 2) && number < 24;
            (digits, number) = (0, 0);
            if c.is_alphabetic() {
                s.letters += 1.0;
                if is_upper(c) {
                    s.upper += 1.0;
                    if !previous.is_alphanumeric() {
                        s.capitalised += 1.0;
                    }
                } else if words::is_unspaced(c) {
                    s.unspaced += 1.0;
                }
            } else {
                punctuation(c, previous, &mut s);
            }
        }
        previous = c;
    }
    if digits == 4 && (1900..2100).contains(&number) {
        s.year = true;
    }
    s.address |= memchr::memmem::find(text.as_bytes(), b"://").is_some()
        || memchr::memmem::find(text.as_bytes(), b"www.").is_some();
    s.first = first_class(text);
    s.last = last_class(text);
    s
}

fn is_upper(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_uppercase() } else { c.is_uppercase() }
}

fn punctuation(c: char, previous: char, s: &mut Shape) {
    match c {
        ' ' | '\n' => return,
        ',' | '،' | '，' | '、' | ';' | '；' | '؛' => s.commas += 1.0,
        '|' | '·' | '•' | '›' | '→' | '/' | '»' | '>' => s.separators += 1.0,
        '$' | '€' | '£' | '%' | '+' | '#' | '*' | '=' | '~' | '_' | '✓' | '×' | '★' => {
            s.symbols += 1.0
        }
        '"' | '“' | '”' | '„' | '«' | '「' | '『' | '‘' | '《' => s.quotes = true,
        '@' if previous.is_alphanumeric() => s.address = true,
        '©' | '®' | '™' | '℗' => s.copyright = true,
        _ => {}
    }
    s.punctuation += 1.0;
}

fn first_class(text: &str) -> u8 {
    match text.chars().next() {
        None => 0,
        Some(c) if c.is_lowercase() => 1,
        Some(c) if c.is_uppercase() => 2,
        Some(c) if c.is_numeric() => 3,
        Some(c) if c.is_alphabetic() => 4,
        Some('"' | '“' | '„' | '«' | '\'' | '‘' | '「' | '»' | '”') => 5,
        Some('-' | '–' | '—' | '•' | '*' | '·' | '▪' | '■') => 6,
        Some('(' | '[' | '【' | '（') => 7,
        Some('©' | '@' | '#' | '+' | '&') => 8,
        Some(_) => 9,
    }
}

fn last_class(text: &str) -> u8 {
    let mut back = text.chars().rev();
    let last = back.next();
    match last {
        None => 0,
        Some('…') => 6,
        Some('.') if text.ends_with("...") => 6,
        Some(c) if words::ends_sentence(c) => 1,
        Some(c) if words::closes(c) => {
            if back.next().is_some_and(|c| words::ends_sentence(c) || matches!(c, ',')) { 2 } else { 3 }
        }
        Some(':' | '：') => 4,
        Some(',' | '，' | '、' | '،' | ';') => 5,
        Some(c) if c.is_numeric() => 7,
        Some(c) if c.is_alphabetic() => 8,
        Some('»' | '›' | '>' | '→' | '|') => 9,
        Some(_) => 10,
    }
}
