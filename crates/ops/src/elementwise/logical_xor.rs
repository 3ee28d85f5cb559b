//! `logical_xor`: whether exactly one is other than zero.

use crate::BinaryFn;

binary_op! {
    /// Whether exactly one is other than zero.
    LogicalXor, "logical_xor", logic;
    lower |x, y| x.binary(BinaryFn::Xor, y);
    samples vec![
        Sample::new(LogicalXor, [Domain::vector(&[0.0, 0.0, 3.0]), Domain::vector(&[0.0, 2.0, 2.0])]).expect(&[0.0, 1.0, 0.0]),
    ];
}
