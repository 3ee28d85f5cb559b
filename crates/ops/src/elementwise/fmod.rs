//! `fmod`: the remainder of truncated division, with the sign of the dividend; integers divided by 0 give 0.

use crate::BinaryFn;

binary_op! {
    /// The remainder of truncated division, with the sign of the dividend; integers divided by 0 give 0.
    Fmod, "fmod", number;
    lower |x, y| x.binary(BinaryFn::TruncRem, y);
    vjp |b, x, y, out, g| Ok(g), {
        let q = b.div(x, y)?;
        let q = b.one(super::Trunc, &[q])?;
        let q = b.neg(q)?;
        b.mul(g, q)
    };
    samples vec![
        Sample::new(Fmod, [Domain::uniform([2, 3], 2.3, 2.9), Domain::uniform([3], 1.5, 2.0)]),
        Sample::new(Fmod, [Domain::uniform([2, 1], -2.9, -2.3), Domain::uniform([1, 3], 1.5, 2.0)]),
        Sample::new(Fmod, [Domain::vector(&[7.0, -7.0]), Domain::vector(&[2.0, 2.0])]).expect(&[1.0, -1.0]),
    ];
}
