//! The records of what was seen, and the tables that lead to them.
//!
//! Two rows of records, in the order of the log:
//! - **seen**: every page, with its verdict. An origin that comes again gets the same verdict.
//! - **texts**: what later pages can match. An exact repeat of something young leaves none.
//!
//! Three tables lead to them: origins; body, text and URL hashes together; and the lowest hashes of each sketch. The
//! other hashes that are kept of a sketch are only compared, so a signature of a byte each does.
//!
//! Records are numbered from the oldest one that is left; when a day leaves the window, the numbers are shifted and
//! the tables swept. So whatever has left leaves no trace, and how common a hash is is counted from what is there.
//!
//! With 40 hashes, 8 of them keys, an article takes 148 bytes: 26 for the page, 24 for the text, 33 for the signature,
//! and 65 for twelve slots of tables.
//!
//! A story of a page has the same records, a *seen* right behind the page's and a *text* where it is indexed, and tables
//! of its own: no page is ever found to be like one, so pages have the verdicts that they had without.
//!
//! A cluster is named by the number of its first page. When that leaves before the others do, it becomes
//! an elder, of which only the id is kept.

use std::collections::{HashMap, VecDeque};

use super::Indexed;
use super::changes::{ALL, Change, PageChange, TextChange};
use super::codec::origin_key;
use super::rows::Rows;
use super::signature::{self, Short};
use super::table::{Deferred, Table};
use crate::record::{DuplicateKind, Hash128, Origin};
use crate::stages::deduplicate::{Config, Fingerprints};

mod records;
mod restore;
mod segments;
mod stories;

pub(super) use records::Text;
use records::{
    HAS_GAPS, HAS_GROUP, Seen, VOID, body_half, body_key, body_product, bound_of, gaps_of, key_of, mask_of,
    origin_half, own_group, sketch_key, text_key, url_key,
};

const DAY_MS: i64 = 86_400_000;
/// Versions remembered under one URL.
const MAX_VERSIONS: usize = 8;
/// Marks a cluster whose first article has left the window: an index into `elders`.
const ELDER: u32 = 1 << 31;
/// The records and their tables.
#[derive(Debug)]
pub(super) struct Store {
    window_days: i64,
    max_pages: u32,
    kept_hashes: u32,
    key_hashes: usize,
    today: i64,
    segments: VecDeque<Segment>,
    /// Number of the next segment to begin.
    next_segment: u64,
    pub seen: Rows<Seen>,
    pub texts: Rows<Text>,
    /// Ids of clusters whose first article has left.
    elders: Vec<Hash128>,
    elder_of: HashMap<Hash128, u32>,
    /// Whether any page that is left was taken back: mostly none was, and nothing has to be looked at.
    any_void: bool,
    origins: Table,
    pages: Lookup,
    stories: Lookup,
    /// Entries that wait, while a snapshot is read.
    deferred: Option<Filling>,
    /// What was done to the records since it was last taken, where somebody wants to know.
    pub changes: Option<Vec<u8>>,
    /// Pages that left before their window was over.
    pub forgotten_early: u64,
}

/// What can be looked up: main texts of pages, or their stories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Pages,
    Stories,
}

/// The tables that lead to texts.
#[derive(Debug, Default)]
struct Lookup {
    /// By hashes of body, text and URL.
    exact: Table,
    /// By the lowest hashes of each sketch.
    sketches: Table,
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

impl Store {
    pub fn new(config: &Config) -> Self {
        Self {
            window_days: i64::from(config.window_days),
            max_pages: config.max_pages,
            kept_hashes: config.kept_hashes,
            key_hashes: config.key_hashes as usize,
            today: i64::MIN,
            segments: VecDeque::new(),
            next_segment: 0,
            seen: Rows::default(),
            texts: Rows::default(),
            elders: Vec::new(),
            elder_of: HashMap::new(),
            any_void: false,
            origins: Table::default(),
            pages: Lookup::default(),
            stories: Lookup::default(),
            deferred: None,
            changes: None,
            forgotten_early: 0,
        }
    }

    pub fn bytes(&self) -> usize {
        self.origins.bytes()
            + [&self.pages, &self.stories].map(|l| l.exact.bytes() + l.sketches.bytes()).iter().sum::<usize>()
            + self.seen.bytes()
            + self.texts.bytes()
            + self.elders.capacity() * (size_of::<Hash128>() + size_of::<(Hash128, u32)>() + 1)
    }

    // --- looking up ---

    fn of(&self, side: Side) -> &Lookup {
        match side {
            Side::Pages => &self.pages,
            Side::Stories => &self.stories,
        }
    }

    fn side_of(&self, seen: u32) -> Side {
        if self.seen[seen as usize].is_story() { Side::Stories } else { Side::Pages }
    }

    pub fn seen_of(&self, origin: &Origin) -> Option<u32> {
        let key = origin_key(origin);
        self.sightings(key).min()
    }

    /// Records of the page with this hash of its origin.
    fn sightings(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        let is_it = move |seen: &u32| self.seen[*seen as usize].origin == key as u32;
        self.origins.numbers(origin_half(key)).filter(is_it)
    }

    /// The text that a page or a story left.
    pub fn text_of(&self, seen: u32, body: &Hash128, fingerprints: &Fingerprints) -> Option<u32> {
        let lookup = self.of(self.side_of(seen));
        let keys = [Some(body_key(body)), Some(text_key(fingerprints.text)), fingerprints.url.map(url_key)];
        let by_key = keys.into_iter().flatten().flat_map(|key| lookup.exact.numbers(key));
        let by_sketch =
            fingerprints.sketch.iter().flat_map(|hash| lookup.sketches.numbers(sketch_key(*hash)));
        by_key.chain(by_sketch).find(|text| self.texts[*text as usize].seen == seen)
    }

    pub fn is_live(&self, text: u32) -> bool {
        !self.any_void || self.is_live_page(self.texts[text as usize].seen)
    }

    /// Whether neither the page nor the first of its cluster was taken back.
    pub fn is_live_page(&self, seen: u32) -> bool {
        if !self.any_void {
            return true;
        }
        let seen = &self.seen[seen as usize];
        !seen.is_void() && !self.is_void_cluster(seen.cluster)
    }

    pub fn is_void_cluster(&self, cluster: u32) -> bool {
        cluster & ELDER == 0 && self.seen[cluster as usize].is_void()
    }

    pub fn cluster_id(&self, cluster: u32) -> Hash128 {
        if cluster & ELDER != 0 {
            self.elders[(cluster ^ ELDER) as usize]
        } else {
            self.seen[cluster as usize].id
        }
    }

    /// The first live text under a key, and whether the last of them is older than half the window.
    fn exact(&self, side: Side, key: u32, is_it: impl Fn(&Text) -> bool) -> Option<(u32, bool)> {
        let (mut first, mut last) = (None, 0);
        for text in self.of(side).exact.numbers(key) {
            if is_it(&self.texts[text as usize]) && self.is_live(text) {
                first = Some(first.map_or(text, |first: u32| first.min(text)));
                last = last.max(text);
            }
        }
        first.map(|first| (first, self.is_stale(last)))
    }

    pub fn by_body(&self, body: &Hash128) -> Option<(u32, bool)> {
        let (key, rest) = (body_key(body), body_product(body_half(body)) as u32);
        self.exact(Side::Pages, key, |text| text.body == rest && text.keys & Indexed::BODY != 0)
    }

    /// The first live text with these words, of those whose cluster is not one of `but`.
    pub fn by_text(&self, side: Side, fingerprints: &Fingerprints, but: &[Hash128]) -> Option<(u32, bool)> {
        let half = fingerprints.text.to_be_bytes();
        self.exact(side, text_key(fingerprints.text), |text| {
            let seen = &self.seen[text.seen as usize];
            let is_it = text.keys & Indexed::TEXT != 0 && seen.id.0[..8] == half;
            is_it && (but.is_empty() || !but.contains(&self.cluster_id(seen.cluster)))
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

    /// Fetches what [`Store::found_by`] is going to look at.
    pub fn fetch(&self, side: Side, sketch: &[u64]) {
        let bytes = sketch.iter().map(|hash| self.of(side).sketches.touch(sketch_key(*hash)));
        std::hint::black_box(bytes.fold(0, |all, byte| all ^ byte));
    }

    /// Fetches what [`Store::held`] and [`Store::group`] are going to look at: first the rows, then what they lead to.
    pub fn fetch_texts(&self, texts: impl Iterator<Item = u32> + Clone) {
        let rows = texts.clone().map(|text| self.texts[text as usize].hashes);
        std::hint::black_box(rows.fold(0, |all, byte| all ^ byte));
        let behind = texts.map(|text| {
            let row = &self.texts[text as usize];
            let byte = self.texts.bytes_of(text as usize).get(usize::from(row.at)).copied().unwrap_or(0);
            byte ^ self.seen[row.seen as usize].id.0[0]
        });
        std::hint::black_box(behind.fold(0, |all, byte| all ^ byte));
    }

    /// Live texts that can be found by this hash of a sketch.
    pub fn found_by(&self, side: Side, hash: u64) -> impl Iterator<Item = u32> + '_ {
        self.of(side).sketches.numbers(sketch_key(hash)).filter(|text| self.is_live(*text))
    }

    /// Which hashes of a page's sketch a text holds, one bit each, besides those that it can be found by.
    pub fn held(&self, text: u32, sketch: &[u64]) -> u128 {
        let row = &self.texts[text as usize];
        let bytes = self.texts.bytes_of(text as usize);
        let at = row.at_gaps();
        let at = at + if row.keys & HAS_GAPS == 0 { 0 } else { 1 + usize::from(bytes[at]) };
        signature::held(
            &bytes[at..],
            usize::from(row.hashes).saturating_sub(self.key_hashes),
            bound_of(row.bound),
            sketch,
        )
    }

    /// The group a text belongs to.
    pub fn group(&self, text: u32) -> u32 {
        let row = &self.texts[text as usize];
        if row.keys & HAS_GROUP == 0 {
            return own_group(&self.seen[row.seen as usize].id);
        }
        let mut group = [0; 4];
        let at = usize::from(row.at);
        group.copy_from_slice(&self.texts.bytes_of(text as usize)[at..at + 4]);
        u32::from_le_bytes(group)
    }

    /// What of a text is indexed.
    pub fn indexed(&self, text: u32) -> Indexed {
        let row = &self.texts[text as usize];
        let bytes = &self.texts.bytes_of(text as usize)[row.at_gaps()..];
        let gaps = if row.keys & HAS_GAPS == 0 { &[][..] } else { &bytes[1..=usize::from(bytes[0])] };
        let sketch = mask_of(row.hashes, gaps);
        Indexed { keys: row.keys & !(HAS_GROUP | HAS_GAPS), group: self.group(text), sketch }
    }

    pub fn cluster(&self, text: u32) -> u32 {
        self.seen[self.texts[text as usize].seen as usize].cluster
    }

    /// Clusters of the live texts under this URL.
    pub fn versions(&self, url: u64) -> Vec<u32> {
        self.versions_in(&self.pages.exact, url).map(|text| self.cluster(text)).collect()
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
        let all: Vec<u32> = self.sightings(key).collect();
        for seen in all {
            for number in std::iter::once(seen).chain(self.stories_of(seen)) {
                self.seen[number as usize].marks |= VOID;
            }
            self.any_void = true;
        }
    }

    /// The record of a page that comes again. It is remembered anew each day, for the window counts from
    /// the last time: whoever reads a log whose head is gone knows no earlier time.
    pub fn seen_again(&mut self, origin: &Origin) -> Option<u32> {
        let key = origin_key(origin);
        let (first, last) = self.sightings(key).fold(None, |span, seen| {
            span.map_or(Some((seen, seen)), |(a, b): (u32, u32)| Some((a.min(seen), b.max(seen))))
        })?;
        if self.segments.back().is_some_and(|today| last < today.seen) {
            let number = self.seen.len() as u32;
            let seen = self.seen[last as usize];
            self.note_page(key, &seen);
            self.seen.push(seen);
            self.origins.insert(origin_half(key), number, |_| false);
            self.stories_seen_again(last);
        }
        Some(first)
    }

    /// Remembers a page: if it repeats another its cluster, the kind, and how much it is alike (see [`super::likeness`]).
    pub fn remember(
        &mut self,
        origin: &Origin,
        id: Hash128,
        repeat: Option<(u32, DuplicateKind, u16)>,
    ) -> u32 {
        let origin = origin_key(origin);
        let number = self.push_seen(origin, id, repeat);
        let seen = self.seen[number as usize];
        self.note_page(origin, &seen);
        number
    }

    fn push_seen(&mut self, origin: u64, id: Hash128, repeat: Option<(u32, DuplicateKind, u16)>) -> u32 {
        let number = self.seen.len() as u32;
        self.seen.push(Seen::new(origin, id, number, repeat));
        match &mut self.deferred {
            Some(filling) => filling.origins.push(&mut self.origins, origin_half(origin), number),
            None => self.origins.insert(origin_half(origin), number, |_| false),
        }
        number
    }

    pub fn index(&mut self, origin: &Origin, fingerprints: &Fingerprints, seen: u32, indexed: Indexed) {
        let hashes = indexed.sketch.count_ones() as u8;
        // All there are: the sketch is the whole text and nothing was left out after the last one.
        let all = fingerprints.shingles as usize <= fingerprints.sketch.len()
            && u32::from(hashes) < self.kept_hashes;
        let is_chosen = |(i, _): &(usize, &u64)| indexed.sketch >> i & 1 == 1;
        let mut chosen = Vec::with_capacity(usize::from(hashes));
        chosen.extend(fingerprints.sketch.iter().enumerate().filter(is_chosen).map(|(_, hash)| *hash));
        let bound = if all { ALL } else { chosen.last().map_or(Short(0), |last| Short::up(*last)) };
        let mut signature = Vec::with_capacity(chosen.len() + 8);
        let signed = chosen.get(self.key_hashes..).unwrap_or_default();
        signature::put(signed, bound_of(bound), &mut signature);
        chosen.truncate(self.key_hashes);
        let text = TextChange {
            body: body_half(&origin.body),
            text: fingerprints.text,
            url: fingerprints.url.filter(|_| indexed.keys & Indexed::URL != 0),
            numbers: fingerprints.numbers,
            group: indexed.group,
            shingles: Short::up(fingerprints.shingles.into()),
            bound,
            keys: indexed.keys,
            hashes,
            gaps: gaps_of(indexed.sketch),
            found_by: chosen,
            signature,
        };
        self.push_text(&text, seen);
        if let Some(changes) = &mut self.changes {
            text.encode(&self.seen[seen as usize].id, changes);
        }
    }

    fn push_text(&mut self, text: &TextChange, seen: u32) {
        let number = self.texts.len() as u32;
        let side = self.side_of(seen);
        let has_group = text.group != own_group(&self.seen[seen as usize].id);
        self.texts.push_with(|bytes| {
            let at = bytes.len() as u16;
            if has_group {
                bytes.extend(text.group.to_le_bytes());
            }
            if !text.gaps.is_empty() {
                bytes.push(text.gaps.len() as u8);
                bytes.extend(&text.gaps);
            }
            bytes.extend(&text.signature);
            Text {
                numbers: text.numbers,
                body: body_product(text.body) as u32,
                seen,
                at,
                shingles: text.shingles,
                bound: text.bound,
                hashes: text.hashes,
                keys: text.keys
                    | if has_group { HAS_GROUP } else { 0 }
                    | if text.gaps.is_empty() { 0 } else { HAS_GAPS },
            }
        });
        let mut lookup = std::mem::take(self.of_mut(side));
        let exact = &mut lookup.exact;
        let dead = |text: u32| text != number && !self.is_live(text);
        if text.keys & Indexed::BODY != 0 {
            exact.insert(key_of(body_product(text.body)), number, dead);
        }
        if text.keys & Indexed::TEXT != 0 {
            exact.insert(text_key(text.text), number, dead);
        }
        if let Some(url) = text.url {
            let versions: Vec<u32> = self.versions_in(exact, url).collect();
            let oldest = (versions.len() >= MAX_VERSIONS).then(|| versions.iter().min().copied()).flatten();
            // One of the two: which of them comes first in the table says nothing.
            match oldest {
                Some(oldest) => exact.insert(url_key(url), number, |text| text == oldest),
                None => exact.insert(url_key(url), number, dead),
            }
        }
        let keys = text.found_by.iter().map(|hash| sketch_key(*hash));
        match &mut self.deferred {
            Some(filling) if side == Side::Pages => {
                keys.for_each(|key| filling.sketches.push(&mut lookup.sketches, key, number));
            }
            // Few are of stories: they need not wait.
            _ => {
                let dead = |text: u32| text != number && !self.is_live(text);
                keys.for_each(|key| lookup.sketches.insert(key, number, dead));
            }
        }
        *self.of_mut(side) = lookup;
    }

    fn of_mut(&mut self, side: Side) -> &mut Lookup {
        match side {
            Side::Pages => &mut self.pages,
            Side::Stories => &mut self.stories,
        }
    }

    /// Puts a page down. All that is known of it: what is remembered anew outlives its first record.
    fn note_page(&mut self, origin: u64, seen: &Seen) {
        if self.changes.is_none() {
            return;
        }
        let (id, kind, likeness) = (seen.id, seen.kind(), seen.likeness());
        let cluster = kind.map(|_| self.cluster_id(seen.cluster));
        self.note(|| Change::Page(PageChange { origin, id, kind, cluster, likeness }));
        if seen.is_void() {
            self.note(|| Change::Dead(1));
        }
    }

    /// Puts a change down, where somebody wants to know.
    fn note(&mut self, change: impl FnOnce() -> Change) {
        if let Some(changes) = &mut self.changes {
            change().encode(changes);
        }
    }

    /// The cluster that a repeat of what is in `cluster` joins. Where the first page has left and came again from elsewhere,
    /// two have one id: it joins the younger, as it does for those who know the cluster by its id alone.
    pub fn joined(&mut self, side: Side, cluster: u32) -> u32 {
        if cluster & ELDER == 0 {
            return cluster;
        }
        let id = self.cluster_id(cluster);
        match side {
            Side::Pages => self.cluster_of(&id),
            Side::Stories => self.cluster_of_story(&id),
        }
    }

    /// Number of a cluster by its id, which may have left or never been here.
    pub fn cluster_of(&mut self, id: &Hash128) -> u32 {
        self.first_of(Side::Pages, id).unwrap_or_else(|| self.elder(id))
    }

    /// The live page or story that began the cluster with this id.
    fn first_of(&self, side: Side, id: &Hash128) -> Option<u32> {
        let mut text = [0; 8];
        text.copy_from_slice(&id.0[..8]);
        self.of(side)
            .exact
            .numbers(text_key(u64::from_be_bytes(text)))
            .map(|text| self.texts[text as usize].seen)
            .filter(|seen| self.seen[*seen as usize].id == *id && self.seen[*seen as usize].cluster == *seen)
            .filter(|seen| !self.seen[*seen as usize].is_void())
            .min()
    }

    fn elder(&mut self, id: &Hash128) -> u32 {
        let next = self.elders.len() as u32;
        let elder = *self.elder_of.entry(*id).or_insert(next);
        if elder == next {
            self.elders.push(*id);
        }
        ELDER | elder
    }
}
