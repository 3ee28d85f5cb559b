//! `random_bits`: 32 random bits an element, the source of all random numbers.

use crate::{Domain, Expr, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};

/// 32 random bits an element, as `uint32`, from the counter-based generator Philox4x32-10.
///
/// The inputs are two `uint32` scalars, a generator's seed and its counter. The bits depend on them, on
/// `stream` and on the element's place, and on nothing else: not on threads, devices or other draws.
///
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#[derive(Clone, Debug)]
pub struct RandomBits {
    /// The shape of the result.
    pub shape: Vec<usize>,
    /// Which of several independent streams of one draw.
    pub stream: u32,
}

/// Checks the two inputs of every random operation.
pub(super) fn state(inputs: &[Meta]) -> Result<()> {
    let [seed, counter] = crate::op::arguments(inputs)?;
    for x in [seed, counter] {
        if x.dtype != DType::U32 || x.shape.rank() != 0 {
            return Err(Error::dtype(format!("expected a uint32 scalar as generator state, got {x}")));
        }
    }
    Ok(())
}

/// The expression for the bits of one element of a tensor of the given shape.
pub(super) fn expression(shape: &[usize], stream: u32) -> Expr {
    let mut place = Expr::constant(0i64, DType::I64);
    let mut stride = 1i64;
    for (axis, &n) in shape.iter().enumerate().rev() {
        let step = Expr::index(axis) * Expr::constant(stride, DType::I64);
        place = if stride == 1 { Expr::index(axis) } else { place + step };
        stride *= n.max(1) as i64;
    }
    Expr::random(Expr::input(0, DType::U32), Expr::input(1, DType::U32), place, stream)
}

impl Op for RandomBits {
    fn name(&self) -> &'static str {
        "random_bits"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        state(inputs)?;
        rhyton_base::element_count(&self.shape)?;
        Ok(vec![Meta::new(DType::U32, &self.shape)])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Map(expression(&self.shape, self.stream))
    }
}

impl RandomBits {
    /// Cases for the tests that walk the registry: the authors' known answer for key and counter 0.
    pub fn samples() -> Vec<Sample> {
        let zero = || Domain::exact(DType::U32, [], &[0.0]);
        vec![
            Sample::new(RandomBits { shape: vec![4], stream: 0 }, [zero(), zero()])
                .expect(&[0x6627e8d5u32, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8].map(f64::from)),
        ]
    }
}
