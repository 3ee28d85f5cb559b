//! `equal`: whether the two are equal.

use crate::BinaryFn;

binary_op! {
    /// Whether the two are equal.
    Equal, "equal", truth;
    lower |x, y| x.binary(BinaryFn::Eq, y);
    samples vec![
        Sample::new(Equal, [Domain::vector(&[1.0, 2.0, 3.0]), Domain::vector(&[2.0, 2.0, 2.0])]).expect(&[0.0, 1.0, 0.0]),
    ];
}
