//! `newsmill explain`: why a page became what it did.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};

use super::{ConfigArguments, Failure};
use crate::codec;
use crate::config::Config;
use crate::explain::{self, Explanation, html, terminal};
use crate::kafka::{self, Bound, Stretch};
use crate::local::Inputs;
use crate::local::log::Log;
use crate::pipeline::Pipeline;
use crate::record::{RawRecord, Source};
use crate::sightings::Index;

/// Columns of text on a terminal.
const WIDTH: usize = 110;

/// Say why a page became what it did: block by block, field by field
///
/// Tells the outcome; of every block of the page whether it was kept, as what, and what weighed most; what title, authors and
/// date were chosen from; what spoke for language and topics; with --state, what earlier articles the page is near to; and the
/// time of each stage. Nothing is written but what --html names, and nothing is remembered.
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill explain saved.html --url https://news.example/strike
  newsmill explain pages.jsonl:17                               the page on line 17
  newsmill explain crawl.warc.gz --url https://news.example/strike --html strike.html
  curl -s https://news.example/strike | newsmill explain - --url https://news.example/strike
  newsmill explain news.pages:3:120                             a record of the configured Kafka cluster
  newsmill explain pages.jsonl:17 --state seen/                 held against what `process --state` saw
  newsmill explain saved.html --json | jq '.blocks[] | select(.kept) | .text'

--html writes one page that needs nothing else, for a browser. --json follows `newsmill schema explanation`.")]
pub struct Arguments {
    /// A file (HTML, text, JSONL, a web archive, any of them compressed), FILE:LINE, `-` for stdin, or TOPIC:PARTITION:OFFSET
    #[arg(value_name = "PAGE")]
    page: String,
    /// Address of the page: in a file of many the page to explain, else what the page is taken to have
    #[arg(long)]
    url: Option<String>,
    /// Line of the page in a file of lines, or its number in an archive, from 1
    #[arg(long, value_name = "N", conflicts_with = "url", value_parser = clap::value_parser!(u64).range(1..))]
    line: Option<u64>,
    /// Hold the page against what was seen by `newsmill process --state DIR`; the folder stays as it is
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Write it as a page of HTML to this file; `-` is stdout
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write it as JSON
    #[arg(long)]
    json: bool,
    /// Every block on its own, with all that weighed
    #[arg(long)]
    full: bool,
    /// When to use colours [default: auto, on a terminal unless NO_COLOR is set]
    #[arg(long, value_enum, default_value_t = Color::Auto, hide_default_value = true)]
    color: Color,
    #[command(flatten)]
    config: ConfigArguments,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    fn is_wanted(self) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
                io::stdout().is_terminal() && !set("NO_COLOR") && !dumb
            }
        }
    }
}

/// Where the page is.
#[derive(Debug, PartialEq)]
enum Place {
    File { path: PathBuf, line: Option<u64> },
    Kafka { topic: String, partition: i32, offset: i64 },
}

impl Place {
    /// What the argument names; `is_file` looks whether there is such a file.
    fn of(page: &str, is_file: impl Fn(&Path) -> bool) -> anyhow::Result<Self> {
        let file = |path: &str, line| Self::File { path: PathBuf::from(path), line };
        if page == "-" || is_file(Path::new(page)) {
            return Ok(file(page, None));
        }
        if let Some((rest, last)) = page.rsplit_once(':') {
            if let Ok(line @ 1..) = last.parse()
                && is_file(Path::new(rest))
            {
                return Ok(file(rest, Some(line)));
            }
            if let Some((topic, partition)) = rest.rsplit_once(':')
                && let (Ok(partition @ 0..), Ok(offset @ 0..)) = (partition.parse(), last.parse())
            {
                return Ok(Self::Kafka { topic: topic.to_owned(), partition, offset });
            }
        }
        Err(anyhow!(
            "there is no file {page}; a line of a file is named FILE:LINE, a record of Kafka TOPIC:PARTITION:OFFSET"
        ))
    }
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        if self.json && self.html.as_deref() == Some(Path::new("-")) {
            return Err(Failure::Usage(anyhow!(
                "--json and --html - both write to stdout: name a file with --html"
            )));
        }
        let config = self.config.load()?;
        let place = Place::of(&self.page, Path::exists).map_err(Failure::Usage)?;
        let raw = match &place {
            Place::File { path, line } => self.read_file(path, *line, &config)?,
            Place::Kafka { topic, partition, offset } => {
                from_kafka(&config.kafka, topic, *partition, *offset)?
            }
        };
        let pipeline = Pipeline::load(&config.pipeline()).map_err(|error| Failure::Failed(error.into()))?;
        if let Some(missing) = pipeline.missing() {
            eprintln!("newsmill: {missing}");
        }
        let index = self.index(&config, &pipeline)?;
        let explanation = explain::explain(&pipeline, &raw, index.as_ref());
        self.write(&explanation).map_err(Failure::Failed)
    }

    fn index(&self, config: &Config, pipeline: &Pipeline) -> Result<Option<Index>, Failure> {
        let Some(folder) = &self.state else { return Ok(None) };
        let index = Log::look(folder, &config.deduplicate, &pipeline.log_settings());
        index.map(Some).map_err(|error| Failure::Failed(error.into()))
    }

    fn write(&self, explanation: &Explanation) -> anyhow::Result<()> {
        let to_stdout = self.html.as_deref() == Some(Path::new("-"));
        if let Some(path) = &self.html {
            let page = html::render(explanation);
            if to_stdout {
                return write_out(&page);
            }
            std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))?;
            eprintln!("written to {}", path.display());
        }
        if self.json {
            return write_out(&format!("{}\n", serde_json::to_string_pretty(explanation)?));
        }
        if self.html.is_some() {
            return Ok(());
        }
        let style = terminal::Style { color: self.color.is_wanted(), full: self.full, width: WIDTH };
        write_out(&terminal::render(explanation, style))
    }

    /// The page of a file that line or URL name; without them the first.
    fn read_file(&self, path: &Path, line: Option<u64>, config: &Config) -> Result<RawRecord, Failure> {
        let failed = |error| Failure::Failed(anyhow::Error::new(error));
        let mut inputs = Inputs::new(&[path.to_owned()])
            .map_err(failed)?
            .with_max_body_bytes(config.decode.max_body_bytes)
            .with_stdin_of_any_kind();
        let line = self.line.or(line);
        let (mut first, mut pages) = (None, 0u64);
        while let Some(raw) = inputs.next_record().map_err(failed)? {
            pages += 1;
            if line.is_some_and(|line| matches!(raw.source, Source::File { line: own, .. } if own == line)) {
                return Ok(raw);
            }
            if let Some(url) = &self.url {
                let page = codec::decode(&raw, &config.decode);
                let own = page.map_or_else(|reject| reject.url, |page| page.url);
                if own.as_ref() == Some(url) {
                    return Ok(raw);
                }
                // A page that came without an address is given this one, if it is the only page.
                first = first.or(own.is_none().then_some(raw));
            } else if line.is_none() {
                if first.is_none() {
                    first = Some(raw);
                } else {
                    eprintln!(
                        "newsmill: {} holds several pages: this is the first, --line and --url choose",
                        path.display()
                    );
                    break;
                }
            }
        }
        let (name, plural) = (path.display(), if pages == 1 { "page" } else { "pages" });
        match (line, &self.url, first) {
            (None, None, Some(raw)) => Ok(raw),
            (None, Some(url), Some(mut raw)) if pages == 1 => {
                raw.headers.push(("url".to_owned(), url.clone().into_bytes()));
                Ok(raw)
            }
            (Some(line), ..) => {
                Err(Failure::Failed(anyhow!("{name} has no page on line {line}: it holds {pages} {plural}")))
            }
            (None, Some(url), _) => {
                Err(Failure::Failed(anyhow!("{name} has no page of {url}: it holds {pages} {plural}")))
            }
            (None, None, None) => Err(Failure::Failed(anyhow!("{name} holds no page"))),
        }
    }
}

/// A record of the cluster, as readers at `read_committed` see it.
fn from_kafka(
    config: &kafka::Config,
    topic: &str,
    partition: i32,
    offset: i64,
) -> Result<RawRecord, Failure> {
    let stretch = Stretch {
        from: Some(Bound::Offset(offset)),
        to: Some(Bound::Offset(offset.saturating_add(1))),
        partition: Some(partition),
    };
    let mut found = None;
    let stop = Arc::new(AtomicBool::new(false));
    super::stop_on_signals(&stop)?;
    kafka::export(config, topic, &stretch, &stop, |raw, _, _| {
        let is_it = matches!(raw.source, Source::Kafka { offset: own, .. } if own == offset);
        found = is_it.then(|| raw.clone());
        Ok(false)
    })?;
    found.ok_or_else(|| {
        Failure::Failed(anyhow!(
            "{topic} has no record at offset {offset} of partition {partition}: it has left the topic, was never \
             written, has no value, or is part of a transaction that was not committed"
        ))
    })
}

/// Writes to stdout; a reader that has gone is no error.
fn write_out(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to stdout"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_named_in_three_ways() {
        let files = ["page.html", "pages.jsonl", "odd:1:2"];
        let check = |page: &str, expect: Option<Place>| {
            let is_file = |path: &Path| files.iter().any(|file| path == Path::new(file));
            assert_eq!(Place::of(page, is_file).ok(), expect, "{page}");
        };
        let file = |path: &str, line| Some(Place::File { path: path.into(), line });
        check("page.html", file("page.html", None));
        check("-", file("-", None));
        check("pages.jsonl:17", file("pages.jsonl", Some(17)));
        check("pages.jsonl:0", None);
        check("odd:1:2", file("odd:1:2", None));
        check("odd:1:2:5", file("odd:1:2", Some(5)));
        let kafka = |topic: &str| Some(Place::Kafka { topic: topic.to_owned(), partition: 3, offset: 120 });
        check("news.pages:3:120", kafka("news.pages"));
        check("news.pages:3:-1", None);
        check("news.pages:120", None);
        check("missing.html", None);
    }
}
