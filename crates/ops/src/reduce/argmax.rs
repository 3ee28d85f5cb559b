//! `argmax` and `argmin`: where the largest and the smallest element stand.

use super::reduced_shape;
use crate::{Domain, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};

macro_rules! arg_extremum {
    ($(#[$doc:meta])* $Name:ident $name:literal $largest:literal $answer:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Name {
            /// The axis to look along; it is removed.
            pub axis: usize,
        }

        impl Op for $Name {
            fn name(&self) -> &'static str {
                $name
            }

            fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
                let [x] = crate::op::arguments(inputs)?;
                let shape = reduced_shape(&x.shape, &[self.axis], false)?;
                if x.shape.dims()[self.axis].known() == Some(0) {
                    return Err(Error::shape(format!("shape {} has no elements along axis {}", x.shape, self.axis)));
                }
                Ok(vec![Meta { dtype: DType::I64, shape }])
            }

            fn lower(&self, _: &[Meta]) -> Lowered {
                Lowered::Kernel(Kernel::ArgReduce { largest: $largest, axis: self.axis })
            }
        }

        impl $Name {
            /// Cases for the tests that walk the registry.
            pub fn samples() -> Vec<Sample> {
                vec![Sample::new($Name { axis: 0 }, [Domain::vector(&[2.0, 4.0, 0.5, 4.0])]).expect(&[$answer])]
            }
        }
    };
}

arg_extremum! {
    /// The place of the largest element along an axis, as `int64`: the first of several, a NaN before all.
    ArgMax "argmax" true 1.0
}

arg_extremum! {
    /// The place of the smallest element along an axis, as `int64`: the first of several, a NaN before all.
    ArgMin "argmin" false 2.0
}
