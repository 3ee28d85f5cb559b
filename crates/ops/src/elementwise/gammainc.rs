//! `gammainc` and its slope: the gamma distribution.

use super::rules::same_type;
use crate::{Application, BinaryFn, Build, Domain, Expr, Grads, Lowered, Meta, Op, Sample, Value};
use rhyton_base::{Result, broadcast_symbolic};

macro_rules! gamma_op {
    ($(#[$doc:meta])* $Name:ident $name:literal; slope |$b:ident, $a:ident, $x:ident, $y:ident| $slope:expr; expect $expected:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Name;

        impl Op for $Name {
            fn name(&self) -> &'static str {
                $name
            }

            fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
                let [a, x] = crate::op::arguments(inputs)?;
                same_type(a, x)?;
                let shape = broadcast_symbolic(&[&a.shape, &x.shape])?;
                Ok(vec![Meta { dtype: a.dtype.to_float(), shape }])
            }

            fn lower(&self, inputs: &[Meta]) -> Lowered {
                let arg = |i: usize| Expr::input(i, inputs[i].dtype).cast(inputs[i].dtype.to_float());
                Lowered::Map(arg(0).binary(BinaryFn::$Name, arg(1)))
            }

            fn vjp(&self, $b: &mut dyn Build, application: &Application) -> Grads {
                let Some(g) = application.cotangents[0] else { return Ok(vec![None, None]) };
                if !application.wanted[1] {
                    return Ok(vec![None, None]);
                }
                let ($a, $x, $y) = (application.inputs[0], application.inputs[1], application.outputs[0]);
                let slope: Result<Value> = $slope;
                let gx = $b.mul(g, slope?)?;
                let shape = $b.dims($x);
                Ok(vec![None, Some($b.sum_to(gx, &shape)?)])
            }
        }

        impl $Name {
            /// Cases for the tests that walk the registry.
            pub fn samples() -> Vec<Sample> {
                let shapes = || Domain::vector(&[0.5, 1.0, 3.5]);
                vec![
                    Sample::new($Name, [shapes(), Domain::uniform([2, 3], 0.4, 3.0)]),
                    Sample::new($Name, [Domain::vector(&[1.0, 2.0]), Domain::vector(&[2.0, 0.5])]).expect(&$expected),
                ]
            }
        }
    };
}

gamma_op! {
    /// The regularised lower incomplete gamma function `P(a, x) = 1/Γ(a) ∫ tᵃ⁻¹ e⁻ᵗ dt` from 0 to `x`.
    ///
    /// The gradient flows to `x` only.
    GammaInc "gammainc";
    slope |b, a, x, _y| b.one(GammaDensity, &[a, x]);
    expect [0.8646647167633873, 0.09020401043104986]
}

gamma_op! {
    /// The density of the gamma distribution, `xᵃ⁻¹ e⁻ˣ / Γ(a)`: the slope of [`GammaInc`] by `x`.
    ///
    /// The gradient flows to `x` only.
    GammaDensity "gamma_density";
    slope |b, a, x, y| {
        let power = b.shift(a, -1.0)?;
        let slope = b.div(power, x)?;
        let slope = b.shift(slope, -1.0)?;
        b.mul(y, slope)
    };
    expect [0.1353352832366127, 0.3032653298563167]
}
