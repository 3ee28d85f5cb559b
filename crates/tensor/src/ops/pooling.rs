//! Pooling: the average or the largest element of windows.

use super::spatial::{channels_back, channels_last, check_sizes, listed, padding, spatial_axes};
use super::{DataFormat, Padding, Sizes, cast, concatenate, divide, take};
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Error, Result};
use rhyton_ops::window::{Slide, WindowMax, WindowSum};

/// How pooling goes over its input. Defaults: strides as large as the window, padding "valid", channels last.
#[derive(Clone, Debug, Default)]
pub struct PoolOptions {
    strides: Option<Sizes>,
    padding: Padding,
    data_format: DataFormat,
}

impl PoolOptions {
    /// The defaults.
    pub fn new() -> PoolOptions {
        PoolOptions::default()
    }

    /// Steps from one window to the next.
    #[must_use]
    pub fn strides(self, strides: impl Into<Sizes>) -> PoolOptions {
        PoolOptions { strides: Some(strides.into()), ..self }
    }

    /// What is added around the input; what is added does not count.
    #[must_use]
    pub fn padding(self, padding: Padding) -> PoolOptions {
        PoolOptions { padding, ..self }
    }

    /// Where the channels stand, in the input and in the result.
    #[must_use]
    pub fn data_format(self, data_format: DataFormat) -> PoolOptions {
        PoolOptions { data_format, ..self }
    }

    fn windows(&self, x: &Tensor, pool_size: &Sizes) -> Result<(Vec<usize>, Vec<Slide>)> {
        let spatial = spatial_axes(x)?;
        let sizes = pool_size.along(spatial)?;
        let strides = self.strides.as_ref().unwrap_or(pool_size).along(spatial)?;
        check_sizes("a pool size", &sizes)?;
        check_sizes("strides", &strides)?;
        let mut slides = Vec::new();
        for (i, (&size, &stride)) in sizes.iter().zip(&strides).enumerate() {
            let n = x.shape()[i + 1];
            let (low, high) = padding(self.padding, n, size, stride);
            if n > 0 && self.padding == Padding::Valid && size > n {
                return Err(Error::shape(format!(
                    "a window of {size} does not fit into axis {} of {n} elements; use padding \"same\" or a smaller \
                     pool size",
                    i + 1
                )));
            }
            slides.push(Slide { stride, low, high, ..Slide::PLAIN });
        }
        Ok((sizes, slides))
    }
}

/// The largest element of each window, in the element type of the input. Padding does not count.
///
/// The gradient goes to the first of several largest elements.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[[1.0f32], [5.0], [3.0], [2.0]]]);
/// let y = ops::max_pool(&x, 2, ops::PoolOptions::new()).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [5.0, 3.0]);
/// ```
///
/// # Errors
/// Where the input has no 1 to 3 spatial axes, a size or stride is 0, or no window fits into the input.
pub fn max_pool(inputs: &Tensor, pool_size: impl Into<Sizes>, options: PoolOptions) -> Result<Tensor> {
    let pool_size = pool_size.into();
    operation("max_pool", &[inputs], move |x| {
        spatial_axes(x[0])?;
        let x = channels_last(x[0], options.data_format)?;
        let (sizes, slides) = options.windows(&x, &pool_size)?;
        channels_back(&apply_one(WindowMax { sizes, slides }, &[&x])?, options.data_format)
    })
}

/// The average of each window; integers are averaged in `float32`. Padding does not count.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[[1.0f32], [5.0], [3.0]]]);
/// let y = ops::average_pool(&x, 2, ops::PoolOptions::new().padding(ops::Padding::Same)).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [3.0, 3.0]);
/// ```
///
/// # Errors
/// As [`max_pool`].
pub fn average_pool(inputs: &Tensor, pool_size: impl Into<Sizes>, options: PoolOptions) -> Result<Tensor> {
    let pool_size = pool_size.into();
    operation("average_pool", &[inputs], move |x| {
        spatial_axes(x[0])?;
        let x = cast(x[0], x[0].dtype().to_float())?;
        let x = channels_last(&x, options.data_format)?;
        let (sizes, slides) = options.windows(&x, &pool_size)?;
        let counts = held(&x, &sizes, &slides)?;
        let sums = apply_one(WindowSum { sizes, slides }, &[&x])?;
        channels_back(&divide(&sums, &cast(&counts, x.dtype())?)?, options.data_format)
    })
}

/// How many elements of the input each window holds, as `float64` that broadcasts against the sums.
fn held(x: &Tensor, sizes: &[usize], slides: &[Slide]) -> Result<Tensor> {
    let mut counts = vec![1.0];
    let mut shape = vec![1];
    for (i, (&size, slide)) in sizes.iter().zip(slides).enumerate() {
        let n = x.shape()[i + 1];
        let along: Vec<f64> = (0..slide.count(n, size))
            .map(|o| {
                let start = (o * slide.stride) as isize - slide.low;
                let end = (start + size as isize).min(n as isize);
                (end - start.max(0)) as f64
            })
            .collect();
        // Where windows hold the same number everywhere, one number is enough.
        let along =
            if along.windows(2).all(|w| w[0] == w[1]) { along[..along.len().min(1)].to_vec() } else { along };
        counts = counts.iter().flat_map(|a| along.iter().map(move |b| a * b)).collect();
        shape.push(along.len());
    }
    shape.push(1);
    Tensor::from_slice(&counts, shape)
}

/// Windows of an axis of `n` elements such that there are `count`, as even as they can be: window `i` goes from
/// `floor(i n / count)` to `ceil((i + 1) n / count)`. They have at most two sizes; the smaller one, and the place of each
/// window among all windows of the smaller and then all of the larger size.
fn adaptive(n: usize, count: usize) -> Result<(usize, Vec<i64>)> {
    let small = n.div_ceil(count);
    let places = listed(count, |i| {
        let (start, end) =
            (i as u128 * n as u128 / count as u128, ((i as u128 + 1) * n as u128).div_ceil(count as u128));
        let large = (end - start) as usize > small;
        start as i64 + if large { (n - small + 1) as i64 } else { 0 }
    })?;
    Ok((small, places))
}

fn adaptive_pool(
    x: &Tensor,
    output_size: &Sizes,
    format: DataFormat,
    pool: impl Fn(&Tensor, Vec<usize>) -> Result<Tensor>,
) -> Result<Tensor> {
    let spatial = spatial_axes(x)?;
    let counts = output_size.along(spatial)?;
    check_sizes("an output size", &counts)?;
    let mut x = channels_last(x, format)?;
    for (i, &count) in counts.iter().enumerate() {
        let n = x.shape()[i + 1];
        if n == 0 {
            return Err(Error::shape(format!("axis {} has no elements to pool", i + 1)));
        }
        let (small, places) = adaptive(n, count)?;
        let sizes = |size: usize| (0..spatial).map(|axis| if axis == i { size } else { 1 }).collect();
        let mut all = pool(&x, sizes(small))?;
        if places.iter().any(|&p| p > (n - small) as i64) {
            all = concatenate(&[&all, &pool(&x, sizes(small + 1))?], i as isize + 1)?;
        }
        x = take(&all, &Tensor::from(places), i as isize + 1)?;
    }
    channels_back(&x, format)
}

/// The largest elements of windows that cut each spatial axis into `output_size` nearly equal parts: part `i` of an axis
/// of `n` elements goes from `floor(i n / size)` to `ceil((i + 1) n / size)`.
///
/// # Errors
/// Where the input has no 1 to 3 spatial axes, an axis has no elements, or a size is 0.
pub fn adaptive_max_pool(
    inputs: &Tensor,
    output_size: impl Into<Sizes>,
    data_format: DataFormat,
) -> Result<Tensor> {
    let output_size = output_size.into();
    operation("adaptive_max_pool", &[inputs], move |x| {
        adaptive_pool(x[0], &output_size, data_format, |x, sizes| {
            let slides = vec![Slide::PLAIN; sizes.len()];
            apply_one(WindowMax { sizes, slides }, &[x])
        })
    })
}

/// The averages of windows that cut each spatial axis into `output_size` nearly equal parts, as
/// [`adaptive_max_pool`] cuts them; integers are averaged in `float32`.
///
/// # Errors
/// As [`adaptive_max_pool`].
pub fn adaptive_average_pool(
    inputs: &Tensor,
    output_size: impl Into<Sizes>,
    data_format: DataFormat,
) -> Result<Tensor> {
    let output_size = output_size.into();
    operation("adaptive_average_pool", &[inputs], move |x| {
        let x = cast(x[0], x[0].dtype().to_float())?;
        adaptive_pool(&x, &output_size, data_format, |x, sizes| {
            let slides = vec![Slide::PLAIN; sizes.len()];
            let count = sizes.iter().product::<usize>() as f64;
            divide(&apply_one(WindowSum { sizes, slides }, &[x])?, &super::weak(x, count)?)
        })
    })
}
