//! The job of `newsmill process`: records through the pipeline and the local log to JSONL, in input order.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::{PoisonError, RwLock};

use super::inputs::{Inputs, OpenError};
use super::progress::Progress;
use super::summary::Summary;
use crate::codec::encode;
use crate::pipeline::{Concluded, Pipeline, Prepared, ordered};
use crate::record::{Outcome, RawRecord};
use crate::sightings::{Entry, Index, Verdict};

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads that run the stages.
    pub threads: usize,
    /// Stop after this many pages.
    pub at_most: Option<u64>,
    /// Show a progress bar on stderr.
    pub progress: bool,
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
}

/// Runs every record of `inputs` through the pipeline; one line an outcome to `out`, in input order.
///
/// A reader that goes away (`| head`) ends the job without an error.
///
/// # Errors
/// An input or the output that fails; what was finished by then is written.
pub fn process(
    mut inputs: Inputs,
    pipeline: &Pipeline,
    mut out: impl Write,
    options: &Options,
) -> Result<Summary, Error> {
    let progress = Progress::new(options.progress, &inputs, options.at_most);
    let judge = Judge::new(pipeline);
    let mut summary = Summary::new(inputs.passed_over);
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
        let prepared = pipeline.prepare(&record, |body| judge.read().knows_body(body));
        Ok((record, prepared))
    };
    let mut line = Vec::new();
    let sink = |result: Result<(RawRecord, Prepared), OpenError>| {
        let write = || {
            let (record, prepared) = result?;
            let outcome = judge.conclude(pipeline, &record, prepared);
            line.clear();
            encode(&outcome, &mut line).map_err(Error::Output)?;
            line.push(b'\n');
            out.write_all(&line).map_err(Error::Output)?;
            summary.count(&outcome);
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
    match failed {
        Some(Error::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            Ok(summary.finish(pipeline.times()))
        }
        Some(error) => Err(error),
        None => Ok(summary.finish(pipeline.times())),
    }
}

/// The log and the index of this run.
struct Judge {
    index: RwLock<(Index, u64)>,
}

impl Judge {
    fn new(pipeline: &Pipeline) -> Self {
        Self { index: RwLock::new((Index::new(&pipeline.settings().deduplicate), 0)) }
    }

    fn read(&self) -> impl std::ops::Deref<Target = Index> + '_ {
        struct Guard<'a>(std::sync::RwLockReadGuard<'a, (Index, u64)>);
        impl std::ops::Deref for Guard<'_> {
            type Target = Index;
            fn deref(&self) -> &Index {
                &self.0.0
            }
        }
        Guard(self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn append(&self, prepared: &Prepared) -> Option<Verdict> {
        let sighting = prepared.sighting()?;
        let mut guard = self.index.write().unwrap_or_else(PoisonError::into_inner);
        guard.1 += 1;
        let position = guard.1;
        let millis = 0;
        guard.0.apply(position, millis, &Entry::Sighting(Box::new(sighting.clone())))
    }

    fn conclude(&self, pipeline: &Pipeline, record: &RawRecord, prepared: Prepared) -> Outcome {
        let verdict = self.append(&prepared);
        match pipeline.conclude(prepared, verdict.as_ref()) {
            Concluded::Outcome(outcome) => outcome,
            Concluded::PrepareAgain => {
                let prepared = pipeline.prepare(record, |_| None);
                let verdict = self.append(&prepared);
                match pipeline.conclude(prepared, verdict.as_ref()) {
                    Concluded::Outcome(outcome) => outcome,
                    Concluded::PrepareAgain => unreachable!("a full sighting has a verdict"),
                }
            }
        }
    }
}
