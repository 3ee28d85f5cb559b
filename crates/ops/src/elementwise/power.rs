//! `power`: `x` to the power `y`.

use crate::BinaryFn;

binary_op! {
    /// `x` to the power `y`.
    Pow, "power", number;
    lower |x, y| x.binary(BinaryFn::Pow, y);
    vjp |b, x, y, out, g| {
        let less = b.shift(y, -1.0)?;
        let p = b.pow(x, less)?;
        let slope = b.mul(y, p)?;
        b.mul(g, slope)
    }, {
        let zero = b.like(x, 0.0)?;
        let one = b.like(x, 1.0)?;
        let positive = b.greater(x, zero)?;
        let safe = b.select(positive, x, one)?;
        let log = b.log(safe)?;
        let slope = b.mul(out, log)?;
        b.mul(g, slope)
    };
    samples vec![
        Sample::new(Pow, [Domain::uniform([2, 3], 0.4, 2.0), Domain::uniform([3], -1.5, 2.5)]),
        Sample::new(Pow, [Domain::uniform([2, 1], 0.4, 2.0), Domain::uniform([1, 3], -1.5, 2.5)]),
        Sample::new(Pow, [Domain::vector(&[2.0, 9.0]), Domain::vector(&[3.0, 0.5])]).expect(&[8.0, 3.0]),
    ];
}
