//! `isinf`: whether it is infinite.

use crate::UnaryFn;

unary_op! {
    /// Whether it is infinite.
    IsInf, "isinf", truth;
    lower |x| x.unary(UnaryFn::IsInf);
    samples vec![
        Sample::new(IsInf, [Domain::vector(&[1.0, f64::NAN, f64::NEG_INFINITY])]).expect(&[0.0, 0.0, 1.0]),
    ];
}
