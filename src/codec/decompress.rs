//! The one place that decompresses: every decoder reads under a cap, so that no small body becomes a
//! huge one. Raw decoders anywhere else are refused by `clippy.toml` and `tests/it/tidy.rs`.

mod members;

use std::borrow::Cow;
use std::io::{BufRead, Read};

pub use members::{Fault, Members, Piece, content_opens_with, head_bytes};

use crate::record::Reason;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// Largest window of a body or an archive in zstd, as a power of two: 8 MiB, what RFC 9659 allows on the web.
const ZSTD_WINDOW_LOG: u32 = 23;
const XZ_MAGIC: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0];

/// Undoes the content encodings of a body, at most four of them, each result at most `cap` bytes.
///
/// `encoding` is the HTTP header's value, possibly empty. Crawlers often store decoded bodies under the
/// header of the encoded one, so a body without the magic of its encoding is taken as it is; gzip and
/// zstd are also recognised without a header.
///
/// # Errors
/// `bad_compression` for a damaged body, `too_large` past the cap.
pub fn decompress<'a>(body: &'a [u8], encoding: &str, cap: usize) -> Result<Cow<'a, [u8]>, (Reason, String)> {
    let mut out = Cow::Borrowed(body);
    let names: Vec<String> = encoding.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    if names.len() > 4 {
        return Err((
            Reason::BadCompression,
            format!("{} content encodings, at most 4 are undone", names.len()),
        ));
    }
    for name in names.iter().rev() {
        let layer = if out.starts_with(GZIP_MAGIC) {
            read_capped(flate2::bufread::MultiGzDecoder::new(&out[..]), "gzip", cap)?
        } else if out.starts_with(ZSTD_MAGIC) {
            let mut reader =
                zstd::stream::read::Decoder::with_buffer(&out[..]).map_err(|e| damaged("zstd", &e))?;
            reader.window_log_max(ZSTD_WINDOW_LOG).map_err(|e| damaged("zstd", &e))?;
            read_capped(reader, "zstd", cap)?
        } else if name == "br" {
            match read_capped(brotli_decompressor::Decompressor::new(&out[..], 4096), "brotli", cap) {
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
fn inflate(body: &[u8], cap: usize) -> Result<Vec<u8>, (Reason, String)> {
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

/// Beyond this size a body is given room for the whole cap at once: what grows by doubling would take up to twice the cap.
const DOUBLED_BYTES: usize = 512 << 10;

fn read_capped(mut reader: impl Read, name: &str, cap: usize) -> Result<Vec<u8>, (Reason, String)> {
    let limit = cap.saturating_add(1);
    let (mut out, mut room) = (Vec::new(), limit.min(DOUBLED_BYTES / 16));
    loop {
        out.reserve_exact(room - out.len());
        let wanted = (room - out.len()) as u64;
        reader.by_ref().take(wanted).read_to_end(&mut out).map_err(|e| damaged(name, &e))?;
        if out.len() < room {
            break;
        }
        if out.len() == limit {
            return Err((Reason::TooLarge, format!("the {name} body decompresses to more than {cap} bytes")));
        }
        room = if room < DOUBLED_BYTES { limit.min(2 * room) } else { limit };
    }
    if out.capacity() > DOUBLED_BYTES {
        out.shrink_to_fit();
    }
    Ok(out)
}

fn damaged(name: &str, error: &std::io::Error) -> (Reason, String) {
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
        buffered(Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(file)))
    } else {
        Box::new(file)
    })
}
