//! Wire marks of Chinese, Japanese and Korean: `新华社北京6月11日电`, `【北京共同】`, `(서울=연합뉴스) … 기자 =`.

use super::dateline::{Wire, head};
use super::{agencies, words, written};

/// Longest name of a place, in characters.
const MAX_PLACE: usize = 12;
/// Longest note in brackets on who reports, in bytes.
const MAX_CREDIT: usize = 90;

/// Reads the head of a block.
pub fn read(text: &str) -> Option<Wire> {
    let head = head(text);
    if !head.chars().take(24).any(|c| words::is_unspaced(c) || is_hangul(c)) {
        return None;
    }
    dispatch(head).or_else(|| bracketed(head))
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}')
}

const OPENING: [char; 7] = ['（', '(', '【', '[', '［', '〔', '　'];
const CLOSING: [char; 6] = ['）', ')', '】', ']', '］', '〕'];

/// `新华社北京6月11日电（记者 …）`: agency, perhaps who reports, place, date, and the sign for a dispatch.
fn dispatch(head: &str) -> Option<Wire> {
    let inner = head.trim_start_matches(OPENING);
    let (agency, length) = agencies::at_start(inner)?;
    let rest = &inner[length..];
    let sign = rest.find(['电', '電'])?;
    let line = &rest[..sign];
    if line.chars().count() > 30 || line.contains(['，', '。', '、', ',']) {
        return None;
    }
    let date = written::find(line);
    let (before, day) = match &date {
        Some(date) => (&line[..date.range.start], None),
        None => day_of(line).map_or((line, None), |(before, day)| (before, Some(day))),
    };
    // Names of reporters run into the place.
    let reported = ["记者", "記者", "通讯员", "特派员"].iter().any(|word| before.contains(word));
    let place = before.trim_matches(|c: char| !c.is_alphanumeric());
    let place = (!reported).then(|| placed(place)).flatten();
    let mut end = head.len() - rest.len() + sign + '电'.len_utf8();
    end += credit(&head[end..]);
    (place.is_some() || date.is_some() || day.is_some()).then(|| Wire {
        agency: Some(agency.to_owned()),
        place,
        date,
        day,
        alone: false,
        end,
    })
}

/// `11日` at the end of a line.
fn day_of(line: &str) -> Option<(&str, u32)> {
    let before = line.trim_end().strip_suffix(['日', '号', '號'])?;
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (before, day) = before.split_at(before.len() - digits);
    Some((before, day.parse().ok().filter(|day| (1..=31).contains(day))?))
}

/// What closes a dispatch's mark: brackets, who reports, a dash, spaces. Its length.
fn credit(rest: &str) -> usize {
    let mut left = rest.trim_start_matches(['讯', '訊', '文']).trim_start_matches(CLOSING);
    loop {
        let next = left.trim_start();
        let inside = next.strip_prefix(['（', '(']);
        let note = inside.and_then(|inside| {
            let end = inside.find(['）', ')']).filter(|end| *end <= MAX_CREDIT)?;
            let speaks = ["记者", "記者", "通讯员", "编译"].iter().any(|word| inside[..end].contains(word));
            speaks.then(|| inside[end..].trim_start_matches(CLOSING))
        });
        match note {
            Some(behind) => left = behind,
            None => break,
        }
    }
    let left = left.trim_start_matches([' ', '　', '：', ':', '-', '－', '—', '\u{a0}']);
    rest.len() - left.len()
}

/// `【北浜共同】`, `[東京 11日 ロイター] -`, `(서울=연합뉴스) 윤가람 기자 = `.
fn bracketed(head: &str) -> Option<Wire> {
    let inner = head.strip_prefix(OPENING)?;
    let close = inner.find(CLOSING)?;
    let inside = inner[..close].trim();
    let mut wire = match inside.split_once(['=', '＝']) {
        Some((place, agency)) => {
            let agency = agencies::named(agency).or_else(|| agencies::exact(place.trim()))?;
            // `도쿄 AFP=연합뉴스`, `AFP＝時事`
            let place = place.split_whitespace().filter(|word| agencies::exact(word).is_none());
            let place = placed(&place.collect::<Vec<_>>().join(" "));
            Wire { agency: Some(agency.to_owned()), place, ..Wire::default() }
        }
        None => parts(inside)?,
    };
    let rest = &inner[close..];
    let mut left = rest.trim_start_matches(CLOSING).trim_start();
    // `윤가람 기자 = `
    if let Some(sign) = left.find(" = ").filter(|sign| *sign <= MAX_CREDIT)
        && ["기자", "특파원", "통신원"].iter().any(|word| left[..sign].contains(word))
    {
        left = &left[sign + 3..];
    }
    let left = left.trim_start_matches([' ', '　', '-', '－', '—', '–', '\u{a0}', '\u{3000}']);
    wire.end = head.len() - left.len();
    Some(wire)
}

/// What stands in brackets without a sign between: place, date and agency, the agency at the end.
fn parts(inside: &str) -> Option<Wire> {
    let (agency, before) = match inside.rsplit_once([' ', '　']) {
        Some((before, name)) if agencies::exact(name).is_some() => (agencies::exact(name)?, before),
        _ => {
            let (agency, length) = agencies::at_end(inside)?;
            (agency, &inside[..inside.len() - length])
        }
    };
    let before = before.trim();
    // An agency's name alone in brackets is no more than that.
    if before.is_empty() || before.contains(['、', '。', '，', '：', '「']) {
        return None;
    }
    let date = written::find(before);
    let (place, day) = match &date {
        Some(date) => (&before[..date.range.start], None),
        None => day_of(before).map_or((before, None), |(place, day)| (place, Some(day))),
    };
    let place = place.trim();
    let placed = placed(place);
    if placed.is_none() && !place.is_empty() {
        return None;
    }
    Some(Wire { agency: Some(agency.to_owned()), place: placed, date, day, alone: false, end: 0 })
}

/// A place, if words can be one.
fn placed(words: &str) -> Option<String> {
    let words = words.trim();
    let fits = (1..=MAX_PLACE).contains(&words.chars().count()) && !words.contains(|c: char| c.is_numeric());
    fits.then(|| words.to_owned())
}
