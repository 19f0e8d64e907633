//! `script/bench language`: newsmill's language stage beside lingua and CLD2, in one run, on the same articles, on one
//! thread.
//!
//! First every finder is loaded in processes of its own ([`probe`]): that gives the time to load, and the memory. Then
//! rounds are timed: in each, every finder takes all articles, and the order turns from round to round. Time is the CPU
//! time of the thread, from the text to the code of its language.

mod articles;
mod finders;
mod probe;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use newsmill::eval::cpu_seconds;
use newsmill::eval::scale::grouped;

use articles::Article;
use finders::Kind;
use probe::Probed;

use crate::memory::MIB;
use crate::{in_rounds, median, range, verdict};

/// Articles per CPU-second.
const SPEED_GOAL: f64 = 8000.0;

/// The language stage beside lingua and CLD2: speed, share right, memory, and time to load
#[derive(Args)]
pub struct Arguments {
    /// Labelled texts: JSONL, compressed or not, of {lang, text}; rows of the sets junk, mixed_* and unsup* are left out
    set: PathBuf,
    /// Timed rounds
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Articles of each language at most; 0 for all
    #[arg(long, default_value_t = 20)]
    limit: usize,
    #[arg(long, hide = true)]
    probe: Option<Kind>,
}

/// Measures and prints; whether all goals are reached.
pub fn run(arguments: &Arguments) -> Result<bool> {
    if let Some(kind) = arguments.probe {
        // Before anything else: what was held and given back would hide what the models take.
        return probe::child(kind, arguments).map(|()| true);
    }
    let set = arguments.set.display();
    let articles = articles::read(&arguments.set, arguments.limit)?;
    ensure!(
        !articles.is_empty(),
        "{set} has less than {} bytes of long text in any language",
        articles::BYTES
    );
    eprintln!(
        "script/bench: {} articles; loading first, then {} timed rounds: some minutes",
        grouped(articles.len() as u64),
        arguments.rounds
    );
    let mut probes = Vec::new();
    for kind in Kind::ALL {
        let probed =
            (0..arguments.rounds).map(|_| probe::probe(*kind, arguments)).collect::<Result<Vec<_>>>();
        probes.push(probed.with_context(|| format!("cannot measure {}", kind.name()))?);
    }
    let (seconds, right) = time(&articles, arguments.rounds);

    let mut languages: Vec<&str> = articles.iter().map(|article| primary(&article.lang)).collect();
    languages.sort_unstable();
    languages.dedup();
    let bytes: usize = articles.iter().map(|article| article.extracted.text.len()).sum();
    println!(
        "{} articles of {:.0} bytes in {} languages, from {set}; {} rounds; one thread",
        grouped(articles.len() as u64),
        bytes as f64 / articles.len() as f64,
        languages.len(),
        arguments.rounds
    );
    println!();
    let row = |name: &str, cells: [&str; 7]| {
        let [median, range, ratio, right, load, loaded, used] = cells;
        println!(
            "{name:<24} {median:>11} {range:>14} {ratio:>10} {right:>8} {load:>8} {loaded:>8} {used:>8}"
        );
    };
    row("", ["articles", "lowest and", "newsmill", "", "to load,", "MiB once", "and"]);
    row("finder", ["/CPU-second", "highest round", "is faster", "right, %", "ms", "loaded", "used"]);
    let ours = median(&seconds[0]);
    let speed = articles.len() as f64 / ours;
    let mut goals =
        vec![(speed >= SPEED_GOAL, format!("{speed:.0} articles per CPU-second, goal {SPEED_GOAL:.0}"))];
    for (which, kind) in Kind::ALL.iter().enumerate() {
        let rounds = &seconds[which];
        let ratio = median(rounds) / ours;
        let of = |what: fn(&Probed) -> f64| median(&probes[which].iter().map(what).collect::<Vec<_>>());
        let faster = if *kind == Kind::Newsmill { String::new() } else { format!("{ratio:.2} ×") };
        let cells = [
            format!("{:.0}", articles.len() as f64 / median(rounds)),
            range(articles.len(), rounds),
            faster,
            format!("{:.1}", 100.0 * right[which] as f64 / articles.len() as f64),
            format!("{:.0}", of(|probed| probed.seconds * 1e3)),
            format!("{:.0}", of(|probed| probed.loaded / MIB)),
            format!("{:.0}", of(|probed| probed.used / MIB)),
        ];
        row(kind.name(), cells.each_ref().map(String::as_str));
        if let Some(goal) = kind.goal() {
            let promise = format!("{ratio:.2} × the speed of {}, goal {goal:.1} ×", kind.name());
            goals.push((ratio >= goal, promise));
        }
    }
    println!();
    goals.iter().for_each(|(kept, promise)| println!("{}", verdict(*kept, promise)));
    Ok(goals.iter().all(|(kept, _)| *kept))
}

/// CPU-seconds of each finder in each round, and how many articles it gets right.
fn time(articles: &[Article], rounds: u32) -> (Vec<Vec<f64>>, Vec<usize>) {
    let finders: Vec<_> = Kind::ALL.iter().map(|kind| kind.load()).collect();
    let mut right = vec![0; finders.len()];
    let mut found = Vec::with_capacity(articles.len());
    let clock = cpu_seconds();
    let seconds = in_rounds(rounds, finders.len(), |which| {
        found.clear();
        let started = clock();
        found.extend(articles.iter().map(|article| finders[which](&article.extracted)));
        let took = clock() - started;
        let pairs = articles.iter().zip(&found);
        right[which] = pairs.filter(|(article, code)| primary(&article.lang) == primary(code)).count();
        took
    });
    (seconds, right)
}

/// The primary language, under one code whoever names it.
fn primary(code: &str) -> &str {
    match code.split('-').next().unwrap_or(code) {
        "nn" | "no" => "nb",
        "iw" => "he",
        "in" => "id",
        "jw" => "jv",
        "fil" => "tl",
        base => base,
    }
}
