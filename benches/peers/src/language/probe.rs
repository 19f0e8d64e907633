//! Each finder in a process of its own: the time to load its models, and the memory that they take.
//!
//! Memory is what the system says is resident, not what was allocated: models may be parts of the program that are paged in
//! when they are read. The child writes one line, `SECONDS LOADED USED`.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use super::finders::Kind;
use super::{Arguments, articles};

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

/// Bytes of this process that are in memory.
fn resident() -> Result<f64> {
    let about = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = about.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kilobytes.context("the system does not say how much memory is resident")? * 1024.0)
}

/// Runs a child.
pub fn probe(kind: Kind, arguments: &Arguments) -> Result<Probed> {
    let name = kind.to_possible_value().context("a finder has no name")?;
    let output = Command::new(std::env::current_exe()?)
        .arg("language")
        .arg(&arguments.set)
        .args(["--probe", name.get_name()])
        .output()
        .context("cannot start the probe")?;
    let numbers: Vec<f64> =
        String::from_utf8_lossy(&output.stdout).split_whitespace().map_while(|n| n.parse().ok()).collect();
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    let &[seconds, loaded, used] = &numbers[..] else {
        anyhow::bail!("the probe says something else than three numbers");
    };
    Ok(Probed { seconds, loaded, used })
}
