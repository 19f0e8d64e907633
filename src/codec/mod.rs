//! Bytes to records and back.

use serde::{Deserialize, Serialize};

use crate::record::{Page, RawRecord, Reject};

/// Limits on what is read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Largest body after decompression, in bytes.
    pub max_body_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { max_body_bytes: 8 << 20 }
    }
}

/// Reads a record as a page.
///
/// # Errors
/// A [`Reject`] with the reason and the bytes.
pub fn decode(_raw: &RawRecord, _config: &Config) -> Result<Page, Box<Reject>> {
    unimplemented!()
}

/// The body's raw bytes, or the whole value where no body can be told.
pub fn raw_body(raw: &RawRecord) -> Vec<u8> {
    raw.value.clone()
}
