//! A real Prometheus scrapes two workers under load, with the rules of deploy/prometheus loaded: every expression of every
//! panel and alert gives data, or stands in deploy/prometheus/expected-empty.txt with the reason why it may not.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::broker::Broker;
use super::world::{Pages, REJECTED, Worker, World, get};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A Prometheus of the test's own, on loopback.
struct Prometheus {
    child: Child,
    address: String,
    log: PathBuf,
}

impl Prometheus {
    fn start(dir: &Path, targets: &[String]) -> Self {
        let config = format!(
            "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  evaluation_interval: 1s\n\
             rule_files:\n  - {}\n\
             scrape_configs:\n  - job_name: newsmill\n    static_configs:\n      - targets: {targets:?}\n        \
             labels: {{namespace: test, group: watched}}\n",
            root().join("deploy/prometheus/newsmill.rules.yml").display()
        );
        let (file, log) = (dir.join("prometheus.yml"), dir.join("prometheus.log"));
        std::fs::write(&file, config).unwrap();
        // Free a moment ago; if another process takes it, the start fails and says so.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", dir.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("no prometheus ({error}): run script/bootstrap, which installs it")
            });
        let mut started = Self { child, address, log };
        let deadline = Instant::now() + Duration::from_secs(60);
        while !matches!(get(&started.address, "/-/ready"), Ok((200, _))) {
            let ended = started.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "{ended:?}: {}", started.log());
            std::thread::sleep(Duration::from_millis(100));
        }
        started
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Asks its HTTP interface: the data of the answer.
    fn ask(&self, path: &str) -> Result<Value, String> {
        let (code, body) = get(&self.address, path).unwrap();
        let mut answer: Value =
            serde_json::from_str(&body).map_err(|error| format!("{code}: {error}: {body}"))?;
        match answer["status"].as_str() {
            Some("success") => Ok(answer["data"].take()),
            _ => Err(format!("{code}: {body}")),
        }
    }

    /// Number of series that an expression gives.
    fn series(&self, expr: &str) -> Result<usize, String> {
        let expr = utf8_percent_encode(expr, NON_ALPHANUMERIC);
        let data = self.ask(&format!("/api/v1/query?query={expr}"))?;
        Ok(data["result"].as_array().map_or(0, Vec::len))
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}

/// Every expression of panels and rules: where it stands, and what it is.
fn expressions() -> Vec<(String, String)> {
    let output = Command::new(root().join("script/deploy")).arg("expressions").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|row| (text(&row, "where"), text(&row, "expr")))
        .collect()
}

/// Expressions that may give nothing, by where they stand.
fn expected_empty() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("deploy/prometheus/expected-empty.txt")).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    rows.map(|line| {
        line.rsplit_once(" | ").unwrap_or_else(|| panic!("no reason: {line}")).0.trim().to_owned()
    })
    .collect()
}

#[test]
fn every_expression_of_panels_and_alerts_gives_data() {
    let world = World::new(Broker::shared());
    let mut workers = [world.worker("one", ""), world.worker("two", "")];
    workers.iter_mut().for_each(|worker| worker.await_log("assigned", 60));
    let addresses: Vec<String> = workers.iter().map(|worker| worker.address().unwrap()).collect();
    let dir = tempfile::tempdir().unwrap();
    let prometheus = Prometheus::start(dir.path(), &addresses);

    // Load for as long as it takes until every expression has what it needs, and at most two minutes.
    let (expressions, may_be_empty) = (expressions(), expected_empty());
    assert!(expressions.len() > 50, "{} expressions", expressions.len());
    let started = Instant::now();
    let (mut sent, mut passing): (u64, Option<Worker>) = (0, None);
    let empty = loop {
        let mut pages = Pages::generate(150, 1000 + sent);
        let empty = format!("empty-{sent}");
        pages.push(&empty, REJECTED, &format!("https://empty.example/{sent}"), "<html><body></body></html>");
        world.send(&pages.messages);
        sent += 1;
        // Partitions change hands, for the panels that show it.
        if sent == 4 {
            passing = Some(world.worker("three", ""));
        } else if sent == 9
            && let Some(mut three) = passing.take()
        {
            assert!(three.terminate().0.success(), "{}", three.log());
        }
        std::thread::sleep(Duration::from_secs(1));
        assert!(workers.iter_mut().all(Worker::is_running), "a worker ended: {}", workers[0].log());
        if sent < 15 || sent % 5 != 0 {
            continue;
        }
        let mut failed = Vec::new();
        let mut empty = Vec::new();
        for (place, expr) in &expressions {
            match prometheus.series(expr) {
                Err(error) => failed.push(format!("{place}: {error}\n  {expr}")),
                Ok(0) if !may_be_empty.contains(place) => empty.push(format!("{place}\n  {expr}")),
                Ok(_) => {}
            }
        }
        assert!(failed.is_empty(), "Prometheus refuses:\n{}", failed.join("\n"));
        if empty.is_empty() || started.elapsed() > Duration::from_secs(120) {
            break empty;
        }
    };
    println!("{} expressions asked after {:?} of load", expressions.len(), started.elapsed());
    assert!(empty.is_empty(), "no data, and not in expected-empty.txt:\n{}", empty.join("\n"));

    // Nothing of what the workers show is refused, and no rule fails.
    let targets = prometheus.ask("/api/v1/targets").unwrap();
    for target in targets["activeTargets"].as_array().unwrap() {
        assert_eq!(
            (target["health"].as_str(), target["lastError"].as_str()),
            (Some("up"), Some("")),
            "{target}"
        );
    }
    let rules = prometheus.ask("/api/v1/rules").unwrap();
    let rules: Vec<&Value> = rules["groups"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|group| group["rules"].as_array().unwrap())
        .collect();
    assert!(!rules.is_empty());
    for rule in rules {
        assert_eq!(rule["health"], "ok", "{rule}");
        assert_ne!(rule["state"], "firing", "two workers at work are no reason for an alert: {rule}");
    }
    assert!(!prometheus.log().contains("level=error"), "{}", prometheus.log());
}
