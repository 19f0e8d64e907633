//! When the page was published, and when it was last changed: by agreement of all that says so.
//!
//! Each sign of a date – structured data, meta elements, `<time>`, the dates that the page shows, its address, its
//! wire mark – speaks for a day with the weight that its kind has earned. Signs of different kinds add up; of one
//! kind the weightiest counts. What only listings, comments, events, pictures or copyright lines show speaks for none.

use super::clocks;
use super::date_labels::{self, Label};
use super::date_order;
use super::dateline::Wire;
use super::dates::{self, Date, Moment};
use super::document::{Document, Flags};
use super::hints;
use super::structured::TimeElement;
use super::written::{self, Order, Written};
use crate::record::Page;

/// What the page says of its publication and its last change, as ISO 8601.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Dating {
    /// First publication.
    pub published: Option<String>,
    /// Last change, later than the publication.
    pub modified: Option<String>,
}

/// Kinds of signs. Those of one kind are not independent of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Data,
    Meta,
    Shown,
    Address,
    Wire,
    Title,
}

const KINDS: [Kind; 6] = [Kind::Data, Kind::Meta, Kind::Shown, Kind::Address, Kind::Wire, Kind::Title];

/// A sign of the day of publication.
#[derive(Debug, Clone, Copy)]
struct Sign {
    moment: Moment,
    weight: f32,
    kind: Kind,
}

/// Weight of all signs of a day from which on it is given.
const ENOUGH: f32 = 1.4;
/// Weight from which on a date that the page shows can say in which zone an instant of its data is meant.
const TELLS_ZONE: f32 = 2.0;
/// How much of its weight an instant in UTC lends to the day before or after, where that day has it by some clock.
const LENT: f32 = 0.8;
/// Earliest year of a date that nothing but its place on the page speaks for.
const EARLIEST: i32 = 1994;
/// Longest line with a date that is looked at, in bytes.
const MAX_LINE: usize = 240;
/// Most letters beside the date in a line that is about the date.
const MAX_BESIDE: usize = 60;
/// Blocks around headline and body in which dates are the page's.
const BEFORE: usize = 5;
const BEHIND: usize = 24;

/// Where the article stands among the blocks.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Block of the headline.
    pub headline: Option<usize>,
    /// First block of the text.
    pub body: usize,
    /// Which blocks are text.
    pub kept: &'a [bool],
}

/// Reads the dates of a page.
pub fn read(page: &Page, doc: &Document, place: Place<'_>, wire: Option<&Wire>) -> Dating {
    let latest = page.fetched_at.map(|t| t.as_second().div_euclid(86_400) + 1);
    let url = page.url.as_deref();
    let mut search = Search {
        doc,
        place,
        fetched: page.fetched_at.map(|t| t.as_second()),
        latest,
        url,
        address: url.and_then(dates::in_address),
        order: None,
        around: around(doc, place),
        signs: Vec::new(),
        changes: Vec::new(),
        only: None,
    };
    search.data();
    search.time_elements();
    search.shown();
    if let Some(day) = wire.and_then(|w| w.date.as_ref()).and_then(Written::whole) {
        search.sign(Moment::of_day(day), 1.6, Kind::Wire);
    }
    if let Some(day) = search.address {
        search.sign(Moment::of_day(day), 2.5, Kind::Address);
    }
    search.titles();
    search.doubt();
    let published = search.published();
    let modified = search.modified(published);
    Dating { published: published.map(|m| m.iso()), modified: modified.map(|m| m.iso()) }
}

/// The elements that hold headline or body.
fn around(doc: &Document, place: Place<'_>) -> Vec<bool> {
    let mut around = vec![false; doc.elements.len()];
    around[0] = true;
    for block in [Some(place.body), place.headline].into_iter().flatten().filter_map(|i| doc.blocks.get(i)) {
        let mut at = block.element as usize;
        while !around[at] {
            around[at] = true;
            at = doc.elements[at].parent as usize;
        }
    }
    around
}

struct Search<'d> {
    doc: &'d Document,
    place: Place<'d>,
    /// When the page was fetched, in seconds since 1970.
    fetched: Option<i64>,
    /// The last day that can be one of publication, as a number.
    latest: Option<i64>,
    url: Option<&'d str>,
    address: Option<Date>,
    order: Option<Order>,
    around: Vec<bool>,
    signs: Vec<Sign>,
    changes: Vec<(f32, Moment)>,
    /// The day from which on the page stands as it is, by its own words: its date where it shows no other.
    only: Option<Moment>,
}

impl Search<'_> {
    fn sign(&mut self, moment: Moment, weight: f32, kind: Kind) {
        if self.latest.is_none_or(|latest| moment.day.number() <= latest) {
            self.signs.push(Sign { moment, weight, kind });
        }
    }

    fn change(&mut self, moment: Moment, weight: f32) {
        if self.latest.is_none_or(|latest| moment.day.number() <= latest) {
            self.changes.push((weight, moment));
        }
    }

    /// What structured data and meta elements say.
    fn data(&mut self) {
        let meta = &self.doc.meta;
        let order = self.order();
        if let Some(article) = meta.article() {
            let weight = match article.rank {
                4.. => 5.0,
                2..=3 => 3.5,
                _ => 1.0,
            };
            if let Some(moment) = dates::machine(&article.published, order) {
                self.sign(moment, weight, Kind::Data);
            }
            if let Some(moment) = dates::machine(&article.modified, order) {
                self.change(moment, weight);
            }
        }
        for (rank, text) in &meta.dates {
            let weight = [4.5, 3.5, 3.5, 1.8][usize::from(*rank).min(3)];
            if let Some(moment) = dates::machine(text, order) {
                self.sign(moment, weight, Kind::Meta);
            }
        }
        for text in &meta.changes {
            if let Some(moment) = dates::machine(text, order) {
                self.change(moment, 4.0);
            }
        }
    }

    /// What `<time>` elements say.
    fn time_elements(&mut self) {
        let doc = self.doc;
        let order = self.order();
        let (from, to) = self.head();
        let last = doc.blocks.len().saturating_sub(1);
        let at = |t: &TimeElement| doc.blocks.partition_point(|b| b.end <= t.at).min(last);
        let own = |t: &&TimeElement| !self.is_aside(at(t), t.element as usize, t.flags);
        let times: Vec<_> = doc.meta.times.iter().filter(own).collect();
        let any_published = times.iter().any(|t| t.published && !t.modified);
        let count = times.len();
        let mut found = Vec::new();
        for time in times {
            let Some(moment) = dates::machine(&time.datetime, order) else { continue };
            let index = at(time);
            let near = (from..to).contains(&index);
            let block = doc.blocks.get(index);
            let lead = block.map_or("", |b| doc.text.get(b.start as usize..time.at as usize).unwrap_or(""));
            let label = date_labels::before(lead).or_else(|| self.label_above(index, lead));
            if time.modified && !time.published || label == Some(Label::Modified) {
                found.push((moment, if any_published || count > 1 { 0.0 } else { 1.5 }, near));
            } else if label == Some(Label::Other) {
                // A date of something else.
            } else if near {
                let weight = if time.published || label.is_some() { 3.8 } else { 3.0 };
                let weight = weight - self.far(index);
                self.sign(moment, weight, Kind::Shown);
            } else if time.published || count == 1 {
                self.sign(moment, 1.5, Kind::Shown);
            }
        }
        for (moment, weight, near) in found {
            self.change(moment, if near { 3.0 } else { 1.0 });
            if weight > 0.0 && near {
                self.sign(moment, weight, Kind::Shown);
            }
        }
    }

    /// The blocks in which dates are the page's: from shortly before headline and body to the second paragraph.
    fn head(&self) -> (usize, usize) {
        let Place { headline, body, kept } = self.place;
        let first = headline.unwrap_or(body).min(body);
        let (mut paragraphs, mut to) = (0, first);
        let end = (body.max(first) + BEHIND).min(self.doc.blocks.len());
        while to < end && paragraphs < 3 {
            let block = &self.doc.blocks[to];
            paragraphs += usize::from(to >= body && kept[to] && block.end - block.start > 200);
            to += 1;
        }
        (first.saturating_sub(BEFORE), to)
    }

    /// What a date loses by its distance from headline and body.
    fn far(&self, index: usize) -> f32 {
        let Place { headline, body, .. } = self.place;
        let first = headline.unwrap_or(body).min(body);
        if index + 2 < first {
            // The newspaper's date of today stands above.
            return 1.8;
        }
        let distance = headline.map_or(body, |h| h).abs_diff(index).min(body.abs_diff(index));
        0.06 * distance as f32
    }

    /// Whether what stands between the headline and the text is at this block.
    fn is_between(&self, index: usize) -> bool {
        let Place { headline, body, .. } = self.place;
        let (_, to) = self.head();
        headline.is_some_and(|h| h < body && body - h < 24 && (h.saturating_sub(3)..to).contains(&index))
    }

    /// Whether a block's element is in a box that does not hold the article, and is about something else.
    fn is_aside(&self, index: usize, element: usize, flags: Flags) -> bool {
        if self.is_between(index) {
            let below = Flags::ASIDE.with(Flags::NAV).with(Flags::CARD);
            return flags.has(Flags::REVIEW.with(Flags::FOOTER))
                || index > self.place.body && flags.has(below)
                || self.is_in_box(element, hints::COMMENT);
        }
        const OFF: Flags = Flags::NAV
            .with(Flags::FOOTER)
            .with(Flags::ASIDE)
            .with(Flags::CARD)
            .with(Flags::REVIEW)
            .with(Flags::FORM);
        let body = self.doc.blocks.get(self.place.body).map_or(Flags::default(), |b| self.doc.flags_of(b));
        if Flags(flags.0 & !body.0).has(OFF) {
            return true;
        }
        self.is_in_box(element, hints::COMMENT | hints::RELATED | hints::POPULAR | hints::TEASER)
    }

    /// Whether an element is in a box of one of these names that does not hold the article.
    fn is_in_box(&self, element: usize, boxes: u64) -> bool {
        // Where the text is taken from a script, the page's own elements are gone.
        let mut at = if element < self.around.len() { element } else { 0 };
        while !self.around[at] {
            if self.doc.elements[at].hints & boxes != 0 {
                return true;
            }
            at = self.doc.elements[at].parent as usize;
        }
        false
    }

    /// The order of numbers in the page's dates: by its other dates, its language, or the country of its host.
    fn order(&mut self) -> Order {
        if let Some(order) = self.order {
            return order;
        }
        let order = date_order::of(self.doc, self.url);
        self.order = Some(order);
        order
    }

    /// The label in the block above, where that is all there is in it and the date begins its own.
    fn label_above(&self, index: usize, lead: &str) -> Option<Label> {
        let above = self.doc.text_of(index.checked_sub(1)?);
        if above.chars().filter(|c| c.is_alphabetic()).count() > 22
            || lead.chars().filter(|c| c.is_alphabetic()).count() > 3
            || above.contains(char::is_numeric)
        {
            return None;
        }
        date_labels::alone(above)
    }

    /// The dates that the page shows.
    fn shown(&mut self) {
        let (from, to) = self.head();
        let doc = self.doc;
        let event = doc.meta.event && doc.meta.article().is_none_or(|a| a.rank < 2);
        let last = self.place.kept.iter().rposition(|k| *k).unwrap_or(self.place.body);
        let mut openings = 0;
        for (index, block) in doc.blocks.iter().enumerate() {
            let text = doc.block_text(block);
            let head = (from..to).contains(&index);
            if self.place.kept[index] && openings < 3 && text.len() > 60 {
                openings += 1;
                self.opening(text);
            }
            if text.len() > MAX_LINE
                || !text.contains(|c: char| c.is_ascii_digit() || written::other_digit(c).is_some())
            {
                if head && self.fetched.is_some() && text.len() <= MAX_LINE {
                    self.relative(index, text);
                }
                continue;
            }
            // The date of a picture is not the page's.
            if doc.in_caption(block) || self.is_aside(index, block.element as usize, doc.flags_of(block)) {
                continue;
            }
            let foot = index + 1 >= last.max(1) && index <= last + 6;
            for line in text.split('\n') {
                self.line(index, line, head, foot, event);
            }
        }
    }

    /// A paragraph that begins with its date: `29.11.2022 – The council …`, `(29 November 2022) The council …`.
    fn opening(&mut self, text: &str) {
        let order = self.order();
        let head = &text[..text.floor_char_boundary(60)];
        let Some(found) = written::find_in(head, order) else { return };
        let lead = head[..found.range.start].trim();
        let rest = head[found.range.end..].trim_start();
        let ends = ["–", "—", "-", ")", "|", "„", "“", "\"", "«", ":", "·", "】"];
        let open = lead.is_empty() && (ends.iter().any(|e| rest.starts_with(e)) || rest.starts_with('.'));
        let closed = matches!(lead, "(" | "[" | "（") && rest.starts_with([')', ']', '）']);
        if (open || closed)
            && let Some(day) = found.whole()
        {
            self.sign(Moment::of_day(day), 2.2, Kind::Shown);
        }
    }

    /// Words for a time gone by, against the time of the crawl.
    fn relative(&mut self, index: usize, text: &str) {
        let (Some(fetched), Some(hours)) = (self.fetched, clocks::hours_ago(text)) else { return };
        let block = &self.doc.blocks[index];
        if hours > 14.0 * 24.0 || self.is_aside(index, block.element as usize, self.doc.flags_of(block)) {
            return;
        }
        let Some(day) = Date::of_number((fetched - (hours * 3_600.0) as i64).div_euclid(86_400)) else {
            return;
        };
        match date_labels::before(text).or_else(|| self.label_above(index, "")) {
            Some(Label::Modified) => self.change(Moment::of_day(day), 1.0),
            Some(Label::Other) => {}
            _ => self.sign(Moment::of_day(day), 2.0 - self.far(index), Kind::Shown),
        }
    }

    /// A line with dates in it.
    fn line(&mut self, index: usize, text: &str, head: bool, foot: bool, event: bool) {
        let order = self.order();
        let dates = written::find_all(text, order, 4);
        if dates.is_empty() {
            if head && self.fetched.is_some() {
                self.relative(index, text);
            }
            return;
        }
        let letters = |s: &str| s.chars().filter(|c| c.is_alphabetic()).count();
        let spans: usize = dates.iter().map(|d| letters(&text[d.range.clone()])).sum();
        let beside = letters(text) - spans;
        // From one day to another.
        if let [a, b, ..] = dates.as_slice()
            && ["-", "–", "—", "~", "bis", "to", "al", "au"]
                .contains(&text[a.range.end..b.range.start].trim())
        {
            return;
        }
        let mut done = 0;
        for (number, found) in dates.iter().enumerate() {
            let lead = &text[done..found.range.start];
            done = found.range.end;
            let next = dates.get(number + 1).map_or(text.len(), |d| d.range.start);
            let rest = &text[found.range.end..next];
            let mut tail = rest;
            let mut clock = None;
            if let Some((time, end)) = clocks::after(rest) {
                clock = Some(time);
                tail = &rest[end..];
                // From one hour to another: an event.
                let more = tail.trim_start_matches(|c: char| c.is_alphabetic() || c == ' ');
                if more.starts_with(['-', '–', '—'])
                    && clocks::after(more).is_some_and(|_| letters(&more[..more.len().min(12)]) < 8)
                {
                    return;
                }
            }
            let label = date_labels::before(lead)
                .or_else(|| (number == 0).then(|| self.label_above(index, lead)).flatten())
                .or_else(|| date_labels::after(tail));
            let Some(day) = self.day_of(found) else { continue };
            let moment = Moment { day, clock };
            let dated = self.doc.element_of(&self.doc.blocks[index]).hints & hints::DATE != 0;
            match label {
                Some(Label::Modified) => {
                    if head || foot {
                        self.change(moment, 2.0);
                        self.only = self.only.or(Some(moment));
                    }
                }
                Some(Label::Other) => {}
                Some(Label::Published) if head => {
                    self.sign(moment, 4.0 - self.far(index), Kind::Shown);
                }
                Some(Label::Published) if beside <= MAX_BESIDE => {
                    self.sign(moment, if foot { 2.3 } else { 1.8 }, Kind::Shown);
                }
                None if event || day.year < EARLIEST || beside > MAX_BESIDE || number > 0 => {}
                None if head => {
                    let sentence = text.trim_end().ends_with(['.', '!', '?']) && beside > 30;
                    let weight = 3.0 + if dated { 0.5 } else { 0.0 }
                        - self.far(index)
                        - if beside > 30 { 0.8 } else { 0.0 };
                    let weight = if found.year.is_none() { weight - 1.0 } else { weight };
                    if !sentence {
                        self.sign(moment, weight, Kind::Shown);
                    }
                }
                None if foot && beside <= 24 => self.sign(moment, 1.5, Kind::Shown),
                _ => {}
            }
        }
    }

    /// The day of a written date: without its year where the time of the crawl tells it, and in the order that the
    /// page's other signs speak for where its numbers leave a choice.
    fn day_of(&self, found: &Written) -> Option<Date> {
        let fetched = self.fetched.and_then(|t| Date::of_number(t.div_euclid(86_400)));
        let day = found.complete(fetched)?;
        if !found.ambiguous {
            return Some(day);
        }
        let other = Date::new(day.year, day.day, day.month)?;
        let said = |day: &Date| {
            self.address == Some(*day)
                || self
                    .signs
                    .iter()
                    .any(|s| s.kind != Kind::Shown && s.moment.day.number().abs_diff(day.number()) <= 1)
        };
        [day, other].into_iter().find(said)
    }

    /// A date set apart at an end of the title.
    fn titles(&mut self) {
        let order = self.order();
        for title in [&self.doc.meta.og_title, &self.doc.meta.title] {
            let parts: Vec<&str> =
                title.split(['|', '–', '—', '•', '»']).flat_map(|p| p.split(" - ")).collect();
            if parts.len() < 2 {
                continue;
            }
            for part in [parts[0], parts[parts.len() - 1], parts[parts.len() - 2]] {
                let part = part.trim();
                if let Some(found) = written::find_in(part, order)
                    && found.range == (0..part.len())
                    && let Some(day) = found.whole()
                {
                    self.sign(Moment::of_day(day), 1.5, Kind::Title);
                    return;
                }
            }
        }
    }

    /// Takes what the page shows for the date of the change that its data tells of, where it shows that one.
    fn doubt(&mut self) {
        let Some(changed) = self.changes.iter().max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, m)| *m) else {
            return;
        };
        let data = self.signs.iter().filter(|s| matches!(s.kind, Kind::Data | Kind::Meta) && s.weight > 3.0);
        let Some(first) = data.max_by(|a, b| a.weight.total_cmp(&b.weight)).map(|s| s.moment) else { return };
        if changed.day <= first.day && changed.instant() <= first.instant() {
            return;
        }
        for sign in self.signs.iter_mut().filter(|s| s.kind == Kind::Shown) {
            let shown = sign.moment;
            // Clocks of the world differ by quarters of an hour.
            let quarter = |m: Moment| m.clock.map(|c| c.seconds / 60 % 15);
            let same_clock = shown.clock.is_some()
                && quarter(shown) == quarter(changed)
                && quarter(shown) != quarter(first);
            let same_day = |m: Moment| m.day == shown.day || may_be(&m, shown.day);
            if same_day(changed) && (same_clock || !same_day(first)) {
                sign.weight *= 0.3;
            }
        }
    }

    /// The day that the signs agree on, as exact as one of them says it.
    fn published(&self) -> Option<Moment> {
        let heaviest = |kind: Kind, day: Date| {
            let own = self.signs.iter().filter(|s| s.kind == kind && s.moment.day == day);
            own.map(|s| s.weight).fold(0.0, f32::max)
        };
        let lent = |kind: Kind, day: Date| {
            let near =
                self.signs.iter().filter(|s| s.kind == kind && s.moment.day != day && may_be(&s.moment, day));
            near.map(|s| s.weight * LENT).fold(0.0, f32::max)
        };
        let mut best: Option<(f32, f32, Date)> = None;
        for sign in &self.signs {
            let day = sign.moment.day;
            let tells = [Kind::Shown, Kind::Address].iter().any(|k| heaviest(*k, day) >= TELLS_ZONE);
            let mut sum = 0.0;
            for kind in KINDS {
                let own = heaviest(kind, day);
                sum += if tells && own == 0.0 { lent(kind, day) } else { own };
            }
            if best.is_none_or(|(most, heavy, _)| (sum, sign.weight) > (most, heavy)) {
                best = Some((sum, sign.weight, day));
            }
        }
        let Some((_, _, day)) = best.filter(|(sum, ..)| *sum >= ENOUGH) else { return self.only };
        let exact = self.signs.iter().filter(|s| s.moment.day == day && s.moment.instant().is_some());
        let exact = exact.max_by(|a, b| a.weight.total_cmp(&b.weight)).map(|s| s.moment);
        Some(exact.or_else(|| self.by_local_clock(day)).unwrap_or(Moment::of_day(day)))
    }

    /// The instant that the data gives in UTC, by the clock that the page shows or another of its dates names.
    fn by_local_clock(&self, day: Date) -> Option<Moment> {
        let near = self.signs.iter().filter(|s| may_be(&s.moment, day));
        let given = near.max_by(|a, b| a.weight.total_cmp(&b.weight))?.moment;
        let clocks = self.signs.iter().filter(|s| s.moment.day == day).filter_map(|s| s.moment.clock);
        let shown =
            clocks.map(|clock| (day.number() * 86_400 + clock.seconds, clock)).find_map(|(local, _)| {
                // The clock shows no seconds.
                let east = (local - given.instant()?.div_euclid(60) * 60).div_euclid(60);
                (east % 15 == 0 && (-720..=840).contains(&east)).then_some(east)
            });
        let named = || {
            let moments = self.signs.iter().map(|s| s.moment).chain(self.changes.iter().map(|(_, m)| *m));
            moments.filter_map(|m| m.clock?.zone).find(|zone| *zone != 0)
        };
        given.in_zone(shown.or_else(named)?).filter(|m| m.day == day)
    }

    /// The last change: what the weightiest sign says of it, where that is later than the publication.
    fn modified(&self, published: Option<Moment>) -> Option<Moment> {
        let later = |m: &Moment| {
            published.is_none_or(|p| match (p.instant(), m.instant()) {
                (Some(p), Some(m)) => m > p,
                _ => m.day > p.day,
            })
        };
        let best = self.changes.iter().filter(|(_, m)| later(m));
        best.rev().max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, m)| *m)
    }
}

/// Whether an instant in UTC falls on this day by the clocks of some place on Earth.
fn may_be(moment: &Moment, day: Date) -> bool {
    let Some(instant) = moment.instant().filter(|_| moment.clock.is_some_and(|c| c.zone == Some(0))) else {
        return false;
    };
    let start = day.number() * 86_400;
    (start - 14 * 3_600..start + 86_400 + 12 * 3_600).contains(&instant) && moment.day != day
}

#[cfg(test)]
mod tests;
