//! The status page as a client meets it, on `newsmill process --watch`: headers, names, events, and its end. Browsers meet it in
//! `tests/outside/browser.cjs`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::page;

const PATIENCE: Duration = Duration::from_secs(60);

/// A run that reads a pipe and is watched.
struct Run {
    child: Child,
    stdin: Option<ChildStdin>,
    address: String,
}

impl Run {
    fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_newsmill"))
            .args(["process", "-", "--quiet"])
            .args(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .find_map(|line| Some(line.unwrap().split_once("http://")?.1.trim_end_matches('/').to_owned()));
        let stdin = child.stdin.take();
        Self { child, stdin, address: address.expect("no address was said") }
    }

    /// On a free port.
    fn anywhere() -> Self {
        Self::start(&["--watch=0"], &[])
    }

    fn feed(&mut self, pages: &[Value]) {
        let stdin = self.stdin.as_mut().unwrap();
        for page in pages {
            writeln!(stdin, "{page}").unwrap();
        }
        stdin.flush().unwrap();
    }

    fn ask(&self, method: &str, path: &str, host: &str) -> Answer {
        ask(&self.address, method, path, host)
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &self.address)
    }

    fn state(&self) -> Value {
        serde_json::from_str(&self.get("/status.json").body).unwrap()
    }

    /// The state once it is as wanted.
    fn state_where(&self, is_so: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let state = self.state();
            if is_so(&state) {
                return state;
            }
            assert!(Instant::now() < deadline, "{state}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn events(&self) -> Events {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET /events HTTP/1.0\r\nHost: {}\r\n\r\n", self.address).unwrap();
        let mut lines = BufReader::new(stream).lines();
        let status = lines.next().unwrap().unwrap();
        let head = lines.by_ref().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
        Events { status, head, lines }
    }

    /// The end of the input, and then that of the run.
    fn finish(mut self) -> i32 {
        self.stdin = None;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(Instant::now() < deadline, "the run does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

fn ask(address: &str, method: &str, path: &str, host: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Answer { status, headers, body: body.to_owned() }
}

struct Events {
    status: String,
    head: Vec<String>,
    lines: std::io::Lines<BufReader<TcpStream>>,
}

impl Events {
    /// Name and data of the next event; `None` at the end.
    fn next(&mut self) -> Option<(String, Value)> {
        let (mut name, mut data) = (String::new(), Vec::new());
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            match line.split_once(": ") {
                Some(("event", value)) => value.clone_into(&mut name),
                Some(("data", value)) => data.push(value.to_owned()),
                None if line.is_empty() => break,
                _ => panic!("{line}"),
            }
        }
        let [data] = data.as_slice() else {
            assert!(data.is_empty(), "{data:?}");
            return None;
        };
        Some((name, serde_json::from_str(data).unwrap()))
    }
}

fn pages_of(now: &Value) -> u64 {
    let sum = |counts: &Value| counts.as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>();
    now["articles"].as_u64().unwrap() + sum(&now["duplicates"]) + sum(&now["rejected"])
}

const ROUTES: [&str; 6] = ["/", "/page.css", "/page.js", "/status.json", "/events", "/explain/1"];

#[test]
fn answers_forbid_what_the_page_does_not_need() {
    let run = Run::anywhere();
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    for path in ["/", "/page.css", "/page.js", "/status.json", "/no-such-page"] {
        let answer = run.get(path);
        assert_eq!(answer.status == 200, path != "/no-such-page", "{path}: {}", answer.status);
        for (name, value) in [
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.headers.get(name).map(String::as_str), Some(value), "{path}: {name}");
        }
    }
    for (path, kind) in ["/", "/page.css", "/page.js", "/status.json"].into_iter().zip([
        "text/html; charset=utf-8",
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
        "application/json",
    ]) {
        assert_eq!(run.get(path).headers["content-type"], kind, "{path}");
    }
    for (path, method) in ROUTES.into_iter().flat_map(|path| ["POST", "PUT", "DELETE"].map(|m| (path, m))) {
        assert_eq!(run.ask(method, path, &run.address).status, 405, "{method} {path}");
    }
}

/// A name that resolves to loopback is how a page on the web reaches what listens there.
#[test]
fn on_loopback_only_its_own_names_are_answered() {
    let run = Run::anywhere();
    let port = run.address.rsplit(':').next().unwrap();
    for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), "[::1]".to_owned()] {
        assert_eq!(run.ask("GET", "/status.json", &host).status, 200, "{host}");
    }
    for host in [format!("rebound.example:{port}"), "192.168.1.7".to_owned()] {
        for path in ROUTES.into_iter().chain(["/no-such-page"]) {
            let answer = run.ask("GET", path, &host);
            assert_eq!(answer.status, 403, "{host} {path}");
            assert!(answer.body.contains("localhost"), "it says what to do: {}", answer.body);
        }
    }
    let answer = run.ask("GET", "http://rebound.example/status.json", &run.address);
    assert_eq!(answer.status, 403, "nor where the request line names it");
    let anywhere = Run::start(&["--watch=0.0.0.0:0"], &[]);
    let port = anywhere.address.rsplit(':').next().unwrap();
    let answer = ask(&format!("127.0.0.1:{port}"), "GET", "/status.json", "worker.example");
    assert_eq!(answer.status, 200, "elsewhere any name will do");
}

#[test]
fn events_tell_of_pages_as_they_come_and_of_the_end() {
    let mut run = Run::anywhere();
    let mut events = run.events();
    assert!(events.status.contains("200"), "{}", events.status);
    assert!(events.head.iter().any(|line| line.eq_ignore_ascii_case("content-type: text/event-stream")));
    let (name, state) = events.next().unwrap();
    assert_eq!((name.as_str(), pages_of(&state["now"]), &state["kind"]), ("state", 0, &json!("files")));
    assert_eq!(state["version"]["version"], env!("CARGO_PKG_VERSION"));

    let mut hostile = page(1);
    let headline = "<script>alert(1)</script> & \"quoted\" <img src=x onerror=alert(2)>";
    hostile["body"] = json!(format!("{headline}\n\n{}", page(1)["body"].as_str().unwrap()));
    // A URL that would be an event of its own, if it were written as it is.
    let url = "https://a.example/x\n\nevent: state\ndata: {}\n\n";
    run.feed(&[hostile, json!({"url": url, "body": ""}), page(2), page(2)]);
    let (mut articles, mut rejects, mut last) = (Vec::new(), Vec::new(), Value::Null);
    while last.is_null() || pages_of(&last) < 4 {
        let (name, tick) = events.next().unwrap();
        assert_eq!(name, "tick");
        articles.extend(tick["articles"].as_array().unwrap().clone());
        rejects.extend(tick["rejects"].as_array().unwrap().clone());
        last = tick["now"].clone();
    }
    let (name, tick) = events.next().unwrap();
    assert_eq!((name.as_str(), &tick["articles"]), ("tick", &json!([])), "each page is told of once");
    let counts = (&last["articles"], &last["duplicates"]["exact"], &last["rejected"]);
    assert_eq!(counts, (&json!(2), &json!(1), &json!({"empty": 1})));
    assert_eq!(last["languages"], json!([["en", 2]]));
    let stages = last["stages"].as_array().unwrap();
    assert!(stages.len() == 5 && stages.iter().all(|stage| stage["p95_ms"].is_f64()), "{stages:?}");
    let hostile = articles.iter().find(|article| article["name"] == "https://site1.example/1").unwrap();
    assert!(hostile["title"].as_str().is_some_and(|title| title.contains("<script>")), "{hostile}");
    assert_eq!(
        (rejects.len(), &rejects[0]["name"], &rejects[0]["reason"]),
        (1, &json!(url), &json!("empty"))
    );

    run.stdin = None;
    let mut last = Value::Null;
    while let Some((name, tick)) = events.next() {
        assert_eq!(name, "tick");
        last = tick;
    }
    assert_eq!((&last["now"]["phase"], pages_of(&last["now"])), (&json!("finished"), 4));
    assert_eq!(run.finish(), 0, "nobody is at a terminal: the run ends with its work");
}

/// Each of the last pages opens its explanation; what the page says stays text there, too.
#[test]
fn the_last_pages_are_explained() {
    let mut run = Run::anywhere();
    let (mut hostile, mut large) = (page(1), page(2));
    hostile["body"] =
        json!(format!("<script>alert(1)</script> is off\n\n{}", page(1)["body"].as_str().unwrap()));
    large["body"] = json!(format!("{}\n\n{}", page(2)["body"].as_str().unwrap(), "word ".repeat(60_000)));
    run.feed(&[hostile, large, json!({"url": "https://a.example/", "body": ""})]);
    let state = run.state_where(|state| pages_of(&state["now"]) == 3);
    let shown = |list: &str, name: &str| {
        let found = state[list].as_array().unwrap().iter().find(|item| item["name"] == name);
        found.unwrap_or_else(|| panic!("{name}: {state}")).clone()
    };
    let hostile = shown("articles", "https://site1.example/1");
    assert_eq!(hostile["explained"], true);
    let answer = run.get(&format!("/explain/{}", hostile["id"]));
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    let policy = &answer.headers["content-security-policy"];
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("script-src"), "{policy}");
    assert!(
        answer.body.contains("&lt;script&gt;alert(1)") && !answer.body.contains("<script"),
        "{}",
        answer.body
    );
    let reject = shown("rejects", "https://a.example/");
    let answer = run.get(&format!("/explain/{}", reject["id"]));
    assert!(answer.status == 200 && answer.body.contains("https://a.example/"), "{}", answer.body);

    let large = shown("articles", "https://site2.example/2");
    assert_eq!(large["explained"], false);
    for (id, status, words) in [
        (large["id"].to_string(), 410, "newsmill explain"),
        ("999999".to_owned(), 404, "no more"),
        ("nonsense".to_owned(), 400, ""),
    ] {
        let answer = run.get(&format!("/explain/{id}"));
        assert!(answer.status == status && answer.body.contains(words), "{id}: {}", answer.body);
    }
}

/// Nobody who does not look on is waited for, nor anybody who does.
#[test]
fn the_run_ends_with_its_work() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.jsonl");
    let mut run = Run::start(&["--watch=0", "--output", out.to_str().unwrap()], &[]);
    let _looks_on_and_never_reads = run.events();
    run.feed(&(0..20).map(page).collect::<Vec<_>>());
    assert_eq!(run.finish(), 0);
    assert_eq!(std::fs::read_to_string(out).unwrap().lines().count(), 20);
}

#[test]
fn where_pages_are_not_shown_there_are_counts_alone() {
    let mut run = Run::start(&["--watch=0"], &[("NEWSMILL_SERVICE_SHOW_PAGES", "false")]);
    let mut events = run.events();
    run.feed(&[page(1), page(2), json!({"url": "https://secret.example/", "body": ""})]);
    let state = run.state_where(|state| pages_of(&state["now"]) == 3);
    assert_eq!(state["shows_pages"], false);
    let (_, first) = events.next().unwrap();
    let (_, second) = events.next().unwrap();
    let explained = run.get("/explain/1");
    assert!(explained.status == 404 && explained.body.contains("show_pages"), "{}", explained.body);
    for shown in [state, first, second] {
        assert_eq!((&shown["articles"], &shown["rejects"]), (&json!([]), &json!([])));
        let text = shown.to_string();
        assert!(!text.contains("Headline") && !text.contains("site1") && !text.contains("secret"), "{text}");
    }
}

#[test]
fn sixteen_may_look_on_and_a_place_is_free_again_when_one_leaves() {
    let run = Run::anywhere();
    let mut looking: Vec<Events> = (0..16).map(|_| run.events()).collect();
    for events in &mut looking {
        assert_eq!(events.next().unwrap().0, "state");
    }
    let refused = run.get("/events");
    assert!(refused.status == 503 && refused.body.contains("16"), "{}: {}", refused.status, refused.body);
    assert_eq!(run.get("/status.json").status, 200);
    looking.truncate(10);
    let deadline = Instant::now() + PATIENCE;
    while !run.events().status.contains("200") {
        assert!(Instant::now() < deadline, "no place is free again");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn the_address_is_the_usual_one_a_free_one_or_the_one_that_is_named() {
    // Taken by this test, if not by somebody else.
    let _taken = match TcpListener::bind("127.0.0.1:9600") {
        Ok(listener) => Some(listener),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::AddrInUse);
            None
        }
    };
    let run = Run::start(&["--watch"], &[]);
    assert!(run.address.starts_with("127.0.0.1:") && !run.address.ends_with(":9600"), "{}", run.address);
    assert_eq!(run.get("/").status, 200);
    for (watch, exit, words) in [
        (format!("--watch={}", run.address), 1, "another address or port"),
        ("--watch=nonsense".to_owned(), 2, "address:port"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_newsmill"))
            .args(["process", "-", &watch])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

/// A browser walks through the page: `tests/outside/browser.cjs` says what it looks at.
#[test]
fn a_browser_walks_through_the_page() {
    let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/script/outside"))
        .args(["browser", env!("CARGO_BIN_EXE_newsmill")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", crate::outside::said(&output));
}
