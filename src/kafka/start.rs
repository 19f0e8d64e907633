//! A worker's way from its settings to the group: preflight, replay, settings of the log, transactions.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::batch::Pace;
use super::breaker::Breaker;
use super::error::Error;
use super::events::{Event, Ticket, Waker};
use super::headers::Form;
use super::journal::Journal;
use super::log::{Acks, Appender, Tail};
use super::output::Outputs;
use super::pages::Pages;
use super::pool::{MAX_STUCK, Pool};
use super::publisher::Publisher;
use super::recover::Failures;
use super::routes::Routes;
use super::settings::Config;
use super::status::Status;
use super::worker::{Clock, Worker};
use super::{client, pool, preflight, state};
use crate::pipeline::Pipeline;
use crate::sightings::{Entry, Index, Settings};
use crate::telemetry::{Recent, Tracer};

/// What the process gives its worker.
pub struct Process {
    /// Threads that prepare pages; 0 is one a core.
    pub threads: usize,
    /// Where state is kept; empty: where the system says.
    pub state_dir: String,
    /// How long one page may be at work.
    pub page_timeout: Duration,
    /// Where spans go; `None` where nothing is traced.
    pub tracer: Option<Tracer>,
    /// Where the last pages are kept for whoever watches; `None` where nobody may.
    pub recent: Option<Arc<Recent>>,
}

/// A worker that has not begun.
pub struct Starter {
    config: Config,
    pipeline: Arc<Pipeline>,
    process: Process,
    change_settings: bool,
    status: Arc<Status>,
    stop: Arc<AtomicBool>,
    sender: Sender<Event>,
    events: Receiver<Event>,
}

/// Asks a worker to stop.
#[derive(Clone)]
pub struct Stopper {
    stop: Arc<AtomicBool>,
    events: Sender<Event>,
}

impl Stopper {
    /// The worker finishes or gives up what is in flight, leaves the group, and returns.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        let _loop_is_gone = self.events.send(Event::Wake);
    }
}

impl Starter {
    /// With `change_settings` the settings of `pipeline` replace those in the log.
    pub fn new(config: Config, pipeline: Arc<Pipeline>, process: Process, change_settings: bool) -> Self {
        let (sender, events) = crossbeam_channel::unbounded();
        let (status, stop) = (Arc::default(), Arc::default());
        Self { config, pipeline, process, change_settings, status, stop, sender, events }
    }

    /// What health checks look at.
    pub fn status(&self) -> Arc<Status> {
        self.status.clone()
    }

    /// The way to stop it.
    pub fn stopper(&self) -> Stopper {
        Stopper { stop: self.stop.clone(), events: self.sender.clone() }
    }

    /// Starts, and works until it is stopped.
    ///
    /// # Errors
    /// What keeps it from starting or going on.
    pub fn run(self) -> Result<(), Error> {
        let (config, settings) = (&self.pipeline.settings().deduplicate, self.pipeline.log_settings());
        self.status.beat("looking at the broker and its topics");
        let vocabulary = self.pipeline.vocabulary();
        let routes = Routes::new(&self.config.rules, self.config.routes, &self.config.topics, &vocabulary);
        let mut routes = routes.map_err(|problems| bad_routes(&problems))?;
        let there = preflight::prepare(&self.config, config.window_days, &routes)?;
        routes.are_there(there.iter().map(String::as_str));
        self.status.set_broker_up(true);
        let state = state::folder(&self.process.state_dir, &self.config.group);
        let threads = pool::threads(self.process.threads);
        let journal =
            state.as_deref().and_then(|folder| journal(folder, &self.config, threads + MAX_STUCK + 1));

        let instance = RandomState::new().hash_one(std::process::id()).to_be_bytes();
        let index = Arc::new(RwLock::new(Index::new(config)));
        let mut appender = Appender::new(&self.config, instance, self.status.clone(), self.sender.clone())?;
        let (status, sender) = (self.status.clone(), self.sender.clone());
        let tail = Tail::start(&self.config, instance, state.as_deref(), index.clone(), status, sender)?;
        if !self.replay(&tail, &settings, &mut appender)? {
            return Ok(());
        }

        self.status.beat("beginning transactions");
        let mut publisher = Publisher::new(&self.config, self.stop.clone())?;
        let deadline = Instant::now() + Duration::from_millis(self.config.connect_timeout_ms);
        while !publisher.init(Duration::from_secs(1))? {
            if self.stop.load(Ordering::Acquire) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(Error::Unreachable(format!(
                    "the broker did not begin transactions for {} within {} ms: check that it has a transaction \
                     coordinator (its log says why not), or raise kafka.connect_timeout_ms",
                    self.config.transactional_id(),
                    self.config.connect_timeout_ms
                )));
            }
            self.status.beat("beginning transactions");
        }

        let waker = Waker::new(self.sender.clone());
        let (status, limit) = (self.status.clone(), self.config.max_message_bytes);
        let pool = Pool::new(
            threads,
            self.pipeline.clone(),
            index,
            self.sender.clone(),
            limit,
            journal,
            self.process.page_timeout,
        )?;
        let outputs = Outputs {
            topics: self.config.topics.clone(),
            kinds: self.config.kinds.clone(),
            routes,
            form: Form::new(&self.config),
            limit: self.config.max_message_bytes,
        };
        let breaker = Breaker::new(&self.config);
        let pace = Pace::new(pool.threads());
        let topic = &self.config.topics.pages;
        let pages = Pages::join(&client::pages(&self.config), topic, status.clone(), waker.clone())?;
        status.set_joined(true);
        tracing::info!(group = self.config.group, worker = self.config.worker_name(), "joined the group");
        Worker {
            config: self.config,
            settings,
            pipeline: self.pipeline,
            tracer: self.process.tracer,
            recent: self.process.recent,
            status,
            stop: self.stop,
            events: self.events,
            waker,
            pages,
            pool,
            appender,
            _tail: tail,
            publisher,
            outputs,
            breaker,
            tripped: false,
            batches: VecDeque::new(),
            next_batch: 0,
            pace,
            uncommitted: BTreeMap::new(),
            more: true,
            full_since: None,
            paused: false,
            failures: Failures::default(),
            clock: Clock::new(),
        }
        .run()
    }

    /// Waits until the index is built and the log holds this worker's settings. `Ok(false)`: asked to stop.
    fn replay(&self, tail: &Tail, settings: &Settings, appender: &mut Appender) -> Result<bool, Error> {
        let started = Instant::now();
        let patience = Duration::from_millis(self.config.connect_timeout_ms);
        let from = self.status.replay().0;
        let (mut position, mut moved) = (from, Instant::now());
        let mut said = Instant::now();
        while !self.status.replayed() {
            if self.stop.load(Ordering::Acquire) {
                return Ok(false);
            }
            if let Ok(Event::TailFailed(error)) = self.events.recv_timeout(Duration::from_millis(100)) {
                return Err(Error::Failed(error));
            }
            self.status.beat("replaying the sightings log");
            let (now, end) = self.status.replay();
            if now != position {
                (position, moved) = (now, Instant::now());
            } else if moved.elapsed() > patience {
                return Err(Error::Unreachable(format!(
                    "no entry of {} came within {} ms at position {now} of {end}: check that the broker is up",
                    self.config.topics.sightings, self.config.connect_timeout_ms
                )));
            }
            if said.elapsed() > Duration::from_secs(5) {
                tracing::info!(position, end, "replaying the sightings log");
                said = Instant::now();
            }
        }
        let (position, end) = self.status.replay();
        tracing::info!(from, position, end, seconds = started.elapsed().as_secs_f64(), "the index is built");
        match tail.settings() {
            Some(logged) if logged == *settings => return Ok(true),
            Some(logged) if !self.change_settings => {
                return Err(Error::Configuration(other_settings(&logged, settings)));
            }
            Some(_) => tracing::warn!("replacing the settings in the sightings log"),
            None => tracing::info!("the sightings log is new: writing the settings that change verdicts"),
        }
        let acks = Arc::<Acks>::default();
        let ticket = Ticket { batch: u64::from(u32::MAX), slot: u32::MAX };
        let written = appender.append(&Entry::Settings(settings.clone()), ticket, &acks);
        let acknowledged = written.and_then(|()| acks.wait(patience));
        match acknowledged {
            Ok(true) => Ok(true),
            Ok(false) => Err(Error::Unreachable(format!(
                "{} did not take an entry within {} ms: check that the broker is up and has room",
                self.config.topics.sightings, self.config.connect_timeout_ms
            ))),
            Err(error) => Err(Error::Failed(format!(
                "{} did not take an entry: {error}; check the topic's settings with `newsmill check`",
                self.config.topics.sightings
            ))),
        }
    }
}

/// The journal, if it can be had: the worker goes on without.
fn journal(folder: &std::path::Path, config: &Config, slots: usize) -> Option<Journal> {
    let (name, fixed) = (config.worker_name(), !config.worker_id.is_empty());
    match Journal::open(folder, &name, fixed, &config.topics.pages, slots) {
        Ok(journal) => Some(journal),
        Err(error) => {
            let folder = folder.display();
            tracing::warn!(%folder, %error, "no journal: a page that kills the worker is not found");
            None
        }
    }
}

/// Says what is wrong with the routes.
pub(super) fn bad_routes(problems: &[String]) -> Error {
    Error::Configuration(format!("the routes cannot be followed:\n  {}", problems.join("\n  ")))
}

/// Says both settings, where they differ, and how to go on.
pub(super) fn other_settings(logged: &Settings, own: &Settings) -> String {
    let lines: Vec<_> = own.differences(logged).iter().map(|line| format!("  {line}")).collect();
    format!(
        "the sightings log was written with other settings, and verdicts depend on them:\n{}\n\
         to go on with those of the log, set them here (what is part of the release: run that release); to change \
         them for the whole group, stop every worker and start one with `newsmill run --change-settings`",
        lines.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sightings::Config;

    #[test]
    fn other_settings_are_said_with_both_values() {
        let logged = Settings::new(&Config { window_days: 7, ..Config::default() }, "1");
        let text = other_settings(&logged, &Settings::new(&Config::default(), "1"));
        assert!(text.contains("deduplicate.window_days: 7 in the log, 30 here"), "{text}");
        assert!(text.contains("--change-settings"), "{text}");
    }
}
