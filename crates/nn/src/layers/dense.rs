//! `Dense`: every output is connected to every input.

use super::build::BuildCx;
use super::layer::{CallCx, Layer, LayerOptions, basics, setters, unbuilt};
use super::reader::{ConfigReader, activation_json};
use super::weight_spec::{Keys, WeightSpec, weight_setters};
use crate::activations;
use crate::arguments::config;
use crate::spec::{Config, Spec};
use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;

/// A fully connected layer: `y = activation(x · kernel + bias)`.
///
/// - Shapes: input `(batch, ..., inputs)`, output `(batch, ..., units)`; the layer acts on the last axis. Weights:
///   `kernel` `(inputs, units)`, `bias` `(units,)`.
/// - Defaults: no activation (`linear`), with a bias, `glorot_uniform` kernel, `zeros` bias, no regularizers and
///   constraints.
/// - Masks go on unchanged.
/// - Errors: `units` of 0; inputs of rank below 2 or with another last axis than the layer was built for.
///
/// ```
/// use rhyton_nn::layers::Dense;
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
/// let y = Dense::new(3).activation("relu").kernel_initializer("ones").call(&x)?;
/// assert_eq!(y.to_vec::<f32>()?, [3.0, 3.0, 3.0, 7.0, 7.0, 7.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/core/dense.py`.
pub struct Dense {
    units: usize,
    activation: Spec<activations::Activation>,
    use_bias: bool,
    kernel: WeightSpec,
    bias: WeightSpec,
    pub(super) options: LayerOptions,
    built: Option<Built>,
}

struct Built {
    kernel: Variable,
    bias: Option<Variable>,
    activation: std::sync::Arc<activations::Activation>,
}

super::layer::common_options!(Dense);
setters! {
    Dense;
    /// The function applied to the results: a name such as `"relu"` or an activation.
    into activation: Spec<activations::Activation>;
    /// Whether a bias is added; true by default.
    set use_bias: bool;
}
weight_setters!(Dense.kernel: kernel_initializer kernel_regularizer kernel_constraint);
weight_setters!(Dense.bias: bias_initializer bias_regularizer bias_constraint);

pub(super) const KERNEL: Keys = ["kernel_initializer", "kernel_regularizer", "kernel_constraint"];
pub(super) const BIAS: Keys = ["bias_initializer", "bias_regularizer", "bias_constraint"];

impl Dense {
    /// A layer with this many outputs.
    pub fn new(units: usize) -> Dense {
        Dense {
            units,
            activation: Spec::from("linear"),
            use_bias: true,
            kernel: WeightSpec::new("glorot_uniform"),
            bias: WeightSpec::new("zeros"),
            options: LayerOptions::default(),
            built: None,
        }
    }

    pub(super) fn from_reader(r: &mut ConfigReader) -> Result<Dense> {
        let mut dense = Dense::new(r.required_usize("units")?)
            .activation(r.activation("activation")?)
            .use_bias(r.bool("use_bias")?.unwrap_or(true));
        dense.kernel.read(r, KERNEL)?;
        dense.bias.read(r, BIAS)?;
        // These change which weights the file holds, so they cannot be left out.
        for key in ["quantization_config", "lora_rank"] {
            r.refuse_unless_null(key)?;
        }
        Ok(dense)
    }

    /// How to make an input fit whose last axis is wrong.
    fn advice(inputs: usize, input: &Shape) -> String {
        let rest = input.without_batch();
        match rest.elements() {
            Some(n) if n == inputs && rest.rank() > 1 => "add Flatten before it".to_string(),
            _ => "give it such data, or make a new layer for this data".to_string(),
        }
    }
}

impl Layer for Dense {
    basics!("Dense");

    fn config(&self) -> Config {
        let mut config = config([
            ("units", Value::from(self.units)),
            ("activation", activation_json(&self.activation)),
            ("use_bias", Value::from(self.use_bias)),
        ]);
        self.kernel.write(&mut config, KERNEL);
        self.bias.write(&mut config, BIAS);
        config
    }

    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        self.output_shape(input)?;
        let inputs = cx.last_axis(input)?;
        let activation = self.activation.resolve()?;
        let kernel = self.kernel.build(cx, "kernel", [inputs, self.units])?;
        let bias = self.bias.build_if(self.use_bias, cx, "bias", [self.units])?;
        self.built = Some(Built { kernel, bias, activation });
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let built = self.built.as_ref().ok_or_else(unbuilt)?;
        let kernel = built.kernel.value();
        // One product for all leading axes together, instead of one each; it takes bias and activation along.
        let mut shape = x.shape().to_vec();
        let inputs = shape.pop().unwrap_or(1);
        let rows = shape.iter().product::<usize>();
        let whole = |y: Tensor| {
            shape.push(self.units);
            ops::reshape(&y, shape)
        };
        let flat = x.rank() == 2;
        let mut y = match flat {
            true => ops::matmul(x, &kernel)?,
            false => ops::matmul(&ops::reshape(x, [rows, inputs])?, &kernel)?,
        };
        if let Some(bias) = &built.bias {
            y = ops::add(&y, &bias.value())?;
        }
        if flat {
            built.activation.call(&y)
        } else if built.activation.is_custom() {
            // One of the user's own may look at any axis.
            built.activation.call(&whole(y)?)
        } else {
            whole(built.activation.call(&y)?)
        }
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if self.units == 0 {
            return Err(Error::value("expected at least 1 unit, got 0"));
        }
        if input.rank() < 2 {
            return Err(Error::shape(format!(
                "expected an input of at least 2 axes (batch, features), got shape {input}; reshape it to (batch, 1) \
                 if each sample is a single number"
            )));
        }
        if let (Some(built), Some(got)) = (&self.built, input.last()?.known()) {
            let inputs = built.kernel.shape()[0];
            if got != inputs {
                return Err(Error::shape(format!(
                    "expected last axis {inputs}, got {got} (input shape {input}); {}",
                    Dense::advice(inputs, input)
                )));
            }
        }
        Ok(input.with_last(self.units))
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
