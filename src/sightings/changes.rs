//! What was done to the records of the index, as bytes: what a snapshot is made of.
//!
//! Done again in the same order, changes make an index that gives the same verdicts. They take a third of the
//! bytes of the log's entries and a tenth of the time to apply: verdicts are known, and only the hashes that were
//! chosen for the index are there.
//!
//! ```text
//! day    0 | day, LEB128
//! page   16 + kind (0 new, 1 exact, 2 near, 3 revision), + 4 if its id is its cluster | origin, 8 bytes | id, 16
//!        | unless new: cluster, 16 (not with + 4) | likeness, LEB128
//! story  of the page before it: 24 and as a page, without an origin
//! text   of the page or story before it: 32, + 1 if its hash is the first half of the id, + 2 if it has a URL, + 4 if the
//!        URL's hash is the second half, + 8 if its group is named after it, + 16 if its sketch has gaps | body, 8 bytes
//!        | text, 8 | URL, 8 | numbers, 8 | group, 4 | gaps, 1, and a byte each | bound, 2 | keys, 1 | shingles, 2 | hashes, 1
//!        | keys of the sketch, LEB128 | Rice-coded keys | bytes of the signature, LEB128 | signature
//! void   1 | origin, 8 bytes
//! begun  2
//! left   4 | number of the segment, LEB128
//! dead   5 | how many pages and stories ago it was remembered (1: the last), LEB128
//! ```

use super::codec::{Reader, code_of, kind_of, put_number, put_sketch};
use super::signature::Short;
use crate::record::{DuplicateKind, Hash128};
use crate::stages::deduplicate::SKETCH_HASHES;

const DAY: u8 = 0;
const VOID: u8 = 1;
const BEGUN: u8 = 2;
const LEFT: u8 = 4;
const DEAD: u8 = 5;
const PAGE: u8 = 16;
const STORY: u8 = 24;
const ID_IS_CLUSTER: u8 = 4;
const TEXT: u8 = 32;
const TEXT_IS_ID: u8 = 1;
const HAS_URL: u8 = 2;
const URL_IS_ID: u8 = 4;
const GROUP_IS_TEXT: u8 = 8;
const HAS_GAPS: u8 = 16;

/// One thing that was done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// A day began, counted from 1970.
    Day(i64),
    /// A segment began.
    Begun,
    /// The oldest segment left early; its number.
    Left(u64),
    /// A page was remembered, for the first time or anew.
    Page(PageChange),
    /// A story of the page before it was; its origin is 0.
    Story(PageChange),
    /// What can be matched of the page or the story before it.
    Text(TextChange),
    /// A page was taken back.
    Void(u64),
    /// What was remembered is dead, counted from the last: it was taken back before it was remembered anew, or the
    /// first page of its cluster was, which leaves now.
    Dead(u64),
}

/// A page that was remembered, by the hash of its origin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PageChange {
    pub origin: u64,
    pub id: Hash128,
    pub kind: Option<DuplicateKind>,
    /// `None`: it began one.
    pub cluster: Option<Hash128>,
    /// How much it is alike, see [`super::likeness`].
    pub likeness: u16,
}

/// What went into the index of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TextChange {
    pub body: u64,
    pub text: u64,
    pub url: Option<u64>,
    pub numbers: u64,
    pub group: u32,
    pub shingles: Short,
    /// Highest hash of the signature; [`ALL`] if none was left out.
    pub bound: Short,
    pub keys: u8,
    /// Hashes chosen of the sketch.
    pub hashes: u8,
    /// Places in the page's sketch that were left out between them.
    pub gaps: Vec<u8>,
    /// Those it can be found by. Ascending.
    pub found_by: Vec<u64>,
    /// See [`super::signature`].
    pub signature: Vec<u8>,
}

/// Bound of a signature that holds all hashes of its text.
pub(super) const ALL: Short = Short(u16::MAX);

impl Change {
    /// Appends its bytes. A text goes by [`TextChange::encode`].
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Day(day) => {
                out.push(DAY);
                put_number(*day as u64, out);
            }
            Self::Page(page) => page.encode(PAGE, out),
            Self::Story(story) => story.encode(STORY, out),
            Self::Dead(back) => {
                out.push(DEAD);
                put_number(*back, out);
            }
            Self::Begun => out.push(BEGUN),
            Self::Left(segment) => {
                out.push(LEFT);
                put_number(*segment, out);
            }
            Self::Text(text) => text.encode(&Hash128::default(), out),
            Self::Void(origin) => {
                out.push(VOID);
                out.extend(origin.to_be_bytes());
            }
        }
    }
}

impl PageChange {
    fn encode(&self, tag: u8, out: &mut Vec<u8>) {
        let same = self.cluster == Some(self.id);
        out.push(tag | code_of(self.kind) | if same { ID_IS_CLUSTER } else { 0 });
        if tag == PAGE {
            out.extend(self.origin.to_be_bytes());
        }
        out.extend(self.id.0);
        if let Some(cluster) = &self.cluster {
            if !same {
                out.extend(cluster.0);
            }
            put_number(u64::from(self.likeness), out);
        }
    }
}

/// The two halves of an id.
fn halves(id: &Hash128) -> (u64, u64) {
    let id = u128::from_be_bytes(id.0);
    ((id >> 64) as u64, id as u64)
}

impl TextChange {
    /// Appends its bytes; `id` is that of its page.
    pub fn encode(&self, id: &Hash128, out: &mut Vec<u8>) {
        let (text, url) = halves(id);
        let mut tag = TEXT;
        tag |= if text == self.text { TEXT_IS_ID } else { 0 };
        tag |= if self.url.is_some() { HAS_URL } else { 0 };
        tag |= if self.url == Some(url) { URL_IS_ID } else { 0 };
        tag |= if u64::from(self.group) == self.text >> 32 { GROUP_IS_TEXT } else { 0 };
        tag |= if self.gaps.is_empty() { 0 } else { HAS_GAPS };
        out.push(tag);
        out.extend(self.body.to_be_bytes());
        if tag & TEXT_IS_ID == 0 {
            out.extend(self.text.to_be_bytes());
        }
        if let (Some(url), 0) = (self.url, tag & URL_IS_ID) {
            out.extend(url.to_be_bytes());
        }
        out.extend(self.numbers.to_be_bytes());
        if tag & GROUP_IS_TEXT == 0 {
            out.extend(self.group.to_be_bytes());
        }
        if !self.gaps.is_empty() {
            out.push(self.gaps.len() as u8);
            out.extend(&self.gaps);
        }
        out.extend(self.bound.0.to_be_bytes());
        out.push(self.keys);
        out.extend(self.shingles.0.to_be_bytes());
        out.push(self.hashes);
        put_number(self.found_by.len() as u64, out);
        put_sketch(&self.found_by, out);
        put_number(self.signature.len() as u64, out);
        out.extend(&self.signature);
    }
}

/// Reads changes one after the other.
pub(super) struct Changes<'a>(Reader<'a>);

impl<'a> Changes<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(Reader::new(bytes))
    }

    /// The next change; `id` is that of the last page before it.
    ///
    /// # Errors
    /// Bytes that are no change.
    pub fn next(&mut self, id: Option<Hash128>) -> Result<Option<Change>, String> {
        let reader = &mut self.0;
        if reader.is_empty() {
            return Ok(None);
        }
        Ok(Some(match reader.byte()? {
            DAY => Change::Day(reader.number()? as i64),
            BEGUN => Change::Begun,
            LEFT => Change::Left(reader.number()?),
            DEAD => Change::Dead(reader.number()?),
            VOID => Change::Void(u64::from_be_bytes(reader.array()?)),
            tag if matches!(tag & !7, PAGE | STORY) => {
                let is_page = tag & !7 == PAGE;
                let origin = if is_page { u64::from_be_bytes(reader.array()?) } else { 0 };
                let id = reader.hash()?;
                let kind = kind_of(tag & 3);
                let (mut cluster, mut likeness) = (None, 1000);
                if kind.is_some() {
                    cluster = Some(if tag & ID_IS_CLUSTER == 0 { reader.hash()? } else { id });
                    likeness = reader.number()? as u16;
                }
                let change = PageChange { origin, id, kind, cluster, likeness };
                if is_page { Change::Page(change) } else { Change::Story(change) }
            }
            tag if tag & !31 == TEXT => Change::Text(text(reader, tag, id)?),
            tag => return Err(format!("{tag} begins no change of an index")),
        }))
    }
}

/// Bytes of a signature: 128 differences of cells, and what they add up to.
const MOST_SIGNATURE: usize = 1024;

fn text(reader: &mut Reader<'_>, tag: u8, id: Option<Hash128>) -> Result<TextChange, String> {
    let (own_text, own_url) = halves(&id.ok_or("a text of no page")?);
    let body = u64::from_be_bytes(reader.array()?);
    let text = if tag & TEXT_IS_ID == 0 { u64::from_be_bytes(reader.array()?) } else { own_text };
    let url = match (tag & HAS_URL, tag & URL_IS_ID) {
        (0, _) => None,
        (_, 0) => Some(u64::from_be_bytes(reader.array()?)),
        _ => Some(own_url),
    };
    let numbers = u64::from_be_bytes(reader.array()?);
    let group =
        if tag & GROUP_IS_TEXT == 0 { u32::from_be_bytes(reader.array()?) } else { (text >> 32) as u32 };
    let gaps = if tag & HAS_GAPS == 0 { Vec::new() } else { reader.bytes(SKETCH_HASHES)?.to_vec() };
    let bound = Short(u16::from_be_bytes(reader.array()?));
    let keys = reader.byte()?;
    let shingles = Short(u16::from_be_bytes(reader.array()?));
    let hashes = reader.byte()?;
    let found_by = reader.short_sketch()?;
    let signature = reader.bytes(MOST_SIGNATURE)?.to_vec();
    Ok(TextChange {
        body,
        text,
        url,
        numbers,
        group,
        shingles,
        bound,
        keys,
        hashes,
        gaps,
        found_by,
        signature,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kinds() -> impl Strategy<Value = Option<DuplicateKind>> {
        prop_oneof![
            Just(None),
            Just(Some(DuplicateKind::Exact)),
            Just(Some(DuplicateKind::Near)),
            Just(Some(DuplicateKind::Revision)),
        ]
    }

    fn pages() -> impl Strategy<Value = Change> {
        (any::<u64>(), any::<[u8; 16]>(), kinds(), any::<[u8; 16]>(), any::<bool>(), 0u16..=1000).prop_map(
            |(origin, id, kind, cluster, same, likeness)| {
                let (id, other) = (Hash128(id), Hash128(cluster));
                let cluster = kind.map(|_| if same { id } else { other });
                let likeness = if kind.is_some() { likeness } else { 1000 };
                Change::Page(PageChange { origin, id, kind, cluster, likeness })
            },
        )
    }

    proptest! {
        #[test]
        fn changes_survive_their_bytes(
            page in pages(),
            numbers in any::<[u64; 4]>(),
            url in prop::option::of(any::<u64>()),
            sketch in prop::collection::btree_set(0u64..1 << 36, 0..129),
            own in any::<[bool; 3]>(),
            (shingles, bound, keys, hashes, gaps) in any::<(u16, u16, u8, u8, [u8; 3])>(),
            signature in prop::collection::vec(any::<u8>(), 0..200),
            day in -3000i64..30_000,
        ) {
            let Change::Page(PageChange { id, .. }) = &page else { unreachable!() };
            let (own_text, own_url) = halves(id);
            let text = if own[0] { own_text } else { numbers[0] };
            let text = TextChange {
                body: numbers[1],
                text,
                url: url.map(|url| if own[1] { own_url } else { url }),
                numbers: numbers[2],
                group: if own[2] { (text >> 32) as u32 } else { numbers[3] as u32 },
                shingles: Short(shingles),
                bound: Short(bound),
                keys,
                hashes,
                gaps: gaps[..usize::from(hashes % 4)].to_vec(),
                found_by: sketch.into_iter().collect(),
                signature,
            };
            let mut bytes = Vec::new();
            page.encode(&mut bytes);
            text.encode(id, &mut bytes);
            let Change::Page(story) = page.clone() else { unreachable!() };
            let story = Change::Story(PageChange { origin: 0, ..story });
            let rest = [story, Change::Day(day), Change::Begun, Change::Left(numbers[3]), Change::Dead(numbers[2]), Change::Void(numbers[0])];
            rest.iter().for_each(|change| change.encode(&mut bytes));
            let mut read = Changes::new(&bytes);
            prop_assert_eq!(read.next(None), Ok(Some(page.clone())));
            prop_assert_eq!(read.next(Some(*id)), Ok(Some(Change::Text(text))));
            for change in rest {
                prop_assert_eq!(read.next(None), Ok(Some(change)));
            }
            prop_assert_eq!(read.next(None), Ok(None));
        }

        #[test]
        fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut read = Changes::new(&bytes);
            while let Ok(Some(_)) = read.next(Some(Hash128::default())) {}
        }
    }
}
