//! `not_equal`: whether the two differ.

use crate::BinaryFn;

binary_op! {
    /// Whether the two differ.
    NotEqual, "not_equal", truth;
    lower |x, y| x.binary(BinaryFn::Ne, y);
    samples vec![
        Sample::new(NotEqual, [Domain::vector(&[1.0, 2.0, 3.0]), Domain::vector(&[2.0, 2.0, 2.0])]).expect(&[1.0, 0.0, 1.0]),
    ];
}
