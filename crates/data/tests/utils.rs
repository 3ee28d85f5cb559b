//! `to_categorical` and `normalize` on odd inputs.

use rhyton_data::utils::{normalize, to_categorical};
use rhyton_tensor::{DType, Tensor, ops};

#[test]
fn labels_of_any_shape_and_type() {
    let y = Tensor::from_slice(&[0u8, 1, 2, 1], [2, 2]).unwrap();
    assert_eq!(to_categorical(&y, 3).unwrap().shape(), [2, 2, 3]);
    let column = Tensor::from_slice(&[0i64, 2], [2, 1]).unwrap();
    assert_eq!(to_categorical(&column, None).unwrap().shape(), [2, 3]);
    let single = Tensor::from_slice(&[1u8], [1]).unwrap();
    assert_eq!(to_categorical(&single, 2).unwrap().to_vec::<f32>().unwrap(), [0.0, 1.0]);
    let floats = to_categorical(&Tensor::from([1.0f32, 0.0]), 2).unwrap();
    assert_eq!((floats.dtype(), floats.to_vec::<f32>().unwrap()), (DType::F32, vec![0.0, 1.0, 1.0, 0.0]));
    assert_eq!(to_categorical(&Tensor::from(2u8), 3).unwrap().to_vec::<f32>().unwrap(), [0.0, 0.0, 1.0]);
    let none = ops::zeros([0], DType::U8).unwrap();
    assert_eq!(to_categorical(&none, 10).unwrap().shape(), [0, 10]);
}

#[test]
fn labels_out_of_range() {
    let message = |y: Tensor, n: Option<usize>| to_categorical(&y, n).unwrap_err().to_string();
    let e = message(Tensor::from([0i32, 2, -1]), Some(3));
    assert_eq!(
        e,
        "to_categorical: expected labels from 0 to 2, received -1 at position 2; labels are whole numbers from 0"
    );
    assert!(message(Tensor::from([0.5f32]), Some(3)).contains("received 0.5 at position 0"));
    assert!(message(Tensor::from([f32::NAN]), None).contains("received NaN"));
    assert!(message(Tensor::from([f32::INFINITY]), None).contains("to_categorical"));
    assert!(message(Tensor::from([0u8]), Some(0)).contains("at least one class"));
    assert!(message(ops::zeros([0], DType::U8).unwrap(), None).contains("give num_classes"));
    // More classes than there is memory for.
    assert!(to_categorical(&Tensor::from([i64::MAX - 1]), None).is_err());
}

#[test]
fn norms_become_one() {
    let x = Tensor::from([[1.0f32, -3.0], [0.0, 0.0], [1e30, 1e30]]);
    let n = |axis, order| normalize(&x, axis, order).unwrap().to_vec::<f32>().unwrap();
    assert_eq!(n(-1, 1.0), [0.25, -0.75, 0.0, 0.0, 0.5, 0.5]);
    let root = 0.5f32.sqrt();
    let close = n(1, 2.0)
        .iter()
        .zip([0.1f32.sqrt(), -0.9f32.sqrt(), 0.0, 0.0, root, root])
        .all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(close, "{:?}", n(1, 2.0));
    assert_eq!(n(-1, f64::INFINITY)[..2], [1.0 / 3.0, -1.0]);
    assert!((n(-1, 3.0)[1] + 3.0 / 28f32.cbrt()).abs() < 1e-5);
    assert_eq!(n(0, f64::INFINITY)[4..], [1.0, 1.0]);
    let ints = normalize(&Tensor::from([3u8, 4]), 0, 2.0).unwrap();
    assert_eq!((ints.dtype(), ints.to_vec::<f32>().unwrap()), (DType::F32, vec![0.6, 0.8]));
    assert_eq!(normalize(&Tensor::from([3.0f64, 4.0]), 0, 2.0).unwrap().dtype(), DType::F64);
}

#[test]
fn impossible_norms() {
    let x = Tensor::from([1.0f32, 2.0]);
    for order in [0.0, -1.0, f64::NAN] {
        assert!(normalize(&x, -1, order).unwrap_err().to_string().contains("positive order"));
    }
    assert!(normalize(&x, 1, 2.0).is_err());
    assert!(normalize(&Tensor::from(1.0f32), -1, 2.0).unwrap_err().to_string().contains("at least one axis"));
}
