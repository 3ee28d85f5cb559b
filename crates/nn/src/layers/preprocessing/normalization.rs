//! `Normalization`: features of mean 0 and variance 1, as seen in the data.

use super::rescaling::PerChannel;
use crate::arguments::config;
use crate::config::epsilon;
use crate::initializers::Initializer;
use crate::layers::axes::{LayerAxes, signed};
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters, unbuilt};
use crate::layers::reader::ConfigReader;
use crate::numbers::like;
use crate::spec::{Config, Spec};
use rhyton_base::{Context, DType, Dim, Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;
use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard};

/// Shifts and scales features into mean 0 and variance 1: `(x - mean) / max(√variance, ε)` with ε of
/// [`crate::config::epsilon`]; inverted, `mean + x · max(√variance, ε)`.
///
/// Mean and (population) variance are those of the data given to [`Normalization::adapt`], over all axes but `axis`, or
/// given by [`Normalization::moments`]. Without either they are 0 and 1.
///
/// - Shape: any, unchanged; integers become floats.
/// - Default: one mean and variance for each place of the last axis. No axes at all (`axis([])`) normalizes all numbers alike.
/// - Weights where nothing was given: `mean` and `variance` of the sizes of the axes, and `count`, none of them trained.
/// - Masks go on unchanged.
/// - Errors: an axis that is not there or of unknown size; inputs or batches of another size than the first.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, Normalization};
/// use rhyton_tensor::Tensor;
/// let normalization = Normalization::new();
/// normalization.adapt(&Tensor::from([[1.0f32, 10.0], [3.0, 30.0]]))?;
/// let layer = AnyLayer::from(&normalization);
/// assert_eq!(layer.call(&Tensor::from([[3.0f32, 20.0]]))?.to_vec::<f32>()?, [1.0, 0.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/normalization.py`.
#[derive(Clone, Debug)]
pub struct Normalization {
    axis: LayerAxes,
    given: Option<(PerChannel, PerChannel)>,
    invert: bool,
    pub(in crate::layers) options: LayerOptions,
    built: Option<Built>,
    learnt: Arc<Mutex<Learnt>>,
}

/// What all handles know together.
#[derive(Debug, Default)]
struct Learnt {
    /// What `adapt` found, until layers are built.
    moments: Option<Moments>,
    /// Mean and variance of the layers built so far.
    weights: Vec<(Variable, Variable)>,
}

/// Mean and population variance at each place of the kept axes.
#[derive(Clone, Debug)]
struct Moments {
    kept: Vec<usize>,
    sizes: Vec<usize>,
    count: f64,
    mean: Vec<f64>,
    variance: Vec<f64>,
}

#[derive(Clone, Debug)]
struct Built {
    /// The axes that keep means of their own, and their sizes.
    kept: Vec<usize>,
    sizes: Vec<usize>,
    weights: Option<(Variable, Variable)>,
    compute: DType,
}

common_options!(Normalization);
setters! {
    Normalization;
    /// The axis or axes whose places have means and variances of their own.
    into axis: LayerAxes;
    /// Whether normalized numbers are turned back.
    set invert: bool;
}

impl Default for Normalization {
    fn default() -> Normalization {
        Normalization::new()
    }
}

impl Normalization {
    /// A layer that learns mean and variance by [`Normalization::adapt`].
    pub fn new() -> Normalization {
        Normalization {
            axis: LayerAxes::from([-1]),
            given: None,
            invert: false,
            options: LayerOptions::default(),
            built: None,
            learnt: Arc::default(),
        }
    }

    /// Gives mean and variance instead of learning them: one number each, or one for each place of the axis.
    #[must_use]
    pub fn moments(mut self, mean: impl Into<PerChannel>, variance: impl Into<PerChannel>) -> Normalization {
        self.given = Some((mean.into(), variance.into()));
        self
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Normalization> {
        let mut layer = Normalization::new();
        if let Some(axis) = LayerAxes::read(r, "axis")? {
            layer.axis = axis;
        }
        layer.invert = r.bool("invert")?.unwrap_or(false);
        layer.given = match (PerChannel::read(r, "mean")?, PerChannel::read(r, "variance")?) {
            (Some(mean), Some(variance)) => Some((mean, variance)),
            (None, None) => None,
            _ => return Err(Error::format("expected both keys \"mean\" and \"variance\" or none of them")),
        };
        Ok(layer)
    }

    fn learnt(&self) -> MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn who(&self) -> String {
        match &self.options.name {
            Some(name) => format!("Normalization {name:?}: adapt"),
            None => "Normalization: adapt".to_string(),
        }
    }

    /// Learns mean and variance of a whole data set, in place of what was learnt before.
    ///
    /// Models that were compiled see the new numbers too: they are weights.
    ///
    /// # Errors
    /// Where mean and variance were given, the data has no such axis or no samples, or its sizes are not those that the layer
    /// was built for.
    pub fn adapt(&self, data: &Tensor) -> Result<()> {
        self.adapt_batches([Ok(data.clone())])
    }

    /// [`Normalization::adapt`] for data that comes in batches, of which one is in memory at a time.
    ///
    /// ```
    /// use rhyton_nn::layers::{AnyLayer, Normalization};
    /// use rhyton_tensor::Tensor;
    /// let normalization = Normalization::new();
    /// let batches = [Tensor::from([[1.0f32], [2.0]]), Tensor::from([[6.0f32]])];
    /// normalization.adapt_batches(batches.map(Ok))?;
    /// let layer = AnyLayer::from(&normalization);
    /// assert_eq!(layer.call(&Tensor::from([[3.0f32]]))?.to_vec::<f32>()?, [0.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Normalization::adapt`], and the first error among the batches.
    pub fn adapt_batches(&self, batches: impl IntoIterator<Item = Result<Tensor>>) -> Result<()> {
        self.learn(batches).at(|| self.who())
    }

    fn learn(&self, batches: impl IntoIterator<Item = Result<Tensor>>) -> Result<()> {
        if self.given.is_some() {
            return Err(Error::state(
                "its mean and variance were given; make one without them to learn them",
            ));
        }
        let mut whole: Option<Moments> = None;
        for batch in batches {
            let part = self.moments_of(&batch?)?;
            whole = Some(match whole {
                None => part,
                Some(before) => before.and(&part)?,
            });
        }
        let found = whole.ok_or_else(|| Error::value("expected at least one batch, got none"))?;
        if found.count == 0.0 {
            return Err(Error::value("expected at least one sample, got none"));
        }
        let mut learnt = self.learnt();
        for (mean, variance) in &learnt.weights {
            if mean.shape() != found.sizes {
                return Err(Error::shape(format!(
                    "expected data with sizes {:?} along axes {:?}, as the layer was built for, got {:?}",
                    mean.shape(),
                    found.kept,
                    found.sizes
                )));
            }
            mean.assign(&found.tensor(&found.mean, mean.dtype())?)?;
            variance.assign(&found.tensor(&found.variance, variance.dtype())?)?;
        }
        learnt.moments = Some(found);
        Ok(())
    }

    /// Takes the numbers of the layer that it was read as for learnt, so that layers made of it later have them.
    pub(super) fn remember(&self) -> Result<()> {
        if let Some(Built { kept, sizes, weights: Some((mean, variance)), .. }) = &self.built {
            let (mean, variance) = (mean.stored_value().to_f64s()?, variance.stored_value().to_f64s()?);
            let (kept, sizes) = (kept.clone(), sizes.clone());
            self.learnt().moments = Some(Moments { kept, sizes, count: 1.0, mean, variance });
        }
        Ok(())
    }

    /// The description without what it was built for.
    pub(super) fn anew(self) -> Normalization {
        Normalization { built: None, ..self }
    }

    fn moments_of(&self, batch: &Tensor) -> Result<Moments> {
        let shape = Shape::from(batch.shape());
        let kept = self.axis.of(&shape)?;
        let sizes: Vec<usize> = kept.iter().map(|&a| batch.shape()[a]).collect();
        let others: Vec<usize> = (0..batch.rank()).filter(|a| !kept.contains(a)).collect();
        let count = others.iter().map(|&a| batch.shape()[a]).product::<usize>() as f64;
        let x = ops::cast(batch, batch.dtype().to_float())?;
        let over = signed(&others);
        let (mean, variance) = match others.is_empty() {
            true => (x.clone(), ops::zeros_like(&x)?),
            false => (ops::mean(&x, &over[..])?, ops::var(&x, &over[..])?),
        };
        Ok(Moments { kept, sizes, count, mean: mean.to_f64s()?, variance: variance.to_f64s()? })
    }

    /// A given number of each place, as it stands beside inputs.
    fn beside(&self, given: &PerChannel, built: &Built, rank: usize, dtype: DType) -> Result<Tensor> {
        let numbers = given.numbers();
        let places: usize = built.sizes.iter().product();
        let all = match numbers {
            [one] => vec![*one; places],
            all if all.len() == places => all.to_vec(),
            all => {
                return Err(Error::shape(format!(
                    "expected mean and variance to be one number or {places}, as many as the places of the axis, got {}",
                    all.len()
                )));
            }
        };
        let x = ops::cast(&Tensor::from_slice(&all, &built.sizes)?, dtype)?;
        built.along(&x, rank)
    }
}

impl Moments {
    fn tensor(&self, numbers: &[f64], dtype: DType) -> Result<Tensor> {
        ops::cast(&Tensor::from_slice(numbers, &self.sizes)?, dtype)
    }

    /// The moments of both parts together.
    fn and(mut self, part: &Moments) -> Result<Moments> {
        if self.sizes != part.sizes {
            return Err(Error::shape(format!(
                "expected batches with sizes {:?} along axes {:?}, as the first, got {:?}",
                self.sizes, self.kept, part.sizes
            )));
        }
        if part.count == 0.0 {
            return Ok(self);
        }
        let count = self.count + part.count;
        let (old, new) = (self.count / count, part.count / count);
        for i in 0..self.mean.len() {
            let mean = self.mean[i] * old + part.mean[i] * new;
            self.variance[i] = (self.variance[i] + (self.mean[i] - mean).powi(2)) * old
                + (part.variance[i] + (part.mean[i] - mean).powi(2)) * new;
            self.mean[i] = mean;
        }
        self.count = count;
        Ok(self)
    }
}

impl Built {
    /// Numbers of the places of the kept axes, beside an input of this rank.
    fn along(&self, x: &Tensor, rank: usize) -> Result<Tensor> {
        let mut shape = vec![1; rank];
        self.kept.iter().zip(&self.sizes).for_each(|(&axis, &size)| shape[axis] = size);
        ops::reshape(x, shape)
    }
}

impl Layer for Normalization {
    basics!("Normalization");

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn config(&self) -> Config {
        let json = |of: Option<&PerChannel>| of.map_or(Value::Null, PerChannel::json);
        config([
            ("axis", self.axis.list()),
            ("invert", Value::from(self.invert)),
            ("mean", json(self.given.as_ref().map(|g| &g.0))),
            ("variance", json(self.given.as_ref().map(|g| &g.1))),
        ])
    }

    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        let kept = self.axis.of(input)?;
        let sizes = kept.iter().map(|&a| cx.axis(input, a)).collect::<Result<Vec<_>>>()?;
        let mut weights = None;
        if self.given.is_none() {
            let (zeros, ones) =
                (Spec::<dyn Initializer>::from("zeros"), Spec::<dyn Initializer>::from("ones"));
            let mean = cx.non_trainable("mean", &sizes, &zeros)?;
            let variance = cx.non_trainable("variance", &sizes, &ones)?;
            cx.non_trainable_of(DType::I64, "count", [], &zeros)?;
            let mut learnt = self.learnt();
            if let Some(found) = &learnt.moments {
                if found.sizes != sizes {
                    return Err(Error::shape(format!(
                        "it was adapted to data with sizes {:?} along its axes, the input {input} has {sizes:?}",
                        found.sizes
                    )));
                }
                mean.assign(&found.tensor(&found.mean, mean.dtype())?)?;
                variance.assign(&found.tensor(&found.variance, variance.dtype())?)?;
            }
            learnt.weights.push((mean.clone(), variance.clone()));
            weights = Some((mean, variance));
        }
        self.built = Some(Built { kept, sizes, weights, compute: cx.compute_dtype() });
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let built = self.built.as_ref().ok_or_else(unbuilt)?;
        let x = ops::cast(x, built.compute)?;
        let (mean, variance) = match (&built.weights, &self.given) {
            (Some((mean, variance)), _) => {
                let beside =
                    |v: &Variable| built.along(&ops::cast(&v.stored_value(), built.compute)?, x.rank());
                (beside(mean)?, beside(variance)?)
            }
            (None, Some((mean, variance))) => {
                let beside = |g: &PerChannel| self.beside(g, built, x.rank(), built.compute);
                (beside(mean)?, beside(variance)?)
            }
            (None, None) => return Err(unbuilt()),
        };
        let spread = ops::maximum(&ops::sqrt(&variance)?, &like(&variance, epsilon())?)?;
        match self.invert {
            true => ops::add(&mean, &ops::multiply(&x, &spread)?),
            false => ops::divide(&ops::subtract(&x, &mean)?, &spread),
        }
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let kept = self.axis.of(input)?;
        if let Some(built) = &self.built {
            let fits = |(&axis, &size): (&usize, &usize)| input.dims()[axis].fits(Dim::Known(size));
            if kept != built.kept || !kept.iter().zip(&built.sizes).all(fits) {
                return Err(Error::shape(format!(
                    "expected an input with sizes {:?} along axes {:?}, got shape {input}; make a new layer for this data",
                    built.sizes, built.kept
                )));
            }
        }
        Ok(input.clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
