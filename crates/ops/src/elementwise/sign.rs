//! `sign`: -1, 0 or 1 by the sign; NaN stays NaN.

use crate::UnaryFn;

unary_op! {
    /// -1, 0 or 1 by the sign; NaN stays NaN.
    Sign, "sign", number;
    lower |x| x.unary(UnaryFn::Sign);
    samples vec![
        Sample::new(Sign, [Domain::uniform([2, 3], 0.5, 3.0)]),
        Sample::new(Sign, [Domain::vector(&[-1.5, 0.0, 2.0])]).expect(&[-1.0, 0.0, 1.0]),
    ];
}
