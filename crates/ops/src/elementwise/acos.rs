//! `acos`: the arc cosine in radians.

use crate::UnaryFn;

unary_op! {
    /// The arc cosine in radians.
    Acos, "acos", float;
    lower |x| x.unary(UnaryFn::Acos);
    vjp |b, x, y, g| {
        let s = b.square(x)?;
        let s = b.neg(s)?;
        let s = b.shift(s, 1.0)?;
        let s = b.rsqrt(s)?;
        let s = b.neg(s)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Acos, [Domain::uniform([2, 3], -0.8, 0.8)]),
        Sample::new(Acos, [Domain::vector(&[1.0, 0.0])]).expect(&[0.0, std::f64::consts::FRAC_PI_2]),
    ];
}
