//! newsmill's stages beside what others have for the same work, in one run on the same pages. `script/bench --help` says
//! how to run it.

mod dedup;
mod extract;
mod memory;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde::Deserialize;

#[derive(Parser)]
#[command(name = "script/bench", about = "newsmill's stages beside others' in one run on the same pages")]
struct Args {
    #[command(subcommand)]
    stage: Stage,
}

#[derive(Subcommand)]
enum Stage {
    Extract(extract::Arguments),
    Dedup(dedup::Arguments),
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
