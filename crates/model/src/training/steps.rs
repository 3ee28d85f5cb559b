//! What happens to one batch: the built-in steps, and steps of one's own.

use super::measures::Measures;
use rhyton_base::{Context, Error, Result};
use rhyton_nn::constraints::Constraint;
use rhyton_nn::floatx;
use rhyton_nn::layers::{AnyLayer, CallCx, LayerInputs, LossSink};
use rhyton_nn::metrics::Metric;
use rhyton_nn::optimizers::Optimizer;
use rhyton_tensor::{GradientTape, Source, Tensor, Unconnected, Variable, ops, scope};
use std::collections::HashSet;
use std::sync::Arc;

/// The samples of a step: inputs, targets and weights, as `fit`, `evaluate` or `predict` was given them.
pub struct Batch {
    pub(super) x: Vec<Tensor>,
    /// For each output, where it has targets.
    pub(super) y: Vec<Option<Tensor>>,
    pub(super) weights: Vec<Option<Tensor>>,
}

/// Where the arrays of a batch belong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Parts {
    /// How many inputs come first.
    pub inputs: usize,
    /// For each output, the place of its targets among the arrays.
    pub targets: Vec<Option<usize>>,
    /// For each output, the place of its weights.
    pub weights: Vec<Option<usize>>,
}

impl Parts {
    pub fn batch(&self, arrays: &[Tensor]) -> Batch {
        let pick = |places: &[Option<usize>]| places.iter().map(|p| p.map(|p| arrays[p].clone())).collect();
        Batch { x: arrays[..self.inputs].to_vec(), y: pick(&self.targets), weights: pick(&self.weights) }
    }
}

/// The only one of several.
fn only<'a>(all: impl Iterator<Item = &'a Tensor>, what: &str, others: &str) -> Result<&'a Tensor> {
    let all: Vec<&Tensor> = all.collect();
    match all.as_slice() {
        [one] => Ok(one),
        _ => Err(Error::value(format!("the batch has {} {what}; use {others}", all.len())).at("Batch")),
    }
}

impl Batch {
    /// The only input.
    ///
    /// # Errors
    /// Where there are several.
    pub fn x(&self) -> Result<&Tensor> {
        only(self.x.iter(), "inputs", "inputs()")
    }

    /// All inputs, in the model's order.
    pub fn inputs(&self) -> &[Tensor] {
        &self.x
    }

    /// The only targets.
    ///
    /// # Errors
    /// Where there are none, or those of several outputs.
    pub fn y(&self) -> Result<&Tensor> {
        only(self.y.iter().flatten(), "targets", "targets()")
    }

    /// The targets of each output, where it has some.
    pub fn targets(&self) -> &[Option<Tensor>] {
        &self.y
    }

    /// The weights of the samples for the first output, where some were given.
    pub fn sample_weight(&self) -> Option<&Tensor> {
        self.weights.first()?.as_ref()
    }

    /// The weights of the samples for each output.
    pub fn sample_weights(&self) -> &[Option<Tensor>] {
        &self.weights
    }
}

/// Steps of one's own in place of the built-in ones: what `fit`, `evaluate` and `predict` then do with each batch.
///
/// A step is traced once for each shape of batch and compiled, as the built-in ones are, so it must not read numbers;
/// what it reports goes into metrics. The methods that are not written do what the built-in steps do.
///
/// ```
/// use rhyton_base::Result;
/// use rhyton_model::{Batch, CustomSteps, Fit, Model, StepCx};
/// use rhyton_nn::layers::{Dense, input};
/// use rhyton_nn::metrics::{Mean, Metric};
/// use rhyton_tensor::{DType, GradientTape, ops};
/// use std::sync::Arc;
///
/// /// Trains on the mean error to the fourth power.
/// struct Fourth {
///     error: Arc<Mean>,
/// }
///
/// impl CustomSteps for Fourth {
///     fn train_step(&self, cx: &StepCx, batch: &Batch) -> Result<()> {
///         let tape = GradientTape::new();
///         let y_pred = cx.call(batch)?;
///         let loss = (y_pred - batch.y()?).square().square().mean(..)?;
///         cx.minimize(&tape, &loss)?;
///         self.error.update_state(&loss, None)
///     }
///
///     fn metrics(&self) -> Vec<Arc<dyn Metric>> {
///         vec![self.error.clone()]
///     }
/// }
///
/// let x = input([3]);
/// let y = Dense::new(1).call(&x)?;
/// let mut model = Model::new(&x, &y)?.with_steps(Fourth { error: Arc::new(Mean::new("error")) });
/// model.compile("sgd", (), ())?;
/// let (x, y) = (ops::ones([8, 3], DType::F32)?, ops::ones([8, 1], DType::F32)?);
/// let history = model.fit(&x, &y, Fit::epochs(2).verbose(0))?;
/// assert_eq!(history["error"].len(), 2);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub trait CustomSteps: Send + Sync + 'static {
    /// Learns from a batch.
    ///
    /// # Errors
    /// What is wrong ends training.
    fn train_step(&self, cx: &StepCx, batch: &Batch) -> Result<()> {
        cx.train_step(batch)
    }

    /// Measures a batch.
    ///
    /// # Errors
    /// What is wrong ends the evaluation.
    fn test_step(&self, cx: &StepCx, batch: &Batch) -> Result<()> {
        cx.test_step(batch)
    }

    /// The outputs for a batch.
    ///
    /// # Errors
    /// What is wrong ends the prediction.
    fn predict_step(&self, cx: &StepCx, batch: &Batch) -> Result<Vec<Tensor>> {
        cx.call_all(batch)
    }

    /// Metrics that the steps keep themselves. They begin anew with each epoch and evaluation, and are reported under
    /// their names, after what `compile` was given.
    fn metrics(&self) -> Vec<Arc<dyn Metric>> {
        Vec::new()
    }
}

/// The steps that models come with.
pub(super) struct BuiltIn;

impl CustomSteps for BuiltIn {}

/// What steps are made with.
#[derive(Clone)]
pub(super) struct Tools {
    pub layer: AnyLayer,
    pub optimizer: Option<Arc<dyn Optimizer>>,
    pub measures: Arc<Measures>,
}

/// What a step has at hand: the model, and what it was compiled with.
pub struct StepCx<'a> {
    tools: &'a Tools,
    training: bool,
    /// What layers added to the loss.
    added: LossSink,
}

impl<'a> StepCx<'a> {
    pub(super) fn new(tools: &'a Tools, training: bool) -> StepCx<'a> {
        StepCx { tools, training, added: LossSink::default() }
    }

    /// Whether this is a training step.
    pub fn training(&self) -> bool {
        self.training
    }

    /// The model as a layer.
    pub fn layer(&self) -> &AnyLayer {
        &self.tools.layer
    }

    /// How layers are to be called in this step: for training or not, with the losses that they add collected.
    pub fn call_cx(&self) -> CallCx<'_> {
        let cx = if self.training { CallCx::TRAINING } else { CallCx::INFERENCE };
        cx.collecting(&self.added)
    }

    /// The model's only output for the batch.
    ///
    /// # Errors
    /// Where the batch does not fit, or there are several outputs.
    pub fn call(&self, batch: &Batch) -> Result<Tensor> {
        self.tools.layer.call_in(batch.inputs(), &self.call_cx())
    }

    /// All outputs for the batch.
    ///
    /// # Errors
    /// Where the batch does not fit.
    pub fn call_all(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        self.tools.layer.call_all_in(batch.inputs(), &self.call_cx())
    }

    /// The optimizer given to `compile`.
    ///
    /// # Errors
    /// Where the model is not compiled.
    pub fn optimizer(&self) -> Result<&Arc<dyn Optimizer>> {
        self.tools.optimizer.as_ref().ok_or_else(|| {
            Error::state("the model is not compiled; call compile(optimizer, loss, metrics) first")
        })
    }

    /// The weights that training changes.
    pub fn trainable_weights(&self) -> Vec<Variable> {
        self.tools.layer.trainable_weights()
    }

    /// The total loss: what `compile` was given, for these outputs, with what layers added while they were called and
    /// what regularizers add.
    ///
    /// # Errors
    /// Where targets do not fit, or there is no loss at all.
    pub fn compute_loss(&self, batch: &Batch, y_pred: impl LayerInputs) -> Result<Tensor> {
        let y_pred = y_pred.into_tensors();
        scope("loss", || self.sum_losses(batch, &y_pred))
    }

    fn sum_losses(&self, batch: &Batch, y_pred: &[Tensor]) -> Result<Tensor> {
        let mut terms: Vec<Tensor> =
            self.tools.measures.loss(&batch.y, y_pred, &batch.weights)?.into_iter().collect();
        for added in self.added.take().iter().chain(&self.tools.layer.regularization()?) {
            let added = if added.dtype().is_float() { added.clone() } else { ops::cast(added, floatx())? };
            terms.push(ops::sum(&added, ..)?);
        }
        let mut terms = terms.into_iter();
        let first = terms.next().ok_or_else(|| {
            Error::state("there is no loss; give compile one, or have a layer add one with cx.add_loss")
        })?;
        terms.try_fold(first, |sum, term| ops::add(&sum, &ops::cast(&term, sum.dtype())?))
    }

    /// Takes the loss and the outputs of a batch into account in what `compile` was given.
    ///
    /// # Errors
    /// Where shapes do not fit.
    pub fn update_metrics(&self, loss: &Tensor, batch: &Batch, y_pred: impl LayerInputs) -> Result<()> {
        let y_pred = y_pred.into_tensors();
        scope("metrics", || {
            self.tools.measures.update(loss, batch.x.first(), &batch.y, &y_pred, &batch.weights)
        })
    }

    /// Changes the trainable weights so that the loss becomes smaller: gradients from the tape, the optimizer's
    /// update, the constraints of weights.
    ///
    /// # Errors
    /// Where the model is not compiled, or the loss is no float.
    pub fn minimize(&self, tape: &GradientTape, loss: &Tensor) -> Result<()> {
        let variables = self.trainable_weights();
        let scaled = self.optimizer()?.scale_loss(loss)?;
        let sources: Vec<Source> = variables.iter().map(Source::from).collect();
        let gradients = tape.gradients_of(&scaled, &sources, Unconnected::Zero)?;
        self.apply(&gradients.into_iter().flatten().collect::<Vec<_>>(), &variables)
    }

    /// The optimizer's update of some weights, and their constraints.
    ///
    /// # Errors
    /// Where gradients and weights do not fit.
    pub fn apply(&self, gradients: &[Tensor], variables: &[Variable]) -> Result<()> {
        scope("optimizer", || self.update(gradients, variables))
    }

    fn update(&self, gradients: &[Tensor], variables: &[Variable]) -> Result<()> {
        self.optimizer()?.apply(gradients, variables)?;
        let changed: HashSet<u64> = variables.iter().map(Variable::id).collect();
        let constraints = self.tools.layer.constraints();
        constraints
            .iter()
            .filter(|(v, _)| changed.contains(&v.id()))
            .try_for_each(|(v, c)| constrain(v, &**c))
    }

    /// The built-in step of training: forward pass, loss, gradients, metrics, optimizer, constraints.
    ///
    /// # Errors
    /// Where something does not fit.
    pub fn train_step(&self, batch: &Batch) -> Result<()> {
        let tape = GradientTape::new();
        let y_pred = self.call_all(batch)?;
        let loss = self.compute_loss(batch, &y_pred)?;
        self.minimize(&tape, &loss)?;
        self.update_metrics(&loss, batch, &y_pred)
    }

    /// The built-in step of evaluation: forward pass, loss, metrics.
    ///
    /// # Errors
    /// Where something does not fit.
    pub fn test_step(&self, batch: &Batch) -> Result<()> {
        let y_pred = self.call_all(batch)?;
        let loss = self.compute_loss(batch, &y_pred)?;
        self.update_metrics(&loss, batch, &y_pred)
    }
}

fn constrain(variable: &Variable, constraint: &dyn Constraint) -> Result<()> {
    let allowed = constraint.call(&variable.stored_value()).at(|| format!("weight {:?}", variable.name()))?;
    variable.assign(&allowed)
}
