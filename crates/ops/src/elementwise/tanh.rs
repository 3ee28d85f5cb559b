//! `tanh`: the hyperbolic tangent.

use crate::UnaryFn;

unary_op! {
    /// The hyperbolic tangent.
    Tanh, "tanh", float;
    lower |x| x.unary(UnaryFn::Tanh);
    vjp |b, x, y, g| {
        let s = b.square(y)?;
        let s = b.neg(s)?;
        let s = b.shift(s, 1.0)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Tanh, [Domain::uniform([2, 3], -2.0, 2.0)]),
        Sample::new(Tanh, [Domain::vector(&[0.0, 1.0])]).expect(&[0.0, 0.7615941559557649]),
    ];
}
