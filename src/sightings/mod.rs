//! The sightings log: its entries, the index made of them, and the verdict. Pure: the same for
//! Kafka and for files.
//!
//! A carrier (a Kafka topic, a local log) keeps the entries in one order and hands each to
//! [`Index::apply`] with its position and the log's time. The verdict of a sighting is a function
//! of the entries before it alone, so everybody who replays the log agrees.

use crate::record::{DuplicateKind, Hash128, Origin};
use crate::stages::deduplicate::{Config, Fingerprints};

/// "This page, with these fingerprints, was seen here."
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// The page.
    pub origin: Origin,
    /// Id of the page's text; of a `light` sighting the id that its bytes were seen under.
    pub id: Hash128,
    /// `None` for a light sighting: the bytes were found in the index, so nothing was prepared.
    pub fingerprints: Option<Fingerprints>,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// Settings that change verdicts; the first entry, and again whenever they change.
    Settings(Config),
    /// A page was seen.
    Sighting(Box<Sighting>),
    /// The verdict on a page, as its worker reached it.
    Judged(Origin, Verdict),
    /// A sighted page was rejected after all: from here on it matches nothing.
    Void(Origin),
}

impl Entry {
    /// Appends the entry's bytes to `out`.
    pub fn encode(&self, _out: &mut Vec<u8>) {}

    /// Reads an entry.
    ///
    /// # Errors
    /// Bytes that are no entry of a known format.
    pub fn decode(_bytes: &[u8]) -> Result<Self, String> {
        Err("not an entry".into())
    }
}

/// What the log says of a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// A new article, published under this id, the first of its cluster.
    New {
        /// Id of the article.
        id: Hash128,
    },
    /// A repeat.
    Repeat {
        /// Id of the page's own text.
        id: Hash128,
        /// How it repeats.
        kind: DuplicateKind,
        /// The article it repeats.
        of: Hash128,
        /// Cluster of that article.
        cluster: Hash128,
        /// Share of text in common, 0 to 1, rounded to 3 decimals.
        similarity: f64,
    },
    /// A light sighting whose bytes are not in the index after all: prepare the page and sight it again.
    Unknown,
}

/// What was seen within the window.
#[derive(Debug, Default)]
pub struct Index {}

impl Index {
    /// An empty index.
    pub fn new(_config: &Config) -> Self {
        Self {}
    }

    /// Applies the entry at `position` of the log; `millis` is the log's time of the entry
    /// (milliseconds since 1970; the index takes the largest seen so far as "now").
    /// Gives the verdict where the entry is a sighting.
    pub fn apply(&mut self, _position: u64, _millis: i64, entry: &Entry) -> Option<Verdict> {
        match entry {
            Entry::Sighting(s) => Some(Verdict::New { id: s.id }),
            _ => None,
        }
    }

    /// Id of the live article whose raw bytes have this hash, if the index knows one: a hint for the
    /// fast path, which the verdict confirms or not.
    pub fn knows_body(&self, _body: &Hash128) -> Option<Hash128> {
        None
    }
}
