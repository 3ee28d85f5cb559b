//! `floor_divide`: the quotient rounded towards minus infinity; integers divided by 0 give 0.

use crate::BinaryFn;

binary_op! {
    /// The quotient rounded towards minus infinity; integers divided by 0 give 0.
    FloorDivide, "floor_divide", number;
    lower |x, y| { let q = x.binary(BinaryFn::Div, y); if q.dtype().is_float() { q.unary(crate::UnaryFn::Floor) } else { q } };
    samples vec![
        Sample::new(FloorDivide, [Domain::vector(&[7.0, -7.0]), Domain::vector(&[2.0, 2.0])]).expect(&[3.0, -4.0]),
    ];
}
