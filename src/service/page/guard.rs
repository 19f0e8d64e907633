//! Who may ask, and what browsers are told beside each answer.
//!
//! There is no login: on a loopback address whoever is on the machine may ask. A page on the web must not make a browser on it
//! ask for it, by way of a name that resolves to 127.0.0.1 (DNS rebinding): so on such an address the name asked for has to be
//! one of the machine itself, but for probes and scrapes, which tell nothing of pages.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Asked by any name, for orchestrators and Prometheus.
const BY_ANY_NAME: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// What the status page may load: its own script, style and data, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Sent with every answer.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Refuses other names than the machine's own where `on_loopback`, and adds the headers. A policy that an answer brings of its
/// own stays.
pub(in super::super) async fn guard(
    State(on_loopback): State<bool>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = if on_loopback && !BY_ANY_NAME.contains(&request.uri().path()) {
        match foreign_name(&request) {
            None => next.run(request).await,
            Some(name) => refused(&name),
        }
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The name that the request is addressed to, where it is not the machine's own.
fn foreign_name(request: &Request) -> Option<String> {
    let host = request.headers().get(header::HOST).map(|host| String::from_utf8_lossy(host.as_bytes()));
    let names = host.as_deref().into_iter().chain(request.uri().authority().map(|name| name.as_str()));
    names.filter(|name| !is_loopback(name)).map(str::to_owned).next()
}

/// Whether a name, with or without a port, is one of the loopback interface.
fn is_loopback(name: &str) -> bool {
    let host = match name.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => name.split_once(':').map_or(name, |(host, _)| host),
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn refused(name: &str) -> Response {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    let text = format!(
        "this port listens on loopback, and answers to localhost and 127.0.0.1 only, not to {shown}: a proxy before it has to \
         set the Host header to localhost\n"
    );
    (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_machine_itself() {
        for name in [
            "localhost",
            "LOCALHOST:9600",
            "localhost.:80",
            "a.localhost",
            "127.0.0.1",
            "127.8.9.1:9600",
            "[::1]:9600",
            "[::1]",
        ] {
            assert!(is_loopback(name), "{name}");
        }
        for name in [
            "",
            "evil.example",
            "evil.example:9600",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "notlocalhost",
            "192.168.0.1",
            "0.0.0.0",
            "[fe80::1]:9600",
            "[::1",
        ] {
            assert!(!is_loopback(name), "{name}");
        }
    }
}
