//! Executes the instructions of a tape on chunks of elements. The loops here are plain code that the compiler
//! turns into vector instructions, once for each family in [`crate::isa`].

#[cfg(target_arch = "x86_64")]
use crate::isa::Isa;
use crate::isa::{isa, widest};
use crate::math;
use crate::tape::{Arithmetic, Bounds, Class, Instr, Step};
use rhyton_base::{DType, bf16, f16};
use rhyton_ops::{BinaryFn, UnaryFn};
use std::ops::{Add, Div, Mul, Sub};

/// Elements a register holds: small enough that a tape's registers stay in the first-level cache.
pub const CHUNK: usize = 512;

/// Runs all instructions but loads on the first `n` elements of the registers.
///
/// # Safety
/// Every register an instruction names points to at least `n` elements of its class; what is written is not
/// shared with anybody; the destination of an instruction does not overlap its sources.
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

widest! {
    /// `n` times the same four bytes.
    ///
    /// # Safety
    /// The pointer reaches over so many and is aligned for them.
    pub unsafe fn splat4(dst: *mut u8, x: u32, n: usize) = splat_any
}

widest! {
    /// `n` times the same eight bytes.
    ///
    /// # Safety
    /// The pointer reaches over so many and is aligned for them.
    pub unsafe fn splat8(dst: *mut u8, x: u64, n: usize) = splat_any
}

#[inline(always)]
unsafe fn splat_any<T: Copy>(dst: *mut u8, x: T, n: usize) {
    // SAFETY: the caller's promise.
    unsafe { (0..n).for_each(|i| dst.cast::<T>().add(i).write(x)) }
}

widest! {
    /// Neighbouring elements in memory as elements of their register class.
    ///
    /// # Safety
    /// Both pointers reach over `n` elements and do not overlap.
    pub unsafe fn widen(dtype: DType, dst: *mut u8, src: *const u8, n: usize) = widen_any
}

#[inline(always)]
unsafe fn widen_any(dtype: DType, dst: *mut u8, src: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match dtype {
            DType::Bool | DType::U8 => map1(dst, src, n, |x: u8| i32::from(x)),
            DType::U16 => map1(dst, src, n, |x: u16| i32::from(x)),
            DType::I8 => map1(dst, src, n, |x: i8| i32::from(x)),
            DType::I16 => map1(dst, src, n, |x: i16| i32::from(x)),
            DType::U32 => map1(dst, src, n, |x: u32| i64::from(x)),
            DType::F16 => map1(dst, src, n, |x: f16| x.to_f32()),
            DType::BF16 => map1(dst, src, n, |x: bf16| x.to_f32()),
            native => dst.copy_from_nonoverlapping(src, n * native.size()),
        }
    }
}

widest! {
    /// Elements of a register as neighbouring elements in memory.
    ///
    /// # Safety
    /// Both pointers reach over `n` elements and overlap wholly or not at all.
    pub unsafe fn narrow(dtype: DType, dst: *mut u8, src: *const u8, n: usize) = narrow_any
}

#[inline(always)]
unsafe fn narrow_any(dtype: DType, dst: *mut u8, src: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match dtype {
            DType::Bool | DType::U8 => map1(dst, src, n, |x: i32| x as u8),
            DType::U16 => map1(dst, src, n, |x: i32| x as u16),
            DType::I8 => map1(dst, src, n, |x: i32| x as i8),
            DType::I16 => map1(dst, src, n, |x: i32| x as i16),
            DType::U32 => map1(dst, src, n, |x: i64| x as u32),
            DType::F16 => map1(dst, src, n, |x: f32| f16::from_f32(x)),
            // Registers hold what has been rounded already.
            DType::BF16 => map1(dst, src, n, |x: f32| (x.to_bits() >> 16) as u16),
            // A loop may write its own input back unchanged.
            native => dst.copy_from(src, n * native.size()),
        }
    }
}

widest! {
    /// `float32`s rounded to neighbouring half floats in memory.
    ///
    /// # Safety
    /// Both pointers reach over `n` elements and do not overlap.
    pub unsafe fn round(dtype: DType, dst: *mut u8, src: *const u8, n: usize) = round_any
}

#[inline(always)]
unsafe fn round_any(dtype: DType, dst: *mut u8, src: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match dtype {
            DType::BF16 => map1(dst, src, n, |x: f32| (rounded(x).to_bits() >> 16) as u16),
            _ => map1(dst, src, n, |x: f32| f16::from_f32(x)),
        }
    }
}

/// To the nearest `bfloat16`, of two equally near ones to the even one.
#[inline(always)]
fn rounded(x: f32) -> f32 {
    let bits = x.to_bits();
    let nearest = bits.wrapping_add(0x7fff + (bits >> 16 & 1));
    f32::from_bits((if x.is_nan() { bits | 0x40_0000 } else { nearest }) & 0xffff_0000)
}

widest! {
    /// Pairs of 16 bits: those of `even` below those of `odd`.
    ///
    /// # Safety
    /// All pointers reach over `n` elements, and what is written overlaps nothing.
    pub unsafe fn interleave(dst: *mut u8, even: *const u8, odd: *const u8, n: usize) = interleave_any
}

#[inline(always)]
unsafe fn interleave_any(dst: *mut u8, even: *const u8, odd: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe { map2(dst, even, odd, n, |e: u16, o: u16| u32::from(e) | u32::from(o) << 16) }
}

widest! {
    /// The same of `float32`s, rounded to `bfloat16`.
    ///
    /// # Safety
    /// As [`interleave`].
    pub unsafe fn interleave_rounded(dst: *mut u8, even: *const u8, odd: *const u8, n: usize) = interleave_rounded_any
}

#[inline(always)]
unsafe fn interleave_rounded_any(dst: *mut u8, even: *const u8, odd: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        map2(dst, even, odd, n, |e: f32, o: f32| rounded(e).to_bits() >> 16 | rounded(o).to_bits());
    }
}

/// Copies bytes past the caches where the machine can: memory is not read before it is written, and what is in the caches
/// stays there. [`fence`] must follow before others read them.
///
/// # Safety
/// Both pointers reach over `n` bytes and do not overlap.
pub unsafe fn stream(dst: *mut u8, src: *const u8, n: usize) {
    let whole = if dst.addr().is_multiple_of(LINE) { n / LINE * LINE } else { 0 };
    // SAFETY: the caller's promise; `isa` has found the features present.
    unsafe {
        match isa() {
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            Isa::Avx512 => lines_avx512(dst, src, whole),
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            Isa::Avx2 => lines_avx2(dst, src, whole),
            _ => dst.copy_from_nonoverlapping(src, whole),
        }
        dst.add(whole).copy_from_nonoverlapping(src.add(whole), n - whole);
    }
}

/// Bytes that caches hold together.
const LINE: usize = 64;

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[target_feature(enable = "avx512f")]
unsafe fn lines_avx512(dst: *mut u8, src: *const u8, n: usize) {
    use std::arch::x86_64::{_mm512_loadu_si512, _mm512_stream_si512};
    for at in (0..n).step_by(LINE) {
        // SAFETY: the caller's promise; `dst` is aligned.
        unsafe { _mm512_stream_si512(dst.add(at).cast(), _mm512_loadu_si512(src.add(at).cast())) }
    }
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[target_feature(enable = "avx2")]
unsafe fn lines_avx2(dst: *mut u8, src: *const u8, n: usize) {
    use std::arch::x86_64::{_mm256_loadu_si256, _mm256_stream_si256};
    for at in (0..n).step_by(LINE / 2) {
        // SAFETY: the caller's promise; `dst` is aligned.
        unsafe { _mm256_stream_si256(dst.add(at).cast(), _mm256_loadu_si256(src.add(at).cast())) }
    }
}

/// Orders what [`stream`] has written before what follows.
pub fn fence() {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: every x86-64 has the instruction; it touches no memory.
    unsafe {
        std::arch::x86_64::_mm_sfence()
    }
}

/// `dst[i] = f(a[i])`. The slices do not overlap, which lets the compiler use vectors of any length.
#[inline(always)]
unsafe fn map1<A: Copy, R: Copy>(dst: *mut u8, a: *const u8, n: usize, f: impl Fn(A) -> R) {
    // SAFETY: both reach over `n` elements, and a destination is never a source.
    let (dst, a) = unsafe { (slice_mut::<R>(dst, n), slice::<A>(a, n)) };
    // Plain loops: an iterator's `for_each` could be compiled as a function without the wider instructions.
    for i in 0..n {
        dst[i] = f(a[i]);
    }
}

/// `dst[i] = f(a[i], b[i])`.
#[inline(always)]
unsafe fn map2<A: Copy, R: Copy>(dst: *mut u8, a: *const u8, b: *const u8, n: usize, f: impl Fn(A, A) -> R) {
    // SAFETY: as in `map1`.
    let (dst, a, b) = unsafe { (slice_mut::<R>(dst, n), slice::<A>(a, n), slice::<A>(b, n)) };
    for i in 0..n {
        dst[i] = f(a[i], b[i]);
    }
}

/// `dst[i] = if c[i] != 0 { a[i] } else { b[i] }`.
#[inline(always)]
unsafe fn select<T: Copy>(dst: *mut u8, c: *const u8, a: *const u8, b: *const u8, n: usize) {
    // SAFETY: as in `map1`.
    let (dst, c, a, b) =
        unsafe { (slice_mut::<T>(dst, n), slice::<i32>(c, n), slice::<T>(a, n), slice::<T>(b, n)) };
    for i in 0..n {
        dst[i] = if c[i] != 0 { a[i] } else { b[i] };
    }
}

/// `dst[i] = g(f(a[i], b[i]), c[i])`, or with the arguments of `g` turned.
#[inline(always)]
unsafe fn chain<T>(
    (f, g, turned): (Arithmetic, Arithmetic, bool),
    dst: *mut u8,
    [a, b, c]: [*mut u8; 3],
    n: usize,
) where
    T: Copy + Add<Output = T> + Sub<Output = T> + Mul<Output = T> + Div<Output = T>,
{
    // SAFETY: as in `map1`.
    let (dst, a, b, c) =
        unsafe { (slice_mut::<T>(dst, n), slice::<T>(a, n), slice::<T>(b, n), slice::<T>(c, n)) };
    macro_rules! then {
        ($f:expr) => {
            match (g, turned) {
                (Arithmetic::Add, _) => go!($f, |t: T, c: T| t + c),
                (Arithmetic::Mul, _) => go!($f, |t: T, c: T| t * c),
                (Arithmetic::Sub, false) => go!($f, |t: T, c: T| t - c),
                (Arithmetic::Sub, true) => go!($f, |t: T, c: T| c - t),
                (Arithmetic::Div, false) => go!($f, |t: T, c: T| t / c),
                (Arithmetic::Div, true) => go!($f, |t: T, c: T| c / t),
            }
        };
    }
    macro_rules! go {
        ($f:expr, $g:expr) => {
            for i in 0..n {
                dst[i] = $g($f(a[i], b[i]), c[i]);
            }
        };
    }
    match f {
        Arithmetic::Add => then!(|a: T, b: T| a + b),
        Arithmetic::Sub => then!(|a: T, b: T| a - b),
        Arithmetic::Mul => then!(|a: T, b: T| a * b),
        Arithmetic::Div => then!(|a: T, b: T| a / b),
    }
}

#[inline(always)]
unsafe fn slice<'a, T>(p: *const u8, n: usize) -> &'a [T] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(p.cast(), n) }
}

#[inline(always)]
unsafe fn slice_mut<'a, T>(p: *mut u8, n: usize) -> &'a mut [T] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts_mut(p.cast(), n) }
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

macro_rules! with_numbers {
    ($affine:ident, $bound:ident, $t:ty) => {
        /// A NaN among the elements stays, as no comparison with it holds.
        #[inline(always)]
        unsafe fn $affine(
            (f, g): (Step, Step),
            bounds: Option<[Bounds; 2]>,
            dst: *mut u8,
            a: *const u8,
            n: usize,
        ) {
            macro_rules! run {
                ($f:expr) => {
                    // SAFETY: the caller's promise.
                    unsafe {
                        match bounds {
                            None => map1::<$t, _>(dst, a, n, $f),
                            Some(bounds) => {
                                let [before, after] = bounds.map(|b| (b.low as $t, b.high as $t));
                                let within = |(low, high): ($t, $t), x: $t| {
                                    let x = if low > x { low } else { x };
                                    if high < x { high } else { x }
                                };
                                map1::<$t, _>(dst, a, n, |x| within(after, $f(within(before, x))))
                            }
                        }
                    }
                };
            }
            macro_rules! then {
                ($f:expr) => {
                    match g {
                        Step::Mul(k) => run!(|x| $f(x) * k as $t),
                        Step::Add(k) => run!(|x| $f(x) + k as $t),
                        Step::From(k) => run!(|x| k as $t - $f(x)),
                    }
                };
            }
            match f {
                Step::Mul(k) => then!(|x: $t| x * k as $t),
                Step::Add(k) => then!(|x: $t| x + k as $t),
                Step::From(k) => then!(|x: $t| k as $t - x),
            }
        }

        /// As above.
        #[inline(always)]
        unsafe fn $bound(least: bool, k: $t, dst: *mut u8, a: *const u8, n: usize) {
            // SAFETY: the caller's promise.
            unsafe {
                match least {
                    true => map1::<$t, _>(dst, a, n, |x| if k < x { k } else { x }),
                    false => map1::<$t, _>(dst, a, n, |x| if k > x { k } else { x }),
                }
            }
        }
    };
}

with_numbers!(affine_f32, bound_f32, f32);
with_numbers!(affine_f64, bound_f64, f64);

macro_rules! float_ops {
    ($unary:ident, $binary:ident, $t:ty, $m:path) => {
        #[inline(always)]
        unsafe fn $unary(f: UnaryFn, dst: *mut u8, a: *const u8, n: usize) {
            use $m as m;
            macro_rules! go {
                ($e:expr) => {
                    // SAFETY: the caller's promise.
                    unsafe { map1::<$t, _>(dst, a, n, $e) }
                };
            }
            match f {
                UnaryFn::Neg => go!(|x: $t| -x),
                UnaryFn::Abs => go!(|x: $t| x.abs()),
                UnaryFn::Sign => go!(|x: $t| if x > 0.0 {
                    1.0
                } else if x < 0.0 {
                    -1.0
                } else {
                    x
                }),
                UnaryFn::Exp => go!(m::exp),
                UnaryFn::Expm1 => go!(m::expm1),
                UnaryFn::Log => go!(m::log),
                UnaryFn::Log1p => go!(m::log1p),
                UnaryFn::Log2 => go!(m::log2),
                UnaryFn::Log10 => go!(m::log10),
                UnaryFn::Sqrt => go!(|x: $t| x.sqrt()),
                UnaryFn::Cbrt => go!(m::cbrt),
                UnaryFn::Rsqrt => go!(m::rsqrt),
                UnaryFn::Sin => {
                    go!(m::sin);
                    // The fast form serves small angles only.
                    // SAFETY: the caller's promise.
                    let (dst, a) = unsafe { (slice_mut::<$t>(dst, n), slice::<$t>(a, n)) };
                    for i in 0..n {
                        if a[i].abs() > m::SIN_COS_MAX {
                            dst[i] = a[i].sin();
                        }
                    }
                }
                UnaryFn::Cos => {
                    go!(m::cos);
                    // The fast form serves small angles only.
                    // SAFETY: the caller's promise.
                    let (dst, a) = unsafe { (slice_mut::<$t>(dst, n), slice::<$t>(a, n)) };
                    for i in 0..n {
                        if a[i].abs() > m::SIN_COS_MAX {
                            dst[i] = a[i].cos();
                        }
                    }
                }
                UnaryFn::Tan => go!(|x: $t| x.tan()),
                UnaryFn::Asin => go!(|x: $t| x.asin()),
                UnaryFn::Acos => go!(|x: $t| x.acos()),
                UnaryFn::Atan => go!(|x: $t| x.atan()),
                UnaryFn::Sinh => go!(m::sinh),
                UnaryFn::Cosh => go!(m::cosh),
                UnaryFn::Tanh => go!(m::tanh),
                UnaryFn::Asinh => go!(m::asinh),
                UnaryFn::Acosh => go!(m::acosh),
                UnaryFn::Atanh => go!(m::atanh),
                UnaryFn::Erf => go!(m::erf),
                UnaryFn::Erfc => go!(m::erfc),
                UnaryFn::Erfinv => go!(m::erfinv),
                UnaryFn::BesselI0 => go!(m::bessel_i0),
                UnaryFn::BesselI1 => go!(m::bessel_i1),
                UnaryFn::Sigmoid => go!(m::sigmoid),
                UnaryFn::Floor => go!(m::floor),
                UnaryFn::Ceil => go!(m::ceil),
                UnaryFn::Trunc => go!(m::trunc),
                UnaryFn::Round => go!(m::round),
                UnaryFn::Not => unreachable!("floats have no bitwise not"),
                UnaryFn::IsNan => go!(|x: $t| i32::from(x.is_nan())),
                UnaryFn::IsInf => go!(|x: $t| i32::from(x.is_infinite())),
                UnaryFn::IsFinite => go!(|x: $t| i32::from(x.is_finite())),
                UnaryFn::SignBit => go!(|x: $t| i32::from(x.is_sign_negative())),
            }
        }

        #[inline(always)]
        unsafe fn $binary(f: BinaryFn, dst: *mut u8, a: *const u8, b: *const u8, n: usize) {
            use $m as m;
            macro_rules! go {
                ($e:expr) => {
                    // SAFETY: the caller's promise.
                    unsafe { map2::<$t, _>(dst, a, b, n, $e) }
                };
            }
            match f {
                BinaryFn::Add => go!(|x, y| x + y),
                BinaryFn::Sub => go!(|x, y| x - y),
                BinaryFn::Mul => go!(|x, y| x * y),
                BinaryFn::Div => go!(|x, y| x / y),
                BinaryFn::Rem => go!(|x: $t, y: $t| {
                    let r = x % y;
                    if r != 0.0 && (r < 0.0) != (y < 0.0) { r + y } else { r }
                }),
                BinaryFn::TruncRem => go!(|x: $t, y: $t| x % y),
                BinaryFn::Pow => go!(m::pow),
                // Where `x` is NaN the comparison fails and it stays. Of equal numbers, zeros too, the first counts.
                BinaryFn::Max => go!(|x: $t, y: $t| {
                    let larger = if y > x { y } else { x };
                    if y.is_nan() { y } else { larger }
                }),
                BinaryFn::Min => go!(|x: $t, y: $t| {
                    let smaller = if y < x { y } else { x };
                    if y.is_nan() { y } else { smaller }
                }),
                BinaryFn::Atan2 => go!(|x: $t, y: $t| x.atan2(y)),
                BinaryFn::Hypot => go!(m::hypot),
                BinaryFn::NextAfter => go!(m::next_after),
                BinaryFn::NextAfterF16 => go!(|x: $t, y: $t| {
                    let half = |v: $t| f16::from_f64(f64::from(v));
                    math::next_after_f16(half(x), half(y)).to_f32() as $t
                }),
                BinaryFn::NextAfterBF16 => go!(|x: $t, y: $t| {
                    let half = |v: $t| bf16::from_f64(f64::from(v));
                    math::next_after_bf16(half(x), half(y)).to_f32() as $t
                }),
                BinaryFn::GammaInc => go!(m::gamma_inc),
                BinaryFn::GammaDensity => go!(m::gamma_density),
                BinaryFn::Eq => go!(|x, y| i32::from(x == y)),
                BinaryFn::Ne => go!(|x, y| i32::from(x != y)),
                BinaryFn::Lt => go!(|x, y| i32::from(x < y)),
                BinaryFn::Le => go!(|x, y| i32::from(x <= y)),
                BinaryFn::Gt => go!(|x, y| i32::from(x > y)),
                BinaryFn::Ge => go!(|x, y| i32::from(x >= y)),
                BinaryFn::And
                | BinaryFn::Or
                | BinaryFn::Xor
                | BinaryFn::ShiftLeft
                | BinaryFn::ShiftRight
                | BinaryFn::Gcd => {
                    unreachable!("floats have no operations of integers")
                }
            }
        }
    };
}

float_ops!(unary_f32, binary_f32, f32, math);
float_ops!(unary_f64, binary_f64, f64, math::f64_);

macro_rules! int_ops {
    ($unary:ident, $binary:ident, $t:ty) => {
        #[inline(always)]
        unsafe fn $unary(f: UnaryFn, dst: *mut u8, a: *const u8, n: usize) {
            macro_rules! go {
                ($e:expr) => {
                    // SAFETY: the caller's promise.
                    unsafe { map1::<$t, _>(dst, a, n, $e) }
                };
            }
            #[allow(unused_comparisons)]
            match f {
                UnaryFn::Neg => go!(|x: $t| x.wrapping_neg()),
                UnaryFn::Abs => go!(|x: $t| if x < 0 { x.wrapping_neg() } else { x }),
                UnaryFn::Sign => go!(|x: $t| (x > 0) as $t - (x < 0) as $t),
                UnaryFn::Not => go!(|x: $t| !x),
                UnaryFn::Floor | UnaryFn::Ceil | UnaryFn::Trunc | UnaryFn::Round => go!(|x: $t| x),
                UnaryFn::IsNan | UnaryFn::IsInf => go!(|_: $t| 0i32),
                UnaryFn::IsFinite => go!(|_: $t| 1i32),
                UnaryFn::SignBit => go!(|x: $t| i32::from(x < 0)),
                _ => unreachable!("the shape rule casts integers to floats before {f:?}"),
            }
        }

        #[inline(always)]
        unsafe fn $binary(f: BinaryFn, dst: *mut u8, a: *const u8, b: *const u8, n: usize) {
            macro_rules! go {
                ($e:expr) => {
                    // SAFETY: the caller's promise.
                    unsafe { map2::<$t, _>(dst, a, b, n, $e) }
                };
            }
            #[allow(unused_comparisons)]
            match f {
                BinaryFn::Add => go!(|x: $t, y: $t| x.wrapping_add(y)),
                BinaryFn::Sub => go!(|x: $t, y: $t| x.wrapping_sub(y)),
                BinaryFn::Mul => go!(|x: $t, y: $t| x.wrapping_mul(y)),
                BinaryFn::Div => go!(|x: $t, y: $t| if y == 0 {
                    0
                } else {
                    let q = x.wrapping_div(y);
                    q.wrapping_sub((x.wrapping_rem(y) != 0 && (x < 0) != (y < 0)) as $t)
                }),
                BinaryFn::Rem => go!(|x: $t, y: $t| if y == 0 {
                    0
                } else {
                    let r = x.wrapping_rem(y);
                    if r != 0 && (r < 0) != (y < 0) { r.wrapping_add(y) } else { r }
                }),
                BinaryFn::TruncRem => go!(|x: $t, y: $t| if y == 0 { 0 } else { x.wrapping_rem(y) }),
                BinaryFn::Gcd => go!(|x: $t, y: $t| gcd(i128::from(x), i128::from(y)) as $t),
                BinaryFn::Pow => go!(|x: $t, y: $t| power(i128::from(x), i128::from(y)) as $t),
                BinaryFn::Max => go!(|x: $t, y: $t| x.max(y)),
                BinaryFn::Min => go!(|x: $t, y: $t| x.min(y)),
                BinaryFn::Atan2
                | BinaryFn::Hypot
                | BinaryFn::NextAfter
                | BinaryFn::NextAfterF16
                | BinaryFn::NextAfterBF16
                | BinaryFn::GammaInc
                | BinaryFn::GammaDensity => unreachable!("the shape rule casts integers to floats before"),
                BinaryFn::And => go!(|x: $t, y: $t| x & y),
                BinaryFn::Or => go!(|x: $t, y: $t| x | y),
                BinaryFn::Xor => go!(|x: $t, y: $t| x ^ y),
                BinaryFn::ShiftLeft => go!(|x: $t, y: $t| x.checked_shl(y.clamp(0, 127) as u32).unwrap_or(0)),
                BinaryFn::ShiftRight => go!(|x: $t, y: $t| {
                    let beyond = if x < 0 { (0 as $t).wrapping_sub(1) } else { 0 };
                    x.checked_shr(y.clamp(0, 127) as u32).unwrap_or(beyond)
                }),
                BinaryFn::Eq => go!(|x: $t, y: $t| i32::from(x == y)),
                BinaryFn::Ne => go!(|x: $t, y: $t| i32::from(x != y)),
                BinaryFn::Lt => go!(|x: $t, y: $t| i32::from(x < y)),
                BinaryFn::Le => go!(|x: $t, y: $t| i32::from(x <= y)),
                BinaryFn::Gt => go!(|x: $t, y: $t| i32::from(x > y)),
                BinaryFn::Ge => go!(|x: $t, y: $t| i32::from(x >= y)),
            }
        }
    };
}

int_ops!(unary_i32, binary_i32, i32);
int_ops!(unary_i64, binary_i64, i64);
int_ops!(unary_u64, binary_u64, u64);

/// The greatest common divisor, by Euclid's algorithm.
fn gcd(x: i128, y: i128) -> i128 {
    let (mut a, mut b) = (x.unsigned_abs() as u64, y.unsigned_abs() as u64);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i128::from(a)
}

/// `x` to the power `y`, wrapped to 64 bits; 0 for negative exponents of anything but ±1.
fn power(x: i128, y: i128) -> i128 {
    if y < 0 {
        return match x {
            1 => 1,
            -1 if y % 2 == 0 => 1,
            -1 => -1,
            _ => 0,
        };
    }
    let (mut base, mut exponent, mut out) = (x as i64 as i128, y, 1i128);
    while exponent > 0 {
        if exponent & 1 == 1 {
            out = i128::from((out as i64).wrapping_mul(base as i64));
        }
        base = i128::from((base as i64).wrapping_mul(base as i64));
        exponent >>= 1;
    }
    out
}

#[inline(always)]
unsafe fn convert(from: Class, to: DType, dst: *mut u8, a: *const u8, n: usize) {
    macro_rules! to {
        ($t:ty) => {
            // SAFETY: the caller's promise.
            unsafe {
                match to {
                    DType::Bool => map1(dst, a, n, |x: $t| i32::from(x != 0 as $t)),
                    DType::U8 => map1(dst, a, n, |x: $t| i32::from(x as u8)),
                    DType::U16 => map1(dst, a, n, |x: $t| i32::from(x as u16)),
                    DType::U32 => map1(dst, a, n, |x: $t| i64::from(x as u32)),
                    DType::U64 => map1(dst, a, n, |x: $t| x as u64),
                    DType::I8 => map1(dst, a, n, |x: $t| i32::from(x as i8)),
                    DType::I16 => map1(dst, a, n, |x: $t| i32::from(x as i16)),
                    DType::I32 => map1(dst, a, n, |x: $t| x as i32),
                    DType::I64 => map1(dst, a, n, |x: $t| x as i64),
                    DType::F16 => map1(dst, a, n, |x: $t| f16::from_f64(x as f64).to_f32()),
                    DType::BF16 => map1(dst, a, n, |x: $t| rounded(x as f32)),
                    DType::F32 => map1(dst, a, n, |x: $t| x as f32),
                    DType::F64 => map1(dst, a, n, |x: $t| x as f64),
                }
            }
        };
    }
    match from {
        Class::F32 => to!(f32),
        Class::F64 => to!(f64),
        Class::I32 => to!(i32),
        Class::I64 => to!(i64),
        Class::U64 => to!(u64),
    }
}

#[inline(always)]
unsafe fn wrap(to: DType, dst: *mut u8, a: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match to {
            DType::U8 => map1(dst, a, n, |x: i32| i32::from(x as u8)),
            DType::U16 => map1(dst, a, n, |x: i32| i32::from(x as u16)),
            DType::I8 => map1(dst, a, n, |x: i32| i32::from(x as i8)),
            DType::I16 => map1(dst, a, n, |x: i32| i32::from(x as i16)),
            DType::U32 => map1(dst, a, n, |x: i64| i64::from(x as u32)),
            DType::F16 => map1(dst, a, n, |x: f32| f16::from_f32(x).to_f32()),
            DType::BF16 => map1(dst, a, n, rounded),
            DType::Bool | DType::I32 | DType::I64 | DType::U64 | DType::F32 | DType::F64 => {
                unreachable!("{to} fills its register")
            }
        }
    }
}
