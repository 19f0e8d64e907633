//! Every sample page through the stages and the log, compared with what a careful reader expects of it.
//!
//! `tests/fixtures/README.md` says what the keys of `expect.json` mean. All mismatches are reported at once.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use newsmill::cases::{self, Object};
use newsmill::pipeline::{Pipeline, Settings};

use crate::fixtures;

#[test]
fn pages_become_what_a_reader_expects() {
    let cases = cases::load(&fixtures::root()).unwrap_or_else(|problems| panic!("{}", problems.join("\n")));
    assert_eq!(cases.iter().map(|case| case.name.clone()).collect::<Vec<_>>(), fixtures::listed());
    let pipeline = Pipeline::load(&Settings::default()).unwrap();
    let results = cases::run(&cases, &pipeline, 2).unwrap();
    let mut open: BTreeSet<String> = gaps();
    let (mut report, mut known) = (String::new(), 0);
    for (case, mut result) in cases.iter().zip(results) {
        assert!(case.expect.is_some(), "{} expects nothing", case.name);
        result.mismatches.retain(|mismatch| {
            let is_gap = open.remove(&format!("{} {}", case.name, mismatch.key));
            known += usize::from(is_gap);
            !is_gap
        });
        if !result.mismatches.is_empty() {
            let _ = writeln!(report, "{}", case.name);
            for mismatch in result.mismatches {
                let _ = writeln!(report, "    {}\n      {}", mismatch.key, mismatch.lines.join("\n      "));
            }
        }
    }
    for gap in open {
        let _ = writeln!(report, "known_gaps.txt lists `{gap}`, which is met now: take it off the list");
    }
    println!("{} pages compared; {known} expectations are known gaps", cases.len());
    assert!(report.is_empty(), "pages are not what a reader expects:\n{report}");
}

/// The bytes that come out do not depend on the number of threads, nor on the run.
#[test]
fn the_same_bytes_come_out_whatever_the_threads() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("pages.jsonl");
    fs::write(&input, fixtures::jsonl(&fixtures::cases())).unwrap();
    let one = fixtures::process(&input, &["--quiet", "--threads", "1"]);
    assert!(!one.is_empty());
    for threads in ["1", "4"] {
        let again = fixtures::process(&input, &["--quiet", "--threads", threads]);
        assert!(one == again, "{threads} threads give other bytes than 1 thread");
    }
}

/// A run that is repeated with the same state comes to the same outcomes, byte for byte: every page keeps its
/// first verdict, though the second run knows all bytes beforehand. The same pages from elsewhere are repeats.
#[test]
fn the_same_bytes_come_out_of_a_second_run() {
    let dir = tempfile::tempdir().unwrap();
    let (input, elsewhere, state) =
        (dir.path().join("pages.jsonl"), dir.path().join("more.jsonl"), dir.path().join("state"));
    fs::write(&input, fixtures::jsonl(&fixtures::cases())).unwrap();
    fs::copy(&input, &elsewhere).unwrap();
    let arguments = ["--quiet", "--state", state.to_str().unwrap()];
    let first = fixtures::process(&input, &arguments);
    let second = fixtures::process(&input, &arguments);
    for (one, two) in first.lines().zip(second.lines()) {
        assert_eq!(one, two);
    }
    assert_eq!(first.len(), second.len());
    assert!(
        first == fixtures::process(&input, &["--quiet"]),
        "the state of a first run changes its outcomes"
    );
    let repeats = fixtures::process(&elsewhere, &arguments);
    for (one, two) in first.lines().zip(repeats.lines()) {
        let (one, two): (Object, Object) =
            (serde_json::from_str(one).unwrap(), serde_json::from_str(two).unwrap());
        let repeat = one["outcome"] == "rejected" || two.get("kind").is_some_and(|kind| kind == "exact");
        assert!(repeat, "{} was {}, and from elsewhere {}", one["page_id"], one["outcome"], two["outcome"]);
    }
}

/// `<lang>/<case> <key>` of the expectations that are not met yet.
fn gaps() -> BTreeSet<String> {
    let text = fs::read_to_string(fixtures::root().join("known_gaps.txt")).unwrap();
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim().to_owned())
        .filter(|gap| !gap.is_empty())
        .collect()
}
