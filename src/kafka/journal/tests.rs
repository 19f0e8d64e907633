use std::sync::Arc;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

fn raw(partition: i32, offset: i64, value: &str) -> RawRecord {
    let source = Source::Kafka { topic: "pages".into(), partition, offset };
    RawRecord { source, key: None, value: value.into(), headers: Vec::new() }
}

fn open(folder: &Path, worker: &str, fixed: bool) -> Journal {
    Journal::open(folder, worker, fixed, "pages", 4).unwrap()
}

/// The same after the worker died: the lock goes with the process, the files stay.
fn crashes(journal: &Journal, raw: &RawRecord) -> u32 {
    journal.crashes(raw).crashes
}

#[test]
fn only_what_is_in_flight_at_a_crash_is_counted_and_it_ends_with_the_commit() {
    let folder = TempDir::new().unwrap();
    let (bad, innocent, queued) = (raw(0, 7, "bad"), raw(1, 3, "innocent"), raw(0, 8, "queued"));
    for died in 0..3 {
        let journal = open(folder.path(), "one", true);
        assert_eq!(crashes(&journal, &bad), died);
        assert_eq!(crashes(&journal, &innocent), 0);
        assert_eq!(crashes(&journal, &queued), 0);
        journal.begin(2, &innocent, false);
        journal.begin(3, &bad, false);
        journal.end(2);
    }
    let journal = open(folder.path(), "one", true);
    assert_eq!(crashes(&journal, &bad), 3);
    // Another record at that place, and the same bytes at another.
    assert_eq!(crashes(&journal, &raw(0, 7, "new")), 0);
    assert_eq!(crashes(&journal, &raw(0, 9, "bad")), 0);
    journal.committed(0, 7);
    journal.committed(1, 100);
    assert_eq!(crashes(&journal, &bad), 3, "not committed yet");
    journal.committed(0, 8);
    assert_eq!(crashes(&journal, &bad), 0);
    drop(journal);
    assert_eq!(crashes(&open(folder.path(), "one", true), &bad), 0);
}

#[test]
fn a_start_that_dies_halfway_does_not_count_twice() {
    let folder = TempDir::new().unwrap();
    let bad = raw(0, 7, "bad");
    open(folder.path(), "one", true).begin(0, &bad, false);
    let path = folder.path().join("one.journal");
    let before = std::fs::read(&path).unwrap();
    drop(open(folder.path(), "one", true));
    // The counts were written, the slots not cleared.
    std::fs::write(&path, before).unwrap();
    assert_eq!(crashes(&open(folder.path(), "one", true), &bad), 1);
}

#[test]
fn a_living_worker_keeps_its_journal() {
    let folder = TempDir::new().unwrap();
    let alive = open(folder.path(), "one", true);
    let page = raw(0, 7, "page");
    alive.begin(0, &page, false);
    let refused = Journal::open(folder.path(), "one", true, "pages", 4).err().unwrap();
    assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
    for fixed in [true, false] {
        let other = open(folder.path(), "two", fixed);
        assert_eq!(crashes(&other, &page), 0);
    }
    drop(alive);
    assert_eq!(crashes(&open(folder.path(), "one", true), &page), 1);
}

#[test]
fn a_worker_without_a_name_of_its_own_takes_over_what_the_dead_left() {
    let folder = TempDir::new().unwrap();
    let (bad, once) = (raw(0, 7, "bad"), raw(3, 1, "once"));
    let first = open(folder.path(), "host-1", false);
    let second = open(folder.path(), "host-2", false);
    first.begin(0, &bad, false);
    second.begin(1, &bad, false);
    second.begin(2, &once, true);
    drop((first, second));
    let third = open(folder.path(), "host-3", false);
    assert_eq!(third.crashes(&bad), Before { crashes: 2, reading: false });
    assert_eq!(third.crashes(&once), Before { crashes: 1, reading: true });
    let mut left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["host-3.crashes", "host-3.journal"]);
    drop(third);
    assert_eq!(crashes(&open(folder.path(), "host-4", false), &bad), 2);
}

#[test]
fn a_worker_with_a_name_looks_at_what_killed_others_and_leaves_it_to_them() {
    let folder = TempDir::new().unwrap();
    let bad = raw(0, 7, "bad");
    open(folder.path(), "one", true).begin(0, &bad, false);
    open(folder.path(), "two", true).begin(0, &bad, false);
    let one = open(folder.path(), "one", true);
    assert_eq!(crashes(&one, &bad), 2, "its own and that of the other, which is dead");
    let two = open(folder.path(), "two", true);
    assert_eq!(crashes(&two, &bad), 2, "its own and that of the other, which lives");
}

#[test]
fn the_counts_are_bounded_by_number_and_age() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("one.journal");
    let now = now_ms();
    let row = |offset: i64, last_ms: u64| Row {
        topic: "pages".into(),
        partition: 0,
        offset,
        bytes: 3,
        hash: mark(b"bad"),
        crashes: 1,
        reading: false,
        last_ms,
    };
    let mut records: Vec<_> = (0..1500).map(|offset| row(offset, now - 5000 + offset as u64)).collect();
    records.push(row(2000, now - MAX_AGE.as_millis() as u64 - 1000));
    write_counts(&path, &Counts { counted: 0, records }).unwrap();
    let journal = open(folder.path(), "one", true);
    let known: Vec<_> = (0..2001).filter(|offset| crashes(&journal, &raw(0, *offset, "bad")) > 0).collect();
    assert_eq!(known, (500..1500).collect::<Vec<_>>());
}

#[test]
fn threads_write_their_slots_at_once() {
    let folder = TempDir::new().unwrap();
    let journal = Arc::new(open(folder.path(), "one", true));
    std::thread::scope(|scope| {
        for slot in 0..4 {
            let journal = &journal;
            scope.spawn(move || {
                for offset in 0..500 {
                    journal.begin(slot, &raw(slot as i32, offset, "page"), false);
                    if offset < 499 || slot == 1 {
                        journal.end(slot);
                    }
                }
            });
        }
    });
    drop(journal);
    let journal = open(folder.path(), "one", true);
    let found: Vec<_> = (0..4).map(|slot| crashes(&journal, &raw(slot, 499, "page"))).collect();
    assert_eq!(found, [1, 0, 1, 1]);
}

/// Prints what a page costs: `cargo test --lib what_a_page_costs -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout, reason = "that is what it is for")]
fn what_a_page_costs() {
    let folder = TempDir::new().unwrap();
    let journal = open(folder.path(), "one", true);
    for bytes in [0, 10_000, 100_000] {
        let page = raw(0, 7, &"x".repeat(bytes));
        let started = std::time::Instant::now();
        for _ in 0..100_000 {
            journal.begin(0, &page, false);
            journal.end(0);
        }
        println!("{bytes} bytes: {:.2} µs a page", started.elapsed().as_secs_f64() * 1e6 / 1e5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damage_invents_no_crash(at in 0_usize..2000, with in any::<[u8; 3]>(), cut in any::<bool>(), counts in any::<bool>()) {
        let folder = TempDir::new().unwrap();
        let (bad, worse) = (raw(0, 7, "bad"), raw(1, 8, "worse"));
        open(folder.path(), "one", true).begin(0, &bad, false);
        let journal = open(folder.path(), "one", true);
        journal.begin(1, &worse, false);
        drop(journal);
        let path = folder.path().join(if counts { "one.crashes" } else { "one.journal" });
        let mut bytes = std::fs::read(&path).unwrap();
        let at = at % bytes.len();
        if cut {
            bytes.truncate(at);
        } else {
            bytes.splice(at..(at + 3).min(bytes.len()), with);
        }
        std::fs::write(&path, bytes).unwrap();
        let journal = open(folder.path(), "one", true);
        let (bad_now, worse_now) = (crashes(&journal, &bad), crashes(&journal, &worse));
        if counts {
            prop_assert!(bad_now <= 1 && worse_now == 1);
        } else {
            prop_assert!(bad_now == 1 && worse_now <= 1);
        }
        prop_assert!(crashes(&journal, &raw(0, 8, "innocent")) == 0);
        journal.begin(0, &bad, false);
    }
}
