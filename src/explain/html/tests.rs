//! The page of HTML, on pages written for it.

use super::*;
use crate::explain::tests::{ARTICLE, MENU, explained};

/// All start tags of a page outside its style sheet, each with its attributes.
fn tags(html: &str) -> Vec<String> {
    let (head, rest) = html.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    let text = format!("{head}{body}");
    text.split('<')
        .skip(1)
        .filter(|tag| !tag.starts_with(['/', '!']))
        .map(|tag| tag.split_once('>').unwrap().0.to_owned())
        .collect()
}

#[test]
fn what_the_page_carries_is_text() {
    let evil = "&lt;script>alert(1)&lt;/script> &lt;img src=x onerror=alert(2)> \"' onmouseover=alert(3) said the union on Friday, \
                and that its members would not work before another offer came.";
    let page = ARTICLE.replace("Ferries stay in port", "&lt;script>alert(0)&lt;/script> Ferries &amp; boats");
    let page = page.replace("</article>", &format!("<p>{evil}</p></article>"));
    let of = explained(&page);
    assert!(
        of.blocks.iter().any(|block| block.text.contains("<script>alert(1)</script>")),
        "the page says so"
    );
    let html = render(&of);
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(html.contains("&lt;img src=x onerror=alert(2)&gt;"));
    assert!(html.contains("&lt;script&gt;alert(0)&lt;/script&gt; Ferries &amp; boats"));
    let known = [
        "html", "head", "meta", "title", "body", "header", "main", "footer", "nav", "section", "a", "p",
        "span", "h1", "h2", "h3", "ul", "ol", "li", "dl", "dt", "dd", "div", "fieldset", "legend", "label",
        "input", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "svg", "rect", "line",
        "strong", "code",
    ];
    for tag in tags(&html) {
        let name = tag.split([' ', '/']).next().unwrap();
        assert!(known.contains(&name), "<{tag}>");
        // Attributes with what is between quotation marks left out.
        let bare: String = tag.split('"').step_by(2).collect();
        assert!(!bare.contains(" on") && !bare.contains(" style") && !bare.contains(" src"), "<{tag}>");
        assert!(
            !tag.contains("javascript:") && (!tag.contains("href") || tag.contains("href=\"#")),
            "<{tag}>"
        );
    }
}

#[test]
fn the_policy_allows_the_style_sheet_alone() {
    let html = render(&explained(ARTICLE));
    assert!(html.contains(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-"
    ));
    assert!(html.find("Content-Security-Policy").unwrap() < html.find("<style>").unwrap());
    assert!(!html.contains("http://") && !html.contains("https://"), "nothing is fetched");
    assert!(!html.contains("style=\"") && !html.contains("<script"));
}

#[test]
fn attributes_cannot_be_left() {
    assert_eq!(
        Escaped("a\"b'c<d>&\u{7}\u{202e}").to_string(),
        "a&quot;b&#39;c&lt;d&gt;&amp;\u{fffd}\u{fffd}"
    );
    let page = ARTICLE.replace("<html lang=en>", "<html lang='en\" onload=\"alert(1)'>");
    assert!(!tags(&render(&explained(&page))).iter().any(|tag| tag.contains("onload")));
}

#[test]
fn kept_and_dropped_are_told_without_colours() {
    let html = render(&explained(ARTICLE));
    for part in [
        "✓</span> Kept",
        "✕</span> Dropped",
        "➜</span> Has its field",
        "✓ yes",
        "lang=\"en\" dir",
        "dir=\"auto\" lang=\"en\"",
    ] {
        assert!(part == "lang=\"en\" dir" || html.contains(part), "{part}");
    }
    let ids: Vec<&str> =
        html.match_indices(" id=\"").map(|(at, _)| html[at + 5..].split('"').next().unwrap()).collect();
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), distinct.len(), "ids are given once");
    for (at, _) in html.match_indices("href=\"#") {
        let target = html[at + 7..].split('"').next().unwrap();
        assert!(ids.contains(&target), "#{target} is nowhere");
    }
}

#[test]
fn a_rejected_page_has_a_page_too() {
    let html = render(&explained(&MENU.repeat(30)));
    assert!(html.contains("✕</span> Rejected") && html.contains("What was seen"), "{html}");
}

#[test]
fn long_runs_are_written_without_what_weighed() {
    let short = render(&explained(&MENU.repeat(30)));
    assert!(short.contains("in block 7<"));
    let of = explained(&MENU.repeat(2_000));
    let long = render(&of);
    assert!(long.contains("<h3 class=\"small soft\">Block 1000, ") && !long.contains("in block 1000<"));
    assert!(!of.blocks[1_000].weights.is_empty(), "the data has them all");
}
