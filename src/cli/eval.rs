//! `newsmill eval`: scores a stage on labelled data.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};

use super::{ConfigArguments, Failure};
use crate::config::Config;
use crate::eval::{self, Report, Selection};

/// Score a stage on labelled data: quality and documents per CPU-second
///
/// Data is JSONL, plain or compressed (.xz, .gz, .zst).
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill eval language --data bench.jsonl.xz --plot reliability.svg
  newsmill eval dedup --data stream.jsonl.xz --shuffle 7
  newsmill eval topics --data news.jsonl.xz --split dev --predictions predictions.jsonl")]
pub struct Arguments {
    #[command(subcommand)]
    stage: Stage,
}

#[derive(Subcommand)]
enum Stage {
    /// Language: rows {id, set?, lang, text, title?, split?}
    Language(LanguageArguments),
    /// Main text and fields: rows {id, url, html | lines, text | gold_text, title?, author?, date?, with?, without?}
    Pages(StageArguments),
    /// Topics: rows {id, lang, text, title?, topics, source?, split?}
    Topics(StageArguments),
    /// Near-duplicates: rows {id, cluster, title?, text, kind?} in stream order
    Dedup(DedupArguments),
}

#[derive(Args)]
struct DedupArguments {
    /// Labelled rows
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Write the stage's answers to this file, one JSON object a row
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Shuffle the stream first
    #[arg(long, value_name = "SEED")]
    shuffle: Option<u64>,
    #[command(flatten)]
    config: ConfigArguments,
}

#[derive(Args)]
struct LanguageArguments {
    #[command(flatten)]
    stage: StageArguments,
    /// Draw confidence against accuracy to this file (SVG)
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

#[derive(Args)]
struct StageArguments {
    /// Labelled rows
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Write the stage's answers to this file, one JSON object a row
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Only rows of this split
    #[arg(long, value_name = "NAME")]
    split: Option<String>,
    /// Only rows that are never trained or tuned on (CRC-32 of the id, of pages the host, divisible by 5)
    #[arg(long)]
    held_out: bool,
    #[command(flatten)]
    config: ConfigArguments,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let report = match &self.stage {
            Stage::Language(arguments) => arguments.stage.score(|config, data, rows, predictions| {
                let config = &config.detect_language;
                let (report, picture) = eval::language::evaluate_and_plot(data, rows, predictions, config)?;
                if let Some(path) = &arguments.plot {
                    std::fs::write(path, picture)
                        .with_context(|| format!("cannot write {}", path.display()))?;
                }
                Ok(report)
            }),
            Stage::Pages(arguments) => arguments.score(|config, data, rows, predictions| {
                eval::pages::evaluate(data, rows, predictions, &config.strip_boilerplate)
            }),
            Stage::Topics(arguments) => arguments.score(|config, data, rows, predictions| {
                eval::topics::evaluate(data, rows, predictions, &config.classify_topics)
            }),
            Stage::Dedup(arguments) => {
                let config = arguments.config.load()?;
                let order = eval::dedup::Order { shuffle: arguments.shuffle };
                let predictions = arguments.predictions.as_deref();
                eval::dedup::evaluate(&arguments.data, order, predictions, &config.deduplicate)
                    .map_err(Failure::Failed)
            }
        }?;
        match io::stdout().write_all(report.table.as_bytes()) {
            // A reader that goes away (`| head`) has seen what it wanted.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Failed(error.into())),
            _ => Ok(()),
        }
    }
}

impl StageArguments {
    fn score(
        &self,
        evaluate: impl FnOnce(&Config, &Path, &Selection, Option<&Path>) -> anyhow::Result<Report>,
    ) -> Result<Report, Failure> {
        let config = self.config.load()?;
        let selection = Selection { split: self.split.clone(), held_out: self.held_out };
        evaluate(&config, &self.data, &selection, self.predictions.as_deref()).map_err(Failure::Failed)
    }
}
