//! Colors.

use crate::ops::spatial::{DataFormat, check_images};
use crate::ops::{
    abs, add, cast, divide, equal, greater, less, r#mod, multiply, narrow, relu, squeeze, stack, subtract,
    sum, weak, r#where,
};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape};

/// The axis of the channels, which must have one of these sizes.
fn channels(x: &Tensor, format: DataFormat, allowed: &[usize]) -> Result<isize> {
    check_images(x)?;
    let axis = if format == DataFormat::ChannelsLast { -1 } else { -3 };
    let size = x.shape()[(x.rank() as isize + axis) as usize];
    if allowed.contains(&size) {
        return Ok(axis);
    }
    Err(Error::shape(format!(
        "expected {} channels ({format}), got {size} (shape {})",
        allowed.iter().map(usize::to_string).collect::<Vec<_>>().join(" or "),
        Shape::from(x.shape())
    )))
}

/// Red, green and blue weighed as `0.2989 r + 0.587 g + 0.114 b`, in one channel of the type of the images. Images of
/// one channel stay as they are. Integers are weighed in `float32` and cut to whole numbers.
///
/// ```
/// use rhyton_tensor::{Tensor, ops::image};
/// let x = Tensor::from([[[1.0f64, 0.0, 0.0]]]);
/// let y = image::rgb_to_grayscale(&x, image::DataFormat::ChannelsLast).unwrap();
/// assert_eq!(y.to_vec::<f64>().unwrap(), [0.2989]);
/// ```
///
/// # Errors
/// Where the rank is not 3 or 4, or there are not 1 or 3 channels.
pub fn rgb_to_grayscale(images: &Tensor, data_format: DataFormat) -> Result<Tensor> {
    operation("rgb_to_grayscale", &[images], move |x| {
        let x = x[0];
        let axis = channels(x, data_format, &[1, 3])?;
        let place = (x.rank() as isize + axis) as usize;
        if x.shape()[place] == 1 {
            return Ok(x.clone());
        }
        let colors = cast(x, x.dtype().to_float())?;
        let mut shape = vec![1; x.rank()];
        shape[place] = 3;
        let weights = cast(&Tensor::from_slice(&[0.2989, 0.5870, 0.1140], shape)?, colors.dtype())?;
        let gray = sum(&multiply(&colors, &weights)?, crate::Axes::from(axis).keepdims())?;
        cast(&gray, x.dtype())
    })
}

fn floats(x: &Tensor) -> Result<()> {
    if x.dtype().is_float() {
        return Ok(());
    }
    Err(Error::dtype(format!("expected a float type, got {}; cast to float32 and divide by 255", x.dtype())))
}

fn planes(x: &Tensor, axis: isize) -> Result<[Tensor; 3]> {
    let plane = |i: usize| squeeze(&narrow(x, axis, i, i + 1)?, axis);
    Ok([plane(0)?, plane(1)?, plane(2)?])
}

fn joined(planes: [Tensor; 3], axis: isize) -> Result<Tensor> {
    stack(&planes.iter().collect::<Vec<_>>(), axis)
}

/// Hue, saturation and value, all from 0 to 1, from red, green and blue.
///
/// # Errors
/// Where the rank is not 3 or 4, the type is not a float, or there are not 3 channels.
pub fn rgb_to_hsv(images: &Tensor, data_format: DataFormat) -> Result<Tensor> {
    operation("rgb_to_hsv", &[images], move |x| {
        let x = x[0];
        let axis = channels(x, data_format, &[3])?;
        floats(x)?;
        let epsilon = match x.dtype() {
            DType::F16 => f64::powi(2.0, -10),
            DType::BF16 => f64::powi(2.0, -7),
            DType::F64 => f64::EPSILON,
            _ => f64::from(f32::EPSILON),
        };
        let (zero, one) = (weak(x, 0.0)?, weak(x, 1.0)?);
        let x = r#where(&less(&abs(x)?, &weak(x, epsilon)?)?, &zero, x)?;
        let [r, g, b] = planes(&x, axis)?;
        let value = crate::ops::maximum(&crate::ops::maximum(&r, &g)?, &b)?;
        let range = subtract(&value, &crate::ops::minimum(&crate::ops::minimum(&r, &g)?, &b)?)?;
        let (bright, colored) = (greater(&value, &zero)?, greater(&range, &zero)?);
        let saturation = divide(&range, &r#where(&bright, &value, &one)?)?;
        let saturation = r#where(&bright, &saturation, &zero)?;
        // The hue goes round in six parts; in each of them two colors change places.
        let six = multiply(&r#where(&colored, &range, &one)?, &weak(&x, 6.0)?)?;
        let part =
            |a: &Tensor, b: &Tensor, from: f64| add(&divide(&subtract(a, b)?, &six)?, &weak(&x, from / 6.0)?);
        let hue = r#where(&equal(&value, &g)?, &part(&b, &r, 2.0)?, &part(&r, &g, 4.0)?)?;
        let hue = r#where(&equal(&value, &r)?, &part(&g, &b, 0.0)?, &hue)?;
        let hue = r#where(&colored, &hue, &zero)?;
        let hue = r#where(&less(&hue, &zero)?, &add(&hue, &one)?, &hue)?;
        joined([hue, saturation, value], axis)
    })
}

/// Red, green and blue from hue, saturation and value.
///
/// # Errors
/// As [`rgb_to_hsv`].
pub fn hsv_to_rgb(images: &Tensor, data_format: DataFormat) -> Result<Tensor> {
    operation("hsv_to_rgb", &[images], move |x| {
        let x = x[0];
        let axis = channels(x, data_format, &[3])?;
        floats(x)?;
        let [hue, saturation, value] = planes(x, axis)?;
        let n = |number: f64| weak(x, number);
        let one = n(1.0)?;
        let turn = multiply(&r#mod(&hue, &one)?, &n(6.0)?)?;
        // `sign · |turn - around| + offset`, limited to 0 to 1.
        let part = |around: f64, sign: f64, offset: f64| {
            let line = add(&multiply(&abs(&subtract(&turn, &n(around)?)?)?, &n(sign)?)?, &n(offset)?)?;
            crate::ops::minimum(&relu(&line)?, &one)
        };
        let pale = subtract(&one, &saturation)?;
        let color = |part: Tensor| multiply(&value, &add(&pale, &multiply(&saturation, &part)?)?);
        let [r, g, b] = [part(3.0, 1.0, -1.0)?, part(2.0, -1.0, 2.0)?, part(4.0, -1.0, 2.0)?];
        joined([color(r)?, color(g)?, color(b)?], axis)
    })
}
