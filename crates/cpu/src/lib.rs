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
mod loops;
mod math;
mod product;
mod random;
mod reduce;
mod softmax;
mod special;
mod tape;
mod transpose;
mod vector;

pub use isa::{Isa, isa};

use control::ReadyControl;
use isa::FlushSubnormals;
use loops::ReadyLoop;
use product::Product;
use rhyton_base::{Error, Result};
use rhyton_ops::Kernel;
use rhyton_runtime::{Arg, Backend, KernelDesc, Picked, Program, ProgramDesc, Slot, SparseSlot, Whole};
use softmax::Softmax;
use std::cell::RefCell;
use std::sync::Arc;

/// The CPU as a device.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuBackend;

impl Backend for CpuBackend {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn compile(&self, program: &ProgramDesc) -> Result<Arc<dyn Program>> {
        program.check()?;
        let slots = program.slots.clone();
        let sparse = (0..slots.len()).map(|slot| product::sparse(program, slot)).collect();
        Ok(Arc::new(CpuProgram { slots, sparse, kernels: Kernels::new(program)? }))
    }
}

enum Ready {
    Loop(ReadyLoop),
    Product(Box<Product>),
    Softmax(Box<Softmax>),
    Special(Kernel, Vec<Whole>, Vec<Whole>),
    Control(Box<ReadyControl>),
}

/// The kernels of a program that has been checked.
struct Kernels(Vec<Ready>);

impl Kernels {
    fn new(program: &ProgramDesc) -> Result<Kernels> {
        let ready = program.kernels.iter().map(|k| match k {
            KernelDesc::Loop(l) => Ok(Ready::Loop(ReadyLoop::new(l)?)),
            KernelDesc::MatMul(m) => Ok(Ready::Product(Box::new(Product::new(m)?))),
            KernelDesc::Special { kernel: Kernel::Softmax { log }, inputs, outputs } => {
                Ok(Ready::Softmax(Box::new(Softmax::new(*log, &inputs[0], &outputs[0])?)))
            }
            KernelDesc::Special { kernel, inputs, outputs } => {
                Ok(Ready::Special(kernel.clone(), inputs.clone(), outputs.clone()))
            }
            KernelDesc::Control(c) => Ok(Ready::Control(Box::new(ReadyControl::new(c)?))),
        });
        Ok(Kernels(ready.collect::<Result<_>>()?))
    }

    /// Runs them in order.
    ///
    /// # Safety
    /// `bases` are the program's slots: as large as it says, aligned, writable where it writes, used by nobody else
    /// meanwhile. Slots that are given as sparse rows fit what [`product::sparse`] says.
    unsafe fn run(&self, bases: &[*mut u8], sparse: &[(usize, Picked)]) -> Result<()> {
        // SAFETY: the caller's promise.
        self.0.iter().try_for_each(|kernel| unsafe {
            match kernel {
                Ready::Loop(l) => l.run(bases),
                Ready::Product(p) => p.run(bases, sparse),
                Ready::Softmax(s) => s.run(bases),
                Ready::Special(k, inputs, outputs) => special::run(k, inputs, outputs, bases)?,
                Ready::Control(c) => c.run(bases)?,
            }
            Ok(())
        })
    }
}

struct CpuProgram {
    slots: Vec<Slot>,
    /// What slots hold that may be given as sparse rows.
    sparse: Vec<Option<SparseSlot>>,
    kernels: Kernels,
}

thread_local! {
    static POINTERS: RefCell<Vec<*mut u8>> = const { RefCell::new(Vec::new()) };
}

impl Program for CpuProgram {
    fn run(&self, args: &mut [Arg]) -> Result<()> {
        if args.len() != self.slots.len() {
            return Err(Error::value(format!(
                "program: expected {} arguments, got {}",
                self.slots.len(),
                args.len()
            )));
        }
        let mut pointers = POINTERS.with_borrow_mut(std::mem::take);
        pointers.clear();
        let mut sparse = Vec::new();
        for (number, (slot, arg)) in self.slots.iter().zip(args.iter_mut()).enumerate() {
            let (pointer, bytes, writable) = match arg {
                Arg::Read(s, start) => {
                    let bytes = s.len().checked_sub(*start).unwrap_or(0);
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
        // SAFETY: `compile` has checked that all accesses stay inside their slots and write to writable ones
        // only, and the arguments are at least as large as the slots; written arguments are borrowed uniquely.
        let result = unsafe { self.kernels.run(&pointers, &sparse) };
        POINTERS.with_borrow_mut(|p| *p = pointers);
        result
    }

    fn sparse(&self, slot: usize) -> Option<SparseSlot> {
        self.sparse.get(slot).copied().flatten()
    }
}
