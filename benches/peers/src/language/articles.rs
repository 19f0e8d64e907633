//! Articles of one length, of labelled texts.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use newsmill::record::Extracted;
use serde::Deserialize;

/// The main text of an article in news, on average.
pub const BYTES: usize = 4600;
/// Shorter rows are headlines and sentences.
const LEAST: usize = 500;

/// A text and the language that it is labelled with.
pub struct Article {
    pub lang: String,
    pub extracted: Extracted,
}

#[derive(Deserialize)]
struct Row {
    set: Option<String>,
    lang: String,
    text: String,
}

impl Row {
    /// Long enough, in one language, and in one that the peers have.
    fn is_wanted(&self) -> bool {
        let set = self.set.as_deref().unwrap_or_default();
        let left_out = set == "junk" || set.starts_with("mixed_") || set.starts_with("unsup");
        !left_out && self.text.len() >= LEAST
    }
}

/// The articles made so far of a language's rows, and what is left of those.
#[derive(Default)]
struct Language {
    articles: Vec<String>,
    rest: String,
}

/// The rows of each language one after the other, cut anew: `limit` articles of a language at most, or all at 0. The
/// languages take turns, as they would in news of the world: row after row of one would stay in the caches.
pub fn read(set: &Path, limit: usize) -> Result<Vec<Article>> {
    let mut languages: BTreeMap<String, Language> = BTreeMap::new();
    for row in newsmill::eval::read::<Row>(set)? {
        let row = row?;
        if !row.is_wanted() {
            continue;
        }
        let Language { articles, rest } = languages.entry(row.lang).or_default();
        rest.push_str(&row.text);
        rest.push_str("\n\n");
        while rest.len() >= BYTES {
            let behind = rest.split_off(rest.floor_char_boundary(BYTES));
            let text = std::mem::replace(rest, behind);
            if limit == 0 || articles.len() < limit {
                articles.push(text);
            }
        }
    }
    let mut turns: Vec<(usize, Article)> = Vec::new();
    for (lang, language) in languages {
        let article =
            |text| Article { lang: lang.clone(), extracted: Extracted { text, ..Extracted::default() } };
        turns.extend(language.articles.into_iter().map(article).enumerate());
    }
    turns.sort_by_key(|(turn, _)| *turn);
    Ok(turns.into_iter().map(|(_, article)| article).collect())
}
