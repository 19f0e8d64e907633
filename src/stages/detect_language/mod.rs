//! Language of the main text.
//!
//! A cascade. A sample of the text ([`sample`]) goes to CLD2, which is fast and says whether it is
//! sure; on long text its answer stands. Where it is not sure, and on short text, lingua is asked
//! besides, which is slow, good at few words, and always sure of itself, also in languages that it does
//! not have. The two are weighed against each other; what they agree on is nearly certain, what only
//! one says is less so, and where neither knows the answer is `und`.
//!
//! The confidence is the share of right answers that each case had on labelled news in 60 languages,
//! languages that lingua does not have among them. It is rounded to 2 decimals.
//!
//! What the page claims (HTML `lang`, HTTP headers) only settles what the text leaves open: which
//! of two close relatives, which of two disagreeing detectors.
//!
//! Deterministic: CLD2 counts in integers; lingua adds floats in no fixed order, so its values are
//! rounded to 3 decimals before they are used.

mod codes;
mod sample;
#[cfg(test)]
mod tests;

use cld2::{Format, Reliable};
use lingua::{LanguageDetector, LanguageDetectorBuilder};
use serde::{Deserialize, Serialize};

use crate::record::{Extracted, Language};

/// Snippets of a long text, spread evenly over it.
const SNIPPETS: usize = 24;
/// Bytes of each. Fewer and longer snippets mistake the page's head for its main language.
const SNIPPET_BYTES: usize = 100;
/// Lingua reads at most four snippets of this many bytes: its time grows with the text, its accuracy no more.
const LINGUA_SNIPPETS: usize = 4;
/// Bytes of each of lingua's snippets.
const LINGUA_SNIPPET_BYTES: usize = 75;
/// Letters from which a sure CLD2 is better than lingua.
const LONG_LETTERS: usize = 120;
/// Letters under which nothing can be said.
const MIN_LETTERS: usize = 3;
/// What CLD2's word adds to lingua's probability when it is sure, and when it is not.
const CLD2_BONUS: (f64, f64) = (0.2, 0.07);
/// What the page's claim adds to a language that a detector proposes.
const HINT_BONUS: f64 = 0.3;
/// Lingua's word alone counts from this probability on: what is no language stays below.
const LINGUA_ALONE: f64 = 0.2;
/// Room behind the sample's end: CLD2's scanner looks a few bytes ahead.
const PADDING: &str = "        ";

/// Settings of the stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Languages to name, as ISO 639-1 codes (639-3 where there is none); others become `und`. Empty: all.
    pub languages: Vec<String>,
    /// Answers that are less sure than this become `und`, 0 to 1.
    pub min_confidence: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self { languages: Vec::new(), min_confidence: 0.25 }
    }
}

impl Config {
    /// Keys with wrong values: what is wrong, and what to do.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        for code in &self.languages {
            if codes::normalise(code) != Some(code) {
                let instead = codes::normalise(code)
                    .map_or_else(|| "use an ISO 639 code".to_owned(), |c| format!("use `{c}`"));
                problems.push(("languages", format!("`{code}` is not a code that is ever given: {instead}")));
            }
        }
        if !(0.0..=1.0).contains(&self.min_confidence) {
            problems.push(("min_confidence", format!("{} is not between 0 and 1", self.min_confidence)));
        }
        problems
    }
}

/// The stage with its models loaded.
pub struct DetectLanguage {
    config: Config,
    lingua: LanguageDetector,
}

/// What CLD2 says of a sample.
struct Cld2 {
    /// Language of the largest share.
    code: &'static str,
    /// Its share of the content, 0 to 1.
    share: f64,
    /// Whether CLD2 calls itself sure.
    sure: bool,
}

impl DetectLanguage {
    /// Loads the language models.
    pub fn new(config: &Config) -> Self {
        let lingua = LanguageDetectorBuilder::from_all_languages().with_preloaded_language_models().build();
        Self { config: config.clone(), lingua }
    }

    /// Language of title and text; `page_hint` is what HTTP headers claim.
    pub fn detect(&self, extracted: &Extracted, page_hint: Option<&str>) -> Language {
        let hints = [extracted.language_hint.as_deref(), page_hint];
        let hinted = |code: &str| hints.iter().flatten().any(|hint| codes::normalise(hint) == Some(code));
        let (code, confidence) = self.decide(&extracted.text, extracted.title.as_deref(), hinted);
        let wanted = self.config.languages.is_empty() || self.config.languages.iter().any(|c| c == code);
        if code == "und" || !wanted || confidence < self.config.min_confidence {
            return Language { code: "und".to_owned(), confidence: 0.0 };
        }
        Language { code: code.to_owned(), confidence: (confidence * 100.0).round() / 100.0 }
    }

    fn decide(&self, text: &str, title: Option<&str>, hinted: impl Fn(&str) -> bool) -> (&'static str, f64) {
        let mut read = String::with_capacity(SNIPPETS * SNIPPET_BYTES * 2);
        let mut letters = sample::sample(text, SNIPPETS, SNIPPET_BYTES, &mut read);
        let title = title.filter(|_| letters < LONG_LETTERS);
        if let Some(title) = title {
            letters += sample::sample(title, 1, LINGUA_SNIPPET_BYTES, &mut read);
        }
        if letters < MIN_LETTERS {
            return ("und", 0.0);
        }
        let cld2 = ask_cld2(&mut read);
        if cld2.sure && letters >= LONG_LETTERS {
            return on_long_text(&cld2, hinted);
        }
        let mut read = String::new();
        sample::sample(text, LINGUA_SNIPPETS, LINGUA_SNIPPET_BYTES, &mut read);
        if let Some(title) = title {
            sample::sample(title, 1, LINGUA_SNIPPET_BYTES, &mut read);
        }
        weigh(&cld2, &self.ask_lingua(read), hinted)
    }

    /// Probabilities of lingua's best languages, best first, rounded to 3 decimals.
    fn ask_lingua(&self, text: String) -> Vec<(&'static str, f64)> {
        // What lingua has no alphabet for, it gives to some language at random.
        if text.chars().filter(|c| c.is_alphabetic()).all(is_unknown_to_lingua) {
            return Vec::new();
        }
        let mut best: Vec<(&'static str, f64)> = self
            .lingua
            .compute_language_confidence_values(text)
            .into_iter()
            .take(5)
            .filter_map(|(language, p)| {
                let code = codes::normalise(&language.iso_code_639_1().to_string())?;
                Some((code, (p * 1000.0).round() / 1000.0))
            })
            .collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        best
    }
}

/// Asks CLD2 for the language with the largest share. Its own summary is not used: it passes over English for any other
/// language of some size, a rule for web pages with English menus that extraction has removed.
fn ask_cld2(read: &mut String) -> Cld2 {
    let end = read.len();
    read.push_str(PADDING);
    // Hints stay empty: this binding hands CLD2 pointers that are no longer valid.
    let result = cld2::detect_language_ext(&read[..end], Format::Text, &cld2::Hints::default());
    let sure = result.reliability == Reliable;
    let mut best = Cld2 { code: "und", share: 0.0, sure };
    let mut total = 0.0;
    for score in &result.scores {
        let code = score.language.and_then(|lang| codes::normalise(lang.0));
        // CLD2 learnt Kurdish from Sorani, which has a code of its own; Kurmanji is written in Latin letters.
        let code = code.map(|code| if code == "ku" && is_arabic(&read[..end]) { "ckb" } else { code });
        let content = f64::from(score.percent) / code.map_or(1.0, codes::bytes_per_content);
        total += content;
        if let Some(code) = code.filter(|_| content > best.share) {
            best = Cld2 { code, share: content, sure };
        }
    }
    best.share /= f64::max(total, 1.0);
    best.sure &= best.code != "und";
    best
}

/// CLD2 is sure of a long text: its word stands.
fn on_long_text(cld2: &Cld2, hinted: impl Fn(&str) -> bool) -> (&'static str, f64) {
    // Of two languages on a page the larger is right less often the nearer it is to half.
    let share = ((cld2.share - 0.4) / 0.4).clamp(0.0, 1.0);
    let sure = 0.6 + 0.395 * share;
    match codes::close(cld2.code) {
        None => (cld2.code, sure),
        Some((group, alone)) => match group.iter().find(|code| hinted(code)) {
            Some(code) => (code, sure * 0.95),
            None => (cld2.code, sure * alone),
        },
    }
}

/// Weighs the two detectors on short text, or where CLD2 is not sure.
fn weigh(cld2: &Cld2, lingua: &[(&'static str, f64)], hinted: impl Fn(&str) -> bool) -> (&'static str, f64) {
    let bonus = |code: &str| if hinted(code) { HINT_BONUS } else { 0.0 };
    let best = lingua.iter().copied().map(|(code, p)| (code, p, p + bonus(code)));
    let best = best.reduce(|a, b| if b.2 > a.2 { b } else { a });
    let Some((code, p, weight)) = best else {
        return if cld2.sure { (cld2.code, on_its_own(cld2)) } else { ("und", 0.0) };
    };
    if cld2.code == code {
        return (code, agreed(p));
    }
    if cld2.code == "und" {
        // Nobody contradicts, but nobody confirms.
        return if weight >= LINGUA_ALONE { (code, 0.25 + 0.65 * p) } else { ("und", 0.0) };
    }
    if !codes::is_known_to_lingua(cld2.code) {
        // Lingua cannot know it, and is sure of something else all the same.
        return if cld2.sure { (cld2.code, on_its_own(cld2)) } else { (code, 0.3) };
    }
    let hindi_or_marathi = matches!((cld2.code, code), ("hi", "mr") | ("mr", "hi"));
    let theirs = lingua.iter().find(|(c, _)| *c == cld2.code).map_or(0.0, |(_, p)| *p);
    let theirs = theirs + bonus(cld2.code) + if cld2.sure { CLD2_BONUS.0 } else { CLD2_BONUS.1 };
    if theirs > weight || (hindi_or_marathi && cld2.sure) {
        (cld2.code, 0.6)
    } else {
        (code, if cld2.sure { 0.45 } else { 0.3 })
    }
}

/// Share of right answers where CLD2 is sure and lingua cannot know.
fn on_its_own(cld2: &Cld2) -> f64 {
    0.93 * codes::close(cld2.code).map_or(1.0, |(_, alone)| alone)
}

/// Share of right answers where both agree, by lingua's probability.
fn agreed(p: f64) -> f64 {
    const KNOTS: [(f64, f64); 7] =
        [(0.0, 0.5), (0.35, 0.68), (0.55, 0.8), (0.65, 0.91), (0.75, 0.96), (0.85, 0.98), (1.0, 0.995)];
    for pair in KNOTS.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if p <= x1 {
            return y0 + (y1 - y0) * (p - x0) / (x1 - x0);
        }
    }
    KNOTS[6].1
}

/// Whether the first letter is of the Arabic script.
fn is_arabic(text: &str) -> bool {
    text.chars().find(|c| c.is_alphabetic()).is_some_and(|c| matches!(c, '\u{600}'..='\u{6ff}'))
}

/// Letters of scripts in which lingua has no language.
fn is_unknown_to_lingua(c: char) -> bool {
    matches!(u32::from(c),
        0x0700..=0x08ff // Syriac, Thaana, N'Ko
        | 0x0b00..=0x0b7f // Odia
        | 0x0c80..=0x0dff // Kannada, Malayalam, Sinhala
        | 0x0e80..=0x109f // Lao, Tibetan, Burmese
        | 0x1200..=0x139f // Ethiopic
        | 0x13a0..=0x1cff // Cherokee … Khmer, Mongolian
        | 0x2c00..=0x2dff // Glagolitic, Tifinagh, Ethiopic extended
        | 0xa000..=0xa63f | 0xa6a0..=0xa6ff // Yi, Lisu, Vai, Bamum
        | 0xaa00..=0xabff // Cham, Tai Viet, Ethiopic extended, Meetei Mayek
        | 0x10000..=0x1ffff)
}
