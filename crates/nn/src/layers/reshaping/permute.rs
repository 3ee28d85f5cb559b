//! `Permute`: the axes of samples in another order.

use crate::arguments::config;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, expect_rank};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::{Tensor, ops};
use serde_json::json;

/// Puts the axes of samples in another order. Axes count from 1; the batch axis, 0, stays in front.
///
/// - Shape: axis `i` of the result is axis `dims[i - 1]` of the input.
/// - Masks are dropped.
/// - Errors: `dims` that do not name each of `1, 2, …` once; an input of another rank.
///
/// ```
/// use rhyton_nn::layers::Permute;
/// use rhyton_tensor::{DType, ops};
/// let y = Permute::new([2, 1]).call(&ops::zeros([5, 10, 64], DType::F32)?)?;
/// assert_eq!(y.shape(), [5, 64, 10]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/reshaping/permute.py`.
#[derive(Clone, Debug)]
pub struct Permute {
    dims: Vec<usize>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Permute);

impl Permute {
    /// A layer that puts axes in this order.
    pub fn new(dims: impl AsRef<[usize]>) -> Permute {
        Permute { dims: dims.as_ref().to_vec(), options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Permute> {
        let dims = r.integers("dims")?.ok_or_else(|| Error::format("key \"dims\" is missing"))?;
        // What is no axis becomes 0, which the layer refuses.
        Ok(Permute::new(dims.iter().map(|&d| usize::try_from(d).unwrap_or(0)).collect::<Vec<_>>()))
    }
}

impl Layer for Permute {
    basics!("Permute");

    fn config(&self) -> Config {
        config([("dims", json!(self.dims))])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let order: Vec<isize> = [0].into_iter().chain(self.dims.iter().map(|&d| d as isize)).collect();
        ops::transpose(x, Some(&order))
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let mut sorted = self.dims.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(1..=self.dims.len()) {
            return Err(Error::value(format!(
                "expected dims to name each of the axes 1 to {} once, got {:?}; the batch axis does not count",
                self.dims.len(),
                self.dims
            )));
        }
        expect_rank(input, self.dims.len() + 1, &format!("for dims {:?} (the batch and those)", self.dims))?;
        let dims = input.dims();
        Ok([dims[0]].into_iter().chain(self.dims.iter().map(|&d| dims[d])).collect())
    }
}
