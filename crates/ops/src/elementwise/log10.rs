//! `log10`: the logarithm to base 10.

use crate::UnaryFn;

unary_op! {
    /// The logarithm to base 10.
    Log10, "log10", float;
    lower |x| x.unary(UnaryFn::Log10);
    vjp |b, x, y, g| {
        let d = b.scale(x, std::f64::consts::LN_10)?;
        b.div(g, d)
    };
    samples vec![
        Sample::new(Log10, [Domain::uniform([2, 3], 0.2, 3.0)]),
        Sample::new(Log10, [Domain::vector(&[1.0, 1000.0])]).expect(&[0.0, 3.0]),
    ];
}
