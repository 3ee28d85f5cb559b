//! Inputs that say nothing: noise beside the digits misleads a network, zeros do not.

use super::figures::{figure, highest, side_by_side};
use super::{Cx, digits};
use rhyton::prelude::*;
use rhyton::random;
use serde_json::json;

/// Trains on digits with as many other inputs beside them.
pub fn run(cx: &Cx) -> Result<()> {
    let (x, y) = digits::all()?;
    let noise = random::uniform(x.shape(), 0.0, 1.0, F32, None)?;
    let with_noise = ops::concatenate(&[&x, &noise], 1)?;
    let with_zeros = ops::concatenate(&[&x, &ops::zeros_like(&x)?], 1)?;

    let train = |what: &str, x: &Tensor| -> Result<History> {
        cx.report.line(what);
        let mut model = digits::dense(&[512], cx.optimizer.as_deref().unwrap_or("rmsprop"))?;
        model.fit(x, &y, cx.fit(10, 128).validation_split(0.2))
    };
    let noise = train("digits and noise", &with_noise)?;
    let zeros = train("digits and zeros", &with_zeros)?;

    let (noise, zeros) = (&noise["val_accuracy"], &zeros["val_accuracy"]);
    let picture = side_by_side(
        cx,
        "accuracy.png",
        "Noise beside the digits and zeros beside them",
        "Validation accuracy",
        &[("with noise", noise), ("with zeros", zeros)],
    )?;
    let ((_, best_noise), (_, best_zeros)) = (highest(noise), highest(zeros));
    figure(cx, "best validation accuracy with noise", best_noise, "a point below");
    figure(cx, "best validation accuracy with zeros", best_zeros, "about 0.98");
    let last = |values: &[f64]| values.last().copied().unwrap_or(f64::NAN);
    figure(cx, "zeros above noise after the last epoch", last(zeros) - last(noise), "about 0.01");
    cx.report.object(&json!({
        "noise_val_acc": noise, "zeros_val_acc": zeros, "best_noise": best_noise, "best_zeros": best_zeros,
        "gap": last(zeros) - last(noise), "picture": picture,
    }));
    Ok(())
}
