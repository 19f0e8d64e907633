//! The spans of a page on its way through the worker.
//!
//! A page that is traced has a span `process TOPIC` from its read to its commit. It is in the producer's trace, a child of the
//! span that made the page's record, and linked to it, as OpenTelemetry's conventions for messaging have it. Within it are
//! `receive` (until a thread takes the page), `prepare` with a span for each stage, `sighted` (until the log says the
//! verdict) and `committed`. What the page becomes carries the context of the page's span.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::batch::Slot;
use super::headers::{Header, header};
use crate::pipeline::{Laps, Stage};
use crate::record::{Outcome, RawRecord, Reason, Source};
use crate::telemetry::{Attribute, Span, SpanKind, TraceContext, Tracer, random};

/// Longest `traceparent` of a later version that is passed on, in bytes.
const MAX_PARENT: usize = 128;
/// Longest `tracestate` that is passed on, in bytes: as much as W3C asks everybody to.
const MAX_STATE: usize = 512;

/// A page that is traced: its context, and when it was where.
pub(super) struct PageTrace {
    context: TraceContext,
    producer: Option<TraceContext>,
    read: Instant,
    read_ns: u64,
    prepared: Option<(Instant, Instant)>,
    laps: Laps,
    sighted: Option<(Instant, Instant)>,
}

impl PageTrace {
    /// For a page that is read now, where it is to be traced.
    pub fn begin(tracer: &Tracer, raw: &RawRecord) -> Option<Box<Self>> {
        let producer = parent(raw).and_then(|text| TraceContext::parse(&text));
        let context = tracer.begin(producer)?;
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (read, read_ns) = (Instant::now(), since.as_nanos() as u64);
        let laps = Laps::default();
        Some(Box::new(Self { context, producer, read, read_ns, prepared: None, laps, sighted: None }))
    }

    /// It went through the stages.
    pub fn prepared(&mut self, from: Instant, seconds: f64, laps: Laps) {
        self.prepared = Some((from, from + Duration::from_secs_f64(seconds)));
        self.laps = laps;
    }

    /// Its sighting was appended at `from`, and the log has said its verdict.
    pub fn judged(&mut self, from: Instant) {
        self.sighted = Some((from, Instant::now()));
    }

    fn ns(&self, at: Instant) -> u64 {
        self.read_ns + at.saturating_duration_since(self.read).as_nanos() as u64
    }

    fn span(&self, name: &str, parent: u64, from: Instant, to: Instant) -> Span {
        Span {
            name: name.to_owned(),
            kind: SpanKind::Internal,
            context: TraceContext { span: random(), ..self.context },
            parent,
            link: None,
            start_ns: self.ns(from),
            end_ns: self.ns(to),
            attributes: Vec::new(),
            error: None,
        }
    }

    /// All spans of the page, which is committed now in a transaction of so many pages.
    pub fn spans(&self, slot: &Slot, outcome: &Outcome, group: &str, pages: usize) -> Vec<Span> {
        let (now, page) = (Instant::now(), self.context.span);
        let mut process =
            self.span("process", self.producer.map_or(0, |producer| producer.span), self.read, now);
        (process.kind, process.context, process.link) = (SpanKind::Consumer, self.context, self.producer);
        process.attributes = attributes(slot, outcome, group);
        if let Source::Kafka { topic, .. } = &slot.raw.source {
            process.name = format!("process {topic}");
        }
        if let Outcome::Rejected(reject) = outcome {
            process.attributes.push(text("newsmill.reason", reject.reason.as_str()));
            // A wall or an empty page is what it is; these are not as they should be.
            if matches!(
                reject.reason,
                Reason::StageFailed | Reason::Timeout | Reason::Crashed | Reason::Refused
            ) {
                process.attributes.push(text("error.type", reject.reason.as_str()));
                process.error = Some(reject.detail.clone());
            }
        }
        let mut out = vec![process];
        let mut last = self.read;
        if let Some((from, to)) = self.prepared {
            out.push(self.span("receive", page, self.read, from));
            let prepare = self.span("prepare", page, from, to);
            let parent = prepare.context.span;
            out.push(prepare);
            for (stage, lap) in Stage::ALL.iter().zip(&self.laps) {
                if let Some((from, took)) = lap {
                    out.push(self.span(stage.as_str(), parent, *from, *from + *took));
                }
            }
            last = to;
        }
        if let Some((from, to)) = self.sighted {
            out.push(self.span("sighted", page, from, to));
            last = to;
        }
        let mut committed = self.span("committed", page, last, now);
        committed.attributes.push(("messaging.batch.message_count", Attribute::Number(pages as i64)));
        out.push(committed);
        out
    }
}

fn text(key: &'static str, value: &str) -> (&'static str, Attribute) {
    (key, Attribute::Text(value.to_owned()))
}

/// By OpenTelemetry's conventions for messaging.
fn attributes(slot: &Slot, outcome: &Outcome, group: &str) -> Vec<(&'static str, Attribute)> {
    let mut out = vec![
        text("messaging.system", "kafka"),
        text("messaging.operation.name", "process"),
        text("messaging.operation.type", "process"),
        text("messaging.consumer.group.name", group),
        ("messaging.message.body.size", Attribute::Number(slot.raw.value.len() as i64)),
        text("newsmill.page_id", outcome.page_id()),
        text("newsmill.outcome", outcome.as_str()),
    ];
    if let Source::Kafka { topic, partition, offset } = &slot.raw.source {
        out.push(text("messaging.destination.name", topic));
        out.push(text("messaging.destination.partition.id", &partition.to_string()));
        out.push(("messaging.kafka.offset", Attribute::Number(*offset)));
    }
    out
}

/// The headers of a page's trace for what becomes of it: those that it brought, or of its own span where it is traced.
pub(super) fn headers(raw: &RawRecord, trace: Option<&PageTrace>) -> Vec<Header> {
    let brought = parent(raw);
    let own = trace.map(|trace| trace.context.to_string());
    let Some(parent) = own.or_else(|| brought.clone()) else { return Vec::new() };
    let mut headers = vec![header("traceparent", &parent)];
    // It belongs to the context that it came with.
    let state = all(raw, "tracestate").filter(|state| brought.is_some() && state.len() <= MAX_STATE);
    headers.extend(state.map(|state| header("tracestate", &state)));
    headers
}

/// The record's `traceparent`, where it is one.
fn parent(raw: &RawRecord) -> Option<String> {
    all(raw, "traceparent").filter(|text| text.len() <= MAX_PARENT && TraceContext::parse(text).is_some())
}

/// The value of a header, or the values with commas in between, as W3C puts several together.
fn all(raw: &RawRecord, name: &str) -> Option<String> {
    let found = raw.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
    let values: Option<Vec<&str>> = found.map(|(_, value)| str::from_utf8(value).ok()).collect();
    values.filter(|values| !values.is_empty()).map(|values| values.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn carried(headers: &[(&str, &str)], trace: Option<&PageTrace>) -> Vec<Header> {
        let source = Source::Kafka { topic: "news.pages".into(), partition: 0, offset: 0 };
        let headers = headers.iter().map(|(key, value)| header(key, value)).collect();
        super::headers(&RawRecord { source, key: None, value: Vec::new(), headers }, trace)
    }

    #[test]
    fn what_a_page_brought_is_carried_through_unchanged() {
        let brought = [("traceparent", PARENT), ("tracestate", "a=1"), ("tracestate", "b=2"), ("url", "x")];
        assert_eq!(carried(&brought, None), [header("traceparent", PARENT), header("tracestate", "a=1,b=2")]);
        let longer = format!("01{}-more", &PARENT[2..]);
        assert_eq!(carried(&[("TraceParent", &longer)], None), [header("traceparent", &longer)]);
    }

    #[test]
    fn what_is_no_context_is_not_passed_on() {
        assert!(carried(&[], None).is_empty());
        assert!(carried(&[("tracestate", "a=1")], None).is_empty());
        assert!(carried(&[("traceparent", "mine"), ("tracestate", "a=1")], None).is_empty());
        assert!(carried(&[("traceparent", PARENT), ("traceparent", PARENT)], None).is_empty());
        let long = "x".repeat(MAX_STATE + 1);
        assert_eq!(
            carried(&[("traceparent", PARENT), ("tracestate", &long)], None),
            [header("traceparent", PARENT)]
        );
    }
}
