//! The normaliser of the vocabulary: SentencePiece's `nmt_nfkc`, a table of character sequences and what they become.
//!
//! The table is a darts-clone double array of 32-bit units with a blob of replacements, each ended by a zero byte.
//! Of a unit, bits 0–7 are the label, bit 8 says that a key ends at it, bit 9 that the offset is shifted by 8, bits 10–30
//! are the offset; the unit of a value has bit 31.

use super::EncoderError;

/// Space of SentencePiece: U+2581.
pub const SPACE: &[u8] = "\u{2581}".as_bytes();

/// The table.
#[derive(Debug, Clone)]
pub struct Charsmap {
    units: Vec<u32>,
    replacements: Vec<u8>,
}

fn offset(unit: u32) -> u32 {
    (unit >> 10) << ((unit & 0x200) >> 6)
}

impl Charsmap {
    /// Reads a `precompiled_charsmap`: size of the array in bytes, the array, the blob.
    ///
    /// # Errors
    /// It is cut.
    pub fn read(bytes: &[u8]) -> Result<Self, EncoderError> {
        let cut = || EncoderError::Damaged("its table of characters is cut".to_owned());
        let (size, rest) = bytes.split_at_checked(4).ok_or_else(cut)?;
        let size = u32::from_le_bytes([size[0], size[1], size[2], size[3]]) as usize;
        let (array, replacements) = rest.split_at_checked(size).ok_or_else(cut)?;
        let units = array
            .chunks_exact(4)
            .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect();
        Ok(Self { units, replacements: replacements.to_vec() })
    }

    /// What the longest key at the head of a text becomes, and how many bytes the key has.
    #[inline]
    fn longest(&self, text: &[u8]) -> Option<(&[u8], usize)> {
        let mut node = offset(*self.units.first()?);
        let mut found = None;
        for (i, byte) in text.iter().enumerate() {
            node ^= u32::from(*byte);
            let Some(unit) = self.units.get(node as usize) else { break };
            if unit & 0x8000_00ff != u32::from(*byte) {
                break;
            }
            node ^= offset(*unit);
            if unit & 0x100 != 0 {
                found = self.units.get(node as usize).map(|value| (value & 0x7fff_ffff, i + 1));
            }
        }
        let (value, length) = found?;
        let replacement = self.replacements.get(value as usize..)?;
        let end = replacement.iter().position(|byte| *byte == 0)?;
        Some((&replacement[..end], length))
    }

    /// Normalises a text into `out`: characters by the table, a space before the text, runs of spaces as one, none at
    /// the end, every space as U+2581. Of a text with nothing in it nothing is left.
    pub fn normalize(&self, text: &str, out: &mut Vec<u8>) {
        out.clear();
        let mut rest = text;
        let mut after_space = true;
        while let Some(first) = rest.chars().next() {
            let bytes = rest.as_bytes();
            let (mut piece, length) = match self.longest(bytes) {
                // A key is made of whole characters; a damaged table is not let cut one.
                Some((piece, length)) if rest.is_char_boundary(length) => (piece, length),
                _ => (&bytes[..first.len_utf8()], first.len_utf8()),
            };
            rest = &rest[length..];
            if after_space {
                while let Some(less) = piece.strip_prefix(b" ") {
                    piece = less;
                }
            }
            let Some(last) = piece.last() else { continue };
            if out.is_empty() {
                out.extend(SPACE);
            }
            after_space = *last == b' ';
            for byte in piece {
                match byte {
                    b' ' => out.extend(SPACE),
                    byte => out.push(*byte),
                }
            }
        }
        while out.ends_with(SPACE) {
            out.truncate(out.len() - SPACE.len());
        }
    }
}
