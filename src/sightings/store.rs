//! The records of what was seen, and the tables that lead to them.
//!
//! Two rows of records, in the order of the log:
//! - **seen**: every page, with its verdict. An origin that comes again gets the same verdict.
//! - **texts**: what later pages can match. An exact repeat of something young leaves none.
//!
//! Three tables lead to them: origins; body, text and URL hashes together; and the sketches' hashes.
//! Records are numbered from the oldest one that is left; when a day leaves the window, the numbers are
//! shifted and the tables swept. So whatever has left leaves no trace, and how common a hash is is
//! counted from what the table holds, not kept beside it.
//!
//! A cluster is named by the number of its first page. When that leaves before the others do, it becomes
//! an elder, of which only the id is kept.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use super::Indexed;
use super::changes::{Change, PageChange, TextChange};
use super::codec::origin_key;
use super::matching::Kept;
use super::table::{Deferred, Table};
use crate::record::{DuplicateKind, Hash128, Origin};
use crate::stages::deduplicate::{Config, Fingerprints};

mod restore;

const DAY_MS: i64 = 86_400_000;
/// Versions remembered under one URL.
const MAX_VERSIONS: usize = 8;
/// Marks a cluster whose first article has left the window: an index into `elders`.
const ELDER: u32 = 1 << 31;
const ALL: u32 = u32::MAX;

/// The records and their tables.
#[derive(Debug)]
pub(super) struct Store {
    window_days: i64,
    max_pages: u32,
    kept_hashes: u32,
    today: i64,
    segments: VecDeque<Segment>,
    /// Number of the next segment to begin.
    next_segment: u64,
    pub seen: VecDeque<Seen>,
    pub texts: VecDeque<Text>,
    elders: Vec<Elder>,
    elder_of: HashMap<Hash128, u32>,
    origins: Table,
    exact: Table,
    sketches: Table,
    /// Entries that wait, while a snapshot is read.
    deferred: Option<Filling>,
    /// What was done to the records since it was last taken, where somebody wants to know.
    pub changes: Option<Vec<u8>>,
    /// Pages that left before their window was over.
    pub forgotten_early: u64,
}

/// Entries of tables that nobody looks into while a snapshot is read.
#[derive(Debug, Default)]
struct Filling {
    origins: Deferred,
    sketches: Deferred,
}

/// The records of one day, or of a part of it.
#[derive(Debug, Clone, Copy)]
struct Segment {
    day: i64,
    seen: u32,
    texts: u32,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub id: Hash128,
    pub origin: u64,
    /// Number of the first page of its cluster, or an elder.
    pub cluster: u32,
    /// In thousandths.
    pub similarity: u16,
    pub kind: Option<DuplicateKind>,
    pub void: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    pub body: u64,
    pub numbers: u64,
    pub seen: u32,
    /// Texts that are strongly alike share a group, named after the text of its first.
    pub group: u32,
    pub shingles: u32,
    /// Highest hash kept, without its low 4 bits; `ALL` if none was left out.
    pub bound: u32,
    pub hashes: u8,
    pub keys: u8,
}

/// A cluster whose first article has left.
#[derive(Debug, Clone, Copy)]
struct Elder {
    id: Hash128,
    void: bool,
}

impl Store {
    pub fn new(config: &Config) -> Self {
        Self {
            window_days: i64::from(config.window_days),
            max_pages: config.max_pages,
            kept_hashes: config.kept_hashes,
            today: i64::MIN,
            segments: VecDeque::new(),
            next_segment: 0,
            seen: VecDeque::new(),
            texts: VecDeque::new(),
            elders: Vec::new(),
            elder_of: HashMap::new(),
            origins: Table::default(),
            exact: Table::default(),
            sketches: Table::default(),
            deferred: None,
            changes: None,
            forgotten_early: 0,
        }
    }

    pub fn bytes(&self) -> usize {
        self.origins.bytes()
            + self.exact.bytes()
            + self.sketches.bytes()
            + self.seen.capacity() * size_of::<Seen>()
            + self.texts.capacity() * size_of::<Text>()
            + self.elders.capacity() * (size_of::<Elder>() + size_of::<(Hash128, u32)>() + 1)
    }

    // --- looking up ---

    pub fn seen_of(&self, origin: &Origin) -> Option<u32> {
        let key = origin_key(origin);
        self.origins.numbers(key >> 24).filter(|n| self.seen[*n as usize].origin == key).min()
    }

    /// The text that a page left.
    pub fn text_of(&self, seen: u32, body: &Hash128, fingerprints: &Fingerprints) -> Option<u32> {
        let keys = [Some(body_key(body)), Some(text_key(fingerprints.text)), fingerprints.url.map(url_key)];
        let by_key = keys.into_iter().flatten().flat_map(|key| self.exact.numbers(key));
        let by_sketch = fingerprints.sketch.iter().flat_map(|hash| self.sketches.numbers(*hash));
        by_key.chain(by_sketch).find(|text| self.texts[*text as usize].seen == seen)
    }

    pub fn is_live(&self, text: u32) -> bool {
        self.is_live_page(self.texts[text as usize].seen)
    }

    /// Whether neither the page nor the first of its cluster was taken back.
    pub fn is_live_page(&self, seen: u32) -> bool {
        let seen = &self.seen[seen as usize];
        !seen.void && !self.is_void_cluster(seen.cluster)
    }

    pub fn is_void_cluster(&self, cluster: u32) -> bool {
        if cluster & ELDER != 0 {
            self.elders[(cluster ^ ELDER) as usize].void
        } else {
            self.seen[cluster as usize].void
        }
    }

    pub fn cluster_id(&self, cluster: u32) -> Hash128 {
        if cluster & ELDER != 0 {
            self.elders[(cluster ^ ELDER) as usize].id
        } else {
            self.seen[cluster as usize].id
        }
    }

    /// The first live text under a key, and whether the last of them is older than half the window.
    pub fn exact(&self, key: u64, is_it: impl Fn(&Text) -> bool) -> Option<(u32, bool)> {
        let (mut first, mut last) = (None, 0);
        for text in self.exact.numbers(key) {
            if is_it(&self.texts[text as usize]) && self.is_live(text) {
                first = Some(first.map_or(text, |first: u32| first.min(text)));
                last = last.max(text);
            }
        }
        first.map(|first| (first, self.is_stale(last)))
    }

    pub fn by_body(&self, body: &Hash128) -> Option<(u32, bool)> {
        let half = body_half(body);
        self.exact(body_key(body), |text| text.body == half && text.keys & Indexed::BODY != 0)
    }

    pub fn by_text(&self, fingerprints: &Fingerprints) -> Option<(u32, bool)> {
        let half = fingerprints.text.to_be_bytes();
        self.exact(text_key(fingerprints.text), |text| {
            text.keys & Indexed::TEXT != 0 && self.seen[text.seen as usize].id.0[..8] == half
        })
    }

    /// Whether a text is in the older half of what is remembered: by its day, or by its place where pages
    /// leave early.
    pub fn is_stale(&self, text: u32) -> bool {
        let at = self.segments.partition_point(|segment| segment.texts <= text);
        let day = at.checked_sub(1).map_or(self.today, |at| self.segments[at].day);
        let later = self.seen.len() as u32 - self.texts[text as usize].seen;
        2 * (self.today - day) > self.window_days || later > self.max_pages / 2
    }

    /// Live texts whose sketch holds this hash.
    pub fn holders(&self, hash: u64) -> impl Iterator<Item = u32> + '_ {
        self.sketches.numbers(hash).filter(|text| self.is_live(*text))
    }

    /// Live texts under a hash of a sketch: `most` at the most.
    pub fn run(&self, hash: u64, most: usize) -> usize {
        self.holders(hash).take(most).count()
    }

    /// Whether this text was put under this hash.
    pub fn holds(&self, hash: u64, text: u32) -> bool {
        self.sketches.numbers(hash).any(|number| number == text)
    }

    pub fn cluster(&self, text: u32) -> u32 {
        self.seen[self.texts[text as usize].seen as usize].cluster
    }

    /// Clusters of the live texts under this URL.
    pub fn versions(&self, url: u64) -> Vec<u32> {
        self.versions_in(&self.exact, url).map(|text| self.cluster(text)).collect()
    }

    fn versions_in<'a>(&'a self, exact: &'a Table, url: u64) -> impl Iterator<Item = u32> + 'a {
        let half = url.to_be_bytes();
        exact
            .numbers(url_key(url))
            .filter(move |text| self.seen[self.texts[*text as usize].seen as usize].id.0[8..] == half)
            .filter(|text| self.is_live(*text))
    }

    // --- adding ---

    /// Takes a page back.
    pub fn void(&mut self, origin: &Origin) {
        self.void_key(origin_key(origin));
    }

    fn void_key(&mut self, key: u64) {
        self.note(|| Change::Void(key));
        self.settle();
        for seen in self.origins.numbers(key >> 24) {
            if self.seen[seen as usize].origin == key {
                self.seen[seen as usize].void = true;
            }
        }
    }

    /// The record of a page that comes again. It is remembered anew each day, for the window counts from
    /// the last time: whoever reads a log whose head is gone knows no earlier time.
    pub fn seen_again(&mut self, origin: &Origin) -> Option<u32> {
        let key = origin_key(origin);
        let is_it = |seen: &u32| self.seen[*seen as usize].origin == key;
        let (first, last) = self.origins.numbers(key >> 24).filter(is_it).fold(None, |span, seen| {
            span.map_or(Some((seen, seen)), |(a, b): (u32, u32)| Some((a.min(seen), b.max(seen))))
        })?;
        if self.segments.back().is_some_and(|today| last < today.seen) {
            let number = self.seen.len() as u32;
            let seen = self.seen[last as usize];
            self.note_page(&seen);
            self.seen.push_back(seen);
            self.origins.insert(key >> 24, number, |_| false);
        }
        Some(first)
    }

    pub fn remember(
        &mut self,
        origin: &Origin,
        id: Hash128,
        cluster: Option<u32>,
        kind: Option<DuplicateKind>,
        similarity: f64,
    ) -> u32 {
        let origin = origin_key(origin);
        let similarity = (similarity * 1000.0).round() as u16;
        let number = self.push_seen(origin, id, cluster, kind, similarity);
        let seen = self.seen[number as usize];
        self.note_page(&seen);
        number
    }

    fn push_seen(
        &mut self,
        origin: u64,
        id: Hash128,
        cluster: Option<u32>,
        kind: Option<DuplicateKind>,
        similarity: u16,
    ) -> u32 {
        let number = self.seen.len() as u32;
        let cluster = cluster.unwrap_or(number);
        self.seen.push_back(Seen { id, origin, cluster, similarity, kind, void: false });
        match &mut self.deferred {
            Some(filling) => filling.origins.push(&mut self.origins, origin >> 24, number),
            None => self.origins.insert(origin >> 24, number, |_| false),
        }
        number
    }

    pub fn index(&mut self, origin: &Origin, fingerprints: &Fingerprints, seen: u32, indexed: Indexed) {
        let hashes = indexed.sketch.count_ones();
        let last = indexed.sketch.checked_ilog2().map_or(0, |bit| bit as usize);
        // All there are: the sketch is the whole text and nothing was left out after the last one.
        let all = fingerprints.shingles as usize <= fingerprints.sketch.len() && hashes < self.kept_hashes;
        let bound =
            if all { ALL } else { fingerprints.sketch.get(last).map_or(0, |hash| (hash >> 4) as u32) };
        let sketch = fingerprints.sketch.iter().enumerate();
        let text = TextChange {
            body: body_half(&origin.body),
            text: fingerprints.text,
            url: fingerprints.url.filter(|_| indexed.keys & Indexed::URL != 0),
            numbers: fingerprints.numbers,
            group: indexed.group,
            shingles: fingerprints.shingles,
            bound,
            keys: indexed.keys,
            sketch: sketch.filter(|(i, _)| indexed.sketch >> i & 1 == 1).map(|(_, hash)| *hash).collect(),
        };
        self.push_text(&text, seen);
        if let Some(changes) = &mut self.changes {
            text.encode(&self.seen[seen as usize].id, changes);
        }
    }

    fn push_text(&mut self, text: &TextChange, seen: u32) {
        let number = self.texts.len() as u32;
        self.texts.push_back(Text {
            body: text.body,
            numbers: text.numbers,
            seen,
            group: text.group,
            shingles: text.shingles,
            bound: text.bound,
            hashes: text.sketch.len() as u8,
            keys: text.keys,
        });
        let mut exact = std::mem::take(&mut self.exact);
        let dead = |text: u32| text != number && !self.is_live(text);
        if text.keys & Indexed::BODY != 0 {
            exact.insert(key_of_body(text.body), number, dead);
        }
        if text.keys & Indexed::TEXT != 0 {
            exact.insert(text_key(text.text), number, dead);
        }
        if let Some(url) = text.url {
            let versions: Vec<u32> = self.versions_in(&exact, url).collect();
            let oldest = (versions.len() >= MAX_VERSIONS).then(|| versions.iter().min().copied()).flatten();
            // One of the two: which of them comes first in the table says nothing.
            match oldest {
                Some(oldest) => exact.insert(url_key(url), number, |text| text == oldest),
                None => exact.insert(url_key(url), number, dead),
            }
        }
        self.exact = exact;
        if let Some(filling) = &mut self.deferred {
            text.sketch.iter().for_each(|hash| filling.sketches.push(&mut self.sketches, *hash, number));
            return;
        }
        let mut sketches = std::mem::take(&mut self.sketches);
        for hash in &text.sketch {
            sketches.insert(*hash, number, |text| text != number && !self.is_live(text));
        }
        self.sketches = sketches;
    }

    /// Puts a page down. All that is known of it: what is remembered anew outlives its first record.
    fn note_page(&mut self, seen: &Seen) {
        if self.changes.is_none() {
            return;
        }
        let Seen { origin, id, kind, similarity, .. } = *seen;
        let cluster = kind.map(|_| self.cluster_id(seen.cluster));
        self.note(|| Change::Page(PageChange { origin, id, kind, cluster, similarity }));
        if seen.void {
            self.note(|| Change::Void(origin));
        }
    }

    /// Puts a change down, where somebody wants to know.
    fn note(&mut self, change: impl FnOnce() -> Change) {
        if let Some(changes) = &mut self.changes {
            change().encode(changes);
        }
    }

    /// Number of a cluster by its id, which may have left or never been here.
    pub fn cluster_of(&mut self, id: &Hash128) -> u32 {
        let mut text = [0; 8];
        text.copy_from_slice(&id.0[..8]);
        let first = self
            .exact
            .numbers(text_key(u64::from_be_bytes(text)))
            .map(|text| self.texts[text as usize].seen)
            .filter(|seen| self.seen[*seen as usize].id == *id && self.seen[*seen as usize].cluster == *seen)
            .filter(|seen| !self.seen[*seen as usize].void)
            .min();
        first.unwrap_or_else(|| {
            let next = self.elders.len() as u32;
            let elder = *self.elder_of.entry(*id).or_insert(next);
            if elder == next {
                self.elders.push(Elder { id: *id, void: false });
            }
            ELDER | elder
        })
    }

    // --- time ---

    pub fn is_past(&self, then: i64, now: i64) -> bool {
        then.div_euclid(DAY_MS) < now.div_euclid(DAY_MS).saturating_sub(self.window_days)
    }

    pub fn advance(&mut self, millis: i64) {
        let day = millis.div_euclid(DAY_MS);
        if day <= self.today {
            return;
        }
        self.today = day;
        self.note(|| Change::Day(day));
        let oldest = self.today.saturating_sub(self.window_days);
        let gone = self.segments.iter().take_while(|segment| segment.day < oldest).count();
        if gone > 0 {
            self.forget(gone);
        }
    }

    /// A segment is a day, or an eighth of what may be remembered if a day has more.
    pub fn make_room(&mut self) {
        while self.seen.len() >= self.max_pages as usize && !self.segments.is_empty() {
            self.note_left();
            self.leave_early();
        }
        let full = (self.max_pages / 8).max(1);
        let seen = self.seen.len() as u32;
        let fits = self.segments.back().is_some_and(|last| last.day == self.today && seen - last.seen < full);
        if !fits {
            self.note(|| Change::Begun);
            self.begin_segment();
        }
    }

    fn begin_segment(&mut self) {
        let (seen, texts) = (self.seen.len() as u32, self.texts.len() as u32);
        self.segments.push_back(Segment { day: self.today, seen, texts });
        self.next_segment += 1;
    }

    fn leave_early(&mut self) {
        let second = self.segments.get(1).map_or(self.seen.len(), |segment| segment.seen as usize);
        self.forgotten_early += second as u64;
        self.forget(1);
    }

    fn note_left(&mut self) {
        let first = self.segments().start;
        self.note(|| Change::Left(first));
    }

    /// Numbers of the segments that are remembered.
    pub fn segments(&self) -> Range<u64> {
        self.next_segment - self.segments.len() as u64..self.next_segment
    }

    /// Drops the oldest segments.
    pub fn forget(&mut self, count: usize) {
        self.settle();
        let (seen_by, texts_by) =
            self.segments.get(count).map_or((self.seen.len() as u32, self.texts.len() as u32), |segment| {
                (segment.seen, segment.texts)
            });
        let mut elders: Vec<Elder> = Vec::new();
        let mut elder_of: HashMap<Hash128, u32> = HashMap::new();
        let mut moved: HashMap<u32, u32> = HashMap::new();
        for number in seen_by as usize..self.seen.len() {
            let cluster = self.seen[number].cluster;
            let cluster = if cluster & ELDER == 0 && cluster >= seen_by {
                cluster - seen_by
            } else {
                ELDER
                    | *moved.entry(cluster).or_insert_with(|| {
                        let elder =
                            Elder { id: self.cluster_id(cluster), void: self.is_void_cluster(cluster) };
                        elders.push(elder);
                        elder_of.insert(elder.id, elders.len() as u32 - 1);
                        elders.len() as u32 - 1
                    })
            };
            self.seen[number].cluster = cluster;
        }
        // Its own change is in a segment that leaves now.
        for elder in elders.iter().filter(|elder| elder.void) {
            self.note(|| Change::VoidElder(elder.id));
        }
        (self.elders, self.elder_of) = (elders, elder_of);
        self.seen.drain(..seen_by as usize);
        self.texts.drain(..texts_by as usize);
        self.texts.iter_mut().for_each(|text| text.seen -= seen_by);
        self.segments.drain(..count);
        for segment in &mut self.segments {
            segment.seen -= seen_by;
            segment.texts -= texts_by;
        }
        self.origins.shift(seen_by);
        self.exact.shift(texts_by);
        self.sketches.shift(texts_by);
    }
}

impl Text {
    pub fn kept(&self) -> Kept {
        let bound = if self.bound == ALL { u64::MAX } else { u64::from(self.bound) << 4 | 0xf };
        Kept { shingles: self.shingles, hashes: u32::from(self.hashes), bound, numbers: self.numbers }
    }
}

// Keys of the three kinds share a table; multiplying by another odd number for each keeps them apart.
fn body_key(body: &Hash128) -> u64 {
    key_of_body(body_half(body))
}

fn key_of_body(half: u64) -> u64 {
    half.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24
}

fn text_key(text: u64) -> u64 {
    text.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 24
}

fn url_key(url: u64) -> u64 {
    url.wrapping_mul(0xa076_1d64_78bd_642f) >> 24
}

fn body_half(body: &Hash128) -> u64 {
    let mut half = [0; 8];
    half.copy_from_slice(&body.0[..8]);
    u64::from_be_bytes(half)
}
