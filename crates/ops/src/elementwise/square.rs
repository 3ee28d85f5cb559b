//! `square`: `x * x`.

unary_op! {
    /// `x * x`.
    Square, "square", number;
    lower |x| x.clone() * x;
    vjp |b, x, y, g| {
        let slope = b.scale(x, 2.0)?;
        b.mul(g, slope)
    };
    samples vec![
        Sample::new(Square, [Domain::uniform([2, 3], -3.0, 3.0)]),
        Sample::new(Square, [Domain::vector(&[3.0, -0.5])]).expect(&[9.0, 0.25]),
    ];
}
