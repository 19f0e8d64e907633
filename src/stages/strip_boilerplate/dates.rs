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
        Some(sign @ (b'+' | b'-')) if digits.len() == 4 => {
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
        check("2020-13-11", None);
        check("yesterday", None);
    }
}
