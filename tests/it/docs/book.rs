//! The pages as a book: all are in its list, and links between pages lead to a file and a heading that are there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::root;

/// Every Markdown file below a folder, by its path from the root.
fn below(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(dir) = waiting.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// All pages whose links are looked at.
pub fn pages() -> Vec<String> {
    let mut pages = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "tests/fixtures/README.md"]
        .map(str::to_owned)
        .to_vec();
    pages.extend(["docs", "deploy", "models"].map(below).concat());
    pages
}

/// A page without its fenced blocks: what they hold is neither heading nor link.
fn prose(text: &str) -> String {
    let mut out = String::new();
    let mut fence = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fence = !fence;
        } else if !fence {
            out.push_str(line);
            out.push('\n');
        }
    }
    assert!(!fence, "a fence is not closed");
    out
}

/// The targets of links and pictures.
fn links(text: &str) -> Vec<String> {
    let text = prose(text);
    text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
}

/// The names by which a code host and mdBook know the headings of a page: lower case, letters, digits, `-` and `_` alone,
/// hyphens for spaces, a number behind the second of a name.
fn headings(text: &str) -> BTreeSet<String> {
    let mut seen = BTreeMap::new();
    let mut names = BTreeSet::new();
    for line in prose(text).lines().filter(|line| line.starts_with('#')) {
        let title = line.trim_start_matches('#').trim();
        let slug: String = title
            .to_lowercase()
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                _ => None,
            })
            .collect();
        let count = seen.entry(slug.clone()).and_modify(|n| *n += 1).or_insert(0);
        names.insert(if *count == 0 { slug } else { format!("{slug}-{count}") });
    }
    names
}

/// What is wrong with the link of a page, if anything. Other hosts are not asked.
fn problem(page: &str, target: &str) -> Option<String> {
    if ["https://", "http://", "mailto:"].iter().any(|start| target.starts_with(start)) {
        return None;
    }
    let (file, heading) =
        target.split_once('#').map_or((target, None), |(file, heading)| (file, Some(heading)));
    let from: PathBuf = root().join(page);
    let path = if file.is_empty() { from } else { from.parent().unwrap().join(file) };
    if !path.exists() {
        return Some(format!("{page} links to {target}, which is not there"));
    }
    let heading = heading?;
    let known = headings(&fs::read_to_string(&path).unwrap());
    (!known.contains(heading))
        .then(|| format!("{page} links to {target}: there is no such heading. There are {known:?}"))
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut looked_at = 0;
    let mut problems = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        let links = links(&text);
        looked_at += links.len();
        problems.extend(links.iter().filter_map(|target| problem(&page, target)));
    }
    assert!(looked_at > 150, "{looked_at} links were found");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn dead_links_are_found() {
    let here = "docs/operations.md";
    for dead in ["no-such.md", "records.md#no-such-heading", "#no-such-heading", "../no-such/README.md"] {
        assert!(problem(here, dead).is_some(), "{dead}");
    }
    for alive in [
        "records.md",
        "records.md#duplicate-out",
        "#workers",
        "../README.md#try-it",
        "https://nowhere.example/",
    ] {
        assert_eq!(problem(here, alive), None);
    }
    let page = "## Two of a kind\n```sh\n# no heading [no](link)\n```\n## Two of a kind\n[a](x.md)\n### `newsmill check`: what, and why?\n";
    let names = ["two-of-a-kind", "two-of-a-kind-1", "newsmill-check-what-and-why"].map(str::to_owned);
    assert_eq!(headings(page), names.into());
    assert_eq!(links(page), ["x.md"]);
}

/// Each page under `docs` is a chapter of the book, once.
#[test]
fn every_page_is_in_the_list_of_the_book() {
    let list = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let listed = links(&list);
    let there: Vec<String> = below("docs")
        .into_iter()
        .filter(|page| page != "docs/SUMMARY.md")
        .map(|page| page.strip_prefix("docs/").unwrap().to_owned())
        .collect();
    for page in &there {
        let times = listed.iter().filter(|target| *target == page).count();
        assert_eq!(
            times, 1,
            "docs/{page} has to be in docs/SUMMARY.md, once: that is the list of the book's chapters"
        );
    }
    let no_page: Vec<&String> = listed.iter().filter(|target| !there.contains(target)).collect();
    assert!(no_page.is_empty(), "docs/SUMMARY.md lists {no_page:?}");
    assert!(Path::new(&root().join("docs/book.toml")).exists());
}
