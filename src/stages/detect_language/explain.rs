//! What the language was found by: for `newsmill explain`.

use schemars::JsonSchema;
use serde::Serialize;

use super::evidence::Evidence;
use super::grams::{ALL_ORDERS, Found, UNIT};
use super::weigh::Opinions;
use super::{DetectLanguage, codes, rounded};
use crate::record::{Extracted, Language};

/// What spoke for the language of a text.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LanguageEvidence {
    /// The answer, as the record has it.
    pub language: Language,
    /// The likeliest languages, best first, before close relatives are told apart.
    pub candidates: Vec<LanguageCandidate>,
    /// What was asked, in the order in which it was.
    pub steps: Vec<String>,
    /// What the page claims: weak evidence, which settles only what the text leaves open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<String>,
    /// Words of the sample that tell the likeliest language from the next, the most telling first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// The language that they tell it from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_from: Option<String>,
    /// Bytes of the text that were read.
    pub sample_bytes: usize,
}

/// A language that the text may be in.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LanguageCandidate {
    /// ISO 639-1 code (639-3 where there is none).
    pub code: String,
    /// Its share among the likeliest, 0 to 1, before the curve that makes it a confidence.
    pub share: f64,
}

/// What is put down on the way to an answer, where somebody asks.
#[derive(Debug, Default)]
pub(super) struct Trail {
    /// The sample that was read last.
    pub read: String,
    /// What was asked.
    pub steps: Vec<String>,
    /// Languages with their shares, best first.
    pub shares: Vec<(&'static str, f64)>,
}

impl Trail {
    /// Puts down a step.
    pub fn step(&mut self, step: impl Into<String>) {
        self.steps.push(step.into());
    }

    /// Puts down what the answer is taken from.
    pub fn close(&mut self, evidence: &Evidence, opinions: &Opinions, read: &str) {
        let parts = evidence.parts();
        read.clone_into(&mut self.read);
        let says = format!("the model of character n-grams read {} n-grams in {parts} parts", evidence.grams);
        self.steps.insert(0, says);
        self.shares = opinions.shares(MOST_CANDIDATES);
    }
}

/// Languages that are given.
const MOST_CANDIDATES: usize = 5;
/// Words that are given.
const MOST_WORDS: usize = 12;
/// Share of a language below which nobody asks how it was told apart.
const LEAST_SHARE: f64 = 0.0005;

impl DetectLanguage {
    /// What spoke for the language of title and text; `page_hint` is what HTTP headers claim.
    pub fn explain(&self, extracted: &Extracted, page_hint: Option<&str>) -> LanguageEvidence {
        let mut trail = Trail::default();
        let language = self.detect_along(extracted, page_hint, Some(&mut trail));
        let claims = [(extracted.language_hint.as_deref(), "the page"), (page_hint, "its HTTP headers")];
        let claim = |(claim, who): (Option<&str>, &str)| {
            let claim = claim?;
            let known = codes::normalise(claim).map_or("no language", |code| code);
            Some(format!("{who}: {claim} ({known})"))
        };
        let best = trail.shares.first().map(|best| best.0);
        let next = trail.shares.get(1).map(|next| next.0);
        let words = best.zip(next).map_or_else(Vec::new, |(a, b)| self.telling(&trail.read, a, b));
        let shares =
            trail.shares.iter().enumerate().filter(|(n, (_, share))| *n == 0 || *share >= LEAST_SHARE);
        let candidates = shares
            .map(|(_, (code, share))| LanguageCandidate {
                code: (*code).to_owned(),
                share: (share * 1000.0).round() / 1000.0,
            })
            .collect();
        let mut steps = trail.steps;
        if language.code == "und" {
            steps.push(format!(
                "nothing is named: too few letters, none of the languages set, or less sure than {}",
                rounded(self.config.min_confidence)
            ));
        }
        LanguageEvidence {
            language,
            candidates,
            steps,
            claims: claims.into_iter().filter_map(claim).collect(),
            told_from: next.filter(|_| !words.is_empty()).map(str::to_owned),
            words,
            sample_bytes: trail.read.len(),
        }
    }

    /// Words of a sample whose n-grams speak more for one language than for another, the most telling first.
    fn telling(&self, read: &str, code: &str, other: &str) -> Vec<String> {
        let classes = |code: &str| -> Vec<usize> {
            (0..self.codes.len()).filter(|class| self.codes[*class] == code).collect()
        };
        let (own, others) = (classes(code), classes(other));
        let mut found = Found::default();
        let mut words: Vec<(f64, &str)> = Vec::new();
        for word in read.split_whitespace() {
            let mut scores = [0; 256];
            self.model.score(word, ALL_ORDERS, &mut found, &mut scores);
            let best = |classes: &[usize]| classes.iter().map(|class| scores[*class]).max().unwrap_or(0);
            let lead = f64::from(best(&own)) - f64::from(best(&others));
            if lead > UNIT && !words.iter().any(|(_, known)| *known == word) {
                words.push((lead, word));
            }
        }
        words.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        words.into_iter().take(MOST_WORDS).map(|(_, word)| word.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::detect_language::Config;

    fn explain(text: &str, page_hint: Option<&str>) -> LanguageEvidence {
        let extracted = Extracted { text: text.to_owned(), ..Extracted::default() };
        DetectLanguage::new(&Config::default()).explain(&extracted, page_hint)
    }

    #[test]
    fn a_long_text_names_what_told_it() {
        let text = "The ferries between the islands stayed in port on Saturday, as the crews went on strike over \
                    their pay and hours. The union said that its members would not work before the company made \
                    another offer. ";
        let evidence = explain(&text.repeat(8), Some("en-GB"));
        assert_eq!(evidence.language.code, "en");
        assert_eq!(evidence.candidates[0].code, "en");
        assert!(evidence.candidates[0].share > 0.9);
        assert!(evidence.steps[0].contains("n-grams"), "{:?}", evidence.steps);
        assert_eq!(evidence.claims, ["its HTTP headers: en-GB (en)"]);
        assert!(!evidence.words.is_empty() && evidence.told_from.is_some());
        assert!(evidence.words.iter().all(|word| text.contains(word.as_str())), "{:?}", evidence.words);
    }

    #[test]
    fn the_second_opinion_is_named_on_short_text() {
        let evidence = explain("Fergerne blev i havn lørdag", None);
        assert!(evidence.steps.iter().any(|step| step.contains("lingua")), "{:?}", evidence.steps);
    }

    #[test]
    fn no_text_has_no_language() {
        let evidence = explain("12 – 3", None);
        assert_eq!(evidence.language.code, "und");
        assert!(evidence.candidates.is_empty() && evidence.words.is_empty());
        assert!(evidence.steps[0].contains("nothing is named"));
    }
}
