//! `newsmill train topics`: fits the topic model.
//!
//! From labelled texts `{id, lang, title?, text, topics, source?, split?}` (JSONL; `topics` are codes of top-level Media
//! Topics, or of a taxonomy that is given, the primary first), topics of the vocabulary `{top, label, definition}` by language, and section words (TSV).
//!
//! 1. All features that two texts share are fitted twice, at the same time: on all texts, and with a part of them kept apart. Either
//!    goes over everything, and then over the articles once more.
//! 2. As many features as the file has room for are kept, those that matter most, and their weights packed.
//! 3. The scores of the part kept apart are calibrated, and its figures go into the card.
//! 4. The fit on all texts is written with that calibration, made less sure by what real pages showed.

mod data;
mod fit;
mod onto;
mod pack;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use self::data::{Corpus, labels, load};
use self::fit::{Fitted, Observation, Round, Start, calibrate, fit};
use self::pack::{logits, pack};
use crate::stages::classify_topics::evidence::{KINDS, NAMES};
use crate::stages::classify_topics::model::file::{Parts, write};
use crate::stages::classify_topics::model::{GROUPS, Head, LINE, Layout, Model, Sum, ln, shares};

/// Choices of the fit. The defaults are those of the model that ships.
#[derive(Debug, Clone)]
pub struct Settings {
    /// File of topics, `code<TAB>name` a line; none: those at the top of IPTC Media Topics.
    pub taxonomy: Option<PathBuf>,
    /// Sum of squared steps that features are taken to have made where a fit goes on from another: the more, the slower they
    /// move.
    pub steps: f32,
    /// Share of the sentences that are among the articles of the last fit, so that they are not forgotten.
    pub sentences: f32,
    /// Passes over a source in an epoch, where it is not one.
    pub passes: Vec<(String, f32)>,
    /// Licences of sources, for the card.
    pub licences: Vec<(String, String)>,
    /// Lines in the file at most: 64 bytes each.
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
    /// What section, folder and keywords add at most to the log-odds of the topic that they name, and where too few texts tell.
    pub evidence: [f32; KINDS],
    /// Slope and offset that turn log-odds calibrated on the part kept apart, clean and short, into those of real
    /// pages: fitted on the topics of 115 labelled ones that are never trained on, by the first topic.
    pub pages: [f32; 2],
    /// Seed of the order and of what is left out.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            taxonomy: None,
            steps: 0.01,
            sentences: 0.2,
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
            evidence: [1.5, 1.5, 0.75],
            pages: [0.571, 0.3],
            seed: 1,
        }
    }
}

/// Texts of an article's length that make a language known by articles.
const ARTICLES: usize = 24;
/// Texts of any length that make a language known at all.
const TEXTS: usize = 100;
/// Texts that must have a kind of evidence for what it adds to be learned.
const EVIDENCE_TEXTS: u32 = 50;
/// Steps of what evidence adds, in a unit of log-odds.
const EVIDENCE_STEPS: f32 = 8.0;

/// Trains a model from `files`, from nothing or on top of `base`, and writes it to `out`, and its card beside it (`.md`). Returns the card.
///
/// # Errors
/// A file cannot be read or written, or has a row of another form.
pub fn train(
    files: &[PathBuf],
    base: Option<&Model>,
    out: &Path,
    settings: &Settings,
    say: &mut dyn FnMut(&str),
) -> Result<String> {
    let topics = match base {
        Some(base) => base.labels().to_vec(),
        None => labels(settings.taxonomy.as_deref())?,
    };
    let corpus = load(files, topics, settings)?;
    say(&format!("{} texts, {} features", corpus.examples.len(), corpus.hashes.len()));
    for (code, rows) in &corpus.unknown {
        say(&format!("{rows} rows have the topic {code}, which is none of the {}", corpus.labels.len()));
    }
    let start = || match base {
        Some(base) => onto::start(base, &corpus, settings.steps),
        None => Start::new(&corpus),
    };
    // Two cores, two fits.
    let (part, whole) = std::thread::scope(|scope| {
        let whole = scope.spawn(|| fit_in_rounds(&corpus, start(), settings, true, &mut |_| ()));
        let part = fit_in_rounds(&corpus, start(), settings, false, say);
        whole.join().map(|whole| (part, whole))
    })
    .map_err(|_| anyhow::anyhow!("the fit on all texts broke off"))?;
    let (part, (whole, own)) = (part.0, whole);
    let maker = Maker { corpus: &corpus, own: &own, base, settings };
    let mut head = maker.head();
    let (bytes, _) = maker.file(&part, &mut head);
    let model = Model::read(Box::new(bytes))?;
    // Users' texts are rarely enough to calibrate by: what was learned on top of a model takes its calibration.
    if base.is_none() {
        calibrate(&observe(&model, &corpus), &mut head);
    }
    let (weights, evidence_texts) = evidence(&model, &corpus, head.evidence);
    head.evidence = weights;
    let (bytes, about) = maker.file(&part, &mut head);
    say(&about);
    let figures = figures(&Model::read(Box::new(bytes))?, &corpus);
    say(&figures);
    // What 115 pages showed is known of the topics that they are labelled with.
    if base.is_none() && settings.taxonomy.is_none() {
        temper(&mut head, settings.pages);
    }
    let (bytes, about) = maker.file(&whole, &mut head);
    std::fs::write(out, &bytes).with_context(|| format!("cannot write {}", out.display()))?;
    let about = About { packing: &about, figures: &figures, evidence_texts };
    let card = card(&corpus, settings, base, &bytes, &about)?;
    let beside = out.with_extension("md");
    std::fs::write(&beside, &card).with_context(|| format!("cannot write {}", beside.display()))?;
    Ok(card)
}

/// Fits on all texts, and where there are sentences among them on articles once more: sentences of 200 languages teach words, and articles what
/// news is about. Gives the fit, and the own weights of features.
fn fit_in_rounds(
    corpus: &Corpus,
    start: Start,
    settings: &Settings,
    with_apart: bool,
    say: &mut dyn FnMut(&str),
) -> (Fitted, Vec<u8>) {
    let fitted = fit(corpus, &start, settings, (Round::All, with_apart), say);
    let articles = corpus.sources.iter().filter(|source| source.is_of_articles()).count();
    if articles == 0 || articles == corpus.sources.len() {
        return (fitted, start.own);
    }
    let start = start.again(fitted, settings.steps);
    (fit(corpus, &start, settings, (Round::Articles, with_apart), say), start.own)
}

/// Makes files of fits.
struct Maker<'a> {
    corpus: &'a Corpus,
    /// Own weights of features.
    own: &'a [u8],
    base: Option<&'a Model>,
    settings: &'a Settings,
}

impl Maker<'_> {
    fn head(&self) -> Head {
        let texts = self.corpus.examples.len() as u32;
        if let Some(base) = self.base {
            return Head { texts: base.head.texts.saturating_add(texts), ..base.head.clone() };
        }
        let topics = self.corpus.labels.len();
        // Few texts have few features: lines that are seven tenths full have room for nearly all.
        let enough = self.corpus.hashes.len() * 10 / (Layout::of(topics).ways * 7) + 1;
        Head {
            lines: self.settings.lines.min(enough as u32),
            texts,
            text_bytes: self.settings.text_bytes,
            scale: 1.0,
            bias: vec![0.0; topics],
            evidence: self.settings.evidence,
            calibration: [[1.0, 0.0]; GROUPS],
            offsets: [vec![0.0; topics], vec![0.0; topics]],
        }
    }

    /// The model's file, and a sentence about it.
    fn file(&self, fitted: &Fitted, head: &mut Head) -> (Vec<u8>, String) {
        let Self { corpus, own, base, settings } = *self;
        let packed = match base {
            Some(base) => onto::pack(base, corpus, fitted, own),
            None => pack(corpus, fitted, own, head, settings.seed),
        };
        head.bias.clone_from(&fitted.bias);
        // What users say of a language or a word stands before what the model had.
        let mut languages: BTreeMap<String, u8> = BTreeMap::new();
        let mut sections: BTreeMap<u64, u8> = BTreeMap::new();
        if let Some(base) = base {
            languages.extend(base.languages().iter().cloned());
            sections.extend(base.sections().iter().copied());
        }
        for (code, group) in language_groups(corpus) {
            let known = languages.entry(code).or_default();
            *known = group.max(*known);
        }
        sections.extend(corpus.sections.iter().copied());
        let parts = Parts {
            head: head.clone(),
            labels: corpus.labels.clone(),
            languages: languages.into_iter().collect(),
            sections: sections.into_iter().collect(),
            books: packed.books,
        };
        let about = format!(
            "{} of {} features in {} lines of {LINE} bytes; {:.0} % of the weights' length is lost in packing",
            packed.features,
            corpus.hashes.len(),
            head.lines,
            packed.loss * 100.0
        );
        (write(&parts, &packed.lines), about)
    }
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
        counts[example.language].1 += usize::from(corpus.sources[example.source].is_of_articles());
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
fn observe(model: &Model, corpus: &Corpus) -> Vec<Observation> {
    let mut texts: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for example in corpus.examples.iter().filter(|e| e.apart) {
        *texts.entry((example.source, example.language)).or_default() += 1.0;
    }
    let mut observations = Vec::new();
    let mut sum = Sum::default();
    for example in corpus.examples.iter().filter(|e| e.apart) {
        let Some(group) = model.group(&corpus.languages[example.language]) else { continue };
        let articles = corpus.sources[example.source].is_of_articles();
        // A language that is known by articles is not judged by sentences, and what a topic's absence
        // means is known only where the source can express them all.
        if (group == 1) != articles || example.mask.count_ones() as usize != corpus.labels.len() {
            continue;
        }
        let mut shared = logits(model, corpus, example, &mut sum);
        shares(&mut shared);
        let n = texts[&(example.source, example.language)];
        for (topic, share) in shared.iter().enumerate() {
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

/// What each kind of evidence is to add: what makes the part kept apart most likely, in steps of an eighth up to `most`. Sections are often what
/// texts were labelled by, so a bound is needed. And the texts that had it.
fn evidence(model: &Model, corpus: &Corpus, most: [f32; KINDS]) -> ([f32; KINDS], [u32; KINDS]) {
    let mut sum = Sum::default();
    let mut texts = [0_u32; KINDS];
    // Log-likelihood of the primary topics, by kind and step.
    let mut likely: [Vec<f64>; KINDS] = most.map(|most| vec![0.0; (most * EVIDENCE_STEPS) as usize + 1]);
    for example in corpus.examples.iter().filter(|e| e.named != [0; KINDS] && !e.topics.is_empty()) {
        let logits = logits(model, corpus, example, &mut sum);
        for (kind, named) in example.named.iter().enumerate().filter(|(_, named)| **named != 0) {
            texts[kind] += 1;
            for (step, likely) in likely[kind].iter_mut().enumerate() {
                let by = step as f64 / f64::from(EVIDENCE_STEPS);
                let mut with = logits.clone();
                with.iter_mut().enumerate().for_each(|(t, z)| *z += by * (named >> t & 1) as f64);
                shares(&mut with);
                *likely += ln(with[usize::from(example.topics[0])].max(1e-9));
            }
        }
    }
    let best = std::array::from_fn(|kind| {
        if texts[kind] < EVIDENCE_TEXTS {
            return most[kind];
        }
        let steps = likely[kind].iter().enumerate();
        let best = steps.fold((0, f64::MIN), |best, (step, l)| if *l > best.1 { (step, *l) } else { best });
        best.0 as f32 / EVIDENCE_STEPS
    });
    (best, texts)
}

/// Figures on the part kept apart, by source and topic, as Markdown.
fn figures(model: &Model, corpus: &Corpus) -> String {
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
    let mut by_topic = vec![(0_u32, 0_u32, 0_u32); corpus.labels.len()];
    let mut sum = Sum::default();
    for example in corpus.examples.iter().filter(|e| e.apart && !e.topics.is_empty()) {
        let group = model.group(&corpus.languages[example.language]).unwrap_or(0);
        let mut shared = logits(model, corpus, example, &mut sum);
        shares(&mut shared);
        let scores = model.scores(&shared, group);
        let first = (0..scores.len()).fold(0, |best, t| if scores[t] > scores[best] { t } else { best });
        let right = example.topics.contains(&(first as u8));
        let count = by_source.entry(&corpus.sources[example.source].name).or_default();
        count.texts += 1;
        count.right += u32::from(right);
        count.given += u32::from(scores[first] >= 0.5);
        count.given_right += u32::from(right && scores[first] >= 0.5);
        count.sure += u32::from(scores[first] >= 0.9);
        count.sure_right += u32::from(right && scores[first] >= 0.9);
        let gold = usize::from(example.topics[0]);
        if example.mask.count_ones() as usize == corpus.labels.len()
            && corpus.sources[example.source].is_of_articles()
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
    for (topic, (right, missed, wrong)) in corpus.labels.iter().zip(by_topic) {
        let _ = writeln!(out, "| {} | {} |", topic.name, share(2 * right, 2 * right + missed + wrong));
    }
    out
}

/// What a card tells besides.
struct About<'a> {
    packing: &'a str,
    figures: &'a str,
    /// Texts that each kind of evidence was learned from.
    evidence_texts: [u32; KINDS],
}

fn card(
    corpus: &Corpus,
    settings: &Settings,
    base: Option<&Model>,
    bytes: &[u8],
    about: &About<'_>,
) -> Result<String> {
    let model = Model::read(Box::new(bytes.to_vec()))?;
    let mut out = String::new();
    let known = |group: u8| {
        let languages = model.languages().iter().filter(|(_, g)| *g == group);
        let codes: Vec<&str> = languages.map(|(code, _)| code.as_str()).collect();
        format!("{} languages: {}", codes.len(), codes.join(" "))
    };
    let _ = writeln!(out, "# Topic model\n");
    let has_own = !model.has_media_topics();
    let _ = writeln!(
        out,
        "Linear model over hashed n-grams for {} {}: {}. {} bytes, \
         XXH3-64 {:016x}. Made by `newsmill train topics`, which makes the same bytes of the same data.\n",
        corpus.labels.len(),
        if has_own { "topics of its own" } else { "topics at the top of IPTC Media Topics" },
        about.packing,
        bytes.len(),
        xxhash_rust::xxh3::xxh3_64(bytes),
    );
    if let Some(base) = base {
        let _ = writeln!(
            out,
            "It was learned on top of a model of {} texts, whose card names their sources; what follows is of the texts that were added.\n",
            base.head.texts
        );
    }
    let _ = writeln!(out, "## Sources\n\n| source | texts | passes an epoch | licence |\n|---|---|---|---|");
    for source in &corpus.sources {
        let licence = settings.licences.iter().find(|(name, _)| *name == source.name);
        let licence = licence.map_or("not stated", |(_, licence)| licence);
        let _ = writeln!(out, "| {} | {} | {} | {licence} |", source.name, source.texts, source.passes);
    }
    let _ = writeln!(
        out,
        "\n{} rows were left out: splits other than `train`, and of sets without splits the rows whose id has a CRC-32 divisible \
         by five.",
        corpus.held_out
    );
    if !has_own {
        let _ = writeln!(out, "Names and codes of topics: IPTC Media Topics, CC BY 4.0.");
    } else {
        let _ = writeln!(out, "\n## Topics\n\n| code | name |\n|---|---|");
        for label in &corpus.labels {
            let _ = writeln!(out, "| {} | {} |", label.code, label.name);
        }
    }
    out.push('\n');
    let _ = writeln!(
        out,
        "## Languages\n\nKnown by articles, {}.\n\nKnown by sentences, {}.\n\nIn others it gives no topic.\n",
        known(1),
        known(0)
    );
    let _ = writeln!(
        out,
        "## Evidence beside the text\n\nLearned where {EVIDENCE_TEXTS} texts of those kept apart have it, up to a bound, which stands where fewer do.\n\n\
         | a known word in the | adds to the log-odds of its topic | texts |\n|---|---|---|"
    );
    for ((name, weight), texts) in NAMES.iter().zip(model.head.evidence).zip(about.evidence_texts) {
        let _ = writeln!(out, "| {name} | {weight} | {texts} |");
    }
    out.push('\n');
    let tempered = if base.is_none() && settings.taxonomy.is_none() {
        let [slope, offset] = settings.pages;
        format!(
            " Scores are those before they were made less sure for real pages: log-odds times {slope}, plus {offset}."
        )
    } else {
        String::new()
    };
    let _ = writeln!(
        out,
        "## Figures\n\nOn one text in eight, kept apart before the last fit; sentences are short and far from news.{tempered}\n\n{}",
        about.figures
    );
    let _ = writeln!(
        out,
        "\n## Settings\n\n{} epochs of all texts, and as many of the articles with {} of the sentences, step {}, dropout {}, smoothing {}, weight {} outside a source's topics, {} bytes of text learnt from, {} read, seed {}.",
        settings.epochs,
        settings.sentences,
        settings.rate,
        settings.dropout,
        settings.smoothing,
        settings.outside,
        settings.learnt_bytes,
        settings.text_bytes,
        settings.seed
    );
    Ok(out)
}
