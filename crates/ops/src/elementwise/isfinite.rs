//! `isfinite`: whether it is a number and not infinite.

use crate::UnaryFn;

unary_op! {
    /// Whether it is a number and not infinite.
    IsFinite, "isfinite", truth;
    lower |x| x.unary(UnaryFn::IsFinite);
    samples vec![
        Sample::new(IsFinite, [Domain::vector(&[1.0, f64::NAN, f64::INFINITY])]).expect(&[1.0, 0.0, 0.0]),
    ];
}
