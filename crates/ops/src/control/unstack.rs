//! `unstack`: the slices along an axis.

use crate::index::{Concat, Slice};
use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, Sample};
use rhyton_base::{Error, Result, Shape};

/// Every slice along an axis, without that axis. Its gradient puts all slices together at once.
#[derive(Clone, Copy, Debug)]
pub struct Unstack {
    /// The axis.
    pub axis: usize,
}

impl Op for Unstack {
    fn name(&self) -> &'static str {
        "unstack"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let mut dims = x.shape.dims().to_vec();
        if self.axis >= dims.len() {
            let message = format!("axis {} is out of bounds for a tensor of shape {}", self.axis, x.shape);
            return Err(Error::shape(message));
        }
        let count = dims.remove(self.axis).known().ok_or_else(|| {
            Error::shape(format!("the size of axis {} of shape {} is not known", self.axis, x.shape))
        })?;
        Ok(vec![Meta { dtype: x.dtype, shape: Shape::from(dims) }; count])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Compose
    }

    fn compose(&self, b: &mut dyn Build, inputs: &[crate::Value]) -> Result<Vec<crate::Value>> {
        let dims = b.dims(inputs[0]);
        let mut rest = dims.clone();
        let count = rest.remove(self.axis);
        (0..count)
            .map(|i| {
                let mut places: Vec<_> = dims.iter().map(|&n| (0, 1, n)).collect();
                places[self.axis] = (i, 1, 1);
                let part = b.one(Slice { places }, inputs)?;
                b.reshape(part, &rest)
            })
            .collect()
    }

    /// The slices' cotangents stacked, zeros where there is none.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let mut dims = b.dims(a.inputs[0]);
        let dtype = b.dtype(a.inputs[0]);
        dims[self.axis] = 1;
        let mut parts = Vec::new();
        for g in a.cotangents {
            parts.push(match g {
                Some(g) => b.reshape(*g, &dims)?,
                None => b.full(&dims, 0.0, dtype)?,
            });
        }
        match parts.is_empty() {
            true => Ok(vec![None]),
            false => Ok(vec![Some(b.one(Concat { axis: self.axis }, &parts)?)]),
        }
    }
}

impl Unstack {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Unstack { axis: 1 }, [Domain::uniform([2, 3], -2.0, 2.0)]),
            Sample::new(Unstack { axis: 0 }, [Domain::vector(&[4.0, 5.0])]).expect(&[4.0]),
        ]
    }
}
