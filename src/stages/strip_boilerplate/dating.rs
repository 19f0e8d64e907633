//! When the page was published, and when it was last changed: by agreement of all that says so.
//!
//! Each sign of a date – structured data, meta elements, `<time>`, the dates that the page shows, its address, its
//! wire mark – speaks for a day with the weight that its kind has earned. Signs of different kinds add up; of one
//! kind the weightiest counts. What only listings, comments, events, pictures or copyright lines show speaks for none.

use super::date_labels::{self, Label};
use super::date_order;
use super::dateline::Wire;
use super::dates::{self, Date, Moment};
use super::document::Document;
use super::structured::{LdArticle, TimeElement};
use super::written::{self, Order, Written};
use super::zones;
use crate::record::Page;
use ground::Ground;

mod ground;
mod shown;

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

impl Kind {
    /// What it is, in words.
    fn as_str(self) -> &'static str {
        match self {
            Self::Data => "structured data",
            Self::Meta => "meta elements",
            Self::Shown => "what the page shows",
            Self::Address => "the page's address",
            Self::Wire => "the wire mark",
            Self::Title => "the page's title",
        }
    }
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
/// Weight of a date that stands right beside the headline.
const SHOWN_WELL: f32 = 2.8;
/// How much of its weight an instant in UTC lends to the day before or after, where that day has it by some clock.
const LENT: f32 = 0.8;
/// What a month in the page's address adds to days of that month.
const MONTH: f32 = 1.0;
/// Bytes before a `<time>` element that may say what it is the time of.
const MAX_LEAD: usize = 240;
/// Signs, and changes, that are kept: pages have a few.
const MAX_SIGNS: usize = 200;

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
    let search = search(page, doc, place, wire);
    let published = search.published();
    let modified = search.modified(published);
    Dating { published: published.map(|m| m.iso()), modified: modified.map(|m| m.iso()) }
}

/// A date that something on a page speaks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Day, or day and time, as ISO 8601.
    pub date: String,
    /// What speaks for it.
    pub from: &'static str,
    /// With what weight.
    pub weight: f32,
}

/// What speaks for dates of publication, and of changes, in the order in which it was found.
pub fn candidates(
    page: &Page,
    doc: &Document,
    place: Place<'_>,
    wire: Option<&Wire>,
) -> (Vec<Candidate>, Vec<Candidate>) {
    let search = search(page, doc, place, wire);
    let signs = search.signs.iter();
    let published = signs
        .map(|sign| Candidate { date: sign.moment.iso(), from: sign.kind.as_str(), weight: sign.weight })
        .collect();
    let changes = search.changes.iter();
    let changed = changes
        .map(|(weight, moment)| Candidate { date: moment.iso(), from: "a change", weight: *weight })
        .collect();
    (published, changed)
}

/// All that speaks for a day.
fn search<'d>(page: &Page, doc: &'d Document, place: Place<'d>, wire: Option<&Wire>) -> Search<'d> {
    let latest = page.fetched_at.map(|t| t.as_second().div_euclid(86_400) + 1);
    let url = page.url.as_deref();
    let mut search = Search {
        doc,
        place,
        fetched: page.fetched_at.map(|t| t.as_second()),
        latest,
        address: url.and_then(dates::in_address),
        month: url.and_then(dates::month_in_address),
        order: date_order::of(doc, url, page.language_hint.as_deref()),
        zones: zones::of(&doc.meta.language, url),
        event: doc.meta.event && doc.meta.article().is_none_or(|a| a.rank < 2),
        ground: Ground::new(doc, place),
        signs: Vec::new(),
        changes: Vec::new(),
        only: None,
        away: Vec::new(),
        lone: Vec::new(),
        lines: 0,
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
    if search.signs.is_empty() {
        search.scripts(&page.body);
    }
    search.doubt();
    search
}

struct Search<'d> {
    doc: &'d Document,
    place: Place<'d>,
    /// When the page was fetched, in seconds since 1970.
    fetched: Option<i64>,
    /// The last day that can be one of publication, as a number.
    latest: Option<i64>,
    address: Option<Date>,
    /// Year and month in the page's address.
    month: Option<(i32, u32)>,
    /// The order of numbers in the page's dates: by its other dates, its language, or the country of its host.
    order: Order,
    /// Zones of the page's country.
    zones: &'static [i64],
    /// Whether the page's data is about an event.
    event: bool,
    ground: Ground<'d>,
    signs: Vec<Sign>,
    changes: Vec<(f32, Moment)>,
    /// The day from which on the page stands as it is, by its own words: its date where it shows no other.
    only: Option<Moment>,
    /// The same in the foot of the page.
    away: Vec<Moment>,
    /// Dates alone on their lines below the text.
    lone: Vec<Moment>,
    /// Lines with dates that were looked at.
    lines: usize,
}

impl Search<'_> {
    /// Whether a moment is not later than the page can be from.
    fn is_past(&self, moment: &Moment) -> bool {
        self.latest.is_none_or(|latest| moment.day.number() <= latest)
    }

    fn sign(&mut self, moment: Moment, weight: f32, kind: Kind) {
        if self.signs.len() < MAX_SIGNS && self.is_past(&moment) {
            self.signs.push(Sign { moment, weight, kind });
        }
    }

    fn change(&mut self, moment: Moment, weight: f32) {
        if self.changes.len() < MAX_SIGNS && self.is_past(&moment) {
            self.changes.push((weight, moment));
        }
    }

    /// Reads a date for machines; the instant at which a day begins where the page is from is that day.
    fn machine(&self, text: &str) -> Option<Moment> {
        Some(zones::day_begun(dates::machine(text, self.order)?, self.zones))
    }

    /// What structured data and meta elements say.
    fn data(&mut self) {
        let meta = &self.doc.meta;
        let weight = |rank: u8| match rank {
            4.. => 5.0,
            2..=3 => 3.5,
            // Sites date their whole pages so, the lasting ones too.
            _ => 1.0,
        };
        // Of equal rank the first counts.
        let article = |says: fn(&LdArticle) -> &str| {
            let articles = meta.articles.iter().rev().max_by_key(|a| (!says(a).is_empty(), a.rank));
            articles.and_then(|a| Some((self.machine(says(a))?, weight(a.rank))))
        };
        let (published, modified) = (article(|a| &a.published), article(|a| &a.modified));
        if let Some((moment, weight)) = published {
            self.sign(moment, weight, Kind::Data);
        }
        if let Some((moment, weight)) = modified {
            self.change(moment, weight);
        }
        for (rank, text) in &meta.dates {
            let weight = [4.5, 3.5, 3.5, 1.8][usize::from(*rank).min(3)];
            if let Some(moment) = self.machine(text) {
                self.sign(moment, weight, Kind::Meta);
            }
        }
        for text in &meta.changes {
            if let Some(moment) = self.machine(text) {
                self.change(moment, 4.0);
            }
        }
    }

    /// What `<time>` elements say.
    fn time_elements(&mut self) {
        let doc = self.doc;
        let last = doc.blocks.len().saturating_sub(1);
        let at = |t: &TimeElement| doc.blocks.partition_point(|b| b.end <= t.at).min(last);
        let own = |t: &&TimeElement| !self.ground.is_aside(at(t), t.element as usize, t.flags);
        let times: Vec<_> = doc.meta.times.iter().filter(own).collect();
        let any_published = times.iter().any(|t| t.published && !t.modified);
        let count = times.len();
        let mut found = Vec::new();
        for time in times {
            let Some(moment) = self.machine(&time.datetime) else { continue };
            let index = at(time);
            let near = self.ground.is_near(index, time.element as usize);
            let block = doc.blocks.get(index);
            let lead = block.map_or("", |b| doc.text.get(b.start as usize..time.at as usize).unwrap_or(""));
            let lead = &lead[lead.ceil_char_boundary(lead.len().saturating_sub(MAX_LEAD))..];
            let label = date_labels::before(lead).or_else(|| self.label_above(index, lead));
            if time.modified && !time.published || label == Some(Label::Modified) {
                found.push((moment, if any_published || count > 1 { 0.0 } else { 1.5 }, near));
            } else if label == Some(Label::Other) {
                // A date of something else.
            } else if near {
                let weight = if time.published || label.is_some() { 3.8 } else { 3.0 };
                let weight = weight - self.ground.far(index, time.element as usize);
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

    /// A date set apart at an end of the title.
    fn titles(&mut self) {
        for title in [&self.doc.meta.og_title, &self.doc.meta.title] {
            let parts: Vec<&str> =
                title.split(['|', '–', '—', '•', '»']).flat_map(|p| p.split(" - ")).collect();
            if parts.len() < 2 {
                continue;
            }
            for part in [parts[0], parts[parts.len() - 1], parts[parts.len() - 2]] {
                let part = part.trim();
                if let Some(found) = written::find_in(part, self.order)
                    && found.range == (0..part.len())
                    && let Some(day) = found.whole()
                {
                    self.sign(Moment::of_day(day), 1.5, Kind::Title);
                    return;
                }
            }
        }
    }

    /// The day that the page's scripts say it was published on, where they speak of one day alone: with several, they are
    /// those of lists.
    fn scripts(&mut self, body: &str) {
        let mut days = dates::in_scripts(body).filter_map(|text| self.machine(text));
        let Some(first) = days.next() else { return };
        if days.all(|moment| moment.day == first.day) {
            self.sign(first, 1.5, Kind::Data);
        }
    }

    /// Takes what the page shows for the date of the change that its data tells of, where it shows that one.
    fn doubt(&mut self) {
        let Some(changed) = self.changes.iter().max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, m)| *m) else {
            return;
        };
        let data = self.signs.iter().filter(|s| matches!(s.kind, Kind::Data | Kind::Meta) && s.weight > 3.0);
        let Some(first) = data.max_by(|a, b| a.weight.total_cmp(&b.weight)).map(|s| s.moment) else { return };
        if changed.day <= first.day {
            self.doubt_data(first);
        }
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

    /// Takes the publication that the data gives for that of a change, where it gives no later change and the page shows
    /// an earlier day.
    fn doubt_data(&mut self, first: Moment) {
        let earlier = |s: &Sign| {
            s.kind == Kind::Shown && s.weight >= SHOWN_WELL && s.moment.day.number() + 1 < first.day.number()
        };
        if self.signs.iter().any(earlier) {
            let data = self.signs.iter_mut().filter(|s| matches!(s.kind, Kind::Data | Kind::Meta));
            data.filter(|s| s.moment.day == first.day).for_each(|s| s.weight *= 0.4);
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
            let month = self.month.is_some_and(|m| (day.year, day.month) == m);
            let mut sum = if month { MONTH } else { 0.0 };
            for kind in KINDS {
                let own = heaviest(kind, day);
                sum += if tells && own == 0.0 { lent(kind, day) } else { own };
            }
            if best.is_none_or(|(most, heavy, _)| (sum, sign.weight) > (most, heavy)) {
                best = Some((sum, sign.weight, day));
            }
        }
        if best.is_none_or(|(sum, ..)| sum < ENOUGH)
            && let Some(alone) = agreed(&self.lone).filter(|m| self.is_past(m))
        {
            return Some(alone);
        }
        let Some((_, _, day)) = best.filter(|(sum, ..)| *sum >= ENOUGH) else {
            return self.only.or(agreed(&self.away)).filter(|m| self.is_past(m));
        };
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

/// The day of these moments, where it is one: several are those of other things.
fn agreed(moments: &[Moment]) -> Option<Moment> {
    moments.first().filter(|first| moments.iter().all(|m| m.day == first.day)).copied()
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
