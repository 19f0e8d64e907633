//! `newsmill man`: the manual pages, made of what `--help` says.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::{Cli, Failure};

/// Print the manual page, or write those of all commands
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill man | man -l -
  newsmill man --dir ~/.local/share/man/man1      then: man newsmill-process")]
pub struct Arguments {
    /// Write a page for newsmill and for each command into this folder: newsmill.1, newsmill-run.1 …
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        self.write().map_err(Failure::Failed)
    }

    fn write(&self) -> anyhow::Result<()> {
        let Some(dir) = &self.dir else {
            let mut page = Vec::new();
            // As the page that is written to a folder: `help` is no command of its own.
            Man::new(Cli::command().disable_help_subcommand(true))
                .render(&mut page)
                .context("cannot make the manual page")?;
            return io::stdout().write_all(&page).context("cannot write the manual page");
        };
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        clap_mangen::generate_to(Cli::command(), dir)
            .with_context(|| format!("cannot write manual pages into {}", dir.display()))
    }
}
