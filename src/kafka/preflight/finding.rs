//! What a look at the broker found.

use std::fmt;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Good to know; nothing has to be done.
    Note,
    /// `newsmill run` works with it, but something can be lost or slow.
    Warning,
    /// `newsmill run` does not work with it.
    Problem,
}

impl Level {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// What one look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: `broker`, `topic news.pages` …
    pub what: String,
    /// How much it matters.
    pub level: Level,
    /// What was found.
    pub detail: String,
    /// What to do about it: sentences, and commands to run. Never empty for a warning or a problem.
    pub remedy: Vec<String>,
}

impl Finding {
    /// As it should be.
    pub(super) fn ok(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), level: Level::Ok, detail: detail.into(), remedy: Vec::new() }
    }

    /// Good to know.
    pub(super) fn note(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { level: Level::Note, ..Self::ok(what, detail) }
    }

    /// Something can be lost or slow; `remedy` says what to do.
    pub(super) fn warning(
        what: impl Into<String>,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { level: Level::Warning, remedy: vec![remedy.into()], ..Self::ok(what, detail) }
    }

    /// It does not work; `remedy` says what to do.
    pub(super) fn problem(
        what: impl Into<String>,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { level: Level::Problem, ..Self::warning(what, detail, remedy) }
    }

    /// With one thing more to do.
    pub(super) fn or(mut self, remedy: impl Into<String>) -> Self {
        self.remedy.push(remedy.into());
        self
    }

    /// Whether `newsmill run` does not work with it.
    pub fn is_problem(&self) -> bool {
        self.level == Level::Problem
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.detail)?;
        self.remedy.iter().try_for_each(|line| write!(f, "\n    {line}"))
    }
}
