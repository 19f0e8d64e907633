//! How much of a page is read, whatever the page: the stage's budget, in counts and never by clocks, so that the same
//! page ends the same everywhere.
//!
//! Work is linear in the bytes of the body (which `decode.max_body_bytes` bounds), in the bytes of its text, and in
//! its blocks, elements and named runs. So bounds on these are bounds on CPU time and memory. `tests/hostile` holds
//! the largest body of every shape we could think of to 1 s and 100 MB.

/// Blocks of a page.
pub const BLOCKS: usize = 20_000;
/// Bytes of text of a page.
pub const TEXT_BYTES: usize = 4 << 20;
/// Elements inside each other.
pub const DEPTH: usize = 512;
/// Elements with a place of their own.
pub const ELEMENTS: usize = 200_000;
/// Attributes of a tag.
pub const ATTRIBUTES: usize = 128;
/// Bytes of a class or id.
pub const NAME_BYTES: usize = 512;
/// Runs of text that the markup names as author, byline, headline or kicker.
pub const MARKS: usize = 200;
/// Elements that the site's rule takes or drops.
pub const RULED: usize = 20_000;
/// Values of a repeated field: authors, dates, articles in JSON-LD.
pub const VALUES: usize = 32;
/// `<time>` elements: menus and lists of other stories have many.
pub const TIMES: usize = 200;
/// Posts of a live blog, or items of a round-up, that are given as stories.
pub const STORIES: usize = 300;
/// Bytes of a title, name or section.
pub const FIELD_BYTES: usize = 2_000;
/// Bytes of a description, and of anything else in a meta element.
pub const META_BYTES: usize = 20_000;
/// Bytes of an address or date.
pub const ADDRESS_BYTES: usize = 2_000;
/// Bytes of all JSON-LD of a page.
pub const JSON_BYTES: usize = 2 << 20;
/// Values in one script of JSON-LD: parsed they take many times their bytes.
pub const JSON_VALUES: usize = 200_000;
/// Objects in one script of JSON-LD.
pub const JSON_OBJECTS: usize = 20_000;

/// Scripts of a page that may hold its text.
pub const SCRIPTS: usize = 64;
/// Bytes of all of these.
pub const SCRIPT_BYTES: usize = 4 << 20;
/// Values of one key in them: the paragraphs of a text.
pub const SCRIPT_VALUES: usize = 2_000;

/// A bound as the documentation has it.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// What is counted.
    pub what: &'static str,
    /// How many there may be.
    pub most: usize,
    /// What becomes of more.
    pub beyond: &'static str,
}

/// Every bound, in the order of the table in `docs/records.md`.
pub const ALL: [Bound; 20] = [
    bound(
        "blocks (paragraphs, headings, items, cells, lines) of a page",
        BLOCKS,
        "the rest of the page is cut",
    ),
    bound("bytes of text of a page", TEXT_BYTES, "the rest of the page is cut"),
    bound("elements inside each other", DEPTH, "deeper ones are read as if they stood at that depth"),
    bound("elements of a page", ELEMENTS, "further ones count as part of those around them"),
    bound("attributes of a tag", ATTRIBUTES, "the rest is skipped"),
    bound("bytes of a class or id", NAME_BYTES, "the rest is not looked at"),
    bound("runs of text marked as author, byline, headline or kicker", MARKS, "further ones are plain text"),
    bound("elements that the site's rule takes", RULED, "further ones are not taken"),
    bound("authors, dates, or articles in JSON-LD", VALUES, "further ones are skipped"),
    bound("elements of `<time>`", TIMES, "further ones are skipped"),
    bound("stories of a page: posts of a live blog, items of a round-up", STORIES, "the rest is text alone"),
    bound("bytes of a title, name or section", FIELD_BYTES, "it is cut"),
    bound("bytes of a meta element's content", META_BYTES, "it is skipped"),
    bound("bytes of an address or a date for machines", ADDRESS_BYTES, "it is skipped"),
    bound(
        "bytes of JSON-LD of a page",
        JSON_BYTES,
        "the script that passes it is skipped, and those behind it",
    ),
    bound("values in a script of JSON-LD", JSON_VALUES, "the script is skipped"),
    bound("objects in a script of JSON-LD", JSON_OBJECTS, "the script is skipped"),
    bound("scripts that may hold the text of a page", SCRIPTS, "further ones are skipped"),
    bound("bytes of such scripts", SCRIPT_BYTES, "the script that passes it is skipped, and those behind it"),
    bound("paragraphs of a text in such scripts", SCRIPT_VALUES, "the rest is cut"),
];

const fn bound(what: &'static str, most: usize, beyond: &'static str) -> Bound {
    Bound { what, most, beyond }
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::super::{html, plain, promises, state};
    use super::*;

    fn read(page: &str) -> Document {
        let doc = html::read(page);
        assert_eq!(promises::of_document(&doc), Ok(()));
        doc
    }

    fn json(script: &str) -> String {
        format!("<script type='application/ld+json'>{script}</script>")
    }

    #[test]
    fn blocks() {
        for page in [
            "<p>a".repeat(BLOCKS + 1),
            format!("<pre>{}", "a\n".repeat(BLOCKS + 1)),
            "a<br>".repeat(BLOCKS + 9),
        ] {
            assert_eq!(read(&page).blocks.len(), BLOCKS);
            assert!(read(&page).is_full());
        }
        assert!(!read(&"<p>a".repeat(BLOCKS - 1)).is_full());
        assert_eq!(plain::read(&"a\n".repeat(BLOCKS + 1)).blocks.len(), BLOCKS);
        assert_eq!(plain::read(&format!("{}. ", "a".repeat(60)).repeat(BLOCKS + 1)).blocks.len(), BLOCKS);
    }

    #[test]
    fn text() {
        for page in
            ["漢".repeat(TEXT_BYTES / 3 + 9), "ab &amp; ".repeat(TEXT_BYTES), "漢字\n".repeat(TEXT_BYTES / 6)]
        {
            for doc in [read(&page), plain::read(&page)] {
                assert_eq!(promises::of_document(&doc), Ok(()));
                assert!(
                    (TEXT_BYTES - 3..=TEXT_BYTES + 1).contains(&doc.text.len()) || doc.blocks.len() == BLOCKS
                );
            }
        }
        let lines = plain::read(&format!("{}\n", "a".repeat(70)).repeat(TEXT_BYTES / 60));
        assert!(lines.text.len() <= TEXT_BYTES + 1);
    }

    #[test]
    fn depth() {
        let doc = read(&format!(
            "{}<p>deep</p>{}<p>after",
            "<div>".repeat(DEPTH + 100),
            "</div>".repeat(DEPTH + 100)
        ));
        let depths: Vec<u16> = doc.blocks.iter().map(|b| doc.element_of(b).depth).collect();
        assert_eq!(doc.text, "deepafter");
        assert!(usize::from(depths[0]) < DEPTH && depths[0] > 500 && depths[1] == 1, "{depths:?}");
    }

    #[test]
    fn elements() {
        let doc = read(&format!("{}<div id=story><p>kept", "<div></div>".repeat(ELEMENTS)));
        assert_eq!((doc.elements.len(), doc.text.as_str()), (ELEMENTS, "kept"));
    }

    #[test]
    fn attributes() {
        let with = |before: usize| read(&format!("<p {}hidden>a", "x ".repeat(before)));
        let hidden = |doc: &Document| doc.flags_of(&doc.blocks[0]).has(super::super::document::Flags::HIDDEN);
        assert!(hidden(&with(ATTRIBUTES - 1)) && !hidden(&with(ATTRIBUTES)));
        let named = |before: usize| {
            read(&format!("<p class='{}author'>a", "x ".repeat(before / 2))).elements[1].hints
        };
        assert!(named(NAME_BYTES - 6) != 0 && named(NAME_BYTES) == 0);
    }

    #[test]
    fn repeated_fields() {
        assert_eq!(read(&"<p><span class=byline>By A</span>".repeat(MARKS + 1)).marks.len(), MARKS);
        assert_eq!(read(&"<meta name=author content=A>".repeat(VALUES + 1)).meta.authors.len(), VALUES);
        assert_eq!(read(&"<meta name=date content=A>".repeat(VALUES + 1)).meta.dates.len(), VALUES);
        assert_eq!(read(&"<time datetime=2026-01-01>".repeat(TIMES + 1)).meta.times.len(), TIMES);
        let articles = format!("[{}0]", "{\"@type\":\"Article\"},".repeat(VALUES + 1));
        assert_eq!(read(&json(&articles)).meta.articles.len(), VALUES);
        for author in ["\"A\",", "{\"@type\":\"Organization\",\"name\":\"A\"},", "{\"name\":[\"A\",\"B\"]},"]
        {
            let script = format!("{{\"@type\":\"Article\",\"author\":[{}0]}}", author.repeat(VALUES + 1));
            let doc = read(&json(&script));
            let article = doc.meta.article().unwrap();
            assert_eq!(article.authors.len() + article.organizations.len(), VALUES, "{author}");
        }
    }

    #[test]
    fn lengths_of_fields() {
        let title = read(&format!("<title>{}</title>", "漢".repeat(FIELD_BYTES))).meta.title;
        assert!(title.len() <= FIELD_BYTES && title.len() > FIELD_BYTES - 3);
        let headline =
            json(&format!("{{\"@type\":\"Article\",\"headline\":\"{}\"}}", "h".repeat(FIELD_BYTES + 1)));
        assert_eq!(read(&headline).meta.articles[0].headline.len(), FIELD_BYTES);
        let described =
            |n: usize| read(&format!("<meta name=description content='{}'>", "d".repeat(n))).meta.description;
        assert_eq!((described(META_BYTES).len(), described(META_BYTES + 1).len()), (META_BYTES, 0));
        let canonical =
            |n: usize| read(&format!("<link rel=canonical href='{}'>", "a".repeat(n))).meta.canonical;
        assert_eq!((canonical(ADDRESS_BYTES).len(), canonical(ADDRESS_BYTES + 1).len()), (ADDRESS_BYTES, 0));
        let time = |n: usize| read(&format!("<time datetime='{}'>", "1".repeat(n))).meta.times.len();
        assert_eq!((time(ADDRESS_BYTES), time(ADDRESS_BYTES + 1)), (1, 0));
    }

    #[test]
    fn structured_data() {
        let told = |page: &str| read(page).meta.articles.len();
        let article = json("{\"@type\":\"Article\"}");
        let script =
            |unit: &str, count: usize| json(&format!("[{{\"@type\":\"Article\"}}{}]", unit.repeat(count)));
        assert_eq!(told(&script(",0", JSON_VALUES / 2)), 1);
        assert_eq!(told(&script(",0", JSON_VALUES)), 0);
        assert_eq!(told(&script(",{}", JSON_OBJECTS - 1)), 1);
        assert_eq!(told(&script(",{}", JSON_OBJECTS)), 0);
        // A script that is skipped takes no other with it, but all of them together are bounded.
        assert_eq!(told(&(script(",{}", JSON_OBJECTS) + &article)), 1);
        assert_eq!(told(&(json(&" ".repeat(JSON_BYTES)) + &article)), 0);
    }

    #[test]
    fn texts_in_scripts() {
        let script = format!("<script>{}</script>", "a".repeat(state::MIN_SCRIPT));
        assert_eq!(read(&script.repeat(SCRIPTS + 1)).scripts.len(), SCRIPTS);
        let paragraph = |n: usize| format!("\"text\":\"{n} {}\",", "the pier will be rebuilt. ".repeat(4));
        let told = |script: String| {
            let range = 0..script.len() as u32;
            state::article_markup(&script, std::slice::from_ref(&range))
                .map_or(0, |markup| markup.lines().count())
        };
        let many: String = (0..=SCRIPT_VALUES).map(paragraph).collect();
        assert_eq!(told(many), SCRIPT_VALUES);
        let few: String = (0..20).map(paragraph).collect();
        assert_eq!(told(few.clone()), 20);
        assert_eq!(told(few + &" ".repeat(SCRIPT_BYTES)), 0);
    }
}
