//! Labelled rows: JSONL, compressed or not.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;

use crate::codec::open_stream;

/// Reads the rows of a JSONL file (plain, gzip, zstd or xz). Blank lines are passed over.
///
/// # Errors
/// The file cannot be opened, or (as an item) a line cannot be read as a row: both name the place.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<impl Iterator<Item = Result<T>>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let stream =
        open_stream(BufReader::new(file)).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.display().to_string();
    let rows =
        stream.lines().enumerate().filter(|(_, line)| !line.as_ref().is_ok_and(|l| l.trim().is_empty()));
    Ok(rows.map(move |(i, line)| {
        let place = || format!("{name}, line {}", i + 1);
        serde_json::from_str(&line.with_context(place)?).with_context(place)
    }))
}
