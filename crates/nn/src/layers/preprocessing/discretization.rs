//! `Discretization`: numbers as the numbers of the bins that they fall into.

use super::output_mode::OutputMode::{self, Count, Int, MultiHot, OneHot};
use super::quantiles::Summary;
use crate::arguments::config;
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters, unbuilt};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Context, DType, Dim, Error, Result, Shape};
use rhyton_tensor::{Tensor, ops};
use serde_json::{Value, json};
use std::any::Any;
use std::sync::{Arc, RwLock};

/// Replaces each number by that of the bin it lies in: bin `i` holds `boundaries[i-1] <= x < boundaries[i]`.
///
/// The boundaries are given, or found by [`Discretization::adapt`] so that the bins hold about equally many numbers of the
/// data; how closely is said by `epsilon`, the part of the data that one value of its summary stands for.
///
/// - Shape: any, unchanged, of `int32`; in the modes `one_hot`, `multi_hot` and `count` vectors with a place for each bin.
/// - Defaults: mode `int`, epsilon 0.01.
/// - What is learnt becomes part of the configuration. A model that was compiled keeps the boundaries that it was compiled with.
/// - Errors: no boundaries yet; boundaries that do not rise; an unknown mode.
///
/// ```
/// use rhyton_nn::layers::Discretization;
/// use rhyton_tensor::Tensor;
/// let bins = Discretization::with_boundaries([0.0, 1.0, 2.0]);
/// let y = bins.call(&Tensor::from([-1.0f32, 0.0, 0.5, 7.0]))?;
/// assert_eq!(y.to_vec::<i32>()?, [0, 1, 1, 3]);
///
/// let quarters = Discretization::new(4);
/// quarters.adapt(&Tensor::from([1.0f32, 2.0, 3.0, 4.0]))?;
/// assert_eq!(quarters.bin_boundaries(), Some(vec![1.0, 2.0, 3.0]));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/discretization.py`.
#[derive(Clone, Debug)]
pub struct Discretization {
    num_bins: Option<usize>,
    epsilon: f64,
    output_mode: String,
    pub(in crate::layers) options: LayerOptions,
    compute: Option<DType>,
    boundaries: Arc<RwLock<Option<Vec<f64>>>>,
}

common_options!(Discretization);
setters! {
    Discretization;
    /// How closely `adapt` looks: the part of the data that one value of its summary stands for.
    set epsilon: f64;
    /// `"int"`, `"one_hot"`, `"multi_hot"` or `"count"`.
    into output_mode: String;
}

impl Discretization {
    /// A layer that finds the boundaries of so many bins by [`Discretization::adapt`].
    pub fn new(num_bins: usize) -> Discretization {
        Discretization {
            num_bins: Some(num_bins),
            epsilon: 0.01,
            output_mode: "int".to_string(),
            options: LayerOptions::default(),
            compute: None,
            boundaries: Arc::default(),
        }
    }

    /// A layer with these boundaries, which must rise: one bin more than there are boundaries.
    pub fn with_boundaries(bin_boundaries: impl Into<Vec<f64>>) -> Discretization {
        let boundaries = Arc::new(RwLock::new(Some(bin_boundaries.into())));
        Discretization { num_bins: None, boundaries, ..Discretization::new(0) }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Discretization> {
        let boundaries: Option<Vec<f64>> = r.get("bin_boundaries")?;
        let num_bins = r.usize("num_bins")?;
        if boundaries.is_none() && num_bins.is_none() {
            return Err(Error::format("expected a key \"num_bins\" or \"bin_boundaries\""));
        }
        let mut layer = Discretization { num_bins, ..Discretization::new(0) };
        layer.boundaries = Arc::new(RwLock::new(boundaries));
        layer.epsilon = r.f64("epsilon")?.unwrap_or(layer.epsilon);
        layer.output_mode = r.text("output_mode")?.unwrap_or(layer.output_mode);
        super::lookup::no_sparse(r)?;
        Ok(layer)
    }

    fn mode(&self) -> Result<OutputMode> {
        OutputMode::parse(&self.output_mode, &[Int, OneHot, MultiHot, Count])
    }

    /// The boundaries between the bins, if they are known by now.
    pub fn bin_boundaries(&self) -> Option<Vec<f64>> {
        self.boundaries.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// How many bins there are.
    pub fn num_bins(&self) -> usize {
        self.bin_boundaries().map_or(self.num_bins.unwrap_or(0), |b| b.len() + 1)
    }

    /// Finds boundaries between about equally filled bins, in place of those of before.
    ///
    /// # Errors
    /// Where the boundaries were given, or the data has NaN.
    pub fn adapt(&self, data: &Tensor) -> Result<()> {
        self.adapt_batches([Ok(data.clone())])
    }

    /// [`Discretization::adapt`] for data that comes in batches, of which one is in memory at a time.
    ///
    /// # Errors
    /// As [`Discretization::adapt`], and the first error among the batches.
    pub fn adapt_batches(&self, batches: impl IntoIterator<Item = Result<Tensor>>) -> Result<()> {
        let found =
            self.learn(batches).at(|| super::lookup::who("Discretization", &self.options, "adapt"))?;
        *self.boundaries.write().unwrap_or_else(|e| e.into_inner()) = Some(found);
        Ok(())
    }

    fn learn(&self, batches: impl IntoIterator<Item = Result<Tensor>>) -> Result<Vec<f64>> {
        let bins = self.num_bins.filter(|&n| n > 0).ok_or_else(|| {
            Error::state(
                "expected a number of bins, 1 or more; make it with Discretization::new to learn boundaries",
            )
        })?;
        if !(self.epsilon > 0.0 && self.epsilon <= 1.0) {
            return Err(Error::value(format!("expected epsilon above 0 and up to 1, got {}", self.epsilon)));
        }
        let mut whole = Summary::default();
        for batch in batches {
            let numbers = ops::cast(&batch?, DType::F32)?.to_vec::<f32>()?;
            // As Keras merges them, the newer first.
            whole = Summary::of(numbers, self.epsilon)?.and(whole, self.epsilon);
        }
        Ok(whole.boundaries(bins).into_iter().map(f64::from).collect())
    }
}

impl Layer for Discretization {
    basics!("Discretization");

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn full_config(&self, common: Config) -> Config {
        let boundaries = self.bin_boundaries();
        let get = |key: &str| common.get(key).cloned().unwrap_or_default();
        let dtype = common.get("dtype").and_then(|d| d.get("config")?.get("name").cloned());
        config([
            ("bin_boundaries", json!(boundaries)),
            ("num_bins", json!(self.num_bins)),
            ("epsilon", json!(self.epsilon)),
            ("output_mode", json!(self.output_mode)),
            ("sparse", Value::from(false)),
            ("name", get("name")),
            ("dtype", dtype.unwrap_or_default()),
        ])
    }

    fn build(&mut self, cx: &mut BuildCx, _input: &Shape) -> Result<()> {
        self.compute = Some(cx.compute_dtype());
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let mode = self.mode()?;
        let boundaries = self.bin_boundaries().ok_or_else(|| {
            Error::state("it has no boundaries yet; call adapt with some data, or give bin_boundaries")
        })?;
        if let Some(at) = boundaries.windows(2).position(|w| w[0].is_nan() || w[1].is_nan() || w[0] > w[1]) {
            return Err(Error::value(format!(
                "expected rising boundaries, got {} before {}",
                boundaries[at],
                boundaries[at + 1]
            )));
        }
        let bins = Tensor::from_slice(&boundaries, [boundaries.len()])?;
        let bins = ops::cast(&bins, if x.dtype() == DType::F64 { DType::F64 } else { DType::F32 })?;
        let indices = ops::digitize(x, &bins)?;
        let dtype = if mode == Int { DType::I32 } else { self.compute.ok_or_else(unbuilt)? };
        mode.encode(&indices, boundaries.len() + 1, dtype, None)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(self.mode()?.shape(input, Dim::Known(self.num_bins())))
    }
}
