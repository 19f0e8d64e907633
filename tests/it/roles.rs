//! Every block of some sample pages with the role that a reader gives it: `roles.txt` beside the page, compared with
//! what the main-text stage says.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use newsmill::record::{Hash128, Markup, Origin, Page, Source};
use newsmill::stages::strip_boilerplate::{Config, ExplainedBlock, StripBoilerplate};

use crate::fixtures::{self, Case};

#[test]
fn blocks_have_the_roles_that_a_reader_gives_them() {
    let stage = StripBoilerplate::new(&Config::default());
    let (mut report, mut pages, mut roles) = (String::new(), 0, BTreeSet::new());
    for case in fixtures::cases() {
        let Ok(expected) = fs::read_to_string(fixtures::root().join(&case.name).join("roles.txt")) else {
            continue;
        };
        pages += 1;
        let blocks = stage.explain(&page(&case)).blocks;
        let expected: Vec<&str> = expected.lines().collect();
        if expected.len() != blocks.len() {
            let _ = writeln!(report, "{}: {} blocks, not {}", case.name, blocks.len(), expected.len());
        }
        for (line, block) in expected.iter().zip(&blocks) {
            roles.insert(role(block));
            if let Some(problem) = compare(line, block) {
                let _ = writeln!(report, "{}: {problem}", case.name);
            }
        }
    }
    assert!(report.is_empty(), "blocks are not what a reader takes them for:\n{report}");
    assert!(pages >= 7 && roles.len() >= 14, "{pages} pages with {roles:?}");
}

/// What is wrong with a block of which `line` says role and beginning of the text, after `?` where it is known that
/// the role is not met.
fn compare(line: &str, block: &ExplainedBlock) -> Option<String> {
    let (wanted, text) = line.split_once('\t').unwrap();
    if !block.text.starts_with(text) {
        return Some(format!("`{text}` is not the block here, which is `{}`", block.text));
    }
    let got = role(block);
    match wanted.strip_prefix('?') {
        Some(wanted) => (got == wanted).then(|| format!("`{text}` is {wanted} now: take the ? off its line")),
        None => (got != wanted).then(|| format!("`{text}` is {wanted}, but called {got}")),
    }
}

fn role(block: &ExplainedBlock) -> String {
    serde_json::to_value(block.role).unwrap().as_str().unwrap().to_owned()
}

/// The page as the stage gets it, of a case in UTF-8.
fn page(case: &Case) -> Page {
    let field = |key: &str| case.message[key].as_str().unwrap().to_owned();
    Page {
        origin: Origin {
            source: Source::File { input: Arc::from(case.name.as_str()), line: 1 },
            body: Hash128::default(),
        },
        page_id: field("id"),
        url: Some(field("url")),
        fetched_at: None,
        markup: if field("content_type").starts_with("text/plain") { Markup::Plain } else { Markup::Html },
        body: field("body"),
        language_hint: None,
        extra: None,
    }
}
