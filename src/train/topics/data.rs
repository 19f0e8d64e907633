//! Labelled texts → examples over one vocabulary of features.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::Settings;
use crate::eval::{is_for_training, language_code};
use crate::stages::classify_topics::features::features;
use crate::stages::classify_topics::topics::{TOPICS, index_of};
use crate::stages::classify_topics::{TITLE_BYTES, section_hash};

/// Lowest bit of an entry of [`Corpus::entries`]: the feature is in the title.
pub const IN_TITLE: u32 = 1;
const ALL_TOPICS: u32 = (1 << TOPICS) - 1;

/// A row of training data: a labelled text, or a topic of the vocabulary with its labels and
/// definitions by language.
#[derive(Deserialize)]
#[serde(untagged)]
enum Row {
    Text {
        id: serde_json::Value,
        lang: String,
        #[serde(default)]
        title: Option<String>,
        text: String,
        topics: Vec<String>,
        #[serde(default)]
        source: Option<String>,
        #[serde(default)]
        split: Option<String>,
    },
    Concept {
        top: String,
        label: BTreeMap<String, String>,
        #[serde(default)]
        definition: BTreeMap<String, String>,
    },
}

/// One labelled text.
pub struct Example {
    /// Where its features begin in [`Corpus::entries`].
    pub from: usize,
    /// Where they end.
    pub to: usize,
    /// Topics, the primary first.
    pub topics: Vec<u8>,
    /// Bit of each topic that its source can express in its language.
    pub mask: u32,
    /// Index in [`Corpus::sources`].
    pub source: usize,
    /// Index in [`Corpus::languages`].
    pub language: usize,
    /// Kept apart for calibration.
    pub apart: bool,
}

/// A source of labelled texts.
pub struct Source {
    /// Name as the rows give it.
    pub name: String,
    /// Texts of it.
    pub texts: usize,
    /// Bytes of a text in the mean.
    pub mean_bytes: usize,
    /// Passes over it in an epoch.
    pub passes: f32,
}

/// All examples, their features numbered.
#[derive(Default)]
pub struct Corpus {
    /// Labelled texts in the order of the files.
    pub examples: Vec<Example>,
    /// Feature number shifted left by one, and [`IN_TITLE`]; each feature once an example.
    pub entries: Vec<u32>,
    /// Hash of each feature.
    pub hashes: Vec<u64>,
    /// Texts that have the feature.
    pub counts: Vec<u32>,
    /// Where texts come from.
    pub sources: Vec<Source>,
    /// Codes as records use them.
    pub languages: Vec<String>,
    /// Section words and their topics, sorted by hash.
    pub sections: Vec<(u64, u8)>,
    /// Rows that were left out because they are never trained on.
    pub held_out: usize,
}

/// Reads files of rows (`.jsonl`, compressed or not) and of section words (`.tsv`: word, topic number).
///
/// Rows whose split is not `train` are left out, and of sets without splits those whose id has a
/// CRC-32 divisible by five.
///
/// # Errors
/// A file cannot be read, or a row has another form.
pub fn load(files: &[PathBuf], settings: &Settings) -> Result<Corpus> {
    let mut corpus = Corpus::default();
    let mut texts = Texts::default();
    for file in files {
        if file.extension().is_some_and(|e| e == "tsv") {
            sections(file, &mut corpus, &mut texts, settings)?;
        } else {
            for row in crate::eval::read::<Row>(file)? {
                add(row?, &mut corpus, &mut texts, settings)?;
            }
        }
    }
    if corpus.examples.is_empty() {
        bail!("no training data: give files of labelled texts with --data");
    }
    corpus.sections.sort_unstable();
    corpus.sections.dedup_by_key(|(hash, _)| *hash);
    for source in &mut corpus.sources {
        source.mean_bytes /= source.texts.max(1);
    }
    masks(&mut corpus);
    number(&mut corpus, texts, settings.min_texts);
    Ok(corpus)
}

/// Hashes of all texts one behind the other; the top bit says that the feature is in the title.
#[derive(Default)]
struct Texts {
    hashes: Vec<u64>,
    languages: HashMap<String, usize>,
}

const TITLE_BIT: u64 = 1 << 63;

fn add(row: Row, corpus: &mut Corpus, texts: &mut Texts, settings: &Settings) -> Result<()> {
    match row {
        Row::Text { id, lang, title, text, topics, source, split } => {
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            if !is_for_training(&id, split.as_deref()) {
                corpus.held_out += 1;
                return Ok(());
            }
            let topics: Vec<u8> = topics.iter().filter_map(|code| index_of(code)).map(|t| t as u8).collect();
            // Some sets have the title as the text's first line.
            let (title, text) = match (&title, text.split_once('\n')) {
                (Some(title), _) => (title.as_str(), text.as_str()),
                (None, Some((first, rest))) if first.len() <= TITLE_BYTES => (first, rest),
                (None, _) => ("", text.as_str()),
            };
            let source = source.as_deref().unwrap_or("rows");
            // Translations share the end of their ids: they are kept apart together.
            let apart = apart(id.rsplit('-').next().unwrap_or(&id));
            push(corpus, texts, settings, Text { title, text, topics, source, language: &lang, apart });
        }
        Row::Concept { top, label, definition } => {
            let Some(topic) = index_of(&top) else { return Ok(()) };
            for (language, label) in &label {
                let text = definition.get(language).map_or("", String::as_str);
                let topics = vec![topic as u8];
                let source = "vocabulary";
                push(
                    corpus,
                    texts,
                    settings,
                    Text { title: label, text, topics, source, language, apart: false },
                );
            }
        }
    }
    Ok(())
}

fn sections(file: &Path, corpus: &mut Corpus, texts: &mut Texts, settings: &Settings) -> Result<()> {
    let lines = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    for line in lines.lines().filter(|line| !line.starts_with('#')) {
        let Some((word, topic)) = line.split_once('\t').and_then(|(w, t)| Some((w, t.parse::<u8>().ok()?)))
        else {
            bail!("{}: {line:?} is not a word, a tab and a topic's number", file.display());
        };
        if !(1..=TOPICS as u8).contains(&topic) {
            bail!("{}: {topic} is not a topic's number, 1 to {TOPICS}", file.display());
        }
        corpus.sections.push((section_hash(word), topic - 1));
        let topics = vec![topic - 1];
        let language = "und";
        push(
            corpus,
            texts,
            settings,
            Text { title: word, text: "", topics, source: "sections", language, apart: false },
        );
    }
    Ok(())
}

struct Text<'a> {
    title: &'a str,
    text: &'a str,
    topics: Vec<u8>,
    source: &'a str,
    language: &'a str,
    apart: bool,
}

fn push(corpus: &mut Corpus, texts: &mut Texts, settings: &Settings, text: Text<'_>) {
    let from = texts.hashes.len();
    features(text.title, TITLE_BYTES, &mut |hash| texts.hashes.push(hash | TITLE_BIT));
    features(text.text, settings.learnt_bytes as usize, &mut |hash| texts.hashes.push(hash & !TITLE_BIT));
    let source = corpus.sources.iter().position(|s| s.name == text.source).unwrap_or_else(|| {
        let passes = settings.passes.iter().find(|(name, _)| name == text.source).map_or(1.0, |(_, n)| *n);
        corpus.sources.push(Source { name: text.source.to_owned(), texts: 0, mean_bytes: 0, passes });
        corpus.sources.len() - 1
    });
    corpus.sources[source].texts += 1;
    corpus.sources[source].mean_bytes += text.text.len();
    let code = language_code(text.language);
    let language = *texts.languages.entry(code).or_insert_with_key(|code| {
        corpus.languages.push(code.clone());
        corpus.languages.len() - 1
    });
    corpus.examples.push(Example {
        from,
        to: texts.hashes.len(),
        topics: text.topics,
        mask: 0,
        source,
        language,
        apart: text.apart,
    });
}

/// One in eight is kept apart for calibration.
fn apart(key: &str) -> bool {
    let mut crc = flate2::Crc::new();
    crc.update(key.as_bytes());
    crc.sum() % 8 == 1
}

/// Which topics a source can express: all, where it has had all of them in some language; else those that it has had in
/// the example's language. An absent label means nothing beyond.
fn masks(corpus: &mut Corpus) {
    let mut by_source = vec![0_u32; corpus.sources.len()];
    let mut by_language: HashMap<(usize, usize), u32> = HashMap::new();
    for example in &corpus.examples {
        for topic in &example.topics {
            by_source[example.source] |= 1 << topic;
            *by_language.entry((example.source, example.language)).or_default() |= 1 << topic;
        }
    }
    for example in &mut corpus.examples {
        let all = by_source[example.source] == ALL_TOPICS;
        let seen = by_language.get(&(example.source, example.language)).copied().unwrap_or(0);
        example.mask = if all { ALL_TOPICS } else { seen };
    }
}

/// Numbers the features that at least `min_texts` texts have, in order of first sight.
///
/// The upper 63 bits of a hash tell features apart here; a first pass over small counters spares the table the many that
/// occur once.
fn number(corpus: &mut Corpus, texts: Texts, min_texts: u32) {
    const COUNTERS: usize = 27;
    let mut counters = vec![0_u8; 1 << COUNTERS];
    let counter = |hash: u64| (hash << 1 >> (64 - COUNTERS)) as usize;
    let mut distinct: Vec<u64> = Vec::new();
    let mut each = |example: &Example, act: &mut dyn FnMut(u64)| {
        distinct.clear();
        distinct.extend(texts.hashes[example.from..example.to].iter().map(|hash| hash & !TITLE_BIT));
        distinct.sort_unstable();
        distinct.dedup();
        distinct.iter().for_each(|hash| act(*hash));
    };
    for example in &corpus.examples {
        each(example, &mut |hash| counters[counter(hash)] = counters[counter(hash)].saturating_add(1));
    }
    let mut numbers: HashMap<u64, u32> = HashMap::new();
    for example in &corpus.examples {
        each(example, &mut |hash| {
            if u32::from(counters[counter(hash)]) >= min_texts {
                let next = corpus.hashes.len() as u32;
                let number = *numbers.entry(hash).or_insert(next);
                if number == next {
                    corpus.hashes.push(hash);
                    corpus.counts.push(0);
                }
                corpus.counts[number as usize] += 1;
            }
        });
    }
    for example in &mut corpus.examples {
        let from = corpus.entries.len();
        let mut own: Vec<u32> = texts.hashes[example.from..example.to]
            .iter()
            .filter_map(|hash| {
                let number = *numbers.get(&(hash & !TITLE_BIT))?;
                // The title sorts first, so it wins where a feature is in both.
                let place = if hash & TITLE_BIT == 0 { 1 } else { 0 };
                (corpus.counts[number as usize] >= min_texts).then_some(number << 1 | place)
            })
            .collect();
        own.sort_unstable();
        own.dedup_by_key(|entry| *entry >> 1);
        corpus.entries.extend(own.into_iter().map(|entry| entry ^ IN_TITLE));
        example.from = from;
        example.to = corpus.entries.len();
    }
}
