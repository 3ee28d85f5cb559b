//! `solve` and `solve_triangular`: systems of linear equations.

use super::parts::{Factorization, sides, times_transposed, triangle};
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Result};

/// The X with `A X = B`, by LU with partial pivoting. A has shape `[…, n, n]`, B `[…, n, k]` with the same leading
/// axes. A singular matrix is an error when it runs.
#[derive(Clone, Copy, Debug)]
pub struct Solve;

impl Op for Solve {
    fn name(&self) -> &'static str {
        "solve"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [a, b] = crate::op::arguments(inputs)?;
        sides(a, b)
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Linalg(Factorization::Solve))
    }

    /// `gB = A⁻ᵀ g`, `gA = -gB Xᵀ`.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None, None]) };
        let at = b.transpose_last(a.inputs[0])?;
        let gb = b.one(Solve, &[at, g])?;
        let mut ga = None;
        if a.wanted[0] {
            let product = times_transposed(b, gb, a.outputs[0])?;
            ga = Some(b.neg(product)?);
        }
        Ok(vec![ga, Some(gb)])
    }
}

impl Solve {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Solve, [Domain::uniform([2, 1, 1], 1.0, 2.0), Domain::uniform([2, 1, 2], -1.0, 1.0)]),
            Sample::new(
                Solve,
                [
                    Domain::exact(DType::F64, [2, 2], &[0.0, 2.0, 4.0, 0.0]),
                    Domain::exact(DType::F64, [2, 1], &[6.0, 8.0]),
                ],
            )
            .expect(&[2.0, 3.0]),
        ]
    }
}

/// The X with `T X = B`, where T is the lower or upper triangle of the first input; the other triangle is not read. A
/// zero on the diagonal is an error when it runs.
#[derive(Clone, Copy, Debug)]
pub struct SolveTriangular {
    /// Which triangle.
    pub lower: bool,
}

impl Op for SolveTriangular {
    fn name(&self) -> &'static str {
        "solve_triangular"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [a, b] = crate::op::arguments(inputs)?;
        sides(a, b)
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Linalg(Factorization::Triangular { lower: self.lower }))
    }

    /// As for [`Solve`], kept to the triangle.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None, None]) };
        let at = b.transpose_last(a.inputs[0])?;
        let gb = b.one(SolveTriangular { lower: !self.lower }, &[at, g])?;
        let mut ga = None;
        if a.wanted[0] {
            let product = times_transposed(b, gb, a.outputs[0])?;
            let product = b.neg(product)?;
            ga = Some(triangle(b, product, self.lower, 1.0)?);
        }
        Ok(vec![ga, Some(gb)])
    }
}

impl SolveTriangular {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let matrix = || Domain::exact(DType::F64, [2, 2], &[2.0, 1.0, 3.0, 4.0]);
        let sides = || Domain::exact(DType::F64, [2, 1], &[4.0, 8.0]);
        vec![
            Sample::new(
                SolveTriangular { lower: true },
                [Domain::uniform([2, 2], 1.0, 2.0), Domain::uniform([2, 1], -1.0, 1.0)],
            ),
            Sample::new(SolveTriangular { lower: true }, [matrix(), sides()]).expect(&[2.0, 0.5]),
            Sample::new(SolveTriangular { lower: false }, [matrix(), sides()]).expect(&[1.0, 2.0]),
        ]
    }
}
