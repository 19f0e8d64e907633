//! Main text and fields of a page.

pub mod dates;
pub mod decode;
pub mod document;
pub mod features;
pub mod forest;
pub mod hints;
pub mod html;
pub mod lexicon;
pub mod model;
pub mod plain;
pub mod structured;
pub mod title;
pub mod words;

use serde::{Deserialize, Serialize};

use crate::record::{Extracted, Markup, Page, Reason};
use features::Measured;
use model::Model;

/// Settings of the stage.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {}

/// The stage with its model loaded.
pub struct StripBoilerplate {
    model: Model,
}

impl StripBoilerplate {
    /// Loads the block model that is built in.
    pub fn new(_config: &Config) -> Self {
        Self { model: Model::built_in() }
    }

    /// Takes the main text and the fields of the page.
    ///
    /// # Errors
    /// The reason and a sentence of detail where the page holds no article.
    pub fn strip(&self, page: &Page) -> Result<Extracted, (Reason, String)> {
        let doc = match page.markup {
            Markup::Html => html::read(&page.body),
            Markup::Plain => plain::read(&page.body),
        };
        if doc.blocks.is_empty() {
            return Err((Reason::Empty, "the page holds no text".to_owned()));
        }
        let measured = Measured::new(&doc, &self.model.lexicon);
        let scores = self.model.score(&measured);
        let mass: Vec<f32> = measured.blocks.iter().map(|m| m.mass).collect();
        let chosen = decode::choose(&mass, &scores);
        let mut text = String::new();
        for (block, _) in doc.blocks.iter().zip(&chosen).filter(|(_, chosen)| **chosen) {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(doc.block_text(block));
        }
        let headline = title::headline(&doc, &measured, &chosen, page.url.as_deref());
        let first = chosen.iter().position(|c| *c).and_then(|i| doc.blocks.get(i)).map(|b| b.start);
        let meta = &doc.meta;
        let canonical = [&meta.canonical, &meta.og_url].into_iter().find(|u| u.starts_with("http"));
        Ok(Extracted {
            title: headline.map(|h| h.text).filter(|t| !t.is_empty()),
            published_at: dates::published(&doc, first),
            canonical_url: canonical.cloned(),
            language_hint: Some(meta.language.clone()).filter(|l| !l.is_empty()),
            text,
            ..Extracted::default()
        })
    }
}
