//! What comes before and after a model: texts as numbers, numbers of one size, missing values, the features that matter, the last
//! layer, the mistakes at a threshold, and whether new data is still like the old.

use super::Cx;
use super::figures::figure;
use rhyton::datasets::{boston_housing, imdb};
use rhyton::features::{Drift, Imputer, MutualInfo, SelectKBest, mutual_info_regression};
use rhyton::layers::{Normalization, TextVectorization};
use rhyton::prelude::*;
use rhyton::random::Generator;
use rhyton::validation::{Baseline, ThresholdRates};
use rhyton::viz::LinePlot;
use serde_json::{Value, json};

const REVIEWS: usize = 5000;

pub fn run(cx: &Cx) -> Result<()> {
    let houses = Houses::load()?;
    let filled = missing_values(cx, &houses)?;
    let normalized = normalization(cx, &houses)?;
    let selected = selection(cx, &houses)?;
    last_layers(cx);
    let reviews = reviews(cx)?;
    let drift = drift(cx, &houses)?;
    cx.report.object(&json!({
        "missing": filled, "normalized": normalized, "selected": selected, "reviews": reviews, "drift": drift,
    }));
    Ok(())
}

struct Houses {
    x_train: Tensor,
    y_train: Tensor,
    x_test: Tensor,
    y_test: Tensor,
}

impl Houses {
    fn load() -> Result<Houses> {
        let ((x_train, y_train), (x_test, y_test)) = boston_housing::load_data()?;
        let [x_train, y_train, x_test, y_test] = [x_train, y_train, x_test, y_test].map(|t| t.cast(F32));
        Ok(Houses { x_train, y_train, x_test, y_test })
    }

    /// The test MAE in thousands of dollars of a small network on such inputs.
    fn judge(&self, cx: &Cx, x_train: &Tensor, x_test: &Tensor) -> Result<f64> {
        let normalization = Normalization::new();
        normalization.adapt(x_train)?;
        let mut model = Sequential::new();
        model.add(Input::new([x_train.shape()[1]]));
        model.add(&normalization);
        model.add(Dense::new(64).activation("relu"));
        model.add(Dense::new(64).activation("relu"));
        model.add(Dense::new(1));
        model.compile(cx.optimizer.as_deref().unwrap_or("rmsprop"), "mse", ["mae"])?;
        model.fit(x_train, &self.y_train, cx.fit(80, 16).verbose(0))?;
        Ok(model.evaluate_with(x_test, &self.y_test, Evaluate::new().verbose(0))?["mae"])
    }
}

/// A tenth of the numbers is lost; the mean or the median of the column takes their place.
fn missing_values(cx: &Cx, houses: &Houses) -> Result<Value> {
    cx.report.line("missing values: every tenth number of the houses is lost");
    let mut random = Generator::new(1);
    let mut holes = |x: &Tensor| -> Result<Tensor> {
        let lost: Vec<bool> = (0..x.len()).map(|_| random.below(10) == 0).collect();
        let lost = Tensor::from(lost).reshape(x.shape().to_vec())?;
        ops::r#where(&lost, &Tensor::from(f32::NAN), x)
    };
    let (train, test) = (holes(&houses.x_train)?, holes(&houses.x_test)?);
    let whole = houses.judge(cx, &houses.x_train, &houses.x_test)?;
    let mut found = json!({ "none": whole });
    figure(cx, "  test MAE with all numbers", whole, "about 2.5 to 2.9");
    for (name, imputer) in [
        ("mean", Imputer::mean()),
        ("median", Imputer::median()),
        ("median, and what was missing", Imputer::median().indicator(true)),
    ] {
        // What is filled in is learnt from the houses to train with alone.
        let imputer = imputer.fit(&train)?;
        let mae = houses.judge(cx, &imputer.transform(&train)?, &imputer.transform(&test)?)?;
        figure(cx, &format!("  filled with the {name}"), mae, "somewhat worse");
        found[name] = json!(mae);
    }
    Ok(found)
}

/// Columns of all sizes, and the same ones around 0.
fn normalization(cx: &Cx, houses: &Houses) -> Result<Value> {
    let layer = Normalization::new();
    layer.adapt(&houses.x_train)?;
    let x = AnyLayer::from(&layer).call(&houses.x_train)?;
    let largest = |x: Tensor| x.abs().max(..)?.to_f64s().map(|v| v[0]);
    let (before, mean) = (largest(houses.x_train.mean(0)?)?, largest(x.mean(0)?)?);
    let spread = x.std(0)?;
    let (low, high) = (spread.min(..)?.to_f64s()?[0], spread.max(..)?.to_f64s()?[0]);
    cx.report.line(format!(
        "normalization: column means up to {before:.1} become {mean:.1e}, deviations {low:.4} to {high:.4} (expected 0, 1)"
    ));
    Ok(json!({ "mean": mean, "std": [low, high] }))
}

/// Which columns say something about the price, and a model on the best of them.
fn selection(cx: &Cx, houses: &Houses) -> Result<Value> {
    // Whether a district lies at the river is a category, and so is how well highways are reached.
    let how = MutualInfo::new().discrete_features([3, 8]);
    let scores = mutual_info_regression(&houses.x_train, &houses.y_train, how)?;
    let mut ranking: Vec<usize> = (0..scores.len()).collect();
    ranking.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    cx.report.line("feature selection: mutual information with the price, in nats");
    for &column in &ranking {
        let bar = "█".repeat((scores[column] * 40.0).round() as usize);
        cx.report.line(format!("  {:<8} {:.3} {bar}", boston_housing::COLUMNS[column], scores[column]));
    }
    let best = SelectKBest::new(&scores, 6)?;
    let mae = houses.judge(cx, &best.transform(&houses.x_train)?, &best.transform(&houses.x_test)?)?;
    let names: Vec<&str> = best.columns().iter().map(|&c| boston_housing::COLUMNS[c]).collect();
    figure(cx, &format!("  test MAE with {} alone", names.join(", ")), mae, "near that with all 13");
    Ok(json!({ "scores": scores, "columns": names, "mae": mae }))
}

/// What the targets are decides the last activation and the loss.
fn last_layers(cx: &Cx) {
    cx.report.line("the last layer:");
    for [task, activation, loss] in [
        ["task", "activation", "loss"],
        ["yes or no", "sigmoid", "binary_crossentropy"],
        ["one of several classes", "softmax", "categorical_crossentropy"],
        ["several labels at once", "sigmoid", "binary_crossentropy"],
        ["a number", "none", "mse"],
        ["a number from 0 to 1", "sigmoid", "mse or binary_crossentropy"],
    ] {
        cx.report.line(format!("  {task:<23} {activation:<11} {loss}"));
    }
}

/// Reviews as texts: vectorized, learnt from, and judged at thresholds.
fn reviews(cx: &Cx) -> Result<Value> {
    let ((x_train, y_train), (x_test, y_test)) = imdb::load_data()?;
    let words = imdb::get_word_index()?;
    let texts = |x: &rhyton::datasets::Sequences| -> Vec<String> {
        x.iter().map(|ids| words.decode(&ids[1..])).collect()
    };
    let (train, test) = (texts(&x_train.slice(0..REVIEWS)), texts(&x_test.slice(0..REVIEWS)));
    let (y_train, y_test) = (y_train.i(..REVIEWS as i64)?, y_test.i(..REVIEWS as i64)?);

    let vectorization = TextVectorization::new().max_tokens(5000).output_mode("multi_hot");
    vectorization.adapt(&train)?;
    let vocabulary = vectorization.get_vocabulary()?;
    cx.report.line(format!(
        "vectorization: {REVIEWS} reviews, {} words: {} ..",
        vocabulary.len(),
        vocabulary[1..8].join(", ")
    ));
    let (x_train, x_test) = (vectorization.call_strings(&train)?, vectorization.call_strings(&test)?);

    let mut model = Sequential::new();
    model.add(Dense::new(16).activation("relu"));
    model.add(Dropout::new(0.5));
    model.add(Dense::new(1).activation("sigmoid"));
    model.compile(cx.optimizer.as_deref().unwrap_or("rmsprop"), "binary_crossentropy", ["accuracy"])?;
    model.fit(&x_train, &y_train, cx.fit(4, 128).verbose(0))?;
    let scores = model.predict_with(&x_test, Predict::new().verbose(0))?.reshape([-1])?;

    let baseline = Baseline::majority_class(&y_test)?.evaluate(&y_test, ["accuracy"])?["accuracy"];
    let half = ThresholdRates::at(&y_test, &scores, 0.5)?;
    let careful = ThresholdRates::for_false_positive_rate(&y_test, &scores, 0.05)?;
    let complete = ThresholdRates::for_false_negative_rate(&y_test, &scores, 0.05)?;
    figure(cx, "  test accuracy", half.accuracy, &format!("about 0.86, {baseline:.2} without a model"));
    for (what, rates) in
        [("as it is", half), ("at most 5 % false alarms", careful), ("at most 5 % missed", complete)]
    {
        cx.report.line(format!("  {what}: {rates}"));
    }
    let all = ThresholdRates::all(&y_test, &scores)?;
    let of = |f: fn(&ThresholdRates) -> f64| all.iter().map(f).collect::<Vec<f64>>();
    let path = cx.out.join("rates.png");
    LinePlot::new()
        .title("Mistakes at a threshold")
        .x_label("Threshold")
        .y_label("Rate")
        .line("False positives", &of(|r| r.false_positive_rate))
        .dashed("False negatives", &of(|r| r.false_negative_rate))
        .x(&of(|r| r.threshold))
        .save(&path)?;
    cx.report.line(format!("picture: {}", path.display()));
    let rates = |r: ThresholdRates| json!([r.threshold, r.false_positive_rate, r.false_negative_rate]);
    Ok(json!({
        "accuracy": half.accuracy, "half": rates(half), "careful": rates(careful), "complete": rates(complete),
    }))
}

/// The houses to test with are like those to train with; houses where it is not safe are not.
fn drift(cx: &Cx, houses: &Houses) -> Result<Value> {
    let names = boston_housing::COLUMNS;
    let same = Drift::between(&houses.x_train, &houses.x_test, &names)?;
    let crime = houses.x_test.i((.., 0))?.to_f64s()?;
    let unsafe_rows: Vec<i64> = (0..crime.len()).filter(|&i| crime[i] > 1.0).map(|i| i as i64).collect();
    let moved =
        Drift::between(&houses.x_train, &ops::take(&houses.x_test, &Tensor::from(unsafe_rows), 0)?, &names)?;
    cx.report.line("drift: the houses to test with against those to train with");
    cx.report.line(&same);
    cx.report.line("drift: only where the crime rate is above 1");
    cx.report.line(&moved);
    let (quiet, loud) = (same.drifted(0.01), moved.drifted(0.01));
    cx.report.line(format!(
        "  {} columns have drifted in the one, {} in the other (expected few, most)",
        quiet.len(),
        loud.len()
    ));
    Ok(json!({ "same": quiet, "moved": loud }))
}
