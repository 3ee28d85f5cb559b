//! The cells with gates, `SimpleRNN` as the one without: their arguments, weights, files, and one step of each.

use crate::activations::Activation;
use crate::initializers::{self, Initializer};
use crate::layers::build::BuildCx;
use crate::layers::dense::{BIAS, KERNEL};
use crate::layers::layer::unbuilt;
use crate::layers::reader::{ConfigReader, activation_json};
use crate::layers::weight_spec::{Keys, WeightSpec};
use crate::spec::{Config, Spec};
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::{SeedGenerator, Tensor, Variable, ops};
use serde_json::{Value, json};
use std::sync::Arc;

/// What a cell does with its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Simple,
    Lstm,
    Gru,
}

impl Kind {
    /// How many matrices stand side by side in a kernel.
    fn gates(self) -> usize {
        match self {
            Kind::Simple => 1,
            Kind::Gru => 3,
            Kind::Lstm => 4,
        }
    }

    fn states(self) -> usize {
        if self == Kind::Lstm { 2 } else { 1 }
    }
}

const RECURRENT: Keys = ["recurrent_initializer", "recurrent_regularizer", "recurrent_constraint"];

/// The arguments and weights of a cell.
#[derive(Clone)]
pub(super) struct Core {
    pub kind: Kind,
    pub units: usize,
    pub activation: Spec<Activation>,
    pub recurrent_activation: Spec<Activation>,
    pub use_bias: bool,
    pub kernel: WeightSpec,
    pub recurrent: WeightSpec,
    pub bias: WeightSpec,
    pub unit_forget_bias: bool,
    pub reset_after: bool,
    pub dropout: f64,
    pub recurrent_dropout: f64,
    pub seed: Option<i64>,
    built: Option<Built>,
}

#[derive(Clone)]
struct Built {
    kernel: Variable,
    recurrent: Variable,
    bias: Option<Variable>,
    activation: Arc<Activation>,
    recurrent_activation: Arc<Activation>,
    generator: SeedGenerator,
    input: Shape,
}

/// What a pass over a sequence multiplies inputs and states with; the same at all steps. Empty where nothing is dropped.
#[derive(Default)]
pub(super) struct Noise {
    inputs: Vec<Tensor>,
    states: Vec<Tensor>,
}

/// The bias of an LSTM: that of the forget gate begins with ones.
#[derive(Debug)]
struct ForgetBias(Arc<dyn Initializer>);

impl Initializer for ForgetBias {
    fn class_name(&self) -> &'static str {
        self.0.class_name()
    }

    fn config(&self) -> Config {
        self.0.config()
    }

    fn init(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
        let units = shape.iter().product::<usize>() / 4;
        let ones = initializers::get("ones")?.init(&[units], dtype)?;
        ops::concatenate(&[&self.0.init(&[units], dtype)?, &ones, &self.0.init(&[2 * units], dtype)?], 0)
    }
}

impl Core {
    pub fn new(kind: Kind, units: usize) -> Core {
        Core {
            kind,
            units,
            activation: Spec::from("tanh"),
            recurrent_activation: Spec::from("sigmoid"),
            use_bias: true,
            kernel: WeightSpec::new("glorot_uniform"),
            recurrent: WeightSpec::new("orthogonal"),
            bias: WeightSpec::new("zeros"),
            unit_forget_bias: true,
            reset_after: true,
            dropout: 0.0,
            recurrent_dropout: 0.0,
            seed: None,
            built: None,
        }
    }

    pub fn read(kind: Kind, r: &mut ConfigReader) -> Result<Core> {
        let mut core = Core::new(kind, r.required_usize("units")?);
        core.activation = r.activation("activation")?;
        core.use_bias = r.bool("use_bias")?.unwrap_or(true);
        core.kernel.read(r, KERNEL)?;
        core.recurrent.read(r, RECURRENT)?;
        core.bias.read(r, BIAS)?;
        core.dropout = r.f64("dropout")?.unwrap_or(0.0);
        core.recurrent_dropout = r.f64("recurrent_dropout")?.unwrap_or(0.0);
        core.seed = r.i64("seed")?;
        if kind != Kind::Simple {
            core.recurrent_activation = r.activation("recurrent_activation")?;
        }
        match kind {
            Kind::Simple => (),
            Kind::Lstm => core.unit_forget_bias = r.bool("unit_forget_bias")?.unwrap_or(true),
            Kind::Gru => core.reset_after = r.bool("reset_after")?.unwrap_or(true),
        }
        // How Keras computes it, and not what; old files have it.
        r.value("implementation");
        Ok(core)
    }

    pub fn config(&self) -> Config {
        let mut config = crate::arguments::config([
            ("units", Value::from(self.units)),
            ("activation", activation_json(&self.activation)),
            ("use_bias", Value::from(self.use_bias)),
            ("dropout", Value::from(self.dropout)),
            ("recurrent_dropout", Value::from(self.recurrent_dropout)),
            ("seed", json!(self.seed)),
        ]);
        self.kernel.write(&mut config, KERNEL);
        self.recurrent.write(&mut config, RECURRENT);
        self.bias.write(&mut config, BIAS);
        if self.kind != Kind::Simple {
            config.insert("recurrent_activation".into(), activation_json(&self.recurrent_activation));
        }
        match self.kind {
            Kind::Simple => None,
            Kind::Lstm => config.insert("unit_forget_bias".into(), Value::from(self.unit_forget_bias)),
            Kind::Gru => config.insert("reset_after".into(), Value::from(self.reset_after)),
        };
        config
    }

    pub fn state_sizes(&self) -> Vec<usize> {
        vec![self.units; self.kind.states()]
    }

    /// An error where the arguments make no sense, or the input of a step does not fit.
    pub fn check(&self, input: &Shape) -> Result<()> {
        if self.units == 0 {
            return Err(Error::value("expected at least 1 unit, got 0"));
        }
        for (name, rate) in [("dropout", self.dropout), ("recurrent_dropout", self.recurrent_dropout)] {
            if !(0.0..=1.0).contains(&rate) {
                return Err(Error::value(format!("expected {name} in [0, 1], got {rate}")));
            }
        }
        let built = self.built.as_ref().map(|b| b.kernel.shape()[0]);
        match (built, input.last()?.known()) {
            (Some(features), Some(got)) if got != features => Err(Error::shape(format!(
                "expected {features} features, got {got} (input shape {input}); give it such data, or make a new layer \
                 for this data"
            ))),
            _ => Ok(()),
        }
    }

    pub fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        self.check(input)?;
        let (features, wide) = (cx.last_axis(input)?, self.units.saturating_mul(self.kind.gates()));
        let activation = self.activation.resolve()?;
        let recurrent_activation = self.recurrent_activation.resolve()?;
        let kernel = self.kernel.build(cx, "kernel", [features, wide])?;
        let recurrent = self.recurrent.build(cx, "recurrent_kernel", [self.units, wide])?;
        let mut bias = self.bias.clone();
        if self.kind == Kind::Lstm && self.unit_forget_bias {
            bias.initializer = Spec::Object(Arc::new(ForgetBias(bias.initializer.resolve()?)));
        }
        let shape = if self.two_biases() { vec![2, wide] } else { vec![wide] };
        let bias = bias.build_if(self.use_bias, cx, "bias", shape)?;
        // Streams are told apart by 32 bits.
        let generator = SeedGenerator::new(self.seed.map(|s| s as u32));
        let input = input.clone();
        self.built =
            Some(Built { kernel, recurrent, bias, activation, recurrent_activation, generator, input });
        Ok(())
    }

    /// What files keep about the shape that it was built for: that of the input alone.
    pub fn build_config(&self) -> Option<Value> {
        self.built.as_ref().map(|b| for_input(&b.input))
    }

    fn two_biases(&self) -> bool {
        self.kind == Kind::Gru && self.reset_after
    }

    fn built(&self) -> Result<&Built> {
        self.built.as_ref().ok_or_else(unbuilt)
    }

    /// The noise of a pass over inputs of so many features.
    pub fn noise(&self, batch: usize, features: usize, dtype: DType, training: bool) -> Result<Noise> {
        let mut noise = Noise::default();
        if !training {
            return Ok(noise);
        }
        let generator = &self.built()?.generator;
        // Each gate has its own noise where states are dropped, as Keras has it.
        let each = if self.recurrent_dropout > 0.0 { self.kind.gates() } else { 1 };
        let draw = |rate: f64, size: usize| -> Result<Vec<Tensor>> {
            let count = if rate > 0.0 { each } else { 0 };
            let ones = ops::ones([batch, size], dtype)?;
            (0..count).map(|_| generator.dropout(&ones, rate, None)).collect()
        };
        noise.inputs = draw(self.dropout, features)?;
        noise.states = draw(self.recurrent_dropout, self.units)?;
        Ok(noise)
    }

    /// What inputs add to the gates, of one step or of all at once: `[..., batch, features]` becomes `[..., batch, gates]`.
    pub fn project(&self, x: &Tensor, noise: &Noise) -> Result<Tensor> {
        let built = self.built()?;
        let kernel = built.kernel.value();
        // One product for all steps, with the bias before the axes part again, so that the product takes it along.
        let product = |x: &Tensor, kernel: &Tensor| -> Result<Tensor> {
            let features = x.shape().last().copied().unwrap_or(1);
            let rows: usize = x.shape().iter().rev().skip(1).product();
            ops::matmul(&ops::reshape(x, [rows, features])?, kernel)
        };
        let mut z = match noise.inputs.as_slice() {
            [] => product(x, &kernel)?,
            [one] => product(&ops::multiply(x, one)?, &kernel)?,
            many => {
                let kernels = ops::split(&kernel, many.len(), 1)?;
                let each = many.iter().zip(&kernels).map(|(noise, k)| product(&ops::multiply(x, noise)?, k));
                let each = each.collect::<Result<Vec<_>>>()?;
                ops::concatenate(&each.iter().collect::<Vec<_>>(), -1)?
            }
        };
        if let Some(bias) = &built.bias {
            let bias = bias.value();
            let of_inputs = if self.two_biases() { row(&bias, 0)? } else { bias };
            z = ops::add(&z, &of_inputs)?;
        }
        let mut shape = x.shape().to_vec();
        shape.pop();
        shape.push(kernel.shape()[1]);
        ops::reshape(&z, shape)
    }

    /// What the state adds to each gate.
    fn recur(&self, h: &Tensor, kernel: &Tensor, noise: &Noise) -> Result<Tensor> {
        match noise.states.as_slice() {
            [] => ops::matmul(h, kernel),
            [one] => ops::matmul(&ops::multiply(h, one)?, kernel),
            many => {
                let kernels = ops::split(kernel, kernel.shape()[1] / self.units, 1)?;
                let each = many.iter().zip(&kernels).map(|(n, k)| ops::matmul(&ops::multiply(h, n)?, k));
                let each = each.collect::<Result<Vec<_>>>()?;
                ops::concatenate(&each.iter().collect::<Vec<_>>(), -1)
            }
        }
    }

    /// The gates that stand side by side, one by one; their gradients go back to their places in one piece.
    fn gates(&self, z: &Tensor) -> Result<Vec<Tensor>> {
        let gates = z.shape()[1] / self.units;
        ops::unstack(&ops::reshape(z, [z.shape()[0], gates, self.units])?, 1)
    }

    /// One step: the next states, of which the first is the result, from what [`Core::project`] gives and the states.
    pub fn step(&self, z: &Tensor, states: &[Tensor], noise: &Noise) -> Result<Vec<Tensor>> {
        let built = self.built()?;
        if states.len() != self.kind.states() {
            return Err(Error::value(format!(
                "expected {} states, got {}",
                self.kind.states(),
                states.len()
            )));
        }
        let (h, recurrent) = (&states[0], built.recurrent.value());
        let gate = |x: &Tensor| built.recurrent_activation.call(x);
        match self.kind {
            Kind::Simple => {
                Ok(vec![built.activation.call(&ops::add(z, &self.recur(h, &recurrent, noise)?)?)?])
            }
            Kind::Lstm => {
                let z = self.gates(&ops::add(z, &self.recur(h, &recurrent, noise)?)?)?;
                let (i, f, o) = (gate(&z[0])?, gate(&z[1])?, gate(&z[3])?);
                let new = ops::multiply(&i, &built.activation.call(&z[2])?)?;
                let c = ops::add(&ops::multiply(&f, &states[1])?, &new)?;
                Ok(vec![ops::multiply(&o, &built.activation.call(&c)?)?, c])
            }
            Kind::Gru => {
                let x = self.gates(z)?;
                let (update, candidate) = if self.reset_after {
                    let mut inner = self.recur(h, &recurrent, noise)?;
                    if let Some(bias) = &built.bias {
                        inner = ops::add(&inner, &row(&bias.value(), 1)?)?;
                    }
                    let inner = self.gates(&inner)?;
                    let (update, reset) =
                        (gate(&ops::add(&x[0], &inner[0])?)?, gate(&ops::add(&x[1], &inner[1])?)?);
                    (update, ops::multiply(&reset, &inner[2])?)
                } else {
                    let kernels = ops::split(&recurrent, [2 * self.units], 1)?;
                    let parts = |from: usize, to: usize| Noise {
                        inputs: Vec::new(),
                        states: noise.states.get(from..to).map(<[Tensor]>::to_vec).unwrap_or_default(),
                    };
                    let inner = self.gates(&self.recur(h, &kernels[0], &parts(0, 2))?)?;
                    let (update, reset) =
                        (gate(&ops::add(&x[0], &inner[0])?)?, gate(&ops::add(&x[1], &inner[1])?)?);
                    (update, self.recur(&ops::multiply(&reset, h)?, &kernels[1], &parts(2, 3))?)
                };
                let candidate = built.activation.call(&ops::add(&x[2], &candidate)?)?;
                let one = crate::numbers::like(&update, 1.0)?;
                let kept = ops::multiply(&update, h)?;
                let rest = ops::multiply(&ops::subtract(&one, &update)?, &candidate)?;
                Ok(vec![ops::add(&kept, &rest)?])
            }
        }
    }
}

/// What files keep about the shape of an input.
pub(super) fn for_input(input: &Shape) -> Value {
    let sizes: Value = input.dims().iter().map(|d| json!(d.known())).collect();
    json!({"input_shape": sizes})
}

/// A row of a matrix.
fn row(x: &Tensor, at: usize) -> Result<Tensor> {
    ops::squeeze(&ops::narrow(x, 0, at, at + 1)?, 0)
}
