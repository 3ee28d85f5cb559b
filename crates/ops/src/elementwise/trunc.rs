//! `trunc`: the integer part of `x`, in the type of `x`.

use crate::UnaryFn;

unary_op! {
    /// The integer part of `x`, in the type of `x`.
    Trunc, "trunc", same;
    lower |x| x.unary(UnaryFn::Trunc);
    samples vec![
        Sample::new(Trunc, [Domain::uniform([2, 3], 0.1, 0.9)]),
        Sample::new(Trunc, [Domain::vector(&[-1.5, 2.5])]).expect(&[-1.0, 2.0]),
    ];
}
