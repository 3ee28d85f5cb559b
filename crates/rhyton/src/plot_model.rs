//! Models as pictures.

use rhyton_base::{Context, Result};
use rhyton_model::{Model, PlotModel};
use rhyton_viz::GraphPlot;
use std::path::Path;

/// Draws a model into a file, whose ending says how: `.png` or `.svg`. Nothing needs to be installed for that.
///
/// Layers are boxes: inputs green, outputs violet, the others blue. A shared layer is one box. With
/// [`PlotModel::expand_nested`] models inside are boxes around their layers.
///
/// # Errors
/// Where the model is not built, an option is none of those allowed, or the file cannot be written.
///
/// ```
/// use rhyton::prelude::*;
/// use rhyton::utils::{PlotModel, plot_model};
/// let x = Input::new([3]).name("x").tensor();
/// let y = Dense::new(2).name("y").call(&x)?;
/// let model = Model::new(&x, &y)?;
/// let file = std::env::temp_dir().join("rhyton-plot-model.svg");
/// plot_model(&model, &file, PlotModel::new().show_layer_names(true).show_shapes(true))?;
/// assert!(std::fs::read_to_string(&file)?.contains("Output shape: (None, 2)"));
/// # std::fs::remove_file(&file)?;
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras/src/utils/model_visualization.py`.
pub fn plot_model(model: &Model, to_file: impl AsRef<Path>, options: PlotModel) -> Result<()> {
    let draw = || {
        let plot = GraphPlot::new(&model.diagram(&options)?).scale(options.pixels()?);
        let plot = if options.is_horizontal()? { plot.left_to_right() } else { plot };
        plot.save(to_file)
    };
    draw().at(|| "plot_model")
}

/// A model in the language of Graphviz, for those who draw with it.
///
/// # Errors
/// Where the model is not built, or an option is none of those allowed.
///
/// ```
/// use rhyton::prelude::*;
/// use rhyton::utils::{PlotModel, model_to_dot};
/// let model = Sequential::from((Input::new([3]), Dense::new(2), Dropout::new(0.5)));
/// let dot = model_to_dot(&model, PlotModel::new())?;
/// assert!(dot.contains("n0 -> n1;"), "{dot}");
/// # Ok::<(), Error>(())
/// ```
pub fn model_to_dot(model: &Model, options: PlotModel) -> Result<String> {
    let diagram = model.diagram(&options).at(|| "model_to_dot")?;
    Ok(diagram.to_dot(options.is_horizontal().at(|| "model_to_dot")?))
}
