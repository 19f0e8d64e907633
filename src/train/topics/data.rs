//! Labelled texts → examples over one vocabulary of features.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::Settings;
use crate::eval::{is_for_training, language_code};
use crate::stages::classify_topics::TITLE_BYTES;
use crate::stages::classify_topics::evidence::{self, KINDS, Page, word_hash};
use crate::stages::classify_topics::features::features;
use crate::stages::classify_topics::model::{Label, MAX_TOPICS};
use crate::stages::classify_topics::topics::TOP_TOPICS;

/// Lowest bit of an entry of [`Corpus::entries`]: the feature is in the title.
pub const IN_TITLE: u32 = 1;

/// A row of training data: a labelled text, or a topic of the vocabulary with its labels and
/// definitions by language.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "neither a labelled text {id, lang, text, topics} nor a topic of the vocabulary {top, label}"
)]
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
        #[serde(default)]
        section: Option<String>,
        #[serde(default)]
        url: Option<String>,
        #[serde(default)]
        keywords: Vec<String>,
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
    pub mask: u64,
    /// Index in [`Corpus::sources`].
    pub source: usize,
    /// Index in [`Corpus::languages`].
    pub language: usize,
    /// Kept apart for calibration.
    pub apart: bool,
    /// Topics that each kind of evidence names, a bit each; of examples that are kept apart only.
    pub named: [u64; KINDS],
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

/// Mean bytes of a text from which a source counts as articles.
const ARTICLE_BYTES: usize = 200;

impl Source {
    /// Whether its texts are articles, and not sentences or labels.
    pub fn is_of_articles(&self) -> bool {
        self.mean_bytes >= ARTICLE_BYTES
    }
}

/// All examples, their features numbered.
#[derive(Default)]
pub struct Corpus {
    /// Topics that are told apart.
    pub labels: Vec<Label>,
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
    /// Codes that rows have and that are none of the topics, and in how many rows.
    pub unknown: BTreeMap<String, usize>,
}

impl Corpus {
    /// The topic of a code.
    fn topic(&self, code: &str) -> Option<u8> {
        self.labels.iter().position(|label| label.code == code).map(|topic| topic as u8)
    }
}

/// The topics at the top of IPTC Media Topics, or those of a file with lines `code<TAB>name`.
///
/// # Errors
/// The file cannot be read, has another form, or has too few topics or too many.
pub fn labels(taxonomy: Option<&Path>) -> Result<Vec<Label>> {
    let label = |code: &str, name: &str| Label { code: code.to_owned(), name: name.to_owned() };
    let Some(file) = taxonomy else {
        return Ok(TOP_TOPICS.iter().map(|topic| label(topic.code, topic.name)).collect());
    };
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut labels: Vec<Label> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let at = || format!("{}, line {}", file.display(), number + 1);
        let Some((code, name)) = line.split_once('\t').map(|(code, name)| (code.trim(), name.trim())) else {
            bail!("{}: {line:?} is not a code, a tab and a name", at());
        };
        if code.is_empty() || name.is_empty() || code.len() > 255 || name.len() > 255 {
            bail!("{}: code and name have 1 to 255 bytes each", at());
        }
        if labels.iter().any(|label| label.code == code) {
            bail!("{}: the code {code} is there already", at());
        }
        labels.push(label(code, name));
    }
    if !(2..=MAX_TOPICS).contains(&labels.len()) {
        bail!("{} has {} topics: a model tells 2 to {MAX_TOPICS} apart", file.display(), labels.len());
    }
    Ok(labels)
}

/// Reads files of rows (`.jsonl`, compressed or not) and of section words (`.tsv`: word, and code or number of the topic).
///
/// Rows whose split is not `train` are left out, and of sets without splits those whose id has a
/// CRC-32 divisible by five.
///
/// # Errors
/// A file cannot be read, or a row has another form.
pub fn load(files: &[PathBuf], labels: Vec<Label>, settings: &Settings) -> Result<Corpus> {
    let mut corpus = Corpus { labels, ..Corpus::default() };
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
    let topic_of = |hash: u64| {
        let at = corpus.sections.binary_search_by_key(&hash, |(hash, _)| *hash).ok()?;
        Some(usize::from(corpus.sections[at].1))
    };
    for PageOf { example, section, url, keywords } in &texts.pages {
        let page = Page { section: section.as_deref(), url: url.as_deref(), keywords };
        corpus.examples[*example].named = evidence::named(&page, &topic_of);
    }
    number(&mut corpus, texts, settings.min_texts);
    Ok(corpus)
}

/// What an example's page says of itself.
struct PageOf {
    /// Index in [`Corpus::examples`].
    example: usize,
    section: Option<String>,
    url: Option<String>,
    keywords: Vec<String>,
}

/// Hashes of all texts one behind the other; the top bit says that the feature is in the title.
#[derive(Default)]
struct Texts {
    hashes: Vec<u64>,
    languages: HashMap<String, usize>,
    /// Evidence beside the text, to be looked up when all section words are read.
    pages: Vec<PageOf>,
}

const TITLE_BIT: u64 = 1 << 63;

fn add(row: Row, corpus: &mut Corpus, texts: &mut Texts, settings: &Settings) -> Result<()> {
    match row {
        Row::Text { id, lang, title, text, topics, source, split, section, url, keywords } => {
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            if !is_for_training(&id, split.as_deref()) {
                corpus.held_out += 1;
                return Ok(());
            }
            let codes = topics;
            let mut topics = Vec::with_capacity(codes.len());
            for code in codes {
                match corpus.topic(&code) {
                    Some(topic) => topics.push(topic),
                    None => *corpus.unknown.entry(code).or_default() += 1,
                }
            }
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
            if apart && (section.is_some() || url.is_some() || !keywords.is_empty()) {
                texts.pages.push(PageOf { example: corpus.examples.len() - 1, section, url, keywords });
            }
        }
        Row::Concept { top, label, definition } => {
            let Some(topic) = corpus.topic(&top) else { return Ok(()) };
            for (language, label) in &label {
                let text = definition.get(language).map_or("", String::as_str);
                let topics = vec![topic];
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
        let Some((word, topic)) = line.split_once('\t') else {
            bail!("{}: {line:?} is not a word, a tab and a topic's code or number", file.display());
        };
        let topics = corpus.labels.len();
        let by_number = || topic.parse::<u8>().ok().filter(|n| (1..=topics).contains(&usize::from(*n)));
        let Some(topic) = corpus.topic(topic).or_else(|| by_number().map(|n| n - 1)) else {
            bail!("{}: {topic} is neither a topic's code nor its number, 1 to {topics}", file.display());
        };
        corpus.sections.push((word_hash(word), topic));
        let topics = vec![topic];
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
        named: [0; KINDS],
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
    let all = u64::MAX >> (64 - corpus.labels.len());
    let mut by_source = vec![0_u64; corpus.sources.len()];
    let mut by_language: HashMap<(usize, usize), u64> = HashMap::new();
    for example in &corpus.examples {
        for topic in &example.topics {
            by_source[example.source] |= 1 << topic;
            *by_language.entry((example.source, example.language)).or_default() |= 1 << topic;
        }
    }
    for example in &mut corpus.examples {
        let seen = by_language.get(&(example.source, example.language)).copied().unwrap_or(0);
        example.mask = if by_source[example.source] == all { all } else { seen };
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
