//! `embed`: a tensor placed inside a larger one, the transpose of `slice` and the core of padding.

use super::Slice;
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{Error, Result, Scalar};

/// A tensor of shape `shape` full of `value`, with the argument at `start + i · step` along every axis.
#[derive(Clone, Debug)]
pub struct Embed {
    /// The shape of the result.
    pub shape: Vec<usize>,
    /// `(start, step)` for every axis; `step` may be negative but not 0.
    pub places: Vec<(usize, isize)>,
    /// What stands everywhere else.
    pub value: Scalar,
}

impl Op for Embed {
    fn name(&self) -> &'static str {
        "embed"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        rhyton_base::element_count(&self.shape)?;
        if x.shape.rank() != self.shape.len() || self.places.len() != self.shape.len() {
            return Err(Error::shape(format!(
                "a tensor of shape {} does not go into {:?}",
                x.shape, self.shape
            )));
        }
        for (axis, (&(start, step), dim)) in self.places.iter().zip(x.shape.dims()).enumerate() {
            let Some(n) = dim.known() else { continue };
            let last = start as i128 + step as i128 * (n as i128 - 1);
            let inside = |i: i128| i >= 0 && i < self.shape[axis] as i128;
            if step == 0 || (n > 0 && !(inside(start as i128) && inside(last))) {
                return Err(Error::shape(format!(
                    "{n} elements from {start} in steps of {step} leave axis {axis} of shape {:?}",
                    self.shape
                )));
            }
        }
        Ok(vec![Meta::new(x.dtype, &self.shape)])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        let (shape, places) = (self.shape.clone(), self.places.clone());
        Lowered::Kernel(Kernel::Embed { shape, places, value: self.value })
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let dims = b.dims(a.inputs[0]);
        let places = self.places.iter().zip(dims).map(|(&(start, step), n)| (start, step, n)).collect();
        Ok(vec![Some(b.one(Slice { places }, &[g])?)])
    }
}

impl Embed {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let op = |shape: &[usize], places: &[(usize, isize)]| Embed {
            shape: shape.to_vec(),
            places: places.to_vec(),
            value: Scalar::Float(9.0),
        };
        vec![
            Sample::new(op(&[4, 5], &[(1, 1), (4, -2)]), [Domain::uniform([2, 3], -2.0, 2.0)]),
            Sample::new(op(&[5], &[(1, 2)]), [Domain::vector(&[1.0, 2.0])])
                .expect(&[9.0, 1.0, 9.0, 2.0, 9.0]),
        ]
    }
}
