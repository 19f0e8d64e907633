//! Zones of countries, for days that pages give as the instant at which they begin there: `2020-06-10T22:00:00Z` is 11
//! June in Berlin.

use super::dates::Moment;

/// Codes of countries in one zone, and its minutes east of Greenwich: in winter, in summer.
#[rustfmt::skip]
const COUNTRIES: [(&[&str], &[i64]); 21] = [
    (&["de", "at", "ch", "li", "fr", "it", "es", "nl", "be", "lu", "pl", "cz", "sk", "hu", "si", "hr", "rs", "ba",
       "me", "mk", "al", "dk", "no", "se", "mt"], &[60, 120]),
    (&["gb", "uk", "ie", "pt", "ng", "ao", "ma", "tn", "dz"], &[60]),
    (&["fi", "ee", "lv", "lt", "gr", "bg", "ro", "md", "ua", "cy", "il", "lb", "eg"], &[120, 180]),
    (&["za", "zw", "rw"], &[120]),
    (&["tr", "ru", "by", "sa", "iq", "kw", "qa", "ke", "tz", "et"], &[180]),
    (&["ir"], &[210, 270]),
    (&["ae", "om", "az", "ge", "am"], &[240]),
    (&["af"], &[270]),
    (&["pk", "uz"], &[300]),
    (&["kz"], &[300, 360]),
    (&["in", "lk"], &[330]),
    (&["np"], &[345]),
    (&["bd"], &[360]),
    (&["mm"], &[390]),
    (&["th", "vn", "kh", "la"], &[420]),
    (&["id"], &[420, 480]),
    (&["cn", "hk", "tw", "sg", "my", "ph", "mo"], &[480]),
    (&["mn"], &[480]),
    (&["jp", "kr"], &[540]),
    (&["au"], &[600, 660]),
    (&["nz"], &[720, 780]),
];

/// Languages, and the country where most of their news is from.
#[rustfmt::skip]
const LANGUAGES: [(&str, &str); 55] = [
    ("de", "de"), ("fr", "fr"), ("it", "it"), ("es", "es"), ("ca", "es"), ("eu", "es"), ("gl", "es"), ("nl", "nl"),
    ("pl", "pl"), ("cs", "cz"), ("sk", "sk"), ("hu", "hu"), ("sl", "si"), ("hr", "hr"), ("sr", "rs"), ("bs", "ba"),
    ("da", "dk"), ("no", "no"), ("nb", "no"), ("nn", "no"), ("sv", "se"), ("sq", "al"), ("mk", "mk"), ("fi", "fi"),
    ("et", "ee"), ("lv", "lv"), ("lt", "lt"), ("el", "gr"), ("bg", "bg"), ("ro", "ro"), ("uk", "ua"), ("he", "il"),
    ("tr", "tr"), ("ru", "ru"), ("be", "by"), ("az", "az"), ("ka", "ge"), ("hy", "am"), ("fa", "ir"), ("ur", "pk"),
    ("hi", "in"), ("ta", "in"), ("te", "in"), ("mr", "in"), ("bn", "bd"), ("ne", "np"), ("my", "mm"), ("th", "th"),
    ("vi", "vn"), ("km", "kh"), ("id", "id"), ("zh", "cn"), ("ja", "jp"), ("ko", "kr"), ("mn", "mn"),
];

/// The zones of the country of a host, else of that of a language: `de-AT`, `pt_BR`, `ja`.
pub fn of(language: &str, url: Option<&str>) -> &'static [i64] {
    let language = language.to_lowercase();
    let mut parts = language.split(['-', '_']);
    let tongue = parts.next().unwrap_or("");
    let home = LANGUAGES.iter().find(|(code, _)| *code == tongue).map_or("", |(_, country)| country);
    let host = url.and_then(|u| u.split("//").nth(1)).and_then(|r| r.split(['/', '?', ':']).next());
    let codes =
        [host.and_then(|h| h.rsplit('.').next()).unwrap_or(""), parts.next_back().unwrap_or(""), home];
    let zones =
        |code: &str| COUNTRIES.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, zones)| *zones);
    codes.into_iter().find_map(zones).unwrap_or(&[])
}

/// The day that an instant in UTC is the beginning of by one of these zones, else the instant as it is.
pub fn day_begun(moment: Moment, zones: &[i64]) -> Moment {
    let utc = moment.clock.is_some_and(|c| c.zone == Some(0) && c.seconds > 0 && c.seconds % 900 == 0);
    let begun = |zone: &i64| moment.in_zone(*zone).filter(|m| m.clock.is_some_and(|c| c.seconds == 0));
    let day = if utc { zones.iter().find_map(begun) } else { None };
    day.map_or(moment, |m| Moment::of_day(m.day))
}

#[cfg(test)]
mod tests {
    use super::super::dates;
    use super::super::written::Order;
    use super::*;

    #[test]
    fn days_begin_where_the_page_is_from() {
        let check = |text: &str, language: &str, url: &str, expect: &str| {
            let moment = dates::machine(text, Order::Unknown).unwrap();
            assert_eq!(day_begun(moment, of(language, Some(url))).iso(), expect, "{text} {language} {url}");
        };
        check("2020-06-10T22:00:00Z", "de", "https://news.example/a", "2020-06-11");
        check("2020-12-10T23:00:00.000Z", "", "https://news.at/a", "2020-12-11");
        check("2020-06-10T15:00:00Z", "ja", "https://news.example/a", "2020-06-11");
        check("2020-06-10T18:30:00Z", "en-IN", "https://news.example/a", "2020-06-11");
        check("2020-06-10T22:00:00Z", "en", "https://news.example/a", "2020-06-10T22:00:00Z");
        check("2020-06-10T22:05:00Z", "de", "https://news.example/a", "2020-06-10T22:05:00Z");
        check("2020-06-10T22:00:00+02:00", "de", "https://news.example/a", "2020-06-10T22:00:00+02:00");
        check("2020-06-10T00:00:00Z", "en-GB", "https://news.example/a", "2020-06-10T00:00:00Z");
    }
}
