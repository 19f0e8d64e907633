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
        assert_eq!(language, Language { code: "und".into(), confidence: 0.0 }, "{junk}");
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
    let config = Config { languages: vec!["iw".into(), "xx".into(), "de".into()], min_confidence: 2.0 };
    let keys: Vec<_> = config.problems().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["languages", "languages", "min_confidence"]);
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
