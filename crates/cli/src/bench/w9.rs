//! W9: inference with W1's network.

use super::timing::time;
use super::training::digits_model;
use super::{Cx, Measured, data, extremes, median};
use rhyton::prelude::*;
use serde_json::json;

/// One sample through `predict`, a direct call and a model for inference, 10,000 samples through `predict`.
pub fn run(cx: &Cx) -> Result<Vec<Measured>> {
    let (x, y) = data::digits(10_000)?;
    let mut model = digits_model()?;
    model.fit(&x.i(..1280)?, &y.i(..1280)?, Fit::epochs(1).batch_size(128).verbose(0))?;
    let one = x.i(..1)?;
    let milliseconds = |seconds: Vec<f64>| -> Vec<f64> { seconds.iter().map(|s| s * 1e3).collect() };
    let predict = milliseconds(time(cx, || model.predict_with(&one, Predict::new().verbose(0)))?);
    let call = milliseconds(time(cx, || model.call(&one))?);
    let inference = model.for_inference()?;
    let (sample, mut out) = (one.to_vec::<f32>()?, [0.0; 10]);
    let into = milliseconds(time(cx, || inference.predict_into(&sample, &mut out))?);
    let many: Vec<f64> = time(cx, || model.predict_with(&x, Predict::new().batch_size(128).verbose(0)))?
        .iter()
        .map(|s| 10_000.0 / s)
        .collect();
    Ok(vec![Measured {
        workload: "W9",
        metric: "predict1_ms",
        wall: predict,
        more: json!({
            "unit": "ms",
            "call1_ms": median(&call),
            "predict10k_samples_per_s": median(&many).round(),
            "call1_minmax_ms": extremes(&call),
            "inference1_ms": median(&into),
            "inference1_minmax_ms": extremes(&into),
            "predict10k_minmax": extremes(&many),
        }),
        ..Measured::default()
    }])
}
