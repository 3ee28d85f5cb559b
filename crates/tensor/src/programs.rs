//! Programs of single operations that were compiled before: eager code computes the same things over and over.

use crate::dispatch::backend;
use rhyton_base::{DType, Layout, Result};
use rhyton_ops::Lowered;
use rhyton_runtime::{Operand, Program, ProgramDesc, Slot, lower_op};
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

/// So many programs are kept by each thread; then it begins anew.
const KEPT: usize = 512;

/// An operand of an operation: its type, how it lies, and the bytes of its memory.
#[derive(Hash, PartialEq, Eq)]
pub struct Part<'a> {
    pub dtype: DType,
    pub layout: &'a Layout,
    pub bytes: usize,
}

/// What a program was made for.
struct Known {
    lowered: Lowered,
    inputs: Vec<(DType, Layout, usize)>,
    outputs: Vec<(DType, Layout)>,
    program: Arc<dyn Program>,
}

thread_local! {
    static KNOWN: RefCell<HashMap<u64, Known, BuildHasherDefault<Quick>>> = RefCell::default();
}

/// A hash that takes a multiplication a word; what is found by it is compared, so that chance meetings do no harm.
#[derive(Default)]
struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_ne_bytes(word));
        }
    }

    fn write_u8(&mut self, x: u8) {
        self.write_u64(x.into());
    }

    fn write_u32(&mut self, x: u32) {
        self.write_u64(x.into());
    }

    fn write_u64(&mut self, x: u64) {
        self.0 = (self.0.rotate_left(23) ^ x).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, x: usize) {
        self.write_u64(x as u64);
    }

    fn finish(&self) -> u64 {
        // The table looks at the lowest and the highest bits.
        self.0 ^ self.0 >> 32
    }
}

/// The program of an operation on operands in slots of their own: first the inputs, then the outputs.
///
/// # Errors
/// Where the backend cannot compile it.
pub fn program_of(lowered: &Lowered, inputs: &[Part], outputs: &[Part]) -> Result<Arc<dyn Program>> {
    let mut hasher = Quick::default();
    (lowered, inputs, outputs).hash(&mut hasher);
    let key = hasher.finish();
    let fits = |k: &Known| {
        let same =
            |a: &(DType, Layout, usize), b: &Part| a.0 == b.dtype && a.1 == *b.layout && a.2 == b.bytes;
        let written = |a: &(DType, Layout), b: &Part| a.0 == b.dtype && a.1 == *b.layout;
        k.inputs.len() == inputs.len()
            && k.outputs.len() == outputs.len()
            && k.inputs.iter().zip(inputs).all(|(a, b)| same(a, b))
            && k.outputs.iter().zip(outputs).all(|(a, b)| written(a, b))
            && k.lowered == *lowered
    };
    if let Some(program) = KNOWN.with_borrow(|k| k.get(&key).filter(|k| fits(k)).map(|k| k.program.clone())) {
        return Ok(program);
    }
    let operand =
        |(buffer, p): (usize, &Part)| Operand { buffer, dtype: p.dtype, offset: 0, layout: p.layout.clone() };
    let operands: Vec<Operand> = inputs.iter().chain(outputs).enumerate().map(operand).collect();
    let (read, written) = operands.split_at(inputs.len());
    let kernels = lower_op(lowered, read, written);
    let slots = inputs.iter().map(|p| Slot { bytes: p.bytes, writable: false });
    let slots = slots.chain(outputs.iter().map(|p| Slot { bytes: p.bytes, writable: true })).collect();
    let program = backend().compile(ProgramDesc { slots, kernels, ..ProgramDesc::default() })?;
    let known = Known {
        lowered: lowered.clone(),
        inputs: inputs.iter().map(|p| (p.dtype, p.layout.clone(), p.bytes)).collect(),
        outputs: outputs.iter().map(|p| (p.dtype, p.layout.clone())).collect(),
        program: program.clone(),
    };
    KNOWN.with_borrow_mut(|k| {
        if k.len() >= KEPT {
            k.clear();
        }
        k.insert(key, known);
    });
    Ok(program)
}
