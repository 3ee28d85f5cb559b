//! `HashedCrossing`: what several features say together, as buckets.

use super::output_mode::OutputMode::{self, Int, OneHot};
use super::strings::Strings;
use crate::arguments::config;
use crate::config::floatx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Context, DType, Dim, Error, Result, Shape};
use rhyton_ops::index::fingerprint;
use rhyton_tensor::{Tensor, ops};
use serde_json::{Value, json};
use std::any::Any;

/// One feature of all samples: numbers or texts.
#[derive(Clone, Debug)]
pub enum Column {
    /// Numbers.
    Numbers(Tensor),
    /// Texts.
    Texts(Strings),
}

impl Column {
    /// The sizes of the axes.
    pub fn shape(&self) -> &[usize] {
        match self {
            Column::Numbers(x) => x.shape(),
            Column::Texts(x) => x.shape(),
        }
    }
}

impl From<Tensor> for Column {
    fn from(x: Tensor) -> Column {
        Column::Numbers(x)
    }
}

impl From<&Tensor> for Column {
    fn from(x: &Tensor) -> Column {
        Column::Numbers(x.clone())
    }
}

macro_rules! texts {
    ($([$($generic:tt)*] $T:ty;)*) => {$(
        impl<$($generic)*> From<$T> for Column {
            fn from(texts: $T) -> Column {
                Column::Texts(texts.into())
            }
        }
    )*};
}

texts! {
    [] Strings;
    [] &Strings;
    [] &str;
    [] Vec<String>;
    [] &Vec<String>;
    [] &Vec<&str>;
    [const N: usize] [&str; N];
    [const N: usize, const M: usize] [[&str; M]; N];
}

/// Crosses features: the values that a sample has of several categorical features become one bucket, by a hash of all of them; the
/// same buckets as Keras's.
///
/// - Inputs: two or more of one shape, `(batch,)` or `(batch, 1)`, of whole numbers. The result has that shape, of
///   `int64`; in the mode `one_hot` it is `(batch, num_bins)`.
/// - Default: mode `int`.
/// - Texts, also beside numbers, go through [`HashedCrossing::call_columns`], outside of models.
/// - Errors: one input; inputs that differ in shape or are not integers; no buckets; an unknown mode.
///
/// ```
/// use rhyton_nn::layers::HashedCrossing;
/// use rhyton_tensor::Tensor;
/// let crossing = HashedCrossing::new(5);
/// let numbers = Tensor::from([101, 101, 101, 102, 102]);
/// let y = crossing.call_columns([["A", "B", "A", "B", "A"].into(), (&numbers).into()])?;
/// assert_eq!(y.to_vec::<i64>()?, [1, 4, 1, 1, 3]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/hashed_crossing.py`.
#[derive(Clone, Debug)]
pub struct HashedCrossing {
    num_bins: usize,
    output_mode: String,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(HashedCrossing);
setters! {
    HashedCrossing;
    /// `"int"` or `"one_hot"`.
    into output_mode: String;
}

impl HashedCrossing {
    /// A layer of so many buckets.
    pub fn new(num_bins: usize) -> HashedCrossing {
        HashedCrossing { num_bins, output_mode: "int".to_string(), options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<HashedCrossing> {
        let mut layer = HashedCrossing::new(r.required_usize("num_bins")?);
        layer.output_mode = r.text("output_mode")?.unwrap_or(layer.output_mode);
        super::lookup::no_sparse(r)?;
        Ok(layer)
    }

    fn mode(&self) -> Result<OutputMode> {
        if self.num_bins == 0 {
            return Err(Error::value("expected num_bins to be 1 or more, got 0"));
        }
        OutputMode::parse(&self.output_mode, &[Int, OneHot])
    }

    fn result(&self, mode: OutputMode) -> DType {
        let default = if mode == Int { DType::I64 } else { floatx() };
        self.options.dtype.map_or(default, |p| p.compute_dtype())
    }

    /// The buckets of columns of which some are texts.
    ///
    /// # Errors
    /// As for calls on tensors.
    pub fn call_columns(&self, columns: impl IntoIterator<Item = Column>) -> Result<Tensor> {
        let run = || {
            let number = |column: Column| match column {
                Column::Numbers(x) => Ok(x),
                Column::Texts(texts) => {
                    let prints = texts.values().iter().map(|t| fingerprint(t.as_bytes()) as i64);
                    Tensor::from_slice(&prints.collect::<Vec<_>>(), texts.shape())
                }
            };
            let columns = columns.into_iter().map(number).collect::<Result<Vec<_>>>()?;
            checked(&columns.iter().map(|c| Shape::from(c.shape())).collect::<Vec<_>>())?;
            self.cross(&columns)
        };
        run().at(|| super::lookup::who("HashedCrossing", &self.options, "call_columns"))
    }

    fn cross(&self, columns: &[Tensor]) -> Result<Tensor> {
        let mode = self.mode()?;
        let crossed = ops::hash_cross(&columns.iter().collect::<Vec<_>>(), self.num_bins as u64)?;
        mode.encode(&crossed, self.num_bins, self.result(mode), None)
    }
}

/// The shape of all inputs.
fn checked(inputs: &[Shape]) -> Result<&Shape> {
    let [first, rest @ ..] = inputs else {
        return Err(Error::value("expected two inputs or more, got none"));
    };
    if rest.is_empty() {
        return Err(Error::value("expected two inputs or more, got one"));
    }
    let listed = || inputs.iter().map(Shape::to_string).collect::<Vec<_>>().join(", ");
    let fits =
        |s: &Shape| s.rank() == first.rank() && s.dims().iter().zip(first.dims()).all(|(a, b)| a.fits(*b));
    if !rest.iter().all(fits) {
        return Err(Error::shape(format!("expected inputs of one shape, got {}", listed())));
    }
    let column = |s: &Shape| s.rank() < 2 || (s.rank() == 2 && s.dims()[1].fits(Dim::Known(1)));
    if !column(first) {
        return Err(Error::shape(format!(
            "expected inputs of shape (), (batch,) or (batch, 1), got {}; give each feature as an input of its own",
            listed()
        )));
    }
    Ok(first)
}

impl Layer for HashedCrossing {
    fn class_name(&self) -> &'static str {
        "HashedCrossing"
    }

    /// Buckets are `int64` and vectors floats, where nothing else is said.
    fn options(&self) -> LayerOptions {
        let dtype = self.result(self.mode().unwrap_or(Int));
        LayerOptions { dtype: Some(dtype.into()), ..self.options.clone() }
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn full_config(&self, common: Config) -> Config {
        config([
            ("num_bins", json!(self.num_bins)),
            ("output_mode", json!(self.output_mode)),
            ("sparse", Value::from(false)),
            ("name", common.get("name").cloned().unwrap_or_default()),
            (
                "dtype",
                common.get("dtype").and_then(|d| d.get("config")?.get("name").cloned()).unwrap_or_default(),
            ),
        ])
    }

    fn build_all(&mut self, _cx: &mut crate::layers::BuildCx, inputs: &[Shape]) -> Result<()> {
        checked(inputs).map(|_| ())
    }

    fn call_all(&self, inputs: &[Tensor], _cx: &CallCx) -> Result<Vec<Tensor>> {
        Ok(vec![self.cross(inputs)?])
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        let shape = checked(inputs)?;
        Ok(Some(vec![self.mode()?.shape(shape, Dim::Known(self.num_bins))]))
    }

    fn autocast(&self) -> bool {
        false
    }
}
