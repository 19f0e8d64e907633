//! What this program is: its version, its models' and how it was built. `/version` says it as JSON, `newsmill --version` in lines.

use std::fmt;

use serde::Serialize;

use crate::pipeline::Versions;

/// The program, its models, and how it was built.
#[derive(Debug, Clone, Serialize)]
pub struct About {
    name: &'static str,
    version: &'static str,
    models: Versions,
    build: Build,
}

#[derive(Debug, Clone, Serialize)]
struct Build {
    /// `debug` or `release`.
    profile: &'static str,
    /// Architecture and system.
    target: String,
    /// Languages of lingua that are built in, for short texts: `all` or `major`.
    languages: &'static str,
    /// Version of the Kafka client library.
    librdkafka: String,
}

impl About {
    /// This program with models of these versions.
    pub fn new(models: Versions) -> Self {
        Self {
            name: "newsmill",
            version: env!("CARGO_PKG_VERSION"),
            models,
            build: Build {
                profile: if cfg!(debug_assertions) { "debug" } else { "release" },
                target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
                languages: if cfg!(feature = "all-languages") { "all" } else { "major" },
                librdkafka: crate::kafka::client_version(),
            },
        }
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, version, models, build } = self;
        writeln!(f, "{name} {version}")?;
        writeln!(f, "main text   {}", models.main_text)?;
        writeln!(f, "language    {}", models.language)?;
        writeln!(f, "topics      {}", models.topics)?;
        writeln!(f, "encoder     {}", models.encoder)?;
        writeln!(f, "librdkafka  {}", build.librdkafka)?;
        write!(f, "build       {}, {}, {} languages", build.profile, build.target, build.languages)
    }
}
