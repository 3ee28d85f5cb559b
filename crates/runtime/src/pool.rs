//! The thread pool: many short parallel sections, microseconds apart.
//!
//! A training step is dozens of pieces of work of some 20 microseconds each. Waking a sleeping thread costs as
//! much, so workers look out for the next section for a short while before they sleep. The caller works too and
//! never waits for a worker that has not taken a piece yet: on a busy machine it simply does all of them.
//!
//! Every thread begins with a range of pieces of its own and then helps the others. As long as nobody is late, section after
//! section the same thread gets the same part of an array, which it may still have in its cache.
//!
//! Which thread does a piece in the end is left to chance; what a piece computes must not depend on it. Everything
//! above cuts work into pieces by its size alone, so results are the same for any number of threads.

use crate::profile::{self, Place};
use std::cell::{Cell, UnsafeCell};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, Once, OnceLock, RwLock};
use std::time::{Duration, Instant};

/// How long a worker looks out for work before it sleeps.
const LOOK_OUT: Duration = Duration::from_micros(100);

/// The section being run. Its closure lives on the caller's stack, which `run` does not leave before `active` is 0.
#[derive(Clone, Copy)]
struct Section {
    work: *const (dyn Fn(usize) + Sync),
    pieces: usize,
    /// The kernel that it belongs to, while a profiler runs.
    kernel: Option<Place>,
}

/// What a section takes to begin and end: on one line of the cache, because every time that a line passes from one
/// thread to another costs as much as hundreds of multiplications.
#[repr(align(64))]
struct Board {
    /// Counts sections; workers notice a new one by it.
    epoch: AtomicU64,
    /// Whether `section` may be read. A worker that has raised `active` and then sees it up may: the caller takes it
    /// down, then waits for `active` to fall, and only then leaves or writes another section.
    open: AtomicBool,
    /// Workers that are, or look whether they should be, inside the current section.
    active: AtomicU32,
    section: UnsafeCell<Section>,
}

/// A counter alone in its cache lines, of which processors fetch two at a time.
#[derive(Default)]
#[repr(align(128))]
struct Count(AtomicUsize);

struct Shared {
    board: Board,
    /// How many pieces of each range are taken.
    taken: Box<[Count]>,
    sleepers: AtomicU32,
    asleep: Mutex<()>,
    wake: Condvar,
    stop: AtomicBool,
    panicked: AtomicBool,
}

// SAFETY: `section` is written by the one caller that holds `busy`, while `open` is down and `active` is 0, and read
// by workers as `open` says. Its closure is `Sync`, and `Pool::run` keeps it alive while anybody may call it.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

/// A team of threads.
pub struct Pool {
    shared: Arc<Shared>,
    started: Once,
    /// One section at a time; a second caller does its work alone.
    busy: Mutex<()>,
    threads: usize,
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

impl Pool {
    /// A team of `threads` threads, the caller included. Workers start with the first parallel section.
    pub fn new(threads: usize) -> Pool {
        let threads = threads.max(1);
        let nothing: &'static (dyn Fn(usize) + Sync) = &|_| {};
        let shared = Arc::new(Shared {
            board: Board {
                epoch: AtomicU64::new(0),
                open: AtomicBool::new(false),
                active: AtomicU32::new(0),
                section: UnsafeCell::new(Section { work: nothing, pieces: 0, kernel: None }),
            },
            taken: (0..threads).map(|_| Count::default()).collect(),
            sleepers: AtomicU32::new(0),
            asleep: Mutex::new(()),
            wake: Condvar::new(),
            stop: AtomicBool::new(false),
            panicked: AtomicBool::new(false),
        });
        Pool { shared, started: Once::new(), busy: Mutex::new(()), threads }
    }

    /// Starts the workers.
    fn start(&self) {
        for number in 1..self.threads {
            let shared = self.shared.clone();
            // A system that grants no more threads leaves a smaller team, which computes the same.
            let _ = std::thread::Builder::new()
                .name(format!("rhyton-{number}"))
                .spawn(move || shared.work(number));
        }
    }

    /// How many threads take part.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Calls `work(0)` to `work(pieces - 1)`, spread over the team, and returns when all are done.
    ///
    /// # Panics
    /// If one of the calls does.
    pub fn run(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
        let alone = || (0..pieces).for_each(work);
        if pieces <= 1 || self.threads == 1 || INSIDE.get() {
            return alone();
        }
        let Ok(_busy) = self.busy.try_lock() else { return alone() };
        self.started.call_once(|| self.start());
        let s = &*self.shared;
        // SAFETY: only the lifetime is changed. `run` returns after the section is closed and no worker is inside it,
        // so nobody calls `work` later.
        let erased: *const (dyn Fn(usize) + Sync) =
            unsafe { std::mem::transmute::<&(dyn Fn(usize) + Sync), &'static (dyn Fn(usize) + Sync)>(work) };
        let kernel = profile::place();
        // SAFETY: the section is closed, no worker is inside, and `busy` is held.
        unsafe { *s.board.section.get() = Section { work: erased, pieces, kernel } };
        s.taken.iter().take(pieces).for_each(|count| count.0.store(0, Ordering::Relaxed));
        s.board.open.store(true, Ordering::Release);
        // In one order with the count of sleepers: either a worker sees the epoch before it sleeps, or it is woken.
        s.board.epoch.fetch_add(1, Ordering::SeqCst);
        if s.sleepers.load(Ordering::SeqCst) > 0 {
            drop(s.lock());
            s.wake.notify_all();
        }
        // Closes the section even when `work` panics here.
        struct Finish<'a>(&'a Shared);
        impl Drop for Finish<'_> {
            fn drop(&mut self) {
                INSIDE.set(false);
                // In one order with all changes of `active`: either a worker sees the section closed, or it is waited for.
                self.0.board.open.swap(false, Ordering::SeqCst);
                while self.0.board.active.load(Ordering::SeqCst) != 0 {
                    std::hint::spin_loop();
                }
            }
        }
        let finish = Finish(s);
        INSIDE.set(true);
        s.take_pieces(0, work, pieces);
        let waiting = kernel.map(|kernel| (kernel, Instant::now()));
        drop(finish);
        if let Some((kernel, since)) = waiting {
            profile::waited(kernel, since);
        }
        assert!(!s.panicked.swap(false, Ordering::Relaxed), "a parallel piece of work panicked");
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, ()> {
        self.asleep.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Takes pieces of the thread's own range, then of the others'.
    fn take_pieces(&self, number: usize, work: &(dyn Fn(usize) + Sync), pieces: usize) {
        let ranges = self.taken.len().min(pieces);
        let (each, more) = (pieces / ranges, pieces % ranges);
        for other in 0..ranges {
            let range = (number + other) % ranges;
            let start = range * each + range.min(more);
            let count = each + usize::from(range < more);
            loop {
                let taken = self.taken[range].0.fetch_add(1, Ordering::Relaxed);
                if taken >= count {
                    break;
                }
                work(start + taken);
            }
        }
    }

    /// A worker's life.
    fn work(&self, number: usize) {
        INSIDE.set(true);
        let mut seen = 0;
        while let Some(epoch) = self.await_section(seen) {
            seen = epoch;
            self.board.active.fetch_add(1, Ordering::SeqCst);
            if !self.board.open.load(Ordering::SeqCst) {
                self.board.active.fetch_sub(1, Ordering::SeqCst);
                continue;
            }
            // SAFETY: the section was seen open after `active` was raised, so that `run` waits for it to fall before
            // it goes on.
            let (work, pieces, kernel) = unsafe {
                let section = *self.board.section.get();
                (&*section.work, section.pieces, section.kernel)
            };
            let helping = kernel.map(|kernel| (kernel, Instant::now()));
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                self.take_pieces(number, work, pieces);
            }));
            if result.is_err() {
                self.panicked.store(true, Ordering::Relaxed);
            }
            if let Some((kernel, since)) = helping {
                profile::helped(kernel, since);
            }
            self.board.active.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// The number of a section newer than `seen`, or `None` when the pool is dropped.
    fn await_section(&self, seen: u64) -> Option<u64> {
        let start = Instant::now();
        loop {
            for _ in 0..64 {
                let epoch = self.board.epoch.load(Ordering::Acquire);
                if self.stop.load(Ordering::Relaxed) {
                    return None;
                }
                if epoch != seen {
                    return Some(epoch);
                }
                std::hint::spin_loop();
            }
            if start.elapsed() > LOOK_OUT {
                break;
            }
        }
        let mut guard = self.lock();
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        while self.board.epoch.load(Ordering::SeqCst) == seen && !self.stop.load(Ordering::Relaxed) {
            guard = self.wake.wait(guard).unwrap_or_else(|e| e.into_inner());
        }
        self.sleepers.fetch_sub(1, Ordering::Relaxed);
        (!self.stop.load(Ordering::Relaxed)).then(|| self.board.epoch.load(Ordering::Acquire))
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let _guard = self.shared.lock();
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.board.epoch.fetch_add(1, Ordering::Release);
        self.shared.wake.notify_all();
    }
}

static POOL: OnceLock<RwLock<Arc<Pool>>> = OnceLock::new();

fn global() -> &'static RwLock<Arc<Pool>> {
    POOL.get_or_init(|| {
        let wished = std::env::var("RHYTON_NUM_THREADS").ok().and_then(|n| n.parse().ok()).filter(|&n| n > 0);
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        RwLock::new(Arc::new(Pool::new(wished.unwrap_or_else(cores))))
    })
}

/// The team that all kernels share: as many threads as the process may use cores, or as the environment
/// variable `RHYTON_NUM_THREADS` says.
pub fn pool() -> Arc<Pool> {
    global().read().unwrap_or_else(|e| e.into_inner()).clone()
}

/// Makes the shared team one of `count` threads. Results do not depend on it.
pub fn set_threads(count: usize) {
    if threads() != count.max(1) {
        *global().write().unwrap_or_else(|e| e.into_inner()) = Arc::new(Pool::new(count));
    }
}

/// How many threads the shared team has.
pub fn threads() -> usize {
    pool().threads()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_runs_once() {
        for threads in [1, 2, 5] {
            let pool = Pool::new(threads);
            for pieces in [0, 1, 2, 7, if cfg!(miri) { 30 } else { 1000 }] {
                for _ in 0..if cfg!(miri) { 3 } else { 50 } {
                    let counts: Vec<AtomicUsize> = (0..pieces).map(|_| AtomicUsize::new(0)).collect();
                    pool.run(pieces, &|i| {
                        counts[i].fetch_add(1, Ordering::Relaxed);
                    });
                    assert!(counts.iter().all(|c| c.load(Ordering::Relaxed) == 1));
                }
            }
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    #[cfg_attr(miri, ignore = "Miri shows no list of threads")]
    fn threads_start_with_the_first_section() {
        let name =
            |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        let started =
            || std::fs::read_dir("/proc/self/task").unwrap().flatten().any(|t| name(t).trim() == "rhyton-8");
        let pool = Pool::new(9);
        std::thread::sleep(Duration::from_millis(20));
        assert!(!started());
        pool.run(2, &|_| {});
        // A thread takes its name when it begins.
        let begin = Instant::now();
        while !started() {
            assert!(begin.elapsed() < Duration::from_secs(20), "no thread was started");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn sections_may_be_nested_and_concurrent() {
        const ROUNDS: usize = if cfg!(miri) { 3 } else { 100 };
        let pool = Pool::new(3);
        let total = AtomicUsize::new(0);
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    for _ in 0..ROUNDS {
                        pool.run(4, &|_| {
                            pool.run(3, &|_| {
                                total.fetch_add(1, Ordering::Relaxed);
                            })
                        });
                    }
                });
            }
        });
        assert_eq!(total.load(Ordering::Relaxed), 4 * ROUNDS * 12);
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_goes_on() {
        let pool = Pool::new(2);
        let panics = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            pool.run(64, &|i| assert!(i != 40, "piece 40 fails"));
        }));
        assert!(panics.is_err());
        let done = AtomicUsize::new(0);
        pool.run(8, &|_| {
            done.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(done.load(Ordering::Relaxed), 8);
    }
}
