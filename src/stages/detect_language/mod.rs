//! Language of the main text.
//!
//! A sample of the text ([`sample`]) goes to a model of character n-grams in some 190 languages ([`grams`]), which is fast,
//! and made by `newsmill train language`. Of a long text its word stands. On short text, and where it is not sure,
//! lingua is asked besides, which is slow, and better at few words in the 75 languages that it has. Their
//! log-likelihoods are added, weighted; the softmax of the sum, put right by a curve ([`weigh`]), is the confidence.
//!
//! The model scores the sample part by part ([`evidence`]), so that a text in two languages is found to be so. Of
//! long text a few parts are scored first, and no more where all of them are in one language beyond doubt. Close relatives
//! are told apart by their words ([`relatives`]).
//!
//! What the page claims (HTML `lang`, HTTP headers) only settles what the text leaves open: which
//! of two close relatives, which of two languages that are about as likely.
//!
//! Deterministic: the model counts in integers; lingua adds floats in no fixed order, so its values are
//! rounded to 3 decimals before they are used.

mod codes;
mod evidence;
mod explain;
pub mod grams;
mod relatives;
mod sample;
#[cfg(test)]
mod tests;
mod weigh;

use lingua::{LanguageDetector, LanguageDetectorBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::evidence::{Evidence, Explanation, GLANCE_ORDERS, LONG_ORDERS};
use self::explain::Trail;
pub use self::explain::{LanguageCandidate, LanguageEvidence};
use self::grams::{ALL_ORDERS, Model};
use self::relatives::Words;
use self::weigh::Opinions;
use crate::record::{Extracted, Language, LanguageAlternative, SecondLanguage};

/// The language model, made by `newsmill train language`. Its card stands beside it.
static MODEL: &[u8] = include_bytes!("../../../models/language.bin");

/// Snippets of a long text, spread evenly over it.
const SNIPPETS: usize = 24;
/// One in so many of them is read first: those say enough of most texts.
const GLANCE: usize = 3;
/// Bytes of each. Fewer and longer snippets mistake the page's head for its main language.
const SNIPPET_BYTES: usize = 50;
/// Bytes of each where a closer look is needed.
const CLOSE_SNIPPET_BYTES: usize = 200;
/// Lingua reads at most four snippets of this many bytes: its time grows with the text, its accuracy no more.
const LINGUA_SNIPPETS: usize = 4;
/// Bytes of each of lingua's snippets.
const LINGUA_SNIPPET_BYTES: usize = 75;
/// Letters from which the title says nothing more.
const LONG_LETTERS: usize = 120;
/// Bytes of a sample from which lingua has nothing to add.
const LINGUA_BYTES: usize = 800;
/// Letters under which nothing can be said.
const MIN_LETTERS: usize = 3;
/// Share of a text from which a second language is named.
const SECOND_SHARE: f64 = 0.15;

/// Settings of the stage.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "DetectLanguage")]
pub struct Config {
    /// Languages to name, as ISO 639-1 codes (639-3 where there is none). Empty: all.
    pub languages: Vec<String>,
    /// What becomes of a text in another language: `und`, or `named` where it is clearly in that language.
    pub others: Others,
    /// Answers that are less sure than this become `und`, 0 to 1.
    pub min_confidence: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self { languages: Vec::new(), others: Others::Und, min_confidence: 0.2 }
    }
}

/// What becomes of a text that is in none of the languages set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Others {
    /// Its language is not known.
    #[default]
    Und,
    /// Its language is named, but where in doubt one of those set is preferred.
    Named,
}

impl Config {
    /// Keys with wrong values: what is wrong, and what to do.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        problems.extend(self.languages.iter().filter_map(|code| Some(("languages", misnamed(code)?))));
        if !(0.0..=1.0).contains(&self.min_confidence) {
            problems.push(("min_confidence", format!("{} is not between 0 and 1", self.min_confidence)));
        }
        problems
    }
}

/// What is wrong with a code that is to be one of those that are given, and what to do; `None` where it is one.
pub fn misnamed(code: &str) -> Option<String> {
    let found = codes::normalise(code);
    let instead = || {
        found.map_or_else(
            || "use the code of ISO 639-1 (two letters), or of ISO 639-3 where there is none".to_owned(),
            |c| format!("use `{c}`"),
        )
    };
    (found != Some(code)).then(|| format!("`{code}` is not a code that is ever given: {}", instead()))
}

/// Every code that a text's language may have with these settings, `und` the last.
pub fn given(config: &Config) -> Vec<&'static str> {
    let all_are = config.languages.is_empty() || config.others == Others::Named;
    let is_given = |code: &&str| all_are || config.languages.iter().any(|wanted| wanted == code);
    codes::all().filter(is_given).chain(["und"]).collect()
}

/// Names the model that is built in: eight digits of its BLAKE3 hash, in hexadecimal.
pub fn version() -> String {
    blake3::hash(MODEL).to_hex()[..8].to_owned()
}

/// The stage with its models loaded.
pub struct DetectLanguage {
    config: Config,
    model: Model<'static>,
    /// Code of each class of the model.
    codes: Vec<&'static str>,
    /// What each class has before a word is read, in the model's units.
    prior: Vec<u32>,
    /// Languages that lingua is asked about, with it.
    lingua: Option<(LanguageDetector, Vec<&'static str>)>,
    /// Lingua with some close relatives alone, for long text: asked of so few it is fast.
    relatives: Vec<(&'static [&'static str], LanguageDetector)>,
    words: Words,
}

impl DetectLanguage {
    /// Loads the language models.
    pub fn new(config: &Config) -> Self {
        // The bytes are part of the program, and a test reads them.
        #[expect(clippy::expect_used)]
        let model = Model::read(MODEL).expect("the language model built in");
        let codes: Vec<_> =
            model.classes.iter().map(|class| codes::normalise(&class.code).unwrap_or("und")).collect();
        let lingua = load_lingua(&|code| {
            config.languages.is_empty() || config.languages.iter().any(|set| set == code)
        });
        // Serbian is left out: of it lingua knows the Cyrillic alone, which nobody takes for Croatian.
        let relatives = [["bs", "hr"].as_slice(), ["id", "ms"].as_slice()]
            .into_iter()
            .filter_map(|group| Some((group, load_lingua(&|code| group.contains(&code))?.0)))
            .collect();
        let known: Vec<_> = lingua::Language::all().iter().filter_map(lingua_code).collect();
        let prior = model
            .classes
            .iter()
            .map(|class| {
                let wanted = config.languages.is_empty() || config.languages.contains(&class.code);
                weigh::prior(known.contains(&class.code.as_str()), wanted, class)
            })
            .collect();
        Self { config: config.clone(), model, codes, prior, lingua, relatives, words: Words::new() }
    }

    /// Language of title and text; `page_hint` is what HTTP headers claim. What the site's rule says stands.
    pub fn detect(&self, extracted: &Extracted, page_hint: Option<&str>) -> Language {
        self.detect_along(extracted, page_hint, None)
    }

    fn detect_along(
        &self,
        extracted: &Extracted,
        page_hint: Option<&str>,
        trail: Option<&mut Trail>,
    ) -> Language {
        let found = self.find(extracted, page_hint, trail);
        match &extracted.language {
            Some(said) if found.code == *said => {
                Language { confidence: 1.0, alternatives: Vec::new(), ..found }
            }
            Some(said) => Language { code: said.clone(), confidence: 1.0, ..Language::default() },
            None => found,
        }
    }

    fn find(&self, extracted: &Extracted, page_hint: Option<&str>, trail: Option<&mut Trail>) -> Language {
        let hints = [extracted.language_hint.as_deref(), page_hint];
        // They are asked for with every language there is.
        let hints = hints.map(|hint| hint.and_then(codes::normalise));
        let hinted = |code: &str| hints.contains(&Some(code));
        let language = self.decide(&extracted.text, extracted.title.as_deref(), &hinted, trail);
        let named = self.config.others == Others::Named || self.is_set(&language.code);
        if language.code == "und" || !named || language.confidence < self.config.min_confidence {
            return unknown();
        }
        language
    }

    /// Whether no other language is written in the script of a class. Words in Latin letters are then names.
    fn has_own_script(&self, class: usize) -> bool {
        let classes = &self.model.classes;
        classes.iter().filter(|other| other.script == classes[class].script).count() == 1
    }

    fn is_set(&self, code: &str) -> bool {
        self.config.languages.is_empty() || self.config.languages.iter().any(|set| set == code)
    }

    fn decide(
        &self,
        text: &str,
        title: Option<&str>,
        hinted: &dyn Fn(&str) -> bool,
        mut trail: Option<&mut Trail>,
    ) -> Language {
        let mut read = String::with_capacity(SNIPPETS * SNIPPET_BYTES * 2);
        let mut evidence = Evidence::new(&self.model);
        let mut letters;
        let mut scored = 0;
        if sample::is_long(text, SNIPPETS, SNIPPET_BYTES) {
            let glance = (0..SNIPPETS).step_by(GLANCE);
            letters = sample::places(text, SNIPPETS, SNIPPET_BYTES, glance, &mut read);
            evidence.add(&self.model, &read, GLANCE_ORDERS);
            let clear = evidence.clear(&self.model, &self.prior);
            if let Some(main) = clear.filter(|main| !codes::needs_a_closer_look(self.codes[*main])) {
                let mut opinions = Opinions::of(&self.codes, &evidence.totals, &self.prior);
                let settled =
                    self.tell_relatives_apart(self.codes[main], text, None, Some(&read), &mut opinions);
                let alone = Explanation { main, second: None };
                if let Some(trail) = trail {
                    trail.step("a glance at the text was enough: nothing else is near");
                    self.put_down(&evidence, &opinions, settled, hinted, &read, trail);
                }
                return self.answer(&evidence, alone, settled, &mut opinions, hinted);
            }
            scored = read.len();
            let rest = (0..SNIPPETS).filter(|place| !place.is_multiple_of(GLANCE));
            letters += sample::places(text, SNIPPETS, SNIPPET_BYTES, rest, &mut read);
        } else {
            letters = sample::sample(text, SNIPPETS, SNIPPET_BYTES, &mut read);
        }
        let title = title.filter(|_| letters < LONG_LETTERS);
        if let Some(title) = title {
            letters += sample::sample(title, 1, LINGUA_SNIPPET_BYTES, &mut read);
        }
        if letters < MIN_LETTERS {
            return unknown();
        }
        let orders = if read.len() > LINGUA_BYTES { LONG_ORDERS } else { ALL_ORDERS };
        evidence.add(&self.model, &read[scored..], orders);
        let mut explanation = evidence.explain(&self.model, &self.prior);
        let is_open = codes::needs_a_closer_look(self.codes[explanation.main]);
        if is_open && text.len() > SNIPPETS * SNIPPET_BYTES {
            read.clear();
            sample::sample(text, SNIPPETS, CLOSE_SNIPPET_BYTES, &mut read);
            evidence = Evidence::new(&self.model);
            evidence.add(&self.model, &read, ALL_ORDERS);
            explanation = evidence.explain(&self.model, &self.prior);
            if let Some(trail) = trail.as_deref_mut() {
                trail.step("more of the text was read: its language has close relatives");
            }
        }
        let mut opinions = Opinions::of(&self.codes, &evidence.totals, &self.prior);
        // Of a text in two languages the larger part was found by counting parts, not by the sum.
        let counted = explanation.second.is_some();
        let is_short = read.len() < LINGUA_BYTES;
        if is_short
            && !counted
            && !opinions.is_clear()
            && let Some((lingua, known)) = &self.lingua
        {
            let mut read = String::new();
            sample::sample(text, LINGUA_SNIPPETS, LINGUA_SNIPPET_BYTES, &mut read);
            if let Some(title) = title {
                sample::sample(title, 1, LINGUA_SNIPPET_BYTES, &mut read);
            }
            let values = ask_lingua(lingua, read);
            if let Some(trail) = trail.as_deref_mut() {
                trail.step(said_by_lingua(&values));
            }
            if !self.has_own_script(explanation.main) && opinions.is_strange(evidence.grams, &values) {
                return unknown();
            }
            opinions.add_lingua(&values, known);
        }
        let long = Some(read.as_str()).filter(|_| !is_short);
        let main = self.codes[explanation.main];
        let settled = self.tell_relatives_apart(main, text, title, long, &mut opinions);
        if let Some(trail) = trail {
            if let Some((class, share)) = explanation.second {
                trail.step(format!(
                    "its parts are best explained by two languages: {:.0} % are in {}",
                    share * 100.0,
                    self.codes[class]
                ));
            }
            self.put_down(&evidence, &opinions, settled, hinted, &read, trail);
        }
        self.answer(&evidence, explanation, settled, &mut opinions, hinted)
    }

    /// Puts down what the answer will be taken from; leaves the opinions as they are.
    fn put_down(
        &self,
        evidence: &Evidence,
        opinions: &Opinions,
        settled: bool,
        hinted: &dyn Fn(&str) -> bool,
        read: &str,
        trail: &mut Trail,
    ) {
        if settled {
            trail.step("words that only one of some close relatives has settled which it is");
        }
        if self.codes.iter().any(|code| hinted(code)) {
            trail.step("what the page claims was added, as weak evidence");
        }
        let mut opinions = opinions.clone();
        opinions.add_hints(hinted);
        trail.close(evidence, &opinions, read);
    }

    /// Adds to the opinions what is known of the close relatives of a language alone: their words, and where these do
    /// not settle it, what lingua says of a `long` sample. (A short one it was shown before, with all its languages.)
    /// Returns whether words settled it.
    fn tell_relatives_apart(
        &self,
        code: &str,
        text: &str,
        title: Option<&str>,
        long: Option<&str>,
        opinions: &mut Opinions,
    ) -> bool {
        let Some((group, _)) = codes::close(code) else { return false };
        let words = self.words.odds([text, title.unwrap_or_default()], group);
        opinions.add(&words.odds);
        opinions.lean(text.len());
        let relatives = self.relatives.iter().find(|(group, _)| group.contains(&code));
        if let Some((_, lingua)) = relatives.filter(|_| !words.is_settled)
            && let Some(read) = long
        {
            opinions.add_long(&ask_lingua(lingua, read.to_owned()));
        }
        words.is_settled
    }

    fn answer(
        &self,
        evidence: &Evidence,
        explanation: Explanation,
        settled: bool,
        opinions: &mut Opinions,
        hinted: &dyn Fn(&str) -> bool,
    ) -> Language {
        let Explanation { main, second } = explanation;
        opinions.add_hints(hinted);
        let Some((mut code, mut confidence)) = opinions.best() else { return unknown() };
        let second = second.map(|(class, share)| (self.codes[class], share));
        if let Some((_, share)) = second {
            code = self.codes[main];
            confidence = weigh::of_two(share);
        }
        code = opinions.closest(code);
        let script = |code: &str| {
            let classes = (0..self.codes.len()).filter(|class| self.codes[*class] == code);
            let best = classes.max_by_key(|class| (evidence.totals[*class], usize::MAX - class))?;
            Some(self.model.classes[best].script.clone())
        };
        let relatives = opinions.relatives(code, settled, hinted);
        let mut alternatives = Vec::new();
        if let Some(relatives) = relatives {
            let whole = confidence;
            code = relatives.code;
            confidence = whole * relatives.share;
            let left = whole - confidence;
            let count = relatives.others.len() as f64;
            alternatives = relatives
                .others
                .iter()
                .filter(|other| self.config.others == Others::Named || self.is_set(other))
                .map(|other| LanguageAlternative {
                    code: (*other).to_owned(),
                    confidence: rounded(left / count),
                })
                .collect();
        }
        Language {
            code: code.to_owned(),
            confidence: rounded(confidence),
            script: codes::has_scripts(code).then(|| script(code)).flatten(),
            alternatives,
            second: second
                .filter(|(_, share)| *share >= SECOND_SHARE)
                .map(|(code, share)| SecondLanguage { code: code.to_owned(), share: rounded(share) }),
        }
    }
}

fn unknown() -> Language {
    Language { code: "und".to_owned(), ..Language::default() }
}

fn rounded(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

fn lingua_code(language: &lingua::Language) -> Option<&'static str> {
    codes::normalise(&language.iso_code_639_1().to_string())
}

/// Lingua for the languages that are wanted and built in; none where there is nothing to tell apart.
fn load_lingua(wanted: &dyn Fn(&str) -> bool) -> Option<(LanguageDetector, Vec<&'static str>)> {
    let mut languages: Vec<lingua::Language> = lingua::Language::all()
        .into_iter()
        .filter(|language| lingua_code(language).is_some_and(wanted))
        .collect();
    languages.sort_by_key(lingua_code);
    if languages.len() < 2 {
        return None;
    }
    let known = languages.iter().filter_map(lingua_code).collect();
    let detector =
        LanguageDetectorBuilder::from_languages(&languages).with_preloaded_language_models().build();
    Some((detector, known))
}

/// Probabilities of lingua's languages, rounded to 3 decimals, in the order of their codes.
fn ask_lingua(lingua: &LanguageDetector, text: String) -> Vec<(&'static str, f64)> {
    // What lingua has no alphabet for, it gives to some language at random.
    if text.chars().filter(|c| c.is_alphabetic()).all(is_unknown_to_lingua) {
        return Vec::new();
    }
    let mut values: Vec<(&'static str, f64)> = lingua
        .compute_language_confidence_values(text)
        .into_iter()
        .filter_map(|(language, p)| Some((lingua_code(&language)?, (p * 1000.0).round() / 1000.0)))
        .collect();
    values.sort_by_key(|value| value.0);
    values
}

/// The best of lingua's probabilities, in words.
fn said_by_lingua(values: &[(&'static str, f64)]) -> String {
    let mut best: Vec<_> = values.iter().filter(|value| value.1 > 0.0).collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let best: Vec<String> = best.iter().take(3).map(|(code, p)| format!("{code} {p:.2}")).collect();
    let said = if best.is_empty() { "nothing".to_owned() } else { best.join(", ") };
    format!("the text is short or in doubt, so lingua was asked, too: {said}")
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
