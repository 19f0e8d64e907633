//! Text that a page carries in its scripts: pages that a script is to fill hold their article as a string of a JSON
//! object, as markup in one value (`"contentHtml": "<p>…"`) or a paragraph a value (`"content": "…"`), and now and
//! then that object as a string of another. Looked for only where the page itself shows next to nothing.

use std::collections::BTreeMap;
use std::ops::Range;

use super::bounds;
use super::words;

/// Scripts shorter than this hold no article, in bytes.
pub const MIN_SCRIPT: usize = 1_000;
/// Shortest value that may be a paragraph, in bytes.
const MIN_VALUE: usize = 80;
/// Shortest value that is looked into for an object of its own, in bytes.
const MIN_OBJECT: usize = 600;
/// Shortest text that is taken for the page's, in bytes.
const MIN_TEXT: usize = 600;

/// The markup of the article in the scripts of a page, where there is one.
pub fn article_markup(html: &str, scripts: &[Range<u32>]) -> Option<String> {
    let mut found = Values::default();
    let mut left = bounds::SCRIPT_BYTES;
    for script in scripts {
        let text = html.get(script.start as usize..script.end as usize).unwrap_or("");
        if text.len() > left {
            break;
        }
        left -= text.len();
        found.read(text, true);
    }
    // The key whose values hold the most prose; of two, the first by name.
    let prose = |values: &Vec<String>| values.iter().map(String::len).sum::<usize>();
    let (_, values) = found.by_key.into_iter().rev().max_by_key(|(_, values)| prose(values))?;
    (prose(&values) >= MIN_TEXT).then(|| {
        let paragraphs = values
            .iter()
            .map(|value| if has_tags(value) { value.clone() } else { format!("<p>{value}</p>") });
        paragraphs.collect::<Vec<_>>().join("\n")
    })
}

/// Values that may be text of an article, by their keys.
#[derive(Default)]
struct Values {
    by_key: BTreeMap<String, Vec<String>>,
}

impl Values {
    /// Collects the strings of a script; with `inside`, also of the objects that stand in its strings.
    fn read(&mut self, script: &str, inside: bool) {
        let bytes = script.as_bytes();
        let mut at = 0;
        let mut key = "";
        while let Some(start) = memchr::memchr(b'"', &bytes[at..]).map(|n| at + n + 1) {
            let Some(end) = string_end(bytes, start) else { return };
            let raw = script.get(start..end).unwrap_or("");
            at = end + 1;
            let after = bytes[at..].iter().find(|b| !b.is_ascii_whitespace());
            if after == Some(&b':') {
                key = if raw.len() <= 64 { raw } else { "" };
            } else if raw.len() >= MIN_VALUE {
                self.value(key, raw, inside);
            }
        }
    }

    fn value(&mut self, key: &str, raw: &str, inside: bool) {
        // JSON's own reader knows the escapes.
        let Ok(value) = serde_json::from_str::<String>(&format!("\"{raw}\"")) else { return };
        if inside && value.len() >= MIN_OBJECT && value.contains("\":") {
            self.read(&value, false);
        }
        let is_prose = value.contains(words::ends_sentence)
            && value.contains(|c: char| c.is_whitespace() || !c.is_ascii());
        let is_code = value.contains("\":")
            || value.contains("function(")
            || value.contains("://") && !has_tags(&value);
        if is_prose && !is_code {
            let values = self.by_key.entry(key.to_owned()).or_default();
            // Objects are often given twice.
            if !values.contains(&value) && values.len() < bounds::SCRIPT_VALUES {
                values.push(value);
            }
        }
    }
}

/// Where the string that starts at `start` ends: at the next quotation mark without a backslash before it.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr::memchr2(b'"', b'\\', &bytes[at..])?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
        if at >= bytes.len() {
            return None;
        }
    }
}

fn has_tags(value: &str) -> bool {
    value.contains("</") || value.contains("<p>") || value.contains("<br")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markup(script: &str) -> Option<String> {
        article_markup(script, std::slice::from_ref(&(0..script.len() as u32)))
    }

    const PARAGRAPH: &str =
        "The harbour of Lindmere was closed on Friday after a storm damaged its outer wall, officials said.";

    #[test]
    fn articles_of_scripts_are_found() {
        let body = format!("<p>{PARAGRAPH}</p>").repeat(8);
        let object = serde_json::json!({"title": "Harbour closed", "teaser": PARAGRAPH, "contentHtml": body})
            .to_string();
        assert_eq!(markup(&format!("window.state = {object};")), Some(body.clone()));
        let flight = serde_json::json!([1, format!("5:{object}")]).to_string();
        assert_eq!(markup(&format!("self.push({flight})")), Some(body));
        let parts: Vec<_> = (0..9)
            .map(|n| serde_json::json!({"type": "text", "content": format!("{n}. {PARAGRAPH}")}))
            .collect();
        let found = markup(&serde_json::json!({"elements": parts}).to_string()).unwrap();
        assert!(found.starts_with("<p>0. The harbour") && found.lines().count() == 9);
    }

    #[test]
    fn code_and_short_texts_are_no_articles() {
        assert_eq!(markup(&serde_json::json!({"description": PARAGRAPH}).to_string()), None);
        assert_eq!(markup(&"let a = \"x\"; ".repeat(400)), None);
        assert_eq!(markup("\"\\"), None);
        assert_eq!(markup(&format!("{{\"css\": \"{}\"}}", "a { color: red; } ".repeat(100))), None);
    }
}
