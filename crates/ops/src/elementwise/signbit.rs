//! `signbit`: whether the sign is minus.

use crate::UnaryFn;

unary_op! {
    /// Whether the sign is minus, that of -0.0 too.
    SignBit, "signbit", truth;
    lower |x| x.unary(UnaryFn::SignBit);
    samples vec![
        Sample::new(SignBit, [Domain::uniform([2, 3], 0.5, 1.0)]),
        Sample::new(SignBit, [Domain::vector(&[-1.5, -0.0, 0.0])]).expect(&[1.0, 1.0, 0.0]),
    ];
}
