//! Operations run at once, each as a program of its own.

use crate::control;
use crate::dispatch::{TensorBuild, backend};
use crate::programs::{Part, program_of};
use crate::tape;
use crate::tensor::{Data, Tensor};
use crate::tracer::without_tracer;
use rhyton_base::{Layout, Result};
use rhyton_ops::{ExprKind, Lowered, Meta, Op, Value, View};
use rhyton_runtime::{Arg, Operand, ProgramDesc, Slot, Storage, copy, lower_op};
use smallvec::SmallVec;
use std::sync::Arc;

/// Runs an operation whose shapes have been inferred.
pub fn execute(op: &dyn Op, inputs: &[Tensor], metas: &[Meta], outputs: &[Meta]) -> Result<Vec<Tensor>> {
    match op.lower(metas) {
        Lowered::View(view) => Ok(vec![view_of(&inputs[0], &view)?]),
        Lowered::Compose => {
            // Tapes record the composite as a whole.
            tape::without_recording(|| {
                let mut b = TensorBuild::default();
                let values: Vec<Value> = inputs.iter().map(|x| b.add(x)).collect();
                let out = op.compose(&mut b, &values)?;
                Ok(out.into_iter().map(|v| b.get(v)).collect())
            })
        }
        Lowered::Map(e)
            if outputs[0].shape.elements() == Some(1) && matches!(e.kind(), ExprKind::Const(_)) =>
        {
            let ExprKind::Const(number) = e.kind() else { unreachable!("just matched") };
            Ok(vec![Tensor::of_one(*number, outputs[0].dtype, &outputs[0].dims())?])
        }
        Lowered::Control(c) => {
            without_tracer(|| tape::without_recording(|| control::run(&c, inputs, outputs)))
        }
        lowered => {
            // Axes are turned tile by tile before, as loops along distant elements would miss every cache.
            let awkward = |x: &Tensor| {
                let stride = parts(x).1.strides().last().map_or(0, |s| s.unsigned_abs());
                stride > 16 && x.len() >= LARGE && matches!(lowered, Lowered::Map(_))
            };
            let whole = matches!(&lowered, Lowered::Kernel(k) if k.takes_whole());
            if !whole && !inputs.iter().any(awkward) {
                return run(&lowered, inputs, outputs);
            }
            let prepared =
                inputs.iter().map(|x| if whole || awkward(x) { contiguous(x) } else { Ok(x.clone()) });
            run(&lowered, &prepared.collect::<Result<Vec<_>>>()?, outputs)
        }
    }
}

/// The memory and layout of a tensor that is not traced.
pub fn parts(x: &Tensor) -> (&Arc<Storage>, &Layout) {
    match x.data() {
        Data::Concrete { storage, layout } => (storage, layout),
        Data::Traced { .. } | Data::Symbolic { .. } => {
            unreachable!("only tensors with numbers are computed with")
        }
    }
}

fn operand(x: &Tensor, buffer: usize) -> Operand {
    Operand { buffer, dtype: x.dtype(), offset: 0, layout: parts(x).1.clone() }
}

/// One operation as a program: the inputs' memory is read, new memory is written.
fn run(lowered: &Lowered, inputs: &[Tensor], outputs: &[Meta]) -> Result<Vec<Tensor>> {
    let mut storages: SmallVec<[Storage; 2]> = SmallVec::new();
    let mut layouts: SmallVec<[Layout; 2]> = SmallVec::new();
    for meta in outputs {
        let dims = meta.dims();
        storages.push(Storage::new(rhyton_base::element_count(&dims)? * meta.dtype.size())?);
        layouts.push(Layout::contiguous(&dims));
    }
    if storages.iter().any(|s| !s.is_empty()) {
        let ins: SmallVec<[Part; 4]> = inputs
            .iter()
            .map(|x| {
                let (storage, layout) = parts(x);
                Part { dtype: x.dtype(), layout, bytes: storage.len() }
            })
            .collect();
        let made = outputs.iter().zip(&layouts).zip(&storages);
        let outs: SmallVec<[Part; 2]> =
            made.map(|((m, layout), s)| Part { dtype: m.dtype, layout, bytes: s.len() }).collect();
        let program = program_of(lowered, &ins, &outs)?;
        let mut args: SmallVec<[Arg; 6]> = inputs.iter().map(|x| Arg::Read(parts(x).0, 0)).collect();
        args.extend(storages.iter_mut().map(Arg::Write));
        program.run(&mut args)?;
    }
    let made = storages.into_iter().zip(outputs).zip(layouts);
    Ok(made.map(|((s, m), layout)| Tensor::from_storage(Arc::new(s), m.dtype, layout)).collect())
}

/// The same elements without gaps in row-major order; the tensor itself where they lie so already.
pub fn contiguous(x: &Tensor) -> Result<Tensor> {
    if parts(x).1.is_contiguous() {
        return Ok(x.clone());
    }
    let copy = Lowered::Map(rhyton_ops::Expr::input(0, x.dtype()));
    Ok(run(&copy, std::slice::from_ref(x), &[x.meta()])?.swap_remove(0))
}

fn view_of(x: &Tensor, view: &View) -> Result<Tensor> {
    let (storage, layout) = parts(x);
    let layout = match view {
        View::Reshape(shape) => match layout.reshape(shape) {
            Some(layout) => layout,
            None => return view_of(&contiguous(x)?, view),
        },
        View::Permute(order) => layout.permute(order),
        View::Broadcast(shape) => layout.broadcast_to(shape)?,
        View::Slice(places) => places
            .iter()
            .enumerate()
            .fold(layout.clone(), |l, (axis, &(start, step, length))| l.slice(axis, start, step, length)),
    };
    Ok(Tensor::from_storage(storage.clone(), x.dtype(), layout))
}

/// Bytes from which on memory is worth saving.
const LARGE: usize = 1 << 16;

/// The result of an elementwise operation written over its own first argument, which the caller gives up: `None`
/// where that is not possible (others hold it, or type or order differ).
pub fn execute_in_place(
    op: &dyn Op,
    mut x: Tensor,
    other: &Tensor,
) -> Result<std::result::Result<Tensor, Tensor>> {
    let metas = [x.meta(), other.meta()];
    let outputs = op.infer(&metas)?;
    let fits = outputs[0] == metas[0]
        && other.has_numbers()
        && !tape::is_recording()
        && x.nbytes() >= LARGE
        && x.is_unique()
        && parts(&x).1.is_contiguous();
    let Lowered::Map(expr) = op.lower(&metas) else { return Ok(Err(x)) };
    if !fits || x.is_empty() {
        return Ok(Err(x));
    }
    let (a, b) = (operand(&x, 1), operand(other, 0));
    let kernels = lower_op(&Lowered::Map(expr), &[a.clone(), b], std::slice::from_ref(&a));
    let (storage, layout) = (parts(&x).0.clone(), parts(&x).1.clone());
    let dtype = x.dtype();
    drop(x);
    let mut storage = storage;
    let memory = Arc::get_mut(&mut storage).expect("nobody else holds it");
    let slots = vec![
        Slot { bytes: parts(other).0.len(), writable: false },
        Slot { bytes: memory.len(), writable: true },
    ];
    backend()
        .compile(ProgramDesc { slots, kernels, ..ProgramDesc::default() })?
        .run(&mut [Arg::Read(parts(other).0, 0), Arg::Write(memory)])?;
    Ok(Ok(Tensor::from_storage(storage, dtype, layout)))
}

/// Copies a tensor into memory that exists already.
pub fn copy_into(x: &Tensor, to: &mut Storage) -> Result<()> {
    let from = operand(x, 0);
    let out = Operand { buffer: 1, dtype: x.dtype(), offset: 0, layout: Layout::contiguous(x.shape()) };
    let slots =
        vec![Slot { bytes: parts(x).0.len(), writable: false }, Slot { bytes: x.nbytes(), writable: true }];
    if x.is_empty() {
        return Ok(());
    }
    let program = ProgramDesc { slots, kernels: vec![copy(&from, &out)], ..ProgramDesc::default() };
    backend().compile(program)?.run(&mut [Arg::Read(parts(x).0, 0), Arg::Write(to)])
}
