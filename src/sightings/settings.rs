//! What verdicts depend on besides the log: configuration, and the versions of what is built in.

use super::Config;
use crate::stages::deduplicate::{FINGERPRINTS_VERSION, HASH_BITS, SKETCH_HASHES};

/// Version of the function from the log to the verdict; to be raised with each change that gives another
/// verdict on the same log.
pub const VERDICT_VERSION: u32 = 3;

/// Names of the settings that belong to a release and not to its configuration.
const BUILT_IN: [&str; 5] = ["extraction", "fingerprints", "hash_bits", "sketch_hashes", "verdicts"];

/// Settings that change verdicts, by name. They stand in the log; whoever has others must not write there.
///
/// A table and not a struct: those of an older or a newer release can be read and told apart too.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings(toml::Table);

impl Settings {
    /// Those of this release with a configuration. `extraction` names the version of what makes a text of a
    /// page ([`crate::stages::strip_boilerplate::version`]).
    pub fn new(config: &Config, extraction: &str) -> Self {
        // A struct of numbers has no way to fail.
        let mut table = toml::Table::try_from(config).unwrap_or_default();
        table.insert("extraction".into(), extraction.into());
        table.insert("fingerprints".into(), i64::from(FINGERPRINTS_VERSION).into());
        table.insert("hash_bits".into(), i64::from(HASH_BITS).into());
        table.insert("sketch_hashes".into(), (SKETCH_HASHES as i64).into());
        table.insert("verdicts".into(), i64::from(VERDICT_VERSION).into());
        Self(table)
    }

    /// One line a setting, by name; fractions to the last bit.
    pub(super) fn to_text(&self) -> String {
        self.0.to_string()
    }

    /// Reads what [`Settings::to_text`] gives.
    pub(super) fn from_text(text: &str) -> Result<Self, String> {
        let table = text.parse().map_err(|error| format!("settings that cannot be read: {error}"))?;
        Ok(Self(table))
    }

    /// The settings that differ, each as a line: `in_log` are those of the log, `self` those of this program.
    pub fn differences(&self, in_log: &Self) -> Vec<String> {
        let mut names: Vec<&String> = self.0.keys().chain(in_log.0.keys()).collect();
        names.sort();
        names.dedup();
        let value = |table: &toml::Table, name: &str| {
            table.get(name).map_or_else(|| "not given".to_owned(), ToString::to_string)
        };
        names
            .into_iter()
            .filter(|name| self.0.get(*name) != in_log.0.get(*name))
            .map(|name| {
                let (there, here) = (value(&in_log.0, name), value(&self.0, name));
                if BUILT_IN.contains(&name.as_str()) {
                    format!("{name} (part of the release): {there} in the log, {here} here")
                } else {
                    format!("deduplicate.{name}: {there} in the log, {here} here")
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_back_from_their_text_to_the_last_bit() {
        let config = Config { near_share: 0.1 + 0.2, ..Config::default() };
        let settings = Settings::new(&config, "1-abc");
        let back = Settings::from_text(&settings.to_text()).unwrap();
        assert_eq!(back, settings);
        assert!(settings.differences(&back).is_empty());
    }

    #[test]
    fn differences_are_said_by_name_those_of_the_release_too() {
        let here = Settings::new(&Config::default(), "2-new");
        let mut there = Settings::new(&Config { window_days: 7, ..Config::default() }, "1-old");
        there.0.remove("verdicts");
        assert_eq!(
            here.differences(&there),
            [
                "extraction (part of the release): \"1-old\" in the log, \"2-new\" here",
                "verdicts (part of the release): not given in the log, 3 here",
                "deduplicate.window_days: 7 in the log, 30 here",
            ]
        );
    }
}
