//! The job of `newsmill process`: records through the pipeline and the local log to JSONL, in input order.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::inputs::{Inputs, OpenError};
use super::live::Live;
use super::log::{self, Log};
use super::progress::{Clock, Progress};
use super::summary::Summary;
use crate::codec::{encode, encode_story};
use crate::pipeline::{Concluded, Pipeline, Prepared, ordered};
use crate::record::{Outcome, RawRecord};
use crate::sightings::{Repeat, Verdict};

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads that run the stages.
    pub threads: usize,
    /// Stop after this many pages.
    pub at_most: Option<u64>,
    /// Show a progress bar on stderr.
    pub progress: bool,
    /// Told what was done, page by page.
    pub live: Arc<Live>,
}

/// Why the job stopped before the end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An input cannot be read.
    #[error(transparent)]
    Input(#[from] OpenError),
    /// The output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// The sightings log cannot be written.
    #[error(transparent)]
    Log(#[from] log::Error),
}

/// Runs every record of `inputs` through the pipeline and the sightings log; one line an outcome to `out`, in
/// input order, and where they are configured one line a story behind it.
///
/// `options.live` is told of each page before the next; a sample of the records stays in it.
///
/// A reader that goes away (`| head`) ends the job without an error.
///
/// # Errors
/// An input or the output that fails; what was finished by then is written.
pub fn process(
    mut inputs: Inputs,
    pipeline: &Pipeline,
    log: Log,
    mut out: impl Write,
    options: &Options,
) -> Result<Summary, Error> {
    let progress = Progress::new(options.progress, &inputs, options.at_most);
    let judge = Judge { log: RwLock::new(log) };
    let (live, clock) = (&options.live, Clock::start());
    let mut left = options.at_most.unwrap_or(u64::MAX);
    let mut failed = None;
    let source = || {
        left = left.checked_sub(1)?;
        let record = inputs.next_record().transpose()?;
        let bytes = record.as_ref().map_or(0, |record| record.value.len());
        Some((record, bytes))
    };
    let work = |record: Result<RawRecord, OpenError>| {
        let record = record?;
        let prepared = judge.prepare(pipeline, &record);
        Ok((record, prepared))
    };
    let mut line = Vec::new();
    let sink = |result: Result<(RawRecord, Prepared), OpenError>| {
        let write = || {
            let (record, prepared) = result?;
            let outcome = judge.conclude(pipeline, &record, prepared)?;
            line.clear();
            encode(&outcome, &mut line).map_err(Error::Output)?;
            line.push(b'\n');
            for story in outcome.story_records() {
                encode_story(story, &mut line).map_err(Error::Output)?;
                line.push(b'\n');
            }
            out.write_all(&line).map_err(Error::Output)?;
            live.counts().count(&outcome);
            if let Some(recent) = &live.recent {
                recent.offer(&outcome, || Arc::new(record));
            }
            progress.count();
            Ok(())
        };
        match write() {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    ordered(options.threads, source, work, sink);
    if failed.is_none() {
        failed = out.flush().err().map(Error::Output);
    }
    progress.finish();
    let closed = judge.close();
    live.finish();
    let counts = live.counts().clone();
    let summary = Summary::new(counts, inputs.archives(), inputs.passed_over, &clock, pipeline.times());
    match failed {
        Some(Error::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(summary),
        Some(error) => Err(error),
        None => closed.map(|()| summary).map_err(Error::Log),
    }
}

/// The outcomes of records, in their order, with a log that begins with them.
///
/// # Errors
/// The log fails.
pub fn outcomes(
    records: Vec<RawRecord>,
    pipeline: &Pipeline,
    log: Log,
    threads: usize,
) -> Result<Vec<Outcome>, log::Error> {
    let judge = Judge { log: RwLock::new(log) };
    let mut records = records.into_iter();
    let source = || {
        let record = records.next()?;
        let bytes = record.value.len();
        Some((record, bytes))
    };
    let work = |record: RawRecord| {
        let prepared = judge.prepare(pipeline, &record);
        (record, prepared)
    };
    let mut done = Ok(Vec::new());
    let sink = |(record, prepared): (RawRecord, Prepared)| match judge.conclude(pipeline, &record, prepared) {
        Ok(outcome) => {
            if let Ok(outcomes) = &mut done {
                outcomes.push(outcome);
            }
            ControlFlow::Continue(())
        }
        Err(error) => {
            done = Err(error);
            ControlFlow::Break(())
        }
    };
    ordered(threads, source, work, sink);
    judge.close()?;
    done
}

/// The log of this run, read by the threads that prepare and written by the one that concludes.
struct Judge {
    log: RwLock<Log>,
}

impl Judge {
    fn read(&self) -> RwLockReadGuard<'_, Log> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a record through the stages before the log.
    fn prepare(&self, pipeline: &Pipeline, record: &RawRecord) -> Prepared {
        pipeline.prepare(record, |body| self.read().index().knows_body(body))
    }

    /// The verdict on a page, where it has one, and what its stories repeat.
    fn sight(&self, prepared: &Prepared) -> Result<(Option<Verdict>, Vec<Option<Repeat>>), log::Error> {
        let Some(sighting) = prepared.sighting() else { return Ok((None, Vec::new())) };
        let fetched_at = match prepared {
            Prepared::Article(article, _) => article.fetched_at,
            Prepared::Repeat(repeat) => repeat.page.fetched_at,
            Prepared::Rejected(_) => None,
        };
        let mut log = self.log.write().unwrap_or_else(PoisonError::into_inner);
        let verdict = log.sight(fetched_at.map(|time| time.as_millisecond()), sighting)?;
        Ok((Some(verdict), log.index().stories(sighting)))
    }

    fn conclude(
        &self,
        pipeline: &Pipeline,
        record: &RawRecord,
        prepared: Prepared,
    ) -> Result<Outcome, log::Error> {
        let (verdict, stories) = self.sight(&prepared)?;
        match pipeline.conclude(prepared, verdict.as_ref(), &stories) {
            Concluded::Outcome(outcome) => Ok(outcome),
            Concluded::PrepareAgain => {
                let prepared = pipeline.prepare(record, |_| None);
                let (verdict, stories) = self.sight(&prepared)?;
                match pipeline.conclude(prepared, verdict.as_ref(), &stories) {
                    Concluded::Outcome(outcome) => Ok(outcome),
                    Concluded::PrepareAgain => unreachable!("a full sighting has a verdict"),
                }
            }
        }
    }

    fn close(self) -> Result<(), log::Error> {
        self.log.into_inner().unwrap_or_else(PoisonError::into_inner).close()
    }
}
