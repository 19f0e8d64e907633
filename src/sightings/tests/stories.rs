//! Stories inside of pages: repeats of articles and of each other, which never make their pages repeats.

use super::*;

const URLS: [&str; 3] = ["https://a.example/pier", "https://b.example/harbour", "https://c.example/ferry"];

/// Sights a page of a text of its own with these stories; the verdict on it, and what they repeat.
fn carry(log: &mut Log, url: &str, seed: u64, stories: &[&str]) -> (Verdict, Vec<Option<Repeat>>) {
    let page = log.page(Some(url), &prose(seed, 400), None);
    let page = with_stories(page, stories.iter().map(|text| (*text).to_owned()));
    (log.sight(&page), log.index.stories(&page))
}

#[test]
fn a_story_repeats_the_article_that_told_it_before() {
    let mut log = log();
    let told = prose(1, 200);
    let first = new(&log.see(Some(URLS[0]), &told));

    let (page, stories) = carry(&mut log, URLS[1], 2, &[&told, &prose(3, 80)]);
    new(&page);
    let story = stories[0].unwrap();
    assert_eq!(
        (story.kind, story.of, story.cluster, story.similarity),
        (DuplicateKind::Exact, first, first, 1.0)
    );
    assert_eq!(stories[1], None);

    // Cut to its first half, and edited.
    let half: String = told.split_inclusive(' ').take(100).collect();
    let (page, stories) = carry(&mut log, URLS[2], 4, &[&half, &edited(&told, 20)]);
    new(&page);
    assert_eq!(stories.iter().map(|s| s.unwrap().of).collect::<Vec<_>>(), [first, first]);
    assert!(stories.iter().all(|s| s.unwrap().kind == DuplicateKind::Near));
    assert_eq!(stories[0].unwrap().contained, Some(Contained::Page));
}

#[test]
fn neither_pages_with_one_story_nor_an_article_after_it_are_repeats() {
    let mut log = log();
    let told = prose(1, 200);
    let (page, stories) = carry(&mut log, URLS[0], 2, &[&told]);
    assert_eq!(stories, [None]);
    let first = new(&page);
    let (other, stories) = carry(&mut log, URLS[1], 3, &[&edited(&told, 25)]);
    new(&other);
    let story = stories[0].unwrap();
    assert_eq!(story.kind, DuplicateKind::Near);
    assert_ne!(story.of, first, "the story is repeated, and not its page");
    // The whole story as an article: nobody published it as one.
    let article = new(&log.see(Some(URLS[2]), &told));
    // From then on it is there too.
    let near = edited(&told, 18);
    assert_eq!(repeat(&log.see(None, &near)).1, article);
    let (_, stories) = carry(&mut log, "https://d.example/", 4, &[&told]);
    assert_eq!(stories[0].unwrap().of, article, "an article goes before a story of the same words");
}

#[test]
fn a_page_is_not_what_its_own_stories_repeat() {
    let mut log = log();
    let items = [prose(1, 80), prose(2, 80), prose(3, 80)];
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let digest = items.join(" ");
    for version in 0..2 {
        let text = if version == 0 { digest.clone() } else { format!("{digest} {}", prose(9, 30)) };
        let page = log.page(Some(URLS[0]), &text, None);
        let page = with_stories(page, items.iter().map(|item| (*item).to_owned()));
        let verdict = log.sight(&page);
        let stories = log.index.stories(&page);
        if version == 0 {
            new(&verdict);
            assert_eq!(stories, [None, None, None]);
        } else {
            assert_eq!(repeat(&verdict).0, DuplicateKind::Revision);
            // The same stories under the same address have the same ids.
            assert!(
                stories.iter().zip(&page.stories).all(|(story, own)| story.unwrap().of == own.story_id())
            );
        }
    }
}

#[test]
fn an_exact_repeat_has_no_stories_of_its_own() {
    let mut log = log();
    let (_, stories) = carry(&mut log, URLS[0], 1, &[&prose(2, 80)]);
    assert_eq!(stories.len(), 1);
    let (page, stories) = carry(&mut log, URLS[1], 1, &[&prose(2, 80)]);
    assert_eq!((repeat(&page).0, stories.len()), (DuplicateKind::Exact, 0));
    assert_eq!(log.index.pages(), 3);
}

#[test]
fn a_page_that_comes_again_has_what_was_said_of_its_stories() {
    let mut log = log();
    let told = prose(1, 200);
    log.see(None, &told);
    let page = with_stories(log.page(None, &prose(2, 200), None), [told, prose(3, 60)]);
    log.sight(&page);
    let said = log.index.stories(&page);
    for days in [0, 3, 29, 40] {
        log.millis = days * DAY;
        log.sight(&page);
        assert_eq!(log.index.stories(&page), said, "after {days} days");
    }
}

#[test]
fn nothing_repeats_a_story_whose_page_was_taken_back() {
    let mut log = log();
    let told = prose(1, 200);
    let page = with_stories(log.page(None, &prose(2, 200), None), [told.clone()]);
    log.sight(&page);
    log.append(Entry::Void(page.origin.clone()));
    let (_, stories) = carry(&mut log, URLS[0], 3, &[&told]);
    assert_eq!(stories, [None]);

    let article = log.page(None, &prose(4, 200), None);
    log.sight(&article);
    let (_, stories) = carry(&mut log, URLS[1], 5, &[&edited(&prose(4, 200), 12)]);
    assert_eq!(stories[0].unwrap().of, article.id);
    log.append(Entry::Void(article.origin.clone()));
    let (_, stories) = carry(&mut log, URLS[2], 6, &[&edited(&prose(4, 200), 12)]);
    assert_eq!(stories, [None], "nor one of the cluster that began with such a page");
}

#[test]
fn what_is_carried_every_fortnight_is_never_new_again() {
    let mut log = log();
    let told = prose(1, 200);
    let first = new(&log.see(None, &told));
    for fortnight in 1..6u64 {
        log.millis = fortnight as i64 * 16 * DAY;
        let (_, stories) = carry(&mut log, URLS[0], 10 + fortnight, &[&told]);
        assert_eq!(stories[0].unwrap().of, first);
    }
}

#[test]
fn pages_without_stories_take_what_they_took() {
    let page = |text: &str| log().page(Some(URLS[0]), text, None);
    let bytes = |sighting: &Sighting| {
        let mut out = Vec::new();
        Entry::Sighting(Box::new(sighting.clone())).encode(&mut out);
        out.len()
    };
    let without = page(&prose(1, 600));
    let with = with_stories(without.clone(), (2..20).map(|seed| prose(seed, 300)));
    assert_eq!(with.stories.len(), MAX_STORIES);
    assert!(bytes(&without) <= 700, "{}", bytes(&without));
    assert!(bytes(&with) - bytes(&without) <= MAX_STORIES * 340, "{}", bytes(&with));
}
