//! `+ - * / %` and negation between tensors and numbers.
//!
//! Numbers are `f64` and `i32`, the types of plain literals, and take the tensor's element type. Operators cannot return errors; where shapes do not fit they panic at
//! the caller's line with the message that the function of the same name in [`crate::ops`] returns.

use crate::eager;
use crate::methods::expect;
use crate::ops;
use crate::ops::weak;
use crate::tensor::Tensor;
use rhyton_base::Result;
use rhyton_ops::{Op, elementwise as e};
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

/// The operation over a tensor that the caller gives up: in its memory where nobody else holds it.
fn consume(
    op: impl Op,
    x: Tensor,
    number: f64,
    otherwise: fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let y = weak(&x, number)?;
    if !x.has_numbers() || y.dtype() != x.dtype() {
        return otherwise(&x, &y);
    }
    match eager::execute_in_place(&op, x, &y)? {
        Ok(done) => Ok(done),
        Err(x) => otherwise(&x, &y),
    }
}

macro_rules! operator {
    ($($Trait:ident $method:ident $function:path, $op:expr;)*) => {$(
        impl $Trait<&Tensor> for &Tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: &Tensor) -> Tensor {
                expect($function(self, other))
            }
        }
        impl $Trait<Tensor> for &Tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: Tensor) -> Tensor {
                expect($function(self, &other))
            }
        }
        impl $Trait<&Tensor> for Tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: &Tensor) -> Tensor {
                expect($function(&self, other))
            }
        }
        impl $Trait<Tensor> for Tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: Tensor) -> Tensor {
                expect($function(&self, &other))
            }
        }
        operator!(@numbers $Trait $method $function, $op; f64 i32);
    )*};
    (@numbers $Trait:ident $method:ident $function:path, $op:expr; $($n:ty)*) => {$(
        impl $Trait<$n> for &Tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, number: $n) -> Tensor {
                expect(weak(self, f64::from(number)).and_then(|y| $function(self, &y)))
            }
        }
        impl $Trait<$n> for Tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, number: $n) -> Tensor {
                expect(consume($op, self, f64::from(number), $function))
            }
        }
        impl $Trait<&Tensor> for $n {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, x: &Tensor) -> Tensor {
                expect(weak(x, f64::from(self)).and_then(|y| $function(&y, x)))
            }
        }
        impl $Trait<Tensor> for $n {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, x: Tensor) -> Tensor {
                $Trait::$method(self, &x)
            }
        }
    )*};
}

operator! {
    Add add ops::add, e::Add;
    Sub sub ops::subtract, e::Sub;
    Mul mul ops::multiply, e::Mul;
    Div div ops::divide, e::Div;
    Rem rem ops::r#mod, e::Rem;
}

impl Neg for &Tensor {
    type Output = Tensor;
    #[track_caller]
    fn neg(self) -> Tensor {
        expect(ops::negative(self))
    }
}

impl Neg for Tensor {
    type Output = Tensor;
    #[track_caller]
    fn neg(self) -> Tensor {
        -&self
    }
}
