//! The stages: pure functions from page to article. No I/O, clocks, threads or randomness.

pub mod classify_topics;
pub mod deduplicate;
pub mod detect_language;
pub(crate) mod letters;
pub(crate) mod model_file;
pub mod strip_boilerplate;

/// Reads bytes for nothing but to have them near soon.
pub(crate) fn touch(bytes: &[u8], places: impl Iterator<Item = usize>) {
    std::hint::black_box(places.fold(0, |all, at| all ^ bytes.get(at).copied().unwrap_or(0)));
}
