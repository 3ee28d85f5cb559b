//! `erfinv`: the inverse of the error function.

use crate::UnaryFn;

unary_op! {
    /// The inverse of the error function: ±∞ at ±1, NaN beyond.
    Erfinv, "erfinv", float;
    lower |x| x.unary(UnaryFn::Erfinv);
    vjp |b, x, y, g| {
        let s = b.square(y)?;
        let s = b.exp(s)?;
        let s = b.scale(s, 1.0 / std::f64::consts::FRAC_2_SQRT_PI)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Erfinv, [Domain::uniform([2, 3], -0.8, 0.8)]),
        Sample::new(Erfinv, [Domain::vector(&[0.0, 0.5])]).expect(&[0.0, 0.4769362762044699]),
    ];
}
