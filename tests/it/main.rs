//! The integration tests, in one binary: it links once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests fail by panicking, and may talk"
)]

mod archives;
mod chaos;
mod cli;
mod damage;
mod docs;
mod encoder;
mod errors;
mod explain;
mod fixtures;
mod floors;
mod golden;
mod guard;
mod help;
mod kafka;
mod outside;
mod process;
mod roles;
mod schemas;
mod site_rules;
mod sites;
mod tidy;
mod versions;
mod watch;
