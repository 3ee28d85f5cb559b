//! Discrete Fourier transforms. Complex tensors are pairs of a real and an imaginary part.

use super::linalg::in_real;
use super::{concatenate, flip, multiply, narrow, negative, transpose, weak, zeros};
use crate::dispatch::apply;
use crate::tensor::Tensor;
use rhyton_base::{Error, Result, Shape};
use rhyton_ops::signal::Fft;
use std::sync::Arc;

type Pair = (Tensor, Tensor);

/// The transform of the last axis, not scaled.
pub(super) fn transform(inverse: bool, re: &Tensor, im: &Tensor) -> Result<Pair> {
    let mut out = apply(Arc::new(Fft { inverse }), &[re.clone(), im.clone()])?;
    let im = out.pop().expect("two results");
    Ok((out.pop().expect("two results"), im))
}

fn expect_floats(name: &'static str, re: &Tensor, im: &Tensor) -> Result<()> {
    for x in [re, im] {
        if !x.dtype().is_float() {
            return Err(Error::dtype(format!("expected floats, got {}; cast them", x.dtype())).at(name));
        }
    }
    Ok(())
}

/// The discrete Fourier transform of the last axis: `y[k] = Σₜ x[t] · exp(-2πi·k·t/n)`, for any `n`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let (re, im) = ops::fft(&Tensor::from([1.0f32, 2.0]), &Tensor::from([0.0f32, 1.0])).unwrap();
/// assert_eq!(re.to_vec::<f32>().unwrap(), [3.0, -1.0]);
/// assert_eq!(im.to_vec::<f32>().unwrap(), [1.0, -1.0]);
/// ```
///
/// # Errors
/// Where the parts are not floats of one shape with an axis.
pub fn fft(re: &Tensor, im: &Tensor) -> Result<Pair> {
    expect_floats("fft", re, im)?;
    in_real("fft", &[re, im], |x| transform(false, &x[0], &x[1]))
}

/// The discrete Fourier transform of the last two axes.
///
/// # Errors
/// Where the parts are not floats of one shape with two axes.
pub fn fft2(re: &Tensor, im: &Tensor) -> Result<Pair> {
    expect_floats("fft2", re, im)?;
    in_real("fft2", &[re, im], |x| over_two(false, &x[0], &x[1]))
}

/// The inverse of [`fft2`].
///
/// # Errors
/// Where the parts are not floats of one shape with two axes.
pub fn ifft2(re: &Tensor, im: &Tensor) -> Result<Pair> {
    expect_floats("ifft2", re, im)?;
    in_real("ifft2", &[re, im], |x| {
        let (re, im) = over_two(true, &x[0], &x[1])?;
        let count: usize = re.shape().iter().rev().take(2).product();
        let scale = weak(&re, 1.0 / count.max(1) as f64)?;
        Ok((multiply(&re, &scale)?, multiply(&im, &scale)?))
    })
}

fn over_two(inverse: bool, re: &Tensor, im: &Tensor) -> Result<Pair> {
    let rank = re.rank();
    if rank < 2 {
        let shape = Shape::from(re.shape());
        return Err(Error::shape(format!("expected rank 2 or more, got shape {shape}")));
    }
    let mut order: Vec<isize> = (0..rank as isize).collect();
    order.swap(rank - 1, rank - 2);
    let (re, im) = transform(inverse, re, im)?;
    let turn = |x: &Tensor| transpose(x, Some(&order));
    let (re, im) = transform(inverse, &turn(&re)?, &turn(&im)?)?;
    Ok((turn(&re)?, turn(&im)?))
}

/// The last axis cut off or filled up with zeros to `length`.
fn fitted(x: &Tensor, length: usize) -> Result<Tensor> {
    let size = *x.shape().last().expect("rank 1 or more");
    if length <= size {
        return if length == size { Ok(x.clone()) } else { narrow(x, -1, 0, length) };
    }
    let mut shape = x.shape().to_vec();
    *shape.last_mut().expect("rank 1 or more") = length - size;
    rhyton_base::element_count(&shape)?;
    concatenate(&[x, &zeros(shape, x.dtype())?], -1)
}

/// The length of a transform, given or of the axis.
fn transform_length(given: Option<usize>, x: &Tensor, of_axis: impl Fn(usize) -> usize) -> Result<usize> {
    let Some(&size) = x.shape().last() else {
        return Err(Error::shape("expected rank 1 or more, got a scalar"));
    };
    match given.unwrap_or_else(|| of_axis(size)) {
        0 => Err(Error::value("expected a transform of at least 1 place, got 0")),
        n => Ok(n),
    }
}

/// The first `n / 2 + 1` places of the Fourier transform of a real signal; the others are their conjugates. The last axis
/// is cut off or filled up with zeros to `n = fft_length`, by default its size.
///
/// # Errors
/// Where there is no axis, or it is empty.
pub fn rfft(x: &Tensor, fft_length: Option<usize>) -> Result<Pair> {
    in_real("rfft", &[x], move |x| {
        let n = transform_length(fft_length, &x[0], |size| size)?;
        real_transform(&x[0], n)
    })
}

pub(super) fn real_transform(x: &Tensor, n: usize) -> Result<Pair> {
    let x = fitted(x, n)?;
    let (re, im) = transform(false, &x, &zeros(x.shape(), x.dtype())?)?;
    Ok((narrow(&re, -1, 0, n / 2 + 1)?, narrow(&im, -1, 0, n / 2 + 1)?))
}

/// The real signal of `n = fft_length` places (by default `2 (size - 1)`) whose [`rfft`] this is. The last axis is cut
/// off or filled up with zeros to `n / 2 + 1`. The imaginary parts of the first place and, for even `n`, of the last
/// do not count.
///
/// # Errors
/// Where the parts are not floats of one shape with an axis, or the result is empty.
pub fn irfft(re: &Tensor, im: &Tensor, fft_length: Option<usize>) -> Result<Tensor> {
    expect_floats("irfft", re, im)?;
    in_real("irfft", &[re, im], move |x| {
        let n = transform_length(fft_length, &x[0], |size| 2 * size.saturating_sub(1))?;
        real_inverse(&x[0], &x[1], n)
    })
}

pub(super) fn real_inverse(re: &Tensor, im: &Tensor, n: usize) -> Result<Tensor> {
    if re.shape() != im.shape() {
        return Err(Error::shape(format!(
            "expected real and imaginary parts of one shape, got {} and {}",
            Shape::from(re.shape()),
            Shape::from(im.shape())
        )));
    }
    let half = n / 2 + 1;
    let (re, im) = (fitted(re, half)?, fitted(im, half)?);
    // The places behind the middle are the conjugates of those before it.
    let mirrored = |x: &Tensor| flip(&narrow(x, -1, 1, n.div_ceil(2))?, -1);
    let (whole_re, whole_im) = match n > 2 {
        true => {
            (concatenate(&[&re, &mirrored(&re)?], -1)?, concatenate(&[&im, &negative(&mirrored(&im)?)?], -1)?)
        }
        false => (narrow(&re, -1, 0, n)?, narrow(&im, -1, 0, n)?),
    };
    let (out, _) = transform(true, &whole_re, &whole_im)?;
    multiply(&out, &weak(&out, 1.0 / n as f64)?)
}
