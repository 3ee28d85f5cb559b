//! Draws that take several random words an element: `random_gamma`, `random_binomial`, `random_integers`,
//! `random_permutation`.

use crate::{Domain, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};

/// What a kernel draws; see the operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Draw {
    /// Input `alpha` in `float64`.
    Gamma {
        /// The logarithm instead of the number itself.
        log: bool,
    },
    /// Inputs `counts` and `probabilities` in `float64`.
    Binomial,
    /// `int64` from `low` on.
    Integers {
        /// The smallest.
        low: i64,
        /// How many different ones; 0 stands for all of 2⁶⁴.
        span: u64,
    },
    /// An order of its own for every line along an axis.
    Permutation {
        /// The axis.
        axis: usize,
    },
}

fn state(inputs: &[Meta], parameters: usize) -> Result<()> {
    if inputs.len() != 2 + parameters {
        return Err(Error::value(format!("expected {} tensors, got {}", 2 + parameters, inputs.len())));
    }
    super::bits::state(&inputs[..2])
}

/// Parameters in `float64`, one for every element.
fn parameters(inputs: &[Meta], count: usize) -> Result<Vec<Meta>> {
    state(inputs, count)?;
    for x in &inputs[2..] {
        if x.dtype != DType::F64 || !x.shape.fits(&inputs[2].shape) {
            return Err(Error::dtype(format!("expected float64 parameters of one shape, got {x}")));
        }
    }
    Ok(vec![inputs[2].clone()])
}

fn zero() -> Domain {
    Domain::exact(DType::U32, [], &[0.0])
}

/// Numbers from the gamma distribution with the shape `alpha` and scale 1, or their logarithms. No gradient flows to
/// `alpha`.
#[derive(Clone, Copy, Debug)]
pub struct RandomGamma {
    /// The logarithm instead of the number itself, for shapes so small that the number underflows.
    pub log: bool,
}

impl Op for RandomGamma {
    fn name(&self) -> &'static str {
        "random_gamma"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        parameters(inputs, 1)
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Draw(Draw::Gamma { log: self.log }))
    }
}

impl RandomGamma {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![Sample::new(RandomGamma { log: false }, [zero(), zero(), Domain::vector(&[0.0])]).expect(&[0.0])]
    }
}

/// How many of `counts` trials succeed, each with a probability.
#[derive(Clone, Copy, Debug)]
pub struct RandomBinomial;

impl Op for RandomBinomial {
    fn name(&self) -> &'static str {
        "random_binomial"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        parameters(inputs, 2)
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Draw(Draw::Binomial))
    }
}

impl RandomBinomial {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let sure = [zero(), zero(), Domain::vector(&[7.0, 7.0, 0.0]), Domain::vector(&[1.0, 0.0, 0.5])];
        vec![Sample::new(RandomBinomial, sure).expect(&[7.0, 0.0, 0.0])]
    }
}

/// Whole numbers drawn evenly, as `int64`.
#[derive(Clone, Debug)]
pub struct RandomIntegers {
    /// The shape of the result.
    pub shape: Vec<usize>,
    /// The smallest number.
    pub low: i64,
    /// How many different numbers; 0 stands for all of 2⁶⁴.
    pub span: u64,
}

impl Op for RandomIntegers {
    fn name(&self) -> &'static str {
        "random_integers"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        state(inputs, 0)?;
        rhyton_base::element_count(&self.shape)?;
        Ok(vec![Meta::new(DType::I64, &self.shape)])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Draw(Draw::Integers { low: self.low, span: self.span }))
    }
}

impl RandomIntegers {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let op = RandomIntegers { shape: vec![2], low: -5, span: 1 };
        vec![Sample::new(op, [zero(), zero()]).expect(&[-5.0, -5.0])]
    }
}

/// For every line along an axis an order drawn evenly from all orders, as `int64` places in the flat tensor.
#[derive(Clone, Debug)]
pub struct RandomPermutation {
    /// The shape of the tensor to be put in order.
    pub shape: Vec<usize>,
    /// The axis of the lines.
    pub axis: usize,
}

impl Op for RandomPermutation {
    fn name(&self) -> &'static str {
        "random_permutation"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        state(inputs, 0)?;
        rhyton_base::element_count(&self.shape)?;
        rhyton_base::normalize_axis(self.axis as isize, self.shape.len())?;
        Ok(vec![Meta::new(DType::I64, &self.shape)])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Draw(Draw::Permutation { axis: self.axis }))
    }
}

impl RandomPermutation {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let op = RandomPermutation { shape: vec![3, 1], axis: 1 };
        vec![Sample::new(op, [zero(), zero()]).expect(&[0.0, 1.0, 2.0])]
    }
}
