//! The one place that decompresses: every decoder reads under a cap, so that no small body becomes a
//! huge one. Raw decoders anywhere else are refused by `clippy.toml` and `tests/it/tidy.rs`.

mod brotli;
mod members;

use std::borrow::Cow;
use std::io::{BufRead, Read};

pub use members::{Fault, Members, Piece, content_opens_with, head_bytes};

use crate::record::Reason;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// Largest window of an archive in zstd, as a power of two: 8 MiB, what RFC 9659 allows on the web.
const ZSTD_WINDOW_LOG: u32 = 23;
const XZ_MAGIC: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0];
/// Most memory of the decoder of a file in xz, in bytes: `xz -9` makes files that take 65 MiB.
const XZ_MEMORY_BYTES: u64 = 128 << 20;

/// Memory that undoing an encoding may take beyond the cap, in bytes: buffers and tables of the decoder, and what is held while
/// the output grows. With the rest of the first MiB, of what holds the body, a bomb is refused within the cap and 1 MiB.
const SLACK_BYTES: usize = 768 << 10;
/// Up to this size, in bytes, the output doubles; from there it has room for all that the cap allows, which costs memory only
/// where it is written. Doubling further would hold up to one and a half times the cap.
const DOUBLING_BYTES: usize = 256 << 10;
/// What an inner encoding may have decompressed to without a smaller cap for what is inside, in bytes.
const FREE_LAYER_BYTES: usize = 256 << 10;

/// Why a body cannot be decompressed.
type Problem = (Reason, String);

/// Undoes the content encodings of a body, at most four of them, each result at most `cap` bytes, and what was undone before
/// it beyond 256 KiB counting, too: a bomb in a bomb takes no more memory than one.
///
/// `encoding` is the HTTP header's value, possibly empty. Crawlers often store decoded bodies under the
/// header of the encoded one, so a body without the magic of its encoding is taken as it is; gzip and
/// zstd are also recognised without a header.
///
/// # Errors
/// `bad_compression` for a damaged body, `too_large` past the cap.
pub fn decompress<'a>(body: &'a [u8], encoding: &str, cap: usize) -> Result<Cow<'a, [u8]>, Problem> {
    let mut out = Cow::Borrowed(body);
    let layers = encoding.split(',').count();
    if layers > 4 {
        return Err((Reason::BadCompression, format!("{layers} content encodings, at most 4 are undone")));
    }
    for name in encoding.rsplit(',') {
        let name = name.trim().to_ascii_lowercase();
        let held = if let Cow::Owned(layer) = &out { layer.capacity() } else { 0 };
        let cap = cap.saturating_sub(held.saturating_sub(FREE_LAYER_BYTES));
        let layer = if out.starts_with(GZIP_MAGIC) {
            read_capped(flate2::bufread::MultiGzDecoder::new(&out[..]), "gzip", cap)?
        } else if out.starts_with(ZSTD_MAGIC) {
            read_zstd(&out, cap)?
        } else if name == "br" {
            match brotli::read(&out, cap) {
                // Brotli has no magic: a body that is text already was decoded by the crawler.
                Err((Reason::BadCompression, _)) if std::str::from_utf8(&out).is_ok() => break,
                layer => layer?,
            }
        } else if name == "deflate" {
            match inflate(&out, cap) {
                Err((Reason::BadCompression, _)) if std::str::from_utf8(&out).is_ok() => break,
                layer => layer?,
            }
        } else if !matches!(name.as_str(), "" | "identity" | "gzip" | "x-gzip" | "zstd") {
            return Err((Reason::BadCompression, format!("content encoding {name:?} is not known")));
        } else {
            break;
        };
        out = Cow::Owned(layer);
    }
    Ok(out)
}

/// `deflate` means zlib, though some servers send the raw stream.
fn inflate(body: &[u8], cap: usize) -> Result<Vec<u8>, Problem> {
    match read_capped(flate2::bufread::ZlibDecoder::new(body), "deflate", cap) {
        Err((Reason::BadCompression, _)) => {
            read_capped(flate2::bufread::DeflateDecoder::new(body), "deflate", cap)
        }
        result => result,
    }
}

/// A raw deflate stream, as archives hold them, of at most `cap` bytes.
///
/// # Errors
/// What is wrong with it, or that it is longer.
pub fn inflate_raw(bytes: &[u8], cap: usize) -> Result<Vec<u8>, String> {
    read_capped(flate2::bufread::DeflateDecoder::new(bytes), "deflate", cap).map_err(|(_, what)| what)
}

/// Zstandard straight into the output: so no window is held besides it, whatever size the frames name.
fn read_zstd(body: &[u8], cap: usize) -> Result<Vec<u8>, Problem> {
    let limit = cap.saturating_add(1);
    // What the first frame says of itself: a hint, for others may follow.
    let named = zstd::zstd_safe::get_frame_content_size(body).ok().flatten();
    let first = named.map_or(DOUBLING_BYTES, |size| usize::try_from(size).unwrap_or(usize::MAX)).min(limit);
    for room in [first, limit] {
        let mut out = Vec::new();
        if named.is_some_and(|size| size > cap as u64) || out.try_reserve_exact(room).is_err() {
            break;
        }
        match zstd::zstd_safe::DCtx::create().decompress(&mut out, body) {
            Ok(_) if out.len() > cap => break,
            Ok(_) => return Ok(out),
            Err(code) if code.wrapping_neg() == ZSTD_OUTPUT_TOO_SMALL => {}
            Err(code) => {
                let what = zstd::zstd_safe::get_error_name(code);
                return Err(damaged("zstd", &std::io::Error::other(what)));
            }
        }
    }
    Err(too_large("zstd", cap))
}

/// `ZSTD_error_dstSize_tooSmall`, from the library's list of stable codes.
const ZSTD_OUTPUT_TOO_SMALL: usize = 70;

fn read_capped(mut reader: impl Read, name: &str, cap: usize) -> Result<Vec<u8>, Problem> {
    let limit = cap.saturating_add(1);
    let mut out = Vec::new();
    let mut room = (1 << 14).min(limit);
    loop {
        if out.try_reserve_exact(room - out.len()).is_err() {
            return Err(too_large(name, cap));
        }
        let wanted = (room - out.len()) as u64;
        let read = reader.by_ref().take(wanted).read_to_end(&mut out).map_err(|e| damaged(name, &e))?;
        if out.len() > cap {
            return Err(too_large(name, cap));
        }
        if (read as u64) < wanted {
            return Ok(out);
        }
        room = if 2 * room <= DOUBLING_BYTES { 2 * room } else { limit };
    }
}

fn too_large(name: &str, cap: usize) -> Problem {
    (Reason::TooLarge, format!("the {name} body decompresses to more than {cap} bytes"))
}

fn damaged(name: &str, error: &std::io::Error) -> Problem {
    (Reason::BadCompression, format!("the {name} body is damaged: {error}"))
}

/// Wraps a file that may be compressed (gzip, zstd or xz, told by its first bytes) as a stream of its
/// content. Streams are bounded by their readers, which take them in lines of limited length.
///
/// # Errors
/// I/O errors of the first read.
pub fn open_stream<'a>(mut file: impl BufRead + Send + 'a) -> std::io::Result<Box<dyn BufRead + Send + 'a>> {
    const BUFFER_BYTES: usize = 1 << 17;
    let head = file.fill_buf()?;
    let buffered = |reader: Box<dyn Read + Send + 'a>| -> Box<dyn BufRead + Send + 'a> {
        Box::new(std::io::BufReader::with_capacity(BUFFER_BYTES, reader))
    };
    Ok(if head.starts_with(GZIP_MAGIC) {
        buffered(Box::new(flate2::bufread::MultiGzDecoder::new(file)))
    } else if head.starts_with(ZSTD_MAGIC) {
        buffered(Box::new(zstd::stream::read::Decoder::with_buffer(file)?))
    } else if head.starts_with(XZ_MAGIC) {
        let concatenated = liblzma::stream::CONCATENATED;
        let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY_BYTES, concatenated)?;
        buffered(Box::new(liblzma::bufread::XzDecoder::new_stream(file, stream)))
    } else {
        Box::new(file)
    })
}
