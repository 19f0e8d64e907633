//! Lines that say who signs: `By …` above the text, names beside its date, signatures below it.

use std::sync::LazyLock;

use memchr::memmem;

use super::super::agencies;
use super::super::document::{Document, Flags};
use super::super::hints;
use super::super::phrases;
use super::super::words::is_unspaced;
use super::super::written;
use super::names::{Names, Said, read};
use super::words::{DESKS, EDITORS, INTRODUCTIONS, WEAK};
use super::{Found, Place};

/// Longest text taken for a byline, in characters.
const MAX_BYLINE: usize = 160;
/// Longest line of names alone, in characters.
const MAX_LINE: usize = 80;
/// Lines below the headline of plain text that may hold nothing but a name.
const NEAR_HEADLINE: usize = 6;
/// Words of such a line where nothing but a date beside it says that it is one.
const MAX_WORDS: usize = 4;
/// Lines of a block that are looked at.
const BLOCK_LINES: usize = 32;
/// Blocks below the text that a signature may stand in.
const BELOW: usize = 4;

/// What follows the words that introduce a byline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Introduced<'t> {
    /// The rest of the line.
    pub rest: &'t str,
    /// Whether the words are everyday words besides.
    pub weak: bool,
    /// Whether it names who edited.
    pub edits: bool,
}

/// The rest of a line that begins with words that introduce a byline. The name has to begin with a capital in the
/// scripts that have them, but where the markup says that there is one (`marked`).
pub fn introduced(line: &str, marked: bool) -> Option<Introduced<'_>> {
    let mut lower = [0u8; 64];
    let head = line.floor_char_boundary(40);
    let lower = small(&line[..head], &mut lower)?;
    // Elements side by side leave no space: `ByAnna Holt`, `Author:Anna Holt`.
    let opens = |i: &str| {
        let glued = i.trim_end();
        let capital =
            || line.get(glued.len()..).and_then(|l| l.chars().next()).is_some_and(char::is_uppercase);
        lower.starts_with(i) || (i == "by " || glued.ends_with(':')) && lower.starts_with(glued) && capital()
    };
    let found =
        beginning_with(*lower.as_bytes().first()?).iter().filter(|i| opens(i)).max_by_key(|i| i.len())?;
    // Small letters may take other bytes than capitals.
    let rest = line.get(found.len() - usize::from(!lower.starts_with(found))..)?.trim();
    let short = rest.split_whitespace().count() <= 8;
    let first = rest.split([' ', ',', '/']).next().unwrap_or_default();
    let capital = |c: char| c.is_alphabetic() && (marked || !c.is_lowercase());
    let name = rest.chars().next().is_some_and(capital) || agencies::exact(first).is_some();
    let weak = WEAK.contains(found) && !marked;
    let whole = || rest.split_whitespace().count() <= 4 && !rest.ends_with(['.', ':', '?', '!']);
    (name && (short || !weak) && (!weak || whole())).then_some(Introduced {
        rest,
        weak: WEAK.contains(found),
        edits: EDITORS.contains(found),
    })
}

/// The introductions by their first byte, which tells most apart.
fn beginning_with(byte: u8) -> &'static [&'static str] {
    static BY_FIRST: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
        let mut all = vec![Vec::new(); 256];
        for text in INTRODUCTIONS {
            all[usize::from(text.as_bytes()[0])].push(*text);
        }
        all
    });
    &BY_FIRST[usize::from(byte)]
}

/// A text in small letters, without a place of its own in memory; `None` where that is too long for the buffer.
fn small<'b>(text: &str, buffer: &'b mut [u8; 64]) -> Option<&'b str> {
    let mut length = 0;
    for c in text.chars().flat_map(char::to_lowercase) {
        let end = length + c.len_utf8();
        c.encode_utf8(buffer.get_mut(length..end)?);
        length = end;
    }
    std::str::from_utf8(&buffer[..length]).ok()
}

/// Whether a line is nothing but words that introduce a byline.
fn is_introduction(line: &str) -> bool {
    let mut lower = [0u8; 64];
    let lower = if line.len() <= 40 { small(line, &mut lower) } else { None };
    lower.is_some_and(|lower| INTRODUCTIONS.iter().any(|i| i.trim_end() == lower && !WEAK.contains(i)))
}

/// Whether a line is a byline.
pub fn is_byline(line: &str) -> bool {
    line.chars().count() <= MAX_BYLINE && introduced(line, false).is_some()
}

/// The part of a line that an introduction opens: all of it, what follows a sign, or what follows a date.
fn signature(line: &str) -> Option<Introduced<'_>> {
    if let Some(found) = introduced(line, false) {
        return Some(found);
    }
    let parts = [" | ", " · ", " • ", " – ", " — ", " - ", "\t", ", ", " / "].iter();
    let after = parts.filter_map(|sign| line.find(sign).map(|at| &line[at + sign.len()..]));
    after.filter_map(|rest| introduced(rest.trim_start(), false)).next().or_else(|| after_date(line))
}

/// `3 March 2026, 12:30, by Anna Holt`, `Veröffentlicht am 3. März 2026 von Anna Holt`.
fn after_date(line: &str) -> Option<Introduced<'_>> {
    let date = written::find(line)?;
    let rest = &line[date.range.end..];
    let starts =
        rest.char_indices().filter(|(at, _)| *at == 0 || rest[..*at].ends_with([' ', ',', '|', '-']));
    starts.take(8).find_map(|(at, _)| introduced(&rest[at..], false))
}

/// Lines that say "By …" between headline and main text, or just inside of it; then names beside the date.
pub fn above(place: &Place<'_>) -> Found {
    let doc = place.doc;
    let first = place.first;
    let start =
        place.headline.filter(|h| *h <= first).unwrap_or_else(|| first.saturating_sub(6)).saturating_sub(2);
    let mut editor = Found::default();
    let behind = place.headline.filter(|h| doc.plain && *h <= first).map_or(0, |h| h + 7);
    for index in start..behind.max(first + 3).min(doc.blocks.len()) {
        let block = &doc.blocks[index];
        if Some(index) == place.headline
            || doc.flags_of(block).has(Flags::HIDDEN.with(Flags::NAV).with(Flags::FIGURE))
        {
            continue;
        }
        let text = doc.block_text(block);
        let mut names = Names::default();
        if is_introduction(text) {
            // The words stand on a line of their own, the name on the next.
            let line = doc.text_of(index + 1);
            if line.chars().count() <= MAX_LINE && line.split(' ').count() <= 2 * MAX_WORDS {
                let one = !line.contains(' ') && line.chars().next().is_some_and(char::is_uppercase);
                let names = read(line, if one { Said::Markup } else { Said::Line }, place.site);
                if !names.is_empty() {
                    return Found { names, lines: vec![index + 1] };
                }
            }
            continue;
        }
        let lines = text.split('\n').take(BLOCK_LINES);
        for line in lines.filter(|line| line.chars().count() <= MAX_BYLINE) {
            if let Some(found) = signature(line) {
                let one = !found.weak && found.rest.split_whitespace().count() == 1;
                let read = read(found.rest, if one { Said::Markup } else { Said::Line }, place.site);
                if found.edits && editor.names.is_empty() {
                    editor = Found { names: read, lines: vec![index] };
                } else if !found.edits {
                    names.extend(read);
                }
            }
        }
        if !names.is_empty() {
            return Found { names, lines: vec![index] };
        }
    }
    editor
}

/// Names that stand on the date's line (`Anna Moor, 3 March 2026`), or alone on a line beside it, between headline and
/// main text.
pub fn beside_date(place: &Place<'_>) -> Found {
    let (doc, first) = (place.doc, place.first);
    let none = Found::default();
    let Some(headline) = place.headline.filter(|h| *h < first && first - h < 12) else { return none };
    let date_at = |index: usize| {
        let text = doc.text_of(index);
        (text.chars().count() <= 100).then(|| written::find(text)).flatten()
    };
    let to = if doc.plain { first.max(headline + NEAR_HEADLINE) } else { first };
    for index in headline + 1..=to.min(doc.blocks.len().saturating_sub(1)) {
        let text = doc.text_of(index);
        let of_menu = [hints::TAG, hints::KICKER, hints::PATH, hints::MENU];
        let apart = Flags::NAV.with(Flags::LIST).with(Flags::TABLE).with(Flags::FIGURE);
        let alone = doc.blocks.get(index).is_some_and(|b| !doc.flags_of(b).has(apart))
            && !of_menu.iter().any(|group| place.page.in_box(index, *group));
        if phrases::find(text).counts[phrases::SHARE] > 0 {
            continue;
        }
        let near = |i: usize| i > headline && date_at(i).is_some();
        let names = match date_at(index) {
            Some(date) => {
                let before = text[..date.range.start].trim();
                let parts = text.split(['|', '/', '•', '·', '–', '—', ',']);
                only_names(before, place).or_else(|| {
                    parts.filter(|p| p.trim().contains(' ')).find_map(|part| only_names(part, place))
                })
            }
            None if alone
                && text.split_whitespace().count() <= MAX_WORDS
                && (near(index - 1) || near(index + 1) || doc.plain && near(index + 2)) =>
            {
                only_names(text, place)
            }
            None => continue,
        };
        if let Some(names) = names {
            return Found { names, lines: vec![index] };
        }
    }
    none
}

/// Names alone on a line of plain text close below the headline, or on one that comes back on the page, as in a note
/// on the author.
pub fn alone(place: &Place<'_>) -> Found {
    let doc = place.doc;
    let none = Found::default();
    let Some(headline) = place.headline.filter(|_| doc.plain) else { return none };
    for index in headline + 1..(headline + 1 + NEAR_HEADLINE).min(doc.blocks.len()) {
        let text = doc.text_of(index);
        let words = text.split_whitespace().count();
        if !(2..=MAX_WORDS).contains(&words) || text.chars().count() > MAX_LINE {
            continue;
        }
        let again = || (0..doc.blocks.len()).any(|i| i != index && doc.text_of(i).starts_with(text));
        let found = only_names(text, place).filter(|_| index <= headline + 2 || again());
        if let Some(names) = found {
            return Found { names, lines: vec![index] };
        }
    }
    none
}

/// Whether a name is of what the story is about: it stands in the headline or in the text, or its words do in
/// small letters, as words.
fn is_told_of(place: &Place<'_>, name: &str) -> bool {
    let doc = place.doc;
    let bytes = |index: usize| doc.blocks.get(index).map_or((0, 0), |b| (b.start as usize, b.end as usize));
    let (from, to) = (bytes(place.first).0, bytes(place.last).1);
    // Notes on the author stand at the end.
    let text = doc.text.get(from..doc.text.floor_char_boundary(from + to.saturating_sub(from) * 2 / 3));
    let text = text.unwrap_or_default();
    let headline = place.headline.map_or("", |h| doc.text_of(h));
    let word = |c: char| c.is_alphanumeric();
    let holds = |text: &str, name: &str| {
        memmem::find_iter(text.as_bytes(), name.as_bytes()).any(|at| {
            let end = at + name.len();
            !text[..at].chars().next_back().is_some_and(word) && !text[end..].chars().next().is_some_and(word)
        })
    };
    let small = |w: &str| {
        w.chars().count() > 3 && w.chars().any(char::is_uppercase) && holds(text, &w.to_lowercase())
    };
    holds(headline, name)
        || text.get(text.floor_char_boundary(MAX_BYLINE)..).is_some_and(|t| holds(t, name))
        || name.split(' ').any(small)
}

/// The people of a line that holds nothing but their names.
fn only_names(line: &str, place: &Place<'_>) -> Option<Names> {
    let line = line.trim().trim_end_matches([',', '|', '·', '•', '-', '–', '—', ':', '/']).trim();
    if line.is_empty() || line.chars().count() > MAX_LINE || line.ends_with(['.', '?', '!']) {
        return None;
    }
    let found = read(line, Said::Line, place.site);
    let taken: usize = found.people.iter().map(|n| n.chars().count()).sum();
    let desks: usize = found.organizations.iter().map(|n| n.chars().count()).sum();
    let signs = |name: &String| {
        let last = name.rsplit(' ').next().unwrap_or_default().to_lowercase();
        agencies::exact(name).is_some() || name.contains(' ') && DESKS.contains(&last.as_str())
    };
    let taken = taken + desks;
    let whole = found.organizations.iter().all(signs) && taken > 0 && taken * 10 >= line.chars().count() * 7;
    (whole && !found.people.iter().any(|name| is_told_of(place, name))).then_some(found)
}

/// Signatures below the text, or at the end of its last paragraph: `(Reporting by Anna Holt; editing by Jan Moor)`,
/// `Von Anna Holt`, or a last line of nothing but an emphasised name.
pub fn below(place: &Place<'_>) -> Found {
    let doc = place.doc;
    let to = (place.last + 1 + BELOW).min(doc.blocks.len());
    for index in place.last.saturating_sub(1).max(place.first)..to {
        let block = &doc.blocks[index];
        let apart = Flags::HIDDEN.with(Flags::NAV).with(Flags::FOOTER).with(Flags::CARD).with(Flags::ASIDE);
        if doc.flags_of(block).has(apart) || place.is_elsewhere(index) {
            continue;
        }
        let text = doc.block_text(block);
        let closing = text.strip_suffix(')').and_then(|t| t.rsplit_once('(')).map(|(_, inside)| inside);
        let line = closing.unwrap_or(text).trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
        if line.chars().count() > MAX_BYLINE || index <= place.first && closing.is_none() {
            continue;
        }
        let line = line.split(';').next().unwrap_or(line);
        let found = introduced(line, false).filter(|f| !f.edits && !f.rest.ends_with(['?', '!']));
        if let Some(found) = found.filter(|f| f.rest.chars().count() <= MAX_LINE) {
            let names = read(found.rest, Said::Line, place.site);
            if !names.people.is_empty() {
                return Found { names, lines: vec![index] };
            }
        }
        let whole = block.emphasis_bytes * 10 >= (block.end - block.start) * 9;
        let ends = index == place.last && index > place.first && whole && line.contains(' ');
        if let Some(names) = ends.then(|| only_names(line, place)).flatten() {
            return Found { names, lines: vec![index] };
        }
    }
    Found::default()
}

/// `（记者 陈思远）`, `윤가람 기자 =`: the reporter inside the opening of a story.
pub fn reporter(text: &str) -> Option<String> {
    let head: String = text.chars().take(60).collect();
    for word in ["记者", "記者"] {
        if let Some(at) = head.find(word) {
            let rest = head[at + word.len()..].trim_start_matches([' ', '　', '：', ':']);
            let end = rest.find(['）', ')', '】', ' ', '，', '、'])?;
            let name = &rest[..end];
            let count = name.chars().count();
            if (2..=4).contains(&count) && name.chars().all(is_unspaced) {
                return Some(name.to_owned());
            }
        }
    }
    let at = head.find(" 기자")?;
    let name = head[..at].rsplit([' ', ')', '=']).next()?;
    (2..=4).contains(&name.chars().count()).then(|| name.to_owned())
}

/// Text of the lines of a range of the document: of each block in it, as far as it lies in the range.
pub fn lines_of<'d>(
    doc: &'d Document,
    range: &std::ops::Range<u32>,
) -> impl Iterator<Item = (usize, &'d str)> {
    let from = doc.blocks.partition_point(|b| b.end <= range.start);
    let (start, end) = (range.start, range.end);
    let blocks = doc.blocks[from..].iter().enumerate().take_while(move |(_, b)| b.start < end);
    blocks.map(move |(offset, block)| {
        let text = doc.text.get(block.start.max(start) as usize..block.end.min(end) as usize);
        (from + offset, text.unwrap_or("").trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reporters_in_openings() {
        assert_eq!(reporter("新华社云城6月11日电（记者 陈思远）云城市").as_deref(), Some("陈思远"));
        assert_eq!(reporter("(새벽시=연합뉴스) 윤가람 기자 = 파업").as_deref(), Some("윤가람"));
        assert_eq!(reporter("The council met"), None);
    }

    #[test]
    fn signatures_inside_lines() {
        let rest = |line| signature(line).map(|found| found.rest);
        assert_eq!(rest("By Anna Holt"), Some("Anna Holt"));
        assert_eq!(rest("3 March 2026 | By Anna Holt"), Some("Anna Holt"));
        assert_eq!(rest("Veröffentlicht am 3. März 2026 von Anna Holt"), Some("Anna Holt"));
        assert_eq!(rest("3. März 2026 um 12:30 Uhr von Anna Holt"), Some("Anna Holt"));
        assert_eq!(rest("Автор: Анна Холт"), Some("Анна Холт"));
        assert_eq!(rest("बाय अनिता राव"), Some("अनिता राव"));
        assert_eq!(rest("Ferries stay in port"), None);
        assert_eq!(rest("By noon the ferries were back in port, as the council had asked them to be."), None);
        assert_eq!(introduced("by marc", true).map(|f| f.rest), Some("marc"));
        assert_eq!(introduced("by marc", false), None);
    }
}
