//! The publisher's keywords, in the order that the page gives them.

use serde_json::Value;

use super::bounds;
use super::structured::value_of;

/// What stands between keywords that are written as one value.
const SEPARATORS: [char; 9] = [',', ';', '|', '،', '؛', '、', '，', '；', '\n'];

/// Whether a meta element of this name holds keywords.
pub fn is_key(key: &str) -> bool {
    matches!(
        key,
        "keywords" | "news_keywords" | "article:tag" | "og:article:tag" | "parsely-tags" | "sailthru.tags"
    )
}

/// Adds the keywords of a value, each once.
pub fn add(keywords: &mut Vec<String>, raw: &str) {
    for word in value_of(raw).split(SEPARATORS).map(str::trim) {
        if keywords.len() == bounds::VALUES {
            return;
        }
        if !word.is_empty() && !keywords.iter().any(|known| known == word) {
            keywords.push(word.to_owned());
        }
    }
}

/// Adds those of an article's data: a value, or a list of values and of terms that have a name.
pub fn add_data(keywords: &mut Vec<String>, value: &Value) {
    match value {
        Value::String(text) => add(keywords, text),
        Value::Array(values) => values.iter().take(bounds::VALUES).for_each(|value| match value {
            Value::String(text) => add(keywords, text),
            term => term.get("name").and_then(Value::as_str).into_iter().for_each(|name| add(keywords, name)),
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_told_apart() {
        let mut keywords = Vec::new();
        add(&mut keywords, "Harbour tunnel, ferries &amp; ports ,Harbour tunnel;;  Weather");
        add_data(
            &mut keywords,
            &serde_json::json!(["أخبار، رياضة", {"@type": "DefinedTerm", "name": "Storms"}, 7]),
        );
        assert_eq!(keywords, ["Harbour tunnel", "ferries & ports", "Weather", "أخبار", "رياضة", "Storms"]);
        add(&mut keywords, &"a,b".repeat(100_000));
        add(&mut keywords, &(0..100).map(|n| format!("{n},")).collect::<String>());
        assert_eq!(keywords.len(), bounds::VALUES);
    }
}
