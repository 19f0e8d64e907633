//! `script/bench scale`: what a look-up and an insert cost by how many articles newsmill's index holds, and its memory.
//!
//! It is filled with made-up documents of which none repeats another. At each size further ones, of which 36 % repeat what
//! is there, are first looked up alone, then others are looked up and put in. A line of JSON a size.

use std::time::Instant;

use anyhow::Result;
use clap::Args;
use newsmill::eval::scale::{Costs, SEED};
use newsmill::eval::stream::{Shares, Stream};
use newsmill::sightings::{Config, Entry, Index};
use serde_json::json;

use crate::memory;

/// Documents that are measured at each size, for either figure: at most so many, and a twentieth of what is there.
const MEASURED: u64 = 20_000;

/// The index by size: look-up, insert, memory
#[derive(Args)]
pub struct Arguments {
    /// Sizes, ascending
    #[arg(long, value_delimiter = ',', required = true)]
    at: Vec<u64>,
}

/// Prints a line a size.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let last = arguments.at.last().copied().unwrap_or(0);
    let fill = Stream::new(SEED, last + 2 * MEASURED, Shares::NONE);
    let repeats = fill.with(Shares::WIRE);
    let before = memory::resident()?;
    let mut index = Index::new(&Config::default());
    let mut next = 0;
    for at in arguments.at.iter().copied() {
        let measured = MEASURED.min(at / 20).max(500);
        while (index.pages() as u64) < at {
            let document = fill.document(next);
            index.apply(document.at, &document.entry);
            next += 1;
        }
        let (bytes, pages, resident) = (index.bytes(), index.pages(), memory::resident()? - before);
        // Each is put in behind it, off the clock: the next one may repeat it.
        let mut looked_up = Costs::default();
        for n in next..next + measured {
            let document = repeats.document(n);
            let Entry::Sighting(sighting) = &document.entry else { continue };
            let began = Instant::now();
            std::hint::black_box(index.hold(sighting, 0));
            looked_up.micros.push(began.elapsed().as_secs_f64() * 1e6);
            index.apply(document.at, &document.entry);
        }
        looked_up.micros.sort_by(f64::total_cmp);
        next += measured;
        let applied = Costs::of(
            next..next + measured,
            |n| repeats.document(n),
            |document| {
                std::hint::black_box(index.apply(document.at, &document.entry));
            },
            |_| {},
        );
        next += measured;
        let row = |costs: &Costs| {
            let [half, p99, longest] = [0.5, 0.99, 1.0].map(|share| costs.within(share));
            json!({"p50_us": half, "p99_us": p99, "longest_us": longest})
        };
        println!(
            "{}",
            json!({
                "documents": pages,
                "bytes": bytes,
                "resident": resident,
                "look_up": row(&looked_up),
                "look_up_and_insert": row(&applied),
                "per_cpu_second": applied.rate(),
            })
        );
    }
    Ok(true)
}
