//! `newsmill replay`: rejected pages come back once, published ones keep what they were called.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::broker::Broker;
use super::watched::sum;
use super::world::{Outcome, Pages, World};

fn header<'a>(outcome: &'a Outcome, name: &str) -> Option<&'a str> {
    outcome.headers.split(',').find_map(|header| header.strip_prefix(name)?.strip_prefix(':'))
}

fn count(world: &World, which: &str) -> usize {
    world.read(which, Duration::from_secs(8)).len()
}

/// A thousand pages that a setting refused: after it is mended they are put back, become articles once, and the counters
/// add up. A second replay finds nothing to do.
#[test]
fn a_thousand_rejected_pages_come_back_once() {
    let world = World::new(Broker::shared());
    let small = "decode.max_body_bytes = 1024";
    let pages = Pages::generate(1000, 71);
    let mut one = world.worker("one", small);
    one.await_log("assigned", 60);
    world.send(&pages.messages);
    world.await_lag(0, 120, &mut [&mut one]);
    assert_eq!(sum(&one.get("/metrics").1, "newsmill_pages_total"), 1000.0);
    assert!(one.terminate().0.success());
    assert_eq!(count(&world, "rejected"), 1000);

    let config = world.config("tool", "");
    let (code, said) = world.newsmill(&["replay", "--dry-run"], &config);
    assert!(code == 0 && said.contains("1000 would be put back\n  too_large        1000\n"), "{said}");
    let (code, said) = world.newsmill(&["replay", "--reason", "timeout"], &config);
    assert!(code == 0 && said.contains("0 put back\n1000 left: rejected for another reason"), "{said}");
    let (code, said) = world.newsmill(&["replay", "--reason", "too_large"], &config);
    assert!(code == 0 && said.contains("1000 put back\n"), "{said}");
    let (code, said) = world.newsmill(&["replay"], &config);
    assert!(code == 0 && said.contains("0 put back\n1000 left: put back by an earlier run"), "{said}");

    // Mended.
    let mut two = world.worker("two", "");
    // A transaction leaves a mark behind the last record of each partition, which counts as lag to whoever subtracts.
    world.await_lag(4, 120, &mut [&mut two]);
    let known = Instant::now();
    let metrics = loop {
        let metrics = two.get("/metrics").1;
        // The worker itself knows better, once the client has told it.
        if sum(&metrics, "newsmill_lag_records") == 0.0 {
            break metrics;
        }
        assert!(known.elapsed() < Duration::from_secs(10), "{metrics}");
        std::thread::sleep(Duration::from_millis(200));
    };
    let articles = pages.sets.iter().map(|(_, set)| set).collect::<BTreeSet<_>>().len();
    assert_eq!(sum(&metrics, "newsmill_pages_received_total"), 1000.0, "{metrics}");
    let outcomes = super::watched::series(&metrics, "newsmill_pages_total");
    assert_eq!(outcomes["{outcome=\"article\",reason=\"new\"}"], articles as f64, "{outcomes:?}");
    assert_eq!(outcomes.values().sum::<f64>(), 1000.0, "{outcomes:?}");
    let read = world.read("articles", Duration::from_secs(8));
    assert_eq!(read.len(), articles);
    let ids: BTreeSet<_> = read.iter().map(|outcome| outcome.field("page_id")).collect();
    assert_eq!(ids.len(), articles);
    for outcome in &read {
        assert_eq!(header(outcome, "newsmill.attempt"), Some("1"), "{}", outcome.headers);
        // Where the page was read first: the first thousand offsets.
        assert!(outcome.json()["source"]["offset"].as_i64().unwrap() < 250, "{}", outcome.value);
    }
    assert_eq!(count(&world, "duplicates"), 1000 - articles);

    // What was published, again: the same ids and verdicts, as a new version.
    let (code, said) = world.newsmill(&["replay", "--pages"], &config);
    assert_eq!(code, 2, "{said}");
    let stretch = ["replay", "--pages", "--partition", "2", "--from", "250", "--to", "260"];
    let (code, said) = world.newsmill(&stretch, &config);
    assert!(code == 0 && said.contains("10 records of") && said.contains("10 put back\n"), "{said}");
    world.await_lag(4, 60, &mut [&mut two]);
    let again: Vec<_> = ["articles", "duplicates"]
        .iter()
        .flat_map(|which| world.read(which, Duration::from_secs(8)))
        .filter(|outcome| header(outcome, "newsmill.attempt") == Some("2"))
        .collect();
    assert_eq!(again.len(), 10);
    let first: Vec<_> = read.into_iter().chain(world.read("duplicates", Duration::from_secs(8))).collect();
    for outcome in &again {
        let same = |other: &&Outcome| {
            other.field("page_id") == outcome.field("page_id")
                && header(other, "newsmill.attempt") == Some("1")
        };
        let before = first.iter().find(same).unwrap();
        assert_eq!(outcome.value, before.value);
    }
    // Put back twice by now; at most two times are allowed.
    let (code, said) = world.newsmill(&[&stretch[..], &["--max-attempts", "1"]].concat(), &config);
    assert!(code == 0 && said.contains("0 put back\n10 left: put back too often already"), "{said}");
    assert!(two.terminate().0.success());
}
