//! The cases of testkit/golden/losses.py and losses_rest.py about metrics: results after one and two batches, with and without weights.

mod common;

use common::{Arrays, assert_close, config, floatx, json, npz, precision, text};
use rhyton_nn::metrics::{self, Mean, Metric};
use rhyton_tensor::{DType, Tensor, ops};
use serde_json::Value;

fn results(file: &str, dtype: DType, relative: f64, absolute: f64) {
    let _floatx = floatx(dtype);
    let arrays = npz(&format!("{file}.npz"));
    let facts = json(&format!("{file}.json"));
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
        // What Keras computes in single precision in any case.
        let relative = if got.dtype() == DType::F32 { relative.max(1e-6) } else { relative };
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
    if let Some(variables) = facts["variables"].as_array() {
        let ours: Vec<Value> =
            metric.variables().iter().map(|v| serde_json::json!([v.name(), v.shape()])).collect();
        assert_eq!(&ours, variables, "{}", text(facts, "case"));
        let ours = metric.config();
        for (key, value) in facts["config"].as_object().unwrap() {
            let same = ours[key] == *value || ours[key].as_f64().is_some_and(|n| Some(n) == value.as_f64());
            assert!(same, "{}: {key} is {}, expected {value}", text(facts, "case"), ours[key]);
        }
        let again = metrics::from_config(metric.class_name(), &ours).unwrap();
        assert_eq!(again.config(), ours);
    }
    metric.reset_state().unwrap();
    let zeros = metric.variables().iter().all(|v| v.value().to_f64s().unwrap().iter().all(|n| *n == 0.0));
    assert!(zeros, "{}", text(facts, "case"));
    seen
}

#[test]
fn results_in_double_precision() {
    results("losses", DType::F64, 1e-12, 1e-14);
    results("losses_rest", DType::F64, 1e-10, 1e-12);
}

#[test]
fn results_in_single_precision() {
    // Among the weights are negative ones, which leave little of a sum of large terms.
    results("losses", DType::F32, 1e-5, 1e-7);
    results("losses_rest", DType::F32, 1e-4, 1e-6);
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

#[test]
fn names_resolve() {
    let _floatx = floatx(DType::F32);
    for name in metrics::NAMES {
        match metrics::get(name) {
            Ok(metric) => {
                let again = metrics::from_config(metric.class_name(), &metric.config()).unwrap();
                assert_eq!((metric.config(), metric.name()), (again.config(), name.to_string()));
            }
            Err(e) => assert!(e.to_string().contains("expected"), "{e}"),
        }
    }
    let recall = metrics::Recall::new().name("r").thresholds([0.1, 0.9]);
    assert_eq!(Metric::name(&recall), "r");
}
