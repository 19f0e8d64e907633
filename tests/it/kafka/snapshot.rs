//! The snapshot of the index on disk, and the log that it stands for: damaged, missing, cut short, made anew.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::{Offset, TopicPartitionList};

use super::broker::Broker;
use super::world::{Pages, Worker, World};

/// The files of the snapshots of all workers.
fn parts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(parts(&path));
        } else if path.extension().is_some_and(|extension| extension == "part") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn admin(world: &World) -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", &world.broker).create().unwrap()
}

fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn delete_topic(world: &World, topic: &str) {
    for result in wait_for(admin(world).delete_topics(&[topic], &AdminOptions::new())).unwrap() {
        result.unwrap();
    }
}

fn create_topic(world: &World, topic: &str) {
    let new = NewTopic::new(topic, 1, TopicReplication::Fixed(1))
        .set("message.timestamp.type", "LogAppendTime")
        .set("retention.ms", "-1");
    for _ in 0..50 {
        let made = wait_for(admin(world).create_topics([&new], &AdminOptions::new())).unwrap();
        if made.iter().all(Result::is_ok) {
            return;
        }
        // It is still being deleted.
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("{topic} could not be made anew");
}

/// Takes all entries before `position` out of the log, as retention does.
fn cut_head(world: &World, position: i64) {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(&world.topic("sightings"), 0, Offset::Offset(position)).unwrap();
    wait_for(admin(world).delete_records(&list, &AdminOptions::new())).unwrap();
}

/// Position in the log from which on a worker read at its start.
fn read_from(worker: &mut Worker) -> i64 {
    worker.await_log("the index is built", 30);
    let log = worker.log();
    let line = log.lines().find(|line| line.contains("the index is built")).unwrap();
    line.split("from=").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap()
}

/// One worker sees pages, and stops.
fn see(world: &World, pages: &Pages) {
    let mut one = world.worker("one", "");
    one.await_log("assigned", 30);
    world.send(&pages.messages);
    world.await_lag(0, 60, &mut [&mut one]);
    assert!(one.terminate().0.success(), "{}", one.log());
}

/// A copy of each page, under an id that none had.
fn copies(pages: &Pages) -> Pages {
    let mut copies = Pages::generate(0, 0);
    let count = pages.messages.len();
    for (n, ((_, value), (_, set))) in pages.messages.iter().zip(&pages.sets).take(60).enumerate() {
        let mut page: serde_json::Value = serde_json::from_slice(value).unwrap();
        let id = format!("copy-{}", count + n);
        page["id"] = id.as_str().into();
        copies.messages.push((id.clone(), page.to_string().into_bytes()));
        copies.sets.push((id, set.clone()));
    }
    copies
}

/// Another start sees copies of the pages: each is a repeat.
fn see_again(world: &World, pages: &mut Pages, from_snapshot: bool, says: &str) {
    let more = copies(pages);
    let mut one = world.worker("one", "");
    let from = read_from(&mut one);
    assert_eq!(from > 0, from_snapshot, "read from {from}: {}", one.log());
    world.send(&more.messages);
    world.await_lag(0, 60, &mut [&mut one]);
    assert!(one.log().contains(says), "never said {says:?}: {}", one.log());
    assert!(one.terminate().0.success());
    pages.messages.extend(more.messages);
    pages.sets.extend(more.sets);
    assert!(world.hold(pages).is_empty());
}

#[test]
fn a_start_goes_on_from_the_snapshot_and_without_it_from_the_log() {
    let world = World::new(Broker::shared());
    let mut pages = Pages::generate(60, 21);
    see(&world, &pages);
    see_again(&world, &mut pages, true, "the snapshot is read");

    // A byte in the middle: what is before it serves, the log gives the rest.
    let files = parts(&world.state());
    let last = files.last().expect("no snapshot");
    let mut bytes = std::fs::read(last).unwrap();
    let middle = bytes.len() * 2 / 3;
    bytes[middle] ^= 0x10;
    std::fs::write(last, bytes).unwrap();
    see_again(&world, &mut pages, true, "the snapshot is damaged");

    // Something else altogether.
    for file in parts(&world.state()) {
        std::fs::write(file, "not a snapshot").unwrap();
    }
    see_again(&world, &mut pages, false, "the snapshot is not used");

    for file in parts(&world.state()) {
        std::fs::remove_file(file).unwrap();
    }
    see_again(&world, &mut pages, false, "the index is built");
}

#[test]
fn a_snapshot_outlives_the_head_of_the_log() {
    let world = World::new(Broker::shared());
    let mut pages = Pages::generate(60, 22);
    see(&world, &pages);
    // Half of the log is gone: the snapshot knows it still.
    cut_head(&world, 60);
    see_again(&world, &mut pages, true, "the snapshot is read");
}

#[test]
fn a_log_that_was_made_anew_is_noticed() {
    let world = World::new(Broker::shared());
    let pages = Pages::generate(40, 23);
    see(&world, &pages);
    let topic = world.topic("sightings");
    delete_topic(&world, &topic);
    create_topic(&world, &topic);
    let mut one = world.worker("one", "");
    assert_eq!(read_from(&mut one), 0);
    assert!(one.log().contains("made anew"), "{}", one.log());
    one.await_log("assigned", 30);

    // While a worker runs it cannot go on: its index is of another log.
    delete_topic(&world, &topic);
    create_topic(&world, &topic);
    let code = one.wait(Duration::from_secs(90)).code();
    assert_eq!(code, Some(1), "{}", one.log());
    assert!(one.log().contains("sightings log"), "{}", one.log());
}

#[test]
fn a_snapshot_of_other_settings_does_not_get_round_the_refusal() {
    let world = World::new(Broker::shared());
    see(&world, &Pages::generate(10, 24));
    let config = world.config("one", "deduplicate.window_days = 7");
    let (code, said) = world.newsmill(&["run"], &config);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("the snapshot is read"), "{said}");
    assert!(said.contains("window_days: 30 in the log, 7 here"), "{said}");
}
