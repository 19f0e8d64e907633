//! Structured logs on stderr.

use std::io::IsTerminal;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line of text an event.
    #[default]
    Text,
    /// One JSON object an event.
    Json,
}

/// Logs and traces.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Telemetry")]
pub struct Config {
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// What is logged: a level (`error`, `warn`, `info`, `debug`, `trace`), or directives by module such as
    /// `info,newsmill::kafka=debug`.
    pub log_filter: String,
    /// Where traces of pages go: a collector that takes OTLP over HTTP, such as `http://127.0.0.1:4318`. Empty: nowhere; what a
    /// page's record brings of a trace is passed on all the same.
    pub otlp_endpoint: String,
    /// Share of the pages that bring no trace of their own which are traced, 0 to 1. One that brings a trace is traced where that
    /// is sampled.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub trace_ratio: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            log_format: LogFormat::Text,
            log_filter: "info".into(),
            otlp_endpoint: String::new(),
            trace_ratio: 0.01,
        }
    }
}

impl Config {
    /// Keys whose value cannot be used, each with what to do about it.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if let Err(error) = EnvFilter::try_new(&self.log_filter) {
            let advice = "write a level such as `info`, or `info,newsmill::kafka=debug`";
            problems.push(("log_filter", format!("{error}: {advice}")));
        }
        let is_set = !self.otlp_endpoint.is_empty();
        if let Some(problem) = is_set.then(|| super::otlp::problem(&self.otlp_endpoint)).flatten() {
            problems.push(("otlp_endpoint", problem));
        }
        if !(0.0..=1.0).contains(&self.trace_ratio) {
            problems.push(("trace_ratio", "is not between 0 and 1: it is a share of the pages".to_owned()));
        }
        problems
    }
}

/// Sends the logs of this process to stderr from here on. Has no effect the second time.
pub fn init_logs(config: &Config) {
    let filter = EnvFilter::try_new(&config.log_filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // An error means that a subscriber is set already (tests): that one serves.
    let _already_set = match config.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_is_a_problem() {
        assert!(Config::default().problems().is_empty());
        let config = Config { log_filter: "newsmill=loud".into(), ..Config::default() };
        assert_eq!(config.problems()[0].0, "log_filter");
    }

    #[test]
    fn traces_go_to_an_address_that_can_be_read() {
        let config = Config { otlp_endpoint: "https://x".into(), trace_ratio: 2.0, ..Config::default() };
        let keys: Vec<_> = config.problems().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["otlp_endpoint", "trace_ratio"]);
        let config = Config { otlp_endpoint: "http://127.0.0.1:4318".into(), ..Config::default() };
        assert!(config.problems().is_empty());
    }
}
