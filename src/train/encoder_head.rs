//! `newsmill train encoder-head`: the linear head that turns the encoder's embeddings into topics, and the encoder's student.
//!
//! From rows `{id, lang, title?, text, topics, source?, split?}` (JSONL), the primary topic first. Two softmax regressions are
//! fitted, one on articles alone and one on articles and sentences of the encoder's own languages, where a sentence counts little;
//! the head is their mean, which is steadier than either. It teaches the student ([`student`]). Gradients are those of all texts, with Nesterov's momentum, so that the same data gives the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

use super::student;
use crate::eval::{is_for_training, language_code, row_id};
use crate::stages::classify_topics::encoder::folded::{UNITS, is_word};
use crate::stages::classify_topics::encoder::weights::{EMBEDDING_WIDTH, INPUT_WIDTH};
use crate::stages::classify_topics::encoder::{DEFAULT_BUDGET, Encoder, Scratch};
use crate::stages::classify_topics::head::{Head, is_known, is_own};
use crate::stages::classify_topics::student::Gate;
use crate::stages::classify_topics::topics::{TOPICS, index_of};

/// Choices of the fit. The defaults are those of the head that ships.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Mean bytes of a source's texts below which they are sentences.
    pub article_bytes: usize,
    /// What a sentence counts beside an article.
    pub sentence_weight: f32,
    /// Penalty of squared weights.
    pub penalty: f32,
    /// Share of the target that is spread evenly.
    pub smoothing: f32,
    /// Share of the target that the primary topic has where there are more.
    pub primary: f32,
    /// Steps of the fit.
    pub steps: usize,
    /// Weight of the n-gram model's log-odds in the encoder's own languages and in others; and slope and offset of the
    /// calibration: chosen on held-out texts and on 115 labelled pages that are never trained on.
    pub ngrams: [f32; 2],
    /// See `ngrams`.
    pub calibration: [f32; 2],
    /// The student's.
    pub student: student::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            article_bytes: 200,
            sentence_weight: 0.15,
            penalty: 1e-4,
            smoothing: 0.05,
            primary: 0.7,
            steps: 400,
            ngrams: [0.3, 0.6],
            calibration: [0.84, 1.18],
            student: student::Settings {
                teacher: 0.5,
                sentence_weight: 0.5,
                rounds: 30,
                seed: 2,
                batch: 128,
                rate: 2e-3,
                decay: 0.01,
                left_out: [0.1, 0.2],
                gate: Gate { ngrams: 1.0, calibration: [1.0, 0.0], sure: 0.8 },
            },
        }
    }
}

#[derive(Deserialize)]
struct Row {
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
}

/// A text to learn from.
struct Example {
    source: String,
    is_sentence: bool,
    vector: Vec<f32>,
    /// Mean of the inputs of its tokens.
    mean: Vec<f32>,
    target: [f32; TOPICS],
}

/// Trains a head on the embeddings of the rows of `files`, writes it to `out` and its card beside it (`.md`).
///
/// # Errors
/// A file cannot be read or written, or has a row of another form, or there is nothing to learn from.
pub fn train(
    files: &[PathBuf],
    encoder: &Encoder,
    out: &Path,
    settings: &Settings,
    say: &mut dyn FnMut(&str),
) -> Result<()> {
    let mut rows = Vec::new();
    for file in files {
        for row in crate::eval::read::<Row>(file)? {
            let row = row?;
            let has_topic = row.topics.iter().any(|code| index_of(code).is_some());
            if has_topic && is_for_training(&row_id(&row.id), row.split.as_deref()) {
                rows.push(row);
            }
        }
        say(&format!("{}: {} texts so far", file.display(), rows.len()));
    }
    let mut sizes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in &rows {
        let (texts, bytes) = sizes.entry(source(row)).or_default();
        *texts += 1;
        *bytes += row.text.len();
    }
    let mut reader = Reader { encoder, scratch: Scratch::default(), inputs: BTreeMap::new() };
    let mut examples = Vec::new();
    for row in &rows {
        let (texts, bytes) = sizes[source(row)];
        let is_sentence = bytes / texts < settings.article_bytes;
        // Sentences of other languages teach nothing.
        if !is_sentence || is_own(&language_code(&row.lang)) {
            examples.extend(reader.example(row, is_sentence, settings));
        }
    }
    if examples.is_empty() {
        bail!("no training data: give files of labelled texts with --data");
    }
    let mut sources: BTreeMap<&str, usize> = BTreeMap::new();
    for example in &examples {
        *sources.entry(&example.source).or_default() += 1;
    }
    let weights = |sentence: f32| -> Vec<f32> {
        examples.iter().map(|example| if example.is_sentence { sentence } else { 1.0 }).collect()
    };
    let both = [weights(0.0), weights(settings.sentence_weight)];
    // Two cores, two fits.
    let fits = std::thread::scope(|scope| {
        let fits = both.map(|weights| {
            let examples = &examples;
            scope.spawn(move || fit(examples, &weights, settings))
        });
        fits.into_iter().map(|fit| fit.join().ok()).collect::<Option<Vec<_>>>()
    })
    .context("a fit broke off")?;
    let mean = |at: usize| fits.iter().map(|fit| fit[at]).sum::<f32>() / fits.len() as f32;
    let bias = std::array::from_fn(|topic| mean(TOPICS * EMBEDDING_WIDTH + topic));
    let at: Vec<f32> = (0..TOPICS * EMBEDDING_WIDTH).map(mean).collect();
    let teacher = |vector: &[f32]| {
        let logit =
            |topic: usize| dot(&at[topic * EMBEDDING_WIDTH..][..EMBEDDING_WIDTH], vector) + bias[topic];
        student::softmax(&std::array::from_fn(logit))
    };
    let own = &settings.student;
    let lessons: Vec<student::Example<'_>> = examples
        .iter()
        .zip(weights(own.sentence_weight))
        .filter(|(example, weight)| *weight > 0.0 && !example.mean.is_empty())
        .map(|(example, weight)| {
            let said = teacher(&example.vector);
            let mix = |t: usize| own.teacher * said[t] + (1.0 - own.teacher) * example.target[t];
            student::Example { mean: &example.mean, target: std::array::from_fn(mix), weight }
        })
        .collect();
    say(&format!("{} texts for the student", lessons.len()));
    let student = student::fit(&lessons, own);
    let Settings { ngrams, calibration, .. } = *settings;
    let head = Head { ngrams, calibration, bias, weights: at, student };
    let bytes = head.write();
    std::fs::write(out, &bytes).with_context(|| format!("cannot write {}", out.display()))?;
    let mut card = format!(
        "# Head of the sentence encoder\n\n{TOPICS} topics by {EMBEDDING_WIDTH} weights, and a student of {UNITS} units that is asked before; {} bytes, XXH3-64 {:016x}. Made by \
         `newsmill train encoder-head`, which makes the same bytes of the same data; [the encoder](encoder.md) is a file of its own.\n\n\
         | source | texts |\n|---|---|\n",
        bytes.len(),
        xxh3_64(&bytes)
    );
    for (source, texts) in &sources {
        let _ = writeln!(card, "| {source} | {texts} |");
    }
    let _ = writeln!(
        card,
        "\nbriefs: written for newsmill, free of any licence; sib200: CC BY-SA 4.0, labels Apache-2.0. Splits other than `train` \
         were left out, and of files without splits the rows whose id has a CRC-32 divisible by five, texts in scripts that the \
         encoder does not know, and sentences in languages that it was not made for.\n\n## Settings\n\n{settings:?}"
    );
    let beside = out.with_extension("md");
    std::fs::write(&beside, card).with_context(|| format!("cannot write {}", beside.display()))
}

fn source(row: &Row) -> &str {
    row.source.as_deref().unwrap_or("unnamed")
}

/// Makes examples of rows.
struct Reader<'e> {
    encoder: &'e Encoder,
    scratch: Scratch,
    /// Inputs of the tokens that came.
    inputs: BTreeMap<u32, Vec<f32>>,
}

impl Reader<'_> {
    fn example(&mut self, row: &Row, is_sentence: bool, settings: &Settings) -> Option<Example> {
        let topics: Vec<usize> = row.topics.iter().filter_map(|code| index_of(code)).collect();
        let (first, others) = topics.split_first()?;
        let title = row.title.as_deref().unwrap_or_default();
        if !is_known(self.encoder.read(&mut self.scratch, title, &row.text, DEFAULT_BUDGET)?) {
            return None;
        }
        let mut target = [settings.smoothing / TOPICS as f32; TOPICS];
        let whole = 1.0 - settings.smoothing;
        target[*first] += if others.is_empty() { whole } else { whole * settings.primary };
        for other in others {
            target[*other] += whole * (1.0 - settings.primary) / others.len() as f32;
        }
        Some(Example {
            source: source(row).to_owned(),
            is_sentence,
            mean: self.mean(),
            vector: self.encoder.embed_read(&mut self.scratch)?.vector.to_vec(),
            target,
        })
    }

    /// The mean of the inputs of the tokens that were read; empty where all are unknown.
    fn mean(&mut self) -> Vec<f32> {
        let words: Vec<u32> = self.scratch.tokens().iter().copied().filter(|token| is_word(*token)).collect();
        let mut mean = vec![0.0; if words.is_empty() { 0 } else { INPUT_WIDTH }];
        for word in &words {
            let (encoder, scratch) = (self.encoder, &mut self.scratch);
            let inputs = self.inputs.entry(*word).or_insert_with(|| encoder.inputs(scratch, *word).to_vec());
            mean.iter_mut().zip(inputs).for_each(|(sum, v)| *sum += *v / words.len() as f32);
        }
        mean
    }
}

/// Weights, topic by topic, and biases behind them.
fn fit(examples: &[Example], weights: &[f32], settings: &Settings) -> Vec<f32> {
    let width = EMBEDDING_WIDTH;
    // Vectors are no longer than 1: the gradient of a softmax regression changes by no more than half of that.
    let rate = 1.0 / (0.5 * 2.0 + settings.penalty);
    let total: f32 = weights.iter().sum::<f32>().max(1.0);
    let mut at = vec![0.0_f32; TOPICS * (width + 1)];
    let (mut before, mut gradient) = (at.clone(), at.clone());
    for step in 0..settings.steps {
        gradient.iter_mut().zip(&at).for_each(|(g, w)| *g = settings.penalty * w);
        gradient[TOPICS * width..].fill(0.0);
        for (example, weight) in examples.iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
            let mut logits = [0.0_f32; TOPICS];
            for (topic, logit) in logits.iter_mut().enumerate() {
                let row = &at[topic * width..(topic + 1) * width];
                *logit = dot(row, &example.vector) + at[TOPICS * width + topic];
            }
            for (topic, share) in student::softmax(&logits).iter().enumerate() {
                let by = (share - example.target[topic]) * weight / total;
                let row = &mut gradient[topic * width..(topic + 1) * width];
                row.iter_mut().zip(&example.vector).for_each(|(g, v)| *g += by * v);
                gradient[TOPICS * width + topic] += by;
            }
        }
        let momentum = step as f32 / (step as f32 + 3.0);
        for ((w, old), g) in at.iter_mut().zip(&mut before).zip(&gradient) {
            let new = *w - rate * g;
            *w = new + momentum * (new - *old);
            *old = new;
        }
    }
    before
}

/// A sum in eight chains, which vectors can hold.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fit_tells_topics_apart() {
        let example = |topic: usize, at: usize| {
            let mut vector = vec![0.0; EMBEDDING_WIDTH];
            vector[at] = 1.0;
            let mut target = [0.0; TOPICS];
            target[topic] = 1.0;
            Example { source: String::new(), is_sentence: false, vector, mean: Vec::new(), target }
        };
        let examples = [example(3, 0), example(3, 1), example(5, 2), example(9, 3)];
        let weights = fit(&examples, &[1.0, 1.0, 1.0, 0.0], &Settings::default());
        let logit = |topic: usize, at: usize| weights[topic * EMBEDDING_WIDTH + at];
        assert!(logit(3, 0) > 1.0 && logit(3, 1) > 1.0 && logit(5, 2) > 1.0 && logit(5, 0) < 0.0);
        assert_eq!(logit(9, 3), 0.0, "what weighs nothing teaches nothing");
    }
}
