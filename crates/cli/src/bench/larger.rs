//! The workloads with layers for images.

use super::training::epochs;
use super::{Cx, Measured, data};
use rhyton::layers::{Conv2D, MaxPooling2D};
use rhyton::prelude::*;

/// W6: a network of convolutions on images, batch 64.
pub fn w6(cx: &Cx) -> Result<Vec<Measured>> {
    let conv = |filters: usize| Conv2D::new(filters, 3).activation("relu");
    let inputs = input([28, 28, 1]);
    let x = MaxPooling2D::new(2).call(&conv(32).call(&inputs)?)?;
    let x = MaxPooling2D::new(2).call(&conv(64).call(&x)?)?;
    let x = Flatten::new().call(&conv(128).call(&x)?)?;
    let mut model = Model::new(&inputs, &Dense::new(10).activation("softmax").call(&x)?)?;
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;
    epochs(cx, "W6", model, data::images()?, 64, None)
}
