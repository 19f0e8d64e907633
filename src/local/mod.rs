//! newsmill without a broker: files, folders and pipes in, JSONL out.
//!
//! [`Inputs`] reads records in a fixed order, [`process`] takes them through the pipeline and the local
//! sightings log, and writes one JSON object a page in input order.

mod archives;
mod inputs;
mod live;
pub mod log;
mod process;
mod progress;
mod summary;

pub use archives::Archives;
pub use inputs::{Inputs, OpenError};
pub use live::Live;
pub use process::{Error, Options, outcomes, process};
pub use progress::{Progress, human};
pub use summary::{Counts, Summary};
