//! Work on other threads, with results in order.

use super::element::Element;
use super::source::{Cardinality, Elements, Places, Source, TensorSpec};
use rhyton_base::{Error, Result};
use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{Builder, JoinHandle};

/// Lets the library choose how many threads work, or how many elements are kept ready.
pub const AUTOTUNE: usize = 0;

/// Elements that are kept ready where nobody says how many.
const READY: usize = 4;

/// Calls a function of the user's; what it panics with becomes an error.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(&*panic)))
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let said = panic
        .downcast_ref::<&str>()
        .map(|s| s.to_string())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    Error::state(format!("panicked: {}", said.as_deref().unwrap_or("without a word")))
}

/// Results of a function of inputs, computed by several threads and handed out in the order of the inputs.
///
/// Inputs are drawn one at a time, so that their order, and with it the results, do not depend on the number of threads.
/// Threads run ahead of the reader by so many results and no more. They end with the inputs, or when this is dropped;
/// dropping waits for the calls that are being made.
pub(crate) struct Ordered<T> {
    shared: Arc<Shared<T>>,
    workers: Vec<JoinHandle<()>>,
}

type Inputs<T> = Box<dyn Iterator<Item = T> + Send>;
type Work<T> = Box<dyn Fn(T) -> Result<Element> + Send + Sync>;

struct Shared<T> {
    /// What is left to do, and the number of the next; nothing when all has been drawn.
    inputs: Mutex<(Option<Inputs<T>>, u64)>,
    state: Mutex<State>,
    changed: Condvar,
    work: Work<T>,
    ahead: u64,
}

#[derive(Default)]
struct State {
    done: BTreeMap<u64, Result<Element>>,
    /// Inputs that have been drawn.
    drawn: u64,
    /// The next result to hand out.
    next: u64,
    /// How many results there will be, once that is known.
    end: Option<u64>,
    stop: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

impl<T: Send + 'static> Ordered<T> {
    /// Starts so many threads. Where the system grants none, the reader does the work.
    pub fn new(
        inputs: impl Iterator<Item = T> + Send + 'static,
        threads: usize,
        ahead: usize,
        work: impl Fn(T) -> Result<Element> + Send + Sync + 'static,
    ) -> Ordered<T> {
        let shared = Arc::new(Shared {
            inputs: Mutex::new((Some(Box::new(inputs) as Inputs<T>), 0)),
            state: Mutex::default(),
            changed: Condvar::new(),
            work: Box::new(work),
            ahead: ahead.max(1) as u64,
        });
        let start = |i: usize| {
            let shared = shared.clone();
            let work = move || while shared.step() {};
            Builder::new().name(format!("rhyton-data-{i}")).spawn(work).ok()
        };
        let workers = (0..threads).map_while(start).collect();
        Ordered { shared, workers }
    }
}

impl<T> Shared<T> {
    /// Draws an input and works on it, when there is room for its result; whether there may be more to do.
    fn step(&self) -> bool {
        {
            let mut state = lock(&self.state);
            while !state.stop && state.end.is_none() && state.drawn >= state.next + self.ahead {
                state = self.changed.wait(state).unwrap_or_else(|e| e.into_inner());
            }
            if state.stop || state.end.is_some() {
                return false;
            }
        }
        let (number, input) = {
            let mut inputs = lock(&self.inputs);
            let (of, number) = &mut *inputs;
            let Some(source) = of else { return false };
            let drawn = catch_unwind(AssertUnwindSafe(|| source.next()));
            let mut state = lock(&self.state);
            let this = *number;
            *number += 1;
            state.drawn = *number;
            match drawn {
                Ok(Some(input)) => (this, input),
                // The end, or a panic in the place of the last element.
                ended => {
                    state.end = Some(match ended {
                        Err(panic) => {
                            state.done.insert(this, Err(panicked(&*panic)));
                            this + 1
                        }
                        _ => this,
                    });
                    drop(state);
                    self.changed.notify_all();
                    // A panic in the middle may have left anything behind.
                    let finished = of.take();
                    drop(inputs);
                    let _ = catch_unwind(AssertUnwindSafe(|| drop(finished)));
                    return false;
                }
            }
        };
        let result = guarded(|| (self.work)(input));
        lock(&self.state).done.insert(number, result);
        self.changed.notify_all();
        true
    }
}

impl<T> Iterator for Ordered<T> {
    type Item = Result<Element>;

    fn next(&mut self) -> Option<Result<Element>> {
        let shared = &*self.shared;
        let mut state = lock(&shared.state);
        loop {
            let next = state.next;
            if let Some(result) = state.done.remove(&next) {
                state.next += 1;
                drop(state);
                shared.changed.notify_all();
                return Some(result);
            }
            if state.end.is_some_and(|end| next >= end) {
                return None;
            }
            if self.workers.is_empty() {
                drop(state);
                shared.step();
                state = lock(&shared.state);
            } else {
                state = shared.changed.wait(state).unwrap_or_else(|e| e.into_inner());
            }
        }
    }
}

impl<T> Drop for Ordered<T> {
    fn drop(&mut self) {
        lock(&self.shared.state).stop = true;
        self.shared.changed.notify_all();
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}

/// A function of an element.
pub(crate) type Function = Arc<dyn Fn(Element) -> Result<Element> + Send + Sync>;

/// Results of a function of each element.
pub(crate) struct Map {
    pub of: Arc<dyn Source>,
    pub f: Function,
    /// Threads; none to do the work where elements are read.
    pub threads: Option<usize>,
}

impl Source for Map {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        let f = self.f.clone();
        let Some(threads) = self.threads else {
            let of = self.of.clone().elements(pass, start);
            return Elements::new(of.map(move |e| e.and_then(|e| guarded(|| f(e)))));
        };
        let threads = if threads == AUTOTUNE { rhyton_runtime::threads() } else { threads };
        match self.of.places(pass) {
            // Elements are read by the threads, too.
            Some(Places { of, order }) => {
                Elements::new(Ordered::new(order.skip(start), threads, 2 * threads, move |i| f(of.get(i)?)))
            }
            None => {
                let of = self.of.clone().elements(pass, start);
                Elements::new(Ordered::new(of, threads, 2 * threads, move |e| f(e?)))
            }
        }
    }

    fn cardinality(&self) -> Cardinality {
        self.of.cardinality()
    }
}

/// Elements made ready by a thread of their own.
pub(crate) struct Prefetch {
    pub of: Arc<dyn Source>,
    pub ready: usize,
}

impl Source for Prefetch {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        let ready = if self.ready == AUTOTUNE { READY } else { self.ready };
        Elements::new(Ordered::new(self.of.clone().elements(pass, start), 1, ready, |e| e))
    }

    fn places(&self, pass: u64) -> Option<Places> {
        self.of.places(pass)
    }

    fn cardinality(&self) -> Cardinality {
        self.of.cardinality()
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        self.of.spec()
    }
}
