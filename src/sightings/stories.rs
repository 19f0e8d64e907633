//! Stories of pages in near-duplicate detection.
//!
//! A story inside a page may be told elsewhere: as an article, or inside of another page. It is held against the main
//! texts and the stories before it, by the same rule as pages are, and has a verdict of its own. Pages are held
//! against main texts alone: neither page is a repeat of another for a story that both carry, nor is an article a
//! repeat for a story that was carried elsewhere before.
//!
//! The page's own cluster does not count: the text of a round-up holds its items.

use super::index::{Found, Index, better, common_of};
use super::matching::{MIN_SHINGLES, Score};
use super::store::Side;
use super::{Indexed, JudgedStory, Repeat, Sighting, Verdict, likeness};
use crate::record::{DuplicateKind, Hash128};
use crate::stages::deduplicate::Fingerprints;

/// What a story repeats, and what of it goes into the index.
pub(super) type Told = (Option<Found>, Indexed);

impl Index {
    /// How the stories of a page repeat others, in page order; empty where they were not looked at, as those of an
    /// exact repeat are. To be called before further entries are applied.
    pub fn stories(&self, sighting: &Sighting) -> Vec<Option<Repeat>> {
        let Some(seen) = self.store.seen_of(&sighting.origin) else { return Vec::new() };
        let verdicts = self.store.stories_of(seen).map(|story| self.verdict_of(story));
        verdicts
            .map(|verdict| match verdict {
                Verdict::Repeat(repeat) => Some(repeat),
                Verdict::New { .. } | Verdict::Unknown => None,
            })
            .collect()
    }

    /// Looks for what the stories of a page repeat; `page` is what the page itself does.
    pub(super) fn match_stories(&self, sighting: &Sighting, page: Option<Found>) -> Vec<Told> {
        if sighting.stories.is_empty() {
            return Vec::new();
        }
        let url = sighting.fingerprints.as_ref().and_then(|fingerprints| fingerprints.url);
        let mut own = url.map_or_else(Vec::new, |url| self.store.versions(url));
        own.extend(page.map(|found| self.store.cluster(found.text)));
        // By their ids: of one that was begun again a restored index may have another number.
        let own: Vec<_> = own.into_iter().map(|cluster| self.store.cluster_id(cluster)).collect();
        sighting.stories.iter().map(|story| self.match_story(story, &own)).collect()
    }

    /// `own`: clusters of the page itself.
    fn match_story(&self, story: &Fingerprints, own: &[Hash128]) -> Told {
        let exact = self.store.by_text(Side::Pages, story, own);
        let exact = exact.or_else(|| self.store.by_text(Side::Stories, story, &[])).map(Found::exact);
        let mut found = exact;
        let mut common = 0;
        if exact.is_none_or(|found| found.stale) && story.shingles >= MIN_SHINGLES {
            let (of_pages, mut scored) = self.scores(Side::Pages, story);
            scored.retain(|(text, _)| !own.contains(&self.store.cluster_id(self.store.cluster(*text))));
            let (of_stories, others) = self.scores(Side::Stories, story);
            scored.extend(others);
            common = common_of(&of_pages) | common_of(&of_stories);
            let near = |(_, score): &&(u32, Score)| score.is_near(&self.config);
            found = exact.or_else(|| {
                let (text, score) = scored.iter().filter(near).max_by(better)?;
                Some(self.found(*text, DuplicateKind::Near, score))
            });
        }
        let mut indexed = Indexed::default();
        let anew = found.is_none_or(|found| found.stale);
        indexed.keys = if exact.is_some() && !anew { 0 } else { Indexed::TEXT };
        if anew || found.is_some_and(|found| !found.same) {
            indexed.sketch = self.choose(Side::Stories, story, common);
        }
        indexed.group = match found.filter(|found| found.strong) {
            Some(found) => self.store.group(found.text),
            None => (story.text >> 32) as u32,
        };
        (found, indexed)
    }

    /// Remembers the stories of the page that was remembered last.
    pub(super) fn remember_stories(&mut self, sighting: &Sighting, told: Vec<Told>) {
        for (story, (found, indexed)) in sighting.stories.iter().zip(told) {
            let repeat = found.map(|found| {
                let cluster = self.store.joined(Side::Stories, self.store.cluster(found.text));
                (cluster, found.kind, likeness(found.similarity, found.contained))
            });
            let seen = self.store.remember_story(story.story_id(), repeat);
            self.index_story(sighting, story, seen, indexed);
        }
    }

    fn index_story(&mut self, sighting: &Sighting, story: &Fingerprints, seen: u32, indexed: Indexed) {
        if !indexed.is_nothing() {
            self.store.index(&sighting.origin, story, seen, indexed);
        }
    }

    /// Remembers the stories of the page that was remembered last, with verdicts known from the log.
    pub(super) fn apply_judged_stories(&mut self, sighting: &Sighting, judged: &[JudgedStory]) {
        for (story, JudgedStory { verdict, indexed }) in sighting.stories.iter().zip(judged) {
            let repeat = match verdict {
                Verdict::Repeat(repeat) => {
                    let cluster = self.store.cluster_of_story(&repeat.cluster);
                    Some((cluster, repeat.kind, likeness(repeat.similarity, repeat.contained)))
                }
                Verdict::New { .. } | Verdict::Unknown => None,
            };
            let seen = self.store.remember_story(story.story_id(), repeat);
            self.index_story(sighting, story, seen, *indexed);
        }
    }

    /// What [`super::Judged`] says of the stories of the page `seen`.
    pub(super) fn judged_stories(&self, sighting: &Sighting, seen: u32) -> Vec<JudgedStory> {
        let stories = self.store.stories_of(seen).zip(&sighting.stories);
        stories
            .map(|(seen, story)| {
                let text = self.store.text_of(seen, &sighting.origin.body, story);
                let indexed = text.map_or_else(Indexed::default, |text| self.store.indexed(text));
                JudgedStory { verdict: self.verdict_of(seen), indexed }
            })
            .collect()
    }
}
