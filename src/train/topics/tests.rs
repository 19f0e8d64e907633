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
    let card = train(&data, &a, &settings(), &mut |_| ()).unwrap();
    assert_eq!(card, train(&data, &b, &settings(), &mut |_| ()).unwrap());
    let bytes = std::fs::read(&a).unwrap();
    assert!(bytes == std::fs::read(&b).unwrap());
    assert_eq!(std::fs::read_to_string(directory.path().join("a.md")).unwrap(), card);
    let model = Model::read(&bytes).unwrap();
    assert_eq!(model.group("eo"), Some(1));
    let first = |text: &str| {
        let logits = model.logits(&crate::stages::classify_topics::read(&model, None, text));
        (0..TOPICS).fold(0, |best, t| if logits[t] > logits[best] { t } else { best })
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
    let corpus = load(&data, &settings()).unwrap();
    assert!(held > 0);
    assert_eq!(corpus.examples.len(), 100 - held);
    assert_eq!(corpus.held_out, 100 + held);
}

#[test]
fn what_a_source_cannot_express_is_unknown() {
    let directory = tempfile::tempdir().unwrap();
    let corpus = load(&[write_rows(directory.path(), "a.jsonl", &rows("toys", 60))], &settings()).unwrap();
    assert!(corpus.examples.iter().all(|e| e.mask == 1 << 14 | 1 << 16 | 1 << 6));
}

#[test]
fn wrong_data_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("out.bin");
    let message = |name: &str, text: &str| {
        let file = write_rows(directory.path(), name, text);
        format!("{:#}", train(&[file], &out, &settings(), &mut |_| ()).unwrap_err())
    };
    assert!(message("a.jsonl", "{\"id\":1}\n").contains("a.jsonl, line 1"));
    assert!(message("a.tsv", "sport\t99\n").contains("1 to 17"));
    assert!(message("b.jsonl", "").contains("--data"));
    assert!(!out.exists());
}
