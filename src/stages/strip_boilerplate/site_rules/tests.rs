//! Rules of sites: which holds, and what selectors find.

use std::sync::Arc;

use super::*;
use crate::record::{Markup, Page, Reason};
use crate::stages::strip_boilerplate::tests::{PARAGRAPHS, article, page};
use crate::stages::strip_boilerplate::{Config, StripBoilerplate, html};

fn selectors(take: &[&str], drop: &[&str]) -> Result<Selectors, Vec<String>> {
    let owned = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    Selectors::new(&owned(take), &owned(drop))
}

/// Texts of the blocks, those taken with a star before them.
fn read(page: &str, take: &[&str], drop: &[&str]) -> Vec<String> {
    let doc = html::read_with(page, Some(&selectors(take, drop).unwrap()));
    let taken = taken(&doc).unwrap_or_else(|| vec![false; doc.blocks.len()]);
    let star = |index: usize| if taken[index] { "*" } else { "" };
    (0..taken.len()).map(|index| format!("{}{}", star(index), doc.text_of(index))).collect()
}

const PAGE: &str = "<html class=home><body id=top><div class='box lead' data-kind='a poll'><p>one<p>two <span class=ad>buy</span> end\
    </div><article><h2>head</h2><section><p class=box>three</p></section></article><ul><li>four<li class=x>five</ul></body>";

#[test]
fn what_selectors_take() {
    for (selector, wanted) in [
        (".box", "one|two buy end|three"),
        ("div.box.lead", "one|two buy end"),
        ("DIV.lead", "one|two buy end"),
        ("div.Lead", ""),
        ("p.box", "three"),
        ("article p", "three"),
        ("article > p", ""),
        ("article>section > p", "three"),
        ("body article .box", "three"),
        ("html.home > body#top > div > p", "one|two buy end"),
        ("#top", "one|two buy end|head|three|four|five"),
        (".ad", "two buy end"),
        ("[data-kind]", "one|two buy end"),
        ("[data-kind='a poll']", "one|two buy end"),
        ("[DATA-kind~=poll]", "one|two buy end"),
        ("[data-kind^=a]", "one|two buy end"),
        ("[data-kind$=oll]", "one|two buy end"),
        ("[data-kind*=' p']", "one|two buy end"),
        ("[data-kind=a]", ""),
        ("li.x, h2", "head|five"),
        ("ul *", "four|five"),
        (".missing .box", ""),
    ] {
        let got = read(PAGE, &[selector], &[]);
        let taken: Vec<_> = got.iter().filter_map(|text| text.strip_prefix('*')).collect();
        assert_eq!(taken.join("|"), wanted, "{selector}");
        assert_eq!(got.len(), 6, "{selector}");
    }
}

#[test]
fn what_is_dropped_is_not_read() {
    assert_eq!(read(PAGE, &[], &["div.box"]), ["head", "three", "four", "five"]);
    assert_eq!(read(PAGE, &["article"], &[".box"]), ["*head", "four", "five"]);
    assert_eq!(read(PAGE, &[], &[".ad", "li"])[..2], ["one", "two end"]);
    assert_eq!(read(PAGE, &[], &["body"]), [""; 0]);
    // Both on one element: it is dropped. What is left open ends with what it stands in.
    assert_eq!(read(PAGE, &["ul"], &["ul"]).last().unwrap(), "three");
    assert_eq!(read("<div><div class=x><p>a<b>b</div><p>c</div><p>d", &[], &[".x"]), ["c", "d"]);
    let page = "<div class=x><time datetime=2026-01-01>1</time><span itemprop=author content=A>A</span></div><p>b &lt; < c";
    let doc = html::read_with(page, Some(&selectors(&[], &[".x"]).unwrap()));
    assert!(doc.meta.times.is_empty() && doc.meta.authors.is_empty() && doc.marks.is_empty());
    assert_eq!((doc.text.as_str(), doc.ruled.len()), ("b < < c", 1));
    assert!(page[doc.ruled[0].source.start as usize..].starts_with("<time"));
}

#[test]
fn rows_that_are_joined_stay_taken() {
    let page = "<p>a<table><tr><td class=n>Lindmere<td>412<tr><td>Sorby<td>9</table><p class=n>b";
    assert_eq!(read(page, &[".n"], &[]), ["a", "*Lindmere\t412", "Sorby\t9", "*b"]);
    assert_eq!(read(page, &["table"], &[]), ["a", "*Lindmere\t412", "*Sorby\t9", "b"]);
    assert_eq!(read(page, &["td"], &[".n"]), ["a", "*412", "*Sorby\t9"]);
}

#[test]
fn a_rule_does_not_change_what_it_does_not_name() {
    let rule = selectors(&[".nowhere"], &["#never > .x"]).unwrap();
    for page in [PAGE, "<p>a<br>b", "<div><a href=x>l</a><table><tr><td>1<td>2</table>"] {
        let (with, without) = (html::read_with(page, Some(&rule)), html::read(page));
        assert_eq!(format!("{with:?}"), format!("{without:?}"));
    }
}

#[test]
fn mistakes_are_said() {
    for (selector, part) in [
        ("p:first-child", "`:` at character 2: pseudo-classes are not known"),
        ("h1 + p", "`+` at character 4: neighbours"),
        ("", "ends at character 1"),
        ("div,", "ends at character 5"),
        ("div..x", "a name is missing at character 5"),
        ("[x", "`]` or `=` is missing at character 3"),
        ("[x=']", "the ' at character 5 is not closed"),
        ("[x^='']", "is empty"),
        ("p > em", "`em` elements are read past"),
        (".ä p!", "`!` at character 5"),
    ] {
        let problems = selectors(&[selector], &[]).unwrap_err();
        assert!(problems.len() == 1 && problems[0].contains(part), "{selector}: {problems:?}");
        assert!(problems[0].starts_with(&format!("take `{selector}`")));
    }
    let many = vec!["div p"; 33];
    assert!(selectors(&many, &[]).unwrap_err()[0].contains("66 parts, more than 64"));
    assert!(selectors(&many[..32], &[]).is_ok());
}

fn site(host: &str, path: &str) -> Site {
    Site { host: host.to_owned(), path: path.to_owned(), take: vec!["p".to_owned()], ..Site::default() }
}

#[test]
fn the_nearest_rule_holds() {
    let rules = SiteRules::new(vec![
        site("a.example", ""),
        site("a.example", "/sport/"),
        site("b.a.example", "/x"),
        site("Bücher.example", ""),
        site("127.0.0.1", ""),
    ])
    .unwrap();
    let of = |url: &str| rules.of(url).map(|rule| format!("{}{}", rule.site.host, rule.site.path));
    for (url, wanted) in [
        ("https://a.example/", "a.example"),
        ("https://www.a.example:8080/sports", "a.example"),
        ("https://a.example/sport/1", "a.example/sport/"),
        ("https://c.b.a.example/x/1", "b.a.example/x"),
        ("https://b.a.example/y", "a.example"),
        ("https://A.EXAMPLE/", "a.example"),
        ("http://b%C3%BCcher.example/1", "Bücher.example"),
        ("http://127.0.0.1/", "127.0.0.1"),
    ] {
        assert_eq!(of(url).as_deref(), Some(wanted), "{url}");
    }
    for url in ["https://ba.example/", "https://example/", "a.example", "", "mailto:a.example"] {
        assert_eq!(of(url), None, "{url}");
    }
    assert_eq!(rules.len(), 5);
}

#[test]
fn rules_that_cannot_hold_are_refused() {
    let wrong = Site {
        path: "sport".to_owned(),
        language: Some("deu".to_owned()),
        section: Some(String::new()),
        ..site("https://a.example/", "")
    };
    let problems = SiteRules::new(vec![site("a.example", ""), wrong, site("A.example", ""), Site::default()]);
    let problems = problems.unwrap_err().join("\n");
    for part in [
        "site 2 (https://a.example/): host is no host name",
        "site 2 (https://a.example/): path `sport` does not begin",
        "`deu` is not a code that is ever given",
        "section is to have 1 to 60 characters",
        "site 3 (A.example): has a rule already",
        "site 4 (): says nothing",
    ] {
        assert!(problems.contains(part), "{part}\n{problems}");
    }
}

#[test]
fn what_makes_texts_has_a_version() {
    let version = |sites: &[Site]| SiteRules::new(sites.to_vec()).unwrap().text_version();
    let named = Site { take: vec![], language: Some("de".to_owned()), ..site("a.example", "") };
    assert_eq!((version(&[]), version(std::slice::from_ref(&named))), (None, None));
    let one = version(&[site("a.example", ""), Site { host: "b.example".to_owned(), ..named.clone() }]);
    assert!(one.is_some() && one == version(&[site("A.example", "")]));
    let more = [site("a.example", ""), site("b.example", "")];
    assert!(version(&more) != one && version(&more) == version(&[more[1].clone(), more[0].clone()]));
    let moved = Site { take: vec![], drop: vec!["p".to_owned()], ..site("a.example", "") };
    assert_ne!(version(std::slice::from_ref(&moved)), one);
}

/// The stage with one rule for the host of its test pages.
fn stage(rule: Site) -> StripBoilerplate {
    let rules = SiteRules::new(vec![Site { host: "coastwatch.example".to_owned(), ..rule }]).unwrap();
    StripBoilerplate::new(&Config { site_rules: Arc::new(rules), ..Config::default() })
}

fn whole_page() -> Page {
    let menu = "<nav><ul><li><a href=/>Home</a><li><a href=/w>World</a></ul></nav>";
    let box_ = "<div class=box><p>The café of the museum sells its own bread on Sundays, and the bakers say that it is the best.</p></div>";
    page(
        Markup::Html,
        format!(
            "<html lang=en><title>Pier to be rebuilt</title><body>{menu}<h1>Pier to be rebuilt</h1>{box_}\
             <article id=story>{}</article><p>© 2026 Coastwatch</p></body></html>",
            article()
        ),
    )
}

#[test]
fn what_is_taken_is_the_text_and_what_the_rule_says_stands() {
    let words = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    let text = PARAGRAPHS.join("\n\n");
    let page = whole_page();
    let boxed = Site { take: words(&[".box"]), section: Some("Food".to_owned()), ..Site::default() };
    let got = stage(boxed.clone()).strip(&page).unwrap();
    assert!(got.text.starts_with("The café of the museum") && !got.text.contains("Mayor"), "{}", got.text);
    assert_eq!((got.title.as_deref(), got.section.as_deref()), (Some("Pier to be rebuilt"), Some("Food")));
    let report = stage(boxed).site_rule(&page).unwrap();
    assert_eq!((report.take[0].selector.as_str(), report.take[0].blocks.len()), (".box", 1));
    // What finds nothing leaves the page to the model.
    let nowhere = stage(Site { take: words(&["#nowhere"]), ..Site::default() });
    assert_eq!(nowhere.strip(&page), StripBoilerplate::new(&Config::default()).strip(&page));
    assert_eq!(nowhere.site_rule(&page).unwrap().take[0].blocks, [0; 0]);
    let dropped = stage(Site { drop: words(&[".box, nav"]), ..Site::default() });
    assert_eq!(dropped.strip(&page).unwrap().text, text);
    let report = dropped.site_rule(&page).unwrap();
    let of = |n: usize| (report.dropped[n].selector.as_str(), report.dropped[n].text.as_str());
    assert_eq!(of(0), ("nav", "Home\nWorld"));
    assert!(of(1).0 == ".box" && of(1).1.starts_with("The café"));
    // With everything dropped nothing is left.
    let (reason, _) = stage(Site { drop: words(&["body"]), ..Site::default() }).strip(&page).unwrap_err();
    assert_eq!(reason, Reason::Empty);
    let other = Page { url: Some("https://other.example/".to_owned()), ..whole_page() };
    assert_eq!(dropped.site_rule(&other), None);
    assert_eq!(dropped.strip(&Page { url: None, ..whole_page() }), nowhere.strip(&other));
}

#[test]
fn a_text_for_machines_does_not_replace_what_is_taken() {
    let body = format!("{} ", PARAGRAPHS.join(" ")).repeat(6);
    let data = format!(
        "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"articleBody\":{body:?}}}</script>"
    );
    let page = page(Markup::Html, format!("{data}<div class=box><p>{}</p></div>", PARAGRAPHS[0]));
    let taken = stage(Site { take: vec![".box".to_owned()], ..Site::default() });
    assert_eq!(taken.strip(&page).unwrap().text, PARAGRAPHS[0]);
    assert!(StripBoilerplate::new(&Config::default()).strip(&page).unwrap().text.len() > 1_000);
}

#[test]
fn a_language_that_a_rule_says_is_sure() {
    use crate::stages::detect_language::DetectLanguage;
    let said =
        stage(Site { language: Some("ga".to_owned()), ..Site::default() }).strip(&whole_page()).unwrap();
    let config = detect_language::Config { languages: vec!["de".to_owned()], ..Default::default() };
    let language = DetectLanguage::new(&config).detect(&said, Some("de"));
    assert_eq!((language.code.as_str(), language.confidence, language.alternatives.len()), ("ga", 1.0, 0));
}
