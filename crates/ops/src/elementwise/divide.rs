//! `divide`: the quotient `x / y` in floating point.

binary_op! {
    /// The quotient `x / y` in floating point.
    Div, "divide", float;
    lower |x, y| x / y;
    vjp |b, x, y, out, g| b.div(g, y), {
        let q = b.div(out, y)?;
        let q = b.neg(q)?;
        b.mul(g, q)
    };
    samples vec![
        Sample::new(Div, [Domain::uniform([2, 3], -2.0, 2.0), Domain::uniform([3], 0.5, 2.0)]),
        Sample::new(Div, [Domain::uniform([2, 1], -2.0, 2.0), Domain::uniform([1, 3], 0.5, 2.0)]),
        Sample::new(Div, [Domain::vector(&[1.0, 2.0]), Domain::vector(&[4.0, 0.5])]).expect(&[0.25, 4.0]),
    ];
}
