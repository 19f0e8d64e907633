//! `newsmill eval`: scores a stage on labelled data.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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
  newsmill eval dedup --documents 5000000
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
    Topics(TopicsArguments),
    /// Near-duplicates: rows {id, cluster, title?, text, kind?} in stream order; and the index at size
    Dedup(DedupArguments),
}

#[derive(Args)]
struct DedupArguments {
    /// Labelled rows; may be left out where --documents is given
    #[arg(long, value_name = "FILE", required_unless_present = "documents")]
    data: Option<PathBuf>,
    /// Write the stage's answers to this file, one JSON object a row
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Shuffle the stream first
    #[arg(long, value_name = "SEED")]
    shuffle: Option<u64>,
    /// Then fill an index with so many made-up documents, and measure its memory and the time of a look-up; 0: do not.
    /// A million take some two minutes
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    documents: u64,
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
struct TopicsArguments {
    #[command(flatten)]
    stage: StageArguments,
    /// Draw score against accuracy to this file (SVG)
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Draw the matrix of wanted and given topics to this file (SVG)
    #[arg(long, value_name = "FILE")]
    confusion: Option<PathBuf>,
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
            Stage::Topics(arguments) => arguments.stage.score(|config, data, rows, predictions| {
                let config = &config.classify_topics;
                let (report, pictures) = eval::topics::evaluate(data, rows, predictions, config)?;
                let files =
                    [(&arguments.plot, pictures.reliability), (&arguments.confusion, pictures.confusion)];
                for (path, picture) in files.iter().filter_map(|(path, p)| Some((path.as_ref()?, p))) {
                    std::fs::write(path, picture)
                        .with_context(|| format!("cannot write {}", path.display()))?;
                }
                Ok(report)
            }),
            Stage::Dedup(arguments) => arguments.score(),
        }?;
        print(&report)
    }
}

fn print(report: &Report) -> Result<(), Failure> {
    match io::stdout().write_all(report.table.as_bytes()) {
        // A reader that goes away (`| head`) has seen what it wanted.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Failed(error.into())),
        _ => Ok(()),
    }
}

impl DedupArguments {
    fn score(&self) -> Result<Report, Failure> {
        let config = self.config.load()?.deduplicate;
        if self.data.is_none() && self.documents == 0 {
            return Err(Failure::Usage(anyhow::anyhow!(
                "nothing to measure: give --data, or more --documents than 0"
            )));
        }
        let mut report = Report::default();
        if let Some(data) = &self.data {
            let order = eval::dedup::Order { shuffle: self.shuffle };
            report = eval::dedup::evaluate(data, order, self.predictions.as_deref(), &config)
                .map_err(Failure::Failed)?;
        }
        if self.documents == 0 {
            return Ok(report);
        }
        // What is there already need not wait for the rest.
        if !report.table.is_empty() {
            report.table.push('\n');
            print(&report)?;
        }
        let bar = progress(eval::scale::work(self.documents));
        let report = eval::scale::measure(self.documents, &config, |more| bar.inc(more));
        bar.finish_and_clear();
        Ok(report)
    }
}

/// A bar on stderr; none where that is no terminal.
fn progress(work: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(work), ProgressDrawTarget::stderr_with_hz(4));
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {elapsed_precise}, {eta} left")
    {
        bar.set_style(style);
    }
    bar
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
