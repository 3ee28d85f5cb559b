//! W5: the linear classifier on a tape, 2000 points, 1000 steps of all points each.

use super::{Cx, Measured, clock, data, median};
use rhyton::prelude::*;
use serde_json::json;
use std::time::Instant;

const STEPS: usize = 1000;
const LEARNING_RATE: f64 = 0.1;

/// Eagerly, with a compiled step, and as one compiled function of 1000 steps.
pub fn run(cx: &Cx) -> Result<Vec<Measured>> {
    measured(cx, &["eager", "compiled", "loop"])
}

/// As one compiled function of 1000 steps.
pub fn in_one(cx: &Cx) -> Result<Vec<Measured>> {
    measured(cx, &["loop"])
}

fn measured(cx: &Cx, wanted: &[&str]) -> Result<Vec<Measured>> {
    let (x, y) = data::points()?;
    let w = Variable::new(ops::full([2, 1], 0.5, F32)?);
    let b = Variable::new(ops::zeros([1], F32)?);
    let begin = || w.assign(&ops::full([2, 1], 0.5, F32)?).and_then(|()| b.assign(&ops::zeros([1], F32)?));
    let step = |batch: &[Tensor]| -> Result<Vec<Tensor>> {
        let (x, y) = (&batch[0], &batch[1]);
        let tape = GradientTape::new();
        let loss = (y - (x.matmul(&w.value())? + b.value())).square().mean(..)?;
        let gradients = tape.gradients(&loss, [&w, &b])?;
        w.assign_sub(&(&gradients[0] * LEARNING_RATE))?;
        b.assign_sub(&(&gradients[1] * LEARNING_RATE))?;
        Ok(vec![loss])
    };
    let all_steps =
        |batch: &[Tensor]| ops::fori_loop(0, STEPS as i64, |_, _| step(batch), &[Tensor::from(0.0f32)]);
    let (compiled_step, compiled_loop) = (compiled(step).into_fn(), compiled(all_steps).into_fn());
    let batch = [x, y];
    type Step<'a> = &'a dyn Fn(&[Tensor]) -> Result<Vec<Tensor>>;
    let modes: [(&str, Step, usize); 3] =
        [("eager", &step, STEPS), ("compiled", &compiled_step, STEPS), ("loop", &compiled_loop, 1)];
    let mut all = Vec::new();
    for (mode, call, times) in modes.into_iter().filter(|(mode, ..)| wanted.contains(mode)) {
        let mut measured =
            Measured { workload: "W5", metric: "s_per_1000_steps", mode, ..Measured::default() };
        let mut last = f32::NAN;
        // The first round warms up.
        for round in 0..=cx.repeat {
            begin()?;
            let (start, cpu) = (Instant::now(), clock::cpu_seconds());
            let mut loss = Vec::new();
            for _ in 0..times {
                loss = call(&batch)?;
            }
            last = loss[0].item::<f32>()?;
            if round > 0 {
                measured.wall.push(start.elapsed().as_secs_f64());
                measured.cpu.push(clock::cpu_seconds() - cpu);
            }
        }
        measured.more =
            json!({ "us_per_step": median(&measured.wall) / STEPS as f64 * 1e6, "final": {"loss": last} });
        all.push(measured);
    }
    Ok(all)
}
