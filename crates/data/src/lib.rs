#![forbid(unsafe_code)]
//! The standard datasets, and helpers that prepare data for training.
//!
//! | module | what |
//! |---|---|
//! | [`mnist`] | 70,000 handwritten digits, or digits that the program draws where MNIST cannot be had |
//! | [`fashion_mnist`] | 70,000 pictures of clothes |
//! | [`cifar10`], [`cifar100`] | 60,000 small colour pictures, in 10 or 100 classes |
//! | [`imdb`] | 50,000 film reviews as word ids, half of them positive |
//! | [`reuters`] | 11,228 newswires as word ids, in 46 topics |
//! | [`boston_housing`], [`california_housing`] | house prices of districts, with numbers about each |
//! | [`Sequences`], [`WordIndex`] | lists of word ids, and what the ids mean |
//! | [`digits`] | the drawn digits by themselves |
//! | [`features`] | missing values, mutual information, drift |
//! | [`Dataset`] | pipelines: elements from tensors, functions and files, mapped, shuffled, in batches, made ready by threads |
//! | [`Csv`] | tables |
//! | [`image_dataset_from_directory`], [`text_dataset_from_directory`], [`audio_dataset_from_directory`] | folders of files, one folder a class |
//! | [`timeseries_dataset_from_array`] | windows of time series |
//! | [`rows`] | rows of arrays, brought together |
//! | [`registry`] | which datasets there are: files, addresses, hashes, terms |
//! | [`lookup`] | where their files are looked for, and fetching them |
//! | [`utils`] | one-hot and multi-hot arrays, padding, norms, splits |
//!
//! Files are looked for in the folder given, in `$RHYTON_DATA_DIR`, in `~/.rhyton/datasets` and in
//! `~/.keras/datasets`, and then downloaded into `~/.rhyton/datasets` (feature `download`, on by default).
//!
//! ```no_run
//! let ((x_train, y_train), (x_test, y_test)) = rhyton_data::mnist::load_data()?;
//! assert_eq!(x_train.shape(), [60000, 28, 28]);
//! # Ok::<(), rhyton_base::Error>(())
//! ```
//!
//! This crate knows tensors and files. It knows nothing of layers, models or training.

pub mod boston_housing;
pub mod california_housing;
mod cifar;
pub mod cifar10;
pub mod cifar100;
mod csv;
mod dataset;
pub mod digits;
mod directory;
mod download;
pub mod fashion_mnist;
pub mod features;
mod housing;
mod images;
pub mod imdb;
pub mod lookup;
pub mod mnist;
#[cfg(all(feature = "download", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod progress;
mod random_state;
pub mod registry;
pub mod reuters;
pub mod rows;
mod sequences;
mod timeseries;
pub mod utils;
mod word_index;
mod words;

pub use csv::Csv;
pub use dataset::{
    AUTOTUNE, Cardinality, Dataset, Element, Elements, FromElement, IntoElement, Named, Sequence, TensorSpec,
};
pub use directory::{
    ColorMode, DirectoryDataset, DirectoryOptions, FileLabels, LabelMode, Subset, TextDataset, Texts,
    audio_dataset_from_directory, audio_datasets_from_directory, image_dataset_from_directory,
    image_datasets_from_directory, text_dataset_from_directory, text_datasets_from_directory,
};
pub use lookup::{Options, set_data_dir};
pub use sequences::Sequences;
pub use timeseries::{Timeseries, timeseries_dataset_from_array};
pub use word_index::WordIndex;

use rhyton_tensor::Tensor;

/// Inputs and targets: `(x, y)`.
pub type Split = (Tensor, Tensor);

/// Data to train with and data to test with: `((x_train, y_train), (x_test, y_test))`.
pub type TrainTest = (Split, Split);

/// Texts and labels to train with, and to test with: `((x_train, y_train), (x_test, y_test))`.
pub type TextTrainTest = ((Sequences, Tensor), (Sequences, Tensor));
