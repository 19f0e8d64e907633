//! What is said of a page, on pages written for it.

use std::sync::Arc;

use super::*;
use crate::record::{Hash128, Markup, Origin, Source};
use crate::stages::strip_boilerplate::Config;
use crate::stages::strip_boilerplate::html;
use crate::stages::strip_boilerplate::site_rules::{Site, SiteRules};

const PAGE: &str = "<html lang=en><head><title>Ferries stay in port | Coastwatch</title>\
    <meta property=og:title content='Ferries stay in port'>\
    <meta name=author content='Ada Lindqvist'></head><body>\
    <nav><ul><li><a href=/>News</a></li><li><a href=/sport>Sport and games</a></li></ul></nav>\
    <article><h1>Ferries stay in port</h1><p class=byline>By Ada Lindqvist</p><time datetime=2026-01-31T08:00Z>31 January 2026</time>\
    <p>The ferries between the islands stayed in port on Saturday, as the crews went on strike over their pay and hours.</p>\
    <p>The union said on Friday that its members would not work before the company made another offer to them.</p>\
    <p>The company, which runs forty ships, said that it could not pay more, and that it hoped for talks next week.</p>\
    <p>Islanders queued at the harbour for the one boat that the coast guard had sent to carry the sick and the old.</p>\
    </article><footer><p>Copyright Coastwatch. All rights reserved. Terms of use, privacy, imprint.</p></footer></body></html>";

fn page(body: &str) -> Page {
    Page {
        origin: Origin { source: Source::File { input: "test".into(), line: 1 }, body: Hash128::default() },
        page_id: "1".to_owned(),
        url: Some("https://www.coastwatch.example/2026/01/31/ferries-stay-in-port".to_owned()),
        fetched_at: None,
        markup: Markup::Html,
        body: body.to_owned(),
        language_hint: None,
        extra: None,
    }
}

fn log_odds(score: f32) -> f32 {
    (score / (1.0 - score)).ln()
}

#[test]
fn weights_and_base_make_the_score() {
    let stage = StripBoilerplate::new(&Config::default());
    let Decoded { doc, scores, .. } = stage.decode(&page(PAGE), None);
    let measured = Measured::new(&doc, &stage.model.lexicon);
    let mut rows = measured.rows();
    let first = stage.model.first.score(&rows);
    let by_first = Attribution::new(&stage.model.first, &rows).of(&rows[4]);
    measured.second_reading(&mut rows, &first);
    let second = Attribution::new(&stage.model.second, &rows);
    let names = rows::all();
    let mut shifts = vec![0.0; rows.len()];
    evidence::signs(&doc, &measured, &stage.model.second.score(&rows), |i, sign| shifts[i] += sign.shift());
    assert!(shifts.iter().any(|shift| *shift < 0.0), "the page's foot speaks for its site");
    for ((row, score), shift) in rows.iter().zip(&scores).zip(shifts) {
        let mut by = second.of(row);
        spread(&mut by, &head(&by_first));
        let sum: f32 = gathered(&names, row, &by).iter().map(|weight| weight.by).sum();
        let odds = second.base() + sum + shift;
        assert!((odds - log_odds(*score)).abs() < 0.02, "{odds} is not {score}");
    }
}

#[test]
fn features_are_said_in_the_order_of_the_rows() {
    let doc = html::read(PAGE);
    let stage = StripBoilerplate::new(&Config::default());
    let measured = Measured::new(&doc, &stage.model.lexicon);
    let rows = measured.rows();
    let names = rows::all();
    let says = |block: &str, what: &str| {
        let index = (0..doc.blocks.len()).find(|i| doc.text_of(*i).starts_with(block)).unwrap();
        let all: Vec<String> = names.iter().zip(rows[index]).map(|(name, value)| name.said(value)).collect();
        assert!(all.iter().any(|said| said == what), "{block}: {what}\n{all:#?}");
    };
    says("News", "100 % of its text is in links");
    says("News", "in navigation");
    says("Sport", "in a list");
    says("Ferries", "it is the page's title");
    says("Ferries", "at the first-level heading");
    says("Ferries", "8 blocks from it to the end");
    says("By Ada", "its own box is named for authors");
    says("The ferries", "in an <article>");
    says("The ferries", "1 sentences");
    says("Copyright", "words of rights and terms");
    says("Copyright", "a page of HTML");
}

#[test]
fn candidates_are_named_with_the_one_that_won() {
    let explained = StripBoilerplate::new(&Config::default()).explain(&page(PAGE));
    assert_eq!(explained.read_from, ReadFrom::Page);
    let field = |name: &str| explained.fields.iter().find(|field| field.name == name).unwrap();
    let won = |name: &str| -> Vec<(&str, &str)> {
        let candidates = field(name).candidates.iter().filter(|candidate| candidate.won);
        candidates.map(|candidate| (candidate.value.as_str(), candidate.from.as_str())).collect()
    };
    assert_eq!(won("title"), [("Ferries stay in port", "<h1> heading")]);
    assert!(field("title").candidates.iter().any(|c| c.from == "<title>" && c.value.ends_with("Coastwatch")));
    assert_eq!(field("authors").values, ["Ada Lindqvist"]);
    assert_eq!(won("authors")[0], ("Ada Lindqvist", "meta elements"));
    assert_eq!(field("published_at").values, ["2026-01-31T08:00:00Z"]);
    let kinds: Vec<&str> = won("published_at").iter().map(|(_, from)| *from).collect();
    assert!(kinds.contains(&"what the page shows") && kinds.contains(&"the page's address"), "{kinds:?}");
}

#[test]
fn blocks_say_why() {
    let explained = StripBoilerplate::new(&Config::default()).explain(&page(PAGE));
    let block = |start: &str| explained.blocks.iter().find(|block| block.text.starts_with(start)).unwrap();
    assert!(block("The union").kept && block("The union").why.contains("reads like the article"));
    assert!(!block("Copyright").kept && block("Copyright").why.contains("does not read like"));
    assert!(block("Copyright").weights.iter().any(|weight| weight.by < 0.0));
    assert!(block("The union").weights.iter().any(|weight| weight.by > 0.0));
}

#[test]
fn a_page_that_shows_nothing_is_read_from_its_data() {
    let text = "The ferries between the islands stayed in port on Saturday, as the crews went on strike. "
        .repeat(12);
    let body = format!(
        "<title>Ferries</title><script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"headline\":\"Ferries\",\
         \"articleBody\":\"{text}\"}}</script><body><div id=app></div><p>Loading</p></body>"
    );
    let explained = StripBoilerplate::new(&Config::default()).explain(&page(&body));
    assert_eq!(explained.read_from, ReadFrom::StructuredData);
    assert!(explained.blocks.iter().all(|block| block.weights.is_empty() && block.chosen));
}

#[test]
fn a_rejected_page_has_its_blocks_and_no_fields() {
    let menu = "<li><a href=/a>A headline of some story</a></li>".repeat(30);
    let explained = StripBoilerplate::new(&Config::default()).explain(&page(&format!("<ul>{menu}</ul>")));
    assert!(explained.outcome.is_err() && explained.fields.is_empty());
    assert_eq!(explained.blocks.len(), 30);
    assert!(explained.blocks.iter().all(|block| !block.kept && block.why.contains("rejected")));
}

#[test]
fn what_a_rule_takes_is_said_to_be_taken() {
    let site = Site {
        host: "coastwatch.example".to_owned(),
        take: vec!["article p".to_owned()],
        language: Some("de".to_owned()),
        ..Site::default()
    };
    let config = Config { site_rules: Arc::new(SiteRules::new(vec![site]).unwrap()), ..Config::default() };
    let explained = StripBoilerplate::new(&config).explain(&page(PAGE));
    assert_eq!(explained.read_from, ReadFrom::Rule);
    let why = |start: &str| {
        let block = explained.blocks.iter().find(|block| block.text.starts_with(start)).unwrap();
        (block.kept, block.why.as_str(), block.weights.len())
    };
    assert_eq!(why("The union"), (true, "The rule of the site takes it.", 0));
    assert_eq!(why("Copyright"), (false, "The rule of the site does not take it.", 0));
    assert_eq!(explained.outcome.unwrap().language.as_deref(), Some("de"));
}
