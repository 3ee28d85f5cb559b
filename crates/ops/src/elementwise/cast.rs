//! `cast`: the same numbers in another element type.

use crate::{Application, Build, Domain, Expr, Grads, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Result};

/// The same numbers in another element type: floats are rounded to nearest, floats become integers by dropping
/// the fraction (saturating at the ends, NaN gives 0), integers wrap around, `bool` is "not zero".
///
/// The gradient flows between floats only, cast back.
#[derive(Clone, Copy, Debug)]
pub struct Cast {
    /// The type of the result.
    pub dtype: DType,
}

impl Op for Cast {
    fn name(&self) -> &'static str {
        "cast"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        Ok(vec![Meta { dtype: self.dtype, shape: x.shape.clone() }])
    }

    fn lower(&self, inputs: &[Meta]) -> Lowered {
        Lowered::Map(Expr::input(0, inputs[0].dtype).cast(self.dtype))
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let from = b.dtype(a.inputs[0]);
        match a.cotangents[0] {
            Some(g) if from.is_float() && self.dtype.is_float() => Ok(vec![Some(b.cast(g, from)?)]),
            _ => Ok(vec![None]),
        }
    }
}

impl Cast {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Cast { dtype: DType::F64 }, [Domain::uniform([2, 3], -2.0, 2.0)]),
            Sample::new(Cast { dtype: DType::I32 }, [Domain::vector(&[2.9, -2.9, f64::NAN])])
                .expect(&[2.0, -2.0, 0.0]),
            Sample::new(Cast { dtype: DType::U8 }, [Domain::exact(DType::I32, [2], &[257.0, -1.0])])
                .expect(&[1.0, 255.0]),
        ]
    }
}
