//! What a model is trained with.

use super::measures::{Measures, is_accuracy, is_crossentropy};
use super::steps::{BuiltIn, CustomSteps, Parts, StepCx, Tools};
use crate::model::Model;
use crate::step::{Kind, Step, Work};
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_nn::optimizers::{LossScaleOptimizer, Optimizer};
use rhyton_nn::{LossWeights, Losses, Metrics, Spec};
use rhyton_ops::Meta;
use rhyton_tensor::{Tensor, Variable};
use std::sync::{Arc, Mutex};

/// Optimizer, losses and metrics, with what [`Model::compile`] leaves out.
///
/// | option | default |
/// |---|---|
/// | `loss_weights` | each loss counts 1 in the total |
/// | `metrics`, `weighted_metrics` | none |
/// | `run_eagerly` | false: a step is one compiled function |
/// | `steps_per_execution` | 1 |
/// | `auto_scale_loss` | true: under the policy `mixed_float16` the optimizer is put into a [`LossScaleOptimizer`] |
///
/// ```
/// use rhyton_model::{Compile, Sequential};
/// # use rhyton_nn::layers::Dense;
/// # let mut model = Sequential::from([Dense::new(1)]);
/// model.compile_with(Compile::new("adam", "mse").metrics(["mae"]).weighted_metrics(["mae"]).run_eagerly(true))?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone)]
pub struct Compile {
    pub(crate) optimizer: Spec<dyn Optimizer>,
    pub(crate) losses: Losses,
    pub(crate) loss_weights: Option<LossWeights>,
    pub(crate) metrics: Option<Metrics>,
    pub(crate) weighted_metrics: Option<Metrics>,
    pub(crate) run_eagerly: bool,
    pub(crate) steps_per_execution: usize,
    pub(crate) auto_scale_loss: bool,
}

impl Compile {
    /// An optimizer, and a loss or the losses of several outputs, by name or as objects.
    pub fn new(optimizer: impl Into<Spec<dyn Optimizer>>, loss: impl Into<Losses>) -> Compile {
        Compile {
            optimizer: optimizer.into(),
            losses: loss.into(),
            loss_weights: None,
            metrics: None,
            weighted_metrics: None,
            run_eagerly: false,
            steps_per_execution: 1,
            auto_scale_loss: true,
        }
    }

    /// Another optimizer.
    #[must_use]
    pub fn optimizer(self, optimizer: impl Into<Spec<dyn Optimizer>>) -> Compile {
        Compile { optimizer: optimizer.into(), ..self }
    }

    /// Another loss, or other losses of several outputs.
    #[must_use]
    pub fn loss(self, loss: impl Into<Losses>) -> Compile {
        Compile { losses: loss.into(), ..self }
    }

    /// How much the loss of each output counts in the total; the losses that are reported for each output are not
    /// changed by it.
    #[must_use]
    pub fn loss_weights(self, weights: impl Into<LossWeights>) -> Compile {
        Compile { loss_weights: Some(weights.into()), ..self }
    }

    /// What is reported besides the loss, without regard to sample weights.
    #[must_use]
    pub fn metrics(self, metrics: impl Into<Metrics>) -> Compile {
        Compile { metrics: Some(metrics.into()).filter(|m| !m.is_empty()), ..self }
    }

    /// What is reported besides the loss, with each sample counted by its weight.
    #[must_use]
    pub fn weighted_metrics(self, metrics: impl Into<Metrics>) -> Compile {
        Compile { weighted_metrics: Some(metrics.into()).filter(|m| !m.is_empty()), ..self }
    }

    /// Runs each operation by itself instead of one compiled function a step: slower, and easier to look
    /// into.
    #[must_use]
    pub fn run_eagerly(self, eagerly: bool) -> Compile {
        Compile { run_eagerly: eagerly, ..self }
    }

    /// How many steps of `fit`, `evaluate` and `predict` follow each other before callbacks are told of a batch.
    #[must_use]
    pub fn steps_per_execution(self, steps: usize) -> Compile {
        Compile { steps_per_execution: steps, ..self }
    }

    /// Whether losses are scaled so that small gradients do not vanish, where the model's dtype policy is
    /// `mixed_float16`.
    #[must_use]
    pub fn auto_scale_loss(self, scale: bool) -> Compile {
        Compile { auto_scale_loss: scale, ..self }
    }
}

impl Model {
    /// Says what the model is trained with. Everything can be given by name or as an object; `()` stands for
    /// no metrics, or no loss. Models of several outputs take a list or pairs of names and values: see [`Losses`] and
    /// [`Metrics`].
    ///
    /// The words `"accuracy"` and `"crossentropy"` choose the fitting kind by the shapes of the first data.
    ///
    /// # Errors
    /// Where nobody knows a name (the nearest is suggested), or an added layer was wrong.
    ///
    /// ```
    /// use rhyton_model::Sequential;
    /// # use rhyton_nn::layers::Dense;
    /// # let mut model = Sequential::from([Dense::new(1)]);
    /// model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;
    /// let e = model.compile("rmsporp", "mse", ()).unwrap_err();
    /// assert!(e.to_string().contains("did you mean \"rmsprop\"?"), "{e}");
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn compile(
        &mut self,
        optimizer: impl Into<Spec<dyn Optimizer>>,
        loss: impl Into<Losses>,
        metrics: impl Into<Metrics>,
    ) -> Result<()> {
        self.compile_with(Compile::new(optimizer, loss).metrics(metrics))
    }

    /// [`Model::compile`] with everything there is to say.
    ///
    /// # Errors
    /// As [`Model::compile`].
    pub fn compile_with(&mut self, compile: Compile) -> Result<()> {
        self.sound()?;
        let half = self.layer.dtype_policy().name() == "mixed_float16";
        self.compiled = Some(Compiled::new(compile, half).at(|| "compile")?);
        self.forget_steps();
        Ok(())
    }

    /// Whether the model has been compiled.
    pub fn is_compiled(&self) -> bool {
        self.compiled.is_some()
    }

    /// What the model was compiled with: to be changed in part and given to [`Model::compile_with`] again. An optimizer
    /// that stays keeps its state.
    pub fn compiled_with(&self) -> Option<Compile> {
        self.compiled.as_ref().map(|c| Compile { optimizer: c.optimizer.clone().into(), ..c.given.clone() })
    }

    /// The optimizer.
    ///
    /// # Errors
    /// Where the model is not compiled.
    pub fn optimizer(&self) -> Result<&Arc<dyn Optimizer>> {
        self.expect_compiled().map(|c| &c.optimizer)
    }

    pub(crate) fn expect_compiled(&self) -> Result<&Compiled> {
        self.compiled.as_ref().ok_or_else(|| {
            Error::state("the model is not compiled; call compile(optimizer, loss, metrics) first")
        })
    }

    /// The step of a kind for batches of these types and shapes, made at the first use.
    pub(crate) fn step(
        &self,
        kind: Kind,
        parts: &Parts,
        inputs: &[Meta],
        measures: &Arc<Measures>,
    ) -> Result<Arc<Step>> {
        let eagerly = self.compiled.as_ref().is_some_and(|c| c.given.run_eagerly);
        self.steps.get((kind, eagerly, parts.clone(), inputs.to_vec()), self.frozen.as_deref(), || {
            let tools = Tools {
                layer: self.layer.clone(),
                optimizer: self.compiled.as_ref().map(|c| c.optimizer.clone()),
                measures: measures.clone(),
            };
            let own: Arc<dyn CustomSteps> = self.custom.clone().unwrap_or_else(|| Arc::new(BuiltIn));
            let parts = parts.clone();
            let work: Work = Box::new(move |arrays: &[Tensor]| {
                let cx = StepCx::new(&tools, kind == Kind::Train);
                let batch = parts.batch(arrays);
                match kind {
                    Kind::Train => own.train_step(&cx, &batch).map(|()| Vec::new()),
                    Kind::Test => own.test_step(&cx, &batch).map(|()| Vec::new()),
                    Kind::Predict => own.predict_step(&cx, &batch),
                }
            });
            Ok(work)
        })
    }
}

/// What `compile` made.
pub(crate) struct Compiled {
    pub given: Compile,
    pub optimizer: Arc<dyn Optimizer>,
    /// The optimizer as it was given, which is what files hold.
    pub own_optimizer: Arc<dyn Optimizer>,
    /// The variables that the optimizer has its state for, by their ids, once it has any.
    built_for: Mutex<Option<Vec<u64>>>,
    measures: Mutex<Option<Arc<Measures>>>,
}

impl Compiled {
    /// For a model that computes in half precision with a narrow range, or in another.
    fn new(given: Compile, half: bool) -> Result<Compiled> {
        let own_optimizer = given.optimizer.resolve()?;
        let scaled = own_optimizer.class_name() == "LossScaleOptimizer";
        let optimizer: Arc<dyn Optimizer> = match half && given.auto_scale_loss && !scaled {
            true => Arc::new(LossScaleOptimizer::around(own_optimizer.clone())),
            false => own_optimizer.clone(),
        };
        // Some optimizers have no rate of their own.
        if let Some(rate) = optimizer.learning_rate().ok().filter(|r| !r.is_finite()) {
            let message = format!("learning_rate: expected a finite number, got {rate}");
            return Err(Error::value(message).at(own_optimizer.class_name()));
        }
        if given.steps_per_execution == 0 {
            return Err(Error::value("expected steps_per_execution to be at least 1, got 0"));
        }
        // Names that do not wait for shapes are looked up now, so that a wrong one is told here.
        for loss in given.losses.all() {
            match loss {
                Spec::Name(name) if is_crossentropy(name) => (),
                loss => drop(loss.resolve()?),
            }
        }
        for metric in given.metrics.iter().chain(&given.weighted_metrics).flat_map(Metrics::all) {
            match metric {
                Spec::Name(name) if is_accuracy(name) => (),
                metric => drop(metric.resolve()?),
            }
        }
        Ok(Compiled {
            given,
            optimizer,
            own_optimizer,
            built_for: Mutex::new(None),
            measures: Mutex::new(None),
        })
    }

    /// Losses and metrics; what waits for shapes is settled by the first ones.
    pub fn measures(
        &self,
        outputs: &[String],
        y_true: &[Option<Shape>],
        y_pred: &[Shape],
    ) -> Result<Arc<Measures>> {
        let mut measures = self.measures.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(measures) = &*measures {
            return Ok(measures.clone());
        }
        let made = Arc::new(Measures::new(&self.given, outputs, y_true, y_pred)?);
        *measures = Some(made.clone());
        Ok(made)
    }

    /// Losses and metrics, if they are settled.
    pub fn settled(&self) -> Option<Arc<Measures>> {
        self.measures.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// Whether there is a loss or a metric.
    pub fn measures_something(&self) -> bool {
        let Compile { losses, metrics, weighted_metrics, .. } = &self.given;
        losses.all().next().is_some() || metrics.is_some() || weighted_metrics.is_some()
    }

    /// Makes the optimizer's state, once.
    pub fn build_optimizer(&self, variables: &[Variable]) -> Result<()> {
        let ids: Vec<u64> = variables.iter().map(Variable::id).collect();
        let mut built_for = self.built_for.lock().unwrap_or_else(|e| e.into_inner());
        if built_for.as_ref().is_some_and(|before| *before != ids) {
            return Err(Error::state(
                "the layers that training changes are not those that the model was compiled for; call compile again",
            ));
        }
        self.optimizer.build(variables)?;
        *built_for = Some(ids);
        Ok(())
    }

    /// The optimizer's state, once there is any.
    pub fn optimizer_state(&self) -> Option<Vec<Variable>> {
        let built = self.built_for.lock().unwrap_or_else(|e| e.into_inner());
        built.as_ref().map(|_| self.optimizer.variables())
    }
}
