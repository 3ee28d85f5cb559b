//! The interface between programs and the devices that run them.

use crate::kernel::ProgramDesc;
use crate::sparse_rows::{Picked, SparseSlot};
use crate::storage::Storage;
use rhyton_base::Result;
use std::sync::Arc;

/// One argument of a program, for the slot of its place.
pub enum Arg<'a> {
    /// A buffer that is only read, from some byte on, where an element of the slot begins.
    Read(&'a Storage, usize),
    /// Rows of a sparse matrix, for a slot of which [`Program::sparse`] says so.
    Sparse(Picked<'a>),
    /// A buffer that the program may write to (and read).
    Write(&'a mut Storage),
}

/// A device that runs programs.
pub trait Backend: Send + Sync {
    /// The name that a user chooses it by: `"cpu"`.
    fn name(&self) -> &'static str;

    /// Makes a program ready to run; all work that does not depend on data happens here.
    fn compile(&self, program: ProgramDesc) -> Result<Arc<dyn Program>>;
}

/// A program that is ready to run any number of times.
pub trait Program: Send + Sync {
    /// Runs all kernels in order on the arguments, one a slot.
    ///
    /// # Errors
    /// Where an argument is smaller than its slot or not writable as the slot asks, and where data is at
    /// fault (an index out of range). The contents of written buffers are then unspecified but initialised.
    fn run(&self, args: &mut [Arg]) -> Result<()>;

    /// What a slot holds if it may be given as sparse rows, which changes no bit of the results.
    fn sparse(&self, _slot: usize) -> Option<SparseSlot> {
        None
    }
}
