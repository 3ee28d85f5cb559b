//! What helps against overfitting, on film reviews: fewer units, small weights, dropout.

use super::Cx;
use super::figures::{lowest, side_by_side};
use rhyton::datasets::imdb;
use rhyton::prelude::*;
use rhyton::regularizers::{L1, L1L2, L2};
use serde_json::{Map, json};

type Build<'a> = &'a dyn Fn() -> Sequential;

/// Dense n, n, 1.
fn plain(units: usize) -> Sequential {
    let hidden = || Dense::new(units).activation("relu");
    Sequential::from((hidden(), hidden(), Dense::new(1).activation("sigmoid")))
}

/// Trains each model in the same way, and draws their validation losses.
fn compare(cx: &Cx, title: &str, expected: &str, models: &[(&str, Build)]) -> Result<()> {
    let ((reviews, labels), _) = imdb::LoadData::new().num_words(10_000).load()?;
    let (x, y) = (utils::vectorize_sequences(&reviews, 10_000)?, labels.cast(F32));
    let mut losses = Vec::new();
    for (name, build) in models {
        cx.report.line(*name);
        let mut model = build();
        model.compile(cx.optimizer.as_deref().unwrap_or("rmsprop"), "binary_crossentropy", ["accuracy"])?;
        let history = model.fit(&x, &y, cx.fit(20, 512).validation_split(0.4))?;
        losses.push(history["val_loss"].clone());
    }
    let runs: Vec<(&str, &[f64])> =
        models.iter().zip(&losses).map(|((name, _), l)| (*name, &l[..])).collect();
    let picture = side_by_side(cx, "loss.png", title, "Validation loss", &runs)?;
    let mut object = Map::new();
    for (name, losses) in runs {
        let ((epoch, best), last) = (lowest(losses), losses.last().copied().unwrap_or(f64::NAN));
        cx.report
            .line(format!("{name}: lowest validation loss {best:.4} in epoch {epoch}, in the end {last:.4}"));
        object.insert(
            name.to_string(),
            json!({ "val_loss": losses, "epoch": epoch, "best": best, "last": last }),
        );
    }
    cx.report.line(format!("expected: {expected}"));
    cx.report.object(&json!({ "models": object, "picture": picture }));
    Ok(())
}

/// Models of three sizes.
pub fn capacity(cx: &Cx) -> Result<()> {
    compare(
        cx,
        "Small, middle and large models",
        "the small one overfits later and more slowly, the large one at once",
        &[("4 units", &|| plain(4)), ("16 units", &|| plain(16)), ("512 units", &|| plain(512))],
    )
}

/// Weights that cost: by their squares, by their sizes, by both.
pub fn penalties(cx: &Cx) -> Result<()> {
    let penalised = |hidden: &dyn Fn() -> Dense| {
        Sequential::from((hidden(), hidden(), Dense::new(1).activation("sigmoid")))
    };
    let hidden = || Dense::new(16).activation("relu");
    compare(
        cx,
        "Penalties on weights",
        "with l2 the validation loss rises much less after its lowest point",
        &[
            ("no penalty", &|| plain(16)),
            ("l2(0.002)", &|| penalised(&|| hidden().kernel_regularizer(L2::new(0.002)))),
            ("l1(0.001)", &|| penalised(&|| hidden().kernel_regularizer(L1::new(0.001)))),
            ("l1_l2(0.001, 0.001)", &|| penalised(&|| hidden().kernel_regularizer(L1L2::new(0.001, 0.001)))),
        ],
    )
}

/// Half of what each layer says, left out at random while training.
pub fn dropout(cx: &Cx) -> Result<()> {
    let dropped = || {
        let hidden = || Dense::new(16).activation("relu");
        let out = Dense::new(1).activation("sigmoid");
        Sequential::from((hidden(), Dropout::new(0.5), hidden(), Dropout::new(0.5), out))
    };
    compare(
        cx,
        "Dropout",
        "the lowest validation loss with dropout is lower",
        &[("no dropout", &|| plain(16)), ("dropout 0.5", &dropped)],
    )
}
