//! How alike two images look.

use super::filters::{check_kernel, gaussian};
use super::resize::setters;
use crate::ops::spatial::{DataFormat, channels_last, check_images};
use crate::ops::{
    ConvOptions, add, cast, conv, divide, expand_dims, mean, multiply, reshape, squeeze, subtract, transpose,
    weak,
};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Error, Result, Shape};

/// What [`ssim`] compares by. Defaults: numbers up to 1, a Gaussian filter of size 11 and sigma 1.5, `k1 = 0.01`,
/// `k2 = 0.03`, channels last.
#[derive(Clone, Copy, Debug)]
pub struct SsimOptions {
    max_val: f64,
    filter_size: usize,
    filter_sigma: f64,
    k1: f64,
    k2: f64,
    data_format: DataFormat,
}

impl Default for SsimOptions {
    fn default() -> SsimOptions {
        SsimOptions {
            max_val: 1.0,
            filter_size: 11,
            filter_sigma: 1.5,
            k1: 0.01,
            k2: 0.03,
            data_format: DataFormat::ChannelsLast,
        }
    }
}

impl SsimOptions {
    /// The defaults.
    pub fn new() -> SsimOptions {
        SsimOptions::default()
    }

    setters! { SsimOptions:
        /// The largest number that images may hold: 255 for those of bytes.
        max_val f64;
        /// The size of the filter.
        filter_size usize;
        /// The standard deviation of the filter.
        filter_sigma f64;
        /// Keeps the comparison of brightness stable.
        k1 f64;
        /// Keeps the comparison of contrast stable.
        k2 f64;
        /// Where the channels stand.
        data_format DataFormat;
    }
}

/// The structural similarity of images: 1 for equal ones, and less the more brightness, contrast and structure differ.
///
/// With local means `m`, variances `v` and the covariance `c` under a Gaussian filter, it is the mean over all places and
/// channels of `(2 m1 m2 + (k1 L)²) (2 c + (k2 L)²) / ((m1² + m2² + (k1 L)²) (v1 + v2 + (k2 L)²))`, where `L` is the
/// largest number. One number for each image, in the type of the first.
///
/// Source: Wang, Bovik, Sheikh and Simoncelli 2004, "Image quality assessment".
///
/// # Errors
/// Where shapes differ, the rank is not 3 or 4, or the filter is larger than the images.
pub fn ssim(image1: &Tensor, image2: &Tensor, options: SsimOptions) -> Result<Tensor> {
    operation("ssim", &[image1, image2], move |x| {
        let o = options;
        check_images(x[0])?;
        check_kernel(o.filter_size, o.filter_sigma)?;
        if x[0].shape() != x[1].shape() {
            return Err(Error::shape(format!(
                "expected images of one shape, got {} and {}",
                Shape::from(x[0].shape()),
                Shape::from(x[1].shape())
            )));
        }
        let dtype = x[0].dtype().to_float();
        let single = x[0].rank() == 3;
        let prepared = |x: &Tensor| {
            let x = cast(x, dtype)?;
            let x = channels_last(&if single { expand_dims(&x, 0)? } else { x }, o.data_format)?;
            let (batch, height, width, channels) = (x.shape()[0], x.shape()[1], x.shape()[2], x.shape()[3]);
            let shape = (batch, height, width, channels);
            // Each channel is an image of its own.
            let x = reshape(&transpose(&x, Some(&[0, 3, 1, 2]))?, [batch * channels, height, width, 1])?;
            Ok::<_, Error>((x, shape))
        };
        let ((a, (batch, height, width, channels)), (b, _)) = (prepared(x[0])?, prepared(x[1])?);
        if height.min(width) < o.filter_size {
            return Err(Error::shape(format!(
                "a filter of size {} does not fit into images of {height} by {width}; use a smaller filter_size",
                o.filter_size
            )));
        }
        let line = Tensor::from(gaussian(o.filter_size, o.filter_sigma)?);
        let n = o.filter_size;
        let filter = multiply(&reshape(&line, [n, 1, 1, 1])?, &reshape(&line, [1, n, 1, 1])?)?;
        let filter = cast(&filter, dtype)?;
        let local = |x: &Tensor| conv(x, &filter, ConvOptions::new());
        let (m1, m2) = (local(&a)?, local(&b)?);
        let (m11, m22, m12) = (multiply(&m1, &m1)?, multiply(&m2, &m2)?, multiply(&m1, &m2)?);
        let v1 = subtract(&local(&multiply(&a, &a)?)?, &m11)?;
        let v2 = subtract(&local(&multiply(&b, &b)?)?, &m22)?;
        let c = subtract(&local(&multiply(&a, &b)?)?, &m12)?;
        let plus = |x: &Tensor, k: f64| add(x, &weak(x, (k * o.max_val).powi(2))?);
        let twice = |x: &Tensor| multiply(x, &weak(x, 2.0)?);
        let top = multiply(&plus(&twice(&m12)?, o.k1)?, &plus(&twice(&c)?, o.k2)?)?;
        let bottom = multiply(&plus(&add(&m11, &m22)?, o.k1)?, &plus(&add(&v1, &v2)?, o.k2)?)?;
        let each = mean(&divide(&top, &bottom)?, [1, 2, 3])?;
        let of_image = mean(&reshape(&each, [batch, channels])?, -1)?;
        cast(&if single { squeeze(&of_image, 0)? } else { of_image }, x[0].dtype())
    })
}
