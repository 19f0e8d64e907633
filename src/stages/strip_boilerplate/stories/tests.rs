//! The pages of `tests/stories`, each cut as a careful reader cuts it.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::super::tests::strip_page;
use crate::record::{Extracted, Markup};

/// Share of the pages that have to be cut right.
const MIN_RIGHT: f64 = 0.95;

/// How a page is to be cut.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cut {
    kind: Kind,
    url: String,
    published: String,
    /// Beginnings of the paragraphs of the main text; empty where the stories are in it.
    main: Vec<String>,
    stories: Vec<Expected>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Inset,
    Live,
    Roundup,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    title: Option<String>,
    agency: Option<String>,
    place: Option<String>,
    date: Option<String>,
    published_at: Option<String>,
    /// Beginnings of its paragraphs.
    paragraphs: Vec<String>,
}

/// Says how paragraphs differ from those whose beginnings are given.
fn differ(what: &str, text: &str, expected: &[String]) -> Option<String> {
    let got: Vec<&str> = text.split("\n\n").collect();
    let alike =
        got.len() == expected.len() && got.iter().zip(expected).all(|(g, e)| g.starts_with(e.as_str()));
    let short = |p: &&str| p.chars().take(30).collect::<String>();
    (!alike).then(|| format!("{what}: {:?}", got.iter().map(short).collect::<Vec<_>>()))
}

/// Says what is wrong with how a page was cut.
fn wrong(cut: &Cut, got: &Extracted) -> Option<String> {
    if got.stories.len() != cut.stories.len() {
        let titles: Vec<_> =
            got.stories.iter().map(|s| (&s.title, s.text.chars().take(20).collect::<String>())).collect();
        return Some(format!("{} stories: {titles:?}", got.stories.len()));
    }
    for (story, expected) in got.stories.iter().zip(&cut.stories) {
        let dateline = story.dateline.clone().unwrap_or_default();
        let fields = (&story.title, &story.agency, &dateline.place, &dateline.date, &story.published_at);
        let due =
            (&expected.title, &expected.agency, &expected.place, &expected.date, &expected.published_at);
        if fields != due {
            return Some(format!("story {fields:?}, not {due:?}"));
        }
        if let Some(difference) = differ("story", &story.text, &expected.paragraphs) {
            return Some(difference);
        }
    }
    match cut.kind {
        Kind::Inset | Kind::None => differ("main text", &got.text, &cut.main),
        // Nothing of a live blog or a round-up is lost to its stories.
        Kind::Live | Kind::Roundup => {
            let mut paragraphs = got.stories.iter().flat_map(|story| story.text.split("\n\n"));
            paragraphs.find(|p| !got.text.contains(p)).map(|p| format!("not in the main text: {p}"))
        }
    }
}

#[test]
fn pages_are_cut_as_a_reader_cuts_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
    paths.sort();
    let mut report = Vec::new();
    let mut kinds = Vec::new();
    for path in &paths {
        let cut: Cut = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let (html, plain) = (path.with_extension("html"), path.with_extension("txt"));
        let (markup, body) = if html.exists() { (Markup::Html, html) } else { (Markup::Plain, plain) };
        let got = strip_page(markup, fs::read_to_string(body).unwrap(), &cut.url, &cut.published);
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match got {
            Ok(got) => report.extend(wrong(&cut, &got).map(|what| format!("{name}: {what}"))),
            Err(refusal) => report.push(format!("{name}: {refusal:?}")),
        }
        kinds.push((cut.kind, markup));
    }
    for kind in [Kind::Inset, Kind::Live, Kind::Roundup, Kind::None] {
        for markup in [Markup::Html, Markup::Plain] {
            assert!(kinds.contains(&(kind, markup)), "no page of {kind:?} {markup:?}");
        }
    }
    let right = 1.0 - report.len() as f64 / paths.len() as f64;
    println!("{} of {} pages are cut otherwise:\n{}", report.len(), paths.len(), report.join("\n"));
    assert!(
        paths.len() >= 30 && right >= MIN_RIGHT,
        "{right:.3} of {} pages:\n{}",
        paths.len(),
        report.join("\n")
    );
}
