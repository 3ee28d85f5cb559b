//! Different optimizers for different variables.

use super::Optimizer;
use crate::arguments::{Argument, Arguments, config, envelope, opened};
use crate::numbers::filled;
use crate::pattern::pattern_fits;
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result};
use rhyton_tensor::{Tensor, Variable, no_gradient, ops};
use serde_json::Value;
use std::sync::Arc;

/// Which optimizer a variable is changed by: the one of its path, or of the pattern that fits its path, or the default.
///
/// In patterns `.` stands for any character, and `*` for the one before it any number of times: `"encoder/.*"`. (Keras
/// takes regular expressions.)
#[derive(Clone, Debug)]
pub struct OptimizerMap {
    default: Arc<dyn Optimizer>,
    map: Vec<(String, Arc<dyn Optimizer>)>,
}

impl OptimizerMap {
    /// This optimizer for all variables.
    pub fn new(default: impl Optimizer + 'static) -> OptimizerMap {
        OptimizerMap { default: Arc::new(default), map: Vec::new() }
    }

    /// Another one for variables of this path or pattern.
    #[must_use]
    pub fn with(mut self, pattern: impl Into<String>, optimizer: impl Optimizer + 'static) -> OptimizerMap {
        self.map.push((pattern.into(), Arc::new(optimizer)));
        self
    }

    /// The place among all optimizers: those of the map, then the default.
    fn place(&self, path: &str) -> Result<usize> {
        if let Some(place) = self.map.iter().position(|(pattern, _)| pattern == path) {
            return Ok(place);
        }
        let mut fitting = (0..self.map.len()).filter(|&i| pattern_fits(&self.map[i].0, path));
        match (fitting.next(), fitting.next()) {
            (Some(a), Some(b)) => {
                let (a, b) = (&self.map[a].0, &self.map[b].0);
                Err(Error::value(format!("patterns {a:?} and {b:?} both fit variable {path:?}; one may")))
            }
            (one, _) => Ok(one.unwrap_or(self.map.len())),
        }
    }

    /// All optimizers in Keras's order.
    fn all(&self) -> Vec<Arc<dyn Optimizer>> {
        self.map.iter().map(|(_, o)| o).chain([&self.default]).cloned().collect()
    }

    fn config(&self) -> Config {
        let written = |o: &Arc<dyn Optimizer>| envelope("keras.optimizers", o.class_name(), o.config());
        let map: Config = self.map.iter().map(|(pattern, o)| (pattern.clone(), written(o))).collect();
        config([("default_optimizer", written(&self.default)), ("optimizer_map", Value::Object(map))])
    }

    fn from_config(config: &Config) -> Result<OptimizerMap> {
        let mut a = Arguments::new("OptimizerMap", config);
        let read = |value: Option<&Value>| match value.and_then(opened) {
            Some((class, config)) => super::from_config(class, &config),
            None => Err(Error::value("expected the description of an optimizer")),
        };
        let default = read(a.value("default_optimizer")).at(|| "default_optimizer")?;
        let entries = a.value("optimizer_map").and_then(Value::as_object).into_iter().flatten();
        let entry =
            |(pattern, o): (&String, &Value)| Ok((pattern.clone(), read(Some(o)).at(|| pattern.clone())?));
        let map = entries.map(entry).collect::<Result<_>>()?;
        a.finish()?;
        Ok(OptimizerMap { default, map })
    }
}

/// Different optimizers for different variables, by their paths; see [`OptimizerMap`].
///
/// There is no learning rate of the whole: ask the optimizers for theirs.
///
/// # Errors
/// `build` and `apply` fail where two patterns fit a variable, and as the optimizers do.
///
/// Source: Keras's optimizers/multi_optimizer.py.
///
/// ```
/// use rhyton_nn::optimizers::{MultiOptimizer, Optimizer, OptimizerMap, SGD};
/// use rhyton_tensor::{Tensor, Variable};
/// let map = OptimizerMap::new(SGD::new(0.5)).with("head/.*", SGD::new(0.25));
/// let w = ["body/kernel", "head/kernel"].map(|name| Variable::named(Tensor::from([1.0f32]), name, true));
/// MultiOptimizer::new(map).apply(&[Tensor::from([1.0f32]), Tensor::from([1.0f32])], &w).unwrap();
/// let values = w.map(|w| w.value().item::<f32>().unwrap());
/// assert_eq!(values, [0.5, 0.75]);
/// ```
#[derive(Debug)]
pub struct MultiOptimizer {
    name: String,
    map: OptimizerMap,
    iterations: Variable,
    unused_rate: Variable,
}

impl MultiOptimizer {
    /// The optimizers of this map.
    pub fn new(map: OptimizerMap) -> MultiOptimizer {
        let scalar =
            |name: &str, dtype| Variable::named(filled(&[], 0.0, dtype).expect("one number"), name, false);
        MultiOptimizer {
            name: "multi_optimizer".to_string(),
            map,
            iterations: scalar("iteration", DType::I32),
            unused_rate: scalar("learning_rate", crate::config::floatx()),
        }
    }

    /// Another name.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> MultiOptimizer {
        MultiOptimizer { name: name.into(), ..self }
    }

    /// The optimizers: those of the map, then the default.
    pub fn optimizers(&self) -> Vec<Arc<dyn Optimizer>> {
        self.map.all()
    }

    pub(super) fn from_config(config: &Config) -> Result<MultiOptimizer> {
        let who = || "MultiOptimizer";
        let mut a = Arguments::new(who(), config);
        let map = a.value("optimizer_map").and_then(opened);
        let (_, map) =
            map.ok_or_else(|| Error::value("expected optimizer_map, which has no default").at(who()))?;
        let map = OptimizerMap::from_config(&map).at(who)?;
        let name = String::read(&mut a, "name", "multi_optimizer".to_string())?;
        a.ignore(&["loss_scale_factor"]);
        a.finish()?;
        Ok(MultiOptimizer::new(map).name(name))
    }

    /// For each optimizer, the places of the variables it changes.
    fn shares(&self, variables: &[Variable]) -> Result<Vec<Vec<usize>>> {
        let mut shares = vec![Vec::new(); self.map.map.len() + 1];
        for (i, v) in variables.iter().enumerate() {
            shares[self.map.place(&v.name())?].push(i);
        }
        Ok(shares)
    }

    fn each(
        &self,
        variables: &[Variable],
        f: impl Fn(&dyn Optimizer, &[usize], &[Variable]) -> Result<()>,
    ) -> Result<()> {
        for (optimizer, share) in self.map.all().iter().zip(self.shares(variables)?) {
            let own: Vec<Variable> = share.iter().map(|&i| variables[i].clone()).collect();
            if !own.is_empty() {
                f(&**optimizer, &share, &own)?;
            }
        }
        Ok(())
    }
}

impl Optimizer for MultiOptimizer {
    fn class_name(&self) -> &'static str {
        "MultiOptimizer"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn build(&self, variables: &[Variable]) -> Result<()> {
        self.each(variables, |optimizer, _, own| optimizer.build(own)).at(|| "MultiOptimizer")
    }

    fn apply(&self, gradients: &[Tensor], variables: &[Variable]) -> Result<()> {
        no_gradient(|| {
            if gradients.len() != variables.len() {
                let (g, v) = (gradients.len(), variables.len());
                return Err(Error::value(format!("got {g} gradients for {v} variables")));
            }
            self.each(variables, |optimizer, share, own| {
                let gradients: Vec<Tensor> = share.iter().map(|&i| gradients[i].clone()).collect();
                optimizer.apply(&gradients, own)
            })?;
            self.iterations.assign_add(&ops::full([], 1, DType::I32)?)
        })
        .at(|| "MultiOptimizer")
    }

    fn variables(&self) -> Vec<Variable> {
        let mut all = vec![self.iterations.clone(), self.unused_rate.clone()];
        all.extend(self.map.all().iter().flat_map(|o| o.variables()));
        all
    }

    fn learning_rate(&self) -> Result<f64> {
        Err(no_rate())
    }

    fn set_learning_rate(&self, _: f64) -> Result<()> {
        Err(no_rate())
    }

    fn iterations(&self) -> Variable {
        self.iterations.clone()
    }

    fn finalize_variable_values(&self, variables: &[Variable]) -> Result<()> {
        self.each(variables, |optimizer, _, own| optimizer.finalize_variable_values(own))
            .at(|| "MultiOptimizer")
    }

    fn config(&self) -> Config {
        let map = envelope("keras.optimizers", "OptimizerMap", self.map.config());
        config([
            ("optimizer_map", map),
            ("loss_scale_factor", Value::Null),
            ("name", Value::from(self.name.as_str())),
        ])
    }
}

fn no_rate() -> Error {
    Error::state("there is no learning rate of the whole; ask or set those of optimizers()")
        .at("MultiOptimizer")
}
