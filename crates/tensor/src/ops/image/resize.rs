//! Resizing: along each axis a product with a small matrix of weights.

use super::resample::{FillMode, Interpolation};
use crate::ops::spatial::{DataFormat, check_images, check_sizes, listed, on_batch};
use crate::ops::{
    abs, add, cast, concatenate, divide, equal, exp, greater, greater_equal, less_equal, logical_and, matmul,
    maximum, multiply, narrow, relu, reshape, round, sin, squeeze, subtract, sum, take, weak, r#where,
};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use crate::tracer::without_tracer;
use rhyton_base::{DType, Error, Result, Shape, element_count, normalize_axes, promote};
use std::f64::consts::PI;

/// How [`resize`] goes about it. Defaults: bilinear, no antialiasing, no regard to the aspect ratio, padding with 0,
/// channels last.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResizeOptions {
    interpolation: Interpolation,
    antialias: bool,
    crop_to_aspect_ratio: bool,
    pad_to_aspect_ratio: bool,
    fill_mode: FillMode,
    fill_value: f64,
    data_format: DataFormat,
}

macro_rules! setters {
    ($Type:ident: $($(#[$doc:meta])* $name:ident $t:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(self, $name: $t) -> $Type {
            $Type { $name, ..self }
        }
    )*};
}
pub(super) use setters;

impl ResizeOptions {
    /// The defaults.
    pub fn new() -> ResizeOptions {
        ResizeOptions::default()
    }

    setters! { ResizeOptions:
        /// How numbers between pixels are found.
        interpolation Interpolation;
        /// Whether pixels are averaged where the result is smaller.
        antialias bool;
        /// Whether the image is cut, evenly on both sides, to the aspect ratio of the result before.
        crop_to_aspect_ratio bool;
        /// Whether the image is padded, evenly on both sides, to the aspect ratio of the result before.
        pad_to_aspect_ratio bool;
        /// How it is padded: only "constant".
        fill_mode FillMode;
        /// What it is padded with.
        fill_value f64;
        /// Where the channels stand.
        data_format DataFormat;
    }
}

/// `relu(1 - x)`.
fn triangle(x: &Tensor) -> Result<Tensor> {
    relu(&subtract(&weak(x, 1.0)?, x)?)
}

/// The cubic convolution kernel of Keys with `a = -1/2`.
fn cubic(x: &Tensor) -> Result<Tensor> {
    let n = |number: f64| weak(x, number);
    let near = subtract(&multiply(&n(1.5)?, x)?, &n(2.5)?)?;
    let near = add(&multiply(&multiply(&near, x)?, x)?, &n(1.0)?)?;
    let far = add(&multiply(&n(-0.5)?, x)?, &n(2.5)?)?;
    let far = add(&multiply(&subtract(&multiply(&far, x)?, &n(4.0)?)?, x)?, &n(2.0)?)?;
    let y = r#where(&greater_equal(x, &n(1.0)?)?, &far, &near)?;
    r#where(&greater_equal(x, &n(2.0)?)?, &n(0.0)?, &y)
}

/// `sinc(x) sinc(x / radius)` up to the radius.
fn lanczos(x: &Tensor, radius: f64) -> Result<Tensor> {
    let n = |number: f64| weak(x, number);
    let wave = |step: f64| sin(&multiply(x, &n(step)?)?);
    let top = multiply(&multiply(&wave(PI)?, &wave(PI / radius)?)?, &n(radius)?)?;
    let away = greater(x, &n(1e-3)?)?;
    let safe = r#where(&away, x, &n(1.0)?)?;
    let bottom = multiply(&multiply(&safe, &safe)?, &n(PI * PI)?)?;
    let y = r#where(&away, &divide(&top, &bottom)?, &n(1.0)?)?;
    r#where(&greater(x, &n(radius)?)?, &n(0.0)?, &y)
}

/// `exp(-2 x²)` up to 3/2.
fn bell(x: &Tensor) -> Result<Tensor> {
    let y = exp(&multiply(&multiply(x, x)?, &weak(x, -2.0)?)?)?;
    r#where(&greater_equal(x, &weak(x, 1.5)?)?, &weak(x, 0.0)?, &y)
}

/// The piecewise cubic with `B = C = 1/3`.
///
/// Source: Mitchell and Netravali, "Reconstruction filters in computer graphics" (1988).
fn mitchell(x: &Tensor) -> Result<Tensor> {
    let n = |number: f64| weak(x, number);
    let near = subtract(&multiply(&n(7.0 / 6.0)?, x)?, &n(2.0)?)?;
    let near = add(&multiply(&multiply(&near, x)?, x)?, &n(8.0 / 9.0)?)?;
    let far = add(&multiply(&n(-7.0 / 18.0)?, x)?, &n(2.0)?)?;
    let far = subtract(&multiply(&far, x)?, &n(10.0 / 3.0)?)?;
    let far = add(&multiply(&far, x)?, &n(16.0 / 9.0)?)?;
    let y = r#where(&greater_equal(x, &n(1.0)?)?, &far, &near)?;
    r#where(&greater_equal(x, &n(2.0)?)?, &n(0.0)?, &y)
}

/// The weights `[to, from]` of a mean over what each pixel of the result covers of those of the image.
fn shares(from: usize, to: usize) -> Result<Tensor> {
    let width = from as f64 / to as f64;
    let share = |place: usize| {
        let (i, j) = ((place / from) as f64, (place % from) as f64);
        let (low, high) = (i * width, (i + 1.0) * width);
        (high.min(j + 1.0) - low.max(j)).max(0.0) / width
    };
    Tensor::from_slice(&(0..element_count(&[from, to])?).map(share).collect::<Vec<f64>>(), [to, from])
}

fn kernel(method: Interpolation, x: &Tensor) -> Result<Tensor> {
    match method {
        Interpolation::Bilinear => triangle(x),
        Interpolation::Bicubic => cubic(x),
        Interpolation::Lanczos3 => lanczos(x, 3.0),
        Interpolation::Lanczos5 => lanczos(x, 5.0),
        Interpolation::Gaussian => bell(x),
        Interpolation::MitchellCubic => mitchell(x),
        Interpolation::Nearest => Err(Error::value("nearest neighbours are not weighed; use resize")),
        Interpolation::Area => Err(Error::value("areas are not weighed by distance; use resize")),
    }
}

fn count(n: usize, dtype: DType) -> Result<Tensor> {
    cast(&Tensor::from(listed(n, |i| i as i64)?), dtype)
}

/// The weights `[to, from]` with which elements along an axis make up those of the result, where place `i` of the input
/// goes to place `i · scale + translation`, counted from the edges of pixels.
fn weights(
    (from, to): (usize, usize),
    scale: &Tensor,
    translation: &Tensor,
    method: Interpolation,
    antialias: bool,
) -> Result<Tensor> {
    element_count(&[from, to])?;
    let dtype = scale.dtype();
    let n = |number: f64| weak(scale, number);
    let inverse = divide(&n(1.0)?, scale)?;
    let places = multiply(&add(&count(to, dtype)?, &n(0.5)?)?, &inverse)?;
    let places = subtract(&subtract(&places, &multiply(translation, &inverse)?)?, &n(0.5)?)?;
    let places = reshape(&places, [to, 1])?;
    let mut distance = abs(&subtract(&places, &count(from, dtype)?)?)?;
    if antialias {
        distance = divide(&distance, &maximum(&inverse, &n(1.0)?)?)?;
    }
    let weights = kernel(method, &distance)?;
    let total = sum(&weights, crate::Axes::from(1).keepdims())?;
    let zero = n(0.0)?;
    let safe = r#where(&equal(&total, &zero)?, &n(1.0)?, &total)?;
    let counts = greater(&abs(&total)?, &n(1000.0 * f64::from(f32::EPSILON))?)?;
    let weights = r#where(&counts, &divide(&weights, &safe)?, &zero)?;
    // Outside of the image there is nothing.
    let low = greater_equal(&places, &n(-0.5)?)?;
    let inside = logical_and(&low, &less_equal(&places, &n(from as f64 - 0.5)?)?)?;
    r#where(&inside, &weights, &zero)
}

/// The product along one axis.
fn along(x: &Tensor, axis: usize, weights: &Tensor) -> Result<Tensor> {
    let mut shape = x.shape().to_vec();
    let (outer, inner) = (shape[..axis].iter().product(), shape[axis + 1..].iter().product());
    let y = matmul(&cast(weights, x.dtype())?, &reshape(x, [outer, shape[axis], inner])?)?;
    shape[axis] = weights.shape()[0];
    reshape(&y, shape)
}

/// Half floats and integers in `float32`.
fn wide(x: &Tensor) -> Result<Tensor> {
    cast(x, promote(x.dtype().to_float(), DType::F32))
}

/// Rounded and limited to what the type holds.
fn narrowed(x: &Tensor, dtype: DType) -> Result<Tensor> {
    if dtype.is_float() || x.dtype() == dtype {
        return cast(x, dtype);
    }
    let (low, high) = match dtype {
        DType::Bool => (0.0, 1.0),
        DType::U8 => (0.0, 255.0),
        DType::I8 => (-128.0, 127.0),
        DType::U16 => (0.0, 65535.0),
        DType::I16 => (-32768.0, 32767.0),
        // The largest float32 below the limit.
        DType::U32 => (0.0, 4294967040.0),
        DType::I32 => (-2147483648.0, 2147483520.0),
        DType::U64 => (0.0, 18446742974197923840.0),
        _ => (-9223372036854775808.0, 9223371487098961920.0),
    };
    cast(&crate::ops::clip(&round(x)?, low, high)?, dtype)
}

/// The larger of a size and the part of another that has the wanted ratio.
fn at_ratio(other: usize, wanted: usize, against: usize) -> usize {
    (other as f64 * wanted as f64 / against as f64) as usize
}

/// Images in another size, in their own type (integers are rounded). `size` is `[height, width]`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops::image};
/// let x = Tensor::from([[[0.0f32], [4.0]]]);
/// let y = image::resize(&x, [1, 4], image::ResizeOptions::new()).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [0.0, 1.0, 3.0, 4.0]);
/// ```
///
/// # Errors
/// Where the rank is not 3 or 4, a size is 0, both ways to keep the aspect ratio are asked for, or the fill mode is not
/// "constant".
pub fn resize(images: &Tensor, size: [usize; 2], options: ResizeOptions) -> Result<Tensor> {
    operation("resize", &[images], move |x| {
        let o = options;
        if o.fill_mode != FillMode::Constant {
            return Err(Error::value(format!("expected fill_mode \"constant\", got \"{}\"", o.fill_mode)));
        }
        if o.pad_to_aspect_ratio && o.crop_to_aspect_ratio {
            return Err(Error::value(
                "expected one of pad_to_aspect_ratio and crop_to_aspect_ratio, got both",
            ));
        }
        check_sizes("a height and a width", &size)?;
        check_images(x[0])?;
        let dtype = x[0].dtype();
        let y = on_batch(x[0], o.data_format, |x| {
            let (height, width) = (x.shape()[1], x.shape()[2]);
            if height == 0 || width == 0 {
                return Err(Error::shape(format!(
                    "expected images with pixels, got shape {}",
                    Shape::from(x.shape())
                )));
            }
            let mut x = x.clone();
            let (across, down) = (at_ratio(width, size[0], size[1]), at_ratio(height, size[1], size[0]));
            if o.crop_to_aspect_ratio {
                for (axis, n, kept) in [(1, height, across), (2, width, down)] {
                    let kept = kept.clamp(1, n);
                    let start = (n - kept) / 2;
                    x = narrow(&x, axis, start, start + kept)?;
                }
            }
            if o.pad_to_aspect_ratio {
                // Only one of the two is too short.
                for (axis, n, wanted) in [(1, height, across), (2, width, down)] {
                    let each = wanted.saturating_sub(n) / 2;
                    if each > 0 {
                        x = filled_up(&wide(&x)?, axis, each, o.fill_value)?;
                        break;
                    }
                }
            }
            resized(&x, size, o)
        })?;
        narrowed(&y, dtype)
    })
}

/// The images between bars of one number.
fn filled_up(x: &Tensor, axis: usize, each: usize, value: f64) -> Result<Tensor> {
    let mut shape = x.shape().to_vec();
    shape[axis] = each;
    element_count(&shape)?;
    let bar = crate::ops::full(shape, value, x.dtype())?;
    concatenate(&[&bar, x, &bar], axis as isize)
}

/// A batch of images, channels last, in another size.
fn resized(x: &Tensor, size: [usize; 2], o: ResizeOptions) -> Result<Tensor> {
    element_count(&[x.shape()[0], size[0], size[1], x.shape()[3]])?;
    let mut y = if o.interpolation == Interpolation::Nearest { x.clone() } else { wide(x)? };
    // These kernels smooth also where the size stays.
    let smooths = matches!(o.interpolation, Interpolation::Gaussian | Interpolation::MitchellCubic);
    for (axis, to) in [(1, size[0]), (2, size[1])] {
        let from = y.shape()[axis];
        let mut shape = y.shape().to_vec();
        shape[axis] = to;
        element_count(&shape)?;
        if from == to && !smooths {
            continue;
        }
        if o.interpolation == Interpolation::Nearest {
            let middle = |i: usize| ((2 * i as u128 + 1) * from as u128 / (2 * to as u128)) as i64;
            y = take(&y, &Tensor::from(listed(to, middle)?), axis as isize)?;
            continue;
        }
        let (scale, none) = (Tensor::from(to as f64 / from as f64), Tensor::from(0.0f64));
        // They depend on sizes alone: numbers that a compiled function stores.
        let weights = without_tracer(|| match o.interpolation {
            Interpolation::Area => shares(from, to),
            method => weights((from, to), &scale, &none, method, o.antialias),
        })?;
        y = along(&y, axis, &weights)?;
    }
    Ok(y)
}

/// Images resampled so that place `(y, x)` goes to `(y · scale[0] + translation[0], x · scale[1] + translation[1])`, where
/// places are counted from the edges of pixels and what comes from outside is 0.
///
/// `scale` and `translation` have one number for each of `spatial_dims`. Methods are bilinear, bicubic (the kernel of
/// Keys), lanczos3, lanczos5, gaussian and mitchellcubic; with antialiasing (Keras's default) their kernels are widened where the scale is below 1.
/// Integers give `float32`.
///
/// # Errors
/// Where shapes or axes do not fit, or the method is "nearest" or "area".
pub fn scale_and_translate(
    images: &Tensor,
    output_shape: &[usize],
    scale: &Tensor,
    translation: &Tensor,
    spatial_dims: &[isize],
    method: Interpolation,
    antialias: bool,
) -> Result<Tensor> {
    let (output_shape, spatial_dims) = (output_shape.to_vec(), spatial_dims.to_vec());
    operation("scale_and_translate", &[images, scale, translation], move |t| {
        let x = wide(t[0])?;
        let sorted = normalize_axes(&spatial_dims, x.rank())?;
        let fits = |(axis, (a, b)): (usize, (&usize, &usize))| a == b || sorted.contains(&axis);
        if output_shape.len() != x.rank() || !x.shape().iter().zip(&output_shape).enumerate().all(fits) {
            return Err(Error::shape(format!(
                "expected an output shape that differs from {} along the axes {spatial_dims:?} only, got {}",
                Shape::from(x.shape()),
                Shape::from(&output_shape)
            )));
        }
        element_count(&output_shape)?;
        let k = spatial_dims.len();
        if t[1].shape() != [k] || t[2].shape() != [k] {
            return Err(Error::shape(format!(
                "expected a scale and a translation of shape ({k},), got {} and {}",
                Shape::from(t[1].shape()),
                Shape::from(t[2].shape())
            )));
        }
        let work = promote(promote(t[1].dtype(), t[2].dtype()).to_float(), DType::F32);
        let (scale, translation) = (cast(t[1], work)?, cast(t[2], work)?);
        let mut y = x.clone();
        for (i, &axis) in spatial_dims.iter().enumerate() {
            let axis = rhyton_base::normalize_axis(axis, y.rank())?;
            let one = |v: &Tensor| squeeze(&narrow(v, 0, i, i + 1)?, 0);
            let sizes = (y.shape()[axis], output_shape[axis]);
            y = along(&y, axis, &weights(sizes, &one(&scale)?, &one(&translation)?, method, antialias)?)?;
        }
        cast(&y, t[0].dtype().to_float())
    })
}
