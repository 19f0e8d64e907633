//! One extractor over page messages on stdin, a line of its outcome for each on stdout: how `script/bench pipeline` runs it
//! beside whole pipelines, in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use super::extractors::Extractor;

/// An extractor over page messages on stdin
#[derive(Args)]
pub struct Arguments {
    extractor: Extractor,
}

/// A page message; the extractor takes its text alone, as in [`super::run`].
#[derive(Deserialize)]
struct Message {
    id: String,
    url: Option<String>,
    body: String,
}

/// Reads to the end of stdin.
pub fn run(args: &Arguments) -> Result<bool> {
    let is_there = cfg!(feature = "peers") || args.extractor == Extractor::Newsmill;
    ensure!(is_there, "built without the other extractors: build the bench with its default features");
    std::panic::set_hook(Box::new(|_| {}));
    let extract = args.extractor.ready();
    let mut out = std::io::stdout().lock();
    for line in BufReader::new(std::io::stdin().lock()).lines() {
        let Message { id, url, body } = serde_json::from_str(&line?).context("a line is no page message")?;
        let page = super::page(&id, url, body);
        let outcome = match catch_unwind(AssertUnwindSafe(|| extract(&page))) {
            Ok(true) => "article",
            Ok(false) => "rejected",
            Err(_) => "panicked",
        };
        writeln!(out, "{{\"outcome\":\"{outcome}\"}}")?;
    }
    Ok(true)
}
