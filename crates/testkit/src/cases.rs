//! Golden cases of functions: read from `golden/ops`, run eagerly, compiled, symbolically and with gradients.
//!
//! The form of the files is described in `golden/ops/cases.py`.

use crate::{coverage, gradcheck};
use rhyton::io::Npz;
use rhyton::{DType, Function, Meta, Result, Tensor, every};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::path::PathBuf;

/// The keyword arguments of a case.
pub struct Kw(Map<String, Value>);

impl Kw {
    /// From an object of JSON.
    pub fn new(arguments: Map<String, Value>) -> Kw {
        Kw(arguments)
    }

    /// Whether the argument is given and not null.
    pub fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|v| !v.is_null())
    }

    /// The raw argument.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|v| !v.is_null())
    }

    /// A whole number.
    pub fn int(&self, name: &str) -> Option<isize> {
        self.get(name).map(|v| v.as_i64().expect("a whole number") as isize)
    }

    /// A number.
    pub fn float(&self, name: &str) -> Option<f64> {
        self.get(name).map(|v| match v.as_str() {
            Some(text) => text.parse().expect("a number"),
            None => v.as_f64().expect("a number"),
        })
    }

    /// A truth value; false where it is not given.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| v.as_bool().expect("true or false"))
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|v| v.as_str().expect("a text"))
    }

    /// Whole numbers.
    pub fn ints(&self, name: &str) -> Option<Vec<isize>> {
        let list = self.get(name)?.as_array()?;
        Some(list.iter().map(|v| v.as_i64().expect("whole numbers") as isize).collect())
    }

    /// Sizes.
    pub fn sizes(&self, name: &str) -> Option<Vec<usize>> {
        Some(self.ints(name)?.into_iter().map(|n| n as usize).collect())
    }

    /// An element type.
    pub fn dtype(&self, name: &str) -> Option<DType> {
        self.text(name).map(|t| t.parse().expect("an element type"))
    }
}

/// Calls the function of a name.
pub type Dispatch = fn(&str, &[Tensor], &Kw) -> Result<Vec<Tensor>>;

pub(crate) struct Entry {
    pub key: String,
    pub dtype: DType,
    view: Option<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/ops")
}

pub(crate) fn entries(v: &Value) -> Vec<Entry> {
    let entry = |v: &Value| Entry {
        key: v["a"].as_str().expect("a key").into(),
        dtype: v["dtype"].as_str().expect("a type").parse().expect("an element type"),
        view: v["view"].as_str().map(Into::into),
    };
    v.as_array().expect("a list").iter().map(entry).collect()
}

fn tensor(e: &Entry, arrays: &Arrays) -> Tensor {
    let a = &arrays[&e.key];
    let x = Tensor::from_bytes(&a.data, e.dtype, &a.shape).expect("a stored array");
    let all = |step: isize| -> Vec<rhyton::TensorIndex> { vec![every(.., step).into(); x.rank()] };
    match e.view.as_deref() {
        None => x,
        Some("transposed") => rhyton::ops::transpose(&x, None).unwrap(),
        Some("reversed") => x.i(all(-1)).unwrap(),
        Some("strided") => x.i(all(2)).unwrap(),
        Some(other) => panic!("a view called {other}"),
    }
}

/// The place of a float among all floats of its type, so that neighbours differ by 1.
fn ordinal(x: f64, dtype: DType) -> i64 {
    let bits = match dtype {
        DType::F64 => x.to_bits() as i64,
        DType::F32 => i64::from((x as f32).to_bits() as i32),
        DType::F16 => i64::from(rhyton::f16::from_f64(x).to_bits() as i16),
        _ => i64::from(rhyton::bf16::from_f64(x).to_bits() as i16),
    };
    let lowest = match dtype {
        DType::F64 => i64::MIN,
        DType::F32 => i64::from(i32::MIN),
        _ => i64::from(i16::MIN),
    };
    if bits < 0 { lowest.wrapping_sub(bits) } else { bits }
}

fn differs(got: &Tensor, want: &Tensor, tolerance: &Value) -> Option<String> {
    if got.dtype() != want.dtype() || got.shape() != want.shape() {
        return Some(format!("got {}, expected {}", got.meta(), want.meta()));
    }
    let dtype = got.dtype();
    if !dtype.is_float() {
        let same = got.to_bytes().unwrap() == want.to_bytes().unwrap();
        return (!same).then(|| format!("got {got}, expected {want}"));
    }
    let (g, w) = (got.to_f64s().unwrap(), want.to_f64s().unwrap());
    for (i, (&g, &w)) in g.iter().zip(&w).enumerate() {
        let good = g == w || (g.is_nan() && w.is_nan()) || {
            match tolerance.as_str() {
                Some("exact") => false,
                Some(text) => {
                    let n: i64 = text.strip_prefix("ulps:").expect("exact or ulps:N").parse().unwrap();
                    g.is_finite()
                        && w.is_finite()
                        && ordinal(g, dtype).abs_diff(ordinal(w, dtype)) <= n as u64
                }
                None => (g - w).abs() <= tolerance.as_f64().unwrap() * w.abs().max(1.0),
            }
        };
        if !good {
            return Some(format!("element {i}: got {g:e}, expected {w:e}"));
        }
    }
    None
}

/// An equal tensor whose elements lie in memory from the last to the first, axes in reverse order.
fn turned(x: &Tensor) -> Tensor {
    let back = |x: &Tensor| {
        let reversed: Vec<rhyton::TensorIndex> = vec![every(.., -1).into(); x.rank()];
        x.i(reversed).expect("a view").t()
    };
    let there = back(x);
    let copy = Tensor::from_bytes(&there.to_bytes().expect("numbers"), x.dtype(), there.shape());
    back(&copy.expect("a copy"))
}

fn check(case: &Value, arrays: &Arrays, call: Dispatch) -> std::result::Result<(), String> {
    let op = case["op"].as_str().expect("a name");
    let kw = Kw(case["kw"].as_object().cloned().unwrap_or_default());
    let inputs = inputs_of(case, arrays);
    let want: Vec<Tensor> = entries(&case["out"]).iter().map(|e| tensor(e, arrays)).collect();
    let text = |e: rhyton::Error| e.to_string();
    let got = call(op, &inputs, &kw).map_err(text)?;
    if got.len() != want.len() {
        return Err(format!("{} results, expected {}", got.len(), want.len()));
    }
    for (i, (g, w)) in got.iter().zip(&want).enumerate() {
        if let Some(why) = differs(g, w, &case["tolerance"]) {
            return Err(format!("result {i}: {why}"));
        }
    }
    // The same numbers in another layout, and under a tape that watches, give the same bits.
    let turned: Vec<Tensor> = inputs.iter().map(turned).collect();
    let tape = rhyton::GradientTape::new();
    inputs.iter().filter(|x| x.dtype().is_float()).for_each(|x| tape.watch(x));
    let ways = [("with other layouts", call(op, &turned, &kw)), ("on a tape", call(op, &inputs, &kw))];
    drop(tape);
    for (way, results) in ways {
        for (i, (r, g)) in results.map_err(|e| format!("{way}: {e}"))?.iter().zip(&got).enumerate() {
            if let Some(why) = differs(r, g, &Value::from("exact")) {
                return Err(format!("{way}: result {i}: {why}"));
            }
        }
    }
    let metas: Vec<Meta> = inputs.iter().map(Tensor::meta).collect();
    let checks = case["checks"].as_str().unwrap_or("");
    if checks.contains('c') {
        let function = Function::trace(&metas, |x| call(op, x, &kw)).map_err(|e| format!("traced: {e}"))?;
        let compiled =
            function.call(&inputs.iter().collect::<Vec<_>>()).map_err(|e| format!("compiled: {e}"))?;
        for (i, (c, g)) in compiled.iter().zip(&got).enumerate() {
            if let Some(why) = differs(c, g, &Value::from("exact")) {
                return Err(format!("compiled result {i} differs from eager: {why}"));
            }
        }
    }
    if checks.contains('s') && !inputs.is_empty() {
        let symbols: Vec<Tensor> = metas.iter().map(|m| Tensor::symbolic_input(m.clone(), "x")).collect();
        let predicted = call(op, &symbols, &kw).map_err(|e| format!("symbolic: {e}"))?;
        for (p, g) in predicted.iter().zip(&got) {
            if p.meta() != g.meta() {
                return Err(format!("symbolic: predicted {}, got {}", p.meta(), g.meta()));
            }
        }
    }
    if checks.contains('g') {
        let smooth: Vec<Tensor> = inputs
            .iter()
            .map(|x| if x.dtype().is_float() { x.cast(DType::F64) } else { x.clone() })
            .collect();
        gradcheck::check(&|x| call(op, x, &kw), &smooth)?;
    }
    Ok(())
}

/// Arrays by their keys.
pub type Arrays = HashMap<String, rhyton::io::Array>;

/// The cases and the arrays of a family.
///
/// # Panics
/// If the files are not there or broken.
pub fn cases_of(family: &str) -> (Vec<Value>, Arrays) {
    let text = std::fs::read_to_string(folder().join(format!("{family}.json"))).expect("the cases");
    let npz =
        Npz::open(folder().join(format!("{family}.npz"))).expect("the arrays").read_all().expect("arrays");
    (serde_json::from_str(&text).expect("JSON"), npz.into_iter().collect())
}

/// The inputs of a case.
pub fn inputs_of(case: &Value, arrays: &Arrays) -> Vec<Tensor> {
    entries(&case["in"]).iter().map(|e| tensor(e, arrays)).collect()
}

/// Runs all cases of a family.
///
/// # Panics
/// With a list of the cases that fail.
pub fn run(family: &str, call: Dispatch) {
    let (cases, arrays) = cases_of(family);
    let mut wrong: Vec<String> = Vec::new();
    for case in &cases {
        if let Err(why) = check(case, &arrays, call) {
            let shapes: Vec<String> = entries(&case["in"])
                .iter()
                .map(|e| format!("{}{:?}{}", e.dtype, arrays[&e.key].shape, e.view.as_deref().unwrap_or("")))
                .collect();
            let of = shapes.join(", ");
            wrong.push(format!("{}({of}; {}): {why}", case["op"].as_str().unwrap_or("?"), case["kw"]));
        }
    }
    wrong.extend(coverage::gaps(&cases, &arrays, call));
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {} cases fail:\n{shown}", wrong.len(), cases.len());
}
