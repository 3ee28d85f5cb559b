#![forbid(unsafe_code)]
//! Rhyton's pictures: grids of images with titles, training curves and scatter plots, as PNG and SVG.
//!
//! Nothing but this crate is needed to draw them: letters come from an embedded font, so that a machine without any
//! font draws the same pixels.
//!
//! - [`ImageGrid`]: pictures in rows and columns, a title over each, such as test digits with their predictions.
//! - [`LinePlot`]: curves over epochs, training as dots and validation as a line.
//! - [`Scatter`]: points by class, with straight lines, over the regions that a model sees.
//! - [`Histogram`]: how numbers are spread.
//! - [`Contour`]: a surface over the plane, such as a loss, and paths on it.
//! - [`GraphPlot`]: graphs of operations or layers, nodes in layers, clusters in boxes.
//! - [`Panels`]: several plots in one picture.
//! - [`TextStyle`]: plots as lines of text, for terminals.
//!
//! All of them have `save(path)`, `to_png()` and `to_svg()`, and report mistakes made while building when they are
//! drawn. A picture is described once, as a scene of a few kinds of marks; one file turns a scene into SVG and
//! another turns it into pixels.
//!
//! This crate knows nothing of tensors, models and terminals: it takes slices of numbers.

mod axes;
mod choice;
mod clip;
mod color;
mod colormap;
mod contour;
mod font;
mod graph_plot;
mod grid;
mod histogram;
mod image;
mod layered;
mod legend;
mod line;
mod mesh;
mod output;
mod panels;
mod plot;
mod raster;
mod scatter;
mod scene;
mod smooth;
mod svg;
mod text;
mod ticks;
mod title;
mod viridis;

pub use choice::Choice;
pub use color::Color;
pub use colormap::Colormap;
pub use contour::Contour;
pub use graph_plot::GraphPlot;
pub use grid::ImageGrid;
pub use histogram::Histogram;
pub use image::Image;
pub use line::LinePlot;
pub use mesh::mesh;
pub use panels::{Panel, Panels};
pub use scatter::Scatter;
pub use smooth::smooth;
pub use text::{Figure, TextStyle};
pub use title::Title;
