//! The headline as the reader sees it.
//!
//! Pages give it several times: as the first heading, and in markup for machines, there often with the name of the
//! site or section. The heading that agrees with the machines' versions is taken; without one, the
//! machines' version with the site's name cut off. Plain text has its lines alone: the one before the main text whose
//! words come back in it.

use std::cell::OnceCell;
use std::ops::Range;

use memchr::memmem;

use super::document::{Document, Flags, MarkKind};
use super::features::Measured;
use super::site::{self, SiteNames};
use super::words::{self, HashSet};
use super::{byline, phrases, written};

/// Longest headline, in characters.
const MAX_TITLE: usize = 400;
/// How many blocks before the main text a headline of plain text may stand.
const LOOK_BACK: usize = 120;
/// Blocks of the main text that a headline's words are looked for in.
const BODY_BLOCKS: usize = 60;
/// Lines of plain text that are looked for in others.
const FINALISTS: usize = 6;
/// Longest line that is looked at for the page's date, in bytes.
const MAX_DATE_LINE: usize = 120;
/// Longest line that is compared with others, in bytes: it may hold a headline and the path to it.
const MAX_COMPARED: usize = 1_000;
/// Score from which on a line of plain text is a headline.
const MIN_SCORE: f32 = 1.0;

/// A headline and, where it is a block of the page, its index.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Headline {
    /// Its text.
    pub text: String,
    /// Its block.
    pub block: Option<usize>,
}

/// Finds the headline of the main text that `chosen` marks.
pub fn headline(doc: &Document, page: &Measured<'_>, chosen: &[bool], site: &SiteNames) -> Option<Headline> {
    choose(doc, page, chosen, site, |_, _| ())
}

/// The same, which tells `note` of every block that may be the headline, and of its score.
pub(super) fn choose(
    doc: &Document,
    page: &Measured<'_>,
    chosen: &[bool],
    site: &SiteNames,
    note: impl FnMut(usize, f32),
) -> Option<Headline> {
    if doc.plain { of_lines(doc, page, chosen, note) } else { of_markup(doc, page, chosen, site, note) }
}

fn of_markup(
    doc: &Document,
    page: &Measured<'_>,
    chosen: &[bool],
    site: &SiteNames,
    mut note: impl FnMut(usize, f32),
) -> Option<Headline> {
    let meta = &doc.meta;
    let ld = meta.article().filter(|a| a.rank > 1).map_or("", |a| a.headline.as_str());
    let said: Vec<String> = [ld, &meta.og_title, &meta.title, &meta.other_title]
        .iter()
        .map(|t| site.strip(t))
        .filter(|t| !t.is_empty())
        .collect();
    let said_words: Vec<HashSet> = said.iter().map(|t| HashSet::words(t)).collect();
    let first = chosen.iter().position(|c| *c).unwrap_or(0);
    let mut best: Option<(f32, usize)> = None;
    for (index, block) in doc.blocks.iter().enumerate() {
        let level = doc.element_of(block).tag.heading_level();
        let text = doc.block_text(block);
        let headline_mark = doc.marks.iter().any(|m| {
            m.kind == MarkKind::Headline && m.range.start <= block.start && block.end <= m.range.end
        });
        if level == 0 && !page.blocks[index].is_title && !headline_mark {
            continue;
        }
        if text.chars().count() > MAX_TITLE || site.is_name(text) {
            continue;
        }
        let words = HashSet::words(text);
        let agreement = said_words.iter().map(|said| alike(&words, said)).fold(0.0, f32::max);
        let votes = said_words.iter().filter(|said| alike(&words, said) > 0.8).count().saturating_sub(1);
        let mut score = agreement * 4.0 + votes as f32 * 0.3;
        score += match level {
            1 => 2.0,
            2 => 0.6,
            3..=6 => 0.2,
            _ => 0.0,
        };
        score += if headline_mark { 1.0 } else { 0.0 };
        let distance = index.abs_diff(first) as f32;
        score -= (1.0 + distance).ln() * 0.25;
        if index > first + 3 {
            score -= 0.5;
        }
        score -= page.blocks[index].links * 0.7;
        let flags = doc.flags_of(block);
        if flags.has(Flags::HIDDEN) {
            score -= 0.7;
        }
        if flags.has(Flags::NAV.with(Flags::FOOTER).with(Flags::ASIDE)) {
            score -= 1.0;
        }
        note(index, score);
        if best.is_none_or(|(b, _)| score > b) {
            best = Some((score, index));
        }
    }
    match best {
        Some((score, index)) if score > 2.2 || said.is_empty() && score > 1.0 => {
            let text = without_kicker(doc, index, &said);
            let og = site.strip(&meta.og_title);
            let text = agreed(site, text, &og, &site.strip(ld), &meta.title)
                .unwrap_or_else(|| site.strip(&text.replace('\n', " ")));
            Some(Headline { text, block: Some(index) })
        }
        _ => shortest(said).map(|text| Headline { text, block: None }),
    }
}

/// Fewest words of a headline that others are measured by.
const MIN_WORDS: usize = 3;
/// As many characters stand for them where words are not spaced.
const MIN_UNSPACED: usize = 10;

fn is_long(text: &str) -> bool {
    text.split_whitespace().count() >= MIN_WORDS
        || text.chars().filter(|c| words::is_unspaced(*c)).count() >= MIN_UNSPACED
}

/// The headline where heading and markup differ by a kicker, or by how its lines are joined; `None` where they do not.
fn agreed(site: &SiteNames, heading: &str, og: &str, ld: &str, title: &str) -> Option<String> {
    if !is_long(og) || heading.is_empty() {
        return None;
    }
    let (shown, said) = (site::fold(heading), site::fold(og));
    if shown == said {
        // A heading over several lines, or of several boxes, lacks the signs and spaces between them.
        let signs = |text: &str| text.chars().filter(|c| !c.is_alphanumeric()).count();
        return (signs(og) > signs(heading)).then(|| og.to_owned());
    }
    // `Trade dispute: Ferries stay in port` in the heading, `Ferries stay in port` in the markup.
    if shown.ends_with(&said) {
        let at = heading.char_indices().rev().find(|(at, _)| site::fold(&heading[*at..]) == said)?.0;
        let (kicker, rest) = heading.split_at(at);
        let trimmed = kicker.trim_end_matches(' ');
        let apart = trimmed.ends_with(|c: char| !c.is_alphanumeric()) && trimmed.len() < kicker.len()
            || trimmed.ends_with(['\n', '|', ':'])
            || kicker.ends_with(' ') && kicker.split_whitespace().count() > 1;
        let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric() && !og.starts_with(c));
        return apart.then(|| site.strip(&rest.replace('\n', " ")));
    }
    // `Norland: Ferries stay in port` in all of the markup, without the first word in the heading.
    let kicker = og.find(": ").filter(|at| site::fold(&og[*at..]) == shown).map(|at| &og[..at])?;
    let everywhere = site::fold(ld) == said && site::fold(title).starts_with(&said);
    (everywhere && is_long(heading) && !site.is_section(kicker)).then(|| og.to_owned())
}

/// The first of the machines' versions; a later one where it is the first without what a site adds at its end.
fn shortest(said: Vec<String>) -> Option<String> {
    let first = said.first()?;
    let bare = said.iter().find(|text| {
        let rest = first.strip_prefix(text.as_str()).unwrap_or_default().trim_start();
        is_long(text) && rest.starts_with(['-', '–', '—', '|', ':', '/', '·'])
    });
    bare.or(Some(first)).cloned()
}

/// Text of a heading without the kicker that the markup sets off at its beginning; with it where the page's
/// own title opens with it too: then it belongs to the headline.
fn without_kicker<'d>(doc: &'d Document, index: usize, said: &[String]) -> &'d str {
    let text = doc.text_of(index);
    let Some(block) = doc.blocks.get(index) else { return text };
    let kicker = doc.marks.iter().find(|m| {
        m.kind == MarkKind::Kicker
            && m.range.start <= block.start + 1
            && m.range.end < block.end
            && m.range.end > block.start
    });
    let kicker = kicker.filter(|m| {
        let words = doc.text.get(m.range.start as usize..m.range.end as usize).unwrap_or_default().trim();
        !said.iter().any(|title| title.starts_with(words))
    });
    let rest = kicker.and_then(|m| doc.text.get(m.range.end as usize..block.end as usize));
    let rest = rest.map(|r| {
        r.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–' | '|' | '/'))
    });
    rest.filter(|r| r.split_whitespace().count() >= 2).unwrap_or(text)
}

/// Share of words that two texts have in common, of those in either.
fn alike(a: &HashSet, b: &HashSet) -> f32 {
    let common = a.iter().filter(|h| b.contains(*h)).count();
    common as f32 / (a.len() + b.len() - common).max(1) as f32
}

/// Lines of a plain-text page; each is folded once, when it is first compared.
struct Lines<'d> {
    doc: &'d Document,
    /// Each line by [`site::fold`].
    folded: Vec<OnceCell<String>>,
    /// Lines near the body.
    near: Range<usize>,
    /// Whether a date stands in each of them.
    dated: Vec<OnceCell<bool>>,
    /// Whether each of them is a byline.
    signed: Vec<OnceCell<bool>>,
}

impl<'d> Lines<'d> {
    /// Lines of the page, of which those `near` the body may be its headline.
    fn new(doc: &'d Document, near: Range<usize>) -> Self {
        let lines = doc.blocks.len();
        let near = near.start..near.end.min(lines);
        Self {
            doc,
            folded: vec![OnceCell::new(); lines],
            dated: vec![OnceCell::new(); near.len()],
            signed: vec![OnceCell::new(); near.len()],
            near,
        }
    }

    /// What is `known` of a line near the body, or what its text says.
    fn says(&self, known: &[OnceCell<bool>], index: usize, says: fn(&str) -> bool) -> bool {
        let known = index.checked_sub(self.near.start).and_then(|at| known.get(at));
        let text = self.doc.text_of(index);
        known.is_some_and(|known| *known.get_or_init(|| text.len() <= MAX_COMPARED && says(text)))
    }

    fn is_dated(&self, index: usize) -> bool {
        self.says(&self.dated, index, |text| written::find(text).is_some())
    }

    fn is_signed(&self, index: usize) -> bool {
        self.says(&self.signed, index, byline::is_byline)
    }

    /// The lines below one, so many of them.
    fn below(&self, index: usize, lines: usize) -> Range<usize> {
        index + 1..(index + 1 + lines).min(self.folded.len())
    }

    /// Whether a line may be a headline by its length and by what it does not hold.
    fn is_title_like(&self, page: &Measured<'_>, index: usize) -> bool {
        let (text, m) = (self.doc.text_of(index), &page.blocks[index]);
        (20.0..=130.0).contains(&m.mass)
            && m.words >= 3.0
            && !text.ends_with(['.', '。'])
            && !self.is_dated(index)
            && !self.is_signed(index)
            && m.phrases.counts.iter().all(|c| *c == 0)
    }

    fn folded(&self, index: usize) -> &str {
        self.folded[index].get_or_init(|| site::fold(self.doc.text_of(index)))
    }

    /// Whether the path to the page and the headline stand in this line, and the headline alone in one near it.
    fn holds_other(&self, index: usize) -> bool {
        let length = self.doc.text_of(index).len();
        (index.saturating_sub(6)..(index + 7).min(self.folded.len())).any(|i| {
            let line = self.doc.text_of(i).len();
            let part = line >= 12 && line * 3 > length && line < length;
            part && i != index && self.folded(index).ends_with(self.folded(i))
        })
    }

    /// Whether a longer line holds this one: menus of sharing and paths to the page do.
    fn is_held(&self, index: usize) -> bool {
        let title = self.folded(index);
        let finder = memmem::Finder::new(title);
        (0..self.folded.len()).any(|i| {
            let line = self.doc.text_of(i).len();
            let longer = line > title.len() && line < title.len() * 2 + 60;
            longer
                && i != index
                && self.folded(i).len() > title.len()
                && finder.find(self.folded(i).as_bytes()).is_some()
        })
    }
}

fn of_lines(
    doc: &Document,
    page: &Measured<'_>,
    chosen: &[bool],
    mut note: impl FnMut(usize, f32),
) -> Option<Headline> {
    let start = chosen.iter().position(|c| *c)?;
    let paragraph =
        |i: &usize| chosen[*i] && page.blocks[*i].mass >= 80.0 && page.blocks[*i].sentences >= 1.0;
    let first = (start..chosen.len()).find(paragraph).unwrap_or(start);
    let last = (first + 4).min(doc.blocks.len());
    let begin = first.saturating_sub(LOOK_BACK);
    let lines = Lines::new(doc, begin.saturating_sub(1)..last + 7);
    let body = words_of_body(page, doc, chosen, begin..first);
    let mut scored: Vec<(f32, usize)> = (begin..last)
        .filter_map(|index| of_line(&lines, page, chosen, index, first, &body).map(|s| (s, index)))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.truncate(FINALISTS);
    for (score, index) in &mut scored {
        *score += if lines.is_held(*index) { 1.31 } else { 0.0 };
        note(*index, *score);
    }
    let best = scored.into_iter().reduce(|best, other| if other.0 > best.0 { other } else { best });
    best.filter(|(score, _)| *score > MIN_SCORE)
        .map(|(_, index)| Headline { text: doc.text_of(index).to_owned(), block: Some(index) })
}

/// The words of lines above the body that the body has, too.
fn words_of_body(page: &Measured<'_>, doc: &Document, chosen: &[bool], above: Range<usize>) -> HashSet {
    let first = above.end;
    let mut words =
        HashSet::of(above.map(|index| doc.text_of(index)).filter(|text| text.len() <= 4 * MAX_TITLE));
    if words.is_empty() {
        return words;
    }
    let mut found = vec![false; words.len()];
    let mut find = |hash| {
        if let Some(at) = words.place(hash) {
            found[at] = true;
        }
    };
    for index in (first..chosen.len()).filter(|index| chosen[*index]).take(BODY_BLOCKS) {
        match page.blocks[index].all_words(&page.vocabulary) {
            Some(hashes) => hashes.iter().for_each(|hash| find(*hash)),
            None => words::hashes(doc.text_of(index), &mut find),
        }
    }
    words.retain(&found);
    words
}

/// How much a line of plain text looks like the headline of what begins at block `first`; `None` where it is too short
/// or too long. The weights were fitted (conditional logit over the lines of a page) on labelled pages.
fn of_line(
    lines: &Lines<'_>,
    page: &Measured<'_>,
    chosen: &[bool],
    index: usize,
    first: usize,
    body: &HashSet,
) -> Option<f32> {
    let doc = lines.doc;
    let (text, m) = (doc.text_of(index), &page.blocks[index]);
    let length = text.chars().count();
    if !(8..=MAX_TITLE).contains(&length) || m.mass < 6.0 {
        return None;
    }
    let (mut known, mut all) = (0.0f32, 0.0f32);
    words::hashes(text, |h| {
        all += 1.0;
        known += f32::from(u8::from(index < first && body.contains(h)));
    });
    let dated = lines.below(index, 6).any(|i| doc.text_of(i).len() < MAX_DATE_LINE && lines.is_dated(i));
    let distance = first.abs_diff(index) as f32;
    let is = |flag: bool| f32::from(u8::from(flag));
    let mut score = 4.18 * known / all.max(1.0) + 5.87 * m.in_slug.1 - 1.20 * m.in_slug.0.min(m.in_slug.1);
    score += 2.43 * m.mass.min(70.0) / 70.0 - 0.76 * (m.mass - 130.0).max(0.0) / 60.0;
    score -= 0.87 * is(m.mass > 90.0) + 3.24 * is(m.mass > 110.0);
    score -= 0.53 * (1.0 + distance).ln() + 0.57 * (first as f32 - index as f32 - 40.0).max(0.0) / 40.0;
    score += 4.34 * m.shape.digits / length as f32 - 4.45 * is(lines.is_dated(index));
    score += 1.80 * is(dated) - 2.19 * is(lines.holds_other(index));
    score += 0.68 * is(lines.below(index, 3).any(|i| lines.is_dated(i)))
        + 0.50 * is(lines.below(index, 3).any(|i| lines.is_signed(i)));
    // Below the date stands a headline, below a headline the line that goes with it.
    let above = index.checked_sub(1);
    score += 1.16 * is(above.is_some_and(|i| lines.is_dated(i)));
    score -= 0.58 * is(above.is_some_and(|i| lines.is_title_like(page, i)));
    score -= 1.25 * is(m.mass < 15.0) + 1.00 * is(all < 3.0);
    score -= 3.39 * is(text.ends_with(['.', '。'])) + 1.64 * is(text.ends_with(':'));
    score += 0.69 * is(index >= first) - 1.11 * is(chosen[index]) - 1.00 * is(lines.is_signed(index));
    score -= 0.91 * is(m.phrases.counts.iter().any(|c| *c > 0))
        + 1.27 * is(m.phrases.counts[phrases::CREDITS] > 0);
    Some(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_markup_agree() {
        let site = SiteNames::named("Coastwatch");
        let check = |heading, og, ld, title, expect: Option<&str>| {
            assert_eq!(agreed(&site, heading, og, ld, title).as_deref(), expect, "{heading}");
        };
        // A kicker in the heading that the markup leaves out.
        let short = "Ferries stay in port";
        check("Trade dispute: Ferries stay in port", short, "", "", Some(short));
        check("Trade dispute\nFerries stay in port", short, "", "", Some(short));
        check("Trade dispute Ferries stay in port", short, "", "", Some(short));
        check("Our Ferries stay in port", short, "", "", None);
        // A kicker in all of the markup.
        let long = "Norland: Ferries stay in port";
        check(short, long, long, "Norland: Ferries stay in port | Coastwatch", Some(long));
        check(short, long, short, "Norland: Ferries stay in port | Coastwatch", None);
        // Lines of a heading that were glued together.
        check(
            "NorlandFerries stay in port",
            "Norland / Ferries stay in port",
            "",
            "",
            Some("Norland / Ferries stay in port"),
        );
        check("Ferries stay in port", "Ferries stay in port", "", "", None);
        check("Ferries stay in port", "Why no ship leaves", "", "", None);
    }

    #[test]
    fn the_shortest_version_of_the_markup() {
        let said = |texts: &[&str]| shortest(texts.iter().map(|t| (*t).to_owned()).collect());
        let long = "Ferries stay in port-NewsㅣCoastwatch";
        assert_eq!(said(&[long, "Ferries stay in port"]).as_deref(), Some("Ferries stay in port"));
        assert_eq!(said(&[long, "Why no ship leaves"]).as_deref(), Some(long));
        assert_eq!(said(&[]), None);
    }
}
