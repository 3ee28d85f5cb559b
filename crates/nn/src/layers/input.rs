//! `Input`: the shape that a model expects.

use super::layer::{CallCx, Layer, LayerOptions};
use super::naming::auto_name;
use crate::config::floatx;
use crate::spec::Config;
use rhyton_base::{DType, Dim, Result, Shape};
use rhyton_ops::Meta;
use rhyton_tensor::Tensor;
use serde_json::{Value, json};

/// The input of a model: its shape without the batch axis, its element type and its name.
///
/// A model that begins with one has weights as soon as layers are added; one without gets them from its first
/// data.
///
/// - Shape: `(batch, ...shape)` in and out, unchanged.
/// - Defaults: any batch size, [`crate::config::floatx`], names `input_layer`, `input_layer_1`, …
///
/// ```
/// use rhyton_base::Shape;
/// use rhyton_nn::layers::{AnyLayer, Input};
/// let input = AnyLayer::from(Input::new([28, 28]));
/// assert_eq!(input.input_shape(), Some(Shape::from([None, Some(28), Some(28)])));
/// ```
///
/// Source: `keras/src/layers/core/input_layer.py`.
#[derive(Clone, Debug)]
pub struct Input {
    shape: Shape,
    batch_size: Dim,
    /// Whether it stands for texts, which no tensor holds.
    text: bool,
    pub(super) options: LayerOptions,
}

super::layer::common_options!(Input);

impl Input {
    /// An input of samples of this shape; sizes may be unknown (`[None, Some(3)]`).
    pub fn new(shape: impl Into<Shape>) -> Input {
        Input { shape: shape.into(), batch_size: Dim::Unknown, text: false, options: LayerOptions::default() }
    }

    /// An input of tensors of this shape, whose first axis is the batch.
    pub fn with_batch_shape(shape: impl Into<Shape>) -> Input {
        let shape = shape.into();
        let batch_size = shape.dims().first().copied().unwrap_or(Dim::Unknown);
        Input { batch_size, ..Input::new(shape.without_batch()) }
    }

    /// Fixes the batch size in the description. Data of another batch size is still accepted, so that a last,
    /// smaller batch is.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Input {
        self.batch_size = Dim::Known(batch_size);
        self
    }

    /// Has it stand for texts. Such a model can be described, saved and read, as Keras's that begin with
    /// [`super::TextVectorization`] or [`super::StringLookup`]; to run it, these layers are called on the texts, and the rest is a
    /// model of its own.
    #[must_use]
    pub fn text(mut self) -> Input {
        self.text = true;
        self
    }

    /// The input as a symbolic tensor: what a model of a graph of layers begins with. See [`input`] for short.
    ///
    /// ```
    /// use rhyton_nn::layers::{Dense, Input};
    /// use rhyton_tensor::DType;
    /// let ids = Input::new([100]).name("ids").dtype(DType::I32).tensor();
    /// assert_eq!(ids.meta().to_string(), "int32(None, 100)");
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn tensor(&self) -> Tensor {
        let name = self.options.name.clone().unwrap_or_else(|| auto_name(self.class_name()));
        if self.text {
            return Tensor::symbolic_texts(self.batch_shape(), name);
        }
        Tensor::symbolic_input(Meta { dtype: self.element_type(), shape: self.batch_shape() }, name)
    }

    fn batch_shape(&self) -> Shape {
        self.shape.with_axis(0, self.batch_size)
    }

    fn element_type(&self) -> DType {
        match self.text {
            true => DType::I64,
            false => self.options.dtype.map_or_else(floatx, |p| p.compute_dtype()),
        }
    }
}

/// A symbolic tensor of samples of this shape, of any batch size: `Input::new(shape).tensor()`.
///
/// ```
/// use rhyton_nn::layers::{Dense, input};
/// let x = input([784]);
/// let y = Dense::new(10).activation("softmax").call(&x)?;
/// assert_eq!(y.meta().shape.to_string(), "(None, 10)");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn input(shape: impl Into<Shape>) -> Tensor {
    Input::new(shape).tensor()
}

impl Layer for Input {
    fn class_name(&self) -> &'static str {
        "InputLayer"
    }

    /// Inputs are of the default float type where nothing else is said, whatever layers compute in.
    fn options(&self) -> LayerOptions {
        LayerOptions { dtype: Some(self.element_type().into()), ..self.options.clone() }
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        Ok(x.clone())
    }

    fn needs_build(&self) -> bool {
        false
    }

    fn input_shape(&self) -> Option<Shape> {
        Some(self.batch_shape())
    }

    /// Files have `batch_shape`, the dtype as a plain name, and no `trainable`.
    fn full_config(&self, common: Config) -> Config {
        let dtype = self.element_type();
        let sizes: Vec<Value> = self.batch_shape().dims().iter().map(|d| json!(d.known())).collect();
        let name = common.get("name").cloned().unwrap_or_default();
        [
            ("batch_shape", Value::Array(sizes)),
            ("dtype", Value::from(if self.text { "string" } else { dtype.name() })),
            ("sparse", Value::from(false)),
            ("ragged", Value::from(false)),
            ("name", name),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
    }
}
