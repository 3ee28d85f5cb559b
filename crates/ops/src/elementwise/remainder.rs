//! `mod`: the remainder of floored division, with the sign of the divisor; integers divided by 0 give 0.

use crate::BinaryFn;

binary_op! {
    /// The remainder of floored division, with the sign of the divisor; integers divided by 0 give 0.
    Rem, "mod", number;
    lower |x, y| x.binary(BinaryFn::Rem, y);
    vjp |b, x, y, out, g| Ok(g), {
        let q = b.div(x, y)?;
        let q = b.floor(q)?;
        let q = b.neg(q)?;
        b.mul(g, q)
    };
    samples vec![
        Sample::new(Rem, [Domain::uniform([2, 3], 0.3, 0.9), Domain::uniform([3], 1.1, 2.0)]),
        Sample::new(Rem, [Domain::uniform([2, 1], 0.3, 0.9), Domain::uniform([1, 3], 1.1, 2.0)]),
        Sample::new(Rem, [Domain::vector(&[7.0, -7.0]), Domain::vector(&[2.0, 2.0])]).expect(&[1.0, 1.0]),
    ];
}
