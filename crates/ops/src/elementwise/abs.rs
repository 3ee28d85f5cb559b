//! `abs`: the absolute value `|x|`; its gradient at 0 is 0.

use crate::UnaryFn;

unary_op! {
    /// The absolute value `|x|`; its gradient at 0 is 0.
    Abs, "abs", number;
    lower |x| x.unary(UnaryFn::Abs);
    vjp |b, x, y, g| {
        let s = b.sign(x)?;
        b.mul(g, s)
    };
    samples vec![
        Sample::new(Abs, [Domain::uniform([2, 3], 0.5, 3.0)]),
        Sample::new(Abs, [Domain::vector(&[-1.5, 0.0])]).expect(&[1.5, 0.0]),
    ];
}
