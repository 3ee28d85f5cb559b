//! `bitwise_xor`: the bits set in exactly one.

use crate::BinaryFn;

binary_op! {
    /// The bits set in exactly one.
    BitwiseXor, "bitwise_xor", bits;
    lower |x, y| x.binary(BinaryFn::Xor, y);
    samples vec![
        Sample::new(BitwiseXor, [Domain::exact(DType::I32, [2], &[12.0, 7.0]), Domain::exact(DType::I32, [2], &[10.0, 0.0])]).expect(&[6.0, 7.0]),
    ];
}
