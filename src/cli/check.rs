//! `newsmill check`: whether `newsmill run` would find what it needs.

use clap::Args;
use serde_json::json;

use super::{ConfigArguments, Failure};
use crate::kafka::{self, Expected, Finding, Level};
use crate::pipeline::Vocabulary;
use crate::sightings;
use crate::stages::strip_boilerplate;

/// Check the configuration, the broker, the topics and the rights, without joining the group
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill check --config newsmill.toml
  newsmill check --json | jq -r '.[] | select(.ok | not) | .do[]'      what to do, one line each

Takes at most 10 seconds, also where the broker takes connections and never answers.

Exit codes: 0 nothing to mend (there may be warnings), 1 something to mend, 2 bad configuration, 3 no broker answers")]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,

    /// Also try to write: a record to each topic of outcomes, in a transaction that is given up; readers at
    /// read_committed see nothing of it
    #[arg(long)]
    write: bool,

    /// Print one JSON array of findings instead of lines: what, level (ok, note, warning, problem), ok, detail, do
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        let extraction = strip_boilerplate::version(&config.strip_boilerplate);
        let expected = Expected {
            window_days: config.deduplicate.window_days,
            body_bytes: config.decode.max_body_bytes,
            settings: sightings::Settings::new(&config.deduplicate, &extraction),
            // Also without routes: it says what is wrong with a model's file.
            vocabulary: Vocabulary::load(&config.pipeline())
                .map_err(|error| Failure::Failed(error.into()))?,
            write: self.write,
        };
        let findings = kafka::check(&config.kafka, &expected)?;
        if self.json {
            println!("{}", json!(findings.iter().map(row).collect::<Vec<_>>()));
        } else {
            show(&findings);
        }
        let count = |level| findings.iter().filter(|finding| finding.level == level).count();
        let (problems, warnings) = (count(Level::Problem), count(Level::Warning));
        let counted =
            |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
        let summary = match (problems, warnings) {
            (0, 0) => "nothing to mend".to_owned(),
            (0, _) => format!(
                "{}: newsmill run works, the lines above say what is at risk",
                counted(warnings, "warning")
            ),
            _ => {
                let besides = if warnings > 0 {
                    format!(" and {}", counted(warnings, "warning"))
                } else {
                    String::new()
                };
                let problems = counted(problems, "problem");
                return Err(Failure::Failed(anyhow::anyhow!(
                    "{problems}{besides}: the lines above say what to do"
                )));
            }
        };
        if !self.json {
            println!("{summary}");
        }
        Ok(())
    }
}

fn row(finding: &Finding) -> serde_json::Value {
    json!({
        "what": finding.what,
        "ok": !finding.is_problem(),
        "level": finding.level.as_str(),
        "detail": finding.detail,
        "do": finding.remedy,
    })
}

/// A line a finding, and below it what to do.
fn show(findings: &[Finding]) {
    for finding in findings {
        let mark = match finding.level {
            Level::Problem => "PROBLEM",
            level => level.as_str(),
        };
        println!("{mark:<7}  {}: {}", finding.what, finding.detail.replace('\n', "\n         "));
        for line in &finding.remedy {
            println!("           {line}");
        }
    }
}
