//! `ZeroPadding1D`, `ZeroPadding2D`, `ZeroPadding3D`: zeros around samples.

use super::margins::margin_layer;
use super::{Margins, axes_of, first_spatial};
use crate::arguments::config;
use crate::config::{DataFormat, image_data_format};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, expect_rank, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Dim, Result, Scalar, Shape};
use rhyton_ops::index::Embed;
use rhyton_tensor::{Tensor, apply};
use serde_json::Value;
use std::sync::Arc;

fn shape<const N: usize>(input: &Shape, padding: &Margins<N>, format: DataFormat) -> Result<Shape> {
    expect_rank(input, N + 2, axes_of(N, format))?;
    let mut dims = input.dims().to_vec();
    for (dim, (before, after)) in dims[first_spatial(format)..].iter_mut().zip(padding.0) {
        if let Some(size) = dim.known() {
            *dim = Dim::Known(size.saturating_add(before).saturating_add(after));
        }
    }
    Ok(Shape::from(dims))
}

fn pad<const N: usize>(x: &Tensor, padding: &Margins<N>, format: DataFormat) -> Result<Tensor> {
    let shape = shape(&x.meta().shape, padding, format)?.expect_known()?;
    let mut places = vec![(0, 1); x.rank()];
    for (place, (before, _)) in places[first_spatial(format)..].iter_mut().zip(padding.0) {
        place.0 = before;
    }
    Ok(apply(Arc::new(Embed { shape, places, value: Scalar::Float(0.0) }), std::slice::from_ref(x))?
        .swap_remove(0))
}

margin_layer! {
    /// Puts zeros before and after sequences.
    ///
    /// - Shape: `(batch, steps, features)` becomes `(batch, steps + before + after, features)`.
    /// - Keras's default is 1. The layout is that of [`image_data_format`] by default. Masks are dropped.
    /// - Errors: an input of another rank.
    ///
    /// ```
    /// use rhyton_nn::layers::ZeroPadding1D;
    /// use rhyton_tensor::Tensor;
    /// let y = ZeroPadding1D::new((1, 2)).call(&Tensor::from([[[5.0f32]]]))?;
    /// assert_eq!(y.to_vec::<f32>()?, [0.0, 5.0, 0.0, 0.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/reshaping/zero_padding1d.py`.
    ZeroPadding1D "ZeroPadding1D" 1 padding = 1, pad, shape
}

margin_layer! {
    /// Puts rows and columns of zeros around images.
    ///
    /// - Shape: `(batch, rows, columns, channels)`; rows and columns get larger.
    /// - Keras's default is 1. The layout is that of [`image_data_format`] by default. Masks are dropped.
    /// - Errors: an input of another rank.
    ///
    /// ```
    /// use rhyton_nn::layers::ZeroPadding2D;
    /// use rhyton_tensor::{DType, ops};
    /// let y = ZeroPadding2D::new(((1, 2), (0, 3))).call(&ops::ones([1, 4, 4, 3], DType::F32)?)?;
    /// assert_eq!(y.shape(), [1, 7, 7, 3]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/reshaping/zero_padding2d.py`.
    ZeroPadding2D "ZeroPadding2D" 2 padding = 1, pad, shape
}

margin_layer! {
    /// Puts planes of zeros around volumes.
    ///
    /// - Shape: `(batch, depth, rows, columns, channels)`; the three axes between get larger.
    /// - Keras's default is 1. The layout is that of [`image_data_format`] by default. Masks are dropped.
    /// - Errors: an input of another rank.
    ///
    /// ```
    /// use rhyton_nn::layers::ZeroPadding3D;
    /// use rhyton_tensor::{DType, ops};
    /// let y = ZeroPadding3D::new((1, 2, 3)).call(&ops::ones([1, 2, 2, 2, 3], DType::F32)?)?;
    /// assert_eq!(y.shape(), [1, 4, 6, 8, 3]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/reshaping/zero_padding3d.py`.
    ZeroPadding3D "ZeroPadding3D" 3 padding = 1, pad, shape
}
