//! The shapes of hostile pages: what is repeated, how often, and what has to become of it.

/// Text of an article, so that there is one to be found.
pub const PARAGRAPH: &str = "<p>The harbour was closed on Friday after a storm damaged the outer wall, officials said, and \
    ships were told to wait until the weekend. </p>";

/// What has to become of a page read as HTML. Read as plain text, anything but a failure will do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expect {
    /// An article that has the paragraph.
    Article,
    /// An article, whatever its text.
    AnyArticle,
    /// An article or a rejection that speaks of the page.
    Anything,
}
use crate::stories::stories;
use Expect::{AnyArticle, Anything, Article};

/// What is repeated.
pub enum Unit {
    /// The same each time.
    Same(&'static str),
    /// Made for 0, 1, 2 …
    Numbered(Box<dyn Fn(usize) -> String>),
}

/// One shape: `head`, then `unit` again and again, then `tail`.
pub struct Shape {
    pub name: &'static str,
    pub head: String,
    pub unit: Unit,
    pub tail: String,
    /// How often the unit is repeated: the size that the shape is known by.
    pub count: usize,
    pub expect: Expect,
}

impl Shape {
    /// The page with `count` units, or fewer so that it stays within `bytes`.
    pub fn page(&self, count: usize, bytes: usize) -> String {
        let mut page = self.head.clone();
        let room = bytes - page.len() - self.tail.len();
        match &self.unit {
            Unit::Same(unit) => page.push_str(&unit.repeat(count.min(room / unit.len()))),
            Unit::Numbered(unit) => {
                let units = (0..count).map(unit).scan(room, |room, unit| {
                    *room = room.checked_sub(unit.len())?;
                    Some(unit)
                });
                page.extend(units);
            }
        }
        page + &self.tail
    }
}

pub fn shape(
    name: &'static str,
    head: &str,
    unit: &'static str,
    tail: &str,
    count: usize,
    expect: Expect,
) -> Shape {
    Shape { name, head: head.to_owned(), unit: Unit::Same(unit), tail: tail.to_owned(), count, expect }
}

pub fn numbered(
    name: &'static str,
    head: &str,
    unit: impl Fn(usize) -> String + 'static,
    tail: &str,
    count: usize,
    expect: Expect,
) -> Shape {
    Shape {
        name,
        head: head.to_owned(),
        unit: Unit::Numbered(Box::new(unit)),
        tail: tail.to_owned(),
        count,
        expect,
    }
}

/// All shapes.
pub fn shapes() -> Vec<Shape> {
    let text = PARAGRAPH.repeat(4);
    let mut all = markup(&text);
    all.extend(attributes(&text));
    all.extend(characters(&text));
    all.extend(metadata(&text));
    all.extend(our_own_code(&text));
    all.extend(stories(&text));
    all.extend(lines(&text));
    all
}

/// Elements: nested, unclosed, too many.
fn markup(text: &str) -> Vec<Shape> {
    vec![
        shape("nested divisions", "", "<div>", text, 50_000, Article),
        shape("nested lists", "", "<ul><li>", text, 64_000, Article),
        shape("unclosed inline tags", "", "<b><i><a href=x>", text, 20_000, Article),
        shape("nested spans with classes", "", "<span class='byline author'>", text, 100_000, Article),
        shape("nested font tags", "", "<font>", text, 40_000, Article),
        shape("nested custom elements", "", "<x-a class=story>", text, 100_000, Article),
        shape("open paragraphs", "", "<p>", text, 300_000, Article),
        shape("stray end tags", "", "</div></p></a></h2></span>", text, 100_000, Article),
        shape(
            "end tags of what is far up",
            "<section><h2><a href=x>",
            "<div></a></h3></td>",
            text,
            100_000,
            Article,
        ),
        shape("open comments", text, "<!--", "", 100_000, Article),
        shape("open scripts", text, "<script>", "", 100_000, Article),
        shape("end tags of scripts that never end", text, "<script></scrip", "", 100_000, Article),
        shape("open titles", "", "<title>", text, 100_000, Article),
        shape("a title that is never closed", "<title>The harbour is closed", "<div>", text, 1_000, Article),
        numbered(
            "raw elements never closed, in every case",
            "",
            |n| cased("noframes", n),
            text,
            50_000,
            Article,
        ),
        numbered("pictures never closed", "", |n| cased("svg", n) + "</a>", text, 100_000, Article),
        shape("templates never closed", "", "<template></a>", text, 100_000, Article),
        shape("angle brackets", text, "<", "", 1_000_000, Article),
        shape("open end tags", "", "</", text, 500_000, Anything),
        shape("declarations", "", "<!x><?y>", text, 200_000, Article),
        shape(
            "a table of 60,000 cells",
            &format!("{text}<table><tr>"),
            "<td>x</td>",
            "</table>",
            60_000,
            Article,
        ),
        shape("60,000 rows", &format!("{text}<table>"), "<tr><td>x<td>y", "</table>", 60_000, Article),
        shape("nested tables", text, "<table><tr><td>x<td>", "", 60_000, Article),
        shape(
            "a cell across a thousand million columns",
            text,
            "<table><tr><td colspan=1000000000 rowspan=1000000000>x</table>",
            "",
            1,
            Article,
        ),
        numbered("40,000 links", "", |n| format!("<a href=/{n}>link {n}</a> "), text, 40_000, AnyArticle),
        shape("line breaks", text, "a<br>", "", 300_000, Article),
        shape("line breaks in a heading", "<h1>", "a<br>", &format!("</h1>{text}"), 300_000, AnyArticle),
        shape("preformatted lines", &format!("{text}<pre>"), "a\n", "</pre>", 300_000, Article),
    ]
}

/// The name of an element that nothing closes, its letters large and small by the bits of `number`.
fn cased(name: &str, number: usize) -> String {
    let letter = |(at, c): (usize, char)| if number >> at & 1 == 1 { c.to_ascii_uppercase() } else { c };
    format!("<{}>", name.chars().enumerate().map(letter).collect::<String>())
}

/// Attributes: too many, too long.
fn attributes(text: &str) -> Vec<Shape> {
    let quoted = |head: &str, unit: &'static str, name, count| {
        shape(name, head, unit, &format!("'>{text}"), count, Article)
    };
    vec![
        numbered(
            "500,000 attributes",
            "<div ",
            |n| format!("a{n}=1 "),
            &format!(">{text}"),
            500_000,
            Article,
        ),
        shape("5 million attributes", "<div", " a", &format!(">{text}"), 5_000_000, Article),
        shape(
            "elements of 128 attributes",
            "",
            "<p a b c d e f g h i j k l m n o p q r s t u v w x y z>",
            text,
            50_000,
            Article,
        ),
        shape("open quotes", text, "<a href=\"", "", 100_000, Article),
        quoted("<img src='data:image/png;base64,", "A", "a picture in the address", 3_000_000),
        quoted("<div class='", "story body ", "a class of a megabyte", 100_000),
        quoted("<div style='", "color: red; ", "a style of a megabyte", 100_000),
        quoted("<div style='", ": ", "a style of colons", 500_000),
        quoted("<div rel='", "author ", "a relation of a megabyte", 150_000),
        quoted("<html lang='", "en-", "a language of a megabyte", 300_000),
        quoted("<link rel=canonical href='https://a.example/", "a.", "an address of a megabyte", 500_000),
        shape("spaces in tags", "<div", " ", &format!(">{text}"), 4_000_000, Article),
        shape("slashes in tags", "<div", "/", &format!(">{text}"), 4_000_000, Article),
        shape(
            "attributes of many elements",
            "",
            "<span class='a b' id=c role=d style='e: f'>x</span>",
            text,
            100_000,
            AnyArticle,
        ),
    ]
}

/// Characters that are decoded, skipped or joined.
fn characters(text: &str) -> Vec<Shape> {
    let inside = |name, unit, count| {
        let (head, tail) = (format!("{text}<p>"), format!("</p>{text}"));
        shape(name, &head, unit, &tail, count, AnyArticle)
    };
    vec![
        inside("entities", "&amp;&#x41;&nothing", 200_000),
        inside("ampersands", "&", 1_000_000),
        inside("numbers of entities that never end", "&#", 1_000_000),
        inside("one entity of a million digits", "&#0", 1),
        inside("digits", "0", 1_000_000),
        inside("dates", "11/06/2020 ", 200_000),
        shape("NULs", "", "\0", text, 200_000, Anything),
        shape("NULs behind the text", &text.repeat(20), "a\0", "", 500_000, Article),
        inside("one word of 1.2 million letters", "a", 1_200_000),
        inside("a letter with a million accents", "\u{301}", 1_000_000),
        inside("vowel signs without letters", "\u{94d} ", 500_000),
        inside("soft hyphens", "a\u{ad}", 500_000),
        inside("letters of no width", "\u{200b}\u{200d}", 500_000),
        inside("marks from right to left", "\u{202e}a\u{202c}\u{200f}", 300_000),
        inside("unspaced script", "漢字", 400_000),
        inside("unspaced script with full stops", "漢。", 400_000),
        inside("full stops", ".", 1_000_000),
        inside("ends of sentences", "A. ", 500_000),
        inside("quotation marks", "»", 500_000),
        inside("wide spaces", "\u{3000}", 500_000),
        inside("capitals that grow when they are made small", "İ", 500_000),
        inside("tabs", "a\t", 500_000),
        inside("letters of four bytes", "𝔸", 500_000),
        inside("private letters", "\u{10ffff}", 500_000),
    ]
}

/// What the page says of itself.
fn metadata(text: &str) -> Vec<Shape> {
    let json = |name, head: &str, unit: &'static str, tail: &str, count| {
        let head = format!("<script type='application/ld+json'>{head}");
        shape(name, &head, unit, &format!("{tail}</script>{text}"), count, Article)
    };
    vec![
        numbered(
            "100,000 authors",
            "",
            |n| format!("<meta name=author content='A{n}'>"),
            text,
            100_000,
            Article,
        ),
        numbered(
            "100,000 titles",
            "",
            |n| format!("<meta property=og:title content='A {n}'>"),
            text,
            100_000,
            Article,
        ),
        shape(
            "100,000 descriptions",
            "",
            "<meta property=og:description content='the harbour was closed'>",
            text,
            100_000,
            Article,
        ),
        shape("50,000 dates", "", "<time datetime=2026-01-01>", text, 50_000, Article),
        shape(
            "dated lines",
            "",
            "<p>Published 11 June 2020, 14:05 - Update 12/06/2020",
            text,
            60_000,
            Anything,
        ),
        shape(
            "dates in boxes between headline and text",
            "<h1>The harbour</h1>",
            "<div class=item><div class=date>Posted 11 June 2020</div></div>",
            text,
            60_000,
            Anything,
        ),
        shape(
            "dates of scripts",
            "<script>",
            "\"publishedAt\":\"2026-01-01\",",
            &format!("</script>{text}"),
            200_000,
            Article,
        ),
        shape("keys of scripts", "<script>", "publi", &format!("</script>{text}"), 600_000, Article),
        shape(
            "50,000 dates of publication",
            "",
            "<time itemprop=datePublished datetime=2026-01-01>3 May</time>",
            text,
            50_000,
            AnyArticle,
        ),
        shape(
            "a title of a megabyte",
            "<title>",
            "The harbour ",
            &format!("</title><h1>The harbour</h1>{text}"),
            100_000,
            Article,
        ),
        shape("a title of many parts", "<title>", "harbour | ", &format!("</title>{text}"), 100_000, Article),
        json("deep structured data", "", "[", "", 200_000),
        json("deep structured data of objects", "\"headline\"", "{\"a\":", "", 200_000),
        json("an array of a million numbers", "{\"headline\":[", "0,", "0]}", 1_000_000),
        json("an array of small objects", "{\"headline\":[", "{\"a\":0},", "0]}", 250_000),
        json("an object of many keys", "{\"headline\":0", ",\"b\":0", "}", 250_000),
        json("many articles", "[", "{\"@type\":\"Article\",\"publisher\":{\"@id\":1}},", "0]", 40_000),
        json(
            "many authors by their id",
            "[{\"@type\":\"Article\",\"author\":[",
            "{\"@id\":1},",
            "0]},{\"@type\":\"Person\",\"@id\":2,\"name\":3}]",
            150_000,
        ),
        Shape {
            // Half of it nodes, half of it authors who are to be found among them.
            unit: Unit::Numbered(Box::new(|n| {
                let node = format!("{{\"@type\":\"Person\",\"@id\":\"{n}\",\"name\":\"\"}},");
                let author = format!("{{\"@id\":\"x{n}\"}},");
                if n < 4_000 {
                    node
                } else if n == 4_000 {
                    "{\"@type\":\"Article\",\"author\":[".to_owned()
                } else {
                    author
                }
            })),
            ..json("many nodes and many authors", "[", "", "0]},0]", 20_000)
        },
        json("an author of a megabyte", "{\"@type\":\"Article\",\"author\":\"", "Anna ", "\"}", 300_000),
        json(
            "many organizations",
            "{\"@type\":\"Article\",\"author\":[",
            "{\"@type\":\"Organization\",\"name\":\"AFP\"},",
            "0]}",
            40_000,
        ),
        json(
            "a headline of a megabyte",
            "{\"@type\":\"NewsArticle\",\"headline\":\"",
            "harbour - ",
            "\"}",
            180_000,
        ),
        shape(
            "a huge body",
            "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"articleBody\":\"",
            "The harbour was closed. ",
            &format!("\"}}</script>{text}"),
            80_000,
            AnyArticle,
        ),
        shape(
            "a huge body of markup",
            "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"articleBody\":\"</p>",
            "<div>a",
            &format!("\"}}</script>{text}"),
            300_000,
            AnyArticle,
        ),
        json(
            "a publisher of a megabyte",
            "{\"@type\":\"NewsArticle\",\"publisher\":{\"name\":\"",
            "coast ",
            "\"}}",
            300_000,
        ),
        json("escapes", "{\"@type\":\"NewsArticle\",\"headline\":\"", "\\u0041\\n", "\"}", 200_000),
        json(
            "structured data broken at its end",
            "{\"@type\":\"NewsArticle\",\"headline\":\"",
            "a &quot; \n",
            "",
            200_000,
        ),
        shape(
            "many scripts of structured data",
            "",
            "<script type='application/ld+json'>{\"@type\":\"Article\",\"headline\":\"harbour\"}</script>",
            text,
            20_000,
            Article,
        ),
    ]
}

/// Pages that look for what our own stages do with each block, with its neighbours, or with all titles.
fn our_own_code(text: &str) -> Vec<Shape> {
    let title = "The harbour was closed by the storm on Friday - ".repeat(400);
    let titles = format!("<title>{title}</title><meta property=og:title content='{title}'>");
    let told: String = (0..250_000).map(|n| format!("{n} ")).collect();
    let told = format!(
        "<script type='application/ld+json'>{{\"@type\":\"Article\",\"articleBody\":\"{told}\"}}</script>"
    );
    let marks = format!("{}{}", "<div class=author>".repeat(300), "harbour ".repeat(100_000));
    vec![
        numbered("20,000 paragraphs", "", |n| format!("<p>{n} {}", &PARAGRAPH[3..]), "", 20_000, Article),
        numbered(
            "20,000 headings under a long title",
            &(titles + text),
            |n| format!("<h2>The harbour {n}</h2>"),
            "",
            20_000,
            Article,
        ),
        shape(
            "the title on 20,000 lines",
            &format!("{}{text}", "<title>The harbour is closed</title>"),
            "<h2>The harbour is closed</h2>",
            "",
            20_000,
            Article,
        ),
        shape(
            "20,000 bylines",
            &format!("{}{text}", "<h1>The harbour is closed</h1>"),
            "<p class=byline>By Anna Moor",
            "",
            20_000,
            Article,
        ),
        shape(
            "20,000 wire marks",
            &format!("{}{text}", "<h1>The harbour is closed</h1>"),
            "<p>Port Alban (AFP) June 11, 2020",
            "",
            20_000,
            Article,
        ),
        numbered(
            "a text for machines of 250,000 words and one like it to be seen",
            &(told + text + "<p>"),
            |n| format!("{} ", n * 7919 % 250_000),
            "",
            500_000,
            AnyArticle,
        ),
        shape(
            "20,000 inset stories",
            &format!("<h1>The harbour is closed</h1>{text}"),
            "<p>(AFP)<p>A headline of another story<p>PORT ALBAN, June 11 (AFP) - The council met on Tuesday to speak of the harbour",
            "",
            20_000,
            Article,
        ),
        shape(
            "dates on 20,000 lines",
            &format!("{}{text}", "<h1>The harbour is closed</h1>"),
            "<p>11 June 2020 and 12 June 2020",
            "",
            20_000,
            Article,
        ),
        shape("nested marks around a long text", &marks, "x", text, 1, AnyArticle),
        numbered(
            "20,000 kickers in a heading",
            "<h1>",
            |n| format!("<span class=kicker>{n}</span> "),
            &format!("</h1>{text}"),
            20_000,
            AnyArticle,
        ),
        shape(
            "a heading of a megabyte",
            "<h1>",
            "The harbour ",
            &format!("</h1>{text}"),
            100_000,
            AnyArticle,
        ),
        shape("phrases of consent", "<p>", "cookies privacy ", text, 100_000, Anything),
        shape(
            "read more",
            "<p>The harbour was closed on Friday after a storm damaged the wall",
            "... read more ",
            text,
            100_000,
            AnyArticle,
        ),
        numbered(
            "20,000 classes",
            "",
            |n| format!("<p class=c{}>{}", cased("abcdefghijklmnop", n), &PARAGRAPH[3..]),
            "",
            20_000,
            AnyArticle,
        ),
        shape("captions", text, "<figure><figcaption>The harbour, closed on Friday", "", 20_000, Article),
        shape(
            "tabs and figures",
            &format!("{text}<table>"),
            "<tr><td>12<td>13<td>14<td>15<td>16</tr>",
            "</table>",
            20_000,
            Article,
        ),
        numbered(
            "boxes beside each other",
            text,
            |n| format!("<div><div><div><p>harbour {n}</div></div></div>"),
            "",
            50_000,
            Article,
        ),
    ]
}

/// Lines of plain text.
fn lines(text: &str) -> Vec<Shape> {
    let wrapped = "the harbour was closed on friday after a storm had damaged the outer wall\n";
    let sentence = "The harbour was closed on Friday, officials said. ";
    vec![
        shape("spaces", "", " ", text, 4_000_000, Article),
        shape("line ends", "", "\n", text, 4_000_000, Article),
        shape("line ends of old machines", "", "\r", text, 4_000_000, Article),
        shape("page breaks", "", "\u{c}", text, 4_000_000, Article),
        shape("ends of paragraphs", "", "\u{2029}", text, 1_000_000, Article),
        numbered("300,000 lines", "", |n| format!("line {n}\n"), "", 300_000, AnyArticle),
        shape("100,000 lines that are alike", "", "The harbour is closed.\n", "", 100_000, AnyArticle),
        shape("wrapped lines", "", wrapped, "", 60_000, AnyArticle),
        shape("one line of sentences", "", sentence, "", 100_000, AnyArticle),
        shape("one line of letters", "", "letter ", "", 700_000, AnyArticle),
        shape("one line of an unspaced script", "", "漢字", "", 800_000, AnyArticle),
        shape("items of a list", "", "- harbour\n", "", 300_000, AnyArticle),
        shape("long lines", &"The harbour was closed. ".repeat(1_000), "\nharbour", "", 300_000, AnyArticle),
    ]
}
