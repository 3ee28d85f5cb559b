//! `Reshape`: samples in another shape.

use crate::arguments::config;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, kept};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{DType, Dim, Error, Result, Shape};
use rhyton_ops::Meta;
use rhyton_tensor::{Tensor, ops};
use serde_json::json;

/// Gives each sample another shape; the numbers and their order stay.
///
/// - Shape: `(batch, ...)` becomes `(batch, ...target_shape)`. One size may be -1: it follows from the others.
/// - Masks are dropped.
/// - Errors: a size below -1, two of -1; a sample with another number of elements.
///
/// ```
/// use rhyton_nn::layers::Reshape;
/// use rhyton_tensor::{DType, ops};
/// let x = ops::zeros([2, 12], DType::F32)?;
/// assert_eq!(Reshape::new([3, 4]).call(&x)?.shape(), [2, 3, 4]);
/// assert_eq!(Reshape::new([-1, 2, 2]).call(&x)?.shape(), [2, 3, 2, 2]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/reshaping/reshape.py`.
#[derive(Clone, Debug)]
pub struct Reshape {
    target_shape: Vec<isize>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Reshape);

impl Reshape {
    /// A layer whose results have this shape, without the batch axis; one size may be -1.
    pub fn new(target_shape: impl AsRef<[isize]>) -> Reshape {
        Reshape { target_shape: target_shape.as_ref().to_vec(), options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Reshape> {
        let target = r.integers("target_shape")?;
        Ok(Reshape::new(target.ok_or_else(|| Error::format("key \"target_shape\" is missing"))?))
    }

    fn shown(&self) -> String {
        let sizes: Vec<String> = self.target_shape.iter().map(isize::to_string).collect();
        match sizes.as_slice() {
            [one] => format!("({one},)"),
            many => format!("({})", many.join(", ")),
        }
    }
}

impl Layer for Reshape {
    basics!("Reshape");

    fn config(&self) -> Config {
        config([("target_shape", json!(self.target_shape))])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        ops::reshape(x, self.output_shape(&x.meta().shape)?.expect_known()?)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let open = self.target_shape.iter().filter(|&&n| n == -1).count();
        if open > 1 || self.target_shape.iter().any(|&n| n < -1) {
            return Err(Error::value(format!(
                "expected target_shape of sizes, with at most one -1, got {}",
                self.shown()
            )));
        }
        let Some(batch) = input.dims().first().copied() else {
            return Err(Error::shape("expected a batch axis, got a scalar (shape ())"));
        };
        let known: usize = self.target_shape.iter().filter(|&&n| n >= 0).map(|&n| n as usize).product();
        let left = match input.without_batch().elements() {
            None => Dim::Unknown,
            Some(n) if open == 1 && known > 0 && n % known == 0 => Dim::Known(n / known),
            Some(n) if open == 0 && n == known => Dim::Known(n),
            Some(n) => {
                return Err(Error::shape(format!(
                    "samples of shape {} have {n} elements, which do not go into target_shape {}",
                    input.without_batch(),
                    self.shown()
                )));
            }
        };
        let size = |&n: &isize| usize::try_from(n).map_or(left, Dim::Known);
        Ok([batch].into_iter().chain(self.target_shape.iter().map(size)).collect())
    }

    /// Sizes tried in the place of unknown ones need not be divisible.
    fn infer(&self, inputs: &[Meta], compute: DType) -> Result<Option<Vec<Meta>>> {
        let result =
            |m: &Meta| Ok(Meta { dtype: kept(m.dtype, compute), shape: self.output_shape(&m.shape)? });
        inputs.iter().map(result).collect::<Result<_>>().map(Some)
    }

    fn needs_build(&self) -> bool {
        false
    }
}
