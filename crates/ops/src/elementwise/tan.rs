//! `tan`: the tangent of an angle in radians.

use crate::UnaryFn;

unary_op! {
    /// The tangent of an angle in radians.
    Tan, "tan", float;
    lower |x| x.unary(UnaryFn::Tan);
    vjp |b, x, y, g| {
        let s = b.square(y)?;
        let s = b.shift(s, 1.0)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Tan, [Domain::uniform([2, 3], -1.0, 1.0)]),
        Sample::new(Tan, [Domain::vector(&[0.0, std::f64::consts::FRAC_PI_4])]).expect(&[0.0, 0.9999999999999999]),
    ];
}
