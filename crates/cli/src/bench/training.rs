//! The workloads that train a model with `fit`: seconds an epoch, after one to warm up.

use super::data::{self, Samples};
use super::{Cx, Measured, clock, median};
use rhyton::Logs;
use rhyton::callbacks::{Callback, CallbackCx};
use rhyton::prelude::*;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Dense 512 relu, Dense 10 softmax, compiled: the model of W1.
pub fn digits_model() -> Result<Model> {
    let layers = [Dense::new(512).activation("relu"), Dense::new(10).activation("softmax")];
    let mut model = Model::from(Sequential::from(layers));
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;
    Ok(model)
}

/// W1: the first network on 60,000 images of 784 pixels, batch 128.
pub fn w1(cx: &Cx) -> Result<Vec<Measured>> {
    epochs(cx, "W1", digits_model()?, data::digits(60_000)?, 128, None)
}

/// W1 under the policy `mixed_bfloat16`.
pub fn w1bf16(cx: &Cx) -> Result<Vec<Measured>> {
    rhyton::mixed_precision::set_global_policy("mixed_bfloat16")?;
    let measured = epochs(cx, "W1bf16", digits_model()?, data::digits(60_000)?, 128, None);
    rhyton::mixed_precision::set_global_policy("float32")?;
    measured
}

/// W1first: seconds from the start of the process to the end of W1's first training step, on a batch in memory.
pub fn w1first(cx: &Cx) -> Result<Vec<Measured>> {
    let (x, y) = data::digits(128)?;
    let mut model = digits_model()?;
    model.fit(&x, &y, Fit::epochs(1).batch_size(128).verbose(0))?;
    let age = cx.started.age();
    Ok(vec![Measured {
        workload: "W1first",
        metric: "s_to_first_step",
        wall: vec![age],
        ..Measured::default()
    }])
}

/// W2: the same as a graph, with Dropout 0.5, batch 32.
pub fn w2(cx: &Cx) -> Result<Vec<Measured>> {
    let inputs = input([data::PIXELS]);
    let x = Dense::new(512).activation("relu").call(&inputs)?;
    let x = Dropout::new(0.5).call(&x)?;
    let mut model = Model::new(&inputs, &Dense::new(10).activation("softmax").call(&x)?)?;
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;
    epochs(cx, "W2", model, data::digits(60_000)?, 32, None)
}

/// W3: reviews as zeros and ones, Dense 16-16-1, batch 512, with validation.
pub fn w3(cx: &Cx) -> Result<Vec<Measured>> {
    let relu = || Dense::new(16).activation("relu");
    let mut model = Model::from(Sequential::from([relu(), relu(), Dense::new(1).activation("sigmoid")]));
    model.compile("rmsprop", "binary_crossentropy", ["accuracy"])?;
    epochs(cx, "W3", model, data::reviews()?, 512, Some(data::other_reviews()?))
}

/// Dense 64, 64 and 1, compiled: the model of W4.
pub fn houses_model() -> Result<Model> {
    let relu = || Dense::new(64).activation("relu");
    let mut model = Model::from(Sequential::from([relu(), relu(), Dense::new(1)]));
    model.compile("rmsprop", "mse", ["mae"])?;
    Ok(model)
}

/// W4: houses, Dense 64-64-1, batch 1: seconds for 100 epochs, in three parts.
pub fn w4(cx: &Cx) -> Result<Vec<Measured>> {
    let mut model = houses_model()?;
    let part = if cx.repeat >= 3 { 33 } else { cx.repeat };
    let (times, last) = train(&mut model, &data::houses()?, 1, None, 1 + 3 * part)?;
    let parts = |epochs: &[f64]| -> Vec<f64> {
        epochs[1..].chunks(part).map(|e| e.iter().sum::<f64>() * 100.0 / part as f64).collect()
    };
    let wall = parts(&times.wall);
    let steps = 404.0 * 100.0;
    Ok(vec![Measured {
        workload: "W4",
        metric: "s_per_100_epochs",
        more: json!({
            "ms_per_step": median(&wall) / steps * 1e3,
            "steps_per_s": steps / median(&wall),
            "warmup_epoch_s": times.wall[0],
            "final": last,
        }),
        wall,
        cpu: parts(&times.cpu),
        ..Measured::default()
    }])
}

/// W6: a network of convolutions on 10,000 images, batch 64.
pub fn w6(cx: &Cx) -> Result<Vec<Measured>> {
    let inputs = input([28, 28, 1]);
    let x = Conv2D::new(32, 3).activation("relu").call(&inputs)?;
    let x = MaxPooling2D::new(2).call(&x)?;
    let x = Conv2D::new(64, 3).activation("relu").call(&x)?;
    let x = MaxPooling2D::new(2).call(&x)?;
    let x = Flatten::new().call(&Conv2D::new(128, 3).activation("relu").call(&x)?)?;
    let mut model = Model::new(&inputs, &Dense::new(10).activation("softmax").call(&x)?)?;
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;
    epochs(cx, "W6", model, data::images()?, 64, None)
}

/// W7: long short-term memory on 4096 sequences of 120 steps, batch 256.
pub fn w7(cx: &Cx) -> Result<Vec<Measured>> {
    let inputs = input([120, 14]);
    let mut model = Model::new(&inputs, &Dense::new(1).call(&LSTM::new(32).call(&inputs)?)?)?;
    model.compile("rmsprop", "mse", ["mae"])?;
    epochs(cx, "W7", model, data::sequences()?, 256, None)
}

/// W8: a block of a transformer on 4096 texts of 100 words, batch 64.
pub fn w8(cx: &Cx) -> Result<Vec<Measured>> {
    let inputs = Input::new([100]).dtype(I32).tensor();
    let h = Embedding::new(data::WORDS, 128).call(&inputs)?;
    let attention = MultiHeadAttention::new(4, 32).call([&h, &h])?;
    let p = LayerNormalization::new().call(&(&h + &attention))?;
    let d = Dense::new(128).call(&Dense::new(256).activation("relu").call(&p)?)?;
    let h = LayerNormalization::new().call(&(&p + &d))?;
    let h = Dropout::new(0.5).call(&GlobalMaxPooling1D::new().call(&h)?)?;
    let mut model = Model::new(&inputs, &Dense::new(1).activation("sigmoid").call(&h)?)?;
    model.compile("rmsprop", "binary_crossentropy", ["accuracy"])?;
    epochs(cx, "W8", model, data::texts()?, 64, None)
}

/// Seconds an epoch, after one to warm up.
pub fn epochs(
    cx: &Cx,
    workload: &'static str,
    mut model: Model,
    samples: Samples,
    batch: usize,
    validation: Option<Samples>,
) -> Result<Vec<Measured>> {
    let steps = samples.0.shape()[0].div_ceil(batch) as f64;
    let (times, last) = train(&mut model, &samples, batch, validation, 1 + cx.repeat)?;
    Ok(vec![Measured {
        workload,
        metric: "s_per_epoch",
        more: json!({
            "ms_per_step": median(&times.wall[1..]) / steps * 1e3,
            "warmup_epoch_s": times.wall[0],
            "final": last,
        }),
        wall: times.wall[1..].to_vec(),
        cpu: times.cpu[1..].to_vec(),
        ..Measured::default()
    }])
}

/// What each epoch took, and the figures of the last.
pub fn train(
    model: &mut Model,
    samples: &Samples,
    batch: usize,
    validation: Option<Samples>,
    epochs: usize,
) -> Result<(Times, Value)> {
    let times = Arc::new(Mutex::new(Times::default()));
    let mut fit = Fit::epochs(epochs).batch_size(batch).verbose(0).callback(Timer(times.clone(), None));
    if let Some((x, y)) = &validation {
        fit = fit.validation_data((x, y));
    }
    let history = model.fit(&samples.0, &samples.1, fit)?;
    let last: Map<String, Value> =
        history.names().map(|name| (name.to_string(), json!(history[name].last()))).collect();
    let times = times.lock().unwrap_or_else(|e| e.into_inner()).clone();
    Ok((times, Value::Object(last)))
}

/// Seconds an epoch, and processor seconds.
#[derive(Clone, Default)]
pub struct Times {
    pub wall: Vec<f64>,
    pub cpu: Vec<f64>,
}

/// Takes the time of each epoch.
struct Timer(Arc<Mutex<Times>>, Option<(Instant, f64)>);

impl Callback for Timer {
    fn on_epoch_begin(&mut self, _cx: &CallbackCx, _epoch: usize) -> Result<()> {
        self.1 = Some((Instant::now(), clock::cpu_seconds()));
        Ok(())
    }

    fn on_epoch_end(&mut self, _cx: &CallbackCx, _epoch: usize, _logs: &mut Logs) -> Result<()> {
        if let Some((start, cpu)) = self.1.take() {
            let mut times = self.0.lock().unwrap_or_else(|e| e.into_inner());
            times.wall.push(start.elapsed().as_secs_f64());
            times.cpu.push(clock::cpu_seconds() - cpu);
        }
        Ok(())
    }
}
