//! `erfc`: the complementary error function `1 - erf(x)`.

use crate::UnaryFn;

unary_op! {
    /// The complementary error function `1 - erf(x)`, accurate where it is small.
    Erfc, "erfc", float;
    lower |x| x.unary(UnaryFn::Erfc);
    vjp |b, x, y, g| {
        let s = b.square(x)?;
        let s = b.neg(s)?;
        let s = b.exp(s)?;
        let s = b.scale(s, -std::f64::consts::FRAC_2_SQRT_PI)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Erfc, [Domain::uniform([2, 3], -2.0, 2.0)]),
        Sample::new(Erfc, [Domain::vector(&[0.0, 1.0])]).expect(&[1.0, 0.15729920705028513]),
    ];
}
