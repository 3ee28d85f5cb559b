//! Attention.

use super::spatial::listed;
use super::{
    add, broadcast_to, cast, expand_dims, greater_equal, logical_and, matmul, multiply, reshape, softmax,
    transpose, weak, r#where,
};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape, promote, promote_all};

/// What [`dot_product_attention`] adds to its scores. Defaults: no bias, no mask, a scale of `1 / sqrt(depth)`, not
/// causal.
#[derive(Clone, Debug, Default)]
pub struct AttentionOptions {
    bias: Option<Tensor>,
    mask: Option<Tensor>,
    scale: Option<f64>,
    is_causal: bool,
}

impl AttentionOptions {
    /// The defaults.
    pub fn new() -> AttentionOptions {
        AttentionOptions::default()
    }

    /// Added to the scores; it broadcasts to `[batch, heads, target length, source length]`.
    #[must_use]
    pub fn bias(self, bias: &Tensor) -> AttentionOptions {
        AttentionOptions { bias: Some(bias.clone()), ..self }
    }

    /// Where it is false, no attention is paid; it broadcasts to `[batch, heads, target length, source length]`.
    #[must_use]
    pub fn mask(self, mask: &Tensor) -> AttentionOptions {
        AttentionOptions { mask: Some(mask.clone()), ..self }
    }

    /// What the products of queries and keys are multiplied by.
    #[must_use]
    pub fn scale(self, scale: f64) -> AttentionOptions {
        AttentionOptions { scale: Some(scale), ..self }
    }

    /// Whether each place pays attention to itself and those before it only.
    #[must_use]
    pub fn is_causal(self, is_causal: bool) -> AttentionOptions {
        AttentionOptions { is_causal, ..self }
    }
}

/// `softmax(query · keyᵀ · scale + bias) · value` for each head.
///
/// `query` is `[batch, target length, heads, depth]`, `key` `[batch, source length, key heads, depth]` and `value`
/// `[batch, source length, key heads, value depth]`; the result is `[batch, target length, heads, value depth]`. The
/// number of heads is a multiple of that of key heads: as many query heads share one. Half floats are weighed in
/// `float32`.
///
/// ```
/// use rhyton_tensor::{DType, Tensor, ops};
/// let x = ops::ones([1, 2, 1, 3], DType::F32).unwrap();
/// let y = ops::dot_product_attention(&x, &x, &x, ops::AttentionOptions::new().is_causal(true)).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [1.0; 6]);
/// ```
///
/// # Errors
/// Where ranks or sizes do not fit.
pub fn dot_product_attention(
    query: &Tensor,
    key: &Tensor,
    value: &Tensor,
    options: AttentionOptions,
) -> Result<Tensor> {
    let AttentionOptions { bias, mask, scale, is_causal } = options;
    let (has_bias, has_mask) = (bias.is_some(), mask.is_some());
    let inputs: Vec<&Tensor> = [query, key, value].into_iter().chain(&bias).chain(&mask).collect();
    operation("dot_product_attention", &inputs, move |x| {
        let bias = has_bias.then(|| x[3]);
        let mask = has_mask.then(|| x[3 + usize::from(has_bias)]);
        let sizes = |x: &Tensor| <[usize; 4]>::try_from(x.shape()).ok();
        let (Some([batch, length, heads, depth]), Some(keys), Some(values)) =
            (sizes(x[0]), sizes(x[1]), sizes(x[2]))
        else {
            return Err(Error::shape(format!(
                "expected [batch, length, heads, depth] three times, got shapes {}, {} and {}",
                Shape::from(x[0].shape()),
                Shape::from(x[1].shape()),
                Shape::from(x[2].shape())
            )));
        };
        let [_, source, shared, _] = keys;
        let fits = keys == [batch, source, shared, depth] && values[..3] == keys[..3];
        if !fits || shared == 0 || !heads.is_multiple_of(shared) {
            return Err(Error::shape(format!(
                "a query of shape {}, a key of shape {} and a value of shape {} do not fit; batch, source length and \
                 depth must agree, and the query's heads be a multiple of the others'",
                Shape::from(x[0].shape()),
                Shape::from(x[1].shape()),
                Shape::from(x[2].shape())
            )));
        }
        let dtype = promote_all(x[..3].iter().map(|t| t.dtype())).expect("three types").to_float();
        let by_head = |x: &Tensor| transpose(&cast(x, dtype)?, Some(&[0, 2, 1, 3]));
        // Each key head stands next to its copies for the query heads that share it.
        let repeated = |x: &Tensor| {
            let each = by_head(x)?;
            if shared == heads {
                return Ok(each);
            }
            let depth = each.shape()[3];
            let wide =
                broadcast_to(&expand_dims(&each, 2)?, &[batch, shared, heads / shared, source, depth])?;
            reshape(&wide, [batch, heads, source, depth])
        };
        let wide = promote(dtype, DType::F32);
        let (query, key) = (cast(&by_head(x[0])?, wide)?, cast(&repeated(x[1])?, wide)?);
        let scores = matmul(&query, &transpose(&key, Some(&[0, 1, 3, 2]))?)?;
        let scale = scale.unwrap_or(1.0 / (depth as f64).sqrt());
        let mut scores = multiply(&scores, &weak(&scores, scale)?)?;
        let shape = [batch, heads, length, source];
        let fitted = |what: &str, t: &Tensor| {
            let t = if t.rank() == 3 { expand_dims(t, 1)? } else { t.clone() };
            broadcast_to(&t, &shape).map_err(|_| {
                let (got, wanted) = (Shape::from(t.shape()), Shape::from(&shape[..]));
                Error::shape(format!("expected {what} that broadcasts to {wanted}, got shape {got}"))
            })
        };
        if let Some(bias) = bias {
            scores = add(&scores, &cast(&fitted("a bias", bias)?, wide)?)?;
        }
        let mut seen = mask.map(|m| cast(&fitted("a mask", m)?, DType::Bool)).transpose()?;
        if is_causal {
            let count = |n: usize| listed(n, |i| i as i64).map(Tensor::from);
            let before = greater_equal(&expand_dims(&count(length)?, -1)?, &count(source)?)?;
            seen = Some(seen.map_or(Ok(before.clone()), |m| logical_and(&m, &before))?);
        }
        if let Some(seen) = seen {
            let largest = if wide == DType::F64 { f64::MAX } else { f64::from(f32::MAX) };
            scores = r#where(&seen, &scores, &weak(&scores, -0.7 * largest)?)?;
        }
        let weights = cast(&softmax(&scores, -1)?, dtype)?;
        transpose(&matmul(&weights, &repeated(x[2])?)?, Some(&[0, 2, 1, 3]))
    })
}
