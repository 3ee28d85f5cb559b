//! A model that is too small stops getting better, a larger one gets better and then learns by heart.

use super::figures::{figure, lowest, side_by_side};
use super::{Cx, digits};
use rhyton::prelude::*;
use serde_json::json;

/// Logistic regression against two hidden layers.
pub fn run(cx: &Cx) -> Result<()> {
    let (x, y) = digits::all()?;
    let optimizer = cx.optimizer.as_deref().unwrap_or("rmsprop");
    let train = |what: &str, hidden: &[usize]| -> Result<History> {
        cx.report.line(what);
        digits::dense(hidden, optimizer)?.fit(&x, &y, cx.fit(20, 128).validation_split(0.2))
    };
    let (small, large) = (train("no hidden layer", &[])?, train("hidden layers of 96 and 96", &[96, 96])?);

    let (small, large) = (&small["val_loss"], &large["val_loss"]);
    let runs = [("logistic regression", &small[..]), ("96, 96, 10", &large[..])];
    let picture = side_by_side(cx, "loss.png", "Too small and large enough", "Validation loss", &runs)?;
    let ((_, stalled), (epoch, best)) = (lowest(small), lowest(large));
    let last = large.last().copied().unwrap_or(f64::NAN);
    figure(cx, "lowest validation loss without hidden layers", stalled, "about 0.26, where it stays");
    cx.report.line(format!(
        "lowest validation loss with hidden layers: {best:.4} in epoch {epoch} (expected near epoch 8)"
    ));
    figure(cx, "and in the end", last, "higher: it overfits");
    cx.report.object(&json!({
        "small_val_loss": small, "large_val_loss": large, "stalled": stalled, "best_epoch": epoch,
        "best": best, "last": last, "picture": picture,
    }));
    Ok(())
}
