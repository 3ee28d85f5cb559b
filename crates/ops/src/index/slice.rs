//! `slice`: every n-th element of a range along each axis.

use super::Embed;
use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, Sample, View};
use rhyton_base::{Dim, Error, Result, Scalar, Shape};

/// Along every axis, `length` elements from `start` on, `step` apart; a view without a copy.
#[derive(Clone, Debug)]
pub struct Slice {
    /// `(start, step, length)` for every axis; `start` counts from the front, `step` may be negative.
    pub places: Vec<(usize, isize, usize)>,
}

impl Op for Slice {
    fn name(&self) -> &'static str {
        "slice"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        if self.places.len() != x.shape.rank() {
            return Err(Error::shape(format!(
                "expected one range an axis of {}, got {}",
                x.shape,
                self.places.len()
            )));
        }
        for (axis, (&(start, step, length), dim)) in self.places.iter().zip(x.shape.dims()).enumerate() {
            let last = start as i128 + step as i128 * (length as i128 - 1);
            let inside = |i: i128| i >= 0 && dim.known().is_none_or(|n| i < n as i128);
            if length > 0 && !(inside(start as i128) && inside(last)) {
                return Err(Error::shape(format!(
                    "{length} elements from {start} in steps of {step} leave axis {axis} of shape {}",
                    x.shape
                )));
            }
        }
        let shape: Shape = self.places.iter().map(|p| Dim::Known(p.2)).collect();
        Ok(vec![Meta { dtype: x.dtype, shape }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::View(View::Slice(self.places.clone()))
    }

    /// The cotangent put back in its places among zeros.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let places = self.places.iter().map(|&(start, step, _)| (start, step)).collect();
        let op = Embed { shape: b.dims(a.inputs[0]), places, value: Scalar::Float(0.0) };
        Ok(vec![Some(b.one(op, &[g])?)])
    }
}

impl Slice {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Slice { places: vec![(1, 1, 2), (4, -2, 3)] }, [Domain::uniform([3, 5], -2.0, 2.0)]),
            Sample::new(Slice { places: vec![(3, -1, 4)] }, [Domain::vector(&[1.0, 2.0, 3.0, 4.0])])
                .expect(&[4.0, 3.0, 2.0, 1.0]),
        ]
    }
}
