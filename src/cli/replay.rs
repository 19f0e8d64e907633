//! `newsmill replay`: pages back into the topic of pages.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::stretch::StretchArguments;
use super::{ConfigArguments, Failure};
use crate::config::did_you_mean;
use crate::kafka::{self, Replayed, Request};
use crate::record::Reason;

/// Put pages back into the topic of pages: rejected ones, or a stretch of offsets or time
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill replay --dry-run                                    how many rejections there are, by reason
  newsmill replay --reason timeout,stage_failed                put these back, once
  newsmill replay --from 2026-01-31T12:00:00Z --rate 200       rejections from then on, 200 a second
  newsmill replay --pages --from 2026-01-31 --to 2026-02-01    a day of pages, prepared anew
  newsmill replay --pages --partition 3 --from 1200 --to 1300  by offsets

A rejection is put back once: the next run goes on behind it, for each reason by itself. With --from, --to or --again
what was put back before comes along. A page that was published keeps its id, its cluster and its verdict; its record
is written anew, with the header newsmill.attempt. What was rejected is judged afresh.

Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 no broker answers")]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,

    /// Put back rejections for these reasons alone, separated by commas
    #[arg(long, value_name = "REASON", value_delimiter = ',', conflicts_with = "pages")]
    reason: Vec<String>,

    /// Put back pages that are still in the topic of pages, whatever became of them; needs --from
    #[arg(long, requires = "from")]
    pages: bool,

    #[command(flatten)]
    stretch: StretchArguments,

    /// Leave pages that were put back so often already
    #[arg(long, value_name = "TIMES", default_value_t = 3)]
    max_attempts: u32,

    /// Put back rejections that an earlier run put back, too
    #[arg(long)]
    again: bool,

    /// Most pages a second
    #[arg(long, value_name = "PAGES")]
    rate: Option<f64>,

    /// Stop after so many pages
    #[arg(long, value_name = "PAGES")]
    max_pages: Option<u64>,

    /// Only count: nothing is written
    #[arg(long)]
    dry_run: bool,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        let request = self.request().map_err(Failure::Usage)?;
        let stop = Arc::new(AtomicBool::new(false));
        super::stop_on_signals(&stop)?;
        let bar = super::bar(true);
        let done = kafka::replay(&config.kafka, &request, &stop, |done| {
            bar.set_length(done.most);
            bar.set_position(done.read);
            let seconds = bar.elapsed().as_secs_f64().max(0.001);
            let all = done.all();
            bar.set_message(format!("{all} put back, {:.0} a second", all as f64 / seconds));
        });
        bar.finish_and_clear();
        let done = done?;
        show(&done, &request, &config.kafka);
        if stop.load(std::sync::atomic::Ordering::Acquire) {
            let next = "what was put back stays; start it again to go on";
            return Err(Failure::Failed(anyhow::anyhow!("stopped before the end: {next}")));
        }
        Ok(())
    }

    fn request(&self) -> anyhow::Result<Request> {
        let reasons = self.reason.iter().map(|name| {
            let known = || Reason::ALL.into_iter().map(Reason::as_str);
            Reason::ALL.into_iter().find(|reason| reason.as_str() == name).ok_or_else(|| {
                let hint = did_you_mean(name, known());
                anyhow::anyhow!(
                    "--reason: `{name}` is none of {}{hint}",
                    known().collect::<Vec<_>>().join(", ")
                )
            })
        });
        let reasons = reasons.collect::<anyhow::Result<Vec<_>>>()?;
        let stretch = self.stretch.stretch()?;
        anyhow::ensure!(self.rate.is_none_or(|rate| rate > 0.0), "--rate is not above 0");
        Ok(Request {
            pages: self.pages,
            stretch,
            reasons,
            max_attempts: self.max_attempts,
            again: self.again,
            rate: self.rate,
            at_most: self.max_pages,
            dry_run: self.dry_run,
        })
    }
}

/// What was done, on stderr.
fn show(done: &Replayed, request: &Request, config: &kafka::Config) {
    let topic = if request.pages { &config.topics.pages } else { &config.topics.rejected };
    let verb = if request.dry_run { "would be put back" } else { "put back" };
    eprintln!("{} records of {topic} read, {} {verb}", done.read, done.all());
    if !request.pages {
        for (reason, count) in &done.put_back {
            eprintln!("  {reason:<16} {count}");
        }
    }
    let rest = [
        (done.other_reason, "rejected for another reason"),
        (done.before, "put back by an earlier run (--again takes them along)"),
        (done.too_often, "put back too often already (--max-attempts)"),
        (
            done.gone,
            "without their bytes: too large for the topic of rejections, and gone from the topic of pages",
        ),
        (done.others, "no rejections of newsmill, or without a value"),
    ];
    for (count, what) in rest.into_iter().filter(|(count, _)| *count > 0) {
        eprintln!("{count} left: {what}");
    }
}
