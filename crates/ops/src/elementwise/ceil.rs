//! `ceil`: the smallest integer that is not below `x`; integers become `float32`.

use crate::UnaryFn;

unary_op! {
    /// The smallest integer that is not below `x`; integers become `float32`.
    Ceil, "ceil", float;
    lower |x| x.unary(UnaryFn::Ceil);
    samples vec![
        Sample::new(Ceil, [Domain::uniform([2, 3], 0.1, 0.9)]),
        Sample::new(Ceil, [Domain::vector(&[-1.5, 2.5])]).expect(&[-1.0, 3.0]),
    ];
}
