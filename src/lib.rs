//! newsmill turns a stream of raw news pages into clean, de-duplicated, labelled articles.
//!
//! Data goes one way: bytes → [`record::Page`] → blocks → [`record::Article`] → verdict →
//! [`record::Outcome`] → bytes.
//!
//! - [`record`]: plain data; no I/O, no other module.
//! - [`codec`]: bytes to records and back: JSON, raw bytes with headers, charset, capped decompression.
//! - [`stages`]: what is done to a page: deduplicate, strip boilerplate, detect language, classify
//!   topics. Pure: no I/O, clocks or randomness.
//! - [`sightings`]: the log of what was seen, the index made of it, and the verdict. Pure.
//! - [`pipeline`]: the chain of stages, its budgets, and the CPU pool.
//! - [`config`]: what the user wrote → validated settings.
//! - [`kafka`]: consume, transact, carry the sightings log.
//! - [`local`]: files, stdin and stdout; carries the local sightings log.
//! - [`models`]: models that are added beside the program: the sentence encoder.
//! - [`service`]: wiring, shutdown, health, HTTP.
//! - [`telemetry`]: the one table of metrics; tracing.
//! - [`explain`]: why a page became what it did: for people on a terminal and a page of HTML, for programs as data.
//! - [`schema`]: schemas of records and configuration, and of the topics, for other programs.
//! - [`cases`]: pages with what is expected of them, as files.
//! - [`eval`]: scores of the stages on labelled data.
//! - [`train`]: fitting of the models.
//! - [`cli`]: one file a command.

pub mod cases;
pub mod cli;
pub mod codec;
pub mod config;
pub mod eval;
pub mod explain;
pub mod kafka;
pub mod local;
pub mod models;
pub mod pipeline;
pub mod record;
pub mod schema;
pub mod service;
pub mod sightings;
pub mod stages;
pub mod telemetry;
pub mod train;
