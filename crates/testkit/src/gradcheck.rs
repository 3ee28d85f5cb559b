//! Gradients against finite differences.

use rhyton::{GradientTape, Result, Tensor, Unconnected};

/// A function of tensors.
pub type Function<'a> = &'a dyn Fn(&[Tensor]) -> Result<Vec<Tensor>>;

/// Inputs of so many elements at most are differentiated a third time.
const FEW: usize = 6;

/// `Σ w · y` with fixed uneven weights, so that every element counts differently.
fn weighted(y: &Tensor) -> Result<Tensor> {
    let w: Vec<f64> = (0..y.len()).map(|i| 0.5 + ((i * 7 + 3) % 11) as f64 / 11.0).collect();
    (y.cast(rhyton::DType::F64) * Tensor::from_slice(&w, y.shape())?).sum(..)
}

/// One number: of the float results themselves, or of their gradient by one input after the other.
fn number(f: Function, inputs: &[Tensor], path: &[usize]) -> Result<Tensor> {
    if !path.is_empty() {
        return weighted(&gradient(f, inputs, path)?);
    }
    let mut total: Option<Tensor> = None;
    for y in f(inputs)?.iter().filter(|y| y.dtype().is_float()) {
        let part = weighted(y)?;
        total = Some(total.map_or(part.clone(), |t| t + part));
    }
    Ok(total.expect("a float result"))
}

/// The gradient by the last input of a path, of what the path before it gives.
fn gradient(f: Function, inputs: &[Tensor], path: &[usize]) -> Result<Tensor> {
    let (last, before) = path.split_last().expect("an input");
    let tape = GradientTape::new();
    tape.watch(&inputs[*last]);
    let y = number(f, inputs, before)?;
    let by = tape.gradients_of(&y, &[(&inputs[*last]).into()], Unconnected::Zero)?.swap_remove(0);
    Ok(by.expect("zeros at least"))
}

/// Central differences of fourth order.
fn numeric(x: &Tensor, f: impl Fn(Tensor) -> Result<f64>) -> Result<Vec<f64>> {
    const H: f64 = 1e-3;
    let values = x.to_vec::<f64>()?;
    let at = |i: usize, step: f64| {
        let mut moved = values.clone();
        moved[i] += step;
        f(Tensor::from_slice(&moved, x.shape())?)
    };
    (0..values.len())
        .map(|i| Ok((8.0 * (at(i, H)? - at(i, -H)?) - (at(i, 2.0 * H)? - at(i, -2.0 * H)?)) / (12.0 * H)))
        .collect()
}

fn compare(
    f: Function,
    inputs: &[Tensor],
    path: &[usize],
    tolerance: f64,
) -> std::result::Result<(), String> {
    let text = |e: rhyton::Error| e.to_string();
    let (&last, before) = path.split_last().expect("an input");
    let got = gradient(f, inputs, path).and_then(|g| g.to_vec::<f64>()).map_err(text)?;
    let expected = numeric(&inputs[last], |x| {
        let mut moved = inputs.to_vec();
        moved[last] = x;
        number(f, &moved, before)?.item::<f64>()
    });
    for (i, (g, e)) in got.iter().zip(&expected.map_err(text)?).enumerate() {
        if (g - e).abs().partial_cmp(&(tolerance * e.abs().max(1.0))).is_none_or(|o| o.is_gt()) {
            return Err(format!(
                "gradient by inputs {path:?}: element {i}: the tape says {g}, differences {e}"
            ));
        }
    }
    Ok(())
}

/// Checks the gradients by every `float64` input to second order, and to third order by those of few elements.
///
/// # Errors
/// A text that says which gradient is wrong.
pub fn check(f: Function, inputs: &[Tensor]) -> std::result::Result<(), String> {
    let smooth: Vec<usize> = (0..inputs.len()).filter(|&i| inputs[i].dtype() == rhyton::DType::F64).collect();
    for &i in &smooth {
        compare(f, inputs, &[i], 1e-6)?;
        for &j in &smooth {
            compare(f, inputs, &[i, j], 1e-5)?;
        }
        if inputs[i].len() <= FEW {
            compare(f, inputs, &[i, i, i], 1e-4)?;
        }
    }
    Ok(())
}
