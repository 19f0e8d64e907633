//! Records of the stories of a page: they stand right behind the page's own, and share its origin.

use std::ops::Range;

use super::super::changes::{Change, PageChange};
use super::records::{STORY, Seen};
use super::{Side, Store};
use crate::record::{DuplicateKind, Hash128};

impl Store {
    /// Records of the stories of a page.
    pub fn stories_of(&self, seen: u32) -> Range<u32> {
        let behind = seen + 1..self.seen.len() as u32;
        let end = behind.clone().find(|number| !self.seen[*number as usize].is_story());
        behind.start..end.unwrap_or(behind.end)
    }

    /// Remembers a story of the page that was remembered last, as [`Store::remember`] does a page.
    pub fn remember_story(&mut self, id: Hash128, repeat: Option<(u32, DuplicateKind, u16)>) -> u32 {
        let number = self.push_story(id, repeat);
        self.note_story(number);
        number
    }

    pub(super) fn push_story(&mut self, id: Hash128, repeat: Option<(u32, DuplicateKind, u16)>) -> u32 {
        let number = self.seen.len() as u32;
        let mut story = Seen::new(0, id, number, repeat);
        story.marks |= STORY;
        self.seen.push(story);
        number
    }

    /// The stories of the page `seen` are remembered anew, behind its new record.
    pub(super) fn stories_seen_again(&mut self, seen: u32) {
        for story in self.stories_of(seen) {
            let story = self.seen[story as usize];
            self.seen.push(story);
            self.note_story(self.seen.len() as u32 - 1);
        }
    }

    fn note_story(&mut self, number: u32) {
        if self.changes.is_some() {
            let seen = self.seen[number as usize];
            let (id, kind, likeness) = (seen.id, seen.kind(), seen.likeness());
            let cluster = kind.map(|_| self.cluster_id(seen.cluster));
            self.note(|| Change::Story(PageChange { origin: 0, id, kind, cluster, likeness }));
            if seen.is_void() {
                self.note(|| Change::Dead(1));
            }
        }
    }

    /// Number of a cluster by its id, of pages or of stories.
    pub fn cluster_of_story(&mut self, id: &Hash128) -> u32 {
        let first = self.first_of(Side::Pages, id).or_else(|| self.first_of(Side::Stories, id));
        first.unwrap_or_else(|| self.elder(id))
    }
}
