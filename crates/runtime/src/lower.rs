//! From one operation on laid-out operands to kernels; eager dispatch and the graph compiler share it.

use crate::kernel::{Access, KernelDesc, Loop, MatMul, Output, Whole};
use rhyton_base::{DType, Layout, broadcast_strides};
use rhyton_ops::{Expr, Kernel, Lowered};

/// A tensor as a kernel sees it.
#[derive(Clone, Debug)]
pub struct Operand {
    /// The slot it lies in.
    pub buffer: usize,
    /// Its element type.
    pub dtype: DType,
    /// Where its slot's part for it begins, in bytes.
    pub offset: usize,
    /// How its elements lie from there on.
    pub layout: Layout,
}

impl Operand {
    /// The access with which this operand is read over an iteration space that it broadcasts to.
    pub fn over(&self, shape: &[usize]) -> Access {
        let strides = broadcast_strides(self.layout.shape(), self.layout.strides(), shape)
            .expect("the shape rule has broadcast the operands");
        let offset = self.offset + self.layout.offset() * self.dtype.size();
        Access { buffer: self.buffer, dtype: self.dtype, offset, strides }
    }

    /// The access of this operand over its own shape.
    pub fn access(&self) -> Access {
        Access::new(self.buffer, self.dtype, self.offset, &self.layout)
    }
}

/// A loop that copies `from` to `to`, which has the same shape.
pub fn copy(from: &Operand, to: &Operand) -> KernelDesc {
    let shape = to.layout.shape().to_vec();
    let expr = Expr::input(0, from.dtype).cast(to.dtype);
    map(shape.clone(), vec![from.over(&shape)], expr, to.access())
}

fn map(shape: Vec<usize>, inputs: Vec<Access>, expr: Expr, access: Access) -> KernelDesc {
    let reduced = vec![false; shape.len()];
    KernelDesc::Loop(Loop { shape, reduced, inputs, outputs: vec![Output { expr, access, reduce: None }] })
}

/// The kernels of one operation. Views, composites and control flow are not for here: the caller resolves them. The outputs
/// lie without gaps; where [`Kernel::takes_whole`] holds, so do the inputs.
pub fn lower_op(lowered: &Lowered, inputs: &[Operand], outputs: &[Operand]) -> Vec<KernelDesc> {
    let out = &outputs[0];
    let shape = out.layout.shape().to_vec();
    match lowered {
        Lowered::Map(expr) => {
            let accesses = inputs.iter().map(|i| i.over(&shape)).collect();
            vec![map(shape, accesses, expr.clone(), out.access())]
        }
        Lowered::Reduce(f, axes) => {
            let x = &inputs[0];
            let space = x.layout.shape().to_vec();
            let reduced: Vec<bool> = (0..space.len()).map(|a| axes.contains(&a)).collect();
            let expr = Expr::input(0, x.dtype).cast(out.dtype);
            let access = reduced_access(out, &space, &reduced);
            let outputs = vec![Output { expr, access, reduce: Some(*f) }];
            vec![KernelDesc::Loop(Loop { reduced, inputs: vec![x.access()], outputs, shape: space })]
        }
        Lowered::MatMul => vec![KernelDesc::MatMul(matmul(&inputs[0], &inputs[1], out))],
        Lowered::Kernel(Kernel::Concat { axis }) => {
            let mut start = 0;
            let mut kernels = Vec::new();
            for x in inputs {
                let n = x.layout.shape()[*axis];
                let part = Operand { layout: out.layout.slice(*axis, start, 1, n), ..out.clone() };
                kernels.push(copy(x, &part));
                start += n;
            }
            kernels
        }
        Lowered::Kernel(Kernel::Embed { places, value, .. }) => {
            let fill = map(shape, vec![], Expr::constant(*value, out.dtype), out.access());
            let mut layout = out.layout.clone();
            for (axis, &(start, step)) in places.iter().enumerate() {
                layout = layout.slice(axis, start, step, inputs[0].layout.shape()[axis]);
            }
            vec![fill, copy(&inputs[0], &Operand { layout, ..out.clone() })]
        }
        Lowered::Kernel(Kernel::Overwrite { places }) => {
            let mut layout = out.layout.clone();
            for (axis, &(start, step)) in places.iter().enumerate() {
                layout = layout.slice(axis, start, step, inputs[1].layout.shape()[axis]);
            }
            vec![copy(&inputs[0], out), copy(&inputs[1], &Operand { layout, ..out.clone() })]
        }
        Lowered::Kernel(kernel) => {
            let whole = |o: &Operand| Whole { access: o.access(), shape: o.layout.shape().to_vec() };
            let (inputs, outputs) = (inputs.iter().map(whole).collect(), outputs.iter().map(whole).collect());
            vec![KernelDesc::Special { kernel: kernel.clone(), inputs, outputs }]
        }
        Lowered::View(_) | Lowered::Compose | Lowered::Control(_) => {
            unreachable!("views, composites and control flow are resolved before")
        }
    }
}

/// The access of a reduction's result over the space it is reduced from. `out` may have kept its axes or not.
pub fn reduced_access(out: &Operand, space: &[usize], reduced: &[bool]) -> Access {
    let strides = out.layout.strides();
    let mut kept = strides.iter();
    let all_kept = strides.len() == space.len();
    let strides = reduced
        .iter()
        .enumerate()
        .map(|(axis, &r)| match (r, all_kept) {
            (true, _) => 0,
            (false, true) => strides[axis],
            (false, false) => *kept.next().expect("one stride a kept axis"),
        })
        .collect();
    Access {
        buffer: out.buffer,
        dtype: out.dtype,
        offset: out.offset + out.layout.offset() * out.dtype.size(),
        strides,
    }
}

/// The matrix product of two operands, leading axes broadcast.
pub fn matmul(x: &Operand, y: &Operand, out: &Operand) -> MatMul {
    let shape = out.layout.shape();
    let batch = shape[..shape.len() - 2].to_vec();
    let (m, n) = (shape[shape.len() - 2], shape[shape.len() - 1]);
    let k = *x.layout.shape().last().expect("rank 2 or more");
    let over = |rows: usize, columns: usize| batch.iter().copied().chain([rows, columns]).collect::<Vec<_>>();
    MatMul {
        a: x.over(&over(m, k)),
        b: y.over(&over(k, n)),
        out: Some(out.access()),
        constant_b: false,
        dtype: out.dtype,
        epilogue: None,
        batch,
        m,
        n,
        k,
    }
}
