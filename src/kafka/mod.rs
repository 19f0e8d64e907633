//! The worker on Kafka: pages in, outcomes out, exactly once, with the sightings log between workers.
//!
//! # The protocol
//! 1. Pages are read as a member of a consumer group and prepared on a CPU pool.
//! 2. For each a *sighting* is appended to the log, a topic with one partition. What can be rejected is
//!    rejected before that.
//! 3. Every worker tails the log into an index of its own. When the tail passes a page's sighting, the page
//!    has its verdict, which is a function of the log before it: all workers agree.
//! 4. The verdict is appended as *judged*, and acknowledged.
//! 5. The outcomes of a batch and the offsets of its pages are committed in one transaction. A batch is
//!    prepared while the one before it waits for the log or the commit; transactions stay in order.
//!
//! A worker that dies between 2 and 5 leaves sightings without outcomes. Whoever reads those pages again
//! sights them again; the log knows the page by its origin, so the first verdict stands, and the page is never
//! its own duplicate.
//!
//! A record that the broker refuses after its sighting gets a *void* in the log, acknowledged before the
//! rejection is committed.
//!
//! # What goes wrong
//! - The group takes partitions back: what is sighted is committed, the rest given up, then they are handed over.
//! - A transaction is aborted, lost or fenced: everything in flight is given up, the producer made anew where
//!   that is needed, and reading goes on from the committed offsets.
//! - The broker is away: the loop waits for it, alive and not ready.
//! - Anything that no retry mends ends the worker with an [`Error`] that says what to do.
//!
//! - A page kills the process: the journal of what the pool is at work on finds it, and at its second crash it
//!   is rejected when it is read again. A page that never ends is rejected by the pool's watchdog. Either may have
//!   been sighted by an earlier run, so a void goes into the log before such a rejection is committed.
//!
//! Threads: the worker's loop (one), the CPU pool, the tail of the log, and the client library's own.

mod batch;
mod breaker;
mod client;
mod cloudevents;
mod error;
mod events;
mod export;
#[cfg(debug_assertions)]
mod fault;
mod headers;
mod heard;
mod import;
mod journal;
mod log;
mod output;
mod pages;
mod pool;
mod preflight;
mod properties;
mod publisher;
mod range;
mod recover;
mod replay;
mod resume;
mod routes;
mod settings;
mod snapshot;
mod start;
mod state;
mod status;
mod token;
mod trace;
mod worker;

pub use client::client_version;
pub use error::Error;
pub use export::{Exported, export};
pub use import::{Imported, Importer, Oversized};
pub use preflight::{Expected, Finding, Level, check};
pub use properties::{Properties, bare};
pub use range::{Bound, Stretch};
pub use replay::{Replayed, Request, replay};
pub use routes::{Kind, Match, Rule, problems as route_problems};
pub use settings::{Config, Delivery, Kinds, Output, Route, SchemaIds, StartAt, Topics};
pub use start::{Process, Starter, Stopper};
pub use status::{Lag, Status};
