//! Each finder at size, in a process of its own: memory a document, and what a look-up costs.
//!
//! The child fills the finder with made-up documents, all different; then it looks up further ones, of which some repeat
//! what is there, each by itself on the clock. It writes what it found as lines of a word and numbers.

use std::io::{BufRead, BufReader, IsTerminal};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use newsmill::eval::cpu_seconds;
use newsmill::eval::scale::{Costs, LOOKED_UP, SEED};
use newsmill::eval::stream::{Shares, Stream};

use super::finders::{Finder, Kind};
use super::texts::Text;
use super::{Arguments, MEMORY_AT};
use crate::memory;

/// Documents that are put in between two signs of life.
const STEP: u64 = 10_000;

/// What was measured of one finder.
#[derive(Debug, Default)]
pub struct Measured {
    /// Documents at which memory was measured, and bytes of each.
    pub documents: u64,
    pub bytes: f64,
    /// Texts of 2.5 kB per CPU-second, into an index of so many documents.
    pub rate: f64,
    pub queries: Vec<Queries>,
}

/// Microseconds of a look-up with its insert at so many documents.
#[derive(Debug)]
pub struct Queries {
    pub documents: u64,
    pub half: f64,
    pub p99: f64,
    pub longest: f64,
    /// Repeats found, of all that were looked up.
    pub found: f64,
}

/// The child.
pub fn child<F: Finder>(texts: &[Text], documents: u64) {
    let stream = Stream::new(SEED, documents + LOOKED_UP, Shares::NONE);
    let free = free_bytes() / 2.0;
    let room = |bytes: f64| (free / bytes) as u64;
    let first = documents.min(MEMORY_AT).min(room(F::MOST_BYTES as f64));
    memory::count();
    let mut finder = F::new();
    fill(&mut finder, &stream, 0, first);
    let bytes = memory::held() as f64 / first as f64;
    memory::stop();
    println!("memory {first} {bytes}");
    look_up(&mut finder, &stream, first);
    let clock = cpu_seconds();
    let started = clock();
    texts.iter().for_each(|text| {
        std::hint::black_box(finder.text(text));
    });
    println!("texts {}", texts.len() as f64 / (clock() - started).max(1e-9));
    let next = first + LOOKED_UP;
    // To the hundred thousand below what there is room for.
    let last = documents.min(room(bytes) / 100_000 * 100_000);
    if last > next {
        fill(&mut finder, &stream, next, last);
        look_up(&mut finder, &stream, last);
    }
    // To take millions of little things apart lasts long and shows nothing.
    std::process::exit(0);
}

fn fill<F: Finder>(finder: &mut F, stream: &Stream, first: u64, end: u64) {
    let shown = std::io::stderr().is_terminal();
    for n in first..end {
        finder.put(F::made(stream, n));
        if shown && n.is_multiple_of(STEP) {
            eprint!("\r{n} of {end} documents ");
        }
    }
    if shown {
        eprint!("\r{:40}\r", "");
    }
}

fn look_up<F: Finder>(finder: &mut F, stream: &Stream, documents: u64) {
    let stream = stream.with(Shares::WIRE);
    let mut found = 0;
    let put = |made| found += u64::from(finder.put(made));
    let costs = Costs::of(documents..documents + LOOKED_UP, |n| F::made(&stream, n), put, |_| {});
    let within = [0.5, 0.99, 1.0].map(|share| costs.within(share));
    let [half, p99, longest] = within;
    println!("queries {documents} {half} {p99} {longest} {}", found as f64 / LOOKED_UP as f64);
}

/// Memory that is free, as the system sees it.
fn free_bytes() -> f64 {
    let about = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = about.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map_or(f64::INFINITY, |kilobytes| kilobytes * 1024.0)
}

/// Runs a child.
pub fn measure(kind: Kind, arguments: &Arguments) -> Result<Measured> {
    let name = kind.to_possible_value().context("a finder has no name")?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("dedup")
        .args(&arguments.set)
        .args(["--limit", &arguments.limit.to_string(), "--documents", &arguments.documents.to_string()])
        .args(["--probe", name.get_name()])
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the probe")?;
    let mut measured = Measured::default();
    for line in BufReader::new(child.stdout.take().context("the probe has no output")?).lines() {
        let line = line?;
        let mut words = line.split(' ');
        let what = words.next().unwrap_or_default();
        let numbers: Vec<f64> = words.map_while(|word| word.parse().ok()).collect();
        match (what, &numbers[..]) {
            ("memory", [documents, bytes]) => {
                (measured.documents, measured.bytes) = (*documents as u64, *bytes);
            }
            ("texts", [rate]) => measured.rate = *rate,
            ("queries", &[documents, half, p99, longest, found]) => {
                let documents = documents as u64;
                measured.queries.push(Queries { documents, half, p99, longest, found });
            }
            _ => {}
        }
    }
    let ended = child.wait()?;
    ensure!(ended.success() && !measured.queries.is_empty(), "the probe of {} ended: {ended}", kind.name());
    Ok(measured)
}
