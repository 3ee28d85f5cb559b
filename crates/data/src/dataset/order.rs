//! Other orders and parts of the elements of one dataset.

use super::source::{Cardinality, Elements, Order, Places, Source, TensorSpec, by_number};
use rhyton_runtime::Generator;
use std::sync::Arc;

/// A part or another order of the elements: the same step for elements and for their numbers.
pub(crate) struct Reordered {
    pub of: Arc<dyn Source>,
    pub how: How,
}

pub(crate) enum How {
    /// The first so many.
    Take(usize),
    /// All but the first so many.
    Skip(usize),
    /// One in so many, beginning at a place.
    Shard(usize, usize),
    /// Drawn from a buffer of so many; from the seed, and anew each pass or not.
    Shuffle { buffer: usize, seed: u32, reshuffle: bool },
}

impl How {
    fn apply<T: Send + 'static>(
        &self,
        all: Box<dyn Iterator<Item = T> + Send>,
        pass: u64,
    ) -> Box<dyn Iterator<Item = T> + Send> {
        match *self {
            How::Take(n) => Box::new(all.take(n)),
            How::Skip(n) => Box::new(all.skip(n)),
            How::Shard(shards, index) => Box::new(all.skip(index).step_by(shards)),
            How::Shuffle { buffer, seed, reshuffle } => {
                let pass = if reshuffle { pass } else { 0 };
                let generator = Generator::new(u64::from(seed) | (pass ^ pass >> 32) << 32);
                Box::new(Shuffled { of: all, buffer: Vec::new(), size: buffer.max(1), generator })
            }
        }
    }
}

impl Source for Reordered {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        if let Some(places) = self.places(pass) {
            return by_number(places, start);
        }
        let of = |from: usize| self.of.clone().elements(pass, from);
        match self.how {
            How::Take(n) => Elements::new(of(start).take(n.saturating_sub(start))),
            How::Skip(n) => of(n.saturating_add(start)),
            How::Shard(shards, index) => {
                Elements::new(of(start.saturating_mul(shards).saturating_add(index)).step_by(shards))
            }
            How::Shuffle { .. } => Elements::new(self.how.apply(Box::new(of(0)), pass).skip(start)),
        }
    }

    fn places(&self, pass: u64) -> Option<Places> {
        self.of.places(pass).map(|p| p.then(|order: Order| self.how.apply(order, pass)))
    }

    fn cardinality(&self) -> Cardinality {
        match (&self.how, self.of.cardinality()) {
            (How::Take(n), Cardinality::Infinite) => Cardinality::Known(*n),
            (How::Take(0), _) => Cardinality::Known(0),
            (how, of) => of.map(|all| match *how {
                How::Take(n) => all.min(n),
                How::Skip(n) => all.saturating_sub(n),
                How::Shard(shards, index) => all.saturating_sub(index).div_ceil(shards),
                How::Shuffle { .. } => all,
            }),
        }
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        self.of.spec()
    }
}

/// Items drawn at random from a buffer, in which the next one takes the place of each that is drawn.
struct Shuffled<T> {
    of: Box<dyn Iterator<Item = T> + Send>,
    buffer: Vec<T>,
    size: usize,
    generator: Generator,
}

impl<T> Iterator for Shuffled<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let room = self.size - self.buffer.len();
        self.buffer.extend(self.of.by_ref().take(room));
        if self.buffer.is_empty() {
            return None;
        }
        let at = self.generator.below(self.buffer.len());
        Some(self.buffer.swap_remove(at))
    }
}

/// The elements again and again, each time a pass of its own.
pub(crate) struct Repeat {
    pub of: Arc<dyn Source>,
    /// How often; none for ever.
    pub count: Option<usize>,
}

impl Repeat {
    /// The passes of the repeated dataset that make up one of this.
    fn passes(&self, pass: u64) -> Box<dyn Iterator<Item = u64> + Send> {
        match self.count {
            Some(count) => {
                let first = pass.wrapping_mul(count as u64);
                Box::new((0..count as u64).map(move |i| first.wrapping_add(i)))
            }
            None => Box::new((0u64..).map(move |i| (pass << 32).wrapping_add(i))),
        }
    }
}

impl Source for Repeat {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        // Whole passes can be left out where their size is known.
        let (passes, start) = match self.of.cardinality() {
            Cardinality::Known(0) => return Elements::new(std::iter::empty()),
            Cardinality::Known(n) => (start / n, start % n),
            _ => (0, start),
        };
        let of = self.of.clone();
        let mut begun = self.passes(pass).skip(passes);
        let mut current: Option<Elements> = None;
        let mut none_came = false;
        let all = std::iter::from_fn(move || {
            loop {
                if let Some(element) = current.as_mut().and_then(Iterator::next) {
                    none_came = false;
                    return Some(element);
                }
                // Nothing repeated is nothing.
                if std::mem::replace(&mut none_came, true) {
                    return None;
                }
                // Threads of the pass that ended make room for those of the next.
                current = None;
                current = Some(of.clone().elements(begun.next()?, 0));
            }
        });
        Elements::new(all.skip(start))
    }

    fn places(&self, pass: u64) -> Option<Places> {
        let Cardinality::Known(size) = self.of.cardinality() else { return None };
        let Places { of, .. } = self.of.places(pass)?;
        if size == 0 {
            return Some(Places { of, order: Box::new(std::iter::empty()) });
        }
        let source = self.of.clone();
        // A source that has places in one pass has them in all.
        let order = self.passes(pass).flat_map(move |p| source.places(p).into_iter().flat_map(|p| p.order));
        Some(Places { of, order: Box::new(order) })
    }

    fn cardinality(&self) -> Cardinality {
        match (self.count, self.of.cardinality()) {
            (Some(0), _) | (_, Cardinality::Known(0)) => Cardinality::Known(0),
            (Some(count), of) => of.map(|n| n.saturating_mul(count)),
            (None, _) => Cardinality::Infinite,
        }
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        self.of.spec()
    }
}
