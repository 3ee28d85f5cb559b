//! `multiply`: the product; of truth values, "and".

binary_op! {
    /// The product; of truth values, "and".
    Mul, "multiply", same;
    lower |x, y| x * y;
    vjp |b, x, y, out, g| b.mul(g, y), b.mul(g, x);
    samples vec![
        Sample::new(Mul, [Domain::uniform([2, 3], -2.0, 2.0), Domain::uniform([3], -2.0, 2.0)]),
        Sample::new(Mul, [Domain::uniform([2, 1], -2.0, 2.0), Domain::uniform([1, 3], -2.0, 2.0)]),
        Sample::new(Mul, [Domain::vector(&[1.0, 2.0]), Domain::vector(&[3.0, 0.5])]).expect(&[3.0, 1.0]),
    ];
}
