//! Posts of a live blog: blocks that begin with a time of day, in the order of the clock.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::{Found, MAX_TITLE, Time, View, ready, says};
use crate::stages::strip_boilerplate::dates;
use crate::stages::strip_boilerplate::written::Order;

/// Fewest posts of a page that calls itself live.
const MIN_POSTS: usize = 3;
/// Fewest posts of one that does not.
const MIN_UNSAID: usize = 5;
/// Fewest letters of a post on the average.
const MIN_MASS: f32 = 40.0;

/// What live blogs are called.
#[rustfmt::skip]
const LIVE: &[&str] = &[
    "live", "liveblog", "live-blog", "live blog", "liveticker", "live-ticker", "newsticker", "ticker", "minute by minute", "as it happened", "live updates",
    "en direct", "direct", "en vivo", "en directo", "minuto a minuto", "ao vivo", "em direto", "minuto por minuto", "ao minuto", "diretta", "in diretta",
    "liveverslag", "direkterapport", "direkte", "suora seuranta", "na żywo", "relacja", "online", "živě", "naživo", "uživo", "v živo", "élő", "live text",
    "онлайн", "онлайн-трансляция", "трансляция", "наживо", "прямой эфир", "на живо", "уживо", "λεπτό προς λεπτό", "canlı", "dakika dakika", "مباشر", "لحظة بلحظة",
    "לייב", "עדכונים חיים", "लाइव", "লাইভ", "trực tiếp", "直播", "滚动", "实时", "即時", "ライブ", "실시간", "langsung",
];

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| ready(LIVE));

/// The posts of a live blog, in page order; none where the page is no such.
pub fn posts(view: &View<'_, '_>) -> Vec<Found> {
    let Some((first, last)) = view.body() else { return Vec::new() };
    let from = view.headline.filter(|h| *h < last).map_or(first, |h| h + 1).min(first);
    let mut starts: Vec<(usize, Clock)> = (from..=last)
        .filter(|i| view.kept[*i] || view.mass(*i) < MAX_TITLE && view.is_shown(*i))
        .filter_map(|i| clock(view.text(i)).map(|clock| (i, clock)))
        .collect();
    // The time of publication stands above the posts.
    let posts = starts.windows(2).position(|pair| has_text(view, pair[0].0, pair[1].0, &pair[0].1));
    starts.drain(..posts.unwrap_or(starts.len().saturating_sub(1)));
    if starts.len() < MIN_POSTS {
        return Vec::new();
    }
    let is_said = says(view.title, FINDER.as_ref()) || says(view.section, FINDER.as_ref());
    if starts.len() < if is_said { MIN_POSTS } else { MIN_UNSAID } || !is_ordered(&starts) {
        return Vec::new();
    }
    let bare = starts.iter().filter(|(i, clock)| clock.end >= view.text(*i).len()).count();
    if !is_said && bare * 5 < starts.len() * 4 {
        return Vec::new();
    }
    let element = view.around(starts[0].0, starts[starts.len() - 1].0);
    let is_head = |i: usize| view.is_heading(i) || view.is_emphasised(i) && view.is_title_like(i);
    // Where heads stand above the times, a time is not followed by one.
    let above = starts.iter().filter(|(i, _)| *i > from && is_head(i - 1)).count();
    let below = starts.iter().filter(|(i, _)| is_head(i + 1)).count();
    let head_first = above > below && above * 2 > starts.len();
    let mut found = Vec::new();
    for (n, (start, clock)) in starts.iter().enumerate() {
        let mut end = starts.get(n + 1).map_or(last + 1, |(next, _)| *next);
        if head_first && n + 1 < starts.len() && is_head(end - 1) {
            end -= 1;
        }
        let mut post = Found { time: Some(time(view, *start, clock)), ..Found::default() };
        if head_first && *start > from && is_head(start - 1) {
            post.head = Some(start - 1);
        }
        let rest = view.text(*start)[clock.end..].trim();
        let mut body = start + 1;
        if !rest.is_empty() {
            let heads = view.is_heading(*start)
                || rest.chars().count() < 100 && view.page.blocks[*start].sentences == 0.0;
            if post.head.is_none() && heads && (body..end).any(|i| view.kept[i]) {
                post.title = Some(rest.to_owned());
                post.around.push(*start);
            } else {
                post.text.push((*start, clock.end));
            }
        } else {
            post.around.push(*start);
            let next = body < end && view.is_title_like(body) && (view.kept[body] || is_head(body));
            if post.head.is_none()
                && next
                && (is_head(body) || view.doc.plain)
                && (body + 1..end).any(|i| view.kept[i])
            {
                post.head = Some(body);
                body += 1;
            }
        }
        post.title = post.title.or_else(|| post.head.map(|head| view.text(head).to_owned()));
        let of_it = |i: &usize| {
            view.kept[*i]
                && !view.is_rule(*i)
                && (view.doc.plain || n + 1 < starts.len() || view.inside(*i, element))
        };
        post.text.extend((body..end).filter(of_it).map(|i| (i, 0)));
        if !post.text.is_empty() {
            found.push(post);
        }
    }
    let mass: f32 = found.iter().flat_map(|p| &p.text).map(|(i, _)| view.mass(*i)).sum();
    if found.len() < MIN_POSTS || mass < MIN_MASS * found.len() as f32 {
        return Vec::new();
    }
    // Over midnight the day of a time is not known.
    if !runs_one_way(&starts) {
        found
            .iter_mut()
            .filter(|post| matches!(post.time, Some(Time::Clock(..))))
            .for_each(|post| post.time = None);
    }
    found
}

fn has_text(view: &View<'_, '_>, start: usize, end: usize, clock: &Clock) -> bool {
    view.kept[start] && clock.end < view.text(start).len()
        || (start + 1..end).any(|i| view.kept[i] && view.mass(i) >= MIN_MASS)
}

/// A time of day at the beginning of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Clock {
    minutes: u32,
    /// Where the text behind it begins.
    end: usize,
}

/// `14:32`, `14h32`, `7.45pm:`, `18:04 Uhr`, `[09:10]`.
fn clock(text: &str) -> Option<Clock> {
    let inner = text.trim_start_matches(['[', '(', ' ', '•', '·', '●', '■', '▶']);
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    let mut hour: u32 = inner.get(..digits).filter(|_| (1..=2).contains(&digits))?.parse().ok()?;
    let rest = &inner[digits..];
    let sign = rest.chars().next()?;
    if !matches!(sign, ':' | '.' | 'h' | 'H' | '：' | '時' | '时' | '点' | '시') {
        return None;
    }
    let rest = rest[sign.len_utf8()..].trim_start_matches(' ');
    let minute: u32 = rest.get(..2).filter(|m| m.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    let mut rest = &rest[2..];
    if rest.starts_with(|c: char| c.is_ascii_digit() || c == '%')
        || rest.starts_with(['.', ',', '/']) && rest[1..].starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    // Seconds.
    if let Some(seconds) = rest.strip_prefix(':')
        && seconds.get(..2).is_some_and(|s| s.bytes().all(|b| b.is_ascii_digit()))
    {
        rest = &seconds[2..];
    }
    let lower: String = rest.chars().take(8).collect::<String>().to_lowercase();
    let half = ["pm", "p.m.", "am", "a.m."].into_iter().find(|half| lower.trim_start().starts_with(half));
    if let Some(half) = half {
        hour = hour % 12 + if half.starts_with('p') { 12 } else { 0 };
        rest = &rest.trim_start()[half.len()..];
    }
    let units = [
        "Uhr", "uhr", "hrs", "hs", "h", "GMT", "UTC", "CET", "CEST", "BST", "EST", "EDT", "ET", "IST", "MEZ",
        "MSK", "分", "분", "น.",
    ];
    let mut named = half.is_some() || sign != '.';
    while let Some(unit) = units.iter().find(|unit| {
        let next = rest.trim_start();
        next.starts_with(**unit) && !next[unit.len()..].starts_with(char::is_alphanumeric)
    }) {
        rest = &rest.trim_start()[unit.len()..];
        named = true;
    }
    if rest.starts_with(char::is_alphanumeric) {
        return None;
    }
    let rest = rest
        .trim_start_matches([' ', ']', ')', ':', '|', '-', '–', '—', '·', '.', ',', '：', '\u{a0}', '\n']);
    // `12.03` before words may be a date.
    let fits = hour < 24 && minute < 60 && (named || rest.is_empty());
    fits.then(|| Clock { minutes: hour * 60 + minute, end: text.len() - rest.len() })
}

/// Whether times run one way, up to a day's change or two.
fn is_ordered(starts: &[(usize, Clock)]) -> bool {
    let pairs = || starts.windows(2).map(|pair| (pair[0].1.minutes, pair[1].1.minutes));
    let (up, down) = (pairs().filter(|(a, b)| a <= b).count(), pairs().filter(|(a, b)| a >= b).count());
    up.max(down) * 10 >= (starts.len() - 1) * 8
}

fn runs_one_way(starts: &[(usize, Clock)]) -> bool {
    let mut pairs = starts.windows(2).map(|pair| (pair[0].1.minutes, pair[1].1.minutes));
    pairs.clone().all(|(a, b)| a <= b) || pairs.all(|(a, b)| a >= b)
}

/// When a post was published: for machines, where its time is a `<time>` element.
fn time(view: &View<'_, '_>, start: usize, clock: &Clock) -> Time {
    let block = &view.doc.blocks[start];
    let stated =
        view.doc.meta.times.iter().find(|t| t.at >= block.start.saturating_sub(1) && t.at <= block.end);
    stated
        .and_then(|t| dates::machine(&t.datetime, Order::Unknown))
        .filter(|moment| moment.instant().is_some())
        .map(|moment| moment.iso())
        .map_or(Time::Clock(clock.minutes / 60, clock.minutes % 60), Time::Stated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day() {
        let check = |text: &str, expect: Option<(u32, &str)>| {
            let got = clock(text).map(|c| (c.minutes, &text[c.end..]));
            assert_eq!(got, expect, "{text}");
        };
        check("14:32", Some((872, "")));
        check("14h32 Le pont", Some((872, "Le pont")));
        check("7.45pm: The vote", Some((1185, "The vote")));
        check("12.05 a.m. – The vote", Some((5, "The vote")));
        check("18:04 Uhr", Some((1084, "")));
        check("[09:10] Вода", Some((550, "Вода")));
        check("14.32", Some((872, "")));
        check("12.03 wird gewählt", None);
        check("12.03.2026", None);
        check("14:32:07 | The vote", Some((872, "The vote")));
        check("3:1 for Lindmere", None);
        check("25:10", None);
        check("120 people", None);
        check("10:30am GMT", Some((630, "")));
    }
}
