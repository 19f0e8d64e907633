//! What can be expected of a page, and how an outcome is held against it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Object;
use super::lines;
use crate::config::{closest, did_you_mean};
use crate::record::Reason;

/// A key of an expectation that is not met, and how: a line each of what was expected (`-`), and of what came (`+`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The key.
    pub key: String,
    /// The difference, line by line.
    pub lines: Vec<String>,
}

/// What the value of a key may be.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A reason of a rejection.
    Reason,
    /// A text.
    Text,
    /// A text, or several.
    Texts,
    /// Texts, possibly none.
    List,
    /// True or false.
    Flag,
    /// An object with `place` and `date`.
    Dateline,
    /// Objects with keys of a story.
    Stories,
}

impl Form {
    /// What is wrong with a value.
    pub fn problem(self, value: &Value) -> Option<String> {
        let is_text = Value::is_string;
        let all_texts = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(is_text));
        let wanted = match self {
            Self::OneOf(known) => return one_of(value, known),
            Self::Reason => return one_of(value, &Reason::ALL.map(Reason::as_str)),
            Self::Text if !value.is_string() => "a text",
            Self::Texts if !value.is_string() && !all_texts(value) => "a text, or a list of texts",
            Self::List if !all_texts(value) => "a list of texts",
            Self::Flag if !value.is_boolean() => "true or false",
            Self::Dateline => {
                let fits = |fields: &Object| {
                    fields
                        .iter()
                        .all(|(key, value)| matches!(key.as_str(), "place" | "date") && value.is_string())
                };
                if value.as_object().is_some_and(fits) {
                    return None;
                }
                "an object with `place`, `date` or both"
            }
            Self::Stories => return story_problem(value),
            _ => return None,
        };
        Some(format!("takes {wanted}, and is {value}"))
    }
}

fn one_of(value: &Value, known: &[&str]) -> Option<String> {
    let Some(text) = value.as_str() else { return Some(format!("takes a text, and is {value}")) };
    if known.contains(&text) {
        return None;
    }
    let hint = closest(text, known.iter().copied());
    let hint = hint.map_or_else(|| known.join(", "), |name| format!("did you mean {name}?"));
    Some(format!("is `{text}`, which there is not: {hint}"))
}

fn story_problem(value: &Value) -> Option<String> {
    let Some(stories) = value.as_array() else {
        return Some(format!("takes a list of stories, and is {value}"));
    };
    stories.iter().enumerate().find_map(|(n, story)| {
        let Some(fields) = story.as_object() else {
            return Some(format!("takes objects; story {} is {story}", n + 1));
        };
        fields.iter().find_map(|(key, value)| {
            let Some((_, form)) = KEYS.iter().find(|(name, _)| STORY.contains(name) && name == key) else {
                let hint = did_you_mean(key, STORY.into_iter());
                return Some(format!("of a story has no key {key}{hint}"));
            };
            form.problem(value).map(|what| format!("{}: {key} {what}", n + 1))
        })
    })
}

/// Keys that a story may have.
const STORY: [&str; 9] = [
    "title",
    "agency",
    "dateline",
    "published_at",
    "text",
    "text_starts",
    "text_ends",
    "contains",
    "excludes",
];

/// Every key, with what its value may be.
pub const KEYS: &[(&str, Form)] = &[
    ("outcome", Form::OneOf(&["article", "duplicate", "rejected"])),
    ("kind", Form::OneOf(&["exact", "near", "revision"])),
    ("reason", Form::Reason),
    ("of_case", Form::Text),
    ("title", Form::Text),
    ("section", Form::Text),
    ("authors", Form::List),
    ("organizations", Form::List),
    ("agency", Form::Texts),
    ("dateline", Form::Dateline),
    ("published_at", Form::Text),
    ("modified_at", Form::Text),
    ("image", Form::Text),
    ("description", Form::Text),
    ("paywalled", Form::Flag),
    ("canonical_url", Form::Text),
    ("site", Form::Text),
    ("language", Form::Text),
    ("topics", Form::List),
    ("topics_any", Form::Texts),
    ("text", Form::Text),
    ("text_starts", Form::Texts),
    ("text_ends", Form::Texts),
    ("contains", Form::Texts),
    ("excludes", Form::Texts),
    ("stories", Form::Stories),
];

/// Keys that do not go with the outcome that is expected.
pub(super) fn contradictions(expect: &Object) -> Vec<(&'static str, String)> {
    let outcome = expect.get("outcome").and_then(Value::as_str).unwrap_or_default();
    let only = [("kind", "duplicate"), ("of_case", "duplicate"), ("reason", "rejected")];
    only.into_iter()
        .filter(|(key, of)| expect.contains_key(*key) && outcome != *of)
        .map(|(key, of)| {
            (key, format!("is expected of a page whose outcome is {outcome}; only a {of} page has one"))
        })
        .collect()
}

/// Where an outcome is not as expected. `ids` are those of the cases by name.
pub fn compare(expect: &Object, got: &Object, ids: &BTreeMap<String, String>) -> Vec<Mismatch> {
    if expect.get("outcome") != got.get("outcome") {
        return vec![Mismatch { key: "outcome".into(), lines: other_outcome(expect, got, ids) }];
    }
    compare_fields(expect, got, ids)
}

/// What the page became instead says more than the many fields that are then missing.
fn other_outcome(expect: &Object, got: &Object, ids: &BTreeMap<String, String>) -> Vec<String> {
    let mut lines = vec![wanted(expect.get("outcome")), came(got.get("outcome"))];
    for key in ["reason", "detail", "kind", "title"] {
        if let Some(value) = got.get(key).filter(|value| **value != "") {
            lines.push(format!("  {key}: {}", shown(value)));
        }
    }
    if let Some(case) = case_of(got, ids) {
        lines.push(format!("  it repeats the case {case}"));
    }
    lines
}

/// The case whose article a duplicate repeats.
fn case_of<'i>(got: &Object, ids: &'i BTreeMap<String, String>) -> Option<&'i str> {
    let of = got.get("of")?.as_str()?;
    ids.iter().find(|(_, id)| *id == of).map(|(name, _)| name.as_str())
}

fn compare_fields(expect: &Object, got: &Object, ids: &BTreeMap<String, String>) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    let text = got.get("text").and_then(Value::as_str).unwrap_or_default();
    for (key, _) in KEYS {
        let Some(expected) = expect.get(*key) else { continue };
        let found = field(got, key);
        let differ = || vec![wanted(Some(expected)), came(Some(found))];
        let lines = match *key {
            "of_case" => {
                let original = expected.as_str().and_then(|name| ids.get(name)).map(String::as_str);
                let fine = original.is_some() && original == got.get("of").and_then(Value::as_str);
                let other = case_of(got, ids).unwrap_or("(the article of no case)");
                if fine { Vec::new() } else { vec![wanted(Some(expected)), format!("+ {other}")] }
            }
            "agency" | "topics_any" => {
                if strings(expected).iter().any(|one| *found == **one) {
                    Vec::new()
                } else {
                    differ()
                }
            }
            "published_at" | "modified_at" => {
                let begins = |date: &str| date.starts_with(expected.as_str().unwrap_or("?"));
                if found.as_str().is_some_and(begins) { Vec::new() } else { differ() }
            }
            "dateline" => {
                if within(expected, found) {
                    Vec::new()
                } else {
                    differ()
                }
            }
            "topics" => {
                let codes: Vec<&Value> =
                    found.as_array().into_iter().flatten().map(|topic| &topic["code"]).collect();
                let codes: Value = codes.into_iter().cloned().collect();
                if *expected == codes { Vec::new() } else { vec![wanted(Some(expected)), came(Some(&codes))] }
            }
            "text" => lines::difference(expected.as_str().unwrap_or_default(), text),
            "text_starts" => {
                let fits = strings(expected).iter().any(|start| text.starts_with(start));
                let shown: String = text.chars().take(90).collect();
                if fits { Vec::new() } else { vec![wanted(Some(expected)), format!("+ {shown} …")] }
            }
            "text_ends" => {
                let fits = strings(expected).iter().any(|end| text.ends_with(end));
                let skipped = text.chars().count().saturating_sub(90);
                let shown: String = text.chars().skip(skipped).collect();
                if fits { Vec::new() } else { vec![wanted(Some(expected)), format!("+ … {shown}")] }
            }
            "contains" => {
                let missing = strings(expected).into_iter().filter(|part| !text.contains(part));
                missing.map(|part| format!("- {part}")).collect()
            }
            "excludes" => {
                let there = strings(expected).into_iter().filter(|part| text.contains(part));
                there.map(|part| format!("+ {part}")).collect()
            }
            "stories" => compare_stories(expected, found),
            _ => {
                let none = found.is_null() && *expected == Value::Array(Vec::new());
                if expected == found || none { Vec::new() } else { differ() }
            }
        };
        if !lines.is_empty() {
            mismatches.push(Mismatch { key: (*key).to_owned(), lines });
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

fn compare_stories(expected: &Value, found: &Value) -> Vec<String> {
    let none = Vec::new();
    let (expected, found) = (expected.as_array().unwrap_or(&none), found.as_array().unwrap_or(&none));
    if expected.len() != found.len() {
        let mut lines = vec![format!("- {} stories", expected.len()), format!("+ {} stories", found.len())];
        for story in found {
            let title = story["title"].as_str().or_else(|| story["text"].as_str()).unwrap_or_default();
            lines.push(format!("+   {}", title.chars().take(60).collect::<String>()));
        }
        return lines;
    }
    let mut out = Vec::new();
    for (n, (expected, found)) in expected.iter().zip(found).enumerate() {
        let (Some(expected), Some(found)) = (expected.as_object(), found.as_object()) else { continue };
        for mismatch in compare_fields(expected, found, &BTreeMap::new()) {
            out.push(format!("  {} of story {}", mismatch.key, n + 1));
            out.extend(mismatch.lines);
        }
    }
    out
}

fn wanted(value: Option<&Value>) -> String {
    format!("- {}", value.map_or_else(|| "nothing".to_owned(), shown))
}

fn came(value: Option<&Value>) -> String {
    format!("+ {}", value.filter(|value| !value.is_null()).map_or_else(|| "nothing".to_owned(), shown))
}

/// A text as it is, several with commas, anything else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ")
        }
        other => other.to_string(),
    }
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

#[cfg(test)]
mod tests;
