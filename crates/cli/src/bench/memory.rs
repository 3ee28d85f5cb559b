//! Whether memory grows: with predictions, and with steps of training.

use super::{Cx, Measured, clock, data};
use rhyton::prelude::*;
use serde_json::json;

const PREDICTIONS: usize = 1_000_000;
const STEPS: usize = 100_000;
/// Of each, before memory is looked at.
const WARM_UP: usize = 10_000;

/// A million predictions of one sample and 100,000 steps of one sample, with W4's network.
pub fn run(_cx: &Cx) -> Result<Vec<Measured>> {
    let (x, y) = data::houses()?;
    let mut model = super::training::houses_model()?;
    let (one, target) = (x.i(..1)?, y.i(..1)?);
    let predict = |model: &mut Model| model.predict_with(&one, Predict::new().verbose(0)).map(|_| ());
    let step = |model: &mut Model| model.train_on_batch(&one, &target).map(|_| ());
    let epoch = |model: &mut Model| model.fit(&x, &y, Fit::epochs(1).batch_size(1).verbose(0)).map(|_| ());
    type Work<'a> = &'a dyn Fn(&mut Model) -> Result<()>;
    // Name, what to do, how many steps or predictions that is, and how many there are to be.
    let all: [(&str, Work, usize, usize); 3] = [
        ("predictions", &predict, 1, PREDICTIONS),
        ("steps", &step, 1, STEPS),
        ("steps-of-fit", &epoch, x.shape()[0], STEPS),
    ];
    let mut measured = Vec::new();
    for (mode, work, each, count) in all {
        for _ in 0..WARM_UP / each {
            work(&mut model)?;
        }
        let before = clock::rss_kib();
        for _ in 0..count.div_ceil(each) {
            work(&mut model)?;
        }
        let after = clock::rss_kib();
        measured.push(Measured {
            workload: "memory",
            mode,
            metric: "growth_kib",
            wall: vec![after - before],
            more: json!({ "unit": "KiB", "before_kib": before, "after_kib": after, "count": count }),
            lines: vec![format!("{before} KiB before, {after} KiB after {count}")],
            ..Measured::default()
        });
    }
    Ok(measured)
}
