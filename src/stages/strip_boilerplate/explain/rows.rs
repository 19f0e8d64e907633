//! The features of a row of the block model, one by one, in the order in which `features::Measured` writes them.

use super::features::Value::{
    self, Before, Blocks, Count, First, Flag, Last, Leaning, Number, Part, Rate, Said, Share,
};
use super::features::{FLAGS, Feature, Matter, PHRASES};
use crate::stages::strip_boilerplate::features::{BASE, FEATURES};
use crate::stages::strip_boilerplate::hints;

/// All features in the order of the rows.
pub fn all() -> Vec<Feature> {
    let mut list = List(Vec::with_capacity(FEATURES));
    own(&mut list);
    place(&mut list);
    around(&mut list);
    company(&mut list);
    // The last of the first reading's is not used.
    list.fill(BASE);
    second_reading(&mut list);
    list.0
}

struct List(Vec<Feature>);

impl List {
    fn add(&mut self, matter: Matter, values: impl IntoIterator<Item = Value>) {
        self.0.extend(values.into_iter().map(|value| Feature { matter, value }));
    }

    fn fill(&mut self, to: usize) {
        while self.0.len() < to {
            self.add(Matter::Place, [Value::Said("nothing")]);
        }
    }
}

fn own(list: &mut List) {
    list.add(Matter::Length, [Count("letters"), Count("words"), Rate(8.0, "letters a word")]);
    list.add(
        Matter::Sentences,
        [
            Count("sentences"),
            Rate(25.0, "sentences in 100 letters"),
            Rate(25.0, "commas in 100 letters"),
            Rate(10.0, "signs in 100 characters"),
        ],
    );
    list.add(
        Matter::Characters,
        [
            Share("of it are digits"),
            Share("of its letters are capitals"),
            Share("of its words begin with a capital"),
            First,
        ],
    );
    list.add(Matter::Sentences, [Last("it")]);
    list.add(Matter::Links, [Share("of its text is in links"), Number("links")]);
    list.add(
        Matter::Characters,
        [
            Share("of it is emphasised"),
            Number("bars, bullets or arrows"),
            Number("symbols"),
            Share("of it is in a script without spaces"),
            Flag("a year or a time of day in it", "no year or time of day in it"),
            Flag("a web address or a sign of rights in it", "no web address or sign of rights in it"),
            Flag("quotation marks in it", "no quotation marks in it"),
        ],
    );
    list.add(
        Matter::Title,
        [
            Share("of its words are in the page's title"),
            Flag("it is the page's title", "it is not the page's title"),
            Share("of it is in the page's description"),
        ],
    );
    list.add(Matter::MachineText, [Share("of it is in the text that the page gives for machines")]);
    list.add(Matter::Repeats, [Number("times on the page")]);
    let leaning = Leaning("words as they stand around articles", "words as they stand in articles");
    list.add(Matter::Words, [leaning, leaning]);
    list.add(
        Matter::Words,
        [Leaning("a word as it stands around articles", "no word that speaks against it")],
    );
    list.add(
        Matter::Words,
        [Leaning("it begins like a line around articles", "it begins like an article's")],
    );
    list.add(Matter::Phrases, PHRASES.map(|what| Value::Flag(what, "no phrases of the site's own voice")));
}

fn place(list: &mut List) {
    list.add(
        Matter::Element,
        [
            Value::Element("it is a ", ""),
            Value::Element("in a ", ""),
            Value::Element("in a ", ", two levels up"),
            Number("elements deep"),
        ],
    );
    list.add(Matter::Element, FLAGS.map(|(yes, no)| Flag(yes, no)));
    list.add(Matter::Boxes, (0..hints::GROUPS).map(Value::Box));
    for level in 0..4 {
        let around: [Value; 5] = if level == 0 {
            [
                Count("letters in its element"),
                Share("of the text in its element is in links"),
                Share("of the page's paragraphs are in its element"),
                Count("blocks in its element"),
                Count("paragraphs in its element"),
            ]
        } else {
            [
                Count("letters in a box around it"),
                Share("of the text in a box around it is in links"),
                Share("of the page's paragraphs are in a box around it"),
                Count("blocks in a box around it"),
                Count("paragraphs in a box around it"),
            ]
        };
        list.add(Matter::Around, around);
    }
    list.add(
        Matter::Alike,
        [
            Count("letters in blocks of the same make"),
            Count("letters in a block of the same make, by the mean"),
            Share("of the text in blocks of the same make is in links"),
            Count("blocks of the same make"),
            Rate(20.0, "sentences in a block of the same make, by the mean"),
            Share("of the page's paragraphs are of the same make"),
        ],
    );
    let core =
        Flag("in the box that holds the page's paragraphs", "outside the box of the page's paragraphs");
    list.add(Matter::Around, [core, core]);
    list.add(
        Matter::Place,
        [
            Share("of the page's blocks are before it"),
            Count("blocks before it"),
            Count("blocks from it to the end"),
            Count("blocks on the page"),
            Share("of the page's text is before it"),
            Count("letters on the page"),
            Share("of the page's text is in paragraphs"),
        ],
    );
    list.add(Matter::Headline, [Before("headline"), Before("first-level heading")]);
    list.add(Matter::Element, [Flag("a page of plain text", "a page of HTML")]);
    list.add(
        Matter::MachineText,
        [Flag("the page shows the text that it gives for machines", "the page gives no text for machines")],
    );
    list.add(Matter::Place, [Number("blank lines before it")]);
    list.add(
        Matter::Element,
        [Flag("the page marks the body of its article", "the page does not mark the body of its article")],
    );
}

fn around(list: &mut List) {
    let near = |which: [&'static str; 7], count: usize| {
        let values = [
            Count(which[0]),
            Share(which[1]),
            Count(which[2]),
            Last(which[3]),
            Leaning(which[4], which[5]),
            Value::Element(which[6], ""),
        ];
        values.into_iter().take(count)
    };
    let before = |far: bool| {
        [
            if far { "letters two or three blocks before it" } else { "letters in the block before it" },
            if far {
                "of a block shortly before it is in links"
            } else {
                "of the block before it is in links"
            },
            if far { "sentences in a block shortly before it" } else { "sentences in the block before it" },
            if far { "a block shortly before it" } else { "the block before it" },
            if far { "words around articles shortly before it" } else { "words around articles before it" },
            if far { "words of articles shortly before it" } else { "words of articles before it" },
            if far { "shortly before it a " } else { "before it a " },
        ]
    };
    let behind = |far: bool| {
        [
            if far { "letters two or three blocks behind it" } else { "letters in the block behind it" },
            if far {
                "of a block shortly behind it is in links"
            } else {
                "of the block behind it is in links"
            },
            if far { "sentences in a block shortly behind it" } else { "sentences in the block behind it" },
            if far { "a block shortly behind it" } else { "the block behind it" },
            if far { "words around articles shortly behind it" } else { "words around articles behind it" },
            if far { "words of articles shortly behind it" } else { "words of articles behind it" },
            if far { "shortly behind it a " } else { "behind it a " },
        ]
    };
    let alike = |side: &'static str, not: &'static str| [Flag(side, not), Said("whether they share a box")];
    list.add(Matter::Neighbours, near(before(true), 2));
    list.add(Matter::Neighbours, near(before(true), 6));
    list.add(Matter::Neighbours, near(before(false), 6));
    list.add(
        Matter::Neighbours,
        alike("the block before it is of the same make", "the block before it is of another make"),
    );
    list.add(Matter::Neighbours, near(behind(false), 6));
    list.add(
        Matter::Neighbours,
        alike("the block behind it is of the same make", "the block behind it is of another make"),
    );
    list.add(Matter::Neighbours, near(behind(true), 6));
    list.add(Matter::Neighbours, near(behind(true), 2));
    list.add(
        Matter::NearText,
        [
            Count("letters of paragraphs in the 4 blocks before it"),
            Count("letters of paragraphs in the 4 blocks behind it"),
            Count("letters of paragraphs in the 12 blocks before it"),
            Count("letters of paragraphs in the 12 blocks behind it"),
            Blocks("heading before it"),
            Blocks("paragraph before it"),
            Blocks("paragraph behind it"),
        ],
    );
}

fn company(list: &mut List) {
    let known = Share("of the page's words are known to the model");
    list.add(Matter::Words, [known, Share("of its words are known to the model")]);
    let phrase = |yes| Flag(yes, "no phrase of the site's own voice at its ends");
    list.add(
        Matter::Phrases,
        [
            phrase("it begins with a phrase of the site's own"),
            phrase("it ends with a phrase of the site's own"),
        ],
    );
    list.add(
        Matter::Neighbours,
        [
            Blocks("line about further reading before it"),
            Blocks("line about comments before it"),
            Blocks("offer to subscribe before it"),
            Blocks("line about sharing before it"),
            Blocks("line about consent before it"),
            Blocks("line about further reading behind it"),
            Number("lines about further reading before it"),
            Number("lines about further reading on the page"),
            Blocks("line about comments behind it"),
            Number("lines about comments before it"),
            Number("lines about comments on the page"),
        ],
    );
    list.add(Matter::Headline, [Number("lines with dates before it")]);
    list.add(
        Matter::MachineText,
        [
            Share("of the block before it is in the text for machines"),
            Share("of the block behind it is in the text for machines"),
            Share("of the text for machines stands on the page"),
        ],
    );
    list.add(
        Matter::Title,
        [
            Share("of its words are in the page's address"),
            Share("of the words of the page's address are in it"),
        ],
    );
    list.add(
        Matter::Headline,
        [
            Before("line that agrees with the page's address"),
            Blocks("line with a date before it"),
            Blocks("line with a date behind it"),
        ],
    );
    list.add(Matter::Sentences, [Rate(4.0, "words a sentence")]);
    list.add(
        Matter::Neighbours,
        [
            Share("of the blocks near it end like sentences"),
            Rate(14.0, "doublings by which the lengths of the blocks near it differ"),
            Share("of the blocks near it are lines with dates"),
            Share("of the blocks near it stand on the page more than twice"),
        ],
    );
}

fn second_reading(list: &mut List) {
    list.add(Matter::FirstReading, [Share("likely by the first reading")]);
    list.add(Matter::NearText, [Share("likely to be text: a block shortly before it"); 3]);
    list.add(Matter::NearText, [Share("likely to be text: the block before it")]);
    list.add(Matter::NearText, [Share("likely to be text: the block behind it")]);
    list.add(Matter::NearText, [Share("likely to be text: a block shortly behind it"); 3]);
    for _ in 0..3 {
        list.add(
            Matter::NearText,
            [
                Share("likely to be text: what stands before it"),
                Share("likely to be text: what stands behind it"),
            ],
        );
    }
    list.add(
        Matter::Place,
        [
            Share("of the likely text is before it"),
            Count("letters of likely text on the page"),
            Share("of the page is likely to be text"),
            Share("likely: the likeliest block of the page"),
        ],
    );
    list.add(Matter::NearText, [Blocks("likely text before it"), Blocks("likely text behind it")]);
    for _ in 0..4 {
        list.add(
            Matter::Around,
            [
                Share("of a box around it is likely to be text"),
                Share("of the likely text is in a box around it"),
            ],
        );
    }
    list.add(
        Matter::Alike,
        [
            Share("of the blocks of the same make is likely to be text"),
            Share("of the likely text is of the same make"),
        ],
    );
    list.add(Matter::Words, [Share("of its rarer words stand in other likely text, too")]);
    list.add(
        Matter::NearText,
        [
            Flag("within a run of likely text", "outside any run of likely text"),
            Count("letters in its run of likely text"),
            Before("longest run of likely text"),
            Part(
                "outside the runs of likely text",
                "in a shorter run of likely text",
                "in the longest run of likely text",
            ),
            Said("how far into the longest run of likely text it stands"),
            Count("runs of likely text on the page"),
        ],
    );
}
