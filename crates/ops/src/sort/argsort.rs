//! `argsort`: where the elements stand in rising or falling order.

use super::last_axis;
use crate::{Domain, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};

/// The places of the elements along the last axis in order, as `int64`. Equal elements keep their order; NaN counts
/// as larger than every number.
#[derive(Clone, Copy, Debug)]
pub struct ArgSort {
    /// Whether the largest comes first.
    pub descending: bool,
    /// How many places are wanted, from the front; `None` for all.
    pub count: Option<usize>,
}

impl Op for ArgSort {
    fn name(&self) -> &'static str {
        "argsort"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let axis = last_axis(&x.shape)?;
        let Some(count) = self.count else {
            return Ok(vec![Meta { dtype: DType::I64, shape: x.shape.clone() }]);
        };
        if x.shape.dims()[axis].known().is_some_and(|n| n < count) {
            return Err(Error::value(format!(
                "{count} elements wanted of the last axis of shape {}, which has fewer",
                x.shape
            )));
        }
        Ok(vec![Meta { dtype: DType::I64, shape: x.shape.with_last(count) }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::ArgSort { descending: self.descending })
    }
}

impl ArgSort {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let x = || [Domain::vector(&[3.0, -1.0, 3.0, 2.0])];
        vec![
            Sample::new(ArgSort { descending: false, count: None }, x()).expect(&[1.0, 3.0, 0.0, 2.0]),
            Sample::new(ArgSort { descending: true, count: Some(2) }, x()).expect(&[0.0, 2.0]),
        ]
    }
}
