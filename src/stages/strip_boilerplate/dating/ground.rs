//! Which of a page's dates are its own by where they stand: around headline and text, not in boxes of other things.

use super::super::document::{Block, Document, Flags};
use super::super::hints;
use super::super::html::Tag;
use super::Place;

/// Blocks around headline and body in which dates are the page's.
const BEFORE: usize = 5;
const BEHIND: usize = 24;
/// Blocks above the headline in which they are where one box of an article holds both.
const ABOVE_INSIDE: usize = 14;
/// Blocks above the text in which they are where no block is the headline.
const ABOVE_TEXT: usize = 4;
/// What a date loses that stands above the headline, as the newspaper's date of today does.
const MASTHEAD: f32 = 1.8;
/// Elements between two that are made alike and stand beside each other.
const MAX_APART: usize = 400;
/// Blocks of links that are a menu.
const MENU: usize = 3;
/// What a date loses for each block between it and headline or body.
const STEP: f32 = 0.06;

/// The page as a ground on which dates stand.
pub(super) struct Ground<'d> {
    doc: &'d Document,
    place: Place<'d>,
    /// The elements that hold headline or body.
    around: Vec<bool>,
    /// The first block of headline and body.
    first: usize,
    /// The blocks in which dates are the page's: from shortly before headline and body to the third paragraph.
    pub from: usize,
    pub to: usize,
}

impl<'d> Ground<'d> {
    pub fn new(doc: &'d Document, place: Place<'d>) -> Self {
        let Place { headline, body, kept } = place;
        let first = headline.unwrap_or(body).min(body);
        let (mut paragraphs, mut to) = (0, first);
        let end = (body.max(first) + BEHIND).min(doc.blocks.len());
        while to < end && paragraphs < 3 {
            let block = &doc.blocks[to];
            paragraphs += usize::from(to >= body && kept[to] && block.end - block.start > 200);
            to += 1;
        }
        let mut around = vec![false; doc.elements.len()];
        around[0] = true;
        for block in [Some(body), headline].into_iter().flatten().filter_map(|i| doc.blocks.get(i)) {
            let mut at = block.element as usize;
            while !around[at] {
                around[at] = true;
                at = doc.elements[at].parent as usize;
            }
        }
        Self { doc, place, around, first, from: first.saturating_sub(BEFORE), to }
    }

    /// Whether dates at this block are the page's.
    pub fn is_near(&self, index: usize, element: usize) -> bool {
        (self.from..self.to).contains(&index)
            || (self.first.saturating_sub(ABOVE_INSIDE)..self.from).contains(&index)
                && self.is_inside(element)
    }

    /// What a date loses by its distance from headline and body.
    pub fn far(&self, index: usize, element: usize) -> f32 {
        if index + 2 < self.first && !self.is_inside(element) && self.is_masthead(index) {
            return MASTHEAD;
        }
        let Place { headline, body, .. } = self.place;
        STEP * headline.unwrap_or(body).abs_diff(index).min(body.abs_diff(index)) as f32
    }

    /// Whether a block above the headline is in the head of the page: its menu follows. Lines of text have no menus.
    fn is_masthead(&self, index: usize) -> bool {
        let doc = self.doc;
        let own = doc.blocks.get(self.first).map_or(Flags::default(), |b| doc.flags_of(b));
        let apart = |b: &Block| Flags(doc.flags_of(b).0 & !own.0).has(Flags::NAV.with(Flags::HEADER));
        let linked = |b: &Block| b.link_bytes * 10 >= (b.end - b.start) * 8;
        let between = &doc.blocks[index..self.first];
        doc.plain || apart(&between[0]) || between.iter().filter(|b| apart(b) || linked(b)).count() >= MENU
    }

    /// The innermost element that holds this one and headline or body.
    fn shared(&self, element: usize) -> usize {
        // Where the text is taken from a script, the page's own elements are gone.
        let mut at = if element < self.around.len() { element } else { 0 };
        while !self.around[at] {
            at = self.doc.elements[at].parent as usize;
        }
        at
    }

    /// Whether one box of an article holds this element and headline or body.
    fn is_inside(&self, element: usize) -> bool {
        let shared = &self.doc.elements[self.shared(element)];
        shared.flags.has(Flags::ARTICLE) || shared.hints & hints::OF_ARTICLE != 0
    }

    /// Whether what stands between the headline and the text is at this block.
    fn is_between(&self, index: usize) -> bool {
        let Place { headline, body, .. } = self.place;
        headline.is_some_and(|h| h < body && body - h < 24 && (h.saturating_sub(3)..self.to).contains(&index))
    }

    /// Whether a block's element is in a box that does not hold the article, and is about something else.
    pub fn is_aside(&self, index: usize, element: usize, flags: Flags) -> bool {
        let body = self.place.body;
        if self.is_between(index) {
            let below = Flags::ASIDE.with(Flags::NAV).with(Flags::CARD);
            return flags.has(Flags::REVIEW.with(Flags::FOOTER))
                || index > body && flags.has(below)
                || self.is_in_box(element, hints::COMMENT, true);
        }
        const OFF: Flags = Flags::NAV
            .with(Flags::FOOTER)
            .with(Flags::ASIDE)
            .with(Flags::CARD)
            .with(Flags::REVIEW)
            .with(Flags::FORM);
        let own = self.doc.blocks.get(body).map_or(Flags::default(), |b| self.doc.flags_of(b));
        if Flags(flags.0 & !own.0).has(OFF) {
            return true;
        }
        let boxes = hints::COMMENT | hints::RELATED | hints::POPULAR;
        let above = self.place.headline.is_none() && (body.saturating_sub(ABOVE_TEXT)..body).contains(&index);
        let boxes = if above { boxes } else { boxes | hints::TEASER };
        self.is_in_box(element, boxes, self.is_near(index, element))
    }

    /// Whether an element, near to the headline or not, is in a box of one of these names that does not hold the article.
    fn is_in_box(&self, element: usize, boxes: u64, near: bool) -> bool {
        let shared = self.shared(element);
        let mut at = if element < self.around.len() { element } else { 0 };
        while at != shared {
            let named = self.doc.elements[at].hints & boxes;
            if named != 0 && (named != hints::TEASER || !near || self.is_repeated(at)) {
                return true;
            }
            at = self.doc.elements[at].parent as usize;
        }
        false
    }

    /// Whether an element is made like another one beside it, as teasers are. One that is alone may be named for the way
    /// it is laid out.
    fn is_repeated(&self, element: usize) -> bool {
        let elements = &self.doc.elements;
        let above = |at: usize| elements[elements[at].parent as usize].parent;
        let this = elements[element];
        let alike = |at: usize| {
            let other = elements[at];
            at != element
                && (other.signature, other.depth) == (this.signature, this.depth)
                && (other.parent == this.parent || above(at) == above(element))
        };
        // In the order of the page, what stands beside each other is not far apart.
        (element.saturating_sub(MAX_APART)..elements.len().min(element + MAX_APART)).any(alike)
    }

    /// Whether a block is the caption of a figure that holds neither headline nor body.
    pub fn in_caption(&self, index: usize) -> bool {
        let block = &self.doc.blocks[index];
        let element = self.doc.element_of(block);
        let at = if element.tag == Tag::Figcaption { block.element } else { element.parent };
        self.doc.in_caption(block) && !self.around.get(at as usize).is_some_and(|around| *around)
    }
}
