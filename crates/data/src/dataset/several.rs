//! Datasets made of several, elements that are left out or counted.

use super::Dataset;
use super::element::Element;
use super::parallel::guarded;
use super::source::{Cardinality, Elements, Source, TensorSpec};
use rhyton_base::{Context, DType, Error, Result, Shape};
use rhyton_tensor::Tensor;
use std::sync::Arc;

/// The tensors of the elements of several datasets side by side, as long as each has one.
pub(crate) struct Zip(pub Vec<Arc<dyn Source>>);

impl Source for Zip {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        let mut all: Vec<Elements> = self.0.iter().map(|s| s.clone().elements(pass, start)).collect();
        Elements::new(std::iter::from_fn(move || {
            // All go on, also where one has an error.
            let parts = all.iter_mut().map(Iterator::next).collect::<Option<Vec<_>>>()?;
            if parts.is_empty() {
                return None;
            }
            Some(parts.into_iter().collect::<Result<Vec<Element>>>().map(|p| p.concat()))
        }))
    }

    fn cardinality(&self) -> Cardinality {
        let all: Vec<Cardinality> = self.0.iter().map(|s| s.cardinality()).collect();
        match all.iter().filter_map(|c| c.known()).min() {
            None if all.is_empty() => Cardinality::Known(0),
            _ if all.contains(&Cardinality::Unknown) => Cardinality::Unknown,
            Some(n) => Cardinality::Known(n),
            None => Cardinality::Infinite,
        }
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        self.0.iter().map(|s| s.spec()).collect::<Option<Vec<_>>>().map(|s| s.concat())
    }
}

/// One dataset after the other.
pub(crate) struct Concatenate(pub Arc<dyn Source>, pub Arc<dyn Source>);

impl Source for Concatenate {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        let second = self.1.clone();
        if let Cardinality::Known(n) = self.0.cardinality()
            && start >= n
        {
            return second.elements(pass, start - n);
        }
        // The second is begun where the first has ended.
        let then = std::iter::once_with(move || second.elements(pass, 0)).flatten();
        match self.0.cardinality() {
            Cardinality::Unknown => Elements::new(self.0.clone().elements(pass, 0).chain(then).skip(start)),
            _ => Elements::new(self.0.clone().elements(pass, start).chain(then)),
        }
    }

    fn cardinality(&self) -> Cardinality {
        match (self.0.cardinality(), self.1.cardinality()) {
            (Cardinality::Infinite, _) | (_, Cardinality::Infinite) => Cardinality::Infinite,
            (Cardinality::Known(a), Cardinality::Known(b)) => Cardinality::Known(a.saturating_add(b)),
            _ => Cardinality::Unknown,
        }
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        self.0.spec().filter(|spec| self.1.spec().as_ref() == Some(spec))
    }
}

/// Whether an element is kept.
pub(crate) type Predicate = Arc<dyn Fn(Element) -> Result<bool> + Send + Sync>;

/// The elements that a function keeps.
pub(crate) struct Filter {
    pub of: Arc<dyn Source>,
    pub keep: Predicate,
}

impl Source for Filter {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        let keep = self.keep.clone();
        let kept = self.of.clone().elements(pass, 0).filter_map(move |element| {
            let kept = element.and_then(|e| guarded(|| keep(e.clone())).map(|k| k.then_some(e)));
            kept.at(|| "filter").transpose()
        });
        Elements::new(kept.skip(start))
    }

    fn cardinality(&self) -> Cardinality {
        match self.of.cardinality() {
            Cardinality::Known(0) => Cardinality::Known(0),
            _ => Cardinality::Unknown,
        }
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        self.of.spec()
    }
}

/// Elements with their numbers in front.
pub(crate) struct Enumerate {
    pub of: Arc<dyn Source>,
    pub first: i64,
}

impl Source for Enumerate {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        let first = self.first.wrapping_add(start as i64);
        let numbered = self.of.clone().elements(pass, start).zip(0i64..).map(move |(element, i)| {
            element.map(|e| [vec![Tensor::from(first.wrapping_add(i))], e].concat())
        });
        Elements::new(numbered)
    }

    fn cardinality(&self) -> Cardinality {
        self.of.cardinality()
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        let number = TensorSpec { dtype: DType::I64, shape: Shape::from(&[][..] as &[usize]) };
        self.of.spec().map(|s| [vec![number], s].concat())
    }
}

/// A dataset of an element.
pub(crate) type Inner = Arc<dyn Fn(Element) -> Result<Dataset> + Send + Sync>;

/// Elements of several datasets in turn, each made of an element of another.
pub(crate) struct Interleave {
    pub of: Arc<dyn Source>,
    pub f: Inner,
    /// How many take turns.
    pub cycle: usize,
    /// How many elements each gives in its turn.
    pub block: usize,
}

impl Source for Interleave {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        let mut outer = Some(self.of.clone().elements(pass, 0));
        let (f, cycle, block) = (self.f.clone(), self.cycle.max(1), self.block.max(1));
        let mut open: Vec<Option<Elements>> = (0..cycle).map(|_| None).collect();
        let (mut turn, mut given) = (0, 0);
        // Places of the cycle that have nothing left, one after another.
        let mut idle = 0;
        let all = std::iter::from_fn(move || {
            loop {
                if idle == cycle {
                    return None;
                }
                if open[turn].is_none() {
                    match outer.as_mut().and_then(Iterator::next) {
                        Some(element) => match element.and_then(|e| guarded(|| f(e)).at(|| "interleave")) {
                            Ok(dataset) => open[turn] = Some(dataset.pass(pass)),
                            Err(e) => return Some(Err(e)),
                        },
                        None => {
                            outer = None;
                            (turn, given, idle) = ((turn + 1) % cycle, 0, idle + 1);
                            continue;
                        }
                    }
                }
                match open[turn].as_mut().and_then(Iterator::next) {
                    Some(element) => {
                        idle = 0;
                        given += 1;
                        if given == block {
                            (turn, given) = ((turn + 1) % cycle, 0);
                        }
                        return Some(element);
                    }
                    // The next dataset takes this one's place when it is the place's turn again.
                    None => {
                        open[turn] = None;
                        (turn, given) = ((turn + 1) % cycle, 0);
                    }
                }
            }
        });
        Elements::new(all.skip(start))
    }

    fn cardinality(&self) -> Cardinality {
        Cardinality::Unknown
    }
}

/// Elements as a function gives them for each pass.
pub(crate) struct Generated {
    pub f: Box<dyn Fn() -> Result<Elements> + Send + Sync>,
    pub cardinality: Cardinality,
}

impl Source for Generated {
    fn elements(self: Arc<Self>, _pass: u64, start: usize) -> Elements {
        match guarded(|| (self.f)()) {
            Ok(elements) => Elements::new(elements.skip(start)),
            Err(e) => Elements::one(Err(e)),
        }
    }

    fn cardinality(&self) -> Cardinality {
        self.cardinality
    }
}

/// Elements that must be as many as is said.
pub(crate) struct Asserted {
    pub of: Arc<dyn Source>,
    pub count: usize,
}

impl Source for Asserted {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        let (count, mut seen, mut told) = (self.count, start, false);
        let mut of = self.of.clone().elements(pass, start);
        Elements::new(std::iter::from_fn(move || {
            if told {
                return None;
            }
            let wrong = |what: String| Some(Err(Error::value(what).at("assert_cardinality")));
            match of.next() {
                Some(_) if seen >= count => {
                    told = true;
                    wrong(format!("expected {count} elements, there are more"))
                }
                None if seen < count => {
                    told = true;
                    wrong(format!("expected {count} elements, there are {seen}"))
                }
                element => {
                    seen += 1;
                    element
                }
            }
        }))
    }

    fn cardinality(&self) -> Cardinality {
        Cardinality::Known(self.count)
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        self.of.spec()
    }
}
