//! Blur and edges.

use crate::ops::spatial::{DataFormat, channels_back, channels_last, listed, on_batch};
use crate::ops::{ConvOptions, Padding, broadcast_to, cast, depthwise_conv, stack};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape, promote};

/// `exp(-(i - (size - 1) / 2)² / (2 sigma²))` for `i` in `0..size`, divided by the sum.
pub(super) fn gaussian(size: usize, sigma: f64) -> Result<Vec<f64>> {
    let middle = (size as f64 - 1.0) / 2.0;
    let mut weights = listed(size, |i| (-0.5 * ((i as f64 - middle) / sigma).powi(2)).exp())?;
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|w| *w /= total);
    Ok(weights)
}

pub(super) fn check_kernel(size: usize, sigma: f64) -> Result<()> {
    if size == 0 || sigma.is_nan() || sigma <= 0.0 {
        return Err(Error::value(format!(
            "expected a kernel size of 1 or more and a positive sigma, got {size} and {sigma}"
        )));
    }
    Ok(())
}

/// One filter for each channel, the same for all.
fn each_channel(x: &Tensor, kernel: &Tensor) -> Result<Tensor> {
    let (height, width) = (kernel.shape()[0], kernel.shape()[1]);
    let channels = x.shape()[3];
    let kernel = cast(kernel, x.dtype())?;
    let kernel =
        broadcast_to(&crate::ops::reshape(&kernel, [height, width, 1, 1])?, &[height, width, channels, 1])?;
    depthwise_conv(x, &kernel, ConvOptions::new().padding(Padding::Same))
}

/// Images blurred with a Gaussian kernel, in their own type; outside of them stand zeros.
///
/// `kernel_size` and `sigma` are along the width first and then along the height, as in Keras (whose documentation has
/// them the other way round). Keras's defaults are `[3, 3]` and `[1.0, 1.0]`.
///
/// # Errors
/// Where the rank is not 3 or 4, the type is not a float, a size is 0 or a sigma not positive.
pub fn gaussian_blur(
    images: &Tensor,
    kernel_size: [usize; 2],
    sigma: [f64; 2],
    data_format: DataFormat,
) -> Result<Tensor> {
    operation("gaussian_blur", &[images], move |x| {
        if !x[0].dtype().is_float() {
            return Err(Error::dtype(format!(
                "expected a float type, got {}; cast to float32",
                x[0].dtype()
            )));
        }
        check_kernel(kernel_size[0], sigma[0])?;
        check_kernel(kernel_size[1], sigma[1])?;
        let [across, down] = [gaussian(kernel_size[0], sigma[0])?, gaussian(kernel_size[1], sigma[1])?];
        let across = Tensor::from_slice(&across, [1, kernel_size[0]])?;
        let down = Tensor::from_slice(&down, [kernel_size[1], 1])?;
        // A Gaussian kernel is the product of one down and one across.
        let blur = |x: &Tensor| each_channel(&each_channel(x, &down)?, &across);
        let dtype = x[0].dtype();
        let wide = cast(x[0], promote(dtype, DType::F32))?;
        cast(&on_batch(&wide, data_format, blur)?, dtype)
    })
}

/// The Sobel operator's `[dy, dx]` for a batch of images, along a new last axis; outside of the images stand zeros.
///
/// # Errors
/// Where the rank is not 4 or the type has no sign.
pub fn sobel_edges(images: &Tensor, data_format: DataFormat) -> Result<Tensor> {
    operation("sobel_edges", &[images], move |x| {
        if x[0].rank() != 4 {
            return Err(Error::shape(format!(
                "expected a batch of images (rank 4), got shape {}",
                Shape::from(x[0].shape())
            )));
        }
        let dtype = x[0].dtype();
        if dtype == DType::Bool || dtype.is_unsigned() {
            return Err(Error::dtype(format!(
                "expected numbers with a sign, as edges have one, got {dtype}; cast to float32 first"
            )));
        }
        let batch = channels_last(x[0], data_format)?;
        let dy = Tensor::from([[-1.0f32, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]]);
        let edge = |kernel: &Tensor| channels_back(&each_channel(&batch, kernel)?, data_format);
        stack(&[&edge(&dy)?, &edge(&dy.t())?], -1)
    })
}
