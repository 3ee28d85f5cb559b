//! Random wrong calls: every one must give a result or an error; none may panic, hang or use memory without bound.

use crate::cases::{Dispatch, Kw, cases_of, inputs_of};
use rhyton::random::Generator;
use rhyton::{DType, Tensor};
use serde_json::{Map, Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Whole numbers that have broken programs before. The large ones are more than any machine has memory for.
const NUMBERS: [i64; 16] = [0, 1, -1, 2, -2, 3, 4, 5, -5, 7, 9, -9, 100, 1 << 44, i64::MAX, i64::MIN];
const FLOATS: [f64; 8] = [0.0, -1.0, 0.5, 2.0, 1e30, -1e30, 1e-30, 1e300];

/// No call on tensors of some dozens of elements may take longer, even on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

fn pick<T: Copy>(g: &mut Generator, from: &[T]) -> T {
    from[(g.uniform() * from.len() as f64) as usize % from.len()]
}

fn chance(g: &mut Generator, p: f64) -> bool {
    g.uniform() < p
}

/// A tensor of a random type and shape, with values in which every type has trouble somewhere.
fn tensor(g: &mut Generator) -> Tensor {
    let rank = pick(g, &[0usize, 1, 1, 2, 2, 3, 3, 4, 5, 6]);
    let shape: Vec<usize> = (0..rank).map(|_| pick(g, &[0usize, 1, 1, 2, 2, 3, 3, 4, 5])).collect();
    let n = shape.iter().product::<usize>();
    let value = |g: &mut Generator| {
        pick(g, &[0.0, 1.0, -1.0, 2.0, 3.0, 0.5, -7.0, 100.0, f64::NAN, f64::INFINITY, 1e20])
    };
    let values: Vec<f64> = (0..n).map(|_| value(g)).collect();
    let dtype = pick(g, &DType::ALL);
    let x = Tensor::from_slice(&values, &shape).expect("a tensor").cast(dtype);
    if rank > 1 && chance(g, 0.3) { rhyton::ops::transpose(&x, None).expect("a view") } else { x }
}

/// Another value of the same kind.
fn mutated(v: &Value, g: &mut Generator) -> Value {
    match v {
        Value::Bool(b) => json!(!b),
        Value::Number(n) if n.is_i64() || n.is_u64() => json!(pick(g, &NUMBERS)),
        Value::Number(_) => json!(pick(g, &FLOATS)),
        Value::String(s) if s.parse::<DType>().is_ok() => json!(pick(g, &DType::ALL).name()),
        Value::String(s) => match pick(g, &[0, 1, 2]) {
            0 => json!(""),
            1 => json!(format!("{s}x")),
            _ => json!(s.chars().rev().collect::<String>()),
        },
        Value::Array(list) => {
            let mut list = list.clone();
            match pick(g, &[0, 1, 2, 2, 2]) {
                0 => {
                    list.pop();
                }
                1 => list.extend(list.first().cloned()),
                _ => {
                    let at = (g.uniform() * list.len() as f64) as usize;
                    if let Some(v) = list.get_mut(at) {
                        *v = mutated(v, g);
                    }
                }
            }
            Value::Array(list)
        }
        other => other.clone(),
    }
}

/// Makes `calls` random calls out of a family's golden cases.
///
/// # Panics
/// With the calls that panicked or took too long.
pub fn run(family: &str, call: Dispatch, calls: usize) {
    let (cases, arrays) = cases_of(family);
    let mut g = Generator::new(7);
    let mut wrong = Vec::new();
    let (mut errors, mut made) = (0, 0);
    while made < calls {
        let case = &cases[(g.uniform() * cases.len() as f64) as usize % cases.len()];
        let op = case["op"].as_str().expect("a name");
        let mut inputs = inputs_of(case, &arrays);
        if inputs.iter().map(Tensor::len).sum::<usize>() > 4096 {
            continue;
        }
        made += 1;
        for x in &mut inputs {
            if chance(&mut g, 0.5) {
                *x = match chance(&mut g, 0.3) {
                    true => x.cast(pick(&mut g, &DType::ALL)),
                    false => tensor(&mut g),
                };
            }
        }
        let mut kw: Map<String, Value> = case["kw"].as_object().cloned().unwrap_or_default();
        for v in kw.values_mut() {
            if chance(&mut g, 0.5) {
                *v = mutated(v, &mut g);
            }
        }
        let shown = || {
            let shapes: Vec<String> = inputs.iter().map(|x| x.meta().to_string()).collect();
            format!("{op}({}; {})", shapes.join(", "), Value::Object(kw.clone()))
        };
        let text = shown();
        let kw = Kw::new(kw);
        let start = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| call(op, &inputs, &kw))) {
            Err(panic) => {
                let why = panic.downcast_ref::<String>().cloned();
                let why = why.or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()));
                wrong.push(format!("{text} panicked: {}", why.unwrap_or_default()));
            }
            Ok(result) => errors += usize::from(result.is_err()),
        }
        if start.elapsed() > LONGEST {
            wrong.push(format!("{text} took {:?}", start.elapsed()));
        }
        if wrong.len() >= 20 {
            break;
        }
    }
    println!("{family}: {made} calls, {errors} errors");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
