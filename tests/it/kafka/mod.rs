//! `newsmill run` on a real Apache Kafka: the binary as processes, its outputs read by Kafka's own console
//! consumer. One broker serves all these tests; each has topics and a group of its own.

mod broker;
mod snapshot;
mod start;
mod world;

mod exactly_once;
mod faults;
mod handover;
