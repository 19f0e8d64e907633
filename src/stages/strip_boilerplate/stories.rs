//! The stories inside a page, beside the main one.
//!
//! - **Inset stories** ([`insets`]): a second news item with a wire mark of its own, in a box, before the body or behind
//!   it. It is taken out of the main text.
//! - **Posts** of a live blog ([`live`]) and **items** of a round-up ([`roundup`]): they are the main text, and are given
//!   as stories besides.

mod insets;
mod live;
mod roundup;

pub use insets::{headline_above, is_cut, is_teaser};

use aho_corasick::AhoCorasick;

use super::bounds;
use super::dateline::Wire;
use super::document::{Document, Flags};
use super::features::Measured;
use crate::record::Story;

/// Longest line that heads a story, in letters.
const MAX_TITLE: f32 = 160.0;

/// What is known of the page when its stories are looked for.
pub struct View<'v, 'd> {
    /// The page.
    pub doc: &'v Document,
    /// What is measured on its blocks.
    pub page: &'v Measured<'d>,
    /// Whether each block is main text.
    pub kept: &'v [bool],
    /// Block of the headline.
    pub headline: Option<usize>,
    /// The headline.
    pub title: &'v str,
    /// Section or kicker.
    pub section: &'v str,
}

/// A story and the blocks it takes up.
#[derive(Debug, Default)]
pub struct Found {
    /// Whether it is no part of the main text.
    pub is_inset: bool,
    /// Its headline.
    title: Option<String>,
    /// Block of its headline, where that is a block of its own.
    head: Option<usize>,
    /// Blocks of its text, each with the bytes at its beginning that are none of it.
    text: Vec<(usize, usize)>,
    /// Blocks that are of it and of no text: a wire mark, a line of stars.
    around: Vec<usize>,
    wire: Wire,
    time: Option<Time>,
}

/// When a post was published.
#[derive(Debug, Clone, PartialEq)]
enum Time {
    /// As the page says it for machines.
    Stated(String),
    /// Hour and minute of the page's day.
    Clock(u32, u32),
}

impl Found {
    /// Whether a block belongs to it.
    pub fn holds(&self, index: usize) -> bool {
        self.head == Some(index)
            || self.around.contains(&index)
            || self.text.iter().any(|(block, _)| *block == index)
    }

    /// The story as the record has it, on a page of this date of publication.
    pub fn story(&self, doc: &Document, published: Option<&str>) -> Story {
        let paragraphs: Vec<&str> =
            self.text.iter().map(|(block, from)| doc.text_of(*block)[*from..].trim()).collect();
        let published_at = match &self.time {
            Some(Time::Stated(time)) => Some(time.clone()),
            Some(Time::Clock(hour, minute)) => {
                published.and_then(|p| p.get(..10)).map(|day| format!("{day}T{hour:02}:{minute:02}"))
            }
            None => None,
        };
        Story {
            title: self.title.clone(),
            agency: self.wire.agency.clone(),
            dateline: self.wire.dateline(published),
            published_at,
            text: paragraphs.join("\n\n"),
            repeats: None,
        }
    }
}

/// Finds the stories of a page, in page order.
pub fn find(view: &View<'_, '_>) -> Vec<Found> {
    let found = live::posts(view);
    let found = if found.is_empty() { roundup::items(view) } else { found };
    let mut found = if found.is_empty() { insets::find(view) } else { found };
    found.truncate(bounds::STORIES);
    found
}

impl View<'_, '_> {
    fn text(&self, index: usize) -> &str {
        self.doc.text_of(index)
    }

    fn mass(&self, index: usize) -> f32 {
        self.page.blocks.get(index).map_or(0.0, |m| m.mass)
    }

    /// First and last block of the main text.
    fn body(&self) -> Option<(usize, usize)> {
        Some((self.kept.iter().position(|k| *k)?, self.kept.iter().rposition(|k| *k)?))
    }

    fn is_heading(&self, index: usize) -> bool {
        self.doc.blocks.get(index).is_some_and(|b| self.doc.element_of(b).tag.heading_level() > 0)
    }

    /// Whether a block is all emphasised.
    fn is_emphasised(&self, index: usize) -> bool {
        let block = self.doc.blocks.get(index);
        block.is_some_and(|b| b.emphasis_bytes > 0 && b.emphasis_bytes * 10 >= (b.end - b.start) * 9)
    }

    /// Whether a block reads like a headline.
    fn is_title_like(&self, index: usize) -> bool {
        let Some(m) = self.page.blocks.get(index) else { return false };
        let text = self.text(index);
        (8.0..=MAX_TITLE).contains(&m.mass)
            && m.words >= 2.0
            && (m.sentences == 0.0 || m.sentences <= 1.0 && self.is_heading(index))
            && !text.ends_with([':', ',', ';', '：'])
            && (!text.ends_with('.') || self.is_heading(index))
            && !text.starts_with("- ")
            && super::dateline::read(text).is_none()
    }

    /// Whether a block is a line without a word: stars, a rule.
    fn is_rule(&self, index: usize) -> bool {
        let text = self.text(index);
        !text.is_empty() && !text.contains(char::is_alphanumeric)
    }

    fn is_shown(&self, index: usize) -> bool {
        let away = Flags::NAV.with(Flags::FOOTER).with(Flags::HIDDEN).with(Flags::FORM);
        self.doc.blocks.get(index).is_some_and(|b| !self.doc.flags_of(b).has(away))
    }

    /// The element around a block's own.
    fn parent_of(&self, index: usize) -> u32 {
        self.doc.elements[self.doc.blocks[index].element as usize].parent
    }

    /// Whether a block stands inside of an element.
    fn inside(&self, index: usize, element: u32) -> bool {
        let Some(block) = self.doc.blocks.get(index) else { return false };
        let mut at = block.element;
        // Parents stand before their children.
        while at > element {
            at = self.doc.elements[at as usize].parent;
        }
        at == element
    }

    /// The smallest element around two blocks.
    fn around(&self, one: usize, other: usize) -> u32 {
        let (mut a, mut b) = (self.doc.blocks[one].element, self.doc.blocks[other].element);
        while a != b {
            let deeper = if a > b { &mut a } else { &mut b };
            *deeper = self.doc.elements[*deeper as usize].parent;
        }
        a
    }
}

/// Phrases in small letters, ready to be looked for all at once.
fn ready(phrases: &[&str]) -> Option<AhoCorasick> {
    // Of these few it takes no time to speak of, and never fails.
    AhoCorasick::new(phrases).ok()
}

/// Whether a text says one of these phrases as words of their own, where its script has them.
fn says(text: &str, phrases: Option<&AhoCorasick>) -> bool {
    let text = text.to_lowercase();
    phrases.into_iter().flat_map(|phrases| phrases.find_overlapping_iter(&text)).any(|found| {
        let unspaced = text[found.start()..].chars().next().is_some_and(super::words::is_unspaced);
        let before = text[..found.start()].chars().next_back();
        let after = text[found.end()..].chars().next();
        unspaced || !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests;
