//! `log1p`: `log(1 + x)`, accurate near 0.

use crate::UnaryFn;

unary_op! {
    /// `log(1 + x)`, accurate near 0.
    Log1p, "log1p", float;
    lower |x| x.unary(UnaryFn::Log1p);
    vjp |b, x, y, g| {
        let d = b.shift(x, 1.0)?;
        b.div(g, d)
    };
    samples vec![
        Sample::new(Log1p, [Domain::uniform([2, 3], -0.5, 3.0)]),
        Sample::new(Log1p, [Domain::vector(&[0.0, 1e-09])]).expect(&[0.0, 9.999999995e-10]),
    ];
}
