//! Fashion-MNIST: 70,000 pictures of clothes, a harder task in MNIST's shape.
//!
//! Source: Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
//! algorithms", arXiv:1708.07747; the four files are the ones that Keras publishes.

use crate::images::{COUNTS, foreign, labels, pictures};
use crate::lookup::{Options, fetch};
use crate::registry::{Dataset, dataset};
use crate::{Split, TrainTest};
use rhyton_base::{Context, Error, Result};
use rhyton_io::{Array, idx};
use rhyton_tensor::Tensor;
use std::path::Path;

/// The names of the classes 0 to 9.
pub const CLASSES: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

/// Loads Fashion-MNIST: `((x_train, y_train), (x_test, y_test))`.
///
/// x has shapes (60000, 28, 28) and (10000, 28, 28), `uint8`, 0 to 255; y has shapes (60000,) and (10000,), `uint8`,
/// 0 to 9 for [`CLASSES`]. The four `.gz` files are looked for as [`crate::lookup`] says, in the sub-folder
/// `fashion-mnist` of each place first.
///
/// An error where a file is nowhere and cannot be downloaded, or is not Fashion-MNIST's. MNIST's own files of the same
/// names are told apart.
///
/// ```no_run
/// use rhyton_data::fashion_mnist::{CLASSES, load_data};
/// let ((x_train, y_train), (x_test, y_test)) = load_data()?;
/// let first = y_train.to_vec::<u8>()?[0];
/// assert_eq!(CLASSES[usize::from(first)], "Ankle boot");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load_data() -> Result<TrainTest> {
    load_data_with(&Options::new())
}

/// [`load_data`] with options.
pub fn load_data_with(options: &Options) -> Result<TrainTest> {
    let paths = fetch(this().name, options)?;
    let half = |y: &Path, x: &Path, count| -> Result<Split> {
        let y = read(y, |array| balanced(labels(array, count, this())?))?;
        Ok((read(x, |array| pictures(array, count, this()))?, y))
    };
    let load = || -> Result<TrainTest> {
        Ok((half(&paths[0], &paths[1], COUNTS[0])?, half(&paths[2], &paths[3], COUNTS[1])?))
    };
    load().at(|| this().name)
}

fn this() -> &'static Dataset {
    dataset("fashion_mnist").expect("the registry holds fashion_mnist")
}

fn read(path: &Path, convert: impl FnOnce(Array) -> Result<Tensor>) -> Result<Tensor> {
    let array = idx::load(path)?;
    convert(array).at(|| format!("{:?}", path.display().to_string()))
}

/// The labels, if every class comes equally often. MNIST's digits have files of the same names and shapes, but not that.
fn balanced(y: Tensor) -> Result<Tensor> {
    let mut counts = [0; 10];
    y.with_bytes(|labels| labels.iter().for_each(|l| counts[usize::from(*l)] += 1))?;
    if counts != [y.len() / 10; 10] {
        return Err(Error::value(format!(
            "expected {} labels of every class, received {counts:?}; {} (MNIST's digits have files of the same names)",
            y.len() / 10,
            foreign(this())
        )));
    }
    Ok(y)
}
