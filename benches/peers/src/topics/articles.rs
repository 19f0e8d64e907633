//! Articles of 300 words in the encoder's own languages, of labelled texts.

use std::path::Path;

use anyhow::Result;
use newsmill::eval::language_code;
use newsmill::record::{Extracted, Language};
use newsmill::stages::classify_topics::head::is_own;
use serde::Deserialize;

/// Words of an article; the rest of a text is left out.
const WORDS: usize = 300;
/// Words that a text must have.
pub const LEAST_WORDS: usize = 150;
/// Bytes that stand for a word where words are not separated.
const UNSPACED_BYTES: usize = 6;

/// A text and the topics that it is labelled with.
pub struct Article {
    pub language: Language,
    pub topics: Vec<String>,
    pub extracted: Extracted,
}

#[derive(Deserialize)]
struct Row {
    lang: String,
    title: Option<String>,
    text: String,
    topics: Vec<String>,
}

/// The rows that are long enough, cut; `limit` at most, or all at 0.
pub fn read(set: &Path, limit: usize) -> Result<Vec<Article>> {
    let mut articles = Vec::new();
    for row in newsmill::eval::read::<Row>(set)? {
        let Row { lang, title, mut text, topics } = row?;
        let code = language_code(&lang);
        let is_unspaced = matches!(code.as_str(), "ja" | "th" | "zh");
        let end = |words: usize| {
            if is_unspaced {
                return Some(words * UNSPACED_BYTES).filter(|end| *end <= text.len());
            }
            let mut ends = text.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
            ends.nth(words - 1)
        };
        if !is_own(&code) || end(LEAST_WORDS).is_none() {
            continue;
        }
        if let Some(end) = end(WORDS) {
            text.truncate(text.floor_char_boundary(end));
        }
        let language = Language { code, confidence: 1.0, ..Language::default() };
        articles.push(Article {
            language,
            topics,
            extracted: Extracted { title, text, ..Extracted::default() },
        });
        if limit > 0 && articles.len() == limit {
            break;
        }
    }
    Ok(articles)
}
