//! Selectors of elements: the part of CSS that can be told while a page is read from front to back.
//!
//! A selector is a list of compounds (`div.story[data-kind=text]`), each inside of or a child of the one before it. Each
//! compound has a bit; an element that fits a compound, and stands where it has to, sets that bit for what is inside of
//! it. So an element costs one look at each compound, whatever the nesting.

use super::super::html::{Attributes, Tag, each_attribute};

/// Most compounds of one rule: one bit each.
const MAX_COMPOUNDS: usize = 64;

/// How a compound stands to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It is the first.
    Anywhere,
    /// Somewhere inside of it.
    Inside,
    /// A child of it.
    Child,
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Present,
    Equals,
    HasWord,
    Begins,
    Ends,
    Holds,
}

/// What an element's own tag has to say.
#[derive(Debug)]
struct Compound {
    place: Place,
    /// Name in small letters; empty: any.
    name: String,
    /// Empty: any.
    id: String,
    classes: Vec<String>,
    attributes: Vec<(String, Test, String)>,
}

/// The selectors of one rule.
#[derive(Debug)]
pub struct Selectors {
    compounds: Vec<Compound>,
    /// Bit of the last compound, whether it drops, and the selector as it was written.
    selectors: Vec<(u32, bool, String)>,
    /// Bits of all last compounds.
    last: u64,
}

impl Selectors {
    /// Reads selectors; each text may hold several, between commas.
    ///
    /// # Errors
    /// What is wrong with each that cannot be read.
    pub fn new(take: &[String], drop: &[String]) -> Result<Self, Vec<String>> {
        let mut selectors = Self { compounds: Vec::new(), selectors: Vec::new(), last: 0 };
        let mut problems = Vec::new();
        for (key, texts) in [("take", take), ("drop", drop)] {
            for text in texts {
                for one in Parser::new(text).list() {
                    match one {
                        Ok((written, compounds)) => selectors.add(key == "drop", written, compounds),
                        Err(problem) => problems.push(format!("{key} `{text}`: {problem}")),
                    }
                }
            }
        }
        if selectors.compounds.len() > MAX_COMPOUNDS {
            let count = selectors.compounds.len();
            problems
                .push(format!("its selectors have {count} parts, more than {MAX_COMPOUNDS}: write fewer"));
        }
        if problems.is_empty() { Ok(selectors) } else { Err(problems) }
    }

    fn add(&mut self, drops: bool, written: String, compounds: Vec<Compound>) {
        self.compounds.extend(compounds);
        let bit = self.compounds.len() - 1;
        self.last |= 1u64.checked_shl(bit as u32).unwrap_or(0);
        self.selectors.push((bit as u32, drops, written));
    }

    /// Those that take, with their numbers.
    pub fn taking(&self) -> impl Iterator<Item = (u16, &str)> {
        let numbered = self.selectors.iter().enumerate();
        numbered.filter(|(_, (_, drops, _))| !drops).map(|(n, (_, _, written))| (n as u16, written.as_str()))
    }

    /// A selector as it was written.
    pub fn written(&self, index: u16) -> &str {
        self.selectors.get(usize::from(index)).map_or("", |(_, _, written)| written)
    }
}

impl Compound {
    fn fits(&self, name: &[u8], attributes: &Attributes<'_>, raw: &str) -> bool {
        (self.name.is_empty() || name.eq_ignore_ascii_case(self.name.as_bytes()))
            && (self.id.is_empty() || attributes.id.trim_ascii() == self.id)
            && self.classes.iter().all(|class| has_word(attributes.class, class))
            && (self.attributes.is_empty() || self.has_attributes(raw))
    }

    /// Attributes that the reader has no use for are looked up in the tag itself.
    fn has_attributes(&self, raw: &str) -> bool {
        self.attributes.iter().all(|(wanted, test, value)| {
            let mut found = None;
            each_attribute(raw, 0, |name, value| {
                // The first of two attributes of a name counts.
                if found.is_none() && name.eq_ignore_ascii_case(wanted.as_bytes()) {
                    found = Some(value);
                }
            });
            found.is_some_and(|found| match test {
                Test::Present => true,
                Test::Equals => found == value,
                Test::HasWord => has_word(found, value),
                Test::Begins => found.starts_with(value),
                Test::Ends => found.ends_with(value),
                Test::Holds => found.contains(value),
            })
        })
    }
}

fn has_word(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|one| one == word)
}

/// Which compounds an open element fits.
#[derive(Debug, Clone, Copy, Default)]
struct Fits {
    own: u64,
    /// With those that it stands in.
    all: u64,
}

/// Follows the reader through a page.
#[derive(Debug)]
pub struct Matcher<'r> {
    selectors: &'r Selectors,
    /// One entry for each open element, the root first.
    open: Vec<Fits>,
}

impl<'r> Matcher<'r> {
    /// At the beginning of a page, the root alone being open.
    pub fn new(selectors: &'r Selectors) -> Self {
        Self { selectors, open: vec![Fits::default()] }
    }

    /// An element begins inside of those that are open; which selector it fits (the first of those that drop, else the
    /// first), and whether that drops. `raw` is the tag behind its name.
    pub fn push(&mut self, name: &[u8], attributes: &Attributes<'_>, raw: &str) -> Option<(u16, bool)> {
        let parent = self.open.last().copied().unwrap_or_default();
        let own = self.fits(parent, name, attributes, raw);
        self.open.push(Fits { own, all: parent.all | own });
        self.hit(own)
    }

    /// `<html>` or `<body>`, which the reader takes for its root.
    pub fn root(&mut self, name: &[u8], attributes: &Attributes<'_>, raw: &str) -> Option<(u16, bool)> {
        let root = self.open[0];
        let own = self.fits(root, name, attributes, raw);
        self.open[0] = Fits { own: root.own | own, all: root.all | own };
        self.hit(own)
    }

    /// The last element that was opened ends.
    pub fn pop(&mut self) {
        self.open.pop();
    }

    fn fits(&self, parent: Fits, name: &[u8], attributes: &Attributes<'_>, raw: &str) -> u64 {
        let mut own = 0;
        let mut before = 0u64;
        for (index, compound) in self.selectors.compounds.iter().enumerate() {
            let bit = 1u64 << index;
            let stands = match compound.place {
                Place::Anywhere => true,
                Place::Inside => parent.all & before != 0,
                Place::Child => parent.own & before != 0,
            };
            if stands && compound.fits(name, attributes, raw) {
                own |= bit;
            }
            before = bit;
        }
        own
    }

    fn hit(&self, own: u64) -> Option<(u16, bool)> {
        if own & self.selectors.last == 0 {
            return None;
        }
        let fitting =
            || self.selectors.selectors.iter().enumerate().filter(|(_, (bit, ..))| own >> bit & 1 == 1);
        let (index, (_, drops, _)) =
            fitting().find(|(_, (_, drops, _))| *drops).or_else(|| fitting().next())?;
        Some((index as u16, *drops))
    }
}

/// Reads a list of selectors.
struct Parser<'t> {
    text: &'t str,
    pos: usize,
}

type Read<T> = Result<T, String>;

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, pos: 0 }
    }

    /// Every selector with what was written; the first that cannot be read ends the list.
    fn list(mut self) -> Vec<Read<(String, Vec<Compound>)>> {
        let mut list = Vec::new();
        loop {
            self.spaces();
            let start = self.pos;
            match self.complex() {
                Ok(compounds) => {
                    list.push(Ok((self.text[start..self.pos].trim_end().to_owned(), compounds)));
                }
                Err(problem) => {
                    list.push(Err(problem));
                    return list;
                }
            }
            if !self.eat(',') {
                return list;
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.pos..].chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let is = self.peek() == Some(wanted);
        if is {
            self.pos += wanted.len_utf8();
        }
        is
    }

    fn spaces(&mut self) -> bool {
        let rest = &self.text[self.pos..];
        let trimmed = rest.trim_start();
        self.pos += rest.len() - trimmed.len();
        trimmed.len() < rest.len()
    }

    fn complex(&mut self) -> Read<Vec<Compound>> {
        let mut compounds = vec![self.compound(Place::Anywhere)?];
        loop {
            let apart = self.spaces();
            match self.peek() {
                None | Some(',') => return Ok(compounds),
                Some('>') => {
                    self.pos += 1;
                    self.spaces();
                    compounds.push(self.compound(Place::Child)?);
                }
                Some(_) if apart => compounds.push(self.compound(Place::Inside)?),
                Some(c) => return Err(self.unexpected(c)),
            }
        }
    }

    fn unexpected(&self, c: char) -> String {
        let known = "names, .class, #id, [attribute=value], a space, > and commas";
        match c {
            ':' => format!("`:` at {}: pseudo-classes are not known; {known} are", self.at()),
            '+' | '~' => format!("`{c}` at {}: neighbours are not known; {known} are", self.at()),
            c => format!("`{c}` at {} is not expected: {known} are known", self.at()),
        }
    }

    /// Where the reading is, for a person.
    fn at(&self) -> String {
        format!("character {}", self.text[..self.pos].chars().count() + 1)
    }

    fn compound(&mut self, place: Place) -> Read<Compound> {
        let start = self.pos;
        let mut compound = Compound {
            place,
            name: String::new(),
            id: String::new(),
            classes: Vec::new(),
            attributes: Vec::new(),
        };
        if !self.eat('*') && self.peek().is_some_and(|c| is_name(c) || c == '\\') {
            compound.name = self.name()?.to_ascii_lowercase();
            let tag = Tag::of(compound.name.as_bytes());
            if !tag.is_stacked() && !matches!(tag, Tag::Body | Tag::Html) {
                let name = &compound.name;
                return Err(format!(
                    "`{name}` elements are read past: name the element around them, or one that \
                     makes a paragraph, link, span, button or label"
                ));
            }
        }
        loop {
            match self.peek() {
                Some('.') => {
                    self.pos += 1;
                    let class = self.name()?;
                    compound.classes.push(class);
                }
                Some('#') => {
                    self.pos += 1;
                    compound.id = self.name()?;
                }
                Some('[') => {
                    self.pos += 1;
                    let attribute = self.attribute()?;
                    compound.attributes.push(attribute);
                }
                Some(c @ (':' | '+' | '~')) => return Err(self.unexpected(c)),
                next if self.pos == start => {
                    return Err(next.map_or_else(
                        || format!("ends at {}, where a selector is to stand", self.at()),
                        |c| self.unexpected(c),
                    ));
                }
                _ => return Ok(compound),
            }
        }
    }

    fn name(&mut self) -> Read<String> {
        let mut name = String::new();
        while let Some(c) = self.peek() {
            if c == '\\' {
                self.pos += 1;
                let Some(escaped) = self.peek() else { break };
                name.push(escaped);
                self.pos += escaped.len_utf8();
            } else if is_name(c) {
                name.push(c);
                self.pos += c.len_utf8();
            } else {
                break;
            }
        }
        if name.is_empty() { Err(format!("a name is missing at {}", self.at())) } else { Ok(name) }
    }

    /// What stands behind `[`.
    fn attribute(&mut self) -> Read<(String, Test, String)> {
        self.spaces();
        let name = self.name()?;
        self.spaces();
        if self.eat(']') {
            return Ok((name, Test::Present, String::new()));
        }
        let test = match self.peek() {
            Some('=') => Test::Equals,
            Some('~') => Test::HasWord,
            Some('^') => Test::Begins,
            Some('$') => Test::Ends,
            Some('*') => Test::Holds,
            _ => return Err(format!("`]` or `=` is missing at {}", self.at())),
        };
        if test != Test::Equals {
            self.pos += 1;
        }
        if !self.eat('=') {
            return Err(format!("`=` is missing at {}", self.at()));
        }
        self.spaces();
        let value = match self.peek() {
            Some(quote @ ('"' | '\'')) => {
                self.pos += 1;
                let rest = &self.text[self.pos..];
                let end =
                    rest.find(quote).ok_or_else(|| format!("the {quote} at {} is not closed", self.at()))?;
                self.pos += end + 1;
                rest[..end].to_owned()
            }
            _ => self.name()?,
        };
        // An empty value begins, ends and is part of anything: CSS says that it fits nothing.
        if value.is_empty() && test != Test::Equals {
            return Err(format!("the value before {} is empty", self.at()));
        }
        self.spaces();
        if self.eat(']') { Ok((name, test, value)) } else { Err(format!("`]` is missing at {}", self.at())) }
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_' || !c.is_ascii()
}
