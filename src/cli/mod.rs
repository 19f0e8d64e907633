//! The command line: one file a command.
//!
//! Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 unreachable.

// The terminal is where commands speak.
#![allow(clippy::print_stderr, clippy::print_stdout)]

mod check;
mod completions;
mod eval;
mod explain;
mod export;
mod health;
mod import;
mod man;
mod models;
mod process;
mod replay;
mod run;
mod schema;
mod stretch;
mod test;
mod train;
mod version;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::error::ErrorKind;
use clap::{ArgAction, Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::config::{self, Config};

/// Turns a stream of raw news pages into clean, de-duplicated, labelled articles
#[derive(Parser)]
#[command(
    name = "newsmill",
    version,
    disable_version_flag = true,
    arg_required_else_help = true,
    max_term_width = 110
)]
#[command(after_help = "Examples:
  newsmill process pages.jsonl > articles.jsonl     pages from a file, no broker
  zcat pages.jsonl.gz | newsmill process - | jq .title
  newsmill explain page.html                        why a page became what it did

Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 unreachable")]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Print the version: -V in one line, --version with those of the models
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Arguments),
    Process(process::Arguments),
    Explain(explain::Arguments),
    Check(check::Arguments),
    Replay(replay::Arguments),
    Import(import::Arguments),
    Export(export::Arguments),
    Health(health::Arguments),
    Eval(eval::Arguments),
    Train(train::Arguments),
    Models(models::Arguments),
    Schema(schema::Arguments),
    Test(test::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Where the configuration is.
#[derive(Args)]
pub struct ConfigArguments {
    /// Configuration file (TOML); every key can also be set by a NEWSMILL_… variable
    #[arg(long, value_name = "FILE", env = "NEWSMILL_CONFIG")]
    config: Option<PathBuf>,
}

impl ConfigArguments {
    fn load(&self) -> Result<Config, config::Error> {
        Config::load(self.config.as_deref(), std::env::vars())
    }
}

/// How a command failed; the message goes to stderr.
pub enum Failure {
    /// Exit code 1.
    Failed(anyhow::Error),
    /// Exit code 2.
    Usage(anyhow::Error),
    /// Exit code 3.
    Unreachable(anyhow::Error),
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        Self::Usage(error.into())
    }
}

/// A bar over the records of a topic, on stderr if that is a terminal and it is wanted.
fn bar(wanted: bool) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(4));
    if !wanted || !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}  {elapsed_precise}") {
        bar.set_style(style);
    }
    bar
}

/// Sets `stop` at SIGINT or SIGTERM; a second one ends the process at once.
fn stop_on_signals(stop: &Arc<AtomicBool>) -> Result<(), Failure> {
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // The order counts: at the first signal the second registration sets what the first one looks at.
        signal_hook::flag::register_conditional_shutdown(signal, 130, stop.clone())
            .and_then(|_| signal_hook::flag::register(signal, stop.clone()))
            .map_err(|error| Failure::Failed(anyhow::anyhow!("cannot wait for signals: {error}")))?;
    }
    Ok(())
}

/// The arguments; where they are none to be run, such as `--help`, the process ends here.
fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| {
        // clap wants the long text before it knows whether it is asked for, and the models would be looked at by every command.
        if error.kind() == ErrorKind::DisplayVersion
            && std::env::args_os().any(|argument| argument == "--version")
        {
            version::print();
            std::process::exit(0);
        }
        error.exit()
    })
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let result = match parse().command {
        Command::Run(arguments) => arguments.run(),
        Command::Process(arguments) => arguments.run(),
        Command::Explain(arguments) => arguments.run(),
        Command::Check(arguments) => arguments.run(),
        Command::Replay(arguments) => arguments.run(),
        Command::Import(arguments) => arguments.run(),
        Command::Export(arguments) => arguments.run(),
        Command::Health(arguments) => arguments.run(),
        Command::Eval(arguments) => arguments.run(),
        Command::Train(arguments) => arguments.run(),
        Command::Models(arguments) => arguments.run(),
        Command::Schema(arguments) => arguments.run(),
        Command::Test(arguments) => arguments.run(),
        Command::Completions(arguments) => arguments.run(),
        Command::Man(arguments) => arguments.run(),
    };
    let (code, error) = match result {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Failed(error)) => (1, error),
        Err(Failure::Usage(error)) => (2, error),
        Err(Failure::Unreachable(error)) => (3, error),
    };
    eprintln!("newsmill: {error:#}");
    ExitCode::from(code)
}
