//! `newsmill process`: files and pipes in, JSONL out.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::{ConfigArguments, Failure, stop_on_signals};
use crate::local::log::Log;
use crate::local::{self, Inputs, Live, Options};
use crate::pipeline::{Pipeline, Stories};
use crate::service::Watch;
use crate::sightings;

/// Process files, folders or stdin into JSONL, with no broker
///
/// Reads pages (JSONL with one page message a line, web archives, single HTML or text files, folders of them; any
/// of these may be compressed), and writes one JSON object a page in input order: an article, a duplicate of one, or a
/// rejection with its reason and bytes. A summary goes to stderr.
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill process pages.jsonl > articles.jsonl
  newsmill process crawl/ --output articles.jsonl --state seen/
  newsmill process CC-NEWS-20260131120000-00001.warc.gz --output articles.jsonl
  zcat pages.jsonl.gz | newsmill process - --at-most 1000 | jq -r .title
  newsmill process crawl/ --output articles.jsonl --watch
  newsmill process page.html --emit-stories | jq -r '[.outcome, .title] | @tsv'

A page message:
  {\"url\": \"https://…\", \"body\": \"<html>…\", \"content_type\": \"text/html\", \"fetched_at\": \"2026-01-31T12:00:00Z\"}
Only `body` (or `body_base64`) must be there.")]
pub struct Arguments {
    /// Files and folders to read; `-` is stdin
    #[arg(required = true, value_name = "PATH")]
    inputs: Vec<PathBuf>,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Remember what was seen in this folder, so that later runs know it. A page that comes again from the
    /// same place (input, line and body) keeps its first verdict; from another place it is a duplicate
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Stop after this many pages
    #[arg(long, value_name = "N")]
    at_most: Option<u64>,
    /// Threads that run the stages [default: one a core]. The output does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Write a record of its own for each story inside a page, behind the page's (as `output.stories = "records"`)
    #[arg(long)]
    emit_stories: bool,
    /// Show how it goes on a page for the browser, whose address is printed: 127.0.0.1:9600, another port where that is
    /// taken, or the given one (`--watch=9700`, `--watch=0.0.0.0:9700`; there is no login). At a terminal the page stays
    /// after the end until Ctrl-C, unless the output goes into a pipe
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, value_parser = watch_address)]
    watch: Option<Option<SocketAddr>>,
    /// No progress bar and no summary
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    config: ConfigArguments,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let mut config = self.config.load()?;
        if self.emit_stories {
            config.output.stories = Stories::Records;
        }
        let inputs = Inputs::new(&self.inputs)
            .map_err(|error| Failure::Usage(error.into()))?
            .with_max_body_bytes(config.decode.max_body_bytes);
        let recent = (self.watch.is_some() && config.service.show_pages).then(Arc::default);
        let live = Arc::new(Live::new(&inputs, self.at_most, recent));
        let options = Options {
            threads: self.threads.map_or_else(cores, usize::from),
            at_most: self.at_most,
            progress: !self.quiet && io::stderr().is_terminal(),
            live: live.clone(),
        };
        let out: Box<dyn Write> = match &self.output {
            None => Box::new(io::stdout().lock()),
            Some(path) => Box::new(
                File::create(path)
                    .with_context(|| format!("cannot create {}", path.display()))
                    .map_err(Failure::Failed)?,
            ),
        };
        let out = BufWriter::with_capacity(1 << 17, out);
        let pipeline = Pipeline::load(&config.pipeline()).map_err(|error| Failure::Failed(error.into()))?;
        let pipeline = Arc::new(pipeline);
        if let Some(missing) = pipeline.missing().filter(|_| !self.quiet) {
            eprintln!("newsmill: {missing}");
        }
        let log = self.log(&config.deduplicate, &pipeline.log_settings())?;
        let watch = self.watch.map(|address| start_watch(address, &pipeline, live)).transpose()?;
        let summary = local::process(inputs, &pipeline, log, out, &options);
        if let Some(watch) = &watch {
            watch.finish();
        }
        let summary = summary.map_err(|error| Failure::Failed(error.into()))?;
        if !self.quiet {
            eprint!("{summary}");
            if let Some(path) = &self.output {
                eprintln!("written to {}", path.display());
            }
        }
        if let Some(watch) = watch {
            if self.stays()? {
                wait_for_the_end(&watch)?;
            }
            watch.close();
        }
        match &summary.archives.first_damage {
            None => Ok(()),
            Some((name, at)) => Err(Failure::Failed(anyhow::anyhow!(
                "{} damaged records of archives were passed over, and all others read; the first is record {} of {name}, \
                 at byte {}: {}",
                summary.archives.damaged,
                at.record,
                at.offset,
                at.what
            ))),
        }
    }

    /// Whether the page stays after the end: somebody is at the terminal, and nobody waits for the end of the output.
    fn stays(&self) -> Result<bool, Failure> {
        if self.quiet || !io::stderr().is_terminal() {
            return Ok(false);
        }
        if self.output.is_some() {
            return Ok(true);
        }
        let stdout = io::stdout().as_fd().try_clone_to_owned().map(File::from);
        let kind = stdout.and_then(|file| file.metadata()).map_err(|error| Failure::Failed(error.into()))?;
        Ok(!kind.file_type().is_fifo())
    }

    /// The sightings log: of this run, or of the state folder.
    fn log(&self, config: &sightings::Config, settings: &sightings::Settings) -> Result<Log, Failure> {
        let Some(folder) = &self.state else { return Ok(Log::in_memory(config)) };
        let (log, opened) =
            Log::open(folder, config, settings).map_err(|error| Failure::Failed(error.into()))?;
        if opened.cut_bytes > 0 && !self.quiet {
            eprintln!(
                "{}: the last {} bytes of the sightings log were not written to their end and are cut off",
                folder.display(),
                opened.cut_bytes
            );
        }
        Ok(log)
    }
}

/// `ADDRESS:PORT`, or a port on loopback.
fn watch_address(text: &str) -> Result<SocketAddr, String> {
    let port = text.parse().map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    port.or_else(|_| text.parse()).map_err(|_| {
        "write a port, such as 9700, or address:port, such as 127.0.0.1:9700 or 0.0.0.0:9700".to_owned()
    })
}

fn start_watch(
    address: Option<SocketAddr>,
    pipeline: &Arc<Pipeline>,
    live: Arc<Live>,
) -> Result<Watch, Failure> {
    let watch = Watch::start(address, pipeline.clone(), live);
    let watch = watch.with_context(|| match address {
        Some(address) => format!("cannot show the page at {address}: give --watch another address or port"),
        None => "cannot show the page on 127.0.0.1".to_owned(),
    });
    let watch = watch.map_err(Failure::Failed)?;
    eprintln!("newsmill: watch it at http://{}/", watch.address());
    Ok(watch)
}

/// Keeps the page there until the user has seen enough.
fn wait_for_the_end(watch: &Watch) -> Result<(), Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    stop_on_signals(&stop)?;
    eprintln!("newsmill: done; the page stays at http://{}/ until Ctrl-C", watch.address());
    while !stop.load(Ordering::Acquire) {
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
