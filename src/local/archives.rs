//! What web archives held: for the summary, and for the exit code.

use std::collections::BTreeMap;
use std::fmt;

use crate::codec::warc::{Counts, Damage};

/// Counts over all archives that were read. Shown with [`fmt::Display`], a line each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Archives {
    /// Archives read.
    pub archives: u64,
    /// Records that were pages.
    pub pages: u64,
    /// Records that were no pages, by what they were.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Stretches of damage.
    pub damaged: u64,
    /// The first of them, with the archive's name.
    pub first_damage: Option<(String, Damage)>,
}

impl Archives {
    /// Adds one archive.
    pub fn add(&mut self, name: &str, counts: &Counts) {
        self.archives += 1;
        self.pages += counts.pages;
        for (what, count) in &counts.skipped {
            *self.skipped.entry(what).or_default() += count;
        }
        self.damaged += counts.damaged;
        if let (None, Some(damage)) = (&self.first_damage, &counts.first_damage) {
            self.first_damage = Some((name.to_owned(), damage.clone()));
        }
    }
}

impl fmt::Display for Archives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.archives == 0 {
            return Ok(());
        }
        let skipped: u64 = self.skipped.values().sum();
        write!(f, "archives: {}; {} records are pages, {skipped} are none", self.archives, self.pages)?;
        let mut kinds: Vec<_> = self.skipped.iter().collect();
        kinds.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let kinds: Vec<String> = kinds.iter().map(|(what, count)| format!("{what} {count}")).collect();
        if kinds.is_empty() {
            writeln!(f)?;
        } else {
            writeln!(f, "  ({})", kinds.join(", "))?;
        }
        match &self.first_damage {
            Some((name, at)) => writeln!(
                f,
                "damaged records passed over: {}; the first in {name}: record {}, byte {}: {}",
                self.damaged, at.record, at.offset, at.what
            ),
            None => Ok(()),
        }
    }
}
