//! `Dense`: every output is connected to every input.

use super::build::BuildCx;
use super::layer::{CallCx, Layer, LayerOptions};
use super::reader::{ConfigReader, initializer_json};
use crate::activations;
use crate::initializers::Initializer;
use crate::spec::{Config, Spec};
use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;

/// A fully connected layer: `y = activation(x · kernel + bias)`.
///
/// - Shapes: input `(batch, ..., inputs)`, output `(batch, ..., units)`; the layer acts on the last axis. Weights:
///   `kernel` `(inputs, units)`, `bias` `(units,)`.
/// - Defaults: no activation (`linear`), with a bias, `glorot_uniform` kernel, `zeros` bias.
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
    kernel_initializer: Spec<dyn Initializer>,
    bias_initializer: Spec<dyn Initializer>,
    pub(super) options: LayerOptions,
    built: Option<Built>,
}

struct Built {
    kernel: Variable,
    bias: Option<Variable>,
    activation: std::sync::Arc<activations::Activation>,
}

super::layer::common_options!(Dense);

impl Dense {
    /// A layer with this many outputs.
    pub fn new(units: usize) -> Dense {
        Dense {
            units,
            activation: Spec::from("linear"),
            use_bias: true,
            kernel_initializer: Spec::from("glorot_uniform"),
            bias_initializer: Spec::from("zeros"),
            options: LayerOptions::default(),
            built: None,
        }
    }

    /// The function applied to the results: a name such as `"relu"` or an activation.
    #[must_use]
    pub fn activation(mut self, activation: impl Into<Spec<activations::Activation>>) -> Dense {
        self.activation = activation.into();
        self
    }

    /// Whether a bias is added; true by default.
    #[must_use]
    pub fn use_bias(mut self, use_bias: bool) -> Dense {
        self.use_bias = use_bias;
        self
    }

    /// How the kernel begins.
    #[must_use]
    pub fn kernel_initializer(mut self, initializer: impl Into<Spec<dyn Initializer>>) -> Dense {
        self.kernel_initializer = initializer.into();
        self
    }

    /// How the bias begins.
    #[must_use]
    pub fn bias_initializer(mut self, initializer: impl Into<Spec<dyn Initializer>>) -> Dense {
        self.bias_initializer = initializer.into();
        self
    }

    pub(super) fn from_reader(r: &mut ConfigReader) -> Result<Dense> {
        let dense = Dense::new(r.required_usize("units")?)
            .activation(r.activation("activation")?)
            .use_bias(r.bool("use_bias")?.unwrap_or(true))
            .kernel_initializer(
                r.initializer("kernel_initializer")?.unwrap_or_else(|| "glorot_uniform".into()),
            )
            .bias_initializer(r.initializer("bias_initializer")?.unwrap_or_else(|| "zeros".into()));
        for key in ["kernel_regularizer", "bias_regularizer", "kernel_constraint", "bias_constraint"] {
            r.unused_if_null(key);
        }
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
    fn class_name(&self) -> &'static str {
        "Dense"
    }

    fn options(&self) -> LayerOptions {
        self.options.clone()
    }

    fn config(&self) -> Config {
        let activation = self.activation.resolve().map(|a| a.name().to_string());
        let activation = activation.unwrap_or_else(|_| match &self.activation {
            Spec::Name(name) => name.clone(),
            Spec::Object(a) => a.name().to_string(),
        });
        [
            ("units", Value::from(self.units)),
            ("activation", Value::from(activation)),
            ("use_bias", Value::from(self.use_bias)),
            ("kernel_initializer", initializer_json(&self.kernel_initializer)),
            ("bias_initializer", initializer_json(&self.bias_initializer)),
            ("kernel_regularizer", Value::Null),
            ("bias_regularizer", Value::Null),
            ("kernel_constraint", Value::Null),
            ("bias_constraint", Value::Null),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
    }

    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        self.output_shape(input)?;
        let inputs = cx.last_axis(input)?;
        let activation = self.activation.resolve()?;
        let kernel = cx.weight("kernel", [inputs, self.units], &self.kernel_initializer)?;
        let bias = cx.weight_if(self.use_bias, "bias", [self.units], &self.bias_initializer)?;
        self.built = Some(Built { kernel, bias, activation });
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let built = self.built.as_ref().ok_or_else(|| Error::state("called before it was built"))?;
        let kernel = built.kernel.value();
        let mut y = if x.rank() == 2 {
            ops::matmul(x, &kernel)?
        } else {
            // One product for all leading axes together, instead of one each.
            let mut shape = x.shape().to_vec();
            let inputs = shape.pop().unwrap_or(1);
            let rows = shape.iter().product::<usize>();
            shape.push(self.units);
            ops::reshape(&ops::matmul(&ops::reshape(x, [rows, inputs])?, &kernel)?, shape)?
        };
        if let Some(bias) = &built.bias {
            y = ops::add(&y, &bias.value())?;
        }
        built.activation.call(&y)
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
}
