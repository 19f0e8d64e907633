//! Scores of the articles that share shingles with a new page, and what they mean.
//!
//! The index keeps the lowest hashes of each article, a new page brings its lowest 128. Up to the lower
//! of the two highest hashes both lists are complete, so within that range:
//!
//! - the share of the *page* found in the article = hashes in common / hashes of the page, and
//! - the share of the *article* found in the page = hashes in common / hashes of the article.
//!
//! A page repeats an article when the larger share is high enough. What is high enough depends on four
//! further signs:
//!
//! **How common a hash is.** Hashes count 1/df, df being the number of groups of texts that hold them. A
//! group is a text with its close copies; an article that was matched only loosely begins a group of its
//! own even inside a cluster. So the set phrases of a template lose weight with each page made of it,
//! also if the first few were taken for repeats of each other, and a cluster of template stories stops
//! growing by itself. And there must be evidence enough: hashes that weigh three in all, or nearly
//! everything that can be compared.
//!
//! **Where they are.** A reworked text (an update) shares words throughout; a page that quotes an article
//! (a live blog, a round-up) shares a passage or two, seen as runs of hits in the order of the text. The more
//! passages, the less has to be in common: one passage is a repeat only if it makes up most of the one text or
//! the other.
//!
//! **Size.** An article found whole in a page many times its size is quoted there.
//!
//! **Numbers.** Two market reports of different days are of one length and differ in their numbers, and in
//! little else. A number is part of four shingles, so the numbers that differ say how many shingles have to. An
//! update has other numbers too, but most of what is new in it is new words.

use super::signature::CELL_BITS;
use crate::record::Contained;
use crate::stages::deduplicate::{Config, Fingerprints, HASH_BITS};

/// Groups that hold a hash from which on it is a set phrase: it counts for nothing and goes into no
/// further sketch.
pub(super) const COMMON: usize = 24;
/// Fewest hashes in common: two texts of a few shared words are not one.
pub(super) const MIN_HITS: usize = 3;
/// Fewest shingles of a text that can be a near-duplicate: two sentences or so.
pub(super) const MIN_SHINGLES: u32 = 8;
/// Weight of the hashes in common that is evidence enough, and the least where all but a tenth of what
/// can be compared is in common.
const EVIDENCE: f64 = 3.0;
const LEAST_EVIDENCE: f64 = 1.5;
const NEARLY_ALL: f64 = 0.9;
/// Runs of hits and misses, in the order of the text, of which one passage is made: before, in, after.
const PASSAGE_RUNS: u32 = 3;
/// Runs of at most three passages: a page that quotes an article, or another that quotes the same, shares no more.
const FEW_PASSAGES_RUNS: u32 = 7;
/// Part of what differs that must be put down to other numbers for a form that was filled in anew. It is .25 to
/// .7 in market reports, forecasts and results, and under .25 in updates.
const FILLED_IN: f64 = 0.3;
/// Shingles of four words that a number is part of.
const SHINGLES_OF_NUMBER: f64 = 4.0;
/// Two texts of one length: neither is longer by more than this.
const ONE_LENGTH: f64 = 1.15;
/// Share of a text from which it stands nearly whole within another.
const WHOLE: f64 = 0.8;
/// Resemblance above which differing numbers are slips or corrections.
const SURE: f64 = 0.9;
/// Chance that a hash counts as held though it is not, for each hash kept: one of the cells of a signature.
const CHANCE: f64 = 1.0 / (1 << CELL_BITS) as f64;
/// Numbers below which two texts cannot be told apart by them.
const FEW_NUMBERS: u32 = 3;
/// Numbers above which the map is too full to tell anything.
const MANY_NUMBERS: u32 = 48;

/// What the index keeps of an article for matching.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    /// Distinct shingles of the text.
    pub shingles: u32,
    /// Hashes kept.
    pub hashes: u32,
    /// Highest hash up to which the kept ones are all there are; `u64::MAX` if none was left out.
    pub bound: u64,
    /// Map of its numbers.
    pub numbers: u64,
}

/// How much two texts have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Score {
    /// Share of the page found in the article.
    of_page: f64,
    /// Share of the article found in the page.
    of_article: f64,
    /// Hashes in common: how many, and what they weigh.
    hits: u32,
    weight: f64,
    /// Hashes of the page that could have been in common.
    comparable: u32,
    /// Runs of hits and misses in the order of the text.
    runs: u32,
    /// Share of the numbers in common, chance hits taken off; 1 where there are too few.
    numbers: f64,
    /// Part of what differs that other numbers account for: 0 none, 1 and above all.
    by_numbers: f64,
    /// Shingles of the article over shingles of the page.
    size: f64,
}

impl Score {
    /// The larger of the two shares.
    pub fn share(&self) -> f64 {
        self.of_page.max(self.of_article)
    }

    /// The smaller of the two shares.
    pub fn both(&self) -> f64 {
        self.of_page.min(self.of_article)
    }

    /// Which stands nearly whole within the other, where only one does.
    pub fn contained(&self) -> Option<Contained> {
        if self.share() < WHOLE || self.both() >= WHOLE {
            None
        } else if self.of_page > self.of_article {
            Some(Contained::Page)
        } else {
            Some(Contained::Article)
        }
    }

    /// Share of the page found in the article, and of the article found in the page.
    pub fn shares(&self) -> [f64; 2] {
        [self.of_page, self.of_article]
    }

    /// Hashes in common, and those of the page that could be.
    pub fn counts(&self) -> (u32, u32) {
        (self.hits, self.comparable)
    }

    /// Whether the page is a near-duplicate of the article.
    pub fn is_near(&self, config: &Config) -> bool {
        self.has_evidence()
            && !self.is_quoted(config)
            && self.share() >= self.wanted(config)
            && !self.is_filled_in(config)
    }

    /// Why the page is a near-duplicate of the article, or the first thing that it lacks for that, in words.
    pub fn why(&self, config: &Config) -> String {
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let (share, wanted) = (percent(self.share()), percent(self.wanted(config)));
        let passages = if self.runs <= PASSAGE_RUNS {
            "in one passage"
        } else if self.runs <= FEW_PASSAGES_RUNS {
            "in a few passages"
        } else {
            "throughout"
        };
        if !self.has_evidence() {
            format!("{share} in common, but in phrases that many articles share")
        } else if self.is_quoted(config) {
            format!("{share} in common, but the page is much longer: the article is quoted in it")
        } else if self.share() < self.wanted(config) {
            format!("{share} in common, {passages}, where {wanted} would make it a repeat")
        } else if self.is_filled_in(config) {
            format!("{share} in common, but the numbers differ: the same form, filled in anew")
        } else {
            format!("{share} in common, {passages}, where {wanted} is enough")
        }
    }

    /// Share in common that is enough: the more passages, the less.
    fn wanted(&self, config: &Config) -> f64 {
        if self.runs <= PASSAGE_RUNS {
            config.passage_share
        } else if self.runs <= FEW_PASSAGES_RUNS {
            config.near_share
        } else {
            config.reworked_share
        }
    }

    /// An article found in a page many times its size.
    fn is_quoted(&self, config: &Config) -> bool {
        self.size < config.quoted_share && self.of_page < 0.5
    }

    /// Whether the page is a new version of the article, which was under the same URL.
    pub fn is_revision(&self, config: &Config) -> bool {
        self.has_evidence() && self.share() >= config.revision_share && !self.is_filled_in(config)
    }

    fn has_evidence(&self) -> bool {
        let nearly_all = f64::from(self.hits) >= NEARLY_ALL * f64::from(self.comparable);
        self.weight >= if nearly_all { LEAST_EVIDENCE } else { EVIDENCE }
    }

    /// The same form filled in with other numbers.
    fn is_filled_in(&self, config: &Config) -> bool {
        let one_length = (1.0 / ONE_LENGTH..=ONE_LENGTH).contains(&self.size);
        let other_numbers = self.numbers < config.numbers_share && self.by_numbers >= FILLED_IN;
        one_length && other_numbers && self.both() < SURE
    }
}

/// The new page, with the weight of each of its hashes.
#[derive(Debug)]
pub(super) struct Query<'a> {
    fingerprints: &'a Fingerprints,
    weights: Vec<f64>,
    /// Sum of the weights before each hash; one longer than `weights`.
    sums: Vec<f64>,
    /// Places in the sketch, in the order of the text.
    in_text: Vec<u8>,
    bound: u64,
}

impl<'a> Query<'a> {
    /// `df`: in how many groups each hash of the sketch is.
    pub fn new(fingerprints: &'a Fingerprints, df: &[usize]) -> Self {
        let weights: Vec<f64> =
            df.iter().map(|df| if *df >= COMMON { 0.0 } else { 1.0 / (*df).max(1) as f64 }).collect();
        let mut sums = Vec::with_capacity(weights.len() + 1);
        let mut sum = 0.0;
        sums.push(0.0);
        for weight in &weights {
            sum += weight;
            sums.push(sum);
        }
        let mut in_text: Vec<u8> = (0..=u8::MAX).take(weights.len()).collect();
        in_text.sort_by_key(|i| fingerprints.ranks.get(usize::from(*i)).copied().unwrap_or(0));
        let all = fingerprints.shingles as usize <= fingerprints.sketch.len();
        let bound = if all { u64::MAX } else { fingerprints.sketch.last().copied().unwrap_or(0) };
        Self { fingerprints, weights, sums, in_text, bound }
    }

    /// `hits`: one bit for each hash of the page's sketch that the article holds.
    pub fn score(&self, hits: u128, kept: &Kept) -> Score {
        let sketch = &self.fingerprints.sketch;
        let comparable = sketch.partition_point(|hash| *hash <= kept.bound);
        let (mut weight, mut runs, mut before, mut differ) = (0.0, 0u32, None, 0u32);
        // Length of the run of hits at hand, and hits that stood alone.
        let (mut length, mut alone) = (0u32, 0u32);
        for i in self.in_text.iter().map(|i| usize::from(*i)).filter(|i| *i < comparable) {
            // A set phrase may have been left out of the article's sketch, so a miss says nothing.
            if self.weights[i] == 0.0 {
                continue;
            }
            let hit = hits >> i & 1 == 1;
            differ += u32::from(!hit);
            weight += if hit { self.weights[i] } else { 0.0 };
            runs += u32::from(before != Some(hit));
            if hit {
                length += 1;
            } else {
                alone += u32::from(length == 1);
                length = 0;
            }
            before = Some(hit);
        }
        // Of the article's kept hashes only those up to the page's own bound could have been hit.
        let within = if kept.bound <= self.bound {
            f64::from(kept.hashes)
        } else {
            let span = kept.bound.min(1 << HASH_BITS) as f64;
            f64::from(kept.hashes) * (self.bound as f64 / span)
        };
        let hit = hits.count_ones();
        let missed = (within - f64::from(hit)).max(0.0);
        alone += u32::from(length == 1);
        let by_chance = (comparable as f64 - f64::from(hit)) * f64::from(kept.hashes) * CHANCE;
        let certain = (weight - by_chance).max(0.0);
        // A hit by chance parts a run of misses into two. As many as there may be, to one case in ten.
        let most_by_chance = (by_chance + 1.28 * by_chance.sqrt()).round() as u32;
        let runs = runs.saturating_sub(2 * alone.min(most_by_chance));
        // Shingles of the page that the article does not have.
        let differ = f64::from(differ) / comparable.max(1) as f64 * f64::from(self.fingerprints.shingles);
        let (few, numbers) = numbers_in_common(self.fingerprints.numbers, kept.numbers);
        let other_numbers = f64::from(few) * (1.0 - numbers);
        Score {
            of_page: ratio(certain, self.sums[comparable]),
            of_article: ratio(certain, certain + missed),
            hits: hit,
            weight,
            comparable: comparable as u32,
            runs: runs.max(1),
            numbers,
            by_numbers: SHINGLES_OF_NUMBER * other_numbers / differ.max(1.0),
            size: f64::from(kept.shingles) / f64::from(self.fingerprints.shingles.max(1)),
        }
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { (part / whole).min(1.0) } else { 0.0 }
}

/// How many numbers the text with fewer has, and the share of them that are among the more, with what chance
/// gives taken off.
fn numbers_in_common(a: u64, b: u64) -> (u32, f64) {
    let (few, many) = (a.count_ones().min(b.count_ones()), a.count_ones().max(b.count_ones()));
    if few < FEW_NUMBERS || many > MANY_NUMBERS {
        return (few, 1.0);
    }
    let chance = f64::from(many) / 64.0;
    let seen = f64::from((a & b).count_ones()) / f64::from(few);
    (few, ((seen - chance) / (1.0 - chance)).max(0.0))
}
