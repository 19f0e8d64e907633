//! What a running worker says of itself: the one table of [`Metric`]s, logs by `tracing`, traces of pages where they are
//! asked for, and the last pages ([`Recent`]) for whoever watches.
//!
//! Every metric is a variant of [`Metric`], described in one place ([`Metric::describe`]); nothing
//! else names a metric. Labels take values from closed sets only (outcomes, reasons, languages,
//! topics, partitions), never a URL or a host.

mod buckets;
mod logs;
mod metrics;
mod otlp;
mod process;
mod recent;
mod table;
mod text;
mod trace;

pub use buckets::Buckets;
pub use logs::{Config, LogFormat, init_logs};
pub use metrics::{Exporter, Ledger, Sample, add, consistent, ledger, observe, set};
pub use otlp::{Sending, start as start_tracing};
pub use recent::{Gone, Recent, Seen, What};
pub use table::{Description, Kind, Metric};
pub use trace::{Attribute, Span, SpanKind, TraceContext, Tracer, random};
