//! Inset stories: a second news item set before the body of the main one.
//!
//! It begins where a line like a headline is followed by a block that opens with a wire mark, after the page's own
//! headline and before its body. It ends where its box ends, where the page has one; else where a paragraph takes
//! up the words of the main headline again, as the first paragraph of a story does.

use super::dateline::{self, Wire};
use super::document::Document;
use super::features::Measured;
use super::words;
use crate::record::Story;

/// Blocks looked at for the beginning of an inset story, from the headline on.
const LOOK: usize = 12;
/// Longest inset story, in blocks.
const MAX_BLOCKS: usize = 40;

/// An inset story and the blocks it takes up.
#[derive(Debug)]
pub struct Inset {
    /// Block of its headline.
    pub title: usize,
    /// Blocks of its text: first and end.
    pub text: (usize, usize),
    wire: Wire,
}

impl Inset {
    /// Whether a block belongs to it.
    pub fn holds(&self, index: usize) -> bool {
        index == self.title || (self.text.0..self.text.1).contains(&index)
    }

    /// The story as the record has it.
    pub fn story(&self, doc: &Document, published: Option<&str>) -> Story {
        let paragraphs: Vec<&str> = (self.text.0..self.text.1).map(|i| doc.text_of(i)).collect();
        Story {
            title: Some(doc.text_of(self.title).to_owned()),
            agency: self.wire.agency.clone(),
            dateline: self.wire.dateline(published),
            text: paragraphs.join("\n\n"),
        }
    }
}

/// Finds the story set between `headline` and the body, whose last block is `last`.
pub fn inset(doc: &Document, page: &Measured<'_>, headline: usize, last: usize) -> Option<Inset> {
    let end = (headline + 1 + LOOK).min(last);
    for title in headline + 1..end {
        let m = &page.blocks[title];
        let text = doc.text_of(title);
        let like_title = (15.0..=160.0).contains(&m.mass)
            && m.words >= 2.0
            && m.sentences == 0.0
            && !text.ends_with([':', ',', '.', ';'])
            && dateline::read(text).is_none();
        if !like_title {
            continue;
        }
        let opening = title + 1;
        let Some(wire) = dateline::read(doc.text_of(opening)) else { continue };
        // The mark may stand on a line of its own.
        let first = if wire.alone { opening + 1 } else { opening };
        let marked = wire.place.is_some() && (wire.agency.is_some() || wire.date.is_some());
        if !marked || first > last || page.blocks[first].mass < 60.0 || is_cut(doc.text_of(first)) {
            continue;
        }
        // A wire mark below a sub-headline opens the main story, not an inset: that needs a mark before it.
        if !(headline + 1..title).any(|i| dateline::read(doc.text_of(i)).is_some_and(|w| w.alone)) {
            continue;
        }
        let text_end = end_of_box(doc, title, opening, last)
            .or_else(|| lead_echo(doc, page, headline, title, first, last))?;
        return Some(Inset { title, text: (opening, text_end), wire });
    }
    None
}

/// Whether a text is the beginning of one that is elsewhere.
pub fn is_cut(text: &str) -> bool {
    let text = text.trim_end().to_lowercase();
    let text = text.trim_end_matches(['»', '›', '>', ']', ')', ' ']);
    text.ends_with("...")
        || text.ends_with('…')
        || text.ends_with("... read more")
        || text.ends_with("… read more")
}

/// The end of the smallest element around headline and opening, where the body goes on outside of it.
fn end_of_box(doc: &Document, title: usize, opening: usize, last: usize) -> Option<usize> {
    if doc.plain {
        return None;
    }
    let inside = |index: usize, element: u32| {
        let mut at = doc.blocks[index].element;
        while doc.elements[at as usize].depth > doc.elements[element as usize].depth {
            at = doc.elements[at as usize].parent;
        }
        at == element
    };
    let mut element = doc.blocks[title].element;
    while !inside(opening, element) && element != 0 {
        element = doc.elements[element as usize].parent;
    }
    let end = (opening..=last.min(opening + MAX_BLOCKS)).find(|i| !inside(*i, element))?;
    (end <= last).then_some(end)
}

/// The paragraph after the opening that shares most with the main headline, words of the inset's own headline left
/// out.
fn lead_echo(
    doc: &Document,
    page: &Measured<'_>,
    headline: usize,
    title: usize,
    first: usize,
    last: usize,
) -> Option<usize> {
    let own = stems(doc.text_of(title), usize::MAX);
    let mut main = stems(doc.text_of(headline), usize::MAX);
    main.retain(|stem| !own.contains(stem));
    let mut best: Option<(f32, usize)> = None;
    for index in first + 1..=last.min(first + MAX_BLOCKS) {
        let text = doc.text_of(index);
        if page.blocks[index].mass < 60.0 {
            continue;
        }
        let lead = stems(text, 45);
        let mut score = main.iter().filter(|stem| lead.contains(stem)).count() as f32;
        // A story does not open with somebody's words.
        if text.starts_with(['"', '“', '„', '«', '「']) {
            score -= 1.5;
        }
        if best.is_none_or(|(b, _)| score > b) {
            best = Some((score, index));
        }
    }
    best.filter(|(score, _)| *score >= 2.0).map(|(_, index)| index)
}

/// Beginnings of the first words of a text: five letters, so that endings do not count.
fn stems(text: &str, limit: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let unspaced = text.chars().filter(|c| words::is_unspaced(*c)).count() * 3 > text.chars().count();
    if unspaced {
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).take(limit.min(120)).collect();
        out.extend(letters.windows(2).map(|pair| pair.iter().collect()));
    } else {
        let all = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(limit);
        out.extend(all.map(|w| w.to_lowercase().chars().take(5).collect()));
    }
    out.sort();
    out.dedup();
    out
}
