//! The forms that nearly all elementwise operations fill in.

/// An operation of one argument: name, type rule, expression, gradient rule and samples.
macro_rules! unary_op {
    (
        $(#[$doc:meta])* $Name:ident, $name:literal, $rule:ident;
        lower |$x:ident| $lower:expr;
        $(vjp |$b:ident, $vx:ident, $out:ident, $g:ident| $gx:expr;)?
        samples $samples:expr;
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Name;

        impl $crate::Op for $Name {
            fn name(&self) -> &'static str {
                $name
            }

            fn infer(&self, inputs: &[$crate::Meta]) -> rhyton_base::Result<Vec<$crate::Meta>> {
                let [x] = $crate::op::arguments(inputs)?;
                let dtype = $crate::elementwise::rules::$rule(x.dtype)?;
                Ok(vec![$crate::Meta { dtype, shape: x.shape.clone() }])
            }

            fn lower(&self, inputs: &[$crate::Meta]) -> $crate::Lowered {
                let dtype = inputs[0].dtype;
                let work = $crate::elementwise::rules::work_type(stringify!($rule), dtype);
                let $x = $crate::Expr::input(0, dtype).cast(work);
                $crate::Lowered::Map($lower)
            }

            $(
                #[allow(unused_variables)]
                fn vjp(&self, $b: &mut dyn $crate::Build, a: &$crate::Application) -> $crate::Grads {
                    let Some($g) = a.cotangents[0] else { return Ok(vec![None]) };
                    let ($vx, $out) = (a.inputs[0], a.outputs[0]);
                    let gx: rhyton_base::Result<$crate::Value> = $gx;
                    Ok(vec![Some(gx?)])
                }
            )?
        }

        impl $Name {
            /// Cases for the tests that walk the registry.
            pub fn samples() -> Vec<$crate::Sample> {
                #[allow(unused_imports)]
                use rhyton_base::DType;
                use $crate::{Domain, Sample};
                $samples
            }
        }
    };
}

/// An operation of two arguments of one type, broadcast together.
macro_rules! binary_op {
    (
        $(#[$doc:meta])* $Name:ident, $name:literal, $rule:ident;
        lower |$x:ident, $y:ident| $lower:expr;
        $(vjp |$b:ident, $vx:ident, $vy:ident, $out:ident, $g:ident| $gx:expr, $gy:expr;)?
        samples $samples:expr;
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Name;

        impl $crate::Op for $Name {
            fn name(&self) -> &'static str {
                $name
            }

            fn infer(&self, inputs: &[$crate::Meta]) -> rhyton_base::Result<Vec<$crate::Meta>> {
                let [x, y] = $crate::op::arguments(inputs)?;
                $crate::elementwise::rules::same_type(x, y)?;
                let shape = rhyton_base::broadcast_symbolic(&[&x.shape, &y.shape])?;
                Ok(vec![$crate::Meta { dtype: $crate::elementwise::rules::$rule(x.dtype)?, shape }])
            }

            fn lower(&self, inputs: &[$crate::Meta]) -> $crate::Lowered {
                let dtype = inputs[0].dtype;
                let work = $crate::elementwise::rules::work_type(stringify!($rule), dtype);
                let $x = $crate::Expr::input(0, dtype).cast(work);
                let $y = $crate::Expr::input(1, dtype).cast(work);
                $crate::Lowered::Map($lower)
            }

            $(
                #[allow(unused_variables)]
                fn vjp(&self, $b: &mut dyn $crate::Build, a: &$crate::Application) -> $crate::Grads {
                    let Some($g) = a.cotangents[0] else { return Ok(vec![None, None]) };
                    let ($vx, $vy, $out) = (a.inputs[0], a.inputs[1], a.outputs[0]);
                    let (mut grad_x, mut grad_y) = (None, None);
                    if a.wanted[0] {
                        let gx: rhyton_base::Result<$crate::Value> = $gx;
                        let shape = $b.dims($vx);
                        grad_x = Some($b.sum_to(gx?, &shape)?);
                    }
                    if a.wanted[1] {
                        let gy: rhyton_base::Result<$crate::Value> = $gy;
                        let shape = $b.dims($vy);
                        grad_y = Some($b.sum_to(gy?, &shape)?);
                    }
                    Ok(vec![grad_x, grad_y])
                }
            )?
        }

        impl $Name {
            /// Cases for the tests that walk the registry.
            pub fn samples() -> Vec<$crate::Sample> {
                #[allow(unused_imports)]
                use rhyton_base::DType;
                use $crate::{Domain, Sample};
                $samples
            }
        }
    };
}
