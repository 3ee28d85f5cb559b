//! What files hold of a [`FeatureSpace`], in Keras's form.

use super::feature::Kind;
use super::{
    Discretization, Feature, FeatureSpace, Hashing, IntegerLookup, Normalization, Rescaling, StringLookup,
};
use crate::layers::envelope::{class_of, envelope, from_envelope};
use crate::layers::{AnyLayer, parse_shape};
use rhyton_base::{Context, Error, Result};
use serde_json::{Map, Value, json};

const MODULE: &str = "keras.src.layers.preprocessing.feature_space";
/// Crosses have as many buckets where files do not say it.
const CROSSING_DIM: u64 = 32;

/// A sample of a column.
fn column_shape() -> Value {
    json!([null, 1])
}

fn of_space(class: &str, config: Value) -> Value {
    json!({"module": MODULE, "class_name": class, "config": config, "registered_name": class})
}

/// The layer that stands for a feature, built for a column; none where numbers stay as they are.
fn built(name: &str, feature: &Feature) -> Result<Option<AnyLayer>> {
    let layer = feature.layer(name);
    if let Some(layer) = &layer {
        build(layer).at(|| format!("feature {name:?}"))?;
    }
    Ok(layer)
}

fn build(layer: &AnyLayer) -> Result<()> {
    match parse_shape(&column_shape()) {
        Some(shape) if !layer.is_built() => layer.build(&shape),
        _ => Ok(()),
    }
}

fn is_lookup(layer: &AnyLayer) -> bool {
    matches!(layer.class_name(), "IntegerLookup" | "StringLookup")
}

impl FeatureSpace {
    /// The configuration as files have it, and the layers whose state belongs to it, in the order of the file.
    ///
    /// # Errors
    /// Where a kind of feature is not known.
    pub fn description(&self) -> Result<(Value, Vec<AnyLayer>)> {
        let plan = self.plan()?;
        let (mut features, mut builds, mut layers) = (Map::new(), Map::new(), Vec::new());
        for (name, _) in &self.features {
            let feature = &plan[name];
            let layer = built(name, feature)?;
            let preprocessor = match &layer {
                Some(layer) => envelope(layer),
                None => {
                    let config = json!({"name": format!("{name}_preprocessor"), "dtype": "float32", "trainable": true});
                    let mut identity = of_space("TFDIdentity", config);
                    identity["build_config"] = json!({"input_shape": column_shape()});
                    identity
                }
            };
            let output_mode = match (feature.categories(), feature.one_hot) {
                (None, _) => "float",
                (Some(_), true) => "one_hot",
                (Some(_), false) => "int",
            };
            let dtype = feature.dtype().map_or("string".to_string(), |d| d.to_string());
            let config = json!({"dtype": dtype, "preprocessor": preprocessor, "output_mode": output_mode});
            features.insert(name.clone(), of_space("Feature", config));
            let build = match &layer {
                Some(layer) if is_lookup(layer) => json!({}),
                _ => json!({"input_shape": column_shape()}),
            };
            builds.insert(name.clone(), build);
            layers.extend(layer);
        }
        let cross = |c: &super::feature_space::Cross| {
            let config =
                json!({"feature_names": c.features, "crossing_dim": c.dim, "output_mode": "one_hot"});
            of_space("Cross", config)
        };
        let config = json!({
            "features": features, "output_mode": "concat", "crosses": self.crosses.iter().map(cross).collect::<Vec<_>>(),
            "crossing_dim": self.crosses.first().map_or(CROSSING_DIM, |c| c.dim as u64),
            "hashing_dim": self.hashing_dim, "num_discretization_bins": self.num_discretization_bins,
        });
        let whole = json!({"module": "keras.utils", "class_name": "FeatureSpace", "config": config,
            "registered_name": null, "build_config": builds});
        Ok((whole, layers))
    }

    /// A space from the configuration in a file; `restore` gives its layers their state.
    ///
    /// # Errors
    /// Where it describes no such space, or one with layers that no kind of [`Feature`] has; those of `restore`.
    pub fn described(
        description: &Value,
        restore: impl FnOnce(&[AnyLayer]) -> Result<()>,
        warnings: &mut Vec<String>,
    ) -> Result<FeatureSpace> {
        if class_of(description)? != "FeatureSpace" {
            let class = class_of(description)?;
            return Err(Error::format(format!(
                "expected a FeatureSpace, the file has a {class}; load it with load_model"
            )));
        }
        let config = &description["config"];
        let listed = config["features"].as_object();
        let listed = listed.ok_or_else(|| Error::format("the key \"features\" is no table of features"))?;
        let mut read = Vec::new();
        for (name, feature) in listed {
            let config = &feature["config"];
            let preprocessor = &config["preprocessor"];
            let who = || format!("feature {name:?}");
            let layer = match class_of(preprocessor).at(who)? {
                "TFDIdentity" => None,
                _ => Some(from_envelope(preprocessor, warnings).at(who)?),
            };
            layer.iter().try_for_each(build).at(who)?;
            read.push((name, config, layer));
        }
        restore(&read.iter().filter_map(|(_, _, layer)| layer.clone()).collect::<Vec<_>>())?;
        let features = read.into_iter().map(|(name, config, layer)| {
            let kind = kind(layer, config["dtype"] == "string").at(|| format!("feature {name:?}"))?;
            Ok((name.clone(), Feature { kind, one_hot: config["output_mode"] != "int" }))
        });
        let mut space = FeatureSpace::new(features.collect::<Result<Vec<_>>>()?);
        let number = |of: &Value, key: &str, otherwise: usize| {
            of[key].as_u64().map_or(otherwise, |n| usize::try_from(n).unwrap_or(usize::MAX))
        };
        space.hashing_dim = number(config, "hashing_dim", space.hashing_dim);
        space.num_discretization_bins =
            number(config, "num_discretization_bins", space.num_discretization_bins);
        for cross in config["crosses"].as_array().into_iter().flatten() {
            let cross = &cross["config"];
            let names = cross["feature_names"].as_array().into_iter().flatten().filter_map(Value::as_str);
            space = space.cross(names, number(cross, "crossing_dim", CROSSING_DIM as usize));
        }
        space.plan()?;
        Ok(space)
    }
}

/// What happens to a column, by the layer that stands for it.
fn kind(layer: Option<AnyLayer>, of_texts: bool) -> Result<Kind> {
    let Some(layer) = layer else { return Ok(Kind::Float) };
    if let Some(normalization) = Normalization::of(&layer) {
        normalization.remember()?;
        return Ok(Kind::Normalized(normalization.anew()));
    }
    let of_hashing = if of_texts { Kind::HashedTexts } else { Kind::HashedIntegers };
    let found = Rescaling::of(&layer).map(Kind::Rescaled);
    let found = found.or_else(|| Discretization::of(&layer).map(Kind::Discretized));
    let found = found.or_else(|| IntegerLookup::of(&layer).map(Kind::Integers));
    let found = found.or_else(|| StringLookup::of(&layer).map(Kind::Texts));
    found.or_else(|| Hashing::of(&layer).map(of_hashing)).ok_or_else(|| {
        Error::unsupported(format!(
            "a feature by the layer {}, which no kind of feature has",
            layer.class_name()
        ))
    })
}
