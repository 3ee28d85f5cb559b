//! Wrong calls of control flow and of random numbers; those of the other families stand beside their golden cases.

use rhyton::ops::{self, BranchFn};
use rhyton::random::{self, SeedGenerator};
use rhyton::{DType, Function, Meta, Result, Tensor};
use rhyton_testkit::cases::Kw;
use rhyton_testkit::fuzz::{Call, run_on, skipped};
use serde_json::{Value, json};

/// A right call: a name, shapes and types of its tensors, other arguments.
type Right = (&'static str, &'static [(&'static [usize], DType)], Value);

fn call_of((op, inputs, kw): &Right) -> Call {
    let tensor = |(shape, dtype): &(&[usize], DType)| {
        let n: usize = shape.iter().product();
        let values: Vec<f64> = (0..n).map(|i| (i % 3) as f64 / 2.0).collect();
        Tensor::from_slice(&values, shape).unwrap().cast(*dtype)
    };
    Call { op: op.to_string(), inputs: inputs.iter().map(tensor).collect(), kw: kw.clone() }
}

/// A number of rounds that is waited for; more rounds only take long.
fn rounds(kw: &Kw, name: &str) -> Result<Option<usize>> {
    match kw.int(name) {
        Some(n) if !(0..=100).contains(&n) => skipped(),
        n => Ok(n.map(|n| n as usize)),
    }
}

fn control_flow(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let second = |x: &[Tensor]| Ok(x[1..].to_vec());
    match name {
        "cond" => ops::cond(&x[0], || Ok(x[1].clone()), || ops::add(&x[1], &x[2])).map(|y| vec![y]),
        "switch" => {
            let add = |x: &[Tensor]| Ok(vec![ops::add(&x[0], &x[1])?]);
            let first = |x: &[Tensor]| Ok(x[..1].to_vec());
            let branches: [BranchFn; 3] = [&add, &first, &second];
            ops::switch(&x[0], &branches[..kw.int("branches").unwrap().clamp(0, 3) as usize], &x[1..])
        }
        "while_loop" => {
            let limit = Some(rounds(kw, "maximum_iterations")?.unwrap_or(3));
            ops::while_loop(
                |v| ops::less(&v[0], &x[1]),
                |v| Ok(vec![ops::add(&v[0], &x[2])?]),
                &x[..1],
                limit,
            )
        }
        "fori_loop" => {
            let far = |x: &Tensor| x.to_f64s().is_ok_and(|v| v.iter().any(|v| v.abs() > 100.0));
            if far(&x[0]) || far(&x[1]) {
                return skipped();
            }
            ops::fori_loop(&x[0], &x[1], |_, v| Ok(vec![ops::multiply(&v[0], &x[3])?]), &x[2..3])
        }
        "scan" => {
            let step = |c: &[Tensor], x: &[Tensor]| {
                let sum = ops::add(&c[0], x.first().unwrap_or(&c[0]))?;
                Ok((vec![sum.clone()], vec![sum]))
            };
            let (mut c, y) = ops::scan(step, &x[..1], &x[1..], rounds(kw, "length")?, kw.flag("reverse"))?;
            c.extend(y);
            Ok(c)
        }
        "map" => ops::map(|x: &[Tensor]| ops::matmul(&x[0], &x[1]), x).map(|y| vec![y]),
        "vectorized_map" => ops::vectorized_map(|x: &[Tensor]| ops::add(&x[0], &x[1]), x).map(|y| vec![y]),
        "associative_scan" => ops::associative_scan(
            |a, b| Ok(vec![ops::add(&a[0], &b[0])?, ops::multiply(&a[1], &b[1])?]),
            x,
            kw.flag("reverse"),
            kw.int("axis").unwrap(),
        ),
        other => panic!("no function {other}"),
    }
}

/// At once, or written into a function and run.
fn control(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    if !kw.flag("traced") || !x.iter().all(Tensor::has_numbers) {
        return control_flow(name, x, kw);
    }
    let metas: Vec<Meta> = x.iter().map(Tensor::meta).collect();
    let function = Function::trace(&metas, |x| control_flow(name, x, kw))?;
    function.call(&x.iter().collect::<Vec<_>>())
}

#[test]
fn control_flow_refuses_wrong_calls() {
    use DType::{Bool, F32, I32};
    let right: [Right; 9] = [
        ("cond", &[(&[], Bool), (&[2], F32), (&[2], F32)], json!({"traced": true})),
        ("switch", &[(&[], I32), (&[2], F32), (&[2], F32)], json!({"branches": 3, "traced": true})),
        (
            "while_loop",
            &[(&[], F32), (&[], F32), (&[], F32)],
            json!({"maximum_iterations": 5, "traced": true}),
        ),
        ("fori_loop", &[(&[], I32), (&[], I32), (&[2, 3], F32), (&[3], F32)], json!({"traced": true})),
        ("scan", &[(&[3], F32), (&[4, 3], F32)], json!({"length": 4, "reverse": false, "traced": true})),
        ("scan", &[(&[3], F32)], json!({"length": 4, "reverse": true, "traced": false})),
        ("map", &[(&[3, 2, 2], F32), (&[3, 2], F32)], json!({"traced": true})),
        ("vectorized_map", &[(&[3, 2, 2], F32), (&[3, 2], F32)], json!({"traced": false})),
        (
            "associative_scan",
            &[(&[3, 2], F32), (&[3, 1], F32)],
            json!({"reverse": false, "axis": 0, "traced": true}),
        ),
    ];
    run_on("control", right.len(), &|i| call_of(&right[i]), control);
}

fn random_numbers(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let seed = &SeedGenerator::new(Some(1));
    let shape = kw.sizes("shape").unwrap_or_default();
    // Sizes that memory holds easily or never; what lies between only takes long.
    let count = shape.iter().try_fold(1usize, |n, &m| n.checked_mul(m));
    if count.is_some_and(|n| (1 << 16..1 << 40).contains(&n)) {
        return skipped();
    }
    let (a, b) = (kw.float("a").unwrap_or(0.0), kw.float("b").unwrap_or(1.0));
    let whole = |name: &str| kw.int(name).unwrap_or(0);
    let dtype = kw.dtype("dtype").unwrap_or(DType::F32);
    let y = match name {
        "uniform" => random::uniform(shape, a, b, dtype, seed),
        "normal" => random::normal(shape, a, b, dtype, seed),
        "truncated_normal" => random::truncated_normal(shape, a, b, dtype, seed),
        "randint" => random::randint(shape, whole("low") as i64, whole("high") as i64, dtype, seed),
        "categorical" => random::categorical(&x[0], whole("samples") as usize, dtype, seed),
        "dropout" => {
            let noise =
                kw.ints("noise").map(|n| n.iter().map(|&n| usize::try_from(n).ok()).collect::<Vec<_>>());
            random::dropout(&x[0], kw.float("rate").unwrap_or(0.0), noise.as_deref(), seed)
        }
        "shuffle" => random::shuffle(&x[0], whole("axis"), seed),
        "gamma" => random::gamma(shape, &x[0], dtype, seed),
        "beta" => random::beta(shape, &x[0], &x[1], dtype, seed),
        "binomial" => random::binomial(shape, &x[0], &x[1], dtype, seed),
        other => panic!("no function {other}"),
    };
    Ok(vec![y?])
}

#[test]
fn random_numbers_refuse_wrong_calls() {
    use DType::F32;
    let right: [Right; 10] = [
        ("uniform", &[], json!({"shape": [2, 3], "a": 0.0, "b": 1.0, "dtype": "float32"})),
        ("normal", &[], json!({"shape": [2, 3], "a": 0.0, "b": 1.0, "dtype": "float64"})),
        ("truncated_normal", &[], json!({"shape": [4], "a": 0.0, "b": 1.0, "dtype": "float32"})),
        ("randint", &[], json!({"shape": [4], "low": 0, "high": 9, "dtype": "int32"})),
        ("categorical", &[(&[2, 3], F32)], json!({"samples": 4, "dtype": "int64"})),
        ("dropout", &[(&[2, 3], F32)], json!({"rate": 0.5, "noise": [2, 1]})),
        ("shuffle", &[(&[2, 3], F32)], json!({"axis": 1})),
        ("gamma", &[(&[3], F32)], json!({"shape": [2, 3], "dtype": "float32"})),
        ("beta", &[(&[3], F32), (&[], F32)], json!({"shape": [2, 3], "dtype": "float32"})),
        ("binomial", &[(&[3], F32), (&[], F32)], json!({"shape": [2, 3], "dtype": "float32"})),
    ];
    run_on("random", right.len(), &|i| call_of(&right[i]), random_numbers);
}
