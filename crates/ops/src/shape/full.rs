//! `full`: a tensor of one number.

use crate::{Expr, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Result, Scalar};

/// A tensor whose every element is `value`.
#[derive(Clone, Debug)]
pub struct Full {
    /// The shape.
    pub shape: Vec<usize>,
    /// The number.
    pub value: Scalar,
    /// The element type.
    pub dtype: DType,
}

impl Op for Full {
    fn name(&self) -> &'static str {
        "full"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [] = crate::op::arguments(inputs)?;
        rhyton_base::element_count(&self.shape)?;
        Ok(vec![Meta::new(self.dtype, &self.shape)])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Map(Expr::constant(self.value, self.dtype))
    }
}

impl Full {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let op = Full { shape: vec![2], value: Scalar::Float(1.5), dtype: DType::F64 };
        vec![Sample::new(op, []).expect(&[1.5, 1.5])]
    }
}
