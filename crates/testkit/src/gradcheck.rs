//! Gradients against finite differences.

use rhyton::{GradientTape, Result, Tensor, Unconnected};

/// A function of tensors.
pub type Function<'a> = &'a dyn Fn(&[Tensor]) -> Result<Vec<Tensor>>;

/// `Σ w · y` over all float results with fixed uneven weights, so that every element counts differently.
fn weighted(f: Function, inputs: &[Tensor]) -> Result<Option<Tensor>> {
    let mut total: Option<Tensor> = None;
    for y in f(inputs)?.iter().filter(|y| y.dtype().is_float()) {
        let w: Vec<f64> = (0..y.len()).map(|i| 0.5 + ((i * 7 + 3) % 11) as f64 / 11.0).collect();
        let part = (y.cast(rhyton::DType::F64) * Tensor::from_slice(&w, y.shape())?).sum(..)?;
        total = Some(match total {
            Some(t) => t + part,
            None => part,
        });
    }
    Ok(total)
}

fn gradient(f: Function, inputs: &[Tensor], i: usize) -> Result<Tensor> {
    let tape = GradientTape::new();
    tape.watch(&inputs[i]);
    let y = weighted(f, inputs)?.expect("a float result");
    Ok(tape
        .gradients_of(&y, &[(&inputs[i]).into()], Unconnected::Zero)?
        .swap_remove(0)
        .expect("zeros at least"))
}

fn with(inputs: &[Tensor], which: usize, x: Tensor) -> Vec<Tensor> {
    let mut all = inputs.to_vec();
    all[which] = x;
    all
}

/// Central differences of fourth order.
fn numeric(x: &Tensor, f: impl Fn(Tensor) -> Result<f64>) -> Result<Vec<f64>> {
    const H: f64 = 1e-3;
    let values = x.to_vec::<f64>()?;
    let at = |i: usize, d: f64| {
        let mut v = values.clone();
        v[i] += d;
        f(Tensor::from_slice(&v, x.shape())?)
    };
    (0..values.len())
        .map(|i| Ok((8.0 * (at(i, H)? - at(i, -H)?) - (at(i, 2.0 * H)? - at(i, -2.0 * H)?)) / (12.0 * H)))
        .collect()
}

fn compare(what: &str, got: &Tensor, expected: &[f64], tolerance: f64) -> std::result::Result<(), String> {
    let got = got.to_vec::<f64>().map_err(|e| e.to_string())?;
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        if (g - e).abs().partial_cmp(&(tolerance * e.abs().max(1.0))).is_none_or(|o| o.is_gt()) {
            return Err(format!("{what}: element {i}: the tape says {g}, differences {e}"));
        }
    }
    Ok(())
}

/// Checks the gradients by every `float64` input to second order.
///
/// # Errors
/// A text that says which gradient is wrong.
pub fn check(f: Function, inputs: &[Tensor]) -> std::result::Result<(), String> {
    let text = |e: rhyton::Error| e.to_string();
    let smooth: Vec<usize> = (0..inputs.len()).filter(|&i| inputs[i].dtype() == rhyton::DType::F64).collect();
    for &i in &smooth {
        let first = gradient(f, inputs, i).map_err(text)?;
        let by_difference =
            numeric(&inputs[i], |x| weighted(f, &with(inputs, i, x))?.expect("a float result").item::<f64>());
        compare(&format!("gradient by input {i}"), &first, &by_difference.map_err(text)?, 1e-6)?;
        for &j in &smooth {
            let uneven = |inputs: &[Tensor]| -> Result<Tensor> {
                let g = gradient(f, inputs, i)?;
                let w: Vec<f64> = (0..g.len()).map(|k| 1.0 + (k % 5) as f64 / 3.0).collect();
                (&g * Tensor::from_slice(&w, g.shape())?).sum(..)
            };
            let outer = GradientTape::new();
            outer.watch(&inputs[j]);
            let target = uneven(inputs).map_err(text)?;
            let second =
                outer.gradients_of(&target, &[(&inputs[j]).into()], Unconnected::Zero).map_err(text)?;
            let by_difference = numeric(&inputs[j], |x| uneven(&with(inputs, j, x))?.item::<f64>());
            let what = format!("gradient by input {i}, then {j}");
            let second = second[0].as_ref().expect("zeros at least");
            compare(&what, second, &by_difference.map_err(text)?, 1e-5)?;
        }
    }
    Ok(())
}
