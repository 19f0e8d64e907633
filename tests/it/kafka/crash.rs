//! Pages that kill the process or never end, by faults on purpose.

use std::time::{Duration, Instant};

use newsmill::codec::Identity;
use newsmill::pipeline::{Pipeline, Settings};
use newsmill::record::{RawRecord, Source};
use newsmill::sightings::Entry;
use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use super::broker::Broker;
use super::world::{Outcome, PARTITIONS, Pages, REJECTED, World};

/// The page of these numbers, and one that repeats its text at another URL.
fn article(number: u32) -> (String, String) {
    let page = &Pages::generate(1, u64::from(number)).messages[0].1;
    let page: serde_json::Value = serde_json::from_slice(page).unwrap();
    let html = page["body"].as_str().unwrap().to_owned();
    (format!("https://poison-{number}.example/"), html)
}

/// Puts a page's sighting into the log, as a run that died before it could commit has left it. The page is the
/// last of those that will be sent first.
fn sighted_before(world: &World, pages: &Pages) {
    let index = pages.messages.len() - 1;
    let source = Source::Kafka {
        topic: world.topic("pages").as_str().into(),
        partition: index as i32 % PARTITIONS,
        offset: index as i64 / i64::from(PARTITIONS),
    };
    let value = pages.messages[index].1.clone();
    let raw = RawRecord { source, key: None, value, headers: Vec::new() };
    let prepared = Pipeline::new(&Settings::default()).prepare(&raw, |_| None);
    let sighting = prepared.sighting().expect("the page is an article").clone();
    let identity = newsmill::codec::identify(&raw, &newsmill::codec::Config::default()).unwrap();
    assert_eq!(
        identity,
        Identity {
            page_id: pages.sets[index].0.clone(),
            url: identity.url.clone(),
            origin: sighting.origin.clone()
        }
    );
    let mut entry = Vec::new();
    Entry::Sighting(Box::new(sighting)).encode(&mut entry);
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", &world.broker).create().unwrap();
    let topic = world.topic("sightings");
    let record = BaseRecord::to(&topic).key(&[0_u8; 16]).payload(&entry).partition(0);
    producer.send(record).map_err(|(error, _)| error).unwrap();
    producer.flush(Duration::from_secs(10)).unwrap();
}

/// Sends a copy of the rejected page, which has to become an article: what was rejected matches nothing.
fn copy_is_an_article(
    world: &World,
    pages: &mut Pages,
    url: &str,
    html: &str,
    worker: &mut super::world::Worker,
) {
    let mut copy = Pages::generate(0, 0);
    copy.push("copy", "copy", &url.replace("poison", "copy"), html);
    world.send(&copy.messages);
    pages.sets.extend(copy.sets);
    world.await_lag(0, 30, &mut [worker]);
}

fn is_kept(rejected: &[Outcome], reason: &str, pages: &Pages, index: usize) {
    assert_eq!(rejected.len(), 1, "{rejected:?}");
    for header in [format!("newsmill.reason:{reason}"), "newsmill.stage:prepare".to_owned()] {
        assert!(rejected[0].headers.contains(&header), "no {header}: {}", rejected[0].headers);
    }
    assert_eq!(rejected[0].value.as_bytes(), pages.messages[index].1, "not untouched");
}

#[test]
fn a_record_that_kills_the_process_is_rejected_at_the_third_start() {
    for (kind, seed) in [("abort", 20), ("overflow", 21)] {
        let world = World::new(Broker::shared());
        let mut pages = Pages::generate(150, seed);
        let (url, html) = article(seed as u32 + 1000);
        pages.push("poison", REJECTED, &url, &html);
        let (poison, fault) = (pages.messages.len() - 1, format!("{kind}:{url}"));
        for start in 1..=2 {
            let mut dies = world.worker_with_fault("one", "", &fault);
            if start == 1 {
                dies.await_log("joined the group", 30);
                sighted_before(&world, &pages);
                world.send(&pages.messages);
            }
            let status = dies.wait(Duration::from_secs(60));
            assert_eq!(status.code(), None, "ended by itself: {}", dies.log());
            assert!(dies.log().contains("a fault on purpose strikes"), "{}", dies.log());
        }
        let mut lives = world.worker_with_fault("one", "", &fault);
        world.await_lag(0, 60, &mut [&mut lives]);
        assert!(!lives.log().contains("a fault on purpose strikes"), "it was tried again: {}", lives.log());
        copy_is_an_article(&world, &mut pages, &url, &html, &mut lives);
        let rejected = world.hold(&pages);
        is_kept(&rejected, "crashed", &pages, poison);
    }
}

#[test]
fn pages_that_were_in_flight_at_one_kill_each_are_not_blamed() {
    let world = World::new(Broker::shared());
    let mut pages = Pages::generate(100, 22);
    let victims = [article(1022), article(1023)];
    // One partition for both, the second behind the first: at the first kill neither is committed.
    for (i, (url, html)) in victims.iter().enumerate() {
        pages.push(&format!("victim-{i}"), &format!("victim-{i}"), url, html);
        let between = Pages::generate(43, 220 + i as u64);
        pages.messages.extend(between.messages);
        pages.sets.extend(between.sets);
    }
    for (round, (url, _)) in victims.iter().enumerate() {
        let mut worker = world.worker_with_fault("one", "", &format!("hang:{url}"));
        if round == 0 {
            worker.await_log("joined the group", 30);
            world.send(&pages.messages);
        }
        worker.await_log("a fault on purpose strikes", 60);
        worker.kill();
    }
    let mut worker = world.worker("one", "");
    worker.await_log("was at work on this record when it died", 30);
    world.await_lag(0, 60, &mut [&mut worker]);
    assert!(world.hold(&pages).is_empty());
    assert!(worker.terminate().0.success());
    assert!(!worker.log().contains("a page is at work"), "{}", worker.log());
}

#[test]
fn a_page_that_never_ends_is_rejected_and_the_others_go_on() {
    let world = World::new(Broker::shared());
    let mut pages = Pages::generate(60, 24);
    let (url, html) = article(1024);
    pages.push("poison", REJECTED, &url, &html);
    let poison = pages.messages.len() - 1;
    let rest = Pages::generate(60, 25);
    let more = "service.page_timeout_ms = 2000";
    let mut worker = world.worker_with_fault("one", more, &format!("hang:{url}"));
    worker.await_log("joined the group", 30);
    sighted_before(&world, &pages);
    world.send(&pages.messages);
    world.send(&rest.messages);
    pages.sets.extend(rest.sets);
    worker.await_log("a fault on purpose strikes", 30);
    let struck = Instant::now();
    worker.await_log("a page is still at work", 30);
    let took = struck.elapsed();
    assert!(took > Duration::from_millis(1800) && took < Duration::from_secs(6), "{took:?}");
    world.await_lag(0, 30, &mut [&mut worker]);
    copy_is_an_article(&world, &mut pages, &url, &html, &mut worker);
    is_kept(&world.hold(&pages), "timeout", &pages, poison);
    // A stop does not wait for what never ends.
    let (status, took) = worker.terminate();
    assert!(status.success() && took < Duration::from_secs(10), "{status} {took:?}: {}", worker.log());
    assert!(worker.log().contains("leaving while a page is at work"), "{}", worker.log());
}

#[test]
fn a_worker_with_too_many_stuck_threads_ends_and_names_the_records() {
    let world = World::new(Broker::shared());
    let pages = Pages::generate(40, 26);
    let more = "service.page_timeout_ms = 1000\nservice.threads = 3";
    let mut worker = world.worker_with_fault("one", more, "hang:https://site");
    worker.await_log("joined the group", 30);
    world.send(&pages.messages);
    assert_eq!(worker.wait(Duration::from_secs(60)).code(), Some(1), "{}", worker.log());
    let log = worker.log();
    let error = log.lines().last().unwrap_or_default();
    assert!(error.contains("never ended") && error.contains("service.page_timeout_ms = 1000"), "{log}");
    assert!(error.matches(&world.topic("pages")).count() >= 9, "{log}");
}
