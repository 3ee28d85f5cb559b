//! Convolution.

use super::spatial::{LARGEST, channels_back, channels_last, check_sizes, padding, spatial_axes};
use super::{DataFormat, Padding, Sizes, elementwise::promoted, flip, reshape};
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Error, Result, Shape};
use rhyton_ops::window::{Conv, Slide};

/// How a convolution goes over its input. Defaults: strides 1, padding "valid", channels last, dilation 1.
///
/// ```
/// use rhyton_tensor::ops::{ConvOptions, Padding};
/// let options = ConvOptions::new().strides(2).padding(Padding::Same);
/// ```
#[derive(Clone, Debug)]
pub struct ConvOptions {
    strides: Sizes,
    padding: Padding,
    data_format: DataFormat,
    dilation_rate: Sizes,
    output_padding: Option<Sizes>,
}

impl Default for ConvOptions {
    fn default() -> ConvOptions {
        ConvOptions {
            strides: Sizes::from(1),
            padding: Padding::Valid,
            data_format: DataFormat::ChannelsLast,
            dilation_rate: Sizes::from(1),
            output_padding: None,
        }
    }
}

impl ConvOptions {
    /// The defaults.
    pub fn new() -> ConvOptions {
        ConvOptions::default()
    }

    /// Steps from one window to the next.
    #[must_use]
    pub fn strides(self, strides: impl Into<Sizes>) -> ConvOptions {
        ConvOptions { strides: strides.into(), ..self }
    }

    /// What is added around the input.
    #[must_use]
    pub fn padding(self, padding: Padding) -> ConvOptions {
        ConvOptions { padding, ..self }
    }

    /// Where the channels stand, in the input and in the result.
    #[must_use]
    pub fn data_format(self, data_format: DataFormat) -> ConvOptions {
        ConvOptions { data_format, ..self }
    }

    /// Steps from one element of a window to the next.
    #[must_use]
    pub fn dilation_rate(self, dilation_rate: impl Into<Sizes>) -> ConvOptions {
        ConvOptions { dilation_rate: dilation_rate.into(), ..self }
    }

    /// For [`conv_transpose`]: what is added to the size of its result, instead of as much as makes it the size of an
    /// input that gives this one.
    #[must_use]
    pub fn output_padding(self, output_padding: impl Into<Sizes>) -> ConvOptions {
        ConvOptions { output_padding: Some(output_padding.into()), ..self }
    }

    /// Strides and dilations along each axis.
    fn steps(&self, spatial: usize) -> Result<(Vec<usize>, Vec<usize>)> {
        let steps = (self.strides.along(spatial)?, self.dilation_rate.along(spatial)?);
        check_sizes("strides", &steps.0)?;
        check_sizes("a dilation rate", &steps.1)?;
        Ok(steps)
    }

    fn forward(&self) -> Result<()> {
        match self.output_padding {
            Some(_) => Err(Error::value("output_padding is for conv_transpose only; leave it out")),
            None => Ok(()),
        }
    }
}

/// The span of a window with holes.
fn span(size: usize, dilation: usize) -> Result<usize> {
    let span = size.saturating_sub(1).checked_mul(dilation).filter(|&s| s < 1 << 40);
    span.map(|s| s + usize::from(size > 0)).ok_or_else(|| {
        Error::value(format!("a window of {size} elements in steps of {dilation} is too large"))
    })
}

fn kernel_rank(x: &Tensor, kernel: &Tensor) -> Result<usize> {
    let spatial = spatial_axes(x)?;
    if kernel.rank() != x.rank() {
        return Err(Error::shape(format!(
            "expected a kernel of rank {} for inputs of shape {}, got shape {}",
            x.rank(),
            Shape::from(x.shape()),
            Shape::from(kernel.shape())
        )));
    }
    Ok(spatial)
}

/// The convolution of a tensor whose channels are last.
fn forward(x: &Tensor, kernel: &Tensor, groups: usize, o: &ConvOptions) -> Result<Tensor> {
    let spatial = kernel_rank(x, kernel)?;
    let (strides, dilations) = o.steps(spatial)?;
    let mut slides = Vec::new();
    for i in 0..spatial {
        let (n, size) = (x.shape()[i + 1], kernel.shape()[i]);
        let span = span(size, dilations[i])?;
        let (low, high) = padding(o.padding, n, span, strides[i]);
        let slide = Slide { stride: strides[i], low, high, spread: 1, dilation: dilations[i] };
        if n > 0 && size > 0 && slide.count(n, size) == 0 {
            return Err(Error::shape(format!(
                "a window of {span} does not fit into axis {} of {n} elements; use padding \"same\" or a smaller kernel",
                i + 1
            )));
        }
        slides.push(slide);
    }
    apply_one(Conv { slides, groups }, &[x, kernel])
}

fn both(x: &Tensor, kernel: &Tensor, format: DataFormat) -> Result<(Tensor, Tensor)> {
    let (x, kernel) = promoted(x, kernel)?;
    Ok((channels_last(&x, format)?, kernel))
}

/// Convolution with 1 to 3 spatial axes: each filter's weighted sums over windows that slide over the input.
///
/// `out[n, o…, f] = Σ inputs[n, o · stride + k · dilation…, c] · kernel[k…, c, f]` (a cross-correlation: the kernel is
/// not turned round). `inputs` is `[batch, spatial…, channels]` (or channels first), `kernel` is
/// `[window…, channels / groups, filters]`; where the kernel has fewer channels than the input, channels and filters are
/// cut into that many groups. Element types are promoted. Half floats are computed in `float32`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[[1.0f32], [2.0], [3.0], [4.0]]]);
/// let kernel = Tensor::from([[[1.0f32]], [[10.0]]]);
/// let y = ops::conv(&x, &kernel, ops::ConvOptions::new()).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [21.0, 32.0, 43.0]);
/// ```
///
/// # Errors
/// Where ranks or channels do not fit, a stride is 0, or no window fits into the input.
pub fn conv(inputs: &Tensor, kernel: &Tensor, options: ConvOptions) -> Result<Tensor> {
    operation("conv", &[inputs, kernel], move |x| {
        options.forward()?;
        kernel_rank(x[0], x[1])?;
        let (x, kernel) = both(x[0], x[1], options.data_format)?;
        let (channels, each) = (x.shape()[x.rank() - 1], kernel.shape()[kernel.rank() - 2]);
        let groups = channels.checked_div(each).unwrap_or(1);
        if groups == 0 || each.checked_mul(groups) != Some(channels) {
            return Err(Error::shape(format!(
                "expected input channels that are a multiple of the kernel's {each}, got {channels}"
            )));
        }
        if kernel.shape()[kernel.rank() - 1] % groups != 0 {
            return Err(Error::shape(format!(
                "expected a number of filters that is a multiple of the {groups} groups of channels, got {}",
                kernel.shape()[kernel.rank() - 1]
            )));
        }
        channels_back(&forward(&x, &kernel, groups, &options)?, options.data_format)
    })
}

fn same_channels(channels: usize, expected: usize) -> Result<()> {
    if channels == expected {
        return Ok(());
    }
    Err(Error::shape(format!("expected {expected} input channels, as the kernel has, got {channels}")))
}

fn depthwise(x: &Tensor, kernel: &Tensor, o: &ConvOptions) -> Result<Tensor> {
    kernel_rank(x, kernel)?;
    let mut shape = kernel.shape().to_vec();
    let (multiplier, channels) = (shape.pop().unwrap_or(1), shape.pop().unwrap_or(1));
    same_channels(x.shape()[x.rank() - 1], channels)?;
    let filters = channels.checked_mul(multiplier).ok_or_else(|| Error::shape("too many filters"))?;
    shape.extend([1, filters]);
    if channels == 0 {
        shape = kernel.shape().to_vec();
    }
    forward(x, &reshape(kernel, shape)?, channels.max(1), o)
}

/// Convolution in which every channel has filters of its own: `kernel` is `[window…, channels, multiplier]`, and the
/// result has `channels · multiplier` channels, those of one input channel next to each other.
///
/// # Errors
/// As [`conv`]; and where the kernel's channels are not the input's.
pub fn depthwise_conv(inputs: &Tensor, kernel: &Tensor, options: ConvOptions) -> Result<Tensor> {
    operation("depthwise_conv", &[inputs, kernel], move |x| {
        options.forward()?;
        let (x, kernel) = both(x[0], x[1], options.data_format)?;
        channels_back(&depthwise(&x, &kernel, &options)?, options.data_format)
    })
}

/// [`depthwise_conv`], and after it a [`conv`] with windows of one place: `pointwise_kernel` is
/// `[1…, channels · multiplier, filters]`.
///
/// # Errors
/// As both of them.
pub fn separable_conv(
    inputs: &Tensor,
    depthwise_kernel: &Tensor,
    pointwise_kernel: &Tensor,
    options: ConvOptions,
) -> Result<Tensor> {
    operation("separable_conv", &[inputs, depthwise_kernel, pointwise_kernel], move |x| {
        options.forward()?;
        let (y, kernel) = both(x[0], x[1], options.data_format)?;
        let (y, pointwise) = promoted(&depthwise(&y, &kernel, &options)?, x[2])?;
        let spatial = kernel_rank(&y, &pointwise)?;
        same_channels(y.shape()[spatial + 1], pointwise.shape()[spatial])?;
        if pointwise.shape()[..spatial].iter().any(|&k| k != 1) {
            return Err(Error::shape(format!(
                "expected a pointwise kernel with windows of one place, got shape {}",
                Shape::from(pointwise.shape())
            )));
        }
        channels_back(&forward(&y, &pointwise, 1, &ConvOptions::new())?, options.data_format)
    })
}

/// The convolution that goes the other way: the input's gradient of a [`conv`] with the same options, and so a result
/// larger than the input by the strides. `kernel` is `[window…, filters, channels]`.
///
/// The size along an axis is `(n - 1) · stride + max(span, stride)` with padding "valid" and `n · stride` with "same",
/// where `span = (window - 1) · dilation + 1`; with output padding `p` it is `(n - 1) · stride + span + p` and
/// `(n - 1) · stride + span % 2 + p`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[[1.0f32], [2.0]]]);
/// let kernel = Tensor::from([[[1.0f32]], [[10.0]]]);
/// let y = ops::conv_transpose(&x, &kernel, ops::ConvOptions::new().strides(2)).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [1.0, 10.0, 2.0, 20.0]);
/// ```
///
/// # Errors
/// Where ranks or channels do not fit, or a stride is 0.
pub fn conv_transpose(inputs: &Tensor, kernel: &Tensor, options: ConvOptions) -> Result<Tensor> {
    operation("conv_transpose", &[inputs, kernel], move |x| {
        let (x, kernel) = both(x[0], x[1], options.data_format)?;
        let spatial = kernel_rank(&x, &kernel)?;
        same_channels(x.shape()[spatial + 1], kernel.shape()[spatial + 1])?;
        let (strides, dilations) = options.steps(spatial)?;
        let extra = options.output_padding.as_ref().map(|p| p.along(spatial)).transpose()?;
        if let Some(extra) = extra.as_ref().filter(|e| e.iter().any(|&p| p > LARGEST)) {
            return Err(Error::value(format!("expected output padding of 0 to {LARGEST}, got {extra:?}")));
        }
        let mut slides = Vec::new();
        for i in 0..spatial {
            let span = span(kernel.shape()[i], dilations[i])? as isize;
            let stride = strides[i] as isize;
            let extra = extra.as_ref().map(|p| p[i] as isize);
            let (low, high) = match options.padding {
                Padding::Valid => (span - 1, span - 1 + extra.unwrap_or(span.max(stride) - span)),
                Padding::Same => {
                    let total = extra.map_or(stride + span - 2, |p| span + span % 2 - 2 + p);
                    let low = (total.div_euclid(2) + total.rem_euclid(2)).min(span - 1);
                    (low, total - low)
                }
            };
            slides.push(Slide { stride: 1, low, high, spread: strides[i], dilation: dilations[i] });
        }
        let axes: Vec<isize> = (0..spatial as isize).collect();
        let turned = flip(&kernel, axes.as_slice())?;
        let order: Vec<isize> = axes.into_iter().chain([spatial as isize + 1, spatial as isize]).collect();
        let turned = super::transpose(&turned, Some(&order))?;
        channels_back(&apply_one(Conv { slides, groups: 1 }, &[&x, &turned])?, options.data_format)
    })
}
