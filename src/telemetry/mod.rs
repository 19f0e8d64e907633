//! What a running worker says of itself: the one table of [`Metric`]s, and logs by `tracing`.
//!
//! Every metric is a variant of [`Metric`], described in one place ([`Metric::describe`]); nothing
//! else names a metric. Labels take values from closed sets only (outcomes, reasons, languages,
//! topics, partitions), never a URL or a host.

mod buckets;
mod logs;
mod metrics;
mod process;
mod table;
mod text;

pub use buckets::Buckets;
pub use logs::{Config, LogFormat, init_logs};
pub use metrics::{Exporter, Ledger, Sample, add, consistent, ledger, observe, set};
pub use table::{Description, Kind, Metric};
