//! `sin`: the sine of an angle in radians.

use crate::UnaryFn;

unary_op! {
    /// The sine of an angle in radians.
    Sin, "sin", float;
    lower |x| x.unary(UnaryFn::Sin);
    vjp |b, x, y, g| {
        let c = b.cos(x)?;
        b.mul(g, c)
    };
    samples vec![
        Sample::new(Sin, [Domain::uniform([2, 3], -3.0, 3.0)]),
        Sample::new(Sin, [Domain::vector(&[0.0, std::f64::consts::FRAC_PI_2])]).expect(&[0.0, 1.0]),
    ];
}
