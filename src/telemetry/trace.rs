//! Traces: the W3C trace context of a record, and spans on their way to a collector.
//!
//! A page's context comes with its record. Where spans are exported, a page whose producer sampled it, and a share of those that
//! bring no context, get spans of their own. They go through a queue with a bound to a thread that sends them (see
//! [`super::otlp`]): what does not fit is dropped and counted, and never waited for.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::Sender;

use super::{Metric, add};

/// The flag of a sampled trace.
const SAMPLED: u8 = 1;

/// Which trace a record is part of, and which span of it made the record: a `traceparent`, by W3C's Trace Context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace; never 0.
    pub trace: u128,
    /// The span; never 0.
    pub span: u64,
    /// Flags; the lowest bit says that the trace is sampled.
    pub flags: u8,
}

impl TraceContext {
    /// Reads a `traceparent` of any version; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut hex = |digits: usize| {
            let part = parts.next()?;
            let is_hex = part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            (part.len() == digits && is_hex).then_some(part)
        };
        let (version, trace, span, flags) = (hex(2)?, hex(32)?, hex(16)?, hex(2)?);
        // Later versions may add parts behind these.
        if version == "ff" || (version == "00" && parts.next().is_some()) {
            return None;
        }
        let context = Self {
            trace: u128::from_str_radix(trace, 16).ok()?,
            span: u64::from_str_radix(span, 16).ok()?,
            flags: u8::from_str_radix(flags, 16).ok()?,
        };
        (context.trace != 0 && context.span != 0).then_some(context)
    }

    /// Whether whoever began the trace wants it recorded.
    pub fn is_sampled(self) -> bool {
        self.flags & SAMPLED != 0
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, self.flags)
    }
}

/// What a span is among others, as OpenTelemetry numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Work within the program.
    Internal = 1,
    /// Work on a message that came.
    Consumer = 5,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
}

/// A span that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// What was done.
    pub name: String,
    /// What it is among others.
    pub kind: SpanKind,
    /// Its trace and its own id.
    pub context: TraceContext,
    /// The span that it is a part of, 0 for none.
    pub parent: u64,
    /// A span that it follows from.
    pub link: Option<TraceContext>,
    /// Nanoseconds since 1970.
    pub start_ns: u64,
    /// Nanoseconds since 1970.
    pub end_ns: u64,
    /// By the names of OpenTelemetry's conventions, and ours under `newsmill.`.
    pub attributes: Vec<(&'static str, Attribute)>,
    /// What went wrong.
    pub error: Option<String>,
}

/// The way of spans out of the process.
#[derive(Clone)]
pub struct Tracer {
    pub(super) queue: Sender<Vec<Span>>,
    pub(super) ratio: f64,
}

impl Tracer {
    /// The context of a page's own span, where the page is to be traced: as the producer's trace is, or by the ratio where the
    /// page brings none.
    pub fn begin(&self, producer: Option<TraceContext>) -> Option<TraceContext> {
        match producer {
            Some(producer) if producer.is_sampled() => Some(TraceContext { span: random(), ..producer }),
            Some(_) => None,
            None => {
                let share = random() as f64 / u64::MAX as f64;
                let trace = (u128::from(random()) << 64) | u128::from(random());
                (share < self.ratio).then(|| TraceContext { trace, span: random(), flags: SAMPLED })
            }
        }
    }

    /// Sends the spans of a page, or drops them where the queue is full.
    pub fn send(&self, spans: Vec<Span>) {
        let count = spans.len() as u64;
        if self.queue.try_send(spans).is_err() {
            add(Metric::TraceSpans, count, &["dropped"]);
        }
    }
}

/// A number that is not 0, for ids alone: the standard library's keys of hash maps are random, and differ with each call.
pub fn random() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    RandomState::new().hash_one(COUNT.fetch_add(1, Ordering::Relaxed)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_context_is_read_and_written() {
        let context = TraceContext::parse(EXAMPLE).unwrap();
        assert_eq!(context.span, 0xb7ad_6b71_6920_3331);
        assert!(context.is_sampled());
        assert_eq!(context.to_string(), EXAMPLE);
        // A later version, with more behind.
        assert_eq!(TraceContext::parse(&EXAMPLE.replacen("00", "cc", 1)), Some(context));
        assert!(TraceContext::parse(&format!("cc{}-more", &EXAMPLE[2..])).is_some());
        for wrong in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333é-01",
        ] {
            assert_eq!(TraceContext::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_page_is_traced_as_its_producer_says() {
        let (queue, _spans) = crossbeam_channel::bounded(1);
        let never = Tracer { queue: queue.clone(), ratio: 0.0 };
        let always = Tracer { queue, ratio: 1.0 };
        let producer = TraceContext::parse(EXAMPLE).unwrap();
        let own = never.begin(Some(producer)).unwrap();
        assert_eq!(own.trace, producer.trace);
        assert_ne!(own.span, producer.span);
        assert_eq!(always.begin(Some(TraceContext { flags: 0, ..producer })), None);
        assert_eq!(never.begin(None), None);
        let (one, two) = (always.begin(None).unwrap(), always.begin(None).unwrap());
        assert!(one.is_sampled() && one.trace != two.trace && one.span != two.span);
    }

    /// A full queue drops, at once.
    #[test]
    fn nothing_waits_for_the_collector() {
        let (queue, spans) = crossbeam_channel::bounded(1);
        let tracer = Tracer { queue, ratio: 1.0 };
        for _ in 0..3 {
            tracer.send(Vec::new());
        }
        assert_eq!(spans.len(), 1);
    }
}
