//! `sigmoid`: the logistic function `1 / (1 + exp(-x))`, without overflow at either end.

use crate::UnaryFn;

unary_op! {
    /// The logistic function `1 / (1 + exp(-x))`, without overflow at either end.
    Sigmoid, "sigmoid", float;
    lower |x| x.unary(UnaryFn::Sigmoid);
    vjp |b, x, y, g| {
        let c = b.neg(y)?;
        let c = b.shift(c, 1.0)?;
        let s = b.mul(y, c)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Sigmoid, [Domain::uniform([2, 3], -3.0, 3.0)]),
        Sample::new(Sigmoid, [Domain::vector(&[0.0, -800.0])]).expect(&[0.5, 0.0]),
    ];
}
