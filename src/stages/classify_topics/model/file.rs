//! The file of a topic model.
//!
//! Little-endian: magic `nmtopics`, format u32, XXH3-64 of everything behind it u64; topics (number u8; code and name of each, a length u8
//! before either); the [`Head`] in order of its fields; languages (number u32; length u8, code, group u8), section words (number u32; hash u64, topic u8),
//! books (256 times six signed bytes for each part), zeros up to a multiple of 64 bytes from the file's beginning, lines. A line,
//! where it has n features: n tags (u16, zero where there is none), n bytes of gain (upper half) and own
//! weight (lower half), n bytes for each of the parts' numbers, zeros.

use xxhash_rust::xxh3::xxh3_64;

use super::super::evidence::KINDS;
use super::{Book, Bytes, GROUPS, Head, LINE, Label, Layout, MAX_TOPICS, Model, PART, PATTERNS, Packed};
use crate::stages::model_file::{self, Reader};

/// Magic of the file.
const MAGIC: &[u8; 8] = b"nmtopics";
/// Version of the layout and of the features.
pub const FORMAT: u32 = 4;

/// Why a model file was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Not a model file.
    #[error(
        "not a topic model: it does not start with `nmtopics`; give the file that `newsmill train topics` wrote"
    )]
    NotAModel,
    /// Another format.
    #[error(
        "the topic model has format {0}, this newsmill reads {FORMAT}: train it again with `newsmill train topics`"
    )]
    Format(u32),
    /// Cut short or changed.
    #[error("the topic model is damaged ({0}): copy or train it again")]
    Damaged(&'static str),
}

impl Model {
    /// Reads a model.
    ///
    /// # Errors
    /// The bytes are not a model, of another format, or damaged.
    pub fn read(file: Bytes) -> Result<Self, Error> {
        let bytes = (*file).as_ref();
        let mut reader = Reader { bytes };
        if reader.take(8).ok_or(Error::NotAModel)? != MAGIC {
            return Err(Error::NotAModel);
        }
        let cut = || Error::Damaged("cut short");
        let format = reader.u32().ok_or_else(cut)?;
        if format != FORMAT {
            return Err(Error::Format(format));
        }
        let hash = reader.u64().ok_or_else(cut)?;
        if hash != xxh3_64(reader.bytes) {
            return Err(Error::Damaged("its hash differs from the one in its head"));
        }
        let Parts { head, labels, languages, sections, books } = parts(&mut reader).ok_or_else(cut)?;
        let lines = bytes.len() - reader.bytes.len()..bytes.len();
        let layout = Layout::of(labels.len());
        Ok(Self { head, labels, layout, languages, sections, books, lines, file })
    }
}

/// A model but for its lines.
pub struct Parts {
    /// The head's numbers.
    pub head: Head,
    /// Topics.
    pub labels: Vec<Label>,
    /// Codes of languages and their groups, sorted.
    pub languages: Vec<(String, u8)>,
    /// Hashes of section words and topics, sorted.
    pub sections: Vec<(u64, u8)>,
    /// A book for each part of the topics.
    pub books: Vec<Book>,
}

/// All but the lines, which are left.
fn parts(reader: &mut Reader<'_>) -> Option<Parts> {
    let topics = Some(usize::from(reader.u8()?)).filter(|topics| (1..=MAX_TOPICS).contains(topics))?;
    let labels = (0..topics)
        .map(|_| Some(Label { code: reader.text()?, name: reader.text()? }))
        .collect::<Option<_>>()?;
    let lines = reader.u32()?;
    let texts = reader.u32()?;
    let text_bytes = reader.u32()?;
    let scale = reader.f32()?;
    let bias = floats(reader, topics)?;
    let mut evidence = [0.0; KINDS];
    for weight in &mut evidence {
        *weight = reader.f32()?;
    }
    let mut calibration = [[0.0; 2]; GROUPS];
    for number in calibration.iter_mut().flatten() {
        *number = reader.f32()?;
    }
    let offsets = [floats(reader, topics)?, floats(reader, topics)?];
    let mut languages = Vec::new();
    for _ in 0..reader.u32()? {
        languages.push((reader.text()?, reader.u8()?));
    }
    let mut sections = Vec::new();
    for _ in 0..reader.u32()? {
        let hash = reader.u64()?;
        sections.push((hash, reader.u8()?.min(topics as u8 - 1)));
    }
    let mut books: Vec<Book> = vec![[[0; 8]; PATTERNS]; Layout::of(topics).parts];
    for pattern in books.iter_mut().flatten() {
        let weights = reader.array::<PART>()?;
        pattern.iter_mut().zip(weights).for_each(|(to, from)| *to = i16::from((from as i8).max(-127)));
    }
    let length = (lines as usize).checked_mul(LINE)?;
    reader.take(reader.bytes.len().checked_sub(length).filter(|padding| *padding < LINE)?)?;
    let head = Head { lines, texts, text_bytes, scale, bias, evidence, calibration, offsets };
    (lines > 0).then_some(Parts { head, labels, languages, sections, books })
}

fn floats(reader: &mut Reader<'_>, n: usize) -> Option<Vec<f32>> {
    (0..n).map(|_| reader.f32()).collect()
}

/// Writes a model file: `languages` and `sections` sorted by their keys, features by line.
///
/// # Panics
/// A code or a name is longer than 255 bytes, or there are more topics than [`MAX_TOPICS`].
pub fn write(parts: &Parts, lines: &[Vec<Packed>]) -> Vec<u8> {
    let Parts { head, labels, languages, sections, books } = parts;
    assert!(labels.len() <= MAX_TOPICS, "{} topics", labels.len());
    let Layout { ways, parts } = Layout::of(labels.len());
    let mut body = Vec::with_capacity(lines.len() * LINE + 65_536);
    let text = |body: &mut Vec<u8>, text: &str| {
        assert!(text.len() <= 255, "{text} is longer than 255 bytes");
        body.push(text.len() as u8);
        body.extend(text.as_bytes());
    };
    body.push(labels.len() as u8);
    for label in labels {
        text(&mut body, &label.code);
        text(&mut body, &label.name);
    }
    body.extend(head.lines.to_le_bytes());
    body.extend(head.texts.to_le_bytes());
    body.extend(head.text_bytes.to_le_bytes());
    let floats = std::iter::once(&head.scale)
        .chain(&head.bias)
        .chain(&head.evidence)
        .chain(head.calibration.iter().flatten())
        .chain(head.offsets.iter().flatten());
    floats.for_each(|value| body.extend(value.to_le_bytes()));
    body.extend((languages.len() as u32).to_le_bytes());
    for (code, group) in languages {
        text(&mut body, code);
        body.push(*group);
    }
    body.extend((sections.len() as u32).to_le_bytes());
    for (hash, topic) in sections {
        body.extend(hash.to_le_bytes());
        body.push(*topic);
    }
    let patterns = books.iter().flatten();
    body.extend(patterns.flat_map(|pattern| &pattern[..PART]).map(|weight| *weight as i8 as u8));
    body.resize((model_file::HEAD + body.len()).next_multiple_of(LINE) - model_file::HEAD, 0);
    for features in lines {
        let mut line = [0_u8; LINE];
        for (way, feature) in features.iter().take(ways).enumerate() {
            line[way * 2..way * 2 + 2].copy_from_slice(&feature.tag.to_le_bytes());
            line[ways * 2 + way] = feature.gain << 4 | feature.own & 15;
            for (part, pattern) in feature.patterns[..parts].iter().enumerate() {
                line[ways * (3 + part) + way] = *pattern;
            }
        }
        body.extend(line);
    }
    model_file::write(MAGIC, FORMAT, &body)
}
