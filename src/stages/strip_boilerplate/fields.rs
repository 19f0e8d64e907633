//! From chosen blocks to the record: the fields of the page, and the text without what stands in them.

use super::WireMarks;
use super::agencies;
use super::byline;
use super::dateline::{self, Wire};
use super::dating::{self, Dating, Place};
use super::document::{Document, Flags};
use super::features::Measured;
use super::hints;
use super::phrases;
use super::picture;
use super::roles::Role;
use super::site::SiteNames;
use super::stories::{self, Found};
use super::structured;
use super::title::{self, Headline};
use super::written;
use crate::record::{Extracted, Page};

/// Longest kicker, in characters.
const MAX_KICKER: usize = 40;

/// What the stage makes of a page, and of which blocks.
#[derive(Debug)]
pub struct Parts {
    /// The record.
    pub record: Extracted,
    /// What of each block the fields took or were read from; blocks are text where they took nothing.
    roles: Vec<Option<Role>>,
    /// Whether each block is in the text of the record.
    kept: Vec<bool>,
    /// Where the fields were read.
    pub(super) places: Places,
}

/// Where the fields were read, for who asks why.
#[derive(Debug, Default)]
pub struct Places {
    /// Block of the headline.
    pub headline: Option<usize>,
    /// First block of the text, before lines that are fields were taken off it.
    pub body: usize,
    /// Last block of the text.
    pub last: usize,
    /// The wire mark.
    pub wire: Option<Wire>,
}

impl Parts {
    /// Whether a block is in the text of the record.
    pub fn kept(&self, index: usize) -> bool {
        self.kept.get(index).is_some_and(|kept| *kept)
    }

    /// What the fields take a block for, where they do.
    pub fn role(&self, index: usize) -> Option<Role> {
        self.roles.get(index).copied().flatten()
    }

    /// Says what a block is, unless it is said already.
    fn say(&mut self, index: usize, role: Role) {
        if let Some(said @ None) = self.roles.get_mut(index) {
            *said = Some(role);
        }
    }

    /// Says what a block is and takes it out of the text.
    fn take(&mut self, index: usize, role: Role) {
        self.say(index, role);
        self.kept[index] = false;
    }
}

/// Longest paragraph that is a byline for the name in it, in bytes.
const MAX_SIGNATURE: usize = 200;

/// Puts the record together.
pub fn extract(
    page: &Page,
    doc: &Document,
    measured: &Measured<'_>,
    chosen: &[bool],
    wire_marks: WireMarks,
) -> Parts {
    let site = SiteNames::new(doc, page.url.as_deref());
    let headline = title::headline(doc, measured, chosen, &site);
    let above = headline.as_ref().and_then(|h| stories::headline_above(doc, measured, h.block?));
    let headline =
        above.map(|block| Headline { text: doc.text_of(block).to_owned(), block: Some(block) }).or(headline);
    let head_block = headline.as_ref().and_then(|h| h.block);
    let first = chosen.iter().position(|c| *c).unwrap_or(0);
    let last = chosen.iter().rposition(|c| *c).unwrap_or(0);
    let mut parts = Parts {
        record: Extracted::default(),
        roles: vec![None; doc.blocks.len()],
        kept: chosen.to_vec(),
        places: Places::default(),
    };
    take_teasers(doc, measured, &mut parts);
    let found = stories::find(&stories::View {
        doc,
        page: measured,
        kept: &parts.kept,
        headline: head_block,
        title: headline.as_ref().map_or("", |h| &h.text),
        section: section(doc).as_deref().unwrap_or(""),
    });
    let insets: Vec<&Found> = found.iter().filter(|story| story.is_inset).collect();
    if !insets.is_empty() {
        let inset = |i: &usize| insets.iter().any(|story| story.holds(*i));
        (0..chosen.len()).filter(inset).for_each(|i| parts.take(i, Role::InsetStory));
    }
    if let Some(head) = head_block {
        parts.say(head, Role::Title);
    }
    let kicker = kicker(doc, head_block, headline.as_ref());
    if let Some((index, _)) = &kicker {
        parts.say(*index, Role::Kicker);
    }
    let section = section(doc).or(kicker.map(|(_, text)| text));
    take_head(doc, measured, headline.as_ref(), section.as_deref(), &mut parts);
    take_advertisements(doc, &mut parts);
    let body = parts.kept.iter().position(|c| *c).unwrap_or(first);
    let wire = wire(doc, head_block, body, &insets);
    if let Some((index, _)) = wire.as_ref().filter(|(_, wire)| wire.alone) {
        parts.say(*index, Role::Dateline);
    }
    let stripped = wire.as_ref().filter(|_| wire_marks == WireMarks::Strip).map(|(at, wire)| (*at, wire.end));
    let wire = wire.map(|(_, wire)| wire);
    let date_place = Place { headline: head_block, body, kept: &parts.kept };
    let Dating { published, modified } = dating::read(page, doc, date_place, wire.as_ref());
    let place = byline::Place { doc, page: measured, headline: head_block, first: body, last, site: &site };
    let signed = byline::signed(&place);
    // A line of nothing but the names of those who sign is no paragraph.
    let signs = |text: &str| text.chars().count() < 120 && only_names(text, &signed.people);
    // Nor are a star or a dash.
    let says = doc.text_of(body).contains(char::is_alphanumeric);
    if (!says || signs(doc.text_of(body))) && parts.kept[body + 1..].contains(&true) {
        parts.take(body, if says { Role::Byline } else { Role::Other });
    }
    let brief = |i: usize| doc.text_of(i).len() <= MAX_SIGNATURE;
    for line in signed.lines.iter().filter(|i| !parts.kept(**i) || brief(**i)).collect::<Vec<_>>() {
        // Names beside a date are more than the date.
        if parts.role(*line) == Some(Role::Date) {
            parts.roles[*line] = None;
        }
        parts.say(*line, Role::Byline);
    }
    let agency = wire.as_ref().and_then(|w| w.agency.clone());
    let agency =
        agency.or_else(|| signed.organizations.iter().find_map(|o| agencies::exact(o)).map(str::to_owned));
    let agency = agency.or_else(|| credit(doc, &parts.kept).map(str::to_owned));
    let meta = &doc.meta;
    let canonical = [&meta.canonical, &meta.og_url].into_iter().find(|u| u.starts_with("http"));
    parts.record = Extracted {
        image: picture::address(doc, page.url.as_deref()),
        description: picture::description(doc, headline.as_ref().map(|h| h.text.as_str())),
        paywalled: picture::paywalled(doc),
        modified_at: modified,
        title: headline.map(|h| h.text).filter(|t| !t.is_empty()),
        section,
        keywords: meta
            .article()
            .map(|a| &a.keywords)
            .filter(|k| !k.is_empty())
            .unwrap_or(&meta.keywords)
            .clone(),
        authors: signed.people,
        organizations: signed.organizations,
        agency,
        dateline: wire.as_ref().and_then(|w| w.dateline(published.as_deref())),
        stories: found.iter().map(|story| story.story(doc, published.as_deref())).collect(),
        published_at: published,
        canonical_url: canonical.cloned(),
        language: None,
        language_hint: Some(meta.language.clone()).filter(|l| !l.is_empty()),
        text: joined(doc, &parts.kept, stripped),
        truncated: doc.is_full(),
    };
    parts.places = Places { headline: head_block, body, last, wire };
    parts
}

/// Whether a text holds names of these people, and little else.
pub fn only_names(text: &str, people: &[String]) -> bool {
    let lower = text.to_lowercase();
    let mut rest = lower.clone();
    for name in people.iter().filter(|name| !name.is_empty()) {
        rest = rest.replace(&name.to_lowercase(), "");
    }
    rest.len() < lower.len() && rest.chars().filter(|c| c.is_alphanumeric()).count() <= 5
}

/// Blocks at the end of the text in which an agency is looked for.
const CREDIT_BLOCKS: usize = 3;

/// The agency that the last paragraphs name in brackets.
fn credit(doc: &Document, kept: &[bool]) -> Option<&'static str> {
    let last = (0..kept.len()).rev().filter(|i| kept[*i]).take(CREDIT_BLOCKS);
    last.filter_map(|i| dateline::credit(doc.text_of(i))).next()
}

/// Paragraphs with one blank line between them; lines of one paragraph stay together. `stripped` is a block with the
/// bytes at its beginning that are left out.
fn joined(doc: &Document, keep: &[bool], stripped: Option<(usize, usize)>) -> String {
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
        let from = stripped.filter(|(at, _)| *at == index).map_or(0, |(_, end)| end);
        text.push_str(&doc.block_text(block)[from..]);
        before = Some(index);
    }
    text
}

/// Takes headline, kicker, byline and date off the beginning of the text: they have their fields.
fn take_head(
    doc: &Document,
    page: &Measured<'_>,
    headline: Option<&Headline>,
    section: Option<&str>,
    parts: &mut Parts,
) {
    let head_block = headline.and_then(|h| h.block);
    let kept: Vec<usize> = (0..doc.blocks.len()).filter(|i| parts.kept(*i)).collect();
    let mut taken = Vec::new();
    for index in kept.iter().copied().take(20) {
        let text = doc.text_of(index);
        let m = &page.blocks[index];
        let short = m.mass < 60.0 && m.sentences == 0.0;
        let role = if Some(index) == head_block || headline.is_some_and(|h| h.text == text) {
            Role::Title
        } else if section == Some(text) {
            Role::Kicker
        } else if dateline::read(text).is_some_and(|w| w.alone) {
            Role::Dateline
        } else if short && byline::is_byline(text) {
            Role::Byline
        } else if m.mass < 60.0 && m.sentences <= 1.0 && written::find(text).is_some() {
            Role::Date
        } else if short && m.phrases.counts[phrases::SHARE] > 0 {
            Role::Tools
        } else if short && head_block.is_some_and(|h| index < h && h < index + 16) {
            Role::Navigation
        } else if m.mass > 60.0 {
            break;
        } else {
            continue;
        };
        taken.push((index, role));
    }
    if taken.len() < kept.len() {
        taken.into_iter().for_each(|(index, role)| parts.take(index, role));
    }
}

/// Takes the beginnings of other stories out of the text, with their headlines and wire marks, unless there is nothing
/// else.
fn take_teasers(doc: &Document, page: &Measured<'_>, parts: &mut Parts) {
    let kept: Vec<usize> = (0..doc.blocks.len()).filter(|i| parts.kept(*i)).collect();
    let mut taken = Vec::new();
    for (n, index) in kept.iter().enumerate().filter(|(_, i)| stories::is_teaser(doc.text_of(**i))) {
        taken.push(*index);
        // What stands above it is of it where it is short or a mark.
        for above in kept[..n].iter().rev().take(2) {
            let mark = dateline::read(doc.text_of(*above)).is_some_and(|w| w.alone);
            let title = page.blocks[*above].mass < 160.0 && page.blocks[*above].sentences == 0.0;
            if !mark && !title || above + 1 != *taken.last().unwrap_or(index) {
                break;
            }
            taken.push(*above);
        }
    }
    if taken.len() < kept.len() {
        taken.into_iter().for_each(|i| parts.take(i, Role::Teaser));
    }
}

/// Takes lone words for advertising out of the text, unless there is nothing else or they head something.
fn take_advertisements(doc: &Document, parts: &mut Parts) {
    let heads = |i: usize| doc.element_of(&doc.blocks[i]).tag.heading_level() > 0;
    let (words, rest): (Vec<usize>, Vec<usize>) = (0..doc.blocks.len())
        .filter(|i| parts.kept(*i))
        .partition(|i| phrases::is_advertisement(doc.text_of(*i)) && !heads(*i));
    if !rest.is_empty() {
        words.into_iter().for_each(|i| parts.take(i, Role::Advertisement));
    }
}

/// The wire mark of the main story and its block: on a line of its own above the body, else at the body's beginning.
fn wire(doc: &Document, headline: Option<usize>, body: usize, insets: &[&Found]) -> Option<(usize, Wire)> {
    let from =
        headline.filter(|h| *h < body).map_or(body.saturating_sub(4), |h| h + 1).max(body.saturating_sub(30));
    let read = |i: usize| dateline::read(doc.text_of(i)).map(|wire| (i, wire));
    let above = (from..body)
        .filter(|i| !insets.iter().any(|story| story.holds(*i)))
        .find_map(|i| read(i).filter(|(_, w)| w.alone));
    let own = |i: usize| read(i).filter(|(_, w)| w.agency.is_some() || w.place.is_some());
    above.or_else(|| own(body)).or_else(|| own(body + 1).filter(|(_, w)| w.agency.is_some()))
}

/// The section that the page's data names.
fn section(doc: &Document) -> Option<String> {
    let meta = &doc.meta;
    let said = [meta.article().map_or("", |a| a.section.as_str()), &meta.section];
    said.into_iter().find(|s| !s.is_empty() && s.chars().count() <= 60).map(str::to_owned)
}

/// The kicker above the headline, and its block.
fn kicker(doc: &Document, headline: Option<usize>, title: Option<&Headline>) -> Option<(usize, String)> {
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
                return Some((index, kicker));
            }
        }
    }
    None
}
