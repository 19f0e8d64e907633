//! newsmill's stages beside what others have for the same work, in one run on the same input. `script/bench --help` says
//! how to run it.

mod dedup;
mod extract;
mod index;
mod language;
mod memory;
mod topics;

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use serde::Deserialize;

#[derive(Parser)]
#[command(name = "script/bench", about = "newsmill's stages beside others' in one run on the same input")]
struct Args {
    #[command(subcommand)]
    stage: Stage,
}

#[derive(Subcommand)]
enum Stage {
    Extract(extract::Arguments),
    Dedup(dedup::Arguments),
    Language(language::Arguments),
    Topics(topics::Arguments),
    #[command(hide = true)]
    Index(index::Arguments),
    #[command(hide = true)]
    Pipe(extract::pipe::Arguments),
}

/// A page of a set; what else a row has is passed over.
#[derive(Deserialize)]
struct Row {
    url: Option<String>,
    html: Option<String>,
}

fn main() -> ExitCode {
    let met = match &Args::parse().stage {
        Stage::Extract(arguments) => extract::run(arguments),
        Stage::Dedup(arguments) => dedup::run(arguments),
        Stage::Language(arguments) => language::run(arguments),
        Stage::Topics(arguments) => topics::run(arguments),
        Stage::Index(arguments) => index::run(arguments),
        Stage::Pipe(arguments) => extract::pipe::run(arguments),
    };
    match met {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("script/bench: {error:#}");
            ExitCode::from(3)
        }
    }
}

/// What became of a promise, as a line.
fn verdict(kept: bool, promise: &str) -> String {
    format!("{}: {promise}", if kept { "kept" } else { "MISSED" })
}

/// CPU-seconds of each of `count` in each round: `once` lets one of them do its work, and says what that took.
fn in_rounds(rounds: u32, count: usize, mut once: impl FnMut(usize) -> f64) -> Vec<Vec<f64>> {
    let mut seconds = vec![Vec::new(); count];
    // Round 0 warms up. The order turns from round to round.
    for round in 0..=rounds as usize {
        for turn in 0..count {
            let which = (turn + round) % count;
            let took = once(which);
            if round > 0 {
                seconds[which].push(took);
            }
        }
    }
    seconds
}

/// So many per CPU-second, as a cell: those of the slowest round to those of the fastest.
fn range(count: usize, rounds: &[f64]) -> String {
    let slowest = rounds.iter().copied().fold(0.0, f64::max);
    let fastest = rounds.iter().copied().fold(f64::MAX, f64::min);
    format!("{:.0}–{:.0}", count as f64 / slowest, count as f64 / fastest)
}

/// The numbers that this program prints when it measures one thing in a process of its own.
fn in_child<const N: usize>(stage: &str, set: &Path, options: &[&str]) -> Result<[f64; N]> {
    let mut child = Command::new(std::env::current_exe()?);
    let output = child.arg(stage).arg(set).args(options).output().context("cannot start the probe")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    let said = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = said.split_whitespace().map_while(|n| n.parse().ok()).collect();
    numbers.try_into().map_err(|_| anyhow::anyhow!("the probe says something else than {N} numbers"))
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}
