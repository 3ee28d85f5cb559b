//! `scatter_max`, `scatter_min`, `scatter_prod`: slices combined at given indices along the first axis.

use super::{Gather, ScatterAdd};
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, ReduceFn, Sample, Value};
use rhyton_base::{DType, Dim, Error, Result, Shape};

macro_rules! scatter_reduce {
    ($(#[$doc:meta])* $Name:ident $name:literal $f:ident $rule:ident $expected:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Name {
            /// The size of the first axis of the result.
            pub size: usize,
        }

        impl Op for $Name {
            fn name(&self) -> &'static str {
                $name
            }

            fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
                shape_rule(inputs, self.size)
            }

            fn lower(&self, _: &[Meta]) -> Lowered {
                Lowered::Kernel(Kernel::ScatterReduce { f: ReduceFn::$f })
            }

            fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
                let Some(g) = a.cotangents[0] else { return Ok(vec![None, None]) };
                Ok(vec![None, Some($rule(b, a.inputs[0], a.inputs[1], a.outputs[0], g, self.size)?)])
            }
        }

        impl $Name {
            /// Cases for the tests that walk the registry.
            pub fn samples() -> Vec<Sample> {
                let indices = || Domain::exact(DType::I32, [4], &[2.0, 0.0, 2.0, 1.0]);
                vec![
                    Sample::new($Name { size: 3 }, [indices(), Domain::uniform([4, 2], 0.5, 2.0)]),
                    Sample::new($Name { size: 3 }, [indices(), Domain::vector(&[3.0, 5.0, -2.0, 4.0])])
                        .expect(&$expected),
                ]
            }
        }
    };
}

scatter_reduce! {
    /// Inputs `(indices, updates)`: the largest of the slices at each index; the lowest number (minus infinity) where
    /// there is none. Elements that tie share the gradient evenly.
    ScatterMax "scatter_max" Max share [5.0, 4.0, 3.0]
}

scatter_reduce! {
    /// Inputs `(indices, updates)`: the smallest of the slices at each index; the highest number (infinity) where
    /// there is none. Elements that tie share the gradient evenly.
    ScatterMin "scatter_min" Min share [5.0, 4.0, -2.0]
}

scatter_reduce! {
    /// Inputs `(indices, updates)`: the product of the slices at each index; 1 where there is none.
    ScatterProd "scatter_prod" Prod others [5.0, 4.0, -6.0]
}

fn shape_rule(inputs: &[Meta], size: usize) -> Result<Vec<Meta>> {
    let [indices, updates] = crate::op::arguments(inputs)?;
    if !indices.dtype.is_integer() {
        return Err(Error::dtype(format!(
            "expected integer indices, got {}; cast them to int32",
            indices.dtype
        )));
    }
    let (i, u) = (indices.shape.dims(), updates.shape.dims());
    if u.len() < i.len() || !i.iter().zip(u).all(|(a, b)| a.fits(*b)) {
        return Err(Error::shape(format!(
            "indices {} do not match the first axes of updates {}",
            indices.shape, updates.shape
        )));
    }
    let shape: Shape = [Dim::Known(size)].into_iter().chain(u[i.len()..].iter().copied()).collect();
    Ok(vec![Meta { dtype: updates.dtype, shape }])
}

/// The cotangent of an extremum shared evenly among the elements that attain it.
fn share(b: &mut dyn Build, at: Value, x: Value, y: Value, g: Value, size: usize) -> Result<Value> {
    let top = b.gather(y, at, 0)?;
    let attained = b.equal(x, top)?;
    let (zero, one) = (b.like(g, 0.0)?, b.like(g, 1.0)?);
    let ones = b.select(attained, one, zero)?;
    let counts = b.one(ScatterAdd { axis: 0, size }, &[at, ones])?;
    let part = b.div(g, counts)?;
    let part = b.gather(part, at, 0)?;
    // Not a product: where an element is not chosen its part may be infinite.
    b.select(attained, part, zero)
}

/// The derivative of a product by a factor is the product of the others, told apart by how many of them are zero.
fn others(b: &mut dyn Build, at: Value, x: Value, _: Value, g: Value, size: usize) -> Result<Value> {
    let (zero, one) = (b.like(x, 0.0)?, b.like(x, 1.0)?);
    let is_zero = b.equal(x, zero)?;
    let zeros = b.select(is_zero, one, zero)?;
    let zeros = b.one(ScatterAdd { axis: 0, size }, &[at, zeros])?;
    let zeros = b.one(Gather { axis: 0 }, &[zeros, at])?;
    let factors = b.select(is_zero, one, x)?;
    let rest = b.one(ScatterProd { size }, &[at, factors])?;
    let rest = b.gather(rest, at, 0)?;
    let without = b.div(rest, factors)?;
    let none = b.equal(zeros, zero)?;
    let single = b.equal(zeros, one)?;
    let regular = b.select(none, without, zero)?;
    let at_zero = b.select(single, rest, zero)?;
    let slope = b.select(is_zero, at_zero, regular)?;
    let g = b.gather(g, at, 0)?;
    b.mul(g, slope)
}
