//! Dates as people write them, in the languages that news is written in.

use std::ops::Range;

use super::dates::Date;
use super::months;
use crate::stages::letters::is_alphabetic;

/// In which order a date of three numbers such as `03/04/2020` is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Not known: such a date is read only where its numbers leave no choice.
    #[default]
    Unknown,
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
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
    pub range: Range<usize>,
    /// Whether its numbers are as likely meant in another order.
    pub ambiguous: bool,
}

impl Written {
    /// The date, its year taken from a date near it where it is not written.
    pub fn complete(&self, near: Option<Date>) -> Option<Date> {
        if let Some(year) = self.year {
            return Date::new(year, self.month, self.day);
        }
        let near = near?;
        let distance = self.month as i32 - near.month as i32;
        // News is published on or after the day it speaks of, or a day before by the clock of another zone.
        let year = if distance > 1 {
            near.year - 1
        } else if distance < -10 {
            near.year + 1
        } else {
            near.year
        };
        Date::new(year, self.month, self.day)
    }

    /// The date where its year is written.
    pub fn whole(&self) -> Option<Date> {
        self.complete(None)
    }
}

/// A word or number of a text, with its bytes.
#[derive(Debug, Clone, Copy)]
struct Token<'t> {
    text: &'t str,
    start: usize,
    number: Option<u32>,
}

impl Token<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Whether a character is a sign that goes with a letter: vowels of Indic scripts, of Thai, Lao, Burmese and Khmer.
fn is_vowel_sign(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{200c}' | '\u{200d}')
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out: Vec<Token<'_>> = Vec::new();
    let mut start = None;
    let mut digits = false;
    let mut small = false;
    let mut push = |start: usize, end: usize, digits: bool| {
        let text = &text[start..end];
        let number = digits.then(|| to_number(text)).flatten();
        out.push(Token { text, start, number });
    };
    for (at, c) in text.char_indices() {
        let is_digit = c.is_ascii_digit() || other_digit(c).is_some();
        let is_word = is_digit || is_alphabetic(c) || is_vowel_sign(c) || c.is_numeric();
        if let Some(from) = start
            // Flattened pages glue words together: `Ada RuizMar 5, 2020`.
            && (!is_word || is_digit != digits || small && c.is_uppercase())
        {
            push(from, at, digits);
            start = None;
        }
        if is_word && start.is_none() {
            start = Some(at);
            digits = is_digit;
        }
        small = c.is_lowercase();
    }
    if let Some(from) = start {
        push(from, text.len(), digits);
    }
    out
}

/// Zeros of the scripts that have digits of their own: Arabic, Persian, Indic ones, Thai, Lao, Burmese, Khmer, wide.
const ZEROS: [u32; 17] = [
    0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0x1040,
    0x17e0, 0xf20, 0xff10,
];

/// The value of a digit that is not an ASCII one.
pub fn other_digit(c: char) -> Option<u32> {
    if c < '\u{660}' {
        return None;
    }
    ZEROS.into_iter().find_map(|zero| {
        let value = (c as u32).wrapping_sub(zero);
        (value < 10).then_some(value)
    })
}

/// Whether a digit of any script stands in a text: without one there is no date.
pub fn has_digits(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
        || !text.is_ascii() && text.chars().any(|c| other_digit(c).is_some())
}

fn to_number(text: &str) -> Option<u32> {
    text.chars().try_fold(0u32, |n, c| {
        let digit = c.to_digit(10).or_else(|| other_digit(c))?;
        n.checked_mul(10)?.checked_add(digit)
    })
}

/// The first year that is none of news: in Nepal it is the 1990s.
const LATEST: u32 = 2050;
/// Bytes of a text that are looked at for a date.
const MAX_TEXT: usize = 2_000;

/// The first date that is written in a text, where the order of its numbers leaves no choice.
pub fn find(text: &str) -> Option<Written> {
    find_in(text, Order::Unknown).filter(|found| !found.ambiguous)
}

/// The first date that is written in a text; numbers are read in this order.
pub fn find_in(text: &str, order: Order) -> Option<Written> {
    let text = &text[..text.floor_char_boundary(MAX_TEXT)];
    if !has_digits(text) {
        return None;
    }
    let tokens = tokens(text);
    (0..tokens.len()).find_map(|at| date_at(text, &tokens, at, order))
}

/// All dates that are written in a text, up to `most`, those too whose order is not known.
pub fn find_all(text: &str, order: Order, most: usize) -> Vec<Written> {
    let text = &text[..text.floor_char_boundary(MAX_TEXT)];
    if !has_digits(text) {
        return Vec::new();
    }
    let tokens = tokens(text);
    let (mut out, mut at): (Vec<Written>, usize) = (Vec::new(), 0);
    while at < tokens.len() && out.len() < most {
        let found = if order == Order::Unknown {
            date_at(text, &tokens, at, order).or_else(|| {
                let read = date_at(text, &tokens, at, Order::DayFirst)?;
                Some(Written { ambiguous: read.month != read.day, ..read })
            })
        } else {
            date_at(text, &tokens, at, order)
        };
        match found {
            Some(found) => {
                while tokens.get(at).is_some_and(|t| t.start < found.range.end) {
                    at += 1;
                }
                out.push(found);
            }
            None => at += 1,
        }
    }
    out
}

/// The tokens of a text from one of them on.
struct Ahead<'a, 't> {
    text: &'t str,
    tokens: &'a [Token<'t>],
}

impl<'t> Ahead<'_, 't> {
    fn word(&self, n: usize) -> &'t str {
        self.tokens.get(n).map_or("", |t| t.text)
    }

    fn number(&self, n: usize) -> Option<u32> {
        self.tokens.get(n)?.number
    }

    /// A number that can be a day or a month.
    fn small(&self, n: usize) -> Option<u32> {
        let token = self.tokens.get(n)?;
        token.number.filter(|d| (1..=31).contains(d) && token.text.chars().count() <= 2)
    }

    /// A year by the Gregorian calendar; later ones are those of other calendars.
    fn year(&self, n: usize) -> Option<i32> {
        let token = self.tokens.get(n)?;
        token
            .number
            .filter(|y| (1900..LATEST).contains(y) && token.text.chars().count() == 4)
            .map(|y| y as i32)
    }

    /// A year of two digits.
    fn short_year(&self, n: usize) -> Option<i32> {
        let token = self.tokens.get(n)?;
        let year = token.number.filter(|_| token.text.chars().count() == 2)? as i32;
        Some(if year < 70 { 2000 + year } else { 1900 + year })
    }

    /// What stands between a token and the one after it.
    fn between(&self, n: usize) -> &'t str {
        match (self.tokens.get(n), self.tokens.get(n + 1)) {
            (Some(a), Some(b)) => &self.text[a.end()..b.start],
            _ => "",
        }
    }

    /// Whether the three numbers have one of these signs alone between them.
    fn separated(&self, signs: &[char]) -> bool {
        let sign = |n: usize| {
            let mut chars = self.between(n).trim().chars();
            chars.next().filter(|c| signs.contains(c) && chars.next().is_none())
        };
        sign(0).is_some() && sign(0) == sign(1)
    }

    /// The month that the word at `n` names, perhaps with the word after it, and how many tokens it takes.
    fn month(&self, n: usize) -> Option<(u32, usize)> {
        let first = self.tokens.get(n).filter(|t| t.number.is_none())?;
        // Thai and Lao shorten names to letters with full stops, Arabic has names of two words.
        let may_be_more = first.text.starts_with(|c| c >= '\u{600}');
        for more in [2, 1].into_iter().filter(|_| may_be_more) {
            if let Some(last) = self.tokens.get(n + more)
                && last.number.is_none()
                && last.end() - first.start < 40
                && let Some(month) = months::month(&self.text[first.start..last.end()])
            {
                return Some((month, more + 1));
            }
        }
        Some((months::month(first.text)?, 1))
    }

    fn made(&self, year: Option<i32>, month: u32, day: u32, last: usize) -> Option<Written> {
        let end = self.tokens.get(last)?.end();
        Date::new(year.unwrap_or(2000), month, day)?;
        Some(Written { year, month, day, range: self.tokens[0].start..end, ambiguous: false })
    }
}

/// Words between day and month, or month and year.
fn connects(word: &str) -> bool {
    matches!(
        word,
        "de" | "of"
            | "del"
            | "d"
            | "de l"
            | "º"
            | "st"
            | "nd"
            | "rd"
            | "th"
            | "er"
            | "ta"
            | "an"
            | "ter"
            | "a"
    )
}

fn date_at(text: &str, tokens: &[Token<'_>], at: usize, order: Order) -> Option<Written> {
    let ahead = Ahead { text, tokens: &tokens[at..] };
    match tokens[at].number {
        // Part of a longer number or an address of the net is no date.
        Some(_)
            if text[..tokens[at].start].ends_with(['.', ':', '/', '-'])
                && at > 0
                && tokens[at - 1].number.is_some() =>
        {
            None
        }
        Some(_) => with_signs(&ahead)
            .or_else(|| year_first(&ahead))
            .or_else(|| numbers(&ahead, order))
            .or_else(|| day_first(&ahead)),
        None => month_first(&ahead),
    }
}

/// `2020年6月11日`, `2020년 6월 11일`, `令和2年6月11日`; without the year too.
fn with_signs(ahead: &Ahead<'_, '_>) -> Option<Written> {
    let first = ahead.number(0)?;
    let is_month = |n: usize| matches!(ahead.word(n), "月" | "월");
    if matches!(ahead.word(1), "年" | "년" | "年度") && is_month(3) {
        let day = ahead.small(4)?;
        let year = ahead.year(0).or_else(|| {
            let before = &ahead.text[..ahead.tokens[0].start];
            let era = [("令和", 2018), ("平成", 1988), ("昭和", 1925), ("民國", 1911), ("民国", 1911)];
            let first = i32::try_from(first).ok().filter(|y| (1..200).contains(y))?;
            era.iter().find(|(name, _)| before.ends_with(name)).map(|(_, start)| start + first)
        });
        return ahead.made(Some(year?), ahead.number(2)?, day, 4);
    }
    if is_month(1)
        && let Some(day) = ahead.small(2)
        && matches!(ahead.word(3).chars().next(), Some('日' | '일' | '號' | '号'))
    {
        return ahead.made(None, first, day, 2);
    }
    None
}

/// `2020-06-11`, `2020/6/11`, `2020. 6. 11`, `2020. június 11.`, `2020 m. birželio 11 d.`, `2020. gada 11. jūnijs`,
/// `2020 оны 6-р сарын 11`.
fn year_first(ahead: &Ahead<'_, '_>) -> Option<Written> {
    if let Some(year) = ahead.year(0) {
        if let (Some(month), Some(day)) = (ahead.small(1), ahead.small(2))
            && ahead.separated(&['-', '/', '.', '‑', '–', '．'])
        {
            return ahead.made(Some(year), month, day, 2);
        }
        let skip = usize::from(matches!(
            ahead.word(1),
            "m" | "gada" | "ko" | "eko" | "оны" | "жылғы" | "yil" | "წლის"
        ));
        if ahead.word(1) == "оны" && ahead.word(3) == "р" {
            return ahead.made(Some(year), ahead.small(2)?, ahead.small(5)?, 5);
        }
        let from = 1 + skip;
        if let Some((month, width)) = ahead.month(from)
            && let Some(day) = ahead.small(from + width)
        {
            return ahead.made(Some(year), month, day, from + width);
        }
        if skip == 1
            && let Some(day) = ahead.small(from)
            && let Some((month, width)) = ahead.month(from + 1)
        {
            return ahead.made(Some(year), month, day, from + width);
        }
    }
    // The Iranian calendar: ۱۳۹۹/۰۳/۲۲.
    let year = ahead.number(0).filter(|y| (1340..1480).contains(y) && ahead.word(0).chars().count() == 4)?;
    if ahead.separated(&['/', '-']) && !ahead.word(0).is_ascii() {
        let date = iranian(year, ahead.small(1)?, ahead.small(2)?)?;
        return ahead.made(Some(date.year), date.month, date.day, 2);
    }
    None
}

/// `11.06.2020`, `11. 6. 2020`, `11.6.20` are a day first; with slashes only where it can be nothing else, or where
/// the order is known.
fn numbers(ahead: &Ahead<'_, '_>, order: Order) -> Option<Written> {
    let (first, second) = (ahead.small(0)?, ahead.small(1)?);
    let (dots, slashes) = (ahead.separated(&['.', '．', '|']), ahead.separated(&['/', '-', '‑']));
    if !dots && !slashes {
        return None;
    }
    let whole = ahead.year(2);
    // A number goes on after two digits where they are no year.
    let rest = &ahead.text[ahead.tokens.get(2)?.end()..];
    let goes_on =
        rest.starts_with(['.', '/', '-', ':', ',']) && rest[1..].starts_with(|c: char| c.is_ascii_digit());
    // The time of day may stand close by: `28.09.1915:57`.
    if whole.is_some()
        && rest.strip_prefix(':').is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))
        && (dots || first > 12)
    {
        let year: i32 = ahead.word(2).get(..2)?.parse().ok()?;
        let found = ahead.made(Some(2000 + year), second, first, 2)?;
        return Some(Written { range: found.range.start..found.range.end - 2, ..found });
    }
    let year = whole.or_else(|| ahead.short_year(2).filter(|_| !goes_on))?;
    let (month, day) = if dots || first > 12 && second <= 12 {
        (second, first)
    } else if second > 12 && first <= 12 {
        (first, second)
    } else {
        match order {
            Order::Unknown if first == second => (second, first),
            Order::Unknown => return None,
            Order::DayFirst => (second, first),
            Order::MonthFirst => (first, second),
        }
    };
    ahead.made(Some(year), month, day, 2)
}

/// `11 June 2020`, `11. Juni 2020`, `11 de junio de 2020`, `11th June`, `11 tháng 6 năm 2020`, `๑๑ มิ.ย. ๒๕๖๓`,
/// `۲۲ خرداد ۱۳۹۹`; without the year too.
fn day_first(ahead: &Ahead<'_, '_>) -> Option<Written> {
    let day = ahead.small(0)?;
    let mut next = 1;
    while connects(ahead.word(next)) && next < 3 {
        next += 1;
    }
    // Vietnamese numbers its months.
    if matches!(ahead.word(next), "tháng" | "thg" | "Tháng" | "Thg")
        && let Some(month) = ahead.small(next + 1)
    {
        let after = next + 2 + usize::from(matches!(ahead.word(next + 2), "năm"));
        return match ahead.year(after) {
            Some(year) => ahead.made(Some(year), month, day, after),
            None => ahead.made(None, month, day, next + 1),
        };
    }
    if let Some(month) = months::iranian(ahead.word(next)) {
        let year = ahead.number(next + 1).filter(|y| (1340..1480).contains(y))?;
        let date = iranian(year, month, day)?;
        return ahead.made(Some(date.year), date.month, date.day, next + 1);
    }
    let (month, width) = ahead.month(next)?;
    let mut after = next + width;
    // By both names that it has in Arabic: `11 حزيران/يونيو 2020`.
    if let Some((_, more)) = ahead.month(after).filter(|(again, _)| *again == month) {
        after += more;
    }
    let named = after - 1;
    let skipped = matches!(ahead.word(after), "de" | "del" | "of" | "พ" | "ค" | "г" | "d" | "gada" | "an");
    if ahead.word(after) == "พ" && ahead.word(after + 1) == "ศ" {
        after += 2;
    } else if skipped {
        after += 1;
    }
    if let Some(year) = ahead.year(after) {
        return ahead.made(Some(year), month, day, after);
    }
    // The Buddhist calendar.
    if let Some(year) = ahead.number(after).filter(|y| (2443..2643).contains(y))
        && ahead.word(next).starts_with(|c| matches!(c, '\u{e00}'..='\u{eff}'))
    {
        return ahead.made(Some(year as i32 - 543), month, day, after);
    }
    // `11 Jun '20`, `11-Jun-20`.
    if let Some(year) = ahead.short_year(after)
        && (ahead.between(after - 1).ends_with(['\'', '’']) || ahead.between(after - 1) == "-")
    {
        return ahead.made(Some(year), month, day, after);
    }
    ahead.made(None, month, day, named)
}

/// `June 11, 2020`, `Hunyo 11, 2020`; without the year too.
fn month_first(ahead: &Ahead<'_, '_>) -> Option<Written> {
    // A day has to follow the name, which takes three tokens at most: most words are told by that.
    if (1..=3).all(|n| ahead.small(n).is_none()) {
        return None;
    }
    let first = ahead.word(0);
    let (month, width) =
        ahead.month(0).filter(|_| !first.chars().all(char::is_lowercase) || !first.is_ascii())?;
    let day = ahead.small(width)?;
    let after =
        width + 1 + usize::from(matches!(ahead.word(width + 1), "st" | "nd" | "rd" | "th" | "a" | "an"));
    match ahead.year(after) {
        Some(year) => ahead.made(Some(year), month, day, after),
        None => ahead.made(None, month, day, after - 1),
    }
}

/// The Gregorian day of one of the Iranian calendar, by K. Borkowski's arithmetic for its years 1178 to 1633.
fn iranian(year: u32, month: u32, day: u32) -> Option<Date> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (month, day) = (i64::from(month), i64::from(day));
    // Leap years fall by a rule of 33 years: eight in each.
    let begins = |year: i64| {
        let shifted = year + 1_595;
        shifted * 365 + shifted / 33 * 8 + (shifted % 33 + 3) / 4
    };
    let before = if month <= 7 { (month - 1) * 31 } else { 186 + (month - 7) * 30 };
    // 1 Farvardin 1399 is 20 March 2020.
    let first = Date { year: 2020, month: 3, day: 20 }.number();
    Date::of_number(first + begins(i64::from(year)) - begins(1_399) + before + day - 1)
}

#[cfg(test)]
mod tests;
