//! `cos`: the cosine of an angle in radians.

use crate::UnaryFn;

unary_op! {
    /// The cosine of an angle in radians.
    Cos, "cos", float;
    lower |x| x.unary(UnaryFn::Cos);
    vjp |b, x, y, g| {
        let s = b.sin(x)?;
        let s = b.neg(s)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Cos, [Domain::uniform([2, 3], -3.0, 3.0)]),
        Sample::new(Cos, [Domain::vector(&[0.0, std::f64::consts::PI])]).expect(&[1.0, -1.0]),
    ];
}
