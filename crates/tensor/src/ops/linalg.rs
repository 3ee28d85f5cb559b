//! Linear algebra on the matrices of the last two axes.
//!
//! Leading axes are a batch. `float32` and `float64` are computed as they are; half floats and integers in `float32`,
//! the former rounded back. `eig` is not here: its results are complex.

use super::{
    arange, broadcast_to, cast, equal, expand_dims, less, matmul, max, multiply, reshape, squeeze, sum,
    transpose,
};
use crate::dispatch::{apply, apply_one};
use crate::symbolic::{Results, operation};
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape, broadcast_shapes, did_you_mean, promote_all};
use rhyton_ops::{Op, linalg};
use std::sync::Arc;

/// Runs `f` on the inputs in `float32` or `float64`; float results come back in the type in which the inputs meet.
pub(super) fn in_real<R: Results>(
    name: &'static str,
    inputs: &[&Tensor],
    f: impl Fn(&[Tensor]) -> Result<R> + Send + Sync + 'static,
) -> Result<R> {
    operation(name, inputs, move |x| {
        let dtype = promote_all(x.iter().map(|x| x.dtype())).expect("at least one input").to_float();
        let work = if dtype == DType::F64 { DType::F64 } else { DType::F32 };
        let x = x.iter().map(|x| cast(x, work)).collect::<Result<Vec<_>>>()?;
        let back = |y: Tensor| if y.dtype() == work { cast(&y, dtype) } else { Ok(y) };
        Ok(R::from_vec(f(&x)?.into_vec().into_iter().map(back).collect::<Result<_>>()?))
    })
}

/// Applies an operation with several results.
fn several<R: Results>(op: impl Op, x: &Tensor) -> Result<R> {
    Ok(R::from_vec(apply(Arc::new(op), std::slice::from_ref(x))?))
}

/// The unit matrix.
fn identity(n: usize, dtype: DType) -> Result<Tensor> {
    let line = arange(n, DType::I64)?;
    cast(&equal(&expand_dims(&line, 1)?, &line)?, dtype)
}

/// The last two axes exchanged.
fn transposed(x: &Tensor) -> Result<Tensor> {
    let mut order: Vec<isize> = (0..x.rank() as isize).collect();
    let rank = order.len();
    order.swap(rank - 1, rank - 2);
    transpose(x, Some(&order))
}

fn expect_square(x: &Tensor) -> Result<usize> {
    match x.shape() {
        [.., m, n] if m == n => Ok(*n),
        shape if shape.len() < 2 => Err(Error::shape(format!(
            "expected matrices of rank 2 or more, got shape {}",
            Shape::from(shape)
        ))),
        shape => Err(Error::shape(format!("expected square matrices, got shape {}", Shape::from(shape)))),
    }
}

/// The triangular L with `A = L Lᵀ` of a positive definite matrix, or, if `upper`, U with `A = Uᵀ U`.
///
/// Only the lower (or, if `upper`, the upper) triangle of A is read.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let l = ops::cholesky(&Tensor::from([[4.0f32, 2.0], [2.0, 10.0]]), false).unwrap();
/// assert_eq!(l.to_vec::<f32>().unwrap(), [2.0, 0.0, 1.0, 3.0]);
/// ```
///
/// # Errors
/// Where matrices are not square, or, when it runs, one is not positive definite.
pub fn cholesky(x: &Tensor, upper: bool) -> Result<Tensor> {
    in_real("cholesky", &[x], move |x| {
        expect_square(&x[0])?;
        match upper {
            true => transposed(&apply_one(linalg::Cholesky, &[&transposed(&x[0])?])?),
            false => apply_one(linalg::Cholesky, &[&x[0]]),
        }
    })
}

/// The inverse of A from its triangular factor: `(L Lᵀ)⁻¹` for a lower L, `(Uᵀ U)⁻¹` for an upper U.
///
/// As in Keras the argument is the factor, what [`cholesky`] gives, and not A itself.
///
/// # Errors
/// Where matrices are not square, or, when it runs, a factor has a zero on its diagonal.
pub fn cholesky_inverse(x: &Tensor, upper: bool) -> Result<Tensor> {
    in_real("cholesky_inverse", &[x], move |x| {
        let n = expect_square(&x[0])?;
        let unit = broadcast_to(&identity(n, x[0].dtype())?, x[0].shape())?;
        let inverse = apply_one(linalg::SolveTriangular { lower: !upper }, &[&x[0], &unit])?;
        let t = transposed(&inverse)?;
        if upper { matmul(&inverse, &t) } else { matmul(&t, &inverse) }
    })
}

/// The determinant.
///
/// Its gradient, `det A · A⁻ᵀ`, is an error for a singular matrix.
///
/// # Errors
/// Where matrices are not square.
pub fn det(x: &Tensor) -> Result<Tensor> {
    in_real("det", &[x], |x| apply_one(linalg::Det, &[&x[0]]))
}

/// The sign of the determinant and the logarithm of its absolute value; `(0, -inf)` for a singular matrix.
///
/// # Errors
/// Where matrices are not square.
pub fn slogdet(x: &Tensor) -> Result<(Tensor, Tensor)> {
    in_real("slogdet", &[x], |x| several(linalg::SlogDet, &x[0]))
}

/// The logarithm of the absolute value of the determinant.
///
/// # Errors
/// Where matrices are not square.
pub fn logdet(x: &Tensor) -> Result<Tensor> {
    in_real("logdet", &[x], |x| Ok(several::<(Tensor, Tensor)>(linalg::SlogDet, &x[0])?.1))
}

/// The inverse of a square matrix.
///
/// # Errors
/// Where matrices are not square, or, when it runs, one is singular.
pub fn inv(x: &Tensor) -> Result<Tensor> {
    in_real("inv", &[x], |x| inverse(&x[0]))
}

fn inverse(x: &Tensor) -> Result<Tensor> {
    let unit = broadcast_to(&identity(expect_square(x)?, x.dtype())?, x.shape())?;
    apply_one(linalg::Solve, &[x, &unit])
}

/// LU with partial pivoting: L and U in one matrix (L below the diagonal, its own diagonal being ones), and for each
/// row the row that it was exchanged with, in order, as `int32` counted from 0.
///
/// It has no gradient, and a singular matrix is no error: U has a zero on its diagonal.
///
/// # Errors
/// Where the argument has no two axes.
pub fn lu_factor(x: &Tensor) -> Result<(Tensor, Tensor)> {
    in_real("lu_factor", &[x], |x| several(linalg::LuFactor, &x[0]))
}

/// The X with `A X = B`. A has shape `[…, n, n]`; B holds vectors, `[…, n]` with the leading axes of A, or matrices,
/// `[…, n, k]`, whose leading axes are broadcast with those of A.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = ops::solve(&Tensor::from([[2.0f32, 0.0], [1.0, 4.0]]), &Tensor::from([2.0f32, 9.0])).unwrap();
/// assert_eq!(x.to_vec::<f32>().unwrap(), [1.0, 2.0]);
/// ```
///
/// # Errors
/// Where shapes do not fit, or, when it runs, a matrix is singular.
pub fn solve(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    in_real("solve", &[a, b], |x| solved(linalg::Solve, &x[0], &x[1]))
}

/// The X with `T X = B`, where T is the lower or upper triangle of `a`; the other triangle is not read. Shapes are
/// those of [`solve`].
///
/// # Errors
/// Where shapes do not fit, or, when it runs, a matrix has a zero on its diagonal.
pub fn solve_triangular(a: &Tensor, b: &Tensor, lower: bool) -> Result<Tensor> {
    in_real("solve_triangular", &[a, b], move |x| solved(linalg::SolveTriangular { lower }, &x[0], &x[1]))
}

fn solved(op: impl Op + Copy, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let n = expect_square(a)?;
    let lead = &a.shape()[..a.rank() - 2];
    let vectors = b.rank() + 1 == a.rank() && b.shape() == &a.shape()[..a.rank() - 1];
    let fits = if vectors { true } else { b.rank() >= 2 && b.shape()[b.rank() - 2] == n };
    if !fits {
        return Err(Error::shape(format!(
            "right sides of shape {} do not fit matrices of shape {}; expected (…, {n}) or (…, {n}, k)",
            Shape::from(b.shape()),
            Shape::from(a.shape())
        )));
    }
    if vectors {
        let x = apply_one(op, &[a, &expand_dims(b, -1)?])?;
        return squeeze(&x, -1);
    }
    let k = b.shape()[b.rank() - 1];
    if lead.is_empty() && b.rank() > 2 {
        // One matrix for many right sides is factored once.
        let rank = b.rank() as isize;
        let order: Vec<isize> = [rank - 2].into_iter().chain(0..rank - 2).chain([rank - 1]).collect();
        let wide = transpose(b, Some(&order))?;
        let shape = wide.shape().to_vec();
        let x = apply_one(op, &[a, &reshape(&wide, [n, shape[1..].iter().product()])?])?;
        let back: Vec<isize> = (1..rank - 1).chain([0, rank - 1]).collect();
        return transpose(&reshape(&x, shape)?, Some(&back));
    }
    let lead = broadcast_shapes(&[lead, &b.shape()[..b.rank() - 2]])?;
    let over = |x: &Tensor, last: [usize; 2]| broadcast_to(x, &[&lead[..], &last].concat());
    apply_one(op, &[&over(a, [n, n])?, &over(b, [n, k])?])
}

/// `A = Q R` with orthonormal columns in Q and an upper triangular R. For `A` of shape `[…, m, n]` and
/// `k = min(m, n)`, mode `"reduced"` (Keras's default) gives `[…, m, k]` and `[…, k, n]`, mode `"complete"`
/// `[…, m, m]` and `[…, m, n]`.
///
/// It has gradients where `m >= n`, in mode `"reduced"`.
///
/// # Errors
/// Where the mode is unknown or the argument has no two axes.
pub fn qr(x: &Tensor, mode: &str) -> Result<(Tensor, Tensor)> {
    let complete = match mode {
        "reduced" => false,
        "complete" => true,
        other => {
            let hint = did_you_mean(other, &["reduced", "complete"]);
            return Err(Error::name(format!("unknown mode {other:?}{hint}")).at("qr"));
        }
    };
    in_real("qr", &[x], move |x| several(linalg::Qr { complete }, &x[0]))
}

/// `A = U diag(s) Vᵀ`: the result is `(U, s, Vᵀ)`, the singular values fall. With `full_matrices` (Keras's default) U
/// and V are square, otherwise they have `min(m, n)` columns. [`singular_values`] gives `s` alone (`compute_uv=False`).
///
/// The gradient needs distinct singular values, and for those of the vectors `full_matrices = false` or square
/// matrices. A matrix with NaN or infinite elements gives NaN.
///
/// # Errors
/// Where the argument has no two axes.
pub fn svd(x: &Tensor, full_matrices: bool) -> Result<(Tensor, Tensor, Tensor)> {
    in_real("svd", &[x], move |x| several(linalg::Svd { full: full_matrices, vectors: true }, &x[0]))
}

/// The singular values, falling: what [`svd`] computes without its vectors.
///
/// # Errors
/// Where the argument has no two axes.
pub fn singular_values(x: &Tensor) -> Result<Tensor> {
    in_real("svd", &[x], |x| apply_one(linalg::Svd { full: false, vectors: false }, &[&x[0]]))
}

/// `A = V diag(w) Vᵀ` of a symmetric matrix: the result is `(w, V)`, the eigenvalues rise, the eigenvectors are columns.
///
/// Only the lower triangle is read. The gradient needs distinct eigenvalues. A matrix with NaN or infinite elements
/// gives NaN.
///
/// # Errors
/// Where matrices are not square.
pub fn eigh(x: &Tensor) -> Result<(Tensor, Tensor)> {
    in_real("eigh", &[x], |x| several(linalg::Eigh, &x[0]))
}

fn epsilon(dtype: DType) -> f64 {
    if dtype == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) }
}

/// The Moore-Penrose inverse. Singular values up to `rcond` times the largest count as zero; by default `rcond` is
/// `10 · max(m, n) · ε`.
///
/// # Errors
/// Where the argument has no two axes.
pub fn pinv(x: &Tensor, rcond: Option<f64>) -> Result<Tensor> {
    in_real("pinv", &[x], move |x| {
        let size = x[0].shape().iter().rev().take(2).copied().max().unwrap_or(0);
        let rcond = rcond.unwrap_or(10.0 * size as f64 * epsilon(x[0].dtype()));
        apply_one(linalg::Pinv { rcond }, &[&x[0]])
    })
}

/// The X of least norm that makes `|A X - B|` smallest, for A of shape `[m, n]` and B of shape `[m]` or `[m, k]`.
/// Singular values up to `rcond` times the largest count as zero; by default `rcond` is `max(m, n) · ε`.
///
/// # Errors
/// Where ranks or sizes do not fit.
pub fn lstsq(a: &Tensor, b: &Tensor, rcond: Option<f64>) -> Result<Tensor> {
    in_real("lstsq", &[a, b], move |x| {
        let (a, b) = (&x[0], &x[1]);
        if a.rank() != 2 || !(1..=2).contains(&b.rank()) || a.shape()[0] != b.shape()[0] {
            return Err(Error::shape(format!(
                "expected a of shape (m, n) and b of shape (m,) or (m, k), got {} and {}",
                Shape::from(a.shape()),
                Shape::from(b.shape())
            )));
        }
        let size = a.shape()[0].max(a.shape()[1]);
        let rcond = match rcond {
            None => size as f64 * epsilon(a.dtype()),
            Some(r) if r < 0.0 => epsilon(a.dtype()),
            Some(r) => r,
        };
        matmul(&apply_one(linalg::Pinv { rcond }, &[a])?, b)
    })
}

/// How many singular values are above `tol`, as `int32`; by default `tol` is `max(m, n) · ε` times the largest.
///
/// # Errors
/// Where the argument has no two axes.
pub fn matrix_rank(x: &Tensor, tol: Option<f64>) -> Result<Tensor> {
    in_real("matrix_rank", &[x], move |x| {
        let s = apply_one(linalg::Svd { full: false, vectors: false }, &[&x[0]])?;
        if s.shape().last() == Some(&0) {
            return cast(&sum(&s, -1)?, DType::I32);
        }
        let floor = match tol {
            Some(tol) => super::weak(&s, tol)?,
            None => {
                let size = x[0].shape().iter().rev().take(2).copied().max().unwrap_or(0);
                let factor = super::weak(&s, size as f64 * epsilon(s.dtype()))?;
                multiply(&max(&s, crate::Axes::from(-1).keepdims())?, &factor)?
            }
        };
        sum(&cast(&less(&floor, &s)?, DType::I32)?, -1)
    })
}

/// A square matrix multiplied with itself `n` times, by repeated squaring; the unit matrix for 0, powers of the inverse
/// below 0. Integer matrices stay integers for `n >= 0`.
///
/// # Errors
/// Where matrices are not square, or, when it runs, one is singular and `n` is negative.
pub fn matrix_power(x: &Tensor, n: i64) -> Result<Tensor> {
    if n < 0 {
        return in_real("matrix_power", &[x], move |x| powers(&inverse(&x[0])?, n.unsigned_abs()));
    }
    operation("matrix_power", &[x], move |x| powers(x[0], n.unsigned_abs()))
}

fn powers(x: &Tensor, n: u64) -> Result<Tensor> {
    let size = expect_square(x)?;
    if n == 0 {
        return broadcast_to(&identity(size, x.dtype())?, x.shape());
    }
    let times = |x: &Tensor, y: &Tensor| apply_one(linalg::MatMul, &[x, y]);
    let mut square = x.clone();
    let mut result: Option<Tensor> = None;
    let mut rest = n;
    loop {
        if rest % 2 == 1 {
            result = Some(match result {
                Some(r) => times(&r, &square)?,
                None => square.clone(),
            });
        }
        rest /= 2;
        if rest == 0 {
            return Ok(result.expect("the power is not 0"));
        }
        square = times(&square, &square)?;
    }
}
