//! Descriptions of kernels with all shapes known: what a backend compiles.

use crate::control::ControlDesc;
use crate::label::Label;
use rhyton_base::{Context, DType, Error, Layout, Result};
use rhyton_ops::{Expr, Kernel, ReduceFn};

/// Where a kernel reads or writes: a buffer, and how places of the kernel's iteration space map to elements.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// Which slot of the program.
    pub buffer: usize,
    /// The type of the elements.
    pub dtype: DType,
    /// The first element, counted in bytes from the start of the buffer.
    pub offset: usize,
    /// Elements between neighbours along each axis of the iteration space; 0 repeats, negative goes back.
    pub strides: Vec<isize>,
}

impl Access {
    /// A view of a buffer whose shape is the iteration space.
    pub fn new(buffer: usize, dtype: DType, byte_offset: usize, layout: &Layout) -> Access {
        let offset = byte_offset + layout.offset() * dtype.size();
        Access { buffer, dtype, offset, strides: layout.strides().to_vec() }
    }

    /// The bytes from the lowest to past the highest element touched over `shape`; `None` for an empty shape.
    pub fn range(&self, shape: &[usize]) -> Option<(isize, isize)> {
        if shape.contains(&0) {
            return None;
        }
        let (mut low, mut high) = (0isize, 0isize);
        for (&n, &s) in shape.iter().zip(&self.strides) {
            let reach = (n.checked_sub(1)? as isize) * s;
            if reach < 0 { low += reach } else { high += reach }
        }
        let (size, start) = (self.dtype.size() as isize, self.offset as isize);
        Some((start + low * size, start + (high + 1) * size))
    }
}

/// One result of a [`Loop`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Output {
    /// The value at each place.
    pub expr: Expr,
    /// Where it goes; along reduced axes the strides are 0.
    pub access: Access,
    /// How values are combined along the loop's reduced axes; `None` for results at every place.
    pub reduce: Option<ReduceFn>,
}

/// Scalar expressions evaluated at every place of an iteration space, with any number of results, some stored
/// at every place and some reduced over the same axes.
///
/// An output may be the same memory as an input if both accesses are equal. Places are independent: a backend
/// may visit them in any order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Loop {
    /// The iteration space.
    pub shape: Vec<usize>,
    /// Which axes the reduced outputs are combined over.
    pub reduced: Vec<bool>,
    /// `Expr::Input(i)` is the element of `inputs[i]`.
    pub inputs: Vec<Access>,
    /// The results.
    pub outputs: Vec<Output>,
}

/// A matrix product, with loops over its result fused behind it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MatMul {
    /// The leading axes of the result.
    pub batch: Vec<usize>,
    /// Rows of the result.
    pub m: usize,
    /// Columns of the result.
    pub n: usize,
    /// The length of the sums.
    pub k: usize,
    /// The left factor over `[batch…, m, k]`; of a product of `bfloat16`s it may be `float32`, to be rounded.
    pub a: Access,
    /// The right factor over `[batch…, k, n]`; as the left one.
    pub b: Access,
    /// The product over `[batch…, m, n]`; `None` if only the epilogue needs it, tile by tile.
    pub out: Option<Access>,
    /// Whether the right factor lies in memory that holds the same numbers whenever the program runs.
    pub constant_b: bool,
    /// The element type.
    pub dtype: DType,
    /// Elementwise work on the product while it is near: a loop over `[batch…, m, n]` without reductions. Its
    /// input 0 is the product, whatever its access names; the others are ready before.
    pub epilogue: Option<Loop>,
}

/// A whole tensor without gaps, in row-major order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Whole {
    /// Where it lies.
    pub access: Access,
    /// Its shape.
    pub shape: Vec<usize>,
}

/// One kernel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The fields of special kernels are described with `Kernel`.
pub enum KernelDesc {
    /// Fused elementwise work and reductions.
    Loop(Loop),
    /// A matrix product.
    MatMul(MatMul),
    /// A kernel of its own, on whole tensors.
    Special { kernel: Kernel, inputs: Vec<Whole>, outputs: Vec<Whole> },
    /// A branch or a loop with programs of its own.
    Control(ControlDesc),
}

impl KernelDesc {
    /// Every access with the shape it ranges over and whether it is written. Control flow has none itself.
    pub fn accesses(&self) -> Vec<(&Access, Vec<usize>, bool)> {
        match self {
            KernelDesc::Loop(l) => l.accesses(),
            KernelDesc::MatMul(mm) => {
                let over = |x: usize, y: usize| mm.batch.iter().copied().chain([x, y]).collect::<Vec<_>>();
                let mut all = vec![(&mm.a, over(mm.m, mm.k), false), (&mm.b, over(mm.k, mm.n), false)];
                all.extend(mm.out.iter().map(|out| (out, over(mm.m, mm.n), true)));
                // The first is the product.
                all.extend(mm.epilogue.iter().flat_map(|l| l.accesses().into_iter().skip(1)));
                all
            }
            KernelDesc::Special { inputs, outputs, .. } => {
                let over = |w: &'_ Whole, written| (w.shape.clone(), written);
                let reads = inputs.iter().map(|w| (w, over(w, false)));
                let writes = outputs.iter().map(|w| (w, over(w, true)));
                reads.chain(writes).map(|(w, (shape, written))| (&w.access, shape, written)).collect()
            }
            KernelDesc::Control(_) => Vec::new(),
        }
    }
}

impl Loop {
    fn accesses(&self) -> Vec<(&Access, Vec<usize>, bool)> {
        let reads = self.inputs.iter().map(|a| (a, self.shape.clone(), false));
        reads.chain(self.outputs.iter().map(|o| (&o.access, self.shape.clone(), true))).collect()
    }
}

/// One buffer that a program works on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The bytes it must hold at least.
    pub bytes: usize,
    /// Whether the program writes to it.
    pub writable: bool,
}

/// Kernels in the order in which they run, and the buffers they run on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProgramDesc {
    /// The buffers; accesses name them by their place here.
    pub slots: Vec<Slot>,
    /// The kernels.
    pub kernels: Vec<KernelDesc>,
    /// What the program is called; empty for an operation by itself.
    pub name: String,
    /// The variables among the slots: their names and places.
    pub variables: Vec<(String, usize)>,
    /// What the kernels are called; none, or one a kernel.
    pub labels: Vec<Label>,
}

impl ProgramDesc {
    /// Checks that every access stays inside its slot, is aligned, and is writable where it is written. Backends
    /// rely on it: a program that passes touches no other memory than its arguments.
    pub fn check(&self) -> Result<()> {
        for (number, kernel) in self.kernels.iter().enumerate() {
            if let KernelDesc::Control(control) = kernel {
                control.check(&self.slots).at(|| format!("program: kernel {number}"))?;
            }
            for (access, shape, written) in kernel.accesses() {
                let fail =
                    |what: String| Err(Error::value(format!("program: kernel {number} {what} ({access:?})")));
                let Some(slot) = self.slots.get(access.buffer) else {
                    return fail("names a slot that is not there".into());
                };
                if access.offset % access.dtype.size() != 0 {
                    return fail("reads or writes across elements".into());
                }
                if written && !slot.writable {
                    return fail(format!("writes to the read-only slot {}", access.buffer));
                }
                if access.strides.len() != shape.len() {
                    return fail(format!("has {} strides for shape {shape:?}", access.strides.len()));
                }
                if matches!(kernel, KernelDesc::Special { .. })
                    && !Layout::new(shape.clone(), access.strides.clone(), 0).is_contiguous()
                {
                    return fail("takes tensors without gaps only".into());
                }
                if let Some((low, high)) = access.range(&shape)
                    && (low < 0 || high > slot.bytes as isize)
                {
                    return fail(format!("touches bytes {low}..{high} of a slot of {}", slot.bytes));
                }
            }
        }
        Ok(())
    }
}
