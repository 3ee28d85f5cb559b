//! `logical_or`: whether one is other than zero.

use crate::BinaryFn;

binary_op! {
    /// Whether one is other than zero.
    LogicalOr, "logical_or", logic;
    lower |x, y| x.binary(BinaryFn::Or, y);
    samples vec![
        Sample::new(LogicalOr, [Domain::vector(&[0.0, 0.0, 3.0]), Domain::vector(&[0.0, 2.0, 2.0])]).expect(&[0.0, 1.0, 1.0]),
    ];
}
