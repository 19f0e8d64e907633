//! Main text and fields of a page.

pub mod agencies;
pub mod bounds;
pub mod byline;
mod clocks;
mod date_labels;
mod date_order;
pub mod dateline;
mod dateline_unspaced;
pub mod dates;
mod dating;
pub mod decode;
pub mod document;
pub mod evidence;
mod explain;
pub mod features;
mod fields;
mod finder;
pub mod forest;
pub mod hints;
pub mod html;
mod keywords;
pub mod lexicon;
mod masks;
pub mod measure;
mod meta_keys;
pub mod model;
pub mod months;
pub mod phrases;
mod picture;
pub mod plain;
pub mod promises;
pub mod roles;
mod site;
pub mod site_rules;
pub mod slug;
mod state;
pub mod stories;
pub mod structured;
mod surroundings;
pub mod title;
mod wall_phrases;
mod walls;
pub mod words;
pub mod written;
mod zones;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::{Extracted, Markup, Page, Reason};
use document::Document;
use features::Measured;
use model::Model;
use site_rules::{Rule, SiteRules};
use slug::Slug;

pub use explain::{Candidate, Explained, ExplainedBlock, Field, ReadFrom, Weight};

/// Settings of the stage.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "StripBoilerplate")]
pub struct Config {
    /// What becomes of a wire mark at the beginning of the main text.
    pub wire_marks: WireMarks,
    /// File of rules for sites: selectors to drop and to take, a fixed language or section. Empty: none.
    pub sites: String,
    /// What stands in that file; whoever reads the configuration reads it.
    #[serde(skip)]
    pub site_rules: Arc<SiteRules>,
}

/// What becomes of a wire mark (`LINDMERE, March 3 (Reuters) -`) at the beginning of the main text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WireMarks {
    /// It stays in the text, and is given in the fields.
    #[default]
    Keep,
    /// It is given in the fields alone.
    Strip,
}

/// Version of the code from a page to its text: to be raised with each change that gives another text.
const TEXT_VERSION: u32 = 4;

/// Names what makes a text of a page: the version of the code, the block model, and settings that are not as they come,
/// rules for sites among them.
/// Verdicts rest on it.
pub fn version(config: &Config) -> String {
    let marks = if config.wire_marks == WireMarks::Strip { "-stripped" } else { "" };
    let sites = config.site_rules.text_version().map_or_else(String::new, |hash| format!("-sites-{hash}"));
    format!("{TEXT_VERSION}-{}{marks}{sites}", model::Model::built_in_hash())
}

/// The stage with its model loaded.
pub struct StripBoilerplate {
    model: Model,
    config: Config,
}

impl StripBoilerplate {
    /// Loads the block model that is built in.
    pub fn new(config: &Config) -> Self {
        Self { model: Model::built_in(), config: config.clone() }
    }

    /// Takes the main text and the fields of the page.
    ///
    /// # Errors
    /// The reason and a sentence of detail where the page holds no article.
    pub fn strip(&self, page: &Page) -> Result<Extracted, (Reason, String)> {
        let rule = self.rule(page);
        Ok(ruled(self.decode(page, rule).outcome?.record, rule))
    }

    /// The rule for the page's site, where there is one.
    fn rule(&self, page: &Page) -> Option<&Rule> {
        self.config.site_rules.of(page.url.as_deref()?)
    }

    /// What the rule for the page's site did to it, for `newsmill explain`.
    pub fn site_rule(&self, page: &Page) -> Option<site_rules::Report> {
        Some(site_rules::Report::new(self.rule(page)?, page))
    }

    /// From the page to the blocks that are taken, and what they make.
    fn decode(&self, page: &Page, rule: Option<&Rule>) -> Decoded {
        let mut doc = read(page, rule);
        let taken = site_rules::taken(&doc);
        let is_taken = taken.is_some();
        let mut read_from = if is_taken { ReadFrom::Rule } else { ReadFrom::Page };
        if !is_taken && let Some(carried) = carried(page, &mut doc) {
            (doc, read_from) = (carried, ReadFrom::Scripts);
        }
        let (mut scores, mut chosen) = (Vec::new(), Vec::new());
        if !doc.blocks.is_empty() {
            let measured;
            (measured, scores, chosen) = self.decide(&doc, taken);
            let shown: f32 = (0..chosen.len()).filter(|i| chosen[*i]).map(|i| measured.blocks[i].mass).sum();
            if is_taken || !is_hidden(&doc, shown) {
                let outcome = match walls::reason(&doc, &measured, &chosen, &scores) {
                    Some(refusal) => Err(refusal),
                    None => Ok(fields::extract(page, &doc, &measured, &chosen, self.config.wire_marks)),
                };
                return Decoded { read_from, outcome, doc, scores, chosen };
            }
        }
        // A page that a script is to fill may still give its text for machines.
        let told = article_body(&doc).map(|body| plain::read(&body)).filter(|told| !told.blocks.is_empty());
        let Some(mut told) = told else {
            return Decoded {
                read_from,
                outcome: Err((Reason::Empty, "the page holds no text".to_owned())),
                doc,
                scores,
                chosen,
            };
        };
        told.blocks.iter_mut().for_each(|block| block.gap = 0);
        let doc = Document { meta: std::mem::take(&mut doc.meta), plain: false, ..told };
        let measured = Measured::new(&doc, &self.model.lexicon);
        let chosen = vec![true; doc.blocks.len()];
        let outcome = Ok(fields::extract(page, &doc, &measured, &chosen, self.config.wire_marks));
        let read_from = ReadFrom::StructuredData;
        Decoded { read_from, outcome, scores: vec![1.0; chosen.len()], doc, chosen }
    }

    /// What the model measures, how likely each block is main text, and which blocks are taken: those that a rule
    /// took, where it did.
    fn decide<'d>(&self, doc: &'d Document, taken: Option<Vec<bool>>) -> (Measured<'d>, Vec<f32>, Vec<bool>) {
        let measured = Measured::new(doc, &self.model.lexicon);
        let (scores, mut chosen) = match taken {
            Some(taken) => (taken.iter().map(|taken| f32::from(u8::from(*taken))).collect(), taken),
            None => {
                let mut scores = self.model.score(&measured);
                evidence::weigh(doc, &measured, &mut scores);
                let mass: Vec<f32> = measured.blocks.iter().map(|m| m.mass).collect();
                let cost = if doc.plain { decode::PLAIN_SWITCH_COST } else { decode::SWITCH_COST };
                let chosen = decode::choose(&mass, &scores, cost);
                (scores, chosen)
            }
        };
        // Captions speak of their pictures; they are text only where there is no other.
        let captions: Vec<usize> =
            (0..chosen.len()).filter(|i| chosen[*i] && measured.is_caption(*i)).collect();
        if captions.len() < chosen.iter().filter(|c| **c).count() {
            captions.into_iter().for_each(|i| chosen[i] = false);
        }
        (measured, scores, chosen)
    }
}

/// What the stage decided on a page.
struct Decoded {
    /// Where the text is taken from.
    read_from: ReadFrom,
    /// The document that it is taken from.
    doc: Document,
    /// How likely each of its blocks is main text.
    scores: Vec<f32>,
    /// Which of them the decode took for it.
    chosen: Vec<bool>,
    /// The record, or why there is none.
    outcome: Result<fields::Parts, (Reason, String)>,
}

/// Letters of paragraphs from which on a page shows a text of its own.
const MIN_SHOWN: usize = 400;

/// The document that the page's scripts are to show, where the page itself shows next to nothing.
fn carried(page: &Page, doc: &mut Document) -> Option<Document> {
    let paragraphs =
        doc.blocks.iter().filter(|b| b.end - b.start >= 80 && b.link_bytes * 2 < b.end - b.start);
    if doc.scripts.is_empty() || paragraphs.map(|b| (b.end - b.start) as usize).sum::<usize>() >= MIN_SHOWN {
        return None;
    }
    let told = html::read(&state::article_markup(&page.body, &doc.scripts)?);
    if told.text.len() < 4 * doc.text.len().min(MIN_SHOWN) {
        return None;
    }
    let (meta, slug) = (std::mem::take(&mut doc.meta), std::mem::take(&mut doc.slug));
    Some(Document { meta, slug, ..told })
}

/// Shortest text for machines that is taken for the page's, in bytes.
const MIN_BODY: usize = 400;

/// The text that the page gives for machines, where it is one.
fn article_body(doc: &Document) -> Option<String> {
    let body = doc.meta.articles.iter().filter(|a| a.rank > 1).map(|a| &a.body).max_by_key(|b| b.len())?;
    // Some give it as markup.
    let text = if body.contains("</") || body.contains("<p>") {
        let inner = html::read(body);
        inner.blocks.iter().map(|b| inner.block_text(b)).collect::<Vec<_>>().join("\n\n")
    } else {
        html::decode_all(body)
    };
    (text.len() >= MIN_BODY).then_some(text)
}

/// Whether the text that the page shows is but a small part of what it gives for machines.
fn is_hidden(doc: &Document, shown: f32) -> bool {
    let given = doc.meta.articles.iter().filter(|a| a.rank > 1).map(|a| a.body.chars().count()).max();
    given.is_some_and(|given| given >= 800 && shown * 4.0 < given as f32)
}

/// A record with what the rule of its site says of all its pages.
fn ruled(mut extracted: Extracted, rule: Option<&Rule>) -> Extracted {
    if let Some(Rule { site, .. }) = rule {
        extracted.language.clone_from(&site.language);
        extracted.section = site.section.clone().or(extracted.section);
    }
    extracted
}

fn read(page: &Page, rule: Option<&Rule>) -> Document {
    let mut doc = match page.markup {
        Markup::Html => html::read_with(&page.body, rule.and_then(|rule| rule.selectors.as_ref())),
        Markup::Plain => plain::read(&page.body),
    };
    doc.slug = page.url.as_deref().map(Slug::of).unwrap_or_default();
    doc
}

#[cfg(test)]
mod tests;
