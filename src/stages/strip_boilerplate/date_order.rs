//! In which order a page writes the numbers of its dates.

use super::document::Document;
use super::written::{self, Order};

/// Longest line that is looked at, in bytes.
const MAX_LINE: usize = 240;

/// The order, by a date of the page that leaves no choice, else by its language or the country of its host.
pub fn of(doc: &Document, url: Option<&str>) -> Order {
    shown(doc).unwrap_or_else(|| order_of(&doc.meta.language, url))
}

/// The order by a date of the page that can be read in one way only.
fn shown(doc: &Document) -> Option<Order> {
    let lines = doc.blocks.iter().map(|b| doc.block_text(b)).filter(|t| t.len() < MAX_LINE);
    let slashed = lines.filter(|t| t.bytes().filter(|b| *b == b'/').count() >= 2);
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
            assert_eq!(of(&doc, Some(&format!("https://{host}/a"))), expect, "{language} {host} {shown}");
        };
        check("en-US", "news.example", "", Order::MonthFirst);
        check("en-GB", "news.example", "", Order::DayFirst);
        check("en", "news.example", "", Order::Unknown);
        check("en", "news.ie", "", Order::DayFirst);
        check("pt-BR", "news.example", "", Order::DayFirst);
        check("", "news.example", "12/25/2020", Order::MonthFirst);
        check("en-US", "news.example", "25/12/2020", Order::DayFirst);
    }
}
