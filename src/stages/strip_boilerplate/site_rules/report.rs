//! What a rule did to a page, for `newsmill explain`.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::html;
use super::{Rule, taken};
use crate::record::{Markup, Page};

/// What the rule of a page's site did to it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "SiteRule")]
pub struct Report {
    /// Host that the rule is for.
    pub host: String,
    /// Beginning of the paths that it is for; empty: all.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Language that it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Section that it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Every selector of what to take, with what it found. Where none found any text newsmill decided as ever.
    pub take: Vec<Taken>,
    /// Every element that was dropped, in page order.
    pub dropped: Vec<Dropped>,
}

/// What a selector took.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Taken {
    /// As it is written in the rule.
    pub selector: String,
    /// Blocks of the page that it took, of those that are numbered in the explanation.
    pub blocks: Vec<usize>,
}

/// An element that was not read.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Dropped {
    /// As it is written in the rule.
    pub selector: String,
    /// Number of the block that stands behind it.
    pub before: usize,
    /// Its text.
    pub text: String,
}

impl Report {
    /// What a rule did to a page.
    pub fn new(rule: &Rule, page: &Page) -> Self {
        let site = &rule.site;
        let mut report = Self {
            host: site.host.clone(),
            path: site.path.clone(),
            language: site.language.clone(),
            section: site.section.clone(),
            take: Vec::new(),
            dropped: Vec::new(),
        };
        let Some(selectors) = rule.selectors.as_ref().filter(|_| page.markup == Markup::Html) else {
            return report;
        };
        let doc = html::read_with(&page.body, Some(selectors));
        let taken = taken(&doc).unwrap_or_default();
        report.take = selectors
            .taking()
            .map(|(number, selector)| {
                let found = doc.ruled.iter().filter(|ruled| !ruled.drops && ruled.selector == number);
                let mut blocks: Vec<usize> = found
                    .flat_map(|ruled| ruled.blocks.start as usize..ruled.blocks.end as usize)
                    .filter(|index| taken.get(*index).is_some_and(|taken| *taken))
                    .collect();
                blocks.sort_unstable();
                blocks.dedup();
                Taken { selector: selector.to_owned(), blocks }
            })
            .collect();
        report.dropped = doc
            .ruled
            .iter()
            .filter(|ruled| ruled.drops)
            .map(|ruled| {
                let source = ruled.source.start as usize..ruled.source.end as usize;
                let inner = html::read(page.body.get(source).unwrap_or_default());
                let texts: Vec<&str> = inner.blocks.iter().map(|block| inner.block_text(block)).collect();
                Dropped {
                    selector: selectors.written(ruled.selector).to_owned(),
                    before: ruled.blocks.start as usize,
                    text: texts.join("\n"),
                }
            })
            .collect();
        report
    }
}
