use std::sync::LazyLock;

use proptest::prelude::*;

use super::evidence::word_hash;
use super::model::file::{Error, FORMAT, Parts, write};
use super::model::{GROUPS, Head, MAX_PARTS, PATTERNS, Packed, exp, ln, place};
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
fn evidence_names_topics_by_kind() {
    let lexicon =
        |hash: u64| ["sport", "war", "health", "weather"].iter().position(|word| word_hash(word) == hash);
    let keywords = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let list = keywords(&["War museum", " Health "]);
    let page = Page {
        section: Some("World | War, Sport"),
        url: Some("https://war.example/news/weather/war/sport"),
        keywords: &list,
    };
    assert_eq!(evidence::named(&page, &lexicon), [0b11, 0b1000, 0b100]);
    assert_eq!(evidence::named(&Page::default(), &lexicon), [0, 0, 0]);
    let far = keywords(&["x"; 12].into_iter().chain(["war"]).collect::<Vec<_>>());
    assert_eq!(evidence::named(&Page { keywords: &far, ..Page::default() }, &lexicon)[2], 0);
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

fn tiny(topics: usize, languages: &[(String, u8)]) -> Vec<u8> {
    let head = Head {
        lines: 4,
        texts: 9,
        text_bytes: 100,
        scale: 0.5,
        bias: vec![0.0; topics],
        evidence: [1.0, 0.5, 0.25],
        calibration: [[1.0, 0.0]; GROUPS],
        offsets: [vec![0.0; topics], vec![0.0; topics]],
    };
    let (line, tag) = place(feature(), 4);
    let mut lines = vec![Vec::new(); 4];
    lines[line] = vec![Packed { tag: tag ^ 1, own: 9, gain: 9, patterns: [0; MAX_PARTS] }; 3];
    lines[line].push(Packed { tag, own: 2, gain: 1, patterns: [7, 8, 255, 0, 0, 0, 0, 0, 0, 9] });
    let mut books = vec![[[0; 8]; PATTERNS]; model::Layout::of(topics).parts];
    books[0][7][..2].copy_from_slice(&[10, -4]);
    books[2][255][4] = 3;
    if let Some(book) = books.get_mut(9) {
        book[9][5] = -2;
    }
    let labels = (0..topics).map(|n| Label { code: format!("t:{n}"), name: format!("Topic {n}") }).collect();
    let sections = vec![(word_hash("Sport"), 14)];
    write(&Parts { head, labels, languages: languages.to_vec(), sections, books }, &lines)
}

fn open(bytes: Vec<u8>) -> Result<Model, Error> {
    Model::read(Box::new(bytes))
}

fn feature() -> u64 {
    0x1234_5678_9abc_def1
}

#[test]
fn a_model_is_written_and_read() {
    // One of each layout.
    for topics in [17, 30, 60] {
        let model = open(tiny(topics, &[("de".into(), 1), ("xh".into(), 0)])).unwrap();
        assert_eq!((model.labels().len(), model.labels()[16].code.as_str()), (topics, "t:16"));
        assert!(!model.has_media_topics());
        assert_eq!((model.group("de"), model.group("xh"), model.group("en")), (Some(1), Some(0), None));
        assert_eq!((model.section(word_hash("SPORT")), model.section(1)), (Some(14), None));
        let mut sum = Sum::default();
        model.add(&mut sum, &[feature()], 2);
        // Once is enough, and what the model does not have does not count.
        model.add(&mut sum, &[feature()], 1);
        model.add(&mut sum, &[feature() ^ 1 << 50], 1);
        assert_eq!(sum.features(), 1);
        // 2 × weight × gain × scale / (2 × own weight).
        let mut logits = vec![0.0; topics];
        (logits[0], logits[1], logits[16]) = (10.0, -4.0, 3.0);
        if topics == 60 {
            logits[59] = -2.0;
        }
        assert_eq!(model.logits(&sum), logits);
        sum.clear();
        assert_eq!((sum.features(), model.logits(&sum)), (0, vec![0.0; topics]));
        shares(&mut logits);
        assert!((logits.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let scores = model.scores(&logits, 1);
        assert!((scores[0] - logits[0]).abs() < 1e-9, "slope 1 and offset 0 leave the shares as they are");
    }
}

#[test]
fn damaged_models_are_refused() {
    let bytes = tiny(17, &[]);
    let error = |bytes: Vec<u8>| open(bytes).err();
    assert_eq!(error(b"PNG".to_vec()), Some(Error::NotAModel));
    assert_eq!(error(Vec::new()), Some(Error::NotAModel));
    let mut other = bytes.clone();
    other[8] = FORMAT as u8 + 5;
    assert_eq!(error(other), Some(Error::Format(FORMAT + 5)));
    for at in [12, 40, bytes.len() - 1] {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert!(matches!(error(other), Some(Error::Damaged(_))), "{at}");
    }
    for end in 8..bytes.len() {
        assert!(error(bytes[..end].to_vec()).is_some(), "{end}");
    }
}

#[test]
fn a_model_with_topics_of_its_own_gives_those_alone() {
    let config = Config { min_score: 0.0, ..Config::default() };
    let stage = ClassifyTopics::of(&config, open(tiny(20, &[("en".into(), 1)])).unwrap());
    assert!(!stage.can_use_encoder());
    assert_eq!(stage.labels()[3].name, "Topic 3");
    assert_eq!(stage.classify(&article("a", "b"), None, &language("en")), [], "fewer than eight features");
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

    /// Each feature of a text comes once at least, and in the order of their first places.
    #[test]
    fn what_words_repeat_is_left_out(text in "(a|be|see|Sea|ähre|домик|港町|tunnel|,|7){0,40}", title in "[a-d e]{0,30}") {
        let first = |texts: [&[u64]; 2]| {
            let mut seen = std::collections::HashSet::new();
            texts.concat().into_iter().filter(|hash| seen.insert(*hash)).collect::<Vec<_>>()
        };
        let all = [&title, &text].map(|text| {
            let mut hashes = Vec::new();
            features::features(text, 400, &mut |hash| hashes.push(hash));
            hashes
        });
        let mut known = features::Known::default();
        let distinct = [&title, &text].map(|text| {
            let mut hashes = Vec::new();
            features::distinct(text, 400, &mut known, &mut |hash| hashes.push(hash));
            hashes
        });
        prop_assert_eq!(first([&all[0], &all[1]]), first([&distinct[0], &distinct[1]]));
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
