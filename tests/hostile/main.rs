//! Pages made to stop a parser: each ends in an outcome, within bounds of CPU time and memory.
//!
//! A binary of its own, for it counts every byte that is allocated.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests fail by panicking, and may talk")]

mod bombs;
mod encodings;
mod shapes;
mod stories;

use std::sync::Mutex;
use std::time::Duration;

use newsmill::codec;
use newsmill::pipeline::{Pipeline, Prepared, Settings};
use newsmill::record::{RawRecord, Reason, Source};
use peak_alloc::PeakAlloc;
use shapes::{Expect, PARAGRAPH, shapes};

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// CPU time that a page may take in a release build. Measured: the slowest takes 0.3 s.
const LIMIT: Duration = Duration::from_secs(1);
/// How much slower a build without optimisations may be. Measured: at most 2 times, the slowest page takes 0.5 s.
const SLOWER: u32 = if cfg!(debug_assertions) { 2 } else { 1 };
/// Memory that a page may take beyond its own bytes.
const MEMORY: usize = 100 << 20;

const HTML: &str = "text/html; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

/// Time that this thread has been at work; unlike time by the clock it does not grow on a busy machine.
fn cpu_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// What a page took.
struct Taken {
    time: Duration,
    memory: usize,
}

/// Takes a page through all stages.
fn prepare(pipeline: &Pipeline, name: &str, content_type: &str, body: Vec<u8>) -> (Prepared, Taken) {
    let raw = RawRecord {
        source: Source::File { input: name.into(), line: 1 },
        key: None,
        value: body,
        headers: vec![("content-type".to_owned(), content_type.as_bytes().to_vec())],
    };
    ALLOCATED.reset_peak_usage();
    let (memory, started) = (ALLOCATED.current_usage(), cpu_time());
    let prepared = pipeline.prepare(&raw, |_| None);
    let taken = Taken { time: cpu_time() - started, memory: ALLOCATED.peak_usage() - memory };
    (prepared, taken)
}

/// What is wrong with what became of a page.
fn problems(prepared: &Prepared, expect: Expect, taken: &Taken) -> Vec<String> {
    let mut problems = Vec::new();
    if taken.time > LIMIT * SLOWER {
        problems.push(format!("took {:.2} s", taken.time.as_secs_f64()));
    }
    if taken.memory > MEMORY {
        problems.push(format!("took {} MB", taken.memory >> 20));
    }
    match (prepared, expect) {
        (Prepared::Rejected(reject), _) if reject.reason == Reason::StageFailed => {
            problems.push(format!("broke {}: {}", reject.stage, reject.detail));
        }
        (_, Expect::Anything) => {}
        (Prepared::Article(article, _), _) if article.text.trim().is_empty() => {
            problems.push("has no text".into())
        }
        (Prepared::Article(article, _), Expect::Article)
            if !article.text.contains("ships were told to wait") =>
        {
            problems
                .push(format!("lost its text to {:?}", article.text.chars().take(80).collect::<String>()));
        }
        (Prepared::Article(..), _) => {}
        (Prepared::Rejected(reject), _) => problems.push(format!("was rejected: {}", reject.detail)),
        (Prepared::Repeat(_), _) => problems.push("was taken for a repeat".into()),
    }
    problems
}

/// One page at a time: the memory of others would be counted with it.
static ALONE: Mutex<()> = Mutex::new(());

/// The pipeline, ready to be measured.
fn pipeline(max_body_bytes: usize) -> Pipeline {
    let settings = Settings {
        decode: codec::Config { max_body_bytes, ..codec::Config::default() },
        ..Settings::default()
    };
    let pipeline = Pipeline::new(&settings);
    // Tables that are made when they are first needed are no page's own.
    for text in [PARAGRAPH, "Die Wahl.", "Выборы.", "選挙。", "انتخابات."] {
        prepare(&pipeline, "first", PLAIN, text.as_bytes().to_vec());
        prepare(&pipeline, "first", HTML, text.repeat(8).into_bytes());
    }
    pipeline
}

/// Takes a page through all stages; says what it took, and what is wrong with what became of it.
fn check(pipeline: &Pipeline, name: &str, content_type: &str, body: Vec<u8>, expect: Expect) -> Vec<String> {
    let size = body.len() as f64 / f64::from(1 << 20);
    let (prepared, taken) = prepare(pipeline, name, content_type, body);
    let (time, memory) = (taken.time.as_secs_f64(), taken.memory >> 20);
    println!("{time:6.3} s, {memory:3} MB beyond {size:4.1} MB: {name} ({content_type})");
    let found = problems(&prepared, expect, &taken);
    found.iter().map(|problem| format!("{name} ({content_type}) {problem}")).collect()
}

/// Takes pages of every shape through all stages.
fn check_shapes(content_type: &str, bytes: usize, size: impl Fn(&shapes::Shape) -> usize) {
    let _alone = ALONE.lock();
    let pipeline = pipeline(bytes);
    let mut wrong = Vec::new();
    for shape in shapes() {
        let page = shape.page(size(&shape), bytes).into_bytes();
        let expect = if content_type == HTML { shape.expect } else { Expect::Anything };
        wrong.extend(check(&pipeline, shape.name, content_type, page, expect));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// At the size that each is known by.
#[test]
fn no_page_stops_the_stream() {
    check_shapes(HTML, 64 << 20, |shape| shape.count);
}

/// At the largest size that is read: what holds there holds at any.
#[test]
fn no_markup_is_slow_at_the_largest_size() {
    check_shapes(HTML, codec::Config::default().max_body_bytes, |_| usize::MAX);
}

/// The same pages, said to be plain text.
#[test]
fn no_plain_text_is_slow_at_the_largest_size() {
    check_shapes(PLAIN, codec::Config::default().max_body_bytes, |_| usize::MAX);
}

#[test]
fn no_bytes_stop_the_stream() {
    let _alone = ALONE.lock();
    let pipeline = pipeline(codec::Config::default().max_body_bytes);
    let wrong: Vec<String> = encodings::pages()
        .into_iter()
        .flat_map(|(name, content_type, body, expect)| check(&pipeline, name, content_type, body, expect))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
