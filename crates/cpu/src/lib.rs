//! The CPU backend: fused loops over vector instructions chosen at run time, matrix products, and the few other
//! kernels.
//!
//! It knows programs of kernels ([`rhyton_runtime::ProgramDesc`]) and nothing of tensors or gradients. `unsafe` is
//! confined to kernels; [`CpuBackend::compile`] checks every access of a program against its slots, and
//! [`Program::run`] checks the arguments against the slots, so that nothing outside can make a kernel touch
//! memory it was not given.

mod chunk;
mod control;
mod gemm;
mod isa;
mod limits;
mod loops;
mod math;
mod product;
mod random;
mod reduce;
mod softmax;
mod special;
mod tape;
mod transpose;
mod update;
mod vector;

pub use isa::{Isa, isa};
pub use limits::{Caches, Limits};

use control::ReadyControl;
use isa::FlushSubnormals;
use loops::ReadyLoop;
use product::Product;
use rhyton_base::{Error, Result};
use rhyton_ops::Kernel;
use rhyton_runtime::profile::{self, ProgramInfo};
use rhyton_runtime::{Arg, Backend, KernelDesc, Picked, Program, ProgramDesc, SparseSlot, Whole};
use softmax::Softmax;
use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

/// The CPU as a device.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuBackend;

impl Backend for CpuBackend {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn compile(&self, program: ProgramDesc) -> Result<Arc<dyn Program>> {
        program.check()?;
        let kernels = Kernels::new(&program, &mut 0)?;
        let sparse = product::sparse(&program);
        Ok(Arc::new(CpuProgram { desc: program, sparse, kernels, info: OnceLock::new() }))
    }
}

enum Ready {
    Loop(ReadyLoop),
    Product(Box<Product>),
    Softmax(Box<Softmax>),
    Special(Kernel, Vec<Whole>, Vec<Whole>),
    Control(Box<ReadyControl>),
}

/// The kernels of a program that has been checked, each with its number among those of the whole program: as in
/// [`ProgramInfo`], those of nested programs follow the kernel that they belong to.
struct Kernels(Vec<(usize, Ready)>);

impl Kernels {
    /// `next` is the number of the first.
    fn new(program: &ProgramDesc, next: &mut usize) -> Result<Kernels> {
        let ready = program.kernels.iter().map(|k| {
            let number = *next;
            *next += 1;
            let ready = match k {
                KernelDesc::Loop(l) => Ready::Loop(ReadyLoop::new(l)?),
                KernelDesc::MatMul(m) => Ready::Product(Box::new(Product::new(m)?)),
                KernelDesc::Special { kernel: Kernel::Softmax { log }, inputs, outputs } => {
                    Ready::Softmax(Box::new(Softmax::new(*log, &inputs[0], &outputs[0])))
                }
                KernelDesc::Special { kernel, inputs, outputs } => {
                    Ready::Special(kernel.clone(), inputs.clone(), outputs.clone())
                }
                KernelDesc::Control(c) => Ready::Control(Box::new(ReadyControl::new(c, next)?)),
            };
            Ok((number, ready))
        });
        Ok(Kernels(ready.collect::<Result<_>>()?))
    }

    /// Runs them in order, and takes down how long they take where somebody wants to know.
    ///
    /// # Safety
    /// `bases` are the program's slots: as large as it says, aligned, writable where it writes, used by nobody else
    /// meanwhile. Slots that are given as sparse rows fit what [`product::sparse`] says.
    unsafe fn run(
        &self,
        bases: &[*mut u8],
        sparse: &[(usize, Picked)],
        info: Option<&Arc<ProgramInfo>>,
    ) -> Result<()> {
        self.0.iter().try_for_each(|(number, kernel)| {
            // SAFETY: the caller's promise.
            let run = || unsafe { kernel.run(bases, sparse, info) };
            match info {
                None => run(),
                Some(info) => profile::kernel(info, *number, run),
            }
        })
    }
}

impl Ready {
    /// Runs it.
    ///
    /// # Safety
    /// As [`Kernels::run`].
    unsafe fn run(
        &self,
        bases: &[*mut u8],
        sparse: &[(usize, Picked)],
        info: Option<&Arc<ProgramInfo>>,
    ) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                Ready::Loop(l) => l.run(bases),
                Ready::Product(p) => p.run(bases, sparse),
                Ready::Softmax(s) => s.run(bases),
                Ready::Special(k, inputs, outputs) => special::run(k, inputs, outputs, bases)?,
                Ready::Control(c) => c.run(bases, info)?,
            }
        }
        Ok(())
    }
}

struct CpuProgram {
    desc: ProgramDesc,
    /// What slots hold that may be given as sparse rows.
    sparse: Vec<Option<SparseSlot>>,
    kernels: Kernels,
    /// Names and costs, once somebody wants to know them.
    info: OnceLock<Arc<ProgramInfo>>,
}

thread_local! {
    static POINTERS: RefCell<Vec<*mut u8>> = const { RefCell::new(Vec::new()) };
}

impl Program for CpuProgram {
    fn run(&self, args: &mut [Arg]) -> Result<()> {
        let slots = &self.desc.slots;
        if args.len() != slots.len() {
            return Err(Error::value(format!(
                "program: expected {} arguments, got {}",
                slots.len(),
                args.len()
            )));
        }
        let mut pointers = POINTERS.with_borrow_mut(std::mem::take);
        pointers.clear();
        let mut sparse = Vec::new();
        for (number, (slot, arg)) in slots.iter().zip(args.iter_mut()).enumerate() {
            let (pointer, bytes, writable) = match arg {
                Arg::Read(s, start) => {
                    let bytes = s.len().saturating_sub(*start);
                    (s.as_ptr().wrapping_add(*start).cast_mut(), bytes, false)
                }
                Arg::Sparse(picked) => {
                    if !self.sparse[number].is_some_and(|slot| product::fits(&slot, picked)) {
                        return Err(Error::value(format!(
                            "program: argument {number} cannot be these sparse rows"
                        )));
                    }
                    sparse.push((number, picked.clone()));
                    // Only products read the slot, and those take the rows.
                    pointers.push(std::ptr::null_mut());
                    continue;
                }
                Arg::Write(s) => (s.as_mut_ptr(), s.len(), true),
            };
            if bytes < slot.bytes || (slot.writable && !writable) {
                return Err(Error::value(format!(
                    "program: argument {number} has {bytes} bytes{}, its slot needs {}{}",
                    if writable { "" } else { " to read" },
                    slot.bytes,
                    if slot.writable { " to write" } else { "" },
                )));
            }
            pointers.push(pointer);
        }
        let _mode = FlushSubnormals::on();
        let info = profile::is_on().then(|| self.info.get_or_init(|| Arc::new(ProgramInfo::new(&self.desc))));
        // SAFETY: `compile` has checked that all accesses stay inside their slots and write to writable ones
        // only, and the arguments are at least as large as the slots; written arguments are borrowed uniquely.
        let result = unsafe { self.kernels.run(&pointers, &sparse, info) };
        POINTERS.with_borrow_mut(|p| *p = pointers);
        result
    }

    fn sparse(&self, slot: usize) -> Option<SparseSlot> {
        self.sparse.get(slot).copied().flatten()
    }
}
