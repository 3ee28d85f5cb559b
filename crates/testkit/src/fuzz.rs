//! Random wrong calls: every one must be refused with an error; none may panic, hang or use memory out of proportion.
//!
//! A call starts from one that is right, and gets other ranks, shapes, element types, numbers and texts. Some of these
//! calls are right too: they only count where the function refuses them.

use crate::cases::{Dispatch, Kw, cases_of, inputs_of};
use peak_alloc::PeakAlloc;
use rhyton::random::Generator;
use rhyton::{DType, Error, Meta, Result, Tensor};
use serde_json::{Map, Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// How many wrong calls of each family are made.
const WRONG: [(&str, usize); 13] = [
    ("control", 4_000),
    ("conv", 8_000),
    ("creation", 8_000),
    ("elementwise", 12_000),
    ("image", 8_000),
    ("index", 10_000),
    ("linalg", 8_000),
    ("nn", 8_000),
    ("random", 4_000),
    ("reduction", 12_000),
    ("shape", 10_000),
    ("signal", 8_000),
    ("sort", 10_000),
];

const fn total() -> usize {
    let (mut sum, mut i) = (0, 0);
    while i < WRONG.len() {
        sum += WRONG[i].1;
        i += 1;
    }
    sum
}
const _: () = assert!(total() > 100_000, "the wrong calls of all families are more than 100,000");

/// Whole numbers that have broken programs before. The large ones are more than any machine has memory for.
const NUMBERS: [i64; 16] = [0, 1, -1, 2, -2, 3, 4, 5, -5, 7, 9, -9, 100, 1 << 44, i64::MAX, i64::MIN];
const FLOATS: [f64; 8] = [0.0, -1.0, 0.5, 2.0, 1e30, -1e30, 1e-30, 1e300];

/// No call on tensors of some dozens of elements may take longer, even on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

/// What a call may use at once beside its arguments and results, each of which it may hold several times over. Other
/// tests run at the same time.
const ROOM: usize = 16 << 20;
const TIMES: usize = 32;

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

/// A symbolic tensor like a given one, some of its dimensions unknown.
fn symbol(x: &Tensor, g: &mut Generator) -> Tensor {
    let dims: Vec<Option<usize>> = x.shape().iter().map(|&n| (!chance(g, 0.3)).then_some(n)).collect();
    Tensor::symbolic_input(Meta::new(x.dtype(), dims), "x")
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

const SKIPPED: &str = "a call that a test does not make";

/// What a test gives for a call that it does not make, because it is right and only takes long, or because the types of
/// its arguments do not let it be written. It counts for nothing.
pub fn skipped<T>() -> Result<T> {
    Err(Error::value(SKIPPED))
}

/// A call that is right.
pub struct Call {
    /// The function.
    pub op: String,
    /// Its tensors.
    pub inputs: Vec<Tensor>,
    /// Its other arguments, an object.
    pub kw: Value,
}

/// Makes wrong calls out of a family's golden cases.
///
/// # Panics
/// With the calls that panicked, took too long or used too much memory.
pub fn run(family: &str, call: Dispatch) {
    let (cases, arrays) = cases_of(family);
    let small = |case: &&Value| inputs_of(case, &arrays).iter().map(Tensor::len).sum::<usize>() <= 4096;
    let cases: Vec<&Value> = cases.iter().filter(small).collect();
    let right = |i: usize| Call {
        op: cases[i]["op"].as_str().expect("a name").into(),
        inputs: inputs_of(cases[i], &arrays),
        kw: cases[i]["kw"].clone(),
    };
    run_on(family, cases.len(), &right, call);
}

/// Makes wrong calls out of `count` right ones.
///
/// # Panics
/// As [`run`].
pub fn run_on(family: &str, count: usize, right: &dyn Fn(usize) -> Call, call: Dispatch) {
    let (_, wanted) = WRONG.iter().find(|(name, _)| *name == family).expect("a family in the list");
    let mut g = Generator::new(7);
    let mut wrong = Vec::new();
    let (mut refused, mut made, mut most) = (0, 0, 0);
    while refused < *wanted {
        assert!(made < 100 * wanted, "{family}: only {refused} of {made} calls are refused");
        made += 1;
        let Call { op, mut inputs, kw } = right(g.below(count));
        spoil(&mut inputs, &mut g);
        if chance(&mut g, 0.1) {
            inputs = inputs.iter().map(|x| symbol(x, &mut g)).collect();
        }
        let mut kw: Map<String, Value> = kw.as_object().cloned().unwrap_or_default();
        for v in kw.values_mut() {
            if chance(&mut g, 0.5) {
                *v = mutated(v, &mut g);
            }
        }
        let shapes: Vec<String> = inputs.iter().map(|x| x.meta().to_string()).collect();
        let text = format!("{op}({}; {})", shapes.join(", "), Value::Object(kw.clone()));
        let kw = Kw::new(kw);
        let start = Instant::now();
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let outcome = catch_unwind(AssertUnwindSafe(|| call(&op, &inputs, &kw)));
        let used = MEMORY.peak_usage().saturating_sub(before);
        let held = |x: &&Tensor| x.has_numbers();
        let bytes = |x: &[Tensor]| x.iter().filter(held).map(Tensor::nbytes).sum::<usize>();
        let mut size = bytes(&inputs);
        match outcome {
            Err(panic) => {
                let why = panic.downcast_ref::<String>().cloned();
                let why = why.or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()));
                wrong.push(format!("{text} panicked: {}", why.unwrap_or_default()));
            }
            Ok(Err(e)) => refused += usize::from(e.message() != SKIPPED),
            Ok(Ok(results)) => size += bytes(&results),
        }
        most = most.max(used.saturating_sub(TIMES * size));
        if used > ROOM + TIMES * size {
            wrong.push(format!("{text} used {used} bytes"));
        }
        if start.elapsed() > LONGEST {
            wrong.push(format!("{text} took {:?}", start.elapsed()));
        }
        if wrong.len() >= 20 {
            break;
        }
    }
    println!("{family}: {refused} of {made} calls were refused, at most {most} bytes beyond proportion");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Puts other tensors in the place of some.
fn spoil(inputs: &mut [Tensor], g: &mut Generator) {
    for x in inputs {
        if chance(g, 0.5) {
            *x = if chance(g, 0.3) { x.cast(pick(g, &DType::ALL)) } else { tensor(g) };
        }
    }
}
