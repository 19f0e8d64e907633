//! `newsmill import`: files, folders and stdin to the topic of pages.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;

use super::{ConfigArguments, Failure};
use crate::codec;
use crate::config::Config;
use crate::kafka::{Imported, Importer};
use crate::local::{Inputs, Progress, human};
use crate::record::{RawRecord, Source};

/// Longest wait for the broker's last answers, at the end.
const ANSWERS_WITHIN: Duration = Duration::from_secs(120);
/// The same once it was stopped.
const STOPPED_WITHIN: Duration = Duration::from_secs(5);
/// Longest sleep before it looks whether it was stopped.
const NAP: Duration = Duration::from_millis(50);

/// Send files, folders or stdin to the topic of pages
///
/// Reads what `newsmill process` reads. A JSON page message is sent as it is; of any other page the raw bytes are the value,
/// and headers say the rest. The key is the page's own, else its URL, else its id: revisions of a URL stay in their order, and
/// the pages of a site spread over the partitions. The broker stores each page once, whatever has to be tried again.
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill import crawl/ --dry-run                       what is there, without a broker
  newsmill import pages.jsonl.gz --rate 200              200 pages a second
  zcat pages.jsonl.gz | newsmill import - --max-pages 1000
  newsmill import page.html --topic test.pages --config newsmill.toml

Ctrl-C ends it when what was sent has arrived, and it says how far it came. Pages that are sent again are told as exact
duplicates, so to start it anew harms nothing.

Exit codes: 0 all is sent, 1 a page is too large, an input cannot be read, or it was stopped, 2 bad usage or configuration,
3 no broker answers")]
pub struct Arguments {
    /// Files and folders to read; `-` is stdin
    #[arg(required = true, value_name = "PATH")]
    inputs: Vec<PathBuf>,
    /// Send to this topic instead of `kafka.topics.pages`
    #[arg(long, value_name = "NAME")]
    topic: Option<String>,
    /// At most so many pages a second
    #[arg(long, value_name = "PAGES", value_parser = rate)]
    rate: Option<f64>,
    /// Stop after so many pages
    #[arg(long, value_name = "N")]
    max_pages: Option<u64>,
    /// Read and count only: nothing is sent, and no broker is asked
    #[arg(long)]
    dry_run: bool,
    /// No progress bar and no summary
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    config: ConfigArguments,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if rate.is_finite() && rate > 0.0 { Ok(rate) } else { Err("must be above 0".to_owned()) }
}

/// Where a page was read, for people.
struct Place<'a>(&'a Source);

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Source::File { input, line } => write!(f, "{input}, line or record {line}"),
            Source::Kafka { topic, partition, offset } => write!(f, "{topic}/{partition}/{offset}"),
        }
    }
}

/// What was read.
#[derive(Default)]
struct Read {
    pages: u64,
    unreadable: u64,
    /// In a dry run: page messages, raw bodies, those that name neither URL nor id, those that are no page message.
    messages: u64,
    raw: u64,
    nameless: u64,
    malformed: u64,
    oversized: u64,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        let inputs = Inputs::new(&self.inputs).map_err(|error| Failure::Usage(error.into()))?;
        let stop = Arc::new(AtomicBool::new(false));
        super::stop_on_signals(&stop)?;
        let progress = Progress::new(!self.quiet && io::stderr().is_terminal(), &inputs, self.max_pages);
        let passed_over = inputs.passed_over;
        let topic = self.topic.clone().unwrap_or_else(|| config.kafka.topics.pages.clone());
        let mut importer = match self.dry_run {
            true => None,
            false => Some(Importer::open(&config.kafka, &config.decode, &topic)?),
        };
        let began = Instant::now();
        let mut read = Read::default();
        let sent = self.send_all(inputs, &config, &mut importer, &progress, &stop, &mut read);
        let within = if stop.load(Ordering::Acquire) { STOPPED_WITHIN } else { ANSWERS_WITHIN };
        let sent = sent.and_then(|()| importer.as_ref().map_or(Ok(()), |importer| importer.finish(within)));
        progress.finish();
        if passed_over > 0 && !self.quiet {
            eprintln!("{passed_over} files of other kinds in the folders were passed over");
        }
        let done = match &importer {
            Some(importer) => {
                tell_oversized(importer, &progress, &topic);
                let done = importer.done();
                if !self.quiet {
                    show(&done, &topic, began.elapsed());
                }
                Some((done, importer.reached()))
            }
            None => {
                show_dry(&read);
                None
            }
        };
        let reached = done.as_ref().and_then(|(_, reached)| reached.as_ref());
        let so_far = match (&done, reached) {
            (None, _) => String::new(),
            (Some(_), Some(place)) => format!("; {topic} has everything up to {}", Place(place)),
            (Some(_), None) => format!("; nothing of it is known to be in {topic}"),
        };
        if let Err(error) = sent {
            let so_far = so_far.trim_start_matches("; ");
            eprintln!("newsmill: {so_far}");
            return Err(error.into());
        }
        let failed = |what: String| Err(Failure::Failed(anyhow::anyhow!(what)));
        if stop.load(Ordering::Acquire) {
            return failed(format!("stopped before the end{so_far}"));
        }
        let done = done.map(|(done, _)| done).unwrap_or_default();
        if done.unknown > 0 {
            return failed(format!("the broker did not answer for {} pages{so_far}", done.unknown));
        }
        match (done.oversized + read.oversized, read.unreadable) {
            (0, 0) => Ok(()),
            (0, unreadable) => failed(format!("{unreadable} inputs could not be read")),
            (oversized, unreadable) => {
                let mut what = format!(
                    "{oversized} pages are too large for {topic}: raise its max.message.bytes, and kafka.max_message_bytes"
                );
                if unreadable > 0 {
                    what += &format!("; {unreadable} inputs could not be read");
                }
                failed(what)
            }
        }
    }

    /// Reads the inputs to their end, or until it is stopped, and sends what is read.
    fn send_all(
        &self,
        mut inputs: Inputs,
        config: &Config,
        importer: &mut Option<Importer>,
        progress: &Progress,
        stop: &AtomicBool,
        read: &mut Read,
    ) -> Result<(), crate::kafka::Error> {
        let most = self.max_pages.unwrap_or(u64::MAX);
        let mut due = Instant::now();
        while read.pages < most && !stop.load(Ordering::Acquire) {
            let page = match inputs.next_record() {
                Ok(Some(page)) => page,
                Ok(None) => break,
                Err(error) => {
                    read.unreadable += 1;
                    progress.say(&format!("newsmill: {error}"));
                    continue;
                }
            };
            read.pages += 1;
            match importer {
                Some(importer) => {
                    if let Some(rate) = self.rate {
                        hold_back(importer, due, stop)?;
                        // What was lost to a slow broker is not made up for: the rate is a limit, not a mean.
                        due = due.max(Instant::now() - NAP) + Duration::from_secs_f64(1.0 / rate);
                    }
                    if !importer.send(&page, stop)? {
                        break;
                    }
                    tell_oversized(
                        importer,
                        progress,
                        self.topic.as_deref().unwrap_or(&config.kafka.topics.pages),
                    );
                }
                None => read.look_at(&page, config, progress),
            }
            progress.count();
        }
        Ok(())
    }
}

/// Waits until the next page is due.
fn hold_back(importer: &Importer, due: Instant, stop: &AtomicBool) -> Result<(), crate::kafka::Error> {
    loop {
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() || stop.load(Ordering::Acquire) {
            return Ok(());
        }
        importer.wait(left.min(NAP))?;
    }
}

impl Read {
    /// What is to be said of a page that is not sent.
    fn look_at(&mut self, page: &RawRecord, config: &Config, progress: &Progress) {
        let (decode, limit) = (&config.decode, config.kafka.max_message_bytes);
        match codec::identify(page, decode) {
            None => {
                self.malformed += 1;
                progress.say(&format!("no page message: {}", Place(&page.source)));
            }
            Some(_) if codec::is_message(page) => self.messages += 1,
            Some(_) => self.raw += 1,
        }
        self.nameless += u64::from(codec::key(page, decode).is_none());
        if page.value.len() > limit {
            self.oversized += 1;
            progress.say(&format!("too large, {} bytes: {}", page.value.len(), Place(&page.source)));
        }
    }
}

fn tell_oversized(importer: &Importer, progress: &Progress, topic: &str) {
    for page in importer.take_oversized() {
        progress.say(&format!("too large for {topic}, {} bytes: {}", page.bytes, Place(&page.place)));
    }
}

fn show(done: &Imported, topic: &str, took: Duration) {
    let mb = done.bytes as f64 / 1e6;
    let rate = done.pages as f64 / took.as_secs_f64().max(0.001);
    eprintln!("{} pages sent to {topic}, {mb:.1} MB, in {}, {rate:.0} a second", done.pages, human(took));
    if done.oversized > 0 {
        eprintln!("{} pages are too large and were not taken", done.oversized);
    }
    if done.unknown > 0 {
        eprintln!("{} pages have no answer and may be there", done.unknown);
    }
}

fn show_dry(read: &Read) {
    eprintln!("{} pages: {} JSON page messages, {} raw bodies", read.pages, read.messages, read.raw);
    for (count, what) in [
        (read.malformed, "are no page message: a worker rejects them as malformed"),
        (read.nameless, "name neither URL nor id: they are sent without a key, to any partition"),
        (read.oversized, "are larger than kafka.max_message_bytes"),
    ] {
        if count > 0 {
            eprintln!("{count} {what}");
        }
    }
    eprintln!("nothing was sent");
}
