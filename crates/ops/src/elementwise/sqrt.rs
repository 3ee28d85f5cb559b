//! `sqrt`: the square root; NaN below 0.

use crate::UnaryFn;

unary_op! {
    /// The square root; NaN below 0.
    Sqrt, "sqrt", float;
    lower |x| x.unary(UnaryFn::Sqrt);
    vjp |b, x, y, g| {
        let half = b.scale(g, 0.5)?;
        b.div(half, y)
    };
    samples vec![
        Sample::new(Sqrt, [Domain::uniform([2, 3], 0.2, 3.0)]),
        Sample::new(Sqrt, [Domain::vector(&[4.0, 2.25])]).expect(&[2.0, 1.5]),
    ];
}
