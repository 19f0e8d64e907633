//! Time: what is older than the window leaves, a segment at a time.

use std::collections::HashMap;
use std::ops::Range;

use super::super::changes::Change;
use super::records::VOID;
use super::{DAY_MS, ELDER, Segment, Store};
use crate::record::Hash128;

impl Store {
    pub fn is_past(&self, then: i64, now: i64) -> bool {
        then.div_euclid(DAY_MS) < now.div_euclid(DAY_MS).saturating_sub(self.window_days)
    }

    pub fn advance(&mut self, millis: i64) {
        let day = millis.div_euclid(DAY_MS);
        if day <= self.today {
            return;
        }
        self.today = day;
        self.note(|| Change::Day(day));
        let oldest = self.today.saturating_sub(self.window_days);
        let gone = self.segments.iter().take_while(|segment| segment.day < oldest).count();
        if gone > 0 {
            self.forget(gone);
        }
    }

    /// A segment is a day, or an eighth of what may be remembered if a day has more.
    pub fn make_room(&mut self) {
        while self.seen.len() >= self.max_pages as usize && !self.segments.is_empty() {
            self.note_left();
            self.leave_early();
        }
        let full = (self.max_pages / 8).max(1);
        let seen = self.seen.len() as u32;
        let fits = self.segments.back().is_some_and(|last| last.day == self.today && seen - last.seen < full);
        if !fits {
            self.note(|| Change::Begun);
            self.begin_segment();
        }
    }

    pub(super) fn begin_segment(&mut self) {
        let (seen, texts) = (self.seen.len() as u32, self.texts.len() as u32);
        self.segments.push_back(Segment { day: self.today, seen, texts });
        self.next_segment += 1;
    }

    pub(super) fn leave_early(&mut self) {
        let second = self.segments.get(1).map_or(self.seen.len(), |segment| segment.seen as usize);
        self.forgotten_early += second as u64;
        self.forget(1);
    }

    fn note_left(&mut self) {
        let first = self.segments().start;
        self.note(|| Change::Left(first));
    }

    /// When the oldest day that is remembered began, in milliseconds since 1970; `None` where nothing is.
    pub fn oldest(&self) -> Option<i64> {
        self.segments.front().map(|segment| segment.day.saturating_mul(DAY_MS))
    }

    /// Numbers of the segments that are remembered.
    pub fn segments(&self) -> Range<u64> {
        self.next_segment - self.segments.len() as u64..self.next_segment
    }

    /// Drops the oldest segments. Clusters whose first page leaves become elders, one of each id; if that page was taken
    /// back, so are the others from now on, for what came again from elsewhere may have begun a cluster of the same id.
    pub fn forget(&mut self, count: usize) {
        self.settle();
        let (seen_by, texts_by) =
            self.segments.get(count).map_or((self.seen.len() as u32, self.texts.len() as u32), |segment| {
                (segment.seen, segment.texts)
            });
        let mut elders: Vec<Hash128> = Vec::new();
        let mut elder_of: HashMap<Hash128, u32> = HashMap::new();
        let mut any_void = false;
        let mut moved: HashMap<u32, u32> = HashMap::new();
        for number in seen_by as usize..self.seen.len() {
            let cluster = self.seen[number].cluster;
            let cluster = if cluster & ELDER == 0 && cluster >= seen_by {
                cluster - seen_by
            } else {
                if self.is_void_cluster(cluster) && !self.seen[number].is_void() {
                    self.seen[number].marks |= VOID;
                    let back = (self.seen.len() - number) as u64;
                    self.note(|| Change::Dead(back));
                }
                ELDER
                    | *moved.entry(cluster).or_insert_with(|| {
                        let id = self.cluster_id(cluster);
                        *elder_of.entry(id).or_insert_with(|| {
                            elders.push(id);
                            elders.len() as u32 - 1
                        })
                    })
            };
            let seen = &mut self.seen[number];
            seen.cluster = cluster;
            any_void |= seen.is_void();
        }
        self.any_void = any_void;
        (self.elders, self.elder_of) = (elders, elder_of);
        self.seen.drop_oldest(seen_by as usize);
        self.texts.drop_oldest(texts_by as usize);
        self.texts.iter_mut().for_each(|text| text.seen -= seen_by);
        self.segments.drain(..count);
        for segment in &mut self.segments {
            segment.seen -= seen_by;
            segment.texts -= texts_by;
        }
        self.origins.shift(seen_by);
        for lookup in [&mut self.pages, &mut self.stories] {
            lookup.exact.shift(texts_by);
            lookup.sketches.shift(texts_by);
        }
    }
}
