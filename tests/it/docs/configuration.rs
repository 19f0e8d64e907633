//! `docs/configuration.md`: every key, made of the schema of the configuration.

use std::fmt::Write;
use std::fs;

use newsmill::schema::Name;
use serde_json::Value;

use super::{WRITE, root};

const PAGE: &str = "docs/configuration.md";
/// What stands before it is written by hand.
const MARK: &str =
    "<!-- Below this line everything is made of the schema: WRITE_DOCS=1 cargo test --test it -- docs -->\n";

/// Sections and their keys, in the order of `config/newsmill.toml`, which shows every key.
fn order() -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string(root().join("config/newsmill.toml")).unwrap();
    let mut sections: Vec<(String, Vec<String>)> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[') {
            sections.push((name.trim_end_matches(']').to_owned(), Vec::new()));
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            sections.last_mut().unwrap().1.push(key.to_owned());
        }
    }
    sections
}

/// The schema that a reference names, or this one.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(name) => &document["$defs"][name.strip_prefix("#/$defs/").unwrap()],
        None => schema,
    }
}

/// What a value may be, and of a choice what each means.
fn kind(document: &Value, schema: &Value) -> (String, String) {
    let schema = resolve(document, schema);
    if let Some(options) = schema["oneOf"].as_array() {
        let names: Vec<String> =
            options.iter().map(|option| format!("`\"{}\"`", option["const"].as_str().unwrap())).collect();
        let mut meanings = String::new();
        for (name, option) in names.iter().zip(options) {
            write!(meanings, " {name}: {}", option["description"].as_str().unwrap()).unwrap();
        }
        return (names.join(", "), meanings);
    }
    let name = match schema["type"].as_str().unwrap() {
        "boolean" => "`true`, `false`".to_owned(),
        "string" => "text".to_owned(),
        "integer" => "whole number".to_owned(),
        "array" => match kind(document, &schema["items"]).0.as_str() {
            "text" => "list of texts".to_owned(),
            choices => format!("list of {choices}"),
        },
        "object" => "table of names and values".to_owned(),
        other => other.to_owned(),
    };
    (name, String::new())
}

fn row(document: &Value, key: &str, schema: &Value) -> String {
    let (values, meanings) = kind(document, schema);
    let about = schema["description"].as_str().unwrap_or_else(|| panic!("{key} has no description"));
    let default = match &schema["default"] {
        Value::Null => String::new(),
        value => format!("`{value}`"),
    };
    format!("| `{key}` | {values} | {default} | {about}{meanings} |\n")
}

/// The tables of all sections.
fn tables() -> String {
    let document = Name::Config.document();
    let mut out = String::new();
    let mut table = |title: &str, about: &str, rows: String| {
        write!(
            out,
            "\n## {title}\n\n{about}\n\n| key | value | default | what it does |\n|---|---|---|---|\n{rows}"
        )
        .unwrap();
    };
    for (section, keys) in order() {
        let schema = section.split('.').fold(&document, |schema, name| {
            let inner = &resolve(&document, schema)["properties"][name];
            assert!(!inner.is_null(), "the schema has no [{section}]");
            inner
        });
        let properties = resolve(&document, schema)["properties"].as_object().unwrap();
        let mut rows = String::new();
        for key in &keys {
            rows += &row(&document, key, &properties[key.as_str()]);
        }
        // What is not a key of its own in that file is a section below this one.
        let sections = properties.keys().filter(|key| !keys.contains(key));
        for below in sections {
            assert!(
                order().iter().any(|(name, _)| *name == format!("{section}.{below}")),
                "{section}.{below}"
            );
        }
        table(&format!("`[{section}]`"), schema["description"].as_str().unwrap(), rows);
    }
    let rule = resolve(&document, &document["properties"]["route"]["items"]);
    let properties = rule["properties"].as_object().unwrap();
    let required = |key: &str| rule["required"].as_array().unwrap().iter().any(|name| name == key);
    let mut keys: Vec<&String> = properties.keys().collect();
    keys.sort_by_key(|key| !required(key));
    let rows = keys.iter().map(|key| row(&document, key, &properties[*key])).collect();
    table("`[[route]]`", document["properties"]["route"]["description"].as_str().unwrap(), rows);
    out
}

#[test]
fn every_key_is_in_the_reference() {
    let path = root().join(PAGE);
    let text = fs::read_to_string(&path).unwrap();
    let (before, written) = text.split_once(MARK).unwrap_or_else(|| panic!("{PAGE} has no line {MARK}"));
    let wanted = tables();
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, format!("{before}{MARK}{wanted}")).unwrap();
        return;
    }
    assert!(written == wanted, "{PAGE} is not what the schema says; {WRITE}=1 writes it");
    for key in
        ["`max_body_bytes`", "`NEWSMILL_DECODE_MAX_BODY_BYTES`", "`[kafka.output.schema_ids]`", "`min_words`"]
    {
        assert!(text.contains(key), "{PAGE} does not name {key}");
    }
}
