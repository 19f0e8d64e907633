//! The CPU pool: takes pages through the stages, in the order of reading.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use crossbeam_channel::Sender;

use super::error::Error;
use super::events::{Event, Ticket};
use super::output::OVERHEAD;
use crate::codec;
use crate::pipeline::{Pipeline, Prepared};
use crate::record::{Article, RawRecord, Reason, Reject};
use crate::sightings::Index;

/// Threads that prepare pages.
pub(super) struct Pool {
    threads: rayon::ThreadPool,
    pipeline: Arc<Pipeline>,
    index: Arc<RwLock<Index>>,
    events: Sender<Event>,
    limit: usize,
}

impl Pool {
    /// `threads` 0: one a core. `limit`: largest record that is produced, in bytes.
    pub fn new(
        threads: usize,
        pipeline: Arc<Pipeline>,
        index: Arc<RwLock<Index>>,
        events: Sender<Event>,
        limit: usize,
    ) -> Result<Self, Error> {
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("prepare-{i}"))
            .build()
            .map_err(|error| Error::Failed(format!("cannot start the threads of the pool: {error}")))?;
        Ok(Self { threads, pipeline, index, events, limit })
    }

    /// Number of its threads.
    pub fn threads(&self) -> usize {
        self.threads.current_num_threads()
    }

    /// Prepares a record; an [`Event::Prepared`] says when it is done. `fresh`: without the short cut for bytes
    /// that the index knows.
    pub fn prepare(&self, ticket: Ticket, raw: Arc<RawRecord>, fresh: bool, given_up: Arc<AtomicBool>) {
        let (pipeline, index) = (self.pipeline.clone(), self.index.clone());
        let (events, limit) = (self.events.clone(), self.limit);
        self.threads.spawn_fifo(move || {
            if given_up.load(Ordering::Acquire) {
                return;
            }
            let started = Instant::now();
            let work = || {
                let prepared = pipeline.prepare(&raw, |body| {
                    if fresh {
                        None
                    } else {
                        index.read().unwrap_or_else(PoisonError::into_inner).knows_body(body)
                    }
                });
                fit(prepared, &raw, limit)
            };
            // The pipeline catches what its stages do; this is for the rest, so that no slot waits for ever.
            let prepared = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
                let detail = "decoding or encoding panicked".to_owned();
                let page_id = codec::derived_id(&raw);
                Prepared::Rejected(reject(&raw, page_id, None, Reason::StageFailed, "decode", detail))
            });
            let seconds = started.elapsed().as_secs_f64();
            let _loop_is_gone = events.send(Event::Prepared(ticket, Box::new(prepared), seconds));
        });
    }
}

/// Rejects an article whose record would be over the limit, before it leaves a sighting.
fn fit(prepared: Prepared, raw: &RawRecord, limit: usize) -> Prepared {
    let Prepared::Article(article, sighting) = prepared else { return prepared };
    // JSON writes a byte of text as six at most: small articles need no exact count.
    let bytes =
        if rough_len(&article) * 6 + OVERHEAD < limit { 0 } else { codec::encoded_len(&article) + OVERHEAD };
    if bytes <= limit {
        return Prepared::Article(article, sighting);
    }
    let detail = format!("the article is {bytes} bytes as a record, over kafka.max_message_bytes = {limit}");
    Prepared::Rejected(reject(raw, article.page_id, article.url, Reason::TooLarge, "publish", detail))
}

fn rough_len(article: &Article) -> usize {
    let stories: usize = article.stories.iter().map(|story| story.text.len() + 500).sum();
    let names: usize = article.authors.iter().chain(&article.organizations).map(String::len).sum();
    let url = article.url.as_ref().map_or(0, String::len) * 2;
    article.text.len() + article.title.as_ref().map_or(0, String::len) + stories + names + url + 2000
}

/// A rejection by the carrier itself.
pub(super) fn reject(
    raw: &RawRecord,
    page_id: String,
    url: Option<String>,
    reason: Reason,
    stage: &'static str,
    detail: String,
) -> Box<Reject> {
    let body = codec::raw_body(raw);
    Box::new(Reject { page_id, url, reason, stage, detail, source: raw.source.clone(), body })
}
