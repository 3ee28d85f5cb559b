//! Steps that are too long lead nowhere.

use super::figures::{figure, side_by_side};
use super::{Cx, digits};
use rhyton::prelude::*;
use serde_json::json;

/// The same network with a learning rate of 1 and of 0.01.
pub fn run(cx: &Cx) -> Result<()> {
    let (x, y) = digits::all()?;
    let train = |rate: f64| -> Result<History> {
        cx.report.line(format!("learning rate {rate}"));
        let mut model = digits::dense(&[512], RMSprop::new(rate))?;
        model.fit(&x, &y, cx.fit(10, 128).validation_split(0.2))
    };
    let (long, short) = (train(1.0)?, train(1e-2)?);

    let (long, short) = (&long["val_accuracy"], &short["val_accuracy"]);
    let runs = [("learning rate 1", &long[..]), ("learning rate 0.01", &short[..])];
    let title = "Two learning rates";
    let picture = side_by_side(cx, "accuracy.png", title, "Validation accuracy", &runs)?;
    let last = |values: &[f64]| values.last().copied().unwrap_or(f64::NAN);
    figure(cx, "validation accuracy at a rate of 1", last(long), "about 0.2 to 0.4");
    figure(cx, "validation accuracy at a rate of 0.01", last(short), "above 0.95");
    cx.report.object(&json!({
        "rate_1_val_acc": long, "rate_0.01_val_acc": short, "last_rate_1": last(long),
        "last_rate_0.01": last(short), "picture": picture,
    }));
    Ok(())
}
