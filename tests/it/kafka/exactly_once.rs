//! Every page has exactly one outcome, whatever is done to the workers.

use std::time::Duration;

use super::broker::Broker;
use super::world::{Pages, REJECTED, World};

#[test]
fn two_workers_give_every_page_one_outcome() {
    let world = World::new(Broker::shared());
    let mut one = world.worker("one", "");
    one.await_log("joined the group", 30);
    let mut two = world.worker("two", "");
    two.await_log("assigned", 30);
    let mut pages = Pages::generate(1000, 1);
    pages.push("empty", REJECTED, "https://empty.example/", "<html><body></body></html>");
    world.send(&pages.messages);
    world.await_lag(0, 60, &mut [&mut one, &mut two]);

    let rejected = world.hold(&pages);
    assert_eq!(rejected.len(), 1, "{rejected:?}");
    for header in ["reason:", "stage:", "topic:", "partition:", "offset:", "version:"] {
        assert!(
            rejected[0].headers.contains(&format!("newsmill.{header}")),
            "no {header}: {}",
            rejected[0].headers
        );
    }
    let (key, value) = pages.messages.last().unwrap();
    assert_eq!((&rejected[0].key, rejected[0].value.as_bytes()), (key, value.as_slice()), "not untouched");

    // Both took part, and what they count adds up.
    let mut concluded = 0;
    for worker in [&one, &two] {
        let (code, metrics) = worker.get("/metrics");
        assert_eq!(code, 200);
        let count = |name: &str| -> u64 {
            let lines = metrics.lines().filter(|line| line.starts_with(name));
            lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
        };
        let (received, outcomes) = (count("newsmill_pages_received_total"), count("newsmill_pages_total{"));
        let open = count("newsmill_pages_abandoned_total") + count("newsmill_pages_in_flight");
        assert_eq!(received, outcomes + open, "{metrics}");
        assert!(outcomes > 0, "{metrics}");
        assert_eq!(
            metrics.matches("newsmill_lag_records{").count(),
            2,
            "lag of assigned partitions alone: {metrics}"
        );
        concluded += outcomes;
        worker.await_ready(20);
        for path in ["/livez", "/readyz", "/version", "/config"] {
            assert_eq!(worker.get(path).0, 200, "{path}");
        }
    }
    assert_eq!(concluded, 1001);
}

#[test]
fn killed_workers_lose_and_repeat_nothing() {
    let world = World::new(Broker::shared());
    let mut workers = [world.worker("one", ""), world.worker("two", "")];
    workers.iter_mut().for_each(|worker| worker.await_log("assigned", 30));
    let pages = Pages::generate(2400, 2);
    world.send(&pages.messages);
    let mut lags = Vec::new();
    for (round, name) in ["one", "two", "one"].into_iter().enumerate() {
        let victim = round % 2;
        // At moments that differ in each round: mid-batch, after sightings, in a commit.
        std::thread::sleep(Duration::from_millis(400 + 270 * round as u64));
        workers[victim].kill();
        lags.push(world.lag());
        workers[victim] = world.worker(name, "");
        workers[victim].await_log("joined the group", 30);
    }
    let [one, two] = &mut workers;
    world.await_lag(0, 90, &mut [one, two]);
    assert!(lags[0] > 0, "the first kill came after all was done: {lags:?}");
    assert!(world.hold(&pages).is_empty());
}

#[test]
fn a_stop_under_load_is_quick_and_hands_over() {
    let world = World::new(Broker::shared());
    let mut one = world.worker("one", "");
    one.await_log("assigned", 30);
    let pages = Pages::generate(1500, 3);
    world.send(&pages.messages);
    world.await_lag(1400, 30, &mut [&mut one]);
    let (status, took) = one.terminate();
    assert!(status.success(), "{status}: {}", one.log());
    assert!(took < Duration::from_secs(10), "{took:?}");
    let left = world.lag();
    assert!(left > 0, "it was done before it was stopped");
    let mut two = world.worker("two", "kafka.delivery = \"exactly_once\"");
    world.await_lag(left - 1, 20, &mut [&mut two]);
    world.await_lag(0, 60, &mut [&mut two]);
    assert!(world.hold(&pages).is_empty());
}

#[test]
fn at_least_once_loses_nothing() {
    let world = World::new(Broker::shared());
    let mut one = world.worker("one", "kafka.delivery = \"at_least_once\"");
    one.await_log("assigned", 30);
    let pages = Pages::generate(200, 4);
    world.send(&pages.messages);
    world.await_lag(0, 30, &mut [&mut one]);
    // Without a crash nothing is repeated either.
    assert!(world.hold(&pages).is_empty());
}
