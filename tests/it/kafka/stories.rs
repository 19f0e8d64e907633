//! Stories inside of pages, across workers: records of their own, and what they repeat.

use std::time::Duration;

use super::broker::Broker;
use super::world::{Pages, World};

const STORY: &str = "<p>OSKAR BAY, March 2 (Reuters) - A wall of stone would outlast three piers of wood, an engineer who advises the ports \
    of the coast said on Monday.</p><p>Ports that rebuilt in stone after the storms of the last decade have not lost a day \
    of work since, she told a meeting of harbour masters in the town hall.</p>";

/// A page of its own: two paragraphs, the story in a box, and a paragraph. Two towns' pages share no more than the story:
/// one text with other names in it would be a near-duplicate by itself.
fn carrying([headline, first, second, last]: [&str; 4]) -> String {
    format!(
        "<h1>{headline}</h1><p>{first}</p><p>{second}</p>\
         <div><h3>Engineer calls a stone wall cheaper in the end</h3>{STORY}</div><p>{last}</p>"
    )
}

const PIER: [&str; 4] = [
    "Lindmere votes to rebuild its pier after a winter of storms",
    "The town of Lindmere voted on Tuesday to rebuild its pier, which Anna Holt had called the oldest on the coast, before the \
     summer guests arrive.",
    "Holt said that the town would pay 2,104,300 crowns for it and that its carpenters had promised oak from the hills.",
    "Guests of the café that she keeps at the landing have asked for their old places, out of the wind and near the lamps.",
];
const SCHOOL: [&str; 4] = [
    "Pupils in Skarn teach their grandparents to mend radios",
    "Every Thursday after lessons the workshop of the school in Skarn fills with people who left it half a century ago, and \
     who bring whatever has fallen silent at home.",
    "The idea came from Ida Moen, a physics teacher, who had counted 815 broken sets at the dump and thought it a waste of \
     good copper.",
    "A second group begins in autumn, for sewing machines, if somebody can be found who still owns the manuals.",
];

#[test]
fn what_a_story_repeats_is_known_to_the_worker_that_takes_over() {
    let world = World::new(Broker::shared());
    let records = "output.stories = \"records\"\n";
    let mut pages = Pages::generate(1, 31);
    let whole = format!("<h1>Engineer calls a stone wall cheaper</h1>{STORY}");
    pages.push("wire", "wire", "https://wire.example/wall", &whole);
    pages.push("first", "first", "https://a.example/pier", &carrying(PIER));
    let mut one = world.worker("one", records);
    // One after the other: partitions are read in no order among each other.
    for page in &pages.messages[..2] {
        world.send(std::slice::from_ref(page));
        world.await_lag(0, 60, &mut [&mut one]);
    }
    world.send(&pages.messages[2..]);
    world.await_lag(0, 60, &mut [&mut one]);
    one.kill();
    pages.push("second", "second", "https://b.example/radios", &carrying(SCHOOL));
    let mut two = world.worker("two", records);
    world.send(&pages.messages[3..]);
    world.await_lag(0, 60, &mut [&mut two]);

    assert!(world.hold(&pages).is_empty());
    let articles = world.read("articles", Duration::from_secs(3));
    let id_of = |page: &str| {
        let is_it =
            |o: &&super::world::Outcome| o.field("outcome") == "article" && o.field("page_id") == page;
        articles.iter().find(is_it).map(|outcome| outcome.key.clone()).unwrap()
    };
    let stories: Vec<_> = articles.iter().filter(|o| o.headers.contains("newsmill.copy:story")).collect();
    assert_eq!(stories.len(), 2, "{articles:?}");
    for page in ["first", "second"] {
        // Records of two partitions are read in no order among each other.
        let parent = id_of(page);
        let story = stories.iter().find(|story| story.field("parent") == parent).unwrap();
        let json = story.json();
        assert_eq!((&json["outcome"], &json["agency"]), (&"story".into(), &"Reuters".into()));
        assert_eq!(story.field("cluster"), id_of("wire"));
        let repeats = &json["repeats"];
        assert_eq!((&repeats["kind"], &repeats["of"]), (&"exact".into(), &id_of("wire").into()), "{repeats}");
    }
}
