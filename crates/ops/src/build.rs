//! The interface that gradient rules and composite operations are written against.

use crate::op::{Meta, OpRef};
use crate::{elementwise as e, index, linalg, reduce, shape as s};
use rhyton_base::{DType, Result, Scalar, normalize_axis, promote};
use std::sync::Arc;

/// A handle to a tensor inside a [`Build`]; meaningless in another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Value(pub u32);

/// Something that operations can be applied in: an eager session, which computes at once, or a trace, which
/// writes the operation down. Rules written against it work in both, and can be differentiated again.
pub trait Build {
    /// Applies `op`.
    fn emit(&mut self, op: OpRef, inputs: &[Value]) -> Result<Vec<Value>>;

    /// Type and shape of a value.
    fn meta(&self, v: Value) -> Meta;
}

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident $op:path;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self, x: Value) -> Result<Value> {
            self.one($op, &[x])
        }
    )*};
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident $op:path;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self, x: Value, y: Value) -> Result<Value> {
            let (x, y) = self.promoted(x, y)?;
            self.one($op, &[x, y])
        }
    )*};
}

impl dyn Build + '_ {
    /// Applies an operation that has one output.
    pub fn one(&mut self, op: impl crate::Op, inputs: &[Value]) -> Result<Value> {
        let out = self.emit(Arc::new(op), inputs)?;
        Ok(out[0])
    }

    /// Element type of a value.
    pub fn dtype(&self, v: Value) -> DType {
        self.meta(v).dtype
    }

    /// Sizes of a value, which must be known.
    pub fn dims(&self, v: Value) -> Vec<usize> {
        self.meta(v).dims()
    }

    fn promoted(&mut self, x: Value, y: Value) -> Result<(Value, Value)> {
        let dtype = promote(self.dtype(x), self.dtype(y));
        Ok((self.cast(x, dtype)?, self.cast(y, dtype)?))
    }

    /// A scalar constant.
    pub fn constant(&mut self, value: impl Into<Scalar>, dtype: DType) -> Result<Value> {
        self.full(&[], value, dtype)
    }

    /// A tensor full of one number.
    pub fn full(&mut self, shape: &[usize], value: impl Into<Scalar>, dtype: DType) -> Result<Value> {
        self.one(s::Full { shape: shape.to_vec(), value: value.into(), dtype }, &[])
    }

    /// A scalar constant of `x`'s type.
    pub fn like(&mut self, x: Value, value: f64) -> Result<Value> {
        let dtype = self.dtype(x);
        self.constant(value, dtype)
    }

    /// `x` in another element type.
    pub fn cast(&mut self, x: Value, dtype: DType) -> Result<Value> {
        if self.dtype(x) == dtype { Ok(x) } else { self.one(e::Cast { dtype }, &[x]) }
    }

    unary! {
        /// `-x`.
        neg e::Neg;
        /// The absolute value.
        abs e::Abs;
        /// -1, 0 or 1.
        sign e::Sign;
        /// `e^x`.
        exp e::Exp;
        /// The natural logarithm.
        log e::Log;
        /// `log(1 + x)`.
        log1p e::Log1p;
        /// The square root.
        sqrt e::Sqrt;
        /// `1 / sqrt(x)`.
        rsqrt e::Rsqrt;
        /// `x * x`.
        square e::Square;
        /// `1 / x`.
        reciprocal e::Reciprocal;
        /// The sine of radians.
        sin e::Sin;
        /// The cosine of radians.
        cos e::Cos;
        /// The hyperbolic sine.
        sinh e::Sinh;
        /// The hyperbolic cosine.
        cosh e::Cosh;
        /// The hyperbolic tangent.
        tanh e::Tanh;
        /// `1 / (1 + exp(-x))`.
        sigmoid e::Sigmoid;
        /// `max(x, 0)`.
        relu e::Relu;
        /// The larger towards minus infinity integer.
        floor e::Floor;
        /// Logical not.
        logical_not e::LogicalNot;
        /// The same value, through which no gradient flows.
        stop_gradient e::StopGradient;
    }

    binary! {
        /// `x + y`.
        add e::Add;
        /// `x - y`.
        sub e::Sub;
        /// `x * y`.
        mul e::Mul;
        /// `x / y` for floats.
        div e::Div;
        /// `x` to the power `y`.
        pow e::Pow;
        /// The larger of each pair.
        maximum e::Maximum;
        /// The smaller of each pair.
        minimum e::Minimum;
        /// `x == y`.
        equal e::Equal;
        /// `x != y`.
        not_equal e::NotEqual;
        /// `x < y`.
        less e::Less;
        /// `x <= y`.
        less_equal e::LessEqual;
        /// `x > y`.
        greater e::Greater;
        /// `x >= y`.
        greater_equal e::GreaterEqual;
        /// Logical and.
        logical_and e::LogicalAnd;
    }

    /// `yes` where `condition` holds, `no` elsewhere.
    pub fn select(&mut self, condition: Value, yes: Value, no: Value) -> Result<Value> {
        let (yes, no) = self.promoted(yes, no)?;
        self.one(e::Where, &[condition, yes, no])
    }

    /// `x * factor`.
    pub fn scale(&mut self, x: Value, factor: f64) -> Result<Value> {
        let c = self.like(x, factor)?;
        self.mul(x, c)
    }

    /// `x + term`.
    pub fn shift(&mut self, x: Value, term: f64) -> Result<Value> {
        let c = self.like(x, term)?;
        self.add(x, c)
    }

    /// The sum over some axes.
    pub fn sum(&mut self, x: Value, axes: &[usize], keepdims: bool) -> Result<Value> {
        self.one(reduce::Sum { axes: axes.to_vec(), keepdims }, &[x])
    }

    /// The largest element over some axes.
    pub fn max(&mut self, x: Value, axes: &[usize], keepdims: bool) -> Result<Value> {
        self.one(reduce::Max { axes: axes.to_vec(), keepdims }, &[x])
    }

    /// The arithmetic mean over some axes.
    pub fn mean(&mut self, x: Value, axes: &[usize], keepdims: bool) -> Result<Value> {
        let x = {
            let d = self.dtype(x).to_float();
            self.cast(x, d)?
        };
        let dims = self.dims(x);
        let count: usize = axes.iter().map(|&a| dims[a]).product();
        let total = self.sum(x, axes, keepdims)?;
        let n = self.like(total, count as f64)?;
        self.div(total, n)
    }

    /// The matrix product over the last two axes.
    pub fn matmul(&mut self, x: Value, y: Value) -> Result<Value> {
        let (x, y) = self.promoted(x, y)?;
        self.one(linalg::MatMul, &[x, y])
    }

    /// The last two axes exchanged.
    pub fn transpose_last(&mut self, x: Value) -> Result<Value> {
        let rank = self.meta(x).shape.rank();
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(rank - 1, rank - 2);
        self.permute(x, &order)
    }

    /// The axes in another order.
    pub fn permute(&mut self, x: Value, order: &[usize]) -> Result<Value> {
        self.one(s::Transpose { order: order.to_vec() }, &[x])
    }

    /// The same elements in another shape.
    pub fn reshape(&mut self, x: Value, shape: &[usize]) -> Result<Value> {
        if self.meta(x).shape.known().as_deref() == Some(shape) {
            return Ok(x);
        }
        self.one(s::Reshape { shape: shape.iter().map(|&n| Some(n)).collect() }, &[x])
    }

    /// A new axis of size 1 at `axis` of the result.
    pub fn expand_dims(&mut self, x: Value, axis: isize) -> Result<Value> {
        let mut dims = self.dims(x);
        let axis = normalize_axis(axis, dims.len() + 1)?;
        dims.insert(axis, 1);
        self.reshape(x, &dims)
    }

    /// Stretched by the broadcasting rule.
    pub fn broadcast_to(&mut self, x: Value, shape: &[usize]) -> Result<Value> {
        if self.meta(x).shape.known().as_deref() == Some(shape) {
            return Ok(x);
        }
        self.one(s::BroadcastTo { shape: shape.to_vec() }, &[x])
    }

    /// Summed over the axes along which a tensor of shape `shape` was stretched: the transpose of broadcasting.
    pub fn sum_to(&mut self, x: Value, shape: &[usize]) -> Result<Value> {
        let dims = self.dims(x);
        if dims == shape {
            return Ok(x);
        }
        let lead = dims.len() - shape.len();
        let axes: Vec<usize> =
            (0..dims.len()).filter(|&a| a < lead || (shape[a - lead] == 1 && dims[a] != 1)).collect();
        let total = if axes.is_empty() { x } else { self.sum(x, &axes, true)? };
        self.reshape(total, shape)
    }

    /// The slices of `x` along `axis` at the indices.
    pub fn gather(&mut self, x: Value, indices: Value, axis: usize) -> Result<Value> {
        self.one(index::Gather { axis: axis as isize }, &[x, indices])
    }
}
