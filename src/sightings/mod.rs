//! The sightings log: its entries, the index made of them, and the verdict. Pure: the same for
//! Kafka and for files.
//!
//! A carrier (a Kafka topic, a local log) keeps the entries in one order and hands each to
//! [`Index::apply`] with its position and the log's time. The verdict of a sighting is a function
//! of the entries before it alone, so everybody who replays the log agrees.
//!
//! The way of a page:
//! 1. Its body's hash is looked up ([`Index::knows_body`]). Known: a light sighting, no extraction.
//!    Else it is prepared and a full sighting carries its fingerprints.
//! 2. The sighting is appended, and [`Index::apply`] gives the verdict when it comes by.
//!    [`Verdict::Unknown`] of a light one means: prepare the page and sight it in full.
//! 3. [`Index::judged`] makes the entry that puts the verdict into the log.
//! 4. [`Entry::Void`] takes a page back that could not be published.
//!
//! A log that is read from its beginning (or from where retention has cut it) goes through
//! [`Replay`], which applies logged verdicts instead of computing them again.

mod changes;
mod codec;
mod index;
mod matching;
mod nearest;
mod replay;
mod rows;
mod settings;
mod signature;
mod store;
mod stories;
mod table;

pub use index::{Index, Restore};
pub use nearest::{Held, Neighbour};
pub use replay::Replay;
pub use settings::{Settings, VERDICT_VERSION};

use crate::record::{Contained, DuplicateKind, Hash128, Origin};
pub use crate::stages::deduplicate::{Config, Fingerprints};

/// "This page, with these fingerprints, was seen here."
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// The page.
    pub origin: Origin,
    /// Id of the page's text, [`Fingerprints::id`]; of a light sighting the id that its bytes were
    /// seen under.
    pub id: Hash128,
    /// `None` for a light sighting: the bytes were found in the index, so nothing was prepared.
    pub fingerprints: Option<Fingerprints>,
    /// Those of the page's stories, in page order, [`MAX_STORIES`] at the most.
    pub stories: Vec<Fingerprints>,
}

/// Stories of a page that are sighted with it: at some 300 bytes each in the log.
pub const MAX_STORIES: usize = 16;

impl Sighting {
    /// The sighting of a prepared page.
    pub fn full(origin: Origin, fingerprints: Fingerprints) -> Self {
        Self { origin, id: fingerprints.id(), fingerprints: Some(fingerprints), stories: Vec::new() }
    }

    /// The same with the page's stories, of which the first [`MAX_STORIES`] count.
    #[must_use]
    pub fn with_stories(mut self, stories: impl IntoIterator<Item = Fingerprints>) -> Self {
        self.stories = stories.into_iter().take(MAX_STORIES).collect();
        self
    }

    /// The sighting of a page whose bytes are known under `id`.
    pub fn light(origin: Origin, id: Hash128) -> Self {
        Self { origin, id, fingerprints: None, stories: Vec::new() }
    }
}

/// Where an entry stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// Its position. Positions only have to rise: earlier entries win where two articles match equally well.
    pub position: u64,
    /// The log's time of it, in milliseconds since 1970.
    pub millis: i64,
    /// A hash of its bytes, for carriers that have to know a log again; else 0.
    pub check: u64,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// Settings that change verdicts; the first entry, and again whenever they change.
    Settings(Settings),
    /// A page was seen.
    Sighting(Box<Sighting>),
    /// The verdict on a page, as its worker reached it.
    Judged(Box<Judged>),
    /// A sighted page was rejected after all: from here on it matches nothing, and neither does the
    /// cluster that began with it.
    Void(Origin),
}

/// A verdict that was reached, and what of the page went into the index.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The page.
    pub origin: Origin,
    /// What was said of it.
    pub verdict: Verdict,
    /// What later pages can match. It depends on the log before, so a rebuild needs to be told.
    pub indexed: Indexed,
    /// The same of its stories: all that were sighted, or none where the page is an exact repeat.
    pub stories: Vec<JudgedStory>,
}

/// What was said of a story, and what of it went into the index.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedStory {
    /// [`Verdict::New`] or [`Verdict::Repeat`].
    pub verdict: Verdict,
    /// What later stories can match.
    pub indexed: Indexed,
}

/// What of a page is in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Indexed {
    /// [`Indexed::BODY`], [`Indexed::TEXT`], [`Indexed::URL`].
    pub keys: u8,
    /// Name of the group of strongly alike texts it belongs to.
    pub group: u32,
    /// One bit for each hash of the sketch, lowest first.
    pub sketch: u128,
}

impl Indexed {
    /// The hash of the raw body.
    pub const BODY: u8 = 1;
    /// The hash of the text.
    pub const TEXT: u8 = 2;
    /// The hash of the canonical URL.
    pub const URL: u8 = 4;

    /// Whether the page left nothing in the index but its origin.
    pub fn is_nothing(self) -> bool {
        self.keys == 0 && self.sketch == 0
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
    Repeat(Repeat),
    /// A light sighting whose bytes are not in the index after all (or were seen so long ago that
    /// the page should be indexed anew): prepare the page and sight it again.
    Unknown,
}

/// How a page repeats another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeat {
    /// Id of the page's own text.
    pub id: Hash128,
    /// How it repeats.
    pub kind: DuplicateKind,
    /// The article it repeats.
    pub of: Hash128,
    /// Cluster of that article.
    pub cluster: Hash128,
    /// Share of text in common, 0 to 1, rounded to 3 decimals.
    pub similarity: f64,
    /// Which stands within the other, where only one does.
    pub contained: Option<Contained>,
}

/// How much a page is like what it repeats, as the index keeps it: similarity in thousandths, 10 bits, and what is
/// contained, 2 bits at [`CONTAINED_BIT`].
fn likeness(similarity: f64, contained: Option<Contained>) -> u16 {
    let contained = match contained {
        None => 0,
        Some(Contained::Page) => 1,
        Some(Contained::Article) => 2,
    };
    (similarity * 1000.0).round() as u16 | contained << CONTAINED_BIT
}

/// Similarity, and what is contained, that [`likeness`] was made of.
fn of_likeness(likeness: u16) -> (f64, Option<Contained>) {
    let contained = match likeness >> CONTAINED_BIT {
        1 => Some(Contained::Page),
        2 => Some(Contained::Article),
        _ => None,
    };
    (f64::from(likeness & ((1 << CONTAINED_BIT) - 1)) / 1000.0, contained)
}

const CONTAINED_BIT: u16 = 14;

#[cfg(test)]
mod tests;
