//! `erf`: the error function `2/√π ∫₀ˣ exp(-t²) dt`.

use crate::UnaryFn;

unary_op! {
    /// The error function `2/√π ∫₀ˣ exp(-t²) dt`.
    Erf, "erf", float;
    lower |x| x.unary(UnaryFn::Erf);
    vjp |b, x, y, g| {
        let s = b.square(x)?;
        let s = b.neg(s)?;
        let s = b.exp(s)?;
        let s = b.scale(s, std::f64::consts::FRAC_2_SQRT_PI)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Erf, [Domain::uniform([2, 3], -2.0, 2.0)]),
        Sample::new(Erf, [Domain::vector(&[0.0, 1.0])]).expect(&[0.0, 0.8427007929497149]),
    ];
}
