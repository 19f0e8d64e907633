//! Names in the text of a byline: people on the one side, organizations on the other.

use super::super::agencies;
use super::super::dateline::title_case;
use super::super::site::SiteNames;
use super::super::structured;
use super::super::words::is_unspaced;
use super::super::written;
use super::lines::introduced;
use super::words::{ARTICLES, NOBODY, OFFICES, ORGANIZATION_ENDS, ORGANIZATIONS, PARTICLES, SUFFIXES};

/// Names kept.
const MAX_NAMES: usize = 12;
/// Longest text that names are read from, in characters.
const MAX_TEXT: usize = 300;

/// What says that a text is of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The page's own data: names of one word and in small letters count.
    Data,
    /// A link or box of the markup that is an author's: as in data, where it is nothing but the name.
    Markup,
    /// Where the text stands, or the word before it.
    Line,
}

/// Names that were read.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Names {
    /// People.
    pub people: Vec<String>,
    /// Desks, agencies and other organizations.
    pub organizations: Vec<String>,
    /// The site's own name, where it signs.
    pub sites: Vec<String>,
}

impl Names {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.people.len() + self.organizations.len() + self.sites.len()
    }

    /// Whether there is none but the site's.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.organizations.is_empty()
    }

    /// Adds the names that are not there yet.
    pub fn extend(&mut self, other: Names) {
        other.people.into_iter().for_each(|name| put(&mut self.people, name));
        other.organizations.into_iter().for_each(|name| put(&mut self.organizations, name));
        other.sites.into_iter().for_each(|name| put(&mut self.sites, name));
    }
}

fn put(list: &mut Vec<String>, name: String) {
    if list.len() < MAX_NAMES && !list.iter().any(|n| same(n, &name)) {
        list.push(name);
    }
}

/// Whether two names are one but for case.
pub fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// What follows these is place, office or time, not a name.
#[rustfmt::skip]
const STOPS: &[&str] = &[
    " | ", " · ", " • ", " – ", " — ", " - ", "(", "[", " in ", " at ", " for ", " aus ", " on ", " @", " via ", "\n", "\t", " im gespräch mit ", " am ", " um ", " für ", " le ", " il ", " em ", " på ", " op ", " w dniu ", " published ", " updated ", " posted ", " veröffentlicht ", " aktualisiert ", " follow", "—", "@",
];

/// Words between two names.
#[rustfmt::skip]
const JOINTS: &[&str] = &[
    " and ", " AND ", " & ", " und ", " UND ", " et ", " y ", " en ", " og ", " och ", " ve ", " dan ", " oraz ", " и ", " та ", " و ", " und:", " with ", " mit ", " și ", " ja ", " και ", " és ", " और ", " и: ", " với ", " và ",
];

/// Reads the names of a text.
pub fn read(text: &str, said: Said, site: &SiteNames) -> Names {
    let mut out = Names::default();
    let text = structured::tidy(text);
    if text.chars().count() > MAX_TEXT || text.contains("://") || text.starts_with("www.") {
        return out;
    }
    let text = introduced(&text, said != Said::Line).map_or(text.as_str(), |found| found.rest);
    // Elements side by side leave no space: `By<a>Anna Holt</a>`.
    let glued = ["By", "Author", "Von", "Par", "Por", "Autor"].iter().find_map(|word| {
        text.strip_prefix(word)
            .filter(|rest| rest.chars().next().is_some_and(char::is_uppercase) && rest.contains(' '))
    });
    let text = glued.unwrap_or(text);
    if site.is_name(text.split(',').next().unwrap_or(text)) {
        out.sites.push(text.split(',').next().unwrap_or(text).trim().to_owned());
        if !text.contains(',') {
            return out;
        }
    }
    let lower = text.to_lowercase();
    let lower = if lower.len() == text.len() { lower.as_str() } else { text };
    let mut end = text.len();
    for stop in STOPS {
        let data = said == Said::Data && matches!(*stop, " | " | " am " | " um " | " le " | " il " | " em ");
        if let Some(at) = lower.find(stop)
            && at > 0
            && !data
        {
            end = end.min(at);
        }
    }
    // Glued to the name: `Anna HoltPublished`.
    for word in ["Published", "Updated", "Posted", "Follow", "Veröffentlicht", "Aktualisiert"] {
        let at = text[..end].find(word).filter(|at| text[..*at].ends_with(char::is_lowercase));
        end = at.unwrap_or(end);
    }
    if said != Said::Data
        && let Some(date) = written::find(&text[..end])
        && date.range.start > 0
    {
        end = end.min(date.range.start);
    }
    let mut pieces = text[..end].replace([';', '|', '/', '•', '·', '、', '，', '；', '｜'], ",");
    for word in JOINTS {
        if pieces.contains(word) {
            pieces = pieces.replace(word, ",");
        }
    }
    let parts: Vec<&str> = pieces.split(',').map(clean).filter(|piece| !piece.is_empty()).collect();
    // `Holt, Anna`, as catalogues have it.
    if let [family, given] = parts[..]
        && said == Said::Data
        && [family, given]
            .iter()
            .all(|p| !p.contains(' ') && p.chars().next().is_some_and(char::is_uppercase))
    {
        put(&mut out.people, format!("{given} {family}"));
        return out;
    }
    for (number, piece) in parts.iter().enumerate() {
        let piece = introduced(piece, said != Said::Line).map_or(*piece, |found| found.rest);
        let alone = if number == 0 || parts.len() == 1 { said } else { Said::Line };
        match kind(piece, site, alone) {
            Kind::Person => put(&mut out.people, title_words(piece)),
            Kind::Organization => put(&mut out.organizations, piece.to_owned()),
            Kind::Site => put(&mut out.sites, piece.to_owned()),
            Kind::Neither => {}
        }
    }
    out
}

/// A piece without signs at its ends, and without the office that some languages set behind a name.
fn clean(piece: &str) -> &str {
    let signs = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '.' | ':'
                    | '：'
                    | '"'
                    | '*'
                    | '-'
                    | '–'
                    | '—'
                    | '“'
                    | '”'
                    | '~'
                    | '>'
                    | '='
                    | '）'
                    | '】'
                    | '\''
                    | '●'
                    | '■'
                    | '▶'
            )
    };
    let mut piece = piece.trim_matches(signs);
    if let Some(at) = piece.find(" 외 ") {
        piece = &piece[..at];
    }
    // Twice, once for screen readers.
    let (left, right) = piece.split_at(piece.floor_char_boundary(piece.len() / 2));
    if left.len() > 4 && left.trim() == right.trim() {
        piece = left.trim();
    }
    if let Some(rest) = SUFFIXES.iter().find_map(|suffix| piece.strip_suffix(suffix)) {
        piece = rest.trim_matches(signs);
    }
    piece
}

/// `MAYA GEBEILY` as names are written.
fn title_words(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(title_case).collect();
    words.join(" ")
}

/// Whether a name is that of a host: `lindmere.example`.
fn is_domain(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or("");
    (2..=7).contains(&ending.len())
        && ending.bytes().all(|b| b.is_ascii_lowercase())
        && name.split('.').count() <= 3
}

/// What a name is of.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Person,
    Organization,
    Site,
    Neither,
}

fn kind(name: &str, site: &SiteNames, said: Said) -> Kind {
    let lower = name.to_lowercase();
    let count = name.chars().count();
    if NOBODY.contains(&lower.as_str())
        || name
            .contains([':', '：', '@', '=', '{', '<', '#', '%', '?', '!', '©', '+', '→', '»', '…', '$', '_'])
            && !(said != Said::Line && name.contains('_') && !name.contains(' '))
    {
        return Kind::Neither;
    }
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 2 || letters * 2 < count || lower.contains("admin") && !name.contains(' ') {
        return Kind::Neither;
    }
    if agencies::exact(name).is_some() {
        return Kind::Organization;
    }
    if site.is_name(name) {
        return Kind::Site;
    }
    let words: Vec<&str> = lower.split([' ', '.', '-']).filter(|w| !w.is_empty()).collect();
    // `Die Lindmerer Woche`: no person has an article before the name.
    let titled = words.len() > 1 && ARTICLES.contains(&words[0]);
    if titled
        || words.iter().any(|w| ORGANIZATIONS.contains(w))
        || count > 3 && !name.contains(' ') && name.contains('.') && is_domain(&lower)
        || ["redaktion", "fraktion", "verband", "verein"].iter().any(|end| lower.ends_with(end))
        || ORGANIZATION_ENDS.iter().any(|end| name.ends_with(end))
    {
        return if count <= 60 && words.len() <= 8 { Kind::Organization } else { Kind::Neither };
    }
    if words.iter().any(|w| OFFICES.contains(w)) || name.chars().any(char::is_numeric) && said == Said::Line {
        return Kind::Neither;
    }
    if name.chars().all(|c| is_unspaced(c) || c == '·' || c == '・') {
        return if (2..=4).contains(&count) || name.contains(['·', '・']) && count <= 14 {
            Kind::Person
        } else {
            Kind::Neither
        };
    }
    let parts: Vec<&str> = name.split_whitespace().collect();
    let shaped = parts.iter().all(|w| {
        let first = w.chars().next().unwrap_or(' ');
        first.is_alphabetic() && !first.is_lowercase()
            || PARTICLES.contains(&w.to_lowercase().trim_end_matches('.'))
            || w.starts_with(['\'', '’', 'd', 'l']) && w.contains(['\'', '’'])
    });
    let cased = name.chars().any(|c| c.is_uppercase() || c.is_lowercase());
    let hangul = name.chars().any(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c));
    match parts.len() {
        1 if said != Said::Line && (2..=30).contains(&count) => Kind::Person,
        1 if hangul && (2..=4).contains(&count) => Kind::Person,
        // Names in Hangul are one word.
        2.. if hangul => Kind::Neither,
        2..=5 if (shaped || !cased || said == Said::Data) && count <= 60 => Kind::Person,
        2..=3 if said == Said::Markup && count <= 30 => Kind::Person,
        _ => Kind::Neither,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, people: &[&str], organizations: &[&str]) {
        let names = read(text, Said::Line, &SiteNames::named("Coastwatch"));
        assert_eq!(names.people, people, "{text}");
        assert_eq!(names.organizations, organizations, "{text}");
    }

    #[test]
    fn names_in_bylines() {
        check("By Maya Gebeily", &["Maya Gebeily"], &[]);
        check("by CLARA BENOIT", &["Clara Benoit"], &[]);
        check("By Staff Writers", &[], &[]);
        check(
            "Von Anna Holt und Jan van der Berg, Berlin Korrespondent",
            &["Anna Holt", "Jan van der Berg"],
            &[],
        );
        check("By Anna Holt, Staff Writer | June 3, 2020", &["Anna Holt"], &[]);
        check("Anna Holt in Lindmere", &["Anna Holt"], &[]);
        check("Anna Holt 3 March 2026", &["Anna Holt"], &[]);
        check("Coastwatch", &[], &[]);
        check("ByAnna Holt", &["Anna Holt"], &[]);
        check("AFP", &[], &["AFP"]);
        check("Redaktion Lindmere", &[], &["Redaktion Lindmere"]);
        check("Lindmere-Redaktion", &[], &["Lindmere-Redaktion"]);
        check("作者：陈思远", &["陈思远"], &[]);
        check("윤가람 기자", &["윤가람"], &[]);
        check("윤가람 기자 외 2명", &["윤가람"], &[]);
        check("anna@example.com", &[], &[]);
        check("https://example.com/anna", &[], &[]);
        check("Published June 3, 2020", &[], &[]);
        check("Tweet This", &[], &[]);
        check("Automobil AG", &[], &["Automobil AG"]);
    }

    #[test]
    fn names_that_data_and_markup_give() {
        let site = SiteNames::named("Coastwatch");
        let people = |text, said| read(text, said, &site).people;
        assert_eq!(people("annaholt", Said::Data), ["annaholt"]);
        assert_eq!(people("annaholt", Said::Markup), ["annaholt"]);
        assert_eq!(people("annaholt", Said::Line), [""; 0]);
        assert_eq!(people("Geschrieben von marc", Said::Markup), ["marc"]);
        assert_eq!(people("Holt, Anna", Said::Data), ["Anna Holt"]);
        assert_eq!(read("Coastwatch, Lindmere", Said::Data, &site).sites, ["Coastwatch"]);
        assert_eq!(people("admin", Said::Data), [""; 0]);
    }
}
