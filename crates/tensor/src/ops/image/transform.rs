//! Images moved, turned and bent.

use super::filters::{check_kernel, gaussian_blur};
use super::resample::{FillMode, Interpolation, Reading, at_coordinates};
use super::resize::setters;
use crate::ops::spatial::{DataFormat, check_images, listed, on_batch};
use crate::ops::{add, cast, divide, expand_dims, multiply, narrow, reshape, squeeze, subtract, weak};
use crate::random::SeedGenerator;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape};

/// How transformed images are read. Defaults: bilinear interpolation; what comes from outside is 0 (for
/// [`elastic_transform`], the image reflected); channels last.
#[derive(Clone, Copy, Debug, Default)]
pub struct TransformOptions {
    interpolation: Interpolation,
    fill_mode: Option<FillMode>,
    fill_value: f64,
    data_format: DataFormat,
}

impl TransformOptions {
    /// The defaults.
    pub fn new() -> TransformOptions {
        TransformOptions::default()
    }

    setters! { TransformOptions:
        /// "nearest" or "bilinear".
        interpolation Interpolation;
        /// What stands outside, with [`FillMode::Constant`].
        fill_value f64;
        /// Where the channels stand.
        data_format DataFormat;
    }

    /// What stands outside of the image.
    #[must_use]
    pub fn fill_mode(self, fill_mode: FillMode) -> TransformOptions {
        TransformOptions { fill_mode: Some(fill_mode), ..self }
    }

    fn reading(&self, default: FillMode) -> Result<Reading> {
        let linear = match self.interpolation {
            Interpolation::Nearest => false,
            Interpolation::Bilinear => true,
            other => {
                let message = format!("expected interpolation \"nearest\" or \"bilinear\", got \"{other}\"");
                return Err(Error::value(message));
            }
        };
        let fill_mode = self.fill_mode.unwrap_or(default);
        Ok(Reading { linear, fill_mode, fill_value: self.fill_value })
    }
}

/// The coordinates `0..n` along one of three axes `[1, height, width]`.
fn places(n: usize, axis: usize, dtype: DType) -> Result<Tensor> {
    let mut shape = [1; 3];
    shape[axis] = n;
    cast(&Tensor::from_slice(&listed(n, |i| i as i64)?, shape)?, dtype)
}

/// Eight numbers for each image, `[batch, 1, 1]` each, and a ninth that is 1.
fn coefficients(transform: &Tensor) -> Result<Vec<Tensor>> {
    let each = |i: usize| expand_dims(&narrow(transform, 1, i, i + 1)?, -1);
    (0..8).map(each).collect()
}

/// Images `[batch, height, width, channels]` read at `((t0 x + t1 y + t2) / k, (t3 x + t4 y + t5) / k)` with
/// `k = t6 x + t7 y + 1`.
fn projected(x: &Tensor, transform: &Tensor, how: Reading) -> Result<Tensor> {
    let (batch, height, width) = (x.shape()[0], x.shape()[1], x.shape()[2]);
    let t = coefficients(transform)?;
    let given = transform.shape()[0];
    if given != batch && given != 1 {
        return Err(Error::shape(format!(
            "expected one transform, or one for each of {batch} images, got {given}"
        )));
    }
    let (down, across) = (places(height, 1, transform.dtype())?, places(width, 2, transform.dtype())?);
    let line = |i: usize| add(&multiply(&t[i], &across)?, &multiply(&t[i + 1], &down)?);
    let k = add(&line(6)?, &weak(&across, 1.0)?)?;
    let to = |i: usize| {
        let at = divide(&add(&line(i)?, &t[i + 2])?, &k)?;
        crate::ops::broadcast_to(&at, &[batch, height, width])
    };
    at_coordinates(x, &to(3)?, &to(0)?, how)
}

/// Images under an affine transformation: the pixel at `(x, y)` of the result is what stands at
/// `((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k)` in the image, with `k = c0 x + c1 y + 1`.
///
/// `transform` is `[a0, a1, a2, b0, b1, b2, c0, c1]`, or one such row for each image. The result has the shape and type of
/// the images. (With JAX and NumPy, Keras has no use for `c0` and `c1`.)
///
/// ```
/// use rhyton_tensor::{Tensor, ops::image};
/// let x = Tensor::from([[[1.0f32], [2.0], [3.0]]]);
/// let shift = Tensor::from([1.0f32, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
/// let y = image::affine_transform(&x, &shift, image::TransformOptions::new()).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [2.0, 3.0, 0.0]);
/// ```
///
/// # Errors
/// Where ranks or sizes do not fit, or the interpolation is neither "nearest" nor "bilinear".
pub fn affine_transform(images: &Tensor, transform: &Tensor, options: TransformOptions) -> Result<Tensor> {
    operation("affine_transform", &[images, transform], move |x| {
        let how = options.reading(FillMode::Constant)?;
        check_images(x[0])?;
        let transform = cast(x[1], x[1].dtype().to_float())?;
        let transform = if transform.rank() == 1 { expand_dims(&transform, 0)? } else { transform };
        if transform.rank() != 2 || transform.shape()[1] != 8 {
            return Err(Error::shape(format!(
                "expected a transform of shape (8,) or [batch, 8], got {}",
                Shape::from(x[1].shape())
            )));
        }
        on_batch(x[0], options.data_format, |x| projected(x, &transform, how))
    })
}

/// A matrix of numbers for each image.
type Matrix = [[Tensor; 3]; 3];

/// The projection that takes the corners of the unit square, in turn, to four points `[batch, 4, 2]`.
///
/// Source: Heckbert 1989, "Fundamentals of texture mapping and image warping", section 2.2.3.
fn from_square(points: &Tensor) -> Result<Matrix> {
    let batch = points.shape()[0];
    let number = |corner: usize, axis: usize| {
        reshape(&narrow(&narrow(points, 1, corner, corner + 1)?, 2, axis, axis + 1)?, [batch])
    };
    let corners = |axis: usize| {
        Ok::<_, Error>([number(0, axis)?, number(1, axis)?, number(3, axis)?, number(2, axis)?])
    };
    let (x, y) = (corners(0)?, corners(1)?);
    // Far corner against its neighbours, and how far the four are from a parallelogram.
    let parts = |p: &[Tensor; 4]| {
        let (a, b) = (subtract(&p[1], &p[2])?, subtract(&p[3], &p[2])?);
        let rest = add(&subtract(&p[0], &p[1])?, &subtract(&p[2], &p[3])?)?;
        Ok::<_, Error>((a, b, rest))
    };
    let ((x1, x2, sx), (y1, y2, sy)) = (parts(&x)?, parts(&y)?);
    let cross = |a: &Tensor, b: &Tensor, c: &Tensor, d: &Tensor| subtract(&multiply(a, b)?, &multiply(c, d)?);
    let area = cross(&x1, &y2, &y1, &x2)?;
    let g = divide(&cross(&sx, &y2, &x2, &sy)?, &area)?;
    let h = divide(&cross(&x1, &sy, &sx, &y1)?, &area)?;
    let row = |p: &[Tensor; 4]| {
        let a = add(&subtract(&p[1], &p[0])?, &multiply(&g, &p[1])?)?;
        let b = add(&subtract(&p[3], &p[0])?, &multiply(&h, &p[3])?)?;
        Ok::<_, Error>([a, b, p[0].clone()])
    };
    let one = add(&multiply(&g, &weak(&g, 0.0)?)?, &weak(&g, 1.0)?)?;
    Ok([row(&x)?, row(&y)?, [g, h, one]])
}

/// The inverse of a matrix up to a factor.
fn adjugate(m: &Matrix) -> Result<Matrix> {
    let minor = |i: usize, j: usize| {
        let ([a, b], [c, d]) = ([(i + 1) % 3, (i + 2) % 3], [(j + 1) % 3, (j + 2) % 3]);
        subtract(&multiply(&m[a][c], &m[b][d])?, &multiply(&m[a][d], &m[b][c])?)
    };
    let row = |j: usize| Ok::<_, Error>([minor(0, j)?, minor(1, j)?, minor(2, j)?]);
    Ok([row(0)?, row(1)?, row(2)?])
}

/// The eight numbers of the projection that takes the end points to the start points.
fn homography(start: &Tensor, end: &Tensor) -> Result<Tensor> {
    let (to, from) = (from_square(start)?, adjugate(&from_square(end)?)?);
    let entry = |i: usize, j: usize| {
        let parts = (0..3).map(|k| multiply(&to[i][k], &from[k][j])).collect::<Result<Vec<_>>>()?;
        add(&add(&parts[0], &parts[1])?, &parts[2])
    };
    let last = entry(2, 2)?;
    let entries = (0..8).map(|n| divide(&entry(n / 3, n % 3)?, &last)).collect::<Result<Vec<_>>>()?;
    crate::ops::stack(&entries.iter().collect::<Vec<_>>(), -1)
}

/// Images under the perspective transformation that takes four points to four others: what stands at a start point
/// comes to stand at its end point.
///
/// Points are `[4, 2]`, or `[batch, 4, 2]`, of `(x, y)`; they stand for the top left, top right, bottom left and bottom
/// right corner, of which no three may lie on a line. The result has the shape and type of the images.
///
/// # Errors
/// Where ranks or sizes do not fit, or the interpolation is neither "nearest" nor "bilinear".
pub fn perspective_transform(
    images: &Tensor,
    start_points: &Tensor,
    end_points: &Tensor,
    options: TransformOptions,
) -> Result<Tensor> {
    operation("perspective_transform", &[images, start_points, end_points], move |x| {
        let how = options.reading(FillMode::Constant)?;
        check_images(x[0])?;
        let [start, end] = [x[1], x[2]];
        let rank = start.rank();
        if !(2..=3).contains(&rank) || start.shape()[rank - 2..] != [4, 2] || start.shape() != end.shape() {
            return Err(Error::shape(format!(
                "expected start and end points of shape (4, 2) or [batch, 4, 2], got {} and {}",
                Shape::from(start.shape()),
                Shape::from(end.shape())
            )));
        }
        // Solved in double precision: coordinates are large against the distances that matter.
        let prepared = |p: &Tensor| {
            let p = cast(p, DType::F64)?;
            if rank == 2 { expand_dims(&p, 0) } else { Ok(p) }
        };
        let transform = homography(&prepared(start)?, &prepared(end)?)?;
        let work = if x[0].dtype() == DType::F64 { DType::F64 } else { DType::F32 };
        let transform = cast(&transform, work)?;
        on_batch(x[0], options.data_format, |x| projected(x, &transform, how))
    })
}

/// Images bent at random: every pixel is read from where it stands plus `alpha` times a random offset, drawn from a
/// normal distribution with standard deviation `sigma` and blurred with a Gaussian kernel of that sigma.
///
/// Keras's defaults are `alpha = 20` and `sigma = 5`. Offsets down and across are drawn one after the other. (Keras draws
/// both from one seed, so that they are equal.) The result has the shape and type of the images.
///
/// # Errors
/// Where the rank is not 3 or 4, sigma is not positive, alpha or sigma are not finite, or the interpolation is neither
/// "nearest" nor "bilinear".
pub fn elastic_transform(
    images: &Tensor,
    alpha: f64,
    sigma: f64,
    seed: &SeedGenerator,
    options: TransformOptions,
) -> Result<Tensor> {
    let seed = seed.clone();
    operation("elastic_transform", &[images], move |x| {
        let how = options.reading(FillMode::Reflect)?;
        check_images(x[0])?;
        check_kernel(1, sigma)?;
        if !alpha.is_finite() || sigma > 1e4 {
            return Err(Error::value(format!(
                "expected a finite alpha and a sigma up to 1e4, got {alpha} and {sigma}"
            )));
        }
        let size = (6.0 * sigma) as usize | 1;
        on_batch(x[0], options.data_format, |x| {
            let (batch, height, width) = (x.shape()[0], x.shape()[1], x.shape()[2]);
            let work = if x.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
            let offsets = |places: Tensor| {
                let noise = seed.normal([batch, height, width, 1], 0.0, sigma, work)?;
                let smooth = gaussian_blur(&noise, [size, size], [sigma, sigma], DataFormat::ChannelsLast)?;
                let smooth = squeeze(&smooth, -1)?;
                add(&places, &multiply(&smooth, &weak(&smooth, alpha)?)?)
            };
            let (down, across) = (offsets(places(height, 1, work)?)?, offsets(places(width, 2, work)?)?);
            at_coordinates(x, &down, &across, how)
        })
    })
}
