//! `newsmill train`: fits the models of the stages.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::Failure;
use crate::stages::classify_topics;
use crate::{models, train};

/// Fit the model of a stage to labelled data
///
/// The same data gives the same bytes. A topic model is used where `classify_topics.model` names its file; the others are built
/// into the program, which has to be built again to use them.
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill train topics --data news.jsonl.xz --data briefs.jsonl.xz --output models/topics.bin
  newsmill train topics --data desk.jsonl --base built-in --output more.bin
  newsmill train topics --data desk.jsonl --taxonomy desk.tsv --output desk.bin
    then NEWSMILL_CLASSIFY_TOPICS_MODEL=desk.bin newsmill eval topics --data desk.jsonl --held-out
  newsmill train encoder-head --data briefs.jsonl.xz --data sib200.jsonl.xz --output models/encoder-head.bin
  newsmill train subtopics --vocabulary mediatopics.jsonl.xz --output models/subtopics.bin
  newsmill train language --data sentences.jsonl.xz --without bench.jsonl.xz --output models/language.bin
  newsmill train blocks --data labelled/ --output models/blocks.bin --validate")]
pub struct Arguments {
    #[command(subcommand)]
    model: Model,
}

#[derive(Subcommand)]
enum Model {
    /// Topics: rows {id, lang, text, title?, topics, source?, split?}; writes the model and its card (.md)
    Topics(TopicsArguments),
    /// Topics by the sentence encoder and its student (see `newsmill models`): rows as for topics
    EncoderHead(EncoderHeadArguments),
    /// Sub-topics: the vocabulary of IPTC Media Topics, rows {qcode, level, parent, top, retired, label}
    Subtopics(SubtopicsArguments),
    /// Language: rows {id, lang, text, title?, source?, split?}; writes the model and its card (.md)
    Language(LanguageArguments),
    /// Main text, block by block: a folder with pages/ and plain/ sets as `eval pages` reads them
    Blocks(BlocksArguments),
}

#[derive(Args)]
struct TopicsArguments {
    /// Labelled rows; give it again for each file
    #[arg(long, required = true, value_name = "FILE")]
    data: Vec<PathBuf>,
    /// Topics of your own instead of IPTC Media Topics: lines `code<TAB>name`, 2 to 60 of them
    #[arg(long, value_name = "FILE")]
    taxonomy: Option<PathBuf>,
    /// Learn on top of this model, so that a few hundred texts teach it a language or a publisher's ways: a file, or
    /// `built-in`; its topics are kept
    #[arg(long, value_name = "FILE", conflicts_with = "taxonomy")]
    base: Option<PathBuf>,
    /// Where the model goes; its card goes beside it
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Args)]
struct EncoderHeadArguments {
    /// Labelled rows; give it again for each file
    #[arg(long, required = true, value_name = "FILE")]
    data: Vec<PathBuf>,
    /// The encoder's file, if not where `newsmill models add` puts it
    #[arg(long, value_name = "FILE", default_value = "")]
    encoder: String,
    /// Where the head goes; its card goes beside it
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Args)]
struct SubtopicsArguments {
    /// The vocabulary
    #[arg(long, value_name = "FILE")]
    vocabulary: PathBuf,
    /// Where its labels go
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Args)]
struct LanguageArguments {
    /// Labelled rows; give it again for each file
    #[arg(long, required = true, value_name = "FILE")]
    data: Vec<PathBuf>,
    /// Rows for measuring only: what shares text with them is not trained on
    #[arg(long, value_name = "FILE")]
    without: Vec<PathBuf>,
    /// Where the model goes; its card goes beside it
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Args)]
struct BlocksArguments {
    /// Folder of labelled pages
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where the model goes
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Keep two fifths of the hosts apart and score on them
    #[arg(long)]
    validate: bool,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        match self.model {
            Model::Topics(arguments) => topics(&arguments),
            Model::EncoderHead(arguments) => encoder_head(&arguments),
            Model::Subtopics(arguments) => subtopics(&arguments),
            Model::Language(arguments) => language(&arguments),
            Model::Blocks(arguments) => blocks(&arguments),
        }
        .map_err(Failure::Failed)
    }
}

fn topics(arguments: &TopicsArguments) -> anyhow::Result<()> {
    let taxonomy = arguments.taxonomy.clone();
    let settings = train::topics::Settings { taxonomy, ..train::topics::Settings::default() };
    let base = match &arguments.base {
        Some(base) if base.as_os_str() == "built-in" => Some(classify_topics::built_in()),
        Some(base) => Some(models::open_topics(base)?),
        None => None,
    };
    let say = &mut |line: &str| eprintln!("{line}");
    train::topics::train(&arguments.data, base.as_ref(), &arguments.output, &settings, say)?;
    eprintln!("written to {}", arguments.output.display());
    Ok(())
}

fn encoder_head(arguments: &EncoderHeadArguments) -> anyhow::Result<()> {
    let EncoderHeadArguments { data, encoder, output } = arguments;
    let encoder = models::open_encoder(&models::encoder_path(encoder)?)?;
    let settings = train::encoder_head::Settings::default();
    train::encoder_head::train(data, &encoder, output, &settings, &mut |line| eprintln!("{line}"))?;
    eprintln!("written to {}", output.display());
    Ok(())
}

fn subtopics(arguments: &SubtopicsArguments) -> anyhow::Result<()> {
    let SubtopicsArguments { vocabulary, output } = arguments;
    let labels = train::subtopics::train(vocabulary, output)?;
    eprintln!("{labels} labels, written to {}", output.display());
    Ok(())
}

fn language(arguments: &LanguageArguments) -> anyhow::Result<()> {
    let LanguageArguments { data, without, output } = arguments;
    let settings = train::language::Settings::default();
    train::language::train(data, without, output, &settings, &mut |line| eprintln!("{line}"))?;
    eprintln!("written to {}", output.display());
    Ok(())
}

fn blocks(arguments: &BlocksArguments) -> anyhow::Result<()> {
    let options = train::blocks::Options { validate: arguments.validate, ..Default::default() };
    let (model, report) = train::blocks::train(&arguments.data, &options)?;
    let path = &arguments.output;
    std::fs::write(path, model.write()).with_context(|| format!("cannot write {}", path.display()))?;
    for line in report {
        eprintln!("{line}");
    }
    eprintln!("written to {}", path.display());
    Ok(())
}
