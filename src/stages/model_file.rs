//! Files of models, little-endian: a magic of eight bytes, a format (u32), XXH3-64 of what follows (u64), and that.

use xxhash_rust::xxh3::xxh3_64;

/// Bytes in front of what a file holds.
pub const HEAD: usize = 20;

/// The file that holds `body`.
pub fn write(magic: &[u8; 8], format: u32, body: &[u8]) -> Vec<u8> {
    let mut file = Vec::with_capacity(HEAD + body.len());
    file.extend(magic);
    file.extend(format.to_le_bytes());
    file.extend(xxh3_64(body).to_le_bytes());
    file.extend(body);
    file
}

/// Reads numbers and texts one after another.
pub struct Reader<'a> {
    /// What is left.
    pub bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// What a file holds; none where magic, format or hash are not as [`write`] makes them.
    pub fn open(file: &'a [u8], magic: &[u8; 8], format: u32) -> Option<Self> {
        let mut reader = Self { bytes: file };
        let is_own = reader.take(8)? == magic && reader.u32()? == format;
        let hash = reader.u64()?;
        (is_own && hash == xxh3_64(reader.bytes)).then_some(reader)
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.bytes.split_at_checked(n)?;
        self.bytes = rest;
        Some(head)
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// A number of one byte.
    pub fn u8(&mut self) -> Option<u8> {
        Some(self.array::<1>()?[0])
    }

    /// A number of two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// A number of four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// A number of eight bytes.
    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A floating-point number of four bytes.
    pub fn f32(&mut self) -> Option<f32> {
        self.array().map(f32::from_le_bytes)
    }

    /// A text behind its length in bytes (u8).
    pub fn text(&mut self) -> Option<String> {
        let length = usize::from(self.u8()?);
        Some(std::str::from_utf8(self.take(length)?).ok()?.to_owned())
    }
}
