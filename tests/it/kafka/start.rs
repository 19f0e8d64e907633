//! Starts that must not succeed, and what they say; `newsmill check`.

use std::time::{Duration, Instant};

use super::broker::Broker;
use super::world::World;

#[test]
fn other_settings_are_refused_with_both_values_and_the_way_out() {
    let world = World::new(Broker::shared());
    let mut one = world.worker("one", "");
    one.await_log("assigned", 30);
    assert!(one.terminate().0.success());
    let config = world.config("two", "deduplicate.window_days = 7");
    let (code, said) = world.newsmill(&["run"], &config);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("window_days: 30 in the log, 7 here"), "{said}");
    assert!(said.contains("--change-settings"), "{said}");
}

#[test]
fn missing_topics_are_named_with_the_commands() {
    let world = World::new(Broker::shared());
    let config = world.config("one", "kafka.create_topics = false");
    for command in ["run", "check"] {
        let (code, said) = world.newsmill(&[command], &config);
        assert_eq!(code, 1, "{said}");
        for which in ["pages", "articles", "duplicates", "rejected", "sightings"] {
            assert!(said.contains(&format!("--create --topic {}", world.topic(which))), "{said}");
        }
        assert!(said.contains("message.timestamp.type=LogAppendTime"), "{said}");
    }
    let config = world.config("one", "");
    let (code, said) = world.newsmill(&["check", "--json"], &config);
    assert_eq!(code, 0, "run would create them: {said}");
}

#[test]
fn a_broker_that_is_not_there_is_said_with_its_address() {
    let world = World::new(Broker::shared());
    // A port that was free a moment ago, and one that takes connections and never answers.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let hole = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    for address in [free.to_string(), hole.local_addr().unwrap().to_string()] {
        let more = format!("kafka.brokers = \"{address}\"\nkafka.connect_timeout_ms = 3000");
        let config = world.config("one", &more);
        for command in ["run", "check"] {
            let started = Instant::now();
            let (code, said) = world.newsmill(&[command], &config);
            assert_eq!(code, 3, "{said}");
            assert!(said.contains(&address), "{said}");
            assert!(started.elapsed() < Duration::from_secs(10), "{command}: {:?}", started.elapsed());
        }
    }
}
