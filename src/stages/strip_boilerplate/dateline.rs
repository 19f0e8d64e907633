//! Wire marks: agency, place and date at the head of a story.
//!
//! `Baghdad (AFP) June 11, 2020`, `WASHINGTON, March 3 (Reuters) -`, `(dpa) –`, `BERLIN (AP) —`,
//! `(ANSA) - ROMA, 12 MAR -`, `МОСКВА, 3 мар — РИА Новости.`, `新华社北京6月11日电`, `【北京共同】`.
//! The head of the paragraph is cut off where a dash, a bracket or a full stop ends it, its parts are told by what
//! they are, and what is left has to look like a place.

use super::{agencies, dates, words};
use crate::record::Dateline;

/// Longest head of a paragraph that is looked at, in bytes.
const MAX_HEAD: usize = 160;
/// Longest name of a place, in characters.
const MAX_PLACE: usize = 40;

/// What the head of a story says.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Wire {
    /// Its agency.
    pub agency: Option<String>,
    /// Its place.
    pub place: Option<String>,
    /// Its date, as far as written.
    pub date: Option<dates::Written>,
    /// Whether the mark is all there is in the block.
    pub alone: bool,
}

impl Wire {
    /// Place and date as the record has them.
    pub fn dateline(&self, published: Option<&str>) -> Option<Dateline> {
        let date = self.date.as_ref().and_then(|d| d.complete(published)).map(|d| d.iso());
        (self.place.is_some() || date.is_some()).then(|| Dateline { place: self.place.clone(), date })
    }
}

/// Reads the head of a block.
pub fn read(text: &str) -> Option<Wire> {
    let text = text.trim_start_matches(['"', '“', '„', '«', '*']).trim();
    unspaced(text).or_else(|| brackets_first(text)).or_else(|| bracket_inside(text)).or_else(|| dash(text))
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(MAX_HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// `新华社北京6月11日电`, `（新华社北京6月11日电）`, `【北京共同】`, `(서울=연합뉴스)`, `中新网北京6月11日电`.
fn unspaced(text: &str) -> Option<Wire> {
    let text = text.trim_start_matches(['（', '(', '【', '[', '　']);
    let head = head(text);
    if let Some((agency, length)) = agencies::at_start(head) {
        let rest = &head[length..];
        let end = rest.find('电').or_else(|| rest.find('電'))?;
        let line = &rest[..end];
        let date = dates::find(line);
        let place = date.as_ref().map_or(line, |d| &line[..d.range.start]);
        let place = place.trim_matches(|c: char| !c.is_alphanumeric());
        let place = (1..=12).contains(&place.chars().count()).then(|| place.to_owned());
        (place.is_some() || date.is_some()).then(|| Wire {
            agency: Some(agency.to_owned()),
            place,
            date,
            alone: false,
        })
    } else {
        let end = head.find(['】', ')', '）'])?;
        let inside = &head[..end];
        let (place, agency) = match inside.split_once(['=', '＝']) {
            Some((place, agency)) => (place, agencies::named(agency)?),
            None => {
                let at = inside.char_indices().find(|(at, _)| agencies::exact(&inside[*at..]).is_some())?.0;
                if at == 0 || !inside.chars().next().is_some_and(words::is_unspaced) {
                    return None;
                }
                (&inside[..at], agencies::exact(&inside[at..])?)
            }
        };
        let place = place.trim();
        let place = (1..=12).contains(&place.chars().count()).then(|| place.to_owned());
        Some(Wire { agency: Some(agency.to_owned()), place, date: None, alone: false })
    }
}

/// `(dpa) –`, `(ANSA) - ROMA, 12 MAR -`.
fn brackets_first(text: &str) -> Option<Wire> {
    let inside = text.strip_prefix('(')?;
    let end = inside.find(')').filter(|end| *end < 60)?;
    let agency = agencies::named(&inside[..end])?.to_owned();
    let rest = inside[end + 1..].trim_start();
    let rest = rest.trim_start_matches(['-', '–', '—', '.']).trim_start();
    let wire = dash(rest).filter(|w| w.place.is_some());
    let (place, date) = wire.map_or((None, None), |w| (w.place, w.date));
    Some(Wire { agency: Some(agency), place, date, alone: rest.is_empty() })
}

/// `Baghdad (AFP) June 11, 2020`, `WASHINGTON, March 3 (Reuters) -`, `BERLIN (AP) —`.
fn bracket_inside(text: &str) -> Option<Wire> {
    let head = head(text);
    let open = head.find(['(', '[']).filter(|open| *open < 80)?;
    let end = open + head[open..].find([')', ']'])?;
    let agency = agencies::named(&head[open + 1..end])?;
    let before = &head[..open];
    let after = head[end + 1..].trim_start();
    let (place, mut date) = place_and_date(before)?;
    let mut rest = after;
    if date.is_none()
        && let Some(found) = dates::find(after)
        && after[..found.range.start].trim_matches(|c: char| !c.is_alphanumeric()).chars().count() <= 10
    {
        rest = after[found.range.end..].trim_start();
        date = Some(found);
    }
    let alone = text.len() < MAX_HEAD && rest.chars().filter(|c| c.is_alphanumeric()).count() < 8;
    Some(Wire { agency: Some(agency.to_owned()), place, date, alone })
}

/// `МОСКВА, 3 мар — РИА Новости.`, `WASHINGTON — `, `Madrid, 9 abr (EFE).-`.
fn dash(text: &str) -> Option<Wire> {
    let head = head(text);
    let (at, width) = [" - ", " – ", " — ", " -- ", ".- ", ".— ", "— ", "– "]
        .iter()
        .filter_map(|d| head.find(d).map(|at| (at, d.len())))
        .min()?;
    if at > 70 || at == 0 {
        return None;
    }
    let (place, date) = place_and_date(&head[..at])?;
    let place = place?;
    let rest = &head[at + width..];
    let agency =
        rest.find(['.', ',', ':']).filter(|end| *end < 40).and_then(|end| agencies::named(&rest[..end]));
    // Capitals before a hyphen may be anything: `UPDATE - `.
    let long = head[at..at + width].contains(['—', '–']) || head[at..at + width].contains("--");
    let capitals = long && is_capitals(&head[..at]) && place.chars().count() > 3;
    (agency.is_some() || date.is_some() || capitals).then(|| Wire {
        agency: agency.map(str::to_owned),
        place: Some(place),
        date,
        alone: false,
    })
}

/// Splits what stands before the agency into place and date; `None` where it is neither.
fn place_and_date(text: &str) -> Option<(Option<String>, Option<dates::Written>)> {
    let text = text.trim().trim_end_matches([',', '.', '-', '–', '—', ':']).trim_end();
    if text.is_empty() {
        return Some((None, None));
    }
    let date = dates::find(text);
    let place = date.as_ref().map_or(text, |d| &text[..d.range.start]);
    let place = place.trim().trim_end_matches([',', '.', ' ', '-', '–', ';', '/']).trim();
    // `ROMA, Mon`: names of weekdays are left out with what follows the first comma and is short.
    let looks = place.chars().count() <= MAX_PLACE
        && place.split_whitespace().count() <= 6
        && place.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_lowercase())
        && !place.contains(['.', ':', '?', '!', '"', '“', ';'])
        && (is_name(place));
    if !looks {
        return if place.is_empty() { Some((None, date)) } else { None };
    }
    let parts: Vec<String> = place.split(", ").map(title_case).collect();
    Some((Some(parts.join(", ")), date))
}

/// Whether every word but small connecting ones begins with a capital (in scripts that have them).
fn is_name(place: &str) -> bool {
    place
        .split([' ', ',', '/', '-'])
        .filter(|w| !w.is_empty())
        .all(|word| word.chars().next().is_some_and(|c| !c.is_lowercase()) || word.chars().count() <= 3)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, agency: &str, place: &str, date: &str) {
        let wire = read(text).unwrap_or_default();
        let given = wire.dateline(Some("2020-06-20"));
        assert_eq!(wire.agency.as_deref().unwrap_or(""), agency, "agency of {text}");
        let given = given.unwrap_or_default();
        assert_eq!(given.place.as_deref().unwrap_or(""), place, "place of {text}");
        assert_eq!(given.date.as_deref().unwrap_or(""), date, "date of {text}");
    }

    #[test]
    fn wire_openings() {
        check("Port Alban (AFP) June 11, 2020", "AFP", "Port Alban", "2020-06-11");
        check("Port Alban (AFP) June 11, 2020 - The council met", "AFP", "Port Alban", "2020-06-11");
        check("LINDMERE, March 3 (Reuters) - The council met", "Reuters", "Lindmere", "2020-03-03");
        check("(dpa) – Der Stadtrat hat", "dpa", "", "");
        check("Lindenau (dpa) - Der Stadtrat hat", "dpa", "Lindenau", "");
        check("Lindenau (dpa/sda) - Der Stadtrat hat", "dpa", "Lindenau", "");
        check("OSKAR BAY (AP) — Investigators", "AP", "Oskar Bay", "");
        check("OSKAR BAY, Meridia (AP) — Investigators", "AP", "Oskar Bay, Meridia", "");
        check("VALMONT, 3 mars (AFP) - Agriculteurs", "AFP", "Valmont", "2020-03-03");
        check("Cerro Azul, 9 abr (EFE).- Los trabajadores", "EFE", "Cerro Azul", "2020-04-09");
        check("(ANSA) - TORREBRUNA, 12 MAR - Oltre due metri", "ANSA", "Torrebruna", "2020-03-12");
        check("ВЕРХНЕОЗЁРСК, 9 июн — РИА Новости. Жителей", "РИА Новости", "Верхнеозёрск", "2020-06-09");
        check("新华社云城6月11日电（记者 陈思远）云城市", "新华社", "云城", "2020-06-11");
        check("（新华社云城6月11日电）云城市", "新华社", "云城", "2020-06-11");
        check("【北浜共同】北浜市で", "共同通信", "北浜", "");
        check("(새벽시=연합뉴스) 윤가람 기자 = 파업", "연합뉴스", "새벽시", "");
        check("LINDMERE — The council met on Tuesday", "", "Lindmere", "");
        check("LINDMERE, June 3 — The council met", "", "Lindmere", "2020-06-03");
    }

    #[test]
    fn what_is_no_wire_opening() {
        for text in [
            "The council met on Tuesday (AP photo) and voted",
            "Mayor Anna Holt - who had voted against - said",
            "He said – and few doubted it – that",
            "UPDATE - The council met",
            "A man (41) was hurt",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
