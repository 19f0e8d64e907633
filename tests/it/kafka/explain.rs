//! `newsmill explain` of a record of the cluster.

use serde_json::Value;

use super::broker::Broker;
use super::world::{Pages, World};

#[test]
fn a_record_is_explained_by_its_place() {
    let world = World::new(Broker::shared());
    world.create_topic("pages");
    let pages = Pages::generate(8, 71);
    world.send(&pages.messages);
    let config = world.config("tool", "");
    let explain = |place: &str| world.newsmill(&["explain", place, "--json"], &config);
    // Partition by number: the sixth page is the second of partition 1.
    let topic = world.topic("pages");
    let (code, said) = explain(&format!("{topic}:1:1"));
    assert_eq!(code, 0, "{said}");
    let json = said.find('{').map(|at| &said[at..=said.rfind('}').unwrap()]).unwrap();
    let said: Value = serde_json::from_str(json).unwrap();
    assert_eq!(said["page"]["page_id"], pages.messages[5].0.as_str());
    assert_eq!(said["page"]["source"], serde_json::json!({"topic": topic, "partition": 1, "offset": 1}));
    assert_eq!(said["outcome"]["outcome"], "article");
    let (code, said) = explain(&format!("{topic}:1:2"));
    assert!(code == 1 && said.contains("has no record at offset 2 of partition 1"), "{said}");
    let (code, said) = explain(&format!("{topic}:9:0"));
    assert!(code == 1 && said.contains("has no partition 9"), "{said}");
}
