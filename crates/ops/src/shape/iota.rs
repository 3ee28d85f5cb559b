//! `iota`: the coordinates along an axis.

use crate::{Expr, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};

/// A tensor whose every element is its own coordinate along `axis`: `arange` is the one of rank 1.
#[derive(Clone, Debug)]
pub struct Iota {
    /// The shape.
    pub shape: Vec<usize>,
    /// The axis whose coordinate is taken.
    pub axis: usize,
    /// The element type.
    pub dtype: DType,
}

impl Op for Iota {
    fn name(&self) -> &'static str {
        "iota"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [] = crate::op::arguments(inputs)?;
        rhyton_base::element_count(&self.shape)?;
        if self.axis >= self.shape.len() {
            return Err(Error::shape(format!(
                "axis {} is out of bounds for shape {:?}",
                self.axis, self.shape
            )));
        }
        Ok(vec![Meta::new(self.dtype, &self.shape)])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Map(Expr::index(self.axis).cast(self.dtype))
    }
}

impl Iota {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let op = |axis| Iota { shape: vec![2, 3], axis, dtype: DType::I32 };
        vec![
            Sample::new(op(0), []).expect(&[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]),
            Sample::new(op(1), []).expect(&[0.0, 1.0, 2.0, 0.0, 1.0, 2.0]),
        ]
    }
}
