//! The file that `newsmill models add` writes and the encoder reads: a header, a list of sections, the sections.
//!
//! All numbers are little-endian. The header has 64 bytes: magic (8), version (u32), number of sections (u32),
//! length of the file (u64), zeros (8), BLAKE3 of everything after the header (32). Then for each section its name
//! (16 bytes, filled up with zeros), offset and length (u64 each). Sections begin at multiples of 64.

use super::EncoderError;

/// First bytes of the file; the line ends tell a file that was carried over as text.
const MAGIC: [u8; 8] = *b"nm-enc\r\n";
/// Raised with every change of what the sections hold.
pub const VERSION: u32 = 1;
/// Bytes of the header.
pub const HEAD_BYTES: usize = 64;
const ENTRY_BYTES: usize = 32;
const NAME_BYTES: usize = 16;
const ALIGN: usize = 64;
const MAX_SECTIONS: usize = 256;

/// What the header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Number of sections.
    sections: usize,
    /// Bytes of the whole file.
    pub length: u64,
    /// BLAKE3 of what follows the header.
    pub digest: [u8; 32],
}

impl Head {
    /// Reads the header of a file of `length` bytes.
    ///
    /// # Errors
    /// The bytes are no encoder file, of another version, or not as long as they say.
    pub fn read(bytes: &[u8], length: u64) -> Result<Self, EncoderError> {
        if !bytes.starts_with(&MAGIC) {
            return Err(EncoderError::Foreign);
        }
        let version = u32_at(bytes, 8).ok_or(EncoderError::Truncated { found: length, said: None })?;
        if version != VERSION {
            return Err(EncoderError::OtherVersion { found: version });
        }
        let fields = (u32_at(bytes, 12), u64_at(bytes, 16), bytes.get(32..HEAD_BYTES));
        let (Some(sections), Some(said), Some(digest)) = fields else {
            return Err(EncoderError::Truncated { found: length, said: None });
        };
        if said != length {
            return Err(EncoderError::Truncated { found: length, said: Some(said) });
        }
        let sections = sections as usize;
        if sections > MAX_SECTIONS {
            return Err(EncoderError::Damaged("it claims too many sections".to_owned()));
        }
        let mut own = [0; 32];
        own.copy_from_slice(digest);
        Ok(Self { sections, length, digest: own })
    }
}

/// The sections of a file.
pub struct Sections<'a> {
    bytes: &'a [u8],
    entries: Vec<(&'a [u8], usize, usize)>,
}

impl<'a> Sections<'a> {
    /// Reads header and list. The digest is not looked at: whoever reads the file checks it.
    ///
    /// # Errors
    /// As [`Head::read`], or a section lies outside the file.
    pub fn read(bytes: &'a [u8]) -> Result<Self, EncoderError> {
        let head = Head::read(bytes, bytes.len() as u64)?;
        let mut entries = Vec::with_capacity(head.sections);
        for i in 0..head.sections {
            let at = HEAD_BYTES + i * ENTRY_BYTES;
            let entry = bytes
                .get(at..at + ENTRY_BYTES)
                .ok_or_else(|| EncoderError::Damaged("its list of sections is cut".to_owned()))?;
            let name = &entry[..NAME_BYTES];
            let end = name.iter().position(|byte| *byte == 0).unwrap_or(NAME_BYTES);
            let (offset, length) =
                (u64_at(entry, 16).unwrap_or(u64::MAX), u64_at(entry, 24).unwrap_or(u64::MAX));
            let inside = offset.checked_add(length).is_some_and(|end| end <= bytes.len() as u64);
            if !inside {
                return Err(EncoderError::Damaged(format!(
                    "its section {} lies outside the file",
                    String::from_utf8_lossy(&name[..end])
                )));
            }
            // Both are at most the length of a slice.
            entries.push((&name[..end], offset as usize, length as usize));
        }
        Ok(Self { bytes, entries })
    }

    /// Offset and length of a section.
    ///
    /// # Errors
    /// There is none of the name.
    pub fn place(&self, name: &str) -> Result<(usize, usize), EncoderError> {
        let found = self.entries.iter().find(|(own, ..)| *own == name.as_bytes());
        found
            .map(|(_, offset, length)| (*offset, *length))
            .ok_or_else(|| EncoderError::Damaged(format!("it has no section {name}")))
    }

    /// The bytes of a section.
    ///
    /// # Errors
    /// There is none of the name.
    pub fn bytes(&self, name: &str) -> Result<&'a [u8], EncoderError> {
        let (offset, length) = self.place(name)?;
        Ok(&self.bytes[offset..offset + length])
    }

    /// A section of `length` finite numbers.
    ///
    /// # Errors
    /// There is none of the name, or it holds something else.
    pub fn floats(&self, name: &str, length: usize) -> Result<Vec<f32>, EncoderError> {
        let bytes = self.bytes(name)?;
        let numbers: Vec<f32> = bytes
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect();
        if bytes.len() != 4 * length || !numbers.iter().all(|number| number.is_finite()) {
            return Err(EncoderError::Damaged(format!("its section {name} holds no {length} numbers")));
        }
        Ok(numbers)
    }

    /// A section of whole numbers of 32 bits.
    ///
    /// # Errors
    /// There is none of the name, or its length is odd.
    pub fn words(&self, name: &str) -> Result<Vec<u32>, EncoderError> {
        let bytes = self.bytes(name)?;
        if !bytes.len().is_multiple_of(4) {
            return Err(EncoderError::Damaged(format!("its section {name} is cut")));
        }
        Ok(bytes
            .chunks_exact(4)
            .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect())
    }
}

/// The bytes of a file with these sections.
///
/// # Panics
/// A name is longer than 16 bytes.
pub fn write(sections: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut offset = (HEAD_BYTES + sections.len() * ENTRY_BYTES).next_multiple_of(ALIGN);
    let mut list = Vec::new();
    for (name, bytes) in sections {
        let mut own = [0; NAME_BYTES];
        own[..name.len()].copy_from_slice(name.as_bytes());
        list.extend(own);
        list.extend((offset as u64).to_le_bytes());
        list.extend((bytes.len() as u64).to_le_bytes());
        offset = (offset + bytes.len()).next_multiple_of(ALIGN);
    }
    let mut out = Vec::with_capacity(offset);
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend((sections.len() as u32).to_le_bytes());
    out.extend((offset as u64).to_le_bytes());
    out.resize(HEAD_BYTES, 0);
    out.extend(list);
    for (_, bytes) in sections {
        out.resize(out.len().next_multiple_of(ALIGN), 0);
        out.extend(bytes);
    }
    out.resize(offset, 0);
    let digest = blake3::hash(&out[HEAD_BYTES..]);
    out[32..HEAD_BYTES].copy_from_slice(digest.as_bytes());
    out
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from(u32_at(bytes, at)?) | u64::from(u32_at(bytes, at + 4)?) << 32)
}
