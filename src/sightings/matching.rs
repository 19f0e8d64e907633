//! Scores of the articles that share shingles with a new page.
//!
//! The index keeps the lowest `k` hashes of each article, a new page brings its lowest 128. Up to
//! the lower of the two highest hashes both lists are complete, so within that range:
//!
//! - the share of the *page* found in the article = hashes in common / hashes of the page, and
//! - the share of the *article* found in the page = hashes in common / hashes of the article.
//!
//! A page repeats an article when the larger share is high enough. Hashes count 1/df, df being the
//! number of clusters that hold them: the set phrases of market reports and the boilerplate of a site
//! count next to nothing, while what only one story says counts in full.

use crate::stages::deduplicate::{Config, Fingerprints};

/// Clusters that hold a hash from which on it is a set phrase: it counts for nothing and goes into
/// no further sketch.
pub(super) const COMMON: usize = 24;
/// Fewest hashes in common: two texts of a few shared words are not one.
const MIN_HITS: usize = 3;
/// Fewest shingles of a text that can be a near-duplicate: two sentences or so.
pub(super) const MIN_SHINGLES: u32 = 8;
/// Resemblance above which differing numbers are slips or corrections.
const SURE: f64 = 0.9;
/// Numbers below which two texts cannot be told apart by them.
const FEW_NUMBERS: u32 = 3;

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
    pub of_page: f64,
    /// Share of the article found in the page.
    pub of_article: f64,
    /// Hashes in common.
    pub hits: usize,
    /// Share of the numbers in common, chance hits taken off; 1 where there are too few.
    pub numbers: f64,
    /// Shingles of the article over shingles of the page.
    pub size: f64,
}

impl Score {
    pub fn share(&self) -> f64 {
        self.of_page.max(self.of_article)
    }

    pub fn both(&self) -> f64 {
        self.of_page.min(self.of_article)
    }

    pub fn is_near(&self, config: &Config) -> bool {
        // An article found whole in a page many times its size is quoted there (a round-up).
        let quoted = self.size < config.quoted_share && self.of_page < config.near_share;
        self.hits >= MIN_HITS
            && self.share() >= config.near_share
            && !quoted
            && (self.numbers >= config.numbers_share || self.both() >= SURE)
    }

    pub fn is_revision(&self, config: &Config) -> bool {
        self.hits >= MIN_HITS
            && self.share() >= config.revision_share
            && (self.numbers >= config.numbers_share || self.both() >= SURE)
    }
}

/// The new page, with the weight of each of its hashes.
#[derive(Debug)]
pub(super) struct Query<'a> {
    fingerprints: &'a Fingerprints,
    weights: Vec<f64>,
    /// Sum of the weights before each hash; one longer than `weights`.
    sums: Vec<f64>,
    bound: u64,
}

impl<'a> Query<'a> {
    /// `df`: in how many clusters each hash of the sketch is.
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
        let all = fingerprints.shingles as usize <= fingerprints.sketch.len();
        let bound = if all { u64::MAX } else { fingerprints.sketch.last().copied().unwrap_or(0) };
        Self { fingerprints, weights, sums, bound }
    }

    /// `hits`: places in the page's sketch of the hashes that the article holds.
    pub fn score(&self, hits: &[usize], kept: &Kept) -> Score {
        let sketch = &self.fingerprints.sketch;
        let comparable = sketch.partition_point(|hash| *hash <= kept.bound);
        let hit_weight: f64 = hits.iter().map(|i| self.weights[*i]).sum();
        let of_page = ratio(hit_weight, self.sums[comparable]);
        // Of the article's kept hashes only those up to the page's own bound could have been hit.
        let within = if kept.bound <= self.bound || self.bound == u64::MAX {
            f64::from(kept.hashes)
        } else {
            let span = if kept.bound == u64::MAX { (1u64 << 40) as f64 } else { kept.bound as f64 };
            f64::from(kept.hashes) * (self.bound as f64 / span)
        };
        let missed = (within - hits.len() as f64).max(0.0);
        let of_article = ratio(hit_weight, hit_weight + missed);
        Score {
            of_page,
            of_article,
            hits: hits.len(),
            numbers: numbers_in_common(self.fingerprints.numbers, kept.numbers),
            size: f64::from(kept.shingles) / f64::from(self.fingerprints.shingles.max(1)),
        }
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { (part / whole).min(1.0) } else { 0.0 }
}

/// Share of the fewer numbers that are among the more, with what chance gives taken off.
fn numbers_in_common(a: u64, b: u64) -> f64 {
    let (few, many) = (a.count_ones().min(b.count_ones()), a.count_ones().max(b.count_ones()));
    if few < FEW_NUMBERS || many > 48 {
        return 1.0;
    }
    let chance = f64::from(many) / 64.0;
    let seen = f64::from((a & b).count_ones()) / f64::from(few);
    ((seen - chance) / (1.0 - chance)).max(0.0)
}
