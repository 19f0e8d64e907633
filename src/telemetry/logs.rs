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

/// Logs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Telemetry")]
pub struct Config {
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// What is logged: a level (`error`, `warn`, `info`, `debug`, `trace`), or directives by module such as
    /// `info,newsmill::kafka=debug`.
    pub log_filter: String,
}

impl Default for Config {
    fn default() -> Self {
        Self { log_format: LogFormat::Text, log_filter: "info".into() }
    }
}

impl Config {
    /// Keys whose value cannot be used, each with what to do about it.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        match EnvFilter::try_new(&self.log_filter) {
            Ok(_) => Vec::new(),
            Err(error) => vec![(
                "log_filter",
                format!("{error}: write a level such as `info`, or `info,newsmill::kafka=debug`"),
            )],
        }
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
}
