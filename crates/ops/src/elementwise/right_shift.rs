//! `right_shift`: `x` shifted `y` bits towards the low end; signed types keep their sign.

use crate::BinaryFn;

binary_op! {
    /// `x` shifted `y` bits towards the low end; signed types keep their sign.
    RightShift, "right_shift", bits;
    lower |x, y| x.binary(BinaryFn::ShiftRight, y);
    samples vec![
        Sample::new(RightShift, [Domain::exact(DType::I32, [2], &[12.0, 7.0]), Domain::exact(DType::I32, [2], &[2.0, 0.0])]).expect(&[3.0, 7.0]),
    ];
}
