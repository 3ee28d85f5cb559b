//! From one kind of file to another, without making the model.

use super::{LoadModel, archive, ends_with, is_hdf5, metadata, read, shown};
use rhyton_base::{Context, Error, ErrorKind, Result};
use rhyton_io::Array;
use rhyton_io::{KerasArchive, Safetensors, WeightsFile, WeightsWriter};
use serde_json::{Map, Value};
use std::path::Path;

/// What files of all kinds hold.
struct Content {
    /// The description of the model; files of weights alone have none.
    config: Option<String>,
    /// Arrays by their paths in the tree of weights.
    arrays: Vec<(String, Array)>,
    /// The names of layers by their groups.
    names: Vec<(String, String)>,
}

/// Writes what one file holds to another of another kind. The kinds are told by the endings of the names:
///
/// | ending | holds |
/// |---|---|
/// | `.keras` | the model, its weights, and the state of its optimizer |
/// | `.weights.h5` | the weights and the state of the optimizer |
/// | `.safetensors` | the same under the paths of the HDF5 tree; the description of the model, if there is one, as the text `config` |
///
/// Files of whole models in Keras's old format (`.h5`) are read too.
///
/// A file of weights becomes a `.keras` file with the description in `model`, a `.keras` or `.safetensors` file.
/// No layer need be known: layers of one's own stay as they are.
///
/// # Errors
/// Where a file cannot be read or written, an ending is none of these, a description is missing, or weights do not fit
/// it.
///
/// ```no_run
/// rhyton_model::convert("mnist.keras", "mnist.safetensors", None)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn convert(from: impl AsRef<Path>, to: impl AsRef<Path>, model: Option<&Path>) -> Result<()> {
    let (from, to) = (from.as_ref(), to.as_ref());
    let run = || {
        known(to)?;
        let mut content = content(from)?;
        if let Some(model) = model {
            let described = self::content(model)?.config;
            content.config = Some(described.ok_or_else(|| undescribed(model))?);
        }
        write(content, from, to)
    };
    run().at(|| "convert")
}

const KINDS: [&str; 3] = [".keras", ".weights.h5", ".safetensors"];

fn known(path: &Path) -> Result<()> {
    match KINDS.iter().any(|kind| ends_with(path, kind)) {
        true => Ok(()),
        false => {
            Err(Error::value(format!("expected a name that ends in {}", KINDS.join(", "))).at(shown(path)))
        }
    }
}

fn undescribed(path: &Path) -> Error {
    Error::value("it holds weights and no description of a model; name a .keras file that has one")
        .at(shown(path))
}

fn content(path: &Path) -> Result<Content> {
    if ends_with(path, ".safetensors") {
        let file = Safetensors::load(path)?;
        let names = file.metadata.get("names").map(|t| serde_json::from_str::<Map<String, Value>>(t));
        let names = names
            .transpose()
            .map_err(|e| Error::format(format!("the text \"names\": {e}")).at(shown(path)))?;
        let text = |(group, name): (String, Value)| Some((group, name.as_str()?.to_string()));
        return Ok(Content {
            config: file.metadata.get("config").cloned(),
            names: names.unwrap_or_default().into_iter().filter_map(text).collect(),
            arrays: file.tensors.into_iter().collect(),
        });
    }
    let old = is_hdf5(path) && !ends_with(path, ".weights.h5");
    if !old {
        known(path)?;
    }
    let (config, file) = match old || ends_with(path, ".keras") {
        true => {
            let archive = match old {
                true => archive(&LoadModel::new().load(path)?.model)?,
                false => KerasArchive::load(path)?,
            };
            let weights = archive.weights.map(WeightsFile::from_bytes).transpose().at(|| shown(path))?;
            (Some(archive.config), weights)
        }
        false => (None, Some(WeightsFile::open(path)?)),
    };
    let Some(file) = file else { return Ok(Content { config, arrays: Vec::new(), names: Vec::new() }) };
    let array = |path: &str| Ok((path.to_string(), file.read(path)?));
    let name = |group: &str| Some((group.to_string(), file.name(group)?.to_string()));
    let arrays = file.datasets().map(array).collect::<Result<_>>().at(|| shown(path))?;
    let names = file.groups().filter_map(name).collect();
    Ok(Content { config, arrays, names })
}

fn write(content: Content, from: &Path, to: &Path) -> Result<()> {
    let Content { config, arrays, names } = content;
    if ends_with(to, ".safetensors") {
        let names: Map<String, Value> = names.into_iter().map(|(group, name)| (group, name.into())).collect();
        let mut texts = vec![("format", "keras".to_string()), ("names", Value::Object(names).to_string())];
        texts.extend(config.map(|config| ("config", config)));
        let metadata = texts.into_iter().map(|(key, text)| (key.to_string(), text)).collect();
        return Safetensors { tensors: arrays.into_iter().collect(), metadata }.save(to);
    }
    let mut tree = WeightsWriter::new();
    names.iter().try_for_each(|(group, name)| tree.set_name(group, name))?;
    arrays.into_iter().try_for_each(|(path, array)| tree.dataset(&path, array)).at(|| shown(from))?;
    if ends_with(to, ".weights.h5") {
        return tree.save(to);
    }
    let config = config.ok_or_else(|| undescribed(from))?;
    let weights = Some(tree.finish()?);
    let archive = KerasArchive { config, metadata: Some(metadata::metadata()), weights, assets: Vec::new() };
    match read::model(&archive, true) {
        // Layers that nobody knows here cannot be checked.
        Err(e) if !matches!(e.kind(), ErrorKind::Name | ErrorKind::Unsupported) => {
            Err(e.at("the weights do not fit the description"))
        }
        _ => archive.save(to),
    }
}
