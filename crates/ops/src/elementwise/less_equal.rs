//! `less_equal`: whether `x <= y`.

use crate::BinaryFn;

binary_op! {
    /// Whether `x <= y`.
    LessEqual, "less_equal", truth;
    lower |x, y| x.binary(BinaryFn::Le, y);
    samples vec![
        Sample::new(LessEqual, [Domain::vector(&[1.0, 2.0, 3.0]), Domain::vector(&[2.0, 2.0, 2.0])]).expect(&[1.0, 1.0, 0.0]),
    ];
}
