//! The stages: pure functions from page to article. No I/O, clocks, threads or randomness.

pub mod classify_topics;
pub mod deduplicate;
pub mod detect_language;
pub mod strip_boilerplate;
