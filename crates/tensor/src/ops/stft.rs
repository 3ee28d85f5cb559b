//! Short-time Fourier transforms.

use super::linalg::in_real;
use super::signal::{real_inverse, real_transform};
use super::windows::Window;
use super::{
    add, arange, concatenate, divide, expand_dims, multiply, narrow, square, take, weak, r#where, zeros,
};
use crate::dispatch::apply_one;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape, element_count};
use rhyton_ops::index::ScatterAdd;

/// The frames of a short-time Fourier transform: as long as its `sequence_length`, `sequence_stride` apart, each
/// transformed over `fft_length` places.
///
/// ```
/// use rhyton_tensor::ops::{StftFrames, Window};
/// let frames = StftFrames::new(512, 128, 512).window(Window::Hamming).center(false);
/// # let _ = frames;
/// ```
#[derive(Clone, Debug)]
pub struct StftFrames {
    length: usize,
    stride: usize,
    fft: usize,
    window: Window,
    center: bool,
}

impl StftFrames {
    /// Frames under Hann's window, centred: the signal is extended by half a transform at both ends.
    pub fn new(sequence_length: usize, sequence_stride: usize, fft_length: usize) -> StftFrames {
        StftFrames {
            length: sequence_length,
            stride: sequence_stride,
            fft: fft_length,
            window: Window::Hann,
            center: true,
        }
    }

    /// Another window.
    #[must_use]
    pub fn window(self, window: Window) -> StftFrames {
        StftFrames { window, ..self }
    }

    /// Whether the signal is extended by half a transform at both ends.
    #[must_use]
    pub fn center(self, center: bool) -> StftFrames {
        StftFrames { center, ..self }
    }

    fn check(&self) -> Result<()> {
        if self.length == 0 || self.stride == 0 || self.fft < self.length {
            return Err(Error::value(format!(
                "expected 0 < sequence_length <= fft_length and 0 < sequence_stride, got sequence_length {}, \
                 fft_length {}, sequence_stride {}",
                self.length, self.fft, self.stride
            )));
        }
        element_count(&[self.fft, 8])?;
        Ok(())
    }

    /// The window in the middle of a transform's places, zeros around it.
    fn padded_window(&self, given: Option<&Tensor>, dtype: DType) -> Result<Tensor> {
        if matches!(self.window, Window::Rectangular) {
            return super::ones([self.fft], dtype);
        }
        let window = match given {
            Some(w) => super::cast(w, dtype)?,
            None => self.window.of_frame(self.length, dtype)?,
        };
        if window.shape() != [self.length] {
            return Err(Error::shape(format!(
                "expected a window of shape ({},), the sequence_length, got {}",
                self.length,
                Shape::from(window.shape())
            )));
        }
        let before = (self.fft - self.length) / 2;
        let zeros = |n: usize| zeros([n], dtype);
        concatenate(&[&zeros(before)?, &window, &zeros(self.fft - self.length - before)?], 0)
    }

    /// The tensor of a window that is one.
    fn given_window(&self) -> Option<&Tensor> {
        match &self.window {
            Window::Of(w) => Some(w),
            _ => None,
        }
    }

    /// `[frames, fft_length]`: the place in the signal of every place of every frame.
    fn places(&self, frames: usize) -> Result<Tensor> {
        element_count(&[frames, self.fft, 8])?;
        let stride = arange(frames, DType::I64)?;
        let starts = multiply(&expand_dims(&stride, 1)?, &weak(&stride, self.stride as f64)?)?;
        add(&starts, &arange(self.fft, DType::I64)?)
    }
}

fn expect_real(name: &'static str, x: &Tensor) -> Result<()> {
    match x.dtype() {
        DType::F32 | DType::F64 => Ok(()),
        other => Err(Error::dtype(format!("expected float32 or float64, got {other}; cast it")).at(name)),
    }
}

/// The Fourier transforms of short overlapping frames of a signal, `(re, im)`: a signal of shape `[…, n]` gives
/// `[…, frames, fft_length / 2 + 1]`.
///
/// A centred signal is first extended by `fft_length / 2` mirrored places at both ends; then there are
/// `1 + (n - fft_length) / sequence_stride` frames. The window stands in the middle of `fft_length` places.
///
/// # Errors
/// Where the signal is not `float32` or `float64`, or is shorter than a frame or (centred) than half a transform, or the
/// window has another length than a frame.
pub fn stft(x: &Tensor, frames: &StftFrames) -> Result<(Tensor, Tensor)> {
    expect_real("stft", x)?;
    let inputs: Vec<&Tensor> = [x].into_iter().chain(frames.given_window()).collect();
    let spec = frames.clone();
    in_real("stft", &inputs, move |given| {
        spec.check()?;
        let x = match given[0].rank() {
            0 => return Err(Error::shape("expected rank 1 or more, got a scalar")),
            _ if spec.center => mirrored(&given[0], spec.fft / 2)?,
            _ => given[0].clone(),
        };
        let size = x.shape()[x.rank() - 1];
        if size < spec.fft {
            return Err(Error::shape(format!(
                "expected a signal of at least {} places (the fft_length), got {size}",
                spec.fft
            )));
        }
        let window = spec.padded_window(given.get(1), x.dtype())?;
        let count = (size - spec.fft) / spec.stride + 1;
        let framed = take(&x, &spec.places(count)?, -1)?;
        real_transform(&multiply(&framed, &window)?, spec.fft)
    })
}

/// The last axis with `n` mirrored places at both ends; the ends themselves are not repeated.
fn mirrored(x: &Tensor, n: usize) -> Result<Tensor> {
    let size = x.shape()[x.rank() - 1];
    if n >= size {
        return Err(Error::shape(format!(
            "expected a signal of more than {n} places (half the fft_length), to be mirrored at its ends, got {size}; \
             use center(false)"
        )));
    }
    let before = super::flip(&narrow(x, -1, 1, n + 1)?, -1)?;
    let after = super::flip(&narrow(x, -1, size - 1 - n, size - 1)?, -1)?;
    concatenate(&[&before, x, &after], -1)
}

/// The signal of a short-time Fourier transform: frames are transformed back, weighted with the window, added up, and
/// divided by the sum of the squared windows. A centred signal loses `fft_length / 2` places at both ends; `length`
/// cuts it off there.
///
/// With [`Window::Rectangular`] the result is `fft_length / sequence_stride` times the signal, as in Keras.
///
/// # Errors
/// Where the parts are not floats of one shape with two axes, or the window has another length than a frame.
pub fn istft(re: &Tensor, im: &Tensor, frames: &StftFrames, length: Option<usize>) -> Result<Tensor> {
    expect_real("istft", re)?;
    expect_real("istft", im)?;
    let inputs: Vec<&Tensor> = [re, im].into_iter().chain(frames.given_window()).collect();
    let spec = frames.clone();
    in_real("istft", &inputs, move |given| {
        spec.check()?;
        let (re, im) = (&given[0], &given[1]);
        let rank = re.rank();
        if rank < 2 || re.shape()[rank - 2] == 0 {
            let shape = Shape::from(re.shape());
            return Err(Error::shape(format!("expected shape (…, frames, bins) with frames, got {shape}")));
        }
        let count = re.shape()[rank - 2];
        let size = spec.fft.saturating_add((count - 1).saturating_mul(spec.stride));
        element_count(&[size, 8])?;
        let window = spec.padded_window(given.get(2), re.dtype())?;
        let pieces = multiply(&real_inverse(re, im, spec.fft)?, &window)?;
        let places = spec.places(count)?;
        let overlapped = |x: &Tensor, axis: usize| apply_one(ScatterAdd { axis, size }, &[&places, x]);
        let total = overlapped(&pieces, rank - 2)?;
        let weights = super::broadcast_to(&square(&window)?, &[count, spec.fft])?;
        let weights = overlapped(&weights, 0)?;
        let enough = super::greater(&weights, &weak(&weights, 1e-10)?)?;
        let weights = r#where(&enough, &weights, &weak(&weights, 1.0)?)?;
        let mut out = divide(&total, &weights)?;
        if matches!(spec.window, Window::Rectangular) {
            out = multiply(&out, &weak(&out, spec.fft as f64 / spec.stride as f64)?)?;
        }
        let start = if spec.center { spec.fft / 2 } else { 0 };
        let end = match length {
            Some(n) => start.saturating_add(n).min(size),
            None => size - start,
        };
        narrow(&out, -1, start, end.max(start))
    })
}
