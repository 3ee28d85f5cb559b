//! `arctan2`: the angle in radians of the point with ordinate `x` and abscissa `y`.

use crate::{BinaryFn, Build, Value};
use rhyton_base::Result;

binary_op! {
    /// The angle in radians, between -π and π, of the point with ordinate `x` and abscissa `y`.
    Atan2, "arctan2", float;
    lower |x, y| x.binary(BinaryFn::Atan2, y);
    vjp |b, x, y, out, g| {
        let d = hypotenuse(b, x, y)?;
        let s = b.div(y, d)?;
        b.mul(g, s)
    }, {
        let d = hypotenuse(b, x, y)?;
        let s = b.div(x, d)?;
        let s = b.neg(s)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Atan2, [Domain::uniform([2, 3], 0.3, 2.0), Domain::uniform([3], 0.3, 2.0)]),
        Sample::new(Atan2, [Domain::uniform([2, 1], 0.3, 2.0), Domain::uniform([1, 3], 0.3, 2.0)]),
        Sample::new(Atan2, [Domain::vector(&[1.0, 0.0]), Domain::vector(&[1.0, -1.0])]).expect(&[std::f64::consts::FRAC_PI_4, std::f64::consts::PI]),
    ];
}

/// `x² + y²`.
fn hypotenuse(b: &mut dyn Build, x: Value, y: Value) -> Result<Value> {
    let (x, y) = (b.square(x)?, b.square(y)?);
    b.add(x, y)
}
