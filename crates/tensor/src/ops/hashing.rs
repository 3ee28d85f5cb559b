//! Buckets by hashes.

use super::{bitwise_xor, cast, full, multiply, right_shift, view};
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Context, DType, Error, Result, Scalar};
use rhyton_ops::index::HashBucket;

/// The bucket, `0` to `buckets - 1`, that each whole number falls into by the hash of its digits, as `int64`: FarmHash's
/// 64-bit fingerprint, or SipHash-2-4 with two keys. The same buckets as TensorFlow's `to_hash_bucket_fast` and `to_hash_bucket_strong`.
///
/// # Errors
/// Where the numbers are not integers, or there is no bucket.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([0, -1, 12]);
/// assert_eq!(ops::hash_bucket(&x, 1000, None)?.to_vec::<i64>()?, [735, 430, 888]);
/// assert_eq!(ops::hash_bucket(&x, 1000, Some([133, 137]))?.to_vec::<i64>()?, [369, 874, 217]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn hash_bucket(x: &Tensor, buckets: u64, keys: Option<[u64; 2]>) -> Result<Tensor> {
    operation("hash_bucket", &[x], move |x| {
        integers(x[0])?;
        apply_one(HashBucket { buckets, keys }, &[&cast(x[0], DType::I64)?])
    })
}

/// The bucket that the whole numbers at each place fall into together, as `int64`. Numbers that stand for texts are the fingerprints
/// of these. The same buckets as TensorFlow's `sparse.cross_hashed`.
///
/// # Errors
/// Where the numbers are not integers or not of one shape, or there is no bucket.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let together = ops::hash_cross(&[&Tensor::from([1, 1]), &Tensor::from([1, 2])], 100)?.to_vec::<i64>()?;
/// assert_ne!(together[0], together[1]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn hash_cross(columns: &[&Tensor], buckets: u64) -> Result<Tensor> {
    const MULTIPLIER: u64 = 0xc6a4_a793_5bd1_e995;
    const KEY: u64 = 0xDE_CAFC_AFFE;
    operation("hash_cross", columns, move |columns| {
        let modulus = i64::try_from(buckets).ok().filter(|&n| n > 0);
        let modulus =
            modulus.ok_or_else(|| Error::value(format!("expected 1 to 2^63 - 1 buckets, got {buckets}")))?;
        let number = |n: u64| full([], Scalar::from(n as i64), DType::I64).and_then(|x| view(&x, DType::U64));
        let multiplier = number(MULTIPLIER)?;
        let mixed = |x: &Tensor| bitwise_xor(x, &right_shift(x, &number(47)?)?);
        let mut hash = number(KEY)?;
        for (i, column) in columns.iter().enumerate() {
            integers(column).at(|| format!("column {i}"))?;
            let column = view(&cast(column, DType::I64)?, DType::U64)?;
            let part = multiply(&mixed(&multiply(&column, &multiplier)?)?, &multiplier)?;
            hash = multiply(&bitwise_xor(&bitwise_xor(&hash, &multiplier)?, &part)?, &multiplier)?;
            hash = mixed(&multiply(&mixed(&hash)?, &multiplier)?)?;
        }
        cast(&super::r#mod(&hash, &number(modulus as u64)?)?, DType::I64)
    })
}

fn integers(x: &Tensor) -> Result<()> {
    match x.dtype().is_integer() {
        true => Ok(()),
        false => Err(Error::dtype(format!("expected whole numbers, got {}", x.dtype()))),
    }
}
