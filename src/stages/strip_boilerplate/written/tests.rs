use super::*;

/// The date in a text, a year that is not written taken from 1 July 2020.
fn day(text: &str) -> Option<String> {
    find(text).and_then(|w| w.complete(Date::new(2020, 7, 1))).map(|d| d.iso())
}

#[test]
fn dates_in_running_text() {
    let check = |text: &str, expect: Option<&str>| assert_eq!(day(text).as_deref(), expect, "{text}");
    check("Baghdad (AFP) June 11, 2020", Some("2020-06-11"));
    check("WASHINGTON, March 3 (Reuters) -", Some("2020-03-03"));
    check("Updated 3rd March 2019 at 10:00", Some("2019-03-03"));
    check("PARIS, 3 mars (AFP)", Some("2020-03-03"));
    check("ROMA, 12 MAR -", Some("2020-03-12"));
    check("МОСКВА, 3 мар — РИА Новости", Some("2020-03-03"));
    check("新华社北京6月11日电", Some("2020-06-11"));
    check("2020年12月31日 10:22", Some("2020-12-31"));
    check("2021년 2월 3일", Some("2021-02-03"));
    check("am 11.06.2020 um 8 Uhr", Some("2020-06-11"));
    check("03/04/2020", None);
    check("13/04/2020", Some("2020-04-13"));
    check("04/13/20", Some("2020-04-13"));
    check("28.09.19", Some("2019-09-28"));
    check("nutzer28.09.1915:57", Some("2019-09-28"));
    check("28. 4. 2023, 18:41", Some("2023-04-28"));
    check("11-Jun-20", Some("2020-06-11"));
    check("Version 10.13.6.2", None);
    check("192.168.10.12", None);
    check("he may 20 times", None);
    check("31. Dezember", Some("2019-12-31"));
}

/// One date in the languages that news is written in.
#[test]
fn one_day_in_many_languages() {
    let forms = [
        ("en", "Thursday, June 11th, 2020"),
        ("de", "Donnerstag, 11. Juni 2020"),
        ("fr", "jeudi 11 juin 2020"),
        ("es", "11 de junio de 2020"),
        ("pt", "11 de junho de 2020"),
        ("it", "giovedì 11 giugno 2020"),
        ("ca", "11 de juny del 2020"),
        ("gl", "11 de xuño de 2020"),
        ("eu", "2020ko ekainaren 11"),
        ("nl", "11 juni 2020"),
        ("sv", "11 juni 2020"),
        ("nb", "11. juni 2020"),
        ("is", "11. júní 2020"),
        ("fi", "11. kesäkuuta 2020"),
        ("et", "11. juuni 2020"),
        ("lv", "2020. gada 11. jūnijā"),
        ("lt", "2020 m. birželio 11 d."),
        ("pl", "11 czerwca 2020 r."),
        ("cs", "11. června 2020"),
        ("sk", "11. júna 2020"),
        ("hu", "2020. június 11."),
        ("ro", "11 iunie 2020"),
        ("sl", "11. junija 2020"),
        ("sr", "11. јун 2020."),
        ("hr", "11. lipnja 2020."),
        ("bg", "11 юни 2020"),
        ("mk", "11 јуни 2020"),
        ("ru", "11 июня 2020 г."),
        ("uk", "11 червня 2020"),
        ("be", "11 чэрвеня 2020"),
        ("kk", "11 маусым 2020"),
        ("mn", "2020 оны 6-р сарын 11"),
        ("uz", "11 iyun 2020"),
        ("el", "11 Ιουνίου 2020"),
        ("tr", "11 Haziran 2020"),
        ("az", "11 iyun 2020"),
        ("sq", "11 qershor 2020"),
        ("mt", "11 ta Ġunju 2020"),
        ("cy", "11 Mehefin 2020"),
        ("ga", "11 Meitheamh 2020"),
        ("ka", "11 ივნისი, 2020"),
        ("hy", "11 հունիսի 2020"),
        ("he", "11 ביוני 2020"),
        ("ar", "١١ يونيو ٢٠٢٠"),
        ("ar-LB", "11 حزيران/يونيو 2020"),
        ("ar-LB", "11 حزيران 2020"),
        ("ar-TN", "11 جوان 2020"),
        ("fa", "۲۲ خرداد ۱۳۹۹"),
        ("ps", "۲۲ غبرګولی ۱۳۹۹"),
        ("ur", "11 جون 2020"),
        ("hi", "११ जून २०२०"),
        ("mr", "११ जून २०२०"),
        ("bn", "১১ জুন ২০২০"),
        ("gu", "૧૧ જૂન ૨૦૨૦"),
        ("pa", "11 ਜੂਨ 2020"),
        ("ta", "11 ஜூன் 2020"),
        ("te", "11 జూన్ 2020"),
        ("kn", "11 ಜೂನ್ 2020"),
        ("ml", "11 ജൂൺ 2020"),
        ("si", "2020 ජූනි 11"),
        ("my", "၁၁ ဇွန် ၂၀၂၀"),
        ("th", "๑๑ มิถุนายน ๒๕๖๓"),
        ("th, shortened", "11 มิ.ย. 2563"),
        ("lo", "11 ມິຖຸນາ 2020"),
        ("km", "11 មិថុនា 2020"),
        ("vi", "ngày 11 tháng 6 năm 2020"),
        ("id", "Kamis, 11 Juni 2020"),
        ("ms", "11 Jun 2020"),
        ("tl", "Hunyo 11, 2020"),
        ("sw", "11 Juni 2020"),
        ("af", "11 Junie 2020"),
        ("am", "11 ጁን 2020"),
        ("zh", "2020年6月11日"),
        ("zh-TW", "民國109年6月11日"),
        ("ja", "2020年06月11日（木）"),
        ("ja, by era", "令和2年6月11日"),
        ("ko", "2020년 6월 11일"),
        ("ko, numbers", "2020. 6. 11."),
        ("wide digits", "２０２０年６月１１日"),
    ];
    for (language, text) in forms {
        assert_eq!(day(text).as_deref(), Some("2020-06-11"), "{language}: {text}");
    }
}

#[test]
fn the_iranian_calendar() {
    for (year, month, day, expect) in [
        (1399, 1, 1, "2020-03-20"),
        (1399, 12, 30, "2021-03-20"),
        (1400, 1, 1, "2021-03-21"),
        (1402, 10, 11, "2024-01-01"),
    ] {
        assert_eq!(iranian(year, month, day).unwrap().iso(), expect, "{year}-{month}-{day}");
    }
    assert_eq!(day("۱۳۹۹/۰۳/۲۲").as_deref(), Some("2020-06-11"));
}

#[test]
fn numbers_in_either_order() {
    let read = |order| find_in("03/04/2020", order).and_then(|w| w.whole()).map(|d| d.iso());
    assert_eq!(read(Order::DayFirst).as_deref(), Some("2020-04-03"));
    assert_eq!(read(Order::MonthFirst).as_deref(), Some("2020-03-04"));
    let all = find_all("Published 03/04/2020, updated 25/04/2020", Order::Unknown, 4);
    assert_eq!(all.iter().map(|w| w.ambiguous).collect::<Vec<_>>(), [true, false]);
}
