//! What was seen within the window, and the verdicts that follow from it.
//!
//! Precedence: bytes, text, revision, near. A page joins the cluster of the one article that it matches
//! best, and clusters never merge: were every match a link, one chance match between two market reports
//! would melt all of them into one.
//!
//! What is repeated stays alive: a repeat of something older than half the window is indexed anew, under
//! the same cluster, whose id outlives its first article.

use std::ops::Range;

use super::matching::{COMMON, MIN_HITS, MIN_SHINGLES, Query, Score};
use super::store::{Side, Store};
use super::{At, Entry, Indexed, Judged, Repeat, Sighting, Verdict, likeness, of_likeness};
use crate::record::{Contained, DuplicateKind, Hash128, Origin};
use crate::stages::deduplicate::{Config, Fingerprints};

/// Share in common from which on two texts count as one when it is counted how many hold a hash.
const STRONG: f64 = 0.75;
/// Resemblance from which on a repeat adds nothing to the index that is not there.
const SAME: f64 = 0.85;
/// Records under one hash of a sketch from which on no more are added.
const MAX_RUN: usize = 64;

/// What was seen within the window.
#[derive(Debug)]
pub struct Index {
    pub(super) config: Config,
    pub(super) store: Store,
    /// The last entry applied.
    applied: Option<At>,
}

impl Default for Index {
    fn default() -> Self {
        Self::new(&Config::default())
    }
}

/// What a page repeats.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// The text matched.
    pub text: u32,
    pub kind: DuplicateKind,
    pub similarity: f64,
    pub contained: Option<Contained>,
    /// So much alike that the two count as one text when the clusters of a hash are counted.
    pub strong: bool,
    /// Nothing new in it: need not be indexed again, unless what it repeats is old.
    pub same: bool,
    pub stale: bool,
}

impl Found {
    /// The first with the same text, and whether the last of them is old.
    pub(super) fn exact((text, stale): (u32, bool)) -> Self {
        let kind = DuplicateKind::Exact;
        Self { text, kind, similarity: 1.0, contained: None, strong: true, same: true, stale }
    }
}

impl Index {
    /// An empty index.
    pub fn new(config: &Config) -> Self {
        Self { config: config.clone(), store: Store::new(config), applied: None }
    }

    /// The settings it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Applies an entry of the log. Of the log's time the index takes the largest seen so far as "now".
    /// Gives the verdict where the entry is a sighting.
    pub fn apply(&mut self, at: At, entry: &Entry) -> Option<Verdict> {
        self.store.advance(at.millis);
        self.applied = Some(at);
        match entry {
            Entry::Sighting(sighting) => Some(self.sight(sighting)),
            Entry::Void(origin) => {
                self.store.void(origin);
                None
            }
            Entry::Settings(_) | Entry::Judged(_) => None,
        }
    }

    /// Applies a sighting whose verdict is known from the log. Only for rebuilding: see [`super::Replay`].
    pub(super) fn apply_judged(&mut self, at: At, sighting: &Sighting, judged: &Judged) -> Verdict {
        self.store.advance(at.millis);
        self.applied = Some(at);
        self.store.make_room();
        if let Some(seen) = self.store.seen_again(&sighting.origin) {
            return self.verdict_of(seen);
        }
        let (id, repeat) = match &judged.verdict {
            Verdict::New { id } => (*id, None),
            Verdict::Repeat(repeat) => {
                let cluster = self.store.cluster_of(&repeat.cluster);
                (repeat.id, Some((cluster, repeat.kind, likeness(repeat.similarity, repeat.contained))))
            }
            Verdict::Unknown => return Verdict::Unknown,
        };
        let seen = self.store.remember(&sighting.origin, id, repeat);
        if let (Some(fingerprints), false) = (&sighting.fingerprints, judged.indexed.is_nothing()) {
            self.store.index(&sighting.origin, fingerprints, seen, judged.indexed);
        }
        self.apply_judged_stories(sighting, &judged.stories);
        judged.verdict.clone()
    }

    /// The entry that puts the verdict on a sighting into the log; `None` if it has none, or if the page or what a story of
    /// it repeats was taken back since: what of it was indexed may be gone. To be called before further entries are applied.
    pub fn judged(&self, sighting: &Sighting) -> Option<Entry> {
        let seen = self.store.seen_of(&sighting.origin)?;
        if !std::iter::once(seen).chain(self.store.stories_of(seen)).all(|seen| self.store.is_live_page(seen))
        {
            return None;
        }
        let mut indexed = Indexed::default();
        if let Some(fingerprints) = &sighting.fingerprints
            && let Some(number) = self.store.text_of(seen, &sighting.origin.body, fingerprints)
        {
            indexed = self.store.indexed(number);
        }
        let (origin, verdict) = (sighting.origin.clone(), self.verdict_of(seen));
        let stories = self.judged_stories(sighting, seen);
        Some(Entry::Judged(Box::new(Judged { origin, verdict, indexed, stories })))
    }

    /// An entry is passed over: nothing follows from it.
    pub(super) fn pass_over(&mut self, at: At) {
        self.store.advance(at.millis);
        self.applied = Some(at);
    }

    /// The last entry that was applied.
    pub fn applied(&self) -> Option<At> {
        self.applied
    }

    /// Puts down from here on what is done to the index, for [`Index::take_changes`], or stops it.
    pub fn record_changes(&mut self, record: bool) {
        self.store.changes = record.then(|| self.store.changes.take().unwrap_or_default());
    }

    /// Moves what was done since the last call to the end of `out`, as [`Restore::push`] takes it.
    pub fn take_changes(&mut self, out: &mut Vec<u8>) {
        if let Some(changes) = &mut self.store.changes {
            out.append(changes);
        }
    }

    /// Numbers of the segments in memory: a day each, or a part of a day. A new one begins with a page, and the
    /// oldest leaves first; changes of segments that have left are not needed to restore the index.
    pub fn segments(&self) -> Range<u64> {
        self.store.segments()
    }

    /// Whether what was seen at `then` has left the window at `now`, both in milliseconds since 1970.
    pub(super) fn is_past(&self, then: i64, now: i64) -> bool {
        self.store.is_past(then, now)
    }

    /// Whether a sighting of this page has a verdict within the window.
    pub fn knows_origin(&self, origin: &Origin) -> bool {
        self.store.seen_of(origin).is_some()
    }

    /// Id of the live article whose raw bytes have this hash, if the index knows one: a hint for the
    /// fast path, which the verdict confirms or not.
    pub fn knows_body(&self, body: &Hash128) -> Option<Hash128> {
        let (first, stale) = self.store.by_body(body)?;
        (!stale).then(|| self.id_of(first))
    }

    /// Pages remembered.
    pub fn pages(&self) -> usize {
        self.store.seen.len()
    }

    /// When the oldest day that it remembers began, in milliseconds since 1970 by the log's clock; `None` while it is empty.
    pub fn oldest(&self) -> Option<i64> {
        self.store.oldest()
    }

    /// Pages that left before their window was over, because there were more than `max_pages`.
    pub fn forgotten_early(&self) -> u64 {
        self.store.forgotten_early
    }

    /// Bytes allocated.
    pub fn bytes(&self) -> usize {
        self.store.bytes()
    }

    fn sight(&mut self, sighting: &Sighting) -> Verdict {
        let origin = &sighting.origin;
        self.store.make_room();
        if let Some(seen) = self.store.seen_again(origin) {
            return self.verdict_of(seen);
        }
        let by_bytes = self.store.by_body(&origin.body).map(Found::exact);
        let Some(fingerprints) = &sighting.fingerprints else {
            let Some(found) = by_bytes.filter(|found| !found.stale) else { return Verdict::Unknown };
            let seen = self.remember(origin, self.id_of(found.text), Some(found));
            return self.verdict_of(seen);
        };
        let id = by_bytes.map_or_else(|| fingerprints.id(), |found| self.id_of(found.text));
        let by_text = || self.store.by_text(Side::Pages, fingerprints, &[]).map(Found::exact);
        let mut common = None;
        let found = by_bytes.or_else(by_text).or_else(|| {
            let (df, scored) = self.scores(Side::Pages, fingerprints);
            common = Some(common_of(&df));
            self.best(fingerprints, &scored)
        });
        let mut indexed = Indexed::default();
        let anew = found.is_none_or(|found| found.stale);
        if by_bytes.is_none() || anew {
            let is_exact = found.is_some_and(|found| found.kind == DuplicateKind::Exact);
            indexed.keys = Indexed::BODY
                | if is_exact && !anew { 0 } else { Indexed::TEXT }
                | if fingerprints.url.is_some() { Indexed::URL } else { 0 };
        }
        if anew || found.is_some_and(|found| !found.same) {
            let common = common.unwrap_or_else(|| common_of(&self.scores(Side::Pages, fingerprints).0));
            indexed.sketch = self.choose(Side::Pages, fingerprints, common);
        }
        indexed.group = match found.filter(|found| found.strong) {
            Some(found) => self.store.group(found.text),
            None => (fingerprints.text >> 32) as u32,
        };
        // Before the page is there to be found.
        let is_told = found.is_none_or(|found| found.kind != DuplicateKind::Exact || found.stale);
        let stories = if is_told { self.match_stories(sighting, found) } else { Vec::new() };
        let seen = self.remember(origin, id, found);
        if !indexed.is_nothing() {
            self.store.index(origin, fingerprints, seen, indexed);
        }
        self.remember_stories(sighting, stories);
        self.verdict_of(seen)
    }

    fn remember(&mut self, origin: &Origin, id: Hash128, found: Option<Found>) -> u32 {
        let repeat = found.map(|found| {
            let cluster = self.store.joined(Side::Pages, self.store.cluster(found.text));
            (cluster, found.kind, likeness(found.similarity, found.contained))
        });
        self.store.remember(origin, id, repeat)
    }

    /// Id of the page that left a text.
    pub(super) fn id_of(&self, text: u32) -> Hash128 {
        self.store.seen[self.store.texts[text as usize].seen as usize].id
    }

    pub(super) fn verdict_of(&self, seen: u32) -> Verdict {
        let seen = &self.store.seen[seen as usize];
        let Some(kind) = seen.kind() else { return Verdict::New { id: seen.id } };
        // A cluster has one article, its first; every other member was called a repeat of it.
        let cluster = self.store.cluster_id(seen.cluster);
        let (similarity, contained) = of_likeness(seen.likeness());
        Verdict::Repeat(Repeat { id: seen.id, kind, of: cluster, cluster, similarity, contained })
    }

    /// In how many groups each hash of the sketch is, and the live texts that share some.
    pub(super) fn scores(&self, side: Side, fingerprints: &Fingerprints) -> (Vec<usize>, Vec<(u32, Score)>) {
        let sketch = &fingerprints.sketch;
        let mut found: Vec<(u32, u8)> = Vec::new();
        let mut frequent = 0u128;
        self.store.fetch(side, sketch);
        for (i, hash) in (0..=u8::MAX).zip(sketch) {
            let before = found.len();
            found.extend(self.store.found_by(side, *hash).map(|text| (text, i)));
            frequent |= u128::from(found.len() - before >= COMMON) << i;
        }
        found.sort_unstable();
        let mut df = vec![0; sketch.len()];
        let mut closer: Vec<(u32, u128)> = Vec::new();
        for run in found.chunk_by(|a, b| a.0 == b.0) {
            let (text, i) = run[0];
            if run.len() == 1 && frequent >> i & 1 == 1 {
                // A set phrase and nothing else: most of what is found, and not worth a closer look.
                df[usize::from(i)] += 1;
                continue;
            }
            closer.push((text, run.iter().fold(0, |found, hit| found | 1 << hit.1)));
        }
        self.store.fetch_texts(closer.iter().map(|(text, _)| *text));
        let mut hits: Vec<(u32, u32, u128)> = closer
            .into_iter()
            .map(|(text, found)| (self.store.group(text), text, found | self.store.held(text, sketch)))
            .collect();
        hits.sort_unstable();
        for group in hits.chunk_by(|a, b| a.0 == b.0) {
            let mut held = group.iter().fold(0, |held, hit| held | hit.2);
            while held != 0 {
                df[held.trailing_zeros() as usize] += 1;
                held &= held - 1;
            }
        }
        let query = Query::new(fingerprints, &df);
        let scored = hits
            .into_iter()
            .filter(|(_, _, held)| held.count_ones() as usize >= MIN_HITS)
            .map(|(_, text, held)| (text, query.score(held, &self.store.texts[text as usize].kept())))
            .collect();
        (df, scored)
    }

    /// The best match that makes a page a revision or a near-duplicate.
    pub(super) fn best(&self, fingerprints: &Fingerprints, scored: &[(u32, Score)]) -> Option<Found> {
        if fingerprints.shingles < MIN_SHINGLES {
            return None;
        }
        let versions = fingerprints.url.map_or_else(Vec::new, |url| self.store.versions(url));
        let is_revision = |(text, score): &&(u32, Score)| {
            versions.contains(&self.store.cluster(*text)) && score.is_revision(&self.config)
        };
        let (kind, (text, score)) = match scored.iter().filter(is_revision).max_by(better) {
            Some(best) => (DuplicateKind::Revision, best),
            None => {
                let near = scored.iter().filter(|(_, score)| score.is_near(&self.config)).max_by(better)?;
                (DuplicateKind::Near, near)
            }
        };
        Some(self.found(*text, kind, score))
    }

    pub(super) fn found(&self, text: u32, kind: DuplicateKind, score: &Score) -> Found {
        Found {
            text,
            kind,
            similarity: score.share(),
            contained: score.contained(),
            strong: score.share() >= STRONG,
            same: score.both() >= SAME,
            stale: self.store.is_stale(text),
        }
    }

    pub(super) fn choose(&self, side: Side, fingerprints: &Fingerprints, common: u128) -> u128 {
        let under = |hash| self.store.found_by(side, hash).take(MAX_RUN).count();
        choose(&self.config, fingerprints, common, under)
    }
}

/// The hashes to index: the lowest that are not common. Those that the text can be found by lead to a bounded
/// number of texts each; `under` says how many there are under a hash, of which [`MAX_RUN`] are enough.
pub(super) fn choose(
    config: &Config,
    fingerprints: &Fingerprints,
    common: u128,
    under: impl Fn(u64) -> usize,
) -> u128 {
    let mut chosen = 0u128;
    if fingerprints.shingles < MIN_SHINGLES {
        return chosen;
    }
    for (i, hash) in fingerprints.sketch.iter().enumerate() {
        if chosen.count_ones() >= config.kept_hashes {
            break;
        }
        let is_key = chosen.count_ones() < config.key_hashes;
        if common >> i & 1 == 0 && !(is_key && under(*hash) >= MAX_RUN) {
            chosen |= 1 << i;
        }
    }
    chosen
}

/// An index made again of the changes that another put down: it gives the same verdicts.
#[derive(Debug)]
pub struct Restore {
    index: Index,
}

impl Restore {
    /// Begins after the entry `at` (`None`: at the beginning of the log), when `segments` segments had begun.
    pub fn new(config: &Config, segments: u64, at: Option<At>) -> Self {
        let mut index = Index::new(config);
        index.store.begin_restore(segments);
        if let Some(at) = at {
            index.store.advance(at.millis);
        }
        index.applied = at;
        Self { index }
    }

    /// What was applied so far is `part` (0 to 1) of what will come: makes room for the rest, which is faster than
    /// to grow into it.
    pub fn expect(&mut self, part: f64) {
        self.index.store.expect(part);
    }

    /// Applies further changes, the last of which were those of the entry `at`.
    ///
    /// # Errors
    /// Bytes that are no changes.
    pub fn push(&mut self, changes: &[u8], at: At) -> Result<(), String> {
        self.index.store.restore(changes)?;
        self.index.store.advance(at.millis);
        self.index.applied = Some(at);
        Ok(())
    }

    /// The index.
    pub fn finish(mut self) -> Index {
        self.index.store.end_restore();
        self.index
    }
}

pub(super) fn common_of(df: &[usize]) -> u128 {
    df.iter().enumerate().fold(0, |bits, (i, df)| bits | u128::from(*df >= COMMON) << i)
}

/// The larger share wins, then the larger smaller share, then the earlier article.
pub(super) fn better(a: &&(u32, Score), b: &&(u32, Score)) -> std::cmp::Ordering {
    let ((text_a, a), (text_b, b)) = (a, b);
    a.share().total_cmp(&b.share()).then(a.both().total_cmp(&b.both())).then(text_b.cmp(text_a))
}
