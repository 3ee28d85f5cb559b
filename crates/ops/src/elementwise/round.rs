//! `round`: the nearest integer in the type of `x`; halves go to the even one.

use crate::UnaryFn;

unary_op! {
    /// The nearest integer in the type of `x`; halves go to the even one.
    Round, "round", same;
    lower |x| x.unary(UnaryFn::Round);
    samples vec![
        Sample::new(Round, [Domain::uniform([2, 3], 0.1, 0.4)]),
        Sample::new(Round, [Domain::vector(&[-1.5, 2.5, 0.4])]).expect(&[-2.0, 2.0, 0.0]),
    ];
}
