use super::*;

fn object(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

/// The comparison itself can fail: each kind of mismatch is seen.
#[test]
fn a_wrong_outcome_is_noticed() {
    let got = object(serde_json::json!({
        "outcome": "article", "id": "1", "title": "A", "authors": ["B"], "agency": "AFP", "published_at": "2026-01-02T03:04",
        "language": {"code": "en"}, "topics": [{"code": "medtop:1"}], "text": "One two.\n\nThree.", "paywalled": true,
        "dateline": {"place": "X", "date": "2026-01-02"}, "stories": [{"title": "S", "text": "Short."}]
    }));
    let check = |key: &str, right: Value, wrong: Value| {
        for (value, mismatches) in [(right, 0), (wrong, 1)] {
            let expect = object(serde_json::json!({"outcome": "article", key: value.clone()}));
            let found = compare(&expect, &got, &BTreeMap::new());
            assert_eq!(found.len(), mismatches, "{key}: {value}: {found:?}");
            assert!(found.iter().all(|mismatch| mismatch.key == key && !mismatch.lines.is_empty()));
        }
    };
    check("title", "A".into(), "a".into());
    check("authors", vec!["B"].into(), Value::Array(Vec::new()));
    check("organizations", Value::Array(Vec::new()), vec!["C"].into());
    check("agency", vec!["dpa", "AFP"].into(), "dpa".into());
    check("published_at", "2026-01-02".into(), "2026-01-03".into());
    check("paywalled", true.into(), false.into());
    check("language", "en".into(), "de".into());
    check("topics", vec!["medtop:1"].into(), vec!["medtop:1", "medtop:2"].into());
    check("topics_any", vec!["medtop:2", "medtop:1"].into(), vec!["medtop:2"].into());
    check("text", "One two.\n\nThree.".into(), "One two.\n\nFour.".into());
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
    check("stories", serde_json::json!([{}]), serde_json::json!([{}, {}]));
    check("section", Value::Null, "News".into());
    let expect = object(serde_json::json!({"outcome": "rejected", "reason": "empty"}));
    let found = compare(&expect, &got, &BTreeMap::new());
    assert_eq!(found[0].lines, ["- rejected", "+ article", "  title: A"]);
}

#[test]
fn a_repeat_is_of_the_case_that_it_names() {
    let ids = [("first", "1"), ("other", "2")].map(|(name, id)| (name.to_owned(), id.to_owned())).into();
    let got = object(serde_json::json!({"outcome": "duplicate", "kind": "near", "of": "2"}));
    let of = |case: &str| object(serde_json::json!({"outcome": "duplicate", "of_case": case}));
    assert!(compare(&of("other"), &got, &ids).is_empty());
    assert_eq!(compare(&of("first"), &got, &ids)[0].lines, ["- first", "+ other"]);
    let article = object(serde_json::json!({"outcome": "article"}));
    let lines = &compare(&article, &got, &ids)[0].lines;
    assert!(lines.contains(&"  it repeats the case other".to_owned()), "{lines:?}");
}

#[test]
fn values_are_checked_when_they_are_read() {
    let problem = |key: &str, value: Value| {
        let (_, form) = KEYS.iter().find(|(name, _)| *name == key).unwrap();
        form.problem(&value)
    };
    assert_eq!(problem("outcome", "article".into()), None);
    assert!(problem("outcome", "artcle".into()).unwrap().contains("did you mean article?"));
    assert!(problem("reason", "pay_wall".into()).unwrap().contains("did you mean paywall?"));
    assert!(problem("authors", "Ann".into()).unwrap().contains("a list of texts"));
    assert!(problem("dateline", serde_json::json!({"town": "X"})).unwrap().contains("`place`"));
    assert!(problem("stories", serde_json::json!([{"titel": "X"}])).unwrap().contains("did you mean title?"));
    assert_eq!(problem("stories", serde_json::json!([{"title": "X", "contains": ["y"]}])), None);
    let expect = object(serde_json::json!({"outcome": "article", "reason": "empty"}));
    assert_eq!(contradictions(&expect)[0].0, "reason");
}
