//! Inset stories: a second news item with a wire mark, in a box or set before or behind the body of the main one.
//!
//! One begins where a line like a headline is followed by a block that opens with a wire mark, or with such a block at
//! the beginning of a box. It ends where its box ends, where the page has one; at a line of stars, where one begins it;
//! else where a paragraph takes up the words of the main headline again, as the first paragraph of a story does.

use super::{Found, MAX_TITLE, View};
use crate::stages::strip_boilerplate::dateline::{self, Wire};
use crate::stages::strip_boilerplate::document::Document;
use crate::stages::strip_boilerplate::features::Measured;
use crate::stages::strip_boilerplate::{byline, words};

/// Blocks looked at for an inset before the body, from the headline on.
const LOOK: usize = 12;
/// Longest inset story, in blocks.
const MAX_BLOCKS: usize = 40;
/// Most inset stories of a page.
const MAX_STORIES: usize = 8;
/// Fewest letters of a paragraph.
const MIN_MASS: f32 = 60.0;

/// Finds the inset stories of a page, in page order.
pub fn find(view: &View<'_, '_>) -> Vec<Found> {
    let Some((_, last)) = view.body() else { return Vec::new() };
    let Some(headline) = view.headline.filter(|h| *h < last) else { return Vec::new() };
    let mut body = Body { view, headline, last, sums: Vec::new() };
    let mut found = Vec::new();
    let mut at = headline + 1;
    while at <= last && found.len() < MAX_STORIES {
        let Some((story, end)) = body.story_at(at) else {
            at += 1;
            continue;
        };
        found.push(story);
        at = end.max(at + 1);
    }
    // The main text is never less than what is set into it.
    let of_none = |i: &usize| found.iter().all(|story| !story.holds(*i));
    let main = (0..view.kept.len()).filter(|i| view.kept[*i]).filter(of_none).map(|i| view.mass(i));
    if !found.is_empty() && main.sum::<f32>() < MIN_MASS { Vec::new() } else { found }
}

/// The blocks that may hold insets.
struct Body<'b, 'v, 'd> {
    view: &'b View<'v, 'd>,
    /// The main headline.
    headline: usize,
    last: usize,
    /// Letters of the paragraphs of the main text before each block; made when they are first asked for, as few pages
    /// have a wire mark below their opening.
    sums: Vec<f32>,
}

impl Body<'_, '_, '_> {
    /// The story whose wire mark is in block `opening`, and the block behind it.
    fn story_at(&mut self, opening: usize) -> Option<(Found, usize)> {
        let (view, headline, last) = (self.view, self.headline, self.last);
        // Few blocks stand where a story may begin, and to look for a mark takes longer than to see that.
        let is_long = |i: usize| view.mass(i) >= MIN_MASS;
        let holds_story = is_long(opening) || is_long(opening + 1);
        if !holds_story || !view.is_shown(opening) || !self.is_apart(opening) || !self.may_end(opening) {
            return None;
        }
        let wire = dateline::read(view.text(opening))?;
        let told = wire.place.is_some() || wire.date.is_some();
        let marked = told && wire.agency.is_some() || wire.place.is_some() && wire.date.is_some();
        // The mark may stand on a line of its own.
        let text = if wire.alone { opening + 1 } else { opening };
        if !marked || text > last || view.mass(text) < MIN_MASS || is_cut(view.text(text)) {
            return None;
        }
        let title = (opening - 1 > headline && view.is_title_like(opening - 1)).then(|| opening - 1);
        let begin = title.unwrap_or(opening);
        let before = self.paragraphs(headline + 1, begin);
        let is_mark = |i: usize| dateline::read(view.text(i)).is_some_and(|w| w.alone);
        let end = self
            .boxed(title, opening, before)
            .or_else(|| self.ruled(begin))
            .or_else(|| {
                let near = opening <= headline + LOOK && (headline + 1..begin).any(is_mark);
                lead_echo(view, headline, title.filter(|_| near)?, text, last)
            })
            .or_else(|| self.behind(title?, &wire, before))?;
        if end <= text || is_teaser(view.text(end - 1)) {
            return None;
        }
        let mut story = Found { is_inset: true, head: title, wire, ..Found::default() };
        story.title = title.map(|title| view.text(title).to_owned());
        let rule = |i: usize| view.is_rule(i) && view.kept[i];
        story.around.extend((begin > 0 && rule(begin - 1)).then(|| begin - 1));
        story
            .around
            .extend((opening..text).chain((text..end).filter(|i| rule(*i))).chain(rule(end).then_some(end)));
        story.text.extend((text..end).filter(|i| !view.is_rule(*i)).map(|i| (i, 0)));
        Some((story, end))
    }

    /// Whether a block stands below a line that is no paragraph, or begins a box.
    fn is_apart(&self, index: usize) -> bool {
        let view = self.view;
        view.mass(index - 1) <= MAX_TITLE || !view.doc.plain && !view.inside(index - 1, view.parent_of(index))
    }

    /// Whether a story that begins here may end at all: near the headline, behind a line of stars or a headline that
    /// stands apart, or in a box.
    fn may_end(&self, opening: usize) -> bool {
        let view = self.view;
        let above = |lines: usize| opening.checked_sub(lines);
        let is_apart = |i: usize| {
            view.is_heading(i) || view.doc.plain && view.doc.blocks.get(i).is_some_and(|b| b.gap > 1)
        };
        let in_box = || {
            let element = view.parent_of(opening);
            !view.doc.plain && [1, 2].iter().any(|n| above(*n).is_some_and(|i| !view.inside(i, element)))
        };
        opening <= self.headline + LOOK
            || [1, 2].iter().any(|n| above(*n).is_some_and(|i| view.is_rule(i)))
            || above(1).is_some_and(is_apart)
            || in_box()
    }

    /// Letters of the paragraphs of the main text in a range of blocks.
    fn paragraphs(&mut self, from: usize, to: usize) -> f32 {
        if self.sums.is_empty() {
            let view = self.view;
            let of = |i: usize| Some(view.mass(i)).filter(|m| view.kept[i] && *m >= MIN_MASS).unwrap_or(0.0);
            let mut sum = 0.0;
            self.sums.push(sum);
            self.sums.extend((0..view.kept.len()).map(|i| {
                sum += of(i);
                sum
            }));
        }
        if from < to { self.sums[to] - self.sums[from] } else { 0.0 }
    }

    /// The end of the element around a story, where the body goes on outside of it.
    fn boxed(&mut self, title: Option<usize>, opening: usize, before: f32) -> Option<usize> {
        let (view, last) = (self.view, self.last);
        if view.doc.plain {
            return None;
        }
        let element = match title {
            Some(title) => view.around(title, opening),
            None => view.parent_of(opening),
        };
        let begin = title.unwrap_or(opening);
        if element == 0 || view.inside(self.headline, element) || begin > 0 && view.inside(begin - 1, element)
        {
            return None;
        }
        let end = (opening..=(last + 1).min(opening + MAX_BLOCKS)).find(|i| !view.inside(*i, element))?;
        let within: f32 = (opening..end).map(|i| view.mass(i)).sum();
        let after = self.paragraphs(end, last + 1);
        // Without a headline of its own it has to stand amid the body.
        let amid = title.is_some() || before >= MIN_MASS && after >= MIN_MASS;
        (amid && before + after >= within * 0.7 && after + before >= MIN_MASS).then_some(end)
    }

    /// The end of a story that begins behind a line of stars: the next such line, or the end of the text.
    fn ruled(&self, begin: usize) -> Option<usize> {
        let (view, most) = (self.view, begin + MAX_BLOCKS);
        if begin == 0 || !view.is_rule(begin - 1) {
            return None;
        }
        let rule = (begin..=self.last.min(most)).find(|i| view.is_rule(*i));
        rule.or_else(|| (self.last < most).then_some(self.last + 1))
    }

    /// The end of a second story behind the body of the main one, with a headline of its own: that of the text.
    fn behind(&mut self, title: usize, wire: &Wire, before: f32) -> Option<usize> {
        let (view, last) = (self.view, self.last);
        let apart = view.is_heading(title) || view.doc.plain && view.doc.blocks[title].gap > 1;
        let within = self.paragraphs(title, last + 1);
        let fits = wire.agency.is_some() && apart && before >= 4.0 * MIN_MASS && within <= before;
        (fits && last - title <= MAX_BLOCKS).then_some(last + 1)
    }
}

/// Lines above a wire mark of its own in which the page's headline stands.
const ABOVE_MARK: usize = 5;

/// The page's headline, where `headline` is that of an inset below the page's own wire mark: of plain text the line
/// nearest to the body is taken for it.
pub fn headline_above(doc: &Document, page: &Measured<'_>, headline: usize) -> Option<usize> {
    let inset =
        Some(headline + 1).filter(|_| doc.plain).and_then(|below| dateline::read(doc.text_of(below)))?;
    if inset.alone || inset.place.is_none() {
        return None;
    }
    let is_mark = |i: &usize| dateline::read(doc.text_of(*i)).is_some_and(|wire| wire.alone);
    let mark = (headline.saturating_sub(2)..headline).rev().find(is_mark)?;
    let mass = |i: &usize| page.blocks[*i].mass;
    let line =
        |i: &usize| mass(i) >= 15.0 && page.blocks[*i].words >= 3.0 && !byline::is_byline(doc.text_of(*i));
    (mark.saturating_sub(ABOVE_MARK)..mark).filter(line).max_by(|a, b| mass(a).total_cmp(&mass(b)))
}

/// What leads on to the whole of a text that is cut.
#[rustfmt::skip]
const READ_MORE: &[&str] = &[
    "read more", "more", "continue reading", "full story", "weiterlesen", "mehr", "lire la suite", "leer más", "seguir leyendo", "ler mais", "leia mais", "leggi tutto", "continua",
    "lees meer", "lees verder", "läs mer", "les mer", "læs mere", "lue lisää", "czytaj więcej", "czytaj dalej", "číst dál", "celý článek", "čítať ďalej", "tovább", "citește mai mult",
    "прочети още", "pročitaj više", "preberi več", "прочитајте више", "читать далее", "читать дальше", "далее", "подробнее", "читати далі", "докладніше", "περισσότερα", "devamı", "devamını oku",
    "اقرأ المزيد", "المزيد", "ادامه مطلب", "ادامه", "קרא עוד", "और पढ़ें", "আরও পড়ুন", "阅读全文", "阅读更多", "查看全文", "閱讀全文", "続きを読む", "더보기", "기사 더보기", "baca selengkapnya", "selengkapnya",
    "baca lagi", "xem thêm", "đọc tiếp",
];

/// Whether a text is the beginning of one that is elsewhere.
pub fn is_cut(text: &str) -> bool {
    let text = text.trim_end_matches(ARROWS);
    text.ends_with("...") || text.ends_with('…') || is_teaser(text)
}

/// What a link to the whole of a text ends in.
const ARROWS: [char; 7] = ['»', '›', '>', ']', ')', '→', ' '];
/// Bytes at the end of a text in which it says that it goes on: more than the longest of the phrases, and two dots.
const MAX_READ_MORE: usize = 64;

/// Whether a text is the beginning of one that is elsewhere, and says so: `is struggling to ... read more`.
pub fn is_teaser(text: &str) -> bool {
    let text = text.trim_end_matches(ARROWS).trim_end_matches('.');
    let tail = &text[text.ceil_char_boundary(text.len().saturating_sub(MAX_READ_MORE))..];
    if !tail.contains("...") && !tail.contains('…') {
        return false;
    }
    let tail = tail.to_lowercase();
    READ_MORE.iter().any(|phrase| {
        let before =
            tail.strip_suffix(phrase).map(|rest| rest.trim_end_matches([' ', '[', '(', '<', '|', '\u{a0}']));
        before.is_some_and(|before| before.ends_with("...") || before.ends_with('…'))
    })
}

/// The paragraph after the opening that shares most with the main headline, words of the inset's own headline left
/// out.
fn lead_echo(view: &View<'_, '_>, headline: usize, title: usize, first: usize, last: usize) -> Option<usize> {
    let own = stems(view.text(title), usize::MAX);
    let mut main = stems(view.text(headline), usize::MAX);
    main.retain(|stem| !own.contains(stem));
    let mut best: Option<(f32, usize)> = None;
    for index in first + 1..=last.min(first + MAX_BLOCKS) {
        let text = view.text(index);
        if view.mass(index) < MIN_MASS {
            continue;
        }
        let lead = stems(text, 45);
        let mut score = main.iter().filter(|stem| lead.contains(stem)).count() as f32;
        // A story does not open with somebody's words.
        if text.starts_with(['"', '“', '„', '«', '「']) {
            score -= 1.5;
        }
        if best.is_none_or(|(b, _)| score > b) {
            best = Some((score, index));
        }
    }
    best.filter(|(score, _)| *score >= 2.0).map(|(_, index)| index)
}

/// Beginnings of the first words of a text: five letters, so that endings do not count.
fn stems(text: &str, limit: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let unspaced = text.chars().filter(|c| words::is_unspaced(*c)).count() * 3 > text.chars().count();
    if unspaced {
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).take(limit.min(120)).collect();
        out.extend(letters.windows(2).map(|pair| pair.iter().collect()));
    } else {
        let all = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(limit);
        out.extend(all.map(|w| w.to_lowercase().chars().take(5).collect()));
    }
    out.sort();
    out.dedup();
    out
}
