//! `FeatureSpace`: a table of columns of all kinds as one tensor.

use super::feature::upright;
use super::{CategoryEncoding, Column, Feature, HashedCrossing};
use crate::layers::{AnyLayer, Concatenate, Input};
use rhyton_base::{Context, Error, Result, did_you_mean};
use rhyton_tensor::Tensor;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Turns the columns of a table, numbers and texts, into what models take: each feature in its own way, crosses of features beside
/// them, and all of them side by side.
///
/// The order is Keras's: features by name, then crosses by name (`"a_X_b"`). Categories become vectors with a one at their place; a
/// cross of features is a vector too, of buckets.
///
/// What features must know of the data they learn by [`FeatureSpace::adapt`]. After that it works in two ways: on tables, before
/// training ([`FeatureSpace::call`]), or as part of a model that takes the raw columns ([`FeatureSpace::get_inputs`],
/// [`FeatureSpace::get_encoded_features`]) where these are numbers. `FeatureSpaceExt` of the models' crate adds files and datasets.
///
/// ```
/// use rhyton_nn::layers::{Feature, FeatureSpace};
/// use rhyton_tensor::Tensor;
/// let space = FeatureSpace::new([
///     ("age", Feature::float_normalized()),
///     ("city", Feature::string_categorical()),
///     ("rooms", "integer_categorical".into()),
/// ])
/// .cross(["city", "rooms"], 8);
/// let table = [
///     ("age", Tensor::from([20.0f32, 40.0, 60.0]).into()),
///     ("city", ["Kraków", "Gdańsk", "Kraków"].into()),
///     ("rooms", Tensor::from([2, 3, 3]).into()),
/// ];
/// space.adapt(&table)?;
/// // 1 number, 3 cities and 3 numbers of rooms with one for unknown each, 8 buckets.
/// assert_eq!(space.call(&table)?.shape(), [3, 1 + 3 + 3 + 8]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/feature_space.py`.
#[derive(Debug)]
pub struct FeatureSpace {
    pub(super) features: Vec<(String, Feature)>,
    pub(super) crosses: Vec<Cross>,
    pub(super) hashing_dim: usize,
    pub(super) num_discretization_bins: usize,
    plan: OnceLock<BTreeMap<String, Feature>>,
    symbols: OnceLock<Vec<(String, Tensor)>>,
}

#[derive(Clone, Debug)]
pub(super) struct Cross {
    pub features: Vec<String>,
    pub dim: usize,
}

impl Cross {
    fn name(&self) -> String {
        self.features.join("_X_")
    }
}

impl FeatureSpace {
    /// A space of these features by the names of their columns: a [`Feature`] each, or the name of a kind.
    pub fn new<N: Into<String>, F: Into<Feature>>(
        features: impl IntoIterator<Item = (N, F)>,
    ) -> FeatureSpace {
        FeatureSpace {
            features: features.into_iter().map(|(n, f)| (n.into(), f.into())).collect(),
            crosses: Vec::new(),
            hashing_dim: 32,
            num_discretization_bins: 32,
            plan: OnceLock::new(),
            symbols: OnceLock::new(),
        }
    }

    /// Adds a cross of categorical features, of so many buckets (Keras's default is 32).
    #[must_use]
    pub fn cross<N: Into<String>>(
        mut self,
        features: impl IntoIterator<Item = N>,
        crossing_dim: usize,
    ) -> FeatureSpace {
        self.crosses
            .push(Cross { features: features.into_iter().map(Into::into).collect(), dim: crossing_dim });
        self
    }

    /// How many buckets features have that are given as `"string_hashed"` and `"integer_hashed"`; 32 by default.
    #[must_use]
    pub fn hashing_dim(mut self, hashing_dim: usize) -> FeatureSpace {
        self.hashing_dim = hashing_dim;
        self
    }

    /// How many bins features have that are given as `"float_discretized"`; 32 by default.
    #[must_use]
    pub fn num_discretization_bins(mut self, bins: usize) -> FeatureSpace {
        self.num_discretization_bins = bins;
        self
    }

    /// The features by name, with their kinds looked up.
    pub(super) fn plan(&self) -> Result<&BTreeMap<String, Feature>> {
        if let Some(plan) = self.plan.get() {
            return Ok(plan);
        }
        if self.features.is_empty() {
            return Err(Error::value("expected one feature or more, got none"));
        }
        let mut plan = BTreeMap::new();
        for (name, feature) in &self.features {
            let made = feature.resolved(self.hashing_dim, self.num_discretization_bins);
            let made = made.at(|| format!("feature {name:?}"))?;
            if plan.insert(name.clone(), made).is_some() {
                return Err(Error::value(format!("two features are called {name:?}")));
            }
        }
        let names: Vec<&str> = plan.keys().map(String::as_str).collect();
        for name in self.crosses.iter().flat_map(|c| &c.features) {
            if !plan.contains_key(name) {
                return Err(Error::name(format!(
                    "a cross names the feature {name:?}, which is not there{}",
                    did_you_mean(name, &names)
                )));
            }
        }
        Ok(self.plan.get_or_init(|| plan))
    }

    /// Learns from a table, given by the names of its columns, of `samples` or `(samples, 1)` each; further columns do not matter.
    ///
    /// # Errors
    /// Where a column is missing, is of another kind than its feature, or a feature cannot learn from it.
    pub fn adapt(&self, table: &[(&str, Column)]) -> Result<()> {
        let learn = || {
            for (name, feature) in self.plan()? {
                feature.adapt(&column(table, name)?).at(|| format!("feature {name:?}"))?;
            }
            Ok::<(), Error>(())
        };
        learn().at(|| "FeatureSpace: adapt")
    }

    /// A table as one tensor: `(samples, width)` of floats.
    ///
    /// # Errors
    /// As [`FeatureSpace::adapt`]; where a feature has the output mode `"int"`, which does not stand beside others.
    pub fn call(&self, table: &[(&str, Column)]) -> Result<Tensor> {
        self.encoded(table).and_then(|all| self.side_by_side(all)).at(|| "FeatureSpace")
    }

    /// A table as a tensor for each feature and cross, by name.
    ///
    /// # Errors
    /// As [`FeatureSpace::adapt`].
    pub fn call_dict(&self, table: &[(&str, Column)]) -> Result<BTreeMap<String, Tensor>> {
        let all = self.encoded(table).at(|| "FeatureSpace")?;
        Ok(all.into_iter().map(|e| (e.name, e.value)).collect())
    }

    fn encoded(&self, table: &[(&str, Column)]) -> Result<Vec<Encoded>> {
        let mut preprocessed = BTreeMap::new();
        for (name, feature) in self.plan()? {
            let x = feature.encode(&column(table, name)?).at(|| format!("feature {name:?}"))?;
            preprocessed.insert(name.clone(), x);
        }
        self.finish(preprocessed)
    }

    /// Vectors of categories, and crosses.
    fn finish(&self, preprocessed: BTreeMap<String, Tensor>) -> Result<Vec<Encoded>> {
        let plan = self.plan()?;
        let mut crosses: Vec<&Cross> = self.crosses.iter().collect();
        crosses.sort_by_key(|c| c.name());
        let mut crossed = Vec::new();
        for cross in crosses {
            let inputs: Vec<Tensor> =
                cross.features.iter().filter_map(|f| preprocessed.get(f).cloned()).collect();
            let name = cross.name();
            let numbers =
                HashedCrossing::new(cross.dim).name(&name).call(&inputs).at(|| format!("cross {name:?}"))?;
            let value = CategoryEncoding::new(cross.dim).name(format!("{name}_one_hot")).call(&numbers)?;
            crossed.push(Encoded { name, value, vector: true });
        }
        let mut all = Vec::new();
        for (name, x) in preprocessed {
            let feature = &plan[&name];
            let encoded = match feature.categories() {
                Some(n) if feature.one_hot => {
                    let value = CategoryEncoding::new(n).name(format!("{name}_one_hot")).call(&x)?;
                    Encoded { name, value, vector: true }
                }
                categories => Encoded { name, value: x, vector: categories.is_none() },
            };
            all.push(encoded);
        }
        all.extend(crossed);
        Ok(all)
    }

    fn side_by_side(&self, all: Vec<Encoded>) -> Result<Tensor> {
        if let Some(bare) = all.iter().find(|e| !e.vector) {
            return Err(Error::value(format!(
                "feature {:?} has the output mode \"int\" and cannot stand beside the others; use call_dict, or the mode \
                 \"one_hot\"",
                bare.name
            )));
        }
        let values: Vec<Tensor> = all.into_iter().map(|e| e.value).collect();
        match &values[..] {
            [one] => Ok(one.clone()),
            many => Concatenate::new().call(many),
        }
    }

    /// The symbolic inputs of a model that takes the raw columns, by name: `(None, 1)` each.
    ///
    /// # Errors
    /// Where a kind of feature is not known.
    pub fn get_inputs(&self) -> Result<Vec<(String, Tensor)>> {
        let plan = self.plan().at(|| "FeatureSpace: get_inputs")?;
        let input = |(name, feature): (&String, &Feature)| {
            let input = Input::new([1]).name(name);
            let input = match feature.dtype() {
                Some(dtype) => input.dtype(dtype),
                None => input.text(),
            };
            (name.clone(), input.tensor())
        };
        Ok(self.symbols.get_or_init(|| plan.iter().map(input).collect()).clone())
    }

    /// What these inputs become, `(None, width)`: what the layers of a model go on from. Models with texts among the columns can be
    /// described and saved; to run them, tables are encoded first.
    ///
    /// # Errors
    /// Where the features have not learnt yet.
    pub fn get_encoded_features(&self) -> Result<Tensor> {
        let encode = || {
            let plan = self.plan()?;
            let mut preprocessed = BTreeMap::new();
            for (name, x) in self.get_inputs()? {
                let feature = &plan[&name];
                let layer: Option<AnyLayer> = feature.layer(&name);
                preprocessed
                    .insert(name.clone(), feature.apply(&layer, &x).at(|| format!("feature {name:?}"))?);
            }
            self.side_by_side(self.finish(preprocessed)?)
        };
        encode().at(|| "FeatureSpace: get_encoded_features")
    }
}

/// A feature or cross as it comes out.
struct Encoded {
    name: String,
    value: Tensor,
    /// Whether it can stand beside others.
    vector: bool,
}

fn column(table: &[(&str, Column)], name: &str) -> Result<Column> {
    let found = table.iter().find(|(n, _)| *n == name).ok_or_else(|| {
        let names: Vec<&str> = table.iter().map(|(n, _)| *n).collect();
        Error::name(format!("the table has no column {name:?}{}", did_you_mean(name, &names)))
    })?;
    upright(found.1.clone())
}
