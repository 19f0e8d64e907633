//! `newsmill --version`: the program and its models.

use std::path::PathBuf;

use crate::config::Config;
use crate::models;
use crate::pipeline::{Pipeline, Settings};
use crate::service::About;
use crate::stages::classify_topics::Effort;

/// Prints what this program is. The models are those that a command would use with the variables that are set; where these
/// name a configuration or a model that cannot be used, those that are built in, and why.
pub fn print() {
    let (about, problem) = match configured() {
        Ok(about) => (about, None),
        Err(error) => (About::new(Pipeline::new(&Settings::default()).versions()), Some(error)),
    };
    println!("{about}");
    if let Some(problem) = problem {
        eprintln!("newsmill: these are the models that are built in: {problem:#}");
    }
}

fn configured() -> anyhow::Result<About> {
    let file = std::env::var_os("NEWSMILL_CONFIG").map(PathBuf::from);
    let mut settings = Config::load(file.as_deref(), std::env::vars())?.pipeline();
    // Only whether there is an encoder counts here: to read its 66 MB would take longer than all the rest.
    settings.classify_topics.effort = Effort::Fast;
    let mut versions = Pipeline::load(&settings)?.versions();
    if models::is_added(&settings.classify_topics.encoder)? {
        versions.encoder = models::package_version();
    }
    Ok(About::new(versions))
}
