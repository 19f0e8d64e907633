//! `newsmill run`: the worker on Kafka.

use clap::Args;

use super::{ConfigArguments, Failure};
use crate::config::Config;
use crate::{kafka, service};

/// Run the worker: pages from Kafka in, articles, duplicates and rejected pages out
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill run --config newsmill.toml
  NEWSMILL_KAFKA_BROKERS=kafka:9092 NEWSMILL_KAFKA_CREATE_TOPICS=true newsmill run

Ends on SIGTERM or SIGINT within 10 seconds, its work finished or handed over.
`newsmill check` says whether everything it needs is there.")]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,

    /// Replace the settings in the sightings log, which verdicts depend on, by those of this configuration; stop
    /// every other worker of the group first
    #[arg(long)]
    change_settings: bool,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        let options = service::Options {
            pipeline: config.pipeline(),
            kafka: config.kafka.clone(),
            service: config.service.clone(),
            telemetry: config.telemetry.clone(),
            change_settings: self.change_settings,
            shown: masked(&config),
        };
        service::run(options).map_err(Failure::from)
    }
}

impl From<kafka::Error> for Failure {
    fn from(error: kafka::Error) -> Self {
        match error {
            kafka::Error::Unreachable(_) => Self::Unreachable(error.into()),
            kafka::Error::Configuration(_) => Self::Usage(error.into()),
            kafka::Error::Failed(_) => Self::Failed(error.into()),
        }
    }
}

/// The configuration with the values masked that may be secret.
fn masked(config: &Config) -> serde_json::Value {
    let mut shown = serde_json::to_value(config).unwrap_or_default();
    if let Some(properties) = shown["kafka"]["properties"].as_object_mut() {
        for (key, value) in properties {
            // What is no known open word is masked, so that a new secret is never shown by default.
            let open =
                ["mechanism", "protocol", "username", "location", "algorithm", ".ms", "bytes", "debug"];
            if !open.iter().any(|word| key.contains(word)) {
                *value = "********".into();
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let mut config = Config::default();
        config.kafka.properties.insert("sasl.password".into(), "canary".into());
        config.kafka.properties.insert("ssl.key.password".into(), "canary".into());
        config.kafka.properties.insert("sasl.mechanisms".into(), "PLAIN".into());
        let text = masked(&config).to_string();
        assert!(!text.contains("canary"), "{text}");
        assert!(text.contains("PLAIN"), "{text}");
    }
}
