//! Executes the instructions of a tape on chunks of elements. The loops here are plain code that the compiler
//! turns into vector instructions, once for each family in [`crate::isa`].

mod functions;
mod maps;
mod memory;
mod updates;

pub use memory::{fence, interleave, interleave_rounded, narrow, round, splat4, splat8, stream, widen};

use functions::*;
use maps::{chain, map1, select};
use updates::{descent_f32, descent_f64, mean_f32, mean_f64};

#[cfg(target_arch = "x86_64")]
use crate::isa::Isa;
use crate::isa::isa;
#[cfg(target_arch = "x86_64")]
use crate::tape::Arithmetic;
use crate::tape::{Class, Instr};
#[cfg(target_arch = "x86_64")]
use rhyton_ops::{BinaryFn, UnaryFn};

/// Elements a register holds: small enough that a tape's registers stay in the first-level cache.
pub const CHUNK: usize = 512;

/// Runs all instructions but loads on the first `n` elements of the registers.
///
/// # Safety
/// Every register an instruction names points to at least `n` elements of its class; what is written is not
/// shared with anybody; the destination of an instruction does not overlap its sources, unless it is one of them and
/// [`Instr::works_in_place`].
pub unsafe fn run(instrs: &[Instr], regs: &[*mut u8], n: usize) {
    // SAFETY: `isa` has found the features present; the rest is the caller's promise.
    unsafe {
        match isa() {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => run_avx512(instrs, regs, n),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => run_avx2(instrs, regs, n),
            _ => run_portable(instrs, regs, n),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
unsafe fn run_avx512(instrs: &[Instr], regs: &[*mut u8], n: usize) {
    for i in instrs {
        // Division and square roots of half the width take less than half the time.
        let slow = matches!(
            i,
            Instr::Binary { f: BinaryFn::Div, class: Class::F32 | Class::F64, .. }
                | Instr::Chain { f: Arithmetic::Div, .. }
                | Instr::Chain { g: Arithmetic::Div, .. }
                | Instr::Unary { f: UnaryFn::Sqrt | UnaryFn::Rsqrt, .. }
                | Instr::Descent { .. }
        );
        // SAFETY: the caller's promise; a machine with AVX-512 has AVX2.
        unsafe {
            if slow {
                run_avx2(std::slice::from_ref(i), regs, n);
            } else {
                step(i, regs, n);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn run_avx2(instrs: &[Instr], regs: &[*mut u8], n: usize) {
    for i in instrs {
        // SAFETY: the caller's promise.
        unsafe { step(i, regs, n) }
    }
}

unsafe fn run_portable(instrs: &[Instr], regs: &[*mut u8], n: usize) {
    for i in instrs {
        // SAFETY: the caller's promise.
        unsafe { step(i, regs, n) }
    }
}

/// One instruction.
#[inline(always)]
unsafe fn step(instr: &Instr, regs: &[*mut u8], n: usize) {
    // SAFETY: the caller's promise about registers.
    unsafe {
        match *instr {
            Instr::Load { .. } => {}
            Instr::NotBool { dst, a } => map1(regs[dst], regs[a], n, |x: i32| i32::from(x == 0)),
            Instr::Unary { f, class, dst, a } => match class {
                Class::F32 => unary_f32(f, regs[dst], regs[a], n),
                Class::F64 => unary_f64(f, regs[dst], regs[a], n),
                Class::I32 => unary_i32(f, regs[dst], regs[a], n),
                Class::I64 => unary_i64(f, regs[dst], regs[a], n),
                Class::U64 => unary_u64(f, regs[dst], regs[a], n),
            },
            Instr::Binary { f, class, dst, a, b } => match class {
                Class::F32 => binary_f32(f, regs[dst], regs[a], regs[b], n),
                Class::F64 => binary_f64(f, regs[dst], regs[a], regs[b], n),
                Class::I32 => binary_i32(f, regs[dst], regs[a], regs[b], n),
                Class::I64 => binary_i64(f, regs[dst], regs[a], regs[b], n),
                Class::U64 => binary_u64(f, regs[dst], regs[a], regs[b], n),
            },
            Instr::Chain { f, g, turned, class, dst, a, b, c } => match class {
                Class::F64 => chain::<f64>((f, g, turned), regs[dst], [regs[a], regs[b], regs[c]], n),
                _ => chain::<f32>((f, g, turned), regs[dst], [regs[a], regs[b], regs[c]], n),
            },
            Instr::Affine { f, g, bounds, class, dst, a } => match class {
                Class::F64 => affine_f64((f, g), bounds, regs[dst], regs[a], n),
                _ => affine_f32((f, g), bounds, regs[dst], regs[a], n),
            },
            Instr::Bound { least, k, class, dst, a } => match class {
                Class::F64 => bound_f64(least, k, regs[dst], regs[a], n),
                _ => bound_f32(least, k as f32, regs[dst], regs[a], n),
            },
            Instr::Mean { how, squared, class, dst, a, b } => match class {
                Class::F64 => mean_f64(how, squared, regs[dst], regs[a], regs[b], n),
                _ => mean_f32(how, squared, regs[dst], regs[a], regs[b], n),
            },
            Instr::Descent { root, class, dst, a, b, c, d } => {
                let sources = [regs[a].cast_const(), regs[b], regs[c], regs[d]];
                match class {
                    Class::F64 => descent_f64(root, regs[dst], sources, n),
                    _ => descent_f32(root, regs[dst], sources, n),
                }
            }
            Instr::Select { class, dst, c, a, b } => match class.size() {
                4 => select::<u32>(regs[dst], regs[c], regs[a], regs[b], n),
                _ => select::<u64>(regs[dst], regs[c], regs[a], regs[b], n),
            },
            Instr::Convert { from, to, dst, a } => convert(from, to, regs[dst], regs[a], n),
            Instr::Wrap { to, dst, a } => wrap(to, regs[dst], regs[a], n),
            Instr::Random { stream, dst, seed, counter, index } => {
                let (seed, counter) = (*regs[seed].cast::<i64>() as u32, *regs[counter].cast::<i64>() as u32);
                crate::random::fill(regs[dst].cast(), regs[index].cast(), n, [seed, stream], counter);
            }
        }
    }
}
