//! `newsmill train topics`: fits the topic model.
//!
//! From labelled texts `{id, lang, title?, text, topics, source?, split?}` (JSONL; `topics` are codes of top-level Media
//! Topics, the primary first), topics of the vocabulary `{top, label, definition}` by language, and section words (TSV).
//!
//! 1. All features that two texts share are fitted twice, at the same time: on all texts, and with a part of them kept apart.
//! 2. As many features as the file has room for are kept, those that matter most, and their weights packed.
//! 3. The scores of the part kept apart are calibrated, and its figures go into the card.
//! 4. The fit on all texts is written with that calibration, made less sure by what real pages showed.

mod data;
mod fit;
mod pack;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use self::data::{Corpus, load};
use self::fit::{Fitted, Observation, calibrate, fit};
use self::pack::{logits, pack};
use crate::stages::classify_topics::model::{GROUPS, Head, LINE, Model, Sum, ln, write};
use crate::stages::classify_topics::topics::{TOP_TOPICS, TOPICS};

/// Choices of the fit. The defaults are those of the model that ships.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Passes over a source in an epoch, where it is not one.
    pub passes: Vec<(String, f32)>,
    /// Licences of sources, for the card.
    pub licences: Vec<(String, String)>,
    /// Lines of ten features in the file: 64 bytes each.
    pub lines: u32,
    /// Bytes of a text that are read in use.
    pub text_bytes: u32,
    /// Bytes of a text that are learnt from: what stands further down teaches words, but tells the topic less well.
    pub learnt_bytes: u32,
    /// Features of fewer texts are left out.
    pub min_texts: u32,
    /// Epochs of each fit.
    pub epochs: u32,
    /// Step size at the start.
    pub rate: f32,
    /// Share of features that a step leaves out.
    pub dropout: f32,
    /// Share of the target that is spread evenly.
    pub smoothing: f32,
    /// Weight in the softmax of topics that an example's source cannot express.
    pub outside: f32,
    /// What a section word adds to the log-odds of its topic.
    pub section: f32,
    /// Slope and offset that turn log-odds calibrated on the part kept apart, clean and short, into those of real
    /// pages: fitted on the topics of 115 labelled ones that are never trained on, by the first topic.
    pub pages: [f32; 2],
    /// Seed of the order and of what is left out.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            passes: vec![("briefs".to_owned(), 6.0)],
            licences: [
                ("masakhanews", "AFL-3.0 by its published card; its repository states none"),
                ("zulu_siswati", "CC BY-SA 4.0"),
                ("dikgang_tn", "CC BY-SA 4.0"),
                ("farsnews", "Apache-2.0; Fars text CC BY 4.0"),
                ("briefs", "written for newsmill, free of any licence"),
                ("sib200", "CC BY-SA 4.0 (labels Apache-2.0)"),
                ("vocabulary", "IPTC Media Topics, CC BY 4.0"),
                ("sections", "newsmill's own"),
            ]
            .map(|(source, licence)| (source.to_owned(), licence.to_owned()))
            .into(),
            lines: 153_000,
            text_bytes: 1200,
            learnt_bytes: 2000,
            min_texts: 2,
            epochs: 5,
            rate: 0.4,
            dropout: 0.85,
            smoothing: 0.1,
            outside: 0.3,
            section: 1.5,
            pages: [0.571, 0.3],
            seed: 1,
        }
    }
}

/// Texts of an article's length that make a language known by articles.
const ARTICLES: usize = 24;
/// Texts of any length that make a language known at all.
const TEXTS: usize = 100;
/// Mean bytes of a text from which a source counts as articles.
const ARTICLE_BYTES: usize = 200;

/// Trains a model from `files` and writes it to `out`, and its card beside it (`.md`). Returns the card.
///
/// # Errors
/// A file cannot be read or written, or has a row of another form.
pub fn train(
    files: &[PathBuf],
    out: &Path,
    settings: &Settings,
    say: &mut dyn FnMut(&str),
) -> Result<String> {
    let corpus = load(files, settings)?;
    say(&format!("{} texts, {} features", corpus.examples.len(), corpus.hashes.len()));
    let mut head = Head {
        lines: settings.lines,
        text_bytes: settings.text_bytes,
        scale: 1.0,
        bias: [0.0; TOPICS],
        section: settings.section,
        calibration: [[1.0, 0.0]; GROUPS],
        offsets: [[0.0; TOPICS]; GROUPS],
    };
    let languages = language_groups(&corpus);
    // Two cores, two fits.
    let (part, whole) = std::thread::scope(|scope| {
        let whole = scope.spawn(|| fit(&corpus, settings, true, &mut |_| ()));
        let part = fit(&corpus, settings, false, say);
        whole.join().map(|whole| (part, whole))
    })
    .map_err(|_| anyhow::anyhow!("the fit on all texts broke off"))?;
    let (bytes, _) = file(&corpus, &part, settings, &mut head, &languages);
    calibrate(&observe(&Model::read(&bytes)?, &corpus), &mut head);
    let (bytes, about) = file(&corpus, &part, settings, &mut head, &languages);
    say(&about);
    let figures = figures(&Model::read(&bytes)?, &corpus);
    say(&figures);
    temper(&mut head, settings.pages);

    let (bytes, about) = file(&corpus, &whole, settings, &mut head, &languages);
    std::fs::write(out, &bytes).with_context(|| format!("cannot write {}", out.display()))?;
    let card = card(&corpus, settings, &languages, &bytes, &about, &figures);
    let beside = out.with_extension("md");
    std::fs::write(&beside, &card).with_context(|| format!("cannot write {}", beside.display()))?;
    Ok(card)
}

/// The model's file, and a sentence about it.
fn file(
    corpus: &Corpus,
    fitted: &Fitted,
    settings: &Settings,
    head: &mut Head,
    languages: &[(String, u8)],
) -> (Vec<u8>, String) {
    let packed = pack(corpus, fitted, head, settings.seed);
    let bytes = write(head, languages, &corpus.sections, &packed.books, &packed.lines);
    let about = format!(
        "{} of {} features in {} lines of {LINE} bytes; {:.0} % of the weights' length is lost in packing",
        packed.features,
        corpus.hashes.len(),
        head.lines,
        packed.loss * 100.0
    );
    (bytes, about)
}

/// Scores for real pages, of scores for texts like those of the part kept apart.
fn temper(head: &mut Head, [slope, offset]: [f32; 2]) {
    for group in &mut head.calibration {
        *group = [group[0] * slope, group[1] * slope + offset];
    }
    head.offsets.iter_mut().flatten().for_each(|by| *by *= slope);
}

/// Languages that the model knows, sorted by code: 1 by articles, 0 by sentences.
fn language_groups(corpus: &Corpus) -> Vec<(String, u8)> {
    let mut counts = vec![(0, 0); corpus.languages.len()];
    for example in &corpus.examples {
        counts[example.language].0 += 1;
        counts[example.language].1 += usize::from(corpus.sources[example.source].mean_bytes >= ARTICLE_BYTES);
    }
    let mut groups: Vec<(String, u8)> = corpus
        .languages
        .iter()
        .zip(counts)
        .filter(|(code, (texts, articles))| *code != "und" && (*texts >= TEXTS || *articles >= ARTICLES))
        .map(|(code, (_, articles))| (code.clone(), u8::from(articles >= ARTICLES)))
        .collect();
    groups.sort();
    groups
}

/// What the part kept apart shows, for calibration. A language counts as much as any other of its group.
fn observe(model: &Model<'_>, corpus: &Corpus) -> Vec<Observation> {
    let mut texts: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for example in corpus.examples.iter().filter(|e| e.apart) {
        *texts.entry((example.source, example.language)).or_default() += 1.0;
    }
    let mut observations = Vec::new();
    let mut sum = Sum::default();
    for example in corpus.examples.iter().filter(|e| e.apart) {
        let Some(group) = model.group(&corpus.languages[example.language]) else { continue };
        let articles = corpus.sources[example.source].mean_bytes >= ARTICLE_BYTES;
        // A language that is known by articles is not judged by sentences, and what a topic's absence
        // means is known only where the source can express them all.
        if (group == 1) != articles || example.mask.count_ones() as usize != TOPICS {
            continue;
        }
        let shares = Model::shares(&logits(model, corpus, example, &mut sum));
        let n = texts[&(example.source, example.language)];
        for (topic, share) in shares.iter().enumerate() {
            let applies = example.topics.contains(&(topic as u8));
            if example.mask >> topic & 1 == 1 && (applies || *share > 1e-4) {
                let share = share.clamp(1e-6, 1.0 - 1e-6);
                let log_odds = ln(share / (1.0 - share));
                observations.push(Observation {
                    group,
                    topic,
                    log_odds,
                    applies,
                    weight: f64::min(1.0, 30.0 / n),
                });
            }
        }
    }
    observations
}

/// Figures on the part kept apart, by source and topic, as Markdown.
fn figures(model: &Model<'_>, corpus: &Corpus) -> String {
    #[derive(Default)]
    struct Count {
        texts: u32,
        right: u32,
        given: u32,
        given_right: u32,
        sure: u32,
        sure_right: u32,
    }
    let mut by_source: BTreeMap<&str, Count> = BTreeMap::new();
    let mut by_topic = vec![(0_u32, 0_u32, 0_u32); TOPICS];
    let mut sum = Sum::default();
    for example in corpus.examples.iter().filter(|e| e.apart && !e.topics.is_empty()) {
        let group = model.group(&corpus.languages[example.language]).unwrap_or(0);
        let scores = model.scores(&Model::shares(&logits(model, corpus, example, &mut sum)), group);
        let first = (0..TOPICS).fold(0, |best, t| if scores[t] > scores[best] { t } else { best });
        let right = example.topics.contains(&(first as u8));
        let count = by_source.entry(&corpus.sources[example.source].name).or_default();
        count.texts += 1;
        count.right += u32::from(right);
        count.given += u32::from(scores[first] >= 0.5);
        count.given_right += u32::from(right && scores[first] >= 0.5);
        count.sure += u32::from(scores[first] >= 0.9);
        count.sure_right += u32::from(right && scores[first] >= 0.9);
        let gold = usize::from(example.topics[0]);
        if example.mask.count_ones() as usize == TOPICS
            && corpus.sources[example.source].mean_bytes >= ARTICLE_BYTES
        {
            by_topic[gold].0 += u32::from(first == gold);
            by_topic[gold].1 += u32::from(first != gold);
            by_topic[first].2 += u32::from(first != gold);
        }
    }
    let mut out = String::from(
        "| source | texts | first right | given (score ≥ .5) | right of those | sure (≥ .9) | right of those |\n|---|---|---|---|---|---|---|\n",
    );
    let share = |a: u32, b: u32| {
        if b == 0 { "–".to_owned() } else { format!("{:.3}", f64::from(a) / f64::from(b)) }
    };
    for (name, c) in &by_source {
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {} | {} | {} | {} |",
            c.texts,
            share(c.right, c.texts),
            share(c.given, c.texts),
            share(c.given_right, c.given),
            share(c.sure, c.texts),
            share(c.sure_right, c.sure),
        );
    }
    let _ =
        writeln!(out, "\n| topic | F1 of the first topic, articles labelled with all topics |\n|---|---|");
    for (topic, (right, missed, wrong)) in TOP_TOPICS.iter().zip(by_topic) {
        let _ = writeln!(out, "| {} | {} |", topic.name, share(2 * right, 2 * right + missed + wrong));
    }
    out
}

fn card(
    corpus: &Corpus,
    settings: &Settings,
    languages: &[(String, u8)],
    bytes: &[u8],
    about: &str,
    figures: &str,
) -> String {
    let mut out = String::new();
    let known = |group: u8| {
        let codes: Vec<&str> =
            languages.iter().filter(|(_, g)| *g == group).map(|(c, _)| c.as_str()).collect();
        format!("{} languages: {}", codes.len(), codes.join(" "))
    };
    let _ = writeln!(out, "# Topic model\n");
    let _ = writeln!(
        out,
        "Linear model over hashed n-grams for the {TOPICS} top-level IPTC Media Topics: {about}. {} bytes, \
         XXH3-64 {:016x}. Made by `newsmill train topics`, which makes the same bytes of the same data.\n",
        bytes.len(),
        xxhash_rust::xxh3::xxh3_64(bytes),
    );
    let _ = writeln!(out, "## Sources\n\n| source | texts | passes an epoch | licence |\n|---|---|---|---|");
    for source in &corpus.sources {
        let licence = settings.licences.iter().find(|(name, _)| *name == source.name);
        let licence = licence.map_or("not stated", |(_, licence)| licence);
        let _ = writeln!(out, "| {} | {} | {} | {licence} |", source.name, source.texts, source.passes);
    }
    let _ = writeln!(
        out,
        "\n{} rows were left out: splits other than `train`, and of sets without splits the rows whose id has a CRC-32 divisible \
         by five.\nNames and codes of topics: IPTC Media Topics, CC BY 4.0.\n",
        corpus.held_out
    );
    let _ = writeln!(
        out,
        "## Languages\n\nKnown by articles, {}.\n\nKnown by sentences, {}.\n\nIn others it gives no topic.\n",
        known(1),
        known(0)
    );
    let _ = writeln!(
        out,
        "## Figures\n\nOn one text in eight, kept apart before the last fit; sentences are short and far from news. Scores are those before \
         they were made less sure for real pages: log-odds times {}, plus {}.\n\n{figures}",
        settings.pages[0], settings.pages[1]
    );
    let _ = writeln!(
        out,
        "\n## Settings\n\n{} epochs, step {}, dropout {}, smoothing {}, weight {} outside a source's topics, {} bytes of text learnt from, {} read, section {}, seed {}.",
        settings.epochs,
        settings.rate,
        settings.dropout,
        settings.smoothing,
        settings.outside,
        settings.learnt_bytes,
        settings.text_bytes,
        settings.section,
        settings.seed
    );
    out
}
