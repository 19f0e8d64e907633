use crate::record::{Hash128, Markup, Origin, Page, Source};
use crate::stages::strip_boilerplate::{Config, StripBoilerplate};

const BODY: &str = "<p>The council of Varn has voted to reopen the harbour tunnel after three years of repairs, \
    and the first trams are to run through it before the summer.</p><p>Engineers had found water behind the eastern \
    wall, the mayor said, and the whole of the lining had to be taken out and set again by hand.</p>\
    <p>Tickets will cost what they did before, and children ride free of charge until the end of the year.</p>";

/// Publication and change of a page.
fn read(
    url: &str,
    fetched: Option<&str>,
    head: &str,
    above: &str,
    below: &str,
) -> (Option<String>, Option<String>) {
    let body = format!(
        "<html lang='en-GB'><head><title>Harbour tunnel reopens</title>{head}</head><body><main><article>\
         <h1>Harbour tunnel reopens</h1>{above}{BODY}{below}</article></main></body></html>"
    );
    let page = Page {
        origin: Origin { source: Source::File { input: "test".into(), line: 1 }, body: Hash128([0; 16]) },
        page_id: "1".to_owned(),
        url: Some(url.to_owned()),
        fetched_at: fetched.map(|t| t.parse().unwrap()),
        markup: Markup::Html,
        body,
        language_hint: None,
        extra: None,
    };
    let got = StripBoilerplate::new(&Config::default()).strip(&page).unwrap();
    (got.published_at, got.modified_at)
}

fn published(head: &str, above: &str, below: &str) -> Option<String> {
    read("https://news.example/tunnel", None, head, above, below).0
}

fn data(published: &str, modified: &str) -> String {
    format!(
        "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"headline\":\"Harbour tunnel reopens\",\
         \"datePublished\":\"{published}\",\"dateModified\":\"{modified}\"}}</script>"
    )
}

#[test]
fn dates_that_pages_show() {
    let check = |above: &str, expect: Option<&str>| {
        assert_eq!(published("", above, "").as_deref(), expect, "{above}");
    };
    check("<p>Published 11 June 2020</p>", Some("2020-06-11"));
    check("<p>By Ada Ruiz | 11/06/2020 at 14:05</p>", Some("2020-06-11"));
    check("<span>11.6.20</span>", Some("2020-06-11"));
    check("<p>ByAda RuizJun 11, 2020 | 6 comments</p>", Some("2020-06-11"));
    check("<p>12 June 2020 11 June 2020 by Ada Ruiz</p>", Some("2020-06-11"));
    check("<p>11 | 06 | 2020</p>", Some("2020-06-11"));
    check("<p>Posted by Ada Ruiz on 11 June 2020 at 14:05 (31 comments)</p>", Some("2020-06-11"));
    check("<p>11 June 2020 | Updated 12 June 2020</p>", Some("2020-06-11"));
    check(
        "<figure><figcaption><small>11 June 2020</small><h1>Harbour tunnel reopens</h1></figcaption></figure>",
        Some("2020-06-11"),
    );
    check("<p>Published 11 June 2020 Updated 12 June 2020</p>", Some("2020-06-11"));
    check("<p>Updated: 12 June 2020</p><p>Published: 11 June 2020</p>", Some("2020-06-11"));
    check("<p>Available until 12 June 2020</p>", None);
    check("<figcaption>The tunnel on 12 June 2020. (Photo: Ada Ruiz)</figcaption>", None);
    check("<p>11 June 2020, 14:00 – 16:00</p>", None);
    check("<p>11 June 2020 – 14 June 2020</p>", None);
    check("<div itemprop='review'><span>11 June 2020</span></div>", None);
}

#[test]
fn dates_below_the_text() {
    let check = |below: &str, expect: Option<&str>| {
        assert_eq!(published("", "", below).as_deref(), expect, "{below}");
    };
    check("<p>Published on 11 June 2020</p>", Some("2020-06-11"));
    check("<footer><p>© 2020 The Varn Courier. 11 June 2020</p></footer>", None);
    check("<div class='comments'><p>Posted by Tom on 11 June 2020</p></div>", None);
    check("<aside><h3>More</h3><a href='/a'>Ferry valve found</a><span>11 June 2020</span></aside>", None);
}

#[test]
fn signs_agree_or_outweigh_each_other() {
    // An instant in UTC, by the clock that the page shows.
    let late = data("2020-06-10T22:05:00Z", "2020-06-10T22:05:00Z");
    assert_eq!(
        published(&late, "<p>11 June 2020, 00:05</p>", "").as_deref(),
        Some("2020-06-11T00:05:00+02:00")
    );
    // The day that the page shows, where no clock tells the zone.
    assert_eq!(published(&late, "<p>11 June 2020</p>", "").as_deref(), Some("2020-06-11"));
    // Data against all else.
    let data = data("2020-06-01T10:00:00+02:00", "2020-06-01T10:00:00+02:00");
    let meta = "<meta property='article:published_time' content='2020-06-11T10:00:00+02:00'>";
    let got = published(&format!("{data}{meta}"), "<p>11 June 2020</p>", "");
    assert_eq!(got.as_deref(), Some("2020-06-11T10:00:00+02:00"));
    // Data alone.
    assert_eq!(published(&data, "", "").as_deref(), Some("2020-06-01T10:00:00+02:00"));
}

#[test]
fn changes_are_later_than_the_publication() {
    let dates = |published: &str, modified: &str, above: &str| {
        read("https://news.example/tunnel", None, &data(published, modified), above, "")
    };
    let (published, modified) = dates("2020-06-11T10:00:00+02:00", "2020-06-13T09:00:00+02:00", "");
    assert_eq!(published.as_deref(), Some("2020-06-11T10:00:00+02:00"));
    assert_eq!(modified.as_deref(), Some("2020-06-13T09:00:00+02:00"));
    // The page shows the date of the change alone.
    let (published, _) =
        dates("2020-06-11T10:00:00+02:00", "2020-06-13T09:00:00+02:00", "<p>13 June 2020</p>");
    assert_eq!(published.as_deref(), Some("2020-06-11T10:00:00+02:00"));
    assert_eq!(dates("2020-06-11T10:00:00+02:00", "2020-06-11T08:00:00Z", "").1, None);
    let shown =
        read("https://news.example/a", None, "", "<p>Published 11 June 2020 | Updated 12 June 2020</p>", "");
    assert_eq!(shown, (Some("2020-06-11".to_owned()), Some("2020-06-12".to_owned())));
}

#[test]
fn times_against_the_time_of_the_crawl() {
    let at = |fetched: Option<&str>, above: &str| read("https://news.example/a", fetched, "", above, "").0;
    let noon = Some("2020-06-11T12:00:00Z");
    assert_eq!(at(noon, "<p>3 hours ago</p>").as_deref(), Some("2020-06-11"));
    assert_eq!(at(noon, "<p>Yesterday, 14:05</p>").as_deref(), Some("2020-06-10"));
    assert_eq!(at(None, "<p>3 hours ago</p>"), None);
    assert_eq!(at(noon, "<p>9 June, 14:05</p>").as_deref(), Some("2020-06-09"));
    // Nothing is published after it was fetched.
    assert_eq!(at(noon, "<p>Published 14 June 2020</p>"), None);
    let future = data("2020-07-11T10:00:00Z", "");
    assert_eq!(
        read("https://news.example/a", noon, &future, "<p>9 June 2020</p>", "").0.as_deref(),
        Some("2020-06-09")
    );
}

#[test]
fn dates_of_addresses_and_of_events() {
    let url = "https://news.example/2020/06/11/tunnel";
    assert_eq!(read(url, None, "", "", "").0.as_deref(), Some("2020-06-11"));
    let event = "<script type='application/ld+json'>{\"@type\":\"Event\",\"name\":\"Opening\",\"startDate\":\"2020-06-20\",\
         \"headline\":\"Opening\"}</script>";
    assert_eq!(published(event, "<p>20 June 2020</p>", ""), None);
}

#[test]
fn dates_away_from_the_text() {
    let more = BODY.replace("</p><p>", " ").repeat(3) + &"<p>More about trams</p>".repeat(10);
    assert_eq!(
        published("", "", &format!("{more}<p>11 June 2020, 14:05</p>")).as_deref(),
        Some("2020-06-11")
    );
    assert_eq!(published("", "", &format!("{more}<p>11 June 2020</p><p>12 June 2020</p>")), None);
    let footer = |text: &str| {
        let page = format!("</article></main><footer><p>{text}</p></footer><main><article>");
        published("", "", &page)
    };
    assert_eq!(footer("This page was last edited on 11 June 2020, at 14:05.").as_deref(), Some("2020-06-11"));
    assert_eq!(
        footer("Diese Seite wurde zuletzt am 11. Juni 2020 um 14:05 Uhr geändert.").as_deref(),
        Some("2020-06-11")
    );
    assert_eq!(footer("Updated 11 June 2020</p><p>Updated 12 June 2020"), None);
    assert_eq!(footer("Founded on 11 June 2020"), None);
}

#[test]
fn dates_that_openings_begin_with() {
    let check = |opening: &str, expect: Option<&str>| {
        let text = "The council has voted to reopen the harbour tunnel after three years of repairs, the mayor said.";
        let above = format!("<p>{opening} {text}</p>");
        assert_eq!(published("", &above, "").as_deref(), expect, "{opening}");
    };
    check("29.11.2022 –", Some("2022-11-29"));
    check("Lindmere (29 November 2022).", Some("2022-11-29"));
    check("Press release of 29 November 2022 |", Some("2022-11-29"));
    check("Since 29 November 2022 the tunnel is closed.", None);
}

#[test]
fn months_in_addresses() {
    let page = "<script type='application/ld+json'>{\"@type\":\"WebPage\",\"datePublished\":\"2020-06-11\"}</script>\
        <meta name='date' content='2021-02-03'>";
    let at = |url: &str| read(url, None, page, "", "").0;
    assert_eq!(at("https://news.example/2020/06/tunnel").as_deref(), Some("2020-06-11"));
    assert_eq!(at("https://news.example/tunnel").as_deref(), Some("2021-02-03"));
}

#[test]
fn data_that_knows_its_last_change_alone() {
    let shown = "<p>11 June 2020</p>";
    assert_eq!(published(&data("2022-03-04", "2022-03-04"), shown, "").as_deref(), Some("2020-06-11"));
    assert_eq!(published(&data("2022-03-04", "2022-03-06"), shown, "").as_deref(), Some("2022-03-04"));
}

#[test]
fn dates_of_scripts() {
    let script = |days: &str| published(&format!("<script>var page = {{{days}}};</script>"), "", "");
    assert_eq!(script("\"publishedAt\": \"2020-06-11\"").as_deref(), Some("2020-06-11"));
    assert_eq!(script("\"publishedAt\": \"2020-06-11\", \"publishedAt\": \"2020-06-12\""), None);
}
