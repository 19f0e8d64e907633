//! Pages without an article: consent walls, paywalls, front pages. In doubt a page is taken for an article.

use super::document::Document;
use super::features::Measured;
use super::phrases::{ACCOUNT, CONSENT, RIGHTS, SUBSCRIBE};
use crate::record::Reason;

/// Why the page holds no article, if it holds none.
pub fn reason(
    doc: &Document,
    page: &Measured<'_>,
    chosen: &[bool],
    scores: &[f32],
) -> Option<(Reason, String)> {
    let kept: Vec<usize> = (0..chosen.len()).filter(|i| chosen[*i]).collect();
    let paragraph = |i: usize| {
        let m = &page.blocks[i];
        m.links < 0.5 && (m.mass >= 60.0 && m.sentences >= 1.0 || m.mass >= 160.0)
    };
    // Of the paragraphs: how much speaks of consent, of an offer, of neither.
    let (mut consent, mut offer, mut free) = (0.0, 0.0, 0.0);
    for m in (0..chosen.len()).filter(|i| paragraph(*i)).map(|i| &page.blocks[i]) {
        let counts = &m.phrases.counts;
        if counts[CONSENT] > 0 {
            consent += m.mass;
        } else if counts[SUBSCRIBE] > 0 || counts[ACCOUNT] > 0 {
            offer += m.mass;
        } else if counts[RIGHTS] == 0 {
            free += m.mass;
        }
    }
    if free < 150.0 && consent + offer < 3_000.0 {
        if consent > 200.0 && consent > 2.0 * free && consent > offer {
            return Some((Reason::ConsentWall, "nothing but a request for consent".to_owned()));
        }
        if offer > 100.0 && offer > 2.0 * free && offer < 1_200.0 {
            return Some((Reason::Paywall, "nothing but an offer to subscribe".to_owned()));
        }
    }
    // Links, menus and headlines, but nowhere a paragraph.
    let likely = scores.iter().copied().fold(0.0, f32::max);
    let own = |i: usize| page.blocks[i].mass * (1.0 - page.blocks[i].links);
    let sure: f32 = kept.iter().filter(|i| scores[**i] > 0.5).map(|i| own(*i)).sum();
    let paragraphs = (0..chosen.len()).filter(|i| paragraph(*i)).count();
    let links: f32 = page.blocks.iter().map(|m| m.mass * m.links).sum();
    let mass: f32 = page.blocks.iter().map(|m| m.mass).sum();
    let lists = (links > 0.4 * mass || paragraphs == 0) && page.blocks.len() > 12;
    // A page that calls itself an article is one, however little it says.
    let claims = doc.meta.og_type == "article" || doc.meta.articles.iter().any(|a| a.rank > 1);
    if lists && !claims && (paragraphs <= 2 && sure < 150.0 || likely < 0.15) {
        let cut = if doc.is_full() { ", as far as it is read" } else { "" };
        return Some((Reason::NoArticle, format!("links and menus, but no paragraph of an article{cut}")));
    }
    None
}
