//! Every sample page through `newsmill process`, compared with what a careful reader expects of it.
//!
//! `tests/fixtures/README.md` says what the keys of `expect.json` mean. All mismatches are reported at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use serde_json::{Map, Value};

use crate::fixtures::{self, Case};

type Object = Map<String, Value>;

/// A key of an expectation that is not met, and how.
type Mismatch = (String, String);

#[test]
fn pages_become_what_a_reader_expects() {
    let cases = fixtures::cases();
    let outcomes = outcomes(&cases);
    let ids: BTreeMap<&str, &Value> = cases
        .iter()
        .zip(&outcomes)
        .filter_map(|(case, got)| Some((case.name.as_str(), got.get("id")?)))
        .collect();
    let mut open: BTreeSet<String> = gaps();
    let (mut report, mut known) = (String::new(), 0);
    for (case, got) in cases.iter().zip(&outcomes) {
        let mut mismatches = compare(&case.expect, got, &ids);
        mismatches.retain(|(key, _)| {
            let is_gap = open.remove(&format!("{} {key}", case.name));
            known += usize::from(is_gap);
            !is_gap
        });
        if !mismatches.is_empty() {
            let _ = writeln!(report, "{}", case.name);
            for (key, detail) in mismatches {
                let _ = writeln!(report, "    {key}: {detail}");
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

/// One outcome a page, in input order.
fn outcomes(cases: &[Case]) -> Vec<Object> {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("pages.jsonl");
    fs::write(&input, fixtures::jsonl(cases)).unwrap();
    let written = fixtures::process(&input, &["--quiet"]);
    let outcomes: Vec<Object> = written
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of output is no JSON object"))
        .collect();
    assert_eq!(outcomes.len(), cases.len(), "one outcome a page");
    for (case, got) in cases.iter().zip(&outcomes) {
        assert_eq!(got["page_id"], case.name.as_str(), "outcomes are in input order");
    }
    outcomes
}

/// `<lang>/<case> <key>` of the expectations that are not met yet.
fn gaps() -> BTreeSet<String> {
    let text = fs::read_to_string(fixtures::root().join("known_gaps.txt")).unwrap();
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim().to_owned())
        .filter(|gap| !gap.is_empty())
        .collect()
}

fn compare(expect: &Object, got: &Object, ids: &BTreeMap<&str, &Value>) -> Vec<Mismatch> {
    if expect["outcome"] != got["outcome"] {
        // What the page became instead says more than the many fields that are then missing.
        let instead: Vec<&str> = ["reason", "kind", "of", "detail", "title"]
            .iter()
            .filter_map(|key| got.get(*key)?.as_str())
            .collect();
        return vec![(
            "outcome".into(),
            format!("expected {}, got {} {instead:?}", expect["outcome"], got["outcome"]),
        )];
    }
    let mut mismatches = Vec::new();
    let mut fail = |key: &str, detail: String| mismatches.push((key.to_owned(), detail));
    for (key, wanted) in expect {
        let found = field(got, key);
        let text = || got.get("text").and_then(Value::as_str).unwrap_or_default();
        let fine = match key.as_str() {
            "of_case" => {
                let original = wanted.as_str().and_then(|name| ids.get(name)).copied();
                let fine = original.is_some() && original == got.get("of");
                if !fine {
                    let of = ids.iter().find(|(_, id)| Some(**id) == got.get("of")).map(|(name, _)| *name);
                    fail(key, format!("expected {wanted}, got {of:?}"));
                }
                continue;
            }
            "agency" => strings(wanted).iter().any(|name| *found == **name),
            "published_at" | "modified_at" => {
                found.as_str().is_some_and(|date| date.starts_with(wanted.as_str().unwrap_or("?")))
            }
            "dateline" => within(wanted, found),
            "topics_any" => strings(wanted).iter().any(|code| *found == **code),
            "text_starts" => strings(wanted).iter().any(|start| text().starts_with(start)),
            "text_ends" => strings(wanted).iter().any(|end| text().ends_with(end)),
            "contains" | "excludes" => {
                for part in
                    strings(wanted).iter().filter(|part| text().contains(**part) != (key == "contains"))
                {
                    let verb = if key == "contains" { "lacks" } else { "holds" };
                    let part: String = part.chars().take(60).collect();
                    fail(key, format!("the text {verb} “{part}”"));
                }
                continue;
            }
            "stories" => {
                for detail in compare_stories(wanted, found) {
                    fail(key, detail);
                }
                continue;
            }
            "outcome" | "kind" | "reason" | "title" | "section" | "image" | "description" | "paywalled"
            | "authors" | "language" => {
                wanted == found || (found.is_null() && *wanted == Value::Array(Vec::new()))
            }
            _ => panic!("no expectation is called {key}"),
        };
        if !fine {
            let shown = match key.as_str() {
                "text_starts" => text().chars().take(90).collect(),
                "text_ends" => {
                    let count = text().chars().count();
                    text().chars().skip(count.saturating_sub(90)).collect()
                }
                _ => found.to_string(),
            };
            fail(key, format!("expected {wanted}, got {shown}"));
        }
    }
    mismatches
}

/// The part of an outcome that a key speaks of.
fn field<'a>(got: &'a Object, key: &str) -> &'a Value {
    let at = match key {
        "language" => got.get("language").and_then(|language| language.get("code")),
        "topics_any" => got.get("topics").and_then(|topics| topics.get(0)?.get("code")),
        _ => got.get(key),
    };
    at.unwrap_or(&Value::Null)
}

fn compare_stories(wanted: &Value, found: &Value) -> Vec<String> {
    let none = Vec::new();
    let (wanted, found) = (wanted.as_array().unwrap_or(&none), found.as_array().unwrap_or(&none));
    if wanted.len() != found.len() {
        return vec![format!("expected {}, got {}: {found:?}", wanted.len(), found.len())];
    }
    let mut details = Vec::new();
    for (wanted, found) in wanted.iter().zip(found) {
        let (Some(wanted), Some(found)) = (wanted.as_object(), found.as_object()) else { continue };
        for (key, detail) in compare_parts(wanted, found) {
            details.push(format!("{key}: {detail}"));
        }
    }
    details
}

fn compare_parts(wanted: &Object, found: &Object) -> Vec<Mismatch> {
    let mut wanted = wanted.clone();
    let mut found = found.clone();
    wanted.insert("outcome".into(), "article".into());
    found.insert("outcome".into(), "article".into());
    compare(&wanted, &found, &BTreeMap::new())
}

/// A string, or the strings of an array.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

/// Every field of `wanted` is in `found` with the same value.
fn within(wanted: &Value, found: &Value) -> bool {
    wanted.as_object().is_some_and(|fields| fields.iter().all(|(key, value)| found.get(key) == Some(value)))
}

/// The comparison itself can fail: each kind of mismatch is seen.
#[test]
fn a_wrong_outcome_is_noticed() {
    let object = |value: Value| value.as_object().unwrap().clone();
    let got = object(serde_json::json!({
        "outcome": "article", "id": "1", "title": "A", "authors": ["B"], "agency": "AFP", "published_at": "2026-01-02T03:04",
        "language": {"code": "en"}, "topics": [{"code": "medtop:1"}], "text": "One two.\n\nThree.",
        "dateline": {"place": "X", "date": "2026-01-02"}, "stories": [{"title": "S", "text": "Short."}]
    }));
    let check = |key: &str, right: Value, wrong: Value| {
        for (value, mismatches) in [(right, 0), (wrong, 1)] {
            let expect = object(serde_json::json!({"outcome": "article", key: value.clone()}));
            assert_eq!(compare(&expect, &got, &BTreeMap::new()).len(), mismatches, "{key}: {value}");
        }
    };
    check("title", "A".into(), "a".into());
    check("authors", vec!["B"].into(), Value::Array(Vec::new()));
    check("agency", vec!["dpa", "AFP"].into(), "dpa".into());
    check("published_at", "2026-01-02".into(), "2026-01-03".into());
    check("language", "en".into(), "de".into());
    check("topics_any", vec!["medtop:2", "medtop:1"].into(), vec!["medtop:2"].into());
    check("text_starts", vec!["One"].into(), vec!["Two"].into());
    check("text_ends", vec!["Three."].into(), vec!["Three"].into());
    check("contains", vec!["two"].into(), vec!["four"].into());
    check("excludes", vec!["four"].into(), vec!["two"].into());
    check("dateline", serde_json::json!({"place": "X"}), serde_json::json!({"place": "Y"}));
    check(
        "stories",
        serde_json::json!([{"title": "S", "text_ends": ["ort."]}]),
        serde_json::json!([{"title": "T"}]),
    );
    check("section", Value::Null, "News".into());
    let expect = object(serde_json::json!({"outcome": "rejected", "reason": "empty"}));
    assert_eq!(compare(&expect, &got, &BTreeMap::new()).len(), 1);
}
