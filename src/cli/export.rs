//! `newsmill export`: a topic to JSONL or Parquet.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};

use super::stretch::StretchArguments;
use super::{ConfigArguments, Failure};
use crate::codec::{self, ParquetWriter};
use crate::kafka;
use crate::local::human;
use crate::record::RawRecord;

/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 1 << 17;

/// Read a topic to its end into JSONL or Parquet
///
/// Reads what is committed, from the beginning or a place in it to the end as it is at the start, without a consumer group:
/// nothing changes for anybody else. Partitions are read in no order among each other.
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill export > articles.jsonl                        the topic of articles
  newsmill export --output articles.parquet               as a table, one wide schema for all records
  newsmill export news.duplicates --from 2026-01-31 --to 2026-02-01 | jq -r .kind
  newsmill export news.pages --partition 3 --from 1200 --to 1300 > pages.jsonl
  duckdb -c \"SELECT language.code, count(*) FROM 'articles.parquet' WHERE copy IS NULL GROUP BY 1\"

JSONL has the records as they stand; a rejection as `process` writes it, a page that is no JSON as a page message, which
`process` and `import` read.

Exit codes: 0 done, 1 failed or stopped, 2 bad usage or configuration, 3 no broker answers")]
pub struct Arguments {
    /// The topic [default: that of articles]
    #[arg(value_name = "TOPIC")]
    topic: Option<String>,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What to write [default: parquet for a file that ends so, else jsonl]
    #[arg(long)]
    format: Option<Format>,
    #[command(flatten)]
    stretch: StretchArguments,
    /// Stop after so many records
    #[arg(long, value_name = "N")]
    max_records: Option<u64>,
    /// No progress bar and no summary
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    config: ConfigArguments,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Jsonl,
    Parquet,
}

enum Sink {
    Lines(Box<dyn Write + Send>),
    Table(Box<ParquetWriter<Box<dyn Write + Send>>>),
}

impl Sink {
    fn write(&mut self, raw: &RawRecord, config: &codec::Config, timestamp: Option<i64>) -> io::Result<()> {
        match self {
            Self::Lines(out) => codec::line(raw, config, out),
            Self::Table(table) => table.write(&codec::row(raw, config, timestamp)),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Lines(mut out) => out.flush(),
            Self::Table(table) => table.finish()?.flush(),
        }
    }
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        let stretch = self.stretch.stretch().map_err(Failure::Usage)?;
        let topic = self.topic.as_deref().unwrap_or(&config.kafka.topics.articles);
        let named =
            self.output.as_ref().and_then(|path| path.extension()).is_some_and(|end| end == "parquet");
        let format = self.format.unwrap_or(if named { Format::Parquet } else { Format::Jsonl });
        if format == Format::Parquet && self.output.is_none() && io::stdout().is_terminal() {
            return Err(Failure::Usage(anyhow!("Parquet is not for a terminal: name a file with --output")));
        }
        let stop = Arc::new(AtomicBool::new(false));
        super::stop_on_signals(&stop)?;
        let bar = super::bar(!self.quiet);
        let mut sink = None;
        let mut gone = false;
        let began = Instant::now();
        let most = self.max_records.unwrap_or(u64::MAX);
        let done = kafka::export(&config.kafka, topic, &stretch, &stop, |raw, timestamp, done| {
            if done.records >= most {
                return Ok(false);
            }
            // Only now, so that a topic that is not there leaves no file.
            let sink = match &mut sink {
                Some(sink) => sink,
                none => none.insert(self.open(format)?),
            };
            match sink.write(raw, &config.decode, timestamp) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    gone = true;
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
            if done.records.is_multiple_of(100) {
                bar.set_length(done.most);
                bar.set_position(done.records + done.tombstones);
                let seconds = bar.elapsed().as_secs_f64().max(0.001);
                let rate = done.records as f64 / seconds;
                bar.set_message(format!("{} records, {rate:.0} a second", done.records));
            }
            Ok(true)
        });
        bar.finish_and_clear();
        let cannot = |error: io::Error| Failure::Failed(anyhow!("cannot write the output: {error}"));
        // What was read by then is written in any case.
        let sink = match sink {
            None if done.is_ok() => Some(self.open(format).map_err(cannot)?),
            sink => sink,
        };
        let finished = sink.map_or(Ok(()), Sink::finish);
        let done = done?;
        match finished {
            Err(error) if !gone && error.kind() != io::ErrorKind::BrokenPipe => return Err(cannot(error)),
            _ => {}
        }
        if !self.quiet {
            let took = human(began.elapsed());
            eprintln!("{} records of {topic} written in {took}", done.records);
            if done.tombstones > 0 {
                eprintln!("{} without a value were passed over", done.tombstones);
            }
        }
        if stop.load(Ordering::Acquire) {
            return Err(Failure::Failed(anyhow!("stopped before the end of {topic}")));
        }
        Ok(())
    }

    fn open(&self, format: Format) -> io::Result<Sink> {
        let out: Box<dyn Write + Send> = match &self.output {
            None => Box::new(BufWriter::with_capacity(BUFFER_BYTES, io::stdout())),
            Some(path) => {
                let file = File::create(path)
                    .with_context(|| path.display().to_string())
                    .map_err(|error| io::Error::other(format!("{error:#}")))?;
                Box::new(BufWriter::with_capacity(BUFFER_BYTES, file))
            }
        };
        Ok(match format {
            Format::Jsonl => Sink::Lines(out),
            Format::Parquet => Sink::Table(Box::new(ParquetWriter::new(out)?)),
        })
    }
}
