//! Models and weights as files, in Keras's formats.
//!
//! | file | holds |
//! |---|---|
//! | `name.keras` | the model, its weights, and the state of its optimizer |
//! | `name.weights.h5` | the weights and the state of the optimizer, for a model that is there already |
//! | `name.h5` | the model and its weights as Keras wrote them before; read only |

mod calls;
mod compile;
mod convert;
mod feature_space;
mod graph;
mod legacy;
mod metadata;
mod models;
mod operations;
mod read;
mod tree;
mod values;
mod write;

pub use convert::convert;
pub use feature_space::FeatureSpaceExt;
pub(crate) use graph::{chain_config, graph_config, sizes};

use crate::model::Model;
use rhyton_base::{Context, Error, Result};
use rhyton_io::{KerasArchive, WeightsFile};
use std::path::Path;

/// The version of Keras whose files are written.
const KERAS_VERSION: &str = "3.15.1";

/// The path as errors print it.
fn shown(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}

fn ends_with(path: &Path, ending: &str) -> bool {
    path.file_name().is_some_and(|n| n.to_string_lossy().to_lowercase().ends_with(ending))
}

fn is_hdf5(path: &Path) -> bool {
    ends_with(path, ".h5") || ends_with(path, ".hdf5")
}

/// The archive that a model is saved as.
fn archive(model: &Model) -> Result<KerasArchive> {
    let (weights, assets) = tree::write(model)?;
    Ok(KerasArchive {
        config: serde_json::Value::Object(write::model(model)?).to_string(),
        metadata: Some(metadata::metadata()),
        weights: Some(weights.finish()?),
        assets,
    })
}

/// A model from a file, and what in the file was passed over.
#[derive(Debug)]
pub struct Loaded {
    /// The model.
    pub model: Model,
    /// What the file says and this version ignored, as sentences.
    pub warnings: Vec<String>,
}

/// How to load a model.
///
/// ```no_run
/// use rhyton_model::LoadModel;
/// let loaded = LoadModel::new().compile(false).load("mnist.keras")?;
/// println!("{:?}", loaded.warnings);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LoadModel {
    compile: bool,
}

impl Default for LoadModel {
    fn default() -> LoadModel {
        LoadModel::new()
    }
}

impl LoadModel {
    /// Everything the file holds.
    pub fn new() -> LoadModel {
        LoadModel { compile: true }
    }

    /// Whether the model is compiled as it was when it was saved. Without that, losses and metrics that are
    /// not known do not matter.
    #[must_use]
    pub fn compile(self, compile: bool) -> LoadModel {
        LoadModel { compile }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// As [`load_model`].
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Loaded> {
        let path = path.as_ref();
        let load = || {
            if is_hdf5(path) {
                return legacy::model(&WeightsFile::open(path)?, self.compile).at(|| shown(path));
            }
            // The archive's own errors name the path already.
            let archive = KerasArchive::load(path)?;
            read::model(&archive, self.compile).at(|| shown(path))
        };
        load().at(|| "load_model")
    }
}

/// The model in a `.keras` file, with its weights, compiled as it was, ready to go on training where it
/// stopped. Files of whole models that Keras wrote before (`.h5`) are read too.
///
/// Files may come from Keras 3 or from [`Model::save`]. Keys that this version does not know are
/// ignored, with a warning on standard error; [`LoadModel`] returns the warnings instead.
///
/// # Errors
/// Where there is no such file, it is no archive or is truncated, a part is missing, a layer's class is not known
/// (all such classes are named), or weights do not have the shapes that the layers need (the weight is named).
///
/// ```no_run
/// let model = rhyton_model::load_model("mnist.keras")?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load_model(path: impl AsRef<Path>) -> Result<Model> {
    let loaded = LoadModel::new().load(path)?;
    for warning in &loaded.warnings {
        eprintln!("warning: load_model: {warning}");
    }
    Ok(loaded.model)
}

impl Model {
    /// Writes the model with its weights and the state of its optimizer to a `.keras` file, which Keras 3
    /// reads too.
    ///
    /// The file is written beside its target and renamed, so that the target is never half a file.
    ///
    /// # Errors
    /// Where the name does not end in `.keras`, or the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let save = || {
            self.sound()?;
            if !ends_with(path, ".keras") {
                let hint = match ends_with(path, ".weights.h5") {
                    true => "use save_weights for weights alone",
                    false => "give it that ending",
                };
                return Err(
                    Error::value(format!("expected a name that ends in .keras; {hint}")).at(shown(path))
                );
            }
            archive(self)?.save(path)
        };
        save().at(|| "save")
    }

    /// The description of the model as JSON, as it stands in files: layers and what it is compiled with, no
    /// weights.
    ///
    /// # Errors
    /// Where the model cannot be written.
    pub fn to_json(&self) -> Result<String> {
        Ok(serde_json::Value::Object(write::model(self).at(|| "to_json")?).to_string())
    }

    /// A model with new weights from its description: what [`Model::to_json`] gives, or `config.json` of a file.
    ///
    /// # Errors
    /// Where it is no description of a model, or names classes that nobody knows.
    ///
    /// ```
    /// use rhyton_model::Model;
    /// use rhyton_nn::layers::{Dense, input};
    /// let x = input([3]);
    /// let model = Model::new(&x, &Dense::new(2).name("out").call(&x)?)?;
    /// let copy = Model::from_json(&model.to_json()?)?;
    /// assert_eq!(copy.get_layer("out")?.weights()[0].shape(), [3, 2]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Model> {
        let loaded = read::from_json(text, true).at(|| "from_json")?;
        for warning in &loaded.warnings {
            eprintln!("warning: from_json: {warning}");
        }
        Ok(loaded.model)
    }

    /// Writes the weights, and the state of the optimizer, to a `.weights.h5` file, which Keras 3 reads too.
    ///
    /// # Errors
    /// Where the name does not end in `.weights.h5`, the model is not built, or the file cannot be written.
    pub fn save_weights(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let save = || {
            if !ends_with(path, ".weights.h5") {
                return Err(Error::value("expected a name that ends in .weights.h5").at(shown(path)));
            }
            self.built_weights("weights")?;
            tree::write(self)?.0.save(path)
        };
        save().at(|| "save_weights")
    }

    /// Gives the model the weights in a `.weights.h5` or `.keras` file; and, where it is compiled and the
    /// file has it, the optimizer its state. All or nothing.
    ///
    /// Files number layers by class: the first `Dense` of the file goes to the first of the model, whatever
    /// they are called. In files of the old format (`.h5`) the layers with weights are taken in order.
    ///
    /// # Errors
    /// Where the model is not built, the file cannot be read, or weights are missing, left over or of another shape
    /// (the weight is named).
    pub fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let load = || -> Result<()> {
            self.built_weights("weights")?;
            let (file, assets) = match ends_with(path, ".keras") {
                true => {
                    let archive = KerasArchive::load(path)?;
                    let weights = archive.weights().and_then(WeightsFile::from_bytes).at(|| shown(path))?;
                    (weights, archive.assets)
                }
                false => (WeightsFile::open(path)?, Vec::new()),
            };
            let warnings = match legacy::is_legacy(&file) {
                true => legacy::weights(self, &file),
                false => tree::read(self, &file, &assets),
            };
            let warnings = warnings.at(|| shown(path))?;
            for warning in warnings {
                eprintln!("warning: load_weights: {warning}");
            }
            Ok(())
        };
        load().at(|| "load_weights")
    }
}
