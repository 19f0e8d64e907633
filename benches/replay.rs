//! How long a worker takes to start: from the sightings log alone, and from its snapshot.
//!
//!     cargo bench --bench replay -- --sightings 1000000
//!
//! A real broker is started, a log of made-up sightings with their verdicts is written to it, and `newsmill run` is
//! started twice: first it reads the log, then the snapshot that it kept. Times are from the start of the process to the index
//! that is built, memory is what is resident then.

// A bench that cannot go on ends, and says why.
#![allow(clippy::expect_used, clippy::print_stderr, clippy::print_stdout)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use newsmill::eval::stream::Rng;
use newsmill::record::{Hash128, Origin, Source};
use newsmill::sightings::{
    Config, Entry, Fingerprints, Indexed, Judged, Repeat, Settings, Sighting, Verdict,
};
use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

const PAGES: &str = "bench.pages";
const SIGHTINGS: &str = "bench.sightings";
/// Shingles of a made-up article: some 400 words.
const SHINGLES: u32 = 400;

/// A sighting with its verdict. Every tenth page has the text of the page before it.
fn entries(n: u64, last: &mut Option<Fingerprints>, rng: &mut Rng) -> [Entry; 2] {
    let mut body = [0; 16];
    body[..8].copy_from_slice(&rng.bits().to_be_bytes());
    let source = Source::Kafka { topic: PAGES.into(), partition: (n % 12) as i32, offset: (n / 12) as i64 };
    let origin = Origin { source, body: Hash128(body) };
    if let (Some(first), 9) = (&last, n % 10) {
        let (id, cluster) = (first.id(), first.id());
        let verdict = Verdict::Repeat(Repeat {
            id,
            kind: newsmill::record::DuplicateKind::Exact,
            of: cluster,
            cluster,
            similarity: 1.0,
            contained: None,
        });
        let indexed =
            Indexed { keys: Indexed::BODY | Indexed::URL, group: (first.text >> 32) as u32, sketch: 0 };
        let sighting = Sighting::full(origin.clone(), first.clone());
        let judged = Judged { origin, verdict, indexed, stories: Vec::new() };
        return [Entry::Sighting(Box::new(sighting)), Entry::Judged(Box::new(judged))];
    }
    let mut hashes: Vec<u64> = (0..SHINGLES).map(|_| rng.bits() >> 28).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let shingles = hashes.len() as u32;
    hashes.truncate(128);
    let ranks = (0..hashes.len() as u64).map(|i| (i * 37 % 128) as u8).collect();
    let fingerprints = Fingerprints {
        text: rng.bits(),
        url: Some(rng.bits()),
        shingles,
        sketch: hashes,
        ranks,
        numbers: rng.bits() & rng.bits() & rng.bits(),
    };
    let sighting = Sighting::full(origin.clone(), fingerprints.clone());
    let keys = Indexed::BODY | Indexed::TEXT | Indexed::URL;
    let indexed = Indexed {
        keys,
        group: (fingerprints.text >> 32) as u32,
        sketch: (1 << Config::default().kept_hashes) - 1,
    };
    let verdict = Verdict::New { id: sighting.id };
    let judged = Judged { origin, verdict, indexed, stories: Vec::new() };
    *last = Some(fingerprints);
    [Entry::Sighting(Box::new(sighting)), Entry::Judged(Box::new(judged))]
}

/// Writes the log; gives its bytes.
fn write_log(broker: &str, sightings: u64) -> u64 {
    let producer: ThreadedProducer<DefaultProducerContext> = ClientConfig::new()
        .set("bootstrap.servers", broker)
        .set("linger.ms", "20")
        .set("batch.size", "1000000")
        .set("queue.buffering.max.messages", "200000")
        .set("compression.type", "lz4")
        .create()
        .expect("no producer");
    let (mut rng, mut last, mut bytes, mut buffer) = (Rng(7), None, 0, Vec::new());
    let mut append = |entry: &Entry| {
        buffer.clear();
        entry.encode(&mut buffer);
        bytes += buffer.len() as u64;
        // Nobody's: a worker of long ago.
        let key = [0_u8; 16];
        loop {
            let record = BaseRecord::to(SIGHTINGS).partition(0).key(&key[..]).payload(&buffer[..]);
            match producer.send(record) {
                Ok(()) => break,
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    };
    // What a worker of this release has to find there.
    let extraction = newsmill::stages::strip_boilerplate::version(&Default::default());
    append(&Entry::Settings(Settings::new(&Config::default(), &extraction)));
    for n in 0..sightings {
        for entry in entries(n, &mut last, &mut rng) {
            append(&entry);
        }
    }
    producer.flush(Duration::from_secs(60)).expect("the broker did not take the log");
    bytes
}

struct Started {
    process: Child,
    seconds: f64,
    line: String,
}

/// Starts a worker and waits until its index is built.
fn start(broker: &str, folder: &Path) -> Started {
    let began = Instant::now();
    let mut process = Command::new(env!("CARGO_BIN_EXE_newsmill"))
        .arg("run")
        .env("NEWSMILL_KAFKA_BROKERS", broker)
        .env("NEWSMILL_KAFKA_WORKER_ID", "bench")
        .env("NEWSMILL_KAFKA_CREATE_TOPICS", "true")
        .env("NEWSMILL_KAFKA_TOPICS_PAGES", PAGES)
        .env("NEWSMILL_KAFKA_TOPICS_SIGHTINGS", SIGHTINGS)
        .env("NEWSMILL_SERVICE_LISTEN", "127.0.0.1:0")
        .env("NEWSMILL_SERVICE_STATE_DIR", folder)
        .env("NO_COLOR", "1")
        .stderr(Stdio::piped())
        .spawn()
        .expect("newsmill does not start");
    let mut lines = BufReader::new(process.stderr.take().expect("no stderr")).lines();
    let line = loop {
        let line = lines.next().expect("the worker ended before its index was built").expect("no text");
        if line.contains("the index is built") {
            break line;
        }
        if line.contains("the snapshot is read") {
            println!("  {}", line.split("INFO").nth(1).unwrap_or(&line).trim());
        }
        if line.contains("WARN") || line.contains("ERROR") || line.starts_with("newsmill:") {
            eprintln!("{line}");
        }
    };
    let seconds = began.elapsed().as_secs_f64();
    std::thread::spawn(move || lines.for_each(drop));
    Started { process, seconds, line }
}

fn status(process: &Child, field: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

fn stop(mut started: Started, label: &str) {
    // What the allocator gives back it has given back by now.
    std::thread::sleep(Duration::from_secs(2));
    println!(
        "{label}: {:.2} s, resident {} MB (peak {} MB)",
        started.seconds,
        status(&started.process, "VmRSS") / 1024,
        status(&started.process, "VmHWM") / 1024
    );
    println!("  {}", started.line.split("INFO").nth(1).unwrap_or(&started.line).trim());
    let id = started.process.id().to_string();
    let _gone = Command::new("kill").args(["-TERM", &id]).status();
    let _gone = started.process.wait();
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let sightings = arguments
        .iter()
        .position(|argument| argument == "--sightings")
        .and_then(|i| arguments.get(i + 1)?.parse().ok())
        .unwrap_or(1_000_000);
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("script/kafka");
    let folder = tempfile::tempdir().expect("no folder");
    let data = folder.path().join("broker");
    let output = Command::new(&script)
        .arg("start")
        .args([data.as_os_str(), std::process::id().to_string().as_ref()])
        .output()
        .expect("script/kafka does not start");
    assert!(
        output.status.success(),
        "no broker ({}): run script/bootstrap",
        String::from_utf8_lossy(&output.stderr)
    );
    let broker = String::from_utf8_lossy(&output.stdout).trim().to_owned();

    // The first start makes the topics.
    let state = folder.path().join("state");
    let mut first = start(&broker, &folder.path().join("none"));
    let _gone = first.process.kill();
    let _gone = first.process.wait();
    // It wrote its settings too; they are the same.
    let began = Instant::now();
    let bytes = write_log(&broker, sightings);
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{sightings} sightings with their verdicts: {:.0} bytes each in the log; written in {seconds:.1} s",
        bytes as f64 / sightings as f64
    );
    stop(start(&broker, &state), "start from the log");
    let size: u64 = walk(&state);
    println!("snapshot: {:.0} bytes a sighting", size as f64 / sightings as f64);
    stop(start(&broker, &state), "start from the snapshot");
    let _gone = Command::new(&script).arg("kill").arg(&data).status();
}

/// Bytes of all files below a folder.
fn walk(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => walk(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}
