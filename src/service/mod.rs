//! The HTTP port with its status page, and `newsmill run`: wires the worker to signals, health checks and HTTP.
//!
//! The worker has a thread of its own; the async runtime serves HTTP and waits for signals, and nothing
//! else. SIGTERM and SIGINT ask the worker to stop; it has [`STOP_WITHIN`], after which the process leaves
//! as it is: exactly-once holds at any point, only the hand-over takes longer then. A second signal leaves at
//! once.

mod about;
mod health;
mod http;
mod listen;
mod page;
mod watch;

pub use watch::Watch;

pub use about::About;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::signal::unix::{SignalKind, signal};

use crate::kafka::{self, Error, Process, Starter};
use crate::pipeline::{self, Pipeline};
use crate::telemetry;

/// Longest time from a signal to the end of the process.
const STOP_WITHIN: Duration = Duration::from_secs(9);

/// Longest time for the last spans, at the end.
const SEND_WITHIN: Duration = Duration::from_millis(500);

/// The process: threads, health checks and HTTP.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Service")]
pub struct Config {
    /// Address and port of the status page, `/metrics`, `/livez`, `/readyz`, `/version` and `/config`. There is no login: bind
    /// to another address than loopback only in a network that you trust.
    pub listen: String,
    /// The status page shows titles and addresses of the last pages, and explains each of them. Where `false` it shows counts
    /// alone.
    pub show_pages: bool,
    /// Threads that prepare pages; 0 is one a core.
    pub threads: usize,
    /// Folder for what a worker keeps over its own end; workers of one group may share it. Empty:
    /// `$STATE_DIRECTORY` as systemd sets it, else `$XDG_STATE_HOME/newsmill`, else
    /// `$HOME/.local/state/newsmill`.
    pub state_dir: String,
    /// A page that is at work for so many milliseconds is rejected as `timeout`, and its thread replaced. The stages
    /// are bounded by themselves: this is the last resort.
    pub page_timeout_ms: u64,
    /// After so many milliseconds without a sign of life from the worker's loop `/livez` says 503.
    pub stuck_after_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:9600".into(),
            show_pages: true,
            threads: 0,
            state_dir: String::new(),
            page_timeout_ms: 30_000,
            stuck_after_ms: 60_000,
        }
    }
}

impl Config {
    /// Keys whose value cannot be used, each with what to do about it.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.listen.parse::<SocketAddr>().is_err() {
            let example = "write address:port, such as 127.0.0.1:9600 or 0.0.0.0:9600";
            problems.push(("listen", format!("`{}` is no address: {example}", self.listen)));
        }
        if self.stuck_after_ms < 15_000 {
            problems
                .push(("stuck_after_ms", "is below 15000: a slow commit would count as stuck".to_owned()));
        }
        if self.page_timeout_ms < 1_000 {
            problems.push(("page_timeout_ms", "is below 1000: large pages would not get through".to_owned()));
        } else if self.page_timeout_ms >= self.stuck_after_ms {
            problems.push((
                "page_timeout_ms",
                format!("is not below stuck_after_ms ({}): the page has to go first", self.stuck_after_ms),
            ));
        }
        problems
    }
}

/// What `newsmill run` is made of.
pub struct Options {
    /// The stages.
    pub pipeline: pipeline::Settings,
    /// The worker.
    pub kafka: kafka::Config,
    /// The process.
    pub service: Config,
    /// Logs.
    pub telemetry: telemetry::Config,
    /// Replace the settings in the sightings log by these.
    pub change_settings: bool,
    /// The whole configuration, as `/config` shows it, secrets masked.
    pub shown: serde_json::Value,
}

/// Runs the worker until a signal comes or it cannot go on.
///
/// # Errors
/// What kept it from going on.
pub fn run(options: Options) -> Result<(), Error> {
    telemetry::init_logs(&options.telemetry);
    let exporter = telemetry::Exporter::install().map_err(Error::Failed)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("http")
        .enable_all()
        .build()
        .map_err(|error| Error::Failed(format!("cannot start a runtime: {error}")))?;
    let result = runtime.block_on(serve(options, exporter));
    // What is still made for somebody who looks on is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(100));
    result
}

async fn serve(options: Options, exporter: telemetry::Exporter) -> Result<(), Error> {
    let listen = &options.service.listen;
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(|error| {
        Error::Failed(format!("cannot listen on {listen}: {error}; set service.listen to a free port"))
    })?;
    let bound = listener
        .local_addr()
        .map_err(|error| Error::Failed(format!("cannot listen on {listen}: {error}")))?;
    let address = bound.to_string();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), listen = address, "newsmill starts");

    let pipeline = Pipeline::load(&options.pipeline).map_err(|error| Error::Failed(error.to_string()))?;
    if let Some(missing) = pipeline.missing() {
        tracing::info!("{missing}");
    }
    let pipeline = Arc::new(pipeline);
    let versions = pipeline.versions();
    let pipeline::Versions { main_text, language, topics, encoder } = &versions;
    let labels = [env!("CARGO_PKG_VERSION"), main_text, language, topics, encoder];
    telemetry::set(telemetry::Metric::BuildInfo, 1.0, &labels);
    let traced = !options.telemetry.otlp_endpoint.is_empty();
    let (tracer, sending) = traced
        .then(|| telemetry::start_tracing(&options.telemetry, &options.kafka.worker_name()))
        .transpose()
        .map_err(Error::Failed)?
        .unzip();
    let recent = options.service.show_pages.then(Arc::<telemetry::Recent>::default);
    let process = Process {
        threads: options.service.threads,
        state_dir: options.service.state_dir,
        page_timeout: Duration::from_millis(options.service.page_timeout_ms),
        tracer,
        recent: recent.clone(),
    };
    let name = options.kafka.worker_name();
    let starter = Starter::new(options.kafka, pipeline.clone(), process, options.change_settings);
    let stopper = starter.stopper();
    let health = health::Health {
        status: starter.status(),
        stuck_after: Duration::from_millis(options.service.stuck_after_ms),
        stopping: Arc::default(),
    };
    let stopping = health.stopping.clone();
    let flow = page::Flow::Worker { health: health.clone(), exporter: exporter.clone(), name };
    let board = page::Board::new(flow, pipeline.clone(), recent);
    let ticks = tokio::spawn(page::tick(board.clone()));
    let state = http::State { health, exporter: exporter.clone(), pipeline, shown: Arc::new(options.shown) };
    let routes = http::routes(state)
        .merge(page::routes(board))
        .layer(axum::middleware::from_fn_with_state(bound.ip().is_loopback(), page::guard));
    let server = tokio::spawn(async move { axum::serve(listen::Listener(listener), routes).await });
    let upkeep = tokio::spawn(async move {
        let mut tick = tokio::time::interval(Duration::from_secs(5));
        loop {
            tick.tick().await;
            exporter.upkeep();
        }
    });

    let (done, mut ended) = tokio::sync::oneshot::channel();
    let worker = std::thread::Builder::new()
        .name("worker".into())
        .spawn(move || {
            let _receiver_is_gone = done.send(starter.run());
        })
        .map_err(|error| Error::Failed(format!("cannot start a thread: {error}")))?;

    let cannot = |error: std::io::Error| Error::Failed(format!("cannot wait for signals: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let result = tokio::select! {
        result = &mut ended => result,
        name = async { tokio::select! { _ = terminate.recv() => "SIGTERM", _ = interrupt.recv() => "SIGINT" } } => {
            tracing::info!(signal = name, "asked to stop");
            stopping.store(true, std::sync::atomic::Ordering::Release);
            stopper.stop();
            tokio::select! {
                result = &mut ended => result,
                () = tokio::time::sleep(STOP_WITHIN) => {
                    tracing::warn!("leaving without a word to the group: the others take over at the session timeout");
                    std::process::exit(0);
                }
                _ = async { tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () } } => {
                    tracing::warn!("asked to stop a second time: leaving at once");
                    std::process::exit(130);
                }
            }
        }
    };
    server.abort();
    ticks.abort();
    upkeep.abort();
    let _ended = worker.join();
    if let Some(sending) = sending {
        sending.finish(SEND_WITHIN);
    }
    match result {
        Ok(result) => {
            if result.is_ok() {
                tracing::info!("stopped");
            }
            result
        }
        Err(_) => Err(Error::Failed("the worker panicked: see the log, and report it as a bug".into())),
    }
}
