//! In which order a page writes the numbers of its dates.

use super::document::Document;
use super::written::{self, Order};

/// Longest line that is looked at, in bytes.
const MAX_LINE: usize = 240;

/// The order, by a date of the page that leaves no choice, else by its language or the country of its host. `hint` is
/// the language that the page was sent with.
pub fn of(doc: &Document, url: Option<&str>, hint: Option<&str>) -> Order {
    let language = [doc.meta.language.as_str(), hint.unwrap_or("")].into_iter().find(|l| !l.is_empty());
    shown(doc).unwrap_or_else(|| match language {
        Some(language) => order_of(language, url),
        None if is_other(&doc.text) => Order::DayFirst,
        None => order_of("", url),
    })
}

/// Bytes of a text by which it is told to be English.
const MAX_HEAD: usize = 6_000;
/// Words in it from which on it can be told.
const ENOUGH_WORDS: usize = 80;

/// Whether a text is in another language than English, by the words that no English text is without.
fn is_other(text: &str) -> bool {
    let text = &text[..text.floor_char_boundary(MAX_HEAD)];
    let (mut words, mut english) = (0, 0);
    for word in text.split_ascii_whitespace() {
        words += 1;
        english += usize::from(matches!(word, "the" | "and" | "of" | "to" | "The"));
    }
    // Unspaced scripts have long words.
    let unspaced = !text.is_ascii() && words > 0 && text.len() / words > 40;
    unspaced || words >= ENOUGH_WORDS && english * 50 < words
}

/// The order by a date of the page that can be read in one way only.
fn shown(doc: &Document) -> Option<Order> {
    let lines = doc.blocks.iter().map(|b| doc.block_text(b)).filter(|t| t.len() < MAX_LINE);
    let slashed = lines.filter(|t| memchr::memchr_iter(b'/', t.as_bytes()).nth(1).is_some());
    slashed.take(50).find_map(|text| {
        let found = written::find(text).filter(|d| d.year.is_some())?;
        let first: u32 = text[found.range.clone()].split('/').next()?.trim().parse().ok()?;
        match first {
            _ if !text[found.range.clone()].contains('/') => None,
            _ if found.month == found.day || first > 31 => None,
            first if first == found.day => Some(Order::DayFirst),
            _ => Some(Order::MonthFirst),
        }
    })
}

/// Countries that write the month first, or both orders; and endings that are no country's in use.
const UNSURE: [&str; 16] =
    ["us", "ca", "ph", "io", "co", "tv", "me", "ai", "ly", "fm", "cc", "to", "gg", "pw", "eu", "is"];

/// The order of numbers in dates by the page's language, else by the country of its host.
fn order_of(language: &str, url: Option<&str>) -> Order {
    let language = language.to_lowercase();
    let mut parts = language.split(['-', '_']);
    let (tongue, region) = (parts.next().unwrap_or(""), parts.next_back().unwrap_or(""));
    if !tongue.is_empty() && tongue != "en" {
        return Order::DayFirst;
    }
    let host =
        url.and_then(|u| u.split("//").nth(1)).and_then(|r| r.split(['/', '?', ':']).next()).unwrap_or("");
    let country = host.rsplit('.').next().filter(|c| c.len() == 2 && !UNSURE.contains(c));
    match region {
        "" | "us" if country.is_some() => Order::DayFirst,
        "us" => Order::MonthFirst,
        "" | "ca" | "ph" => Order::Unknown,
        _ => Order::DayFirst,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::strip_boilerplate::html;

    #[test]
    fn orders_of_pages() {
        let check = |language: &str, host: &str, shown: &str, expect: Order| {
            let doc = html::read(&format!("<html lang='{language}'><body><p>{shown}</p></body></html>"));
            assert_eq!(
                of(&doc, Some(&format!("https://{host}/a")), None),
                expect,
                "{language} {host} {shown}"
            );
        };
        check("en-US", "news.example", "", Order::MonthFirst);
        check("en-GB", "news.example", "", Order::DayFirst);
        check("en", "news.example", "", Order::Unknown);
        check("en", "news.ie", "", Order::DayFirst);
        check("pt-BR", "news.example", "", Order::DayFirst);
        check("", "news.example", "12/25/2020", Order::MonthFirst);
        check("en-US", "news.example", "25/12/2020", Order::DayFirst);
        let (german, english) =
            ("Der Rat hat den Tunnel gesperrt ", "The council of Varn has shut the tunnel ");
        check("", "news.example", &german.repeat(20), Order::DayFirst);
        check("", "news.example", &english.repeat(20), Order::Unknown);
        check("", "news.example", &"市政府宣布港口隧道重新开放".repeat(20), Order::DayFirst);
        assert_eq!(of(&html::read("<p>Tunnel</p>"), None, Some("de")), Order::DayFirst);
    }
}
