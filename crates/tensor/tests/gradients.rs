//! Gradients for users: of one's own, of structures, Jacobians, products, higher orders, pictures.

use rhyton_base::Result;
use rhyton_tensor::{DType, GradientTape, Source, Tensor, Unconnected, Variable, ops};
use std::collections::{BTreeMap, HashMap};

fn v(x: &[f64]) -> Tensor {
    Tensor::from(x)
}

fn close(got: &Tensor, want: &[f64]) {
    let got = got.to_vec::<f64>().unwrap();
    assert_eq!(got.len(), want.len());
    for (g, w) in got.iter().zip(want) {
        assert!((g - w).abs() <= 1e-9 * w.abs().max(1.0), "{got:?}, expected {want:?}");
    }
}

/// The derivative of a function of one number, taken `n` times.
fn derivative(f: &dyn Fn(&Tensor) -> Tensor, x: f64, n: usize) -> f64 {
    fn at(f: &dyn Fn(&Tensor) -> Tensor, x: &Tensor, n: usize) -> Tensor {
        if n == 0 {
            return f(x);
        }
        let tape = GradientTape::new();
        tape.watch(x);
        let y = at(f, x, n - 1);
        tape.gradient(&y, x).unwrap()
    }
    at(f, &Tensor::from(x), n).item::<f64>().unwrap()
}

#[test]
fn third_order() {
    let x: f64 = 0.7;
    type Case = (&'static str, Box<dyn Fn(&Tensor) -> Tensor>, f64);
    let cases: Vec<Case> = vec![
        ("x⁴", Box::new(|x| x.square().square()), 24.0 * x),
        ("sin", Box::new(|x| x.sin()), -x.cos()),
        ("exp(2x)", Box::new(|x| (x * 2.0).exp()), 8.0 * (2.0 * x).exp()),
        ("log", Box::new(|x| x.log()), 2.0 / x.powi(3)),
        ("1/x", Box::new(|x| x.reciprocal()), -6.0 / x.powi(4)),
        ("sqrt", Box::new(|x| x.sqrt()), 3.0 / 8.0 * x.powf(-2.5)),
        ("tanh", Box::new(|x| x.tanh()), {
            let t = x.tanh();
            (1.0 - t * t) * (6.0 * t * t - 2.0)
        }),
        ("sigmoid", Box::new(|x| x.sigmoid()), {
            let s = 1.0 / (1.0 + (-x).exp());
            s * (1.0 - s) * (1.0 - 6.0 * s + 6.0 * s * s)
        }),
        ("x³ by a product", Box::new(|x| &(x * x) * x), 6.0),
    ];
    for (name, f, want) in cases {
        let got = derivative(&*f, x, 3);
        assert!((got - want).abs() < 1e-10 * want.abs().max(1.0), "{name}: {got}, expected {want}");
    }
}

fn log1pexp(x: &Tensor) -> Result<Tensor> {
    let f = |x: &[Tensor]| {
        let e = x[0].exp();
        let y = (&e + 1.0).log();
        Ok((y, move |dy: &[Tensor]| Ok(vec![&dy[0] * (1.0 - 1.0 / (&e + 1.0))])))
    };
    ops::custom_gradient(f, &[x])
}

#[test]
fn custom_gradients_to_higher_order() {
    let s = |x: f64| 1.0 / (1.0 + (-x).exp());
    let f = |x: &Tensor| log1pexp(x).unwrap();
    let x = 0.4;
    assert!((derivative(&f, x, 0) - x.exp().ln_1p()).abs() < 1e-12);
    assert!((derivative(&f, x, 1) - s(x)).abs() < 1e-12);
    assert!((derivative(&f, x, 2) - s(x) * (1.0 - s(x))).abs() < 1e-12);
    assert!((derivative(&f, x, 3) - s(x) * (1.0 - s(x)) * (1.0 - 2.0 * s(x))).abs() < 1e-12);
    // What the function says counts, not what it computes.
    let lie = |x: &Tensor| -> Tensor {
        let f = |x: &[Tensor]| Ok((x[0].square(), |dy: &[Tensor]| Ok(vec![&dy[0] * 100.0])));
        ops::custom_gradient(f, &[x]).unwrap()
    };
    assert_eq!(derivative(&lie, 3.0, 1), 100.0);
    assert_eq!(derivative(&lie, 3.0, 0), 9.0);
}

#[test]
fn custom_gradients_of_several_tensors() {
    let (x, y) = (v(&[1.0, 2.0]), v(&[3.0, 4.0]));
    let tape = GradientTape::new();
    tape.watch(&x);
    tape.watch(&y);
    let (a, b): (Tensor, Tensor) = ops::custom_gradient(
        |v| {
            let (x, y) = (v[0].clone(), v[1].clone());
            Ok(((&x * &y, &x + &y), move |d: &[Tensor]| {
                Ok(vec![&d[0] * &y + &d[1], &d[0] * &x * 10.0 + &d[1]])
            }))
        },
        &[&x, &y],
    )
    .unwrap();
    let g = tape.gradients(&(a + b * 2.0), [&x, &y]).unwrap();
    close(&g[0], &[5.0, 6.0]);
    close(&g[1], &[12.0, 22.0]);
}

#[test]
fn custom_gradients_that_do_not_fit() {
    let x = Tensor::from(1.0f64);
    let e = ops::custom_gradient(|x: &[Tensor]| Ok((x[0].clone(), |_: &[Tensor]| Ok(vec![]))), &[&x]);
    assert_eq!(
        e.unwrap_err().to_string(),
        "custom_gradient: the gradient function must give 1 gradients, one an argument, got 0"
    );
    let wrong = |_: &[Tensor]| Ok(vec![Tensor::from([1.0f64, 2.0])]);
    let e = ops::custom_gradient(|x: &[Tensor]| Ok((x[0].clone(), wrong)), &[&x]).unwrap_err();
    assert_eq!(
        e.to_string(),
        "custom_gradient: the gradient function gives float64(2,) for argument 0, which is float64(); it must have \
         the same type and shape"
    );
    let count = Variable::named(Tensor::from(0.0f64), "count", false);
    let e = ops::custom_gradient(
        |x: &[Tensor]| {
            count.assign(&x[0])?;
            Ok((x[0].clone(), |dy: &[Tensor]| Ok(dy.to_vec())))
        },
        &[&x],
    );
    assert_eq!(
        e.unwrap_err().to_string(),
        "custom_gradient: it assigns variable \"count\"; return the value and assign it afterwards"
    );
    assert_eq!(count.value().item::<f64>().unwrap(), 0.0);
}

#[test]
fn jacobians() {
    let x = v(&[1.0, 2.0, 3.0]);
    let tape = GradientTape::new();
    tape.watch(&x);
    let w = Tensor::from([[1.0f64, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let y = x.square().matmul(&w).unwrap();
    let j = tape.jacobian(&y, &x).unwrap();
    assert_eq!(j.shape(), [2, 3]);
    close(&j, &[2.0, 12.0, 30.0, 4.0, 16.0, 36.0]);
    // Of a matrix by a matrix.
    let x = Tensor::from([[1.0f64, 2.0], [3.0, 4.0]]);
    let tape = GradientTape::persistent();
    tape.watch(&x);
    let y = x.t();
    let j = tape.jacobian(&y, &x).unwrap();
    assert_eq!(j.shape(), [2, 2, 2, 2]);
    close(&j, &[1., 0., 0., 0., 0., 0., 1., 0., 0., 1., 0., 0., 0., 0., 0., 1.]);
    // Examples alone.
    let z = x.square() * &x;
    let per = {
        let tape = GradientTape::new();
        tape.watch(&x);
        let z2 = ops::stack(&[&x.square().sum(-1).unwrap(), &x.sum(-1).unwrap()], 1).unwrap();
        tape.batch_jacobian(&z2, &x).unwrap()
    };
    assert_eq!(per.shape(), [2, 2, 2]);
    close(&per, &[2.0, 4.0, 1.0, 1.0, 6.0, 8.0, 1.0, 1.0]);
    drop(z);
    // Unconnected sources, and targets without elements.
    let other = v(&[1.0]);
    close(&tape.jacobian(&y, &other).unwrap(), &[0.0; 4]);
    let empty = ops::narrow(&x, 0, 0, 0).unwrap();
    let tape = GradientTape::new();
    tape.watch(&x);
    assert_eq!(tape.jacobian(&empty, &x).unwrap().shape(), [0, 2, 2, 2]);
}

#[test]
fn products_with_jacobians_and_hessians() {
    let (x, y) = (v(&[0.3, -0.8]), v(&[1.5, 0.4]));
    let (s, t) = (v(&[1.0, 2.0]), v(&[-1.0, 0.5]));
    let f = |v: &[Tensor]| Ok((&v[0] * &v[1], v[0].sin(), v[1].sum(..)?));
    let (out, tangents) = ops::jvp::<(Tensor, Tensor, Tensor)>(f, &[&x, &y], &[&s, &t]).unwrap();
    close(&out.2, &[1.9]);
    close(&tangents.0, &[1.5 - 0.3, 0.8 - 0.4]);
    close(&tangents.1, &[0.3f64.cos(), 2.0 * 0.8f64.cos()]);
    close(&tangents.2, &[-0.5]);
    // The same tensor twice, and a result that is the argument.
    let twice = |v: &[Tensor]| Ok((&v[0] * &v[1], v[0].clone()));
    let (_, tangents) = ops::jvp::<(Tensor, Tensor)>(twice, &[&x, &x], &[&s, &t]).unwrap();
    close(&tangents.0, &[0.3 * (1.0 - 1.0), -0.8 * 2.5]);
    close(&tangents.1, &[1.0, 2.0]);
    let fixed = |_: &[Tensor]| Ok(Tensor::from(1.0f64));
    close(&ops::jvp(fixed, &[&x], &[&s]).unwrap().1, &[0.0]);
    let (_, dy, aux) = ops::jvp_with_aux(|v| Ok((v[0].exp(), "aux")), &[&x], &[&s]).unwrap();
    close(&dy, &[0.3f64.exp(), 2.0 * (-0.8f64).exp()]);
    assert_eq!(aux, "aux");
    // Σ x³ y: Hessian blocks 6xy, 3x².
    let f = |v: &[Tensor]| (&v[0] * v[0].square() * &v[1]).sum(..);
    let products = ops::hvp(f, &[&x, &y], &[&s, &t]).unwrap();
    let (x, y, s, t) = ([0.3, -0.8], [1.5, 0.4], [1.0, 2.0], [-1.0, 0.5]);
    let by_x: Vec<f64> = (0..2).map(|i| 6.0 * x[i] * y[i] * s[i] + 3.0 * x[i] * x[i] * t[i]).collect();
    let by_y: Vec<f64> = (0..2).map(|i| 3.0 * x[i] * x[i] * s[i]).collect();
    close(&products[0], &by_x);
    close(&products[1], &by_y);
    let e = ops::jvp(|x| Ok(x[0].clone()), &[&v(&x)], &[&v(&[1.0])]).unwrap_err();
    assert_eq!(e.to_string(), "jvp: expected a tangent like primal 0, float64(2,), got float64(1,)");
    let e = ops::jvp(|x| Ok(x[0].clone()), &[&v(&x)], &[]).unwrap_err();
    assert_eq!(e.to_string(), "jvp: expected 1 tangents, one a primal, got 0");
}

#[test]
fn structures_of_sources() {
    let (a, b) = (Variable::from(2.0f64), Variable::from([1.0f64, 3.0]));
    let x = v(&[4.0, 5.0]);
    let unused = Variable::from(0.0f64);
    let loss = || {
        let tape = GradientTape::new();
        tape.watch(&x);
        let y = (a.value() * b.value() * &x).sum(..).unwrap();
        (tape, y)
    };
    let (tape, y) = loss();
    let (first, [second], rest) = tape.gradients_like(&y, &(&a, [&b], vec![&x]), Unconnected::None).unwrap();
    close(&first.unwrap(), &[19.0]);
    close(&second.unwrap(), &[8.0, 10.0]);
    close(rest[0].as_ref().unwrap(), &[2.0, 6.0]);
    let (tape, y) = loss();
    let model = HashMap::from([("a".to_string(), &a), ("unused".to_string(), &unused)]);
    let g = tape.gradients_like(&y, &model, Unconnected::None).unwrap();
    assert!(g["unused"].is_none());
    close(g["a"].as_ref().unwrap(), &[19.0]);
    let (tape, y) = loss();
    let layers = BTreeMap::from([("one".to_string(), vec![a.clone(), unused.clone()])]);
    let g = tape.gradients_like(&y, &layers, Unconnected::Zero).unwrap();
    close(g["one"][1].as_ref().unwrap(), &[0.0]);
}

#[test]
fn weighted_targets() {
    let x = v(&[1.0, 2.0]);
    let tape = GradientTape::persistent();
    tape.watch(&x);
    let targets = [x.square(), x.exp()];
    let sources = [Source::from(&x)];
    let weights = [v(&[10.0, 0.0]), v(&[0.0, 1.0])];
    let g = tape.gradients_with(&targets, &weights, &sources, Unconnected::None).unwrap();
    close(g[0].as_ref().unwrap(), &[20.0, 2f64.exp()]);
    let g = tape.gradients_with(&targets, &[], &sources, Unconnected::None).unwrap();
    close(g[0].as_ref().unwrap(), &[2.0 + 1f64.exp(), 4.0 + 2f64.exp()]);
    let e = tape.gradients_with(&targets, &weights[..1], &sources, Unconnected::None).unwrap_err();
    assert_eq!(e.to_string(), "GradientTape::gradient: expected 2 output gradients, one a target, got 1");
    let e = tape.gradients_with(&targets[..1], &[v(&[1.0])], &sources, Unconnected::None).unwrap_err();
    assert_eq!(
        e.to_string(),
        "GradientTape::gradient: expected an output gradient like its target float64(2,), got float64(1,)"
    );
}

#[test]
fn the_tape_as_in_tensorflow() {
    let (w, fixed) =
        (Variable::named(Tensor::from(3.0f64), "w", true), Variable::named(Tensor::from(1.0f64), "f", false));
    let tape = GradientTape::new();
    let y = w.value() * fixed.value();
    assert_eq!(tape.watched_variables().iter().map(Variable::name).collect::<Vec<_>>(), ["w"]);
    close(&tape.gradient(&y, &w).unwrap(), &[1.0]);
    let e = tape.gradient(&y, &w).unwrap_err();
    assert_eq!(
        e.to_string(),
        "GradientTape::gradient: this tape has given its gradient; use GradientTape::persistent() to take several"
    );
    // Begun anew, the same tape serves again.
    tape.reset();
    let y = w.value().square();
    close(&tape.gradient(&y, &w).unwrap(), &[6.0]);
    let tape = GradientTape::persistent();
    tape.watch(&fixed);
    let y = fixed.value() * 5.0;
    let apart = tape.stop_recording(|| w.value() * 7.0);
    let z = &apart * w.value();
    close(&tape.gradient(&y, &fixed).unwrap(), &[5.0]);
    close(&tape.gradient(&z, &w).unwrap(), &[21.0]);
    tape.reset();
    assert!(tape.watched_variables().is_empty());
    let e = tape.gradient(&z, &w).unwrap_err();
    assert!(e.to_string().contains("the target does not depend on the source; watch() tensors"), "{e}");
    let e = tape.gradient(&z.cast(DType::I32), &w).unwrap_err();
    assert_eq!(e.to_string(), "GradientTape::gradient: expected a float target, got int32");
    let e = tape.batch_jacobian(&z, &w).unwrap_err();
    assert_eq!(
        e.to_string(),
        "GradientTape::batch_jacobian: expected a target and a source with the same first axis, got shapes () and ()"
    );
    let stopped = {
        let tape = GradientTape::new();
        let y = w.value().stop_gradient() * w.value();
        tape.gradient(&y, &w).unwrap()
    };
    close(&stopped, &[3.0]);
}

#[test]
fn the_chain_rule_as_a_picture() {
    let (w, b) =
        (Variable::named(Tensor::from(3.0f64), "w", true), Variable::named(Tensor::from(1.0f64), "b", true));
    let (x, y_true) = (Tensor::from(2.0f64), Tensor::from(4.0f64));
    let tape = GradientTape::new();
    tape.watch(&x);
    let x1 = &x * w.value();
    let x2 = &x1 + b.value();
    let loss = (&y_true - &x2).abs();
    let names: [(&Tensor, &str); 5] =
        [(&x, "x"), (&x1, "x1"), (&x2, "x2"), (&y_true, "y_true"), (&loss, "loss")];
    let text = tape.diagram(&loss, &names).unwrap().to_string();
    let want = "computation\n  x: value 2, gradient 3\n  w: value 3, gradient 2\n  x1 = multiply: value 6, gradient 1\n    \
                <- x (3)\n    <- w (2)\n  b: value 1, gradient 1\n  x2 = add: value 7, gradient 1\n    <- x1 = \
                multiply (1)\n    <- b (1)\n  y_true: value 4\n  subtract: value -3, gradient -1\n    <- y_true\n    \
                <- x2 = add (-1)\n  loss = abs: value 3, gradient 1\n    <- subtract (-1)\n";
    assert_eq!(text, want);
    // The picture leaves the tape as it is.
    close(&tape.gradient(&loss, &w).unwrap(), &[2.0]);
}
