//! The running mean, which nearly all metrics are made from, and the running sum.

use super::Metric;
use crate::arguments::{Arguments, config};
use crate::numbers::{filled, same_rank};
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result, Shape};
use rhyton_tensor::{Axes, Tensor, Variable, no_gradient, ops};
use serde_json::Value;

/// The weighted mean of all values since the last reset: `Σ weight value / Σ weight`.
///
/// Values of rank 2 and more are first averaged down to one per sample, and so are weights. Without weights each
/// sample counts 1. Without any sample the mean is 0.
///
/// # Errors
/// `update_state` fails where weights cannot be stretched to the values.
///
/// Source: Keras's metrics/reduction_metrics.py.
///
/// ```
/// use rhyton_nn::metrics::{Mean, Metric};
/// use rhyton_tensor::Tensor;
/// let loss = Mean::new("loss");
/// loss.update_state(&Tensor::from(2.0f32), Some(&Tensor::from(32.0f32))).unwrap();
/// loss.update_state(&Tensor::from(1.0f32), Some(&Tensor::from(16.0f32))).unwrap();
/// assert_eq!(loss.result().unwrap().item::<f32>().unwrap(), 80.0 / 48.0);
/// ```
#[derive(Clone, Debug)]
pub struct Mean {
    name: String,
    total: Variable,
    count: Variable,
}

/// The weighted sum of all values since the last reset.
///
/// # Errors
/// As [`Mean`].
///
/// ```
/// use rhyton_nn::metrics::{Metric, Sum};
/// use rhyton_tensor::Tensor;
/// let sum = Sum::new("sum");
/// sum.update_state(&Tensor::from([1.0f32, 3.0, 5.0]), Some(&Tensor::from([1.0f32, 1.0, 0.0]))).unwrap();
/// assert_eq!(sum.result().unwrap().item::<f32>().unwrap(), 4.0);
/// ```
#[derive(Clone, Debug)]
pub struct Sum {
    name: String,
    total: Variable,
}

/// A scalar of the state.
fn state(name: &str, dtype: DType) -> Variable {
    Variable::named(filled(&[], 0.0, dtype).expect("one float"), name, false)
}

/// A float type for the state: the one given or the default.
fn float(dtype: DType) -> DType {
    if dtype.is_float() { dtype } else { crate::config::floatx() }
}

pub(super) fn reset(v: &Variable) -> Result<()> {
    v.assign(&ops::zeros(v.shape(), v.dtype())?)
}

impl Mean {
    /// A mean in the default float type.
    pub fn new(name: impl Into<String>) -> Mean {
        Mean::with_dtype(name, crate::config::floatx())
    }

    /// A mean in another float type.
    pub fn with_dtype(name: impl Into<String>, dtype: DType) -> Mean {
        let dtype = float(dtype);
        Mean { name: name.into(), total: state("total", dtype), count: state("count", dtype) }
    }

    /// The type of the state.
    pub fn dtype(&self) -> DType {
        self.total.dtype()
    }

    pub(super) fn renamed(self, name: impl Into<String>) -> Mean {
        Mean { name: name.into(), ..self }
    }

    pub(super) fn with_other_dtype(self, dtype: DType) -> Mean {
        Mean::with_dtype(self.name, dtype)
    }

    /// Takes values into account.
    ///
    /// # Errors
    /// Where the weights cannot be stretched to the values.
    pub fn update_state(&self, values: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        no_gradient(|| {
            let (values, weights) = per_sample(values, sample_weight, self.dtype(), ops::mean)?;
            self.total.assign_add(&ops::sum(&values, ..)?)?;
            let count = match weights {
                Some(weights) => ops::sum(&weights, ..)?,
                None => ops::full([], values.shape().first().copied().unwrap_or(1) as f64, self.dtype())?,
            };
            self.count.assign_add(&count)
        })
        .at(|| format!("metric {:?}", self.name))
    }

    /// Name and type from a file.
    pub(super) fn read(a: &mut Arguments<'_>, name: &str) -> Result<Mean> {
        let name = a.optional_text("name")?.unwrap_or(name);
        let dtype = a.optional_dtype("dtype")?.unwrap_or_else(crate::config::floatx);
        Ok(Mean::with_dtype(name, dtype))
    }

    pub(super) fn from_config(config: &Config) -> Result<Mean> {
        let mut a = Arguments::new("Mean", config);
        let mean = Mean::read(&mut a, "mean")?;
        a.finish()?;
        Ok(mean)
    }
}

impl Sum {
    /// A sum in the default float type.
    pub fn new(name: impl Into<String>) -> Sum {
        Sum::with_dtype(name, crate::config::floatx())
    }

    /// A sum in another float type.
    pub fn with_dtype(name: impl Into<String>, dtype: DType) -> Sum {
        Sum { name: name.into(), total: state("total", float(dtype)) }
    }

    /// Takes values into account.
    ///
    /// # Errors
    /// Where the weights cannot be stretched to the values.
    pub fn update_state(&self, values: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        no_gradient(|| {
            let (values, _) = per_sample(values, sample_weight, self.total.dtype(), ops::sum)?;
            self.total.assign_add(&ops::sum(&values, ..)?)
        })
        .at(|| format!("metric {:?}", self.name))
    }

    pub(super) fn from_config(config: &Config) -> Result<Sum> {
        let mut a = Arguments::new("Sum", config);
        let name = a.optional_text("name")?.unwrap_or("sum");
        let dtype = a.optional_dtype("dtype")?.unwrap_or_else(crate::config::floatx);
        a.finish()?;
        Ok(Sum::with_dtype(name, dtype))
    }
}

/// The axes from one to before another.
fn axes(from: usize, to: usize) -> Axes {
    Axes::from((from as isize..to as isize).collect::<Vec<_>>().as_slice())
}

/// Weighted values and weights, each reduced to one per sample.
///
/// Source: `reduce_to_samplewise_values` in Keras's metrics/reduction_metrics.py.
fn per_sample(
    values: &Tensor,
    weights: Option<&Tensor>,
    dtype: DType,
    reduce: fn(&Tensor, Axes) -> Result<Tensor>,
) -> Result<(Tensor, Option<Tensor>)> {
    let down_to_1 = |x: Tensor| if x.rank() > 1 { reduce(&x, axes(1, x.rank())) } else { Ok(x) };
    let values = ops::cast(values, dtype)?;
    let Some(weights) = weights else { return Ok((down_to_1(values)?, None)) };
    let (mut values, weights) = same_rank(&values, &ops::cast(weights, dtype)?)?;
    let rank = weights.rank();
    if values.rank() > rank {
        values = reduce(&values, axes(rank, values.rank()))?;
    }
    if values.rank() < rank {
        return Err(misfit(&values, &weights));
    }
    let weights = ops::broadcast_to(&weights, values.shape()).map_err(|_| misfit(&values, &weights))?;
    let values = ops::multiply(&values, &weights)?;
    Ok((down_to_1(values)?, Some(down_to_1(weights)?)))
}

fn misfit(values: &Tensor, weights: &Tensor) -> Error {
    let (w, v) = (Shape::from(weights.shape()), Shape::from(values.shape()));
    Error::shape(format!("sample_weight has shape {w}, the values have shape {v}; give one weight per value"))
}

/// Trackers take values; targets and predictions are for metrics that compare them.
fn takes_values(class: &str, name: &str) -> Error {
    let message = format!(
        "{class} takes values, not targets and predictions; wrap a function of both in a MeanMetricWrapper"
    );
    Error::unsupported(message).at(format!("metric {name:?}"))
}

impl Metric for Mean {
    fn name(&self) -> String {
        self.name.clone()
    }

    /// Not for this metric: see [`Mean::update_state`] of the type itself.
    fn update_state(&self, _: &Tensor, _: &Tensor, _: Option<&Tensor>) -> Result<()> {
        Err(takes_values("Mean", &self.name))
    }

    fn result(&self) -> Result<Tensor> {
        no_gradient(|| ops::divide_no_nan(&self.total.value(), &self.count.value()))
    }

    fn reset_state(&self) -> Result<()> {
        reset(&self.total)?;
        reset(&self.count)
    }

    fn variables(&self) -> Vec<Variable> {
        vec![self.total.clone(), self.count.clone()]
    }

    fn class_name(&self) -> &'static str {
        "Mean"
    }

    fn config(&self) -> Config {
        config([("name", Value::from(self.name.as_str())), ("dtype", Value::from(self.dtype().name()))])
    }
}

impl Metric for Sum {
    fn name(&self) -> String {
        self.name.clone()
    }

    /// Not for this metric: see [`Sum::update_state`] of the type itself.
    fn update_state(&self, _: &Tensor, _: &Tensor, _: Option<&Tensor>) -> Result<()> {
        Err(takes_values("Sum", &self.name))
    }

    fn result(&self) -> Result<Tensor> {
        Ok(self.total.value())
    }

    fn reset_state(&self) -> Result<()> {
        reset(&self.total)
    }

    fn variables(&self) -> Vec<Variable> {
        vec![self.total.clone()]
    }

    fn class_name(&self) -> &'static str {
        "Sum"
    }

    fn config(&self) -> Config {
        let dtype = self.total.dtype().name();
        config([("name", Value::from(self.name.as_str())), ("dtype", Value::from(dtype))])
    }
}
