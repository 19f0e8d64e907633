//! `script/bench topics`: the stage of topics at each effort beside a bare pass of the encoder, in one run, on the same
//! articles, on one thread.
//!
//! First each is loaded in processes of its own: that gives the time to load, and the memory. Then rounds are timed. In each,
//! everyone is loaded anew, reads the first half of the articles untimed, and the second half timed: the encoder has met their
//! words where the first half had them, and nothing else of them. Time is the CPU time of the thread.

mod articles;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use newsmill::eval::cpu_seconds;
use newsmill::eval::scale::grouped;
use newsmill::models;
use newsmill::stages::classify_topics::encoder::{DEFAULT_BUDGET, Scratch};
use newsmill::stages::classify_topics::{Config, Effort};

use articles::Article;

use crate::memory::{MIB, resident};
use crate::{in_child, in_rounds, median, range, verdict};

/// The stage of topics at each effort, beside a bare pass of the encoder: speed, share right, memory, and time to load
#[derive(Args)]
pub struct Arguments {
    /// Labelled texts: JSONL, compressed or not, of {lang, title?, text, topics}; those in the encoder's own languages count
    set: PathBuf,
    /// Timed rounds
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Articles at most; 0 for all
    #[arg(long, default_value_t = 1000)]
    limit: usize,
    #[arg(long, hide = true)]
    probe: Option<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Encoder,
    Fast,
    Balanced,
    Best,
}

/// The code of an article's first topic, or none.
type Classify = Box<dyn FnMut(&Article) -> Option<String>>;

impl Kind {
    const ALL: [Self; 4] = [Self::Encoder, Self::Fast, Self::Balanced, Self::Best];

    /// Name in the table.
    fn name(self) -> &'static str {
        match self {
            Self::Encoder => "encoder alone, no topics",
            Self::Fast => "effort = \"fast\"",
            Self::Balanced => "effort = \"balanced\"",
            Self::Best => "effort = \"best\"",
        }
    }

    /// Articles per CPU-second.
    fn goal(self) -> Option<f64> {
        match self {
            Self::Encoder => None,
            Self::Fast => Some(8000.0),
            Self::Balanced => Some(1500.0),
            Self::Best => Some(350.0),
        }
    }

    /// With its models loaded.
    fn load(self) -> Result<Classify> {
        let effort = match self {
            Self::Encoder => {
                let encoder = models::open_encoder(&models::encoder_path("")?)?;
                let mut scratch = Scratch::default();
                return Ok(Box::new(move |article| {
                    let Article { extracted, .. } = article;
                    let title = extracted.title.as_deref().unwrap_or_default();
                    std::hint::black_box(encoder.embed(&mut scratch, title, &extracted.text, DEFAULT_BUDGET));
                    None
                }));
            }
            Self::Fast => Effort::Fast,
            Self::Balanced => Effort::Balanced,
            Self::Best => Effort::Best,
        };
        let stage = models::classify_topics(&Config { effort, ..Config::default() })?;
        ensure!(
            effort == Effort::Fast || stage.has_encoder(),
            "the encoder is not there: add it with `newsmill models add`, or script/encoder add"
        );
        Ok(Box::new(move |article| {
            let topics = stage.classify(&article.extracted, None, &article.language);
            topics.into_iter().next().map(|topic| topic.code)
        }))
    }
}

/// What was measured of one in a process of its own.
struct Probed {
    /// Wall time to load.
    seconds: f64,
    /// Resident bytes once it has read the articles.
    used: f64,
}

/// Measures and prints; whether all goals are reached.
pub fn run(arguments: &Arguments) -> Result<bool> {
    if let Some(kind) = arguments.probe {
        return child(kind, arguments).map(|()| true);
    }
    let set = arguments.set.display();
    let articles = articles::read(&arguments.set, arguments.limit)?;
    let half = articles.len() / 2;
    ensure!(half > 0, "{set} has no two texts of {} words in the encoder's languages", articles::LEAST_WORDS);
    eprintln!(
        "script/bench: {} articles; loading first, then {} timed rounds: a minute or two",
        grouped(articles.len() as u64),
        arguments.rounds
    );
    let mut probes = Vec::new();
    for kind in Kind::ALL {
        let probed = (0..arguments.rounds).map(|_| probe(kind, arguments)).collect::<Result<Vec<_>>>();
        probes.push(probed.with_context(|| format!("cannot measure {}", kind.name()))?);
    }
    for kind in Kind::ALL {
        drop(kind.load().with_context(|| format!("cannot measure {}", kind.name()))?);
    }
    let (known, timed) = articles.split_at(half);
    let mut right = [0; Kind::ALL.len()];
    let clock = cpu_seconds();
    let seconds = in_rounds(arguments.rounds, Kind::ALL.len(), |which| {
        // It was loaded a moment ago.
        let Ok(mut classify) = Kind::ALL[which].load() else { return f64::INFINITY };
        known.iter().for_each(|article| drop(classify(article)));
        let mut found = Vec::with_capacity(timed.len());
        let started = clock();
        found.extend(timed.iter().map(&mut classify));
        let took = clock() - started;
        let pairs = timed.iter().zip(&found);
        right[which] =
            pairs.filter(|(article, code)| code.iter().any(|c| article.topics.contains(c))).count();
        took
    });

    let bytes: usize = timed.iter().map(|article| article.extracted.text.len()).sum();
    println!(
        "{} articles of {:.0} bytes, from {set}; {} rounds; one thread",
        grouped(timed.len() as u64),
        bytes as f64 / timed.len() as f64,
        arguments.rounds
    );
    println!();
    let row = |name: &str, cells: [&str; 6]| {
        let [median, range, ratio, right, load, used] = cells;
        println!("{name:<26} {median:>11} {range:>14} {ratio:>12} {right:>9} {load:>8} {used:>8}");
    };
    row("", ["articles", "lowest and", "times the", "first", "to load,", ""]);
    row("", ["/CPU-second", "highest round", "encoder's", "right, %", "ms", "MiB"]);
    let bare = median(&seconds[0]);
    let mut goals = Vec::new();
    for (which, kind) in Kind::ALL.iter().enumerate() {
        let rounds = &seconds[which];
        let speed = timed.len() as f64 / median(rounds);
        let of = |what: fn(&Probed) -> f64| median(&probes[which].iter().map(what).collect::<Vec<_>>());
        let share = format!("{:.1}", 100.0 * right[which] as f64 / timed.len() as f64);
        let cells = [
            format!("{speed:.0}"),
            range(timed.len(), rounds),
            format!("{:.2}", bare / median(rounds)),
            if *kind == Kind::Encoder { String::new() } else { share },
            format!("{:.0}", of(|probed| probed.seconds * 1e3)),
            format!("{:.0}", of(|probed| probed.used / MIB)),
        ];
        row(kind.name(), cells.each_ref().map(String::as_str));
        if let Some(goal) = kind.goal() {
            let promise = format!("{}: {speed:.0} articles per CPU-second, goal {goal:.0}", kind.name());
            goals.push((speed >= goal, promise));
        }
    }
    println!();
    goals.iter().for_each(|(kept, promise)| println!("{}", verdict(*kept, promise)));
    Ok(goals.iter().all(|(kept, _)| *kept))
}

/// The child: writes one line, `SECONDS USED`.
fn child(kind: Kind, arguments: &Arguments) -> Result<()> {
    let before = resident()?;
    let started = Instant::now();
    let mut classify = kind.load()?;
    let seconds = started.elapsed().as_secs_f64();
    let loaded = resident()? - before;
    let articles = articles::read(&arguments.set, arguments.limit)?;
    let with_articles = resident()?;
    articles.iter().for_each(|article| drop(classify(article)));
    println!("{seconds} {}", loaded + resident()? - with_articles);
    Ok(())
}

/// Runs a child.
fn probe(kind: Kind, arguments: &Arguments) -> Result<Probed> {
    let name = kind.to_possible_value().context("a kind has no name")?;
    let limit = arguments.limit.to_string();
    let options = ["--limit", &limit, "--probe", name.get_name()];
    let [seconds, used] = in_child("topics", &arguments.set, &options)?;
    Ok(Probed { seconds, used })
}
