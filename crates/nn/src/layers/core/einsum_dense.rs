//! `EinsumDense`: a product along the axes that an equation names.

use crate::activations::Activation;
use crate::arguments::config;
use crate::initializers::{self, Initializer};
use crate::layers::build::BuildCx;
use crate::layers::dense::{BIAS, KERNEL};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters, unbuilt};
use crate::layers::reader::{ConfigReader, activation_json, parse_shape, regularizer_json};
use crate::layers::weight_spec::{WeightSpec, weight_setters};
use crate::spec::{Config, Spec};
use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::{Value, json};
use std::sync::Arc;

/// A layer of products and sums along named axes: `y = activation(einsum(equation, x, kernel) + bias)`.
///
/// The equation is `"ab,bc->ac"`: the axes of the input, of the kernel, of the result. Axes of the input that the result
/// does not have are summed over with those of the kernel. `...` in front, or behind, of input and result stands for any
/// axes in between, and needs the axes beside it alone: `"...x,xy->...y"`.
///
/// - Shapes: `output_shape` is that of the result without the batch; `None` where the input says the size. Weights: `kernel`
///   with the axes of the equation, `bias` with those of `bias_axes`, and axes of size 1 behind the first of them.
/// - Defaults: no activation, no bias, `glorot_uniform` kernel, whose inputs and outputs are those of the equation.
/// - Errors: an equation of another form; sizes that the equation does not allow, or that nothing says.
///
/// ```
/// use rhyton_nn::layers::EinsumDense;
/// use rhyton_tensor::{DType, ops};
/// let x = ops::ones([2, 5, 16], DType::F32)?;
/// let heads = EinsumDense::new("abc,cde->abde", [None, Some(4), Some(8)]).bias_axes("de");
/// assert_eq!(heads.call(&x)?.shape(), [2, 5, 4, 8]);
/// assert_eq!(EinsumDense::new("...x,xy->...y", [3]).call(&x)?.shape(), [2, 5, 3]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/core/einsum_dense.py`.
pub struct EinsumDense {
    equation: String,
    partial: Shape,
    activation: Spec<Activation>,
    bias_axes: Option<String>,
    pub(in crate::layers) kernel: WeightSpec,
    pub(in crate::layers) bias: WeightSpec,
    pub(in crate::layers) options: LayerOptions,
    built: Option<Built>,
}

struct Built {
    kernel: Variable,
    bias: Option<Variable>,
    activation: Arc<Activation>,
}

common_options!(EinsumDense);
setters! {
    EinsumDense;
    /// The function applied to the results: a name such as `"relu"` or an activation.
    into activation: Spec<Activation>;
    /// The axes of the result that a bias is added along, by their letters.
    some_into bias_axes: String;
}
weight_setters!(EinsumDense.kernel: kernel_initializer kernel_regularizer kernel_constraint);
weight_setters!(EinsumDense.bias: bias_initializer bias_regularizer bias_constraint);

/// The axes of input, kernel and result, and where others stand between them.
struct Equation<'a> {
    input: &'a str,
    kernel: &'a str,
    output: &'a str,
    /// Whether `...` stands in front, or behind.
    elided: Option<bool>,
}

impl<'a> Equation<'a> {
    fn parse(text: &'a str) -> Result<Equation<'a>> {
        let parts = text.split_once(',').and_then(|(x, rest)| Some((x, rest.split_once("->")?)));
        let bare = |part: &'a str, front: Option<bool>| match front {
            Some(true) => part.strip_prefix("..."),
            Some(false) => part.strip_suffix("..."),
            None => Some(part),
        };
        let letters = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphabetic());
        let found = parts.and_then(|(x, (kernel, y))| {
            let elided = match (x.starts_with("..."), x.ends_with("...")) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            };
            Some(Equation { input: bare(x, elided)?, kernel, output: bare(y, elided)?, elided })
        });
        let found = found.filter(|e| letters(e.input) && letters(e.kernel) && letters(e.output));
        found.ok_or_else(|| {
            Error::value(format!(
                "expected an equation such as \"ab,bc->ac\", \"...x,xy->...y\" or \"ax...,xy->ay...\", got {text:?}"
            ))
        })
    }
}

impl Equation<'_> {
    /// How many axes are summed over, where they are the last ones of the input and the first ones of the kernel, and the result
    /// has the others in their order: then it is a product of two matrices.
    fn product(&self) -> Option<usize> {
        let summed = self.kernel.chars().take_while(|&c| self.input.contains(c)).count();
        let (rows, columns) = (self.input.strip_suffix(&self.kernel[..summed])?, &self.kernel[summed..]);
        let once = |text: &str| text.chars().all(|c| text.matches(c).count() == 1);
        let plain = self.elided != Some(false) && self.output.strip_prefix(rows) == Some(columns);
        (plain && once(self.input) && once(self.kernel) && once(self.output)).then_some(summed)
    }
}

fn with_bias(y: Tensor, bias: Option<&Variable>) -> Result<Tensor> {
    bias.map_or(Ok(y.clone()), |bias| ops::add(&y, &bias.value()))
}

/// The input with its last axes summed over with the first ones of the kernel, as a product of two matrices that takes the bias along.
fn product(x: &Tensor, kernel: &Tensor, bias: Option<&Variable>, summed: usize) -> Result<Tensor> {
    let (rows, inputs) = x.shape().split_at(x.rank() - summed);
    let columns = &kernel.shape()[summed..];
    let [m, k, n] = [rows, inputs, columns].map(|sizes| sizes.iter().product::<usize>());
    let mut y = ops::matmul(&ops::reshape(x, [m, k])?, &ops::reshape(kernel, [k, n])?)?;
    let whole = bias.filter(|bias| bias.shape() == columns);
    if let Some(bias) = whole {
        y = ops::add(&y, &ops::reshape(&bias.value(), [n])?)?;
    }
    let y = ops::reshape(&y, [rows, columns].concat())?;
    with_bias(y, bias.filter(|_| whole.is_none()))
}

/// The sizes that an equation, an input and the partial shape of the result amount to.
struct Sizes {
    kernel: Vec<usize>,
    input_axes: Vec<usize>,
    output_axes: Vec<usize>,
    bias: Option<Vec<usize>>,
    output: Shape,
}

impl EinsumDense {
    /// A layer for this equation, with results of this shape without the batch; `None` where the input says the size.
    pub fn new(equation: impl Into<String>, output_shape: impl Into<Shape>) -> EinsumDense {
        EinsumDense {
            equation: equation.into(),
            partial: output_shape.into(),
            activation: Spec::from("linear"),
            bias_axes: None,
            kernel: WeightSpec::new("glorot_uniform"),
            bias: WeightSpec::new("zeros"),
            options: LayerOptions::default(),
            built: None,
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<EinsumDense> {
        let equation = r.text("equation")?.ok_or_else(|| Error::format("key \"equation\" is missing"))?;
        let shape = r.value("output_shape");
        let size = |v: &Value| Some(Shape::from([usize::try_from(v.as_u64()?).ok()?]));
        let partial = shape.and_then(|v| size(v).or_else(|| parse_shape(v)));
        let partial =
            partial.ok_or_else(|| Error::format("key \"output_shape\": expected a list of sizes"))?;
        let mut layer = EinsumDense::new(equation, partial).activation(r.activation("activation")?);
        layer.bias_axes = r.text("bias_axes")?;
        layer.kernel.read(r, KERNEL)?;
        layer.bias.read(r, BIAS)?;
        for key in ["quantization_config", "lora_rank", "gptq_unpacked_column_size"] {
            r.refuse_unless_null(key)?;
        }
        Ok(layer)
    }

    /// The shape of the result; and what is known of it only where the input's shape is.
    fn result(&self, e: &Equation, input: &Shape) -> Result<Shape> {
        let elided = match (input.rank().checked_sub(e.input.len()), e.elided) {
            (Some(0), _) => 0,
            (Some(n), Some(_)) => n,
            _ => {
                return Err(Error::shape(format!(
                    "expected an input of the axes {:?}, got shape {input}",
                    self.equation.split(',').next().unwrap_or_default()
                )));
            }
        };
        let mut dims = vec![*input.dims().first().unwrap_or(&Dim::Unknown)];
        match e.elided {
            Some(true) => dims.extend(&input.dims()[1.min(elided)..elided]),
            _ => dims.extend(self.partial.dims()),
        }
        match e.elided {
            Some(true) => dims.extend(self.partial.dims()),
            _ => dims.extend(&input.dims()[input.rank() - elided..]),
        }
        let (front, behind) = if e.elided == Some(true) { (elided, 0) } else { (0, elided) };
        if dims.len() != front + e.output.len() + behind {
            return Err(Error::value(format!(
                "output_shape {} does not have the axes {:?} of the result without the batch (equation {:?})",
                self.partial, e.output, self.equation
            )));
        }
        for (i, letter) in e.output.chars().enumerate() {
            let Some(at) = e.input.find(letter) else { continue };
            let (own, other) = (dims[front + i], input.dims()[front + at]);
            match (own.known(), other.known()) {
                (None, _) => dims[front + i] = other,
                (Some(a), Some(b)) if a != b => {
                    return Err(Error::shape(format!(
                        "axis {letter:?} has {b} elements in the input and {a} in the result (input shape {input}, \
                         equation {:?})",
                        self.equation
                    )));
                }
                _ => (),
            }
        }
        Ok(Shape::from(dims))
    }

    fn sizes(&self, input: &Shape) -> Result<Sizes> {
        let e = Equation::parse(&self.equation)?;
        let output = self.result(&e, input)?;
        let front = if e.elided == Some(true) { input.rank() - e.input.len() } else { 0 };
        let behind = if e.elided == Some(false) { input.rank() - e.input.len() } else { 0 };
        let (mut kernel, mut input_axes, mut output_axes) = (Vec::new(), Vec::new(), Vec::new());
        let unknown = |letter: char| {
            Error::shape(format!(
                "the size of axis {letter:?} must be known to create weights (input shape {input}, equation {:?})",
                self.equation
            ))
        };
        for (i, letter) in e.kernel.chars().enumerate() {
            let dim = if let Some(at) = e.output.find(letter) {
                output_axes.push(i);
                output.dims()[front + at]
            } else if let Some(at) = e.input.find(letter) {
                input_axes.push(i);
                input.dims()[front + at]
            } else {
                return Err(Error::value(format!(
                    "axis {letter:?} of the kernel is neither in the input nor in the result (equation {:?})",
                    self.equation
                )));
            };
            kernel.push(dim.known().ok_or_else(|| unknown(letter))?);
        }
        let mut bias = None;
        if let Some(axes) = &self.bias_axes {
            if let Some(other) = axes.chars().find(|c| !e.output.contains(*c)) {
                return Err(Error::value(format!(
                    "bias axis {other:?} is not an axis of the result (equation {:?})",
                    self.equation
                )));
            }
            let first = axes.chars().filter_map(|c| e.output.find(c)).min().unwrap_or(e.output.len());
            let size = |(i, letter): (usize, char)| match axes.contains(letter) {
                true => output.dims()[front + first + i].known().ok_or_else(|| unknown(letter)),
                false => Ok(1),
            };
            let mut shape = e.output[first..].chars().enumerate().map(size).collect::<Result<Vec<_>>>()?;
            shape.extend(vec![1; behind]);
            bias = Some(shape);
        }
        Ok(Sizes { kernel, input_axes, output_axes, bias, output })
    }

    /// The initializer, told which axes of the kernel are inputs and which outputs.
    fn initializer(&self, sizes: &Sizes) -> Result<Spec<dyn Initializer>> {
        let given = self.kernel.initializer.resolve()?;
        let mut config = given.config();
        if config.contains_key("input_axes") {
            return Ok(self.kernel.initializer.clone());
        }
        config.insert("input_axes".into(), json!(sizes.input_axes));
        config.insert("output_axes".into(), json!(sizes.output_axes));
        // Those that scale by the sizes of both take them; others have no such arguments.
        let told = initializers::from_config(given.class_name(), &config);
        Ok(told.map_or_else(|_| self.kernel.initializer.clone(), Spec::Object))
    }
}

impl Layer for EinsumDense {
    basics!("EinsumDense");

    fn config(&self) -> Config {
        let sizes: Vec<Option<usize>> = self.partial.dims().iter().map(|d| d.known()).collect();
        let mut config = config([
            ("equation", Value::from(self.equation.clone())),
            ("output_shape", json!(sizes)),
            ("activation", activation_json(&self.activation)),
            ("bias_axes", json!(self.bias_axes)),
            ("activity_regularizer", regularizer_json(self.options.activity_regularizer.as_ref())),
        ]);
        self.kernel.write(&mut config, KERNEL);
        self.bias.write(&mut config, BIAS);
        config
    }

    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        let sizes = self.sizes(input)?;
        let activation = self.activation.resolve()?;
        let mut kernel = self.kernel.clone();
        kernel.initializer = self.initializer(&sizes)?;
        let kernel = kernel.build(cx, "kernel", &sizes.kernel)?;
        let bias = sizes.bias.map(|shape| self.bias.build(cx, "bias", shape)).transpose()?;
        self.built = Some(Built { kernel, bias, activation });
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let built = self.built.as_ref().ok_or_else(unbuilt)?;
        let kernel = built.kernel.value();
        let y = match Equation::parse(&self.equation)?.product() {
            Some(summed) => product(x, &kernel, built.bias.as_ref(), summed)?,
            None => {
                let y = ops::einsum(&self.equation, &[x, &kernel])?;
                with_bias(y, built.bias.as_ref())?
            }
        };
        built.activation.call(&y)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let e = Equation::parse(&self.equation)?;
        if let Some(built) = &self.built {
            let sizes = self.sizes(input)?;
            if sizes.kernel != built.kernel.shape() {
                return Err(Error::shape(format!(
                    "expected a kernel of shape {:?} for input shape {input}, it was built with {:?}; make a new layer \
                     for this data",
                    sizes.kernel,
                    built.kernel.shape()
                )));
            }
            return Ok(sizes.output);
        }
        self.result(&e, input)
    }
}
