//! Times of day beside a date, and words for times gone by: `, 14:05 Uhr`, `at 9:25pm CET`, `3 hours ago`, `вчера`.

use super::dates::Clock;
use super::written::other_digit;

/// Bytes after a date in which its time of day stands.
const REACH: usize = 40;

/// Names of zones that mean one offset the world over, in minutes east of Greenwich.
const ZONES: [(&str, i64); 27] = [
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("WEZ", 0),
    ("CET", 60),
    ("MEZ", 60),
    ("CEST", 120),
    ("MESZ", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("МСК", 180),
    ("TRT", 180),
    ("PKT", 300),
    ("WIB", 420),
    ("WITA", 480),
    ("HKT", 480),
    ("SGT", 480),
    ("JST", 540),
    ("KST", 540),
    ("AEST", 600),
    ("AEDT", 660),
    ("EST", -300),
    ("EDT", -240),
    ("PST", -480),
    ("PDT", -420),
    ("SAST", 120),
];

/// The time of day that a text begins with, a few words before it aside, and where it ends.
pub fn after(text: &str) -> Option<(Clock, usize)> {
    let text = &text[..text.floor_char_boundary(REACH)];
    let is_digit = |c: char| c.is_ascii_digit() || other_digit(c).is_some();
    let start = text.find(is_digit)?;
    let lead = &text[..start];
    // Words for "at" and days of the week are short; brackets and bars begin something else.
    if lead.chars().filter(|c| c.is_alphanumeric()).count() > 12
        || lead.contains(['\n', '(', ';']) && start > 4
    {
        return None;
    }
    let (hour, at) = number(text, start)?;
    let rest = &text[at..];
    let mark = [":", "：", "h", "H", ".", "時", "时", "点", "點", "시 ", "시"]
        .into_iter()
        .find(|mark| rest.starts_with(mark) && rest[mark.len()..].starts_with(is_digit));
    let lower = text.to_lowercase();
    let half = |rest: &str| {
        let rest = rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
        let is = |words: &[&str]| words.iter().any(|w| rest.to_lowercase().starts_with(w));
        if is(&["am", "a.m", "a. m", "a m"]) {
            Some(false)
        } else if is(&["pm", "p.m", "p. m", "p m"]) {
            Some(true)
        } else {
            None
        }
    };
    let (minute, second, end) = match mark {
        Some(mark) => {
            let (minute, end) = number(text, at + mark.len())?;
            let seconds = text[end..].strip_prefix(':').and_then(|_| number(text, end + 1));
            let (second, end) = seconds.filter(|(s, _)| *s < 60).map_or((0, end), |found| found);
            (minute, second, end)
        }
        // `9 pm`
        None if half(rest).is_some() => (0, 0, at),
        None => return None,
    };
    let before = &lower[..start.min(lower.len())];
    let afternoon = half(&text[end..]).or_else(|| {
        let has = |words: [&str; 3]| words.iter().any(|w| before.contains(w));
        if has(["下午", "午後", "오후"]) {
            Some(true)
        } else {
            has(["上午", "午前", "오전"]).then_some(false)
        }
    });
    let hour = match afternoon {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    };
    if hour > 23 || minute > 59 {
        return None;
    }
    let seconds = i64::from(hour * 3_600 + minute * 60 + second);
    Some((Clock { seconds, zone: zone(&text[end..]), zulu: false }, end))
}

/// A number of one or two digits, and where it ends.
fn number(text: &str, start: usize) -> Option<(u32, usize)> {
    let (mut value, mut end, mut count) = (0, start, 0);
    for c in text[start..].chars() {
        let Some(digit) = c.to_digit(10).or_else(|| other_digit(c)) else { break };
        value = value * 10 + digit;
        end += c.len_utf8();
        count += 1;
        if count > 2 {
            return None;
        }
    }
    (count > 0).then_some((value, end))
}

/// The zone named after a time of day: ` GMT+1`, ` (CET)`, ` Uhr MEZ`.
fn zone(rest: &str) -> Option<i64> {
    let mut words = rest.split(|c: char| !(c.is_alphanumeric() || matches!(c, '+' | '-' | ':')));
    let named = words.by_ref().filter(|w| !w.is_empty()).take(3).find_map(|word| {
        let at = word.find(['+', '-']).unwrap_or(word.len());
        let (name, offset) = word.split_at(at);
        let base = ZONES.iter().find(|(zone, _)| *zone == name)?.1;
        Some((base, offset))
    })?;
    let (base, offset) = named;
    if offset.is_empty() || base != 0 {
        return Some(base);
    }
    let (hours, minutes) = offset[1..].split_once(':').unwrap_or((&offset[1..], "0"));
    let hours = hours.parse::<i64>().ok().filter(|h| *h < 15)?;
    let east = hours * 60 + minutes.parse::<i64>().ok().filter(|m| *m < 60)?;
    Some(if offset.starts_with('-') { -east } else { east })
}

/// Hours in units that relative words count in: second, minute, hour, day, week.
const UNITS: [(f64, &[&str]); 5] = [
    (
        1.0 / 3_600.0,
        &[
            "sec",
            "sek",
            "sn",
            "secondes",
            "segund",
            "seg",
            "сек",
            "秒",
            "초",
            "ثانیه",
            "ثانية",
            "ثوان",
            "שניות",
            "सेकंड",
            "giây",
            "saniye",
            "detik",
            "วินาที",
            "δευτερ",
            "সেকেন্ড",
            "másodperc",
            "sekund",
            "vteřin",
            "sekunt",
        ],
    ),
    (
        1.0 / 60.0,
        &[
            "min",
            "мин",
            "хв",
            "分钟",
            "分鐘",
            "分前",
            "분",
            "دقیقه",
            "دقيقة",
            "دقائق",
            "דקות",
            "मिनट",
            "phút",
            "dakika",
            "perc",
            "นาที",
            "λεπτ",
            "মিনিট",
            "menit",
        ],
    ),
    (
        1.0,
        &[
            "hour",
            "hr",
            "stunde",
            "std",
            "heure",
            "hora",
            "ora ",
            "ore ",
            "ore",
            "uur",
            "time",
            "timer",
            "timm",
            "tunti",
            "tuntia",
            "godz",
            "hodin",
            "óra",
            "órá",
            "час",
            "годин",
            "小时",
            "小時",
            "時間",
            "시간",
            "ساعت",
            "ساعة",
            "ساعات",
            "שעות",
            "घंटे",
            "giờ",
            "saat",
            "jam",
            "ชั่วโมง",
            "ώρ",
            "ঘণ্টা",
            "h",
        ],
    ),
    (
        24.0,
        &[
            "day",
            "tag",
            "jour",
            "día",
            "dia",
            "giorn",
            "dag",
            "dni",
            "dnů",
            "nap",
            "päiv",
            "дн",
            "день",
            "дні",
            "天前",
            "日前",
            "일 전",
            "일전",
            "روز",
            "أيام",
            "يوم",
            "ימים",
            "दिन",
            "ngày",
            "gün",
            "hari",
            "วัน",
            "ημέρ",
            "মাস",
            "d",
        ],
    ),
    (
        168.0,
        &[
            "week",
            "woche",
            "semaine",
            "semana",
            "settiman",
            "weke",
            "veck",
            "tydzień",
            "tygodn",
            "недел",
            "тижн",
            "周前",
            "週間",
            "주 전",
            "hafta",
            "minggu",
            "tuần",
            "สัปดาห์",
        ],
    ),
];

/// Words by which a time is known to be gone by.
const AGO: [&str; 40] = [
    " ago",
    "vor ",
    "il y a",
    "hace ",
    "há ",
    "fa",
    "geleden",
    "sedan",
    "siden",
    "sitten",
    "temu",
    "před",
    "ezelőtt",
    "назад",
    "тому",
    "前",
    "전",
    "پیش",
    "قبل",
    "منذ",
    "לפני",
    "पहले",
    "trước",
    "önce",
    "lalu",
    "ที่แล้ว",
    "ที่ผ่านมา",
    "πριν",
    "আগে",
    "acum ",
    "преди",
    "пре ",
    "prije",
    "pred ",
    "enne",
    "tagasi",
    "prieš",
    "pirms",
    "fa ",
    "dinihari",
];

/// Words for today and for yesterday.
const DAYS: [(i64, &[&str]); 2] = [
    (
        0,
        &[
            "today",
            "heute",
            "aujourd'hui",
            "aujourd’hui",
            "hoy",
            "hoje",
            "oggi",
            "vandaag",
            "idag",
            "i dag",
            "tänään",
            "dzisiaj",
            "dziś",
            "dnes",
            "ma ",
            "azi",
            "bugün",
            "сегодня",
            "сьогодні",
            "днес",
            "danas",
            "今天",
            "今日",
            "오늘",
            "امروز",
            "اليوم",
            "היום",
            "आज",
            "hôm nay",
            "hari ini",
            "σήμερα",
            "วันนี้",
            "আজ",
        ],
    ),
    (
        1,
        &[
            "yesterday",
            "gestern",
            "hier",
            "ayer",
            "ontem",
            "ieri",
            "gisteren",
            "igår",
            "i går",
            "eilen",
            "wczoraj",
            "včera",
            "tegnap",
            "dün",
            "вчера",
            "вчора",
            "juče",
            "jučer",
            "昨天",
            "昨日",
            "어제",
            "دیروز",
            "أمس",
            "אתמול",
            "कल",
            "hôm qua",
            "kemarin",
            "χθες",
            "χτες",
            "เมื่อวาน",
            "গতকাল",
        ],
    ),
];

/// Longest line that tells when it was by such words, in characters.
const MAX_RELATIVE: usize = 60;

/// Hours gone by, as a short line tells them: `3 hours ago`, `gestern`, `vor 2 Tagen`, `3시간 전`; whole days for words
/// of days. `None` where the line says more than that.
pub fn hours_ago(line: &str) -> Option<f64> {
    if line.chars().nth(MAX_RELATIVE).is_some() {
        return None;
    }
    let lower = line.to_lowercase();
    let is_word = |from: usize, word: &str| {
        let unspaced = word.chars().next().is_some_and(|c| c >= '\u{e00}');
        let before = lower[..from].chars().next_back();
        let after = lower[from + word.len()..].chars().next();
        unspaced || !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    };
    let digits = lower.find(|c: char| c.is_ascii_digit() || other_digit(c).is_some());
    if let Some(start) = digits
        && AGO
            .iter()
            .any(|w| lower.find(w).is_some_and(|at| is_word(at + w.len() - w.trim_start().len(), w.trim())))
        && let Some((count, end)) = number(&lower, start)
    {
        let unit = lower[end..].trim_start();
        let found = UNITS.iter().find(|(_, names)| {
            names.iter().any(|name| {
                unit.starts_with(name) && (name.len() > 1 || !unit[1..].starts_with(char::is_alphabetic))
            })
        });
        return found.map(|(hours, _)| f64::from(count) * hours);
    }
    let (days, _) = DAYS.iter().find(|(_, words)| {
        words.iter().any(|w| lower.find(w.trim()).is_some_and(|at| is_word(at, w.trim())))
    })?;
    // More letters than a clock and a label have are a sentence.
    (lower.chars().filter(|c| c.is_alphabetic()).count() <= 24).then_some(*days as f64 * 24.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day() {
        let check = |text: &str, expect: Option<(i64, Option<i64>)>| {
            let got = after(text).map(|(clock, _)| (clock.seconds / 60, clock.zone));
            assert_eq!(got, expect, "{text}");
        };
        check(", 14:05 Uhr", Some((845, None)));
        check(" at 9:25pm", Some((1_285, None)));
        check(" | 9:25 p.m. ET", Some((1_285, None)));
        check(" - 13:55 GMT+1", Some((835, Some(60))));
        check(" kl. 14.05 CEST", Some((845, Some(120))));
        check(" à 8h05", Some((485, None)));
        check(" 10時22分", Some((622, None)));
        check(" 오후 3:05", Some((905, None)));
        check(" um 25:10", None);
        check(", 4 minute read", None);
        check(" by Ada Ruiz", None);
    }

    #[test]
    fn times_gone_by() {
        let check = |line: &str, expect: Option<f64>| assert_eq!(hours_ago(line), expect, "{line}");
        for line in
            ["3 hours ago", "vor 3 Stunden", "il y a 3 heures", "hace 3 horas", "há 3 horas", "3 ore fa"]
        {
            check(line, Some(3.0));
        }
        for line in
            ["3 часа назад", "3 години тому", "3시간 전", "3小时前", "3時間前", "3 saat önce", "3 ساعت پیش"]
        {
            check(line, Some(3.0));
        }
        for line in ["2 days ago", "vor 2 Tagen", "2天前", "2 dagen geleden", "2 dni temu", "2 päivää sitten"]
        {
            check(line, Some(48.0));
        }
        for line in ["gestern, 14:05 Uhr", "вчера, 10:15", "Yesterday", "hier à 10h", "어제", "昨日"]
        {
            check(line, Some(24.0));
        }
        check("heute 10:15", Some(0.0));
        check("Published 15 mins ago", Some(0.25));
        check("Published 36 seconds ago", Some(36.0 * (1.0 / 3_600.0)));
        check("vor 36 Sekunden", Some(36.0 * (1.0 / 3_600.0)));
        check("The mayor said yesterday that the bridge would open soon", None);
        check("3 minute read", None);
    }
}
