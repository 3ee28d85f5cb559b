//! `scan`: a function applied to one slice after another, with a state that it carries along.

use super::while_loop::check_carried;
use super::{Body, BodyBuilder, Control, scan_gradient};
use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Dim, Error, Result, Shape};
use std::sync::Arc;

/// Inputs `(carried…, stacked…, captured…)`. In each round `body(carried…, slice…, captured…)` gives the carried
/// values of the next round, and results that are stacked.
///
/// Outputs: the last carried values, the stacked results, and the stacked carried values before each round (which
/// gradients need; backends leave out what nothing reads).
#[derive(Clone, Debug)]
pub struct Scan {
    /// What is done in a round.
    pub body: Arc<Body>,
    /// How many inputs are carried from round to round.
    pub carried: usize,
    /// How many inputs are taken apart along their first axis.
    pub scanned: usize,
    /// How many rounds there are.
    pub length: usize,
    /// Whether to begin with the last slice.
    pub reverse: bool,
}

/// The shape with one more axis in front.
pub(super) fn stacked(m: &Meta, length: usize) -> Meta {
    let dims: Vec<Dim> = std::iter::once(Dim::Known(length)).chain(m.shape.dims().iter().copied()).collect();
    Meta { dtype: m.dtype, shape: Shape::from(dims) }
}

impl Op for Scan {
    fn name(&self) -> &'static str {
        "scan"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let (carried, rest) = inputs
            .split_at_checked(self.carried)
            .ok_or_else(|| Error::value(format!("expected {} carried tensors or more", self.carried)))?;
        let (scanned, captured) = rest
            .split_at_checked(self.scanned)
            .ok_or_else(|| Error::value(format!("expected {} stacked tensors or more", self.scanned)))?;
        let mut takes = carried.to_vec();
        for x in scanned {
            let dims = x.shape.dims();
            if dims.first() != Some(&Dim::Known(self.length)) {
                let message = format!("expected tensors of {} slices, got {x}", self.length);
                return Err(Error::shape(message));
            }
            takes.push(Meta { dtype: x.dtype, shape: Shape::from(dims[1..].to_vec()) });
        }
        takes.extend(captured.iter().cloned());
        self.body.check("body", &takes)?;
        let results = self.body.outputs();
        check_carried(carried, &results[..self.carried.min(results.len())])?;
        let ys = results[self.carried..].iter().chain(carried).map(|m| stacked(m, self.length));
        let all: Vec<Meta> = carried.iter().cloned().chain(ys).collect();
        for m in &all {
            rhyton_base::element_count(&m.dims())?;
        }
        Ok(all)
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Control(Control::Scan {
            body: self.body.clone(),
            carried: self.carried,
            scanned: self.scanned,
            length: self.length,
            reverse: self.reverse,
        })
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        scan_gradient::vjp(self, b, a)
    }
}

impl Scan {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        // carry ← carry · w + x, and y = sin(carry) · x.
        let op = |reverse| {
            let mut build = BodyBuilder::default();
            let [c, x, w] = [(); 3].map(|()| build.input(Meta::new(DType::F64, [2])));
            let b: &mut dyn Build = &mut build;
            let mut body = || {
                let product = b.mul(c, w)?;
                let next = b.add(product, x)?;
                let s = b.sin(c)?;
                Ok::<_, Error>([next, b.mul(s, x)?])
            };
            let out = body().expect("tensors of one type and shape");
            let body = build.finish(&[c, x, w], &out);
            Scan { body, carried: 1, scanned: 1, length: 3, reverse }
        };
        let inputs = || {
            [
                Domain::uniform([2], -1.0, 1.0),
                Domain::uniform([3, 2], -1.0, 1.0),
                Domain::uniform([2], -1.0, 1.0),
            ]
        };
        let known = [
            Domain::vector(&[1.0, 0.0]),
            Domain::exact(DType::F64, [3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
            Domain::vector(&[2.0, 1.0]),
        ];
        vec![
            Sample::new(op(false), inputs()),
            Sample::new(op(true), inputs()),
            Sample::new(op(false), known).expect(&[23.0, 12.0]),
        ]
    }
}
