//! The body in a record's block: all of it, or the data of HTTP's chunks (RFC 9112, 7.1).
//!
//! Crawlers often store a body whose chunks they undid under a header that still speaks of them: then it is taken as it is.
//! Where later chunks are damaged, the body ends there, as it does in browsers.

use std::io::Read;

use super::Input;
use crate::codec::decompress::Fault;

/// Longest line that states a chunk's length.
const MAX_LINE_BYTES: usize = 256;
/// How much room a body is given before it is there.
const FIRST_BYTES: usize = 512 << 10;

/// What was read of a body.
struct Body {
    value: Vec<u8>,
    limit: usize,
}

/// Where in the chunks the reading is.
#[derive(Clone, Copy)]
enum Chunks {
    /// In the line that has to state a length, if there are chunks.
    FirstLine,
    /// In a later one.
    Line,
    /// In a chunk, of which so many bytes are left.
    Data(u64),
    /// There are none: all is body.
    All,
}

/// Reads a body, of which at most `max_bytes` and one are kept; what is left of the block then, is none of it.
pub fn read(input: &mut Input<impl Read>, chunked: bool, max_bytes: usize) -> Result<Vec<u8>, Fault> {
    let mut body = Body { value: Vec::new(), limit: max_bytes.saturating_add(1) };
    let mut chunks = if chunked { Chunks::FirstLine } else { Chunks::All };
    let mut line = Vec::new();
    while body.value.len() < body.limit {
        let left = usize::try_from(input.left).unwrap_or(usize::MAX);
        let bytes = input.block()?;
        if bytes.is_empty() {
            break;
        }
        let mut count = bytes.len();
        match &mut chunks {
            Chunks::All => body.add(bytes, left),
            Chunks::Data(data) => {
                count = count.min(usize::try_from(*data).unwrap_or(usize::MAX));
                body.add(&bytes[..count], left);
                *data -= count as u64;
                if *data == 0 {
                    chunks = Chunks::Line;
                }
            }
            Chunks::FirstLine | Chunks::Line => {
                let end = memchr::memchr(b'\n', bytes);
                count = end.map_or(count, |end| end + 1).min(MAX_LINE_BYTES - line.len());
                line.extend_from_slice(&bytes[..count]);
                if line.ends_with(b"\n") || line.len() == MAX_LINE_BYTES {
                    chunks = match (length(&line), chunks) {
                        (Some(0), _) => break,
                        (Some(data), _) => Chunks::Data(data),
                        (None, Chunks::FirstLine) => {
                            body.add(&line, left);
                            Chunks::All
                        }
                        // The line end behind a chunk.
                        (None, _) if line.trim_ascii().is_empty() => Chunks::Line,
                        (None, _) => break,
                    };
                    line.clear();
                }
            }
        }
        input.take(count);
        input.busy();
    }
    if matches!(chunks, Chunks::FirstLine) && length(&line) != Some(0) {
        body.add(&line, line.len());
    }
    if body.value.capacity() / 2 > body.value.len() {
        body.value.shrink_to_fit();
    }
    Ok(body.value)
}

impl Body {
    /// Adds bytes up to the limit; `left` is the most that can still come.
    fn add(&mut self, bytes: &[u8], left: usize) {
        let value = &mut self.value;
        let bytes = &bytes[..bytes.len().min(self.limit - value.len())];
        if value.capacity() - value.len() < bytes.len() {
            // What a record says of its length is believed in part: all of it is given room once some of it was there.
            let most = left.clamp(bytes.len(), self.limit - value.len());
            value.reserve_exact(if value.is_empty() { most.min(FIRST_BYTES.max(bytes.len())) } else { most });
        }
        value.extend_from_slice(bytes);
    }
}

/// The length that a chunk's line states, without its extensions.
fn length(line: &[u8]) -> Option<u64> {
    let digits = line.split(|&byte| byte == b';').next()?.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
