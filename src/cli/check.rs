//! `newsmill check`: whether `newsmill run` would find what it needs.

use clap::Args;
use serde_json::json;

use super::{ConfigArguments, Failure};
use crate::kafka;

/// Check the configuration, the broker, the topics and the rights, without joining the group
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill check --config newsmill.toml
  newsmill check --json | jq '.[] | select(.ok | not)'

Takes at most 10 seconds. Exit codes: 0 all good, 1 something to mend, 2 bad configuration, 3 no broker answers")]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,

    /// Print one JSON array of findings instead of lines
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        let findings = kafka::check(&config.kafka, config.deduplicate.window_days)?;
        let bad = findings.iter().filter(|finding| !finding.ok).count();
        if self.json {
            let rows: Vec<_> = findings
                .iter()
                .map(|finding| json!({"what": finding.what, "ok": finding.ok, "detail": finding.detail}))
                .collect();
            println!("{}", json!(rows));
        } else {
            for finding in &findings {
                let mark = if finding.ok { "ok     " } else { "PROBLEM" };
                println!("{mark} {}: {}", finding.what, finding.detail);
            }
        }
        if bad == 0 {
            return Ok(());
        }
        let noun = if bad == 1 { "problem" } else { "problems" };
        Err(Failure::Failed(anyhow::anyhow!("{bad} {noun}: each line above says what to do")))
    }
}
