//! The settings of all stages together.

use serde::{Deserialize, Serialize};

use crate::codec;
use crate::stages::{classify_topics, deduplicate, detect_language, strip_boilerplate};

/// Settings of decoding and of every stage.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Reading records.
    pub decode: codec::Config,
    /// Main text and fields.
    pub strip_boilerplate: strip_boilerplate::Config,
    /// Language.
    pub detect_language: detect_language::Config,
    /// Topics.
    pub classify_topics: classify_topics::Config,
    /// Repeats.
    pub deduplicate: deduplicate::Config,
}
