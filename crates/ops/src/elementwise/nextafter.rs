//! `nextafter`: the float next to `x` towards `y`.

use crate::BinaryFn;
use rhyton_base::DType;

binary_op! {
    /// The float next to `x` towards `y` in their type; `y` where they are equal. No gradient flows.
    NextAfter, "nextafter", float;
    lower |x, y| {
        let f = match x.dtype() {
            DType::F16 => BinaryFn::NextAfterF16,
            DType::BF16 => BinaryFn::NextAfterBF16,
            _ => BinaryFn::NextAfter,
        };
        x.binary(f, y)
    };
    samples vec![
        Sample::new(NextAfter, [Domain::vector(&[1.0, 2.0]), Domain::vector(&[2.0, 2.0])])
            .expect(&[1.0 + f64::EPSILON, 2.0]),
    ];
}
