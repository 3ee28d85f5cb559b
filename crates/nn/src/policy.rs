//! Dtype policies: which type a layer computes in and which type its weights have.

use rhyton_base::{DType, Error, Result, did_you_mean};
use std::fmt;
use std::str::FromStr;
use std::sync::RwLock;

/// The type that layers compute in and the type of their weights.
///
/// `"mixed_bfloat16"` and `"mixed_float16"` compute in half precision with `float32` weights; the name of an
/// element type stands for both.
///
/// ```
/// use rhyton_nn::DTypePolicy;
/// use rhyton_tensor::DType;
/// let mixed: DTypePolicy = "mixed_bfloat16".parse()?;
/// assert_eq!((mixed.compute_dtype(), mixed.variable_dtype()), (DType::BF16, DType::F32));
/// assert_eq!(DTypePolicy::from(DType::F64).name(), "float64");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/dtype_policies/dtype_policy.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DTypePolicy {
    compute: DType,
    variable: DType,
}

impl DTypePolicy {
    /// The type of computations and results.
    pub fn compute_dtype(&self) -> DType {
        self.compute
    }

    /// The type of weights.
    pub fn variable_dtype(&self) -> DType {
        self.variable
    }

    /// The name: `"float32"`, `"mixed_bfloat16"`.
    pub fn name(&self) -> String {
        match self.compute == self.variable {
            true => self.compute.name().to_string(),
            false => format!("mixed_{}", self.compute.name()),
        }
    }
}

impl From<DType> for DTypePolicy {
    fn from(dtype: DType) -> DTypePolicy {
        DTypePolicy { compute: dtype, variable: dtype }
    }
}

impl FromStr for DTypePolicy {
    type Err = Error;

    fn from_str(name: &str) -> Result<DTypePolicy> {
        match name {
            "mixed_bfloat16" => Ok(DTypePolicy { compute: DType::BF16, variable: DType::F32 }),
            "mixed_float16" => Ok(DTypePolicy { compute: DType::F16, variable: DType::F32 }),
            _ => name.parse::<DType>().map(DTypePolicy::from).map_err(|_| {
                let mut known: Vec<&str> = DType::ALL.iter().map(|d| d.name()).collect();
                known.extend(["mixed_bfloat16", "mixed_float16"]);
                Error::name(format!("unknown dtype policy {name:?}{}", did_you_mean(name, &known)))
            }),
        }
    }
}

impl fmt::Display for DTypePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

static POLICY: RwLock<Option<DTypePolicy>> = RwLock::new(None);

/// The policy of layers that are given none: [`crate::config::floatx`] unless [`set_dtype_policy`] says otherwise.
pub fn dtype_policy() -> DTypePolicy {
    POLICY.read().unwrap_or_else(|e| e.into_inner()).unwrap_or_else(|| crate::config::floatx().into())
}

/// Changes [`dtype_policy`] for all layers that are made afterwards.
///
/// # Errors
/// Where nobody knows the name.
pub fn set_dtype_policy(name: &str) -> Result<()> {
    let policy = name.parse::<DTypePolicy>().map_err(|e| e.at("set_dtype_policy"))?;
    *POLICY.write().unwrap_or_else(|e| e.into_inner()) = Some(policy);
    Ok(())
}
