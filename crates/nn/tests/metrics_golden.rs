//! The cases of testkit/golden/losses.py about metrics: results after one and two batches, with and without weights.

mod common;

use common::{Arrays, assert_close, config, floatx, json, npz, precision, text};
use rhyton_nn::metrics::{self, Mean, Metric};
use rhyton_tensor::{DType, Tensor, ops};
use serde_json::Value;

fn results(dtype: DType, relative: f64, absolute: f64) {
    let _floatx = floatx(dtype);
    let arrays = npz("losses.npz");
    let facts = json("losses.json");
    for facts in facts["metrics"].as_array().unwrap() {
        let key = format!("{}/metrics/{}", precision(dtype), text(facts, "case"));
        let rows: Vec<Tensor> = [[false, false], [true, true], [false, true]]
            .iter()
            .map(|weighted| {
                let seen = updates(&arrays, facts, weighted, dtype);
                ops::stack(&seen.iter().collect::<Vec<_>>(), 0).unwrap()
            })
            .collect();
        let got = ops::stack(&rows.iter().collect::<Vec<_>>(), 0).unwrap();
        assert_close(&key, &got, &arrays.get(&key), relative, absolute, &[]);
    }
}

/// The results after each batch.
fn updates(arrays: &Arrays, facts: &Value, weighted: &[bool; 2], dtype: DType) -> Vec<Tensor> {
    let mean = (text(facts, "class") == "Mean").then(|| Mean::new("mean"));
    let metric = metrics::from_config(text(facts, "class"), &config(&facts["arguments"])).unwrap();
    let batches = facts["batches"].as_array().unwrap();
    let update = |batch: &Value, weighted: bool| -> Tensor {
        let get = |key: &str| batch[key].as_str().map(|name| arrays.at(&format!("in/{name}"), dtype));
        let weight = get("weight").filter(|_| weighted);
        let y_pred = get("y_pred").unwrap();
        match &mean {
            Some(mean) => {
                mean.update_state(&y_pred, weight.as_ref()).unwrap();
                mean.result().unwrap()
            }
            None => {
                metric.update_state(&get("y_true").unwrap(), &y_pred, weight.as_ref()).unwrap();
                metric.result().unwrap()
            }
        }
    };
    let seen = batches.iter().zip(weighted).map(|(batch, w)| update(batch, *w)).collect();
    metric.reset_state().unwrap();
    assert_eq!(metric.result().unwrap().to_f64s().unwrap(), [0.0]);
    seen
}

#[test]
fn results_in_double_precision() {
    results(DType::F64, 1e-12, 1e-14);
}

#[test]
fn results_in_single_precision() {
    // Among the weights are negative ones, which leave little of a sum of large terms.
    results(DType::F32, 1e-5, 1e-7);
}

#[test]
fn root_mean_squared_error() {
    let rmse = metrics::RootMeanSquaredError::new().dtype(DType::F64);
    rmse.update_state(&Tensor::from([[0.0], [0.0]]), &Tensor::from([[3.0], [3.0]]), None).unwrap();
    rmse.update_state(
        &Tensor::from([0.0, 0.0]),
        &Tensor::from([[4.0], [100.0]]),
        Some(&Tensor::from([2.0, 0.0])),
    )
    .unwrap();
    assert_eq!(rmse.result().unwrap().item::<f64>().unwrap(), 12.5f64.sqrt());
}

#[test]
fn ignored_targets_do_not_count() {
    let _floatx = floatx(DType::F32);
    let metric = metrics::SparseCategoricalCrossentropy::new().from_logits(true).ignore_class(-1);
    let (t, p) = (Tensor::from([0, -1, -1]), Tensor::from([[0.0f32, 0.0], [5.0, -5.0], [1.0, 1.0]]));
    metric.update_state(&t, &p, None).unwrap();
    assert_eq!(metric.result().unwrap().item::<f32>().unwrap(), 2.0f32.ln());
    metric.reset_state().unwrap();
    metric.update_state(&t, &p, Some(&Tensor::from([0.5f32, 1.0, 1.0]))).unwrap();
    assert_eq!(metric.result().unwrap().item::<f32>().unwrap(), 2.0f32.ln());
}

#[test]
fn losses_as_metrics_keep_their_arguments() {
    let _floatx = floatx(DType::F32);
    let loss = rhyton_nn::losses::BinaryCrossentropy::new().from_logits(true);
    let metric = metrics::MeanMetricWrapper::of_loss(std::sync::Arc::new(loss)).name("bce");
    let read = metrics::from_config("MeanMetricWrapper", &Metric::config(&metric)).unwrap();
    assert_eq!(read.config(), Metric::config(&metric));
    assert_eq!(read.name(), "bce");
}
