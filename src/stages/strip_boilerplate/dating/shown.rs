//! The dates that a page shows: beside its headline, at the beginning of its text, below it.

use super::super::clocks;
use super::super::date_labels::{self, Label};
use super::super::dates::{Date, Moment};
use super::super::document::Flags;
use super::super::hints;
use super::super::written::{self, Written};
use super::{Kind, Search};

/// Earliest year of a date that nothing but its place on the page speaks for.
const EARLIEST: i32 = 1994;
/// Longest line with a date that is looked at, in bytes.
const MAX_LINE: usize = 240;
/// Most letters beside the date in a line that is about the date.
const MAX_BESIDE: usize = 60;
/// The same for a line below the text that says what the date is.
const MAX_BESIDE_BELOW: usize = 120;
/// The same for lines away from headline and text.
const MAX_BESIDE_AWAY: usize = 48;
/// Lines with numbers away from headline and text that are looked at.
const MAX_AWAY: usize = 400;
/// Lines with dates that are looked at.
const MAX_DATED: usize = 600;
/// Weight of a date without a label at the end of the text: below what is enough.
const UNSAID: f32 = 0.9;
/// Blocks below the text in which a date may stand alone.
const MAX_AFTER: usize = 20;
/// Bytes of a paragraph in which the date that it begins with stands.
const OPENING: usize = 80;

/// Where a line stands.
#[derive(Debug, Clone, Copy)]
struct Standing {
    block: usize,
    /// Around headline and beginning of the text.
    head: bool,
    /// At the end of the text.
    foot: bool,
    /// Below the text, close to it.
    below: bool,
    /// Below the text, not far from it.
    after: bool,
    /// In the foot of the page.
    footer: bool,
}

impl Search<'_> {
    /// The dates that the page shows.
    pub(super) fn shown(&mut self) {
        let doc = self.doc;
        let kept = self.place.kept;
        let last = kept.iter().rposition(|k| *k).unwrap_or(self.place.body);
        let (mut openings, mut away) = (0, 0);
        for (index, block) in doc.blocks.iter().enumerate() {
            let text = doc.block_text(block);
            let element = block.element as usize;
            if kept[index] && openings < 3 && text.len() > 60 {
                openings += 1;
                self.opening(text);
            }
            if text.len() > MAX_LINE {
                continue;
            }
            if !written::has_digits(text) {
                if self.fetched.is_some() && self.ground.is_near(index, element) {
                    self.relative(index, text);
                }
                continue;
            }
            let head = self.ground.is_near(index, element);
            let foot = index + 1 >= last.max(1) && index <= last + 6;
            if !head && !foot {
                away += 1;
                if away > MAX_AWAY {
                    continue;
                }
            }
            // The date of a picture is not the page's.
            let flags = doc.flags_of(block);
            let aside = self.ground.is_aside(index, element, flags);
            let footer = aside && flags.has(Flags::FOOTER) && !flags.has(Flags::CARD.with(Flags::REVIEW));
            if aside && !footer || self.ground.in_caption(index) {
                continue;
            }
            for line in text.split('\n') {
                self.line(
                    line,
                    Standing {
                        block: index,
                        head,
                        foot,
                        below: foot && index > last,
                        after: index > last && index <= last + MAX_AFTER,
                        footer,
                    },
                );
            }
        }
    }

    /// The label in the block above, where that is all there is in it and the date begins its own.
    pub(super) fn label_above(&self, index: usize, lead: &str) -> Option<Label> {
        let above = self.doc.text_of(index.checked_sub(1)?);
        if above.len() > MAX_LINE
            || above.chars().filter(|c| c.is_alphabetic()).count() > 22
            || lead.chars().filter(|c| c.is_alphabetic()).count() > 3
            || above.contains(char::is_numeric)
        {
            return None;
        }
        date_labels::alone(above)
    }

    /// A paragraph that begins with its date: `29.11.2022 – The council …`, `(29 November 2022) The council …`,
    /// `Lindmere (29 November 2022). The council …`, `Press release of 29 November 2022 | The council …`.
    fn opening(&mut self, text: &str) {
        let head = &text[..text.floor_char_boundary(OPENING)];
        let Some(found) = written::find_in(head, self.order) else { return };
        let lead = head[..found.range.start].trim();
        let rest = head[found.range.end..].trim_start();
        let ends = ["–", "—", "-", ")", "|", "„", "“", "\"", "«", ":", "·", "】"];
        let ended = ends.iter().any(|e| rest.starts_with(e)) || rest.starts_with('.');
        let place = lead.trim_end_matches(['(', '[', '（']);
        // Places are written in one or two words.
        let short = place.len() <= 30 && place.split_whitespace().count() <= 2 && !written::has_digits(place);
        let closed = place.len() < lead.len() && short && rest.starts_with([')', ']', '）']);
        let told = lead.chars().count() <= 30 && date_labels::before(lead) == Some(Label::Published);
        if ((lead.is_empty() || told) && ended || closed)
            && let Some(day) = found.whole()
        {
            self.sign(Moment::of_day(day), 2.2, Kind::Shown);
        }
    }

    /// Words for a time gone by, against the time of the crawl.
    fn relative(&mut self, index: usize, text: &str) {
        let (Some(fetched), Some(hours)) = (self.fetched, clocks::hours_ago(text)) else { return };
        let block = &self.doc.blocks[index];
        let element = block.element as usize;
        if hours > 14.0 * 24.0 || self.ground.is_aside(index, element, self.doc.flags_of(block)) {
            return;
        }
        let Some(day) = Date::of_number((fetched - (hours * 3_600.0) as i64).div_euclid(86_400)) else {
            return;
        };
        match date_labels::before(text).or_else(|| self.label_above(index, "")) {
            Some(Label::Modified) => self.change(Moment::of_day(day), 1.0),
            Some(Label::Other) => {}
            _ => self.sign(Moment::of_day(day), 2.0 - self.ground.far(index, element), Kind::Shown),
        }
    }

    /// A line with numbers in it.
    fn line(&mut self, text: &str, at: Standing) {
        let dates = written::find_all(text, self.order, 4);
        self.lines += usize::from(!dates.is_empty());
        if self.lines > MAX_DATED {
            return;
        }
        if dates.is_empty() {
            if at.head && self.fetched.is_some() {
                self.relative(at.block, text);
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
            let next = dates.get(number + 1).map(|d| d.range.start);
            let mut tail = &text[found.range.end..next.unwrap_or(text.len())];
            let mut clock = None;
            if let Some((time, end)) = clocks::after(tail) {
                clock = Some(time);
                tail = &tail[end..];
                // From one hour to another: an event.
                let more = tail.trim_start_matches(|c: char| c.is_alphabetic() || c == ' ');
                if more.starts_with(['-', '–', '—'])
                    && clocks::after(more).is_some_and(|_| letters(&more[..more.floor_char_boundary(12)]) < 8)
                {
                    return;
                }
            }
            // A label between two dates is that of the second, unless it ends the words of the first as in Chinese.
            let own_tail = next.is_none() || tail.trim_start().starts_with(super::super::words::is_unspaced);
            let label = date_labels::before(lead)
                .or_else(|| (number == 0).then(|| self.label_above(at.block, lead)).flatten())
                .or_else(|| own_tail.then(|| date_labels::after(tail)).flatten());
            let Some(day) = self.day_of(found) else { continue };
            if next.is_some() && number == 0 && letters(tail) == 0 && label.is_none() && at.head {
                // Publication and change beside each other, in either order.
                let second = self.day_of(&dates[1]).unwrap_or(day);
                if second < day && dates.len() == 2 {
                    self.change(Moment { day, clock }, 2.0);
                    self.dated(&dates[1], Moment::of_day(second), None, (0, beside), text, at);
                    return;
                }
            }
            self.dated(found, Moment { day, clock }, label, (number, beside), text, at);
        }
    }

    /// Takes a date of a line for what its label and its place say: the `number`th of the line, with `beside` letters
    /// beside the dates.
    fn dated(
        &mut self,
        found: &Written,
        moment: Moment,
        label: Option<Label>,
        (number, beside): (usize, usize),
        text: &str,
        at: Standing,
    ) {
        let block = &self.doc.blocks[at.block];
        let far = self.ground.far(at.block, block.element as usize);
        match label {
            Some(Label::Modified) if beside > MAX_BESIDE => {}
            Some(Label::Modified) if (at.head || at.foot) && !at.footer => {
                self.change(moment, 2.0);
                self.only = self.only.or(Some(moment));
            }
            Some(Label::Modified) if beside <= MAX_BESIDE_AWAY => {
                self.change(moment, 0.5);
                // What is about the whole page stands in its foot.
                if at.footer {
                    self.away.push(moment);
                }
            }
            Some(Label::Modified | Label::Other) => {}
            _ if at.footer => {}
            Some(Label::Published) if at.head => self.sign(moment, 4.0 - far, Kind::Shown),
            Some(Label::Published) if beside <= MAX_BESIDE || at.below && beside <= MAX_BESIDE_BELOW => {
                self.sign(moment, if at.foot { 2.3 } else { 1.8 }, Kind::Shown);
            }
            None if self.event || moment.day.year < EARLIEST || beside > MAX_BESIDE || number > 0 => {}
            None if at.head => {
                let dated = self.doc.element_of(block).hints & hints::DATE != 0;
                let sentence = text.trim_end().ends_with(['.', '!', '?']) && beside > 30;
                let weight = 3.0 + if dated { 0.5 } else { 0.0 } - far - if beside > 30 { 0.8 } else { 0.0 };
                let weight = if found.year.is_none() { weight - 1.0 } else { weight };
                if !sentence {
                    self.sign(moment, weight, Kind::Shown);
                }
            }
            // Alone it is not enough, where others of its like name other days.
            None if at.foot && beside <= 24 => {
                self.sign(moment, UNSAID, Kind::Shown);
                self.lone.push(moment);
            }
            None if at.after && beside <= 4 => self.lone.push(moment),
            _ => {}
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
}
