//! What kernels cost by their descriptions alone: floating-point operations and bytes.

use crate::kernel::{Access, KernelDesc, Loop, MatMul, Whole};
use rhyton_ops::linalg::Factorization;
use rhyton_ops::window::Slide;
use rhyton_ops::{BinaryFn, Expr, ExprKind, Kernel, UnaryFn};
use std::collections::HashSet;

/// The work of one run of a kernel.
///
/// Operations are those on floats: an addition, multiplication, division, root, maximum, minimum or function such as `exp` is one
/// each; comparisons, choices, conversions, and everything on integers, are none. A product of matrices of `m x k` and
/// `k x n` is `2 m k n`, a sum of `n` numbers `n - 1`. Windows count what they hold of the input, without padding. Sorting and
/// iterative factorizations (singular values, eigenvalues) are not counted.
///
/// Bytes are those of each element that is read or written, once, wherever it comes from; what is broadcast counts once, and
/// what passes inside the kernel does not count.
///
/// ```
/// use rhyton_base::{DType, Layout};
/// use rhyton_runtime::{Cost, KernelDesc, Operand, matmul};
/// let matrix = |buffer, shape: [usize; 2]| Operand {
///     buffer,
///     dtype: DType::F32,
///     offset: 0,
///     layout: Layout::contiguous(&shape),
/// };
/// let product = matmul(&matrix(0, [128, 784]), &matrix(1, [784, 512]), &matrix(2, [128, 512]));
/// let cost = KernelDesc::MatMul(product).cost();
/// assert_eq!(cost.flops, 2 * 128 * 784 * 512);
/// assert_eq!((cost.read, cost.written), (4 * (128 * 784 + 784 * 512), 4 * 128 * 512));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Floating-point operations.
    pub flops: u64,
    /// How many of them are divisions and roots, which machines do more slowly than the others.
    pub divisions: u64,
    /// Bytes read.
    pub read: u64,
    /// Bytes written.
    pub written: u64,
}

impl Cost {
    /// Bytes read and written.
    pub fn bytes(&self) -> u64 {
        self.read + self.written
    }
}

impl std::ops::Add for Cost {
    type Output = Cost;
    fn add(self, other: Cost) -> Cost {
        Cost {
            flops: self.flops + other.flops,
            divisions: self.divisions + other.divisions,
            read: self.read + other.read,
            written: self.written + other.written,
        }
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Cost>>(all: I) -> Cost {
        all.fold(Cost::default(), |a, b| a + b)
    }
}

impl KernelDesc {
    /// What one run costs. Control flow costs nothing by itself; its programs' kernels do.
    pub fn cost(&self) -> Cost {
        match self {
            KernelDesc::Loop(l) => l.cost(None),
            KernelDesc::MatMul(m) => m.cost(),
            KernelDesc::Special { kernel, inputs, outputs } => special(kernel, inputs, outputs),
            KernelDesc::Control(_) => Cost::default(),
        }
    }
}

fn count(shape: &[usize]) -> u64 {
    shape.iter().map(|&n| n as u64).product()
}

/// The bytes of the different elements that an access reaches.
fn bytes(access: &Access, shape: &[usize]) -> u64 {
    let reached = shape.iter().zip(&access.strides).map(|(&n, &s)| if s == 0 { n.min(1) } else { n });
    reached.map(|n| n as u64).product::<u64>() * access.dtype.size() as u64
}

impl Loop {
    /// `given` is the input that is at hand already.
    fn cost(&self, given: Option<usize>) -> Cost {
        let places = count(&self.shape);
        let mut seen = HashSet::new();
        let mut each = Operations::default();
        let mut reductions = 0;
        for out in &self.outputs {
            each.count(&out.expr, &mut seen);
            if out.reduce.is_some() && out.expr.dtype().is_float() {
                let kept = self.shape.iter().zip(&self.reduced).filter(|(_, r)| !**r).map(|(&n, _)| n as u64);
                reductions += places.saturating_sub(kept.product::<u64>());
            }
        }
        let inputs = self.inputs.iter().enumerate().filter(|(i, _)| Some(*i) != given);
        Cost {
            flops: each.all * places + reductions,
            divisions: each.divisions * places,
            read: inputs.map(|(_, a)| bytes(a, &self.shape)).sum(),
            written: self.outputs.iter().map(|o| bytes(&o.access, &self.shape)).sum(),
        }
    }
}

impl MatMul {
    fn cost(&self) -> Cost {
        let over = |x: usize, y: usize| self.batch.iter().copied().chain([x, y]).collect::<Vec<_>>();
        let floats = u64::from(self.dtype.is_float());
        let flops = 2 * floats * count(&self.batch) * count(&[self.m, self.k, self.n]);
        let read = bytes(&self.a, &over(self.m, self.k)) + bytes(&self.b, &over(self.k, self.n));
        let written = self.out.as_ref().map_or(0, |out| bytes(out, &over(self.m, self.n)));
        let mut own = Cost { flops, divisions: 0, read, written };
        if let Some(l) = &self.epilogue {
            let behind = l.cost(Some(0));
            // A result that takes the place of the product is in memory once.
            let replaced = l.outputs.iter().any(|o| Some(&o.access) == self.out.as_ref());
            own.written -= if replaced { own.written } else { 0 };
            own = own + behind;
        }
        own
    }
}

/// Operations at one place.
#[derive(Default)]
struct Operations {
    all: u64,
    divisions: u64,
}

impl Operations {
    /// Adds those of an expression that have not been seen before.
    fn count<'a>(&mut self, e: &'a Expr, seen: &mut HashSet<&'a Expr>) {
        use {BinaryFn as B, UnaryFn as U};
        let parts: &[&Expr] = match e.kind() {
            ExprKind::Input(_) | ExprKind::Const(_) | ExprKind::Index(_) => return,
            ExprKind::Unary(_, a) | ExprKind::Cast(a) => &[a],
            ExprKind::Binary(_, a, b) => &[a, b],
            ExprKind::Select(c, a, b) => &[c, a, b],
            ExprKind::Random { seed, counter, index, .. } => &[seed, counter, index],
        };
        if !seen.insert(e) {
            return;
        }
        let (counts, divides) = match e.kind() {
            ExprKind::Unary(f, _) => (
                !matches!(f, U::Not | U::IsNan | U::IsInf | U::IsFinite | U::SignBit),
                matches!(f, U::Sqrt | U::Rsqrt),
            ),
            ExprKind::Binary(f, ..) => {
                (!matches!(f, B::NextAfter | B::NextAfterF16 | B::NextAfterBF16), matches!(f, B::Div))
            }
            _ => (false, false),
        };
        if e.dtype().is_float() {
            self.all += u64::from(counts);
            self.divisions += u64::from(divides);
        }
        parts.iter().for_each(|p| self.count(p, seen));
    }
}

/// The elements of the input that windows hold, all windows along an axis together.
fn held(slide: &Slide, n: usize, size: usize, windows: usize) -> u64 {
    let end = slide.spread_out(n);
    let mut all = 0;
    for window in 0..windows {
        let first = (window * slide.stride) as isize - slide.low;
        let places = (0..size).map(|i| first + (i * slide.dilation) as isize);
        all += places.filter(|&p| p >= 0 && p < end && p as usize % slide.spread == 0).count() as u64;
    }
    all
}

fn special(kernel: &Kernel, inputs: &[Whole], outputs: &[Whole]) -> Cost {
    let size = |w: &Whole| count(&w.shape) * w.access.dtype.size() as u64;
    let whole = |all: &[Whole]| all.iter().map(size).sum::<u64>();
    let (out, of) = (&outputs[0], |w: &Whole| count(&w.shape));
    let read = match kernel {
        // Only what the indices choose is read.
        Kernel::Gather { .. } | Kernel::TakeAlong { .. } => size(out) + whole(&inputs[1..]),
        _ => whole(inputs),
    };
    let last = |w: &Whole| w.shape.last().map_or(1, |&n| n as u64);
    let windows = |sizes: &[usize], slides: &[Slide]| -> u64 {
        let axes = sizes.iter().zip(slides).enumerate();
        axes.map(|(i, (&n, s))| held(s, inputs[0].shape[i + 1], n, out.shape[i + 1])).product()
    };
    let flops = match kernel {
        Kernel::Conv { slides, .. } => {
            let (x, w) = (&inputs[0].shape, &inputs[1].shape);
            let rank = slides.len();
            2 * x[0] as u64 * windows(&w[..rank], slides) * count(&w[rank..])
        }
        Kernel::WindowSum { sizes, slides } | Kernel::WindowMax { sizes, slides, .. } => {
            let (x, rank) = (&inputs[0].shape, slides.len());
            (x[0] as u64 * windows(sizes, slides) * x[rank + 1] as u64).saturating_sub(of(out))
        }
        Kernel::Softmax { log } => {
            let n = last(out);
            if n == 0 { 0 } else { of(out) / n * (5 * n - 2 + u64::from(*log)) }
        }
        Kernel::ScatterAdd { .. } | Kernel::AddAlong { .. } | Kernel::ScatterReduce { .. } => of(&inputs[1]),
        Kernel::Scan { .. } => of(out),
        // The usual count for transforms of complex numbers.
        Kernel::Fft { .. } => (5.0 * of(out) as f64 * (last(out).max(1) as f64).log2()) as u64,
        Kernel::Linalg(f) => factorization(f, inputs),
        _ => 0,
    };
    let floats = inputs.iter().chain(outputs).any(|w| w.access.dtype.is_float());
    let divisions = if matches!(kernel, Kernel::Softmax { log: false }) { of(out) } else { 0 };
    Cost { flops: if floats { flops } else { 0 }, divisions, read, written: whole(outputs) }
}

/// Source: Golub and Van Loan, "Matrix Computations", the leading terms.
fn factorization(f: &Factorization, inputs: &[Whole]) -> u64 {
    let shape = &inputs[0].shape;
    let rank = shape.len();
    if rank < 2 {
        return 0;
    }
    let (m, n) = (shape[rank - 2] as u64, shape[rank - 1] as u64);
    let right = inputs.get(1).and_then(|w| w.shape.last()).map_or(1, |&n| n as u64);
    let each = match f {
        Factorization::Cholesky => n * n * n / 3,
        Factorization::Lu | Factorization::Det | Factorization::SlogDet => 2 * n * n * n / 3,
        Factorization::Solve => 2 * n * n * n / 3 + 2 * n * n * right,
        Factorization::Triangular { .. } => n * n * right,
        Factorization::Qr { .. } => (2 * m * n * n).saturating_sub(2 * n * n * n / 3),
        Factorization::Svd { .. } | Factorization::Eigh => 0,
    };
    each * count(&shape[..rank - 2])
}
