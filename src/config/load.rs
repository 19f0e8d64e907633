//! Merges a TOML text and variables over the defaults, and says everything that does not fit.

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::suggest::did_you_mean;

/// Variables with the prefix that are not configuration keys; the last ones are the scripts'.
const RESERVED: &[&str] = &[
    "NEWSMILL_CONFIG",
    "NEWSMILL_EVAL_DATA",
    "NEWSMILL_LOG",
    "NEWSMILL_DEPLOY_CACHE",
    "NEWSMILL_DOCS_CACHE",
    "NEWSMILL_MDBOOK",
    "NEWSMILL_MODELS_CACHE",
    "NEWSMILL_OUTSIDE_CACHE",
];

/// Reads a `T` from a TOML text and `NEWSMILL_…` variables over its defaults. Gives it with all problems that were found, each with
/// the path of its key; what has one is left at its default, so that the rest can be looked at too.
///
/// # Errors
/// There is no `T` to be had even so.
pub fn load<T: Serialize + DeserializeOwned + Default>(
    text: &str,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<(T, Vec<String>), Vec<String>> {
    let mut merged = defaults::<T>().map_err(|error| vec![error])?;
    let known = merged.clone();
    let mut problems = Vec::new();
    match text.parse::<Table>() {
        Ok(written) => merge(&mut merged, written, "", &mut problems),
        Err(error) => problems.push(misread(text, &error)),
    }
    let mut variables: Vec<_> = variables.filter(|(name, _)| name.starts_with("NEWSMILL_")).collect();
    variables.sort();
    let paths = leaves(&known);
    for (name, value) in variables {
        if RESERVED.contains(&name.as_str()) {
            continue;
        }
        match paths.iter().find(|path| variable(path) == name) {
            Some(path) => set(&mut merged, path, &name, &value, &mut problems),
            None if add(&mut merged, &known, &name, &value) => {}
            None => {
                let names: Vec<String> = paths.iter().map(|path| variable(path)).collect();
                let hint = did_you_mean(&name, names.iter().map(String::as_str));
                problems.push(format!("the variable {name} names no key{hint}"));
            }
        }
    }
    // Each section on its own, so that one wrong value does not hide the next section's.
    for (section, value) in &mut merged {
        let before = problems.len();
        // Each of many entries too: where there are mistakes, their numbers are said.
        if let Value::Array(entries) = value
            && !entries.is_empty()
        {
            problems.extend(entries.iter().enumerate().filter_map(|(i, entry)| {
                let one = Table::from_iter([(section.clone(), Value::Array(vec![entry.clone()]))]);
                let error = Value::Table(one).try_into::<T>().err()?;
                let what = error.to_string().replace(&format!("in `{section}`"), "");
                Some(format!("{section} {}: {}", i + 1, what.trim_end().replace('\n', " ")))
            }));
            if problems.len() > before {
                *entries = Vec::new();
            }
            continue;
        }
        let one = Table::from_iter([(section.clone(), value.clone())]);
        if let Err(error) = Value::Table(one).try_into::<T>() {
            problems.push(format!("{section}: {}", error.to_string().trim_end().replace('\n', " ")));
            value.clone_from(&known[section.as_str()]);
        }
    }
    match Value::Table(merged).try_into() {
        Ok(read) => Ok((read, problems)),
        Err(error) => {
            problems.push(error.to_string());
            Err(problems)
        }
    }
}

/// What is wrong with the text, and where. The line itself is not shown: it may hold a secret.
fn misread(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let before = &text.as_bytes()[..at];
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let column = 1 + at - before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    format!("TOML parse error at line {line}, column {column}: {}", error.message().replace('\n', " "))
}

/// Adds to a table that takes any keys: `NEWSMILL_KAFKA_PROPERTIES_SASL_PASSWORD` sets `sasl.password` in
/// `kafka.properties`. Tells whether there is such a table.
fn add(table: &mut Table, known: &Table, name: &str, value: &str) -> bool {
    let paths = leaves(known);
    let takes_any = |path: &&String| matches!(at(known, path), Some(Value::Table(_)));
    let found = paths
        .iter()
        .filter(takes_any)
        .filter_map(|path| Some((path, name.strip_prefix(&variable(path))?.strip_prefix('_')?)))
        .max_by_key(|(path, _)| path.len());
    let Some((path, key)) = found.filter(|(_, key)| !key.is_empty()) else { return false };
    let Some((parent, last)) = path.rsplit_once('.') else { return false };
    let parent = parent.split('.').try_fold(table, |table, key| table.get_mut(key)?.as_table_mut());
    let Some(Value::Table(slot)) = parent.and_then(|parent| parent.get_mut(last)) else { return false };
    slot.insert(key.to_ascii_lowercase().replace('_', "."), Value::String(value.to_owned()));
    true
}

/// The value at a path of keys.
fn at<'a>(table: &'a Table, path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        Some((first, rest)) => at(table.get(first)?.as_table()?, rest),
        None => table.get(path),
    }
}

/// The defaults as TOML.
pub fn defaults<T: Serialize + Default>() -> Result<Table, String> {
    Table::try_from(T::default()).map_err(|error| format!("the defaults are no TOML: {error}"))
}

/// Paths of all keys that hold values, with dots, in order.
pub fn leaves(table: &Table) -> Vec<String> {
    fn walk(table: &Table, prefix: &str, out: &mut Vec<String>) {
        for (key, value) in table {
            let path = join(prefix, key);
            match value {
                Value::Table(inner) if !inner.is_empty() => walk(inner, &path, out),
                _ => out.push(path),
            }
        }
    }
    let mut out = Vec::new();
    walk(table, "", &mut out);
    out
}

/// Name of the variable that sets the key: `kafka.brokers` is `NEWSMILL_KAFKA_BROKERS`.
pub fn variable(path: &str) -> String {
    format!("NEWSMILL_{}", path.replace('.', "_").to_ascii_uppercase())
}

fn join(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

fn merge(into: &mut Table, from: Table, prefix: &str, problems: &mut Vec<String>) {
    for (key, value) in from {
        let path = join(prefix, &key);
        let Some(slot) = into.get_mut(&key) else {
            let hint = did_you_mean(&key, into.keys().map(String::as_str));
            let kind = if value.is_table() { "section" } else { "key" };
            problems.push(format!("{path} is no known {kind}{hint}"));
            continue;
        };
        match (slot, value) {
            // A table that is empty by default takes any keys (settings passed on to a library).
            (Value::Table(slot), Value::Table(table)) if slot.is_empty() => *slot = table,
            (Value::Table(slot), Value::Table(table)) => merge(slot, table, &path, problems),
            (slot @ Value::Float(_), Value::Integer(number)) => {
                #[expect(clippy::cast_precision_loss, reason = "settings are small numbers")]
                let number = number as f64;
                *slot = Value::Float(number);
            }
            (slot, value) if slot.same_type(&value) => *slot = value,
            (slot, value) => {
                let (wanted, found) = (slot.type_str(), value.type_str());
                problems.push(format!("{path} is of type {found}, but takes {wanted}"));
            }
        }
    }
}

fn set(table: &mut Table, path: &str, name: &str, text: &str, problems: &mut Vec<String>) {
    let mut slot = None;
    let mut level = Some(table);
    for key in path.split('.') {
        slot = level.take().and_then(|table| table.get_mut(key));
        if let Some(Value::Table(_)) = slot {
            level = slot.take().and_then(Value::as_table_mut);
        }
    }
    let Some(slot) = slot else {
        problems.push(format!("{name} sets {path}, a table: set its keys in the file"));
        return;
    };
    let parsed = match slot {
        Value::String(_) => Some(Value::String(text.to_owned())),
        Value::Integer(_) => text.trim().parse().ok().map(Value::Integer),
        Value::Float(_) => text.trim().parse().ok().map(Value::Float),
        Value::Boolean(_) => text.trim().parse().ok().map(Value::Boolean),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        _ => None,
    };
    match parsed {
        Some(value) => *slot = value,
        None => problems.push(format!("{name} = {text:?} is no {}", slot.type_str())),
    }
}
