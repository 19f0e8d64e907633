//! The headline as the reader sees it.
//!
//! Pages give it several times: as the first heading, and in markup for machines, there often with the name of the
//! site or section. The heading that agrees with the machines' versions is taken; without one, the
//! machines' version with the site's name cut off. Plain text has its lines alone: the one before the main text whose
//! words come back in it.

use super::document::{Document, Flags, MarkKind};
use super::features::Measured;
use super::words::{self, HashSet};
use super::{byline, dateline};

/// Longest headline, in characters.
const MAX_TITLE: usize = 400;
/// Longest name of a host, in bytes (RFC 1035).
const MAX_HOST: usize = 255;
/// How many blocks before the main text a headline of plain text may stand.
const LOOK_BACK: usize = 40;

/// A headline and, where it is a block of the page, its index.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Headline {
    /// Its text.
    pub text: String,
    /// Its block.
    pub block: Option<usize>,
}

/// Finds the headline of the main text that `chosen` marks.
pub fn headline(doc: &Document, page: &Measured<'_>, chosen: &[bool], url: Option<&str>) -> Option<Headline> {
    if doc.plain { of_lines(doc, page, chosen) } else { of_markup(doc, page, chosen, url) }
}

fn of_markup(doc: &Document, page: &Measured<'_>, chosen: &[bool], url: Option<&str>) -> Option<Headline> {
    let meta = &doc.meta;
    let site = SiteNames::new(doc, url);
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
        let mut score = agreement * 4.0;
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
        if best.is_none_or(|(b, _)| score > b) {
            best = Some((score, index));
        }
    }
    match best {
        Some((score, index)) if score > 2.2 || said.is_empty() && score > 1.0 => {
            let text = site.strip(&without_kicker(doc, index, &said).replace('\n', " "));
            Some(Headline { text, block: Some(index) })
        }
        _ => said.into_iter().next().map(|text| Headline { text, block: None }),
    }
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

/// What a site calls itself.
struct SiteNames {
    names: Vec<String>,
    host: String,
}

impl SiteNames {
    fn new(doc: &Document, url: Option<&str>) -> Self {
        let meta = &doc.meta;
        let publisher = meta.article().map_or("", |a| a.publisher.as_str());
        let names = [meta.site_name.as_str(), publisher]
            .iter()
            .filter(|n| n.chars().count() > 1)
            .map(|n| fold(n))
            .collect();
        let url = [url.unwrap_or(""), &meta.canonical, &meta.og_url].into_iter().find(|u| !u.is_empty());
        let host = url.and_then(|u| u.split('/').nth(2)).unwrap_or("");
        let host = &host[..host.floor_char_boundary(MAX_HOST)];
        Self { names, host: fold(host.strip_prefix("www.").unwrap_or(host)) }
    }

    fn is_name(&self, text: &str) -> bool {
        let text = fold(text);
        let bare = self.host.split('.').next().unwrap_or("");
        !text.is_empty()
            && (self.names.contains(&text)
                || text.chars().count() > 2
                    && (self.host.replace('.', "").starts_with(&text) && text.len() * 2 > bare.len())
                || text == self.host)
    }

    /// A title without the site's name and section at its end (or beginning).
    fn strip(&self, title: &str) -> String {
        let title = super::structured::tidy(title);
        let mut parts = split(&title);
        if parts.len() < 2 {
            return title;
        }
        // From the end: the site's name, and what follows the last strong separator where it is short.
        while parts.len() > 1 {
            let (last, strong) = parts[parts.len() - 1];
            let rest_end = parts[parts.len() - 2].0;
            let tail = &title[last.0..last.1];
            let words = tail.split_whitespace().count();
            let head_words = title[parts[0].0.0..rest_end.1].split_whitespace().count();
            if self.is_name(tail)
                || self.mentions(tail) && words <= 6
                || strong && words <= 5 && head_words >= 3
            {
                parts.pop();
            } else {
                break;
            }
        }
        let mut start = parts[0].0.0;
        if parts.len() > 1 && self.is_name(&title[parts[0].0.0..parts[0].0.1]) {
            start = parts[1].0.0;
        }
        let end = parts[parts.len() - 1].0.1;
        title[start..end].trim().to_owned()
    }

    fn mentions(&self, text: &str) -> bool {
        let text = fold(text);
        let bare = self.host.split('.').next().unwrap_or("");
        self.names.iter().any(|n| text.contains(n.as_str()) || n.contains(&text) && text.chars().count() > 3)
            || bare.len() > 3 && text.replace(['.', '\''], "").contains(bare)
    }
}

/// Letters and digits in small letters.
fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || *c == '.').flat_map(char::to_lowercase).collect()
}

/// Parts of a title between separators: their ranges, and whether the separator before them is a strong one.
fn split(title: &str) -> Vec<((usize, usize), bool)> {
    let mut parts = Vec::new();
    let (mut start, mut strong_before) = (0, false);
    for (at, c) in title.char_indices() {
        let strong = matches!(c, '|' | '»' | '•' | '·' | '‹' | '›' | '«' | '｜' | '_');
        let weak = matches!(c, '-' | '–' | '—' | ':' | '/' | '~');
        let spaced = title[..at].ends_with(' ') && title[at + c.len_utf8()..].starts_with(' ');
        let tight = matches!(c, '｜' | '|' | '_') && !title.is_ascii();
        if (strong || weak) && (spaced || tight) {
            let end = title[..at].trim_end().len();
            if end > start {
                parts.push(((start, end), strong_before));
                start = at + c.len_utf8();
                start += title[start..].len() - title[start..].trim_start().len();
                strong_before = strong;
            }
        }
    }
    if start < title.len() {
        parts.push(((start, title.len()), strong_before));
    }
    parts
}

fn of_lines(doc: &Document, page: &Measured<'_>, chosen: &[bool]) -> Option<Headline> {
    let start = chosen.iter().position(|c| *c)?;
    let paragraph =
        |i: &usize| chosen[*i] && page.blocks[*i].mass >= 80.0 && page.blocks[*i].sentences >= 1.0;
    let first = (start..chosen.len()).find(paragraph).unwrap_or(start);
    let mut body = String::new();
    for (index, _) in chosen.iter().enumerate().skip(first).filter(|(_, c)| **c).take(60) {
        body.push_str(doc.text_of(index));
        body.push(' ');
    }
    let body = HashSet::words(&body);
    let mut best: Option<(f32, usize)> = None;
    for index in first.saturating_sub(LOOK_BACK)..(first + 2).min(doc.blocks.len()) {
        let text = doc.text_of(index);
        let length = text.chars().count();
        let m = &page.blocks[index];
        if !(8..=MAX_TITLE).contains(&length) || m.mass < 8.0 {
            continue;
        }
        let (mut known, mut all) = (0.0f32, 0.0f32);
        words::hashes(text, |h| {
            all += 1.0;
            // All words of the text are in it.
            known += f32::from(u8::from(index < first && body.contains(h)));
        });
        if all < 2.0 {
            continue;
        }
        let mut score = known / all * 2.0;
        score += (m.mass.min(70.0) / 70.0) * 1.2 - (m.mass - 130.0).max(0.0) / 60.0;
        score -= (1.0 + first.abs_diff(index) as f32).ln() * 0.3;
        score += if m.repeats > 1 && m.repeats < 4 { 0.4 } else { 0.0 };
        score += 2.0 * m.in_slug.0.min(m.in_slug.1);
        // A headline stands above a byline, a date or a wire mark.
        let signed = (index + 1..(index + 3).min(doc.blocks.len())).any(|i| {
            let line = doc.text_of(i);
            line.len() < 200 && (byline::is_byline(line) || dateline::read(line).is_some_and(|w| w.alone))
        });
        score += if signed { 1.0 } else { 0.0 };
        if text.ends_with('.') {
            score -= 0.8;
        }
        if index >= first {
            score -= if m.mass > 150.0 { 2.0 } else { 0.2 };
        }
        if best.is_none_or(|(b, _)| score > b) {
            best = Some((score, index));
        }
    }
    best.filter(|(score, _)| *score > 0.6)
        .map(|(_, index)| Headline { text: doc.text_of(index).to_owned(), block: Some(index) })
}
