use std::sync::LazyLock;

use proptest::prelude::*;

use super::model::{Error, Head, PART, PARTS, PATTERNS, Packed, exp, ln, place, write};
use super::*;

static STAGE: LazyLock<ClassifyTopics> = LazyLock::new(|| ClassifyTopics::new(&Config::default()));

fn article(title: &str, text: &str) -> Extracted {
    Extracted { title: Some(title.to_owned()), text: text.to_owned(), ..Extracted::default() }
}

fn language(code: &str) -> Language {
    Language { code: code.to_owned(), confidence: 1.0, ..Language::default() }
}

#[track_caller]
fn check(code: &str, title: &str, text: &str, expect: &[&str]) {
    let topics = STAGE.classify(&article(title, text), None, &language(code));
    let first = topics.first().map_or("none", |t| t.name.as_str());
    assert!(expect.contains(&first), "{title}: {topics:?}");
}

const FOOTBALL: (&str, &str) = (
    "Late goal sends the visitors to the cup final",
    "The striker scored in the last minute as the visitors won the semi-final by two goals to one. The \
     coach praised his players, who had lost three league matches in a row. The final is played in May.",
);

#[test]
fn plain_cases_are_told_apart() {
    check("en", FOOTBALL.0, FOOTBALL.1, &["sport"]);
    check(
        "en",
        "Central bank raises interest rates again",
        "The central bank raised its interest rate by a quarter of a point on Thursday to slow inflation. \
         Shares fell, and economists expect growth of the economy to weaken next year.",
        &["economy, business and finance"],
    );
    check(
        "de",
        "Bundestag beschließt neues Wahlrecht",
        "Der Bundestag hat am Freitag mit den Stimmen der Koalition ein neues Wahlrecht beschlossen. Die Opposition \
         kündigte an, gegen das Gesetz zu klagen. Die Abgeordneten stritten stundenlang.",
        &["politics"],
    );
    check(
        "fr",
        "Grippe: les hôpitaux débordés",
        "Les hôpitaux manquent de lits face à l'épidémie de grippe. Les médecins appellent les patients fragiles à se faire \
         vacciner, et le ministère de la Santé annonce des renforts.",
        &["health"],
    );
    check(
        "sw",
        "Timu ya taifa yashinda mechi ya mpira wa miguu",
        "Timu ya taifa ya mpira wa miguu ilishinda mechi yake kwa mabao mawili kwa moja mbele ya mashabiki. Kocha \
         aliwasifu wachezaji wake baada ya ushindi huo wa ligi.",
        &["sport"],
    );
}

#[test]
fn it_does_not_answer_where_it_has_no_ground() {
    for code in ["und", "tlh", ""] {
        assert_eq!(STAGE.classify(&article(FOOTBALL.0, FOOTBALL.1), None, &language(code)), []);
    }
    assert_eq!(STAGE.classify(&article("", "—"), None, &language("en")), []);
    assert_eq!(STAGE.classify(&article("", "zqxj vvkw qqpz"), None, &language("en")), []);
}

#[test]
fn a_section_adds_to_its_topic_and_does_not_overrule_the_text() {
    let stage = ClassifyTopics::new(&Config { min_score: 0.0, max_topics: TOPICS, ..Config::default() });
    let classify = |(title, text): (&str, &str), section: Option<&str>| {
        let page = Extracted { section: section.map(str::to_owned), ..article(title, text) };
        stage.classify(&page, None, &language("en"))
    };
    assert_eq!(classify(FOOTBALL, Some("Weather"))[0].name, "sport");
    let snow = (
        "Snow stops the match",
        "The referee called the match off after an hour of heavy snow. Forecasters expect more snow and wind in the night.",
    );
    let weather = |section: Option<&str>| {
        classify(snow, section).iter().find(|t| t.name == "weather").map(|t| t.score).unwrap_or_default()
    };
    let sport = |section: Option<&str>| {
        classify(snow, section).iter().find(|t| t.name == "sport").map(|t| t.score).unwrap_or_default()
    };
    let by_url = |url: &str| {
        let topics = stage.classify(&article(snow.0, snow.1), Some(url), &language("en"));
        topics.iter().find(|t| t.name == "weather").map(|t| t.score).unwrap_or_default()
    };
    assert!(weather(Some("WEATHER")) > weather(None));
    // A folder of the URL is a section, its host and the article's own name are not.
    assert_eq!(by_url("https://news.example/en/weather/2024/snow-stops"), weather(Some("Weather")));
    assert_eq!(by_url("https://weather.example/weather-stops-match?a=/weather/b"), weather(None));
    assert!(by_url("/sport/weather/1") < weather(None), "the outermost section counts");
    assert!(sport(Some("Sport")) > sport(None));
    assert_eq!(weather(Some("Local news")), weather(None));
    // A word counts once however often it stands there.
    assert_eq!(classify(snow, Some("weather weather | Weather")), classify(snow, Some("weather")));
}

#[test]
fn topics_come_best_first_with_rounded_scores() {
    let stage = ClassifyTopics::new(&Config { min_score: 0.0, max_topics: 5, ..Config::default() });
    let topics = stage.classify(&article(FOOTBALL.0, FOOTBALL.1), None, &language("en"));
    assert_eq!(topics.len(), 5);
    assert!(topics.windows(2).all(|pair| pair[0].score >= pair[1].score));
    for topic in topics {
        assert!((0.0..=1.0).contains(&topic.score));
        assert_eq!(topic.score, (topic.score * 1000.0).round() / 1000.0);
    }
}

#[test]
fn the_text_behind_the_opening_is_not_read() {
    let stage = ClassifyTopics::new(&Config { min_score: 0.0, max_topics: TOPICS, ..Config::default() });
    let long = FOOTBALL.1.repeat(20);
    let other = format!("{long}{}", "The election, the parliament and the minister. ".repeat(1000));
    let of = |text: &str| stage.classify(&article("", text), None, &language("en"));
    assert_eq!(of(&long), of(&other));
}

/// Features that two words share.
fn shared(a: &str, b: &str) -> usize {
    let of = |word: &str| {
        let mut hashes = std::collections::BTreeSet::new();
        features::features(word, TITLE_BYTES, &mut |hash| _ = hashes.insert(hash));
        hashes
    };
    of(a).intersection(&of(b)).count()
}

#[test]
fn loan_words_are_known_across_scripts_and_spellings() {
    // The skeleton, whole and its first four and five letters.
    for (a, b) in [
        ("president", "prezydent"),
        ("president", "президент"),
        ("парламент", "parliament"),
        ("फुटबॉल", "football"),
        ("πολιτική", "politics"),
    ] {
        assert!(shared(a, b) >= 1, "{a} {b}");
    }
    // A word of another script is in Latin letters what it would be if it were written so.
    assert!(shared("банк", "bank") > shared("банк", "bond"));
    assert_eq!(shared("bread", "ship"), 0);
}

fn tiny(languages: &[(String, u8)]) -> Vec<u8> {
    let head = Head {
        lines: 4,
        text_bytes: 100,
        scale: 0.5,
        bias: [0.0; TOPICS],
        section: 1.0,
        calibration: [[1.0, 0.0]; model::GROUPS],
        offsets: [[0.0; TOPICS]; model::GROUPS],
    };
    let (line, tag) = place(feature(), 4);
    let mut lines = vec![Vec::new(); 4];
    lines[line] = vec![Packed { tag: tag ^ 1, own: 9, gain: 9, patterns: [0; PARTS] }; 3];
    lines[line].push(Packed { tag, own: 2, gain: 1, patterns: [7, 8, 255] });
    let mut books = [[[0; PART]; PATTERNS]; PARTS];
    books[0][7][..2].copy_from_slice(&[10, -4]);
    books[2][255][4] = 3;
    write(&head, languages, &[(section_hash("Sport"), 14)], &books, &lines)
}

fn feature() -> u64 {
    0x1234_5678_9abc_def1
}

#[test]
fn a_model_is_written_and_read() {
    let bytes = tiny(&[("de".into(), 1), ("xh".into(), 0)]);
    let model = Model::read(&bytes).unwrap();
    assert_eq!((model.group("de"), model.group("xh"), model.group("en")), (Some(1), Some(0), None));
    assert_eq!((model.section(section_hash("SPORT")), model.section(1)), (Some(14), None));
    let mut sum = Sum::default();
    model.add(&mut sum, &[feature()], 2);
    // Once is enough, and what the model does not have does not count.
    model.add(&mut sum, &[feature()], 1);
    model.add(&mut sum, &[feature() ^ 1 << 50], 1);
    assert_eq!(sum.features(), 1);
    // 2 × weight × gain × scale / (2 × own weight).
    let logits = model.logits(&sum);
    assert_eq!((logits[0], logits[1], logits[2], logits[16]), (10.0, -4.0, 0.0, 3.0));
    sum.clear();
    assert_eq!((sum.features(), model.logits(&sum)), (0, [0.0; TOPICS]));
    model.add(&mut sum, &[feature()], 1);
    let logits = model.logits(&sum);
    let shares = Model::shares(&logits);
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let scores = model.scores(&shares, 1);
    assert!((scores[0] - shares[0]).abs() < 1e-9, "slope 1 and offset 0 leave the shares as they are");
}

#[test]
fn damaged_models_are_refused() {
    let bytes = tiny(&[]);
    assert_eq!(Model::read(b"PNG").unwrap_err(), Error::NotAModel);
    assert_eq!(Model::read(b"").unwrap_err(), Error::NotAModel);
    let mut other = bytes.clone();
    other[8] = 9;
    assert_eq!(Model::read(&other).unwrap_err(), Error::Format(9));
    for at in [12, 40, bytes.len() - 1] {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert!(matches!(Model::read(&other).unwrap_err(), Error::Damaged(_)), "{at}");
    }
    for end in 8..bytes.len() {
        assert!(Model::read(&bytes[..end]).is_err(), "{end}");
    }
}

#[test]
fn powers_and_logarithms_are_exact_enough() {
    for i in -400..400 {
        let x = f64::from(i) * 0.173;
        assert!((exp(x) / x.exp() - 1.0).abs() < 1e-12, "{x}");
        assert!((ln(x.exp()) - x).abs() < 1e-11, "{x}");
    }
    assert_eq!((exp(-1000.0), exp(0.0), ln(1.0)), (0.0, 1.0, 0.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_gets_an_answer(title in "\\PC{0,80}", text in "\\PC{0,500}", section in "\\PC{0,40}") {
        let page = Extracted { section: Some(section), ..article(&title, &text) };
        for topic in STAGE.classify(&page, None, &language("en")) {
            prop_assert!((0.5..=1.0).contains(&topic.score));
        }
    }

    #[test]
    fn work_is_bounded_by_the_bytes_read(text in "\\PC{0,300}", max in 0_usize..400) {
        let mut features = 0;
        features::features(&text, max, &mut |_| features += 1);
        // A character ends at most four runs or begins three, and as many again in Latin letters, of which a word has 48
        // at most; there are a word, a pair and three skeletons to each word.
        prop_assert!(features <= 60 * (max + 4));
    }
}
