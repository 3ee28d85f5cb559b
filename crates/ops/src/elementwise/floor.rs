//! `floor`: the largest integer that is not above `x`; integers become `float32`.

use crate::UnaryFn;

unary_op! {
    /// The largest integer that is not above `x`; integers become `float32`.
    Floor, "floor", float;
    lower |x| x.unary(UnaryFn::Floor);
    samples vec![
        Sample::new(Floor, [Domain::uniform([2, 3], 0.1, 0.9)]),
        Sample::new(Floor, [Domain::vector(&[-1.5, 2.5])]).expect(&[-2.0, 2.0]),
    ];
}
