//! How numbers of categories are given: as they are, or as vectors with a place for each category.

use crate::arguments::unknown;
use crate::config::floatx;
use rhyton_base::{DType, Dim, Error, Result, Shape};
use rhyton_tensor::{Tensor, ops};

/// What a number of a category becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutputMode {
    /// Itself.
    Int,
    /// A vector with a one at its place.
    OneHot,
    /// The numbers of a sample together: a vector with ones at their places.
    MultiHot,
    /// The numbers of a sample together: how often each occurs.
    Count,
    /// Counts, with each category weighted by how few samples have it.
    TfIdf,
}

impl OutputMode {
    /// The mode of this name, one of those that the layer has.
    pub fn parse(name: &str, of: &[OutputMode]) -> Result<OutputMode> {
        // Names of before.
        let name = match name {
            "binary" => "multi_hot",
            "tf-idf" => "tf_idf",
            name => name,
        };
        of.iter().copied().find(|m| m.name() == name).ok_or_else(|| {
            let known: Vec<&str> = of.iter().map(|m| m.name()).collect();
            unknown("output_mode", name, &known)
        })
    }

    /// The name that files have.
    pub fn name(self) -> &'static str {
        match self {
            OutputMode::Int => "int",
            OutputMode::OneHot => "one_hot",
            OutputMode::MultiHot => "multi_hot",
            OutputMode::Count => "count",
            OutputMode::TfIdf => "tf_idf",
        }
    }

    /// The shape of the result for numbers of this shape and so many categories.
    pub fn shape(self, input: &Shape, depth: Dim) -> Shape {
        let dims = input.dims();
        let base: &[Dim] = match (self, dims) {
            (OutputMode::Int, _) => return input.clone(),
            (OutputMode::OneHot, [front @ .., _])
                if !front.is_empty() && dims.last() == Some(&Dim::Known(1)) =>
            {
                front
            }
            (OutputMode::OneHot, all) => all,
            (_, [] | [_]) => &[],
            (_, [batch, _]) => std::slice::from_ref(batch),
            // The places of the second axis are taken together.
            (_, [batch, _, rest @ ..]) => return [&[*batch], rest, &[depth]].concat().into_iter().collect(),
        };
        base.iter().copied().chain([depth]).collect()
    }

    /// Numbers of categories in this mode. Those outside of `0..depth` have no place in vectors.
    ///
    /// Source: `encode_categorical_inputs` in `keras/src/utils/numerical_utils.py`.
    pub fn encode(
        self,
        indices: &Tensor,
        depth: usize,
        dtype: DType,
        weights: Option<&Tensor>,
    ) -> Result<Tensor> {
        if self == OutputMode::Int {
            return ops::cast(indices, dtype);
        }
        let indices = if indices.rank() == 0 { ops::expand_dims(indices, -1)? } else { indices.clone() };
        let together = if indices.rank() > 1 { 1 } else { 0 };
        match self {
            OutputMode::OneHot => {
                let column = indices.rank() > 1 && indices.shape().last() == Some(&1);
                let indices = if column { ops::squeeze(&indices, -1)? } else { indices };
                let hot = ops::one_hot(&indices, depth, -1, dtype)?;
                // Keras gives a vector for one number.
                Ok(hot)
            }
            OutputMode::MultiHot => ops::max(&ops::one_hot(&indices, depth, -1, dtype)?, together),
            _ => {
                let hot = ops::one_hot(&indices, depth, -1, dtype)?;
                let hot = match weights {
                    Some(w) => {
                        if w.shape() != indices.shape() {
                            return Err(Error::shape(format!(
                                "expected count_weights of the shape of the input, {}, got {}",
                                indices.meta().shape,
                                w.meta().shape
                            )));
                        }
                        ops::multiply(&hot, &ops::expand_dims(&ops::cast(w, dtype)?, -1)?)?
                    }
                    None => hot,
                };
                ops::sum(&hot, together)
            }
        }
    }
}

/// Rows of numbers of categories as vectors in memory, one a row: sets, counts, or counts times weights. Nothing larger than the
/// result is made on the way.
pub(super) fn vectors<'a>(
    mode: OutputMode,
    rows: impl ExactSizeIterator<Item = &'a [i64]>,
    depth: usize,
    idf: Option<&[f32]>,
) -> Result<Tensor> {
    let count = rows.len();
    let size = count.checked_mul(depth);
    let size =
        size.ok_or_else(|| Error::value(format!("{count} vectors of {depth} numbers are too many")))?;
    let mut out = vec![0f32; size];
    for (row, indices) in rows.enumerate() {
        let place = |i: &i64| usize::try_from(*i).ok().filter(|i| *i < depth);
        for i in indices.iter().filter_map(place) {
            let at = &mut out[row * depth + i];
            *at = if mode == OutputMode::MultiHot || mode == OutputMode::OneHot { 1.0 } else { *at + 1.0 };
        }
        if let Some(idf) = idf {
            out[row * depth..][..depth].iter_mut().zip(idf).for_each(|(x, w)| *x *= w);
        }
    }
    ops::cast(&Tensor::from_slice(&out, [count, depth])?, floatx())
}
