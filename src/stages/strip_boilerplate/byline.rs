//! Who signs: people on the one side, desks, agencies and sites on the other.

use super::agencies;
use super::dateline::title_case;
use super::dates;
use super::document::{Document, Flags, MarkKind};
use super::phrases;

/// Names kept.
const MAX_NAMES: usize = 12;
/// Longest text taken for a byline, in characters.
const MAX_BYLINE: usize = 160;

/// Who signs a page.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Signed {
    /// People.
    pub people: Vec<String>,
    /// Desks, agencies and sites.
    pub organizations: Vec<String>,
    /// Blocks that the names were read from; none where the page's data gives them.
    pub lines: Vec<usize>,
}

impl Signed {
    fn is_empty(&self) -> bool {
        self.count() == 0
    }

    fn count(&self) -> usize {
        self.people.len() + self.organizations.len()
    }

    fn person(&mut self, name: String) {
        if self.people.len() < MAX_NAMES && !self.people.iter().any(|n| same(n, &name)) {
            self.people.push(name);
        }
    }

    fn organization(&mut self, name: String) {
        if self.organizations.len() < MAX_NAMES && !self.organizations.iter().any(|n| same(n, &name)) {
            self.organizations.push(name);
        }
    }
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// Words that introduce a byline, in small letters, with a space where one follows.
#[rustfmt::skip]
const INTRODUCTIONS: &[&str] = &[
    "written by ", "posted by ", "published by ", "reported by ", "reporting by ", "story by ", "words by ",
    "text by ", "article by ", "by: ", "by ", "author: ", "authors: ", "author ", "from ",
    "ein artikel von ", "ein gastbeitrag von ", "eine analyse von ", "ein kommentar von ", "von: ", "von ", "autor: ", "autorin: ", "text: ",
    "geschrieben von ", "verfasst von ", "redaktion: ", "par ", "propos recueillis par ", "publié par ", "écrit par ", "auteur : ",
    "por: ", "por ", "escrito por ", "publicado por ", "texto: ", "di ", "a cura di ", "door ", "door: ", "av ", "af ", "tekst: ",
    "autor ", "opracowanie: ", "oprac. ", "automat: ", "napsal ", "yazan: ", "haber: ", "de: ", "oleh ", "oleh: ", "penulis: ", "reporter: ",
    "na ", "автор: ", "автор ", "текст: ", "автори: ", "текст ", "بقلم ", "بقلم: ", "كتب ", "كتبت ", "إعداد: ", "نویسنده: ", "मूल लेखक: ", "लेखक: ",
    "מאת ", "מאת: ", "τoυ ", "του ", "της ", "作者：", "作者:", "作者 ", "记者：", "記者：", "记者 ", "記者 ", "文／", "文/", "撰文：", "文｜", "本报记者 ", "本報記者 ",
    "文・", "執筆：", "글 ",
];

/// Introductions that are everyday words besides: they count only where nothing but names follows in a short line.
const WEAK: &[&str] =
    &["from ", "na ", "di ", "av ", "af ", "de: ", "par ", "por ", "text: ", "autor ", "del "];

/// Words that make a name that of an organization, in small letters.
#[rustfmt::skip]
const ORGANIZATIONS: &[&str] = &[
    "redaktion", "redaktionsnetzwerk", "newsroom", "news", "newsdesk", "desk", "team", "press", "media", "agency", "agencies", "agentur",
    "agenturen", "redacción", "redaccion", "redação", "redacao", "redazione", "rédaction", "redactie", "redakcja", "redakce", "редакция", "редакція",
    "staff", "editors", "editorial", "bureau", "times", "post", "magazine", "gazette", "herald", "tribune", "zeitung", "online", "tv", "radio",
    "network", "institute", "foundation", "company", "gmbh", "inc", "ltd", "llc", "group", "university", "society", "association", "council",
    "center", "centre", "services", "service", "office", "ministry", "department", "correspondents", "journal", "daily", "today", "wire",
    "yönetim", "haber", "merkezi", "berita", "redaksi", "تحرير", "وكالات", "编辑部", "編集部", "新闻", "日报", "网", "ニュース", "新聞", "뉴스",
];

/// Signatures of nobody, in small letters.
#[rustfmt::skip]
const NOBODY: &[&str] = &[
    "staff writers", "staff writer", "staff", "staff report", "staff reports", "staff reporter", "admin", "administrator", "editor", "author",
    "guest", "guest author", "contributor", "user", "webmaster", "unknown", "anonymous", "n/a", "none", "null", "undefined", "root", "wpadmin", "redactor",
    "web", "super user", "wp_admin", "author name", "the author", "see author page", "view all posts", "posts", "more",
];

/// Words of a person's office, in small letters: a part that holds one is no name.
#[rustfmt::skip]
const OFFICES: &[&str] = &[
    "writer", "reporter", "correspondent", "editor", "columnist", "journalist", "producer", "contributor", "director", "chief", "manager",
    "photographer", "analyst", "professor", "lecturer", "fellow", "author", "freelance", "freelancer", "redakteur", "redakteurin",
    "korrespondent", "korrespondentin", "journalistin", "autor", "autorin", "redactor", "redactora", "corresponsal", "periodista",
    "correspondant", "journaliste", "giornalista", "published", "updated", "posted", "reviewed", "min", "minutes", "read", "comments",
    "january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december", "follow",
    "consultant", "expert", "former", "founder", "cofounder", "ceo", "cto", "dietitian", "specialist", "strategist", "certified",
    "attorney", "share", "mail", "email", "e-mail", "twitter", "facebook", "senior", "associate", "special", "chefredakteur", "leiter", "md", "phd", "rd", "rdn",
];

/// Small words inside names.
#[rustfmt::skip]
const PARTICLES: &[&str] = &[
    "de", "da", "do", "dos", "das", "del", "della", "di", "du", "la", "le", "van", "von", "der", "den", "dem", "ten", "ter", "zu", "zur", "af", "av", "al",
    "el", "bin", "ibn", "bint", "ben", "y", "e", "st", "san", "mac", "'t", "op", "of", "the", "für", "and", "und", "lo", "dalla", "dal", "vom",
];

/// Finds who signs the page: by its own data, by its markup, then by the lines around the main text's beginning.
pub fn signed(doc: &Document, headline: Option<usize>, first: usize, sites: &[&str]) -> Signed {
    let mut out = Signed::default();
    if let Some(article) = doc.meta.article().filter(|a| a.rank > 1 || !a.authors.is_empty()) {
        article.authors.iter().for_each(|name| add(&mut out, name, sites, true));
        for name in &article.organizations {
            // Sites sign with people's names as organizations, too.
            add(&mut out, name, sites, true);
        }
    }
    if !out.is_empty() {
        return out;
    }
    for name in &doc.meta.authors {
        add(&mut out, name, sites, true);
    }
    if !out.is_empty() {
        return out;
    }
    let start = headline.map_or(first, |h| h.min(first));
    let from = doc.blocks.get(start.saturating_sub(3)).map_or(0, |b| b.start);
    let to = doc.blocks.get(first + 2).map_or(u32::MAX, |b| b.start);
    for kind in [MarkKind::Author, MarkKind::Byline] {
        marked(doc, &[kind], from..to, sites, &mut out);
        if !out.is_empty() {
            return out;
        }
    }
    lines(doc, headline, first, sites, &mut out);
    if out.is_empty() {
        // Blogs sign below the text; where several names stand on the page they are those of comments.
        marked(doc, &[MarkKind::Author, MarkKind::Byline], 0..u32::MAX, sites, &mut out);
        if out.people.len() != 1 {
            out = Signed::default();
        }
    }
    out
}

/// Names in runs of text that the markup calls an author.
fn marked(doc: &Document, kinds: &[MarkKind], range: std::ops::Range<u32>, sites: &[&str], out: &mut Signed) {
    for mark in doc.marks.iter().filter(|m| kinds.contains(&m.kind) && range.contains(&m.range.start)) {
        let text = doc.text.get(mark.range.start as usize..mark.range.end as usize).unwrap_or("");
        // Marks around whole pages may be many.
        if text.len() <= 4 * MAX_BYLINE && text.chars().count() <= MAX_BYLINE {
            let before = out.count();
            add(out, text, sites, false);
            if out.count() > before {
                // Space may stand between the mark's beginning and its first block.
                out.lines.push(doc.blocks.partition_point(|b| b.end <= mark.range.start));
            }
        }
    }
}

/// Lines that say "By …" between headline and main text, or just inside of it.
fn lines(doc: &Document, headline: Option<usize>, first: usize, sites: &[&str], out: &mut Signed) {
    let start = headline.filter(|h| *h <= first).unwrap_or_else(|| first.saturating_sub(6)).saturating_sub(2);
    for index in start..(first + 3).min(doc.blocks.len()) {
        let block = &doc.blocks[index];
        if Some(index) == headline || doc.flags_of(block).has(Flags::HIDDEN.with(Flags::NAV)) {
            continue;
        }
        let text = doc.block_text(block);
        for line in text.split('\n') {
            if line.chars().count() <= MAX_BYLINE
                && let Some(names) = introduced(line)
            {
                add(out, names, sites, false);
            }
        }
        if !out.is_empty() {
            out.lines.push(index);
            return;
        }
    }
    beside_date(doc, headline, first, sites, out);
    if !out.is_empty() {
        return;
    }
    // Agency stories of some languages name their reporter in the opening.
    if let Some(name) = doc.blocks.get(first).and_then(|b| reporter(doc.block_text(b))) {
        out.person(name);
    }
}

/// Names that stand on the date's line (`Anna Moor, 3 March 2026`), or alone on a line beside it, between headline and
/// main text.
fn beside_date(doc: &Document, headline: Option<usize>, first: usize, sites: &[&str], out: &mut Signed) {
    let Some(headline) = headline.filter(|h| *h < first && first - h < 12) else { return };
    let date_at = |index: usize| {
        let text = doc.text_of(index);
        (text.chars().count() <= 100).then(|| dates::find(text)).flatten()
    };
    for index in headline + 1..=first {
        let text = doc.text_of(index);
        if phrases::find(text).counts[phrases::SHARE] > 0 {
            continue;
        }
        let names = match date_at(index) {
            Some(date) => &text[..date.range.start],
            None if (index > headline + 1 && date_at(index - 1).is_some())
                || date_at(index + 1).is_some() =>
            {
                text
            }
            None => continue,
        };
        let names = names.trim().trim_end_matches([',', '|', '·', '•', '-', '–', '—', ':', '/']).trim();
        if names.is_empty() || names.chars().count() > 80 || names.ends_with(['.', '?', '!']) {
            continue;
        }
        let mut found = Signed::default();
        add(&mut found, names, sites, false);
        let taken: usize = found.people.iter().map(|n| n.chars().count()).sum();
        // All of the line has to be names.
        if found.organizations.is_empty() && taken > 0 && taken * 10 >= names.chars().count() * 7 {
            *out = Signed { lines: vec![index], ..found };
            return;
        }
    }
}

/// `（记者 陈思远）`, `윤가람 기자 =`: the reporter inside the opening of a story.
fn reporter(text: &str) -> Option<String> {
    let head: String = text.chars().take(60).collect();
    for word in ["记者", "記者"] {
        if let Some(at) = head.find(word) {
            let rest = head[at + word.len()..].trim_start_matches([' ', '　', '：', ':']);
            let end = rest.find(['）', ')', '】', ' ', '，', '、'])?;
            let name = &rest[..end];
            let count = name.chars().count();
            if (2..=4).contains(&count) && name.chars().all(super::words::is_unspaced) {
                return Some(name.to_owned());
            }
        }
    }
    let at = head.find(" 기자")?;
    let name = head[..at].rsplit([' ', ')', '=']).next()?;
    (2..=4).contains(&name.chars().count()).then(|| name.to_owned())
}

/// Whether a line is a byline.
pub fn is_byline(line: &str) -> bool {
    line.chars().count() <= MAX_BYLINE && introduced(line).is_some()
}

/// What follows the words that introduce a byline.
fn introduced(line: &str) -> Option<&str> {
    let lower = line.to_lowercase();
    let found = INTRODUCTIONS.iter().filter(|i| lower.starts_with(**i)).max_by_key(|i| i.len())?;
    // Small letters may take other bytes than capitals.
    let rest = line.get(found.len()..)?.trim();
    let short = rest.split_whitespace().count() <= 8;
    let name = rest.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
    let weak = WEAK.contains(found);
    (name
        && (short || !weak)
        && (!weak || rest.split_whitespace().count() <= 4 && !rest.ends_with(['.', ':', '?', '!'])))
    .then_some(rest)
}

/// Takes the names out of a byline. `given` says that the page itself calls it the author: then single
/// names and nicknames count too.
fn add(out: &mut Signed, text: &str, sites: &[&str], given: bool) {
    let text = super::structured::tidy(text);
    if text.chars().count() > 300 || text.contains("://") || text.starts_with("www.") {
        return;
    }
    let text = introduced(&text).unwrap_or(&text);
    // Elements side by side leave no space: `By<a>Anna Holt</a>`.
    let glued = ["By", "Author", "Von", "Par", "Por"].iter().find_map(|word| {
        text.strip_prefix(word)
            .filter(|rest| rest.chars().next().is_some_and(char::is_uppercase) && rest.contains(' '))
    });
    let text = glued.unwrap_or(text);
    // What follows these is place, office or time, not a name.
    let mut end = text.len();
    for stop in [
        " | ", " · ", " • ", " – ", " — ", " - ", "(", "[", " in ", " at ", " for ", " aus ", " on ", " @",
        " via ", "\n",
    ] {
        if let Some(at) = text.find(stop)
            && at > 0
            && !(stop == " | " && given)
        {
            end = end.min(at);
        }
    }
    let mut pieces = text[..end].replace([';', '|', '/', '•', '·', '、', '，'], ",");
    for word in [
        " and ", " & ", " und ", " et ", " y ", " en ", " og ", " och ", " ve ", " dan ", " oraz ", " и ",
        " та ", " و ", " und:", " with ",
    ] {
        pieces = pieces.replace(word, ",");
    }
    for (number, piece) in pieces.split(',').enumerate() {
        let piece =
            piece.trim().trim_matches(|c: char| matches!(c, '.' | ':' | '"' | '*' | '-' | '–' | '“' | '”'));
        let piece = introduced(piece).unwrap_or(piece).trim();
        if piece.is_empty() {
            continue;
        }
        match kind(piece, sites, given && (number == 0 || !pieces.contains(','))) {
            Kind::Person => out.person(title_words(piece)),
            Kind::Organization => out.organization(piece.to_owned()),
            Kind::Neither => {}
        }
    }
}

/// `MAYA GEBEILY` as names are written.
fn title_words(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(title_case).collect();
    words.join(" ")
}

enum Kind {
    Person,
    Organization,
    Neither,
}

fn kind(name: &str, sites: &[&str], given: bool) -> Kind {
    let lower = name.to_lowercase();
    if NOBODY.contains(&lower.as_str()) || name.contains([':', '：', '@', '=', '{', '<', '#', '%']) {
        return Kind::Neither;
    }
    if agencies::exact(name).is_some() {
        return Kind::Organization;
    }
    let words: Vec<&str> = lower.split([' ', '.', '-']).filter(|w| !w.is_empty()).collect();
    let count = name.chars().count();
    // That a site publishes its own pages says nothing.
    if sites.iter().any(|s| same(s, name)) {
        return Kind::Neither;
    }
    if words.iter().any(|w| ORGANIZATIONS.contains(w)) {
        return if count <= 60 && words.len() <= 8 { Kind::Organization } else { Kind::Neither };
    }
    if words.iter().any(|w| OFFICES.contains(w)) || name.chars().any(|c| c.is_numeric()) && !given {
        return Kind::Neither;
    }
    let unspaced = name.chars().all(|c| super::words::is_unspaced(c) || c == '·' || c == '・');
    if unspaced {
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
            || PARTICLES.contains(&w.to_lowercase().as_str())
            || w.starts_with(['\'', '’', 'd', 'l']) && w.contains(['\'', '’'])
    });
    let cased = name.chars().any(|c| c.is_uppercase() || c.is_lowercase());
    let hangul = name.chars().any(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c));
    match parts.len() {
        1 if given && (3..=30).contains(&count) => Kind::Person,
        1 if hangul && (2..=4).contains(&count) => Kind::Person,
        2..=5 if (shaped || !cased || given) && count <= 60 => Kind::Person,
        _ => Kind::Neither,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, people: &[&str], organizations: &[&str]) {
        let mut out = Signed::default();
        add(&mut out, text, &["Coastwatch"], false);
        assert_eq!(out.people, people, "{text}");
        assert_eq!(out.organizations, organizations, "{text}");
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
        check("Coastwatch", &[], &[]);
        check("ByAnna Holt", &["Anna Holt"], &[]);
        check("AFP", &[], &["AFP"]);
        check("Redaktion Lindmere", &[], &["Redaktion Lindmere"]);
        check("作者：陈思远", &["陈思远"], &[]);
        check("anna@example.com", &[], &[]);
        check("https://example.com/anna", &[], &[]);
        check("Published June 3, 2020", &[], &[]);
    }

    #[test]
    fn reporters_in_openings() {
        assert_eq!(reporter("新华社云城6月11日电（记者 陈思远）云城市").as_deref(), Some("陈思远"));
        assert_eq!(reporter("(새벽시=연합뉴스) 윤가람 기자 = 파업").as_deref(), Some("윤가람"));
        assert_eq!(reporter("The council met"), None);
    }
}
