//! Cases: pages with what is expected of them, as files. `newsmill test` runs a user's own; the golden test runs ours.
//!
//! A case is a folder with a page (`page.html`, `page.txt`, or any other `page.…`, compressed or not), what came with it
//! (`page.json`, the page message without its body; or with it, and no other page), and `expect.json` or `expect.toml`.
//! `docs/testing-sites.md` lists the keys of an expectation.

mod expect;
mod files;
mod lines;
mod propose;

pub use expect::{Mismatch, compare};
pub use files::{Case, load};
pub use propose::{create, propose};

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::codec;
use crate::local::{self, log::Log};
use crate::pipeline::Pipeline;

/// A JSON object.
pub type Object = Map<String, Value>;

/// What a case became: its outcome, and where that is not as expected.
#[derive(Debug)]
pub struct Tested {
    /// The record, as it is written to files.
    pub outcome: Object,
    /// What differs, by key, in the order of the keys.
    pub mismatches: Vec<Mismatch>,
}

/// Runs cases one after the other through the pipeline, with a log of their own: one may repeat an earlier one. A case without
/// an expectation has no mismatches.
///
/// # Errors
/// The log fails.
pub fn run(cases: &[Case], pipeline: &Pipeline, threads: usize) -> Result<Vec<Tested>, local::log::Error> {
    let log = Log::in_memory(&pipeline.settings().deduplicate);
    let records = cases.iter().map(Case::record).collect();
    let mut outcomes = Vec::with_capacity(cases.len());
    for outcome in local::outcomes(records, pipeline, log, threads)? {
        let mut json = Vec::new();
        // Writing to memory does not fail, and what is written is an object.
        let _infallible = codec::encode(&outcome, &mut json);
        outcomes.push(serde_json::from_slice::<Object>(&json).unwrap_or_default());
    }
    let ids: BTreeMap<String, String> = cases
        .iter()
        .zip(&outcomes)
        .filter_map(|(case, outcome)| Some((case.name.clone(), outcome.get("id")?.as_str()?.to_owned())))
        .collect();
    let tested = |(case, outcome): (&Case, Object)| {
        let mismatches = case.expect.as_ref().map_or_else(Vec::new, |expect| compare(expect, &outcome, &ids));
        Tested { outcome, mismatches }
    };
    Ok(cases.iter().zip(outcomes).map(tested).collect())
}
