//! Sequential models: how they are put together, and when they get their weights.

use super::Cx;
use rhyton::prelude::*;
use serde_json::json;

/// A list of layers, layers one by one, names, an input first.
pub fn run(cx: &Cx) -> Result<()> {
    let line = |text: &dyn std::fmt::Display| cx.report.line(text);
    let mut model =
        Sequential::from((Dense::new(64).activation("relu"), Dense::new(10).activation("softmax")));
    line(&format!("a model made from a list: {} layers", model.layers().len()));

    line(&"\nWithout a shape of the input there are no weights:");
    let asked = model.get_weights().map_or_else(|e| e.to_string(), |w| format!("{} weights", w.len()));
    line(&format!("  {asked}"));
    model.build([None, Some(3)])?;
    line(&"after model.build([None, Some(3)]):");
    for w in model.weights() {
        line(&format!("  {} {:?}", w.name(), w.shape()));
    }
    line(&format!("\n{}", model.summary()));
    let total = model.count_params();

    line(&"Names make tables and errors easier to read:");
    let mut named = Sequential::new().named("my_example_model");
    named.add(Dense::new(64).activation("relu").name("my_first_layer"));
    named.add(Dense::new(10).activation("softmax").name("my_last_layer"));
    named.build([None, Some(3)])?;
    line(&named.summary());

    line(&"With an input first, a model is built from the beginning; look at it after every layer:");
    let mut grown = Sequential::new().named("grown");
    grown.add(Input::new([3]));
    grown.add(Dense::new(64).activation("relu"));
    line(&grown.summary());
    grown.add(Dense::new(10).activation("softmax"));
    line(&grown.summary());

    cx.report.object(&json!({ "before_build": asked, "params": total, "grown_params": grown.count_params(),
        "names": named.layers().iter().map(AnyLayer::name).collect::<Vec<_>>() }));
    Ok(())
}
