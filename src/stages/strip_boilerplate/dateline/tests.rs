//! Wire openings: those of `tests/fixtures/wires.jsonl`, and what is none.

use serde::Deserialize;

use super::*;

/// A paragraph with its wire mark, and what the mark says; without `mark`, a paragraph that has none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    language: String,
    published: String,
    #[serde(default)]
    mark: String,
    body: String,
    agency: Option<String>,
    place: Option<String>,
    date: Option<String>,
}

fn openings() -> Vec<Opening> {
    let text = include_str!("../../../../tests/fixtures/wires.jsonl");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn wire_openings_in_many_languages() {
    let mut wrong = Vec::new();
    let (mut marks, mut none) = (0, 0);
    let mut languages = std::collections::BTreeSet::new();
    for opening in openings() {
        let text = format!("{}{}", opening.mark, opening.body);
        let wire = read(&text);
        let expect = (opening.agency, opening.place, opening.date, opening.mark.len());
        let got = wire.clone().map_or((None, None, None, 0), |wire| {
            let dateline = wire.dateline(Some(&opening.published)).unwrap_or_default();
            (wire.agency, dateline.place, dateline.date, wire.end)
        });
        if opening.mark.is_empty() {
            none += 1;
        } else {
            marks += 1;
            languages.insert(opening.language);
        }
        let alone = wire.is_some_and(|wire| wire.alone);
        if got != expect || alone != opening.body.is_empty() {
            wrong.push(format!("{text}\n  expected {expect:?}\n  got      {got:?} alone: {alone}"));
        }
    }
    assert!(marks >= 80 && languages.len() >= 20 && none >= 20, "{marks} {none} {languages:?}");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), marks + none, wrong.join("\n"));
}

#[test]
fn a_day_without_its_month_is_the_last_one() {
    let check = |day: u32, published: &str, expect: Option<&str>| {
        let wire = Wire { day: Some(day), ..Wire::default() };
        let date = wire.dateline(Some(published)).and_then(|d| d.date);
        assert_eq!(date.as_deref(), expect, "{day} {published}");
    };
    check(11, "2020-06-12", Some("2020-06-11"));
    check(12, "2020-06-11T23:00:00Z", Some("2020-06-12"));
    check(31, "2020-06-01", Some("2020-05-31"));
    check(31, "2020-01-01", Some("2019-12-31"));
    check(31, "2020-07-02", None);
}

#[test]
fn odd_heads_are_read_without_harm() {
    for text in [
        "",
        "(",
        "((AFP)",
        "()",
        "- - - -",
        "[]: (",
        "/",
        "//",
        "(AFP",
        ".-",
        "電",
        "【】",
        "（＝）",
        "\u{200f}",
        "(dpa)\u{a0}",
    ] {
        let wire = read(text);
        assert!(wire.is_none_or(|wire| wire.end <= text.len()), "{text}");
    }
}

#[test]
fn agencies_behind_the_text() {
    assert_eq!(credit("Die Fähre fährt wieder. (dpa/AFP)"), Some("dpa"));
    assert_eq!(credit("(APA, red, 25.8.2015)"), Some("APA"));
    assert_eq!(credit("„Sie fährt wieder.“ (Reuters)."), Some("Reuters"));
    assert_eq!(credit("He had told the agency (AFP)"), None);
    assert_eq!(credit("The seat went to Holt. (PAP)"), None);
    assert_eq!(credit("The ferry sails again."), None);
}
