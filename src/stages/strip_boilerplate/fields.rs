//! From chosen blocks to the record: the fields of the page, and the text without what stands in them.

use super::agencies;
use super::byline;
use super::dateline::{self, Wire};
use super::dates;
use super::document::{Document, Flags};
use super::features::Measured;
use super::hints;
use super::phrases;
use super::stories::{self, Inset};
use super::structured;
use super::title::{self, Headline};
use crate::record::{Extracted, Page};

/// Longest kicker, in characters.
const MAX_KICKER: usize = 40;

/// Puts the record together.
pub fn extract(page: &Page, doc: &Document, measured: &Measured<'_>, chosen: &[bool]) -> Extracted {
    let url = page.url.as_deref();
    let headline = title::headline(doc, measured, chosen, url);
    let head_block = headline.as_ref().and_then(|h| h.block);
    let first = chosen.iter().position(|c| *c).unwrap_or(0);
    let last = chosen.iter().rposition(|c| *c).unwrap_or(0);
    let mut keep = chosen.to_vec();
    let inset = head_block.filter(|h| *h < last).and_then(|h| stories::inset(doc, measured, h, last));
    if let Some(inset) = &inset {
        (0..keep.len()).filter(|i| inset.holds(*i)).for_each(|i| keep[i] = false);
    }
    let section = section(doc, head_block, headline.as_ref());
    drop_head(doc, measured, headline.as_ref(), section.as_deref(), &mut keep);
    let body = keep.iter().position(|c| *c).unwrap_or(first);
    let wire = wire(doc, head_block, body, inset.as_ref());
    let published = published(page, doc, head_block, body, wire.as_ref());
    let sites: Vec<&str> =
        [doc.meta.site_name.as_str(), doc.meta.article().map_or("", |a| a.publisher.as_str())]
            .into_iter()
            .filter(|s| !s.is_empty())
            .collect();
    let signed = byline::signed(doc, head_block, body, &sites);
    // A line of nothing but the names of those who sign is no paragraph.
    let signs = |text: &str| {
        text.chars().count() < 120 && !signed.people.is_empty() && only_names(text, &signed.people)
    };
    if signs(doc.text_of(body)) && keep[body + 1..].contains(&true) {
        keep[body] = false;
    }
    let agency = wire.as_ref().and_then(|w| w.agency.clone());
    let agency =
        agency.or_else(|| signed.organizations.iter().find_map(|o| agencies::exact(o)).map(str::to_owned));
    let meta = &doc.meta;
    let canonical = [&meta.canonical, &meta.og_url].into_iter().find(|u| u.starts_with("http"));
    Extracted {
        title: headline.map(|h| h.text).filter(|t| !t.is_empty()),
        section,
        authors: signed.people,
        organizations: signed.organizations,
        agency,
        dateline: wire.as_ref().and_then(|w| w.dateline(published.as_deref())),
        stories: inset.iter().map(|i| i.story(doc, published.as_deref())).collect(),
        published_at: published,
        canonical_url: canonical.cloned(),
        language_hint: Some(meta.language.clone()).filter(|l| !l.is_empty()),
        text: joined(doc, &keep),
    }
}

/// Whether a text holds names of these people, and little else.
fn only_names(text: &str, people: &[String]) -> bool {
    let mut rest = text.to_lowercase();
    for name in people {
        rest = rest.replace(&name.to_lowercase(), "");
    }
    rest.chars().filter(|c| c.is_alphanumeric()).count() <= 5
}

/// Paragraphs with one blank line between them; lines of one paragraph stay together.
fn joined(doc: &Document, keep: &[bool]) -> String {
    let mut text = String::new();
    let mut before = None;
    for (index, block) in doc.blocks.iter().enumerate().filter(|(index, _)| keep[*index]) {
        if let Some(before) = before {
            let beside = index == before + 1;
            let broken = !doc.plain && block.gap == 1 && beside;
            let goes_on = block.flags.has(Flags::GOES_ON) && beside;
            text.push_str(if goes_on {
                " "
            } else if broken {
                "\n"
            } else {
                "\n\n"
            });
        }
        text.push_str(doc.block_text(block));
        before = Some(index);
    }
    text
}

/// Takes headline, kicker, byline and date off the beginning of the text: they have their fields.
fn drop_head(
    doc: &Document,
    page: &Measured<'_>,
    headline: Option<&Headline>,
    section: Option<&str>,
    keep: &mut [bool],
) {
    let head_block = headline.and_then(|h| h.block);
    let kept: Vec<usize> = (0..keep.len()).filter(|i| keep[*i]).collect();
    let mut dropped = Vec::new();
    for index in kept.iter().take(20) {
        let text = doc.text_of(*index);
        let m = &page.blocks[*index];
        let is_headline = Some(*index) == head_block || headline.is_some_and(|h| h.text == text);
        let before_headline =
            head_block.is_some_and(|h| *index < h && h < index + 16) && m.mass < 60.0 && m.sentences == 0.0;
        let is_kicker = section == Some(text);
        let is_wire = dateline::read(text).is_some_and(|w| w.alone);
        let short = m.mass < 60.0 && m.sentences == 0.0;
        let is_date = m.mass < 60.0 && m.sentences <= 1.0 && dates::find(text).is_some();
        let is_tool = short && m.phrases.counts[phrases::SHARE] > 0;
        if is_headline
            || before_headline
            || is_kicker
            || is_wire
            || is_date
            || is_tool
            || short && byline::is_byline(text)
        {
            dropped.push(*index);
        } else if m.mass > 60.0 {
            break;
        }
    }
    if dropped.len() < kept.len() {
        dropped.into_iter().for_each(|index| keep[index] = false);
    }
}

/// The wire mark of the main story: on a line of its own above the body, else at the body's beginning.
fn wire(doc: &Document, headline: Option<usize>, body: usize, inset: Option<&Inset>) -> Option<Wire> {
    let from =
        headline.filter(|h| *h < body).map_or(body.saturating_sub(4), |h| h + 1).max(body.saturating_sub(30));
    let above = (from..body)
        .filter(|i| inset.is_none_or(|inset| !inset.holds(*i)))
        .find_map(|i| dateline::read(doc.text_of(i)).filter(|w| w.alone));
    let own = |i: usize| dateline::read(doc.text_of(i)).filter(|w| w.agency.is_some() || w.place.is_some());
    above.or_else(|| own(body)).or_else(|| own(body + 1).filter(|w| w.agency.is_some()))
}

/// The section that the page names, else the kicker above its headline.
fn section(doc: &Document, headline: Option<usize>, title: Option<&Headline>) -> Option<String> {
    let meta = &doc.meta;
    let said = meta.article().map_or("", |a| a.section.as_str());
    let said = [said, &meta.section].into_iter().find(|s| !s.is_empty() && s.chars().count() <= 60);
    if let Some(said) = said {
        return Some(said.to_owned());
    }
    let headline = headline?;
    for index in (headline.saturating_sub(3)..headline).rev() {
        let block = &doc.blocks[index];
        let text = doc.block_text(block);
        let count = text.chars().count();
        if !(2..=MAX_KICKER).contains(&count)
            || text.split_whitespace().count() > 4
            || title.is_some_and(|t| t.text == text)
        {
            continue;
        }
        let capitals = text.chars().filter(|c| c.is_uppercase()).count() >= 3
            && !text.chars().any(|c| c.is_lowercase() || c.is_numeric());
        let marked = doc.element_of(block).hints & hints::KICKER != 0
            && !doc.flags_of(block).has(Flags::NAV.with(Flags::HIDDEN));
        if capitals && index + 1 == headline || marked {
            // It may stand on two lines, and be nothing but signs.
            let kicker = structured::tidy(text.trim_matches(|c: char| !c.is_alphanumeric()));
            if !kicker.is_empty() {
                return Some(kicker);
            }
        }
    }
    None
}

/// The date of publication: by the page's data, else by what it shows near the headline, else by its address.
fn published(
    page: &Page,
    doc: &Document,
    headline: Option<usize>,
    body: usize,
    wire: Option<&Wire>,
) -> Option<String> {
    let start = doc.blocks.get(body).map(|b| b.start);
    let said = dates::published(doc, start);
    let shown = || {
        let from = headline.unwrap_or(body).min(body).saturating_sub(4);
        let to = (body + 2).min(doc.blocks.len());
        (from..to)
            .filter(|i| {
                doc.text_of(*i).len() < 200
                    && !doc.flags_of(&doc.blocks[*i]).has(Flags::NAV.with(Flags::CARD))
            })
            .filter_map(|i| dates::find(doc.text_of(i)))
            .find_map(|d| d.complete(None))
            .map(|d| d.iso())
    };
    let found = said
        .or_else(|| wire.and_then(|w| w.date.as_ref()).and_then(|d| d.complete(None)).map(|d| d.iso()))
        .or_else(shown)
        .or_else(|| page.url.as_deref().and_then(dates::in_address))?;
    // Nothing is published later than it is fetched, but for a day between time zones.
    let latest = page.fetched_at.map(|t| (t + jiff::SignedDuration::from_hours(36)).to_string());
    latest.is_none_or(|latest| found.get(..10) <= latest.get(..10)).then_some(found)
}
