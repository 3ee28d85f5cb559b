//! `rsqrt`: `1 / sqrt(x)`.

use crate::UnaryFn;

unary_op! {
    /// `1 / sqrt(x)`.
    Rsqrt, "rsqrt", float;
    lower |x| x.unary(UnaryFn::Rsqrt);
    vjp |b, x, y, g| {
        let slope = b.div(y, x)?;
        let slope = b.scale(slope, -0.5)?;
        b.mul(g, slope)
    };
    samples vec![
        Sample::new(Rsqrt, [Domain::uniform([2, 3], 0.3, 3.0)]),
        Sample::new(Rsqrt, [Domain::vector(&[4.0, 0.25])]).expect(&[0.5, 2.0]),
    ];
}
