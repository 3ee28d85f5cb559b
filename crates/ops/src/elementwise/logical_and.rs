//! `logical_and`: whether both are other than zero.

use crate::BinaryFn;

binary_op! {
    /// Whether both are other than zero.
    LogicalAnd, "logical_and", logic;
    lower |x, y| x.binary(BinaryFn::And, y);
    samples vec![
        Sample::new(LogicalAnd, [Domain::vector(&[0.0, 0.0, 3.0]), Domain::vector(&[0.0, 2.0, 2.0])]).expect(&[0.0, 0.0, 1.0]),
    ];
}
