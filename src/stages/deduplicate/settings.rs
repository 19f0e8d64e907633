//! Settings of fingerprints and verdicts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the stage and of the verdict. They change verdicts, so they stand in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Deduplicate")]
pub struct Config {
    /// Days an article is remembered.
    pub window_days: u32,
    /// Most pages remembered, whatever the window; beyond it the oldest day leaves first.
    pub max_pages: u32,
    /// Hashes of an article's sketch that are kept in memory; more see smaller overlaps. A byte each.
    pub kept_hashes: u32,
    /// Hashes of them that the article can be found by; more find shorter pages that are a part of it. Five bytes more
    /// each.
    pub key_hashes: u32,
    /// Share of one text that has to be found in the other for a near-duplicate, 0 to 1.
    pub near_share: f64,
    /// The same where what they share is spread over the whole text, as in an update, 0 to 1.
    pub reworked_share: f64,
    /// The same where what they share is one passage, which may be a quotation, 0 to 1.
    pub passage_share: f64,
    /// The same for a revision: another text under a URL seen before.
    pub revision_share: f64,
    /// Share of a page that a text found whole within it must make up, 0 to 1; what is less is quoted.
    pub quoted_share: f64,
    /// Share of the numbers of one text that must be in the other if they are of one length, 0 to 1.
    pub numbers_share: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            window_days: 30,
            max_pages: 20_000_000,
            kept_hashes: 40,
            key_hashes: 8,
            near_share: 0.38,
            reworked_share: 0.26,
            passage_share: 0.62,
            revision_share: 0.3,
            quoted_share: 0.22,
            numbers_share: 0.6,
        }
    }
}

impl Config {
    /// What is wrong with the values: key, and what to do.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        if self.window_days == 0 || self.window_days > 3650 {
            out.push(("window_days", format!("is {}, give 1 to 3650 days", self.window_days)));
        }
        if self.max_pages < 1000 {
            out.push(("max_pages", format!("is {}, give 1000 or more", self.max_pages)));
        }
        if !(8..=128).contains(&self.kept_hashes) {
            out.push(("kept_hashes", format!("is {}, give 8 to 128", self.kept_hashes)));
        }
        if !(4..=self.kept_hashes.max(4)).contains(&self.key_hashes) {
            let most = self.kept_hashes;
            out.push((
                "key_hashes",
                format!("is {}, give 4 to {most}, the number of kept_hashes", self.key_hashes),
            ));
        }
        for (key, value) in [
            ("near_share", self.near_share),
            ("reworked_share", self.reworked_share),
            ("passage_share", self.passage_share),
            ("revision_share", self.revision_share),
            ("quoted_share", self.quoted_share),
            ("numbers_share", self.numbers_share),
        ] {
            if !(0.0..=1.0).contains(&value) {
                out.push((key, format!("is {value}, give a share from 0 to 1")));
            }
        }
        out
    }
}
