//! `det`, `slogdet` and `lu_factor`: what follows from LU with partial pivoting.

use super::parts::{Factorization, inverse_transposed, least, matrix, shaped, square};
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample, Value};
use rhyton_base::{DType, Result};

/// `g · A⁻ᵀ`, one number a matrix.
fn times_inverse(b: &mut dyn Build, a: Value, g: Value) -> Result<Value> {
    let inverse = inverse_transposed(b, a)?;
    let g = b.expand_dims(g, -1)?;
    let g = b.expand_dims(g, -1)?;
    b.mul(g, inverse)
}

/// The determinant. Its gradient is an error for a singular matrix.
#[derive(Clone, Copy, Debug)]
pub struct Det;

impl Op for Det {
    fn name(&self) -> &'static str {
        "det"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let (lead, _) = square(x)?;
        Ok(vec![Meta { dtype: x.dtype, shape: shaped(lead, []) }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Linalg(Factorization::Det))
    }

    /// `g · det A · A⁻ᵀ`.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let g = b.mul(g, a.outputs[0])?;
        Ok(vec![Some(times_inverse(b, a.inputs[0], g)?)])
    }
}

impl Det {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Det, [Domain::uniform([2, 1, 1], 1.0, 2.0)]),
            Sample::new(Det, [Domain::exact(DType::F64, [2, 2], &[0.0, 2.0, 4.0, 1.0])]).expect(&[-8.0]),
        ]
    }
}

/// The sign of the determinant and the logarithm of its absolute value; `(0, -inf)` for a singular matrix.
#[derive(Clone, Copy, Debug)]
pub struct SlogDet;

impl Op for SlogDet {
    fn name(&self) -> &'static str {
        "slogdet"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let (lead, _) = square(x)?;
        let out = Meta { dtype: x.dtype, shape: shaped(lead, []) };
        Ok(vec![out.clone(), out])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Linalg(Factorization::SlogDet))
    }

    /// `g · A⁻ᵀ` from the logarithm; the sign is flat.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[1] else { return Ok(vec![None]) };
        Ok(vec![Some(times_inverse(b, a.inputs[0], g)?)])
    }
}

impl SlogDet {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(SlogDet, [Domain::uniform([2, 1, 1], 1.0, 2.0)]),
            Sample::new(SlogDet, [Domain::exact(DType::F64, [2, 2], &[0.0, 2.0, 4.0, 1.0])]).expect(&[-1.0]),
        ]
    }
}

/// L (below the diagonal, its own diagonal being ones) and U of a row-exchanged matrix in one, and the row that was
/// exchanged with each as `int32`, from 0 on. It has no gradient.
#[derive(Clone, Copy, Debug)]
pub struct LuFactor;

impl Op for LuFactor {
    fn name(&self) -> &'static str {
        "lu_factor"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let (lead, m, n) = matrix(x)?;
        Ok(vec![x.clone(), Meta { dtype: DType::I32, shape: shaped(lead, [least(m, n)]) }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Linalg(Factorization::Lu))
    }
}

impl LuFactor {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let matrix = Domain::exact(DType::F64, [2, 2], &[1.0, 3.0, 2.0, 4.0]);
        vec![Sample::new(LuFactor, [matrix]).expect(&[2.0, 4.0, 0.5, 1.0])]
    }
}
