//! Wire marks: agency, place and date at the head of a story.
//!
//! `Baghdad (AFP) June 11, 2020`, `WASHINGTON, March 3 (Reuters) -`, `(dpa) –`, `BERLIN (AP) —`,
//! `(ANSA) - ROMA, 12 MAR -`, `МОСКВА, 3 мар — РИА Новости.`, `新华社北京6月11日电`, `【北京共同】`.
//! The head of the paragraph is read piece by piece: brackets, dates, and what stands between signs. Each piece is
//! told by what it is, until one is none of a mark's. The mark ends at the last sign up to there that ends one, if
//! its parts are enough to make a mark: an agency's name alone, or a place, is not.
//! Scripts without spaces have marks of their own: [`super::dateline_unspaced`].

use std::collections::HashSet;
use std::sync::LazyLock;

use super::written::{self, Order, Written};
use super::{agencies, dateline_unspaced, dates};
use crate::record::Dateline;

/// Longest head of a paragraph that is looked at, in bytes.
pub const MAX_HEAD: usize = 200;
/// Longest name of a place, in characters.
const MAX_PLACE: usize = 40;
/// Most words of a place.
const MAX_PLACE_WORDS: usize = 6;
/// Longest word of a place in small letters, in characters.
const MAX_SMALL: usize = 3;
/// Most pieces of a mark.
const MAX_PIECES: usize = 14;
/// Shortest paragraph after a mark without an agency, in characters.
const MIN_BODY: usize = 25;
/// Fewest letters and digits that make a paragraph of what stands behind a mark.
const MIN_ALONE: usize = 8;

/// What the head of a story says.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Wire {
    /// Its agency.
    pub agency: Option<String>,
    /// Its place.
    pub place: Option<String>,
    /// Its date, as far as written.
    pub date: Option<Written>,
    /// The day of its month, where no month is written.
    pub day: Option<u32>,
    /// Whether the mark is all there is in the block.
    pub alone: bool,
    /// Where the mark ends and the text begins, in bytes of the block.
    pub end: usize,
}

impl Wire {
    /// Place and date as the record has them.
    pub fn dateline(&self, published: Option<&str>) -> Option<Dateline> {
        let near = published.and_then(|p| dates::machine(p, Order::Unknown)).map(|m| m.day);
        let date = self.date.as_ref().and_then(|d| d.complete(near));
        let date = date.or_else(|| day_before(self.day?, published?)).map(|d| d.iso());
        (self.place.is_some() || date.is_some()).then(|| Dateline { place: self.place.clone(), date })
    }
}

/// The last day of this number up to a date, or the day after it by the clock of another zone.
fn day_before(day: u32, published: &str) -> Option<dates::Date> {
    let dates::Date { year, month, day: last } = dates::machine(published, Order::Unknown)?.day;
    let (year, month) = match (day <= last + 1, month) {
        (true, _) => (year, month),
        (false, 1) => (year - 1, 12),
        (false, _) => (year, month - 1),
    };
    dates::Date::new(year, month, day)
}

/// Reads the head of a block.
pub fn read(text: &str) -> Option<Wire> {
    let inner =
        text.trim_start_matches(['"', '“', '„', '«', '*', ' ', '\u{a0}', '\u{200f}', '\u{200e}', '\u{feff}']);
    let skipped = text.len() - inner.len();
    if is_running_text(inner) {
        return None;
    }
    let mut wire = dateline_unspaced::read(inner).or_else(|| Reader::new(inner).read())?;
    let rest = &inner[wire.end..];
    wire.alone = rest.chars().filter(|c| c.is_alphanumeric()).take(MIN_ALONE).count() < MIN_ALONE;
    wire.end += skipped;
    Some(wire)
}

/// Whether a text begins with words of which one, behind the first, is in small letters and longer than those that names
/// of places have, with no sign or number before it: no mark does, and most paragraphs do. Agencies may.
fn is_running_text(text: &str) -> bool {
    let mut words = head(text).split(' ');
    let first = words.next().unwrap_or("");
    let is_plain = |word: &str| word.chars().all(char::is_alphabetic);
    let is_small = |word: &str| word.starts_with(char::is_lowercase) && word.chars().nth(MAX_SMALL).is_some();
    is_plain(first)
        && words.take_while(|word| is_plain(word)).any(is_small)
        && !agencies::begins_with(first)
        && !is_lead(first)
}

/// The head of a text, cut at a character.
pub fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_HEAD)]
}

/// What stands behind a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Nothing but a space, or nothing.
    None,
    /// A comma, or a line between parts of one rank.
    Comma,
    /// A full stop, or a stroke that closes brackets of strokes.
    Stop,
    /// A colon.
    Colon,
    /// A hyphen with a space beside it.
    Hyphen,
    /// A longer dash.
    Dash,
    /// The longest one, or two hyphens with a space before them.
    LongDash,
    /// A full stop and a dash.
    StopDash,
    /// The end of the block.
    End,
}

impl Sign {
    fn is_dash(self) -> bool {
        matches!(self, Self::Hyphen | Self::Dash | Self::LongDash | Self::StopDash)
    }
}

/// How the agency is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    Bracketed,
    Bare,
}

/// The mark as far as it is read.
#[derive(Debug, Clone, Default)]
struct Mark<'t> {
    agency: Option<(&'static str, Naming)>,
    /// Parts of the place, with their commas left out.
    place: Vec<&'t str>,
    date: Option<Written>,
    day: Option<u32>,
    /// Whether a sign stands between place and date.
    is_parted: bool,
    /// Whether the agency is named before anything else is.
    agency_first: bool,
    /// Whether a colon stands in it.
    has_colon: bool,
}

struct Reader<'t> {
    text: &'t str,
    head: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, head: head(text), at: 0 }
    }

    fn read(mut self) -> Option<Wire> {
        let mut mark = Mark::default();
        let mut found = None;
        let mut before = Sign::None;
        for _ in 0..MAX_PIECES {
            self.space();
            if self.at >= self.head.len() || !self.piece(&mut mark, before) {
                break;
            }
            let sign = self.sign();
            if mark.is_whole(sign, &self.text[self.at..]) {
                found = Some((mark.clone(), self.at));
            }
            mark.has_colon |= sign == Sign::Colon;
            before = sign;
        }
        let (mark, end) = found?;
        Some(mark.wire(end))
    }

    fn rest(&self) -> &'t str {
        &self.head[self.at..]
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || is_mark(c)).len();
    }

    /// Reads a piece into the mark; false where it is none of a mark's.
    fn piece(&mut self, mark: &mut Mark<'t>, before: Sign) -> bool {
        let rest = self.rest();
        if let Some((inside, length)) = bracket(rest) {
            self.at += length;
            return mark.bracket(inside);
        }
        let date = written::find(rest);
        let date_at = date.as_ref().map_or(usize::MAX, |d| d.range.start);
        if date_at == 0 || date_at < 24 && is_lead(&rest[..date_at]) {
            let Some(date) = date.filter(|_| mark.date.is_none() && mark.day.is_none()) else { return false };
            self.at += date.range.end;
            mark.is_parted |= before != Sign::None;
            mark.date = Some(date);
            self.after_date();
            return true;
        }
        let end = end_of_words(rest).min(date_at);
        let words = rest[..end].trim_end_matches(|c: char| c.is_whitespace() || is_mark(c));
        self.at += words.len();
        let words = words.strip_suffix(" في").unwrap_or(words);
        mark.words(words, before, &self.head[self.at..])
    }

    /// Skips what follows a date and is of it: a full stop, `г.`, the weekday's comma.
    fn after_date(&mut self) {
        let rest = self.rest();
        let word = rest.trim_start();
        for end in ["г.", "г ", "р.", "р ", "d. ", "d.", "م ", "م", "m. ", "."] {
            if word.starts_with(end) && !word.starts_with(".-") && !word.starts_with(".—") {
                // A full stop that is the year's or the month's, if anything of the mark follows.
                let length = rest.len() - word.len() + end.trim_end().len();
                if end != "." || !rest[length..].starts_with(char::is_whitespace) || !self.stop_ends(length) {
                    self.at += length;
                }
                return;
            }
        }
    }

    /// Whether a full stop after a date is the sign that parts it from an agency's bare name: `11 июня. ИНТЕРФАКС`.
    fn stop_ends(&self, length: usize) -> bool {
        !self.rest()[length..].trim_start().starts_with(['(', '[', '/', ',', '-', '–', '—'])
    }

    /// Reads the signs behind a piece.
    fn sign(&mut self) -> Sign {
        let rest = self.rest();
        let mut sign = Sign::None;
        let mut length = 0;
        let mut spaced = false;
        let tail = self.text.len() == self.head.len();
        for (at, c) in rest.char_indices() {
            let next = rest[at + c.len_utf8()..].chars().next();
            let found = match c {
                c if c.is_whitespace() || is_mark(c) => {
                    spaced = true;
                    continue;
                }
                ',' | '،' | '|' | '·' | '、' | ';' => Sign::Comma,
                '.' | '۔' => Sign::Stop,
                ':' | '：' => Sign::Colon,
                '-' | '‐' | '‑' | '−' if next == Some('-') => {
                    if spaced {
                        Sign::LongDash
                    } else {
                        Sign::Dash
                    }
                }
                '-' | '‐' | '‑' | '−' | '=' => {
                    let beside = spaced || next.is_none_or(|n| n.is_whitespace() || n == '"' || n == '“');
                    let goes_on = matches!(sign, Sign::Stop | Sign::Dash | Sign::LongDash);
                    if !beside && !goes_on {
                        break;
                    }
                    if goes_on && sign != Sign::Stop { sign } else { Sign::Hyphen }
                }
                '—' | '―' | '─' => Sign::LongDash,
                '–' => Sign::Dash,
                _ => break,
            };
            sign = match (sign, found) {
                (Sign::Stop, dash) if dash.is_dash() => Sign::StopDash,
                (Sign::None | Sign::Comma, found) => found,
                (Sign::Stop | Sign::Colon | Sign::Hyphen, found) if found.is_dash() => found,
                (sign, _) => sign,
            };
            length = at + c.len_utf8();
            spaced = false;
        }
        if tail && rest[length..].trim().is_empty() {
            self.at = self.head.len();
            return if sign == Sign::None || sign == Sign::Stop { Sign::End } else { sign };
        }
        self.at += length;
        self.space();
        sign
    }
}

/// Marks of direction, which say nothing.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What stands in the brackets that a text begins with, and the length of all.
fn bracket(text: &str) -> Option<(&str, usize)> {
    let open = text.chars().next()?;
    let close = match open {
        '(' => ')',
        '[' => ']',
        '/' => '/',
        _ => return None,
    };
    let inside = &text[1..];
    let end = inside.find(close).filter(|end| *end <= 60)?;
    Some((&inside[..end], end + 2))
}

/// Where words end: at the next sign that may part the pieces of a mark.
fn end_of_words(text: &str) -> usize {
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        let next = text[at + c.len_utf8()..].chars().next();
        let ends = match c {
            '(' | '[' | ',' | '،' | ':' | '：' | '|' | '·' | '=' | '–' | '—' | '―' | '─' | '、' | ';'
            | '"' | '“' | '?' | '!' => true,
            // `Wien/Graz` is a place, `11 qershor/ATSH/` and `ЛИПОВО /БТА/` end one.
            '/' => {
                last.is_whitespace()
                    || text[at + 1..]
                        .find('/')
                        .is_some_and(|to| agencies::exact(text[at + 1..at + 1 + to].trim()).is_some())
            }
            '-' | '‐' | '‑' | '−' => {
                last.is_whitespace() || next.is_none_or(char::is_whitespace) || next == Some('-')
            }
            // `ST. ORLA`, `D.C.`: a short word of a name; `INTERFAX.RU` has letters on both sides.
            '.' => {
                let word = text[..at].rsplit(|c: char| c.is_whitespace() || c == '.').next().unwrap_or("");
                let inner = next.is_some_and(char::is_alphanumeric);
                let short = (1..=3).contains(&word.chars().count())
                    && text[..at].chars().filter(|c| c.is_whitespace()).count() == 0
                    && word.starts_with(char::is_uppercase)
                    && agencies::exact(word).is_none()
                    && text[at + 1..].trim_start().starts_with(char::is_uppercase);
                !(inner || short)
            }
            _ => false,
        };
        if ends {
            return at;
        }
        last = c;
    }
    text.len()
}

/// Whether words only lead to a date: `ngày`, a weekday.
fn is_lead(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphabetic());
    word.is_empty() && !text.contains(['(', '[', '/'])
        || is_weekday(word)
        || matches!(word, "ngày" | "le" | "den" | "في" | "el" | "on")
}

impl<'t> Mark<'t> {
    /// Takes what stands in brackets.
    fn bracket(&mut self, inside: &'t str) -> bool {
        let inside = inside.trim();
        if self.agency.is_none() {
            let date = written::find(inside);
            let words = date.as_ref().map_or(inside, |d| {
                let (before, after) = (&inside[..d.range.start], &inside[d.range.end..]);
                if before.trim().is_empty() { after } else { before }
            });
            let words = words.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '-' | '–'));
            let words = words.strip_prefix("Корр.").map_or(words, str::trim);
            if let Some(agency) = agencies::named(words) {
                self.agency_first = self.is_empty();
                self.agency = Some((agency, Naming::Bracketed));
                if self.date.is_none() {
                    self.date = date;
                }
                return true;
            }
            // A country, in brackets beside the place.
            let is_region = self.place.len() == 1 && self.date.is_none() && is_place(inside);
            return is_region && inside.split_whitespace().count() <= 2;
        }
        false
    }

    fn is_empty(&self) -> bool {
        self.place.is_empty() && self.date.is_none() && self.day.is_none()
    }

    /// Whether the only part of the place has small letters and may be a person's name.
    fn is_signed(&self) -> bool {
        self.date.is_none() && self.place.iter().any(|p| p.contains(' ') && p.contains(char::is_lowercase))
    }

    /// Takes words between signs, given the sign before them and the text behind.
    fn words(&mut self, words: &'t str, before: Sign, after: &str) -> bool {
        if words.is_empty() {
            return false;
        }
        if is_weekday(words) {
            return !self.is_empty() || self.agency.is_some();
        }
        let number = words.parse::<u32>().ok().filter(|n| (1..=31).contains(n) && words.len() <= 2);
        if number.is_some() && self.day.is_none() && self.date.is_none() && !self.place.is_empty() {
            self.day = number;
            return true;
        }
        if self.agency.is_none() {
            let bare = words.trim_end_matches('.');
            let delimited = before != Sign::None || self.is_empty() || self.date.is_some();
            let named = agencies::exact(bare).filter(|_| delimited);
            if let Some(agency) = named {
                // `Photo: SN/APA`, `Tom Dale - Associated Press - June 11` are credits.
                let credited = self.has_colon || before == Sign::Hyphen && self.is_signed();
                self.agency_first = self.is_empty();
                self.agency = Some((agency, Naming::Bare));
                return !credited;
            }
            // `ACN Vallserena.-`
            if self.is_empty()
                && let Some((name, place)) = words.split_once(' ')
                && let Some(agency) = agencies::exact(name)
                && after.starts_with(".-")
                && is_place(place)
            {
                self.agency = Some((agency, Naming::Bare));
                self.agency_first = true;
                self.place.push(place);
                return true;
            }
        } else if !self.agency_first {
            // `РИА Новости, Иван Озеров.`: who signs.
            let names = words.split_whitespace().count();
            return self.agency.is_some_and(|(_, naming)| naming == Naming::Bare)
                && (2..=3).contains(&names)
                && after.starts_with('.')
                && is_place(words);
        }
        let open = self.date.is_none() && self.day.is_none() || self.place.is_empty();
        if open && self.place.len() < 3 && is_place(words) && !(self.place.is_empty() && is_no_place(words)) {
            self.place.push(words);
            return true;
        }
        false
    }

    /// Whether what was read makes a mark, given the sign behind it and the text that follows.
    fn is_whole(&self, sign: Sign, rest: &str) -> bool {
        // A paragraph begins with a capital, in scripts that have them.
        let first = rest.chars().find(|c| c.is_alphanumeric());
        if first.is_some_and(char::is_lowercase)
            || first.is_none() && sign != Sign::End && self.agency.is_none()
        {
            return false;
        }
        let dated = self.date.is_some() || self.day.is_some();
        let placed = !self.place.is_empty();
        let Some((agency, naming)) = self.agency else { return self.is_whole_without_agency(sign, rest) };
        let ambiguous = agencies::is_ambiguous(agency);
        match naming {
            Naming::Bracketed => match sign {
                Sign::None => !ambiguous || placed && (dated || is_capitals(self.place[0])),
                Sign::Comma => false,
                Sign::Stop => !ambiguous || dated,
                Sign::Colon | Sign::Hyphen | Sign::Dash | Sign::LongDash | Sign::StopDash => true,
                Sign::End => !ambiguous || dated || placed,
            },
            Naming::Bare if self.agency_first => match sign {
                Sign::StopDash => true,
                Sign::Hyphen | Sign::Dash | Sign::LongDash => {
                    !ambiguous && (placed || dated || agency_alone(agency))
                }
                Sign::End => !ambiguous && (placed || dated),
                _ => false,
            },
            Naming::Bare => match sign {
                Sign::Hyphen | Sign::Dash | Sign::LongDash | Sign::StopDash | Sign::Colon => {
                    dated || placed && !ambiguous
                }
                Sign::Stop | Sign::End => dated || placed && is_capitals(self.place[0]) && !ambiguous,
                Sign::None | Sign::Comma => false,
            },
        }
    }

    /// A place in capitals before a dash, or place and date: `LINDMERE — `, `Lindmere, June 3 - `.
    fn is_whole_without_agency(&self, sign: Sign, rest: &str) -> bool {
        let Some(place) = self.place.first() else { return false };
        let told = rest.chars().filter(|c| c.is_alphabetic()).take(MIN_BODY).count() == MIN_BODY;
        if !told || !sign.is_dash() || self.has_colon || is_capitals(rest) {
            return false;
        }
        let capitals = is_capitals(place);
        if self.date.is_some() {
            return capitals || self.is_parted;
        }
        // Capitals before a hyphen may be anything: `UPDATE - `; several words before a short dash too.
        let parts = sign == Sign::LongDash || sign == Sign::Dash && place.split_whitespace().count() <= 2;
        self.day.is_none() && capitals && parts && place.chars().count() > 3
    }

    fn wire(self, end: usize) -> Wire {
        let parts: Vec<String> = self.place.iter().map(|part| title_case(part)).collect();
        Wire {
            agency: self.agency.map(|(agency, _)| agency.to_owned()),
            place: (!parts.is_empty()).then(|| parts.join(", ")),
            date: self.date,
            day: self.day,
            alone: false,
            end,
        }
    }
}

/// The agency that a paragraph names in brackets at its end: `… sagte er. (dpa/AFP)`, `(APA, 9.5.2016)`.
pub fn credit(text: &str) -> Option<&'static str> {
    let inner = text.trim_end_matches(|c: char| c.is_whitespace() || c == '.').strip_suffix(')')?;
    let inside = &inner[inner.rfind('(')? + 1..];
    let before = &inner[..inner.len() - inside.len() - 1];
    let ends = before.trim_end().is_empty() || before.trim_end().ends_with(super::words::ends_sentence);
    let ends = ends || before.trim_end().ends_with(super::words::closes);
    agencies::named(inside).filter(|agency| ends && !agencies::is_ambiguous(agency))
}

/// Whether an agency's name before a dash begins a story, with nothing else said.
fn agency_alone(agency: &str) -> bool {
    !matches!(agency, "Bloomberg" | "Interfax" | "Kyodo")
}

/// Whether words may be a place: every word but small connecting ones begins with a capital (in scripts that have
/// them).
fn is_place(words: &str) -> bool {
    let count = words.split_whitespace().count();
    words.chars().count() <= MAX_PLACE
        && count <= MAX_PLACE_WORDS
        && words.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_lowercase())
        && !words
            .contains(|c: char| c.is_numeric() || matches!(c, ':' | '?' | '!' | '"' | '“' | ';' | '@' | '&'))
        && (words.chars().any(char::is_uppercase) || count <= 4)
        && words.split([' ', ',', '/', '-']).filter(|w| !w.is_empty()).all(|word| {
            word.chars().next().is_some_and(|c| !c.is_lowercase()) || word.chars().count() <= MAX_SMALL
        })
}

fn is_no_place(words: &str) -> bool {
    words.starts_with("By ")
        || lists::NO_PLACES.contains(&words.to_uppercase().as_str())
        || words.split_whitespace().any(is_weekday)
}

fn is_weekday(word: &str) -> bool {
    static NAMES: LazyLock<HashSet<&str>> =
        LazyLock::new(|| lists::WEEKDAYS.split_ascii_whitespace().collect());
    let word = word.trim_matches(|c: char| matches!(c, '.' | ',' | ' '));
    !word.is_empty() && word.chars().nth(14).is_none() && NAMES.contains(word.to_lowercase().as_str())
}

fn is_capitals(text: &str) -> bool {
    text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
}

/// A name in all capitals as names are written: `PORT ALBAN` → `Port Alban`.
pub fn title_case(name: &str) -> String {
    if !is_capitals(name) || name.chars().filter(|c| c.is_alphabetic()).count() < 4 {
        return name.to_owned();
    }
    let mut out = String::with_capacity(name.len());
    let mut start = true;
    for c in name.chars() {
        if start {
            out.push(c);
        } else {
            out.extend(c.to_lowercase());
        }
        start = !c.is_alphanumeric() && c != '\'' && c != '’';
    }
    out
}

mod lists;
#[cfg(test)]
mod tests;
