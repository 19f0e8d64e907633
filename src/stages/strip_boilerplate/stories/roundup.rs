//! Items of a round-up: several news items under headlines of their own.
//!
//! Any article may have sub-heads; so the page has to call itself a round-up, or its items have to open with wire marks.

use std::cell::LazyCell;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::{Found, View, ready, says};
use crate::stages::strip_boilerplate::dateline;

/// Fewest items.
const MIN_ITEMS: usize = 3;
/// Fewest letters of an item.
const MIN_MASS: f32 = 40.0;
/// Share of the main text that has to stand in items.
const MIN_SHARE: f32 = 0.5;
/// Most words of a part of a title that names the page.
const MAX_NAME_WORDS: usize = 6;
/// Blocks above the body in which a line names the page.
const LABEL_BLOCKS: usize = 6;
/// Longest headline that begins a paragraph, in bytes.
const MAX_LEAD: usize = 160;

/// What round-ups are called.
#[rustfmt::skip]
const ROUND_UPS: &[&str] = &[
    "in brief", "news briefs", "briefs", "briefly", "in short", "roundup", "round-up", "digest", "briefing", "things to know today", "things to know this morning", "things you need to know today", "at a glance",
    "kurz notiert", "kurznachrichten", "kurzmeldungen", "kurz gemeldet", "kurz berichtet", "kurz und bündig", "in kürze", "en bref", "brèves", "l'essentiel",
    "breves", "en breve", "en corto", "noticias breves", "notas breves", "em resumo", "curtas", "em síntese", "in breve", "brevi", "notizie in breve", "kort nieuws", "in het kort",
    "i korthet", "kort nytt", "kort fortalt", "kort nyt", "lyhyesti", "w skrócie", "krótko", "skrót wiadomości", "krátce", "ve zkratce", "v skratke", "stručne", "röviden",
    "pe scurt", "накратко", "ukratko", "укратко", "на кратко", "na kratko", "коротко", "кратко", "дайджест", "стисло", "главное за", "με λίγα λόγια", "σύντομα", "kısa kısa",
    "kısa haberler", "باختصار", "موجز", "أخبار قصيرة", "اخبار کوتاه", "מבזקים", "בקצרה", "संक्षेप में", "संक्षिप्त", "সংক্ষেপে", "简讯", "简报", "短讯", "要闻", "簡訊", "簡報", "短信", "ニュースまとめ",
    "단신", "간추린", "sekilas", "berita singkat", "ringkasan", "tin vắn", "điểm tin",
];

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| ready(ROUND_UPS));

/// What heads the items of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heads {
    /// Headings of one level.
    Level(u8),
    /// Emphasised lines.
    Emphasised,
    /// Emphasised words that begin a paragraph.
    Leads,
    /// Short lines of plain text.
    Lines,
}

/// The items of a round-up, in page order; none where the page is no such.
pub fn items(view: &View<'_, '_>) -> Vec<Found> {
    let Some((first, last)) = view.body() else { return Vec::new() };
    // A line above the body may name the page, and the first item's headline be taken for the page's.
    let above = view.headline.map_or(first, |h| h.min(first));
    let label = (above.saturating_sub(LABEL_BLOCKS)..above).rev().find(|i| is_name(view.text(*i)));
    let is_said = LazyCell::new(|| label.is_some() || is_named(view.title) || is_named(view.section));
    // What the first item is called may not be taken for text.
    let below = label.or(view.headline).map_or(0, |h| h + 1);
    let from = first.saturating_sub(3).max(below).min(first);
    let kinds = if view.doc.plain {
        vec![Heads::Lines]
    } else {
        let levels = (2..=6).map(Heads::Level);
        levels.chain([Heads::Emphasised, Heads::Leads]).collect()
    };
    for kind in kinds {
        let heads: Vec<usize> = (from..=last).filter(|i| is_head(view, *i, kind)).collect();
        if heads.len() < MIN_ITEMS {
            continue;
        }
        let mut found: Vec<Found> = Vec::new();
        for (n, head) in heads.iter().enumerate() {
            let end = heads.get(n + 1).map_or(last + 1, |next| *next);
            found.extend(item(view, *head, end, kind));
        }
        let mass = |part: &Found| part.text.iter().map(|(i, _)| view.mass(*i)).sum::<f32>();
        let all: f32 = (first..=last).filter(|i| view.kept[*i]).map(|i| view.mass(i)).sum();
        let told: f32 = found.iter().map(mass).sum();
        if found.len() < MIN_ITEMS || told < all * MIN_SHARE {
            continue;
        }
        // Without a name a quarter of the items may have no mark.
        let mut most = if *is_said { found.len() } else { found.len() / 4 };
        let has_mark = |part: &mut Found| {
            take_mark(view, part);
            let left = most.checked_sub(usize::from(part.wire.agency.is_none()));
            most = left.unwrap_or(0);
            left.is_some()
        };
        if found.iter_mut().all(has_mark) {
            return found;
        }
    }
    Vec::new()
}

/// Whether a part of a title, of few words, says what round-ups are called.
fn is_named(title: &str) -> bool {
    let mut parts = title.split([':', '|', '–', '—', '·']);
    parts.any(|part| part.split_whitespace().count() <= MAX_NAME_WORDS && says(part, FINDER.as_ref()))
}

/// Whether a line is nothing but what round-ups are called.
fn is_name(line: &str) -> bool {
    line.len() < 60
        && ROUND_UPS.contains(&line.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().as_str())
}

fn is_head(view: &View<'_, '_>, index: usize, kind: Heads) -> bool {
    let Some(block) = view.doc.blocks.get(index).filter(|_| view.is_shown(index)) else { return false };
    let m = &view.page.blocks[index];
    match kind {
        Heads::Level(level) => {
            view.doc.element_of(block).tag.heading_level() == level && (6.0..=200.0).contains(&m.mass)
        }
        Heads::Emphasised => view.kept[index] && view.is_emphasised(index) && (6.0..=160.0).contains(&m.mass),
        Heads::Leads => view.kept[index] && lead(view, index).is_some(),
        Heads::Lines => {
            let next = (index + 1..view.kept.len()).next().filter(|i| view.kept[*i]);
            let follows =
                next.is_some_and(|i| view.mass(i) >= 2.0 * MIN_MASS && view.page.blocks[i].sentences >= 1.0);
            follows && m.mass < 100.0 && view.is_title_like(index)
        }
    }
}

/// Where the emphasised words end that begin a paragraph and are its headline.
fn lead(view: &View<'_, '_>, index: usize) -> Option<usize> {
    let block = &view.doc.blocks[index];
    let end = block.emphasis_bytes as usize;
    let text = view.text(index);
    if end == 0 || end > MAX_LEAD || end * 2 > text.len() || !text.is_char_boundary(end) {
        return None;
    }
    let (head, rest) = text.split_at(end);
    let closed = head.trim_end().ends_with(['.', ':', '!', '?', '。', '：'])
        || rest.trim_start().starts_with(['-', '–', '—', ':']);
    let goes_on = rest.trim_start().chars().any(char::is_alphanumeric);
    (closed && goes_on && head.split_whitespace().count() >= 2).then_some(end)
}

fn item(view: &View<'_, '_>, head: usize, end: usize, kind: Heads) -> Option<Found> {
    let mut item = Found::default();
    let title;
    if kind == Heads::Leads {
        let at = lead(view, head)?;
        title = view.text(head)[..at].trim_end_matches([' ', '.', ':', '。', '：']);
        let rest = &view.text(head)[at..];
        let skipped = rest.len() - rest.trim_start_matches([' ', '-', '–', '—', ':', '.']).len();
        item.text.push((head, at + skipped));
    } else {
        title = view.text(head);
        item.head = Some(head);
    }
    item.title = Some(without_number(title).to_owned());
    item.text.extend((head + 1..end).filter(|i| view.kept[*i] && !view.is_rule(*i)).map(|i| (i, 0)));
    let mass: f32 = item.text.iter().map(|(i, _)| view.mass(*i)).sum();
    (mass >= MIN_MASS).then_some(item)
}

/// Reads the wire mark that an item opens with; on a line of its own it is none of its text.
fn take_mark(view: &View<'_, '_>, item: &mut Found) {
    if let Some((first, from)) = item.text.first().copied()
        && let Some(wire) = dateline::read(&view.text(first)[from..])
    {
        if wire.alone && item.text.len() > 1 {
            item.text.remove(0);
            item.around.push(first);
        }
        item.wire = wire;
    }
}

/// A headline without the number of its item.
fn without_number(title: &str) -> &str {
    let rest = title.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = title.len() - rest.len();
    let plain = rest.strip_prefix(['.', ')', ':', '、']).map(str::trim_start).filter(|rest| !rest.is_empty());
    plain.filter(|_| (1..=2).contains(&digits)).unwrap_or(title)
}
