//! The CPU pool: takes pages through the stages, in the order of reading.
//!
//! Threads of our own, for two things that no stage can be trusted with. A page may kill the process: so each
//! thread notes in the [`Journal`] what it works on, and a record that was in flight at two crashes is rejected
//! without another try. And a page may never end: so [`Pool::watch`] looks at the clock (without the time in which
//! the process was stopped), rejects what is at work for too long, and puts a new thread in the place of the stuck one, which cannot be ended. It leaves by
//! itself if it ever comes back; what it brings is ignored. With more than [`MAX_STUCK`] of them the worker
//! gives in.
//!
//! An earlier run may have sighted such a page before it died. So the log gets a void for its origin, which
//! does nothing where there was no sighting. The origin needs the hash of the body, and that a reading of the
//! message. Where a stage is stuck, the message was read before. At a record that crashes, reading may be
//! what kills: the journal marks it, and if the process dies there too, the record goes without a void at the
//! next start. What cannot be read was never sighted.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::batch::Slot;
use super::error::Error;
use super::events::{Event, Ticket};
use super::journal::{GIVEN_UP_AT, Journal};
use super::output::OVERHEAD;
use crate::codec;
use crate::pipeline::{Laps, Pipeline, Prepared, with_laps};
use crate::record::{Article, Extra, Hash128, RawRecord, Reason, Reject, Source};
use crate::sightings::Index;

/// Most threads that are stuck at once.
pub(super) const MAX_STUCK: usize = 8;
/// How often [`Pool::watch`] looks.
const WATCH_EVERY: Duration = Duration::from_millis(50);
/// Most that one look counts: between two looks the whole process may have been stopped.
const MOST_AT_ONCE: Duration = Duration::from_secs(1);
/// How long the end of the pool waits for pages that are at work.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// Threads of the pool for a setting, of which 0 is one a core.
pub(super) fn threads(setting: usize) -> usize {
    match setting {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    }
}

/// Threads that prepare pages.
pub(super) struct Pool {
    shared: Arc<Shared>,
    /// `None` when it ends.
    jobs: Option<Sender<Job>>,
    threads: Vec<Thread>,
    timeout: Duration,
    watched: Instant,
}

/// What its threads share.
struct Shared {
    pipeline: Arc<Pipeline>,
    index: Arc<RwLock<Index>>,
    events: Sender<Event>,
    /// Largest record that is produced, in bytes.
    limit: usize,
    journal: Option<Journal>,
    jobs: Receiver<Job>,
    ending: AtomicBool,
    /// Milliseconds that the pool could work, as [`Pool::watch`] counts them.
    active_ms: AtomicU64,
}

struct Job {
    ticket: Ticket,
    raw: Arc<RawRecord>,
    fresh: bool,
    traced: bool,
    given_up: Arc<AtomicBool>,
}

struct Thread {
    seat: Arc<Seat>,
    handle: JoinHandle<()>,
}

/// A thread's place: its slot in the journal, and what it works on.
struct Seat {
    slot: usize,
    work: Mutex<Option<Work>>,
}

struct Work {
    ticket: Ticket,
    raw: Arc<RawRecord>,
    since: Instant,
    since_active: Duration,
    /// The page was decoded.
    decoded: bool,
    /// It took too long: another thread has the place, and nobody waits for the result.
    late: bool,
}

impl Seat {
    fn work(&self) -> MutexGuard<'_, Option<Work>> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_late(&self) -> bool {
        self.work().as_ref().is_some_and(|work| work.late)
    }
}

impl Pool {
    /// `limit`: largest record that is produced, in bytes. `timeout`: how long a page may be at work. The journal
    /// has [`MAX_STUCK`] slots more than there are threads.
    pub fn new(
        threads: usize,
        pipeline: Arc<Pipeline>,
        index: Arc<RwLock<Index>>,
        events: Sender<Event>,
        limit: usize,
        journal: Option<Journal>,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let (sender, jobs) = crossbeam_channel::unbounded();
        let (ending, active_ms) = (AtomicBool::new(false), AtomicU64::new(0));
        let shared = Arc::new(Shared { pipeline, index, events, limit, journal, jobs, ending, active_ms });
        let mut pool =
            Self { shared, jobs: Some(sender), threads: Vec::new(), timeout, watched: Instant::now() };
        for _ in 0..threads {
            pool.start_thread()?;
        }
        Ok(pool)
    }

    /// Number of its threads, without those that are stuck.
    pub fn threads(&self) -> usize {
        self.threads.iter().filter(|thread| !thread.seat.is_late()).count()
    }

    fn start_thread(&mut self) -> Result<(), Error> {
        let taken = |slot: &usize| self.threads.iter().any(|thread| thread.seat.slot == *slot);
        let slot = (0..).find(|slot| !taken(slot)).unwrap_or_default();
        let seat = Arc::new(Seat { slot, work: Mutex::new(None) });
        let (shared, own) = (self.shared.clone(), seat.clone());
        let handle = std::thread::Builder::new()
            .name(format!("prepare-{slot}"))
            .spawn(move || shared.run(&own))
            .map_err(|error| Error::Failed(format!("cannot start a thread of the pool: {error}; raise the limit of threads of this user or control group")))?;
        self.threads.push(Thread { seat, handle });
        Ok(())
    }

    /// Prepares a record; an [`Event::Prepared`] or [`Event::Stopped`] says when it is done. `fresh`: without the
    /// short cut for bytes that the index knows.
    pub fn prepare(&self, ticket: Ticket, slot: &Slot, fresh: bool, given_up: Arc<AtomicBool>) {
        if let Some(jobs) = &self.jobs {
            let (raw, traced) = (slot.raw.clone(), slot.trace.is_some());
            let _never_without_threads = jobs.send(Job { ticket, raw, fresh, traced, given_up });
        }
    }

    /// Stops pages that are at work for too long: gives an [`Event::Stopped`] for each.
    ///
    /// # Errors
    /// Too many threads are stuck.
    pub fn watch(&mut self) -> Result<Vec<Event>, Error> {
        let mut stopped = Vec::new();
        if self.watched.elapsed() < WATCH_EVERY {
            return Ok(stopped);
        }
        let more = self.watched.elapsed().min(MOST_AT_ONCE).as_millis();
        self.watched = Instant::now();
        self.shared.active_ms.fetch_add(more as u64, Ordering::Relaxed);
        let (now, timeout) = (self.shared.active(), self.timeout);
        let is_late = |work: &&mut Work| {
            !work.late && work.since.elapsed() > timeout && now.saturating_sub(work.since_active) > timeout
        };
        self.threads.retain(|thread| !thread.handle.is_finished());
        for thread in &self.threads {
            let mut work = thread.seat.work();
            let Some(work) = work.as_mut().filter(is_late) else { continue };
            work.late = true;
            let timeout = timeout.as_millis();
            tracing::error!(
                record = codec::derived_id(&work.raw),
                timeout,
                "a page is still at work after service.page_timeout_ms: rejected; its thread cannot be ended"
            );
            let detail = format!("still at work after {timeout} ms (service.page_timeout_ms)");
            let identity = if work.decoded {
                codec::identify(&work.raw, &self.shared.pipeline.settings().decode)
            } else {
                None
            };
            stopped.push(stop(work.ticket, &work.raw, identity, Reason::Timeout, detail));
        }
        for _ in &stopped {
            self.start_thread()?;
        }
        let stuck: Vec<_> = self.threads.iter().filter(|thread| thread.seat.is_late()).collect();
        if stuck.len() > MAX_STUCK {
            let names: Vec<_> = stuck
                .iter()
                .filter_map(|thread| thread.seat.work().as_ref().map(|work| codec::derived_id(&work.raw)))
                .collect();
            return Err(Error::Failed(format!(
                "{} pages were at work for longer than service.page_timeout_ms = {} and never ended: {}; start the \
                 worker again, and look at these records (topic/partition/offset)",
                names.len(),
                self.timeout.as_millis(),
                names.join(", ")
            )));
        }
        Ok(stopped)
    }

    /// Everything of `partition` before the offset `next` is committed.
    pub fn committed(&self, partition: i32, next: i64) {
        if let Some(journal) = &self.shared.journal {
            journal.committed(partition, next);
        }
    }
}

impl Drop for Pool {
    /// Lets the threads finish the pages that they are at, so that no slot of the journal stays marked. A page that
    /// does not end counts as a crash.
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::Release);
        self.jobs = None;
        let deadline = Instant::now() + LEAVE_WITHIN;
        loop {
            self.threads.retain(|thread| !thread.handle.is_finished());
            if self.threads.iter().all(|thread| thread.seat.is_late()) || Instant::now() >= deadline {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        for thread in &self.threads {
            if let Some(work) = &*thread.seat.work() {
                let record = codec::derived_id(&work.raw);
                tracing::warn!(record, "leaving while a page is at work: it counts as a crash");
            }
        }
    }
}

impl Shared {
    /// The life of a thread.
    fn run(&self, seat: &Seat) {
        while let Ok(job) = self.jobs.recv() {
            if job.given_up.load(Ordering::Acquire) || self.ending.load(Ordering::Acquire) {
                continue;
            }
            let since = Instant::now();
            let (ticket, raw) = (job.ticket, job.raw.clone());
            *seat.work() =
                Some(Work { ticket, raw, since, since_active: self.active(), decoded: false, late: false });
            self.note(seat, &job, false);
            // The pipeline catches what its stages do; this is for the rest, so that no page waits for ever.
            let event = catch_unwind(AssertUnwindSafe(|| self.prepare(&job, seat))).unwrap_or_else(|_| {
                let detail = "decoding or encoding panicked".to_owned();
                let page_id = codec::derived_id(&job.raw);
                let rejected = reject(&job.raw, page_id, None, Reason::StageFailed, "decode", detail);
                let work = pool_work(since, None);
                Event::Prepared(ticket, Box::new(Prepared::Rejected(rejected)), work)
            });
            if let Some(journal) = &self.journal {
                journal.end(seat.slot);
            }
            if seat.work().take().is_some_and(|work| work.late) {
                tracing::warn!(record = codec::derived_id(&job.raw), "a page that took too long has ended");
                return;
            }
            let _loop_is_gone = self.events.send(event);
        }
    }

    fn active(&self) -> Duration {
        Duration::from_millis(self.active_ms.load(Ordering::Relaxed))
    }

    fn note(&self, seat: &Seat, job: &Job, reading: bool) {
        if let Some(journal) = &self.journal {
            journal.begin(seat.slot, &job.raw, reading);
        }
    }

    fn prepare(&self, job: &Job, seat: &Seat) -> Event {
        let started = Instant::now();
        if let Some(journal) = &self.journal {
            let before = journal.crashes(&job.raw);
            if before.crashes >= GIVEN_UP_AT {
                self.note(seat, job, true);
                let identity = if before.reading {
                    None
                } else {
                    codec::identify(&job.raw, &self.pipeline.settings().decode)
                };
                let record = codec::derived_id(&job.raw);
                tracing::error!(
                    record,
                    crashes = before.crashes,
                    "a record that kills the process: rejected"
                );
                let detail = format!("the worker died {} times while at work on it", before.crashes);
                return stop(job.ticket, &job.raw, identity, Reason::Crashed, detail);
            }
        }
        let known = |body: &Hash128| {
            if let Some(work) = &mut *seat.work() {
                work.decoded = true;
            }
            #[cfg(debug_assertions)]
            super::fault::strike(&job.raw);
            if job.fresh {
                return None;
            }
            self.index.read().unwrap_or_else(PoisonError::into_inner).knows_body(body)
        };
        let prepare = || fit(self.pipeline.prepare(&job.raw, known), &job.raw, self.limit);
        let (prepared, laps) = if job.traced {
            let (prepared, laps) = with_laps(prepare);
            (prepared, Some(Box::new(laps)))
        } else {
            (prepare(), None)
        };
        Event::Prepared(job.ticket, Box::new(prepared), pool_work(started, laps))
    }
}

/// Work that began then and is done now.
fn pool_work(from: Instant, laps: Option<Box<Laps>>) -> super::events::Work {
    super::events::Work { from, seconds: from.elapsed().as_secs_f64(), laps }
}

/// Rejects a page for what it did to the pool.
fn stop(
    ticket: Ticket,
    raw: &RawRecord,
    identity: Option<codec::Identity>,
    reason: Reason,
    detail: String,
) -> Event {
    let (page_id, url, origin) = match identity {
        Some(identity) => (identity.page_id, identity.url, Some(identity.origin)),
        None => (codec::derived_id(raw), None, None),
    };
    let (source, body): (Source, _) = (raw.home(), raw.value.clone());
    let rejected = Reject { page_id, url, reason, stage: "prepare", detail, source, body };
    Event::Stopped(ticket, Box::new(rejected), origin)
}

/// Rejects an article whose record would be over the limit, before it leaves a sighting.
fn fit(prepared: Prepared, raw: &RawRecord, limit: usize) -> Prepared {
    let Prepared::Article(article, sighting) = prepared else { return prepared };
    // JSON writes a byte of text as six at most: small articles need no exact count.
    let bytes = if rough_len(&article) * 6 + OVERHEAD < limit {
        0
    } else {
        codec::encoded_len(&article) + OVERHEAD + sighting.stories.len() * REPEATS
    };
    if bytes <= limit {
        return Prepared::Article(article, sighting);
    }
    let detail = format!("the article is {bytes} bytes as a record, over kafka.max_message_bytes = {limit}");
    Prepared::Rejected(reject(raw, article.page_id, article.url, Reason::TooLarge, "publish", detail))
}

/// Bytes that the verdict adds to a story, at most.
const REPEATS: usize = 128;

fn rough_len(article: &Article) -> usize {
    let stories: usize = article.stories.iter().map(|story| story.text.len() + 500).sum();
    let names: usize = article.authors.iter().chain(&article.organizations).map(String::len).sum();
    let url = article.url.as_ref().map_or(0, String::len) * 2;
    article.text.len()
        + article.title.as_ref().map_or(0, String::len)
        + stories
        + names
        + url
        + article.extra.as_ref().map_or(0, Extra::bytes)
        + 2000
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
    // What is written is the record as it came.
    let body = raw.value.clone();
    Box::new(Reject { page_id, url, reason, stage, detail, source: raw.home(), body })
}
