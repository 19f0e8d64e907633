//! Bytes allocated and their peak: the system's allocator, counted where it is asked for.
//!
//! Only a process that has called [`count`] counts, from then on until it calls [`stop`], so that the timed runs do not
//! pay for it. It is meant for one thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering::Relaxed};

use anyhow::{Context, Result};

/// Bytes of a mebibyte.
pub const MIB: f64 = 1024.0 * 1024.0;

#[global_allocator]
static ALLOCATOR: Counted = Counted;

static COUNTING: AtomicBool = AtomicBool::new(false);
static NOW: AtomicIsize = AtomicIsize::new(0);
static PEAK: AtomicIsize = AtomicIsize::new(0);

struct Counted;

fn add(bytes: isize) {
    if COUNTING.load(Relaxed) {
        let now = NOW.fetch_add(bytes, Relaxed) + bytes;
        PEAK.fetch_max(now, Relaxed);
    }
}

// SAFETY: every call is passed on to the system's allocator as it came; counting touches no memory of the caller.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as isize);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        add(-(layout.size() as isize));
        unsafe { System.dealloc(at, layout) }
    }

    // Old and new may both be there while one is copied to the other: the peak holds both.
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(size as isize);
        let new = unsafe { System.realloc(at, layout, size) };
        add(-(layout.size() as isize));
        new
    }
}

/// Begins to count.
pub fn count() {
    COUNTING.store(true, Relaxed);
}

/// Ends it.
pub fn stop() {
    COUNTING.store(false, Relaxed);
}

/// Bytes held now of those allocated since [`count`].
pub fn held() -> usize {
    NOW.load(Relaxed).max(0) as usize
}

/// The most bytes held at once while `work` runs, beyond those held before, its result included.
pub fn peak_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = work();
    (result, (PEAK.load(Relaxed) - before).max(0) as usize)
}

/// Bytes of this process that are in memory, as the system says.
pub fn resident() -> Result<f64> {
    let about = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = about.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kilobytes.context("the system does not say how much memory is resident")? * 1024.0)
}
