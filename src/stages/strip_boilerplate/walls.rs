//! Pages without an article: consent walls, paywalls, front pages. In doubt a page is taken for an article.
//!
//! A wall is told by three things together: most of what the page says is of consent, or of an offer; it says so to its
//! reader; and it says several things that go together on walls, one of them said by nobody else
//! ([`super::wall_phrases`]). News on registrations, agreements, prices of newspapers or a law on cookies has the first
//! alone, an article with a box of offers lacks the first.

use std::collections::BTreeSet;

use super::document::Document;
use super::features::Measured;
use super::hints;
use super::phrases::{ACCOUNT, CONSENT, RIGHTS, SUBSCRIBE};
use super::wall_phrases::{self, ASKS_CONSENT, ASKS_SIGN_IN, OF_CONSENT, OF_SIGN_IN};
use crate::record::Reason;

/// Why the page holds no article, if it holds none.
pub fn reason(
    doc: &Document,
    page: &Measured<'_>,
    chosen: &[bool],
    scores: &[f32],
) -> Option<(Reason, String)> {
    if let Some(wall) = wall(doc, page, chosen, scores) {
        let detail = match wall {
            Reason::ConsentWall => "nothing but a request for consent",
            _ => "nothing but an offer to subscribe",
        };
        return Some((wall, detail.to_owned()));
    }
    let kept: Vec<usize> = (0..chosen.len()).filter(|i| chosen[*i]).collect();
    // Links, menus and headlines, but nowhere a paragraph.
    let likely = scores.iter().copied().fold(0.0, f32::max);
    let own = |i: usize| page.blocks[i].mass * (1.0 - page.blocks[i].links);
    let sure: f32 = kept.iter().filter(|i| scores[**i] > 0.5).map(|i| own(*i)).sum();
    let paragraphs = (0..chosen.len()).filter(|i| is_paragraph(page, *i)).count();
    let links: f32 = page.blocks.iter().map(|m| m.mass * m.links).sum();
    let mass: f32 = page.blocks.iter().map(|m| m.mass).sum();
    let lists = (links > 0.4 * mass || paragraphs == 0) && page.blocks.len() > 12;
    // A page that calls itself an article is one, however little it says.
    let claims = doc.meta.og_type == "article" || doc.meta.articles.iter().any(|a| a.rank > 1);
    // So is one with a paragraph of several sentences that is sure to be text, however short.
    let tells = |i: &usize| {
        let m = &page.blocks[*i];
        is_paragraph(page, *i) && m.sentences >= 2.0 && m.links < 0.2 && scores[*i] > SURE
    };
    let claims = claims || kept.iter().any(tells);
    if lists && !claims && (paragraphs <= 2 && sure < 150.0 || likely < 0.15) {
        let cut = if doc.is_full() { ", as far as it is read" } else { "" };
        return Some((Reason::NoArticle, format!("links and menus, but no paragraph of an article{cut}")));
    }
    None
}

/// Probability from which on a paragraph is sure to be text.
const SURE: f32 = 0.9;

fn is_paragraph(page: &Measured<'_>, index: usize) -> bool {
    let m = &page.blocks[index];
    m.links < 0.5 && (m.mass >= 60.0 && m.sentences >= 1.0 || m.mass >= 160.0)
}

/// Letters of other paragraphs from which on a page is no wall.
const MAX_OTHER: f32 = 150.0;

/// What makes a wall of a kind.
struct Kind {
    reason: Reason,
    /// Group of [`wall_phrases`] that nobody else says.
    asks: usize,
    /// Group that goes with it.
    goes_with: usize,
    /// Different phrases of both groups, at least.
    least: usize,
    /// Letters said to the reader, from more than and to less than.
    letters: [f32; 2],
    /// Groups of [`hints`] for its boxes.
    boxes: u64,
}

/// Requests for consent have to say much, by law; offers are short.
const KINDS: [Kind; 2] = [
    Kind {
        reason: Reason::ConsentWall,
        asks: ASKS_CONSENT,
        goes_with: OF_CONSENT,
        least: 3,
        letters: [100.0, 3_000.0],
        boxes: hints::CONSENT,
    },
    Kind {
        reason: Reason::Paywall,
        asks: ASKS_SIGN_IN,
        goes_with: OF_SIGN_IN,
        least: 2,
        letters: [50.0, 1_200.0],
        boxes: hints::PAYWALL | hints::NEWSLETTER,
    },
];

/// What a page says of one [`Kind`].
#[derive(Default)]
struct Said {
    phrases: BTreeSet<usize>,
    is_asked: bool,
    is_marked: bool,
    /// Letters said to the reader.
    told: f32,
}

/// The kind of wall that a page is, if it is one.
fn wall(doc: &Document, page: &Measured<'_>, chosen: &[bool], scores: &[f32]) -> Option<Reason> {
    let mut said: [Said; 2] = Default::default();
    let (mut unsure, mut other) = (0.0, 0.0);
    for (index, m) in page.blocks.iter().enumerate() {
        let counts = &m.phrases.counts;
        let mut about = [counts[CONSENT] > 0, counts[SUBSCRIBE] > 0 || counts[ACCOUNT] > 0];
        let has_matter = about != [false; 2];
        let text = doc.text_of(index);
        let mut to_reader = wall_phrases::addresses_reader(text);
        for (phrase, group) in wall_phrases::find(text) {
            to_reader |= matches!(group, ASKS_CONSENT | ASKS_SIGN_IN);
            for ((said, kind), about) in said.iter_mut().zip(&KINDS).zip(&mut about) {
                if group == kind.asks || group == kind.goes_with {
                    said.phrases.insert(phrase);
                    said.is_asked |= group == kind.asks;
                    *about = true;
                }
            }
        }
        if to_reader && about != [false; 2] {
            // Buttons and links say something, and are no text.
            let mass = if m.links < 0.5 && m.sentences >= 1.0 { m.mass } else { 0.0 };
            for ((said, kind), _) in said.iter_mut().zip(&KINDS).zip(about).filter(|(_, about)| *about) {
                said.told += mass;
                said.is_marked |= stands_in(doc, index, kind.boxes);
            }
        } else if is_paragraph(page, index) {
            if has_matter {
                unsure += m.mass;
            } else if counts[RIGHTS] == 0 {
                other += m.mass;
            }
        } else if chosen[index] && scores[index] > 0.5 && m.links < 0.5 && about == [false; 2] {
            // Figures and short lines are the text of some news.
            other += m.mass;
        }
        if other >= MAX_OTHER {
            return None;
        }
    }
    said[1].is_marked |= doc.meta.articles.iter().any(|a| a.free == Some(false));
    let is_wall = |(said, kind): &(&Said, &Kind)| {
        let [from, to] = kind.letters;
        let phrases = said.phrases.len() + usize::from(said.is_marked);
        said.is_asked
            && phrases >= kind.least
            && said.told > from
            && said.told < to
            && said.told > unsure + 2.0 * other
    };
    // Of both, the one that says more; a wall often asks for the one or the other.
    let walls = said.iter().zip(&KINDS).filter(is_wall);
    walls.reduce(|a, b| if b.0.told > a.0.told { b } else { a }).map(|(_, kind)| kind.reason)
}

/// Whether a block stands in a box whose names are of one of these groups of [`hints`].
fn stands_in(doc: &Document, index: usize, groups: u64) -> bool {
    let mut element = doc.blocks[index].element as usize;
    loop {
        let at = &doc.elements[element];
        if at.hints & groups != 0 {
            return true;
        }
        if element == 0 {
            return false;
        }
        element = at.parent as usize;
    }
}

#[cfg(test)]
mod tests;
