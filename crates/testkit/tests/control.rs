//! Control flow: eager, compiled, differentiated.

use rhyton::{DType, Function, GradientTape, Meta, Result, Tensor, Unconnected, Variable, compiled, ops};
use rhyton_testkit::gradcheck;

type F<'a> = &'a dyn Fn(&[Tensor]) -> Result<Vec<Tensor>>;

fn metas(x: &[Tensor]) -> Vec<Meta> {
    x.iter().map(Tensor::meta).collect()
}

fn trace(x: &[Tensor], f: F) -> Function {
    Function::trace(&metas(x), f).unwrap_or_else(|e| panic!("{e}"))
}

fn call(f: &Function, x: &[Tensor]) -> Vec<Tensor> {
    f.call(&x.iter().collect::<Vec<_>>()).unwrap_or_else(|e| panic!("{e}\n{f}"))
}

/// Eager and compiled give the same bits.
fn same(what: &str, x: &[Tensor], f: F) -> Function {
    let eager = f(x).unwrap_or_else(|e| panic!("{what}: {e}"));
    let function = trace(x, f);
    for _ in 0..2 {
        let got = call(&function, x);
        assert_eq!(got.len(), eager.len(), "{what}");
        for (i, (a, b)) in got.iter().zip(&eager).enumerate() {
            assert!(a.bit_equal(b), "{what}, result {i}: compiled {a}, eager {b}\n{function}");
        }
    }
    function
}

/// The same, and gradients to second order by differences, eager and compiled.
fn smooth(what: &str, x: &[Tensor], f: F) {
    same(what, x, f);
    gradcheck::check(f, x).unwrap_or_else(|e| panic!("{what}, eager: {e}"));
    // Compiled gradients of first and second order against eager ones.
    let grads = |x: &[Tensor]| -> Result<Vec<Tensor>> {
        let outer = GradientTape::persistent();
        x.iter().for_each(|x| outer.watch(x));
        let inner = GradientTape::new();
        x.iter().for_each(|x| inner.watch(x));
        let ys = f(x)?;
        let mut total = Tensor::from(0.0f64);
        for (i, y) in ys.iter().filter(|y| y.dtype().is_float()).enumerate() {
            total = total + y.square().sum(..)? * (1.0 + i as f64);
        }
        let sources: Vec<_> = x.iter().map(Into::into).collect();
        let first = inner.gradients_of(&total, &sources, Unconnected::Zero)?;
        let mut all: Vec<Tensor> = first.into_iter().flatten().collect();
        for i in 0..x.len() {
            if !x[i].dtype().is_float() {
                continue;
            }
            let second = outer.gradients_of(&all[i].square(), &sources, Unconnected::Zero)?;
            all.extend(second.into_iter().flatten());
        }
        Ok(all)
    };
    let eager = grads(x).unwrap_or_else(|e| panic!("{what}, eager gradients: {e}"));
    let got = call(&trace(x, &grads), x);
    for (i, (g, e)) in got.iter().zip(&eager).enumerate() {
        let (g, e) = (g.to_f64s().unwrap(), e.to_f64s().unwrap());
        assert_eq!(g.len(), e.len());
        for (g, e) in g.iter().zip(&e) {
            assert!(
                (g - e).abs() <= 1e-11 * e.abs().max(1.0),
                "{what}, gradient {i}: compiled {g}, eager {e}"
            );
        }
    }
}

fn v(values: &[f64]) -> Tensor {
    Tensor::from(values)
}

#[test]
fn cond_chooses_when_it_runs() {
    let f = |x: &[Tensor]| -> Result<Vec<Tensor>> {
        let total = x[0].sum(..)?;
        let y: Tensor =
            ops::cond(&total.greater(0.0f64)?, || Ok(x[0].exp() * &x[1]), || Ok(x[0].square() - &x[1]))?;
        Ok(vec![y])
    };
    for values in [[1.0, 2.0], [-1.0, -2.0]] {
        smooth("cond", &[v(&values), v(&[0.5, -0.3])], &f);
    }
    let function = trace(&[v(&[1.0, 2.0]), v(&[0.5, -0.3])], &f);
    let x = [v(&[-3.0, 1.0]), v(&[0.5, -0.3])];
    assert!(call(&function, &x)[0].bit_equal(&f(&x).unwrap()[0]));
}

#[test]
fn switch_limits_its_index() {
    let f = |x: &[Tensor]| {
        let double = |x: &[Tensor]| Ok(vec![&x[0] * 2.0, x[0].sum(..)?]);
        let sine = |x: &[Tensor]| Ok(vec![x[0].sin(), Tensor::from(7.0f64)]);
        let same = |x: &[Tensor]| Ok(vec![x[0].clone(), x[0].max(..)?]);
        ops::switch(&x[0], &[&double, &sine, &same], &x[1..])
    };
    for i in [-5, 0, 1, 2, 9] {
        smooth("switch", &[Tensor::from(i), v(&[0.3, 0.9, -2.0])], &f);
    }
}

#[test]
fn while_loop_has_as_many_rounds_as_the_data_say() {
    let collatz = |x: &[Tensor]| {
        ops::while_loop(
            |s| ops::greater(&s[0], &Tensor::from(1)),
            |s| {
                let even = ops::equal(&ops::r#mod(&s[0], &Tensor::from(2))?, &Tensor::from(0))?;
                let next =
                    ops::r#where(&even, &ops::floor_divide(&s[0], &Tensor::from(2))?, &(&s[0] * 3 + 1))?;
                Ok(vec![next, &s[1] + 1])
            },
            x,
            None,
        )
    };
    let f = trace(&[Tensor::from(1), Tensor::from(0)], &collatz);
    for (start, rounds) in [(1, 0), (6, 8), (27, 111), (97, 118)] {
        let x = [Tensor::from(start), Tensor::from(0)];
        let got = call(&f, &x);
        assert_eq!(got[1].item::<i32>().unwrap(), rounds);
        assert!(collatz(&x).unwrap()[1].bit_equal(&got[1]));
    }
    // Newton's method for roots, with a limit.
    let newton = |x: &[Tensor]| {
        ops::while_loop(
            |s| ops::any(&(s[0].square() - &x[0]).abs().greater(1e-9f64)?, ..),
            |s| Ok(vec![(&s[0] + &x[0] / &s[0]) * 0.5]),
            &[x[0].clone()],
            Some(6),
        )
    };
    same("newton", &[v(&[2.0, 9.0, 1e4])], &newton);
}

#[test]
fn fori_loop_with_known_and_with_computed_bounds() {
    let f = |x: &[Tensor]| {
        ops::fori_loop(2, 30, |i, s| Ok(vec![(&s[0] * &x[1] + i.cast(DType::F64) * 0.01).sin()]), &x[..1])
    };
    smooth("known", &[v(&[0.3, 0.4]), v(&[0.9, -1.1])], &f);
    let text = trace(&[v(&[0.3, 0.4]), v(&[0.9, -1.1])], &f).to_string();
    assert!(text.contains("scan 28 rounds"), "{text}");
    let computed = |x: &[Tensor]| {
        let upper = x[1].clone();
        ops::fori_loop(0, upper, |i, s| Ok(vec![&s[0] + i.cast(DType::F64)]), &x[..1])
    };
    for n in [-3, 0, 1, 100] {
        same("computed", &[v(&[0.5]), Tensor::from(n)], &computed);
    }
}

#[test]
fn scan_both_ways() {
    for reverse in [false, true] {
        let f = |x: &[Tensor]| {
            let w = &x[2];
            let step = |c: &[Tensor], x: &[Tensor]| {
                let h = (c[0].matmul(w)? + &x[0]).tanh();
                Ok((vec![h.clone(), &c[1] + 1], vec![h.square(), c[1].clone()]))
            };
            let init = [x[0].clone(), Tensor::from(0)];
            let (last, ys) = ops::scan(step, &init, &x[1..2], None, reverse)?;
            Ok(last.into_iter().chain(ys).collect())
        };
        let x = [
            Tensor::from([[0.1f64, -0.2]]),
            Tensor::from_slice(
                &[0.5f64, 0.1, -0.3, 0.2, 0.9, -0.7, 0.4, 0.3, 0.2, 0.1, 0.6, -0.9],
                [6, 1, 2],
            )
            .unwrap(),
            Tensor::from([[0.4f64, -0.6], [0.8, 0.3]]),
        ];
        smooth("scan", &x, &f);
    }
}

#[test]
fn scan_of_nothing_and_without_inputs() {
    let f = |x: &[Tensor]| {
        let step = |c: &[Tensor], x: &[Tensor]| Ok((vec![&c[0] + &x[0]], vec![x[0].square()]));
        let (last, ys) = ops::scan(step, &x[..1], &x[1..], None, false)?;
        Ok(last.into_iter().chain(ys).collect())
    };
    let none = Tensor::from_slice::<f64>(&[], [0]).unwrap();
    let f0 = same("nothing", &[Tensor::from(2.0f64), none.clone()], &f);
    assert_eq!(call(&f0, &[Tensor::from(2.0f64), none])[1].shape(), [0]);
    let g = |x: &[Tensor]| {
        let step = |c: &[Tensor], _: &[Tensor]| Ok((vec![&c[0] * 1.5], vec![c[0].clone()]));
        let (last, ys) = ops::scan(step, x, &[], Some(9), true)?;
        Ok(last.into_iter().chain(ys).collect())
    };
    smooth("length", &[Tensor::from(2.0f64)], &g);
}

#[test]
fn map_and_vectorized_map() {
    let f = |x: &[Tensor]| {
        let y: Tensor = ops::map(|s| (&s[0] * &s[1]).sum(..), x)?;
        let (a, b): (Tensor, Tensor) = ops::vectorized_map(|s| Ok((s[0].sin(), s[1].exp())), x)?;
        Ok(vec![y, a, b])
    };
    let x = Tensor::from([[0.1f64, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8], [0.9, 1.0]]);
    smooth("map", &[x.clone(), x.square() + 0.5], &f);
}

#[test]
fn associative_scans() {
    for n in [0usize, 1, 2, 3, 4, 5, 8, 9] {
        for reverse in [false, true] {
            let values: Vec<f64> = (0..n * 2).map(|i| 0.5 + (i * 7 % 5) as f64 / 4.0).collect();
            let x = Tensor::from_slice(&values, [2, n]).unwrap();
            let f = |x: &[Tensor]| ops::associative_scan(|a, b| Ok(vec![&a[0] * &b[0]]), x, reverse, -1);
            let got = same("associative", std::slice::from_ref(&x), &f);
            let got = call(&got, &[x])[0].to_vec::<f64>().unwrap();
            for row in 0..2 {
                for i in 0..n {
                    let part = if reverse { i..n } else { 0..i + 1 };
                    let want: f64 = part.map(|j| values[row * n + j]).product();
                    assert!((got[row * n + i] - want).abs() < 1e-12 * want, "{n} {i}");
                }
            }
        }
    }
    let f = |x: &[Tensor]| ops::associative_scan(|a, b| Ok(vec![&a[0] * &b[0]]), x, false, 0);
    smooth("associative", &[v(&[0.5, 1.5, 0.7, 2.0, 1.1])], &f);
}

#[test]
fn constructs_nest_and_capture() {
    let f = |x: &[Tensor]| {
        let scale = x[1].exp();
        let step = |c: &[Tensor], s: &[Tensor]| {
            let bigger = s[0].greater(0.0f64)?;
            let y: Tensor = ops::cond(
                &bigger,
                || {
                    let inner = ops::fori_loop(0, 6, |_, v| Ok(vec![(&v[0] * &scale).sin()]), &c[..1])?;
                    Ok(inner[0].clone())
                },
                || Ok(&c[0] * &s[0]),
            )?;
            Ok((vec![y.clone()], vec![&y + &scale]))
        };
        let (last, ys) = ops::scan(step, &[Tensor::from(0.7f64)], &x[..1], None, false)?;
        Ok(last.into_iter().chain(ys).collect())
    };
    smooth("nested", &[v(&[0.5, -0.9, 0.3, -1.2, 0.8, 0.1]), Tensor::from(0.2f64)], &f);
}

#[test]
fn variables_are_read_and_assigned_inside() {
    let count = Variable::named(Tensor::from(0i32), "count", false);
    let w = Variable::from(1.5f64);
    let run = |x: &[Tensor]| {
        let tape = GradientTape::new();
        let out = ops::fori_loop(
            0,
            10,
            |_, s| {
                count.assign_add(&Tensor::from(1i32))?;
                let y: Tensor = ops::cond(
                    &s[0].less(2.0f64)?,
                    || {
                        count.assign_add(&Tensor::from(100i32))?;
                        Ok(&s[0] * w.value())
                    },
                    || Ok(&s[0] - 0.25),
                )?;
                Ok(vec![y])
            },
            x,
        )?;
        let g = tape.gradient(&out[0], &w)?;
        Ok(vec![out[0].clone(), g, count.value()])
    };
    let x = [Tensor::from(1.0f64)];
    let eager = run(&x).unwrap();
    count.assign(&Tensor::from(0i32)).unwrap();
    let step = compiled(run);
    let got = step.call(&x).unwrap();
    for (a, b) in got.iter().zip(&eager) {
        assert!(a.bit_equal(b), "{a} {b}");
    }
    assert!(count.value().bit_equal(&eager[2]));
    step.call(&x).unwrap();
    assert_eq!(count.value().item::<i32>().unwrap(), 2 * eager[2].item::<i32>().unwrap());
    // While: the condition sees what the body assigns.
    count.assign(&Tensor::from(0i32)).unwrap();
    let wait = compiled(|x: &[Tensor]| {
        ops::while_loop(
            |_| ops::less(&count.value(), &Tensor::from(7)),
            |s| {
                count.assign_add(&Tensor::from(2i32))?;
                Ok(vec![&s[0] * 2.0])
            },
            x,
            None,
        )
    });
    assert_eq!(wait.call(&x).unwrap()[0].item::<f64>().unwrap(), 16.0);
    assert_eq!(count.value().item::<i32>().unwrap(), 8);
}

#[test]
fn random_numbers_in_a_compiled_loop() {
    use rhyton::random::SeedGenerator;
    let (eager, inside) = (SeedGenerator::new(Some(3)), SeedGenerator::new(Some(3)));
    let draw = |g: &SeedGenerator| -> Result<Tensor> {
        let step = |_: &[Tensor], _: &[Tensor]| Ok((vec![], vec![g.normal([3], 0.0, 1.0, DType::F32)?]));
        Ok(ops::scan(step, &[], &[], Some(6), false)?.1.swap_remove(0))
    };
    let f = compiled(|_: &[Tensor]| Ok(vec![draw(&inside)?]));
    for _ in 0..2 {
        assert!(f.call(&[]).unwrap()[0].bit_equal(&draw(&eager).unwrap()));
    }
}

#[test]
fn a_training_loop_inside_one_function() {
    let w = Variable::from([0.0f64, 0.0]);
    let run = |x: &[Tensor]| {
        let loss = ops::fori_loop(
            0,
            50,
            |_, _| {
                let tape = GradientTape::new();
                let loss = (x[0].matmul(&w.value())? - &x[1]).square().mean(..)?;
                let g = tape.gradient(&loss, &w)?;
                w.assign_sub(&(g * 0.1))?;
                Ok(vec![loss])
            },
            &[Tensor::from(0.0f64)],
        )?;
        Ok(vec![loss[0].clone(), w.value()])
    };
    let x = [Tensor::from([[1.0f64, 2.0], [3.0, -1.0], [0.5, 0.5]]), v(&[1.0, 2.0, -1.0])];
    let eager = run(&x).unwrap();
    w.assign(&v(&[0.0, 0.0])).unwrap();
    let got = compiled(run).call(&x).unwrap();
    assert!(got[0].bit_equal(&eager[0]) && got[1].bit_equal(&eager[1]), "{} {}", got[1], eager[1]);
}

#[test]
fn long_loops_are_not_written_out() {
    let f = |x: &[Tensor]| ops::fori_loop(0, 20_000, |_, s| Ok(vec![&s[0] * 0.5 + 1.0]), x);
    let function = same("long", &[v(&[3.0])], &f);
    assert!(function.graph().nodes().len() < 10);
}

#[test]
fn errors_say_what_to_do() {
    let text = |f: F, x: &[Tensor]| match Function::trace(&metas(x), f) {
        Ok(_) => panic!("an error was expected"),
        Err(e) => e.to_string(),
    };
    let x = [Tensor::from(1.0f64)];
    let one = &x[..];
    let positive = |x: &Tensor| x.greater(0.0f64);
    type Case = (&'static str, Box<dyn Fn(&[Tensor]) -> Result<Vec<Tensor>>>, &'static str);
    let cases: Vec<Case> = vec![
        (
            "results of two types",
            Box::new(move |x| {
                Ok(vec![ops::cond(&positive(&x[0])?, || Ok(x[0].clone()), || Ok(x[0].cast(DType::F32)))?])
            }),
            "cond: both functions must give the same types and shapes: true_fn gives (float64()), false_fn (float32())",
        ),
        (
            "a predicate of two",
            Box::new(|x| {
                let two = ops::stack(&[&x[0], &x[0]], 0)?;
                Ok(vec![ops::cond(&two, || Ok(x[0].clone()), || Ok(x[0].clone()))?])
            }),
            "cond: expected one number as the predicate, got float64(2,)",
        ),
        (
            "branches of two shapes",
            Box::new(|x| {
                let a = |x: &[Tensor]| Ok(x.to_vec());
                let b = |x: &[Tensor]| Ok(vec![ops::expand_dims(&x[0], 0)?]);
                ops::switch(&x[0].cast(DType::I32), &[&a, &b], x)
            }),
            "switch: branch 0 gives float64() as result 0 and branch 1 float64(1,); all must give the same types and \
             shapes",
        ),
        (
            "branches of two lengths",
            Box::new(|x| {
                let a = |x: &[Tensor]| Ok(x.to_vec());
                let b = |_: &[Tensor]| Ok(vec![]);
                ops::switch(&x[0].cast(DType::I32), &[&a, &b], x)
            }),
            "switch: branch 0 gives 1 results and branch 1 0; all must give the same",
        ),
        (
            "no branches",
            Box::new(|x| ops::switch(&x[0].cast(DType::I32), &[], x)),
            "switch: expected at least one branch, got none",
        ),
        (
            "a fraction as index",
            Box::new(|x| ops::switch(&x[0], &[&|x: &[Tensor]| Ok(x.to_vec())], x)),
            "switch: expected a whole number as the index, got float64",
        ),
        (
            "a loop variable that changes its type",
            Box::new(move |x| {
                ops::while_loop(|v| positive(&v[0]), |v| Ok(vec![v[0].cast(DType::F32)]), x, None)
            }),
            "while_loop: the body must keep types and shapes: loop variable 0 is float64() before and float32() after; \
             cast or reshape it",
        ),
        (
            "a loop variable lost",
            Box::new(|x| ops::fori_loop(0, 9, |_, _| Ok(vec![]), x)),
            "fori_loop: the body must give back the 1 loop variables it is given, got 0",
        ),
        (
            "a condition of two",
            Box::new(|x| ops::while_loop(|v| ops::stack(&[&v[0], &v[0]], 0), |v| Ok(v.to_vec()), x, None)),
            "while_loop: expected one number as the condition, got float64(2,)",
        ),
        (
            "a bound that is a fraction",
            Box::new(|x| ops::fori_loop(0, x[0].clone(), |_, v| Ok(v.to_vec()), x)),
            "fori_loop: expected a whole number as the upper bound, got float64",
        ),
        (
            "a bound of two",
            Box::new(|x| ops::fori_loop([0, 1], 3, |_, v| Ok(v.to_vec()), x)),
            "fori_loop: expected one number as the lower bound, got int32(2,)",
        ),
        (
            "nothing to run along",
            Box::new(|x| Ok(ops::scan(|c, _| Ok((c.to_vec(), vec![])), x, &[], None, false)?.0)),
            "scan: expected inputs to run along, or a length, got neither",
        ),
        (
            "a scalar to run along",
            Box::new(|x| Ok(ops::scan(|c, _| Ok((c.to_vec(), vec![])), &[], x, None, false)?.0)),
            "scan: input 0 is a scalar; it needs a first axis to run along",
        ),
        (
            "two lengths",
            Box::new(|x| {
                let xs = [Tensor::from([1.0f64; 3])];
                Ok(ops::scan(|c, _| Ok((c.to_vec(), vec![])), x, &xs, Some(4), false)?.0)
            }),
            "scan: input 0 of shape (3,) has 3 slices, expected 4; all inputs and the length must agree",
        ),
        (
            "a carry that grows",
            Box::new(|x| {
                let grow = |c: &[Tensor], _: &[Tensor]| Ok((vec![ops::expand_dims(&c[0], 0)?], vec![]));
                Ok(ops::scan(grow, x, &[], Some(8), false)?.0)
            }),
            "scan: the body must keep types and shapes: loop variable 0 is float64() before and float64(1,) after; cast \
             or reshape it",
        ),
        (
            "slices of two lengths",
            Box::new(|x| {
                let xs = [Tensor::from([1.0f64; 3]), Tensor::from([1.0f64; 2])];
                let y: Tensor = ops::map(|_| Ok(x[0].clone()), &xs)?;
                Ok(vec![y])
            }),
            "map: input 1 of shape (2,) has 2 slices, expected 3; all inputs and the length must agree",
        ),
        (
            "nothing to map",
            Box::new(|x| Ok(vec![ops::vectorized_map(|_| Ok(x[0].clone()), &[])?])),
            "vectorized_map: map: expected inputs to run along, or a length, got neither",
        ),
        (
            "an axis that is not there",
            Box::new(|x| ops::associative_scan(|a, _| Ok(a.to_vec()), x, false, 0)),
            "associative_scan: axis 0 is out of bounds for a scalar, which has no axes",
        ),
        (
            "sizes that differ",
            Box::new(|_| {
                let xs = [Tensor::from([1.0f64; 3]), Tensor::from([1.0f64; 2])];
                ops::associative_scan(|a, _| Ok(a.to_vec()), &xs, false, 0)
            }),
            "associative_scan: expected the same size along axis 0 of all tensors, got [3, 2]",
        ),
        (
            "a combination that loses an axis",
            Box::new(|_| {
                let xs = [Tensor::from([1.0f64; 3])];
                ops::associative_scan(|a, _| Ok(vec![a[0].sum(..)?]), &xs, false, 0)
            }),
            "associative_scan: the function must give tensors of the shapes that it is given",
        ),
        (
            "the gradient of a loop of unknown length",
            Box::new(move |x| {
                let tape = GradientTape::new();
                tape.watch(&x[0]);
                let y = ops::while_loop(|v| positive(&v[0]), |v| Ok(vec![&v[0] - 1.0]), x, None)?;
                Ok(vec![tape.gradient(&y[0], &x[0])?])
            }),
            "gradient of while_loop: a compiled loop whose number of rounds is not known has no gradient; use fori_loop \
             with known bounds, or scan",
        ),
        (
            "numbers read inside",
            Box::new(|x| ops::fori_loop(0, 9, |_, v| Ok(vec![Tensor::from(v[0].item::<f64>()?)]), x)),
            "fori_loop: a tensor of a function being traced has no numbers yet; read them outside of compiled functions",
        ),
    ];
    for (what, f, want) in &cases {
        assert_eq!(text(&**f, one), *want, "{what}");
    }
    let count = Variable::from(0.0f64);
    count.set_name("count");
    let asks = |x: &[Tensor]| {
        let ask = |v: &[Tensor]| {
            count.assign_add(&v[0])?;
            positive(&v[0])
        };
        ops::while_loop(ask, |v| Ok(v.to_vec()), x, None)
    };
    assert_eq!(
        text(&asks, one),
        "while_loop: the condition assigns variable \"count\"; in a compiled function only the body may assign variables"
    );
    let symbol = Tensor::symbolic_input(Meta::new(DType::F64, [2]), "x");
    let e = ops::map(|x| Ok(x[0].clone()), &[symbol]).unwrap_err();
    assert_eq!(
        e.to_string(),
        "map: the input is symbolic; wrap the call in operation(\"name\", &[inputs], |x| ..)"
    );
    // Data at fault inside a loop.
    let f = |x: &[Tensor]| {
        let table = Tensor::from([1.0f64, 2.0, 3.0]);
        ops::fori_loop(0, 7, move |i, v| Ok(vec![&v[0] + ops::take(&table, i, 0)?]), x)
    };
    let e = trace(&x, &f).call(&[&x[0]]).unwrap_err().to_string();
    assert!(e.contains("index 3 is out of range for an axis of size 3"), "{e}");
}

#[test]
fn symbolic_inputs_through_operation() {
    let norms = |x: &Tensor| -> Result<Tensor> {
        rhyton::operation("norms", &[x], |x| {
            ops::map(|row| ops::sqrt(&row[0].square().sum(..)?), &[x[0].clone()])
        })
    };
    let symbol = Tensor::symbolic_input(Meta::new(DType::F32, [None, Some(3)]), "x");
    assert_eq!(norms(&symbol).unwrap().meta().to_string(), "float32(None,)");
    let looped = |x: &Tensor| -> Result<Tensor> {
        rhyton::operation("looped", &[x], |x| {
            let positive = x[0].sum(..)?.greater(0.0f32)?;
            ops::cond(&positive, || Ok(x[0] * 2.0), || Ok(x[0] * 3.0))
        })
    };
    assert_eq!(looped(&symbol).unwrap().meta().to_string(), "float32(None, 3)");
}

#[test]
fn pictures_of_functions() {
    let (w, b) = (Variable::from([[0.5f32; 4]; 3]), Variable::from([0.1f32; 4]));
    w.set_name("kernel");
    b.set_name("bias");
    let x = [Tensor::from([[1.0f32, 2.0, 3.0]; 2])];
    let dense = |x: &[Tensor]| {
        let tape = GradientTape::new();
        let y = (x[0].matmul(&w.value())? + b.value()).relu();
        let loss = y.square().mean(..)?;
        for (v, g) in [&w, &b].into_iter().zip(tape.gradients(&loss, [&w, &b])?) {
            v.assign_sub(&(g * 0.1))?;
        }
        Ok(vec![loss])
    };
    let looped = |x: &[Tensor]| {
        let positive = x[0].sum(..)?.greater(0.0f32)?;
        let chosen: Tensor = ops::cond(&positive, || Ok(x[0].exp() * 2.0), || Ok(x[0].square()))?;
        ops::fori_loop(0, 20, |_, v| Ok(vec![(&v[0] + &x[0]).tanh() * 0.5]), &[chosen])
    };
    let folder = std::env::var_os("RHYTON_PICTURES").map(std::path::PathBuf::from);
    for (name, f) in [("step", trace(&x, &dense)), ("loop", trace(&x, &looped))] {
        for (kind, d) in [("operations", f.diagram().unwrap()), ("kernels", f.kernel_diagram().unwrap())] {
            let text = d.to_string();
            assert!(text.starts_with(kind), "{text}");
            let plot = rhyton::viz::GraphPlot::new(&d).title(format!("{name}: {kind}"));
            assert!(plot.to_svg().unwrap().contains("input 0"));
            if let Some(folder) = &folder {
                plot.save(folder.join(format!("{name}_{kind}.png"))).unwrap();
                std::fs::write(folder.join(format!("{name}_{kind}.txt")), text).unwrap();
            }
        }
    }
    let text = trace(&x, &looped).diagram().unwrap().to_string();
    for part in ["[switch]", "[case 0]", "[20 rounds]", "tanh: float32(2, 3)"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
