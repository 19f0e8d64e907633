//! Rebuilding the index from the log: logged verdicts are applied, missing ones computed.
//!
//! A verdict stands in the log a little after its sighting (within the window, at any rate). So
//! sightings wait here, in order, until their verdict comes by; one whose verdict has not come within
//! [`MAX_AHEAD`] entries, or by the end of the log, is judged by what the index knows. The result is the
//! same however the log is cut into batches: all that is asked of a caller is to hand over every entry
//! once, in order.

use std::collections::{HashMap, VecDeque};

use super::codec::origin_key;
use super::{At, Entry, Index, Judged, Sighting, Verdict};
use crate::record::DuplicateKind;

/// Entries that may wait for a verdict: at 700 bytes each, some 40 MB.
pub const MAX_AHEAD: usize = 50_000;

/// An index being rebuilt.
#[derive(Debug)]
pub struct Replay {
    index: Index,
    waiting: VecDeque<(At, Entry)>,
    /// Sightings waiting and the first verdict logged, by origin.
    pages: HashMap<u64, Page>,
    /// The log's time: the largest so far.
    now: i64,
    max_ahead: usize,
}

#[derive(Debug, Default)]
struct Page {
    waiting: usize,
    judged: Option<Box<Judged>>,
}

impl Replay {
    /// Goes on from an index: an empty one, or a snapshot.
    pub fn new(index: Index) -> Self {
        Self::with_max_ahead(index, MAX_AHEAD)
    }

    fn with_max_ahead(index: Index, max_ahead: usize) -> Self {
        Self { index, waiting: VecDeque::new(), pages: HashMap::new(), now: i64::MIN, max_ahead }
    }

    /// Takes the next entry of the log. `applied` is called after each entry that this settles, in the order of
    /// the log, with the verdict where it is a sighting.
    pub fn push(&mut self, at: At, entry: Entry, mut applied: impl FnMut(&mut Index, At, Option<Verdict>)) {
        self.now = self.now.max(at.millis);
        // Past the window a page may be seen and judged anew: that verdict is another one.
        while self.front_is_past() {
            self.apply_front(&mut applied);
        }
        match &entry {
            Entry::Sighting(sighting) => {
                self.pages.entry(origin_key(&sighting.origin)).or_default().waiting += 1;
            }
            Entry::Judged(judged) => {
                if let Some(page) = self.pages.get_mut(&origin_key(&judged.origin)) {
                    page.judged.get_or_insert_with(|| judged.clone());
                }
            }
            Entry::Void(_) | Entry::Settings(_) => {}
        }
        self.waiting.push_back((At { millis: self.now, ..at }, entry));
        while self.front_is_settled() || self.waiting.len() > self.max_ahead {
            self.apply_front(&mut applied);
        }
    }

    /// The end of the log: judges what is left, and gives the index.
    pub fn finish(mut self, mut applied: impl FnMut(&mut Index, At, Option<Verdict>)) -> Index {
        while !self.waiting.is_empty() {
            self.apply_front(&mut applied);
        }
        self.index
    }

    fn front_is_past(&self) -> bool {
        self.waiting.front().is_some_and(|(at, _)| self.index.is_past(at.millis, self.now))
    }

    fn front_is_settled(&mut self) -> bool {
        match self.waiting.front() {
            None => false,
            Some((at, Entry::Sighting(sighting))) => {
                let judged =
                    self.pages.get(&origin_key(&sighting.origin)).is_some_and(|page| page.judged.is_some());
                // What is known of it may have left by the time of this sighting.
                self.index.store.advance(at.millis);
                judged || self.index.knows_origin(&sighting.origin)
            }
            Some(_) => true,
        }
    }

    fn apply_front(&mut self, applied: &mut impl FnMut(&mut Index, At, Option<Verdict>)) {
        let Some((at, entry)) = self.waiting.pop_front() else { return };
        let Entry::Sighting(sighting) = &entry else {
            self.index.apply(at, &entry);
            applied(&mut self.index, at, None);
            return;
        };
        let key = origin_key(&sighting.origin);
        let page = self.pages.entry(key).or_default();
        page.waiting = page.waiting.saturating_sub(1);
        // A verdict is used once; if the page comes again, the index knows what was said of it. What is not
        // on this sighting is on a later one: a light sighting whose page was sighted again in full.
        let of_another = page.judged.as_ref().is_some_and(|judged| !is_of(judged, sighting));
        let judged = if of_another { None } else { page.judged.take() };
        if page.waiting == 0 {
            self.pages.remove(&key);
        }
        let verdict = match judged {
            Some(judged) => self.index.apply_judged(at, sighting, &judged),
            None if of_another && !self.index.knows_origin(&sighting.origin) => {
                self.index.pass_over(at);
                Verdict::Unknown
            }
            None => self.index.apply(at, &entry).unwrap_or(Verdict::Unknown),
        };
        applied(&mut self.index, at, Some(verdict));
    }
}

/// Whether a verdict on a page can be the one on this sighting of it. A light sighting can only be
/// found to be an exact repeat that leaves nothing in the index.
fn is_of(judged: &Judged, sighting: &Sighting) -> bool {
    let exact = matches!(judged.verdict, Verdict::Repeat(repeat) if repeat.kind == DuplicateKind::Exact);
    sighting.fingerprints.is_some() || (exact && judged.indexed.is_nothing())
}
