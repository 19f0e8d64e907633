//! The command line: one file a command.
//!
//! Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 unreachable.

use std::process::ExitCode;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    ExitCode::from(2)
}
