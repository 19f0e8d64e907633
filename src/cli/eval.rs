//! `newsmill eval`: scores a stage on labelled data.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ConfigArguments, Failure};
use crate::eval::{self, Selection};

/// Score a stage on labelled data: quality and documents per CPU-second
///
/// Data is JSONL, plain or compressed (.xz, .gz, .zst).
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill eval language --data bench.jsonl.xz
  newsmill eval dedup --data stream.jsonl.xz --shuffle 7
  newsmill eval topics --data news.jsonl.xz --split dev --predictions predictions.jsonl")]
pub struct Arguments {
    #[command(subcommand)]
    stage: Stage,
}

#[derive(Subcommand)]
enum Stage {
    /// Language: rows {id, set?, lang, text, title?, split?}
    Language(StageArguments),
    /// Main text and fields: rows {id, url, html | lines, text | gold_text, title?, author?, date?, with?, without?}
    Pages(StageArguments),
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
            Stage::Language(arguments) => {
                let config = arguments.config.load()?;
                let selection = Selection { split: arguments.split.clone(), held_out: arguments.held_out };
                let (data, predictions) = (&arguments.data, arguments.predictions.as_deref());
                eval::language::evaluate(data, &selection, predictions, &config.detect_language)
            }
            Stage::Pages(arguments) => {
                let config = arguments.config.load()?;
                let selection = Selection { split: arguments.split.clone(), held_out: arguments.held_out };
                let (data, predictions) = (&arguments.data, arguments.predictions.as_deref());
                eval::pages::evaluate(data, &selection, predictions, &config.strip_boilerplate)
            }
            Stage::Dedup(arguments) => {
                let config = arguments.config.load()?;
                let order = eval::dedup::Order { shuffle: arguments.shuffle };
                eval::dedup::evaluate(
                    &arguments.data,
                    order,
                    arguments.predictions.as_deref(),
                    &config.deduplicate,
                )
            }
        };
        print!("{}", report.map_err(Failure::Failed)?.table);
        Ok(())
    }
}
