//! `atan`: the arc tangent in radians.

use crate::UnaryFn;

unary_op! {
    /// The arc tangent in radians.
    Atan, "atan", float;
    lower |x| x.unary(UnaryFn::Atan);
    vjp |b, x, y, g| {
        let s = b.square(x)?;
        let s = b.shift(s, 1.0)?;
        b.div(g, s)
    };
    samples vec![
        Sample::new(Atan, [Domain::uniform([2, 3], -3.0, 3.0)]),
        Sample::new(Atan, [Domain::vector(&[0.0, 1.0])]).expect(&[0.0, std::f64::consts::FRAC_PI_4]),
    ];
}
