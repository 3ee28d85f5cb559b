//! Weights as the tree of an HDF5 file, and what layers keep beside them.
//!
//! ```text
//! /vars                             name = the model's name
//! /layers/dense/vars                name = the layer's name       0, 1, … its weights
//! /layers/dense_1/vars              of the second Dense, whatever it is called
//! /layers/functional/layers/dense/vars                             of a layer of a model inside
//! /encoder/vars                     of a layer that a model of one's own keeps in its field `encoder`
//! /optimizer/vars                   name = the optimizer's name   0, 1, … its state
//! ```
//!
//! A layer with a vocabulary keeps arrays under names of their own beside its weights, and files under `layers/string_lookup` among the
//! assets of the archive.
//!
//! Source: `keras/src/saving/saving_lib.py`.

use crate::model::Model;
use crate::structure::View;
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_io::{Array, WeightsFile, WeightsWriter};
use rhyton_nn::layers::{AnyLayer, Extras, snake_case};
use rhyton_tensor::{Tensor, Variable};
use std::collections::{HashMap, HashSet};

const OPTIMIZER: &str = "optimizer/vars";

/// Where a layer's own weights stand.
struct Place {
    /// The group, without `/vars`.
    path: String,
    layer: AnyLayer,
}

impl Place {
    fn group(&self) -> String {
        under(&self.path, "vars")
    }
}

fn under(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}/{name}") }
}

/// All layers of a model with their places; each once, where it is met first. Of several places that a layer may have
/// it gets the first that `exists`.
struct Places<'a> {
    found: Vec<Place>,
    met: HashSet<usize>,
    exists: &'a dyn Fn(&str) -> bool,
}

fn places(model: &Model, exists: &dyn Fn(&str) -> bool) -> Vec<Place> {
    let mut places = Places { found: Vec::new(), met: HashSet::new(), exists };
    places.visit(model.as_layer(), String::new(), true);
    places.found
}

impl Places<'_> {
    fn visit(&mut self, layer: &AnyLayer, path: String, is_model: bool) {
        if !self.met.insert(layer.id()) {
            return;
        }
        self.found.push(Place { path: path.clone(), layer: layer.clone() });
        match View::of(layer).layers() {
            Some(layers) => {
                self.list(&layers, &[under(&path, "layers"), under(&path, "_layer_checkpoint_dependencies")])
            }
            None => self.fields(layer, &path, is_model),
        }
    }

    /// The layers that a layer of the user's keeps in its fields, in the order of their names; a model keeps all of
    /// them in its list of layers too. Layers that it was only seen to call stand in that list.
    fn fields(&mut self, layer: &AnyLayer, path: &str, is_model: bool) {
        let declared = layer.with_layer(|l| l.sublayers());
        let all: Vec<AnyLayer> = layer.sublayers().into_iter().map(|(_, l)| l).collect();
        let mut fields: Vec<(String, Vec<AnyLayer>)> = Vec::new();
        for (name, inner) in declared {
            // `blocks[0]`, `blocks[1]`: a field that is a list.
            let name = name.split_once('[').map_or(format!("{name}/"), |(list, _)| list.to_string());
            match fields.iter_mut().find(|(n, _)| *n == name) {
                Some((_, list)) => list.push(inner),
                None => fields.push((name, vec![inner])),
            }
        }
        if is_model {
            fields.push(("layers".to_string(), all.clone()));
        }
        fields.sort_by_key(|(name, _)| name.replacen('_', "~", usize::from(name.starts_with('_'))));
        if !is_model {
            fields.push(("layers".to_string(), all.clone()));
        }
        for (name, inner) in fields {
            match name.strip_suffix('/') {
                Some(field) => {
                    let own = under(path, field);
                    // Where a class of Keras is a model and not a layer, or the other way round.
                    let listed = numbered(&all, &under(path, "layers"));
                    let other = listed.into_iter().find(|(l, _)| l.is_same(&inner[0])).map(|(_, p)| p);
                    let place = other.filter(|p| !(self.exists)(&own) && (self.exists)(p)).unwrap_or(own);
                    self.visit(&inner[0], place, false);
                }
                None => self.list(&inner, &[under(path, &name)]),
            }
        }
    }

    /// Layers in a list: named by their classes, numbered from the second on, also past layers that were met before.
    fn list(&mut self, layers: &[AnyLayer], roots: &[String]) {
        let root = roots.iter().find(|r| (self.exists)(r)).unwrap_or(&roots[0]);
        for (layer, path) in numbered(layers, root) {
            self.visit(&layer, path, false);
        }
    }
}

/// Layers of a list with their places.
fn numbered(layers: &[AnyLayer], root: &str) -> Vec<(AnyLayer, String)> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let each = layers.iter().map(|layer| {
        let name = snake_case(layer.class_name());
        let count = counts.entry(name.clone()).or_default();
        *count += 1;
        let name = if *count == 1 { name } else { format!("{name}_{}", *count - 1) };
        (layer.clone(), format!("{root}/{name}"))
    });
    each.collect()
}

/// The files of all layers, by their paths.
pub(super) type Assets = Vec<(String, Vec<u8>)>;

/// The model's weights and its optimizer's state, and the files of its layers.
pub(super) fn write(model: &Model) -> Result<(WeightsWriter, Assets)> {
    let (mut tree, assets) = write_places(places(model, &|_| false))?;
    if let Some(compiled) = &model.compiled {
        tree.set_name(OPTIMIZER, compiled.optimizer.name())?;
        put(&mut tree, OPTIMIZER, &compiled.optimizer.variables())?;
    }
    Ok((tree, assets))
}

/// Layers that are no model, as Keras writes those that an object keeps in a dictionary of this name.
pub(super) fn write_list(layers: &[AnyLayer], root: &str) -> Result<(WeightsWriter, Assets)> {
    write_places(places_of_list(layers, root))
}

fn places_of_list(layers: &[AnyLayer], root: &str) -> Vec<Place> {
    numbered(layers, root).into_iter().map(|(layer, path)| Place { path, layer }).collect()
}

fn write_places(places: Vec<Place>) -> Result<(WeightsWriter, Assets)> {
    let (mut tree, mut assets) = (WeightsWriter::new(), Vec::new());
    for place in places {
        let group = place.group();
        tree.set_name(&group, &place.layer.name())?;
        put(&mut tree, &group, &place.layer.own_weights())?;
        let extras = place.layer.with_layer(|l| l.extras()).at(|| place.layer.who())?;
        let Some(extras) = extras else { continue };
        let again = extras.also_under.map(|field| under(&place.path, field));
        for path in [place.path].into_iter().chain(again) {
            for (name, x) in &extras.arrays {
                let array = Array::new(x.dtype(), x.shape(), x.to_bytes()?)?;
                tree.dataset(&format!("{}/{name}", under(&path, "vars")), array)?;
            }
            assets.extend(extras.assets.iter().map(|(name, bytes)| (under(&path, name), bytes.clone())));
        }
    }
    Ok((tree, assets))
}

fn put(tree: &mut WeightsWriter, group: &str, variables: &[Variable]) -> Result<()> {
    for (i, v) in variables.iter().enumerate() {
        let array = Array::new(v.dtype(), v.shape(), v.concrete_value().to_bytes()?)?;
        tree.dataset(&format!("{group}/{i}"), array)?;
    }
    Ok(())
}

/// Gives a built model the file's weights, its layers their files and, if it is compiled, the optimizer its state. Returns
/// warnings.
pub(super) fn read(model: &Model, file: &WeightsFile, assets: &Assets) -> Result<Vec<String>> {
    let mut state = State::default();
    state.find(places(model, &|path| file.has_group(path)), file, assets)?;
    let warning = match &model.compiled {
        Some(compiled) if !file.datasets_in(OPTIMIZER).is_empty() => {
            let held = file.datasets_in(OPTIMIZER).len();
            // A file of a model that was compiled and not trained has no more than the count and the rate.
            let mut variables = compiled.optimizer.variables();
            if variables.len() != held {
                compiled.build_optimizer(&model.trainable_weights())?;
                variables = compiled.optimizer.variables();
            }
            match variables.len() == held {
                true => {
                    state.weights.extend(matched(file, OPTIMIZER, variables)?);
                    None
                }
                false => Some(format!(
                    "the optimizer {} has {} variables, the file has {held}; it begins anew",
                    compiled.optimizer.class_name(),
                    variables.len()
                )),
            }
        }
        _ => None,
    };
    state.give()?;
    Ok(warning.into_iter().collect())
}

/// Gives layers that [`write_list`] wrote the file's weights and files.
pub(super) fn read_list(layers: &[AnyLayer], root: &str, file: &WeightsFile, assets: &Assets) -> Result<()> {
    let mut state = State::default();
    state.find(places_of_list(layers, root), file, assets)?;
    state.give()
}

/// What a file has for layers.
#[derive(Default)]
struct State {
    weights: Vec<(Variable, Tensor)>,
    kept: Vec<(AnyLayer, Extras)>,
}

impl State {
    fn find(&mut self, places: Vec<Place>, file: &WeightsFile, assets: &Assets) -> Result<()> {
        for place in places {
            if place.layer.with_layer(|l| l.extras()).at(|| place.layer.who())?.is_some() {
                let extras = extras(&place, file, assets).at(|| place.layer.who())?;
                self.kept.push((place.layer, extras));
                continue;
            }
            let (group, weights) = (place.group(), place.layer.own_weights());
            let held = file.datasets_in(&group).len();
            if held != weights.len() {
                return Err(Error::format(format!(
                    "{} has {} weights, the file has {held} at {group:?}",
                    place.layer.who(),
                    weights.len()
                )));
            }
            self.weights.extend(matched(file, &group, weights)?);
        }
        Ok(())
    }

    fn give(&self) -> Result<()> {
        self.weights.iter().try_for_each(|(v, x)| v.assign(x))?;
        self.kept
            .iter()
            .try_for_each(|(layer, extras)| layer.with_layer(|l| l.restore(extras)).at(|| layer.who()))
    }
}

/// What a file keeps of a layer beside numbered weights.
fn extras(place: &Place, file: &WeightsFile, assets: &Assets) -> Result<Extras> {
    let group = place.group();
    let mut extras = Extras::default();
    for name in file.datasets_in(&group) {
        let array = file.read(&format!("{group}/{name}"))?;
        extras.arrays.push((name.clone(), Tensor::from_bytes(&array.data, array.dtype, &array.shape)?));
    }
    let own = format!("{}/", place.path);
    for (path, bytes) in assets {
        if let Some(name) = path.strip_prefix(own.trim_start_matches('/')).filter(|name| !name.contains('/'))
        {
            extras.assets.push((name.to_string(), bytes.clone()));
        }
    }
    Ok(extras)
}

/// Variables with the file's values for them.
fn matched(file: &WeightsFile, group: &str, variables: Vec<Variable>) -> Result<Vec<(Variable, Tensor)>> {
    let mut out = Vec::new();
    for (i, v) in variables.into_iter().enumerate() {
        let who = || format!("weight {:?}", v.name());
        let path = format!("{group}/{i}");
        let info = file.info(&path).at(who)?;
        if info.shape != v.shape() {
            let (expected, got) = (Shape::from(v.shape()), Shape::from(&info.shape));
            return Err(
                Error::shape(format!("expected shape {expected}, the file has {got} at {path:?}")).at(who())
            );
        }
        let array = file.read(&path).at(who)?.cast(v.dtype()).at(who)?;
        let value = Tensor::from_bytes(&array.data, v.dtype(), &array.shape).at(who)?;
        out.push((v, value));
    }
    Ok(out)
}

/// How many numbers the file holds.
pub(super) fn numbers(file: &WeightsFile) -> Result<usize> {
    let size = |path: &str| -> Result<usize> {
        let sizes = file.info(path)?.shape;
        Ok(sizes.iter().fold(1, |n: usize, &d| n.saturating_mul(d)))
    };
    file.datasets().try_fold(0usize, |sum, path| Ok(sum.saturating_add(size(path)?)))
}
