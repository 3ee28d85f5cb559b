//! `greater`: whether `x > y`.

use crate::BinaryFn;

binary_op! {
    /// Whether `x > y`.
    Greater, "greater", truth;
    lower |x, y| x.binary(BinaryFn::Gt, y);
    samples vec![
        Sample::new(Greater, [Domain::vector(&[1.0, 2.0, 3.0]), Domain::vector(&[2.0, 2.0, 2.0])]).expect(&[0.0, 0.0, 1.0]),
    ];
}
