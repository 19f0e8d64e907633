//! What of the index is nearest to a page, and why it is a repeat of it or not: for `newsmill explain`. Nothing is applied.

use schemars::JsonSchema;
use serde::Serialize;

use super::index::{Found, Index, better};
use super::matching::Score;
use super::store::Side;
use super::{Repeat, Sighting, Verdict};
use crate::record::{DuplicateKind, Hash128};

/// What the index says of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The verdict that the page has, or would have.
    pub verdict: Verdict,
    /// Whether it has it already: this very page was seen before.
    pub is_known: bool,
    /// The articles that share most with it, the best first.
    pub nearest: Vec<Neighbour>,
}

/// An article that shares something with a page.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Neighbour {
    /// Its id.
    pub id: Hash128,
    /// Id of its cluster.
    pub cluster: Hash128,
    /// Share of the page that is found in it, 0 to 1.
    pub of_page: f64,
    /// Share of it that is found in the page, 0 to 1.
    pub of_article: f64,
    /// Of the page's sampled runs of words, how many it has, and how many it could have.
    pub hits: u32,
    /// See `hits`.
    pub of_hits: u32,
    /// Whether the page would be a repeat of it.
    pub is_repeat: bool,
    /// Why it is a repeat, or what is missing, in a sentence.
    pub why: String,
}

impl Index {
    /// Holds a page against the index as it stands; at most so many neighbours.
    pub fn hold(&self, sighting: &Sighting, most: usize) -> Held {
        let fingerprints = sighting.fingerprints.as_ref();
        let scored = fingerprints.map_or_else(Vec::new, |own| self.scores(Side::Pages, own).1);
        let seen = self.store.seen_of(&sighting.origin);
        let (verdict, found) = match seen {
            Some(seen) => (self.verdict_of(seen), None),
            None => self.would(sighting, &scored),
        };
        let mut order: Vec<&(u32, Score)> = scored.iter().collect();
        order.sort_by(|a, b| better(b, a));
        // The page itself is not among what is near it.
        order
            .retain(|(text, _)| seen.is_none() || self.store.texts[*text as usize].seen != seen.unwrap_or(0));
        let nearest = order.into_iter().take(most).map(|(text, score)| self.neighbour(*text, score, found));
        Held { verdict, is_known: seen.is_some(), nearest: nearest.collect() }
    }

    /// The verdict of a page that was not seen yet, and what it rests on.
    fn would(&self, sighting: &Sighting, scored: &[(u32, Score)]) -> (Verdict, Option<Found>) {
        let by_bytes = self.store.by_body(&sighting.origin.body).map(Found::exact);
        let Some(fingerprints) = &sighting.fingerprints else { return (Verdict::Unknown, None) };
        let id = by_bytes.map_or_else(|| fingerprints.id(), |found| self.id_of(found.text));
        let by_text = || self.store.by_text(Side::Pages, fingerprints, &[]).map(Found::exact);
        let Some(found) = by_bytes.or_else(by_text).or_else(|| self.best(fingerprints, scored)) else {
            return (Verdict::New { id }, None);
        };
        let cluster = self.store.cluster_id(self.store.cluster(found.text));
        let Found { kind, similarity, contained, .. } = found;
        let similarity = (similarity * 1000.0).round() / 1000.0;
        (Verdict::Repeat(Repeat { id, kind, of: cluster, cluster, similarity, contained }), Some(found))
    }

    fn neighbour(&self, text: u32, score: &Score, found: Option<Found>) -> Neighbour {
        let own = found.filter(|found| found.text == text);
        let rounded = |share: f64| (share * 1000.0).round() / 1000.0;
        let [of_page, of_article] = score.shares().map(rounded);
        let (hits, of_hits) = score.counts();
        let why = match own.map(|found| found.kind) {
            Some(DuplicateKind::Exact) => "the same bytes, or the same text".to_owned(),
            Some(DuplicateKind::Revision) => "it was under the same URL, and has enough in common".to_owned(),
            Some(DuplicateKind::Near) | None => score.why(&self.config),
        };
        Neighbour {
            id: self.id_of(text),
            cluster: self.store.cluster_id(self.store.cluster(text)),
            of_page,
            of_article,
            hits,
            of_hits,
            is_repeat: own.is_some() || score.is_near(&self.config),
            why,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Extracted, Origin, Source};
    use crate::sightings::{At, Config, Entry};
    use crate::stages::deduplicate::fingerprint;

    fn sighting(line: u64, text: &str) -> Sighting {
        let origin = Origin {
            source: Source::File { input: "test".into(), line },
            body: Hash128::of(text.as_bytes()),
        };
        let extracted = Extracted { text: text.to_owned(), ..Extracted::default() };
        Sighting::full(origin, fingerprint(&extracted, None).0)
    }

    fn words(from: usize, to: usize) -> String {
        (from..to).map(|n| format!("word{}", n * 7919 % 10_007)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_page_is_held_against_the_index_and_leaves_it_as_it_was() {
        let mut index = Index::new(&Config::default());
        let mut at = 0;
        let mut apply = |index: &mut Index, sighting: &Sighting| {
            at += 1;
            index
                .apply(At { position: at, millis: 0, check: 0 }, &Entry::Sighting(Box::new(sighting.clone())))
        };
        let first = sighting(1, &words(0, 300));
        apply(&mut index, &first);
        let near = sighting(2, &words(0, 280));
        let held = index.hold(&near, 3);
        assert!(!held.is_known);
        assert!(held.nearest[0].is_repeat && held.nearest[0].of_page > 0.9, "{:?}", held.nearest);
        assert_eq!(held.nearest[0].id, first.id);
        assert_eq!(index.pages(), 1, "nothing was applied");
        assert_eq!(Some(held.verdict), apply(&mut index, &near), "the verdict is the one that comes");
        let known = index.hold(&near, 3);
        assert!(known.is_known);
        let half = sighting(3, &format!("{} {}", words(200, 300), words(1000, 1200)));
        let held = index.hold(&half, 3);
        assert_eq!(held.verdict, Verdict::New { id: half.id });
        assert!(!held.nearest[0].is_repeat, "{:?}", held.nearest);
        assert!(held.nearest[0].why.contains('%'), "{}", held.nearest[0].why);
        assert!(index.hold(&sighting(4, &words(2000, 2300)), 3).nearest.is_empty());
    }
}
