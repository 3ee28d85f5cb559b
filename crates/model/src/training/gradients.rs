//! Gradients of the loss for samples, without a step.

use super::samples::Given;
use super::steps::{StepCx, Tools};
use crate::data::Data;
use crate::model::Model;
use rhyton_base::{Context, Error, Result};
use rhyton_tensor::{GradientTape, Source, Tensor, Unconnected, Variable};

impl Model {
    /// How the loss of these samples changes with each trainable weight; nothing is changed. Layers are called as in
    /// inference, so that dropout and moving averages have no part in it.
    ///
    /// # Errors
    /// As [`Model::fit`], where the model is not compiled or the samples do not fit.
    ///
    /// ```
    /// use rhyton_model::Sequential;
    /// # use rhyton_nn::layers::{Dense, Input};
    /// # let x = rhyton_tensor::ops::ones([4, 2], rhyton_tensor::DType::F32)?;
    /// let mut model = Sequential::from((Input::new([2]), Dense::new(1).kernel_initializer("zeros")));
    /// model.compile("sgd", "mse", ())?;
    /// // The mean of (w·x + b − 1)² at w = 0, b = 0.
    /// let gradients = model.gradients(&x, rhyton_tensor::ops::ones([4, 1], rhyton_tensor::DType::F32)?)?;
    /// assert_eq!(gradients[1].1.to_f64s()?, [-2.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn gradients(&self, x: impl Into<Data>, y: impl Into<Data>) -> Result<Vec<(Variable, Tensor)>> {
        let of = |x: &Data, y: &Data| -> Result<Vec<(Variable, Tensor)>> {
            let samples = self.samples(Given { x, y, sample_weight: None, class_weight: None })?;
            if self.expect_compiled().is_ok_and(|c| !c.measures_something()) {
                return Err(Error::state("the model has no loss; give compile one"));
            }
            let batch = samples.batch();
            let tools =
                Tools { layer: self.as_layer().clone(), optimizer: None, measures: samples.measures.clone() };
            let cx = StepCx::new(&tools, false);
            let variables = cx.trainable_weights();
            let tape = GradientTape::new();
            let loss = cx.compute_loss(&batch, &cx.call_all(&batch)?[..])?;
            let sources: Vec<Source> = variables.iter().map(Source::from).collect();
            let gradients = tape.gradients_of(&loss, &sources, Unconnected::Zero)?;
            Ok(variables.into_iter().zip(gradients.into_iter().flatten()).collect())
        };
        of(&x.into(), &y.into()).at(|| "gradients")
    }
}
