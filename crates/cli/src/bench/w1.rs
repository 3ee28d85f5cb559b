//! W1: the first network on 60,000 images of 784 pixels, batch 128, with rmsprop and accuracy.

use super::{Cx, Measured, clock};
use rhyton::callbacks::{Callback, CallbackCx};
use rhyton::prelude::*;
use rhyton::random::Generator;
use rhyton::{Context, Logs};
use serde_json::json;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;

const SAMPLES: usize = 60_000;
const PIXELS: usize = 784;
const BATCH: usize = 128;

/// Seconds an epoch, after one to warm up.
pub fn epochs(cx: &Cx) -> Result<Measured> {
    let (x, y) = data(SAMPLES)?;
    let times = Arc::new(Mutex::new(Times::default()));
    let mut model = model()?;
    let fit = Fit::epochs(1 + cx.repeat).batch_size(BATCH).verbose(0).callback(Timer(times.clone(), None));
    let history = model.fit(&x, &y, fit)?;
    let times = times.lock().unwrap_or_else(|e| e.into_inner());
    let last = |name: &str| history[name].last().copied();
    let steps = SAMPLES.div_ceil(BATCH) as f64;
    Ok(Measured {
        workload: "W1",
        metric: "s_per_epoch",
        wall: times.wall[1..].to_vec(),
        cpu: times.cpu[1..].to_vec(),
        more: json!({
            "ms_per_step": super::median(&times.wall[1..]) / steps * 1e3,
            "warmup_epoch_s": times.wall[0],
            "final": {"loss": last("loss"), "accuracy": last("accuracy")},
        }),
    })
}

/// [`epochs`] of a model that computes in `bfloat16`.
pub fn half(cx: &Cx) -> Result<Measured> {
    rhyton::mixed_precision::set_global_policy("mixed_bfloat16")?;
    Ok(Measured { workload: "W1bf16", ..epochs(cx)? })
}

/// Seconds from the start of the process to the end of the first training step, on a batch in memory.
pub fn first(cx: &Cx) -> Result<Measured> {
    let (x, y) = data(BATCH)?;
    let mut model = model()?;
    model.fit(&x, &y, Fit::epochs(1).batch_size(BATCH).verbose(0))?;
    let age = cx.started.age();
    Ok(Measured {
        workload: "W1first",
        metric: "s_to_first_step",
        wall: vec![age],
        cpu: vec![],
        more: json!({}),
    })
}

fn model() -> Result<Sequential> {
    set_random_seed(0);
    let mut model = Sequential::new();
    model.add(Dense::new(512).activation("relu"));
    model.add(Dense::new(10).activation("softmax"));
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;
    Ok(model)
}

/// The first samples of the shared benchmark data in `$BENCH_DATA`, or some of the same kind.
fn data(samples: usize) -> Result<(Tensor, Tensor)> {
    let Some(folder) = std::env::var_os("BENCH_DATA").map(PathBuf::from) else { return Ok(made(samples)) };
    let read = |name: &str, dtype: DType, shape: &[usize]| {
        let path = folder.join(name);
        let who = || path.display().to_string();
        Tensor::from_reader(&mut File::open(&path).at(who)?, dtype, shape).at(who)
    };
    Ok((read("w1_x.bin", F32, &[samples, PIXELS])?, read("w1_y.bin", I32, &[samples])?))
}

/// Sparse images around ten prototypes, so that the loss falls and no activation dies out.
fn made(samples: usize) -> (Tensor, Tensor) {
    let mut g = Generator::new(1);
    let inner = |i: usize| (3..25).contains(&(i / 28)) && (3..25).contains(&(i % 28));
    let prototypes: Vec<f32> = (0..10 * PIXELS)
        .map(|i| if inner(i % PIXELS) && g.uniform() < 0.3 { 0.3 + 0.7 * g.uniform() as f32 } else { 0.0 })
        .collect();
    let labels: Vec<i32> = (0..samples).map(|_| g.below(10) as i32).collect();
    let mut x = Vec::with_capacity(samples * PIXELS);
    for &label in &labels {
        let prototype = &prototypes[label as usize * PIXELS..][..PIXELS];
        x.extend(prototype.iter().map(|&p| if p > 0.0 && g.next_u32() % 10 < 7 { p } else { 0.0 }));
    }
    let x = Tensor::from_slice(&x, [samples, PIXELS]).expect("one number a pixel");
    (x, Tensor::from(labels))
}

#[derive(Default)]
struct Times {
    wall: Vec<f64>,
    cpu: Vec<f64>,
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
