//! `neg`: the number with the other sign, `-x`.

unary_op! {
    /// The number with the other sign, `-x`.
    Neg, "neg", number;
    lower |x| -x;
    vjp |b, x, y, g| b.neg(g);
    samples vec![
        Sample::new(Neg, [Domain::uniform([2, 3], -3.0, 3.0)]),
        Sample::new(Neg, [Domain::vector(&[1.0, -2.0])]).expect(&[-1.0, 2.0]),
    ];
}
