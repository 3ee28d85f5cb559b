//! Feature spaces with files and datasets.

use super::{ends_with, metadata, read, shown, tree};
use rhyton_base::{Context, Error, Result};
use rhyton_data::{Dataset, Named};
use rhyton_io::{KerasArchive, WeightsFile};
use rhyton_nn::layers::{Column, FeatureSpace};
use rhyton_tensor::{Tensor, ops};
use std::path::Path;

/// Where Keras keeps the layers of a space.
const ROOT: &str = "preprocessors";
/// Scalars of a dataset that are put together before features learn from them.
const TOGETHER: usize = 1024;

/// What a [`FeatureSpace`] can do with files and datasets.
///
/// ```
/// use rhyton_data::{Dataset, Named};
/// use rhyton_model::FeatureSpaceExt;
/// use rhyton_nn::layers::FeatureSpace;
/// use rhyton_tensor::Tensor;
/// let table = || Named::from([("age", Tensor::from([20.0f32, 40.0, 60.0])), ("rooms", Tensor::from([2i32, 3, 3]))]);
/// let space = FeatureSpace::new([("age", "float_normalized"), ("rooms", "integer_categorical")]);
/// let dataset = Dataset::from_tensor_slices((table(), Tensor::from([0i32, 1, 1])))?;
/// space.adapt_dataset(&dataset)?;
///
/// let path = std::env::temp_dir().join(format!("rhyton-space-{}.keras", std::process::id()));
/// space.save(&path)?;
/// let space = FeatureSpace::load(&path)?;
/// // Batches of a tensor of one number and two categories beside an unknown one, and the target.
/// let encoded = dataset.batch(2).map(move |(x, y): (Named, Tensor)| Ok((space.call_named(&x)?, y)));
/// assert_eq!(encoded.iter().next().unwrap()?[0].shape(), [2, 4]);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub trait FeatureSpaceExt: Sized {
    /// Writes the space, with what it learnt, to a `.keras` file, which Keras's `load_model` reads too.
    ///
    /// # Errors
    /// Where the name does not end in `.keras`, the space has not learnt yet, or the file cannot be written.
    fn save(&self, path: impl AsRef<Path>) -> Result<()>;

    /// A space from a file that was written so, here or by Keras.
    ///
    /// # Errors
    /// Where the file cannot be read, holds something else, or features by layers that no kind of feature has.
    fn load(path: impl AsRef<Path>) -> Result<Self>;

    /// Learns from the named tensors of a dataset, of which one or all of a batch may be an element. One pass is held in memory.
    ///
    /// # Errors
    /// Where the dataset has no names or no elements, and those of [`FeatureSpace::adapt`].
    fn adapt_dataset(&self, dataset: &Dataset) -> Result<()>;

    /// Named tensors of `(samples,)` or `(samples, 1)` as one tensor, as [`FeatureSpace::call`].
    ///
    /// # Errors
    /// As [`FeatureSpace::call`].
    fn call_named(&self, x: &Named) -> Result<Tensor>;
}

impl FeatureSpaceExt for FeatureSpace {
    fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let save = || {
            if !ends_with(path, ".keras") {
                return Err(
                    Error::value("expected a name that ends in .keras; give it that ending").at(shown(path))
                );
            }
            // What has not learnt cannot be encoded, and says so.
            self.get_encoded_features()?;
            let (config, layers) = self.description()?;
            let (weights, assets) = tree::write_list(&layers, ROOT)?;
            let archive = KerasArchive {
                config: config.to_string(),
                metadata: Some(metadata::metadata()),
                weights: Some(weights.finish()?),
                assets,
            };
            archive.save(path)
        };
        save().at(|| "FeatureSpace: save")
    }

    fn load(path: impl AsRef<Path>) -> Result<FeatureSpace> {
        let path = path.as_ref();
        let load = || {
            let archive = KerasArchive::load(path)?;
            let json = read::parsed(&archive.config, "config.json")?;
            let file = WeightsFile::from_bytes(archive.weights()?).at(|| "model.weights.h5")?;
            let mut warnings = Vec::new();
            let space = FeatureSpace::described(
                &json,
                |layers| tree::read_list(layers, ROOT, &file, &archive.assets),
                &mut warnings,
            );
            for warning in &warnings {
                eprintln!("warning: FeatureSpace: load: {warning}");
            }
            space.at(|| shown(path))
        };
        load().at(|| "FeatureSpace: load")
    }

    fn adapt_dataset(&self, dataset: &Dataset) -> Result<()> {
        let learn = || {
            let names = dataset.names()?;
            let scalars = dataset.element_spec()?.iter().take(names.len()).any(|s| s.shape.rank() == 0);
            let batches = if scalars { dataset.batch(TOGETHER) } else { dataset.clone() };
            let mut columns: Vec<Vec<Tensor>> = vec![Vec::new(); names.len()];
            for element in batches.pass(0) {
                for (column, x) in columns.iter_mut().zip(element?) {
                    column.push(ops::reshape(&x, [-1, 1])?);
                }
            }
            let together = names.iter().zip(&columns).map(|(name, parts)| {
                let parts: Vec<&Tensor> = parts.iter().collect();
                Ok((name.as_str(), Column::from(ops::concatenate(&parts, 0)?)))
            });
            self.adapt(&together.collect::<Result<Vec<_>>>()?)
        };
        learn().at(|| "FeatureSpace: adapt_dataset")
    }

    fn call_named(&self, x: &Named) -> Result<Tensor> {
        let table: Vec<(&str, Column)> = x.iter().map(|(name, x)| (name, x.into())).collect();
        self.call(&table)
    }
}
