//! `bitwise_and`: the bits set in both.

use crate::BinaryFn;

binary_op! {
    /// The bits set in both.
    BitwiseAnd, "bitwise_and", bits;
    lower |x, y| x.binary(BinaryFn::And, y);
    samples vec![
        Sample::new(BitwiseAnd, [Domain::exact(DType::I32, [2], &[12.0, 7.0]), Domain::exact(DType::I32, [2], &[10.0, 0.0])]).expect(&[8.0, 0.0]),
    ];
}
