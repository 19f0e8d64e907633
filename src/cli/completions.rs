//! `newsmill completions`: what a shell completes.

use std::io::{self, Write};

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Failure};

/// Print the completions of a shell
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill completions bash > ~/.local/share/bash-completion/completions/newsmill
  newsmill completions zsh > \"${fpath[1]}/_newsmill\"
  newsmill completions fish > ~/.config/fish/completions/newsmill.fish")]
pub struct Arguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        // Made in memory, so that a reader that goes away is an error like others and no panic.
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "newsmill", &mut text);
        let written = io::stdout().write_all(&text).context("cannot write the completions");
        written.map_err(Failure::Failed)
    }
}
