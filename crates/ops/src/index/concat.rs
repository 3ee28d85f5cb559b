//! `concatenate`: tensors joined along an axis.

use super::Slice;
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{Dim, Error, Result, Shape};

/// The arguments one after another along an axis; their other axes must be equal.
#[derive(Clone, Copy, Debug)]
pub struct Concat {
    /// The axis along which they are joined.
    pub axis: usize,
}

impl Op for Concat {
    fn name(&self) -> &'static str {
        "concatenate"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let first = inputs.first().ok_or_else(|| Error::value("expected at least one tensor, got none"))?;
        let rank = first.shape.rank();
        if self.axis >= rank {
            return Err(Error::shape(format!(
                "axis {} is out of bounds for a tensor of shape {}",
                self.axis, first.shape
            )));
        }
        let mut dims = first.shape.dims().to_vec();
        for x in &inputs[1..] {
            crate::elementwise::rules::same_type(first, x)?;
            let other = x.shape.dims();
            if other.len() != rank || (0..rank).any(|a| a != self.axis && !dims[a].fits(other[a])) {
                return Err(Error::shape(format!(
                    "shapes {} and {} differ on an axis other than {}; all but that one must be equal",
                    first.shape, x.shape, self.axis
                )));
            }
            for (axis, dim) in dims.iter_mut().enumerate() {
                *dim = match (*dim, other[axis]) {
                    (Dim::Known(a), Dim::Known(b)) if axis == self.axis => Dim::Known(a + b),
                    _ if axis == self.axis => Dim::Unknown,
                    (Dim::Unknown, b) => b,
                    (a, _) => a,
                };
            }
        }
        Ok(vec![Meta { dtype: first.dtype, shape: Shape::from(dims) }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Concat { axis: self.axis })
    }

    /// Each argument gets its part of the cotangent.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None; a.inputs.len()]) };
        let mut start = 0;
        let mut grads = Vec::new();
        for &x in a.inputs {
            let dims = b.dims(x);
            let mut places: Vec<(usize, isize, usize)> = dims.iter().map(|&n| (0, 1, n)).collect();
            places[self.axis].0 = start;
            start += dims[self.axis];
            grads.push(Some(b.one(Slice { places }, &[g])?));
        }
        Ok(grads)
    }
}

impl Concat {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(
                Concat { axis: 1 },
                [Domain::uniform([2, 3], -2.0, 2.0), Domain::uniform([2, 1], -2.0, 2.0)],
            ),
            Sample::new(Concat { axis: 0 }, [Domain::vector(&[1.0]), Domain::vector(&[2.0, 3.0])])
                .expect(&[1.0, 2.0, 3.0]),
        ]
    }
}
