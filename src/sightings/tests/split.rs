//! The index cut into shards, simulated: what would change past one index per worker.
//!
//! Two ways to cut it, of the same parts as the one index (its tables, its records, its scores):
//!
//! - **By key**, as a log split by band would: each shard holds a slice of the keys (hashes of sketches, bytes, texts and
//!   URLs) and of each article that has a key there the whole record. A page asks the shards that hold a hash of its sketch.
//! - **By article**: each article is in one shard with all of its keys, and a page asks all shards.
//!
//! Shards answer with candidates and with how many hold which hash; whoever asked puts the answers together and decides.
//! All shards are as far in the log as the page: what the way between them takes, and who waits for whom, is not
//! simulated. Neither are stories, pages that are taken back, and days that leave.

use std::collections::{BTreeMap, BTreeSet};

use super::super::changes::{Change, Changes, PageChange, TextChange};
use super::super::codec::origin_key;
use super::super::index::{better, choose, common_of};
use super::super::likeness;
use super::super::matching::{COMMON, Kept, MIN_HITS, MIN_SHINGLES, Query, Score};
use super::super::store::{Side, Store};
use super::*;
use crate::eval::stream::{Document, Made, Shares, Stream};

/// Records under a hash from which on no more are added, as in the index.
const MAX_RUN: usize = 64;
/// Shares of what two texts have in common: as in the index.
const STRONG: f64 = 0.75;
const SAME: f64 = 0.85;
/// Bytes of a candidate in an answer: id, cluster, place in the log, group, hashes held, and what is kept of it.
const CANDIDATE_BYTES: usize = 16 + 16 + 8 + 4 + 16 + 13;
/// What a shard has to know of a record besides: its place in the log, which the one index tells by its number.
const PLACE_BYTES: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    ByKey,
    ByArticle,
}

/// One worker's part.
struct Shard {
    index: Index,
    /// Place in the log of each text.
    places: Vec<u32>,
    /// Hashes that it was asked for.
    looked_up: u64,
}

/// An article that shares something with a page.
struct Candidate {
    group: u32,
    cluster: Hash128,
    held: u128,
    kept: Kept,
    stale: bool,
}

/// What was found, put together.
#[derive(Default)]
struct Answers {
    /// By place in the log.
    candidates: BTreeMap<u32, Candidate>,
    /// Set phrases that a shard has found in articles, and nothing else of the page: place in the log, and which hash.
    alone: Vec<(u32, usize)>,
}

/// What a page repeats.
struct Match {
    cluster: Hash128,
    id: Option<Hash128>,
    kind: DuplicateKind,
    score: Option<Score>,
    group: u32,
    stale: bool,
}

/// What the shards were asked and told, over all pages.
#[derive(Default)]
struct Traffic {
    asked: usize,
    answers: usize,
    bytes: usize,
    written: usize,
}

struct Split {
    cut: Cut,
    shards: Vec<Shard>,
    config: Config,
    traffic: Traffic,
}

impl Split {
    fn new(cut: Cut, shards: usize, config: &Config) -> Self {
        let shard = || Shard { index: Index::new(config), places: Vec::new(), looked_up: 0 };
        let shards = (0..shards).map(|_| shard()).collect();
        Self { cut, shards, config: config.clone(), traffic: Traffic::default() }
    }

    /// The shard of a key.
    fn owner(&self, key: u64) -> usize {
        let mixed = (key as u32).wrapping_mul(0x9e37_79b1);
        ((u64::from(mixed) * self.shards.len() as u64) >> 32) as usize
    }

    /// The shards that may know a key.
    fn asked(&self, key: u64) -> std::ops::Range<usize> {
        match self.cut {
            Cut::ByKey => self.owner(key)..self.owner(key) + 1,
            Cut::ByArticle => 0..self.shards.len(),
        }
    }

    /// The first text under a key, and whether the last one is old.
    fn exact(&self, key: u64, find: impl Fn(&Store) -> Option<(u32, bool)>) -> Option<Match> {
        let found = self.asked(key).filter_map(|s| Some((s, find(&self.shards[s].index.store)?)));
        let found: Vec<(usize, (u32, bool))> = found.collect();
        let (shard, (text, _)) =
            *found.iter().min_by_key(|(s, (t, _))| self.shards[*s].places[*t as usize])?;
        let index = &self.shards[shard].index;
        Some(Match {
            cluster: index.store.cluster_id(index.store.cluster(text)),
            id: Some(index.id_of(text)),
            kind: DuplicateKind::Exact,
            score: None,
            group: index.store.group(text),
            stale: found.iter().all(|(_, (_, stale))| *stale),
        })
    }

    /// Asks for all hashes of a sketch.
    fn ask(&mut self, fingerprints: &Fingerprints) -> Answers {
        let sketch = &fingerprints.sketch;
        let mut answers = Answers::default();
        let mut mine = vec![0u128; self.shards.len()];
        for (i, hash) in sketch.iter().enumerate() {
            self.asked(*hash).for_each(|shard| mine[shard] |= 1 << i);
        }
        for (shard, mine) in self.shards.iter_mut().zip(mine).filter(|(_, mine)| *mine != 0) {
            shard.looked_up += u64::from(mine.count_ones());
            let alone = answers.alone.len();
            let candidates = shard.answer(fingerprints, mine, &mut answers);
            let alone = answers.alone.len() - alone;
            self.traffic.answers += usize::from(candidates + alone > 0);
            self.traffic.bytes += candidates * CANDIDATE_BYTES + alone * (PLACE_BYTES + 1);
        }
        answers
    }

    /// The verdict on a page, after which it is there to be found.
    fn sight(&mut self, place: u32, at: At, sighting: &Sighting) -> Verdict {
        let origin = &sighting.origin;
        self.shards.iter_mut().for_each(|shard| shard.index.store.advance(at.millis));
        let (body, _) = halves(&origin.body);
        let mut asked: BTreeSet<usize> = self.asked(body).collect();
        let by_bytes = self.exact(body, |store| store.by_body(&origin.body));
        let Some(fingerprints) = &sighting.fingerprints else {
            self.traffic.asked += asked.len();
            let Some(found) = by_bytes.filter(|found| !found.stale) else { return Verdict::Unknown };
            let id = found.id.unwrap();
            return self.put(place, sighting, id, Some(found), Indexed::default());
        };
        asked.extend(self.asked(fingerprints.text));
        let id = by_bytes.as_ref().and_then(|found| found.id).unwrap_or_else(|| fingerprints.id());
        let is_known = by_bytes.is_some();
        let exact = by_bytes
            .or_else(|| self.exact(fingerprints.text, |store| store.by_text(Side::Pages, fingerprints, &[])));
        let mut common = 0;
        let mut found = exact;
        if found.as_ref().is_none_or(|found| found.stale) {
            let keys = fingerprints.sketch.iter().chain(&fingerprints.url).copied();
            asked.extend(keys.flat_map(|key| self.asked(key)).collect::<Vec<_>>());
            let mut answers = self.ask(fingerprints);
            let (df, scored) = answers.scores(fingerprints);
            common = common_of(&df);
            found = found.or_else(|| self.best(fingerprints, &answers, &scored));
        }
        self.traffic.asked += asked.len();
        let anew = found.as_ref().is_none_or(|found| found.stale);
        let is_exact = found.as_ref().is_some_and(|found| found.kind == DuplicateKind::Exact);
        let mut indexed = Indexed { group: (fingerprints.text >> 32) as u32, ..Indexed::default() };
        if !is_known || anew {
            indexed.keys = Indexed::BODY
                | if is_exact && !anew { 0 } else { Indexed::TEXT }
                | if fingerprints.url.is_some() { Indexed::URL } else { 0 };
        }
        if anew || found.as_ref().is_some_and(|found| found.both() < SAME) {
            indexed.sketch = self.choose(fingerprints, common);
        }
        if let Some(found) = found.as_ref().filter(|found| found.share() >= STRONG) {
            indexed.group = found.group;
        }
        self.put(place, sighting, id, found, indexed)
    }

    /// As [`Index::best`], over what the shards have answered.
    fn best(&self, fingerprints: &Fingerprints, answers: &Answers, scored: &[(u32, Score)]) -> Option<Match> {
        if fingerprints.shingles < MIN_SHINGLES {
            return None;
        }
        let mut versions = Vec::new();
        if let Some(url) = fingerprints.url {
            for shard in self.asked(url) {
                let store = &self.shards[shard].index.store;
                versions.extend(store.versions(url).into_iter().map(|cluster| store.cluster_id(cluster)));
            }
        }
        let is_revision = |(place, score): &&(u32, Score)| {
            versions.contains(&answers.candidates[place].cluster) && score.is_revision(&self.config)
        };
        let is_near = |(_, score): &&(u32, Score)| score.is_near(&self.config);
        let revision = scored.iter().filter(is_revision).max_by(better);
        let kind = if revision.is_some() { DuplicateKind::Revision } else { DuplicateKind::Near };
        let (place, score) = revision.or_else(|| scored.iter().filter(is_near).max_by(better))?;
        let Candidate { group, cluster, stale, .. } = answers.candidates[place];
        Some(Match { cluster, id: None, kind, score: Some(*score), group, stale })
    }

    fn choose(&self, fingerprints: &Fingerprints, common: u128) -> u128 {
        let under = |shard: usize, hash| {
            self.shards[shard].index.store.found_by(Side::Pages, hash).take(MAX_RUN).count()
        };
        let under_all = |hash| self.asked(hash).map(|shard| under(shard, hash)).sum();
        choose(&self.config, fingerprints, common, under_all)
    }

    /// Puts a page where it can be found, and gives its verdict.
    fn put(
        &mut self,
        place: u32,
        sighting: &Sighting,
        id: Hash128,
        found: Option<Match>,
        indexed: Indexed,
    ) -> Verdict {
        let origin = origin_key(&sighting.origin);
        let mut page = PageChange { origin, id, kind: None, cluster: None, likeness: 1000 };
        let mut verdict = Verdict::New { id };
        if let Some(found) = &found {
            let (cluster, kind, similarity) = (found.cluster, found.kind, found.share());
            let contained = found.score.as_ref().and_then(Score::contained);
            page.likeness = likeness(similarity, contained);
            (page.kind, page.cluster) = (Some(kind), Some(cluster));
            let similarity = (similarity * 1000.0).round() / 1000.0;
            verdict = Verdict::Repeat(Repeat { id, kind, of: cluster, cluster, similarity, contained });
        }
        let text = sighting.fingerprints.as_ref().filter(|_| !indexed.is_nothing());
        let text =
            text.map(|fingerprints| text_change(&sighting.origin, fingerprints, indexed, &self.config));
        for shard in 0..self.shards.len() {
            let part = text.as_ref().map(|text| self.part_of(text, shard));
            let part = part.filter(|text| text.keys != 0 || !text.found_by.is_empty());
            let home = match self.cut {
                Cut::ByKey => self.owner(origin) == shard,
                Cut::ByArticle => self.owner(halves(&id).0) == shard,
            };
            if home || part.is_some() {
                self.shards[shard].write(place, &page, part.as_ref());
                self.traffic.written += 1;
            }
        }
        verdict
    }

    /// What of an article goes into a shard.
    fn part_of(&self, text: &TextChange, shard: usize) -> TextChange {
        let mut part = text.clone();
        let is_owner = |key: u64| match self.cut {
            Cut::ByKey => self.owner(key) == shard,
            // An article's home is told by its id, of which its text is the first half.
            Cut::ByArticle => self.owner(text.text) == shard,
        };
        part.found_by.retain(|hash| is_owner(*hash));
        part.url = part.url.filter(|url| is_owner(*url));
        for (key, flag) in [(text.body, Indexed::BODY), (text.text, Indexed::TEXT)] {
            part.keys &= if is_owner(key) { !0 } else { !flag };
        }
        part.keys &= if part.url.is_some() { !0 } else { !Indexed::URL };
        part
    }

    fn bytes(&self) -> Vec<usize> {
        let of = |shard: &Shard| shard.index.bytes() + shard.index.pages() * PLACE_BYTES;
        self.shards.iter().map(of).collect()
    }
}

impl Shard {
    /// Looks up the hashes that `mine` names, and says how many candidates were found. The first half of [`Index::scores`]:
    /// what shares one set phrase and nothing else here is named and not looked at.
    fn answer(&self, fingerprints: &Fingerprints, mine: u128, answers: &mut Answers) -> usize {
        let (store, sketch) = (&self.index.store, &fingerprints.sketch);
        let mut found: Vec<(u32, usize)> = Vec::new();
        let mut frequent = 0u128;
        for i in (0..sketch.len()).filter(|i| mine >> i & 1 == 1) {
            let before = found.len();
            found.extend(store.found_by(Side::Pages, sketch[i]).map(|text| (text, i)));
            frequent |= u128::from(found.len() - before >= COMMON) << i;
        }
        found.sort_unstable();
        let mut candidates = 0;
        for run in found.chunk_by(|a, b| a.0 == b.0) {
            let (text, i) = run[0];
            let place = self.places[text as usize];
            if run.len() == 1 && frequent >> i & 1 == 1 {
                answers.alone.push((place, i));
                continue;
            }
            candidates += 1;
            let keys = run.iter().fold(0, |held, hit| held | 1 << hit.1);
            let candidate = answers.candidates.entry(place).or_insert_with(|| Candidate {
                group: store.group(text),
                cluster: store.cluster_id(store.cluster(text)),
                held: store.held(text, sketch),
                kept: store.texts[text as usize].kept(),
                stale: store.is_stale(text),
            });
            candidate.held |= keys;
        }
        candidates
    }

    fn write(&mut self, place: u32, page: &PageChange, text: Option<&TextChange>) {
        let store = &mut self.index.store;
        store.make_room();
        let mut bytes = Vec::new();
        Change::Page(page.clone()).encode(&mut bytes);
        if let Some(text) = text {
            text.encode(&page.id, &mut bytes);
            self.places.push(place);
        }
        store.restore(&bytes).unwrap();
    }
}

impl Answers {
    /// The second half of [`Index::scores`]. What another shard has found more of is a candidate.
    fn scores(&mut self, fingerprints: &Fingerprints) -> (Vec<usize>, Vec<(u32, Score)>) {
        let mut df = vec![0; fingerprints.sketch.len()];
        for (place, i) in &self.alone {
            match self.candidates.get_mut(place) {
                Some(candidate) => candidate.held |= 1 << i,
                None => df[*i] += 1,
            }
        }
        let mut groups: BTreeMap<u32, u128> = BTreeMap::new();
        for candidate in self.candidates.values() {
            *groups.entry(candidate.group).or_default() |= candidate.held;
        }
        for held in groups.values() {
            (0..df.len()).for_each(|i| df[i] += (held >> i & 1) as usize);
        }
        let query = Query::new(fingerprints, &df);
        let close = self.candidates.iter().filter(|(_, one)| one.held.count_ones() as usize >= MIN_HITS);
        let scored = close.map(|(place, one)| (*place, query.score(one.held, &one.kept))).collect();
        (df, scored)
    }
}

impl Match {
    fn share(&self) -> f64 {
        self.score.as_ref().map_or(1.0, Score::share)
    }

    fn both(&self) -> f64 {
        self.score.as_ref().map_or(1.0, Score::both)
    }
}

fn halves(id: &Hash128) -> (u64, u64) {
    let id = u128::from_be_bytes(id.0);
    ((id >> 64) as u64, id as u64)
}

/// What an index puts down of an article.
fn text_change(
    origin: &Origin,
    fingerprints: &Fingerprints,
    indexed: Indexed,
    config: &Config,
) -> TextChange {
    let mut store = Store::new(config);
    store.make_room();
    let seen = store.remember(origin, fingerprints.id(), None);
    store.changes = Some(Vec::new());
    store.index(origin, fingerprints, seen, indexed);
    let bytes = store.changes.unwrap();
    match Changes::new(&bytes).next(Some(fingerprints.id())) {
        Ok(Some(Change::Text(text))) => text,
        other => panic!("no text was put down: {other:?}"),
    }
}

/// How the verdicts on a stream turned out.
#[derive(Default)]
struct Told {
    /// Verdicts that are not those of the one index, to the last digit; and those that are of another kind or cluster.
    differ: usize,
    differ_in_kind: usize,
    /// Repeats that are near or revisions: all, found by the one index, and by the shards.
    near: usize,
    found_by_one: usize,
    found: usize,
}

fn is_repeat(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Repeat(_))
}

fn kind_and_cluster(verdict: &Verdict) -> Option<(DuplicateKind, Hash128)> {
    match verdict {
        Verdict::Repeat(repeat) => Some((repeat.kind, repeat.cluster)),
        Verdict::New { .. } | Verdict::Unknown => None,
    }
}

/// Sends a stream through one index and through indexes cut into shards.
fn compare(documents: u64, cuts: &[(Cut, usize)]) -> (Index, Vec<(Split, Told)>) {
    let config = Config::default();
    let stream = Stream::new(20, documents, Shares::WIRE);
    let mut one = Index::new(&config);
    let split = |(cut, shards): &(Cut, usize)| (Split::new(*cut, *shards, &config), Told::default());
    let mut splits: Vec<(Split, Told)> = cuts.iter().map(split).collect();
    for n in 0..documents {
        let Document { made, at, entry, .. } = stream.document(n);
        let Entry::Sighting(sighting) = &entry else { panic!("no sighting") };
        let verdict = one.apply(at, &entry).unwrap();
        for (split, told) in &mut splits {
            let of_split = split.sight(n as u32, at, sighting);
            told.differ += usize::from(verdict != of_split);
            told.differ_in_kind += usize::from(kind_and_cluster(&verdict) != kind_and_cluster(&of_split));
            if matches!(made, Made::Near | Made::Revision) {
                told.near += 1;
                told.found_by_one += usize::from(is_repeat(&verdict));
                told.found += usize::from(is_repeat(&of_split));
            }
        }
    }
    (one, splits)
}

#[test]
fn shards_come_to_the_verdicts_of_one_index() {
    let cuts = [(Cut::ByKey, 5), (Cut::ByArticle, 1), (Cut::ByArticle, 5)];
    let (one, splits) = compare(4000, &cuts);
    for ((cut, shards), (split, told)) in cuts.iter().zip(splits) {
        assert!(told.differ <= 4, "{cut:?} into {shards}: {} of 4000 differ", told.differ);
        assert!(told.found_by_one > 400);
        let texts: Vec<usize> = split.shards.iter().map(|shard| shard.places.len()).collect();
        let (all, most) = (texts.iter().sum::<usize>(), texts.iter().max().unwrap() * shards);
        if *cut == Cut::ByArticle {
            // Each is in one, and they are even.
            assert!(all.abs_diff(one.store.texts.len()) <= told.differ, "{all} texts");
            assert!(most < all * 5 / 4, "{texts:?}");
        } else {
            assert!(all > 3 * one.store.texts.len(), "{all} texts");
        }
    }
}

/// `script/bench scale --only split` runs it. `NEWSMILL_SPLIT_DOCUMENTS` says how many documents.
#[test]
#[ignore = "a measurement"]
fn split_index_at_size() {
    let documents = std::env::var("NEWSMILL_SPLIT_DOCUMENTS").map_or(100_000, |n| n.parse().unwrap());
    let cuts = [Cut::ByKey, Cut::ByArticle].into_iter().flat_map(|cut| [1, 2, 4, 8, 16].map(|n| (cut, n)));
    let cuts: Vec<(Cut, usize)> = cuts.filter(|cut| *cut != (Cut::ByKey, 1)).collect();
    let (one, splits) = compare(documents, &cuts);
    for ((cut, shards), (split, told)) in cuts.iter().zip(splits) {
        let bytes = split.bytes();
        let looked_up: Vec<u64> = split.shards.iter().map(|shard| shard.looked_up).collect();
        let mean = |sum: usize| sum as f64 / documents as f64;
        let row = serde_json::json!({
            "cut": if *cut == Cut::ByKey { "by key" } else { "by article" },
            "shards": shards,
            "documents": documents,
            "differ": told.differ,
            "differ_in_kind": told.differ_in_kind,
            "near": told.near,
            "found_by_one": told.found_by_one,
            "found": told.found,
            "bytes_of_one": one.bytes(),
            "bytes": bytes.iter().sum::<usize>(),
            "bytes_of_largest": bytes.iter().max(),
            "looked_up": looked_up.iter().sum::<u64>(),
            "looked_up_by_busiest": looked_up.iter().max(),
            "asked": mean(split.traffic.asked),
            "answers": mean(split.traffic.answers),
            "answer_bytes": mean(split.traffic.bytes),
            "written": mean(split.traffic.written),
        });
        println!("split {row}");
    }
}
