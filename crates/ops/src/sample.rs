//! Where tests look: for each operation, arguments on which it is defined and smooth, and known answers.

use crate::op::{Op, OpRef};
use rhyton_base::DType;
use std::sync::Arc;

/// Where a test draws an argument from.
#[derive(Clone, Debug)]
pub enum Domain {
    /// Uniform numbers between two bounds, in a tensor of this shape.
    Uniform {
        /// The tensor's shape.
        shape: Vec<usize>,
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
    /// These numbers, in a tensor of this type and shape. Integers and truth values are not differentiated.
    Exact {
        /// The element type.
        dtype: DType,
        /// The tensor's shape.
        shape: Vec<usize>,
        /// The elements, row-major.
        values: Vec<f64>,
    },
}

/// One test case of an operation.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The operation with its attributes.
    pub op: OpRef,
    /// Its arguments.
    pub inputs: Vec<Domain>,
    /// The elements of its first output, where they are known from elsewhere.
    pub expected: Option<Vec<f64>>,
}

impl Domain {
    /// Uniform numbers in `low..high`.
    pub fn uniform<const N: usize>(shape: [usize; N], low: f64, high: f64) -> Domain {
        Domain::Uniform { shape: shape.to_vec(), low, high }
    }

    /// The numbers of a vector of `float64`.
    pub fn vector(values: &[f64]) -> Domain {
        Domain::Exact { dtype: DType::F64, shape: vec![values.len()], values: values.to_vec() }
    }

    /// Given numbers of a given type and shape.
    pub fn exact<const N: usize>(dtype: DType, shape: [usize; N], values: &[f64]) -> Domain {
        Domain::Exact { dtype, shape: shape.to_vec(), values: values.to_vec() }
    }
}

impl Sample {
    /// A case whose gradients are compared with finite differences.
    pub fn new(op: impl Op, inputs: impl Into<Vec<Domain>>) -> Sample {
        Sample { op: Arc::new(op), inputs: inputs.into(), expected: None }
    }

    /// The same, with the answer known.
    #[must_use]
    pub fn expect(mut self, values: &[f64]) -> Sample {
        self.expected = Some(values.to_vec());
        self
    }
}
