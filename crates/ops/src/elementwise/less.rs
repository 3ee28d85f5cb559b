//! `less`: whether `x < y`.

use crate::BinaryFn;

binary_op! {
    /// Whether `x < y`.
    Less, "less", truth;
    lower |x, y| x.binary(BinaryFn::Lt, y);
    samples vec![
        Sample::new(Less, [Domain::vector(&[1.0, 2.0, 3.0]), Domain::vector(&[2.0, 2.0, 2.0])]).expect(&[1.0, 0.0, 0.0]),
    ];
}
