//! Days and moments, as machines write them: `2020-06-11T10:00:00+02:00`, `Thu, 11 Jun 2020 10:00:00 +0200`,
//! `20200611`, `/2020/06/11/` in an address. Dates in running text are read by [`super::written`].

use super::months;
use super::written::{self, Order};

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

    /// Days since 1970-01-01 by the Gregorian calendar, by H. Hinnant's `days_from_civil`.
    pub fn number(&self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let of_era = year - era * 400;
        let month = (i64::from(self.month) + 9) % 12;
        let of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// The day of this number, by `civil_from_days`; `None` outside the time that news pages are from.
    pub fn of_number(number: i64) -> Option<Self> {
        let number = number + 719_468;
        let era = number.div_euclid(146_097);
        let of_era = number.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self::new(i32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
    }
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Seconds since midnight.
    pub seconds: i64,
    /// Minutes east of Greenwich, where the zone is written.
    pub zone: Option<i64>,
    /// Whether the zone is written `Z`.
    pub zulu: bool,
}

/// A day, and the time of that day where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The day, by the zone of the clock.
    pub day: Date,
    /// The time of day.
    pub clock: Option<Clock>,
}

impl Moment {
    /// A day without a time.
    pub fn of_day(day: Date) -> Self {
        Self { day, clock: None }
    }

    /// Seconds since 1970 in UTC, where time and zone are known.
    pub fn instant(&self) -> Option<i64> {
        let clock = self.clock?;
        Some(self.day.number() * 86_400 + clock.seconds - clock.zone? * 60)
    }

    /// The same instant by the clocks of another zone.
    pub fn in_zone(&self, zone: i64) -> Option<Self> {
        let local = self.instant()? + zone * 60;
        let clock = Clock { seconds: local.rem_euclid(86_400), zone: Some(zone), zulu: false };
        Some(Self { day: Date::of_number(local.div_euclid(86_400))?, clock: Some(clock) })
    }

    /// ISO 8601: date and time where the zone is known, else the day. Without its zone a time of day says little.
    pub fn iso(&self) -> String {
        let day = self.day.iso();
        let Some(Clock { seconds, zone: Some(zone), zulu }) = self.clock else { return day };
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let zone = if zulu {
            "Z".to_owned()
        } else {
            let sign = if zone < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", zone.abs() / 60, zone.abs() % 60)
        };
        format!("{day}T{hour:02}:{minute:02}:{second:02}{zone}")
    }
}

/// Reads a machine's date: ISO 8601 and its kin, RFC 2822, seconds since 1970; else a date as people write it, with
/// the numbers in this order where all of them are numbers.
pub fn machine(text: &str, order: Order) -> Option<Moment> {
    let text = text.trim();
    if let Some((day, rest)) = year_first(text) {
        return Some(Moment { day, clock: clock(rest) });
    }
    if (10..=13).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        let digits = if text.len() == 13 { &text[..10] } else { text };
        let seconds: i64 = digits.parse().ok().filter(|s| digits.len() == 10 && *s > 900_000_000)?;
        let day = Date::of_number(seconds.div_euclid(86_400))?;
        let clock = Clock { seconds: seconds.rem_euclid(86_400), zone: Some(0), zulu: true };
        return Some(Moment { day, clock: Some(clock) });
    }
    if let Some(moment) = year_last(text) {
        return Some(moment);
    }
    let found = written::find_in(&text[..text.floor_char_boundary(80)], order)?;
    let day = Date::new(found.year?, found.month, found.day)?;
    let rest = text[found.range.end..].trim_start_matches([',', ' ']);
    Some(Moment { day, clock: clock(rest) })
}

/// The day of eight digits that a text begins with: `20200611`.
fn compact(text: &str) -> Option<Date> {
    Date::new(text.get(..4)?.parse().ok()?, text.get(4..6)?.parse().ok()?, text.get(6..8)?.parse().ok()?)
}

/// `2020-06-11`, `2020/6/1`, `2020.06.11`, `20200611`, and what follows.
fn year_first(text: &str) -> Option<(Date, &str)> {
    let b = text.as_bytes();
    let leading = b.iter().take_while(|b| b.is_ascii_digit()).count();
    let number = |s: &str| s.parse::<u32>().ok();
    if leading == 8 {
        return Some((compact(text)?, &text[8..]));
    }
    let sign = *b.get(4).filter(|b| leading == 4 && matches!(b, b'-' | b'/' | b'.'))?;
    let digits = |from: usize| b[from..].iter().take(2).take_while(|b| b.is_ascii_digit()).count();
    let month_end = 5 + digits(5);
    if month_end == 5 || b.get(month_end) != Some(&sign) {
        return None;
    }
    let day_end = month_end + 1 + digits(month_end + 1);
    let (month, day) = (number(&text[5..month_end])?, number(text.get(month_end + 1..day_end)?)?);
    Some((Date::new(number(&text[..4])? as i32, month, day)?, &text[day_end..]))
}

/// `Tue Jan 28 15:28:56 CET 2020`, as programs in C and Java write it. Zones by their names are not known to be one.
fn year_last(text: &str) -> Option<Moment> {
    let mut words = text.split_ascii_whitespace().skip(1);
    let (month, day, time) = (words.next()?, words.next()?, words.next()?);
    let clock = clock(time)?;
    let last = words.next()?;
    let (zone, year) = words.next().map_or(("", last), |year| (last, year));
    let day = Date::new(year.parse().ok()?, months::month(month)?, day.parse().ok()?)?;
    let zulu = matches!(zone, "UTC" | "GMT");
    Some(Moment { day, clock: Some(Clock { zone: zulu.then_some(0), zulu, ..clock }) })
}

/// The time of day that follows a day: hours, minutes, perhaps seconds and zone.
fn clock(rest: &str) -> Option<Clock> {
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    let (hour, minute) = (two(rest, 0)?, two(rest, 3)?);
    if rest.as_bytes().get(2) != Some(&b':') || hour > 23 || minute > 59 {
        return None;
    }
    let (second, zone) = match rest.as_bytes().get(5) {
        Some(b':') => (two(rest, 6).filter(|s| *s < 61)?.min(59), &rest[8..]),
        _ => (0, &rest[5..]),
    };
    let zone = match zone.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => zone,
    };
    let zone = zone.trim();
    let zone = zone
        .strip_prefix("GMT")
        .or_else(|| zone.strip_prefix("UTC"))
        .map_or(zone, |rest| if rest.is_empty() { "Z" } else { rest });
    let digits = |from: usize, to: usize| zone.get(from..to).and_then(|s| s.parse::<i64>().ok());
    let minutes = match zone.as_bytes().first() {
        Some(b'Z' | b'z') => Some(0),
        Some(sign @ (b'+' | b'-')) => {
            let minutes = digits(4, 6).filter(|_| zone.as_bytes().get(3) == Some(&b':'));
            let (hours, minutes) = (digits(1, 3), minutes.or_else(|| digits(3, 5)));
            let east = hours.zip(minutes).filter(|(h, m)| *h < 15 && *m < 60).map(|(h, m)| h * 60 + m);
            east.map(|east| if *sign == b'-' { -east } else { east })
        }
        _ => None,
    };
    let zulu = matches!(zone.as_bytes().first(), Some(b'Z' | b'z'));
    Some(Clock { seconds: i64::from(hour * 3_600 + minute * 60 + second), zone: minutes, zulu })
}

fn two(text: &str, at: usize) -> Option<u32> {
    text.get(at..at + 2).filter(|s| s.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

/// The path of an address, as far as it is looked at. Where the address is that of an archive's copy, the path in the
/// address of the page itself.
fn path_of(url: &str) -> Option<&str> {
    let inner = ["/http://", "/https://"].iter().filter_map(|s| Some(&url[url.rfind(s)? + 1..])).next();
    let url = inner.unwrap_or(url);
    let path = url.split_once("//").map_or(url, |(_, rest)| rest);
    let path = &path[path.find('/')?..];
    Some(&path[..path.floor_char_boundary(MAX_PATH)])
}

/// Year and month in the path of an address: `/2020/06/`.
pub fn month_in_address(url: &str) -> Option<(i32, u32)> {
    let mut parts = path_of(url)?.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let digits = |s: &str, most: usize| {
            (s.len() <= most && s.bytes().all(|b| b.is_ascii_digit()))
                .then(|| s.parse::<u32>().ok())
                .flatten()
        };
        if let (Some(year), Some(month)) = (digits(part, 4), parts.peek().and_then(|p| digits(p, 2)))
            && (1995..2100).contains(&year)
            && (1..=12).contains(&month)
        {
            return Some((year as i32, month));
        }
    }
    None
}

/// Keys in scripts that are looked at.
const MAX_KEYS: usize = 500;

/// Bytes in which such a key and its value stand.
const KEY_BYTES: usize = 100;

/// Ends of the keys under which scripts hold the date of publication: `datePublished`, `published_at`, `publishDate`,
/// `publicationDate`, `firstPublishedAt` …
const KEYS: [&str; 12] = [
    "ublished",
    "ublishedat",
    "ublished_at",
    "ublishedon",
    "ublisheddate",
    "ublished_date",
    "ublished_time",
    "ublishdate",
    "ublish_date",
    "ublishedfirst",
    "ublicationdate",
    "ublication_date",
];

/// Values under such keys in the scripts of a page, quoted plainly or as strings in strings are.
pub fn in_scripts(body: &str) -> impl Iterator<Item = &str> {
    let keys = memchr::memmem::find_iter(body.as_bytes(), "ubli").filter(|at| !body[..*at].ends_with("unp"));
    keys.take(MAX_KEYS).filter_map(|at| {
        let rest = &body[at..body.floor_char_boundary(at + KEY_BYTES)];
        let is_name = |c: char| c.is_ascii_alphabetic() || c == '_';
        let end = rest.find(|c: char| !is_name(c))?;
        let key = rest[..end.min(20)].to_ascii_lowercase();
        let value = rest[end..].trim_start_matches(['\\', '"', '\'', ' ']).strip_prefix(':')?;
        let value = value.trim_start_matches(['\\', '"', '\'', ' ']);
        let value = &value[..value.find(['\\', '"', '\'', ',', '}']).filter(|end| *end <= 40)?];
        (KEYS.contains(&key.as_str()) && value.starts_with(|c: char| c.is_ascii_digit())).then_some(value)
    })
}

/// Bytes of an address's path that are looked at.
const MAX_PATH: usize = 500;

/// Digits of an article's number from which on it begins with the day where letters stand before it.
const NUMBER_DIGITS: usize = 14;

/// The day in the path of an address: `/2020/06/11/`, `/2020/jun/11/`, `/2020-06-11-`, `/20200611/`; or at the head of an article's
/// number, `/AKR20200611002300071`.
pub fn in_address(url: &str) -> Option<Date> {
    let path = path_of(url)?;
    let bytes = path.as_bytes();
    (1..bytes.len().saturating_sub(7)).take(400).find_map(|at| {
        if bytes[at] != b'1' && bytes[at] != b'2' {
            return None;
        }
        let rest = path.get(at..)?;
        if bytes[at - 1].is_ascii_alphanumeric() {
            let letters = bytes[..at].iter().rev().take_while(|b| b.is_ascii_uppercase()).count();
            let begins = bytes[..at - letters].last().is_some_and(|b| !b.is_ascii_alphanumeric());
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let is_number = (1..=4).contains(&letters) && begins && digits >= NUMBER_DIGITS;
            return is_number.then(|| compact(rest)).flatten().filter(|d| d.year > 1994);
        }
        let end = rest.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b'/' | b'-' | b'_')).count();
        let parts: Vec<&str> = rest[..end].split(['/', '-', '_']).filter(|p| !p.is_empty()).collect();
        let date = match parts.as_slice() {
            [y, m, d, ..] if y.len() == 4 && m.len() <= 2 && d.len() <= 2 => {
                Date::new(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?)
            }
            // With the time of day too: `20241202105634`.
            [all, ..] if matches!(all.len(), 8 | 12 | 14) => compact(all),
            [y] if y.len() == 4 => named_month(y, &rest[end..]),
            _ => None,
        };
        date.filter(|d| d.year > 1994)
    })
}

/// The day of a year of which month and day follow: `jun/11/`.
fn named_month(year: &str, rest: &str) -> Option<Date> {
    let (name, rest) = rest.split_once('/')?;
    if !(3..=9).contains(&name.len()) || !name.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let day = &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()];
    Date::new(year.parse().ok()?, months::month(name)?, day.parse().ok().filter(|_| day.len() <= 2)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_dates() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(machine(text, Order::Unknown).map(|m| m.iso()).as_deref(), expect, "{text}");
        };
        check("2020-06-11T10:05:07+02:00", Some("2020-06-11T10:05:07+02:00"));
        check("2020-06-11T10:05:07.123Z", Some("2020-06-11T10:05:07Z"));
        check("2020-06-11 10:05", Some("2020-06-11"));
        check("2020-06-11T10:05+0200", Some("2020-06-11T10:05:00+02:00"));
        check("2020-06-11 10:05:00 -03:30", Some("2020-06-11T10:05:00-03:30"));
        check("2020-06-11T10:05:07+00:00", Some("2020-06-11T10:05:07+00:00"));
        check("2020/06/11", Some("2020-06-11"));
        check("2020-6-1T12:00:00.000Z", Some("2020-06-01T12:00:00Z"));
        check("20200611", Some("2020-06-11"));
        check("2020-06-11T10:05+9900", Some("2020-06-11"));
        check("Sat, 19 Oct 2019 00:04:00 +0200", Some("2019-10-19T00:04:00+02:00"));
        check("Sat Oct 19 2019 10:04:00 GMT+0200", Some("2019-10-19T10:04:00+02:00"));
        check("19 Oct 2019 10:04:00 GMT", Some("2019-10-19T10:04:00Z"));
        check("Tue Jan 28 15:28:56 CET 2020", Some("2020-01-28"));
        check("Tue Jan 28 15:28:56 UTC 2020", Some("2020-01-28T15:28:56Z"));
        check("1571436240", Some("2019-10-18T22:04:00Z"));
        check("1571436240000", Some("2019-10-18T22:04:00Z"));
        check("2020-13-11", None);
        check("yesterday", None);
        check("11/01/2023 12:43:42", None);
        assert_eq!(machine("11/01/2023", Order::MonthFirst).map(|m| m.iso()).as_deref(), Some("2023-11-01"));
    }

    #[test]
    fn numbers_of_days() {
        for (year, month, day, number) in [(1970, 1, 1, 0), (2000, 3, 1, 11_017), (2024, 2, 29, 19_782)] {
            let date = Date::new(year, month, day).unwrap();
            assert_eq!(date.number(), number);
            assert_eq!(Date::of_number(number), Some(date));
        }
        let late = machine("2019-10-18T22:04:00Z", Order::Unknown).unwrap();
        assert_eq!(late.in_zone(120).unwrap().iso(), "2019-10-19T00:04:00+02:00");
    }

    #[test]
    fn dates_in_scripts() {
        let script = r#"{"publishedAt":"2020-06-11T10:00:00Z","x":"{\"publish_date\":\"2020-06-12\"}", unpublished_at: "2020-06-13",
            'publisher': "A", published: 1591869600, "publishedBy": "4"}"#;
        let got: Vec<&str> = in_scripts(script).collect();
        assert_eq!(got, ["2020-06-11T10:00:00Z", "2020-06-12", "1591869600"]);
    }

    #[test]
    fn dates_in_addresses() {
        let check = |url: &str, expect: Option<&str>| {
            assert_eq!(in_address(url).map(|d| d.iso()).as_deref(), expect, "{url}");
        };
        check("https://news.example/2020/06/11/talks.html", Some("2020-06-11"));
        check("https://news.example/a/2020-6-1-talks", Some("2020-06-01"));
        check("https://news.example/a/20200611/talks", Some("2020-06-11"));
        check("https://news.example/talks-20200611105634-nt.html", Some("2020-06-11"));
        check(
            "https://archive.example/web/20210301000000/http://news.example/2020/06/11/a",
            Some("2020-06-11"),
        );
        check("https://archive.example/web/20210301000000/https://news.example/talks", None);
        check("https://news.example/world/2020/jun/11/talks", Some("2020-06-11"));
        check("https://news.example/2020/talks/11", None);
        check("https://news.example/a/12345678", None);
        check("https://news.example/view/AKR20200611002300071", Some("2020-06-11"));
        check("https://news.example/article/A2020061114320005196", Some("2020-06-11"));
        for none in [
            "A20200611",
            "a20200611143200051",
            "ABCDE20200611143200051",
            "x-1A20200611143200051",
            "A20201611143200051",
        ] {
            check(&format!("https://news.example/{none}"), None);
        }
        check("https://news.example/2020/06/", None);
        assert_eq!(month_in_address("https://news.example/a/2020/06/talks"), Some((2020, 6)));
        assert_eq!(month_in_address("https://news.example/a/2020/13/talks"), None);
        assert_eq!(month_in_address("https://news.example/a/06/2020"), None);
    }
}
