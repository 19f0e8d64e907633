//! The status page: what flows now, for people. `/` is the page, `/status.json` the state, `/events` its changes, and
//! `/explain/{id}` says why one of the last pages became what it did.
//!
//! Nothing on it changes anything, and nothing is done for it but that a sample of the last pages is kept
//! ([`crate::telemetry::Recent`]), until somebody looks: the figures are those that are counted anyway. Three files make it, which
//! are built in; it loads nothing else. Texts of pages reach the browser as JSON, and the document as text alone.

mod events;
mod explain;
mod flow;
mod guard;

pub(super) use events::tick;
pub(super) use flow::Flow;
pub(super) use guard::guard;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore, watch};

use self::events::{SEATS, Tick, events};
use self::explain::explanation;
use self::flow::{Sample, StageCounts};
use super::about::About;
use crate::pipeline::Pipeline;
use crate::telemetry::Recent;

const HTML: &str = include_str!("index.html");
const CSS: &str = include_str!("page.css");
const JS: &str = include_str!("page.js");

/// How far back the charts show what was.
const SHOWN: Duration = Duration::from_secs(120);
/// Times of stages are those of this time, or of since somebody looked last where that is longer ago.
const STAGES_OVER: Duration = Duration::from_secs(60);
/// Looks that are closer together do not make the charts finer.
const APART: Duration = Duration::from_millis(900);

/// What the status page shows.
pub(super) struct Board {
    flow: Flow,
    pipeline: Arc<Pipeline>,
    topic_names: BTreeMap<String, String>,
    /// The last pages, where they may be shown.
    recent: Option<Arc<Recent>>,
    started: Instant,
    history: Mutex<History>,
    ticks: watch::Sender<Tick>,
    /// Told when somebody comes.
    wanted: Notify,
    seats: Arc<Semaphore>,
    /// Explanations that may be begun.
    explaining: Arc<Semaphore>,
}

/// What was seen at earlier looks, the oldest first. The first look is the start.
struct History {
    points: VecDeque<Point>,
    /// Number of the last page of the sample that a tick told of.
    told: u64,
}

struct Point {
    at: Duration,
    /// Articles, duplicates, rejections.
    outcomes: [u64; 3],
    lag: Option<i64>,
    stages: StageCounts,
}

impl Board {
    pub fn new(flow: Flow, pipeline: Arc<Pipeline>, recent: Option<Arc<Recent>>) -> Arc<Self> {
        let start = Point { at: Duration::ZERO, outcomes: [0; 3], lag: None, stages: StageCounts::default() };
        Arc::new(Self {
            flow,
            topic_names: pipeline.topic_names(),
            pipeline,
            recent,
            started: Instant::now(),
            history: Mutex::new(History { points: [start].into(), told: 0 }),
            ticks: watch::Sender::default(),
            wanted: Notify::new(),
            seats: Arc::new(Semaphore::new(SEATS)),
            explaining: Arc::new(Semaphore::new(explain::AT_ONCE)),
        })
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks, and gives what it saw as JSON.
    fn look(&self) -> Value {
        let sample = self.flow.look(&self.topic_names);
        let stages = StageCounts::of(&self.pipeline);
        let at = self.started.elapsed();
        let mut history = self.history();
        let before = history.before(at.saturating_sub(STAGES_OVER));
        let figures = before.map(|point| stages.since(&point.stages, &self.pipeline));
        let over = before.map(|point| at.saturating_sub(point.at));
        history.add(at, &sample, stages);
        drop(history);
        let mut now = serde_json::to_value(&sample).unwrap_or_default();
        now["at_ms"] = millis(at).into();
        now["stages"] = json!(figures);
        now["stages_over_ms"] = over.map(millis).into();
        now
    }

    /// The whole state. Takes longer than async code may.
    pub fn state(&self) -> Value {
        let now = self.look();
        let history: Vec<Value> = self.history().points.iter().map(Point::shown).collect();
        let (articles, rejects, _) = self.recent.as_ref().map(|recent| recent.since(0)).unwrap_or_default();
        json!({
            "version": About::new(self.pipeline.versions()),
            "kind": self.flow.kind(),
            "name": self.flow.name(),
            "shows_pages": self.recent.is_some(),
            "chart_ms": millis(SHOWN),
            "history": history,
            "now": now,
            "articles": articles,
            "rejects": rejects,
        })
    }

    /// Sends a tick to all who look on; none after the last one.
    fn send(&self, is_last: bool) {
        let now = self.look();
        // Held to the end: ticks are numbered in the order in which they are sent.
        let mut history = self.history();
        let (number, is_over) = {
            let before = self.ticks.borrow();
            (before.number + 1, before.is_last)
        };
        if is_over {
            return;
        }
        let news = self.recent.as_ref().map(|recent| recent.since(history.told));
        let (articles, rejects, told) = news.unwrap_or_default();
        history.told = told;
        let json = json!({"now": now, "articles": articles, "rejects": rejects}).to_string();
        self.ticks.send_replace(Tick { number, json: json.into(), is_last });
    }

    /// Tells all who look on how it ended; nothing comes after it.
    pub fn finish(&self) {
        self.send(true);
    }
}

impl History {
    /// The last look at `time` or before, else the first one that is kept.
    fn before(&self, time: Duration) -> Option<&Point> {
        self.points.iter().rev().find(|point| point.at <= time).or_else(|| self.points.front())
    }

    fn add(&mut self, at: Duration, sample: &Sample, stages: StageCounts) {
        let is_due = self.points.back().is_none_or(|last| at >= last.at + APART);
        if is_due {
            self.points.push_back(Point { at, outcomes: sample.outcomes(), lag: sample.lag(), stages });
        }
        // One that is too old stays, for what came since.
        while self.points.get(1).is_some_and(|second| second.at + SHOWN < at) {
            self.points.pop_front();
        }
    }
}

impl Point {
    fn shown(&self) -> Value {
        let [articles, duplicates, rejected] = self.outcomes;
        json!([millis(self.at), articles, duplicates, rejected, self.lag])
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The page's routes.
pub(super) fn routes(board: Arc<Board>) -> Router {
    let file = |kind: &'static str, text: &'static str| get(move || async move { built_in(kind, text) });
    Router::new()
        .route("/", file("text/html; charset=utf-8", HTML))
        .route("/page.css", file("text/css; charset=utf-8", CSS))
        .route("/page.js", file("text/javascript; charset=utf-8", JS))
        .route("/status.json", get(state))
        .route("/events", get(events))
        .route("/explain/{id}", get(explanation))
        .with_state(board)
}

fn built_in(kind: &'static str, text: &'static str) -> Response {
    // Asked for anew each time: another version of the program has other ones.
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}

async fn state(State(board): State<Arc<Board>>) -> Response {
    match tokio::task::spawn_blocking(move || board.state()).await {
        Ok(state) => ([(header::CONTENT_TYPE, "application/json")], format!("{state}\n")).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}
