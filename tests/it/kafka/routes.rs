//! Routes on a real broker; where each record goes is the matter of `kafka::routes`' property test and of the chaos round.

use std::time::Duration;

use super::broker::Broker;
use super::world::{Pages, World};

/// Topics that are there get their records, those that are not leave them where they go by default, and `check` lists
/// what routes can name.
#[test]
fn what_is_for_a_topic_that_is_not_there_goes_where_it_goes_by_default() {
    let world = World::new(Broker::shared());
    let (long, name) = (world.topic("long"), &world.name);
    // Without kafka.create_topics: what is there is there.
    for which in ["pages", "articles", "duplicates", "rejected", "sightings", "long"] {
        world.create_topic(which);
    }
    let missing = format!(
        "kafka.create_topics = false\nkafka.routes = \"all\"\n\
         [[route]]\ntopic = \"{long}\"\nmin_words = 100\n\
         [[route]]\ntopic = \"{name}.in.{{language}}\"\nlanguages = [\"de\", \"en\"]\n"
    );
    let mut one = world.worker("one", &missing);
    one.await_log("assigned", 60);
    let mut pages = Pages::generate(20, 61);
    let brief = "<h1>Ferry to Oskar Bay is late</h1><p>The ferry to Oskar Bay left an hour late on Tuesday morning, the harbour \
        master said, because fog lay over the sound until the sun came up behind the mill.</p>";
    pages.push("brief", "brief", "https://site1.example/brief", brief);
    world.send(&pages.messages);
    world.await_lag(0, 60, &mut [&mut one]);
    let ids = |which: &str| {
        let read = world.read(which, Duration::from_secs(5));
        read.iter().map(|outcome| outcome.field("page_id")).collect::<Vec<_>>()
    };
    assert_eq!(ids("articles"), ["brief"], "{}", one.log());
    let articles = pages.sets.iter().map(|(_, set)| set).collect::<std::collections::BTreeSet<_>>().len();
    assert_eq!(ids("long").len(), articles - 1, "{}", one.log());
    assert!(one.terminate().0.success());

    let config = world.config("two", &missing);
    let (code, said) = world.newsmill(&["check"], &config);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains(&format!("route 1 ({long}): can name 1 topic; there: {long}")), "{said}");
    let second = format!(
        "route 2 ({name}.in.{{language}}): can name 2 topics; not there: {name}.in.de, {name}.in.en; what is for them goes \
         where it goes by default"
    );
    assert!(said.contains(&second), "{said}");

    let bad = missing.replace("\"de\"", "\"dee\"");
    let (code, said) = world.newsmill(&["run"], &world.config("three", &bad));
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("route 2: languages: `dee` is none that the language stage gives; did you mean de?"),
        "{said}"
    );
}
