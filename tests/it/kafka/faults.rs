//! Records that the broker refuses, and a broker that goes away.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;

use super::broker::Broker;
use super::world::{Pages, REJECTED, World};

/// Sets the largest record that a topic takes, under way.
fn set_limit(world: &World, which: &str, bytes: u32) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", &world.broker).create().unwrap();
    let (topic, bytes) = (world.topic(which), bytes.to_string());
    let change = AlterConfig::new(ResourceSpecifier::Topic(&topic)).set("max.message.bytes", &bytes);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for result in runtime.block_on(admin.alter_configs(&[change], &AdminOptions::new())).unwrap() {
        result.unwrap();
    }
}

#[test]
fn a_record_that_the_broker_refuses_is_void_and_rejected_and_a_copy_that_fits_is_an_article() {
    let world = World::new(Broker::shared());
    let mut one = world.worker("one", "kafka.compression = \"none\"");
    one.await_log("assigned", 30);
    set_limit(&world, "articles", 20_000);
    let large = Pages::generate(60, 5);
    let text: String = large
        .messages
        .iter()
        .map(|(_, value)| {
            let page: serde_json::Value = serde_json::from_slice(value).unwrap();
            page["body"].as_str().unwrap().replace("html", "div")
        })
        .collect();
    let mut pages = Pages::generate(20, 6);
    pages.push(
        "too-large",
        REJECTED,
        "https://large.example/1",
        &format!("<html><body><p>{text}</p></body></html>"),
    );
    world.send(&pages.messages);
    world.await_lag(0, 30, &mut [&mut one]);
    let rejected = world.hold(&pages);
    assert_eq!(rejected.len(), 1);
    assert!(rejected[0].headers.contains("newsmill.reason:refused"), "{}", rejected[0].headers);
    assert_eq!(rejected[0].value.as_bytes(), pages.messages.last().unwrap().1);

    set_limit(&world, "articles", 10_485_760);
    let mut copy = Pages::generate(0, 7);
    copy.push("copy", "copy", "https://large.example/2", &format!("<html><body><p>{text}</p></body></html>"));
    world.send(&copy.messages);
    world.await_lag(0, 30, &mut [&mut one]);
    pages.sets.extend(copy.sets);
    world.hold(&pages);
}

#[test]
fn a_broker_that_comes_back_finds_the_worker_waiting() {
    let broker = Broker::own();
    let world = World::new(&broker);
    let mut one = world.worker("one", "");
    one.await_log("assigned", 30);
    let mut pages = Pages::generate(600, 8);
    world.send(&pages.messages);
    world.await_lag(500, 30, &mut [&mut one]);
    broker.kill();
    std::thread::sleep(Duration::from_secs(8));
    assert!(one.is_running(), "{}", one.log());
    assert_eq!(one.get("/livez").0, 200);
    let (ready, body) = one.get("/readyz");
    assert_eq!(ready, 503, "{body}");
    let (config, address) = (world.config("health", ""), one.address().expect("no port yet"));
    let (code, said) = world.newsmill(&["health", "--address", &address], &config);
    assert!(code == 0 && said.contains("\"alive\":true"), "{code}: {said}");
    let (code, said) = world.newsmill(&["health", "--ready", "--address", &address], &config);
    assert!(code == 1 && said.contains("is not ready"), "{code}: {said}");
    let (code, said) = world.newsmill(&["health", "--address", "127.0.0.1:1"], &config);
    assert!(code == 3 && said.contains("no worker answers at 127.0.0.1:1"), "{code}: {said}");
    broker.restart();
    let more = Pages::generate(50, 9);
    world.send(&more.messages);
    world.await_lag(0, 60, &mut [&mut one]);
    pages.sets.extend(more.sets);
    assert!(world.hold(&pages).is_empty());
    assert!(one.terminate().0.success());
}

#[test]
fn two_workers_of_one_name_do_not_go_on_for_ever() {
    let world = World::new(Broker::shared());
    let mut one = world.worker("same", "");
    one.await_log("assigned", 30);
    let mut two = world.worker("same", "");
    two.await_log("assigned", 30);
    let mut sent = Pages::generate(0, 10);
    let ended = loop {
        let some = Pages::generate(40, 100 + sent.sets.len() as u64);
        world.send(&some.messages);
        sent.sets.extend(some.sets);
        assert!(sent.sets.len() < 40 * 90, "both still run: {}\n{}", one.log(), two.log());
        std::thread::sleep(Duration::from_millis(700));
        match (one.is_running(), two.is_running()) {
            (false, _) => break &mut one,
            (_, false) => break &mut two,
            _ => {}
        }
    };
    assert_eq!(ended.wait(Duration::from_secs(5)).code(), Some(1));
    assert!(ended.log().contains("kafka.worker_id"), "{}", ended.log());
    // Whichever is left does the rest, and nothing was lost or repeated.
    let mut three = world.worker("another", "");
    world.await_lag(0, 60, &mut [&mut three]);
    world.hold(&sent);
}
