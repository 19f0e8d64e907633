//! Trace contexts of pages are carried through, and spans of traced pages come to a collector.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::Value;

use super::broker::Broker;
use super::world::{Outcome, Pages, REJECTED, World};
use crate::outside;

const SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const UNSAMPLED: &str = "00-1bf7651916cd43dd8448eb211c80319c-c7ad6b7169203331-00";
const OF_A_REJECTION: &str = "00-2cf7651916cd43dd8448eb211c80319c-d7ad6b7169203331-01";
const STATE: &str = "vendor=1";

/// A collector: takes OTLP over HTTP, and keeps the bodies.
struct Collector {
    endpoint: String,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let kept = bodies.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                let (mut head, mut line) = (Vec::new(), String::new());
                while reader.read_line(&mut line).unwrap() > 2 {
                    head.push(std::mem::take(&mut line).trim_end().to_lowercase());
                }
                assert_eq!(head[0], "post /v1/traces http/1.1");
                assert!(head.contains(&"content-type: application/json".to_owned()), "{head:?}");
                let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                let mut body = vec![0; length.parse().unwrap()];
                reader.read_exact(&mut body).unwrap();
                kept.lock().unwrap().push(String::from_utf8(body).unwrap());
                let answer =
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
                reader.into_inner().write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { endpoint, bodies }
    }

    fn spans(&self) -> Vec<Value> {
        let bodies = self.bodies.lock().unwrap();
        let spans = bodies.iter().map(|body| serde_json::from_str::<Value>(body).unwrap());
        spans
            .flat_map(|body| body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone())
            .collect()
    }
}

/// Sends pages with a `traceparent` each, and `tracestate` beside it.
fn send(world: &World, pages: &Pages, parents: &[Option<&str>]) {
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", &world.broker).create().unwrap();
    let topic = world.topic("pages");
    for ((key, value), parent) in pages.messages.iter().zip(parents) {
        let mut headers = OwnedHeaders::new();
        if let Some(parent) = parent {
            headers = headers.insert(Header { key: "traceparent", value: Some(*parent) });
            headers = headers.insert(Header { key: "tracestate", value: Some(STATE) });
        }
        let record = BaseRecord::to(&topic).key(key).payload(value).partition(0).headers(headers);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(Duration::from_secs(20)).unwrap();
}

/// Reads a topic until it gives so many records; on a busy machine the console consumer's first look may come too early.
fn read(world: &World, which: &str, count: usize) -> Vec<Outcome> {
    let looks = [3, 8, 20].map(Duration::from_secs);
    let found =
        looks.into_iter().map(|patience| world.read(which, patience)).find(|read| read.len() == count);
    found.unwrap_or_else(|| panic!("{which} does not have {count} records"))
}

/// Spans that ended so, as the worker counts them.
fn counted(metrics: &str, result: &str) -> f64 {
    let row = format!("newsmill_trace_spans_total{{result=\"{result}\"}} ");
    metrics
        .lines()
        .find_map(|line| line.strip_prefix(&row)?.parse().ok())
        .unwrap_or_else(|| panic!("{metrics}"))
}

fn header(outcome: &Outcome, name: &str) -> Option<String> {
    let found = outcome.headers.split(',').find_map(|header| header.strip_prefix(&format!("{name}:")));
    found.map(str::to_owned)
}

/// Three pages that become articles (sampled, not sampled, without a trace), and one that is rejected.
fn pages(seed: u64) -> (Pages, [Option<&'static str>; 4]) {
    let mut pages = Pages::generate(1, seed);
    for more in [seed + 1, seed + 2] {
        let Pages { messages, sets } = Pages::generate(1, more);
        pages.messages.extend(messages);
        pages.sets.extend(sets);
    }
    pages.push("empty", REJECTED, "https://empty.example/", "<html><body></body></html>");
    (pages, [Some(SAMPLED), Some(UNSAMPLED), None, Some(OF_A_REJECTION)])
}

#[test]
fn spans_of_a_page_come_to_the_collector_linked_to_its_producer() {
    let (world, collector) = (World::new(Broker::shared()), Collector::start());
    let (pages, parents) = pages(51);
    let traced =
        format!("telemetry.otlp_endpoint = \"{}\"\ntelemetry.trace_ratio = 0.0\n", collector.endpoint);
    let mut worker = world.worker("one", &traced);
    worker.await_log("joined the group", 60);
    send(&world, &pages, &parents);
    world.await_lag(0, 60, &mut [&mut worker]);
    let deadline = Instant::now() + Duration::from_secs(20);
    let is_there = |spans: &[Value], page: &str| spans.iter().any(|span| span.to_string().contains(page));
    while !(is_there(&collector.spans(), &pages.messages[0].0) && is_there(&collector.spans(), "empty")) {
        assert!(Instant::now() < deadline, "no spans: {}", worker.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    let (_, metrics) = worker.get("/metrics");
    assert!(counted(&metrics, "sent") > 0.0, "{metrics}");

    let articles = read(&world, "articles", 3);
    let by_page: BTreeMap<String, &Outcome> = articles.iter().map(|a| (a.field("page_id"), a)).collect();
    let article = |n: usize| by_page[&pages.messages[n].0];
    let spans = collector.spans();
    let text = |span: &Value, key: &str| span[key].as_str().unwrap_or_default().to_owned();
    let name = format!("process {}", world.topic("pages"));
    let process = |trace: &str| {
        let mut found = spans.iter().filter(|span| span["name"] == name && text(span, "traceId") == trace);
        let span = found.next().unwrap_or_else(|| panic!("no span of {trace}: {spans:#?}"));
        assert!(found.next().is_none());
        span
    };
    let own = process(&SAMPLED[3..35]);
    // In the producer's trace, its child, and linked to it.
    assert_eq!(text(own, "parentSpanId"), SAMPLED[36..52]);
    let link = &own["links"][0];
    assert_eq!(
        (text(link, "traceId"), text(link, "spanId")),
        (SAMPLED[3..35].into(), SAMPLED[36..52].into())
    );
    assert_eq!(own["kind"], 5);
    // What the page became names that span, and carries the producer's state on.
    let carried = format!("{}-{}-01", &SAMPLED[..35], text(own, "spanId"));
    assert_eq!(header(article(0), "traceparent"), Some(carried));
    assert_eq!(header(article(0), "tracestate").as_deref(), Some(STATE));
    let attribute = |span: &Value, key: &str| {
        let all = span["attributes"].as_array().unwrap();
        let found = all.iter().find(|attribute| attribute["key"] == key);
        found.and_then(|found| found["value"].as_object()?.values().next()?.as_str().map(str::to_owned))
    };
    let topic = world.topic("pages");
    for (key, value) in [
        ("messaging.system", "kafka"),
        ("messaging.operation.type", "process"),
        ("messaging.destination.name", &topic),
        ("messaging.destination.partition.id", "0"),
        ("messaging.kafka.offset", "0"),
        ("messaging.consumer.group.name", &world.name),
        ("newsmill.outcome", "article"),
    ] {
        assert_eq!(attribute(own, key).as_deref(), Some(value), "{key} of {own:#}");
    }
    // The steps are its children, the stages those of `prepare`, one after the other.
    let children = |parent: &Value| {
        let mut found: Vec<&Value> =
            spans.iter().filter(|span| text(span, "parentSpanId") == text(parent, "spanId")).collect();
        found.sort_by_key(|span| text(span, "startTimeUnixNano"));
        found
    };
    let names = |spans: &[&Value]| spans.iter().map(|span| text(span, "name")).collect::<Vec<_>>();
    let steps = children(own);
    assert_eq!(names(&steps), ["receive", "prepare", "sighted", "committed"]);
    let stages = children(steps[1]);
    let wanted = ["decode", "strip_boilerplate", "detect_language", "classify_topics", "deduplicate"];
    assert_eq!(names(&stages), wanted);
    let time = |span: &Value, key: &str| text(span, key).parse::<u64>().unwrap();
    for span in steps.iter().chain(&stages) {
        let (from, to) = (time(span, "startTimeUnixNano"), time(span, "endTimeUnixNano"));
        assert!(time(own, "startTimeUnixNano") <= from && from <= to, "{span:#}");
        assert!(to <= time(own, "endTimeUnixNano") && text(span, "traceId") == text(own, "traceId"));
    }
    // A rejection stays as it came; its span says what it was.
    let rejected = read(&world, "rejected", 1);
    assert_eq!(header(&rejected[0], "traceparent").as_deref(), Some(OF_A_REJECTION));
    let span = process(&OF_A_REJECTION[3..35]);
    assert_eq!(attribute(span, "newsmill.reason").as_deref(), Some("empty"));
    assert_eq!(names(&children(span)), ["receive", "prepare", "committed"]);
    // What its producer did not sample, and what has no trace, is left alone.
    assert_eq!(header(article(1), "traceparent").as_deref(), Some(UNSAMPLED));
    assert_eq!(header(article(2), "traceparent"), None);
    assert_eq!(spans.iter().filter(|span| span["name"] == name).count(), 2);

    // OpenTelemetry's own definition reads what was sent.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("requests.jsonl");
    std::fs::write(&path, collector.bodies.lock().unwrap().join("\n")).unwrap();
    let read = outside::python("otlp.py", &[path.to_str().unwrap()]);
    assert!(read.status.success(), "{}", outside::said(&read));
    assert_eq!(outside::said(&read).trim(), spans.len().to_string());
}

#[test]
fn a_context_goes_through_unchanged_where_nothing_is_traced() {
    let world = World::new(Broker::shared());
    let (pages, parents) = pages(51);
    let mut worker = world.worker("one", "");
    worker.await_log("joined the group", 60);
    send(&world, &pages, &parents);
    world.await_lag(0, 60, &mut [&mut worker]);
    let articles = read(&world, "articles", 3);
    for article in &articles {
        let n = pages.messages.iter().position(|(id, _)| *id == article.field("page_id")).unwrap();
        assert_eq!(header(article, "traceparent").as_deref(), parents[n]);
        assert_eq!(header(article, "tracestate").as_deref(), parents[n].map(|_| STATE));
    }
}

/// A collector that is not there costs spans and nothing else.
#[test]
fn a_collector_that_is_away_changes_no_outcome() {
    let world = World::new(Broker::shared());
    let pages = Pages::generate(300, 52);
    // A port that nobody listens on.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let traced =
        format!("telemetry.otlp_endpoint = \"http://127.0.0.1:{port}\"\ntelemetry.trace_ratio = 1.0\n");
    let mut worker = world.worker("one", &traced);
    worker.await_log("joined the group", 60);
    world.send(&pages.messages);
    world.await_lag(0, 60, &mut [&mut worker]);
    worker.await_log("spans are dropped", 30);
    let (_, metrics) = worker.get("/metrics");
    assert!(counted(&metrics, "dropped") > 0.0, "{metrics}");
    let (status, took) = worker.terminate();
    assert!(status.success() && took < Duration::from_secs(10), "{status} after {took:?}");
    assert!(world.hold(&pages).is_empty());
}
