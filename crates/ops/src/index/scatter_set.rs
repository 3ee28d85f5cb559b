//! `scatter_set`: slices put in place of others at given indices along the first axis.

use super::Gather;
use crate::shape::Iota;
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};

/// Inputs `(x, indices, updates)`: `x` with the slice at each index replaced by its update; the last one wins.
#[derive(Clone, Copy, Debug)]
pub struct ScatterSet;

impl Op for ScatterSet {
    fn name(&self) -> &'static str {
        "scatter_set"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x, indices, updates] = crate::op::arguments(inputs)?;
        crate::elementwise::rules::same_type(x, updates)?;
        if !indices.dtype.is_integer() {
            return Err(Error::dtype(format!(
                "expected integer indices, got {}; cast them to int32",
                indices.dtype
            )));
        }
        let (i, u, d) = (indices.shape.dims(), updates.shape.dims(), x.shape.dims());
        let expected = || i.iter().chain(d.iter().skip(1));
        if d.is_empty() || u.len() != expected().count() || !expected().zip(u).all(|(a, b)| a.fits(*b)) {
            return Err(Error::shape(format!(
                "updates of shape {} do not match indices {} into {}",
                updates.shape, indices.shape, x.shape
            )));
        }
        Ok(vec![x.clone()])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::ScatterSet)
    }

    /// What was replaced gets nothing; of several updates of one place only the last counts.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None, None, None]) };
        let (x, at, updates) = (a.inputs[0], a.inputs[1], a.inputs[2]);
        let (mut gx, mut gu) = (None, None);
        if a.wanted[0] {
            let dims = b.dims(updates);
            let dtype = b.dtype(g);
            let nothing = b.full(&dims, 0.0, dtype)?;
            gx = Some(b.one(ScatterSet, &[g, at, nothing])?);
        }
        if a.wanted[2] {
            let (dims, size) = (b.dims(at), b.dims(x)[0]);
            let count = dims.iter().product();
            let number = b.one(Iota { shape: vec![count], axis: 0, dtype: DType::I64 }, &[])?;
            let number = b.reshape(number, &dims)?;
            let nobody = b.full(&[size], 0.0, DType::I64)?;
            let last = b.one(ScatterSet, &[nobody, at, number])?;
            let last = b.gather(last, at, 0)?;
            let mut wins = b.equal(last, number)?;
            let rank = b.meta(updates).shape.rank();
            let mut kept = dims;
            kept.resize(rank, 1);
            wins = b.reshape(wins, &kept)?;
            let part = b.one(Gather { axis: 0 }, &[g, at])?;
            let zero = b.like(part, 0.0)?;
            gu = Some(b.select(wins, part, zero)?);
        }
        Ok(vec![gx, None, gu])
    }
}

impl ScatterSet {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let indices = || Domain::exact(DType::I32, [3], &[2.0, 0.0, 2.0]);
        vec![
            Sample::new(
                ScatterSet,
                [Domain::uniform([4, 2], -2.0, 2.0), indices(), Domain::uniform([3, 2], -2.0, 2.0)],
            ),
            Sample::new(
                ScatterSet,
                [Domain::vector(&[7.0, 8.0, 9.0]), indices(), Domain::vector(&[1.0, 2.0, 4.0])],
            )
            .expect(&[2.0, 8.0, 4.0]),
        ]
    }
}
