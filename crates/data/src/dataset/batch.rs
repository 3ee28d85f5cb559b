//! Elements put together, and taken apart.

use super::element::{Element, rows, slice, stacked};
use super::source::{Cardinality, Elements, Places, Source, TensorSpec};
use rhyton_base::{Context, Dim, Error, Result, Shape};
use std::sync::Arc;

/// So many elements at a time, along a new first axis.
pub(crate) struct Batch {
    pub of: Arc<dyn Source>,
    pub size: usize,
    pub drop_remainder: bool,
}

impl Source for Batch {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        let (size, drop_remainder) = (self.size, self.drop_remainder);
        if size == 0 {
            return Elements::one(
                Err(Error::value("expected a batch size of at least 1, got 0").at("batch")),
            );
        }
        let whole = move |n: usize| n == size || (n > 0 && !drop_remainder);
        let skipped = start.saturating_mul(size);
        if let Some(Places { of, order }) = self.of.places(pass) {
            let mut order = order.skip(skipped);
            let mut places = Vec::new();
            return Elements::new(std::iter::from_fn(move || {
                places.clear();
                places.extend(order.by_ref().take(size));
                whole(places.len()).then(|| of.gather(&places).at(|| "batch"))
            }));
        }
        let mut elements = self.of.clone().elements(pass, skipped);
        Elements::new(std::iter::from_fn(move || {
            let together = elements.by_ref().take(size).collect::<Result<Vec<Element>>>();
            match together {
                Ok(together) => whole(together.len()).then(|| stacked(&together).at(|| "batch")),
                Err(e) => Some(Err(e)),
            }
        }))
    }

    fn cardinality(&self) -> Cardinality {
        if self.size == 0 {
            return Cardinality::Unknown;
        }
        self.of.cardinality().map(|n| if self.drop_remainder { n / self.size } else { n.div_ceil(self.size) })
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        let even = self.of.cardinality().known().is_some_and(|n| n % self.size.max(1) == 0);
        let size = match self.drop_remainder || even {
            true => Dim::Known(self.size),
            false => Dim::Unknown,
        };
        let batched = |s: TensorSpec| {
            let dims = std::iter::once(size).chain(s.shape.dims().iter().copied());
            TensorSpec { dtype: s.dtype, shape: dims.collect::<Shape>() }
        };
        self.of.spec().map(|spec| spec.into_iter().map(batched).collect())
    }
}

/// The slices of each element along the first axes of its tensors.
pub(crate) struct Unbatch(pub Arc<dyn Source>);

impl Source for Unbatch {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        let slices = self.0.clone().elements(pass, 0).flat_map(
            |element| -> Box<dyn Iterator<Item = Result<Element>> + Send> {
                match element.and_then(|e| rows(&e).map(|n| (e, n)).at(|| "unbatch")) {
                    Ok((element, rows)) => Box::new((0..rows).map(move |i| slice(&element, i))),
                    Err(e) => Box::new(std::iter::once(Err(e))),
                }
            },
        );
        Elements::new(slices.skip(start))
    }

    fn cardinality(&self) -> Cardinality {
        match (self.0.cardinality(), self.0.spec()) {
            (Cardinality::Known(0), _) => Cardinality::Known(0),
            (Cardinality::Infinite, _) => Cardinality::Infinite,
            (Cardinality::Known(n), Some(spec)) => {
                let size = spec.first().and_then(|s| s.shape.dims().first()?.known());
                size.map_or(Cardinality::Unknown, |size| Cardinality::Known(n.saturating_mul(size)))
            }
            _ => Cardinality::Unknown,
        }
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        let slice = |s: TensorSpec| TensorSpec { dtype: s.dtype, shape: s.shape.without_batch() };
        self.0.spec().map(|spec| spec.into_iter().map(slice).collect())
    }
}

/// Runs of elements, put together, that begin at equal distances.
pub(crate) struct Window {
    pub of: Arc<dyn Source>,
    pub size: usize,
    pub shift: usize,
    pub stride: usize,
    pub drop_remainder: bool,
}

impl Source for Window {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        let (size, shift, stride) = (self.size, self.shift, self.stride);
        if size == 0 || shift == 0 || stride == 0 {
            let message =
                format!("expected a size, shift and stride of at least 1, got {size}, {shift} and {stride}");
            return Elements::one(Err(Error::value(message).at("window")));
        }
        let span = (size - 1).saturating_mul(stride).saturating_add(1);
        let mut elements = self.of.clone().elements(pass, start.saturating_mul(shift));
        let mut held = std::collections::VecDeque::<Element>::new();
        let mut to_skip = 0usize;
        Elements::new(std::iter::from_fn(move || {
            while to_skip > 0 || held.len() < span {
                match elements.next() {
                    Some(Ok(_)) if to_skip > 0 => to_skip -= 1,
                    Some(Ok(element)) => held.push_back(element),
                    Some(Err(e)) => return Some(Err(e)),
                    None => break,
                }
            }
            if held.is_empty() || (held.len() < span && self.drop_remainder) {
                return None;
            }
            let window: Vec<Element> = held.iter().step_by(stride).take(size).cloned().collect();
            to_skip = shift.saturating_sub(held.len());
            held.drain(..shift.min(held.len()));
            Some(stacked(&window).at(|| "window"))
        }))
    }

    fn cardinality(&self) -> Cardinality {
        if self.size == 0 || self.shift == 0 || self.stride == 0 {
            return Cardinality::Unknown;
        }
        let span = (self.size - 1).saturating_mul(self.stride).saturating_add(1);
        self.of.cardinality().map(|n| match self.drop_remainder {
            true if n < span => 0,
            true => (n - span) / self.shift + 1,
            false => n.div_ceil(self.shift),
        })
    }
}
