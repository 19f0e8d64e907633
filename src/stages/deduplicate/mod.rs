//! Fingerprints of a page: what the sightings log needs to tell repeats.

use serde::{Deserialize, Serialize};

use crate::record::{Extracted, Hash128, Page};

/// Settings of the stage and of the verdict. They change verdicts, so they stand in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Days an article is remembered.
    pub window_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { window_days: 30 }
    }
}

/// Canonical form of a URL by the policy of this module; `None` where it is no http(s) URL.
pub fn canonical_url(url: &str) -> Option<String> {
    Some(url.to_owned())
}

/// Hash of raw body bytes.
pub fn hash_body(bytes: &[u8]) -> Hash128 {
    let mut out = [0; 16];
    out.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    Hash128(out)
}

/// What is known of a page's text.
#[derive(Debug, Clone, PartialEq)]
pub struct Fingerprints {
    /// Hash of the normalised text.
    pub text: Hash128,
    /// Hash of the canonical URL.
    pub url: Option<u64>,
    /// Bottom hashes of the shingles, ascending.
    pub sketch: Vec<u64>,
}

/// Fingerprints of the main text. `canonical` is the page's canonical URL, where there is one.
pub fn fingerprint(_page: &Page, extracted: &Extracted, _canonical: Option<&str>) -> Fingerprints {
    Fingerprints { text: hash_body(extracted.text.as_bytes()), url: None, sketch: Vec::new() }
}

/// Id of an article: canonical URL (where there is one) and main text.
pub fn article_id(canonical: Option<&str>, extracted: &Extracted) -> Hash128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(canonical.unwrap_or_default().as_bytes());
    hasher.update(&[0]);
    hasher.update(extracted.text.as_bytes());
    let mut out = [0; 16];
    out.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    Hash128(out)
}

/// Words of a text: Unicode words; unspaced scripts by character.
pub fn word_count(text: &str) -> u32 {
    u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX)
}
