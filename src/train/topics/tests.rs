use std::io::Write as _;

use super::*;

/// Rows of a toy language in which three topics have words of their own.
fn rows(source: &str, n: usize) -> String {
    let words = [
        ("medtop:15000000", ["goalo", "matcho", "teamo", "coacho", "leago"]),
        ("medtop:17000000", ["raino", "stormo", "windo", "snowo", "cloudo"]),
        ("medtop:07000000", ["dokto", "klinik", "virus", "nurso", "vaccin"]),
    ];
    let mut out = String::new();
    for i in 0..n {
        let (code, words) = words[i % 3];
        let text: Vec<String> = (0..40)
            .map(|k| match (i * 7 + k * 3) % 5 {
                0 | 1 => words[(i + k) % 5].to_owned(),
                m => format!("filler{}", (i + k * m) % 17),
            })
            .collect();
        let row = serde_json::json!({
            "id": format!("{source}-{i}"), "lang": "eo", "title": format!("{} today", words[i % 5]),
            "text": text.join(" "), "topics": [code], "source": source,
        });
        out += &format!("{row}\n");
    }
    out
}

fn write_rows(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
    path
}

fn settings() -> Settings {
    Settings { lines: 64, dropout: 0.3, epochs: 3, ..Settings::default() }
}

#[test]
fn the_same_data_makes_the_same_bytes_and_a_model_that_knows_its_words() {
    let directory = tempfile::tempdir().unwrap();
    let data = [
        write_rows(directory.path(), "rows.jsonl", &rows("toys", 300)),
        write_rows(directory.path(), "words.tsv", "#word\ttopic\nsporto\t15\n"),
    ];
    let (a, b) = (directory.path().join("a.bin"), directory.path().join("b.bin"));
    let card = train(&data, None, &a, &settings(), &mut |_| ()).unwrap();
    assert_eq!(card, train(&data, None, &b, &settings(), &mut |_| ()).unwrap());
    let bytes = std::fs::read(&a).unwrap();
    assert!(bytes == std::fs::read(&b).unwrap());
    assert_eq!(std::fs::read_to_string(directory.path().join("a.md")).unwrap(), card);
    let model = Model::read(Box::new(bytes)).unwrap();
    assert_eq!(model.group("eo"), Some(1));
    let first = |text: &str| {
        let logits = model.logits(&crate::stages::classify_topics::read(&model, None, text));
        (0..logits.len()).fold(0, |best, t| if logits[t] > logits[best] { t } else { best })
    };
    assert_eq!(first("stormo windo filler3"), 16);
    assert_eq!(first("teamo coacho filler3"), 14);
    assert_eq!(first("klinik virus filler3"), 6);
}

#[test]
fn rows_that_are_never_trained_on_are_left_out() {
    let directory = tempfile::tempdir().unwrap();
    let text = rows("toys", 100);
    let held = (0..100).filter(|i| crate::eval::is_held_out(&format!("toys-{i}"))).count();
    let dev = text.replace("\"source\"", "\"split\":\"dev\",\"source\"");
    let data =
        [write_rows(directory.path(), "a.jsonl", &text), write_rows(directory.path(), "b.jsonl", &dev)];
    let corpus = load(&data, labels(None).unwrap(), &settings()).unwrap();
    assert!(held > 0);
    assert_eq!(corpus.examples.len(), 100 - held);
    assert_eq!(corpus.held_out, 100 + held);
}

#[test]
fn what_a_source_cannot_express_is_unknown() {
    let directory = tempfile::tempdir().unwrap();
    let corpus = load(
        &[write_rows(directory.path(), "a.jsonl", &rows("toys", 60))],
        labels(None).unwrap(),
        &settings(),
    )
    .unwrap();
    assert!(corpus.examples.iter().all(|e| e.mask == 1 << 14 | 1 << 16 | 1 << 6));
}

#[test]
fn wrong_data_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("out.bin");
    let message = |name: &str, text: &str| {
        let file = write_rows(directory.path(), name, text);
        format!("{:#}", train(&[file], None, &out, &settings(), &mut |_| ()).unwrap_err())
    };
    assert!(message("a.jsonl", "{\"id\":1}\n").contains("a.jsonl, line 1"));
    assert!(message("a.tsv", "sport\t99\n").contains("1 to 17"));
    assert!(message("b.jsonl", "").contains("--data"));
    assert!(!out.exists());
}

/// Rows of three topics of a desk's own, in a language with words of its own.
fn desk_rows(lang: &str, codes: [&str; 3], ending: &str, n: usize) -> String {
    let words = [
        ["gol", "mats", "tim", "kots", "lig"],
        ["ren", "stom", "win", "sno", "kla"],
        ["dok", "kli", "vir", "nur", "vak"],
    ];
    let mut out = String::new();
    for i in 0..n {
        let topic = i % 3;
        let text: Vec<String> = (0..40)
            .map(|k| match (i * 7 + k * 3) % 5 {
                0 | 1 => format!("{}{ending}", words[topic][(i + k) % 5]),
                m => format!("and{}", (i + k * m) % 17),
            })
            .collect();
        let row = serde_json::json!({
            "id": format!("{lang}-{i}"), "lang": lang, "text": text.join(" "), "topics": [codes[topic]],
            "url": format!("https://a.example/{}/{i}", ["spo", "wea", "hea"][topic]),
        });
        out += &format!("{row}\n");
    }
    out
}

fn best(model: &Model, text: &str) -> String {
    let logits = model.logits(&crate::stages::classify_topics::read(model, None, text));
    let best = (0..logits.len()).fold(0, |best, t| if logits[t] > logits[best] { t } else { best });
    model.labels()[best].code.clone()
}

#[test]
fn a_taxonomy_of_ones_own_takes_the_place_of_media_topics() {
    let directory = tempfile::tempdir().unwrap();
    // More topics than a line of the small layout holds; three are taught.
    let mut taxonomy =
        "# code, name\nd:sport\tSport desk\nd:weather\tWeather desk\nd:health\tHealth desk\n".to_owned();
    (0..30).for_each(|n| taxonomy += &format!("d:{n}\tDesk {n}\n"));
    let taxonomy = write_rows(directory.path(), "desk.tsv", &taxonomy);
    let rows = desk_rows("eo", ["d:sport", "d:weather", "d:health"], "aro", 900)
        + "{\"id\":\"x\",\"lang\":\"eo\",\"text\":\"golaro\",\"topics\":[\"d:none\"]}\n";
    let data = [
        write_rows(directory.path(), "rows.jsonl", &rows),
        write_rows(directory.path(), "words.tsv", "spo\td:sport\nwea\t2\n"),
    ];
    let out = directory.path().join("desk.bin");
    let settings = Settings { taxonomy: Some(taxonomy), ..settings() };
    let mut said = String::new();
    let card = train(&data, None, &out, &settings, &mut |line| said += line).unwrap();
    assert!(said.contains("1 rows have the topic d:none"), "{said}");
    assert!(card.contains("33 topics of its own") && card.contains("| d:weather | Weather desk |"), "{card}");
    let model = Model::read(Box::new(std::fs::read(&out).unwrap())).unwrap();
    assert_eq!((model.labels().len(), model.group("eo")), (33, Some(1)));
    assert_eq!(best(&model, "stomaro winaro"), "d:weather");
    assert_eq!(best(&model, "dokaro viraro"), "d:health");
    // The URL's folder names the topic of every text: it was learned to be worth the most that is allowed.
    assert_eq!(model.head.evidence[1], 1.5);
}

#[test]
fn wrong_taxonomies_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let message = |text: &str| {
        let file = write_rows(directory.path(), "t.tsv", text);
        format!("{:#}", labels(Some(&file)).unwrap_err())
    };
    assert!(message("a\tA\n").contains("2 to 60"));
    assert!(message("a\tA\nb B\n").contains("line 2"));
    assert!(message("a\tA\na\tB\n").contains("there already"));
    assert!(message("a\tA\nb\t\n").contains("1 to 255 bytes"));
}

#[test]
fn what_is_learned_on_top_of_a_model_adds_to_it() {
    let directory = tempfile::tempdir().unwrap();
    let base = directory.path().join("base.bin");
    let data = write_rows(directory.path(), "rows.jsonl", &rows("toys", 300));
    train(&[data], None, &base, &Settings { lines: 256, ..settings() }, &mut |_| ()).unwrap();
    let base = Model::read(Box::new(std::fs::read(&base).unwrap())).unwrap();
    let codes = ["medtop:15000000", "medtop:17000000", "medtop:07000000"];
    let more = write_rows(directory.path(), "more.jsonl", &desk_rows("tlh", codes, "qa", 200));
    let out = directory.path().join("more.bin");
    let card = train(&[more], Some(&base), &out, &settings(), &mut |_| ()).unwrap();
    assert!(card.contains(&format!("on top of a model of {} texts", base.head.texts)), "{card}");
    let model = Model::read(Box::new(std::fs::read(&out).unwrap())).unwrap();
    assert_eq!((model.group("eo"), model.group("tlh"), base.group("tlh")), (Some(1), Some(1), None));
    assert_eq!(model.head.texts as usize, base.head.texts as usize + 200 - held_out("tlh", 200));
    // What it knew it knows, and it knows the new words.
    for (text, code) in [
        ("stormo windo", "medtop:17000000"),
        ("teamo coacho", "medtop:15000000"),
        ("klinik nurso", "medtop:07000000"),
        ("stomqa winqa", "medtop:17000000"),
        ("timqa kotsqa", "medtop:15000000"),
        ("dokqa nurqa", "medtop:07000000"),
    ] {
        assert_eq!(best(&model, text), code, "{text}");
    }
}

fn held_out(lang: &str, n: usize) -> usize {
    (0..n).filter(|i| crate::eval::is_held_out(&format!("{lang}-{i}"))).count()
}
