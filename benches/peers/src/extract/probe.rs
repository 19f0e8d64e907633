//! Each extractor once over all pages, in a process of its own: what memory a page takes, and which pages it gets
//! through.
//!
//! The child writes one line a page, `INDEX PEAK` or `INDEX panicked`. A page that it writes nothing of for too long, or in which it
//! ends, has failed it; the next child begins behind that page. So neither a hang nor an abort ends the bench.

use std::io::{BufRead, BufReader, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use newsmill::record::Page;

use super::extractors::Extractor;
use crate::memory;

/// What a child may take to read the pages, before the first of them.
const START: Duration = Duration::from_secs(120);

/// What became of one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probed {
    /// Most bytes held at once.
    Peak(usize),
    Panicked,
    /// The process ended in it.
    Died,
    /// Took longer than the cap.
    Hung,
}

/// The child: extracts the pages from `first` on.
pub fn child(extractor: Extractor, pages: &[Page], first: usize) -> Result<()> {
    std::panic::set_hook(Box::new(|_| {}));
    memory::count();
    let extract = extractor.ready();
    // What is built once for all pages is no page's memory.
    let _ = catch_unwind(AssertUnwindSafe(|| warm_up(&extract)));
    let mut out = std::io::stdout();
    writeln!(out, "ready")?;
    for (index, page) in pages.iter().enumerate().skip(first) {
        let (result, peak) = memory::peak_of(|| catch_unwind(AssertUnwindSafe(|| extract(page))));
        match result {
            Ok(_) => writeln!(out, "{index} {peak}")?,
            Err(_) => writeln!(out, "{index} panicked")?,
        }
        out.flush()?;
    }
    Ok(())
}

fn warm_up(extract: &dyn Fn(&Page) -> bool) {
    let paragraph =
        "<p>The council met on Tuesday, 3 March 2020, and voted for the pier, its chair said.</p>";
    let page = super::page(
        "0",
        None,
        format!(
            "<html><head><title>Council votes for the pier</title><meta name=author content='Ann Lee'></head><body>\
             <nav><a href='/'>Read more</a></nav><article><h1>Council votes for the pier</h1>\
             <p class=byline>By Ann Lee</p>{}</article></body></html>",
            paragraph.repeat(20)
        ),
    );
    extract(&page);
}

/// Runs children until every page has its outcome.
pub fn probe(
    extractor: Extractor,
    set: &Path,
    limit: usize,
    pages: usize,
    cap: Duration,
) -> Result<Vec<Probed>> {
    let mut probed = Vec::with_capacity(pages);
    while probed.len() < pages {
        let name = clap::ValueEnum::to_possible_value(&extractor).context("an extractor has no name")?;
        let mut child = Command::new(std::env::current_exe()?)
            .arg("extract")
            .arg(set)
            .args(["--limit", &limit.to_string(), "--probe", name.get_name()])
            .args(["--first", &probed.len().to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the probe")?;
        let lines = BufReader::new(child.stdout.take().context("the probe has no output")?).lines();
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut ready = false;
        while probed.len() < pages {
            match receiver.recv_timeout(if ready { cap } else { START }) {
                Ok(_) if !ready => ready = true,
                Ok(line) => probed.push(match line.split_once(' ').map(|(_, peak)| peak.parse()) {
                    Some(Ok(peak)) => Probed::Peak(peak),
                    _ => Probed::Panicked,
                }),
                Err(_) if !ready => bail!("the probe of {} does not start", extractor.name()),
                Err(RecvTimeoutError::Timeout) => {
                    probed.push(Probed::Hung);
                    break;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    probed.push(Probed::Died);
                    break;
                }
            }
        }
        let _ = child.kill();
        let _ = child.wait();
    }
    Ok(probed)
}
