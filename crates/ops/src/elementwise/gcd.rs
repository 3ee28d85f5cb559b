//! `gcd`: the greatest common divisor of integers.

use crate::BinaryFn;

binary_op! {
    /// The greatest common divisor of integers, never negative; that of 0 and 0 is 0.
    Gcd, "gcd", integer;
    lower |x, y| x.binary(BinaryFn::Gcd, y);
    samples vec![
        Sample::new(Gcd, [Domain::exact(DType::I32, [3], &[12.0, -7.0, 0.0]), Domain::exact(DType::I32, [3], &[18.0, 21.0, -4.0])])
            .expect(&[6.0, 7.0, 4.0]),
    ];
}
