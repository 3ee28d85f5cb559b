//! Models written as functions of symbolic tensors.

use super::Cx;
use rhyton::prelude::*;
use serde_json::json;

/// A tensor without numbers goes through two layers; what lies between is a model.
pub fn run(cx: &Cx) -> Result<()> {
    let inputs = Input::new([3]).name("my_input").tensor();
    cx.report.line(format!("inputs: shape {}, dtype {}", inputs.meta().shape, inputs.dtype()));
    let features = Dense::new(64).activation("relu").call(&inputs)?;
    cx.report.line(format!("features: shape {}, dtype {}", features.meta().shape, features.dtype()));
    let outputs = Dense::new(10).activation("softmax").call(&features)?;
    let model = Model::new(&inputs, &outputs)?;
    cx.report.line(model.summary());

    // The same model takes numbers.
    let batch = ops::ones([2, 3], F32)?;
    let sums = model.call(&batch)?.sum(-1)?;
    cx.report.line(format!("two samples, their probabilities add up to {sums}"));
    cx.report
        .object(&json!({ "features": features.meta().to_string(), "outputs": outputs.meta().to_string(),
        "params": model.count_params() }));
    Ok(())
}
