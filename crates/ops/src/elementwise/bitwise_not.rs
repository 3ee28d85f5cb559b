//! `bitwise_not`: every bit turned over; of truth values, the other.

use crate::UnaryFn;

unary_op! {
    /// Every bit turned over; of truth values, the other.
    BitwiseNot, "bitwise_not", bits;
    lower |x| x.unary(UnaryFn::Not);
    samples vec![
        Sample::new(BitwiseNot, [Domain::exact(DType::I32, [2], &[0.0, 5.0])]).expect(&[-1.0, -6.0]),
    ];
}
