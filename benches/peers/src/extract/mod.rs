//! `script/bench extract`: newsmill's main-text stage beside other extractors: pages per CPU-second and memory per page,
//! in one run, on the same pages, on one thread.
//!
//! First every extractor goes once over all pages in a process of its own ([`probe`]): that gives the memory, and the
//! pages on which one of them panics, dies or hangs; those are left out for all. Then rounds are timed: in each, every
//! extractor takes all pages, and the order turns from round to round. Time is the CPU time of the thread.

mod extractors;
pub mod pipe;
mod probe;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use newsmill::eval::cpu_seconds;
use newsmill::record::{Hash128, Markup, Origin, Page, Source};

use extractors::Extractor;
use probe::Probed;

use crate::{Row, in_rounds, median, range, verdict};

/// Memory of a page may be this many times its size.
const MEMORY_GOAL: f64 = 10.0;
/// Smaller pages are not held to it: a few tables of fixed size are all that they take.
const SMALL_BYTES: usize = 10_000;

/// The main-text stage beside other extractors: speed and memory
#[derive(Args)]
pub struct Arguments {
    /// Labelled pages: JSONL, compressed or not, of {id, url, html}
    set: PathBuf,
    /// Timed rounds
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only the first pages of the set; 0 for all
    #[arg(long, default_value_t = 0)]
    limit: usize,
    /// A page that takes an extractor longer is left out
    #[arg(long, default_value_t = 10)]
    cap_seconds: u64,
    #[arg(long, hide = true)]
    probe: Option<Extractor>,
    #[arg(long, hide = true, default_value_t = 0)]
    first: usize,
}

fn page(id: &str, url: Option<String>, body: String) -> Page {
    let source = Source::File { input: Arc::from("bench"), line: 1 };
    Page {
        origin: Origin { source, body: Hash128::default() },
        page_id: id.to_owned(),
        url,
        fetched_at: None,
        markup: Markup::Html,
        body,
        language_hint: None,
        extra: None,
    }
}

pub fn read(set: &Path, limit: usize) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for row in newsmill::eval::read::<Row>(set)? {
        let Row { url, html } = row?;
        if let Some(html) = html.filter(|html| !html.is_empty()) {
            pages.push(page(&pages.len().to_string(), url, html));
        }
        if pages.len() == limit {
            break;
        }
    }
    ensure!(!pages.is_empty(), "{} holds no pages: give a set whose rows have html", set.display());
    Ok(pages)
}

/// Measures and prints; whether all goals are reached.
pub fn run(args: &Arguments) -> Result<bool> {
    let pages = read(&args.set, args.limit)?;
    if let Some(extractor) = args.probe {
        return probe::child(extractor, &pages, args.first).map(|()| true);
    }
    eprintln!("script/bench: {} pages; memory first, then {} timed rounds", pages.len(), args.rounds);
    let cap = Duration::from_secs(args.cap_seconds);
    let mut probes = Vec::new();
    for extractor in Extractor::ALL {
        let probed = probe::probe(extractor, &args.set, args.limit, pages.len(), cap)
            .with_context(|| format!("cannot measure {}", extractor.name()))?;
        probes.push(probed);
    }
    let sound = |index: usize| probes.iter().all(|probed| matches!(probed[index], Probed::Peak(_)));
    let timed: Vec<&Page> = (0..pages.len()).filter(|i| sound(*i)).map(|i| &pages[i]).collect();
    ensure!(!timed.is_empty(), "no page that all extractors get through");
    let seconds = time(&timed, args.rounds);

    let bytes: usize = timed.iter().map(|page| page.body.len()).sum();
    println!(
        "{} pages of {}, {:.1} MB; {} rounds; one thread",
        timed.len(),
        args.set.display(),
        bytes as f64 / 1e6,
        args.rounds
    );
    println!();
    println!(
        "{:<32} {:>11} {:>14} {:>8} {:>10} {:>25}",
        "", "pages", "lowest and", "MB", "newsmill", "memory, × size of page"
    );
    println!(
        "{:<32} {:>11} {:>14} {:>8} {:>10} {:>8} {:>8} {:>8}",
        "extractor", "/CPU-second", "highest round", "/CPU-s", "is faster", "median", "≥ 10 kB", "max"
    );
    let mut met = true;
    let mut verdicts = Vec::new();
    let ours = median(&seconds[0]);
    for (extractor, (rounds, probed)) in Extractor::ALL.into_iter().zip(seconds.iter().zip(&probes)) {
        let ratio = median(rounds) / ours;
        let memory = Memory::new(probed, &pages);
        println!(
            "{:<32} {:>11.0} {:>14} {:>8.1} {:>10} {:>8.1} {:>8.1} {:>8.1}",
            extractor.name(),
            timed.len() as f64 / median(rounds),
            range(timed.len(), rounds),
            bytes as f64 / 1e6 / median(rounds),
            if extractor == Extractor::Newsmill { String::new() } else { format!("{ratio:.2} ×") },
            memory.median,
            memory.large,
            memory.all,
        );
        let mut hold = |kept: bool, promise: String| {
            met &= kept;
            verdicts.push(verdict(kept, &promise));
        };
        if let Some(goal) = extractor.goal() {
            hold(ratio >= goal, format!("{ratio:.2} × the speed of {}, goal {goal:.0} ×", extractor.name()));
        }
        if extractor == Extractor::Newsmill {
            hold(
                memory.large <= MEMORY_GOAL,
                format!(
                    "a page of 10 kB or more takes {:.1} × its size at most, goal {MEMORY_GOAL:.0} ×",
                    memory.large
                ),
            );
        }
    }
    println!();
    for (extractor, probed) in Extractor::ALL.into_iter().zip(&probes) {
        for (index, what) in probed.iter().enumerate() {
            let what = match what {
                Probed::Peak(_) => continue,
                Probed::Panicked => "panicked".to_owned(),
                Probed::Died => "ended the process".to_owned(),
                Probed::Hung => format!("took over {} s", args.cap_seconds),
            };
            let name = pages[index].url.as_deref().unwrap_or("without an address");
            println!("left out: {} {what} on page {}, {name}", extractor.name(), index + 1);
        }
    }
    verdicts.iter().for_each(|verdict| println!("{verdict}"));
    Ok(met)
}

/// CPU-seconds of each extractor in each round.
fn time(pages: &[&Page], rounds: u32) -> Vec<Vec<f64>> {
    let ready: Vec<_> = Extractor::ALL.into_iter().map(Extractor::ready).collect();
    let clock = cpu_seconds();
    in_rounds(rounds, ready.len(), |which| {
        let started = clock();
        for page in pages {
            std::hint::black_box(ready[which](std::hint::black_box(page)));
        }
        clock() - started
    })
}

/// Peak bytes by bytes of the page: the median, the largest among pages that are not small, and the largest.
struct Memory {
    median: f64,
    large: f64,
    all: f64,
}

impl Memory {
    fn new(probed: &[Probed], pages: &[Page]) -> Self {
        let parts: Vec<(f64, bool)> = probed
            .iter()
            .zip(pages)
            .filter_map(|(probed, page)| match probed {
                Probed::Peak(peak) => {
                    Some((*peak as f64 / page.body.len() as f64, page.body.len() >= SMALL_BYTES))
                }
                _ => None,
            })
            .collect();
        let all: Vec<f64> = parts.iter().map(|part| part.0).collect();
        let max = |small: bool| parts.iter().filter(|p| small || p.1).map(|p| p.0).fold(0.0, f64::max);
        Self { median: median(&all), large: max(false), all: max(true) }
    }
}
