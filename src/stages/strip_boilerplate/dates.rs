//! Dates as pages write them, and the date of publication.

use super::document::{Document, Flags};

/// A day, and the time of day with its zone where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u32,
    /// Day, 1 to 31.
    pub day: u32,
}

impl Date {
    /// A date that exists, of the time that news pages are from.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            1..=12 => 31,
            _ => return None,
        };
        ((1900..2100).contains(&year) && (1..=days).contains(&day)).then_some(Self { year, month, day })
    }

    /// ISO 8601.
    pub fn iso(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Reads a machine's date (`2020-06-11T10:00:00+02:00`, `2020-06-11`, `20200611`, RFC 2822 …) as ISO 8601:
/// date and time with its zone where all of it is given, else the day.
pub fn machine(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.is_ascii() {
        return None;
    }
    let b = text.as_bytes();
    let number = |from: usize, to: usize| text.get(from..to).and_then(|s| s.parse::<u32>().ok());
    let (date, rest) = if b.len() >= 10 && matches!(b[4], b'-' | b'/' | b'.') && b[7] == b[4] {
        (Date::new(number(0, 4)? as i32, number(5, 7)?, number(8, 10)?)?, &text[10..])
    } else if b.len() >= 8
        && b[..8].iter().all(u8::is_ascii_digit)
        && !b.get(8).is_some_and(u8::is_ascii_digit)
    {
        (Date::new(number(0, 4)? as i32, number(4, 6)?, number(6, 8)?)?, &text[8..])
    } else {
        return None;
    };
    Some(with_time(date, rest))
}

/// The day with the time of day that follows it, where that is whole: hours, minutes, seconds, zone.
fn with_time(date: Date, rest: &str) -> String {
    let day = date.iso();
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    let (Some(hour), Some(minute)) = (two(rest, 0), two(rest, 3)) else { return day };
    if rest.as_bytes().get(2) != Some(&b':') || hour > 23 || minute > 59 {
        return day;
    }
    let (second, mut zone) = match rest.as_bytes().get(5) {
        Some(b':') => match two(rest, 6) {
            Some(second) if second < 61 => (second.min(59), &rest[8..]),
            _ => return day,
        },
        _ => (0, &rest[5..]),
    };
    if let Some(fraction) = zone.strip_prefix('.') {
        zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let zone = zone.trim();
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let zone = match zone.as_bytes().first() {
        Some(b'Z' | b'z') => "Z".to_owned(),
        Some(sign @ (b'+' | b'-')) if digits.len() == 4 && &digits[..2] < "15" && &digits[2..] < "60" => {
            format!("{}{}:{}", *sign as char, &digits[..2], &digits[2..])
        }
        // Without its zone a time of day says little.
        _ => return day,
    };
    format!("{day}T{hour:02}:{minute:02}:{second:02}{zone}")
}

fn two(text: &str, at: usize) -> Option<u32> {
    text.get(at..at + 2).filter(|s| s.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

/// Bytes of an address's path that are looked at.
const MAX_PATH: usize = 500;

/// The day in the path of an address: `/2020/06/11/`, `/2020-06-11-`, `/20200611/`.
pub fn in_address(url: &str) -> Option<String> {
    let path = url.split_once("//").map_or(url, |(_, rest)| rest);
    let path = &path[path.find('/')?..];
    let path = &path[..path.floor_char_boundary(MAX_PATH)];
    let bytes = path.as_bytes();
    (1..bytes.len().saturating_sub(7)).take(400).find_map(|at| {
        if bytes[at - 1].is_ascii_alphanumeric() || bytes[at] != b'1' && bytes[at] != b'2' {
            return None;
        }
        let rest = path.get(at..)?;
        let end = rest.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b'/' | b'-' | b'_')).count();
        let parts: Vec<&str> = rest[..end].split(['/', '-', '_']).filter(|p| !p.is_empty()).collect();
        let date = match parts.as_slice() {
            [y, m, d, ..] if y.len() == 4 && m.len() <= 2 && d.len() <= 2 => {
                Date::new(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?)
            }
            [all, ..] if all.len() == 8 => {
                Date::new(all[..4].parse().ok()?, all[4..6].parse().ok()?, all[6..].parse().ok()?)
            }
            _ => None,
        };
        date.filter(|d| d.year > 1994).map(|d| d.iso())
    })
}

/// A date in running text, as far as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Year, where it is written.
    pub year: Option<i32>,
    /// Month.
    pub month: u32,
    /// Day.
    pub day: u32,
    /// Its bytes in the text.
    pub range: std::ops::Range<usize>,
}

impl Written {
    /// The date, its year taken from a date near it where it is not written.
    pub fn complete(&self, near: Option<&str>) -> Option<Date> {
        if let Some(year) = self.year {
            return Date::new(year, self.month, self.day);
        }
        let near = near.and_then(machine)?;
        let (year, month): (i32, i32) = (near.get(..4)?.parse().ok()?, near.get(5..7)?.parse().ok()?);
        let distance = self.month as i32 - month;
        // News is published on or after the day it speaks of, or a day before by the clock of another zone.
        let year = if distance > 1 {
            year - 1
        } else if distance < -10 {
            year + 1
        } else {
            year
        };
        Date::new(year, self.month, self.day)
    }
}

/// A word or number of a text, with its bytes.
#[derive(Debug, Clone, Copy)]
struct Token<'t> {
    text: &'t str,
    start: usize,
    number: Option<u32>,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out: Vec<Token<'_>> = Vec::new();
    let mut start = None;
    let mut digits = false;
    let mut push = |start: usize, end: usize, digits: bool| {
        let text = &text[start..end];
        let number = digits.then(|| to_number(text)).flatten();
        out.push(Token { text, start, number });
    };
    for (at, c) in text.char_indices() {
        let is_digit = c.is_ascii_digit() || other_digit(c).is_some();
        let is_word = is_digit || c.is_alphanumeric() || matches!(c, '\u{900}'..='\u{d7f}' | '\u{200c}');
        if let Some(from) = start
            && (!is_word || is_digit != digits)
        {
            push(from, at, digits);
            start = None;
        }
        if is_word && start.is_none() {
            start = Some(at);
            digits = is_digit;
        }
    }
    if let Some(from) = start {
        push(from, text.len(), digits);
    }
    out
}

/// Digits of Arabic, Persian and Indic scripts.
fn other_digit(c: char) -> Option<u32> {
    [0x660, 0x6f0, 0x966, 0x9e6, 0xff10].into_iter().find_map(|zero| {
        let value = (c as u32).wrapping_sub(zero);
        (value < 10).then_some(value)
    })
}

fn to_number(text: &str) -> Option<u32> {
    text.chars().try_fold(0u32, |n, c| {
        let digit = c.to_digit(10).or_else(|| other_digit(c))?;
        n.checked_mul(10)?.checked_add(digit)
    })
}

/// Bytes of a text that are looked at for a date.
const MAX_TEXT: usize = 2_000;

/// The first date that is written in a text.
pub fn find(text: &str) -> Option<Written> {
    let text = &text[..text.floor_char_boundary(MAX_TEXT)];
    let tokens = tokens(text);
    (0..tokens.len()).find_map(|at| date_at(text, &tokens, at))
}

fn date_at(text: &str, tokens: &[Token<'_>], at: usize) -> Option<Written> {
    let get = |n: usize| tokens.get(at + n);
    let number = |n: usize| get(n).and_then(|t| t.number);
    let year = |n: usize| {
        let token = get(n)?;
        token.number.filter(|y| (1900..2100).contains(y) && token.text.chars().count() == 4).map(|y| y as i32)
    };
    let made = |year: Option<i32>, month: u32, day: u32, last: usize| {
        let token = tokens.get(at + last)?;
        Date::new(year.unwrap_or(2000), month, day)?;
        Some(Written { year, month, day, range: tokens[at].start..token.start + token.text.len() })
    };
    let first = get(0)?;
    let word = |n: usize| get(n).map_or("", |t| t.text);
    if let Some(n) = first.number {
        // 2020年6月11日, 2020년 6월 11일; without the year too.
        if matches!(word(1), "年" | "년") && matches!(word(3), "月" | "월") {
            return made(year(0), number(2)?, number(4)?, 4);
        }
        if matches!(word(1), "月" | "월")
            && let Some(day) = number(2)
            && matches!(word(3).chars().next(), Some('日' | '일' | '號' | '号'))
        {
            return made(None, n, day, 2);
        }
        // 2020-06-11, 2020/6/11, 2020.6.11
        if let (Some(y), Some(m), Some(d)) = (year(0), number(1), number(2))
            && separators(text, tokens, at, &['-', '/', '.'])
        {
            return made(Some(y), m, d, 2);
        }
        // 11.06.2020 is a day first; with slashes only where it can be nothing else.
        if let (Some(second), Some(y)) = (number(1), year(2)) {
            if separators(text, tokens, at, &['.']) || n > 12 && separators(text, tokens, at, &['/', '-']) {
                return made(Some(y), second, n, 2);
            }
            if second > 12 && separators(text, tokens, at, &['/', '-']) {
                return made(Some(y), n, second, 2);
            }
        }
        // 11 June 2020, 11. Juni 2020, 11 de junio de 2020, 11th June; without the year too.
        let mut next = 1;
        while matches!(word(next), "de" | "of" | "º" | "st" | "nd" | "rd" | "th" | "er" | "ta") && next < 3 {
            next += 1;
        }
        let month = super::months::month(word(next))?;
        let connects = matches!(word(next + 1), "de" | "del" | "of");
        let after = next + 1 + usize::from(connects);
        return match year(after) {
            Some(y) => made(Some(y), month, n, after),
            None => made(None, month, n, next),
        };
    }
    // June 11, 2020; without the year too.
    let month = super::months::month(first.text)
        .filter(|_| !first.text.chars().all(char::is_lowercase) || !first.text.is_ascii())?;
    let day = number(1).filter(|d| *d <= 31 && word(1).len() <= 2)?;
    let after = 2 + usize::from(matches!(word(2), "st" | "nd" | "rd" | "th"));
    match year(after) {
        Some(y) => made(Some(y), month, day, after),
        None => made(None, month, day, after - 1),
    }
}

/// Whether the three numbers from `at` on have one of these signs alone between them.
fn separators(text: &str, tokens: &[Token<'_>], at: usize, signs: &[char]) -> bool {
    let between = |a: usize| {
        let from = tokens[at + a].start + tokens[at + a].text.len();
        text[from..tokens[at + a + 1].start].trim()
    };
    let is_sign = |s: &str| s.chars().count() == 1 && s.chars().all(|c| signs.contains(&c));
    is_sign(between(0)) && is_sign(between(1))
}

/// The date of publication.
pub fn published(doc: &Document, first: Option<u32>) -> Option<String> {
    let meta = &doc.meta;
    let ld = meta.article().filter(|a| a.rank > 1).and_then(|a| machine(&a.published));
    if ld.is_some() {
        return ld;
    }
    let mut dates: Vec<&(u8, String)> = meta.dates.iter().collect();
    dates.sort_by_key(|d| d.0);
    if let Some(date) = dates.iter().find_map(|(_, text)| machine(text)) {
        return Some(date);
    }
    let marked = meta.times.iter().find(|t| t.published).and_then(|t| machine(&t.datetime));
    marked.or_else(|| {
        // The `<time>` nearest to where the main text begins.
        let first = first?;
        let near =
            meta.times.iter().filter(|t| !t.modified && !t.flags.has(Flags::ASIDE.with(Flags::FOOTER)));
        near.filter(|t| t.at.abs_diff(first) < 3_000)
            .min_by_key(|t| t.at.abs_diff(first))
            .and_then(|t| machine(&t.datetime))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_dates() {
        let check = |text: &str, expect: Option<&str>| assert_eq!(machine(text).as_deref(), expect, "{text}");
        check("2020-06-11T10:05:07+02:00", Some("2020-06-11T10:05:07+02:00"));
        check("2020-06-11T10:05:07.123Z", Some("2020-06-11T10:05:07Z"));
        check("2020-06-11 10:05", Some("2020-06-11"));
        check("2020-06-11T10:05+0200", Some("2020-06-11T10:05:00+02:00"));
        check("2020/06/11", Some("2020-06-11"));
        check("20200611", Some("2020-06-11"));
        check("2020-06-11T10:05+9900", Some("2020-06-11"));
        check("2020-13-11", None);
        check("yesterday", None);
    }

    #[test]
    fn dates_in_addresses() {
        let check = |url: &str, expect: Option<&str>| assert_eq!(in_address(url).as_deref(), expect, "{url}");
        check("https://news.example/2020/06/11/talks.html", Some("2020-06-11"));
        check("https://news.example/a/2020-6-1-talks", Some("2020-06-01"));
        check("https://news.example/a/20200611/talks", Some("2020-06-11"));
        check("https://news.example/a/12345678", None);
        check("https://news.example/2020/06/", None);
    }

    #[test]
    fn dates_in_running_text() {
        let check = |text: &str, expect: Option<&str>| {
            let got = find(text).and_then(|w| w.complete(Some("2020-07-01"))).map(|d| d.iso());
            assert_eq!(got.as_deref(), expect, "{text}");
        };
        check("Baghdad (AFP) June 11, 2020", Some("2020-06-11"));
        check("WASHINGTON, March 3 (Reuters) -", Some("2020-03-03"));
        check("Updated 3rd March 2019 at 10:00", Some("2019-03-03"));
        check("PARIS, 3 mars (AFP)", Some("2020-03-03"));
        check("ROMA, 12 MAR -", Some("2020-03-12"));
        check("МОСКВА, 3 мар — РИА Новости", Some("2020-03-03"));
        check("新华社北京6月11日电", Some("2020-06-11"));
        check("2020年12月31日 10:22", Some("2020-12-31"));
        check("2021년 2월 3일", Some("2021-02-03"));
        check("Madrid, 9 de abril de 2018", Some("2018-04-09"));
        check("am 11.06.2020 um 8 Uhr", Some("2020-06-11"));
        check("03/04/2020", None);
        check("13/04/2020", Some("2020-04-13"));
        check("१४ फरवरी २०२०", Some("2020-02-14"));
        check("he may 20 times", None);
        check("31. Dezember", Some("2019-12-31"));
    }
}
