//! What a model is trained with, and the steps made of it.

use crate::list::MetricList;
use crate::sequential::Sequential;
use crate::step::{Kind, Step, Steps};
use crate::training::history::Logs;
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_nn::Spec;
use rhyton_nn::layers::CallCx;
use rhyton_nn::losses::{self, Loss};
use rhyton_nn::metrics::{self, Mean, Metric};
use rhyton_nn::optimizers::Optimizer;
use rhyton_ops::Meta;
use rhyton_tensor::{GradientTape, Source, Tensor, Unconnected, Variable, ops};
use std::sync::{Arc, Mutex};

/// Optimizer, loss and metrics, with what [`Sequential::compile`] leaves out.
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
    pub(crate) loss: Spec<dyn Loss>,
    pub(crate) metrics: Option<Vec<Spec<dyn Metric>>>,
    pub(crate) weighted_metrics: Option<Vec<Spec<dyn Metric>>>,
    pub(crate) run_eagerly: bool,
}

impl Compile {
    /// An optimizer and a loss, by name or as objects.
    pub fn new(optimizer: impl Into<Spec<dyn Optimizer>>, loss: impl Into<Spec<dyn Loss>>) -> Compile {
        Compile {
            optimizer: optimizer.into(),
            loss: loss.into(),
            metrics: None,
            weighted_metrics: None,
            run_eagerly: false,
        }
    }

    /// What is reported besides the loss, without regard to sample weights.
    #[must_use]
    pub fn metrics(self, metrics: impl MetricList) -> Compile {
        let metrics = metrics.into_metrics();
        Compile { metrics: (!metrics.is_empty()).then_some(metrics), ..self }
    }

    /// What is reported besides the loss, with each sample counted by its weight.
    #[must_use]
    pub fn weighted_metrics(self, metrics: impl MetricList) -> Compile {
        let metrics = metrics.into_metrics();
        Compile { weighted_metrics: (!metrics.is_empty()).then_some(metrics), ..self }
    }

    /// Runs each operation by itself instead of one compiled function a step: slower, and easier to look
    /// into.
    #[must_use]
    pub fn run_eagerly(self, eagerly: bool) -> Compile {
        Compile { run_eagerly: eagerly, ..self }
    }
}

impl Sequential {
    /// Says what the model is trained with. Everything can be given by name or as an object; `()` stands for
    /// no metrics.
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
        loss: impl Into<Spec<dyn Loss>>,
        metrics: impl MetricList,
    ) -> Result<()> {
        self.compile_with(Compile::new(optimizer, loss).metrics(metrics))
    }

    /// [`Sequential::compile`] with everything there is to say.
    ///
    /// # Errors
    /// As [`Sequential::compile`].
    pub fn compile_with(&mut self, compile: Compile) -> Result<()> {
        self.sound()?;
        self.compiled = Some(Compiled::new(compile).at(|| "compile")?);
        Ok(())
    }

    /// Whether the model has been compiled.
    pub fn is_compiled(&self) -> bool {
        self.compiled.is_some()
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
}

/// A metric under the name it has in logs.
pub(crate) struct NamedMetric {
    pub name: String,
    pub metric: Arc<dyn Metric>,
    weighted: bool,
}

/// Loss and metrics for the shapes of the data.
pub(crate) struct Measures {
    pub loss: Arc<dyn Loss>,
    tracker: Arc<Mean>,
    /// In the order of `compile`.
    pub metrics: Vec<NamedMetric>,
}

/// What `compile` made.
pub(crate) struct Compiled {
    pub given: Compile,
    pub optimizer: Arc<dyn Optimizer>,
    /// The variables that the optimizer has its state for, by their ids, once it has any.
    built_for: Mutex<Option<Vec<u64>>>,
    measures: Mutex<Option<Arc<Measures>>>,
    steps: Steps,
}

fn is_accuracy(name: &str) -> bool {
    ["accuracy", "acc"].iter().any(|n| name.eq_ignore_ascii_case(n))
}

fn is_crossentropy(name: &str) -> bool {
    ["crossentropy", "ce"].iter().any(|n| name.eq_ignore_ascii_case(n))
}

impl Compiled {
    fn new(given: Compile) -> Result<Compiled> {
        let optimizer = given.optimizer.resolve()?;
        // Names that do not wait for shapes are looked up now, so that a wrong one is told here.
        match &given.loss {
            Spec::Name(name) if is_crossentropy(name) => (),
            loss => drop(loss.resolve()?),
        }
        for metric in given.metrics.iter().chain(&given.weighted_metrics).flatten() {
            match metric {
                Spec::Name(name) if is_accuracy(name) => (),
                metric => drop(metric.resolve()?),
            }
        }
        Ok(Compiled {
            given,
            optimizer,
            built_for: Mutex::new(None),
            measures: Mutex::new(None),
            steps: Steps::default(),
        })
    }

    /// Steps made before are of other layers.
    pub fn forget(&mut self) {
        self.steps = Steps::default();
    }

    /// Loss and metrics; what waits for shapes is settled by the first ones.
    pub fn measures(&self, y_true: &Shape, y_pred: &Shape) -> Result<Arc<Measures>> {
        let mut measures = self.measures.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(measures) = &*measures {
            return Ok(measures.clone());
        }
        let made = Arc::new(Measures::new(&self.given, y_true, y_pred)?);
        *measures = Some(made.clone());
        Ok(made)
    }

    /// Loss and metrics, if they are settled.
    pub fn settled(&self) -> Option<Arc<Measures>> {
        self.measures.lock().unwrap_or_else(|e| e.into_inner()).clone()
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
        let built = self.built_for.lock().unwrap_or_else(|e| e.into_inner()).is_some();
        built.then(|| self.optimizer.variables())
    }

    /// The training step for batches of `(x, y)` or `(x, y, sample_weight)`.
    pub fn train_step(
        &self,
        model: &Sequential,
        inputs: &[Meta],
        measures: &Arc<Measures>,
    ) -> Result<Arc<Step>> {
        self.steps.get(Kind::Train, self.given.run_eagerly, inputs, || {
            let forward = model.forward_work()?;
            let (measures, optimizer) = (measures.clone(), self.optimizer.clone());
            let variables = model.trainable_weights();
            Ok(Box::new(move |batch: &[Tensor]| {
                let (x, y, weight) = (&batch[0], &batch[1], batch.get(2));
                let tape = GradientTape::new();
                let y_pred = forward(x, &CallCx::TRAINING)?;
                let loss = losses::compute(&*measures.loss, y, &y_pred, weight)?;
                let sources: Vec<Source> = variables.iter().map(Source::from).collect();
                let gradients = tape.gradients_of(&loss, &sources, Unconnected::Zero)?;
                measures.update(&loss, y, &y_pred, weight)?;
                optimizer.apply(&gradients.into_iter().flatten().collect::<Vec<_>>(), &variables)?;
                Ok(Vec::new())
            }))
        })
    }

    /// The same without learning.
    pub fn test_step(
        &self,
        model: &Sequential,
        inputs: &[Meta],
        measures: &Arc<Measures>,
    ) -> Result<Arc<Step>> {
        self.steps.get(Kind::Test, self.given.run_eagerly, inputs, || {
            let forward = model.forward_work()?;
            let measures = measures.clone();
            Ok(Box::new(move |batch: &[Tensor]| {
                let (x, y, weight) = (&batch[0], &batch[1], batch.get(2));
                let y_pred = forward(x, &CallCx::INFERENCE)?;
                let loss = losses::compute(&*measures.loss, y, &y_pred, weight)?;
                measures.update(&loss, y, &y_pred, weight)?;
                Ok(Vec::new())
            }))
        })
    }
}

/// The forward pass on its own.
pub(crate) type Forward = Box<dyn Fn(&Tensor, &CallCx) -> Result<Tensor> + Send + Sync>;

impl Measures {
    fn new(given: &Compile, y_true: &Shape, y_pred: &Shape) -> Result<Measures> {
        let loss = match &given.loss {
            Spec::Name(name) if is_crossentropy(name) => losses::resolve_crossentropy(y_true, y_pred),
            loss => loss.resolve()?,
        };
        let mut metrics: Vec<NamedMetric> = Vec::new();
        let lists = [(&given.metrics, false), (&given.weighted_metrics, true)];
        for (spec, weighted) in lists.iter().flat_map(|(l, w)| l.iter().flatten().map(|m| (m, *w))) {
            let metric = match spec {
                Spec::Name(name) if is_accuracy(name) => metrics::accuracy_for(name, y_true, y_pred),
                spec => spec.resolve()?,
            };
            let typed = match spec {
                Spec::Name(name) => name.clone(),
                Spec::Object(object) => object.name(),
            };
            let name = free_name(&metrics, typed, weighted);
            metrics.push(NamedMetric { name, metric, weighted });
        }
        Ok(Measures { loss, tracker: Arc::new(Mean::new("loss")), metrics })
    }

    /// Takes a batch into account. The loss counts by the size of the batch, so that a smaller last batch
    /// counts less.
    fn update(&self, loss: &Tensor, y: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        let loss = ops::stop_gradient(loss)?;
        let y_pred = ops::stop_gradient(y_pred)?;
        let batch = y.shape().first().copied().unwrap_or(1);
        self.tracker.update_state(&loss, Some(&ops::full([], batch, loss.dtype())?))?;
        for m in &self.metrics {
            m.metric.update_state(y, &y_pred, if m.weighted { weight } else { None })?;
        }
        Ok(())
    }

    /// Forgets all batches.
    pub fn reset(&self) -> Result<()> {
        self.tracker.reset_state()?;
        self.metrics.iter().try_for_each(|m| m.metric.reset_state())
    }

    /// The loss, then the metrics in the order of `compile`.
    pub fn logs(&self) -> Result<Logs> {
        let number = |name: &str, result: Tensor| match result.len() {
            1 => Ok((name.to_string(), result.to_f64s()?[0])),
            n => Err(Error::shape(format!("metric {name:?}: expected a single number, got {n}"))),
        };
        let loss = [number("loss", self.tracker.result()?)];
        loss.into_iter().chain(self.metrics.iter().map(|m| number(&m.name, m.metric.result()?))).collect()
    }
}

/// Keras's rule for a name that is taken: `weighted_` in front for weighted metrics, then numbers at the end.
///
/// Source: `CompileMetrics.result` in `keras/src/trainers/compile_utils.py`.
fn free_name(taken: &[NamedMetric], name: String, weighted: bool) -> String {
    let is_free = |name: &str| !taken.iter().any(|m| m.name == name);
    let name = match weighted && !is_free(&name) {
        true => format!("weighted_{name}"),
        false => name,
    };
    if is_free(&name) {
        return name;
    }
    (1..).map(|i| format!("{name}_{i}")).find(|n| is_free(n)).expect("numbers do not run out")
}

impl Sequential {
    /// The forward pass, apart from the model.
    pub(crate) fn forward_work(&self) -> Result<Forward> {
        let alone = self.alone()?;
        Ok(Box::new(move |x, cx| alone.forward(x, cx)))
    }
}
