//! How fast the sentence encoder is, one thread, by CPU time.
//!
//!     cargo bench --bench encoder -- news.jsonl.xz
//!
//! The file holds rows {text, title?, lang?}, possibly compressed. Rows of a language are put together to articles of at least 300 words (of
//! languages without blanks: 1,000 characters). The first half of them warms the memory of tokens, the second is timed: with the
//! first so many tokens of each article, on each path of the processor, with that memory and without.

// A bench that cannot go on ends, and says why.
#![allow(clippy::expect_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::time::Duration;

use newsmill::codec::open_stream;
use newsmill::models;
use newsmill::stages::classify_topics::encoder::simd::Path;
use newsmill::stages::classify_topics::encoder::{DEFAULT_KNOWN_TOKENS, Encoder, Scratch};
use rustix::time::{ClockId, clock_gettime};

/// Articles that are made at most.
const ARTICLES: usize = 2000;
const WORDS: usize = 300;
const CHARACTERS: usize = 1000;

struct Article {
    title: String,
    text: String,
}

fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

fn articles(file: &str) -> Vec<Article> {
    let reader =
        open_stream(BufReader::new(File::open(file).expect("the file can be read"))).expect("it can be read");
    let mut open: BTreeMap<String, Article> = BTreeMap::new();
    let mut done = Vec::new();
    for line in reader.lines() {
        let row: serde_json::Value = serde_json::from_str(&line.expect("a line")).expect("a row is JSON");
        let field = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let article = open
            .entry(field("lang"))
            .or_insert_with(|| Article { title: field("title"), text: String::new() });
        article.text.push_str(&field("text"));
        article.text.push('\n');
        let words = article.text.split_whitespace().count();
        let characters = article.text.chars().count();
        if words >= WORDS || (characters >= CHARACTERS && words * 20 < characters) {
            done.extend(open.remove(&field("lang")));
        }
        if done.len() == ARTICLES {
            break;
        }
    }
    assert!(done.len() >= 20, "{file} holds only {} articles", done.len());
    done
}

fn time(encoder: &Encoder, articles: &[Article], budget: usize) {
    let mut scratch = Scratch::default();
    let mut embed = |articles: &[Article]| -> usize {
        let tokens = articles
            .iter()
            .map(|a| encoder.embed(&mut scratch, &a.title, &a.text, budget).map_or(0, |e| e.read.tokens));
        tokens.sum()
    };
    let (warm, timed) = articles.split_at(articles.len() / 2);
    embed(warm);
    let start = cpu_time();
    let tokens = embed(timed);
    let seconds = (cpu_time() - start).as_secs_f64();
    println!(
        "  {budget:3} tokens at most: {:6.0} articles/s, {:7.0} tokens/s",
        timed.len() as f64 / seconds,
        tokens as f64 / seconds
    );
}

fn main() {
    let file = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let articles = articles(&file.expect("name a file of rows {text, title?, lang?}"));
    println!("{} articles, half of them timed", articles.len());
    let path = models::encoder_path("").expect("HOME is set");
    for known in [DEFAULT_KNOWN_TOKENS, 0] {
        for level in Path::all() {
            println!("{:?}, {known} tokens remembered", level.level());
            for budget in [60, 120, 220] {
                let encoder = models::open_encoder(&path).expect("the encoder is added");
                time(&encoder.with_path(level).with_known_tokens(known), &articles, budget);
            }
        }
    }
}
