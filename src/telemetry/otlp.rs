//! Sends spans to a collector: OTLP over HTTP, as JSON.
//!
//! A small sender of our own: OpenTelemetry's packages bring some eighty others and an HTTP client for what is one JSON object and
//! one POST. TLS is the business of a collector beside the worker, as is sending on.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use serde_json::{Value, json};

use super::trace::{Attribute, Span, Tracer};
use super::{Metric, add};

/// Pages whose spans may wait to be sent.
const QUEUE: usize = 4096;
/// Most spans of one request.
const SPANS_AT_ONCE: usize = 2048;
/// Longest time that spans wait for others.
const GATHER: Duration = Duration::from_millis(500);
/// Longest time of each step of a request.
const WAIT: Duration = Duration::from_secs(5);
/// Pauses before a request is tried again; afterwards its spans are dropped.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];
/// Most of an answer that is read.
const MAX_ANSWER: u64 = 65_536;
/// How often a collector that does not answer is mentioned in the log.
const SAY_EVERY: Duration = Duration::from_secs(60);

/// Where spans go: the parts of an `http://` address.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Endpoint {
    /// `host:port`.
    address: String,
    path: String,
}

/// Reads an endpoint, with or without the path of traces at its end.
fn endpoint(text: &str) -> Result<Endpoint, String> {
    let url = url::Url::parse(text).map_err(|error| format!("`{text}` is no URL: {error}"))?;
    if url.scheme() != "http" {
        return Err(format!(
            "`{text}` is not http://: run a collector beside the worker, which sends on with TLS, and name that"
        ));
    }
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(80);
    let path = url.path().trim_end_matches('/');
    let path = if path.ends_with("/v1/traces") { path.to_owned() } else { format!("{path}/v1/traces") };
    Ok(Endpoint { address: format!("{host}:{port}"), path })
}

/// What is wrong with an endpoint.
pub(super) fn problem(text: &str) -> Option<String> {
    endpoint(text).err()
}

/// The thread that sends.
pub struct Sending {
    done: Receiver<()>,
}

impl Sending {
    /// Waits until what is in the queue is sent, at most `wait`; every [`Tracer`] has to be gone.
    pub fn finish(self, wait: Duration) {
        let _sent_or_not = self.done.recv_timeout(wait);
    }
}

/// Starts the thread that sends. `instance` names this worker among others.
///
/// # Errors
/// The endpoint cannot be read, or there is no thread.
pub fn start(config: &super::Config, instance: &str) -> Result<(Tracer, Sending), String> {
    let endpoint = endpoint(&config.otlp_endpoint)?;
    let (queue, spans) = bounded(QUEUE);
    let (finished, done) = bounded(1);
    let resource = resource(instance);
    std::thread::Builder::new()
        .name("otlp".into())
        .spawn(move || {
            run(&endpoint, &resource, &spans);
            let _nobody_waits = finished.send(());
        })
        .map_err(|error| format!("cannot start a thread: {error}"))?;
    Ok((Tracer { queue, ratio: config.trace_ratio }, Sending { done }))
}

fn resource(instance: &str) -> Value {
    let attributes = [
        ("service.name", "newsmill"),
        ("service.version", env!("CARGO_PKG_VERSION")),
        ("service.instance.id", instance),
    ];
    json!({"attributes": attributes.map(|(key, value)| json!({"key": key, "value": {"stringValue": value}}))})
}

/// Sends until every tracer is gone.
fn run(endpoint: &Endpoint, resource: &Value, queue: &Receiver<Vec<Span>>) {
    let mut said: Option<Instant> = None;
    while let Ok(mut spans) = queue.recv() {
        let deadline = Instant::now() + GATHER;
        let mut is_over = false;
        while spans.len() < SPANS_AT_ONCE && !is_over {
            match queue.recv_deadline(deadline) {
                Ok(more) => spans.extend(more),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => is_over = true,
            }
        }
        let body = request(resource, &spans).to_string();
        let mut sent = post(endpoint, &body);
        for pause in PAUSES {
            if sent.is_ok() || is_over {
                break;
            }
            std::thread::sleep(pause);
            sent = post(endpoint, &body);
        }
        let result = if sent.is_ok() { "sent" } else { "dropped" };
        add(Metric::TraceSpans, spans.len() as u64, &[result]);
        if let Err(error) = sent
            && said.is_none_or(|at| at.elapsed() > SAY_EVERY)
        {
            said = Some(Instant::now());
            tracing::warn!(
                endpoint = endpoint.address,
                error,
                "spans are dropped: the collector does not take them"
            );
        }
    }
}

/// The request, as OTLP's JSON has it: ids in hexadecimal digits, whole numbers as texts.
fn request(resource: &Value, spans: &[Span]) -> Value {
    let scope = json!({"name": "newsmill", "version": env!("CARGO_PKG_VERSION")});
    let spans: Vec<Value> = spans.iter().map(span).collect();
    json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": spans}]}]})
}

fn span(span: &Span) -> Value {
    let attributes: Vec<Value> = span
        .attributes
        .iter()
        .map(|(key, value)| match value {
            Attribute::Text(text) => json!({"key": key, "value": {"stringValue": text}}),
            Attribute::Number(number) => json!({"key": key, "value": {"intValue": number.to_string()}}),
        })
        .collect();
    let mut out = json!({
        "traceId": format!("{:032x}", span.context.trace),
        "spanId": format!("{:016x}", span.context.span),
        "flags": span.context.flags,
        "name": span.name,
        "kind": span.kind as u8,
        "startTimeUnixNano": span.start_ns.to_string(),
        "endTimeUnixNano": span.end_ns.to_string(),
        "attributes": attributes,
    });
    if span.parent != 0 {
        out["parentSpanId"] = format!("{:016x}", span.parent).into();
    }
    if let Some(link) = &span.link {
        out["links"] = json!([{
            "traceId": format!("{:032x}", link.trace),
            "spanId": format!("{:016x}", link.span),
            "flags": link.flags,
        }]);
    }
    if let Some(error) = &span.error {
        out["status"] = json!({"code": 2, "message": error});
    }
    out
}

/// One POST, on a connection of its own.
fn post(endpoint: &Endpoint, body: &str) -> Result<(), String> {
    let Endpoint { address, path } = endpoint;
    let mut found = address.to_socket_addrs().map_err(|error| error.to_string())?;
    let socket = found.next().ok_or_else(|| "the name has no address".to_owned())?;
    let sent = TcpStream::connect_timeout(&socket, WAIT).and_then(|mut stream| {
        stream.set_read_timeout(Some(WAIT))?;
        stream.set_write_timeout(Some(WAIT))?;
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             User-Agent: newsmill/{}\r\nConnection: close\r\n\r\n{body}",
            body.len(),
            env!("CARGO_PKG_VERSION")
        )?;
        let mut answer = Vec::new();
        stream.take(MAX_ANSWER).read_to_end(&mut answer)?;
        Ok(answer)
    });
    let answer = sent.map_err(|error| error.to_string())?;
    let answer = String::from_utf8_lossy(&answer);
    let line = answer.lines().next().unwrap_or_default();
    let is_success = line.split(' ').nth(1).is_some_and(|code| code.len() == 3 && code.starts_with('2'));
    if is_success { Ok(()) } else { Err(format!("it answered `{line}`")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_traces_is_put_behind_an_endpoint() {
        let parts = |text: &str| endpoint(text).map(|one| (one.address, one.path));
        let traces = |address: &str, path: &str| Ok((address.to_owned(), path.to_owned()));
        assert_eq!(parts("http://127.0.0.1:4318"), traces("127.0.0.1:4318", "/v1/traces"));
        assert_eq!(parts("http://otel/"), traces("otel:80", "/v1/traces"));
        assert_eq!(parts("http://otel:1/a/v1/traces"), traces("otel:1", "/a/v1/traces"));
        assert_eq!(parts("http://[::1]:4318"), traces("[::1]:4318", "/v1/traces"));
        assert!(parts("https://otel:4318").unwrap_err().contains("beside the worker"));
        assert!(parts("otel").unwrap_err().contains("no URL"));
    }
}
