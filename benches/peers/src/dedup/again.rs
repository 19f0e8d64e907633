//! What a page costs that comes again with the same bytes, beside what it cost the first time: from the message to the
//! outcome as bytes, through the pipeline and the log's function.

use std::cell::RefCell;

use anyhow::{Result, bail, ensure};
use newsmill::codec::encode;
use newsmill::eval::cpu_seconds;
use newsmill::pipeline::{Concluded, Pipeline, Prepared, Settings};
use newsmill::record::{Outcome, Page, RawRecord, Source};
use newsmill::sightings::{At, Entry, Index};

use crate::median;

/// Milliseconds of CPU a page.
pub struct Again {
    /// Pages measured: those that are articles.
    pub pages: usize,
    pub fresh: f64,
    pub again: f64,
    /// The second over the first, of each round the ratio and of them the median.
    pub ratio: f64,
}

/// How the pages come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As JSON messages.
    Json,
    /// The body as it is, the rest in headers.
    Raw,
}

fn record(page: &Page, form: Form, line: u64) -> RawRecord {
    let source = Source::File { input: "bench".into(), line };
    let url = page.url.as_deref();
    let mut headers = Vec::new();
    let value = match form {
        Form::Json => {
            serde_json::json!({"url": url, "content_type": "text/html; charset=utf-8", "body": page.body})
                .to_string()
                .into_bytes()
        }
        Form::Raw => {
            headers.push(("content-type".to_owned(), b"text/html; charset=utf-8".to_vec()));
            headers.extend(url.map(|url| ("url".to_owned(), url.as_bytes().to_vec())));
            page.body.clone().into_bytes()
        }
    };
    RawRecord { source, key: None, value, headers }
}

/// One worker: what it does with a record, and what it writes of it.
struct Worker<'a> {
    pipeline: &'a Pipeline,
    index: RefCell<Index>,
    position: u64,
    out: Vec<u8>,
}

impl Worker<'_> {
    fn process(&mut self, raw: &RawRecord) -> Result<Outcome> {
        let prepared = self.pipeline.prepare(raw, |body| self.index.borrow().knows_body(body));
        self.out.clear();
        let mut stories = Vec::new();
        let verdict = match prepared.sighting() {
            None => None,
            Some(sighting) => {
                let index = self.index.get_mut();
                self.position += 1;
                let entry = Entry::Sighting(Box::new(sighting.clone()));
                entry.encode(&mut self.out);
                let verdict = index.apply(At { position: self.position, millis: 0, check: 0 }, &entry);
                if let Some(judged) = index.judged(sighting) {
                    judged.encode(&mut self.out);
                }
                stories = index.stories(sighting);
                verdict
            }
        };
        match self.pipeline.conclude(prepared, verdict.as_ref(), &stories) {
            Concluded::Outcome(outcome) => {
                encode(&outcome, &mut self.out)?;
                Ok(outcome)
            }
            Concluded::PrepareAgain => bail!("a page that was seen is not known"),
        }
    }
}

/// Measures: in each round all pages once, and all once again.
pub fn measure(pages: &[Page], rounds: u32, form: Form) -> Result<Again> {
    let pipeline = Pipeline::new(&Settings::default());
    let mut first: Vec<RawRecord> = (0..).zip(pages).map(|(n, page)| record(page, form, n)).collect();
    // What is rejected leaves no sighting, and would be prepared again.
    first.retain(|raw| !matches!(pipeline.prepare(raw, |_| None), Prepared::Rejected(_)));
    ensure!(!first.is_empty(), "no page of the set is an article");
    let mut second = first.clone();
    for raw in &mut second {
        if let Source::File { line, .. } = &mut raw.source {
            *line += 1_000_000;
        }
    }
    let clock = cpu_seconds();
    let (mut fresh, mut again, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let index = RefCell::new(Index::new(&Settings::default().deduplicate));
        let mut worker = Worker { pipeline: &pipeline, index, position: 0, out: Vec::new() };
        let mut all = |records: &[RawRecord]| -> Result<(f64, usize)> {
            let started = clock();
            let mut exact = 0;
            for raw in records {
                let outcome = worker.process(raw)?;
                exact += usize::from(matches!(&outcome, Outcome::Duplicate(d) if d.article.is_none()));
            }
            Ok((clock() - started, exact))
        };
        let (one, _) = all(&first)?;
        let (two, exact) = all(&second)?;
        ensure!(exact == second.len(), "{} pages that came again are no exact repeats", second.len() - exact);
        fresh.push(one / first.len() as f64 * 1e3);
        again.push(two / first.len() as f64 * 1e3);
        ratios.push(two / one);
    }
    Ok(Again { pages: first.len(), fresh: median(&fresh), again: median(&again), ratio: median(&ratios) })
}
