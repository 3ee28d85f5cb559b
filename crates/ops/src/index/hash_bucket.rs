//! `hash_bucket`: which of some buckets numbers fall into.

use crate::{Domain, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};
use std::hash::Hasher;

/// A hash of the decimal digits of each whole number, as the number of a bucket, `int64`.
///
/// The hash is FarmHash's 64-bit fingerprint, or SipHash-2-4 with keys: what texts and numbers are put into buckets by
/// in TensorFlow (`to_hash_bucket_fast`, `to_hash_bucket_strong`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HashBucket {
    /// How many buckets there are, 1 or more.
    pub buckets: u64,
    /// The keys of SipHash.
    pub keys: Option<[u64; 2]>,
}

impl HashBucket {
    /// The bucket of a text.
    pub fn of(&self, text: &[u8]) -> i64 {
        let hash = match self.keys {
            None => fingerprint(text),
            Some([first, second]) => {
                #[allow(deprecated)] // The standard library has it under this name only.
                let mut hasher = std::hash::SipHasher::new_with_keys(first, second);
                hasher.write(text);
                hasher.finish()
            }
        };
        (hash % self.buckets) as i64
    }
}

/// FarmHash's 64-bit fingerprint of a text.
pub fn fingerprint(text: &[u8]) -> u64 {
    farmhash::fingerprint64(text)
}

impl Op for HashBucket {
    fn name(&self) -> &'static str {
        "hash_bucket"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        if x.dtype != DType::I64 {
            return Err(Error::dtype(format!("expected whole numbers of type int64, got {}", x.dtype)));
        }
        if self.buckets == 0 || i64::try_from(self.buckets).is_err() {
            return Err(Error::value(format!("expected 1 to 2^63 - 1 buckets, got {}", self.buckets)));
        }
        Ok(vec![x.clone()])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::HashBucket(*self))
    }
}

impl HashBucket {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let inputs = || [Domain::exact(DType::I64, [4], &[0.0, -1.0, 12.0, 123_456_789_012.0])];
        vec![
            Sample::new(HashBucket { buckets: 1000, keys: None }, inputs())
                .expect(&[735.0, 430.0, 888.0, 427.0]),
            Sample::new(HashBucket { buckets: 1000, keys: Some([133, 137]) }, inputs())
                .expect(&[369.0, 874.0, 217.0, 897.0]),
        ]
    }
}
