//! `exp`: the exponential function `e^x`.

use crate::UnaryFn;

unary_op! {
    /// The exponential function `e^x`.
    Exp, "exp", float;
    lower |x| x.unary(UnaryFn::Exp);
    vjp |b, x, y, g| b.mul(g, y);
    samples vec![
        Sample::new(Exp, [Domain::uniform([2, 3], -3.0, 3.0)]),
        Sample::new(Exp, [Domain::vector(&[0.0, 1.0])]).expect(&[1.0, std::f64::consts::E]),
    ];
}
