//! `bitwise_or`: the bits set in either.

use crate::BinaryFn;

binary_op! {
    /// The bits set in either.
    BitwiseOr, "bitwise_or", bits;
    lower |x, y| x.binary(BinaryFn::Or, y);
    samples vec![
        Sample::new(BitwiseOr, [Domain::exact(DType::I32, [2], &[12.0, 7.0]), Domain::exact(DType::I32, [2], &[10.0, 0.0])]).expect(&[14.0, 7.0]),
    ];
}
