//! Masks reach losses and metrics as in Keras.

mod common;

use common::{close, json};
use rhyton_model::{Compile, Evaluate, Fit, Sequential};
use rhyton_nn::layers::{Dense, Input, Masking};
use rhyton_nn::optimizers::SGD;
use rhyton_tensor::Tensor;
use serde_json::Value;

fn numbers(v: &Value) -> Vec<f64> {
    match v {
        Value::Array(all) => all.iter().flat_map(numbers).collect(),
        one => vec![one.as_f64().unwrap()],
    }
}

fn tensor(v: &Value, shape: &[usize]) -> Tensor {
    Tensor::from_slice(&numbers(v).iter().map(|&x| x as f32).collect::<Vec<_>>(), shape).unwrap()
}

#[test]
fn steps_that_are_masked_count_for_nothing() {
    let facts = json("masked_runs.json");
    let (x, y) = (tensor(&facts["x"], &[7, 5, 2]), tensor(&facts["y"], &[7, 5, 1]));
    let shapes: [&[usize]; 4] = [&[2, 3], &[3], &[3, 1], &[1]];
    let start: Vec<Tensor> = shapes.iter().enumerate().map(|(i, s)| tensor(&facts["w"][i], s)).collect();
    for (name, run) in facts["runs"].as_object().unwrap() {
        for eagerly in [false, true] {
            let mut model = Sequential::from((
                Input::new([5, 2]),
                Masking::new(0.0),
                Dense::new(3).activation("tanh"),
                Dense::new(1),
            ));
            model.set_weights(&start).unwrap();
            let compile = Compile::new(SGD::new(0.1), "mse")
                .metrics(["mae", "mse", "accuracy"])
                .weighted_metrics(["mae"])
                .run_eagerly(eagerly);
            model.compile_with(compile).unwrap();
            let weight = match name.as_str() {
                "none" => None,
                "sample" => Some(tensor(&run["weight"], &[7, 1])),
                _ => Some(tensor(&run["weight"], &[7, 5])),
            };
            let evaluate = |model: &Sequential| -> Vec<f64> {
                let options = Evaluate::new().batch_size(3).verbose(0);
                let options = weight.iter().fold(options, |o, w| o.sample_weight(w));
                model.evaluate_with(&x, &y, options).unwrap().iter().map(|(_, value)| value).collect()
            };
            // Keras's list has "mae" twice: the weighted metric is called "weighted_mae" only in logs.
            let expected = |key: &str| {
                let all = numbers(&run[key]);
                [&all[..4], &all[5..]].concat()
            };
            close(&format!("{name} before"), &evaluate(&model), &expected("before"), 1e-5);
            let fit = Fit::epochs(2).batch_size(3).shuffle(false).verbose(0);
            let fit = weight.iter().fold(fit, |f, w| f.sample_weight(w));
            let history = model.fit(&x, &y, fit).unwrap();
            close(&format!("{name} loss"), &history["loss"], &numbers(&run["loss"]), 1e-5);
            close(&format!("{name} after"), &evaluate(&model), &expected("after"), 1e-5);

            // The metrics of training are masked, too: with weights that stay as they are, they are those of evaluate.
            model.set_weights(&start).unwrap();
            model.optimizer().unwrap().set_learning_rate(0.0).unwrap();
            let fit = Fit::epochs(1).batch_size(3).shuffle(false).verbose(0);
            let history = model.fit(&x, &y, weight.iter().fold(fit, |f, w| f.sample_weight(w))).unwrap();
            let got = ["loss", "mae", "mse", "accuracy", "weighted_mae"].map(|key| history[key][0]);
            close(&format!("{name} trained"), &got, &expected("before"), 1e-5);
        }
    }
}
