//! The file of rules for sites.

use serde::{Deserialize, Serialize};

use super::load;
use crate::stages::strip_boilerplate::site_rules::{Site, SiteRules};

/// The file as it is written.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    site: Vec<Site>,
}

/// Reads the rules in the file of that name; none where it is empty.
///
/// # Errors
/// The file cannot be read, or every mistake in it.
pub fn read(file: &str) -> Result<SiteRules, Vec<String>> {
    if file.is_empty() {
        return Ok(SiteRules::default());
    }
    let text = std::fs::read_to_string(file).map_err(|error| {
        vec![format!("strip_boilerplate.sites names {file}, which cannot be read: {error}")]
    })?;
    let rules = load::load::<File>(&text, std::iter::empty()).and_then(|(File { site }, problems)| {
        if problems.is_empty() { SiteRules::new(site) } else { Err(problems) }
    });
    rules.map_err(|said| said.into_iter().map(|problem| format!("{file}: {problem}")).collect())
}
