//! What the user wrote, as a TOML file and `NEWSMILL_…` variables, to validated settings.
//!
//! [`Config::load`] reports every problem at once, each with the path of its key. The keys that exist,
//! and their types, are those of [`Config::default`] written as TOML: one source for the loader, for
//! `config/newsmill.toml` (a test holds the two together) and for the variables' names.

mod load;
mod sites;
mod suggest;

pub use suggest::{closest, did_you_mean};

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline;

/// Every setting of newsmill.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Reading records.
    pub decode: crate::codec::Config,
    /// Main text and fields.
    pub strip_boilerplate: crate::stages::strip_boilerplate::Config,
    /// Language.
    pub detect_language: crate::stages::detect_language::Config,
    /// Topics.
    pub classify_topics: crate::stages::classify_topics::Config,
    /// Repeats.
    pub deduplicate: crate::stages::deduplicate::Config,
    /// What is written of an outcome.
    pub output: pipeline::Output,
    /// Which records go to further topics.
    pub route: Vec<crate::kafka::Rule>,
    /// The worker on Kafka.
    pub kafka: crate::kafka::Config,
    /// The process of `newsmill run`.
    pub service: crate::service::Config,
    /// Logs and traces.
    pub telemetry: crate::telemetry::Config,
}

/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {error}; give an existing file with --config")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// It is read, but holds mistakes: all of them.
    #[error("{} in the configuration{}:\n  {}", count(problems.len()), in_file(file.as_deref()), problems.join("\n  "))]
    Invalid {
        /// The file; none where only variables were given.
        file: Option<String>,
        /// What is wrong, each with its key.
        problems: Vec<String>,
    },
}

fn count(problems: usize) -> String {
    if problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") }
}

fn in_file(file: Option<&str>) -> String {
    file.map_or_else(String::new, |file| format!(" ({file}, and variables)"))
}

impl Config {
    /// Reads the file (if one is named), then the `NEWSMILL_…` variables over it, then the rules for sites, and validates.
    ///
    /// # Errors
    /// Every problem at once: syntax, unknown keys (with the closest known one), wrong types, wrong values.
    pub fn load(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        let text = match file {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| Error::Unreadable { path: path.display().to_string(), error })?,
        };
        Self::from_parts(&text, variables).map_err(|problems| {
            let file = file.map(|path| path.display().to_string());
            Error::Invalid { file, problems }
        })
    }

    /// The same from the text of a file.
    ///
    /// # Errors
    /// As [`Config::load`]: all problems.
    pub fn from_parts(
        text: &str,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Vec<String>> {
        let (mut config, mut problems): (Self, _) = load::load(text, variables)?;
        config.kafka.rules.clone_from(&config.route);
        problems.extend(config.problems());
        match sites::read(&config.strip_boilerplate.sites) {
            Ok(rules) => config.strip_boilerplate.site_rules = std::sync::Arc::new(rules),
            Err(said) => problems.extend(said),
        }
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    /// Values that cannot be worked with, each with the path of its key.
    fn problems(&self) -> Vec<String> {
        let sections = [
            ("decode", self.decode.problems()),
            ("deduplicate", self.deduplicate.problems()),
            ("detect_language", self.detect_language.problems()),
            ("classify_topics", self.classify_topics.problems()),
            ("kafka", self.kafka.problems()),
            ("service", self.service.problems()),
            ("telemetry", self.telemetry.problems()),
        ];
        let problem = |section: &str, (key, what): (&str, String)| format!("{section}.{key} {what}");
        sections
            .into_iter()
            .flat_map(|(section, problems)| problems.into_iter().map(move |p| problem(section, p)))
            .chain(crate::kafka::route_problems(&self.route))
            .collect()
    }

    /// All settings as JSON, without secrets: values of the Kafka client's properties that may be one, and names and
    /// passwords in addresses.
    pub fn shown(&self) -> serde_json::Value {
        // Properties mask themselves.
        let mut shown = serde_json::to_value(self).unwrap_or_default();
        shown["kafka"]["brokers"] = crate::kafka::bare(&self.kafka.brokers).into();
        shown
    }

    /// The settings of the stages.
    pub fn pipeline(&self) -> pipeline::Settings {
        pipeline::Settings {
            decode: self.decode.clone(),
            strip_boilerplate: self.strip_boilerplate.clone(),
            detect_language: self.detect_language.clone(),
            classify_topics: self.classify_topics.clone(),
            deduplicate: self.deduplicate.clone(),
            output: self.output.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
