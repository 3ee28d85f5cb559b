//! `searchsorted`: where numbers would stand among ordered ones.

use crate::{Domain, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};

/// Inputs `(sorted, x)`: for every element of `x`, how many of the rising vector `sorted` are smaller (or not larger),
/// as `int64`. NaN counts as larger than every number.
#[derive(Clone, Copy, Debug)]
pub struct SearchSorted {
    /// Whether elements that are equal are counted.
    pub right: bool,
}

impl Op for SearchSorted {
    fn name(&self) -> &'static str {
        "searchsorted"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [sorted, x] = crate::op::arguments(inputs)?;
        crate::elementwise::rules::same_type(sorted, x)?;
        if sorted.shape.rank() != 1 {
            return Err(Error::shape(format!("expected a sorted vector, got shape {}", sorted.shape)));
        }
        Ok(vec![Meta { dtype: DType::I64, shape: x.shape.clone() }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::SearchSorted { right: self.right })
    }
}

impl SearchSorted {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let inputs = || [Domain::vector(&[1.0, 2.0, 2.0, 5.0]), Domain::vector(&[2.0, 9.0, 0.0])];
        vec![
            Sample::new(SearchSorted { right: false }, inputs()).expect(&[1.0, 4.0, 0.0]),
            Sample::new(SearchSorted { right: true }, inputs()).expect(&[3.0, 4.0, 0.0]),
        ]
    }
}
