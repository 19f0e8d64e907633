//! `newsmill train encoder-head`: the linear head that turns the encoder's embeddings into topics.
//!
//! From rows `{id, lang, title?, text, topics, source?, split?}` (JSONL), the primary topic first. Two softmax regressions are
//! fitted, one on articles alone and one on articles and sentences of the encoder's own languages, where a sentence counts little;
//! the head is their mean, which is steadier than either. Gradients are those of all texts, with Nesterov's momentum, so that the same data gives the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

use crate::eval::{is_for_training, language_code, row_id};
use crate::stages::classify_topics::encoder::weights::EMBEDDING_WIDTH;
use crate::stages::classify_topics::encoder::{DEFAULT_BUDGET, Encoder, Scratch};
use crate::stages::classify_topics::head::{Head, is_known, is_own};
use crate::stages::classify_topics::model::exp;
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
    /// Whether it is in a language that the encoder was made for.
    own: bool,
    bytes: usize,
    vector: Vec<f32>,
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
    let mut examples = Vec::new();
    let mut scratch = Scratch::default();
    for file in files {
        for row in crate::eval::read::<Row>(file)? {
            examples.extend(example(&row?, encoder, &mut scratch, settings));
        }
        say(&format!("{}: {} texts so far", file.display(), examples.len()));
    }
    if examples.is_empty() {
        bail!("no training data: give files of labelled texts with --data");
    }
    let mut sources: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for example in &examples {
        let source = sources.entry(&example.source).or_default();
        source.0 += 1;
        source.1 += example.bytes;
    }
    let is_sentence = |example: &Example| {
        let (texts, bytes) = sources[example.source.as_str()];
        bytes / texts < settings.article_bytes
    };
    let weights = |sentence: f32| -> Vec<f32> {
        examples
            .iter()
            .map(|example| match (is_sentence(example), example.own) {
                (false, _) => 1.0,
                (true, true) => sentence,
                (true, false) => 0.0,
            })
            .collect()
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
    let weights = (0..TOPICS * EMBEDDING_WIDTH).map(mean).collect();
    let head = Head { ngrams: settings.ngrams, calibration: settings.calibration, bias, weights };
    let bytes = head.write();
    std::fs::write(out, &bytes).with_context(|| format!("cannot write {}", out.display()))?;
    let mut card = format!(
        "# Head of the sentence encoder\n\n{TOPICS} topics by {EMBEDDING_WIDTH} weights, {} bytes, XXH3-64 {:016x}. Made by \
         `newsmill train encoder-head`, which makes the same bytes of the same data; [the encoder](encoder.md) is a file of its own.\n\n\
         | source | texts |\n|---|---|\n",
        bytes.len(),
        xxh3_64(&bytes)
    );
    for (source, (texts, _)) in &sources {
        let _ = writeln!(card, "| {source} | {texts} |");
    }
    let _ = writeln!(
        card,
        "\nbriefs: written for newsmill, free of any licence; sib200: CC BY-SA 4.0, labels Apache-2.0. Splits other than `train` \
         were left out, and of files without splits the rows whose id has a CRC-32 divisible by five, and texts in \
         scripts that the encoder does not know.\n\n## Settings\n\n{settings:?}"
    );
    let beside = out.with_extension("md");
    std::fs::write(&beside, card).with_context(|| format!("cannot write {}", beside.display()))
}

fn example(row: &Row, encoder: &Encoder, scratch: &mut Scratch, settings: &Settings) -> Option<Example> {
    let topics: Vec<usize> = row.topics.iter().filter_map(|code| index_of(code)).collect();
    let (first, others) = topics.split_first()?;
    if !is_for_training(&row_id(&row.id), row.split.as_deref()) {
        return None;
    }
    let title = row.title.as_deref().unwrap_or_default();
    let embedding = encoder.embed(scratch, title, &row.text, DEFAULT_BUDGET).filter(is_known)?;
    let mut target = [settings.smoothing / TOPICS as f32; TOPICS];
    let whole = 1.0 - settings.smoothing;
    target[*first] += if others.is_empty() { whole } else { whole * settings.primary };
    for other in others {
        target[*other] += whole * (1.0 - settings.primary) / others.len() as f32;
    }
    Some(Example {
        source: row.source.clone().unwrap_or_else(|| "unnamed".to_owned()),
        own: is_own(&language_code(&row.lang)),
        bytes: row.text.len(),
        vector: embedding.vector.to_vec(),
        target,
    })
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
            let most = logits.iter().copied().fold(f32::MIN, f32::max);
            let shares = logits.map(|logit| exp(f64::from(logit - most)) as f32);
            let sum: f32 = shares.iter().sum();
            for (topic, share) in shares.iter().enumerate() {
                let by = (share / sum - example.target[topic]) * weight / total;
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
            Example { source: String::new(), own: true, bytes: 0, vector, target }
        };
        let examples = [example(3, 0), example(3, 1), example(5, 2), example(9, 3)];
        let weights = fit(&examples, &[1.0, 1.0, 1.0, 0.0], &Settings::default());
        let logit = |topic: usize, at: usize| weights[topic * EMBEDDING_WIDTH + at];
        assert!(logit(3, 0) > 1.0 && logit(3, 1) > 1.0 && logit(5, 2) > 1.0 && logit(5, 0) < 0.0);
        assert_eq!(logit(9, 3), 0.0, "what weighs nothing teaches nothing");
    }
}
