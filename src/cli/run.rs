//! `newsmill run`: the worker on Kafka.

use clap::Args;

use super::{ConfigArguments, Failure};
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
            shown: config.shown(),
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
