//! `reciprocal`: `1 / x`.

unary_op! {
    /// `1 / x`.
    Reciprocal, "reciprocal", float;
    lower |x| x.like(1.0) / x;
    vjp |b, x, y, g| {
        let s = b.square(y)?;
        let s = b.neg(s)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Reciprocal, [Domain::uniform([2, 3], 0.4, 3.0)]),
        Sample::new(Reciprocal, [Domain::vector(&[4.0, -2.0])]).expect(&[0.25, -0.5]),
    ];
}
