//! Maps a file into memory.
#![expect(unsafe_code, reason = "that nobody changes a mapped file is for its owner to see to")]

use std::fs::File;

use memmap2::Mmap;

/// The bytes of a file, read from it when they are looked at.
pub fn read_only(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the bytes of a map must not change while they are borrowed. `newsmill models add` writes models beside their place
    // and moves them there, so that a file once in place keeps its bytes; the documentation tells its owner not to write into it.
    unsafe { Mmap::map(file) }
}
