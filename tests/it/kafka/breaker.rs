//! A worker on a wrong topic stops instead of moving all of it into the rejections.

use std::time::{Duration, Instant};

use super::broker::Broker;
use super::watched::sum;
use super::world::{Pages, REJECTED, World};

#[test]
fn a_wrong_topic_is_not_drained_into_the_rejections() {
    let world = World::new(Broker::shared());
    let mut pages = Pages::generate(60, 81);
    let good = pages.messages.len();
    for i in 0..400 {
        pages
            .messages
            .push((format!("bad-{i}"), format!("{{\"id\": \"bad-{i}\", \"order\": {i}}}").into_bytes()));
        pages.sets.push((format!("bad-{i}"), REJECTED.to_owned()));
    }
    let mut one = world.worker("one", "kafka.max_rejected_run = 120");
    one.await_log("assigned", 60);
    world.send(&pages.messages[..good]);
    world.await_lag(0, 60, &mut [&mut one]);
    one.await_ready(20);
    world.send(&pages.messages[good..]);
    one.await_log("nothing more is read", 60);
    let (code, said) = one.get("/readyz");
    assert_eq!(code, 503, "{said}");
    assert!(
        said.contains("pages in a row would be rejected (malformed ")
            && said.contains("start the worker anew"),
        "{said}"
    );
    assert_eq!(one.get("/livez").0, 200, "a restart would only go on draining");
    // It rests: alive, in the group, with its partitions, and nothing more is committed.
    let rejected = |metrics: &str| sum(metrics, "newsmill_pages_total") - good as f64;
    let first = rejected(&one.get("/metrics").1);
    assert!(first <= 120.0, "{first} were rejected");
    let rested = Instant::now();
    while rested.elapsed() < Duration::from_secs(8) {
        let metrics = one.get("/metrics").1;
        assert!(metrics.contains("newsmill_ready{component=\"breaker\"} 0"), "{metrics}");
        assert_eq!(
            (rejected(&metrics), sum(&metrics, "newsmill_assigned_partitions")),
            (first, 4.0),
            "{}",
            one.log()
        );
        std::thread::sleep(Duration::from_secs(2));
    }
    assert!(world.lag() >= 280, "{}", world.lag());
    let (status, took) = one.terminate();
    assert!(status.success() && took < Duration::from_secs(5), "{status} {took:?}");
    // Somebody looked, and wants it so.
    let mut two = world.worker("two", "kafka.max_rejected_run = 0\nkafka.max_rejected_share = 0.0");
    world.await_lag(0, 60, &mut [&mut two]);
    assert_eq!(world.hold(&pages).len(), 400);
    assert!(two.terminate().0.success());
}
