//! What `process` reads: files, folders and stdin, one record after the other.
//!
//! JSONL (`.jsonl`, `.ndjson`, and stdin) holds a page message a line. A web archive (`.warc`, `.wet`, or told by its content)
//! holds pages as records. Any other file is one page: `.json` a page message, `.html` and `.txt` a raw body, all possibly
//! compressed (`.gz`, `.zst`, `.xz`). Folders are walked in the order of their names; files of other kinds in them are passed
//! over and counted.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::archives::Archives;
use crate::codec::{self, open_stream, warc};
use crate::record::{RawRecord, Source};

/// Longest line or file that is read whole, in bytes; of longer ones the beginning is kept, and rejected.
const MAX_RECORD_BYTES: u64 = 64 << 20;

/// An input that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {path}: {error}")]
pub struct OpenError {
    /// The path as given.
    pub path: String,
    /// What the system said.
    pub error: io::Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lines,
    Archive,
    Message,
    Html,
    Text,
}

impl Kind {
    /// By the name's ending; `None` for a kind that folders pass over.
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = [".gz", ".zst", ".xz"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        Some(match name.rsplit_once('.')?.1 {
            "jsonl" | "ndjson" => Self::Lines,
            "warc" | "wet" | "wat" => Self::Archive,
            "json" => Self::Message,
            "html" | "htm" | "xhtml" => Self::Html,
            "txt" | "text" => Self::Text,
            _ => return None,
        })
    }

    fn content_type(self) -> Option<&'static str> {
        match self {
            Self::Lines | Self::Archive => None,
            Self::Message => Some("application/json"),
            Self::Html => Some("text/html"),
            Self::Text => Some("text/plain"),
        }
    }
}

enum Item {
    Stdin,
    File(PathBuf, Option<Kind>),
}

type Raw = io::Chain<io::Cursor<Vec<u8>>, Box<dyn Read + Send>>;

/// A file that holds many records.
enum Open {
    Lines { name: Arc<str>, line: u64, reader: Box<dyn BufRead + Send> },
    Archive { name: Arc<str>, reader: Box<warc::Reader<Box<dyn Read + Send>>> },
}

/// The records of all inputs in order.
pub struct Inputs {
    items: std::vec::IntoIter<Item>,
    open: Option<Open>,
    bytes_read: Arc<AtomicU64>,
    max_body_bytes: usize,
    archives: Archives,
    /// What stdin holds is told by its content; else it is lines.
    sniffs_stdin: bool,
    /// Bytes of all files; `None` when stdin is among them.
    pub bytes_total: Option<u64>,
    /// Files in folders whose kind is not known.
    pub passed_over: u64,
}

impl Inputs {
    /// Finds the files that the paths name; `-` is stdin.
    ///
    /// # Errors
    /// A path that is not there or cannot be listed.
    pub fn new(paths: &[PathBuf]) -> Result<Self, OpenError> {
        let mut items = Vec::new();
        let (mut bytes, mut stdin, mut passed_over) = (0, false, 0);
        for path in paths {
            if path.as_os_str() == "-" {
                stdin = true;
                items.push(Item::Stdin);
                continue;
            }
            let fail = |error| OpenError { path: path.display().to_string(), error };
            let meta = std::fs::metadata(path).map_err(fail)?;
            if meta.is_dir() {
                walk(path, &mut items, &mut bytes, &mut passed_over)?;
            } else {
                bytes += meta.len();
                items.push(Item::File(path.clone(), Kind::of(path)));
            }
        }
        Ok(Self {
            items: items.into_iter(),
            open: None,
            bytes_read: Arc::default(),
            max_body_bytes: codec::Config::default().max_body_bytes,
            archives: Archives::default(),
            sniffs_stdin: false,
            bytes_total: (!stdin).then_some(bytes),
            passed_over,
        })
    }

    /// Counts the bytes read so far (before decompression), for progress.
    pub fn bytes_read(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.bytes_read)
    }

    /// Bodies in archives are read up to this size, and one byte more of what is larger.
    #[must_use]
    pub fn with_max_body_bytes(mut self, max_body_bytes: usize) -> Self {
        self.max_body_bytes = max_body_bytes;
        self
    }

    /// Stdin may hold what a file may: a page, too.
    #[must_use]
    pub fn with_stdin_of_any_kind(mut self) -> Self {
        self.sniffs_stdin = true;
        self
    }

    /// What the archives held that were read so far.
    pub fn archives(&self) -> Archives {
        let mut all = self.archives.clone();
        if let Some(Open::Archive { name, reader }) = &self.open {
            all.add(name, reader.counts());
        }
        all
    }

    /// The next record.
    ///
    /// # Errors
    /// A file that cannot be opened or read; the next call goes on with the next file. Damage in an archive is no error: it is
    /// counted in [`Self::archives`].
    pub fn next_record(&mut self) -> Result<Option<RawRecord>, OpenError> {
        loop {
            if let Some(open) = &mut self.open {
                let (name, next) = match open {
                    Open::Lines { name, line, reader } => (&*name, next_line(name, line, reader)),
                    Open::Archive { name, reader } => (&*name, reader.next_page()),
                };
                match next {
                    Ok(Some(record)) => return Ok(Some(record)),
                    Ok(None) => self.close(),
                    Err(error) => {
                        let path = name.to_string();
                        self.close();
                        return Err(OpenError { path, error });
                    }
                }
                continue;
            }
            let Some(item) = self.items.next() else { return Ok(None) };
            let name: Arc<str> = match &item {
                Item::Stdin => "stdin".into(),
                Item::File(path, _) => path.display().to_string().into(),
            };
            let path = name.to_string();
            if let Some(record) = self.open(item, name).map_err(|error| OpenError { path, error })? {
                return Ok(Some(record));
            }
        }
    }

    /// Opens a file; a record where it is all that the file holds.
    fn open(&mut self, item: Item, name: Arc<str>) -> io::Result<Option<RawRecord>> {
        let bytes = Arc::clone(&self.bytes_read);
        let (mut file, kind): (Box<dyn Read + Send>, _) = match item {
            Item::Stdin => {
                let kind = (!self.sniffs_stdin).then_some(Kind::Lines);
                (Box::new(Counted { inner: io::stdin(), bytes }), kind)
            }
            Item::File(path, kind) => (Box::new(Counted { inner: File::open(&path)?, bytes }), kind),
        };
        let many = matches!(kind, None | Some(Kind::Lines | Kind::Archive));
        let (head, is_archive) = if many { warc::peek(&mut file)? } else { (Vec::new(), false) };
        let raw: Raw = io::Cursor::new(head).chain(file);
        if is_archive {
            return self.open_archive(name, Box::new(raw)).map(|()| None);
        }
        let mut reader = open_stream(BufReader::with_capacity(1 << 17, raw))?;
        match kind.unwrap_or_else(|| sniff(&mut reader)) {
            // Compressed by xz, or damaged where it begins.
            Kind::Archive => self.open_archive(name, Box::new(reader)).map(|()| None),
            Kind::Lines => {
                self.open = Some(Open::Lines { name, line: 0, reader });
                Ok(None)
            }
            kind => {
                let mut value = Vec::new();
                reader.take(MAX_RECORD_BYTES).read_to_end(&mut value)?;
                Ok(Some(whole_file(name, kind, value)))
            }
        }
    }

    fn open_archive(&mut self, name: Arc<str>, file: Box<dyn Read + Send>) -> io::Result<()> {
        let reader = Box::new(warc::Reader::new(file, Arc::clone(&name), self.max_body_bytes)?);
        self.open = Some(Open::Archive { name, reader });
        Ok(())
    }

    fn close(&mut self) {
        self.archives = self.archives();
        self.open = None;
    }
}

/// The next line that is not blank, as a record.
fn next_line(name: &Arc<str>, number: &mut u64, reader: &mut impl BufRead) -> io::Result<Option<RawRecord>> {
    while let Some(value) = read_line(reader)? {
        *number += 1;
        if !value.trim_ascii().is_empty() {
            let source = Source::File { input: Arc::clone(name), line: *number };
            return Ok(Some(RawRecord { source, key: None, value, headers: Vec::new() }));
        }
    }
    Ok(None)
}

/// One page from one file, known by the file's name.
fn whole_file(name: Arc<str>, kind: Kind, value: Vec<u8>) -> RawRecord {
    let mut headers = Vec::new();
    if let Some(content_type) = kind.content_type() {
        headers.push(("content-type".to_owned(), content_type.as_bytes().to_vec()));
    }
    if kind != Kind::Message {
        headers.push(("id".to_owned(), name.as_bytes().to_vec()));
    }
    RawRecord { source: Source::File { input: name, line: 1 }, key: None, value, headers }
}

/// A file named on the command line without a known ending: JSONL if it opens like an object.
fn sniff(reader: &mut impl BufRead) -> Kind {
    let head = reader.fill_buf().unwrap_or_default().trim_ascii_start();
    match head.first() {
        Some(b'{') => Kind::Lines,
        Some(b'<') => Kind::Html,
        _ if head.starts_with(b"WARC/") => Kind::Archive,
        _ => Kind::Text,
    }
}

fn walk(dir: &Path, items: &mut Vec<Item>, bytes: &mut u64, passed_over: &mut u64) -> Result<(), OpenError> {
    let fail = |error| OpenError { path: dir.display().to_string(), error };
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir)
        .map_err(fail)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(fail)?;
    entries.sort();
    for path in entries {
        if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
            continue;
        }
        // A link to a folder is not followed: links can make circles.
        let meta = std::fs::symlink_metadata(&path).map_err(fail)?;
        if meta.is_dir() {
            walk(&path, items, bytes, passed_over)?;
        } else if path.is_file() {
            match Kind::of(&path) {
                Some(kind) => {
                    *bytes += meta.len();
                    items.push(Item::File(path, Some(kind)));
                }
                None => *passed_over += 1,
            }
        }
    }
    Ok(())
}

/// The next line without its end; a line over the limit is cut there and its rest passed over.
fn read_line(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    reader.by_ref().take(MAX_RECORD_BYTES).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() as u64 == MAX_RECORD_BYTES {
        skip_line(reader)?;
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Some(line))
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        match memchr::memchr(b'\n', buffer) {
            Some(at) => {
                reader.consume(at + 1);
                return Ok(());
            }
            None => {
                let all = buffer.len();
                reader.consume(all);
            }
        }
    }
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.bytes.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(paths: &[&Path]) -> Vec<(String, Vec<u8>)> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
        let mut inputs = Inputs::new(&paths).unwrap();
        let mut out = Vec::new();
        while let Some(record) = inputs.next_record().unwrap() {
            out.push((crate::codec::derived_id(&record), record.value));
        }
        out
    }

    #[test]
    fn folders_are_read_in_order_of_names() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        std::fs::create_dir(dir.path().join("b")).unwrap();
        write("b/x.txt", "plain");
        write("c.jsonl", "{\"body\":\"1\"}\n\n{\"body\":\"2\"}\r\n{\"body\":\"3\"}");
        write("a.html", "<p>");
        write("skipped.png", "x");
        write(".hidden.txt", "x");
        let found = all(&[dir.path()]);
        let values: Vec<&[u8]> = found.iter().map(|(_, value)| value.as_slice()).collect();
        assert_eq!(
            values,
            [&b"<p>"[..], b"plain", b"{\"body\":\"1\"}", b"{\"body\":\"2\"}", b"{\"body\":\"3\"}"]
        );
        assert!(found[3].0.ends_with("c.jsonl:3"), "{}", found[3].0);
        assert_eq!(Inputs::new(&[dir.path().to_path_buf()]).unwrap().passed_over, 1);
    }

    #[test]
    fn compressed_lines_and_unknown_endings() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pages.jsonl.zst");
        std::fs::write(&path, zstd::encode_all(&b"{\"body\":\"1\"}\n"[..], 3).unwrap()).unwrap();
        assert_eq!(all(&[&path])[0].1, b"{\"body\":\"1\"}");
        let path = dir.path().join("pages");
        std::fs::write(&path, "{\"body\":\"1\"}\n{\"body\":\"2\"}\n").unwrap();
        assert_eq!(all(&[&path]).len(), 2);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Inputs::new(&[PathBuf::from("no/such/file.jsonl")]).err().unwrap();
        assert!(error.to_string().starts_with("cannot read no/such/file.jsonl: "));
    }
}
