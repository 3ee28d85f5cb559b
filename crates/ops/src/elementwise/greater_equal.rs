//! `greater_equal`: whether `x >= y`.

use crate::BinaryFn;

binary_op! {
    /// Whether `x >= y`.
    GreaterEqual, "greater_equal", truth;
    lower |x, y| x.binary(BinaryFn::Ge, y);
    samples vec![
        Sample::new(GreaterEqual, [Domain::vector(&[1.0, 2.0, 3.0]), Domain::vector(&[2.0, 2.0, 2.0])]).expect(&[0.0, 1.0, 1.0]),
    ];
}
