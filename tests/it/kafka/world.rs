//! What a test needs around the broker: topics, workers, pages, and outcomes read back.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::Value;
use tempfile::TempDir;

use super::broker::{Broker, script};

/// Partitions of the topic of pages.
pub const PARTITIONS: i32 = 4;

/// The set of pages that cannot become articles.
pub const REJECTED: &str = "rejected";

/// Topics, a group and a folder of a test's own.
pub struct World {
    pub broker: String,
    pub name: String,
    dir: TempDir,
}

/// A `newsmill run`.
pub struct Worker {
    child: Child,
    log: PathBuf,
}

/// One outcome as Kafka's console consumer shows it.
#[derive(Debug)]
pub struct Outcome {
    /// Headers as one text, `key:value` with commas.
    pub headers: String,
    pub key: String,
    pub value: String,
}

impl Outcome {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.value).unwrap_or_else(|error| panic!("{error}: {}", self.value))
    }

    pub fn field(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }
}

impl World {
    pub fn new(broker: &Broker) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
        Self { broker: broker.address.clone(), name, dir: TempDir::new().unwrap() }
    }

    /// Folder of what the workers keep.
    pub fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    pub fn topic(&self, which: &str) -> String {
        format!("{}.{which}", self.name)
    }

    /// Writes a configuration for a worker of this name; `more` overrides it, one TOML assignment a line.
    pub fn config(&self, worker: &str, more: &str) -> PathBuf {
        let (broker, name) = (&self.broker, &self.name);
        let state = self.state();
        let defaults = format!(
            "kafka.brokers = \"{broker}\"\nkafka.group = \"{name}\"\nkafka.worker_id = \"{worker}\"\n\
             kafka.create_topics = true\nkafka.partitions = {PARTITIONS}\nkafka.session_timeout_ms = 6000\n\
             kafka.transaction_timeout_ms = 5000\nkafka.batch_pages = 50\nkafka.in_flight_pages = 200\n\
             service.listen = \"127.0.0.1:0\"\nservice.threads = 1\n\
             service.state_dir = {state:?}\n\
             kafka.topics.pages = \"{name}.pages\"\nkafka.topics.articles = \"{name}.articles\"\n\
             kafka.topics.duplicates = \"{name}.duplicates\"\nkafka.topics.rejected = \"{name}.rejected\"\n\
             kafka.topics.sightings = \"{name}.sightings\"\n"
        );
        let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
        let replaced: Vec<String> = more.lines().map(key).collect();
        let mut text: String = defaults
            .lines()
            .filter(|line| !replaced.contains(&key(line)))
            .map(|line| format!("{line}\n"))
            .collect();
        text += more;
        let path = self.dir.path().join(format!("{worker}.toml"));
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Starts a worker.
    pub fn worker(&self, worker: &str, more: &str) -> Worker {
        self.worker_with_fault(worker, more, "")
    }

    /// Starts a worker with a fault on purpose: `KIND:TEXT`, see `src/kafka/fault.rs`.
    pub fn worker_with_fault(&self, worker: &str, more: &str, fault: &str) -> Worker {
        let config = self.config(worker, more);
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let log = self.dir.path().join(format!("{worker}-{}.log", COUNT.fetch_add(1, Ordering::Relaxed)));
        let child = Command::new(env!("CARGO_BIN_EXE_newsmill"))
            .args(["run", "--config"])
            .arg(config)
            .env("TEST_NEWSMILL_FAULT", fault)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Worker { child, log }
    }

    /// Runs a command of newsmill to its end.
    pub fn newsmill(&self, arguments: &[&str], config: &std::path::Path) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_newsmill"))
            .args(arguments)
            .arg("--config")
            .arg(config)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned())
    }

    fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.broker);
        config
    }

    /// Sends pages: partition by number.
    pub fn send(&self, pages: &[(String, Vec<u8>)]) {
        let mut config = self.client();
        let producer: BaseProducer =
            config.set("message.max.bytes", "8000000").set("linger.ms", "5").create().unwrap();
        for (i, (key, value)) in pages.iter().enumerate() {
            let topic = self.topic("pages");
            let record = BaseRecord::to(&topic).key(key).payload(value).partition(i as i32 % PARTITIONS);
            producer.send(record).map_err(|(error, _)| error).unwrap();
        }
        producer.flush(Duration::from_secs(20)).unwrap();
        assert_eq!(producer.in_flight_count(), 0);
    }

    /// Records of the topic of pages that the group has not committed.
    pub fn lag(&self) -> i64 {
        let consumer: BaseConsumer = self.client().set("group.id", &self.name).create().unwrap();
        let topic = self.topic("pages");
        let mut list = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            list.add_partition(&topic, partition);
        }
        let wait = Duration::from_secs(10);
        let committed = match consumer.committed_offsets(list, wait) {
            Ok(committed) => committed,
            Err(error) => {
                println!("the committed offsets cannot be read: {error}");
                return i64::MAX;
            }
        };
        committed
            .elements()
            .iter()
            .map(|element| {
                let Ok((low, high)) = consumer.fetch_watermarks(&topic, element.partition(), wait) else {
                    return i64::from(i32::MAX);
                };
                match element.offset() {
                    Offset::Offset(offset) => high - offset,
                    _ => high - low,
                }
            })
            .sum()
    }

    /// Waits until everything sent is committed.
    pub fn await_lag(&self, at_most: i64, seconds: u64, workers: &mut [&mut Worker]) {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        loop {
            let lag = self.lag();
            if lag <= at_most {
                return;
            }
            for worker in workers.iter_mut() {
                assert!(worker.is_running(), "a worker ended: {}", worker.log());
            }
            if Instant::now() > deadline {
                let logs: Vec<_> = workers.iter().map(|worker| worker.log()).collect();
                panic!("lag {lag} after {seconds} s; logs:\n{}", logs.join("\n---\n"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs one of Kafka's own tools: what it prints.
    pub fn tool(&self, class: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(script());
        command.args(["tool", class, "--bootstrap-server", &self.broker]).args(arguments);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{class} {arguments:?}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Creates a topic as `newsmill check` says.
    pub fn create_topic(&self, which: &str) {
        let name = self.topic(which);
        let log = [
            "--config",
            "message.timestamp.type=LogAppendTime",
            "--config",
            "retention.ms=2764800000",
            "--config",
            "retention.bytes=-1",
        ];
        let (partitions, more) = if which == "sightings" {
            ("1", &log[..])
        } else {
            ("4", &["--config", "max.message.bytes=10485760"][..])
        };
        let create = ["--create", "--topic", &name, "--partitions", partitions];
        self.tool("org.apache.kafka.tools.TopicCommand", &[&create[..], more].concat());
    }

    /// Everything in a topic that readers at `read_committed` see, by Kafka's own console consumer.
    /// `patience` is how long it waits for a next record, which on a busy machine may take seconds.
    pub fn read(&self, which: &str, patience: Duration) -> Vec<Outcome> {
        let mut command = Command::new(script());
        command.args([
            "tool",
            "org.apache.kafka.tools.consumer.ConsoleConsumer",
            "--bootstrap-server",
            &self.broker,
        ]);
        command.args([
            "--topic",
            &self.topic(which),
            "--from-beginning",
            "--isolation-level",
            "read_committed",
        ]);
        command.args(["--timeout-ms", &patience.as_millis().to_string()]);
        for property in ["print.headers=true", "print.key=true", "key.separator=\u{1}", "headers.separator=,"]
        {
            command.args(["--formatter-property", property]);
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("Processed a total of"), "the console consumer failed: {said}");
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(|line| {
                let mut parts = line.splitn(3, '\u{1}').map(str::to_owned);
                let mut next = || parts.next().unwrap_or_else(|| panic!("not a record: {line:?}"));
                Outcome { headers: next(), key: next(), value: next() }
            })
            .collect()
    }

    /// Reads the three topics at once and holds them against the pages sent: every page has one outcome, every set
    /// of repeats has one article, and every repeat names an article that is there. Gives the rejections.
    pub fn hold(&self, pages: &Pages) -> Vec<Outcome> {
        let mut read = [Vec::new(), Vec::new(), Vec::new()];
        // Reading again can only find more: what is there too often stays there too often.
        for seconds in [3, 8, 20] {
            read = std::thread::scope(|scope| {
                let patience = Duration::from_secs(seconds);
                ["articles", "duplicates", "rejected"]
                    .map(|which| scope.spawn(move || self.read(which, patience)))
                    .map(|handle| handle.join().unwrap())
            });
            if read.iter().map(Vec::len).sum::<usize>() >= pages.sets.len() {
                break;
            }
        }
        let [articles, duplicates, rejected] = read;
        let mut outcomes: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut ids = std::collections::BTreeSet::new();
        for outcome in articles.iter().filter(|outcome| !outcome.headers.contains("newsmill.copy")) {
            assert_eq!(outcome.field("outcome"), "article");
            assert_eq!(outcome.key, outcome.field("id"));
            assert!(ids.insert(outcome.key.clone()), "the article {} is there twice", outcome.key);
            outcomes.entry(outcome.field("page_id")).or_default().push("article".into());
        }
        for outcome in &duplicates {
            assert_eq!(outcome.field("outcome"), "duplicate");
            for field in ["of", "cluster"] {
                assert!(ids.contains(&outcome.field(field)), "{field} names no article: {}", outcome.value);
            }
            outcomes.entry(outcome.field("page_id")).or_default().push("duplicate".into());
        }
        for outcome in &rejected {
            let id = outcome.headers.split(',').find_map(|header| header.strip_prefix("newsmill.page_id:"));
            outcomes.entry(id.unwrap_or_default().to_owned()).or_default().push("rejected".into());
        }
        let mut sets: BTreeMap<&str, u32> = BTreeMap::new();
        for (id, set) in &pages.sets {
            let found = outcomes.get(id).map_or(&[][..], Vec::as_slice);
            assert_eq!(found.len(), 1, "outcomes of page {id}: {found:?}");
            if set == REJECTED {
                assert_eq!(found[0], "rejected", "page {id}");
            } else {
                *sets.entry(set).or_default() += u32::from(found[0] == "article");
            }
        }
        assert_eq!(outcomes.len(), pages.sets.len(), "outcomes of pages that nobody sent");
        let wrong: Vec<_> = sets.iter().filter(|(_, articles)| **articles != 1).collect();
        assert!(wrong.is_empty(), "articles by set of repeats: {wrong:?}");
        rejected
    }
}

impl Worker {
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; gives the time that it took to end.
    pub fn terminate(&mut self) -> (ExitStatus, Duration) {
        let started = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        (self.wait(Duration::from_secs(20)), started.elapsed())
    }

    pub fn wait(&mut self, at_most: Duration) -> ExitStatus {
        let deadline = Instant::now() + at_most;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "still running: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until its log says something.
    pub fn await_log(&mut self, text: &str, seconds: u64) {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        while !self.log().contains(text) {
            assert!(self.is_running(), "ended before it said {text:?}: {}", self.log());
            assert!(Instant::now() < deadline, "never said {text:?}: {}", self.log());
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Waits until it is ready, and gives what /readyz says then: pages may all be done before the client has said that it is in
    /// the group, which it does once a second.
    pub fn await_ready(&self, seconds: u64) -> String {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        loop {
            let (code, body) = self.get("/readyz");
            if code == 200 {
                return body;
            }
            assert!(body.contains("awaits"), "not ready, and says not why: {body}");
            assert!(Instant::now() < deadline, "{body}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Address of its HTTP port, once it has one.
    pub fn address(&self) -> Option<String> {
        let log = self.log();
        log.split("listen=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
    }

    /// GET on its HTTP port: status and body.
    pub fn get(&self, path: &str) -> (u16, String) {
        get(&self.address().expect("no port yet"), path).unwrap()
    }
}

/// GET: status and body.
pub fn get(address: &str, path: &str) -> std::io::Result<(u16, String)> {
    get_as(address, path, address)
}

/// GET, by this name of the host.
pub fn get_as(address: &str, path: &str, host: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let length = head
        .to_lowercase()
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.lines().next()?.parse().ok());
    if length.is_some_and(|length: usize| length != body.len()) {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok((status, body.to_owned()))
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}

/// Pages made up by rule, with repeats among them.
pub struct Pages {
    pub messages: Vec<(String, Vec<u8>)>,
    /// Page id, and the set of repeats that it belongs to.
    pub sets: Vec<(String, String)>,
}

/// A small generator, so that the pages are the same in each run.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        // Knuth's MMIX multiplier and increment; the high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn words(&mut self, n: usize) -> String {
        const SYLLABLES: &[&str] =
            &["ba", "co", "di", "fe", "gu", "ha", "jo", "ki", "le", "mu", "na", "po", "ri", "sa"];
        let mut word = || {
            let n = 2 + self.below(3);
            (0..n).map(|_| SYLLABLES[self.below(SYLLABLES.len() as u64) as usize]).collect::<String>()
        };
        (0..n).map(|_| word()).collect::<Vec<_>>().join(" ")
    }
}

impl Pages {
    /// `n` pages of which some 30 % repeat an earlier one, at another URL and under another title.
    pub fn generate(n: usize, seed: u64) -> Self {
        let mut rng = Rng(seed);
        let mut texts: Vec<(String, Vec<String>)> = Vec::new();
        let mut pages = Self { messages: Vec::new(), sets: Vec::new() };
        for i in 0..n {
            let (set, paragraphs) = if !texts.is_empty() && rng.below(10) < 3 {
                texts[rng.below(texts.len() as u64) as usize].clone()
            } else {
                let paragraphs = (0..5).map(|_| format!("{}.", rng.words(40))).collect();
                let fresh = (format!("set-{seed}-{i}"), paragraphs);
                texts.push(fresh.clone());
                fresh
            };
            let title = rng.words(6);
            let body: String = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
            let html = format!(
                "<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"
            );
            let id = format!("page-{seed}-{i}");
            let url = format!("https://site{}.example/{seed}/{i}", rng.below(40));
            pages.push(&id, &set, &url, &html);
        }
        pages
    }

    pub fn push(&mut self, id: &str, set: &str, url: &str, html: &str) {
        let message = serde_json::json!({"id": id, "url": url, "body": html, "content_type": "text/html; charset=utf-8"});
        self.messages.push((id.to_owned(), message.to_string().into_bytes()));
        self.sets.push((id.to_owned(), set.to_owned()));
    }
}
