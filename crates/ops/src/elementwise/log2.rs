//! `log2`: the logarithm to base 2.

use crate::UnaryFn;

unary_op! {
    /// The logarithm to base 2.
    Log2, "log2", float;
    lower |x| x.unary(UnaryFn::Log2);
    vjp |b, x, y, g| {
        let d = b.scale(x, std::f64::consts::LN_2)?;
        b.div(g, d)
    };
    samples vec![
        Sample::new(Log2, [Domain::uniform([2, 3], 0.2, 3.0)]),
        Sample::new(Log2, [Domain::vector(&[1.0, 8.0])]).expect(&[0.0, 3.0]),
    ];
}
