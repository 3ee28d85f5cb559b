//! Weights and gradients as histograms and pictures.

use super::TensorBoard;
use crate::callbacks::CallbackCx;
use crate::model::Model;
use crate::structure::View;
use crate::tensorboard::FileWriter;
use rhyton_base::Result;
use rhyton_nn::layers::AnyLayer;
use rhyton_nn::{DataFormat, image_data_format};
use rhyton_tensor::{Tensor, Variable, ops};

impl TensorBoard {
    pub(super) fn write_weights(&mut self, cx: &CallbackCx, epoch: i64) -> Result<()> {
        let (write_images, gradients) = (self.write_images, self.gradients.clone());
        let writer = self.train()?;
        let named = named_weights(cx.model());
        for (name, weight) in &named {
            let value = weight.concrete_value();
            writer.histogram(&format!("{name}/histogram"), &value, epoch)?;
            if write_images {
                write_image(writer, &format!("{name}/image"), &value, epoch)?;
            }
        }
        if let Some((x, y)) = gradients {
            for (weight, gradient) in cx.model().gradients(x, y)? {
                let name = named.iter().find(|(_, w)| w.id() == weight.id()).map(|(name, _)| name);
                let name = name.cloned().unwrap_or_else(|| weight.name());
                writer.histogram(&format!("{name}/gradient/histogram"), &gradient, epoch)?;
            }
        }
        Ok(())
    }
}

/// The weights, layer by layer, under Keras's paths: those of a sequential model begin with its name, those of a graph with
/// the names of its layers.
fn named_weights(model: &Model) -> Vec<(String, Variable)> {
    let whole = match model.view() {
        View::Chain(_) => Some(model.name()),
        _ => None,
    };
    let of = |layer: AnyLayer| -> Vec<(String, Variable)> {
        let chain = matches!(View::of(&layer), View::Chain(_)).then(|| layer.name());
        let before = chain.or_else(|| whole.clone()).map_or_else(String::new, |name| name + "/");
        let path = |name: String| if name.starts_with(&before) { name } else { before.clone() + &name };
        layer.weights().into_iter().map(|w| (path(w.name()), w)).collect()
    };
    model.layers().into_iter().flat_map(of).collect()
}

/// A weight as Keras shows it: vectors as a column, matrices with their shorter side upright, kernels of a convolution
/// each as a picture. What has no such form is left out.
fn write_image(writer: &FileWriter, tag: &str, weight: &Tensor, epoch: i64) -> Result<()> {
    let shape: Vec<usize> = weight.shape().iter().copied().filter(|n| *n != 1).collect();
    let weight = ops::reshape(weight, &shape[..])?;
    let picture = match shape[..] {
        [n] => ops::reshape(&weight, [1, n, 1, 1])?,
        [rows, columns] if rows > columns => ops::reshape(&weight.t(), [1, columns, rows, 1])?,
        [rows, columns] => ops::reshape(&weight, [1, rows, columns, 1])?,
        [a, b, c] => match image_data_format() {
            DataFormat::ChannelsLast => {
                ops::reshape(&ops::transpose(&weight, Some(&[2, 0, 1]))?, [c, a, b, 1])?
            }
            DataFormat::ChannelsFirst => ops::reshape(&weight, [a, b, c, 1])?,
        },
        [_, _, _, 1 | 3 | 4] => weight,
        _ => return Ok(()),
    };
    match picture.len() {
        0 => Ok(()),
        _ => writer.image(tag, &picture, epoch),
    }
}
