//! Entries of the log as bytes.
//!
//! The first byte is the format, the second the kind of entry; integers are LEB128 variable-length
//! or big-endian of fixed length, strings are their length and UTF-8. The sorted hashes of a sketch
//! are Rice-coded differences: a sketch of 128
//! hashes of 36 bits takes some 470 bytes, and 112 more say in which order they stand in the text. A decoder
//! refuses what it does not know, and bytes left over.

use std::sync::Arc;

use super::{
    Entry, Indexed, Judged, JudgedStory, MAX_STORIES, Repeat, Settings, Sighting, Verdict, likeness,
    of_likeness,
};
use crate::record::{DuplicateKind, Hash128, Origin, Source};
use crate::stages::deduplicate::{Fingerprints, HASH_BITS, SKETCH_HASHES};

const FORMAT: u8 = 1;
const SETTINGS: u8 = 1;
const FULL: u8 = 2;
const LIGHT: u8 = 3;
const JUDGED: u8 = 4;
const VOID: u8 = 5;
/// [`FULL`] and [`JUDGED`] of a page with stories; their stories follow.
const FULL_WITH_STORIES: u8 = 6;
const JUDGED_WITH_STORIES: u8 = 7;
/// Longest name of a topic or an input that is read back.
const MAX_NAME_BYTES: usize = 1 << 16;

impl Entry {
    /// Appends the entry's bytes to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(FORMAT);
        match self {
            Self::Settings(settings) => {
                out.push(SETTINGS);
                put_bytes(settings.to_text().as_bytes(), out);
            }
            Self::Sighting(sighting) => match &sighting.fingerprints {
                Some(fingerprints) => {
                    let stories = &sighting.stories;
                    out.push(if stories.is_empty() { FULL } else { FULL_WITH_STORIES });
                    put_origin(&sighting.origin, out);
                    out.extend(fingerprints.text.to_be_bytes());
                    out.push(u8::from(fingerprints.url.is_some()));
                    if let Some(url) = fingerprints.url {
                        out.extend(url.to_be_bytes());
                    }
                    put_shape(fingerprints, out);
                    if !stories.is_empty() {
                        out.push(stories.len() as u8);
                    }
                    for story in stories {
                        out.extend(story.text.to_be_bytes());
                        put_shape(story, out);
                    }
                }
                None => {
                    out.push(LIGHT);
                    put_origin(&sighting.origin, out);
                    out.extend(sighting.id.0);
                }
            },
            Self::Judged(judged) => {
                out.push(if judged.stories.is_empty() { JUDGED } else { JUDGED_WITH_STORIES });
                put_origin(&judged.origin, out);
                put_verdict(&judged.verdict, out);
                put_indexed(judged.indexed, out);
                if !judged.stories.is_empty() {
                    out.push(judged.stories.len() as u8);
                }
                for story in &judged.stories {
                    put_verdict(&story.verdict, out);
                    put_indexed(story.indexed, out);
                }
            }
            Self::Void(origin) => {
                out.push(VOID);
                put_origin(origin, out);
            }
        }
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// Bytes that are no entry of a known format.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let mut reader = Reader(bytes);
        let entry = reader.entry()?;
        if reader.0.is_empty() { Ok(entry) } else { Err("not a sightings entry: bytes are left over".into()) }
    }
}

/// Hash that stands for an origin in the index.
pub(super) fn origin_key(origin: &Origin) -> u64 {
    let mut bytes = Vec::with_capacity(96);
    put_origin(origin, &mut bytes);
    let mut out = [0; 8];
    out.copy_from_slice(&blake3::hash(&bytes).as_bytes()[..8]);
    u64::from_be_bytes(out)
}

pub(super) fn put_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_number(bytes.len() as u64, out);
    out.extend(bytes);
}

fn put_origin(origin: &Origin, out: &mut Vec<u8>) {
    match &origin.source {
        Source::Kafka { topic, partition, offset } => {
            out.push(0);
            put_bytes(topic.as_bytes(), out);
            put_number(u64::from(*partition as u32), out);
            put_number(*offset as u64, out);
        }
        Source::File { input, line } => {
            out.push(1);
            put_bytes(input.as_bytes(), out);
            put_number(*line, out);
        }
    }
    out.extend(origin.body.0);
}

/// Number of a kind of repeat, in all that is written: 0 for none.
pub(super) fn code_of(kind: Option<DuplicateKind>) -> u8 {
    match kind {
        None => 0,
        Some(DuplicateKind::Exact) => 1,
        Some(DuplicateKind::Near) => 2,
        Some(DuplicateKind::Revision) => 3,
    }
}

/// The kind that [`code_of`] gives this number.
pub(super) fn kind_of(code: u8) -> Option<DuplicateKind> {
    match code {
        1 => Some(DuplicateKind::Exact),
        2 => Some(DuplicateKind::Near),
        3 => Some(DuplicateKind::Revision),
        _ => None,
    }
}

fn put_verdict(verdict: &Verdict, out: &mut Vec<u8>) {
    match verdict {
        Verdict::New { id } => {
            out.push(0);
            out.extend(id.0);
        }
        Verdict::Repeat(repeat) => {
            let Repeat { id, kind, of, cluster, similarity, contained } = repeat;
            out.push(code_of(Some(*kind)));
            out.extend(id.0);
            out.extend(cluster.0);
            out.push(u8::from(of != cluster));
            if of != cluster {
                out.extend(of.0);
            }
            out.extend(likeness(*similarity, *contained).to_be_bytes());
        }
        Verdict::Unknown => out.push(9),
    }
}

fn put_indexed(indexed: Indexed, out: &mut Vec<u8>) {
    out.push(indexed.keys);
    out.extend(indexed.group.to_be_bytes());
    put_number(indexed.sketch as u64, out);
    put_number((indexed.sketch >> 64) as u64, out);
}

/// What fingerprints hold besides the hashes of text and URL.
fn put_shape(fingerprints: &Fingerprints, out: &mut Vec<u8>) {
    out.extend(fingerprints.numbers.to_be_bytes());
    put_number(u64::from(fingerprints.shingles), out);
    put_number(fingerprints.sketch.len() as u64, out);
    put_sketch(&fingerprints.sketch, out);
    put_ranks(&fingerprints.ranks, out);
}

/// Rice code: of each difference the low `bits` as they are, the rest as that many ones and a zero.
/// `bits` fits the mean difference, which makes it near the shortest for random hashes.
pub(super) fn put_sketch(sketch: &[u64], out: &mut Vec<u8>) {
    let Some(last) = sketch.last() else { return };
    let bits = (last / sketch.len() as u64).max(1).ilog2();
    out.push(bits as u8);
    let mut writer = BitWriter::default();
    let mut before = 0;
    for hash in sketch {
        writer.put_rice(hash - before, bits, out);
        before = *hash;
    }
    writer.finish(out);
}

/// Seven bits each.
fn put_ranks(ranks: &[u8], out: &mut Vec<u8>) {
    let mut writer = BitWriter::default();
    for rank in ranks {
        writer.put(u64::from(rank & 0x7f), 7, out);
    }
    writer.finish(out);
}

/// Writes bits, the lowest first.
#[derive(Default)]
pub(super) struct BitWriter {
    buffer: u64,
    filled: u32,
}

impl BitWriter {
    /// At most 7 bits wait and at most 40 come: 64 hold them.
    pub fn put(&mut self, value: u64, width: u32, out: &mut Vec<u8>) {
        self.buffer |= value << self.filled;
        self.filled += width;
        while self.filled >= 8 {
            out.push(self.buffer as u8);
            self.buffer >>= 8;
            self.filled -= 8;
        }
    }

    /// A number as Rice has it: ones for what is above the `low` bits, a zero, and those bits.
    pub fn put_rice(&mut self, number: u64, low: u32, out: &mut Vec<u8>) {
        for _ in 0..number >> low {
            self.put(1, 1, out);
        }
        self.put(0, 1, out);
        self.put(number & ((1 << low) - 1), low, out);
    }

    pub fn finish(self, out: &mut Vec<u8>) {
        if self.filled > 0 {
            out.push(self.buffer as u8);
        }
    }
}

#[derive(Default)]
struct BitReader {
    buffer: u64,
    filled: u32,
}

impl BitReader {
    /// The next `width` bits, 40 at the most.
    fn take(&mut self, width: u32, reader: &mut Reader) -> Result<u64, String> {
        while self.filled < width {
            self.buffer |= u64::from(reader.byte()?) << self.filled;
            self.filled += 8;
        }
        let value = self.buffer & ((1 << width) - 1);
        self.buffer >>= width;
        self.filled -= width;
        Ok(value)
    }
}

pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn entry(&mut self) -> Result<Entry, String> {
        let format = self.byte()?;
        if format != FORMAT {
            return Err(format!(
                "sightings entry of format {format}, and this program reads format {FORMAT}: \
                 use the version that wrote it, or a new log"
            ));
        }
        Ok(match self.byte()? {
            SETTINGS => {
                let text = self.name()?;
                Entry::Settings(Settings::from_text(&text)?)
            }
            kind @ (FULL | FULL_WITH_STORIES) => {
                let origin = self.origin()?;
                let text = u64::from_be_bytes(self.array()?);
                let url = if self.byte()? == 0 { None } else { Some(u64::from_be_bytes(self.array()?)) };
                let fingerprints = self.fingerprints(text, url)?;
                let mut stories = Vec::new();
                for _ in 0..self.stories(kind == FULL_WITH_STORIES)? {
                    let text = u64::from_be_bytes(self.array()?);
                    stories.push(self.fingerprints(text, url)?);
                }
                Entry::Sighting(Box::new(Sighting::full(origin, fingerprints).with_stories(stories)))
            }
            LIGHT => {
                let origin = self.origin()?;
                Entry::Sighting(Box::new(Sighting::light(origin, self.hash()?)))
            }
            kind @ (JUDGED | JUDGED_WITH_STORIES) => {
                let origin = self.origin()?;
                let (verdict, indexed) = (self.verdict()?, self.indexed()?);
                let mut stories = Vec::new();
                for _ in 0..self.stories(kind == JUDGED_WITH_STORIES)? {
                    stories.push(JudgedStory { verdict: self.verdict()?, indexed: self.indexed()? });
                }
                Entry::Judged(Box::new(Judged { origin, verdict, indexed, stories }))
            }
            VOID => Entry::Void(self.origin()?),
            kind => return Err(format!("not a sightings entry: kind {kind}")),
        })
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], String> {
        let (head, tail) = self.0.split_at_checked(n).ok_or("not a sightings entry: it is cut short")?;
        self.0 = tail;
        Ok(head)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    pub fn byte(&mut self) -> Result<u8, String> {
        Ok(self.array::<1>()?[0])
    }

    pub fn number(&mut self) -> Result<u64, String> {
        let mut out = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                break;
            }
            out |= part << shift;
            if byte < 0x80 {
                return Ok(out);
            }
        }
        Err("not a sightings entry: a number is too long".into())
    }

    pub fn bytes(&mut self, max: usize) -> Result<&'a [u8], String> {
        let n = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if n > max {
            return Err("not a sightings entry: a string is too long".into());
        }
        self.take(n)
    }

    fn name(&mut self) -> Result<Arc<str>, String> {
        let bytes = self.bytes(MAX_NAME_BYTES)?;
        std::str::from_utf8(bytes)
            .map(Arc::from)
            .map_err(|_| "not a sightings entry: a name is not UTF-8".into())
    }

    pub fn hash(&mut self) -> Result<Hash128, String> {
        self.array().map(Hash128)
    }

    fn origin(&mut self) -> Result<Origin, String> {
        let source = match self.byte()? {
            0 => {
                let topic = self.name()?;
                let partition =
                    u32::try_from(self.number()?).map_err(|_| "not a sightings entry: partition")? as i32;
                Source::Kafka { topic, partition, offset: self.number()? as i64 }
            }
            1 => Source::File { input: self.name()?, line: self.number()? },
            kind => return Err(format!("not a sightings entry: source {kind}")),
        };
        Ok(Origin { source, body: self.hash()? })
    }

    fn verdict(&mut self) -> Result<Verdict, String> {
        let kind = match self.byte()? {
            0 => return Ok(Verdict::New { id: self.hash()? }),
            9 => return Ok(Verdict::Unknown),
            code => kind_of(code).ok_or_else(|| format!("not a sightings entry: verdict {code}"))?,
        };
        let (id, cluster) = (self.hash()?, self.hash()?);
        let of = if self.byte()? == 0 { cluster } else { self.hash()? };
        let (similarity, contained) = of_likeness(u16::from_be_bytes(self.array()?));
        Ok(Verdict::Repeat(Repeat { id, kind, of, cluster, similarity, contained }))
    }

    fn indexed(&mut self) -> Result<Indexed, String> {
        let keys = self.byte()?;
        let group = u32::from_be_bytes(self.array()?);
        let sketch = u128::from(self.number()?) | u128::from(self.number()?) << 64;
        Ok(Indexed { keys, group, sketch })
    }

    /// How many stories follow, where any do.
    fn stories(&mut self, any: bool) -> Result<usize, String> {
        let stories = if any { usize::from(self.byte()?) } else { 0 };
        if any && stories == 0 || stories > MAX_STORIES {
            return Err("not a sightings entry: number of stories".into());
        }
        Ok(stories)
    }

    fn fingerprints(&mut self, text: u64, url: Option<u64>) -> Result<Fingerprints, String> {
        let numbers = u64::from_be_bytes(self.array()?);
        let shingles = u32::try_from(self.number()?).map_err(|_| "not a sightings entry: shingles")?;
        let n = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if n > SKETCH_HASHES {
            return Err("not a sightings entry: the sketch is too long".into());
        }
        let sketch = self.sketch(n)?;
        let mut bits = BitReader::default();
        let ranks = (0..n).map(|_| bits.take(7, self).map(|rank| rank as u8)).collect::<Result<_, _>>()?;
        Ok(Fingerprints { text, url, shingles, sketch, ranks, numbers })
    }

    /// A sketch with its length before it.
    pub fn short_sketch(&mut self) -> Result<Vec<u64>, String> {
        let n = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if n > SKETCH_HASHES {
            return Err("not a sightings entry: the sketch is too long".into());
        }
        self.sketch(n)
    }

    fn sketch(&mut self, n: usize) -> Result<Vec<u64>, String> {
        let wrong = || "not a sightings entry: sketch".to_owned();
        let mut out = Vec::with_capacity(n);
        if n == 0 {
            return Ok(out);
        }
        let width = u32::from(self.byte()?);
        if width >= HASH_BITS {
            return Err(wrong());
        }
        let mut bits = BitReader::default();
        let mut before = 0u64;
        for _ in 0..n {
            let mut high = 0u64;
            while bits.take(1, self)? == 1 {
                high += 1;
            }
            if high >> (HASH_BITS - width) != 0 {
                return Err(wrong());
            }
            before += high << width | bits.take(width, self)?;
            if before >> HASH_BITS != 0 {
                return Err(wrong());
            }
            out.push(before);
        }
        Ok(out)
    }
}
