//! Each finder in a process of its own: the time to load its models, and the memory that they take.
//!
//! Memory is what the system says is resident, not what was allocated: models may be parts of the program that are paged in
//! when they are read. The child writes one line, `SECONDS LOADED USED`.

use std::time::Instant;

use anyhow::{Context, Result};
use clap::ValueEnum;

use super::finders::Kind;
use super::{Arguments, articles};
use crate::in_child;
use crate::memory::resident;

/// What was measured of one finder.
#[derive(Debug, Clone, Copy)]
pub struct Probed {
    /// Wall time: models may be loaded on several threads.
    pub seconds: f64,
    /// Resident bytes once it is loaded.
    pub loaded: f64,
    /// And once it has read an article in each language.
    pub used: f64,
}

/// The child.
pub fn child(kind: Kind, arguments: &Arguments) -> Result<()> {
    let started = Instant::now();
    let find = kind.load();
    let seconds = started.elapsed().as_secs_f64();
    let loaded = resident()?;
    let articles = articles::read(&arguments.set, 1)?;
    let with_articles = resident()?;
    for article in &articles {
        std::hint::black_box(find(&article.extracted));
    }
    let used = loaded + resident()? - with_articles;
    println!("{seconds} {loaded} {used}");
    Ok(())
}

/// Runs a child.
pub fn probe(kind: Kind, arguments: &Arguments) -> Result<Probed> {
    let name = kind.to_possible_value().context("a finder has no name")?;
    let [seconds, loaded, used] = in_child("language", &arguments.set, &["--probe", name.get_name()])?;
    Ok(Probed { seconds, loaded, used })
}
