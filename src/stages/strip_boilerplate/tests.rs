//! The whole stage on pages written for it.

use std::sync::Arc;

use proptest::prelude::*;

use super::roles::Role;
use super::*;
use crate::record::{Hash128, Origin, Source};

pub(super) fn page(markup: Markup, body: impl Into<String>) -> Page {
    Page {
        origin: Origin {
            source: Source::File { input: Arc::from("test"), line: 1 },
            body: Hash128::default(),
        },
        page_id: "1".to_owned(),
        url: Some("https://www.coastwatch.example/talks".to_owned()),
        fetched_at: None,
        markup,
        body: body.into(),
        language_hint: None,
        extra: None,
    }
}

pub(super) fn strip(markup: Markup, body: impl Into<String>) -> Result<Extracted, (Reason, String)> {
    StripBoilerplate::new(&Config::default()).strip(&page(markup, body))
}

/// A page of this address, fetched at noon of the day.
pub(super) fn strip_page(
    markup: Markup,
    body: String,
    url: &str,
    day: &str,
) -> Result<Extracted, (Reason, String)> {
    let fetched_at = Some(format!("{day}T12:00:00Z").parse().unwrap());
    let page = Page { url: Some(url.to_owned()), fetched_at, ..page(markup, body) };
    StripBoilerplate::new(&Config::default()).strip(&page)
}

pub(super) const PARAGRAPHS: [&str; 4] = [
    "The harbour town of Lindmere voted on Tuesday to rebuild its pier, which the storms of the winter had carried off.",
    "Mayor Anna Holt said that work would begin before the summer, and that the town would pay two million crowns for it.",
    "Fishermen had asked for a wall of stone instead, which would have cost the town twice as much and taken three years.",
    "The council will meet again in a fortnight to choose the builders, and to hear what the owners of the cafés have to say.",
];

pub(super) fn article() -> String {
    PARAGRAPHS.map(|p| format!("<p>{p}</p>")).concat()
}

#[test]
fn an_ordinary_page() {
    let html = format!(
        "<html lang=en><head><title>Pier to be rebuilt | Coastwatch</title><meta property=og:site_name content=Coastwatch>\
         <meta property='article:published_time' content='2026-03-03T10:00:00Z'></head><body>\
         <nav><ul><li><a href=/>Home</a><li><a href=/w>World</a></ul></nav><h1>Pier to be rebuilt</h1>\
         <p class=byline>By <a rel=author href=/a>Anna Moor</a></p><article>{}</article>\
         <footer><p>© 2026 Coastwatch. All rights reserved.</p></footer></body></html>",
        article()
    );
    let got = strip(Markup::Html, html).unwrap();
    assert_eq!(got.text, PARAGRAPHS.join("\n\n"));
    assert_eq!(got.title.as_deref(), Some("Pier to be rebuilt"));
    assert_eq!(got.authors, ["Anna Moor"]);
    assert_eq!(got.published_at.as_deref(), Some("2026-03-03T10:00:00Z"));
    assert_eq!(got.language_hint.as_deref(), Some("en"));
}

/// A page that a script is to fill, but which gives its text for machines.
#[test]
fn text_for_machines_stands_in_for_text_that_is_not_there() {
    let body = PARAGRAPHS.join("\\n\\n");
    let html = format!(
        "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"headline\":\"Pier to be rebuilt\",\"articleBody\":\"{body}\"}}\
         </script><div id=root></div>"
    );
    let got = strip(Markup::Html, html).unwrap();
    assert_eq!(got.text, PARAGRAPHS.join("\n\n"));
    assert_eq!(got.title.as_deref(), Some("Pier to be rebuilt"));
}

/// A wire item set between the page's own wire mark and its body.
#[test]
fn an_inset_story_is_taken_out_of_the_main_text() {
    let head = [
        "HARBOUR NEWS",
        "Lindmere votes to rebuild its pier, after a winter of storms",
        "By Anna Moor",
        "Lindmere (AFP) March 3, 2026",
    ];
    let inset = [
        "Engineer sees stone wall as cheaper in the end",
        "Oskar Bay (AFP) March 2, 2026 - A wall of stone would outlast three piers, an engineer who advises the ports of the coast said on Monday.",
        "\"Timber is a promise that the sea does not keep,\" Vera Lund told a meeting of harbour masters in Oskar Bay.",
        "She put the price of a wall at four million crowns, to be shared with the province.",
    ];
    let body = [
        "The town of Lindmere voted on Tuesday to rebuild its pier before the summer, after a winter of storms had carried off the old one.",
        PARAGRAPHS[1],
        PARAGRAPHS[2],
        "- Two cafés and a lighthouse -",
        PARAGRAPHS[3],
        "The pier was built in 1904 and has been lost to the sea three times since then, most recently in the flood of 1962.",
    ];
    let plain = [&head[..], &inset, &body].concat().join("\n\n");
    let html = format!(
        "<h1>{}</h1><div>{}<br>{}</div><div class=box><b>{}</b><p>{}</div>{}",
        head[1],
        head[2],
        head[3],
        inset[0],
        inset[1..].join("<p>"),
        body.map(|p| format!("<p>{p}</p>")).concat()
    );
    for (markup, page) in [(Markup::Plain, plain), (Markup::Html, html)] {
        let got = strip(markup, page).unwrap();
        assert_eq!(got.text, body.join("\n\n"), "{markup:?}");
        assert_eq!(got.title.as_deref(), Some(head[1]));
        assert_eq!(got.authors, ["Anna Moor"]);
        assert_eq!(got.agency.as_deref(), Some("AFP"));
        let dateline = got.dateline.unwrap();
        assert_eq!(
            (dateline.place.as_deref(), dateline.date.as_deref()),
            (Some("Lindmere"), Some("2026-03-03"))
        );
        assert_eq!(got.stories.len(), 1);
        assert_eq!(got.stories[0].title.as_deref(), Some(inset[0]));
        assert_eq!(got.stories[0].text, inset[1..].join("\n\n"));
        let dateline = got.stories[0].dateline.clone().unwrap();
        assert_eq!(
            (dateline.place.as_deref(), dateline.date.as_deref()),
            (Some("Oskar Bay"), Some("2026-03-02"))
        );
    }
}

#[test]
fn wire_marks_leave_the_text_where_that_is_configured() {
    let mark = "LINDMERE, March 3 (Reuters) - ";
    let body = PARAGRAPHS.map(|p| format!("<p>{p}</p>")).concat().replacen("<p>", &format!("<p>{mark}"), 1);
    let page = page(Markup::Html, format!("<h1>Pier to be rebuilt</h1><article>{body}</article>"));
    for (wire_marks, text) in [
        (WireMarks::Keep, format!("{mark}{}", PARAGRAPHS.join("\n\n"))),
        (WireMarks::Strip, PARAGRAPHS.join("\n\n")),
    ] {
        let got = StripBoilerplate::new(&Config { wire_marks, ..Config::default() }).strip(&page).unwrap();
        assert_eq!(got.text, text, "{wire_marks:?}");
        assert_eq!(got.agency.as_deref(), Some("Reuters"));
        assert_eq!(got.dateline.unwrap().place.as_deref(), Some("Lindmere"));
    }
    assert_ne!(
        version(&Config { wire_marks: WireMarks::Strip, ..Config::default() }),
        version(&Config::default())
    );
}

/// What `explain` says is what `strip` did: the blocks that it calls kept are the text.
fn explained(markup: Markup, body: &str) -> Vec<ExplainedBlock> {
    let blocks = StripBoilerplate::new(&Config::default()).explain(&page(markup, body)).blocks;
    let kept: Vec<&str> = blocks.iter().filter(|b| b.kept).flat_map(|b| b.text.split_whitespace()).collect();
    let text = strip(markup, body).map(|got| got.text).unwrap_or_default();
    assert_eq!(kept, text.split_whitespace().collect::<Vec<_>>(), "{markup:?} {body}");
    blocks
}

#[test]
fn explained_is_what_was_done() {
    let told = [PARAGRAPHS, PARAGRAPHS].concat().join("\\n\\n");
    let data = format!(
        "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"articleBody\":\"{told}\"}}</script>"
    );
    let head = "<h1>Pier to be rebuilt</h1><p>By Anna Moor</p><p>3 March 2026</p>";
    let article = article();
    for (body, roles, paragraphs) in [
        (format!("{head}{article}"), [Role::Title, Role::Byline, Role::Date].as_slice(), 4),
        // The page shows nothing, or next to nothing, of its text.
        (format!("{data}<div id=root></div>"), &[], 8),
        (format!("{data}<p>Loading, please wait.</p>"), &[], 8),
    ] {
        let blocks = explained(Markup::Html, &body);
        let got: Vec<Role> = blocks.iter().map(|b| b.role).collect();
        assert_eq!(got, [roles, &vec![Role::MainText; paragraphs]].concat(), "{body}");
    }
    // Nothing is kept of a page that is rejected, and its blocks are named all the same.
    let wall = "<p>We and our partners store cookies on your device, with your consent, to measure how the site is read.</p>";
    let blocks = explained(Markup::Html, &wall.repeat(4));
    assert!(blocks.len() == 4 && blocks.iter().all(|b| !b.kept && b.role == Role::Appeal), "{blocks:?}");
    assert!(explained(Markup::Html, "").is_empty());
}

#[test]
fn pages_without_text_are_empty() {
    for body in ["", "<html><body><script>1</script></body></html>", "<!-- only a comment", "\0\0"] {
        assert_eq!(strip(Markup::Html, body).unwrap_err().0, Reason::Empty, "{body:?}");
    }
    assert_eq!(strip(Markup::Plain, " \n\n \u{0}").unwrap_err().0, Reason::Empty);
}

#[test]
fn kickers_are_one_line_or_none() {
    let section = |kicker: &str| {
        let html = format!("<h2 class=kicker>{kicker}</h2><h1>Pier to be rebuilt</h1>{}", article());
        let got = strip(Markup::Html, html).unwrap();
        assert_eq!(promises::of_extracted(&got), Ok(()));
        got.section
    };
    assert_eq!(section("»!★").as_deref(), None);
    assert_eq!(section("» Town<br>and harbour").as_deref(), Some("Town and harbour"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the page, there is an outcome; and where there is one, there is text, all of it from the page.
    #[test]
    fn any_markup_has_an_outcome(pieces in proptest::collection::vec(piece(), 0..60)) {
        let body = pieces.concat();
        for markup in [Markup::Html, Markup::Plain] {
            explained(markup, &body);
            if let Ok(got) = strip(markup, body.clone()) {
                prop_assert_eq!(promises::of_extracted(&got), Ok(()));
                if markup == Markup::Plain {
                    for word in got.text.split_whitespace() {
                        prop_assert!(body.contains(word), "{word:?} is not on the page");
                    }
                }
            }
        }
    }

    /// Readers keep their promises, and every character that they keep was on the page.
    #[test]
    fn readers_make_nothing_up(pieces in proptest::collection::vec(piece(), 0..60)) {
        let body = pieces.concat();
        let written: std::collections::BTreeSet<char> = body.chars().chain(html::decode_all(&body).chars()).collect();
        let rule = site_rules::Selectors::new(&["td, a, p".to_owned()], &["ul, .share > p".to_owned()]).unwrap();
        for doc in [html::read(&body), html::read_with(&body, Some(&rule)), plain::read(&body)] {
            prop_assert_eq!(promises::of_document(&doc), Ok(()));
            for c in doc.text.chars().filter(|c| !c.is_whitespace()) {
                prop_assert!(written.contains(&c), "{c:?} is not on the page");
            }
        }
    }
}

fn piece() -> impl Strategy<Value = String> {
    let fixed = [
        "<p>",
        "</p>",
        "<div class='share hidden'>",
        "</div>",
        "<table><tr><td>",
        "</table>",
        "<a href=x>",
        "</a>",
        "<br>",
        "<ul><li>",
        "</ul>",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "&amp;",
        "&#x41;",
        "&nbsp",
        "<h1>",
        "</h1>",
        "<",
        ">",
        "\"",
        "<time datetime=2020-01-01>",
        "<pre>",
        "</pre>",
        "\n",
        "<svg/>",
        "<td>",
        "</tr>",
        "<li hidden>",
        "<title>",
        "</title>",
        "<h2 class='kicker headline'>",
        "</h2>",
        "<span class=byline rel=author>By Anna Moor",
        "</span>",
        "<tr><th>",
        "<figure><figcaption>",
        "<template>",
        "<p>PORT ALBAN, June 11 (AFP) - ",
        "11 June 2020",
        "<meta property=og:title content='Pier to be rebuilt'>",
        "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"author\":[\"A\\nB\"],\"headline\":\"Pier\\u2028\"}</script>",
        "\u{2028}",
    ];
    prop_oneof![
        proptest::sample::select(fixed.to_vec()).prop_map(str::to_owned),
        proptest::sample::select(PARAGRAPHS.to_vec()).prop_map(str::to_owned),
        "\\PC{0,30}",
    ]
}

/// The same, where the text stands in the state that the script starts from.
#[test]
fn text_in_scripts_stands_in_for_text_that_is_not_there() {
    let state = serde_json::json!({"title": "Pier to be rebuilt", "contentHtml": article().repeat(2)});
    let html = format!(
        "<title>Pier to be rebuilt</title><div id=root>Loading</div><script>window.state = {state}; start()</script>"
    );
    let got = strip(Markup::Html, html).unwrap();
    assert!(got.text.starts_with(PARAGRAPHS[0]), "{}", got.text);
    assert!(!got.text.contains("Loading"));
    // A page that shows its text is read as it is shown.
    let state =
        serde_json::json!({"contentHtml": "<p>Another story of the day, told at length. </p>".repeat(40)});
    let html = format!("<article>{}</article><script>window.state = {state}</script>", article());
    assert_eq!(strip(Markup::Html, html).unwrap().text, PARAGRAPHS.join("\n\n"));
}

#[test]
fn boxes_beside_the_text_are_left_out() {
    let wrong = [
        "<div class=thumb><p class=thumb-caption>The pier in January, before the storm took it</p></div>",
        "<p>Les også: <a href=/x>Fiskerne vil ha en mur av stein</a></p>",
        "<p>【関連記事】<a href=/x>港町の桟橋、再建へ</a></p>",
        "<div id=onetrust-consent-sdk><div><p>When you visit a site it may store information in your browser, in the \
         form of cookies, to make it work as you expect it to.</p></div></div>",
    ];
    for wrong in wrong {
        let [first, rest @ ..] = PARAGRAPHS.map(|p| format!("<p>{p}</p>"));
        let html =
            format!("<h1>Pier to be rebuilt</h1><div class=text>{first}{wrong}{}</div>", rest.concat());
        assert_eq!(strip(Markup::Html, html).unwrap().text, PARAGRAPHS.join("\n\n"), "{wrong}");
    }
}

/// What a box of offers stands amid goes on behind it.
#[test]
fn text_goes_on_behind_offers() {
    let offers = "<div class=paywall><h3>Subscribe now</h3><ul><li>Read every story of the day<li>Join the conversation \
                  in the comments<li>Get the newsletter by e-mail</ul><p>Create an account or sign in</p></div>";
    let [first, rest @ ..] = PARAGRAPHS.map(|p| format!("<p>{p}</p>"));
    let html = format!("<h1>Pier to be rebuilt</h1><article>{first}{offers}{}</article>", rest.concat());
    assert_eq!(strip(Markup::Html, html).unwrap().text, PARAGRAPHS.join("\n\n"));
}

#[test]
fn the_headline_of_plain_text_agrees_with_the_address() {
    let lines = [
        "Coastwatch",
        "Home",
        "World",
        "Weather warning for the whole coast",
        "Two million for a pier in Lindmere",
    ];
    let mut page = page(Markup::Plain, lines.into_iter().chain(PARAGRAPHS).collect::<Vec<_>>().join("\n"));
    page.url =
        Some("https://www.coastwatch.example/2026/two-million-for-a-pier-in-lindmere-1234.html".to_owned());
    let got = StripBoilerplate::new(&Config::default()).strip(&page).unwrap();
    assert_eq!(got.title.as_deref(), Some("Two million for a pier in Lindmere"));
    assert_eq!(got.text, PARAGRAPHS.join("\n\n"));
}

#[test]
fn lone_words_for_advertising_are_no_text() {
    for word in ["Publicité", "Reklam", "Werbung", "Anuncio", "- ADVERTISEMENT -", "広告"] {
        let [a, b, c, d] = PARAGRAPHS;
        let lines = [a, b, word, c, d].join("\n\n");
        assert_eq!(strip(Markup::Plain, lines).unwrap().text, PARAGRAPHS.join("\n\n"), "{word}");
        let html =
            format!("<h1>Pier</h1><article><p>{a}</p><p>{b}</p><p>{word}</p><p>{c}</p><p>{d}</p></article>");
        let blocks = explained(Markup::Html, &html);
        let role = blocks.iter().find(|b| b.text == word).map(|b| (b.kept, b.role));
        assert_eq!(role, Some((false, Role::Advertisement)), "{word}");
        assert_eq!(strip(Markup::Html, html).unwrap().text, PARAGRAPHS.join("\n\n"), "{word}");
    }
    // A line that heads what follows it, or stands alone, says more.
    let [a, b, ..] = PARAGRAPHS;
    let html = format!("<h1>Pier</h1><article><p>{a}</p><h2>Werbung</h2><p>{b}</p></article>");
    assert!(strip(Markup::Html, html).unwrap().text.contains("Werbung"));
    assert_eq!(strip(Markup::Plain, "Werbung").unwrap().text, "Werbung");
}

#[test]
fn a_short_first_line_is_no_line_of_names() {
    let page = |first: &str| {
        format!(
            "<meta name=author content='Anna Moor'><h1>Pier to be rebuilt</h1><article><p>{first}</p>{}</article>",
            article()
        )
    };
    let text = |first: &str| strip(Markup::Html, page(first)).unwrap().text;
    assert_eq!(text("Anna Moor"), PARAGRAPHS.join("\n\n"));
    assert_eq!(text("*"), PARAGRAPHS.join("\n\n"));
    assert!(!fields::only_names("Why?", &["Anna Moor".to_owned()]));
    assert!(fields::only_names("Anna Moor, AP", &["Anna Moor".to_owned()]));
}

#[test]
fn a_page_that_is_cut_says_so() {
    let page = |lines: usize| PARAGRAPHS.join("\n\n") + &"\n\nHome".repeat(lines);
    let got = |lines: usize| strip(Markup::Plain, page(lines)).unwrap();
    assert!(!got(20).truncated);
    assert!(got(bounds::BLOCKS).truncated && got(bounds::BLOCKS).text.contains(PARAGRAPHS[0]));
}
