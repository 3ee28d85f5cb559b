//! `isnan`: whether it is not a number.

use crate::UnaryFn;

unary_op! {
    /// Whether it is not a number.
    IsNan, "isnan", truth;
    lower |x| x.unary(UnaryFn::IsNan);
    samples vec![
        Sample::new(IsNan, [Domain::uniform([2, 3], 0.0, 1.0)]),
        Sample::new(IsNan, [Domain::vector(&[1.0, f64::NAN, f64::INFINITY])]).expect(&[0.0, 1.0, 0.0]),
    ];
}
