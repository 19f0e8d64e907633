//! Brotli under a budget of memory.
//!
//! A stream of brotli names a window of up to 16 MiB, which its decoder holds besides what is kept of the output. So the decoder
//! takes its memory from a budget. Where window and output do not fit in it together, the stream is read once more and only
//! counted: what passes the cap is refused within the budget, and what does not (a large page) is read a third time and kept.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use brotli_decompressor::reader::DecompressorCustomAlloc;
use brotli_decompressor::{Allocator, BrotliDecoderParameter, SliceWrapper, StandardAlloc};

use super::{Problem, SLACK_BYTES, damaged, too_large};

/// Bytes that the decoder reads and that are counted at a time.
const CHUNK_BYTES: usize = 1 << 14;
/// First size of the output, in bytes; it doubles from there.
const FIRST_BYTES: usize = 1 << 16;

/// The body, of at most `cap` bytes.
///
/// # Errors
/// `bad_compression` for a damaged body, `too_large` past the cap, or where the window alone takes more than cap and slack: at
/// most a body of more than half the cap under a window larger than what servers use.
pub fn read(body: &[u8], cap: usize) -> Result<Vec<u8>, Problem> {
    let memory = cap.saturating_add(SLACK_BYTES);
    let mut out = Vec::new();
    let problem = |stop| match stop {
        Stop::Damaged(error) => damaged("brotli", &error),
        Stop::TooLarge | Stop::OutOfMemory => too_large("brotli", cap),
    };
    match run(body, cap, memory, Some(&mut out)) {
        Ok(_) => return Ok(out),
        Err(Stop::OutOfMemory) => drop(out),
        Err(stop) => return Err(problem(stop)),
    }
    let length = run(body, cap, memory, None).map_err(problem)?;
    let mut out = Vec::with_capacity(length);
    run(body, cap, usize::MAX, Some(&mut out)).map_err(problem)?;
    Ok(out)
}

enum Stop {
    Damaged(io::Error),
    TooLarge,
    OutOfMemory,
}

/// Reads the stream to its end within `memory`; the number of its bytes, which go to `out` if there is one.
fn run(body: &[u8], cap: usize, memory: usize, mut out: Option<&mut Vec<u8>>) -> Result<usize, Stop> {
    let budget = Rc::new(Budget { left: Cell::new(memory), is_spent: Cell::new(false) });
    let allocator = || Budgeted(Rc::clone(&budget));
    let buffer = Allocator::<u8>::alloc_cell(&mut allocator(), CHUNK_BYTES);
    let mut reader = DecompressorCustomAlloc::<_, _, _, _, Budgeted>::new(
        body,
        buffer,
        allocator(),
        allocator(),
        allocator(),
    );
    // Windows beyond 16 MiB are no part of what `br` means on the web (RFC 7932).
    reader.set_parameter(BrotliDecoderParameter::BROTLI_DECODER_PARAM_LARGE_WINDOW, 0);
    let mut chunk = [0; CHUNK_BYTES];
    let mut length = 0;
    loop {
        let read = reader
            .read(&mut chunk)
            .map_err(|error| if budget.is_spent.get() { Stop::OutOfMemory } else { Stop::Damaged(error) })?;
        if read == 0 {
            return Ok(length);
        }
        length += read;
        if length > cap {
            return Err(Stop::TooLarge);
        }
        if let Some(out) = &mut out {
            if length > out.capacity() {
                let (old, new) = (out.capacity(), length.max(2 * out.capacity()).max(FIRST_BYTES));
                if !budget.take(new) {
                    return Err(Stop::OutOfMemory);
                }
                out.reserve_exact(new - out.len());
                budget.give_back(old);
            }
            out.extend_from_slice(&chunk[..read]);
        }
    }
}

/// Bytes that may still be taken.
struct Budget {
    left: Cell<usize>,
    /// Something was asked for that was not there.
    is_spent: Cell<bool>,
}

impl Budget {
    fn take(&self, bytes: usize) -> bool {
        let left = self.left.get().checked_sub(bytes);
        self.is_spent.set(self.is_spent.get() || left.is_none());
        self.left.set(left.unwrap_or(self.left.get()));
        left.is_some()
    }

    fn give_back(&self, bytes: usize) {
        self.left.set(self.left.get().saturating_add(bytes));
    }
}

/// Gives the decoder memory from the budget; nothing where there is not enough, which ends the stream.
struct Budgeted(Rc<Budget>);

impl<T> Allocator<T> for Budgeted
where
    StandardAlloc: Allocator<T>,
    T: Clone + Default,
{
    type AllocatedMemory = <StandardAlloc as Allocator<T>>::AllocatedMemory;

    fn alloc_cell(&mut self, length: usize) -> Self::AllocatedMemory {
        if self.0.take(length.saturating_mul(size_of::<T>())) {
            StandardAlloc::default().alloc_cell(length)
        } else {
            Self::AllocatedMemory::default()
        }
    }

    fn free_cell(&mut self, memory: Self::AllocatedMemory) {
        self.0.give_back(size_of_val(memory.slice()));
    }
}
