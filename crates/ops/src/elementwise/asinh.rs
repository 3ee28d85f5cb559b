//! `asinh`: the inverse of the hyperbolic sine.

use crate::UnaryFn;

unary_op! {
    /// The inverse of the hyperbolic sine.
    Asinh, "asinh", float;
    lower |x| x.unary(UnaryFn::Asinh);
    vjp |b, x, y, g| {
        let s = b.square(x)?;
        let s = b.shift(s, 1.0)?;
        let s = b.rsqrt(s)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Asinh, [Domain::uniform([2, 3], -2.0, 2.0)]),
        Sample::new(Asinh, [Domain::vector(&[0.0, 1.0])]).expect(&[0.0, 0.881373587019543]),
    ];
}
