//! `newsmill eval`: scores a stage on labelled data.

use clap::Args;

use super::Failure;

/// Score a stage on labelled data
#[derive(Args)]
pub struct Arguments {}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        Ok(())
    }
}
