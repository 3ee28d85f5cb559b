//! `ceil`: the smallest integer that is not below `x`, in the type of `x`.

use crate::UnaryFn;

unary_op! {
    /// The smallest integer that is not below `x`, in the type of `x`.
    Ceil, "ceil", same;
    lower |x| x.unary(UnaryFn::Ceil);
    samples vec![
        Sample::new(Ceil, [Domain::uniform([2, 3], 0.1, 0.9)]),
        Sample::new(Ceil, [Domain::vector(&[-1.5, 2.5])]).expect(&[-1.0, 3.0]),
    ];
}
