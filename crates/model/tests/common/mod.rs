//! Reading the reference numbers.
#![allow(dead_code)]

pub mod drawn;
pub mod runs;
pub mod saved;
pub mod trial;

use rhyton_io::{Array, Npz};
use rhyton_tensor::{DType, Tensor};
use serde_json::Value;
use std::collections::HashMap;
use std::path::PathBuf;

/// A file of the reference numbers.
pub fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testkit/golden").join(name)
}

pub fn json(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(golden(name)).unwrap()).unwrap()
}

/// All arrays of an npz file.
pub fn arrays(name: &str) -> HashMap<String, Tensor> {
    let all = Npz::open(golden(name)).unwrap().read_all().unwrap();
    all.into_iter().map(|(name, a)| (name, tensor(&a))).collect()
}

pub fn tensor(a: &Array) -> Tensor {
    Tensor::from_bytes(&a.data, a.dtype, &a.shape).unwrap()
}

/// Texts of a JSON list.
pub fn texts(v: &Value) -> Vec<&str> {
    v.as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect()
}

/// The largest `|got - expected| / max(1, |expected|)`.
#[track_caller]
pub fn difference(got: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(got.len(), expected.len());
    let each = got.iter().zip(expected).map(|(g, e)| (g - e).abs() / e.abs().max(1.0));
    each.fold(0.0, |worst, d| if d > worst || d.is_nan() { d } else { worst })
}

#[track_caller]
pub fn close(what: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    let d = difference(got, expected);
    assert!(d <= tolerance, "{what}: differs by {d:e}\n     got {got:?}\nexpected {expected:?}");
}

/// A folder for this test's files, empty.
pub fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("rhyton-model-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Floats in the precision of a run, everything else as it is.
pub fn in_precision(x: &Tensor, dtype: DType) -> Tensor {
    if x.dtype().is_float() { x.cast(dtype) } else { x.clone() }
}
