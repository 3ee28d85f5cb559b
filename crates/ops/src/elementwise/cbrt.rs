//! `cbrt`: the cube root.

use crate::UnaryFn;

unary_op! {
    /// The cube root, of negative numbers too.
    Cbrt, "cbrt", float;
    lower |x| x.unary(UnaryFn::Cbrt);
    vjp |b, x, y, g| {
        let s = b.square(y)?;
        let s = b.scale(s, 3.0)?;
        b.div(g, s)
    };
    samples vec![
        Sample::new(Cbrt, [Domain::uniform([2, 3], 0.2, 3.0)]),
        Sample::new(Cbrt, [Domain::uniform([2], -3.0, -0.2)]),
        Sample::new(Cbrt, [Domain::vector(&[27.0, -0.125])]).expect(&[3.0, -0.5]),
    ];
}
