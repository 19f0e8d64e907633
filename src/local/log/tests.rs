use super::*;
use crate::record::{Hash128, Origin, Source};
use crate::stages::deduplicate::fingerprint_text;

fn sighting(line: u64, text: &str) -> Sighting {
    let mut body = [0; 16];
    body[..8].copy_from_slice(&fingerprint_text(None, text, None).text.to_be_bytes());
    let origin = Origin { source: Source::File { input: "pages.jsonl".into(), line }, body: Hash128(body) };
    Sighting::full(origin, fingerprint_text(None, text, None))
}

fn text(n: u64) -> String {
    (0..60).map(|i| format!("word{} ", (n * 1_000_003 + i * i * 7919) % 100_000)).collect()
}

fn open(folder: &Path) -> Result<(Log, Opened), Error> {
    Log::open(folder, &Config::default(), &Settings::new(&Config::default(), "1"))
}

fn reopen(folder: &Path) -> (Log, Opened) {
    open(folder).unwrap()
}

#[test]
fn a_second_run_knows_what_the_first_saw() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, opened) = reopen(folder.path());
    assert_eq!(opened, Opened::default());
    let first = log.sight(Some(5), &sighting(1, &text(1))).unwrap();
    assert!(matches!(first, Verdict::New { .. }));
    log.close().unwrap();

    let (mut log, opened) = reopen(folder.path());
    assert_eq!(opened, Opened { entries: 3, cut_bytes: 0, dropped_bytes: 0 });
    assert_eq!(log.sight(None, &sighting(1, &text(1))).unwrap(), first, "the same page keeps its verdict");
    assert!(matches!(log.sight(None, &sighting(2, &text(1))).unwrap(), Verdict::Repeat(_)));
    assert!(matches!(log.sight(None, &sighting(3, &text(2))).unwrap(), Verdict::New { .. }));
}

#[test]
fn in_memory_it_comes_to_the_same_verdicts() {
    let folder = tempfile::tempdir().unwrap();
    let (mut kept, _) = reopen(folder.path());
    let mut passing = Log::in_memory(&Config::default());
    for line in 0..200 {
        let sighting = sighting(line, &text(line % 50));
        assert_eq!(kept.sight(None, &sighting).unwrap(), passing.sight(None, &sighting).unwrap());
    }
}

#[test]
fn a_second_process_is_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = reopen(folder.path());
    let error = open(folder.path()).unwrap_err();
    assert!(matches!(error, Error::InUse(_)));
    assert!(error.to_string().contains("in use by another process"));
    drop(log);
    reopen(folder.path());
}

#[test]
fn other_settings_are_refused_and_said() {
    let folder = tempfile::tempdir().unwrap();
    drop(reopen(folder.path()));
    let config = Config { window_days: 7, ..Config::default() };
    let error = Log::open(folder.path(), &config, &Settings::new(&config, "1")).unwrap_err().to_string();
    assert!(error.contains("window_days: 30 in the log, 7 here"), "{error}");
    assert!(error.contains("another state folder"), "{error}");
}

/// Cut anywhere, the log opens, says what it dropped, and knows the rest.
#[test]
fn a_torn_tail_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sightings.log");
    let (mut log, _) = reopen(folder.path());
    log.sight(None, &sighting(1, &text(1))).unwrap();
    let mut frames = MAGIC.to_vec();
    push_frame(0, &Entry::Settings(Settings::new(&Config::default(), "1")), &mut frames);
    push_frame(0, &Entry::Sighting(Box::new(sighting(1, &text(1)))), &mut frames);
    log.sight(None, &sighting(2, &text(2))).unwrap();
    log.close().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for cut in 0..bytes.len() {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let (mut log, opened) = reopen(folder.path());
        assert!(opened.cut_bytes < bytes.len() as u64);
        let again = log.sight(None, &sighting(3, &text(1))).unwrap();
        assert_eq!(matches!(again, Verdict::Repeat(_)), cut >= frames.len(), "cut at {cut}");
        log.close().unwrap();
        let (_, opened) = reopen(folder.path());
        assert_eq!(opened.cut_bytes, 0, "what was cut stays cut");
    }
    let mut zeros = bytes.clone();
    zeros.extend([0; 4096]);
    std::fs::write(&path, &zeros).unwrap();
    assert_eq!(reopen(folder.path()).1, Opened { entries: 5, cut_bytes: 4096, dropped_bytes: 0 });
}

#[test]
fn damage_before_the_end_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sightings.log");
    let (mut log, _) = reopen(folder.path());
    for line in 0..20 {
        log.sight(None, &sighting(line, &text(line))).unwrap();
    }
    log.close().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for at in [0, MAGIC.len() + 30, bytes.len() / 2, bytes.len() / 3] {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x40;
        std::fs::write(&path, &bytes).unwrap();
        match open(folder.path()) {
            Err(error) => assert!(error.to_string().contains("damaged at byte"), "{error}"),
            // A changed length may look like a torn frame; then at least it is said.
            Ok((_, opened)) => assert!(opened.cut_bytes > 0, "byte {at}"),
        }
    }
}

#[test]
fn what_is_older_than_the_window_is_dropped_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sightings.log");
    let (mut log, _) = reopen(folder.path());
    for line in 0..30_000u64 {
        let day = if line < 28_000 { 0 } else { 40 };
        log.sight(Some(day * DAY_MS), &sighting(line, &text(line % 29_000))).unwrap();
    }
    log.close().unwrap();
    let before = std::fs::metadata(&path).unwrap().len();
    let (mut log, opened) = reopen(folder.path());
    assert!(before > MIN_COMPACT_BYTES && opened.dropped_bytes > before / 2, "{opened:?} of {before}");
    assert!(std::fs::metadata(&path).unwrap().len() < before / 2);
    assert!(matches!(log.sight(None, &sighting(90_000, &text(28_500))).unwrap(), Verdict::Repeat(_)));
    assert!(matches!(log.sight(None, &sighting(90_001, &text(27_000))).unwrap(), Verdict::New { .. }));
    log.close().unwrap();
    let (mut log, opened) = reopen(folder.path());
    assert_eq!((opened.cut_bytes, opened.dropped_bytes), (0, 0));
    assert!(matches!(log.sight(None, &sighting(90_001, &text(27_000))).unwrap(), Verdict::New { .. }));
    assert!(matches!(log.sight(None, &sighting(90_002, &text(27_000))).unwrap(), Verdict::Repeat(_)));
}
