//! The CPU pool: many threads work, results come back in the order of the input, and what is in
//! flight is bounded by count and bytes.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use crossbeam_channel::{bounded, unbounded};

/// Most bytes in flight, between the source and the sink.
const IN_FLIGHT_BYTES: usize = 128 << 20;
/// Most items in flight for each thread: enough that a slow page does not idle the others.
const IN_FLIGHT_PER_THREAD: usize = 64;

/// What is in flight, and whether to go on.
struct Budget {
    state: Mutex<(usize, usize, bool)>,
    freed: Condvar,
    max_items: usize,
}

impl Budget {
    /// Waits for room; `false` once stopped. One item always has room, whatever its size.
    fn take(&self, bytes: usize) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.2 && state.0 > 0 && (state.0 >= self.max_items || state.1 + bytes > IN_FLIGHT_BYTES) {
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.0 += 1;
        state.1 += bytes;
        !state.2
    }

    fn give_back(&self, bytes: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 -= 1;
        state.1 -= bytes;
        // The source is woken for many items at a time.
        if state.0 <= self.max_items / 2 && state.1 <= IN_FLIGHT_BYTES / 2 {
            self.freed.notify_one();
        }
    }

    fn stop(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).2 = true;
        self.freed.notify_all();
    }
}

/// Runs `work` on `threads` threads over what `source` gives (an item and its size in bytes, until
/// `None`), and hands the results to `sink` on the calling thread, in the order of the source. With one thread that is the
/// calling one.
/// The sink's `Break` stops everything; what is in flight is dropped.
pub fn ordered<I: Send, O: Send>(
    threads: usize,
    mut source: impl FnMut() -> Option<(I, usize)> + Send,
    work: impl Fn(I) -> O + Sync,
    mut sink: impl FnMut(O) -> ControlFlow<()>,
) {
    if threads <= 1 {
        // Alone it does all in turn, and hands nothing over.
        while let Some((item, _)) = source() {
            if sink(work(item)).is_break() {
                break;
            }
        }
        return;
    }
    let budget = Budget {
        state: Mutex::new((0, 0, false)),
        freed: Condvar::new(),
        max_items: threads * IN_FLIGHT_PER_THREAD,
    };
    let (to_work, work_queue) = bounded::<(u64, usize, I)>(threads * IN_FLIGHT_PER_THREAD);
    // The budget bounds this one.
    let (to_sink, done) = unbounded::<(u64, usize, O)>();
    thread::scope(|scope| {
        let (budget, work) = (&budget, &work);
        scope.spawn(move || {
            let mut number = 0;
            while let Some((item, bytes)) = source() {
                if !budget.take(bytes) || to_work.send((number, bytes, item)).is_err() {
                    break;
                }
                number += 1;
            }
        });
        for _ in 0..threads {
            let (work_queue, to_sink) = (work_queue.clone(), to_sink.clone());
            scope.spawn(move || {
                for (number, bytes, item) in work_queue {
                    if to_sink.send((number, bytes, work(item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop((work_queue, to_sink));
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        'all: for (number, bytes, out) in &done {
            waiting.insert(number, (bytes, out));
            while let Some((bytes, out)) = waiting.remove(&next) {
                next += 1;
                let flow = sink(out);
                budget.give_back(bytes);
                if flow.is_break() {
                    break 'all;
                }
            }
        }
        // Workers must see a closed channel, or they would go on with what is queued.
        drop(done);
        budget.stop();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(threads: usize, count: u64, stop_at: u64) -> Vec<u64> {
        let mut numbers = 0..count;
        let mut out = Vec::new();
        ordered(
            threads,
            || numbers.next().map(|n| (n, 1000)),
            |n| {
                // Uneven work, so that results overtake each other.
                let spin = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52;
                (0..spin).fold(n, |a, b| std::hint::black_box(a ^ b ^ b))
            },
            |n| {
                out.push(n);
                if n == stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        out
    }

    #[test]
    fn keeps_the_order() {
        for threads in [1, 2, 7] {
            assert_eq!(run(threads, 3000, u64::MAX), (0..3000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn stops_when_the_sink_says_so() {
        for threads in [1, 3] {
            assert_eq!(run(threads, 1_000_000, 99), (0..100).collect::<Vec<_>>());
        }
    }

    #[test]
    fn one_item_larger_than_the_budget_passes() {
        let mut once = Some(());
        let mut seen = 0;
        ordered(
            2,
            || once.take().map(|()| ((), usize::MAX / 2)),
            |()| (),
            |()| {
                seen += 1;
                ControlFlow::Continue(())
            },
        );
        assert_eq!(seen, 1);
    }
}
