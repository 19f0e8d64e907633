//! Whatever changes verdicts has a version that stands in the sightings log, so that workers of two releases never write
//! to one log. A change of it is found here by what comes out, and has to raise its version.

use std::path::Path;

use newsmill::pipeline::{Pipeline, Prepared, Settings};
use newsmill::record::{Hash128, Origin, RawRecord, Source};
use newsmill::sightings::{At, Config, Entry, Index, Sighting, VERDICT_VERSION};
use newsmill::stages::{deduplicate, strip_boilerplate};

use super::fixtures;

/// Holds what was made by a version against what is written down for it.
fn hold(name: &str, version: &str, constant: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/versions.toml");
    let table: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let line = format!("{name} = {{ version = \"{version}\", hash = \"{}\" }}", hash(made));
    let known = &table[name];
    if known["version"].as_str() == Some(version) {
        assert_eq!(
            known["hash"].as_str(),
            Some(hash(made).as_str()),
            "{name}: something else comes out than did of version {version}, so verdicts may differ: raise {constant}, run this \
             test again, and put the line that it gives into tests/versions.toml"
        );
    } else {
        panic!("a new version of {name}: put this line into tests/versions.toml\n{line}");
    }
}

fn hash(text: &str) -> String {
    Hash128::of(text.as_bytes()).to_string()
}

#[test]
fn another_text_of_a_page_has_another_version() {
    let pipeline = Pipeline::new(&Settings::default());
    let mut made = String::new();
    for case in fixtures::cases() {
        let source = Source::File { input: case.name.as_str().into(), line: 1 };
        let value = serde_json::to_vec(&case.message).unwrap();
        let raw = RawRecord { source, key: None, value, headers: Vec::new() };
        if let Prepared::Article(article, _) = pipeline.prepare(&raw, |_| None) {
            made += &format!("{}\n{}\n{:?}\n", case.name, article.text, article.canonical_url);
        }
    }
    hold(
        "extraction",
        &strip_boilerplate::version(&strip_boilerplate::Config::default()),
        "TEXT_VERSION in src/stages/strip_boilerplate/mod.rs",
        &made,
    );
}

#[test]
fn other_fingerprints_have_another_version() {
    let texts = [
        "The council of Marrow Bay voted on Tuesday to keep the night ferry running through the winter, after 1,204 \
         residents signed a petition.",
        "Der Stadtrat hat am Dienstag beschlossen, die Nachtfähre auch im Winter fahren zu lassen; 1.204 Menschen hatten es verlangt.",
        "市议会周二投票决定，整个冬季夜间渡轮继续运行，此前有1204名居民签署请愿书。",
        "صوّت مجلس المدينة يوم الثلاثاء على إبقاء العبّارة الليلية طوال الشتاء بعد أن وقّع ١٢٠٤ من السكان عريضة.",
        "สภาเมืองลงมติเมื่อวันอังคารให้เรือข้ามฟากกลางคืนเดินต่อไปตลอดฤดูหนาว",
        "Subscribe to read on.",
    ];
    let urls = [
        "https://www.marrow.example/news/ferry/?utm_source=x&id=7#top",
        "http://m.marrow.example:80/news/ferry/index.html",
        "https://amp.marrow.example/news/ferry/amp",
        "https://marrow.example/News/Ferry;jsessionid=1A2B?b=2&a=1&gclid=zz",
    ];
    let mut made = String::new();
    for (i, text) in texts.iter().enumerate() {
        let url = deduplicate::canonical_url(urls[i % urls.len()]);
        let long = format!("{text} ").repeat(3) + &(0..200).map(|i| format!("word{i} ")).collect::<String>();
        for text in [*text, &long] {
            made += &format!(
                "{:?}\n",
                deduplicate::fingerprint_text(Some("The night ferry"), text, url.as_deref())
            );
        }
    }
    let version = deduplicate::FINGERPRINTS_VERSION.to_string();
    hold("fingerprints", &version, "FINGERPRINTS_VERSION in src/stages/deduplicate/mod.rs", &made);
}

#[test]
fn another_verdict_on_the_same_log_has_another_version() {
    let mut index = Index::new(&Config { window_days: 10, ..Config::default() });
    let mut made = String::new();
    let mut state = 1_u64;
    let mut below = |n: u64| {
        // Knuth's MMIX multiplier and increment; the high bits are the good ones.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for n in 0..3000_u64 {
        // Texts of one of 300 stories: cut, reworded, filled in with other numbers, quoted in a longer one.
        let story = below(300);
        let words = 30 + story % 200;
        let (edit, how) = (2 + below(12), below(5));
        let mut text = String::new();
        for i in 0..words {
            let new = match how {
                0 => false,
                1 => i % edit == 0,
                2 => i < words / edit,
                _ => i % 7 == 3 && how == 3,
            };
            text += &if new {
                format!("other{} ", below(1000))
            } else {
                format!("w{} ", (story * 7919 + i * i) % 40_000)
            };
        }
        if how == 4 {
            text += &(0..words * edit).map(|i| format!("more{} ", (n * 31 + i) % 50_000)).collect::<String>();
        }
        let url = (below(3) > 0).then(|| format!("https://paper{}.example/{story}", below(4)));
        let url = url.and_then(|url| deduplicate::canonical_url(&url));
        let source = Source::File { input: "pages".into(), line: n };
        let body = if how == 0 { story } else { 1000 + n };
        let origin = Origin { source, body: Hash128::of(&body.to_le_bytes()) };
        let sighting = Sighting::full(origin, deduplicate::fingerprint_text(None, &text, url.as_deref()));
        let at = At { position: n, millis: n as i64 * 600_000, check: 0 };
        let verdict = index.apply(at, &Entry::Sighting(Box::new(sighting.clone())));
        made += &format!("{verdict:?}\n");
        if below(40) == 0 {
            index.apply(at, &Entry::Void(sighting.origin));
        }
    }
    for part in ["New", "Exact", "Near", "Revision"] {
        assert!(made.matches(part).count() > 100, "the stream shows too little of {part}");
    }
    hold("verdicts", &VERDICT_VERSION.to_string(), "VERDICT_VERSION in src/sightings/settings.rs", &made);
}
