//! `newsmill run` on a real Apache Kafka: the binary as processes, its outputs read by Kafka's own console
//! consumer. One broker serves all these tests; each has topics and a group of its own.

mod breaker;
mod broker;
mod check;
mod commands;
mod explain;
mod export;
mod import;
mod prometheus;
mod readers;
mod replay;
mod routes;
mod secure;
mod snapshot;
mod start;
mod stories;
mod traces;
mod watched;
pub mod world;

// Their faults are not in a build for release.
#[cfg(debug_assertions)]
mod crash;
mod exactly_once;
mod faults;
mod handover;
