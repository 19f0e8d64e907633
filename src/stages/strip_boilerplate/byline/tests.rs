//! Who signs pages written for it.

use super::super::tests::strip;
use crate::record::Markup;

const TEXT: &str = "<p>The harbour town of Lindmere voted on Tuesday to rebuild its pier, which the storms had carried off.</p>\
    <p>Mayor Anna Holt said that work would begin before the summer, and that the town would pay two million crowns.</p>\
    <p>Fishermen had asked for a wall of stone instead, which would have cost the town twice as much, they said.</p>";

/// People and organizations of a page with these elements in its head, above and below its text.
fn signed(head: &str, above: &str, below: &str) -> (Vec<String>, Vec<String>) {
    let html = format!(
        "<html><head><title>Pier to be rebuilt</title><meta property=og:type content=article>\
         <meta property=og:site_name content=Coastwatch>{head}</head>\
         <body><main><h1>Pier to be rebuilt</h1>{above}<article>{TEXT}</article>{below}</main></body></html>"
    );
    let got = strip(Markup::Html, html).unwrap();
    (got.authors, got.organizations)
}

fn check(head: &str, above: &str, below: &str, people: &[&str], organizations: &[&str]) {
    let (authors, signing) = signed(head, above, below);
    assert_eq!(authors, people, "{head} {above} {below}");
    assert_eq!(signing, organizations, "{head} {above} {below}");
}

fn ld(author: &str) -> String {
    format!(
        "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"headline\":\"Pier to be rebuilt\",\"author\":{author}}}</script>"
    )
}

#[test]
fn data_counts_where_the_page_shows_it() {
    let account = "<meta name=author content='Carl Webmann'>";
    check(account, "<p>Carl Webmann</p>", "", &["Carl Webmann"], &[]);
    check(account, "", "", &[], &[]);
    check(account, "", "<footer>Site by Carl Webmann</footer>", &[], &[]);
    check(account, "<p>By Maya Moor</p>", "", &["Maya Moor"], &[]);
    // The page's own words for a byline, given to services.
    let label =
        "<meta name='twitter:label1' content='Written by'><meta name='twitter:data1' content='Maya Moor'>";
    check(label, "", "", &["Maya Moor"], &[]);
    check(label, "", "<div style='display:none'>Maya Moor</div>", &[], &[]);
    let time =
        "<meta name='twitter:label1' content='Reading time'><meta name='twitter:data1' content='Maya Moor'>";
    check(time, "", "", &[], &[]);
}

#[test]
fn names_of_linked_data() {
    check(&ld("{\"@type\":\"Person\",\"name\":\"Maya Moor\"}"), "", "", &["Maya Moor"], &[]);
    check(
        &ld("{\"@type\":\"Person\",\"givenName\":\"Maya\",\"familyName\":\"Moor\"}"),
        "",
        "",
        &["Maya Moor"],
        &[],
    );
    // A site signs where nobody else does.
    let site = ld("{\"@type\":\"Organization\",\"name\":\"Coastwatch\"}");
    check(&site, "", "", &[], &["Coastwatch"]);
    check(&site, "<p>By Maya Moor</p>", "", &["Maya Moor"], &[]);
    check(&ld("\"Maya\""), "<p>By Maya Moor</p>", "", &["Maya Moor"], &[]);
    let fuller = ld("\"Maya Moor\"") + "<meta name=author content='Maya Moor, Jan Berg'>";
    check(&fuller, "<p>By Maya Moor and Jan Berg</p>", "", &["Maya Moor", "Jan Berg"], &[]);
    let agency =
        ld("[{\"@type\":\"Person\",\"name\":\"Maya Moor\"},{\"@type\":\"Organization\",\"name\":\"AFP\"}]");
    check(&agency, "<p class=author>AFP</p>", "", &["Maya Moor"], &["AFP"]);
}

#[test]
fn links_and_boxes_of_authors() {
    check("", "<p><a href='/author/marc/'>marc</a> wrote this</p>", "", &["marc"], &[]);
    check("", "<span class='author vcard'>by <a class='url fn n'>gull77</a></span>", "", &["gull77"], &[]);
    check("", "<div class=byline>by marc</div>", "", &["marc"], &[]);
    let lines = "<div rel=author><p>Maya Moor</p><p>Follow</p><p>All articles</p></div>";
    check("", lines, "", &["Maya Moor"], &[]);
    let comments =
        "<div class=comments><div class=comment><span class=author>Jan Berg</span><p>Nice.</p></div></div>";
    check("", "", comments, &[], &[]);
    check("", "", "<div class=author-box><p>Maya Moor</p></div>", &["Maya Moor"], &[]);
    check("", "<figure><img src=a><span class=author>Jan Berg</span></figure>", "", &[], &[]);
}

#[test]
fn lines_around_the_text() {
    check("", "<p>3 March 2026 | By Maya Moor</p>", "", &["Maya Moor"], &[]);
    check("", "<p>Maya Moor</p><p>3 March 2026</p>", "", &["Maya Moor"], &[]);
    check("", "<p class=tag>Maya Moor</p><p>3 March 2026</p>", "", &[], &[]);
    check("", "", "<p>(Reporting by Maya Moor; editing by Jan Berg)</p>", &["Maya Moor"], &[]);
    check("", "<p>By Staff Writers</p>", "", &[], &[]);
    check("", "", "", &[], &[]);
}
