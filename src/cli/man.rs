//! `newsmill man`: the manual pages, made of what `--help` says.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Command, CommandFactory};
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
        // `help` is no command with a page.
        let mut newsmill = Cli::command().disable_help_subcommand(true);
        newsmill.build();
        match &self.dir {
            None => {
                io::stdout().write_all(&page(&Man::new(newsmill))?).context("cannot write the manual page")
            }
            Some(dir) => {
                std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
                write_all(&newsmill, dir)
            }
        }
    }
}

/// Writes the pages of a command and of those below it.
fn write_all(command: &Command, dir: &Path) -> anyhow::Result<()> {
    command.get_subcommands().try_for_each(|below| write_all(below, dir))?;
    let man = Man::new(command.clone());
    let path = dir.join(man.get_filename());
    std::fs::write(&path, page(&man)?).with_context(|| format!("cannot write {}", path.display()))
}

/// The page of a command. What `--help` shows last are examples, whose lines stay as they are.
fn page(man: &Man) -> anyhow::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render(&mut page).context("cannot make the manual page")?;
    let page = String::from_utf8(page).context("cannot make the manual page")?;
    Ok(match page.split_once("\n.SH EXTRA\n") {
        None => page.into_bytes(),
        Some((before, after)) => {
            let (examples, version) = after.split_once("\n.SH VERSION").unwrap_or((after, ""));
            let version = if version.is_empty() { String::new() } else { format!(".SH VERSION{version}") };
            let examples = examples.strip_prefix("Examples:\n").unwrap_or(examples).trim_end();
            format!("{before}\n.SH EXAMPLES\n.nf\n{examples}\n.fi\n{version}").into_bytes()
        }
    })
}
