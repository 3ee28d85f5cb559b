//! `floor`: the largest integer that is not above `x`, in the type of `x`.

use crate::UnaryFn;

unary_op! {
    /// The largest integer that is not above `x`, in the type of `x`.
    Floor, "floor", same;
    lower |x| x.unary(UnaryFn::Floor);
    samples vec![
        Sample::new(Floor, [Domain::uniform([2, 3], 0.1, 0.9)]),
        Sample::new(Floor, [Domain::vector(&[-1.5, 2.5])]).expect(&[-2.0, 2.0]),
    ];
}
