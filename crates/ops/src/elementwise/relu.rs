//! `relu`: the rectifier `max(x, 0)`; its gradient at 0 is 0.

unary_op! {
    /// The rectifier `max(x, 0)`; its gradient at 0 is 0.
    Relu, "relu", number;
    lower |x| x.clone().max(x.like(0.0));
    vjp |b, x, y, g| {
        let zero = b.like(x, 0.0)?;
        let on = b.greater(y, zero)?;
        b.select(on, g, zero)
    };
    samples vec![
        Sample::new(Relu, [Domain::uniform([2, 3], 0.3, 3.0)]),
        Sample::new(Relu, [Domain::vector(&[-1.0, 0.0, 2.0])]).expect(&[0.0, 0.0, 2.0]),
    ];
}
