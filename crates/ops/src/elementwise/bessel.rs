//! `i0` and `i1`: the modified Bessel functions of the first kind of orders 0 and 1.

use crate::UnaryFn;

unary_op! {
    /// The modified Bessel function of the first kind of order 0, `1/π ∫ exp(x cos t) dt` from 0 to π.
    BesselI0, "i0", float;
    lower |x| x.unary(UnaryFn::BesselI0);
    vjp |b, x, y, g| {
        let s = b.one(BesselI1, &[x])?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(BesselI0, [Domain::uniform([2, 3], -2.0, 2.0)]),
        Sample::new(BesselI0, [Domain::vector(&[0.0, 1.0])]).expect(&[1.0, 1.2660658777520084]),
    ];
}

unary_op! {
    /// The modified Bessel function of the first kind of order 1, the slope of [`BesselI0`].
    BesselI1, "i1", float;
    lower |x| x.unary(UnaryFn::BesselI1);
    vjp |b, x, y, g| {
        // I0(x) - I1(x) / x, whose second term is 1/2 at 0.
        let (zero, one, half) = (b.like(x, 0.0)?, b.like(x, 1.0)?, b.like(x, 0.5)?);
        let none = b.equal(x, zero)?;
        let safe = b.select(none, one, x)?;
        let ratio = b.div(y, safe)?;
        let ratio = b.select(none, half, ratio)?;
        let first = b.one(BesselI0, &[x])?;
        let s = b.sub(first, ratio)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(BesselI1, [Domain::uniform([2, 3], 0.3, 2.0)]),
        Sample::new(BesselI1, [Domain::vector(&[0.0, 1.0])]).expect(&[0.0, 0.5651591039924851]),
    ];
}
