//! Reads cases from their folders, and says every mistake with its file and line.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use serde_json::Value;

use super::Object;
use super::expect::{self, KEYS};
use crate::config::did_you_mean;
use crate::record::{RawRecord, Source};

/// Lists the cases of a folder in the order in which they are run, one name a line.
const ORDER: &str = "order.txt";
/// Keys of a page message.
const MESSAGE: [&str; 8] =
    ["id", "url", "body", "body_base64", "content_type", "content_encoding", "fetched_at", "headers"];

/// A page with what is expected of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// Path of its folder from the one that was named.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The page message with its body.
    pub message: Object,
    /// What is expected; `None` where nothing is written yet.
    pub expect: Option<Object>,
}

impl Case {
    /// The page as a record that was read.
    pub fn record(&self) -> RawRecord {
        let value = Value::Object(self.message.clone()).to_string().into_bytes();
        let source = Source::File { input: self.name.as_str().into(), line: 1 };
        RawRecord { source, key: None, value, headers: Vec::new() }
    }
}

/// Reads all cases below a folder, which may be a case itself: in the order of its `order.txt`, then of their names.
///
/// # Errors
/// All mistakes in all files, each with its file and, where it can be told, its line.
pub fn load(root: &Path) -> Result<Vec<Case>, Vec<String>> {
    let mut folders = Vec::new();
    find(root, &mut folders).map_err(|error| vec![format!("cannot read {}: {error}", root.display())])?;
    if folders.is_empty() {
        let what = "holds no case: a case is a folder with a page (page.html, page.txt …) and expect.json";
        return Err(vec![format!("{} {what}", root.display())]);
    }
    let (mut cases, mut problems) = (Vec::new(), Vec::new());
    for folder in folders {
        match case(root, folder) {
            Ok(case) => cases.push(case),
            Err(more) => problems.extend(more),
        }
    }
    if let Ok(order) = fs::read_to_string(root.join(ORDER)) {
        let place = |name: &str| order.lines().position(|line| line == name).unwrap_or(usize::MAX);
        cases.sort_by_key(|case| place(&case.name));
    }
    if problems.is_empty() { Ok(cases) } else { Err(problems) }
}

/// Folders with a page in them, in the order of their paths.
fn find(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    if paths.iter().any(|path| is_named(path, "page") || is_named(path, "expect")) {
        found.push(folder.to_owned());
    }
    paths.iter().filter(|path| path.is_dir()).try_for_each(|path| find(path, found))
}

/// Whether a file is called so, whatever its ending.
fn is_named(path: &Path, name: &str) -> bool {
    let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    file.split_once('.').is_some_and(|(stem, _)| stem == name) && path.is_file()
}

fn case(root: &Path, folder: PathBuf) -> Result<Case, Vec<String>> {
    let name = folder.strip_prefix(root).ok().filter(|name| !name.as_os_str().is_empty());
    let name = name.or_else(|| folder.file_name().map(Path::new)).unwrap_or(&folder);
    let name = name.to_string_lossy().into_owned();
    let message = message(&folder);
    let expect = expectation(&folder);
    match (message, expect) {
        (Ok(message), Ok(expect)) => Ok(Case { name, folder, message, expect }),
        (message, expect) => Err([message.err(), expect.err()].into_iter().flatten().flatten().collect()),
    }
}

/// Files of a folder by the part of their names before the first dot.
fn named(folder: &Path, name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.map(|entry| entry.path()).filter(|path| is_named(path, name)).collect();
    found.sort();
    found
}

fn message(folder: &Path) -> Result<Object, Vec<String>> {
    let about = folder.join("page.json");
    let mut message = if about.exists() { object(&about)?.0 } else { Object::new() };
    let mut problems = Vec::new();
    let text = fs::read_to_string(&about).unwrap_or_default();
    for key in message.keys().filter(|key| !MESSAGE.contains(&key.as_str())) {
        problems.push(unknown(&about, &text, key, MESSAGE.into_iter()));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut bodies = named(folder, "page");
    bodies.retain(|path| *path != about);
    let has_body = message.contains_key("body") || message.contains_key("body_base64");
    let body = match (&bodies[..], has_body) {
        ([], true) => return Ok(message),
        ([one], false) => one,
        ([], false) => {
            return Err(vec![format!(
                "{} holds no page: put page.html or page.txt there, or a `body` into page.json",
                folder.display()
            )]);
        }
        _ => {
            return Err(vec![format!("{} holds more than one page: leave one of them", folder.display())]);
        }
    };
    let bytes = fs::read(body).map_err(|error| vec![format!("{}: {error}", body.display())])?;
    match String::from_utf8(bytes) {
        Ok(text) => message.insert("body".into(), text.into()),
        Err(error) => {
            let base64 = base64::engine::general_purpose::STANDARD.encode(error.as_bytes());
            message.insert("body_base64".into(), base64.into())
        }
    };
    Ok(message)
}

fn expectation(folder: &Path) -> Result<Option<Object>, Vec<String>> {
    let files = named(folder, "expect");
    let path = match &files[..] {
        [] => return Ok(None),
        [one] => one,
        _ => return Err(vec![format!("{} holds more than one expectation: leave one", folder.display())]),
    };
    let (expect, text) = object(path)?;
    let at = |key: &str, what: &str| format!("{}: {key} {what}", place(path, &text, key));
    let mut problems = Vec::new();
    for (key, value) in &expect {
        match KEYS.iter().find(|(name, _)| name == key) {
            None => problems.push(unknown(path, &text, key, KEYS.iter().map(|(name, _)| *name))),
            Some((_, form)) => problems.extend(form.problem(value).map(|what| at(key, &what))),
        }
    }
    if !expect.contains_key("outcome") {
        problems.push(format!("{}: `outcome` is missing: article, duplicate or rejected", path.display()));
    }
    problems.extend(expect::contradictions(&expect).into_iter().map(|(key, what)| at(key, &what)));
    if problems.is_empty() { Ok(Some(expect)) } else { Err(problems) }
}

/// The object in a JSON or TOML file, and the file's text.
fn object(path: &Path) -> Result<(Object, String), Vec<String>> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| vec![format!("{shown}: {error}")])?;
    if path.extension().is_some_and(|end| end == "toml") {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start);
            let line =
                1 + text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count();
            vec![format!("{shown}:{line}: {}", error.message().replace('\n', " "))]
        })?;
        let Value::Object(object) = json(toml::Value::Table(table)) else { return Ok((Object::new(), text)) };
        return Ok((object, text));
    }
    match serde_json::from_str(&text) {
        Ok(object) => Ok((object, text)),
        Err(error) => Err(vec![format!("{shown}:{}: {error}", error.line())]),
    }
}

/// A value of TOML as JSON; dates are texts.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json(value))).collect(),
    }
}

fn unknown<'a>(path: &Path, text: &str, key: &str, known: impl Iterator<Item = &'a str>) -> String {
    let hint = did_you_mean(key, known);
    format!("{}: {key} is no known key{hint}", place(path, text, key))
}

/// File and line of a key.
fn place(path: &Path, text: &str, key: &str) -> String {
    let quoted = format!("\"{key}\"");
    let is_it = |line: &str| {
        let line = line.trim_start();
        let bare = line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
        bare || line.trim_start_matches('{').trim_start().starts_with(&quoted)
            || line.contains(&format!("{quoted}:"))
    };
    match text.lines().position(is_it) {
        Some(line) => format!("{}:{}", path.display(), line + 1),
        None => path.display().to_string(),
    }
}
