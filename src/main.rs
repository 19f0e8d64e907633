//! Arguments to [`newsmill::cli`]; exit codes.

use std::process::ExitCode;

fn main() -> ExitCode {
    newsmill::cli::main()
}
