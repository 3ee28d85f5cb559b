//! `asin`: the arc sine in radians.

use crate::UnaryFn;

unary_op! {
    /// The arc sine in radians.
    Asin, "asin", float;
    lower |x| x.unary(UnaryFn::Asin);
    vjp |b, x, y, g| {
        let s = b.square(x)?;
        let s = b.neg(s)?;
        let s = b.shift(s, 1.0)?;
        let s = b.rsqrt(s)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Asin, [Domain::uniform([2, 3], -0.8, 0.8)]),
        Sample::new(Asin, [Domain::vector(&[0.0, 1.0])]).expect(&[0.0, std::f64::consts::FRAC_PI_2]),
    ];
}
