//! What was done to a store before, done again.

use super::super::changes::{Change, Changes};
use super::records::VOID;
use super::{DAY_MS, Filling, Store};

impl Store {
    /// Begins to apply changes in an empty store, of which `first` is the first segment.
    pub fn begin_restore(&mut self, first: u64) {
        self.next_segment = first;
        self.deferred = Some(Filling::default());
    }

    /// Applies changes that a store with these settings put down.
    ///
    /// # Errors
    /// Bytes that are no changes.
    pub fn restore(&mut self, changes: &[u8]) -> Result<(), String> {
        let mut changes = Changes::new(changes);
        while let Some(change) = changes.next(self.seen.last().map(|seen| seen.id))? {
            match change {
                Change::Day(day) => self.advance(day.saturating_mul(DAY_MS)),
                Change::Begun => self.begin_segment(),
                // What was put down in it may be gone.
                Change::Left(segment) => {
                    while !self.segments.is_empty() && self.segments().start <= segment {
                        self.leave_early();
                    }
                }
                Change::Page(page) => {
                    let cluster = page.cluster.map(|cluster| self.cluster_of(&cluster));
                    let repeat = cluster.zip(page.kind).map(|(cluster, kind)| (cluster, kind, page.likeness));
                    self.push_seen(page.origin, page.id, repeat);
                }
                Change::Story(story) => {
                    let cluster = story.cluster.map(|cluster| self.cluster_of_story(&cluster));
                    self.push_story(
                        story.id,
                        cluster.zip(story.kind).map(|(c, kind)| (c, kind, story.likeness)),
                    );
                }
                Change::Text(text) => {
                    let Some(seen) = self.seen.len().checked_sub(1) else { continue };
                    self.push_text(&text, seen as u32);
                }
                Change::Void(key) => self.void_key(key),
                Change::Dead(back) => {
                    let number =
                        usize::try_from(back).ok().and_then(|back| self.seen.len().checked_sub(back));
                    if let Some(number) = number.filter(|number| *number < self.seen.len()) {
                        self.seen[number].marks |= VOID;
                        self.any_void = true;
                    }
                }
            }
        }
        Ok(())
    }

    /// What was applied so far is `part` (0 to 1) of what will come: makes room for the rest.
    pub fn expect(&mut self, part: f64) {
        self.settle();
        for table in [&mut self.origins, &mut self.pages.exact, &mut self.pages.sketches] {
            table.reserve((table.len() as f64 / part) as usize);
        }
    }

    /// Every change was applied.
    pub fn end_restore(&mut self) {
        self.settle();
        self.deferred = None;
        for table in [&mut self.origins, &mut self.pages.exact, &mut self.pages.sketches] {
            table.shrink();
        }
    }

    pub(super) fn settle(&mut self) {
        if let Some(filling) = &mut self.deferred {
            filling.origins.settle(&mut self.origins);
            filling.sketches.settle(&mut self.pages.sketches);
        }
    }
}
