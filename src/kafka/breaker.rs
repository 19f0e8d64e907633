//! Stops the worker when nearly everything is rejected: then the topic is the wrong one, or a crawler or a setting is
//! broken, and to go on would only move all of it into the rejections.

use std::collections::{BTreeMap, VecDeque};

use super::settings::Config;
use crate::record::Reason;

/// What became of the last pages. Counts whole batches: the oldest one leaves when the others are enough.
pub(super) struct Breaker {
    max_run: u64,
    max_share: f64,
    /// Pages that the share is of.
    window: u64,
    batches: VecDeque<Counts>,
    /// Rejected pages at the end.
    run: u64,
}

#[derive(Debug, Clone, Default)]
struct Counts {
    pages: u64,
    rejected: BTreeMap<Reason, u64>,
}

impl Counts {
    fn rejected(&self) -> u64 {
        self.rejected.values().sum()
    }
}

impl Breaker {
    /// As configured.
    pub fn new(config: &Config) -> Self {
        Self {
            max_run: config.max_rejected_run,
            max_share: config.max_rejected_share,
            window: config.rejected_share_pages,
            batches: VecDeque::new(),
            run: 0,
        }
    }

    /// Looks at the outcomes of a batch (`None`: not rejected) in the order of reading, before they are committed. Gives
    /// why the worker has to stop instead, if it has to.
    pub fn look(&self, outcomes: impl Iterator<Item = Option<Reason>>) -> Option<String> {
        let (counts, _, longest) = self.count(outcomes);
        let all = |counts: &Counts| (counts.pages, counts.rejected());
        let (pages, rejected) =
            self.batches.iter().chain([&counts]).map(all).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let named = || self.named(&counts);
        if self.max_run > 0 && longest > self.max_run {
            return Some(format!(
                "{} pages in a row would be rejected ({}), more than kafka.max_rejected_run = {}",
                longest,
                named(),
                self.max_run
            ));
        }
        if self.max_share > 0.0 && pages >= self.window && rejected as f64 > self.max_share * pages as f64 {
            return Some(format!(
                "{rejected} of the last {pages} pages would be rejected ({}), more than kafka.max_rejected_share = {}",
                named(),
                self.max_share
            ));
        }
        None
    }

    /// The commonest reasons of the last batches and of this one, with their counts.
    fn named(&self, counts: &Counts) -> String {
        let mut reasons: BTreeMap<Reason, u64> = BTreeMap::new();
        for (reason, count) in self.batches.iter().chain([counts]).flat_map(|counts| &counts.rejected) {
            *reasons.entry(*reason).or_default() += count;
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let named: Vec<_> =
            reasons.iter().take(3).map(|(reason, count)| format!("{reason} {count}")).collect();
        named.join(", ")
    }

    /// The batch is committed.
    pub fn committed(&mut self, outcomes: impl Iterator<Item = Option<Reason>>) {
        let (counts, run, _) = self.count(outcomes);
        self.run = run;
        if counts.pages == 0 {
            return;
        }
        self.batches.push_back(counts);
        let mut pages: u64 = self.batches.iter().map(|counts| counts.pages).sum();
        while let Some(oldest) = self.batches.front().filter(|oldest| pages - oldest.pages >= self.window) {
            pages -= oldest.pages;
            self.batches.pop_front();
        }
    }

    /// Counts, rejected pages at the end, and the longest run of them, with what came before.
    fn count(&self, outcomes: impl Iterator<Item = Option<Reason>>) -> (Counts, u64, u64) {
        let (mut counts, mut run, mut longest) = (Counts::default(), self.run, 0);
        for outcome in outcomes {
            counts.pages += 1;
            match outcome {
                Some(reason) => {
                    *counts.rejected.entry(reason).or_default() += 1;
                    run += 1;
                    longest = longest.max(run);
                }
                None => run = 0,
            }
        }
        (counts, run, longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: Option<Reason> = Some(Reason::Malformed);

    fn breaker(run: u64, share: f64, pages: u64) -> Breaker {
        let (max_rejected_run, max_rejected_share, rejected_share_pages) = (run, share, pages);
        Breaker::new(&Config {
            max_rejected_run,
            max_rejected_share,
            rejected_share_pages,
            ..Config::default()
        })
    }

    #[test]
    fn a_run_over_batches_stops_it_before_the_commit() {
        let mut breaker = breaker(5, 0.0, 1);
        let batch = || [None, BAD, BAD, BAD].into_iter();
        assert_eq!(breaker.look(batch()), None);
        breaker.committed(batch());
        assert_eq!(breaker.look([BAD, BAD, None].into_iter()), None, "5 in a row are allowed");
        let why = breaker.look([BAD, BAD, Some(Reason::Empty), None].into_iter()).unwrap();
        assert_eq!(
            why,
            "6 pages in a row would be rejected (malformed 5, empty 1), more than kafka.max_rejected_run = 5"
        );
        breaker.committed([BAD, None].into_iter());
        assert_eq!(breaker.look([BAD; 5].into_iter()), None, "a good page ends a run");
    }

    #[test]
    fn a_share_counts_once_there_are_enough_pages() {
        let mut breaker = breaker(0, 0.75, 8);
        let bad = || [BAD, BAD, BAD, BAD].into_iter();
        assert_eq!(breaker.look(bad()), None, "too few to tell");
        breaker.committed(bad());
        assert!(
            breaker.look(bad()).unwrap().starts_with("8 of the last 8 pages would be rejected (malformed 8)")
        );
        breaker.committed([None, None, BAD, BAD].into_iter());
        assert_eq!(breaker.look([None, BAD].into_iter()), None);
        breaker.committed([None; 4].into_iter());
        // The first batch has left.
        assert_eq!(breaker.look(bad()), None);
    }

    #[test]
    fn nothing_stops_it_where_both_are_off() {
        assert_eq!(breaker(0, 0.0, 1).look([BAD; 99].into_iter()), None);
    }
}
