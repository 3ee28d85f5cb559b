//! `hypot`: `√(x² + y²)`.

use crate::BinaryFn;

binary_op! {
    /// `√(x² + y²)` without overflow; its gradient at the origin is 0.
    Hypot, "hypot", float;
    lower |x, y| x.binary(BinaryFn::Hypot, y);
    vjp |b, x, y, out, g| {
        let s = cosine(b, x, out)?;
        b.mul(g, s)
    }, {
        let s = cosine(b, y, out)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Hypot, [Domain::uniform([2, 3], 0.3, 2.0), Domain::uniform([3], -2.0, -0.3)]),
        Sample::new(Hypot, [Domain::uniform([2, 1], 0.3, 2.0), Domain::uniform([1, 3], 0.3, 2.0)]),
        Sample::new(Hypot, [Domain::vector(&[3.0, 0.0]), Domain::vector(&[4.0, -2.0])]).expect(&[5.0, 2.0]),
    ];
}

/// `x / out`, and 0 at the origin.
fn cosine(b: &mut dyn crate::Build, x: crate::Value, out: crate::Value) -> rhyton_base::Result<crate::Value> {
    let (zero, one) = (b.like(out, 0.0)?, b.like(out, 1.0)?);
    let origin = b.equal(out, zero)?;
    let safe = b.select(origin, one, out)?;
    b.div(x, safe)
}
