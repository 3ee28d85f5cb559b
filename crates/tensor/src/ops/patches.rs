//! Windows as an axis of their own: `unfold`, its transpose `fold`, and the patches of images.

use super::spatial::{channels_last, check_sizes, listed, padding};
use super::{
    DataFormat, PadMode, Padding, Sizes, add, expand_dims, narrow, pad, ravel, reshape, squeeze, take,
    transpose,
};
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Error, Result, Shape, element_count};
use rhyton_ops::index::ScatterAdd;

/// How [`unfold`] and [`fold`] go over an image. Defaults: dilation 1, no padding, stride 1.
#[derive(Clone, Debug)]
pub struct UnfoldOptions {
    dilation: Sizes,
    padding: Sizes,
    stride: Sizes,
}

impl Default for UnfoldOptions {
    fn default() -> UnfoldOptions {
        UnfoldOptions { dilation: Sizes::from(1), padding: Sizes::from(0), stride: Sizes::from(1) }
    }
}

impl UnfoldOptions {
    /// The defaults.
    pub fn new() -> UnfoldOptions {
        UnfoldOptions::default()
    }

    /// Steps from one element of a window to the next.
    #[must_use]
    pub fn dilation(self, dilation: impl Into<Sizes>) -> UnfoldOptions {
        UnfoldOptions { dilation: dilation.into(), ..self }
    }

    /// Zeros on both sides of each axis.
    #[must_use]
    pub fn padding(self, padding: impl Into<Sizes>) -> UnfoldOptions {
        UnfoldOptions { padding: padding.into(), ..self }
    }

    /// Steps from one window to the next.
    #[must_use]
    pub fn stride(self, stride: impl Into<Sizes>) -> UnfoldOptions {
        UnfoldOptions { stride: stride.into(), ..self }
    }
}

/// Windows along some axes: sizes of the padded axes, of the windows, steps between windows and inside of them.
struct Grid {
    padded: Vec<usize>,
    sizes: Vec<usize>,
    strides: Vec<usize>,
    dilations: Vec<usize>,
}

impl Grid {
    /// How many windows there are along each axis.
    fn counts(&self) -> Result<Vec<usize>> {
        check_sizes("a window size", &self.sizes)?;
        check_sizes("strides", &self.strides)?;
        check_sizes("a dilation", &self.dilations)?;
        let each = |i: usize| {
            let (n, size) = (self.padded[i], self.sizes[i]);
            let room =
                (size - 1).checked_mul(self.dilations[i]).and_then(|s| n.checked_sub(s)).filter(|&r| r > 0);
            room.map(|room| (room - 1) / self.strides[i] + 1).ok_or_else(|| {
                Error::shape(format!(
                    "a window of {size} elements in steps of {} does not fit into {n} elements; use padding or a \
                     smaller window",
                    self.dilations[i]
                ))
            })
        };
        (0..self.padded.len()).map(each).collect()
    }

    /// Where the elements of the windows stand among the padded elements in row-major order, by window places first
    /// (`[window…, count…]`) or by windows first (`[count…, window…]`).
    fn places(&self, windows_first: bool) -> Result<Tensor> {
        let counts = self.counts()?;
        let all: Vec<usize> = counts.iter().chain(&self.sizes).copied().collect();
        element_count(&all)?;
        let offsets = |lengths: &[usize], steps: &[usize]| {
            let total = element_count(lengths)?;
            listed(total, |mut number| {
                let mut place = 0;
                for i in (0..lengths.len()).rev() {
                    let inner: usize = self.padded[i + 1..].iter().product();
                    place += (number % lengths[i]) * steps[i] * inner;
                    number /= lengths[i];
                }
                place as i64
            })
        };
        let (windows, inside) = (offsets(&counts, &self.strides)?, offsets(&self.sizes, &self.dilations)?);
        let (outer, inner) = if windows_first { (windows, inside) } else { (inside, windows) };
        let outer = Tensor::from_slice(&outer, [outer.len(), 1])?;
        ravel(&add(&outer, &Tensor::from_slice(&inner, [inner.len()])?)?)
    }
}

/// Zeros around some axes, `(axis, before, behind)`.
pub(super) fn pad_zeros(x: &Tensor, amounts: &[(usize, usize, usize)]) -> Result<Tensor> {
    let mut widths = vec![(0, 0); x.rank()];
    amounts.iter().for_each(|&(axis, before, behind)| widths[axis] = (before, behind));
    if widths.iter().all(|&w| w == (0, 0)) { Ok(x.clone()) } else { pad(x, &widths, PadMode::constant(0)) }
}

fn product(sizes: &[usize]) -> Result<usize> {
    element_count(sizes)
}

/// The windows of images with channels first, each as a column: `[batch, channels, height, width]` becomes
/// `[batch, channels · window height · window width, windows]`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]]).expand_dims(0).unwrap();
/// let y = ops::unfold(&x, 2, ops::UnfoldOptions::new()).unwrap();
/// assert_eq!(y.shape(), [1, 4, 2]);
/// assert_eq!(y.to_vec::<f32>().unwrap(), [1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 5.0, 6.0]);
/// ```
///
/// # Errors
/// Where the input is not of rank 4, a size or step is 0, or no window fits into the padded image.
pub fn unfold(x: &Tensor, kernel_size: impl Into<Sizes>, options: UnfoldOptions) -> Result<Tensor> {
    let kernel_size = kernel_size.into();
    operation("unfold", &[x], move |x| {
        let x = x[0];
        let &[batch, channels, height, width] = x.shape() else {
            return Err(Error::shape(format!(
                "expected [batch, channels, height, width], got shape {}",
                Shape::from(x.shape())
            )));
        };
        let pads = options.padding.along(2)?;
        let x = pad_zeros(x, &[(2, pads[0], pads[0]), (3, pads[1], pads[1])])?;
        let grid = grid(&options, &kernel_size, vec![height + 2 * pads[0], width + 2 * pads[1]])?;
        let windows = product(&grid.counts()?)?;
        let inside = product(&grid.sizes)?;
        let places = grid.places(false)?;
        let x = reshape(&x, vec![batch, channels, product(&grid.padded)?])?;
        reshape(&take(&x, &places, 2)?, vec![batch, product(&[channels, inside])?, windows])
    })
}

fn grid(o: &UnfoldOptions, sizes: &Sizes, padded: Vec<usize>) -> Result<Grid> {
    Ok(Grid { padded, sizes: sizes.along(2)?, strides: o.stride.along(2)?, dilations: o.dilation.along(2)? })
}

/// The transpose of [`unfold`]: columns `[batch, channels · window height · window width, windows]` added up in an
/// image `[batch, channels, height, width]` of the given height and width.
///
/// # Errors
/// Where the input is not of rank 3, a size or step is 0, or its shape is not that of the windows of such an image.
pub fn fold(
    x: &Tensor,
    output_size: impl Into<Sizes>,
    kernel_size: impl Into<Sizes>,
    options: UnfoldOptions,
) -> Result<Tensor> {
    let (output_size, kernel_size) = (output_size.into(), kernel_size.into());
    operation("fold", &[x], move |x| {
        let x = x[0];
        let (out, pads) = (output_size.along(2)?, options.padding.along(2)?);
        let add = |n: usize, p: usize| p.checked_mul(2).and_then(|p| n.checked_add(p));
        let padded = out.iter().zip(&pads).map(|(&n, &p)| add(n, p)).collect::<Option<Vec<_>>>();
        let padded = padded.ok_or_else(|| Error::value("the output size is too large"))?;
        let grid = grid(&options, &kernel_size, padded)?;
        let windows = product(&grid.counts()?)?;
        let inside = product(&grid.sizes)?;
        let channels = match *x.shape() {
            [_, columns, n] if columns % inside == 0 && n == windows => columns / inside,
            _ => {
                return Err(Error::shape(format!(
                    "expected [batch, channels · {inside}, {windows}] for an output of {} by {}, got shape {}",
                    out[0],
                    out[1],
                    Shape::from(x.shape())
                )));
            }
        };
        let batch = x.shape()[0];
        let size = product(&grid.padded)?;
        product(&[batch, channels, size])?;
        let places = grid.places(false)?;
        let x = reshape(x, vec![batch, channels, inside * windows])?;
        let sums = apply_one(ScatterAdd { axis: 2, size }, &[&places, &x])?;
        let sums = reshape(&sums, vec![batch, channels, grid.padded[0], grid.padded[1]])?;
        let sums = narrow(&sums, 2, pads[0], pads[0] + out[0])?;
        narrow(&sums, 3, pads[1], pads[1] + out[1])
    })
}

/// How patches are taken from images. Defaults: strides as large as the patch, dilation 1, padding "valid", channels
/// last.
#[derive(Clone, Debug)]
pub struct PatchOptions {
    pub(super) strides: Option<Sizes>,
    pub(super) dilation_rate: Sizes,
    pub(super) padding: Padding,
    pub(super) data_format: DataFormat,
}

impl Default for PatchOptions {
    fn default() -> PatchOptions {
        PatchOptions {
            strides: None,
            dilation_rate: Sizes::from(1),
            padding: Padding::Valid,
            data_format: DataFormat::ChannelsLast,
        }
    }
}

impl PatchOptions {
    /// The defaults.
    pub fn new() -> PatchOptions {
        PatchOptions::default()
    }

    /// Steps from one patch to the next.
    #[must_use]
    pub fn strides(self, strides: impl Into<Sizes>) -> PatchOptions {
        PatchOptions { strides: Some(strides.into()), ..self }
    }

    /// Steps from one element of a patch to the next.
    #[must_use]
    pub fn dilation_rate(self, dilation_rate: impl Into<Sizes>) -> PatchOptions {
        PatchOptions { dilation_rate: dilation_rate.into(), ..self }
    }

    /// What is added around the image.
    #[must_use]
    pub fn padding(self, padding: Padding) -> PatchOptions {
        PatchOptions { padding, ..self }
    }

    /// Where the channels stand, in the images and in the patches.
    #[must_use]
    pub fn data_format(self, data_format: DataFormat) -> PatchOptions {
        PatchOptions { data_format, ..self }
    }
}

/// The patches of images or volumes with `spatial` spatial axes, as channels of one tensor.
pub(super) fn patches(x: &Tensor, spatial: usize, size: &Sizes, o: &PatchOptions) -> Result<Tensor> {
    if x.rank() != spatial + 1 && x.rank() != spatial + 2 {
        return Err(Error::shape(format!(
            "expected rank {} or, for a batch, {}, got shape {}",
            spatial + 1,
            spatial + 2,
            Shape::from(x.shape())
        )));
    }
    let single = x.rank() == spatial + 1;
    let x = if single { expand_dims(x, 0)? } else { x.clone() };
    let x = channels_last(&x, o.data_format)?;
    let sizes = size.along(spatial)?;
    let strides = o.strides.as_ref().unwrap_or(size).along(spatial)?;
    let dilations = o.dilation_rate.along(spatial)?;
    check_sizes("a patch size", &sizes)?;
    check_sizes("strides", &strides)?;
    let mut amounts = Vec::new();
    let mut padded = Vec::new();
    for i in 0..spatial {
        let n = x.shape()[i + 1];
        let span = sizes[i].saturating_sub(1).saturating_mul(dilations[i]).saturating_add(1);
        let (low, high) = padding(o.padding, n, span, strides[i]);
        amounts.push((i + 1, low as usize, high as usize));
        padded.push(n.saturating_add(low as usize).saturating_add(high as usize));
    }
    let x = pad_zeros(&x, &amounts)?;
    let grid = Grid { padded, sizes, strides, dilations };
    let counts = grid.counts()?;
    let (batch, channels) = (x.shape()[0], x.shape()[spatial + 1]);
    let inside = product(&grid.sizes)?;
    let places = grid.places(true)?;
    let x = reshape(&x, vec![batch, product(&grid.padded)?, channels])?;
    let mut shape = vec![batch];
    shape.extend(&counts);
    shape.push(product(&[inside, channels])?);
    let y = reshape(&take(&x, &places, 1)?, shape)?;
    let y = super::spatial::channels_back(&y, o.data_format)?;
    if single { squeeze(&y, 0) } else { Ok(y) }
}

/// The images or volumes whose patches, taken without overlap, these are.
pub(super) fn from_patches(
    patches: &Tensor,
    size: &[usize],
    output_size: &[usize],
    padding: Padding,
    format: DataFormat,
) -> Result<Tensor> {
    let spatial = size.len();
    check_sizes("a patch size", size)?;
    if output_size.len() != spatial {
        return Err(Error::value(format!("expected {spatial} output sizes, got {output_size:?}")));
    }
    let single = patches.rank() == spatial + 1;
    if !single && patches.rank() != spatial + 2 {
        return Err(Error::shape(format!(
            "expected patches of rank {} or, for a batch, {}, got shape {}",
            spatial + 1,
            spatial + 2,
            Shape::from(patches.shape())
        )));
    }
    let x = if single { expand_dims(patches, 0)? } else { patches.clone() };
    let x = channels_last(&x, format)?;
    let (batch, grid) = (x.shape()[0], x.shape()[1..=spatial].to_vec());
    let inside = product(size)?;
    let flat = x.shape()[spatial + 1];
    if flat % inside != 0 {
        return Err(Error::shape(format!("expected patches of a multiple of {inside} numbers, got {flat}")));
    }
    let mut split = vec![batch];
    split.extend(&grid);
    split.extend(size);
    split.push(flat / inside);
    let mut order = vec![0];
    let mut whole = vec![batch];
    for i in 0..spatial {
        order.extend([(1 + i) as isize, (1 + spatial + i) as isize]);
        whole.push(product(&[grid[i], size[i]])?);
    }
    order.push(2 * spatial as isize + 1);
    whole.push(flat / inside);
    let mut y = reshape(&transpose(&reshape(&x, split)?, Some(&order))?, whole.clone())?;
    for i in 0..spatial {
        let (n, covered) = (output_size[i], whole[i + 1]);
        let fits = match padding {
            Padding::Valid => n == covered,
            Padding::Same => n <= covered && n > covered.saturating_sub(size[i]),
        };
        if !fits {
            return Err(Error::value(format!(
                "{} patches of {} cover {covered} elements along axis {}, and an output of {n} with padding \
                 \"{padding}\" is not what they were taken from",
                grid[i],
                size[i],
                i + 1
            )));
        }
        let before = (covered - n) / 2;
        y = narrow(&y, i as isize + 1, before, before + n)?;
    }
    let y = super::spatial::channels_back(&y, format)?;
    if single { squeeze(&y, 0) } else { Ok(y) }
}
