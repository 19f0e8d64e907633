//! The block model's features in plain words.

use crate::stages::strip_boilerplate::hints;
use crate::stages::strip_boilerplate::html::TAGS;

/// What a group of features is about. Contributions are summed by these: nobody wants to read 253 numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// How much text it is.
    Length,
    /// Sentences and punctuation.
    Sentences,
    /// Links in it.
    Links,
    /// Kinds of characters.
    Characters,
    /// Words that are known to stand in texts, or around them.
    Words,
    /// Phrases that sites say in their own voice.
    Phrases,
    /// Agreement with the title, the address and the description.
    Title,
    /// Agreement with the text that the page gives for machines.
    MachineText,
    /// How often it stands on the page.
    Repeats,
    /// Elements that it stands in.
    Element,
    /// Names of boxes that it stands in.
    Boxes,
    /// What the boxes around it hold.
    Around,
    /// What blocks of the same make are.
    Alike,
    /// Where it stands on the page.
    Place,
    /// Where it stands to headline and date.
    Headline,
    /// The blocks beside it.
    Neighbours,
    /// How much text stands near.
    NearText,
    /// What the first reading of the page says of it.
    FirstReading,
}

impl Matter {
    /// Its name in the explanation's data.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Sentences => "sentences",
            Self::Links => "links",
            Self::Characters => "characters",
            Self::Words => "words",
            Self::Phrases => "phrases",
            Self::Title => "title",
            Self::MachineText => "machine_text",
            Self::Repeats => "repeats",
            Self::Element => "element",
            Self::Boxes => "boxes",
            Self::Around => "around",
            Self::Alike => "alike",
            Self::Place => "place",
            Self::Headline => "headline",
            Self::Neighbours => "neighbours",
            Self::NearText => "near_text",
            Self::FirstReading => "first_reading",
        }
    }
}

/// How the value of a feature is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    /// On the logarithmic scale of counts.
    Count(&'static str),
    /// A share in 250ths.
    Share(&'static str),
    /// As it is.
    Number(&'static str),
    /// Whether something is so: what is said where it is, and where it is not.
    Flag(&'static str, &'static str),
    /// Elements up to a box named for something; 40 where there is none.
    Box(usize),
    /// Blocks since or until something: 255 where there is none.
    Blocks(&'static str),
    /// Around 128, 0 where nothing is known: what is said below, at and above.
    Leaning(&'static str, &'static str),
    /// The same for blocks before and behind something.
    Before(&'static str),
    /// So many parts to one of what is named.
    Rate(f32, &'static str),
    /// 0, something, all of 250.
    Part(&'static str, &'static str, &'static str),
    /// Class of the first character.
    First,
    /// Class of the last character: of the block, or of another that is named.
    Last(&'static str),
    /// A kind of element: what is said before it and behind.
    Element(&'static str, &'static str),
    /// No number says anything to a reader.
    Said(&'static str),
}

/// A feature: what it is about, and how it is said.
#[derive(Debug, Clone, Copy)]
pub struct Feature {
    /// What it is about.
    pub matter: Matter,
    pub(super) value: Value,
}

/// Value of a feature for a box that is nowhere above.
const NOWHERE: u8 = 40;

impl Feature {
    /// What the feature says of a block, in words.
    pub fn said(&self, value: u8) -> String {
        let count = |value: u8| (f32::from(value) / 14.0).exp2() - 1.0;
        match self.value {
            Value::Count(what) => format!("{:.0} {what}", count(value)),
            Value::Share(what) => format!("{:.0} % {what}", (f32::from(value) / 2.5).min(100.0)),
            Value::Number(what) => format!("{value} {what}"),
            Value::Flag(yes, no) => (if value > 0 { yes } else { no }).to_owned(),
            Value::Box(group) if value >= NOWHERE => format!("in no box named for {}", BOXES[group]),
            Value::Box(group) if value == 0 => format!("its own box is named for {}", BOXES[group]),
            Value::Box(group) => format!("in a box named for {}, {value} levels up", BOXES[group]),
            Value::Blocks(what) if value == u8::MAX => format!("no {what}"),
            Value::Blocks(what) => format!("{what} {value} blocks away"),
            Value::Leaning(..) if value == 0 => "words that the model does not know".to_owned(),
            Value::Leaning(below, above) => (if value < 128 { below } else { above }).to_owned(),
            Value::Before(what) if value == 0 => format!("the page has no {what}"),
            Value::Before(what) if value == 128 => format!("at the {what}"),
            Value::Before(what) if value < 128 => {
                format!("{:.0} blocks before the {what}", count(128 - value))
            }
            Value::Before(what) => format!("{:.0} blocks behind the {what}", count(value - 128)),
            Value::Rate(parts, what) => format!("{:.1} {what}", f32::from(value) / parts),
            Value::Part(none, ..) if value == 0 => none.to_owned(),
            Value::Part(_, some, _) if value < 250 => some.to_owned(),
            Value::Part(.., all) => all.to_owned(),
            Value::First => format!("it begins with {}", named(&FIRST, value)),
            Value::Last(who) => format!("{who} ends with {}", named(&LAST, value)),
            Value::Element(before, behind) => format!("{before}<{}>{behind}", named(&TAGS_NAMED, value)),
            Value::Said(what) => what.to_owned(),
        }
    }
}

fn named<const N: usize>(names: &[&'static str; N], value: u8) -> &'static str {
    names.get(usize::from(value)).copied().unwrap_or("something else")
}

/// Classes of first characters, in the order of `measure::first_class`.
const FIRST: [&str; 10] = [
    "nothing",
    "a small letter",
    "a capital",
    "a digit",
    "a letter of a script without capitals",
    "a quotation mark",
    "a dash or bullet",
    "a bracket",
    "a sign like © or #",
    "another sign",
];

/// Classes of last characters, in the order of `measure::last_class`.
const LAST: [&str; 11] = [
    "nothing",
    "the end of a sentence",
    "the end of a quotation",
    "a closing mark",
    "a colon",
    "a comma",
    "an ellipsis",
    "a digit",
    "a letter",
    "an arrow or bar",
    "another sign",
];

/// Kinds of elements, in the order of [`Tag`].
#[rustfmt::skip]
const TAGS_NAMED: [&str; TAGS] = [
    "other", "custom", "a", "span", "em", "time", "label", "button", "cite", "br", "img", "meta", "link", "base", "title",
    "head", "body", "html", "p", "div", "section", "article", "main", "header", "footer", "nav", "aside", "h1", "h2", "h3",
    "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table", "tbody", "tr", "td", "th", "caption", "blockquote",
    "figure", "figcaption", "pre", "form", "fieldset", "dialog", "details", "summary", "select", "option", "block", "script",
    "style", "svg", "template",
];

/// What the groups of [`hints`] are about.
const BOXES: [&str; hints::GROUPS] = [
    "authors",
    "screen readers",
    "comments",
    "leads",
    "headlines",
    "dates",
    "kickers",
    "consent",
    "paywalls",
    "an article",
    "content",
    "body text",
    "posts",
    "the main part",
    "sharing",
    "further reading",
    "a sidebar",
    "a footer",
    "a header",
    "menus",
    "paths",
    "tags",
    "advertising",
    "newsletters and accounts",
    "promotion",
    "teasers",
    "widgets",
    "blocks",
    "what is popular",
    "captions",
    "credits",
    "pictures",
    "video and embeds",
    "hidden things",
    "sections",
    "pop-ups",
    "quotations",
    "info boxes",
    "tools",
    "profiles",
    "search and forms",
    "polls and shopping",
    "references",
    "lists of links",
];

/// Places that a block is in, by the bits of its flags.
pub(super) const FLAGS: [(&str, &str); 19] = [
    ("in navigation", "not in navigation"),
    ("in a header", "not in a header"),
    ("in a footer", "not in a footer"),
    ("in an aside", "not in an aside"),
    ("in a form or dialog", "not in a form or dialog"),
    ("in an <article>", "not in an <article>"),
    ("in <main>", "not in <main>"),
    ("in a figure", "not in a figure"),
    ("in a table", "not in a table"),
    ("in a list", "not in a list"),
    ("in a quotation", "not in a quotation"),
    ("hidden", "shown"),
    ("hidden from screen readers", "not hidden from screen readers"),
    ("in a button or label", "not in a button or label"),
    ("marked as the article's body", "not marked as the article's body"),
    ("preformatted", "not preformatted"),
    ("in a link around whole blocks", "not in a link around whole blocks"),
    ("in a <section>", "not in a <section>"),
    ("in an article within another", "not in an article within another"),
];

/// Phrases that sites say in their own voice, by their groups.
pub const PHRASES: [&str; 8] = [
    "words of consent",
    "offers to subscribe",
    "words of sharing",
    "words of comments",
    "words of further reading",
    "words of rights and terms",
    "credits or advertising",
    "words of accounts",
];

#[cfg(test)]
mod tests {
    use super::super::rows::all;
    use super::*;
    use crate::stages::strip_boilerplate::features::{BASE, FEATURES};
    use crate::stages::strip_boilerplate::html::Tag;

    #[test]
    fn every_feature_has_its_words() {
        let all = all();
        assert_eq!(all.len(), FEATURES);
        assert!(all.iter().all(|feature| !feature.said(0).is_empty() && !feature.said(255).is_empty()));
        assert_eq!(all[12].said(230), "92 % of its text is in links");
        assert_eq!(all[0].said(105), "180 letters");
        assert_eq!(all[140].said(128), "at the headline");
        assert_eq!(all[61 + 15].said(2), "in a box named for further reading, 2 levels up");
        assert_eq!(all[BASE].matter, Matter::FirstReading);
        assert_eq!(all[2].said(40), "5.0 letters a word");
        assert_eq!(all[11].said(1), "it ends with the end of a sentence");
    }

    #[test]
    fn elements_are_named_in_the_order_of_their_kinds() {
        for (index, name) in
            TAGS_NAMED.iter().enumerate().filter(|(_, name)| !["other", "custom", "block"].contains(name))
        {
            assert_eq!(Tag::of(name.as_bytes()) as usize, index, "{name}");
        }
    }
}
