use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// Loading lingua's models takes a moment: once for all tests.
static STAGE: LazyLock<DetectLanguage> = LazyLock::new(|| DetectLanguage::new(&Config::default()));

fn page(text: &str) -> Extracted {
    Extracted { text: text.to_owned(), ..Extracted::default() }
}

#[track_caller]
fn check(text: &str, code: &str) {
    let language = STAGE.detect(&page(text), None);
    assert_eq!(language.code, code, "{language:?} for {text:.60}");
}

const ENGLISH: &str = "The harbour was closed for two days after the storm, and the fishing boats stayed in. \
    On Thursday the ferry company said that it hoped to sail again by the end of the week. ";
const GERMAN: &str = "Der Hafen blieb nach dem Sturm zwei Tage lang geschlossen, die Boote fuhren nicht aus. \
    Am Donnerstag teilte die Reederei mit, dass sie bis zum Wochenende wieder fahren wolle. ";

#[test]
fn long_texts_are_told_apart() {
    check(&ENGLISH.repeat(10), "en");
    check(&GERMAN.repeat(10), "de");
    check(
        &"港口在风暴之后关闭了两天，渔船都没有出海。轮渡公司周四表示，希望在周末之前恢复航行。".repeat(5),
        "zh",
    );
    check(&"Порт был закрыт два дня после шторма, и рыбацкие лодки остались на берегу. ".repeat(5), "ru");
    check(
        &"Lo porto restèt clavat dos jorns aprèp la tempèsta, e los batèus de pesca sortiguèron pas. "
            .repeat(5),
        "oc",
    );
}

#[test]
fn short_texts_are_told_apart() {
    check("Storm closes the harbour for two days", "en");
    check("Sturm legt den Hafen zwei Tage lang lahm", "de");
    check("La tempête ferme le port pendant deux jours", "fr");
    check("Vihar miatt két napra bezárt a kikötő", "hu");
    check("Буря закрила пристанището за два дни", "bg");
}

#[test]
fn the_head_of_a_page_is_not_its_language() {
    check(&format!("{}\n\n{}", GERMAN.repeat(4), ENGLISH.repeat(10)), "en");
    check(&format!("{}\n\n{}", ENGLISH.repeat(4), GERMAN.repeat(10)), "de");
}

#[test]
fn a_costly_script_does_not_count_double() {
    // Six parts of German to four of Russian, which takes more bytes.
    let russian = "Порт был закрыт два дня после шторма, и рыбацкие лодки остались на берегу до четверга. ";
    let text = format!("{}\n{}", GERMAN.repeat(6), russian.repeat(8));
    assert!(russian.len() * 8 > GERMAN.len() * 6);
    check(&text, "de");
}

#[test]
fn what_is_no_language_is_und() {
    for junk in [
        "",
        "—",
        "2024-05-03 14:00 39,5 % +49 30 123456",
        "https://example.org/a/b?c=d user@example.org",
        "🎉🎉🎉 👍 ❤️",
        "dGhpcyBpcyBubyBsYW5ndWFnZSBhdCBhbGwsIGp1c3QgZGF0YQ0KAA8f3Kd9QmZz",
        "a9f3 77bc 01de 9f00 4c2d e8aa",
        "if(x==0){return y[i]&&z<=3;}",
    ] {
        let language = STAGE.detect(&page(junk), None);
        assert_eq!(language, Language { code: "und".into(), ..Language::default() }, "{junk}");
    }
}

#[test]
fn giant_words_and_data_do_not_hide_the_text() {
    let blob = "QUJD".repeat(50_000);
    check(&format!("{blob} {} {blob}", ENGLISH.repeat(3)), "en");
    let ids: String = (0..2000).map(|i| format!("{i:08x}-{i} ")).collect();
    check(&format!("{} {ids}", GERMAN.repeat(20)), "de");
}

#[test]
fn the_page_claim_settles_only_what_is_open() {
    let claims = |text: &str, hint: &str| {
        let extracted = Extracted { language_hint: Some(hint.to_owned()), ..page(text) };
        STAGE.detect(&extracted, None).code
    };
    let croatian =
        "Luka je bila zatvorena dva dana nakon oluje, a ribarski brodovi ostali su u luci. ".repeat(5);
    for code in ["bs", "hr", "sr"] {
        assert_eq!(claims(&croatian, code), code);
    }
    assert_eq!(claims(&ENGLISH.repeat(4), "de"), "en");
    assert_eq!(claims("Sturm legt den Hafen zwei Tage lang lahm", "en-GB"), "de");
}

#[test]
fn sorani_has_its_own_code() {
    check(
        &"دوای باهۆزەکە بەندەرەکە دوو ڕۆژ داخرا و کەشتییەکان نەچوونە دەرەوە بۆ ڕاوکردنی ماسی. ".repeat(4),
        "ckb",
    );
}

#[test]
fn languages_can_be_restricted() {
    let config = Config { languages: vec!["de".into()], ..Config::default() };
    let stage = DetectLanguage::new(&config);
    assert_eq!(stage.detect(&page(&GERMAN.repeat(4)), None).code, "de");
    assert_eq!(stage.detect(&page(&ENGLISH.repeat(4)), None).code, "und");
    let config = Config { languages: vec!["de".into()], others: Others::Named, ..Config::default() };
    let stage = DetectLanguage::new(&config);
    assert_eq!(stage.detect(&page(&ENGLISH.repeat(4)), None).code, "en");
    let config = Config {
        languages: vec!["iw".into(), "xx".into(), "de".into()],
        min_confidence: 2.0,
        ..Config::default()
    };
    let keys: Vec<_> = config.problems().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["languages", "languages", "min_confidence"]);
}

#[test]
fn the_script_is_said_where_there_are_two() {
    let script = |text: &str| STAGE.detect(&page(&text.repeat(5)), None).script;
    let simplified = "港口在风暴之后关闭了两天，渔船都没有出海。轮渡公司周四表示，希望在周末之前恢复航行。";
    let traditional = "港口在風暴之後關閉了兩天，漁船都沒有出海。渡輪公司週四表示，希望在週末之前恢復航行。";
    assert_eq!(script(simplified).as_deref(), Some("Hans"));
    assert_eq!(script(traditional).as_deref(), Some("Hant"));
    let serbian = "Лука је била затворена два дана после олује, а рибари нису испловили до четвртка увече. ";
    assert_eq!(script(serbian).as_deref(), Some("Cyrl"));
    let latin = "Luka je bila zatvorena dva dana posle oluje, a ribari nisu isplovili do četvrtka uveče, gde su čekali lepo vreme. ";
    let language = STAGE.detect(&page(&latin.repeat(5)), None);
    assert_eq!((language.code.as_str(), language.script.as_deref()), ("sr", Some("Latn")));
    assert_eq!(script(ENGLISH), None);
}

#[test]
fn close_relatives_are_named_besides() {
    let croatian =
        "Luka je bila zatvorena dva dana nakon oluje, a ribarski brodovi ostali su u luci. ".repeat(5);
    let language = STAGE.detect(&page(&croatian), None);
    let mut all: Vec<&str> = language.alternatives.iter().map(|other| other.code.as_str()).collect();
    all.push(&language.code);
    assert!(all.contains(&"hr") && all.contains(&"bs"), "{language:?}");
    let sum: f64 = language.alternatives.iter().map(|other| other.confidence).sum();
    assert!(language.confidence > 0.5 && language.confidence + sum <= 1.02, "{language:?}");
    assert!(STAGE.detect(&page(&ENGLISH.repeat(5)), None).alternatives.is_empty());
}

#[test]
fn a_second_language_is_named_where_there_is_one() {
    let text = format!("{}\n\n{}", GERMAN.repeat(6), ENGLISH.repeat(12));
    let language = STAGE.detect(&page(&text), None);
    assert_eq!(language.code, "en");
    let second = language.second.unwrap();
    assert_eq!(second.code, "de");
    assert!((0.25..=0.45).contains(&second.share), "{second:?}");
    assert_eq!(STAGE.detect(&page(&ENGLISH.repeat(12)), None).second, None);
}

#[test]
fn threads_agree() {
    let texts = [ENGLISH, GERMAN, "Vihar miatt két napra bezárt a kikötő", "Буря закрила пристанището"];
    let alone: Vec<_> = texts.iter().map(|t| STAGE.detect(&page(t), None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for (text, expect) in texts.iter().zip(&alone) {
                    assert_eq!(STAGE.detect(&page(text), None), *expect);
                }
            });
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_gets_an_answer(text in "\\PC{0,400}", title in proptest::option::of("\\PC{0,80}")) {
        let language = STAGE.detect(&Extracted { text, title, ..Extracted::default() }, Some("en"));
        prop_assert!((0.0..=1.0).contains(&language.confidence));
        prop_assert!(language.code == "und" || codes::normalise(&language.code).is_some());
    }

    #[test]
    fn a_sample_is_bounded(text in "(\\PC{0,30}[ \\n]?){0,200}") {
        let mut out = String::new();
        sample::sample(&text, 4, 100, &mut out);
        prop_assert!(out.len() <= 4 * (125 + 2 * 120 + 8), "{}", out.len());
    }
}
