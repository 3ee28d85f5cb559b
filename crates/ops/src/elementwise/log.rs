//! `log`: the natural logarithm.

use crate::UnaryFn;

unary_op! {
    /// The natural logarithm.
    Log, "log", float;
    lower |x| x.unary(UnaryFn::Log);
    vjp |b, x, y, g| b.div(g, x);
    samples vec![
        Sample::new(Log, [Domain::uniform([2, 3], 0.2, 3.0)]),
        Sample::new(Log, [Domain::vector(&[1.0, std::f64::consts::E])]).expect(&[0.0, 1.0]),
    ];
}
