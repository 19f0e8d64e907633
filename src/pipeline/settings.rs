//! The settings of all stages together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec;
use crate::stages::{classify_topics, deduplicate, detect_language, strip_boilerplate};

/// Settings of decoding and of every stage.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
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
    /// What is written of an outcome.
    pub output: Output,
}

/// What is written of an outcome.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Output {
    /// Where the stories of a page go.
    pub stories: Stories,
}

/// Where the stories of a page go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stories {
    /// They are in the article's record.
    #[default]
    Inside,
    /// Each has a record of its own besides.
    Records,
}
