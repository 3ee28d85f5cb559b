//! `overwrite`: a part of a tensor replaced, the core of `slice_update`.

use super::{Embed, Slice};
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{Error, Result};

/// Inputs `(x, part)`: `x` with the elements at `start + i · step` along every axis replaced by the part.
#[derive(Clone, Debug)]
pub struct Overwrite {
    /// `(start, step)` for every axis; `step` may be negative but not 0.
    pub places: Vec<(usize, isize)>,
}

impl Op for Overwrite {
    fn name(&self) -> &'static str {
        "overwrite"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x, part] = crate::op::arguments(inputs)?;
        crate::elementwise::rules::same_type(x, part)?;
        let shape = x.shape.expect_known()?;
        let inside = Embed { shape, places: self.places.clone(), value: 0.0.into() };
        inside.infer(std::slice::from_ref(part)).map_err(|e| Error::shape(e.message()))?;
        Ok(vec![x.clone()])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Overwrite { places: self.places.clone() })
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None, None]) };
        let dims = b.dims(a.inputs[1]);
        let dtype = b.dtype(g);
        let nothing = b.full(&dims, 0.0, dtype)?;
        let gx = b.one(Overwrite { places: self.places.clone() }, &[g, nothing])?;
        let places = self.places.iter().zip(dims).map(|(&(start, step), n)| (start, step, n)).collect();
        Ok(vec![Some(gx), Some(b.one(Slice { places }, &[g])?)])
    }
}

impl Overwrite {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let op = |places: &[(usize, isize)]| Overwrite { places: places.to_vec() };
        vec![
            Sample::new(
                op(&[(1, 1), (3, -2)]),
                [Domain::uniform([3, 4], -2.0, 2.0), Domain::uniform([2, 2], -2.0, 2.0)],
            ),
            Sample::new(op(&[(1, 1)]), [Domain::vector(&[1.0, 2.0, 3.0]), Domain::vector(&[9.0])])
                .expect(&[1.0, 9.0, 3.0]),
        ]
    }
}
