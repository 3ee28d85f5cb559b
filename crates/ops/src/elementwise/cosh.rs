//! `cosh`: the hyperbolic cosine.

use crate::UnaryFn;

unary_op! {
    /// The hyperbolic cosine.
    Cosh, "cosh", float;
    lower |x| x.unary(UnaryFn::Cosh);
    vjp |b, x, y, g| {
        let s = b.sinh(x)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Cosh, [Domain::uniform([2, 3], -2.0, 2.0)]),
        Sample::new(Cosh, [Domain::vector(&[0.0, 1.0])]).expect(&[1.0, 1.5430806348152437]),
    ];
}
