//! `sinh`: the hyperbolic sine.

use crate::UnaryFn;

unary_op! {
    /// The hyperbolic sine.
    Sinh, "sinh", float;
    lower |x| x.unary(UnaryFn::Sinh);
    vjp |b, x, y, g| {
        let c = b.cosh(x)?;
        b.mul(g, c)
    };
    samples vec![
        Sample::new(Sinh, [Domain::uniform([2, 3], -2.0, 2.0)]),
        Sample::new(Sinh, [Domain::vector(&[0.0, 1.0])]).expect(&[0.0, 1.1752011936438014]),
    ];
}
