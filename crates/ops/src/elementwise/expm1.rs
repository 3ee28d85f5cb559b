//! `expm1`: `e^x - 1`, accurate near 0.

use crate::UnaryFn;

unary_op! {
    /// `e^x - 1`, accurate near 0.
    Expm1, "expm1", float;
    lower |x| x.unary(UnaryFn::Expm1);
    vjp |b, x, y, g| {
        let e = b.shift(y, 1.0)?;
        b.mul(g, e)
    };
    samples vec![
        Sample::new(Expm1, [Domain::uniform([2, 3], -3.0, 3.0)]),
        Sample::new(Expm1, [Domain::vector(&[0.0, 1e-09])]).expect(&[0.0, 1.0000000005000001e-09]),
    ];
}
