//! What the stage made of each block of a page and of its fields, and why: for `newsmill explain`.
//!
//! The page is read as it always is; what weighed how much is worked out afterwards, so that nobody else pays for it.

mod attribution;
mod features;
mod fields;
mod rows;

use schemars::JsonSchema;
use serde::Serialize;

use super::document::Document;
use super::evidence::{self, Sign};
use super::features::{BASE, Measured, Row};
use super::phrases;
use super::roles::{self, Role};
use super::{Decoded, StripBoilerplate, ruled};
use crate::record::{Extracted, Page, Reason};
use attribution::Attribution;
use features::Feature;
pub use fields::{Candidate, Field};

/// A block of a page and what became of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ExplainedBlock {
    /// Kind of element that it stands in; `other` on plain-text pages.
    pub element: String,
    /// Its text.
    pub text: String,
    /// Share of it in links, 0 to 1.
    pub links: f32,
    /// Probability that it is main text, 0 to 1.
    pub score: f32,
    /// Whether the decode took it, before fields and inset stories are taken out.
    pub chosen: bool,
    /// Whether it is in the text of the record; never where the page was rejected.
    pub kept: bool,
    /// What it is.
    pub role: Role,
    /// Why it was kept or dropped, in a sentence.
    pub why: String,
    /// What weighed for its score and against it, the heaviest first: the log odds of the score are `base` and the sum of
    /// these, and of those that are too small to be given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<Weight>,
    /// Log odds of a block of the page before anything is known of it: the model's mean over the page.
    pub base: f32,
}

/// Something that weighed for a block, or against it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Weight {
    /// What it is about: `links`, `length`, `boxes` …, or `rule`.
    pub matter: &'static str,
    /// What was seen, in words.
    pub said: String,
    /// By how much it moved the log odds; below zero: away from main text.
    pub by: f32,
}

/// What the stage made of a page.
#[derive(Debug)]
pub struct Explained {
    /// Where the text was taken from.
    pub read_from: ReadFrom,
    /// All blocks in page order.
    pub blocks: Vec<ExplainedBlock>,
    /// Title, authors and dates with their candidates; empty where the page was rejected.
    pub fields: Vec<Field>,
    /// What later stages are given, or why there is nothing.
    pub outcome: Result<Extracted, (Reason, String)>,
}

/// Where the text of a page was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadFrom {
    /// What the page shows.
    Page,
    /// What its scripts are to show.
    Scripts,
    /// The text that it gives for machines.
    StructuredData,
    /// Those of its blocks that the rule of its site takes.
    Rule,
}

/// Weights that are given of a block.
const MOST_WEIGHTS: usize = 8;
/// Smallest weight that is given, in log odds.
const LEAST_WEIGHT: f32 = 0.05;
/// Share of the first reading's weights that has to be left of them in their sum, for its word to be spread over them.
const LEFT: f32 = 0.2;

impl StripBoilerplate {
    /// Every block of the page with what became of it and why: of the document that the text was taken from, which is
    /// another than the page shows where its text stands in scripts or in its structured data.
    pub fn explain(&self, page: &Page) -> Explained {
        let rule = self.rule(page);
        let decoded = self.decode(page, rule);
        let Decoded { doc, scores, chosen, read_from, outcome } = &decoded;
        let measured = Measured::new(doc, &self.model.lexicon);
        let roles = roles::label(doc, &measured, outcome.as_ref().ok());
        // Of text for machines all is taken, and a rule takes what it says, whatever the model would say.
        let mut weights = match read_from {
            ReadFrom::StructuredData | ReadFrom::Rule => Vec::new(),
            _ => self.weights(doc, &measured),
        };
        weights.resize_with(doc.blocks.len(), Default::default);
        let kept = |index: usize| outcome.as_ref().is_ok_and(|parts| parts.kept(index));
        let explained = doc.blocks.iter().zip(scores).zip(chosen).zip(roles).zip(weights).enumerate();
        let blocks = explained
            .map(|(index, ((((block, score), chosen), role), (base, weights)))| ExplainedBlock {
                element: format!("{:?}", doc.element_of(block).tag).to_lowercase(),
                text: doc.block_text(block).to_owned(),
                links: measured.blocks[index].links,
                score: *score,
                chosen: *chosen,
                kept: kept(index),
                role,
                why: why(*read_from, outcome.is_ok(), *score, *chosen, kept(index), role),
                weights,
                base,
            })
            .collect();
        let fields = outcome.as_ref().map_or_else(
            |_| Vec::new(),
            |parts| fields::explain(page, doc, &measured, &decoded.chosen, parts),
        );
        let read_from = *read_from;
        let outcome = decoded.outcome.map(|parts| ruled(parts.record, rule));
        Explained { read_from, blocks, fields, outcome }
    }

    /// The base, and what weighed for each block and against it.
    fn weights(&self, doc: &Document, measured: &Measured<'_>) -> Vec<(f32, Vec<Weight>)> {
        let mut rows = measured.rows();
        let first = Attribution::new(&self.model.first, &rows);
        let by_first: Vec<[f32; BASE]> = rows.iter().map(|row| head(&first.of(row))).collect();
        let scores = self.model.first.score(&rows);
        measured.second_reading(&mut rows, &scores);
        let second = Attribution::new(&self.model.second, &rows);
        let scores = self.model.second.score(&rows);
        let mut signs: Vec<Vec<Sign>> = vec![Vec::new(); rows.len()];
        evidence::signs(doc, measured, &scores, |index, sign| signs[index].push(sign));
        let names = rows::all();
        let base = second.base();
        let each = rows.iter().zip(by_first).zip(signs).enumerate();
        each.map(|(index, ((row, by_first), signs))| {
            let mut by = second.of(row);
            spread(&mut by, &by_first);
            let mut weights = gathered(&names, row, &by);
            for sign in signs {
                let said = said(sign, measured, index);
                weights.push(Weight { matter: "rule", said, by: sign.shift() });
            }
            weights.sort_by(|a, b| b.by.abs().total_cmp(&a.by.abs()));
            weights.truncate(MOST_WEIGHTS);
            weights.retain(|weight| weight.by.abs() >= LEAST_WEIGHT);
            (base, weights)
        })
        .collect()
    }
}

/// The features that the first reading knows.
fn head(by: &[f32; super::features::FEATURES]) -> [f32; BASE] {
    std::array::from_fn(|feature| by[feature])
}

/// Spreads what the first reading's word for a block weighed over what that word came from.
fn spread(by: &mut [f32], by_first: &[f32; BASE]) {
    let (sum, all) =
        by_first.iter().fold((0.0f32, 0.0f32), |(sum, all), part| (sum + part, all + part.abs()));
    // Of weights that cancel each other out no share says anything.
    if sum.abs() < LEFT * all {
        return;
    }
    let word = std::mem::take(&mut by[BASE]);
    by.iter_mut().zip(by_first).for_each(|(by, part)| *by += word * part / sum);
}

/// Weights by what they are about, said by the feature that has most of it.
fn gathered(names: &[Feature], row: &Row, by: &[f32]) -> Vec<Weight> {
    let mut out: Vec<(features::Matter, f32, usize)> = Vec::new();
    for (index, (feature, by_this)) in names.iter().zip(by).enumerate().filter(|(_, (_, by))| **by != 0.0) {
        match out.iter_mut().find(|(matter, ..)| *matter == feature.matter) {
            Some((_, sum, most)) => {
                *sum += by_this;
                if by_this.abs() > by[*most].abs() {
                    *most = index;
                }
            }
            None => out.push((feature.matter, *by_this, index)),
        }
    }
    // The one that is heaviest may pull the other way than all of a matter do: then the heaviest that pulls theirs speaks.
    let speaker = |matter: features::Matter, sum: f32, most: usize| {
        let own = (0..names.len()).filter(|i| names[*i].matter == matter && by[*i] * sum > 0.0);
        own.max_by(|a, b| by[*a].abs().total_cmp(&by[*b].abs())).unwrap_or(most)
    };
    out.into_iter()
        .map(|(matter, sum, most)| {
            let index = speaker(matter, sum, most);
            Weight { matter: matter.as_str(), said: names[index].said(row[index]), by: sum }
        })
        .collect()
}

/// What a rule saw, in words.
fn said(sign: Sign, measured: &Measured<'_>, index: usize) -> String {
    let counts = &measured.blocks[index].phrases.counts;
    let most = (0..phrases::GROUPS).max_by_key(|group| (counts[*group], phrases::GROUPS - group));
    let of = |what: &str| match most.filter(|group| counts[*group] > 0) {
        Some(group) => format!("{what}: {}", features::PHRASES[group]),
        None => what.to_owned(),
    };
    match sign {
        Sign::OwnVoice => of("the site speaks for itself"),
        Sign::Head => of("a line that heads what is not text"),
        Sign::Tools => "a line to share, print or comment".to_owned(),
        Sign::ConsentBox => "it stands in a box about consent".to_owned(),
        Sign::ReadAlso => "it leads to another story".to_owned(),
        Sign::Teaser => "the beginning of another story, to be read on elsewhere".to_owned(),
        Sign::List => "a short line below a head of further reading".to_owned(),
        Sign::LinkList => "a link below a head of further reading".to_owned(),
        Sign::AfterComments => "it stands behind the head of the comments".to_owned(),
        Sign::Tail => "it stands behind most of the text, below what closes it".to_owned(),
    }
}

/// Why a block was kept or dropped, in a sentence.
fn why(read_from: ReadFrom, is_article: bool, score: f32, chosen: bool, kept: bool, role: Role) -> String {
    let likely = score >= 0.5;
    let text = match (kept, chosen) {
        _ if !is_article => "The page was rejected, so nothing of it is kept.",
        (true, _) if read_from == ReadFrom::StructuredData => {
            "It is in the text that the page gives for machines."
        }
        (true, _) if read_from == ReadFrom::Rule => "The rule of the site takes it.",
        (false, false) if read_from == ReadFrom::Rule => "The rule of the site does not take it.",
        (true, _) if likely => "It reads like the article's text.",
        (true, _) => "It is no clear case, and is kept for what stands around it: text is kept whole.",
        (false, _) => match role {
            Role::Title => "It is the headline, which has a field of its own.",
            Role::Kicker => "It is the kicker, which has a field of its own.",
            Role::Byline => "It says who signs, which has a field of its own.",
            Role::Date => "It is the date, which has a field of its own.",
            Role::Dateline => "It is the dateline, which has a field of its own.",
            Role::InsetStory => "It is part of another story on the page, which is kept on its own.",
            Role::Teaser if chosen => "It is the beginning of another story.",
            Role::Advertisement if chosen => "It is the word for advertising, and nothing else.",
            _ if chosen => "It reads like text, but stands apart from the article.",
            Role::Caption if likely => "It is a caption: it speaks of a picture.",
            _ if likely => "It reads like text, but is too little of it for where it stands.",
            _ => "It does not read like the article's text.",
        },
    };
    text.to_owned()
}

#[cfg(test)]
mod tests;
