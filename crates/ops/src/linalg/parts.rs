//! What the rules of linear algebra share: checks of shapes, triangles, products with transposes.

use crate::build::{Build, Value};
use crate::op::Meta;
use crate::shape::Iota;
use rhyton_base::{DType, Dim, Error, Result, Shape};

/// Kernels of linear algebra: the operations of the same names describe them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // Each is described with its operation.
pub enum Factorization {
    Cholesky,
    Lu,
    Det,
    SlogDet,
    Solve,
    Triangular { lower: bool },
    Qr { complete: bool },
    Svd { full: bool, vectors: bool },
    Eigh,
}

/// Leading axes, rows and columns of float matrices.
pub(super) fn matrix(x: &Meta) -> Result<(&[Dim], Dim, Dim)> {
    if !matches!(x.dtype, DType::F32 | DType::F64) {
        return Err(Error::dtype(format!("expected float32 or float64, got {}", x.dtype)));
    }
    if x.shape.rank() < 2 {
        return Err(Error::shape(format!("expected matrices of rank 2 or more, got shape {}", x.shape)));
    }
    let (lead, last) = x.shape.dims().split_at(x.shape.rank() - 2);
    Ok((lead, last[0], last[1]))
}

/// Leading axes and size of square matrices.
pub(super) fn square(x: &Meta) -> Result<(&[Dim], Dim)> {
    let (lead, m, n) = matrix(x)?;
    if !m.fits(n) {
        return Err(Error::shape(format!("expected square matrices, got shape {}", x.shape)));
    }
    Ok((lead, if m.known().is_some() { m } else { n }))
}

/// The smaller of two sizes, unknown where either is, unless one is the least there is.
pub(super) fn least(m: Dim, n: Dim) -> Dim {
    match (m.known(), n.known()) {
        (Some(m), Some(n)) => Dim::Known(m.min(n)),
        (Some(0), _) | (_, Some(0)) => Dim::Known(0),
        _ => Dim::Unknown,
    }
}

/// Leading axes followed by others.
pub(super) fn shaped(lead: &[Dim], last: impl IntoIterator<Item = Dim>) -> Shape {
    lead.iter().copied().chain(last).collect()
}

/// Right sides that fit square matrices with the same leading axes.
pub(super) fn sides(a: &Meta, b: &Meta) -> Result<Vec<Meta>> {
    crate::elementwise::rules::same_type(a, b)?;
    let (lead, n) = square(a)?;
    let (b_lead, rows, _) = matrix(b)?;
    let same = lead.len() == b_lead.len() && lead.iter().zip(b_lead).all(|(x, y)| x.fits(*y));
    if !same || !n.fits(rows) {
        return Err(Error::shape(format!(
            "right sides of shape {} do not fit matrices of shape {}",
            b.shape, a.shape
        )));
    }
    Ok(vec![b.clone()])
}

/// `a · bᵀ`.
pub(super) fn times_transposed(b: &mut dyn Build, x: Value, y: Value) -> Result<Value> {
    let y = b.transpose_last(y)?;
    b.matmul(x, y)
}

/// `aᵀ · b`.
pub(super) fn transposed_times(b: &mut dyn Build, x: Value, y: Value) -> Result<Value> {
    let x = b.transpose_last(x)?;
    b.matmul(x, y)
}

/// Rows and columns of the last two axes, as coordinates that broadcast over them.
fn coordinates(b: &mut dyn Build, x: Value) -> Result<(Value, Value)> {
    let dims = b.dims(x);
    let (m, n) = (dims[dims.len() - 2], dims[dims.len() - 1]);
    let rows = b.one(Iota { shape: vec![m, 1], axis: 0, dtype: DType::I64 }, &[])?;
    let columns = b.one(Iota { shape: vec![1, n], axis: 1, dtype: DType::I64 }, &[])?;
    Ok((rows, columns))
}

/// The lower (or upper) triangle with its diagonal times a factor, zeros elsewhere.
pub(super) fn triangle(b: &mut dyn Build, x: Value, lower: bool, diagonal: f64) -> Result<Value> {
    let (rows, columns) = coordinates(b, x)?;
    let (low, high) = if lower { (columns, rows) } else { (rows, columns) };
    let inside = b.less(low, high)?;
    let on = b.equal(rows, columns)?;
    let zero = b.like(x, 0.0)?;
    let scaled = if diagonal == 0.0 { zero } else { b.scale(x, diagonal)? };
    let rest = b.select(on, scaled, zero)?;
    b.select(inside, x, rest)
}

/// A matrix with the numbers of the last axis on its diagonal.
pub(super) fn diagonal_matrix(b: &mut dyn Build, x: Value) -> Result<Value> {
    let n = *b.dims(x).last().expect("rank 1 or more");
    let spread = b.expand_dims(x, -1)?;
    let unit = identity(b, n, x)?;
    b.mul(spread, unit)
}

/// The unit matrix, of the type of `like`.
fn identity(b: &mut dyn Build, n: usize, like: Value) -> Result<Value> {
    let dtype = b.dtype(like);
    let zero = b.full(&[n, n], 0.0, dtype)?;
    let (rows, columns) = coordinates(b, zero)?;
    let on = b.equal(rows, columns)?;
    b.cast(on, dtype)
}

/// `1 / (x[j] - x[i])` off the diagonal, 0 on it.
pub(super) fn reciprocal_gaps(b: &mut dyn Build, x: Value) -> Result<Value> {
    let n = *b.dims(x).last().expect("rank 1 or more");
    let (across, down) = (b.expand_dims(x, -2)?, b.expand_dims(x, -1)?);
    let gap = b.sub(across, down)?;
    let unit = identity(b, n, x)?;
    let safe = b.add(gap, unit)?;
    let inverse = b.reciprocal(safe)?;
    b.sub(inverse, unit)
}

/// The gradient of a function that reads the lower triangle only, from that of the symmetric matrix.
pub(super) fn of_lower_triangle(b: &mut dyn Build, g: Value) -> Result<Value> {
    let t = b.transpose_last(g)?;
    let both = b.add(g, t)?;
    triangle(b, both, true, 0.5)
}

/// `A⁻ᵀ`.
pub(super) fn inverse_transposed(b: &mut dyn Build, a: Value) -> Result<Value> {
    let dims = b.dims(a);
    let unit = identity(b, dims[dims.len() - 1], a)?;
    let unit = b.broadcast_to(unit, &dims)?;
    let t = b.transpose_last(a)?;
    b.one(super::Solve, &[t, unit])
}
