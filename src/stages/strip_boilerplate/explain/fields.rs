//! What spoke for the fields of a page: the candidates of each, and which was taken.

use schemars::JsonSchema;
use serde::Serialize;

use crate::record::Page;
use crate::stages::strip_boilerplate::byline;
use crate::stages::strip_boilerplate::dating::{self, Place};
use crate::stages::strip_boilerplate::document::Document;
use crate::stages::strip_boilerplate::features::Measured;
use crate::stages::strip_boilerplate::fields::Parts;
use crate::stages::strip_boilerplate::site::SiteNames;
use crate::stages::strip_boilerplate::title;

/// A field of the record: what it came to, and what there was to choose from.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Field {
    /// Name in the record: `title`, `authors`, `published_at`, `modified_at`.
    pub name: &'static str,
    /// What it came to; several names for authors. Empty where the page does not say it.
    pub values: Vec<String>,
    /// How it is chosen, in a sentence.
    pub how: &'static str,
    /// What there was to choose from, the weightiest first.
    pub candidates: Vec<Candidate>,
}

/// One of the things that a field was chosen from.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Candidate {
    /// What it says.
    pub value: String,
    /// Where it stands.
    pub from: String,
    /// How much speaks for it, where that is counted: only to be compared within a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f32>,
    /// Whether it is what the field came to, or a part of it.
    pub won: bool,
}

/// Candidates of a field that are given.
const MOST: usize = 12;
/// Longest candidate that is given, in characters.
const MAX_VALUE: usize = 300;

/// The fields of a page that became an article.
pub fn explain(
    page: &Page,
    doc: &Document,
    measured: &Measured<'_>,
    chosen: &[bool],
    parts: &Parts,
) -> Vec<Field> {
    let site = SiteNames::new(doc, page.url.as_deref());
    let mut fields = vec![headline(doc, measured, chosen, &site, parts)];
    fields.push(authors(doc, measured, &site, parts));
    fields.extend(dates(page, doc, parts));
    fields
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn headline(
    doc: &Document,
    measured: &Measured<'_>,
    chosen: &[bool],
    site: &SiteNames,
    parts: &Parts,
) -> Field {
    let title = parts.record.title.clone();
    let place = parts.places.headline;
    let mut candidates = Vec::new();
    title::choose(doc, measured, chosen, site, |index, score| {
        let element = doc.blocks.get(index).map(|block| doc.element_of(block));
        let level = element.map_or(0, |element| element.tag.heading_level());
        let from = match level {
            0 if doc.plain => format!("line {}", index + 1),
            0 => "a line that agrees with the page's titles".to_owned(),
            level => format!("<h{level}> heading"),
        };
        let value = cut(doc.text_of(index));
        candidates.push(Candidate { value, from, weight: Some(score), won: Some(index) == place });
    });
    candidates.sort_by(|a, b| b.weight.unwrap_or(0.0).total_cmp(&a.weight.unwrap_or(0.0)));
    // The one that was taken is shown, however low it stands.
    let won = candidates.iter().position(|candidate| candidate.won);
    if let Some(at) = won.filter(|at| *at >= MOST) {
        candidates.swap(MOST - 1, at);
    }
    candidates.truncate(MOST);
    let meta = &doc.meta;
    let ld = meta.article().map_or("", |article| article.headline.as_str());
    let said = [
        (ld, "structured data (headline)"),
        (&meta.og_title, "og:title"),
        (&meta.title, "<title>"),
        (&meta.other_title, "another meta element"),
    ];
    let is_title = |text: &str| place.is_none() && title.as_deref() == Some(site.strip(text).as_str());
    candidates.extend(said.iter().filter(|(text, _)| !text.is_empty()).map(|(text, from)| Candidate {
        value: cut(text),
        from: (*from).to_owned(),
        weight: None,
        won: is_title(text),
    }));
    let how = if doc.plain {
        "The line before the text whose words come back in it, or in the page's address."
    } else {
        "The heading that agrees best with what the page tells machines, without the site's name."
    };
    Field { name: "title", values: title.into_iter().collect(), how, candidates }
}

fn authors(doc: &Document, measured: &Measured<'_>, site: &SiteNames, parts: &Parts) -> Field {
    let places = &parts.places;
    let place = byline::Place {
        doc,
        page: measured,
        headline: places.headline,
        first: places.body,
        last: places.last,
        site,
    };
    let values: Vec<String> =
        parts.record.authors.iter().chain(&parts.record.organizations).cloned().collect();
    let mut candidates: Vec<Candidate> = byline::candidates(&place)
        .into_iter()
        .map(|candidate| Candidate {
            won: values.contains(&candidate.name),
            value: cut(&candidate.name),
            from: candidate.from.to_owned(),
            weight: None,
        })
        .collect();
    candidates.truncate(MOST);
    let how = "Names of the page's data that the page shows, too; then those that stand around the headline; data \
               alone only where it gives a name in more than one way.";
    Field { name: "authors", values, how, candidates }
}

fn dates(page: &Page, doc: &Document, parts: &Parts) -> Vec<Field> {
    let places = &parts.places;
    // As it was when the dates were read: a byline at the head of the text was taken off it later.
    let kept: Vec<bool> =
        (0..doc.blocks.len()).map(|index| index == places.body || parts.kept(index)).collect();
    let place = Place { headline: places.headline, body: places.body, kept: &kept };
    let (published, changed) = dating::candidates(page, doc, place, places.wire.as_ref());
    let record = &parts.record;
    let how = "What speaks for a day is added up, of each kind the weightiest.";
    let mut fields = vec![dated("published_at", record.published_at.as_ref(), how, published)];
    if !changed.is_empty() {
        let how = "The weightiest, where it is later than the publication.";
        fields.push(dated("modified_at", record.modified_at.as_ref(), how, changed));
    }
    fields
}

fn dated(
    name: &'static str,
    value: Option<&String>,
    how: &'static str,
    candidates: Vec<dating::Candidate>,
) -> Field {
    let day = |date: &str| date.get(..10).map(str::to_owned);
    let won = value.and_then(|value| day(value));
    let mut candidates: Vec<Candidate> = candidates
        .into_iter()
        .map(|candidate| Candidate {
            won: won.is_some() && day(&candidate.date) == won,
            value: candidate.date,
            from: candidate.from.to_owned(),
            weight: Some(candidate.weight),
        })
        .collect();
    candidates.sort_by(|a, b| b.weight.unwrap_or(0.0).total_cmp(&a.weight.unwrap_or(0.0)));
    candidates.dedup();
    candidates.truncate(MOST);
    Field { name, values: value.into_iter().cloned().collect(), how, candidates }
}
