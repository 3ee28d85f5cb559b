//! `max` and `min`: the largest and the smallest element over some axes.

use super::{kept_shape, reduced_shape};
use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, ReduceFn, Sample};
use rhyton_base::{Error, Result};

macro_rules! extremum {
    ($(#[$doc:meta])* $Name:ident $name:literal $f:ident $answer:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            /// The axes to look over, each once, in rising order.
            pub axes: Vec<usize>,
            /// Whether they stay as axes of size 1.
            pub keepdims: bool,
        }

        impl Op for $Name {
            fn name(&self) -> &'static str {
                $name
            }

            fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
                let [x] = crate::op::arguments(inputs)?;
                let shape = reduced_shape(&x.shape, &self.axes, self.keepdims)?;
                if self.axes.iter().any(|&a| x.shape.dims()[a].known() == Some(0)) {
                    return Err(Error::shape(format!("shape {} has no elements along the axes {:?}", x.shape, self.axes)));
                }
                Ok(vec![Meta { dtype: x.dtype, shape }])
            }

            fn lower(&self, _: &[Meta]) -> Lowered {
                Lowered::Reduce(ReduceFn::$f, self.axes.clone())
            }

            fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
                let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
                Ok(vec![Some(share(b, a.inputs[0], a.outputs[0], g, &self.axes)?)])
            }
        }

        impl $Name {
            /// Cases for the tests that walk the registry.
            pub fn samples() -> Vec<Sample> {
                vec![
                    Sample::new($Name { axes: vec![1], keepdims: false }, [Domain::uniform([2, 3], -2.0, 2.0)]),
                    Sample::new($Name { axes: vec![0, 2], keepdims: true }, [Domain::uniform([2, 3, 2], -2.0, 2.0)]),
                    Sample::new($Name { axes: vec![0], keepdims: false }, [Domain::vector(&[2.0, 4.0, 0.5])])
                        .expect(&[$answer]),
                ]
            }
        }
    };
}

extremum! {
    /// The largest element over some axes; NaN if there is one. Elements that tie share the gradient evenly.
    Max "max" Max 4.0
}

extremum! {
    /// The smallest element over some axes; NaN if there is one. Elements that tie share the gradient evenly.
    Min "min" Min 0.5
}

/// The cotangent `g` of an extremum `y` of `x`, shared evenly among the elements that attain it.
fn share(
    b: &mut dyn Build,
    x: crate::Value,
    y: crate::Value,
    g: crate::Value,
    axes: &[usize],
) -> Result<crate::Value> {
    let kept = kept_shape(&b.dims(x), axes);
    let (y, g) = (b.reshape(y, &kept)?, b.reshape(g, &kept)?);
    let attained = b.equal(x, y)?;
    let (zero, one) = (b.like(g, 0.0)?, b.like(g, 1.0)?);
    let ones = b.select(attained, one, zero)?;
    let count = b.sum(ones, axes, true)?;
    let part = b.div(g, count)?;
    b.mul(ones, part)
}
