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

/// Methods are the functions of their names, on numbers and on symbols.
#[test]
fn methods_are_functions() {
    use rhyton::{Result, Tensor, ops};
    type F = fn(&Tensor) -> Result<Tensor>;
    let pairs: &[(F, F)] = &[
        (|x| x.reshape([3, 2]), |x| ops::reshape(x, [3, 2])),
        (|x| x.transpose(&[1, 0]), |x| ops::transpose(x, Some(&[1, 0]))),
        (|x| x.matmul(&x.t()), |x| ops::matmul(x, &ops::transpose(x, None)?)),
        (|x| x.dot(x.t()), |x| ops::dot(x, &ops::transpose(x, None)?)),
        (|x| x.swapaxes(0, 1), |x| ops::swapaxes(x, 0, 1)),
        (|x| x.broadcast_to(&[2, 2, 3]), |x| ops::broadcast_to(x, &[2, 2, 3])),
        (|x| x.expand_dims(0)?.squeeze(0), |x| ops::squeeze(&ops::expand_dims(x, 0)?, 0)),
        (|x| Ok(x.ravel()), ops::ravel),
        (|x| x.flip(1), |x| ops::flip(x, 1)),
        (|x| x.sum(0), |x| ops::sum(x, 0)),
        (|x| x.mean(..), |x| ops::mean(x, ..)),
        (|x| x.max(1), |x| ops::max(x, 1)),
        (|x| x.argmax(-1), |x| ops::argmax(x, -1)),
        (|x| x.count_nonzero(..), |x| ops::count_nonzero(x, ..)),
        (|x| x.clip(0.0, 1.0), |x| ops::clip(x, 0.0, 1.0)),
        (|x| x.sort(-1), |x| ops::sort(x, -1)),
        (|x| x.argsort(-1), |x| ops::argsort(x, -1)),
        (|x| x.cumsum(1), |x| ops::cumsum(x, 1, None)),
        (|x| Ok(x.exp()), ops::exp),
        (|x| x.softmax(-1), |x| ops::softmax(x, -1)),
    ];
    let x = Tensor::from([[0.5f32, -1.0, 2.0], [0.25, 3.0, -0.5]]);
    let symbol = Tensor::symbolic_input(x.meta(), "x");
    for (i, (method, function)) in pairs.iter().enumerate() {
        let y = function(&x).unwrap();
        assert!(method(&x).unwrap().bit_equal(&y), "pair {i}");
        assert_eq!(method(&symbol).unwrap().meta(), y.meta(), "pair {i}");
    }
}
