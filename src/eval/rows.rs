//! Labelled rows: JSONL, compressed or not.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
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
        serde_json::from_str(&line.with_context(place)?)
            .map_err(|error| anyhow!("{}: {}", place(), misread(&error)))
    }))
}

/// What is wrong with a line. The line that serde counts is always the first: it is left out.
fn misread(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let what = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
    if error.is_data() {
        format!("{what}; --help says what a row has")
    } else {
        format!("no JSON: {what} at column {}; give one object a line", error.column())
    }
}

/// Whether the rows of a host (or, without one, of an id) are held out: never trained or tuned on.
/// CRC-32 of the host without `www.`, in small letters, divisible by 5.
pub fn held_out(url: Option<&str>, id: &str) -> bool {
    let host = host(url.unwrap_or("")).to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    crc32(if host.is_empty() { id } else { host }.as_bytes()).is_multiple_of(5)
}

/// The authority of a URL, as Python's `urlsplit` takes it.
fn host(url: &str) -> &str {
    let Some(at) = url.find("//") else { return "" };
    let rest = &url[at + 2..];
    &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())]
}

/// CRC-32 as zlib computes it.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_is_none_is_named_by_its_line() {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct Row {
            id: u32,
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.jsonl");
        std::fs::write(&path, "{\"id\": 1}\n\n{}\nid 2\n").unwrap();
        let rows: Vec<String> = read::<Row>(&path)
            .unwrap()
            .filter_map(|row| row.err().map(|error| format!("{error:#}")))
            .collect();
        let at = |line: u32| format!("{}, line {line}: ", path.display());
        assert_eq!(
            rows,
            [
                at(3) + "missing field `id`; --help says what a row has",
                at(4) + "no JSON: expected value at column 1; give one object a line"
            ]
        );
    }

    #[test]
    fn hosts_and_checksums() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(host("https://www.example.com/a?b"), "www.example.com");
        assert_eq!(host("example.com/a"), "");
        assert_eq!(held_out(Some("https://www.fakehost/x"), "1"), crc32(b"fakehost").is_multiple_of(5));
        assert_eq!(held_out(None, "7"), crc32(b"7").is_multiple_of(5));
    }

    #[test]
    fn reads_lines_and_names_bad_ones() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.jsonl");
        std::fs::write(&path, "{\"a\":1}\n\n{\"a\":2}\nnope\n").unwrap();
        let all: Vec<Result<serde_json::Value>> = read(&path).unwrap().collect();
        assert_eq!(all.len(), 3);
        assert_eq!(all[1].as_ref().unwrap()["a"], 2);
        assert!(format!("{:#}", all[2].as_ref().unwrap_err()).contains("line 4"));
    }
}
