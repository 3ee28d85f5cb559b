//! `logical_not`: true where the argument is zero.

use crate::UnaryFn;

unary_op! {
    /// True where the argument is zero.
    LogicalNot, "logical_not", logic;
    lower |x| x.unary(UnaryFn::Not);
    samples vec![
        Sample::new(LogicalNot, [Domain::vector(&[0.0, 2.0])]).expect(&[1.0, 0.0]),
    ];
}
