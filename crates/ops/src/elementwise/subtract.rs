//! `subtract`: the difference `x - y`.

binary_op! {
    /// The difference `x - y`.
    Sub, "subtract", number;
    lower |x, y| x - y;
    vjp |b, x, y, out, g| Ok(g), b.neg(g);
    samples vec![
        Sample::new(Sub, [Domain::uniform([2, 3], -2.0, 2.0), Domain::uniform([3], -2.0, 2.0)]),
        Sample::new(Sub, [Domain::uniform([2, 1], -2.0, 2.0), Domain::uniform([1, 3], -2.0, 2.0)]),
        Sample::new(Sub, [Domain::vector(&[1.0, 2.0]), Domain::vector(&[3.0, 0.5])]).expect(&[-2.0, 1.5]),
    ];
}
