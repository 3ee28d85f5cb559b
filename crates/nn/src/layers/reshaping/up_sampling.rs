//! `UpSampling1D`, `UpSampling2D`, `UpSampling3D`: each place several times over.

use super::{axes_of, first_spatial};
use crate::arguments::config;
use crate::config::{DataFormat, image_data_format};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, expect_rank, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_tensor::ops::image::{self, Interpolation, ResizeOptions};
use rhyton_tensor::{Tensor, ops};
use serde_json::{Value, json};

fn shape<const N: usize>(input: &Shape, size: [usize; N], format: DataFormat) -> Result<Shape> {
    if size.contains(&0) {
        return Err(Error::value(format!("expected size to be 1 or more, got {size:?}")));
    }
    expect_rank(input, N + 2, axes_of(N, format))?;
    let mut dims = input.dims().to_vec();
    for (dim, factor) in dims[first_spatial(format)..].iter_mut().zip(size) {
        if let Some(n) = dim.known() {
            *dim = Dim::Known(n.saturating_mul(factor));
        }
    }
    Ok(Shape::from(dims))
}

/// Every place of each spatial axis so many times.
fn repeat<const N: usize>(x: &Tensor, size: [usize; N], format: DataFormat) -> Result<Tensor> {
    let target = shape(&x.meta().shape, size, format)?.expect_known()?;
    // Each axis beside a new one of size 1, which is stretched.
    let (mut apart, mut wide) = (Vec::new(), Vec::new());
    let first = first_spatial(format);
    for (axis, &n) in x.shape().iter().enumerate() {
        apart.push(n);
        wide.push(n);
        if let Some(&factor) = axis.checked_sub(first).and_then(|i| size.get(i)) {
            apart.push(1);
            wide.push(factor);
        }
    }
    ops::reshape(&ops::broadcast_to(&ops::reshape(x, apart)?, &wide)?, target)
}

fn read_size<const N: usize>(r: &mut ConfigReader) -> Result<[usize; N]> {
    let Some(size) = r.integers("size")? else { return Ok([2; N]) };
    let size: Option<Vec<usize>> = size.into_iter().map(|n| usize::try_from(n).ok()).collect();
    let size = match size.as_deref() {
        Some([one]) => Some([*one; N]),
        Some(many) => many.try_into().ok(),
        None => None,
    };
    size.ok_or_else(|| Error::format(format!("key \"size\": expected a size or {N} sizes")))
}

/// Repeats each step of sequences.
///
/// - Shape: `(batch, steps, features)` becomes `(batch, size · steps, features)`.
/// - Keras's default size is 2. Masks are dropped.
/// - Errors: a size of 0; an input of another rank.
///
/// ```
/// use rhyton_nn::layers::UpSampling1D;
/// use rhyton_tensor::Tensor;
/// let y = UpSampling1D::new(2).call(&Tensor::from([[[1.0f32], [2.0]]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 1.0, 2.0, 2.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/reshaping/up_sampling1d.py`.
#[derive(Clone, Debug)]
pub struct UpSampling1D {
    size: usize,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(UpSampling1D);

impl UpSampling1D {
    /// A layer that repeats steps so many times.
    pub fn new(size: usize) -> UpSampling1D {
        UpSampling1D { size, options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<UpSampling1D> {
        Ok(UpSampling1D::new(read_size::<1>(r)?[0]))
    }
}

impl Layer for UpSampling1D {
    basics!("UpSampling1D");

    fn config(&self) -> Config {
        config([("size", json!(self.size))])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        repeat(x, [self.size], DataFormat::ChannelsLast)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        shape(input, [self.size], DataFormat::ChannelsLast)
    }
}

/// Makes images larger by repeating rows and columns, or by what lies between them.
///
/// - Shape: `(batch, rows, columns, channels)` becomes `(batch, size[0] · rows, size[1] · columns, channels)`.
/// - Keras's default size is `[2, 2]`. Defaults: the layout of [`image_data_format`], interpolation `"nearest"`.
///   Masks are dropped.
/// - Errors: a size of 0; an interpolation other than `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"`, `"lanczos5"`, `"area"`, `"gaussian"` and `"mitchellcubic"`;
///   an input of another rank.
///
/// ```
/// use rhyton_nn::layers::UpSampling2D;
/// use rhyton_tensor::{DType, ops};
/// let y = UpSampling2D::new([2, 3]).call(&ops::ones([1, 4, 4, 3], DType::F32)?)?;
/// assert_eq!(y.shape(), [1, 8, 12, 3]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/reshaping/up_sampling2d.py`.
#[derive(Clone, Debug)]
pub struct UpSampling2D {
    size: [usize; 2],
    data_format: DataFormat,
    interpolation: String,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(UpSampling2D);
setters! {
    UpSampling2D;
    /// Where the channels stand.
    set data_format: DataFormat;
    /// How new places are filled: see [`Interpolation`].
    into interpolation: String;
}

impl UpSampling2D {
    /// A layer that makes rows and columns so many times more.
    pub fn new(size: [usize; 2]) -> UpSampling2D {
        UpSampling2D {
            size,
            data_format: image_data_format(),
            interpolation: "nearest".into(),
            options: LayerOptions::default(),
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<UpSampling2D> {
        let mut layer = UpSampling2D::new(read_size(r)?);
        layer.data_format = r.data_format("data_format")?.unwrap_or(layer.data_format);
        layer.interpolation = r.text("interpolation")?.unwrap_or(layer.interpolation);
        Ok(layer)
    }

    fn method(&self) -> Result<Interpolation> {
        self.interpolation.to_lowercase().parse()
    }
}

impl Layer for UpSampling2D {
    basics!("UpSampling2D");

    fn config(&self) -> Config {
        config([
            ("size", json!(self.size)),
            ("data_format", Value::from(self.data_format.to_string())),
            ("interpolation", Value::from(self.interpolation.to_lowercase())),
        ])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let interpolation = self.method()?;
        if interpolation == Interpolation::Nearest {
            return repeat(x, self.size, self.data_format);
        }
        let target = shape(&x.meta().shape, self.size, self.data_format)?.expect_known()?;
        let first = first_spatial(self.data_format);
        let options = ResizeOptions::new().interpolation(interpolation).data_format(self.data_format);
        image::resize(x, [target[first], target[first + 1]], options)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.method()?;
        shape(input, self.size, self.data_format)
    }
}

/// Makes volumes larger by repeating planes.
///
/// - Shape: `(batch, depth, rows, columns, channels)`; the three axes between become `size` times as large.
/// - Keras's default size is `[2, 2, 2]`. The layout is that of [`image_data_format`] by default. Masks are dropped.
/// - Errors: a size of 0; an input of another rank.
///
/// ```
/// use rhyton_nn::layers::UpSampling3D;
/// use rhyton_tensor::{DType, ops};
/// let y = UpSampling3D::new([2, 1, 3]).call(&ops::ones([1, 2, 2, 2, 3], DType::F32)?)?;
/// assert_eq!(y.shape(), [1, 4, 2, 6, 3]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/reshaping/up_sampling3d.py`.
#[derive(Clone, Debug)]
pub struct UpSampling3D {
    size: [usize; 3],
    data_format: DataFormat,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(UpSampling3D);
setters! {
    UpSampling3D;
    /// Where the channels stand.
    set data_format: DataFormat;
}

impl UpSampling3D {
    /// A layer that makes each axis so many times as large.
    pub fn new(size: [usize; 3]) -> UpSampling3D {
        UpSampling3D { size, data_format: image_data_format(), options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<UpSampling3D> {
        let layer = UpSampling3D::new(read_size(r)?);
        let data_format = r.data_format("data_format")?.unwrap_or(layer.data_format);
        Ok(layer.data_format(data_format))
    }
}

impl Layer for UpSampling3D {
    basics!("UpSampling3D");

    fn config(&self) -> Config {
        config([("size", json!(self.size)), ("data_format", Value::from(self.data_format.to_string()))])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        repeat(x, self.size, self.data_format)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        shape(input, self.size, self.data_format)
    }
}
