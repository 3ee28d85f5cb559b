//! What an operation is.

use crate::build::{Build, Value};
use crate::expr::Expr;
use crate::index::HashBucket;
use crate::linalg::Factorization;
use crate::random::Draw;
use crate::window::Slide;
use rhyton_base::{DType, Result, Scalar, Shape};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// What is known of a tensor before it exists: its element type and its shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Meta {
    /// The element type.
    pub dtype: DType,
    /// The shape; dimensions may be unknown.
    pub shape: Shape,
}

impl Meta {
    /// A tensor of this type and shape.
    pub fn new(dtype: DType, shape: impl Into<Shape>) -> Meta {
        Meta { dtype, shape: shape.into() }
    }

    /// The sizes, which must be known by now.
    pub fn dims(&self) -> Vec<usize> {
        self.shape.known().expect("lowering and gradients see known shapes only")
    }
}

/// `float32(None, 10)`.
impl fmt::Display for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.dtype, self.shape)
    }
}

/// A shared operation.
pub type OpRef = Arc<dyn Op>;

/// The gradients with respect to each input of an operation; `None` where it does not depend on it smoothly.
pub type Grads = Result<Vec<Option<Value>>>;

/// One use of an operation, as its gradient rule sees it.
pub struct Application<'a> {
    /// What went in.
    pub inputs: &'a [Value],
    /// What came out.
    pub outputs: &'a [Value],
    /// The gradient with respect to each output; `None` where nothing depends on that output.
    pub cotangents: &'a [Option<Value>],
    /// Which inputs a gradient is asked for; rules may skip the others.
    pub wanted: &'a [bool],
}

/// An operation: a pure function of tensors.
///
/// `Debug` prints its name and attributes; two operations that print alike must compute alike (the graph
/// compiler merges equal work by this text).
pub trait Op: Any + fmt::Debug + Send + Sync {
    /// The name in lower case: `"matmul"`.
    fn name(&self) -> &'static str;

    /// Types and shapes of the outputs, or an error that says what does not fit. The error need not name the
    /// operation; the caller does.
    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>>;

    /// What backends execute. Shapes are known and have passed [`Op::infer`].
    fn lower(&self, inputs: &[Meta]) -> Lowered;

    /// The operation in terms of others, for those that lower to [`Lowered::Compose`].
    fn compose(&self, _b: &mut dyn Build, _inputs: &[Value]) -> Result<Vec<Value>> {
        unreachable!("{} does not lower to Compose", self.name())
    }

    /// The gradient rule: cotangents of the inputs from those of the outputs. By default there is none, which
    /// is right for operations that are flat everywhere (comparisons, rounding, argmax).
    fn vjp(&self, _b: &mut dyn Build, a: &Application) -> Grads {
        Ok(vec![None; a.inputs.len()])
    }
}

/// What backends execute.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Lowered {
    /// One scalar expression at every place of the output; inputs are broadcast to it.
    Map(Expr),
    /// The elements of the input, combined over the axes.
    Reduce(ReduceFn, Vec<usize>),
    /// The same elements seen differently.
    View(View),
    /// Matrix product over the last two axes; leading axes are broadcast together.
    MatMul,
    /// A kernel of its own.
    Kernel(Kernel),
    /// Functions of their own, run as numbers say.
    Control(crate::control::Control),
    /// A combination of other operations; see [`Op::compose`].
    Compose,
}

/// How a reduction combines elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // Each is the operation of its name.
pub enum ReduceFn {
    Sum,
    Prod,
    Max,
    Min,
}

/// The same elements seen differently; no arithmetic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// The same elements in row-major order in another shape; copies where strides do not allow a view.
    Reshape(Vec<usize>),
    /// Axis `i` of the result is axis `.0[i]` of the input.
    Permute(Vec<usize>),
    /// Stretched by NumPy's broadcasting rule.
    Broadcast(Vec<usize>),
    /// Along every axis `(start, step, length)`; `start` counts from the front, `step` may be negative.
    Slice(Vec<(usize, isize, usize)>),
}

/// Kernels that are neither loops over expressions nor matrix products.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kernel {
    /// Inputs `(x, indices)`: the slices of `x` along `axis` at the indices, which must lie in `-n..n`.
    Gather {
        /// The axis of `x` that the indices choose from.
        axis: usize,
    },
    /// Inputs `(indices, updates)`: zeros of size `size` along `axis`, with each slice of the updates added at
    /// its index; the transpose of [`Kernel::Gather`].
    ScatterAdd {
        /// The axis that the indices choose from.
        axis: usize,
        /// The size of that axis.
        size: usize,
    },
    /// The first place of the largest (or smallest) element along `axis`, as `int64`; NaN counts as both.
    ArgReduce {
        /// Largest or smallest.
        largest: bool,
        /// The axis to look along; it is removed.
        axis: usize,
    },
    /// The inputs one after another along `axis`.
    Concat {
        /// The axis along which they are joined.
        axis: usize,
    },
    /// A tensor of shape `shape` full of `value`, with the input placed at `start + i * step` along every axis.
    Embed {
        /// The shape of the result.
        shape: Vec<usize>,
        /// Along every axis `(start, step)`; `step` may be negative.
        places: Vec<(usize, isize)>,
        /// What stands everywhere else.
        value: Scalar,
    },
    /// Inputs `(x, part)`: `x` with the part in place of the elements at `start + i * step` along every axis.
    Overwrite {
        /// Along every axis `(start, step)`; `step` may be negative.
        places: Vec<(usize, isize)>,
    },
    /// Inputs `(x, indices)` of one rank: along `axis` the elements of `x` at the indices, which must lie in `-n..n`.
    TakeAlong {
        /// The axis that the indices choose along.
        axis: usize,
    },
    /// Inputs `(indices, updates)` of one shape: zeros, to which each update is added at its index along `axis`.
    AddAlong {
        /// The axis that the indices choose along.
        axis: usize,
    },
    /// One integer tensor an axis: the row-major place as `int64`; indices must lie in `-n..n`.
    RavelIndex {
        /// The sizes of the axes.
        sizes: Vec<usize>,
        /// What errors call the axes.
        axes: Vec<usize>,
    },
    /// Inputs `(indices, updates)`: the slices of the updates combined at each index of the first axis, beginning
    /// with the neutral number of `f`.
    ScatterReduce {
        /// How slices are combined.
        f: ReduceFn,
    },
    /// Inputs `(x, indices, updates)`: `x` with the slices at the indices of the first axis replaced, the last winning.
    ScatterSet,
    /// The bucket that each number's digits fall into by their hash, as `int64`.
    HashBucket(HashBucket),
    /// The elements along the last axis in rising order, NaN last.
    Sort,
    /// The places of the elements along the last axis in stable order, as `int64`, as many as the result has room
    /// for; NaN counts as the largest.
    ArgSort {
        /// Whether the largest comes first.
        descending: bool,
    },
    /// Inputs `(sorted, x)`: for each element how many of the sorted vector stand before it, as `int64`.
    SearchSorted {
        /// Whether elements that are equal stand before it.
        right: bool,
    },
    /// Running sums or products along an axis.
    Scan {
        /// The axis to go along.
        axis: usize,
        /// Products rather than sums.
        product: bool,
        /// From the end.
        reverse: bool,
    },
    /// Softmax, or its logarithm, along the last axis.
    Softmax {
        /// The logarithm.
        log: bool,
    },
    /// The bytes as they are, for a result of another type.
    Bitcast,
    /// A factorization of matrices, or what follows from one; inputs and results are those of the operation.
    Linalg(Factorization),
    /// Inputs and results `(re, im)`: the discrete Fourier transform of the last axis, not scaled.
    Fft {
        /// The sign of the exponent: minus for the transform, plus for its inverse.
        inverse: bool,
    },
    /// Inputs `(seed, counter, …)`: random numbers that take several words an element.
    Draw(Draw),
    /// Inputs `(x, w)`: convolution of `[batch, spatial…, channels]` with `[window…, channels / groups, filters]`.
    Conv {
        /// How the window slides along each spatial axis.
        slides: Vec<Slide>,
        /// The parts into which channels and filters are cut.
        groups: usize,
    },
    /// Sums over sliding windows of `[batch, spatial…, channels]`.
    WindowSum {
        /// The window's size along each spatial axis.
        sizes: Vec<usize>,
        /// How the window slides along each spatial axis.
        slides: Vec<Slide>,
    },
    /// The largest elements of sliding windows over `[batch, spatial…, channels]`, or where they stand. No input is
    /// spread, and every window holds an element.
    WindowMax {
        /// The window's size along each spatial axis.
        sizes: Vec<usize>,
        /// How the window slides along each spatial axis.
        slides: Vec<Slide>,
        /// The result is the place of the first largest element in the input, row-major, as `int64`.
        places: bool,
    },
}

impl Kernel {
    /// Whether it works on whole tensors without gaps; the others are made of loops over parts of tensors.
    pub fn takes_whole(&self) -> bool {
        !matches!(self, Kernel::Concat { .. } | Kernel::Embed { .. } | Kernel::Overwrite { .. })
    }
}

/// The arguments as an array of the expected length.
pub(crate) fn arguments<const N: usize>(inputs: &[Meta]) -> Result<[&Meta; N]> {
    let all: Vec<&Meta> = inputs.iter().collect();
    all.try_into().map_err(|_| {
        rhyton_base::Error::value(format!(
            "expected {N} {}, got {}",
            if N == 1 { "tensor" } else { "tensors" },
            inputs.len()
        ))
    })
}
