//! What can be asked of a tensor, and gradients that are stopped.

use rhyton::{DType, Function, GradientTape, Meta, Shape, Tensor, ops};

#[test]
fn questions_about_a_tensor() {
    for (shape, n) in [(vec![], 1), (vec![0], 0), (vec![2, 3], 6), (vec![1, 4, 1, 2], 8)] {
        for dtype in DType::ALL {
            let x = Tensor::filled(1, dtype, &shape).unwrap();
            assert_eq!(ops::ndim(&x), shape.len());
            assert_eq!(ops::size(&x).unwrap(), n);
            assert_eq!(ops::dtype(&x), dtype);
            assert_eq!(ops::shape(&x), Shape::from(&shape[..]));
            assert!(ops::is_tensor(&x) && !ops::is_tensor(&shape));
        }
    }
    let symbolic =
        Tensor::symbolic_input(Meta { dtype: DType::F16, shape: Shape::from([None, Some(3)]) }, "x");
    assert_eq!((ops::ndim(&symbolic), ops::dtype(&symbolic)), (2, DType::F16));
    assert_eq!(ops::shape(&symbolic).to_string(), "(None, 3)");
    assert!(ops::size(&symbolic).is_err(), "nobody knows yet");
}

#[test]
fn stop_gradient_is_the_same_value_without_a_gradient() {
    let x = Tensor::from([1.0f64, -2.0, 3.0]);
    let f = |x: &Tensor| -> rhyton::Result<Tensor> { (ops::stop_gradient(x)? * x).sum(..) };
    let tape = GradientTape::new();
    tape.watch(&x);
    let y = f(&x).unwrap();
    assert_eq!(y.item::<f64>().unwrap(), 14.0);
    assert_eq!(tape.gradient(&y, &x).unwrap().to_vec::<f64>().unwrap(), [1.0, -2.0, 3.0]);
    let traced = Function::trace(&[x.meta()], |x| Ok(vec![f(&x[0])?])).unwrap();
    assert!(traced.call(&[&x]).unwrap()[0].bit_equal(&y));
}
