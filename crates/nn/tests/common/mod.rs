//! Golden files, tolerances and the default float type, for the tests of this crate.
#![allow(dead_code)] // Each test file uses its part.

use rhyton_io::Npz;
use rhyton_nn::Config;
use rhyton_tensor::{DType, Tensor, ops};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

fn path(name: &str) -> String {
    format!("{}/../testkit/golden/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The facts of a JSON file.
pub fn json(name: &str) -> Value {
    let text = std::fs::read_to_string(path(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The arrays of an `.npz` file.
pub struct Arrays(HashMap<String, Tensor>);

pub fn npz(name: &str) -> Arrays {
    let arrays =
        Npz::open(path(name)).and_then(|mut f| f.read_all()).unwrap_or_else(|e| panic!("{name}: {e}"));
    let tensor = |a: rhyton_io::Array| Tensor::from_bytes(&a.data, a.dtype, &a.shape).unwrap();
    Arrays(arrays.into_iter().map(|(k, a)| (k, tensor(a))).collect())
}

impl Arrays {
    pub fn get(&self, key: &str) -> Tensor {
        self.0.get(key).unwrap_or_else(|| panic!("no array {key:?}")).clone()
    }

    /// An array rounded to a precision if it holds floats.
    pub fn at(&self, key: &str, dtype: DType) -> Tensor {
        let x = self.get(key);
        if x.dtype().is_float() { ops::cast(&x, dtype).unwrap() } else { x }
    }

    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }
}

/// The default float type for as long as this lives; tests that need it wait for each other.
pub struct Floatx(#[allow(dead_code)] MutexGuard<'static, ()>);

pub fn floatx(dtype: DType) -> Floatx {
    static LOCK: Mutex<()> = Mutex::new(());
    let guard = LOCK.lock().unwrap_or_else(|e| e.into_inner());
    rhyton_nn::set_floatx(dtype).unwrap();
    Floatx(guard)
}

impl Drop for Floatx {
    fn drop(&mut self) {
        rhyton_nn::set_floatx(DType::F32).unwrap();
    }
}

/// The name of a precision in the golden files.
pub fn precision(dtype: DType) -> &'static str {
    match dtype {
        DType::F32 => "f32",
        DType::F64 => "f64",
        other => panic!("no golden numbers in {other}"),
    }
}

pub fn text<'a>(facts: &'a Value, key: &str) -> &'a str {
    facts[key].as_str().unwrap_or_else(|| panic!("no text {key:?} in {facts}"))
}

pub fn config(facts: &Value) -> Config {
    facts.as_object().unwrap_or_else(|| panic!("no object: {facts}")).clone()
}

/// Fails where a number is further from the expected one than `relative` times its size plus `absolute`. Numbers at
/// the places in `skip` are passed over. Gives the largest distance in units of that tolerance.
#[track_caller]
pub fn assert_close(
    what: &str,
    got: &Tensor,
    expected: &Tensor,
    relative: f64,
    absolute: f64,
    skip: &[usize],
) -> f64 {
    assert_eq!(got.shape(), expected.shape(), "{what}: shapes");
    let (g, e) = (got.to_f64s().unwrap(), expected.to_f64s().unwrap());
    let mut worst = 0.0f64;
    for i in (0..g.len()).filter(|i| !skip.contains(i)) {
        let (g, e) = (g[i], e[i]);
        if g == e || (g.is_nan() && e.is_nan()) {
            continue;
        }
        let ratio = (g - e).abs() / (relative * e.abs() + absolute);
        assert!(
            ratio <= 1.0,
            "{what}: element {i} is {g:e}, expected {e:e} ({ratio:.3} times the tolerance)"
        );
        worst = worst.max(ratio);
    }
    worst
}
