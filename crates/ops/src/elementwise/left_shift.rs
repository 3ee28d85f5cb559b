//! `left_shift`: `x` shifted `y` bits towards the high end.

use crate::BinaryFn;

binary_op! {
    /// `x` shifted `y` bits towards the high end.
    LeftShift, "left_shift", bits;
    lower |x, y| x.binary(BinaryFn::ShiftLeft, y);
    samples vec![
        Sample::new(LeftShift, [Domain::exact(DType::I32, [2], &[12.0, 7.0]), Domain::exact(DType::I32, [2], &[2.0, 0.0])]).expect(&[48.0, 7.0]),
    ];
}
