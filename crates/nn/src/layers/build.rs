//! How a layer gets its weights.

use super::layer::LayerOptions;
use super::weight::Weight;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::policy::DTypePolicy;
use crate::regularizers::Regularizer;
use crate::spec::Spec;
use rhyton_base::{Context, DType, Error, Result, Shape};
use rhyton_tensor::{Variable, ops};
use std::cell::Cell;
use std::sync::Arc;

/// What a layer's `build` creates its weights with.
///
/// A weight is named by its path, as in Keras: `<layer>/<weight>`, with the names of the layers and sequential models in
/// front that were being built or called when it was made (`sequential/dense/kernel`). It has the layer's element type and
/// is trainable unless the layer is frozen.
pub struct BuildCx {
    path: String,
    policy: DTypePolicy,
    frozen: bool,
    pub(super) trainable: Vec<Variable>,
    pub(super) non_trainable: Vec<Variable>,
    pub(super) regularized: Vec<(Variable, Arc<dyn Regularizer>)>,
    pub(super) constrained: Vec<(Variable, Arc<dyn Constraint>)>,
}

thread_local! {
    /// How many numbers the file holds that weights are about to be read from, less those that have places already.
    static IN_FILE: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Runs `f`, which makes layers whose weights come from a file that holds this many numbers.
///
/// Such layers get zeros instead of random numbers, as the file's come right after, and never more memory than the
/// file has numbers for: a small file cannot make a large model.
pub fn restoring<R>(numbers: usize, f: impl FnOnce() -> R) -> R {
    struct Before(Option<usize>);
    impl Drop for Before {
        fn drop(&mut self) {
            IN_FILE.set(self.0);
        }
    }
    let _before = Before(IN_FILE.replace(Some(numbers)));
    f()
}

/// Whether a weight of this shape comes from a file, which must have the numbers for it.
fn comes_from_file(shape: &[usize]) -> Result<bool> {
    let Some(left) = IN_FILE.get() else { return Ok(false) };
    let size = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    match size.and_then(|n| left.checked_sub(n)) {
        Some(rest) => {
            IN_FILE.set(Some(rest));
            Ok(true)
        }
        None => Err(Error::shape(format!(
            "expected shape {}, the file has only {left} numbers left for it",
            Shape::from(shape)
        ))),
    }
}

impl BuildCx {
    pub(super) fn new(path: String, policy: DTypePolicy, frozen: bool) -> BuildCx {
        BuildCx {
            path,
            policy,
            frozen,
            trainable: Vec::new(),
            non_trainable: Vec::new(),
            regularized: Vec::new(),
            constrained: Vec::new(),
        }
    }

    /// What a layer inside this one is told: its name, and what holds for this one too.
    pub(super) fn inner_options(&self, name: &str) -> LayerOptions {
        LayerOptions {
            name: Some(name.to_string()),
            frozen: self.frozen,
            dtype: Some(self.policy),
            activity_regularizer: None,
        }
    }

    /// The element type of the weights.
    pub fn dtype(&self) -> DType {
        self.policy.variable_dtype()
    }

    /// The element type of computations and results.
    pub fn compute_dtype(&self) -> DType {
        self.policy.compute_dtype()
    }

    /// The layer's path, the first part of its weights' names.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The size of the input's last axis, which weights usually depend on.
    ///
    /// # Errors
    /// Where the input has no axes or the size is not known.
    pub fn last_axis(&self, input: &Shape) -> Result<usize> {
        input.last()?.known().ok_or_else(|| {
            Error::shape(format!(
                "the size of the last axis must be known to create weights, got input shape {input}; give it in \
                 Input::new"
            ))
        })
    }

    /// The size of an axis of the input that weights depend on.
    ///
    /// # Errors
    /// Where the size is not known.
    pub fn axis(&self, input: &Shape, axis: usize) -> Result<usize> {
        input.dims().get(axis).and_then(|d| d.known()).ok_or_else(|| {
            Error::shape(format!(
                "the size of axis {axis} must be known to create weights, got input shape {input}; give it in \
                 Input::new"
            ))
        })
    }

    /// A weight that training changes, for a field of a layer of one's own: `self.w = cx.add_weight("w", [8], "zeros")?`.
    ///
    /// # Errors
    /// As [`BuildCx::weight`].
    pub fn add_weight(
        &mut self,
        name: &str,
        shape: impl AsRef<[usize]>,
        initializer: impl Into<Spec<dyn Initializer>>,
    ) -> Result<Weight> {
        self.weight(name, shape, &initializer.into()).map(Weight::from)
    }

    /// A weight that training leaves alone, for a field of a layer of one's own.
    ///
    /// # Errors
    /// As [`BuildCx::weight`].
    pub fn add_non_trainable(
        &mut self,
        name: &str,
        shape: impl AsRef<[usize]>,
        initializer: impl Into<Spec<dyn Initializer>>,
    ) -> Result<Weight> {
        self.non_trainable(name, shape, &initializer.into()).map(Weight::from)
    }

    /// A weight that training changes.
    ///
    /// # Errors
    /// Where the initializer is not known or does not fit the shape, or there is no memory.
    pub fn weight(
        &mut self,
        name: &str,
        shape: impl AsRef<[usize]>,
        initializer: &Spec<dyn Initializer>,
    ) -> Result<Variable> {
        let weight = self.create(name, shape.as_ref(), self.dtype(), initializer, !self.frozen)?;
        self.trainable.push(weight.clone());
        Ok(weight)
    }

    /// [`BuildCx::weight`], if it is wanted at all.
    ///
    /// # Errors
    /// As [`BuildCx::weight`].
    pub fn weight_if(
        &mut self,
        wanted: bool,
        name: &str,
        shape: impl AsRef<[usize]>,
        initializer: &Spec<dyn Initializer>,
    ) -> Result<Option<Variable>> {
        if wanted { self.weight(name, shape, initializer).map(Some) } else { Ok(None) }
    }

    /// Has a weight's size count in the loss.
    ///
    /// # Errors
    /// Where nobody knows the regularizer.
    pub fn regularize(&mut self, weight: &Variable, by: Option<&Spec<dyn Regularizer>>) -> Result<()> {
        if let Some(regularizer) = by {
            self.regularized.push((weight.clone(), regularizer.resolve()?));
        }
        Ok(())
    }

    /// Has a weight brought back to what is allowed after each update.
    ///
    /// # Errors
    /// Where nobody knows the constraint.
    pub fn constrain(&mut self, weight: &Variable, by: Option<&Spec<dyn Constraint>>) -> Result<()> {
        if let Some(constraint) = by {
            self.constrained.push((weight.clone(), constraint.resolve()?));
        }
        Ok(())
    }

    /// A weight that is saved with the model and that training leaves alone: a moving average, a vocabulary.
    ///
    /// # Errors
    /// As [`BuildCx::weight`].
    pub fn non_trainable(
        &mut self,
        name: &str,
        shape: impl AsRef<[usize]>,
        initializer: &Spec<dyn Initializer>,
    ) -> Result<Variable> {
        self.non_trainable_of(self.dtype(), name, shape, initializer)
    }

    /// [`BuildCx::non_trainable`] of another element type than the layer's.
    pub(super) fn non_trainable_of(
        &mut self,
        dtype: DType,
        name: &str,
        shape: impl AsRef<[usize]>,
        initializer: &Spec<dyn Initializer>,
    ) -> Result<Variable> {
        let weight = self.create(name, shape.as_ref(), dtype, initializer, false)?;
        self.non_trainable.push(weight.clone());
        Ok(weight)
    }

    /// Counts a weight of an inner layer among its own, ahead of the inner layer's others.
    pub(super) fn adopt(&mut self, weight: &Variable) {
        self.trainable.push(weight.clone());
    }

    fn create(
        &mut self,
        name: &str,
        shape: &[usize],
        dtype: DType,
        initializer: &Spec<dyn Initializer>,
        trainable: bool,
    ) -> Result<Variable> {
        let path = format!("{}/{name}", self.path);
        let value = match comes_from_file(shape).at(|| format!("weight {path:?}"))? {
            true => ops::zeros(shape, dtype),
            false => initializer.resolve().and_then(|i| i.init(shape, dtype)),
        };
        Ok(Variable::named(value.at(|| format!("weight {name:?}"))?, path, trainable))
    }
}
