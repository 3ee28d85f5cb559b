//! Where time goes: which kernels ran, for how long, and what else was done.
//!
//! Nothing is taken down unless a [`Profiler`] runs; then every kernel of every thread is, and every [`span`].
//!
//! ```
//! use rhyton_runtime::profile::{Profiler, span};
//! let profiler = Profiler::start();
//! span("thinking", || std::thread::sleep(std::time::Duration::from_millis(2)));
//! let profile = profiler.report();
//! assert!(profile.spans[0].total.as_micros() >= 2000);
//! println!("{profile}");
//! ```

mod chrome;
mod program;
mod report;

pub use program::{KernelInfo, ProgramInfo};
pub use report::{FunctionProfile, KernelProfile, Profile, SpanProfile};

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};
use std::time::{Duration, Instant};

/// Events that a profiler keeps for [`Profile::write_trace`] unless told otherwise: the last ones.
pub const EVENTS: usize = 1 << 15;

/// How many profilers run.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static SESSIONS: RwLock<Vec<Arc<Session>>> = RwLock::new(Vec::new());
static THREADS: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// This thread's number in traces; 0 until it has one.
    static THREAD: Cell<u32> = const { Cell::new(0) };
    /// The kernel that this thread is in.
    static CURRENT: Cell<Option<Place>> = const { Cell::new(None) };
    /// Time that kernels and spans inside the current one took.
    static INSIDE: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// A kernel of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    program: u64,
    kernel: u32,
}

/// Whether a profiler runs. Costs one load.
#[inline]
pub fn is_on() -> bool {
    RUNNING.load(Ordering::Relaxed) > 0
}

struct Session {
    began: Instant,
    /// The thread that asked.
    thread: u32,
    capacity: usize,
    taken: Mutex<Taken>,
}

/// What has been taken down.
#[derive(Default)]
struct Taken {
    programs: HashMap<u64, Program>,
    spans: Vec<(&'static str, Totals)>,
    events: VecDeque<Event>,
    /// The names of the threads met, by their numbers.
    threads: Vec<(u32, String)>,
    /// Time of the thread that asked which is in kernels or spans.
    told: Duration,
}

struct Program {
    info: Arc<ProgramInfo>,
    kernels: Vec<Totals>,
}

#[derive(Clone, Copy, Default)]
struct Totals {
    calls: u64,
    /// Without what is inside it.
    own: Duration,
    longest: Duration,
    /// Time that other threads worked on it.
    helped: Duration,
    /// Time that its own thread waited for others.
    waited: Duration,
    /// Operations that were found not to be necessary.
    skipped: u64,
}

#[derive(Clone, Copy)]
struct Event {
    what: What,
    thread: u32,
    start: Duration,
    took: Duration,
}

#[derive(Clone, Copy)]
enum What {
    Kernel(Place),
    /// Another thread's part of a kernel.
    Part(Place),
    Span(&'static str, Option<usize>),
}

impl Totals {
    fn add(&mut self, own: Duration, all: Duration) {
        self.calls += 1;
        self.own += own;
        self.longest = self.longest.max(all);
    }
}

impl Session {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn push(&self, taken: &mut Taken, what: What, start: Instant, took: Duration) {
        if self.capacity == 0 {
            return;
        }
        if taken.events.len() >= self.capacity {
            taken.events.pop_front();
        }
        let thread = thread();
        if !taken.threads.iter().any(|(number, _)| *number == thread) {
            let name = std::thread::current().name().map_or_else(|| format!("thread {thread}"), String::from);
            taken.threads.push((thread, name));
        }
        // What began before the profiler begins with it.
        let start = start.saturating_duration_since(self.began);
        taken.events.push_back(Event { what, thread, start, took });
    }
}

fn thread() -> u32 {
    if THREAD.get() == 0 {
        THREAD.set(THREADS.fetch_add(1, Ordering::Relaxed) + 1);
    }
    THREAD.get()
}

fn each_session(mut f: impl FnMut(&Session, &mut Taken)) {
    for session in SESSIONS.read().unwrap_or_else(|e| e.into_inner()).iter() {
        f(session, &mut session.taken());
    }
}

/// Takes down what runs from [`Profiler::start`] until it is dropped.
///
/// Any number may run at once, on any threads; each sees everything. While one runs, every kernel costs some 200
/// nanoseconds more; while none does, nothing.
#[must_use = "what runs is taken down until the profiler is dropped"]
pub struct Profiler(Arc<Session>);

impl Profiler {
    /// Begins.
    pub fn start() -> Profiler {
        Profiler::keeping(EVENTS)
    }

    /// Begins, and keeps so many events for a trace: the last ones. Totals count everything all the same.
    pub fn keeping(events: usize) -> Profiler {
        let taken = Taken { events: VecDeque::with_capacity(events), ..Taken::default() };
        let session = Arc::new(Session {
            began: Instant::now(),
            thread: thread(),
            capacity: events,
            taken: Mutex::new(taken),
        });
        SESSIONS.write().unwrap_or_else(|e| e.into_inner()).push(session.clone());
        RUNNING.fetch_add(1, Ordering::Relaxed);
        Profiler(session)
    }

    /// What was done so far.
    pub fn report(&self) -> Profile {
        Profile::new(self.0.began.elapsed(), self.0.thread, &self.0.taken())
    }
}

impl Drop for Profiler {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
        SESSIONS.write().unwrap_or_else(|e| e.into_inner()).retain(|s| !Arc::ptr_eq(s, &self.0));
    }
}

/// Time being taken on this thread.
struct Timing {
    start: Instant,
    /// What was inside of the one around it so far.
    before: Duration,
}

impl Timing {
    fn begin() -> Timing {
        Timing { before: INSIDE.replace(Duration::ZERO), start: Instant::now() }
    }

    /// How long it took, and how much of that was nothing inside it.
    fn end(&self) -> (Duration, Duration) {
        let took = self.start.elapsed();
        let inside = INSIDE.replace(self.before + took);
        (took, took.saturating_sub(inside))
    }
}

/// Runs `f` and takes down how long it took, under a name, if a profiler runs.
pub fn span<R>(name: &'static str, f: impl FnOnce() -> R) -> R {
    let _span = begin(name, None);
    f()
}

/// A [`span`] from here until what this returns is dropped; for one of several like it, with its number in traces.
#[inline]
pub fn begin(name: &'static str, number: Option<usize>) -> Option<Span> {
    is_on().then(|| Span { name, number, timing: Timing::begin() })
}

/// A span that has begun and ends when this is dropped, on the same thread.
pub struct Span {
    name: &'static str,
    number: Option<usize>,
    timing: Timing,
}

impl Drop for Span {
    fn drop(&mut self) {
        let (took, own) = self.timing.end();
        let me = thread();
        each_session(|session, taken| {
            let at = taken.spans.iter().position(|(name, _)| *name == self.name).unwrap_or_else(|| {
                taken.spans.push((self.name, Totals::default()));
                taken.spans.len() - 1
            });
            taken.spans[at].1.add(own, took);
            if me == session.thread {
                taken.told += own;
            }
            session.push(taken, What::Span(self.name, self.number), self.timing.start, took);
        });
    }
}

/// Runs kernel number `kernel` of a program and takes down how long it took. For backends, while [`is_on`].
pub fn kernel<R>(program: &Arc<ProgramInfo>, kernel: usize, f: impl FnOnce() -> R) -> R {
    let place = Place { program: program.id(), kernel: kernel as u32 };
    // Other threads may help before it has ended.
    each_session(|_, taken| {
        let make =
            || Program { info: program.clone(), kernels: vec![Totals::default(); program.kernels().len()] };
        taken.programs.entry(place.program).or_insert_with(make);
    });
    let around = CURRENT.replace(Some(place));
    let timing = Timing::begin();
    let result = f();
    let (took, own) = timing.end();
    CURRENT.set(around);
    let me = thread();
    each_session(|session, taken| {
        if let Some(t) = totals(taken, place) {
            t.add(own, took);
        }
        if me == session.thread {
            taken.told += own;
        }
        session.push(taken, What::Kernel(place), timing.start, took);
    });
    result
}

fn totals(taken: &mut Taken, place: Place) -> Option<&mut Totals> {
    taken.programs.get_mut(&place.program)?.kernels.get_mut(place.kernel as usize)
}

/// Says that the kernel being run on this thread has found so many of its operations unnecessary, such as products with
/// zeros.
pub fn skipped(flops: u64) {
    if let Some(place) = CURRENT.get().filter(|_| is_on()) {
        each_session(|_, taken| {
            if let Some(t) = totals(taken, place) {
                t.skipped += flops;
            }
        });
    }
}

/// The kernel that this thread is in, if a profiler runs.
pub(crate) fn place() -> Option<Place> {
    if is_on() { CURRENT.get() } else { None }
}

/// This thread has worked on another thread's kernel since then.
pub(crate) fn helped(place: Place, since: Instant) {
    let took = since.elapsed();
    each_session(|session, taken| {
        if let Some(t) = totals(taken, place) {
            t.helped += took;
            session.push(taken, What::Part(place), since, took);
        }
    });
}

/// This thread has waited for others to end their parts of its kernel since then.
pub(crate) fn waited(place: Place, since: Instant) {
    let took = since.elapsed();
    each_session(|_, taken| {
        if let Some(t) = totals(taken, place) {
            t.waited += took;
        }
    });
}
