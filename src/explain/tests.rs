//! What is explained, on pages written for it.

use super::*;
use crate::pipeline::Settings;
use crate::sightings::{At, Config, Entry};

/// A page of an article.
pub(crate) const ARTICLE: &str = "<html lang=en><head><title>Ferries stay in port | Coastwatch</title></head><body>\
    <nav><a href=/>News</a> <a href=/sport>Sport and games</a></nav>\
    <article><h1>Ferries stay in port</h1><p class=byline>By Ada Lindqvist</p>\
    <p>The ferries between the islands stayed in port on Saturday, as the crews went on strike over their pay and hours.</p>\
    <p>The union said on Friday that its members would not work before the company made another offer to them.</p>\
    <p>The company, which runs forty ships, said that it could not pay more, and that it hoped for talks next week.</p>\
    <p>Islanders queued at the harbour for the one boat that the coast guard had sent to carry the sick and the old.</p>\
    </article><footer><p>Copyright Coastwatch. All rights reserved. Terms of use, privacy, imprint.</p></footer></body></html>";

/// An entry of a menu: of thirty of them no article comes.
pub(crate) const MENU: &str = "<li><a href=/a>A headline of some story</a></li>";

fn record(line: u64, body: &str) -> RawRecord {
    RawRecord {
        source: Source::File { input: "page.html".into(), line },
        key: None,
        value: body.as_bytes().to_vec(),
        headers: vec![("content-type".to_owned(), b"text/html".to_vec())],
    }
}

/// What is made of a page of HTML.
pub(crate) fn explained(body: &str) -> Explanation {
    explain(&Pipeline::new(&Settings::default()), &record(1, body), None)
}

#[test]
fn an_article_has_all_its_parts() {
    let pipeline = Pipeline::new(&Settings::default());
    let of = explain(&pipeline, &record(1, ARTICLE), None);
    assert!(matches!(of.outcome, ExplainedOutcome::Article { .. }));
    let article = of.record.as_ref().unwrap();
    let Prepared::Article(plain, _) = pipeline.prepare(&record(1, ARTICLE), |_| None) else { panic!() };
    assert_eq!(**article, *plain, "the record is the one that comes of it");
    assert_eq!(of.language.as_ref().unwrap().language, article.language);
    assert_eq!(of.topics.as_ref().unwrap().topics, article.topics);
    let kept: Vec<&str> =
        of.blocks.iter().filter(|block| block.kept).map(|block| block.text.as_str()).collect();
    assert_eq!(kept.join("\n\n"), article.text);
    assert_eq!(of.times.len(), Stage::ALL.len());
    assert!(of.repeats.is_none());
    assert!(
        of.summary.starts_with("A new article in the language en") && of.summary.ends_with("are its text."),
        "{}",
        of.summary
    );
}

#[test]
fn a_repeat_says_of_what() {
    let pipeline = Pipeline::new(&Settings::default());
    let mut index = Index::new(&Config::default());
    let Prepared::Article(_, sighting) = pipeline.prepare(&record(1, ARTICLE), |_| None) else { panic!() };
    index.apply(At { position: 1, millis: 0, check: 0 }, &Entry::Sighting(sighting.clone()));
    let again = ARTICLE.replace("Sport and games", "Sport");
    let of = explain(&pipeline, &record(2, &again), Some(&index));
    let ExplainedOutcome::Duplicate { kind, of: repeated, .. } = of.outcome else {
        panic!("{:?}", of.outcome)
    };
    assert_eq!((kind, repeated), (DuplicateKind::Exact, sighting.id));
    let repeats = of.repeats.unwrap();
    assert_eq!((repeats.pages, repeats.is_known), (1, false));
    assert_eq!(repeats.nearest[0].id, sighting.id);
    assert!(of.summary.contains("exact repeat") && repeats.verdict == of.summary);
    assert!(!of.blocks.is_empty());
}

#[test]
fn what_cannot_be_decoded_is_explained_too() {
    let mut raw = record(1, "{\"url\": 7}");
    raw.headers.clear();
    let of = explain(&Pipeline::new(&Settings::default()), &raw, None);
    let ExplainedOutcome::Rejected { reason, stage, seen, .. } = &of.outcome else {
        panic!("{:?}", of.outcome)
    };
    assert_eq!((*reason, *stage), ("malformed", "decode"));
    assert!(seen[1].contains("{\"url\": 7}"), "{seen:?}");
    assert!(of.blocks.is_empty() && of.language.is_none());
    assert!(of.summary.starts_with("Rejected as malformed at the stage decode"), "{}", of.summary);
}

#[test]
fn a_rejected_page_says_what_was_seen_of_it() {
    let of = explained(&MENU.repeat(30));
    let ExplainedOutcome::Rejected { reason, seen, .. } = &of.outcome else { panic!("{:?}", of.outcome) };
    assert_eq!(*reason, "no_article");
    assert!(seen[0].starts_with("30 blocks with") && seen[0].contains("100 % of them in links"), "{seen:?}");
    assert_eq!(of.blocks.len(), 30);
    let runs = words::runs(&of.blocks);
    assert!(runs.len() < 30, "what nobody doubts is told of together");
    assert_eq!(runs.iter().map(|run| run.len()).sum::<usize>(), 30);
}
