//! The weights of a layer and of those below it.

use super::{AnyLayer, Body};
use crate::constraints::Constraint;
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable};
use std::collections::HashSet;
use std::sync::Arc;

impl AnyLayer {
    /// All layers below it and itself: itself first, then each sublayer with its own.
    pub fn flattened(&self) -> Vec<AnyLayer> {
        let (mut all, mut known) = (Vec::new(), HashSet::new());
        self.flatten_into(&mut all, &mut known);
        all
    }

    fn flatten_into(&self, all: &mut Vec<AnyLayer>, known: &mut HashSet<usize>) {
        if known.insert(self.id()) {
            all.push(self.clone());
            self.sublayers().iter().for_each(|(_, l)| l.flatten_into(all, known));
        }
    }

    /// What its regularizers, and those of the layers below it, add to the loss.
    ///
    /// # Errors
    /// Where a regularizer refuses a weight.
    pub fn regularization(&self) -> Result<Vec<Tensor>> {
        let mut terms = Vec::new();
        for layer in self.flattened() {
            let body = layer.read();
            for (weight, regularizer) in &body.regularized {
                terms.push(regularizer.call(&weight.stored_value()).at(|| layer.who())?);
            }
        }
        Ok(terms)
    }

    /// The constraints of its weights and of those of the layers below it, to be applied after each update.
    pub fn constraints(&self) -> Vec<(Variable, Arc<dyn Constraint>)> {
        self.flattened().iter().flat_map(|l| l.read().constrained.clone()).collect()
    }

    /// The weights: first those that training could change, then the others, each in the order they were made; then
    /// those of the layers below it.
    pub fn weights(&self) -> Vec<Variable> {
        self.collect(|body, _| body.trainable.iter().chain(&body.non_trainable).cloned().collect())
    }

    /// The weights of the layer itself, without those of the layers below it: first those that training could change.
    pub fn own_weights(&self) -> Vec<Variable> {
        let body = self.read();
        body.trainable.iter().chain(&body.non_trainable).cloned().collect()
    }

    /// The weights that training changes; none of a frozen layer, and none that a layer shares with a frozen one.
    pub fn trainable_weights(&self) -> Vec<Variable> {
        self.collect(|body, trainable| {
            body.trainable.iter().filter(|w| trainable && w.trainable()).cloned().collect()
        })
    }

    /// The weights that training leaves alone; all of a frozen layer.
    pub fn non_trainable_weights(&self) -> Vec<Variable> {
        self.collect(|body, trainable| {
            let frozen = body.trainable.iter().filter(|w| !(trainable && w.trainable()));
            frozen.chain(&body.non_trainable).cloned().collect()
        })
    }

    fn collect(&self, of: impl Fn(&Body, bool) -> Vec<Variable>) -> Vec<Variable> {
        let mut known = HashSet::new();
        let each = |l: AnyLayer| of(&l.read(), l.trainable());
        self.flattened().into_iter().flat_map(each).filter(|w| known.insert(w.id())).collect()
    }

    /// How many numbers the weights have together.
    pub fn count_params(&self) -> usize {
        self.weights().iter().map(Variable::len).sum()
    }

    /// The values of the weights, in the order of [`AnyLayer::weights`].
    pub fn get_weights(&self) -> Vec<Tensor> {
        self.weights().iter().map(Variable::concrete_value).collect()
    }

    /// Gives the weights new values, in the order of [`AnyLayer::weights`]; all or none.
    ///
    /// # Errors
    /// Where their number or a shape differs.
    pub fn set_weights(&self, values: &[Tensor]) -> Result<()> {
        assign_all(&self.weights(), values).at(|| format!("{}: set_weights", self.who()))
    }
}

/// Gives variables new values after all of them have been checked: all or none.
///
/// # Errors
/// Where the number of values or a shape differs; the message names the variable.
pub fn assign_all(variables: &[Variable], values: &[Tensor]) -> Result<()> {
    if variables.len() != values.len() {
        let names: Vec<String> = variables.iter().map(Variable::name).collect();
        return Err(Error::value(format!(
            "expected {} tensors, got {}; the weights are {}",
            variables.len(),
            values.len(),
            names.join(", ")
        )));
    }
    for (v, x) in variables.iter().zip(values) {
        if v.shape() != x.shape() {
            let (expected, got) = (Shape::from(v.shape()), Shape::from(x.shape()));
            return Err(Error::shape(format!("weight {:?}: expected shape {expected}, got {got}", v.name())));
        }
    }
    variables.iter().zip(values).try_for_each(|(v, x)| v.assign(x))
}
