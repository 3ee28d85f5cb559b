//! `acosh`: the inverse of the hyperbolic cosine; NaN below 1.

use crate::UnaryFn;

unary_op! {
    /// The inverse of the hyperbolic cosine; NaN below 1.
    Acosh, "acosh", float;
    lower |x| x.unary(UnaryFn::Acosh);
    vjp |b, x, y, g| {
        let s = b.square(x)?;
        let s = b.shift(s, -1.0)?;
        let s = b.rsqrt(s)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Acosh, [Domain::uniform([2, 3], 1.3, 3.0)]),
        Sample::new(Acosh, [Domain::vector(&[1.0, 2.0])]).expect(&[0.0, 1.3169578969248166]),
    ];
}
