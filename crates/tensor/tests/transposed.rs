//! Copies that turn axes, at sizes around those of tiles.

use rhyton_tensor::{DType, Tensor, every, ops};

/// The elements of `x` with its axes in another order, one by one.
fn one_by_one(values: &[f64], shape: &[usize], order: &[usize]) -> Vec<f64> {
    let strides: Vec<usize> = (0..shape.len()).map(|a| shape[a + 1..].iter().product()).collect();
    let turned: Vec<usize> = order.iter().map(|&a| shape[a]).collect();
    let place = |mut n: usize| {
        let mut at = 0;
        for axis in (0..turned.len()).rev() {
            at += n % turned[axis] * strides[order[axis]];
            n /= turned[axis];
        }
        at
    };
    (0..values.len()).map(|n| values[place(n)]).collect()
}

#[test]
fn every_order_of_axes() {
    let cases: [(&[usize], &[isize]); 8] = [
        (&[70, 33], &[1, 0]),
        (&[4, 5], &[1, 0]),
        (&[1, 40], &[1, 0]),
        (&[3, 40, 50], &[2, 0, 1]),
        (&[3, 40, 50], &[0, 2, 1]),
        (&[34, 3, 65], &[2, 1, 0]),
        (&[2, 6, 5, 32], &[3, 1, 2, 0]),
        (&[300, 400], &[1, 0]),
    ];
    for (shape, order) in cases {
        let n: usize = shape.iter().product();
        for dtype in [DType::Bool, DType::U8, DType::F16, DType::I32, DType::F64] {
            let values: Vec<f64> =
                (0..n).map(|i| ((i * 7) % if dtype == DType::Bool { 2 } else { 251 }) as f64).collect();
            let x = Tensor::from_slice(&values, shape).unwrap().cast(dtype);
            let turned = ops::transpose(&x, Some(order)).unwrap();
            let plain: Vec<usize> = order.iter().map(|&a| a as usize).collect();
            assert_eq!(
                turned.to_f64s().unwrap(),
                one_by_one(&values, shape, &plain),
                "{dtype} {shape:?} {order:?}"
            );
        }
    }
}

#[test]
fn turned_arguments_of_operations() {
    let values: Vec<f64> = (0..300 * 260).map(|i| (i % 1009) as f64).collect();
    let x = Tensor::from_slice(&values, [300, 260]).unwrap();
    let y = (x.t() + 1.0).to_vec::<f64>().unwrap();
    assert!(y.iter().zip(one_by_one(&values, &[300, 260], &[1, 0])).all(|(a, b)| *a == b + 1.0));
    let odd = x.i((every(.., 2), every(.., -1))).unwrap().t().to_vec::<f64>().unwrap();
    assert_eq!(odd.len(), 150 * 260);
    assert_eq!(odd[150 + 1], values[2 * 260 + 258]);
}
