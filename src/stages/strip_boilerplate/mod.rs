//! Main text and fields of a page.

use serde::{Deserialize, Serialize};

use crate::record::{Extracted, Page, Reason};

/// Settings of the stage.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {}

/// The stage with its model loaded.
pub struct StripBoilerplate {}

impl StripBoilerplate {
    /// Loads the block model that is built in.
    pub fn new(_config: &Config) -> Self {
        Self {}
    }

    /// Takes the main text and the fields of the page.
    ///
    /// # Errors
    /// The reason and a sentence of detail where the page holds no article.
    pub fn strip(&self, page: &Page) -> Result<Extracted, (Reason, String)> {
        Ok(Extracted { text: page.body.clone(), ..Extracted::default() })
    }
}
