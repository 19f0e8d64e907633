//! What was seen within the window, and the verdicts that follow from it.
//!
//! Two rows of records, in the order of the log:
//! - **seen**: every page, with its verdict. An origin that comes again gets the same verdict.
//! - **texts**: what later pages can match. An exact repeat of something young leaves none.
//!
//! Four tables lead to them: origins, and body, text and URL hashes together, and the sketches'
//! hashes. Records are numbered from the oldest one that is left; when a day leaves the window, the
//! numbers are shifted and the tables swept. So whatever has left leaves no trace, and how common a
//! hash is is counted from what the table holds, not kept beside it.
//!
//! What a page repeats stays alive as long as it is repeated: a repeat of something older than half
//! the window is indexed anew, under the same cluster, whose id outlives its first article.

use std::collections::{HashMap, VecDeque};

use super::codec::origin_key;
use super::matching::{COMMON, Kept, MIN_SHINGLES, Query, Score};
use super::table::Table;
use super::{Entry, Indexed, Judged, Sighting, Verdict};
use crate::record::{DuplicateKind, Hash128, Origin};
use crate::stages::deduplicate::{Config, Fingerprints};

const DAY_MS: i64 = 86_400_000;
/// Resemblance from which on a repeat adds nothing to the index that is not there.
const SAME: f64 = 0.85;
/// Records under one hash of a sketch from which on no more are added.
const MAX_RUN: usize = 64;
/// Versions remembered under one URL.
const MAX_VERSIONS: usize = 8;
/// Marks a cluster whose first article has left the window: an index into `elders`.
const ELDER: u32 = 1 << 31;
const ALL: u32 = u32::MAX;

/// What was seen within the window.
#[derive(Debug)]
pub struct Index {
    config: Config,
    today: i64,
    segments: VecDeque<Segment>,
    seen: VecDeque<Seen>,
    texts: VecDeque<Text>,
    elders: Vec<Elder>,
    elder_of: HashMap<Hash128, u32>,
    origins: Table,
    exact: Table,
    sketches: Table,
    forgotten_early: u64,
}

impl Default for Index {
    fn default() -> Self {
        Self::new(&Config::default())
    }
}

/// The records of one day, or of a part of it.
#[derive(Debug, Clone, Copy)]
struct Segment {
    day: i64,
    seen: u32,
    texts: u32,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    id: Hash128,
    origin: u64,
    /// Number of the first page of its cluster, or an elder.
    cluster: u32,
    /// In thousandths.
    similarity: u16,
    kind: Option<DuplicateKind>,
    void: bool,
}

#[derive(Debug, Clone, Copy)]
struct Text {
    body: u64,
    numbers: u64,
    seen: u32,
    shingles: u32,
    /// Highest hash kept, without its low 8 bits; `ALL` if none was left out.
    bound: u32,
    hashes: u8,
    keys: u8,
}

/// A cluster whose first article has left.
#[derive(Debug, Clone, Copy)]
struct Elder {
    id: Hash128,
    void: bool,
}

#[derive(Debug, Clone, Copy)]
struct Found {
    /// The text matched.
    text: u32,
    kind: DuplicateKind,
    similarity: f64,
    /// Nothing new in it: need not be indexed again.
    same: bool,
}

impl Index {
    /// An empty index.
    pub fn new(config: &Config) -> Self {
        Self {
            config: config.clone(),
            today: i64::MIN,
            segments: VecDeque::new(),
            seen: VecDeque::new(),
            texts: VecDeque::new(),
            elders: Vec::new(),
            elder_of: HashMap::new(),
            origins: Table::default(),
            exact: Table::default(),
            sketches: Table::default(),
            forgotten_early: 0,
        }
    }

    /// The settings it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Applies the entry at `position` of the log; `millis` is the log's time of the entry
    /// (milliseconds since 1970; the index takes the largest seen so far as "now").
    /// Gives the verdict where the entry is a sighting.
    ///
    /// Positions only have to rise: earlier ones win where two articles match equally well.
    pub fn apply(&mut self, _position: u64, millis: i64, entry: &Entry) -> Option<Verdict> {
        self.advance(millis);
        match entry {
            Entry::Sighting(sighting) => Some(self.sight(sighting)),
            Entry::Void(origin) => {
                self.void(origin);
                None
            }
            Entry::Settings(_) | Entry::Judged(_) => None,
        }
    }

    /// Applies a sighting whose verdict is known from the log. Only for rebuilding: see [`super::Replay`].
    pub fn apply_judged(&mut self, millis: i64, sighting: &Sighting, judged: &Judged) -> Verdict {
        self.advance(millis);
        if let Some(seen) = self.seen_of(&sighting.origin) {
            return self.verdict_of(seen);
        }
        let (id, cluster, kind, similarity) = match &judged.verdict {
            Verdict::New { id } => (*id, None, None, 1.0),
            Verdict::Repeat { id, kind, cluster, similarity, .. } => {
                (*id, Some(self.cluster_of(cluster)), Some(*kind), *similarity)
            }
            Verdict::Unknown => return Verdict::Unknown,
        };
        let seen = self.remember(&sighting.origin, id, cluster, kind, similarity);
        if let (Some(fingerprints), false) = (&sighting.fingerprints, judged.indexed.is_nothing()) {
            self.index(&sighting.origin, fingerprints, seen, judged.indexed);
        }
        judged.verdict.clone()
    }

    /// The entry that puts the verdict on a sighting into the log; `None` if it has none. To be called
    /// before further entries are applied.
    pub fn judged(&self, sighting: &Sighting) -> Option<Entry> {
        let seen = self.seen_of(&sighting.origin)?;
        let mut indexed = Indexed::default();
        if let (Some(text), Some(fingerprints)) = (self.text_of(seen, sighting), &sighting.fingerprints) {
            indexed.keys = self.texts[text as usize].keys;
            for (i, hash) in fingerprints.sketch.iter().enumerate() {
                if self.sketches.numbers(*hash).any(|number| number == text) {
                    indexed.sketch |= 1 << i;
                }
            }
        }
        let verdict = self.verdict_of(seen);
        Some(Entry::Judged(Box::new(Judged { origin: sighting.origin.clone(), verdict, indexed })))
    }

    /// Whether a sighting of this page has a verdict within the window.
    pub fn knows_origin(&self, origin: &Origin) -> bool {
        self.seen_of(origin).is_some()
    }

    /// Id of the live article whose raw bytes have this hash, if the index knows one: a hint for the
    /// fast path, which the verdict confirms or not.
    pub fn knows_body(&self, body: &Hash128) -> Option<Hash128> {
        let (first, stale) = self.by_body(body)?;
        (!stale).then(|| self.seen[self.texts[first as usize].seen as usize].id)
    }

    /// Pages remembered.
    pub fn pages(&self) -> usize {
        self.seen.len()
    }

    /// Pages that left before their window was over, because there were more than `max_pages`.
    pub fn forgotten_early(&self) -> u64 {
        self.forgotten_early
    }

    /// Bytes allocated.
    pub fn bytes(&self) -> usize {
        self.origins.bytes()
            + self.exact.bytes()
            + self.sketches.bytes()
            + self.seen.capacity() * size_of::<Seen>()
            + self.texts.capacity() * size_of::<Text>()
            + self.elders.capacity() * (size_of::<Elder>() + size_of::<(Hash128, u32)>() + 1)
    }

    fn sight(&mut self, sighting: &Sighting) -> Verdict {
        if let Some(seen) = self.seen_of(&sighting.origin) {
            return self.verdict_of(seen);
        }
        let body = &sighting.origin.body;
        let by_bytes = self.by_body(body);
        let Some(fingerprints) = &sighting.fingerprints else {
            return match by_bytes {
                Some((text, false)) => {
                    let seen = &self.seen[self.texts[text as usize].seen as usize];
                    let (id, cluster) = (seen.id, seen.cluster);
                    let seen =
                        self.remember(&sighting.origin, id, Some(cluster), Some(DuplicateKind::Exact), 1.0);
                    self.verdict_of(seen)
                }
                _ => Verdict::Unknown,
            };
        };
        let (df, scored) = self.scores(fingerprints);
        let common: u128 =
            df.iter().enumerate().filter(|(_, df)| **df >= COMMON).fold(0, |bits, (i, _)| bits | 1 << i);
        let (id, found, stale) = if let Some((text, stale)) = by_bytes {
            let id = self.seen[self.texts[text as usize].seen as usize].id;
            (id, Some(Found { text, kind: DuplicateKind::Exact, similarity: 1.0, same: true }), stale)
        } else if let Some((text, stale)) = self.by_text(fingerprints) {
            let found = Found { text, kind: DuplicateKind::Exact, similarity: 1.0, same: true };
            (fingerprints.id(), Some(found), stale)
        } else {
            let found = self.best(fingerprints, &scored);
            let stale = found.is_some_and(|found| self.is_stale(found.text));
            (fingerprints.id(), found, stale)
        };
        let cluster = found.map(|found| self.seen[self.texts[found.text as usize].seen as usize].cluster);
        let seen = self.remember(
            &sighting.origin,
            id,
            cluster,
            found.map(|found| found.kind),
            found.map_or(1.0, |found| found.similarity),
        );
        let mut indexed = Indexed::default();
        if by_bytes.is_none() || stale {
            indexed.keys |= Indexed::BODY;
            if found.is_none_or(|found| found.kind != DuplicateKind::Exact) || stale {
                indexed.keys |= Indexed::TEXT;
            }
            if fingerprints.url.is_some() {
                indexed.keys |= Indexed::URL;
            }
        }
        if found.is_none_or(|found| !found.same) || stale {
            indexed.sketch = self.choose(fingerprints, common);
        }
        if !indexed.is_nothing() {
            self.index(&sighting.origin, fingerprints, seen, indexed);
        }
        self.verdict_of(seen)
    }

    fn void(&mut self, origin: &Origin) {
        if let Some(seen) = self.seen_of(origin) {
            self.seen[seen as usize].void = true;
        }
    }

    // --- looking up ---

    fn seen_of(&self, origin: &Origin) -> Option<u32> {
        let key = origin_key(origin);
        self.origins.numbers(key >> 24).filter(|n| self.seen[*n as usize].origin == key).min()
    }

    fn text_of(&self, seen: u32, sighting: &Sighting) -> Option<u32> {
        let fingerprints = sighting.fingerprints.as_ref()?;
        let keys = [
            Some(body_key(&sighting.origin.body)),
            Some(text_key(fingerprints.text)),
            fingerprints.url.map(url_key),
        ];
        let by_key = keys.into_iter().flatten().flat_map(|key| self.exact.numbers(key));
        let by_sketch = fingerprints.sketch.iter().flat_map(|hash| self.sketches.numbers(*hash));
        by_key.chain(by_sketch).find(|text| self.texts[*text as usize].seen == seen)
    }

    fn is_live(&self, text: u32) -> bool {
        let seen = &self.seen[self.texts[text as usize].seen as usize];
        !seen.void && !self.is_void_cluster(seen.cluster)
    }

    fn is_void_cluster(&self, cluster: u32) -> bool {
        if cluster & ELDER != 0 {
            self.elders[(cluster ^ ELDER) as usize].void
        } else {
            self.seen[cluster as usize].void
        }
    }

    fn cluster_id(&self, cluster: u32) -> Hash128 {
        if cluster & ELDER != 0 {
            self.elders[(cluster ^ ELDER) as usize].id
        } else {
            self.seen[cluster as usize].id
        }
    }

    fn verdict_of(&self, seen: u32) -> Verdict {
        let seen = &self.seen[seen as usize];
        match seen.kind {
            None => Verdict::New { id: seen.id },
            Some(kind) => {
                let cluster = self.cluster_id(seen.cluster);
                let similarity = f64::from(seen.similarity) / 1000.0;
                Verdict::Repeat { id: seen.id, kind, of: cluster, cluster, similarity }
            }
        }
    }

    /// The first live text under a key, and whether the last of them is older than half the window.
    fn exact(&self, key: u64, is_it: impl Fn(&Text) -> bool) -> Option<(u32, bool)> {
        let (mut first, mut last) = (None, 0);
        for text in self.exact.numbers(key) {
            if is_it(&self.texts[text as usize]) && self.is_live(text) {
                first = Some(first.map_or(text, |first: u32| first.min(text)));
                last = last.max(text);
            }
        }
        first.map(|first| (first, self.is_stale(last)))
    }

    fn by_body(&self, body: &Hash128) -> Option<(u32, bool)> {
        let half = body_half(body);
        self.exact(body_key(body), |text| text.body == half && text.keys & Indexed::BODY != 0)
    }

    fn by_text(&self, fingerprints: &Fingerprints) -> Option<(u32, bool)> {
        let half = fingerprints.text.to_be_bytes();
        self.exact(text_key(fingerprints.text), |text| {
            text.keys & Indexed::TEXT != 0 && self.seen[text.seen as usize].id.0[..8] == half
        })
    }

    fn is_stale(&self, text: u32) -> bool {
        let at = self.segments.partition_point(|segment| segment.texts <= text);
        let day = at.checked_sub(1).map_or(self.today, |at| self.segments[at].day);
        2 * (self.today - day) > i64::from(self.config.window_days)
    }

    // --- near-duplicates and revisions ---

    /// In how many clusters each hash of the sketch is, and the live texts that share some.
    fn scores(&self, fingerprints: &Fingerprints) -> (Vec<usize>, Vec<(u32, Score)>) {
        let mut hits: Vec<u64> = Vec::new();
        let mut df = Vec::with_capacity(fingerprints.sketch.len());
        let mut clusters: Vec<u32> = Vec::new();
        for (i, hash) in fingerprints.sketch.iter().enumerate() {
            clusters.clear();
            for text in self.sketches.numbers(*hash) {
                if !self.is_live(text) {
                    continue;
                }
                hits.push(u64::from(text) << 8 | i as u64);
                let cluster = self.seen[self.texts[text as usize].seen as usize].cluster;
                if !clusters.contains(&cluster) {
                    clusters.push(cluster);
                }
            }
            df.push(clusters.len());
        }
        hits.sort_unstable();
        let query = Query::new(fingerprints, &df);
        let mut places = Vec::new();
        let scored = hits
            .chunk_by(|a, b| a >> 8 == b >> 8)
            .filter(|run| run.len() >= 2)
            .map(|run| {
                places.clear();
                places.extend(run.iter().map(|hit| (hit & 0xff) as usize));
                let text = (run[0] >> 8) as u32;
                (text, query.score(&places, &self.texts[text as usize].kept()))
            })
            .collect();
        (df, scored)
    }

    fn best(&self, fingerprints: &Fingerprints, scored: &[(u32, Score)]) -> Option<Found> {
        if fingerprints.shingles < MIN_SHINGLES {
            return None;
        }
        let versions: Vec<u32> = fingerprints.url.map_or_else(Vec::new, |url| {
            let half = url.to_be_bytes();
            self.exact
                .numbers(url_key(url))
                .map(|text| &self.seen[self.texts[text as usize].seen as usize])
                .filter(|seen| seen.id.0[8..] == half)
                .map(|seen| seen.cluster)
                .collect()
        });
        let cluster = |text: u32| self.seen[self.texts[text as usize].seen as usize].cluster;
        let revision = scored
            .iter()
            .filter(|(text, score)| versions.contains(&cluster(*text)) && score.is_revision(&self.config))
            .max_by(better);
        let (kind, (text, score)) = match revision {
            Some(best) => (DuplicateKind::Revision, best),
            None => {
                let near = scored.iter().filter(|(_, score)| score.is_near(&self.config)).max_by(better)?;
                (DuplicateKind::Near, near)
            }
        };
        Some(Found { text: *text, kind, similarity: score.share(), same: score.both() >= SAME })
    }

    /// The hashes to index: the lowest that are not common.
    fn choose(&self, fingerprints: &Fingerprints, common: u128) -> u128 {
        let mut chosen = 0u128;
        if fingerprints.shingles < MIN_SHINGLES {
            return chosen;
        }
        for (i, hash) in fingerprints.sketch.iter().enumerate() {
            if chosen.count_ones() >= self.config.kept_hashes {
                break;
            }
            let run = || self.sketches.numbers(*hash).take(MAX_RUN).count();
            if common >> i & 1 == 0 && run() < MAX_RUN {
                chosen |= 1 << i;
            }
        }
        chosen
    }

    // --- adding ---

    fn remember(
        &mut self,
        origin: &Origin,
        id: Hash128,
        cluster: Option<u32>,
        kind: Option<DuplicateKind>,
        similarity: f64,
    ) -> u32 {
        self.open_segment();
        let number = self.seen.len() as u32;
        let origin = origin_key(origin);
        let similarity = (similarity * 1000.0).round() as u16;
        self.seen.push_back(Seen {
            id,
            origin,
            cluster: cluster.unwrap_or(number),
            similarity,
            kind,
            void: false,
        });
        self.origins.insert(origin >> 24, number, |_| false);
        number
    }

    fn index(&mut self, origin: &Origin, fingerprints: &Fingerprints, seen: u32, indexed: Indexed) {
        let number = self.texts.len() as u32;
        let hashes = indexed.sketch.count_ones();
        let last = indexed.sketch.checked_ilog2().map_or(0, |bit| bit as usize);
        // All there are: the sketch is the whole text and nothing was left out after the last one.
        let all =
            fingerprints.shingles as usize <= fingerprints.sketch.len() && hashes < self.config.kept_hashes;
        let bound =
            if all { ALL } else { fingerprints.sketch.get(last).map_or(0, |hash| (hash >> 8) as u32) };
        self.texts.push_back(Text {
            body: body_half(&origin.body),
            numbers: fingerprints.numbers,
            seen,
            shingles: fingerprints.shingles,
            bound,
            hashes: hashes as u8,
            keys: indexed.keys,
        });
        let mut exact = std::mem::take(&mut self.exact);
        let dead = |text: u32| text != number && !self.is_live(text);
        if indexed.keys & Indexed::BODY != 0 {
            exact.insert(body_key(&origin.body), number, dead);
        }
        if indexed.keys & Indexed::TEXT != 0 {
            exact.insert(text_key(fingerprints.text), number, dead);
        }
        if let (true, Some(url)) = (indexed.keys & Indexed::URL != 0, fingerprints.url) {
            let versions: Vec<u32> = exact.numbers(url_key(url)).collect();
            let oldest = (versions.len() >= MAX_VERSIONS).then(|| versions.iter().min().copied()).flatten();
            exact.insert(url_key(url), number, |text| Some(text) == oldest || dead(text));
        }
        self.exact = exact;
        let mut sketches = std::mem::take(&mut self.sketches);
        for (i, hash) in fingerprints.sketch.iter().enumerate() {
            if indexed.sketch >> i & 1 == 1 {
                sketches.insert(*hash, number, |text| text != number && !self.is_live(text));
            }
        }
        self.sketches = sketches;
    }

    /// Number of a cluster by its id, which may have left or never been here.
    fn cluster_of(&mut self, id: &Hash128) -> u32 {
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

    fn advance(&mut self, millis: i64) {
        self.today = self.today.max(millis.div_euclid(DAY_MS));
        let oldest = self.today.saturating_sub(i64::from(self.config.window_days));
        let gone = self.segments.iter().take_while(|segment| segment.day < oldest).count();
        if gone > 0 {
            self.forget(gone);
        }
    }

    /// A segment is a day, or an eighth of what may be remembered if a day has more.
    fn open_segment(&mut self) {
        if self.seen.len() >= self.config.max_pages as usize {
            let second = self.segments.get(1).map_or(self.seen.len(), |segment| segment.seen as usize);
            self.forgotten_early += second as u64;
            self.forget(1);
        }
        let full = (self.config.max_pages / 8).max(1);
        let (seen, texts) = (self.seen.len() as u32, self.texts.len() as u32);
        let fits = self.segments.back().is_some_and(|last| last.day == self.today && seen - last.seen < full);
        if !fits {
            self.segments.push_back(Segment { day: self.today, seen, texts });
        }
    }

    /// Drops the oldest segments.
    fn forget(&mut self, count: usize) {
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
    fn kept(&self) -> Kept {
        let bound = if self.bound == ALL { u64::MAX } else { u64::from(self.bound) << 8 | 0xff };
        Kept { shingles: self.shingles, hashes: u32::from(self.hashes), bound, numbers: self.numbers }
    }
}

/// The larger share wins, then the larger smaller share, then the earlier article.
fn better(a: &&(u32, Score), b: &&(u32, Score)) -> std::cmp::Ordering {
    let ((text_a, a), (text_b, b)) = (a, b);
    a.share().total_cmp(&b.share()).then(a.both().total_cmp(&b.both())).then(text_b.cmp(text_a))
}

// Keys of the three kinds share a table; multiplying by another odd number for each keeps them apart.
fn body_key(body: &Hash128) -> u64 {
    body_half(body).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24
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
