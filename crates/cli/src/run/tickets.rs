//! Support tickets: three inputs, two outputs, and a third one from features that are there already.

use super::Cx;
use rhyton::prelude::*;
use rhyton::random::{next_seed, randint, uniform};
use rhyton::utils::{PlotModel, plot_model};
use serde_json::json;

const VOCABULARY: usize = 10_000;
const TAGS: usize = 100;
const DEPARTMENTS: usize = 4;

/// How urgent a ticket is and whom it is for, from its title, text and tags.
fn model() -> Result<Model> {
    let title = Input::new([VOCABULARY]).name("title").tensor();
    let text_body = Input::new([VOCABULARY]).name("text_body").tensor();
    let tags = Input::new([TAGS]).name("tags").tensor();
    let features = Concatenate::new().call([&title, &text_body, &tags])?;
    let features = Dense::new(64).activation("relu").name("dense_features").call(&features)?;
    let priority = Dense::new(1).activation("sigmoid").name("priority").call(&features)?;
    let department = Dense::new(DEPARTMENTS).activation("softmax").name("department").call(&features)?;
    Ok(Model::new([&title, &text_body, &tags], [&priority, &department])?.named("tickets"))
}

/// Trains it on random tickets, draws it, and builds a larger one from its parts.
pub fn run(cx: &Cx) -> Result<()> {
    let n = 1280;
    let words = |size: usize| Ok::<_, Error>(randint([n, size], 0, 2, I32, next_seed())?.cast(F32));
    let (title, text_body, tags) = (words(VOCABULARY)?, words(VOCABULARY)?, words(TAGS)?);
    let priority = uniform([n, 1], 0.0, 1.0, F32, next_seed())?;
    let department = utils::to_categorical(&randint([n], 0, 4, I32, next_seed())?, DEPARTMENTS)?;
    let options = || {
        let fit = Fit::epochs(cx.epochs.unwrap_or(1)).batch_size(cx.batch_size.unwrap_or(32));
        if cx.report.is_json() { fit.verbose(0) } else { fit }
    };
    let quiet = || Evaluate::new().verbose(0);

    // Losses, metrics and data in the order of inputs and outputs.
    let mut by_order = model()?;
    cx.report.line(by_order.summary());
    let losses = ["mean_squared_error", "categorical_crossentropy"];
    by_order.compile("rmsprop", losses, [["mean_absolute_error"], ["accuracy"]])?;
    by_order.fit([&title, &text_body, &tags], [&priority, &department], options())?;
    let evaluated = by_order.evaluate_with([&title, &text_body, &tags], [&priority, &department], quiet())?;
    cx.report.line(format!("evaluated: {evaluated}"));
    let predicted = by_order.predict_all_with([&title, &text_body, &tags], Predict::new().verbose(0))?;
    cx.report.line(format!("predicted: {:?} and {:?}", predicted[0].shape(), predicted[1].shape()));

    // The same by name.
    let mut by_name = model()?;
    by_name.compile(
        "rmsprop",
        [("priority", "mean_squared_error"), ("department", "categorical_crossentropy")],
        [("priority", ["mean_absolute_error"]), ("department", ["accuracy"])],
    )?;
    let inputs = [("title", &title), ("text_body", &text_body), ("tags", &tags)];
    let targets = [("priority", &priority), ("department", &department)];
    let history = by_name.fit(inputs, targets, options())?;
    let evaluated = by_name.evaluate_with(inputs, targets, quiet())?;
    cx.report.line(format!("evaluated by name: {evaluated}"));

    // The graph can be seen and taken apart.
    let picture = |name: &str| cx.out.join(name);
    let named = || PlotModel::new().show_layer_names(true);
    plot_model(&by_name, picture("ticket_classifier.png"), named())?;
    plot_model(&by_name, picture("ticket_classifier_with_shapes.png"), named().show_shapes(true))?;
    for layer in by_name.layers() {
        cx.report.line(format!(
            "{:<16} {} -> {}",
            layer.name(),
            shapes(&layer.inputs()?),
            shapes(&layer.outputs()?)
        ));
    }
    let features = by_name.get_layer("dense_features")?.output()?;
    let difficulty = Dense::new(3).activation("softmax").name("difficulty").call(&features)?;
    let outputs = [by_name.outputs()?, vec![difficulty]].concat();
    let larger = Model::new(by_name.inputs()?, outputs)?.named("tickets_with_difficulty");
    plot_model(&larger, picture("updated_ticket_classifier.png"), named().show_shapes(true))?;
    cx.report.line(larger.summary());
    cx.report.line(format!("pictures: {}", cx.out.display()));
    cx.report.object(&json!({
        "names": history.names().collect::<Vec<_>>(), "loss": evaluated.loss(),
        "predicted": [predicted[0].shape(), predicted[1].shape()], "params": larger.count_params(),
        "layers": larger.layers().iter().map(AnyLayer::name).collect::<Vec<_>>(),
    }));
    Ok(())
}

/// The shapes of some symbolic tensors.
fn shapes(all: &[Tensor]) -> String {
    all.iter().map(|x| x.meta().shape.to_string()).collect::<Vec<_>>().join(" ")
}
