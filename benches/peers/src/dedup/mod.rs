//! `script/bench dedup`: newsmill's near-duplicate index beside gaoya's MinHash with banding, in one run.
//!
//! - **Speed**: rounds are timed; in each, every finder takes all texts into an index that is empty at first, and the
//!   order turns from round to round. Time is the CPU time of the thread, from the text to the sketch, the look-up and the
//!   insert.
//! - **At size** ([`size`]): each in a process of its own.
//! - **The same bytes again** ([`again`]): on the pages of the set.

mod again;
mod finders;
mod size;
mod texts;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use newsmill::eval::cpu_seconds;
use newsmill::eval::scale::grouped;
use newsmill::eval::stream::Shares;

use again::Form;
#[cfg(feature = "peers")]
use finders::Gaoya;
use finders::{Finder, Kind, Newsmill};
use size::Measured;
use texts::Text;

use crate::{extract, in_rounds, median, range, verdict};

/// Documents at which memory is measured.
const MEMORY_AT: u64 = 1_000_000;
const MEMORY_GOAL: f64 = 150.0;
const SPEED_GOAL: f64 = 15_000.0;
/// Microseconds in which 99 of 100 look-ups have to be done at 5,000,000 documents.
const P99_GOAL: f64 = 1000.0;
/// Cost of a page with the same bytes over that of a fresh one.
const AGAIN_GOAL: f64 = 0.05;

/// The near-duplicate index beside gaoya's: speed, memory, and the cost of a look-up at size
#[derive(Args)]
pub struct Arguments {
    /// Pages: JSONL, compressed or not, of {url, html}. Without one texts are made up, and the cost of an exact repeat
    /// is not measured
    set: Option<PathBuf>,
    /// Timed rounds
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only the first pages of the set; 0 for all
    #[arg(long, default_value_t = 0)]
    limit: usize,
    /// Look-ups are timed at 1,000,000 and at so many documents, or as many as half of the free memory holds
    #[arg(long, value_name = "N", default_value_t = 5_000_000, value_parser = clap::value_parser!(u64).range(1000..))]
    documents: u64,
    #[arg(long, hide = true)]
    probe: Option<Kind>,
}

/// Measures and prints; whether all goals are reached.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let pages = arguments.set.as_ref().map(|set| extract::read(set, arguments.limit)).transpose()?;
    let texts = pages.as_deref().map_or_else(texts::made_up, texts::of_pages);
    ensure!(!texts.is_empty(), "the set has less than {} bytes of text", texts::BYTES);
    if let Some(kind) = arguments.probe {
        match kind {
            Kind::Newsmill => size::child::<Newsmill>(&texts, arguments.documents),
            #[cfg(feature = "peers")]
            Kind::Gaoya42 => size::child::<Gaoya<42, 3>>(&texts, arguments.documents),
            #[cfg(feature = "peers")]
            Kind::Gaoya20 => size::child::<Gaoya<20, 5>>(&texts, arguments.documents),
        }
        return Ok(true);
    }
    eprintln!("script/bench: {} timed rounds first, then each at size: some minutes each", arguments.rounds);
    let seconds = time(&texts, arguments.rounds);
    let mut measured = Vec::new();
    for kind in Kind::ALL {
        let of =
            size::measure(*kind, arguments).with_context(|| format!("cannot measure {}", kind.name()))?;
        measured.push(of);
    }
    let bytes: usize = texts.iter().map(|text| text.text.len()).sum();
    println!(
        "{} texts of {:.0} bytes, {}; {} rounds; one thread",
        grouped(texts.len() as u64),
        bytes as f64 / texts.len() as f64,
        arguments.set.as_ref().map_or("made up".to_owned(), |set| format!("from {}", set.display())),
        arguments.rounds
    );
    println!();
    print_speed(&texts, &seconds, &measured);
    println!();
    print_look_ups(&measured);
    println!("(of 100 that were looked up {} repeat one that is there)", Shares::WIRE.repeats());
    println!();
    let mut verdicts = goals(texts.len() as f64 / median(&seconds[0]), &measured[0]);
    match &pages {
        None => println!("not measured: the cost of an exact repeat, which takes a set of pages"),
        Some(pages) => {
            for form in [Form::Json, Form::Raw] {
                let again = again::measure(pages, arguments.rounds, form)?;
                let form_name = if form == Form::Json { "as JSON messages" } else { "as raw bodies" };
                println!(
                    "{} pages {form_name}: {:.3} ms CPU the first time, {:.4} ms with the same bytes again, {:.1} %",
                    again.pages,
                    again.fresh,
                    again.again,
                    again.ratio * 100.0
                );
                let promise = format!(
                    "an exact repeat {form_name} costs {:.1} % of a fresh page, goal {:.0} %",
                    again.ratio * 100.0,
                    AGAIN_GOAL * 100.0
                );
                verdicts.push((again.ratio < AGAIN_GOAL, promise));
            }
            println!();
        }
    }
    verdicts.iter().for_each(|(kept, promise)| println!("{}", verdict(*kept, promise)));
    Ok(verdicts.iter().all(|(kept, _)| *kept))
}

fn print_speed(texts: &[Text], seconds: &[Vec<f64>], measured: &[Measured]) {
    let row = |name: &str, cells: [&str; 5]| {
        let [median, range, full, documents, bytes] = cells;
        println!("{name:<24} {median:>10} {range:>14} {full:>10} {documents:>10} {bytes:>10}");
    };
    row("", ["texts", "lowest and", "texts", "", "bytes a"]);
    row("finder", ["/CPU-s", "highest round", "/CPU-s at", "documents", "document"]);
    for ((kind, rounds), of) in Kind::ALL.iter().zip(seconds).zip(measured) {
        let middle = format!("{:.0}", texts.len() as f64 / median(rounds));
        let (range, rate) = (range(texts.len(), rounds), format!("{:.0}", of.rate));
        row(kind.name(), [&middle, &range, &rate, &grouped(of.documents), &format!("{:.0}", of.bytes)]);
    }
}

fn print_look_ups(measured: &[Measured]) {
    let row = |name: &str, documents: &str, cells: [String; 4]| {
        let [half, p99, longest, found] = cells;
        println!("{name:<24} {documents:>10} {half:>14} {p99:>14} {longest:>10} {found:>10}");
    };
    let head = |cells: [&str; 4]| cells.map(str::to_owned);
    row("", "documents", head(["look-up and", "99 of 100", "longest", "repeats"]));
    row("finder", "in index", head(["insert, µs", "within, µs", "µs", "found, %"]));
    for (kind, of) in Kind::ALL.iter().zip(measured) {
        for of in &of.queries {
            let (half, p99) = (format!("{:.1}", of.half), format!("{:.1}", of.p99));
            let (longest, found) = (format!("{:.0}", of.longest), format!("{:.1}", of.found * 100.0));
            row(kind.name(), &grouped(of.documents), [half, p99, longest, found]);
        }
    }
}

/// The goals of the index, and whether they are reached.
fn goals(rate: f64, of: &Measured) -> Vec<(bool, String)> {
    let at = grouped(of.documents);
    let mut goals = vec![
        (of.bytes <= MEMORY_GOAL, format!("{:.0} bytes a document at {at}, goal {MEMORY_GOAL:.0}", of.bytes)),
        (rate >= SPEED_GOAL, format!("{rate:.0} texts per CPU-second, goal {SPEED_GOAL:.0}")),
        (
            of.rate >= SPEED_GOAL,
            format!("{:.0} texts per CPU-second at {at} documents, goal {SPEED_GOAL:.0}", of.rate),
        ),
    ];
    if let Some(last) = of.queries.last() {
        let at = grouped(last.documents);
        let took = last.p99;
        let promise = format!("99 of 100 look-ups within {took:.0} µs at {at} documents, goal {P99_GOAL:.0}");
        goals.push((took <= P99_GOAL, promise));
    }
    goals
}

/// CPU-seconds of each finder in each round.
fn time(texts: &[Text], rounds: u32) -> Vec<Vec<f64>> {
    in_rounds(rounds, Kind::ALL.len(), |which| match Kind::ALL[which] {
        Kind::Newsmill => through::<Newsmill>(texts),
        #[cfg(feature = "peers")]
        Kind::Gaoya42 => through::<Gaoya<42, 3>>(texts),
        #[cfg(feature = "peers")]
        Kind::Gaoya20 => through::<Gaoya<20, 5>>(texts),
    })
}

fn through<F: Finder>(texts: &[Text]) -> f64 {
    let mut finder = F::new();
    let clock = cpu_seconds();
    let started = clock();
    for text in texts {
        std::hint::black_box(finder.text(std::hint::black_box(text)));
    }
    clock() - started
}
