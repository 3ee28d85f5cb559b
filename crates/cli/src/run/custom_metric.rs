//! A metric of one's own, shown while training like any other.

use super::{Cx, digits};
use rhyton::metrics::Metric;
use rhyton::prelude::*;
use serde_json::json;

/// The square root of the mean squared distance between a row of probabilities and the one-hot row of the label.
#[derive(Debug)]
struct RootMeanSquaredError {
    mse_sum: Variable,
    total_samples: Variable,
}

impl RootMeanSquaredError {
    fn new() -> RootMeanSquaredError {
        RootMeanSquaredError { mse_sum: Variable::from(0.0f32), total_samples: Variable::from(0i32) }
    }
}

impl Metric for RootMeanSquaredError {
    fn name(&self) -> String {
        "rmse".to_string()
    }

    fn class_name(&self) -> &'static str {
        "RootMeanSquaredError"
    }

    fn variables(&self) -> Vec<Variable> {
        vec![self.mse_sum.clone(), self.total_samples.clone()]
    }

    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, _weight: Option<&Tensor>) -> Result<()> {
        let [samples, classes] = y_pred.shape() else {
            return Err(Error::shape(format!("expected rows of probabilities, got rank {}", y_pred.rank())));
        };
        let y_true = ops::one_hot(y_true, *classes, -1, F32)?;
        self.mse_sum.assign_add(&(y_true - y_pred).square().sum(..)?)?;
        self.total_samples.assign_add(&Tensor::from(*samples as i32))
    }

    fn result(&self) -> Result<Tensor> {
        Ok((self.mse_sum.value() / self.total_samples.value().cast(F32)).sqrt())
    }
}

/// Trains with the metric; in the end it is worked out once more, from the predictions.
pub fn run(cx: &Cx) -> Result<()> {
    let data = digits::Digits::load()?;
    let mut model = digits::model()?;
    model.compile(
        "rmsprop",
        "sparse_categorical_crossentropy",
        (metrics::SparseCategoricalAccuracy::new().name("accuracy"), RootMeanSquaredError::new()),
    )?;
    let (x_val, y_val) = &data.validation;
    let history = model.fit(&data.train.0, &data.train.1, cx.fit(3, 32).validation_data((x_val, y_val)))?;

    let (x, y) = &data.test;
    let result = model.evaluate_with(x, y, Evaluate::new().verbose(0))?;
    let predictions = model.predict_with(x, Predict::new().verbose(0))?;
    let by_hand = (ops::one_hot(y, 10, -1, F32)? - predictions).square().sum(1)?.mean(..)?.sqrt();
    let by_hand = by_hand.item::<f32>()?;
    cx.report.line(format!("test: {result}; from the predictions: {by_hand:.4}"));
    cx.report.object(&json!({
        "rmse": history["rmse"], "val_rmse": history["val_rmse"], "test_rmse": result["rmse"],
        "test_rmse_by_hand": by_hand, "test_acc": result["accuracy"],
    }));
    Ok(())
}
