//! `prod`: the product over some axes.

use super::{kept_shape, reduced_shape, sum::accumulator};
use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, ReduceFn, Sample};
use rhyton_base::Result;

/// The product over some axes. Its gradient is exact also where elements are zero, alone or several.
#[derive(Clone, Debug)]
pub struct Prod {
    /// The axes to multiply over, each once, in rising order.
    pub axes: Vec<usize>,
    /// Whether they stay as axes of size 1.
    pub keepdims: bool,
}

impl Op for Prod {
    fn name(&self) -> &'static str {
        "prod"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let shape = reduced_shape(&x.shape, &self.axes, self.keepdims)?;
        Ok(vec![Meta { dtype: accumulator(x.dtype), shape }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Reduce(ReduceFn::Prod, self.axes.clone())
    }

    /// The derivative by one factor is the product of the others. With `z` zeros among the factors, that is
    /// `p / x` for `z = 0`, the product of the rest at the zero for `z = 1`, and 0 everywhere for more.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let x = a.inputs[0];
        let dims = b.dims(x);
        let g = b.reshape(g, &kept_shape(&dims, &self.axes))?;
        let (zero, one) = (b.like(x, 0.0)?, b.like(x, 1.0)?);
        let is_zero = b.equal(x, zero)?;
        let zeros = b.select(is_zero, one, zero)?;
        let zeros = b.sum(zeros, &self.axes, true)?;
        let factors = b.select(is_zero, one, x)?;
        let rest = b.one(Prod { axes: self.axes.clone(), keepdims: true }, &[factors])?;
        let without = b.div(rest, factors)?;
        let none = b.equal(zeros, zero)?;
        let single = b.equal(zeros, one)?;
        let regular = b.select(none, without, zero)?;
        let at_zero = b.select(single, rest, zero)?;
        let slope = b.select(is_zero, at_zero, regular)?;
        Ok(vec![Some(b.mul(g, slope)?)])
    }
}

impl Prod {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Prod { axes: vec![1], keepdims: false }, [Domain::uniform([2, 3], 0.5, 2.0)]),
            Sample::new(Prod { axes: vec![0], keepdims: false }, [Domain::vector(&[2.0, 4.0, 0.5])])
                .expect(&[4.0]),
        ]
    }
}
