//! What the examples on digits have in common: the digits, and models that learn them.

use rhyton::Spec;
use rhyton::datasets::mnist;
use rhyton::optimizers::Optimizer;
use rhyton::prelude::*;

/// MNIST as rows of 784 numbers from 0 to 1; the first 10,000 digits for training are held out for validation.
pub struct Digits {
    pub train: (Tensor, Tensor),
    pub validation: (Tensor, Tensor),
    pub test: (Tensor, Tensor),
}

impl Digits {
    pub fn load() -> Result<Digits> {
        let ((images, labels), (test_images, test_labels)) = mnist::load_data()?;
        let images = images.reshape([-1, 28 * 28])?.cast(F32) / 255.0;
        let test_images = test_images.reshape([-1, 28 * 28])?.cast(F32) / 255.0;
        Ok(Digits {
            train: (images.i(10_000..)?, labels.i(10_000..)?),
            validation: (images.i(..10_000)?, labels.i(..10_000)?),
            test: (test_images, test_labels),
        })
    }
}

/// Dense 512, dropout, Dense 10.
pub fn model() -> Result<Model> {
    let inputs = input([28 * 28]);
    let features = Dense::new(512).activation("relu").call(&inputs)?;
    let features = Dropout::new(0.5).call(&features)?;
    let outputs = Dense::new(10).activation("softmax").call(&features)?;
    Model::new(&inputs, &outputs)
}

/// All digits to train with, for examples that hold some out by `validation_split`.
pub fn all() -> Result<(Tensor, Tensor)> {
    let ((images, labels), _) = mnist::load_data()?;
    Ok((images.reshape([-1, 28 * 28])?.cast(F32) / 255.0, labels))
}

/// Hidden layers of these sizes, Dense 10, compiled.
pub fn dense(hidden: &[usize], optimizer: impl Into<Spec<dyn Optimizer>>) -> Result<Sequential> {
    let mut model = Sequential::new();
    for units in hidden {
        model.add(Dense::new(*units).activation("relu"));
    }
    model.add(Dense::new(10).activation("softmax"));
    model.compile(optimizer, "sparse_categorical_crossentropy", ["accuracy"])?;
    Ok(model)
}
