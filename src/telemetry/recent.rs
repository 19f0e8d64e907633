//! The last pages, for whoever watches: a sample of the new articles and of the rejections, with their records as they
//! were read, so that each can be explained.
//!
//! It is bounded in number and in bytes, and costs nearly nothing: a page that is not taken into the sample costs
//! a look at a clock, and of those that are there are at most [`A_SECOND`] a second in the long run.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::record::{Article, Outcome, RawRecord, Reason, Reject, Source};

/// Articles, and rejections, that are kept.
pub const KEPT: usize = 50;
/// Articles, and rejections, taken in a second in the long run; after a rest as many as are kept may come at once.
pub const A_SECOND: u64 = 5;
/// Largest record that is kept for an explanation, in bytes.
pub const MAX_RECORD_BYTES: usize = 256 << 10;
/// Bytes of all records that are kept; the oldest give way.
pub const MAX_BYTES: usize = 8 << 20;

/// Longest text of a field, in characters.
const MAX_FIELD: usize = 300;
/// Topics that are named of an article.
const TOPICS: usize = 3;
/// Microseconds from one page of the sample to the next, in the long run.
const INTERVAL: u64 = 1_000_000 / A_SECOND;

/// A page of the sample.
#[derive(Debug, Clone, Serialize)]
pub struct Seen {
    /// Its number: later ones are larger.
    pub id: u64,
    /// When it was concluded, in milliseconds since 1970.
    pub at: u64,
    /// URL as given, or the page's id where none is known.
    pub name: String,
    /// Whether it can be explained: its record is still there.
    pub explained: bool,
    /// What else is known of it.
    #[serde(flatten)]
    pub what: What,
}

/// What became of a page.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum What {
    /// A new article.
    Article {
        /// Its headline.
        title: Option<String>,
        /// Its site.
        site: Option<String>,
        /// Code of its language.
        language: String,
        /// Names of its first topics.
        topics: Vec<String>,
    },
    /// A rejection.
    Reject {
        /// Its reason.
        reason: &'static str,
        /// Stage that refused it.
        stage: &'static str,
        /// What was wrong, in words.
        detail: String,
    },
}

/// Why a page's record is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// It is not, or no more, among the last pages.
    Unknown,
    /// It is larger than what is kept.
    TooLarge,
    /// It gave way to later ones.
    GaveWay,
    /// It stopped a worker: to go through it again would, too.
    Harmful,
}

#[derive(Debug)]
struct Kept {
    seen: Seen,
    raw: Result<Arc<RawRecord>, Gone>,
}

#[derive(Debug, Default)]
struct Rings {
    articles: VecDeque<Kept>,
    rejects: VecDeque<Kept>,
    last_id: u64,
    bytes: usize,
}

/// The sample. One thread adds to it, any may look.
#[derive(Debug)]
pub struct Recent {
    started: Instant,
    /// For articles and rejections, when the next one is due if all that came had come evenly, in microseconds.
    due: [AtomicU64; 2],
    rings: Mutex<Rings>,
}

impl Default for Recent {
    fn default() -> Self {
        Self { started: Instant::now(), due: Default::default(), rings: Mutex::default() }
    }
}

impl Recent {
    /// Takes a new article or a rejection into the sample, if it is its turn. `raw` gives the record, and is asked only
    /// then.
    pub fn offer(&self, outcome: &Outcome, raw: impl FnOnce() -> Arc<RawRecord>) {
        self.offer_at(u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX), outcome, raw);
    }

    /// The same at a time, in microseconds since the start.
    fn offer_at(&self, now: u64, outcome: &Outcome, raw: impl FnOnce() -> Arc<RawRecord>) {
        let due = match outcome {
            Outcome::Article(_) => &self.due[0],
            Outcome::Rejected(_) => &self.due[1],
            Outcome::Duplicate(_) => return,
        };
        if is_due(due, now) {
            self.keep(outcome, raw());
        }
    }

    fn keep(&self, outcome: &Outcome, raw: Arc<RawRecord>) {
        let (name, what, is_harmful) = match outcome {
            Outcome::Article(article) => (article.url.as_deref(), of_article(article), false),
            Outcome::Rejected(reject) => {
                let is_harmful = matches!(reject.reason, Reason::Timeout | Reason::Crashed);
                (reject.url.as_deref(), of_reject(reject), is_harmful)
            }
            Outcome::Duplicate(_) => return,
        };
        let name = cut(name.unwrap_or_else(|| outcome.page_id()));
        let size = bytes(&raw);
        let raw = match size {
            _ if is_harmful => Err(Gone::Harmful),
            size if size > MAX_RECORD_BYTES => Err(Gone::TooLarge),
            _ => Ok(raw),
        };
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let at = u64::try_from(at).unwrap_or(u64::MAX);
        let is_article = matches!(what, What::Article { .. });
        let mut rings = self.rings();
        rings.last_id += 1;
        let seen = Seen { id: rings.last_id, at, name, explained: raw.is_ok(), what };
        rings.add(is_article, Kept { seen, raw });
    }

    /// The articles and the rejections with a larger number than `after`, the latest first, and the largest number.
    pub fn since(&self, after: u64) -> (Vec<Seen>, Vec<Seen>, u64) {
        let rings = self.rings();
        let later = |ring: &VecDeque<Kept>| {
            let kept = ring.iter().rev().take_while(|kept| kept.seen.id > after);
            kept.map(|kept| kept.seen.clone()).collect()
        };
        (later(&rings.articles), later(&rings.rejects), rings.last_id)
    }

    /// The record of a page of the sample.
    ///
    /// # Errors
    /// It is not there.
    pub fn record(&self, id: u64) -> Result<Arc<RawRecord>, Gone> {
        let rings = self.rings();
        let found = rings.articles.iter().chain(&rings.rejects).find(|kept| kept.seen.id == id);
        found.ok_or(Gone::Unknown)?.raw.clone()
    }

    fn rings(&self) -> MutexGuard<'_, Rings> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rings {
    fn add(&mut self, is_article: bool, kept: Kept) {
        self.bytes += kept.raw.as_ref().map_or(0, |raw| bytes(raw));
        let ring = if is_article { &mut self.articles } else { &mut self.rejects };
        ring.push_back(kept);
        if ring.len() > KEPT
            && let Some(Kept { raw: Ok(raw), .. }) = ring.pop_front()
        {
            self.bytes -= bytes(&raw);
        }
        while self.bytes > MAX_BYTES {
            let all = self.articles.iter_mut().chain(&mut self.rejects);
            let Some(oldest) = all.filter(|kept| kept.raw.is_ok()).min_by_key(|kept| kept.seen.id) else {
                break;
            };
            if let Ok(raw) = std::mem::replace(&mut oldest.raw, Err(Gone::GaveWay)) {
                oldest.seen.explained = false;
                self.bytes -= bytes(&raw);
            }
        }
    }
}

/// Whether a page may come in at `now`: at most [`KEPT`] at once, and in the long run one every [`INTERVAL`]. This is the
/// generic cell rate algorithm of ITU-T I.371.
fn is_due(due: &AtomicU64, now: u64) -> bool {
    let planned = due.load(Ordering::Relaxed).max(now);
    if planned - now >= INTERVAL * KEPT as u64 {
        return false;
    }
    due.store(planned + INTERVAL, Ordering::Relaxed);
    true
}

fn of_article(article: &Article) -> What {
    What::Article {
        title: article.title.as_deref().map(cut),
        site: article.site.as_deref().map(cut),
        language: article.language.code.clone(),
        topics: article.topics.iter().take(TOPICS).map(|topic| topic.name.clone()).collect(),
    }
}

fn of_reject(reject: &Reject) -> What {
    What::Reject { reason: reject.reason.as_str(), stage: reject.stage, detail: cut(&reject.detail) }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_FIELD) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// What a record takes in memory.
fn bytes(raw: &RawRecord) -> usize {
    let source = match &raw.source {
        Source::Kafka { topic, .. } => topic.len(),
        Source::File { input, .. } => input.len(),
    };
    let headers = raw.headers.iter().map(|(key, value)| key.capacity() + value.capacity());
    raw.value.capacity() + raw.key.as_ref().map_or(0, Vec::capacity) + headers.sum::<usize>() + source
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(size: usize) -> Arc<RawRecord> {
        let source = Source::File { input: "a".into(), line: 1 };
        Arc::new(RawRecord { source, key: None, value: vec![0; size], headers: Vec::new() })
    }

    fn article(title: &str) -> Outcome {
        Outcome::Article(Box::new(Article {
            schema: Article::SCHEMA.to_owned(),
            id: Default::default(),
            parent: None,
            page_id: "page".to_owned(),
            url: None,
            canonical_url: None,
            site: None,
            fetched_at: None,
            published_at: None,
            modified_at: None,
            title: Some(title.to_owned()),
            section: None,
            authors: Vec::new(),
            organizations: Vec::new(),
            agency: None,
            dateline: None,
            image: None,
            description: None,
            paywalled: None,
            language: Default::default(),
            topics: Vec::new(),
            text: "text".to_owned(),
            truncated: false,
            word_count: 1,
            stories: Vec::new(),
            story_records: Vec::new(),
            repeats: None,
            extra: None,
            cluster: Default::default(),
            source: Source::File { input: "a".into(), line: 1 },
        }))
    }

    fn reject(reason: Reason) -> Outcome {
        Outcome::Rejected(Box::new(Reject {
            page_id: "page".to_owned(),
            url: Some("https://a.example/".to_owned()),
            reason,
            stage: "decode",
            detail: "x".repeat(1000),
            source: Source::File { input: "a".into(), line: 1 },
            body: Vec::new(),
        }))
    }

    #[test]
    fn the_last_ones_are_kept_and_no_more() {
        let recent = Recent::default();
        for n in 1..=60 {
            recent.keep(&article(&n.to_string()), raw(10));
        }
        recent.keep(&reject(Reason::Empty), raw(10));
        let (articles, rejects, last) = recent.since(0);
        assert_eq!((articles.len(), rejects.len(), last), (KEPT, 1, 61));
        assert!(matches!(&articles[0].what, What::Article { title: Some(title), .. } if title == "60"));
        assert_eq!(articles[0].name, "page", "without a URL it is known by its id");
        assert!(matches!(&rejects[0].what, What::Reject { detail, .. } if detail.chars().count() == 301));
        assert_eq!(recent.since(58).0.len(), 2);
        assert_eq!(recent.record(10).unwrap_err(), Gone::Unknown);
        assert_eq!(recent.record(61).unwrap().value.len(), 10);
        assert_eq!(recent.rings().bytes, 51 * bytes(&raw(10)));
    }

    #[test]
    fn records_are_bounded_one_by_one_and_together() {
        let recent = Recent::default();
        recent.keep(&article("large"), raw(MAX_RECORD_BYTES + 1));
        assert_eq!(recent.record(1).unwrap_err(), Gone::TooLarge);
        assert!(!recent.since(0).0[0].explained);
        for _ in 0..45 {
            recent.keep(&article("fits"), raw(200 << 10));
            recent.keep(&reject(Reason::Empty), raw(200 << 10));
        }
        assert!(recent.rings().bytes <= MAX_BYTES);
        assert_eq!(recent.record(2).unwrap_err(), Gone::GaveWay);
        assert!(!recent.since(0).0.last().unwrap().explained);
        let there = (0..=91).filter(|id| recent.record(*id).is_ok()).count();
        assert_eq!(there, MAX_BYTES / bytes(&raw(200 << 10)), "no more give way than have to");
    }

    #[test]
    fn what_stopped_a_worker_is_not_gone_through_again() {
        let recent = Recent::default();
        recent.keep(&reject(Reason::Timeout), raw(10));
        assert_eq!(recent.record(1).unwrap_err(), Gone::Harmful);
    }

    #[test]
    fn five_a_second_in_the_long_run() {
        let due = AtomicU64::new(0);
        let taken = |from: u64, seconds: u64| {
            (0..seconds * 1000).filter(|ms| is_due(&due, (from * 1000 + ms) * 1000)).count() as u64
        };
        let first = taken(0, 100);
        assert!((first as i64 - (KEPT as u64 + 100 * A_SECOND) as i64).abs() <= 1, "{first}");
        assert!(taken(100, 10).abs_diff(10 * A_SECOND) <= 1);
        assert!(taken(200, 1) >= KEPT as u64, "after a rest many may come at once");
    }

    #[test]
    fn a_duplicate_is_no_news_and_a_page_out_of_turn_is_not_asked_for() {
        let recent = Recent::default();
        for _ in 0..KEPT {
            recent.offer_at(0, &article("in turn"), || raw(1));
        }
        recent.offer_at(0, &article("out of turn"), || panic!("asked"));
        recent.offer_at(0, &reject(Reason::Empty), || raw(1));
        assert_eq!(recent.since(0).2, KEPT as u64 + 1);
    }
}
