//! `Cropping1D`, `Cropping2D`, `Cropping3D`: samples without their borders.

use super::margins::margin_layer;
use super::{Margins, axes_of, first_spatial};
use crate::arguments::config;
use crate::config::{DataFormat, image_data_format};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, expect_rank, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;

fn shape<const N: usize>(input: &Shape, cropping: &Margins<N>, format: DataFormat) -> Result<Shape> {
    expect_rank(input, N + 2, axes_of(N, format))?;
    let mut dims = input.dims().to_vec();
    for (dim, (before, after)) in dims[first_spatial(format)..].iter_mut().zip(cropping.0) {
        let Some(size) = dim.known() else { continue };
        let left = before.checked_add(after).and_then(|cut| size.checked_sub(cut)).filter(|&left| left > 0);
        *dim = Dim::Known(left.ok_or_else(|| {
            Error::shape(format!(
                "cropping by ({before}, {after}) leaves nothing of an axis of size {size} (input shape {input})"
            ))
        })?);
    }
    Ok(Shape::from(dims))
}

fn crop<const N: usize>(x: &Tensor, cropping: &Margins<N>, format: DataFormat) -> Result<Tensor> {
    let mut y = x.clone();
    for (axis, (before, after)) in (first_spatial(format)..).zip(cropping.0) {
        y = ops::narrow(&y, axis as isize, before, x.shape()[axis] - after)?;
    }
    Ok(y)
}

/// Cuts steps away from the beginning and the end of sequences.
///
/// - Shape: `(batch, steps, features)` becomes `(batch, steps - before - after, features)`.
/// - Keras's default is `(1, 1)`. Masks are dropped.
/// - Errors: an input of another rank; nothing that is left.
///
/// ```
/// use rhyton_nn::layers::Cropping1D;
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[[1.0f32], [2.0], [3.0], [4.0]]]);
/// assert_eq!(Cropping1D::new((1, 2)).call(&x)?.to_vec::<f32>()?, [2.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/reshaping/cropping1d.py`.
#[derive(Clone, Debug)]
pub struct Cropping1D {
    cropping: Margins<1>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Cropping1D);

impl Cropping1D {
    /// A layer that cuts so much away: `1` on both sides, or `(before, after)`.
    pub fn new(cropping: impl Into<Margins<1>>) -> Cropping1D {
        Cropping1D { cropping: cropping.into(), options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Cropping1D> {
        Ok(Cropping1D::new(Margins::read(r, "cropping")?.unwrap_or(Margins::from(1))))
    }
}

impl Layer for Cropping1D {
    basics!("Cropping1D");

    fn config(&self) -> Config {
        config([("cropping", self.cropping.json())])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        crop(x, &self.cropping, DataFormat::ChannelsLast)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        shape(input, &self.cropping, DataFormat::ChannelsLast)
    }
}

margin_layer! {
    /// Cuts rows and columns away from the borders of images.
    ///
    /// - Shape: `(batch, rows, columns, channels)`; rows and columns get smaller.
    /// - Keras's default is 0. The layout is that of [`image_data_format`] by default. Masks are dropped.
    /// - Errors: an input of another rank; nothing that is left of an axis.
    ///
    /// ```
    /// use rhyton_nn::layers::Cropping2D;
    /// use rhyton_tensor::{DType, ops};
    /// let y = Cropping2D::new(((2, 2), (4, 0))).call(&ops::zeros([2, 28, 28, 3], DType::F32)?)?;
    /// assert_eq!(y.shape(), [2, 24, 24, 3]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/reshaping/cropping2d.py`.
    Cropping2D "Cropping2D" 2 cropping = 0, crop, shape
}

margin_layer! {
    /// Cuts planes away from the borders of volumes.
    ///
    /// - Shape: `(batch, depth, rows, columns, channels)`; the three axes between get smaller.
    /// - Keras's default is 1. The layout is that of [`image_data_format`] by default. Masks are dropped.
    /// - Errors: an input of another rank; nothing that is left of an axis.
    ///
    /// ```
    /// use rhyton_nn::layers::Cropping3D;
    /// use rhyton_tensor::{DType, ops};
    /// let y = Cropping3D::new((2, 4, 2)).call(&ops::zeros([2, 28, 28, 10, 3], DType::F32)?)?;
    /// assert_eq!(y.shape(), [2, 24, 20, 6, 3]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/reshaping/cropping3d.py`.
    Cropping3D "Cropping3D" 3 cropping = 1, crop, shape
}
