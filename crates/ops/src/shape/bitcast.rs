//! `view`: the same bits read as another element type.

use crate::{Domain, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Dim, Error, Result};

/// The same bytes as elements of another type; the last axis grows or shrinks with the size of an element.
#[derive(Clone, Copy, Debug)]
pub struct Bitcast {
    /// The type to read the bytes as.
    pub dtype: DType,
}

impl Op for Bitcast {
    fn name(&self) -> &'static str {
        "view"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let (from, to) = (x.dtype.size(), self.dtype.size());
        if self.dtype == DType::Bool && x.dtype != DType::Bool {
            return Err(Error::dtype(format!(
                "the bits of {} may be no truth value; cast them or compare them with 0",
                x.dtype
            )));
        }
        if from == to {
            return Ok(vec![Meta { dtype: self.dtype, shape: x.shape.clone() }]);
        }
        let Some(last) = x.shape.dims().last() else {
            return Err(Error::shape(format!(
                "a scalar of {from} bytes cannot be seen as {}, which takes {to}; reshape it to (1,) first",
                self.dtype
            )));
        };
        let dim = match last.known().map(|n| n.checked_mul(from)) {
            None => Dim::Unknown,
            Some(Some(bytes)) if bytes % to == 0 => Dim::Known(bytes / to),
            Some(_) => {
                return Err(Error::shape(format!(
                    "the last axis of {} does not divide into elements of {to} bytes ({})",
                    x, self.dtype
                )));
            }
        };
        Ok(vec![Meta { dtype: self.dtype, shape: x.shape.with_last(dim) }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Bitcast)
    }
}

impl Bitcast {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Bitcast { dtype: DType::I64 }, [Domain::vector(&[1.0])])
                .expect(&[0x3ff0_0000_0000_0000_u64 as f64]),
        ]
    }
}
