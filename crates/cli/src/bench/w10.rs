//! W10: single operations on large arrays.

use super::timing::time;
use super::{Cx, Measured, extremes, median};
use rhyton::SeedGenerator;
use rhyton::prelude::*;
use rhyton::random::Generator;
use serde_json::{Map, Value, json};

/// Matrix products, elementwise chains, reductions, softmax, transposition and gathering.
pub fn run(cx: &Cx) -> Result<Vec<Measured>> {
    let seeds = SeedGenerator::new(Some(0));
    let random = |shape: &[usize]| seeds.uniform(shape, 0.0, 1.0, F32);
    let mut figures = Map::new();
    let mut spread = |name: &str, values: Vec<f64>| {
        let (low, high) = extremes(&values);
        figures.insert(name.to_string(), json!([median(&values), low, high]));
    };
    let mut largest = Vec::new();
    for (name, m, k, n) in
        [("128x784x512", 128, 784, 512), ("512", 512, 512, 512), ("2048", 2048, 2048, 2048)]
    {
        let (a, b) = (random(&[m, k])?, random(&[k, n])?);
        let seconds = time(cx, || a.matmul(&b))?;
        let rates: Vec<f64> = seconds.iter().map(|s| 2e-9 * (m * k * n) as f64 / s).collect();
        spread(&format!("matmul_{name}_gflops"), rates.clone());
        largest = rates;
    }
    let x = random(&[10_000_000])?;
    let s = random(&[4096, 1000])?;
    let square = random(&[4096, 4096])?;
    let table = random(&[100_000, 64])?;
    let mut g = Generator::new(1);
    let rows: Vec<i64> = (0..200_000).map(|_| (g.uniform() * 100_000.0) as i64).collect();
    let rows = Tensor::from(&rows[..]);
    let chain = compiled(|x: &[Tensor]| Ok(vec![(&x[0] * 1.5 - 0.25).relu()]));
    let long = compiled(|x: &[Tensor]| {
        let y = (&x[0] * 1.5 - 0.25).relu();
        Ok(vec![(&y * &y + &x[0]).maximum(0.1f32)? * 0.5 + 2.0])
    });
    type Case<'a> = (&'a str, Box<dyn FnMut() -> Result<Tensor> + 'a>);
    let one = [x.clone()];
    let cases: Vec<Case> = vec![
        ("relu_axb_1e7_ms", Box::new(|| Ok(chain.call(&one)?.swap_remove(0)))),
        ("chain_of_8_1e7_ms", Box::new(|| Ok(long.call(&one)?.swap_remove(0)))),
        ("add_1e7_ms", Box::new(|| ops::add(&x, &x))),
        ("exp_1e7_ms", Box::new(|| ops::exp(&x))),
        ("sum_1e7_ms", Box::new(|| x.sum(..))),
        ("sum_rows_4096x4096_ms", Box::new(|| square.sum(0))),
        ("sum_columns_4096x4096_ms", Box::new(|| square.sum(1))),
        ("max_columns_4096x4096_ms", Box::new(|| square.max(1))),
        ("softmax_4096x1000_ms", Box::new(|| s.softmax(-1))),
        ("transpose_4096x4096_ms", Box::new(|| ops::add(&square.t(), &ops::zeros([], F32)?))),
        ("gather_200000x64_ms", Box::new(|| table.take(&rows, 0))),
    ];
    for (name, f) in cases {
        let milliseconds = time(cx, f)?.iter().map(|s| s * 1e3).collect();
        spread(name, milliseconds);
    }
    Ok(vec![Measured {
        workload: "W10",
        metric: "matmul_2048_gflops",
        wall: largest,
        more: json!({ "unit": "GFLOP/s", "better": "higher", "ops": Value::Object(figures) }),
        ..Measured::default()
    }])
}
