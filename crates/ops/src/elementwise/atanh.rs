//! `atanh`: the inverse of the hyperbolic tangent.

use crate::UnaryFn;

unary_op! {
    /// The inverse of the hyperbolic tangent.
    Atanh, "atanh", float;
    lower |x| x.unary(UnaryFn::Atanh);
    vjp |b, x, y, g| {
        let s = b.square(x)?;
        let s = b.neg(s)?;
        let s = b.shift(s, 1.0)?;
        b.div(g, s)
    };
    samples vec![
        Sample::new(Atanh, [Domain::uniform([2, 3], -0.8, 0.8)]),
        Sample::new(Atanh, [Domain::vector(&[0.0, 0.5])]).expect(&[0.0, 0.5493061443340548]),
    ];
}
