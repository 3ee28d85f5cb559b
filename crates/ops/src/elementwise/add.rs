//! `add`: the sum; of truth values, "or".

binary_op! {
    /// The sum; of truth values, "or".
    Add, "add", same;
    lower |x, y| x + y;
    vjp |b, x, y, out, g| Ok(g), Ok(g);
    samples vec![
        Sample::new(Add, [Domain::uniform([2, 3], -2.0, 2.0), Domain::uniform([3], -2.0, 2.0)]),
        Sample::new(Add, [Domain::uniform([2, 1], -2.0, 2.0), Domain::uniform([1, 3], -2.0, 2.0)]),
        Sample::new(Add, [Domain::vector(&[1.0, 2.0]), Domain::vector(&[3.0, 0.5])]).expect(&[4.0, 2.5]),
    ];
}
