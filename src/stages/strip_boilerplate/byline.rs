//! Who signs: people on the one side, desks, agencies and sites on the other.
//!
//! A page says it in its data (JSON-LD, meta elements), in its markup (links and boxes of authors) and in its lines
//! ("By …", names beside the date, signatures below the text). Data often names whoever put the page up, or the site
//! itself, and markup names the authors of comments and of other stories. So what the data says is taken where the
//! page shows it too; then what is shown around the headline; what is in the data alone only where the page
//! gives it in more than one way. A site signs where its data says so and nobody else does.

mod lines;
mod names;
mod words;

use std::ops::Range;

use memchr::memmem;

use super::document::{Document, Flags, MarkKind};
use super::features::Measured;
use super::hints;
use super::site::SiteNames;
use super::structured::LdArticle;
use lines::introduced;
pub use lines::is_byline;
use names::{Names, Said, read, same};

/// Longest text of a mark, and longest line with one, in bytes.
const MAX_MARK: usize = 640;
/// Lines of a mark that are looked at for names.
const MAX_LINES: usize = 5;
/// Blocks below the text where an author's box may stand.
const BOX_BELOW: usize = 40;
/// Occurrences of a name that are looked at.
const MAX_SEEN: usize = 20;
/// Rank of a `NewsArticle` among the types of JSON-LD.
const NEWS: u8 = 5;

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

/// Names and the blocks they were read from.
#[derive(Debug, Default)]
struct Found {
    names: Names,
    lines: Vec<usize>,
}

impl Found {
    fn signed(self) -> Signed {
        let Names { people, mut organizations, sites } = self.names;
        if people.is_empty() && organizations.is_empty() {
            organizations = sites;
        }
        Signed { people, organizations, lines: self.lines }
    }
}

/// A page whose signatures are looked for.
pub struct Place<'a> {
    /// The page.
    pub doc: &'a Document,
    /// What is measured of it.
    pub page: &'a Measured<'a>,
    /// Block of the headline.
    pub headline: Option<usize>,
    /// First block of the text.
    pub first: usize,
    /// Last block of the text.
    pub last: usize,
    /// What the site calls itself.
    pub site: &'a SiteNames,
}

/// Finds who signs the page.
pub fn signed(place: &Place<'_>) -> Signed {
    let doc = place.doc;
    let meta = &doc.meta;
    let article = meta.article().filter(|a| a.rank > 1 || !a.authors.is_empty());
    let ld = article.map(|a| place.of_article(a)).unwrap_or_default();
    let mut data = Names::default();
    meta.authors.iter().for_each(|name| data.extend(read(name, Said::Data, place.site)));
    // Meta elements of pages that are no articles name whose the site is.
    let dated = meta.og_type.eq_ignore_ascii_case("article") || !meta.dates.is_empty() || article.is_some();
    let alone = |name: &String| place.seen(name).is_some_and(|i| doc.text_of(i).len() <= name.len() + 6);
    data.people.retain(|name| (dated || alone(name)) && !place.site.mentions(name));
    // Where the page shows a name of its data, it shows who signs.
    let near = |name: &String| place.seen(name).is_some_and(|index| place.is_near(index));
    if ld.people.iter().any(|name| place.shows(name)) {
        return place.fuller(ld, &data).signed();
    }
    if data.people.iter().any(near) {
        return Found { names: data, lines: Vec::new() }.signed();
    }
    let shown = place.shown();
    // An agency that is shown beside people of the data is one of several.
    let told = |name: &String| ld.organizations.iter().any(|n| same(n, name));
    let part =
        shown.names.people.is_empty() && !ld.people.is_empty() && shown.names.organizations.iter().all(told);
    if !shown.names.is_empty() && !part {
        return shown.signed();
    }
    let inline = article.is_some_and(|a| a.rank >= NEWS && !a.refers);
    if ld.organizations.iter().any(|name| inline || place.shows(name)) {
        let people = if part { place.hidden(&ld, article).people } else { Vec::new() };
        let names = Names { people, organizations: ld.organizations, ..Names::default() };
        return Found { names, lines: Vec::new() }.signed();
    }
    if data.people.iter().any(|name| place.shows(name)) || data.organizations.iter().any(near) {
        return Found { names: data, lines: Vec::new() }.signed();
    }
    let told = place.told();
    if !told.names.is_empty() {
        return told.signed();
    }
    let hidden = place.hidden(&ld, article);
    if !hidden.is_empty() {
        return Found { names: hidden, lines: Vec::new() }.signed();
    }
    if !ld.sites.is_empty() {
        let sites = Names { sites: ld.sites, ..Names::default() };
        return Found { names: sites, lines: Vec::new() }.signed();
    }
    place.boxed().signed()
}

/// Names that something on a page speaks for, people before others; see [`candidates`].
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub from: &'static str,
}

/// All that may sign the page, by where it stands, in the order of trust; of these [`signed`] takes one place's.
pub fn candidates(place: &Place<'_>) -> Vec<Candidate> {
    let meta = &place.doc.meta;
    let article = meta.article().filter(|a| a.rank > 1 || !a.authors.is_empty());
    let ld = article.map(|a| place.of_article(a)).unwrap_or_default();
    let mut data = Names::default();
    meta.authors.iter().for_each(|name| data.extend(read(name, Said::Data, place.site)));
    let hidden = place.hidden(&ld, article);
    let found = [
        (ld, "structured data"),
        (data, "meta elements"),
        (place.shown().names, "links and boxes of authors, and bylines, around the headline"),
        (place.told().names, "where authors stand: beside the date, below the text"),
        (hidden, "labels of the page's data"),
        (place.boxed().names, "an author's box below the text"),
    ];
    let each = found.into_iter().flat_map(|(names, from)| {
        let Names { people, organizations, sites } = names;
        people.into_iter().chain(organizations).chain(sites).map(move |name| Candidate { name, from })
    });
    let mut out: Vec<Candidate> = Vec::new();
    for candidate in each {
        if !out.contains(&candidate) {
            out.push(candidate);
        }
    }
    out
}

impl Place<'_> {
    /// The names that JSON-LD gives.
    fn of_article(&self, article: &LdArticle) -> Names {
        let mut out = Names::default();
        article.authors.iter().for_each(|name| out.extend(read(name, Said::Data, self.site)));
        for name in &article.organizations {
            // Sites sign with people's names as organizations, too.
            let names = read(name, Said::Data, self.site);
            if names.count() == 0 && name.chars().count() <= 60 && !name.contains("://") {
                out.organizations.push(name.clone());
            }
            out.extend(names);
        }
        out
    }

    /// The names of JSON-LD, or those that the page gives beside them: whole names for first ones, and more of them.
    fn fuller(&self, ld: Names, data: &Names) -> Found {
        let holds = |list: &[String], name: &String| list.iter().any(|n| same(n, name));
        if data.people.len() > ld.people.len()
            && ld.people.iter().all(|name| holds(&data.people, name))
            && data
                .people
                .iter()
                .all(|name| holds(&ld.people, name) || name.contains(' ') && self.shows(name))
        {
            let names = Names { people: data.people.clone(), ..ld };
            return Found { names, lines: Vec::new() };
        }
        if let [only] = &ld.people[..]
            && !only.contains(' ')
        {
            let shown = self.shown();
            if let [whole] = &shown.names.people[..]
                && whole.split(' ').count() > 1
                && whole.split(' ').any(|word| same(word, only))
            {
                return shown;
            }
        }
        Found { names: ld, lines: Vec::new() }
    }

    /// Names of the data that the page does not show: those that it gives in more than one way, or in its own words for
    /// a byline.
    fn hidden(&self, ld: &Names, article: Option<&LdArticle>) -> Names {
        let meta = &self.doc.meta;
        let labelled = meta
            .labels
            .iter()
            .filter(|(label, _)| introduced(&format!("{label} X"), true).is_some())
            .map(|(_, name)| read(name, Said::Data, self.site));
        let mut out = Names::default();
        labelled.for_each(|names| out.people.extend(names.people));
        // Where the markup has the name and hides it, the page does not sign with it.
        out.people.retain(|name| !self.hides(name));
        if !out.people.is_empty() {
            return out;
        }
        let inline = article.is_some_and(|a| a.rank >= NEWS && !a.refers);
        let whole = |name: &&String| {
            let words = name.split_whitespace();
            words.clone().count() > 1
                && words.clone().all(|w| w.chars().next().is_some_and(|c| !c.is_lowercase()))
                || name.chars().all(super::words::is_unspaced)
        };
        out.people.extend(ld.people.iter().filter(|_| inline).filter(whole).cloned());
        out
    }

    /// Whether a block is of something else than the story: of comments, of other stories.
    fn is_elsewhere(&self, index: usize) -> bool {
        [hints::COMMENT, hints::RELATED, hints::POPULAR].iter().any(|group| self.page.in_box(index, *group))
    }

    /// Whether a block stands around the headline and the text's beginning, or behind its end.
    fn is_near(&self, index: usize) -> bool {
        let start = self.headline.map_or(self.first, |h| h.min(self.first)).saturating_sub(4);
        (start..=self.first + 3).contains(&index) || (self.last..=self.last + 4).contains(&index)
    }

    fn shows(&self, name: &str) -> bool {
        self.seen(name).is_some()
    }

    /// Whether a name stands on the page where readers do not see it.
    fn hides(&self, name: &str) -> bool {
        let doc = self.doc;
        memmem::find_iter(doc.text.as_bytes(), name.as_bytes()).take(MAX_SEEN).any(|at| {
            let block = doc.blocks.get(doc.blocks.partition_point(|b| b.end as usize <= at));
            block.is_some_and(|block| doc.flags_of(block).has(Flags::HIDDEN))
        })
    }

    /// The block that shows a name: the first one that is not of menus, comments, other stories, or rights.
    fn seen(&self, name: &str) -> Option<usize> {
        let doc = self.doc;
        let fits = |index: usize| {
            let apart = Flags::NAV.with(Flags::FOOTER);
            let block = doc.blocks.get(index)?;
            let rights = self.page.blocks[index].shape.copyright;
            (!doc.flags_of(block).has(apart) && !rights && !self.is_elsewhere(index)).then_some(index)
        };
        let whole = |text: &str, at: usize, end: usize| {
            let word = |c: char| c.is_alphanumeric() && !super::words::is_unspaced(c);
            !text[..at].chars().next_back().is_some_and(word) && !text[end..].chars().next().is_some_and(word)
        };
        let found = memmem::find_iter(doc.text.as_bytes(), name.as_bytes()).take(MAX_SEEN);
        let exact = found
            .filter(|at| {
                let block = doc.blocks.partition_point(|b| b.end as usize <= *at);
                let end = doc.blocks.get(block).map_or(0, |b| b.end as usize);
                // Words at the edge of a block have no space beside them.
                let edge =
                    doc.blocks.get(block).is_some_and(|b| b.start as usize == *at) || *at + name.len() == end;
                edge || whole(&doc.text, *at, *at + name.len())
            })
            .find_map(|at| fits(doc.blocks.partition_point(|b| b.end as usize <= at)));
        let lower = name.to_lowercase();
        exact.or_else(|| {
            (0..doc.blocks.len()).find_map(|index| {
                let text = doc.text_of(index).to_lowercase();
                let at = text.find(&lower)?;
                whole(&text, at, at + lower.len()).then(|| fits(index)).flatten()
            })
        })
    }

    /// Names that the page shows as those of who signs, around the headline: by links and boxes of authors, or by the
    /// words before them.
    fn shown(&self) -> Found {
        let found = self.marked(MarkKind::Author, &self.around());
        if found.names.is_empty() { lines::above(self) } else { found }
    }

    /// Names that only stand where authors do: in boxes so named, beside the date, behind the text, in its opening.
    fn told(&self) -> Found {
        let mut found = self.marked(MarkKind::Byline, &self.around());
        if found.names.is_empty() {
            found = lines::beside_date(self);
        }
        if found.names.is_empty() {
            found = lines::alone(self);
        }
        if found.names.is_empty() {
            found = lines::below(self);
        }
        if found.names.is_empty()
            && let Some(name) = lines::reporter(self.doc.text_of(self.first))
        {
            found.names.people.push(name);
        }
        found
    }

    /// Bytes of the page around the headline and the beginning of the text.
    fn around(&self) -> Range<u32> {
        let start = self.headline.map_or(self.first, |h| h.min(self.first));
        let from = self.doc.blocks.get(start.saturating_sub(3)).map_or(0, |b| b.start);
        from..self.doc.blocks.get(self.first + 2).map_or(u32::MAX, |b| b.start)
    }

    /// An author's box below the text; where several names stand there they are those of comments.
    fn boxed(&self) -> Found {
        let from = self.doc.blocks.get(self.last).map_or(0, |b| b.end);
        let to = self.doc.blocks.get(self.last + BOX_BELOW).map_or(u32::MAX, |b| b.start);
        for kind in [MarkKind::Author, MarkKind::Byline] {
            let found = self.marked(kind, &(from..to));
            if found.names.people.len() == 1 {
                return found;
            }
        }
        Found::default()
    }

    /// Names in runs of text that the markup calls an author.
    fn marked(&self, kind: MarkKind, range: &Range<u32>) -> Found {
        let doc = self.doc;
        let mut out = Found::default();
        let mut read_from: Vec<Range<u32>> = Vec::new();
        let marks = doc.marks.iter().filter(|m| m.kind == kind && range.contains(&m.range.start));
        for mark in marks.filter(|m| (m.range.end - m.range.start) as usize <= MAX_MARK) {
            // Inner marks come before the boxes around them, and say it better.
            if read_from.iter().any(|r| mark.range.start <= r.start && r.end <= mark.range.end) {
                continue;
            }
            let mut names = Names::default();
            for (index, line) in lines::lines_of(doc, &mark.range).take(MAX_LINES) {
                let Some(block) = doc.blocks.get(index) else { continue };
                let flags = doc.flags_of(block);
                let long = (block.end - block.start) as usize > MAX_MARK;
                if long
                    || flags.has(Flags::NAV.with(Flags::FOOTER).with(Flags::FIGURE))
                    || self.is_elsewhere(index)
                {
                    continue;
                }
                let found = self.of_mark(kind, line);
                if found.is_empty() && names.is_empty() {
                    continue;
                }
                if found.is_empty() {
                    break;
                }
                names.extend(found);
                out.lines.push(index);
            }
            if !names.is_empty() {
                out.names.extend(names);
                read_from.push(mark.range.clone());
            }
        }
        out.lines.dedup();
        out
    }

    fn of_mark(&self, kind: MarkKind, line: &str) -> Names {
        if kind == MarkKind::Author {
            return read(line, Said::Markup, self.site);
        }
        // `by marc` in a box that is a byline's.
        let short = introduced(line, true).filter(|found| found.rest.split(' ').count() == 1);
        short.map_or_else(
            || read(line, Said::Line, self.site),
            |found| read(found.rest, Said::Markup, self.site),
        )
    }
}

#[cfg(test)]
mod tests;
