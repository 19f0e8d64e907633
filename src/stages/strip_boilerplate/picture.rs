//! The picture of an article, and its description, as the page's data gives them.

use url::Url;

use super::document::Document;
use super::html;
use super::structured;

/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 600;
/// Shortest description that says something, in characters.
const MIN_DESCRIPTION: usize = 15;

/// Words in addresses of pictures that stand for a site or for no picture at all.
const EMBLEMS: [&str; 16] = [
    "logo",
    "placeholder",
    "favicon",
    "sprite",
    "avatar",
    "gravatar",
    "noimage",
    "no-image",
    "no_image",
    "blank.",
    "spacer",
    "pixel.",
    "default-",
    "default_",
    "/default.",
    "apple-touch",
];

/// The absolute address of the article's picture, by OpenGraph, else by JSON-LD; `None` where there is none but the
/// site's emblem.
pub fn address(doc: &Document, page: Option<&str>) -> Option<String> {
    let meta = &doc.meta;
    let base = [page, Some(meta.canonical.as_str()), Some(meta.og_url.as_str())];
    let base = base.into_iter().flatten().find_map(|url| Url::parse(url).ok());
    let articles = meta.article().filter(|a| a.rank > 1).map(|a| a.images.iter());
    let given = meta.images.iter().chain(articles.into_iter().flatten());
    given.map(|address| first_of(address)).filter(|address| !address.is_empty()).find_map(|address| {
        let url = match &base {
            Some(base) => base.join(address).ok()?,
            None => Url::parse(address).ok()?,
        };
        let path = url.path().to_lowercase();
        let emblem = EMBLEMS.iter().any(|word| path.contains(word)) || path == "/";
        (matches!(url.scheme(), "http" | "https") && url.has_host() && !emblem).then(|| url.to_string())
    })
}

/// The first of addresses that are written one after the other, `https://…/a.jpghttps://…/b.jpg`. Addresses inside of
/// others follow a sign.
fn first_of(addresses: &str) -> &str {
    let begins =
        ["http://", "https://"].into_iter().flat_map(|s| addresses.match_indices(s)).map(|(at, _)| at);
    let glued = begins.filter(|at| addresses[..*at].ends_with(char::is_alphanumeric)).min();
    &addresses[..glued.unwrap_or(addresses.len())]
}

/// The description that the page gives of the article, without markup, cut between words where it is long.
pub fn description(doc: &Document, title: Option<&str>) -> Option<String> {
    let meta = &doc.meta;
    let article = meta.article().filter(|a| a.rank > 1).map_or("", |a| a.description.as_str());
    [meta.description.as_str(), article].into_iter().find_map(|given| {
        let text = if given.contains('<') && given.contains('>') {
            let inner = html::read(given);
            structured::tidy(&inner.blocks.iter().map(|b| inner.block_text(b)).collect::<Vec<_>>().join(" "))
        } else {
            given.to_owned()
        };
        let says = text.chars().count() >= MIN_DESCRIPTION && title.is_none_or(|t| t != text);
        says.then(|| shortened(text))
    })
}

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_DESCRIPTION) {
        text.truncate(end);
        let end = text.rfind(' ').filter(|at| *at > end / 2).unwrap_or(end);
        text.truncate(text[..end].trim_end().len());
        text.push('…');
    }
    text
}

/// Whether the page says that it is not to be read by all without paying.
pub fn paywalled(doc: &Document) -> Option<bool> {
    let meta = &doc.meta;
    meta.article().and_then(|a| a.free).or(meta.free).map(|free| !free)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(head: &str) -> Document {
        html::read(&format!("<html><head>{head}</head><body><p>Text.</p></body></html>"))
    }

    #[test]
    fn pictures_are_absolute_and_no_emblems() {
        let check = |head: &str, expect: Option<&str>| {
            let got = address(&page(head), Some("https://news.example/a/b.html"));
            assert_eq!(got.as_deref(), expect, "{head}");
        };
        check("<meta property='og:image' content='/p/1.jpg'>", Some("https://news.example/p/1.jpg"));
        check(
            "<meta property='og:image' content='//cdn.example/1.jpg?w=1&amp;h=2'>",
            Some("https://cdn.example/1.jpg?w=1&h=2"),
        );
        check(
            "<meta name='twitter:image' content='t.jpg'><meta property='og:image' content='o.jpg'>",
            Some("https://news.example/a/o.jpg"),
        );
        check(
            "<meta property='og:image' content='/img/site-logo.png'>\
             <script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"image\":[{\"@type\":\"ImageObject\",\
             \"url\":\"https://cdn.example/x.jpg\"}]}</script>",
            Some("https://cdn.example/x.jpg"),
        );
        check("<meta property='og:image' content='data:image/png;base64,AAAA'>", None);
        check("<meta property='og:image' content='/img/logo.png'>", None);
        check("", None);
    }

    #[test]
    fn descriptions_are_text_of_bounded_length() {
        let say = |text: &str| {
            description(
                &page(&format!("<meta name='description' content='{text}'>")),
                Some("A title of the page"),
            )
        };
        assert_eq!(say("&lt;p&gt;The  ferry is back.&lt;/p&gt;").as_deref(), Some("The ferry is back."));
        assert_eq!(say("A title of the page"), None);
        assert_eq!(say(""), None);
        let long = say(&"word ".repeat(300)).unwrap();
        assert!(long.ends_with("word…") && long.chars().count() <= MAX_DESCRIPTION + 1);
    }

    #[test]
    fn what_has_to_be_paid_for() {
        let tier = |tier: &str| {
            paywalled(&page(&format!("<meta property='article:content_tier' content='{tier}'>")))
        };
        assert_eq!((tier("free"), tier("locked"), tier("other")), (Some(false), Some(true), None));
        let ld = "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"isAccessibleForFree\":\"False\"}</script>";
        assert_eq!(paywalled(&page(ld)), Some(true));
        assert_eq!(paywalled(&page("")), None);
    }
}
