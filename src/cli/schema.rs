//! `newsmill schema`: what goes in and comes out, for other programs.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use clap::builder::PossibleValuesParser;

use super::Failure;
use crate::schema::Name;

/// Print the JSON Schemas of records and configuration, and the AsyncAPI description of the topics
///
/// Without a name it lists what there is.
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill schema
  newsmill schema article > article.schema.json
  newsmill schema article | jq '{schemaType: \"JSON\", schema: tojson}' |
    curl -H 'Content-Type: application/json' --data @- http://registry:8081/subjects/news.articles-value/versions
  newsmill schema --output schemas/

An editor that knows JSON Schema for TOML completes newsmill.toml by `newsmill schema config`.")]
pub struct Arguments {
    /// What to print
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(Name::ALL.map(Name::as_str)))]
    name: Option<String>,
    /// Write all of them into this folder, as NAME.json
    #[arg(short, long, value_name = "DIR", conflicts_with = "name")]
    output: Option<PathBuf>,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        if let Some(folder) = &self.output {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))
                .map_err(Failure::Failed)?;
            for name in Name::ALL {
                let path = folder.join(format!("{}.json", name.as_str()));
                std::fs::write(&path, name.text())
                    .with_context(|| format!("cannot write {}", path.display()))
                    .map_err(Failure::Failed)?;
            }
            return Ok(());
        }
        match self.name {
            Some(wanted) => Name::ALL
                .into_iter()
                .filter(|name| name.as_str() == wanted)
                .for_each(|name| print!("{}", name.text())),
            None => Name::ALL.iter().for_each(|name| println!("{:<10} {}", name.as_str(), name.about())),
        }
        Ok(())
    }
}
