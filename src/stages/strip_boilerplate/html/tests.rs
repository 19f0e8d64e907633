//! Pages in, blocks out.

use super::*;

fn check(html: &str, expect: &[&str]) {
    let doc = read(html);
    let blocks: Vec<&str> = doc.blocks.iter().map(|b| doc.block_text(b)).collect();
    assert_eq!(blocks, expect, "{html}");
}

#[test]
fn blocks_end_where_elements_do() {
    check("<p>One<p>Two</p>tail", &["One", "Two", "tail"]);
    check("<div>before<p>inside</p>after</div>", &["before", "inside", "after"]);
    check("<ul><li>a<li>b <b>bold</b> c</ul>", &["a", "b bold c"]);
    check("<p>one<br>two<br><br>three", &["one", "two", "three"]);
    check("<h1>A headline<br>on two lines</h1>", &["A headline\non two lines"]);
    check("<pre>first\nsecond\n\nthird</pre>", &["first", "second", "third"]);
    check("a <!-- no --> b <![CDATA[x]]> c", &["a b c"]);
    check("1 < 2 && 3 > 2", &["1 < 2 && 3 > 2"]);
}

#[test]
fn what_is_no_text_is_skipped() {
    check("a<script>if (1 < 2) { x('</p>') }</script>b", &["ab"]);
    check(
        "<style>p{}</style><noscript>no</noscript><svg><text>no</text></svg><template>no</template>yes",
        &["yes"],
    );
    check("<iframe>never closed <p>kept", &["never closed", "kept"]);
    check("<title>T</title><p>x", &["x"]);
}

#[test]
fn references_and_white_space() {
    check("<p>a&nbsp;&amp;&#32;b &eacute;t&eacute &#x2019;&#146; &unknown; &", &["a & b été ’’ &unknown; &"]);
    check("<p>soft\u{ad}hyphen \u{200b}zero", &["softhyphen zero"]);
    check("  <p> \n </p> <p>\tx \u{a0} y</p>", &["x y"]);
}

#[test]
fn rows_of_short_cells_are_lines_and_cells_with_text_are_blocks() {
    check("<table><tr><th>Town<th>Votes<tr><td>Lindmere<td>412</table>", &["Town\tVotes", "Lindmere\t412"]);
    let long = "A paragraph that is longer than any cell of figures, set in a table for its layout alone, as was done. ";
    let html = format!("<table><tr><td>Menu<td><p>{long}<p>Next</table>");
    check(&html, &["Menu", long.trim_end(), "Next"]);
}

#[test]
fn places_links_and_emphasis_are_known() {
    let doc = read(
        "<nav><a href=/>Home</a></nav><div hidden><p>secret</p></div><p style='color:red; display: none'>gone</p>\
         <article><p>One <a href=x>link</a> and <strong>weight</strong></p></article>",
    );
    let flags: Vec<Flags> = doc.blocks.iter().map(|b| doc.flags_of(b)).collect();
    assert!(flags[0].has(Flags::NAV) && doc.blocks[0].link_bytes == 4);
    assert!(flags[1].has(Flags::HIDDEN) && flags[2].has(Flags::HIDDEN));
    assert!(flags[3].has(Flags::ARTICLE) && !flags[3].has(Flags::HIDDEN.with(Flags::NAV)));
    assert_eq!((doc.blocks[3].links, doc.blocks[3].link_bytes), (1, 5));
    assert_eq!(doc.blocks[3].emphasis_bytes, 7);
}

#[test]
fn structured_data_is_read_on_the_way() {
    let doc = read(
        "<html lang=en-GB><head><link rel=canonical href='https://a.example/x?a=1&amp;b=2'>\
         <meta property=og:title content='Pier &amp; wall'><script type='application/ld+json'>\
         {\"@context\":\"https://schema.org\",\"@graph\":[{\"@type\":\"NewsArticle\",\"headline\":\"Pier\nand wall\",\
         \"datePublished\":\"2026-03-03\",\"author\":{\"@id\":\"#a\"}},{\"@type\":\"Person\",\"@id\":\"#a\",\"name\":\"Anna Moor\"}]}\
         </script></head><body><time itemprop=datePublished datetime=2026-03-03>today</time></body></html>",
    );
    let article = doc.meta.article().unwrap();
    assert_eq!(article.headline, "Pier and wall");
    assert_eq!(article.authors, ["Anna Moor"]);
    assert_eq!(doc.meta.canonical, "https://a.example/x?a=1&b=2");
    assert_eq!(doc.meta.og_title, "Pier & wall");
    assert_eq!(doc.meta.language, "en-GB");
    assert!(doc.meta.times[0].published);
}
