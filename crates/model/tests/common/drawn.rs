//! Numbers that are drawn on both sides instead of being stored; see `training_runs.py`.

use rhyton_tensor::{DType, Tensor, ops};
use serde_json::Value;

/// `count` numbers from 0 to below 1: splitmix64.
pub fn uniform(seed: u64, count: usize) -> Vec<f64> {
    let one = |i: u64| {
        let mut z = seed.wrapping_add(i.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / 2f64.powi(53)
    };
    (1..=count as u64).map(one).collect()
}

fn numbers(seed: u64, count: usize, low: f64, high: f64, step: f64) -> Vec<f64> {
    let n = ((high - low) / step).round();
    uniform(seed, count).iter().map(|u| low + step * (u * n).floor()).collect()
}

fn tensor(values: Vec<f64>, shape: &[usize], dtype: DType) -> Tensor {
    ops::cast(&ops::reshape(&Tensor::from(values), shape.to_vec()).unwrap(), dtype).unwrap()
}

/// Whole multiples of `step` from `low` to below `high`.
pub fn draw(seed: u64, shape: &[usize], low: f64, high: f64, step: f64, dtype: DType) -> Tensor {
    tensor(numbers(seed, shape.iter().product(), low, high, step), shape, dtype)
}

/// Up to 8 numbers as they are; of more, their norm, their sum with weights, and six of them.
pub fn digest(v: &[f64]) -> Vec<f64> {
    if v.len() <= 8 {
        return v.to_vec();
    }
    let weights = numbers(99, v.len(), -1.0, 1.0, 1.0 / 1024.0);
    let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
    let sum = v.iter().zip(weights).map(|(x, w)| x * w).sum();
    let places = (0..6).map(|k| v[v.len() * k / 6]);
    [norm, sum].into_iter().chain(places).collect()
}

/// The data that an entry of the JSON file describes.
pub fn realise(spec: &Value, seed: u64, samples: usize, dtype: DType) -> Tensor {
    let mut shape = vec![samples];
    shape.extend(spec["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize));
    let count: usize = shape.iter().product();
    let number = |key: &str| spec[key].as_f64().unwrap();
    let whole = |high: f64| uniform(seed, count).into_iter().map(move |u| (u * high).floor());
    let steps = shape.get(1).copied().unwrap_or(1);
    let cut: Vec<usize> =
        uniform(seed + 1, samples).iter().map(|u| 1 + (u * steps as f64) as usize).collect();
    match spec["kind"].as_str().unwrap() {
        "real" => draw(seed, &shape, number("low"), number("high"), number("step"), dtype),
        "labels" => tensor(whole(number("classes")).collect(), &shape, DType::I32),
        "one_hot" => {
            let labels = tensor(whole(number("classes")).collect(), &shape, DType::I32);
            ops::one_hot(&labels, number("classes") as usize, -1, dtype).unwrap()
        }
        "bits" => tensor(whole(2.0).collect(), &shape, dtype),
        "signs" => tensor(whole(2.0).map(|b| 2.0 * b - 1.0).collect(), &shape, dtype),
        "padded" => {
            let labels = whole(number("classes") - 1.0).enumerate();
            let kept = labels.map(|(i, l)| if i % steps < cut[i / steps] { 1.0 + l } else { 0.0 });
            tensor(kept.collect(), &shape, DType::I32)
        }
        "late" => {
            let width: usize = shape[2..].iter().product();
            let all = numbers(seed, count, -2.0, 2.0, 1.0 / 64.0).into_iter().enumerate();
            let kept = all.map(|(i, x)| {
                let (sample, step) = (i / width / steps, i / width % steps);
                if step >= steps - cut[sample] { x } else { 0.0 }
            });
            tensor(kept.collect(), &shape, dtype)
        }
        other => panic!("{other}"),
    }
}
