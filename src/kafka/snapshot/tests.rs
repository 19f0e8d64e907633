use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::record::{Origin, Source};
use crate::sightings::Entry;
use crate::sightings::{Sighting, Verdict};
use crate::stages::deduplicate::{fingerprint_text, hash_body};

const DAY: i64 = 86_400_000;
const TOPIC: &str = "news.sightings";

fn config() -> Config {
    Config { window_days: 4, ..Config::default() }
}

/// Entry `n` of a made-up log: five a day, each text twice, now and then a page taken back.
fn entry(n: u64) -> (At, Entry) {
    let at = At { position: n * 2, millis: n as i64 * DAY / 5, check: n.wrapping_mul(0x9e37_79b9) };
    let origin = |n: u64| Origin {
        source: Source::Kafka { topic: "news.pages".into(), partition: 1, offset: n as i64 },
        body: hash_body(&n.to_le_bytes()),
    };
    if n == 0 {
        return (at, Entry::Settings(Settings::new(&config(), "1")));
    }
    if n.is_multiple_of(13) {
        return (at, Entry::Void(origin(n - 1)));
    }
    let word = |i: u64| (n / 2 * 1_000_003 + i * i * 7919) % 100_000;
    let text: String = (0..60).map(|i| format!("word{} ", word(i))).collect();
    (at, Entry::Sighting(Box::new(Sighting::full(origin(n), fingerprint_text(None, &text, None)))))
}

fn apply(index: &mut Index, n: u64) -> Option<Verdict> {
    let (at, entry) = entry(n);
    index.apply(at, &entry)
}

/// Applies entries, each written in a frame of its own, and closes the snapshot.
fn write(folder: &Path, mut index: Index, mut snapshot: Snapshot, entries: Range<u64>) {
    index.record_changes(true);
    for n in entries {
        apply(&mut index, n);
        if let (_, Entry::Settings(settings)) = entry(n) {
            snapshot.set_settings(&settings);
        }
        snapshot.note(&mut index).unwrap();
        snapshot.flush().unwrap();
    }
    snapshot.close().unwrap();
    assert!(folder.join("index-0").is_dir());
}

fn open(folder: &Path) -> (Snapshot, Result<Option<Restored>, String>) {
    Snapshot::open(folder, TOPIC, &config(), |_, _| {}).unwrap()
}

fn written(folder: &Path, entries: u64) {
    let (snapshot, found) = open(folder);
    assert!(found.unwrap().is_none());
    write(folder, Index::new(&config()), snapshot, 0..entries);
}

/// What the next entries would be judged to be.
fn verdicts(mut index: Index, from: u64) -> Vec<Option<Verdict>> {
    (from..from + 12).map(|n| apply(&mut index, n)).collect()
}

/// What they are judged to be by an index that has seen everything.
fn expected(from: u64) -> Vec<Option<Verdict>> {
    let mut index = Index::new(&config());
    for n in 0..from {
        apply(&mut index, n);
    }
    verdicts(index, from)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let names = std::fs::read_dir(folder.join("index-0")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = names.filter(|path| path.extension().is_some()).collect();
    files.sort();
    files
}

#[test]
fn it_goes_on_where_it_ended_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 30);
    for more in [30..44, 44..61, 61..80] {
        let (snapshot, found) = open(folder.path());
        let restored = found.unwrap().unwrap();
        assert_eq!((restored.at, &restored.damage), (entry(more.start - 1).0, &None));
        assert_eq!(restored.settings, Some(Settings::new(&config(), "1")));
        write(folder.path(), restored.index, snapshot, more.clone());
        let (_, found) = open(folder.path());
        assert_eq!(verdicts(found.unwrap().unwrap().index, more.end), expected(more.end));
    }
    // Of 16 days the window and today are left.
    assert!(files(folder.path()).len() <= 6, "{:?}", files(folder.path()));
}

#[test]
fn two_workers_do_not_share_one() {
    let folder = tempfile::tempdir().unwrap();
    let (first, _) = open(folder.path());
    let (second, _) = open(folder.path());
    assert_ne!(first.folder(), second.folder());
    drop(first);
    assert_eq!(open(folder.path()).0.folder(), folder.path().join("index-0"));
}

#[test]
fn of_another_topic_it_is_useless_and_emptied() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 9);
    let (_, found) = Snapshot::open(folder.path(), "other.sightings", &config(), |_, _| {}).unwrap();
    let why = found.err().unwrap();
    assert!(why.contains(TOPIC), "{why}");
    assert!(files(folder.path()).is_empty());
}

#[test]
fn another_log_is_told_by_its_ends_or_by_the_entry() {
    let at = At { position: 100, millis: 5, check: 7 };
    let problem = |low, high, check| {
        Snapshot::problem(at, low, high, |position| Ok(At { position, millis: 5, check })).unwrap()
    };
    assert_eq!(problem(0, 101, 7), None);
    assert_eq!(problem(100, 200, 7), None);
    assert!(problem(0, 100, 7).unwrap().contains("cut short"));
    assert!(problem(101, 200, 7).unwrap().contains("has left the log"));
    assert!(problem(0, 200, 8).unwrap().contains("made anew"));
}

#[test]
fn a_file_that_is_missing_ends_what_is_used() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 40);
    let all = files(folder.path());
    std::fs::remove_file(&all[2]).unwrap();
    let (_, found) = open(folder.path());
    let restored = found.unwrap().unwrap();
    assert!(restored.damage.is_some());
    assert_eq!(files(folder.path()), all[..2]);
    let next = restored.at.position / 2 + 1;
    // The history that is left gives the same as all of it: what left was older than the window.
    assert_eq!(verdicts(restored.index, next), expected(next));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Bytes changed, cut off or added anywhere: what is used is right, up to where it says it reaches.
    #[test]
    fn damage_is_noticed_wherever_it_is(
        which in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        flip in 1u8..,
        what in 0..4,
    ) {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path(), 33);
        let all = files(folder.path());
        let path = which.get(&all);
        let mut bytes = std::fs::read(path).unwrap();
        let place = place.index(bytes.len());
        match what {
            0 => bytes[place] ^= flip,
            1 => bytes.truncate(place),
            2 => bytes.splice(place..place, [flip; 3]).for_each(drop),
            _ => bytes[place..].fill(0),
        }
        let changed = bytes != std::fs::read(path).unwrap();
        std::fs::write(path, &bytes).unwrap();
        let (snapshot, found) = open(folder.path());
        match found {
            Ok(Some(restored)) => {
                let next = restored.at.position / 2 + 1;
                prop_assert!(next <= 33);
                // Cut between two frames it looks like one that was never written further.
                let shorter = path == all.last().unwrap() && what == 1;
                prop_assert!(restored.damage.is_some() == changed || shorter, "{:?}", restored.damage);
                prop_assert_eq!(restored.at, entry(next - 1).0);
                let mut goes_on = restored.index;
                let snapshot = std::cell::RefCell::new(snapshot);
                for n in next..33 {
                    apply(&mut goes_on, n);
                    snapshot.borrow_mut().note(&mut goes_on).unwrap();
                }
                prop_assert_eq!(verdicts(goes_on, 33), expected(33));
                snapshot.into_inner().close().unwrap();
                let (_, found) = open(folder.path());
                let restored = found.unwrap().unwrap();
                prop_assert_eq!(&restored.damage, &None);
                prop_assert_eq!(verdicts(restored.index, 33), expected(33));
            }
            Ok(None) => prop_assert!(false, "it was there"),
            Err(_) => prop_assert!(path == &all[0]),
        }
    }
}
