//! IPTC Media Topics of an article.

use serde::{Deserialize, Serialize};

use crate::record::{Extracted, Language, Topic};

/// Settings of the stage.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {}

/// The stage with its model loaded.
pub struct ClassifyTopics {}

impl ClassifyTopics {
    /// Loads the topic model that is built in.
    pub fn new(_config: &Config) -> Self {
        Self {}
    }

    /// Topics, best first; empty where the model does not know.
    pub fn classify(&self, _extracted: &Extracted, _url: Option<&str>, _language: &Language) -> Vec<Topic> {
        Vec::new()
    }
}
