//! Makes cases: an expectation from what newsmill makes of a page today, for a person to read and correct.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::Object;

/// Characters of the beginning and end of a paragraph that an expectation quotes.
const QUOTED: usize = 80;
/// Paragraphs from within the text that it quotes.
const PARAGRAPHS: usize = 3;

/// Puts a page and its address into a new folder, as a case without an expectation.
///
/// # Errors
/// The page cannot be read, or the folder is there or cannot be made.
pub fn create(folder: &Path, page: &Path, url: Option<&str>) -> io::Result<()> {
    if folder.exists() {
        let what = format!("{} is there already: name a new folder", folder.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
    }
    let name = page.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let end = name.split_once('.').map_or("html", |(_, end)| end);
    let bytes = fs::read(page)
        .map_err(|error| io::Error::new(error.kind(), format!("cannot read {}: {error}", page.display())))?;
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("page.{end}")), bytes)?;
    match url {
        Some(url) => fs::write(folder.join("page.json"), format!("{:#}\n", json!({"url": url}))),
        None => Ok(()),
    }
}

/// What an outcome would have to be expected of to be as it is: its fields, and quotations of its text. The keys stand in the
/// order of reading.
pub fn propose(outcome: &Object) -> String {
    let mut out = Vec::new();
    let mut take = |key: &str, value: Option<Value>| out.extend(value.map(|value| (key.to_owned(), value)));
    for key in ["outcome", "kind", "reason"] {
        take(key, outcome.get(key).cloned());
    }
    if outcome.contains_key("text") {
        for key in ["title", "section", "authors", "organizations", "agency", "dateline", "published_at"] {
            let absent = (key == "authors").then(|| json!([]));
            take(key, outcome.get(key).cloned().or(absent));
        }
        take("language", outcome["language"].get("code").cloned());
        take("topics_any", outcome["topics"].get(0).map(|topic| json!([topic["code"]])));
        let text = outcome["text"].as_str().unwrap_or_default();
        let paragraphs: Vec<&str> = text.split("\n\n").collect();
        let (first, last) = (paragraphs.first().unwrap_or(&""), paragraphs.last().unwrap_or(&""));
        take("text_starts", Some(beginning(first).into()));
        take("text_ends", Some(end(last).into()));
        let step = (paragraphs.len() / (PARAGRAPHS + 1)).max(1);
        let within = paragraphs.iter().skip(step).step_by(step).take(PARAGRAPHS);
        take("contains", Some(within.map(|paragraph| beginning(paragraph)).collect()));
        take("excludes", Some(json!([])));
    }
    let lines: Vec<String> = out.iter().map(|(key, value)| format!("  {}: {value}", json!(key))).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

/// The first characters, up to the end of a line.
fn beginning(paragraph: &str) -> String {
    paragraph.lines().next().unwrap_or_default().chars().take(QUOTED).collect()
}

fn end(paragraph: &str) -> String {
    let line = paragraph.lines().last().unwrap_or_default();
    line.chars().skip(line.chars().count().saturating_sub(QUOTED)).collect()
}
