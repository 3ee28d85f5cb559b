//! Sequences of numbers: correlation and integration.

use super::norm::correlation_type;
use super::signal::transform;
use super::{
    add, arange, cast, clip, concatenate, divide, expand_dims, flip, matmul, mean, multiply, narrow, reshape,
    sqrt, subtract, sum, take, transpose, weak, zeros,
};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape, did_you_mean, normalize_axis, promote};

/// Products up to which a correlation is summed directly; longer ones go through Fourier transforms.
const DIRECT: usize = 1 << 22;

/// `c[k] = Σₙ x[n + k] · y[n]` of two vectors. Mode `"valid"` (Keras's default) keeps the places where the shorter one
/// lies inside the longer one, `"same"` as many as the longer one has, `"full"` all where they meet.
///
/// The result is a float: of the argument's type, `float64` for `int64`, `float32` for other integers.
///
/// # Errors
/// Where an argument is not a vector or is empty, or the mode is unknown.
pub fn correlate(x: &Tensor, y: &Tensor, mode: &str) -> Result<Tensor> {
    let modes = ["valid", "same", "full"];
    let Some(mode) = modes.into_iter().find(|m| *m == mode) else {
        let hint = did_you_mean(mode, &modes);
        return Err(Error::name(format!("unknown mode {mode:?}{hint}")).at("correlate"));
    };
    operation("correlate", &[x, y], move |x| {
        let dtype = correlation_type(promote(x[0].dtype(), x[1].dtype()));
        for x in x {
            if x.rank() != 1 || x.is_empty() {
                let shape = Shape::from(x.shape());
                return Err(Error::shape(format!("expected vectors that are not empty, got shape {shape}")));
            }
        }
        let (x, y) = (cast(x[0], dtype)?, cast(x[1], dtype)?);
        // With the shorter one first everything runs the other way.
        let swapped = x.len() < y.len();
        let (long, short) = if swapped { (&y, &x) } else { (&x, &y) };
        let (n, m) = (long.len(), short.len());
        let full = match n.saturating_mul(m) <= DIRECT {
            true => directly(long, short)?,
            false => by_transform(long, short)?,
        };
        let full = if swapped { flip(&full, ..)? } else { full };
        match mode {
            "full" => Ok(full),
            "valid" => narrow(&full, 0, m - 1, n),
            _ => {
                let start = if swapped { m - 1 - (m - 1) / 2 } else { (m - 1) / 2 };
                narrow(&full, 0, start, start + n)
            }
        }
    })
}

/// All `n + m - 1` places.
fn directly(long: &Tensor, short: &Tensor) -> Result<Tensor> {
    let (n, m) = (long.len(), short.len());
    let gap = zeros([m - 1], long.dtype())?;
    let padded = concatenate(&[&gap, long, &gap], 0)?;
    let starts = expand_dims(&arange(n + m - 1, DType::I64)?, 1)?;
    let places = add(&starts, &arange(m, DType::I64)?)?;
    matmul(&take(&padded, &places, 0)?, short)
}

fn by_transform(long: &Tensor, short: &Tensor) -> Result<Tensor> {
    let dtype = long.dtype();
    let (n, m) = (long.len(), short.len());
    let size = (n + m - 1).next_power_of_two();
    let spectrum = |x: &Tensor| -> Result<(Tensor, Tensor)> {
        let x = cast(x, DType::F64)?;
        let x = concatenate(&[&x, &zeros([size - x.len()], DType::F64)?], 0)?;
        transform(false, &x, &zeros([size], DType::F64)?)
    };
    // The convolution with the reversed vector.
    let ((a, b), (c, d)) = (spectrum(long)?, spectrum(&flip(short, ..)?)?);
    let re = subtract(&multiply(&a, &c)?, &multiply(&b, &d)?)?;
    let im = add(&multiply(&a, &d)?, &multiply(&b, &c)?)?;
    let (back, _) = transform(true, &re, &im)?;
    let scaled = multiply(&narrow(&back, 0, 0, n + m - 1)?, &weak(&back, 1.0 / size as f64)?)?;
    cast(&scaled, dtype)
}

/// Pearson's correlation coefficients between the rows of a matrix, each a variable. One variable, a vector or a
/// single row, gives a scalar. A variable that does not vary gives NaN.
///
/// The result is a float: of the argument's type, `float64` for `int64`, `float32` for other integers.
///
/// # Errors
/// Where the rank is not 1 or 2.
pub fn corrcoef(x: &Tensor) -> Result<Tensor> {
    operation("corrcoef", &[x], |x| {
        let x = cast(x[0], correlation_type(x[0].dtype()))?;
        if !(1..=2).contains(&x.rank()) {
            let shape = Shape::from(x.shape());
            return Err(Error::shape(format!("expected rank 1 or 2, got shape {shape}")));
        }
        let rows = if x.rank() == 1 { expand_dims(&x, 0)? } else { x };
        let centred = subtract(&rows, &mean(&rows, crate::Axes::from(-1).keepdims())?)?;
        let products = matmul(&centred, &transpose(&centred, None)?)?;
        let spread = sqrt(&sum(&multiply(&centred, &centred)?, -1)?)?;
        let out = divide(&divide(&products, &expand_dims(&spread, 1)?)?, &spread)?;
        let out = clip(&out, -1.0, 1.0)?;
        if out.len() == 1 { reshape(&out, [0usize; 0]) } else { Ok(out) }
    })
}

/// The integral along an axis by the trapezoidal rule: `Σ (y[i] + y[i+1]) / 2 · (x[i+1] - x[i])`. Without `x` the
/// places are `dx` apart; `x` is a vector of the axis's size, or broadcasts to `y`.
///
/// The result is a float; integers are computed in `float32`.
///
/// # Errors
/// Where the axis is not there, or `x` does not fit.
pub fn trapezoid(y: &Tensor, x: Option<&Tensor>, dx: f64, axis: isize) -> Result<Tensor> {
    let inputs: Vec<&Tensor> = [y].into_iter().chain(x).collect();
    operation("trapezoid", &inputs, move |given| {
        let axis = normalize_axis(axis, given[0].rank())? as isize;
        let dtype = given.iter().fold(given[0].dtype().to_float(), |d, t| promote(d, t.dtype().to_float()));
        let y = cast(given[0], dtype)?;
        let n = y.shape()[axis as usize];
        let steps = n.saturating_sub(1);
        let (low, high) = (narrow(&y, axis, 0, steps)?, narrow(&y, axis, n - steps, n)?);
        let middle = multiply(&add(&low, &high)?, &weak(&y, 0.5)?)?;
        let Some(x) = given.get(1) else {
            return sum(&multiply(&middle, &weak(&y, dx)?)?, axis);
        };
        let x = cast(x, dtype)?;
        let x = match x.rank() {
            1 => {
                let mut shape = vec![1; y.rank()];
                shape[axis as usize] = x.len();
                reshape(&x, shape)?
            }
            _ => x,
        };
        let place = axis - y.rank() as isize;
        let along = normalize_axis(place, x.rank())?;
        if x.shape()[along] != n {
            return Err(Error::shape(format!(
                "expected {n} places along the axis, got x of shape {}",
                Shape::from(x.shape())
            )));
        }
        let gaps = subtract(&narrow(&x, place, n - steps, n)?, &narrow(&x, place, 0, steps)?)?;
        sum(&multiply(&middle, &gaps)?, axis)
    })
}
