//! Products with one column and few terms, and products of a few numbers, each with many terms.
//!
//! The kernels that hold vectors of columns would use one lane of each here. The first kind is computed by vectors of rows;
//! in the second, what takes time is that each multiply-add waits for the one before, so blocks of `k` run side by side.
//! The sums are those of the other kernels, to the last bit.

use super::plan::{ALONE, K_BLOCK, SMALL, cut};
use super::{Epilogue, Finished, Problem};
use crate::isa::{Isa, isa, widest};

/// Terms that a row is added up of at once.
const FEW_TERMS: usize = 4;
/// Results whose sums run side by side.
const FEW_RESULTS: usize = 4;
/// Blocks of `k` that run side by side.
const SIDE_BY_SIDE: usize = 4;

/// `C = A·B` and the epilogue, if this is such a product that one thread computes; nothing, and `false`, otherwise.
///
/// # Safety
/// As for [`super::gemm_f32`].
pub(super) unsafe fn run(p: &Problem<f32>, epilogue: Epilogue<'_, f32>) -> bool {
    let Problem { m, n, k, .. } = *p;
    // Plain code would call a function for each multiply-add. (Miri looks at it all the same.)
    let fused = cfg!(any(target_arch = "aarch64", miri)) || isa() >= Isa::Avx2;
    let small = m.saturating_mul(n) <= SMALL && m.saturating_mul(n).saturating_mul(k) <= ALONE;
    if !fused || !small || p.c.is_null() || m == 0 || n == 0 {
        return false;
    }
    let in_rows = p.a_strides == (k as isize, 1) && (p.c_strides.0 == 1 || m == 1);
    // SAFETY: the caller's promise; C is not null.
    unsafe {
        if n == 1 && (1..=FEW_TERMS).contains(&k) && in_rows {
            column(p.a, (k, m), p.b, p.b_strides.0, p.c);
        } else if m * n <= FEW_RESULTS && k > K_BLOCK {
            numbers(p);
        } else {
            return false;
        }
    }
    if let Some(epilogue) = epilogue {
        epilogue(0..m, 0..n, Finished { data: p.c, strides: p.c_strides });
    }
    true
}

widest! {
    /// A column of `m` numbers from rows of `k`.
    unsafe fn column(a: *const f32, size: (usize, usize), b: *const f32, b_step: isize, c: *mut f32) = any_column
}

#[inline(always)]
unsafe fn any_column(a: *const f32, (k, m): (usize, usize), b: *const f32, b_step: isize, c: *mut f32) {
    // SAFETY: the caller's promise: A holds `m` rows of `k` numbers one after the other, C `m` numbers, B `k` at its step.
    unsafe {
        match k {
            1 => rows::<1>(a, m, b, b_step, c),
            2 => rows::<2>(a, m, b, b_step, c),
            3 => rows::<3>(a, m, b, b_step, c),
            _ => rows::<FEW_TERMS>(a, m, b, b_step, c),
        }
    }
}

#[inline(always)]
unsafe fn rows<const K: usize>(a: *const f32, m: usize, b: *const f32, b_step: isize, c: *mut f32) {
    let mut factors = [0.0; K];
    // SAFETY: as in `any_column`; C overlaps neither A nor B.
    let (rows, sums) = unsafe {
        for (j, factor) in factors.iter_mut().enumerate() {
            *factor = *b.offset(j as isize * b_step);
        }
        (std::slice::from_raw_parts(a.cast::<[f32; K]>(), m), std::slice::from_raw_parts_mut(c, m))
    };
    for i in 0..m {
        let mut sum = 0.0f32;
        for j in 0..K {
            sum = rows[i][j].mul_add(factors[j], sum);
        }
        // As in the other kernels no sum is a negative zero.
        sums[i] = sum + 0.0;
    }
}

widest! {
    /// At most `FEW_RESULTS` numbers.
    unsafe fn numbers(p: &Problem<f32>) = any_numbers
}

#[inline(always)]
unsafe fn any_numbers(p: &Problem<f32>) {
    // SAFETY: the caller's promise.
    unsafe {
        match p.m * p.n {
            1 => chains::<1>(p),
            2 => chains::<2>(p),
            3 => chains::<3>(p),
            _ => chains::<FEW_RESULTS>(p),
        }
    }
}

/// All `R` results of a product.
#[inline(always)]
unsafe fn chains<const R: usize>(p: &Problem<f32>) {
    let (mut a, mut b, mut c) = ([p.a; R], [p.b; R], [p.c; R]);
    for r in 0..R {
        let (i, j) = ((r / p.n) as isize, (r % p.n) as isize);
        a[r] = p.a.wrapping_offset(i * p.a_strides.0);
        b[r] = p.b.wrapping_offset(j * p.b_strides.1);
        c[r] = p.c.wrapping_offset(i * p.c_strides.0 + j * p.c_strides.1);
    }
    let blocks = p.k.div_ceil(K_BLOCK);
    let mut results = [0.0; R];
    let mut block = 0;
    // SAFETY: every number is an element of A, B or C.
    unsafe {
        while block < blocks {
            let done = match blocks - block {
                SIDE_BY_SIDE.. => blocks_of::<R, SIDE_BY_SIDE>(p, (&a, &b), (block, blocks), &mut results),
                2.. => blocks_of::<R, 2>(p, (&a, &b), (block, blocks), &mut results),
                _ => blocks_of::<R, 1>(p, (&a, &b), (block, blocks), &mut results),
            };
            block += done;
        }
        for r in 0..R {
            *c[r] = results[r];
        }
    }
}

/// Adds the sums over `B` blocks of `k`, from number `block` of `blocks` on. Returns how many these were.
#[inline(always)]
unsafe fn blocks_of<const R: usize, const B: usize>(
    p: &Problem<f32>,
    (a, b): (&[*const f32; R], &[*const f32; R]),
    (block, blocks): (usize, usize),
    results: &mut [f32; R],
) -> usize {
    let (a_step, b_step) = (p.a_strides.1, p.b_strides.0);
    let (mut starts, mut ends, mut shortest) = ([0; B], [0; B], usize::MAX);
    for g in 0..B {
        let ks = cut(p.k, blocks, block + g);
        (starts[g], ends[g], shortest) = (ks.start, ks.end, shortest.min(ks.len()));
    }
    let mut sums = [[0.0f32; R]; B];
    let term = |r: usize, k: usize, sum: f32| {
        let k = k as isize;
        // SAFETY: `k` is below that of the product.
        unsafe { (*a[r].offset(k * a_step)).mul_add(*b[r].offset(k * b_step), sum) }
    };
    for t in 0..shortest {
        for g in 0..B {
            for (r, sum) in sums[g].iter_mut().enumerate() {
                *sum = term(r, starts[g] + t, *sum);
            }
        }
    }
    for g in 0..B {
        for (r, sum) in sums[g].iter_mut().enumerate() {
            for k in starts[g] + shortest..ends[g] {
                *sum = term(r, k, *sum);
            }
            let sum = *sum + 0.0;
            results[r] = if block + g == 0 { sum } else { results[r] + sum };
        }
    }
    B
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Matrix, Random, problem};
    use super::super::{drive, isa_f32};
    use super::*;

    #[test]
    fn the_bits_of_other_kernels() {
        let mut random = Random(5);
        let mut taken = 0;
        let longest = if cfg!(miri) { 600 } else { 5000 };
        for (m, n, k) in [
            (1, 1, 1),
            (37, 1, 1),
            (2000, 1, 2),
            (19, 1, 3),
            (40, 1, 4),
            (2, 1, longest),
            (1, 2, longest.min(2000)),
            (1, 1, 513),
            (1, 4, longest.min(1100)),
            (2, 2, longest.min(1537)),
            (3, 1, longest.min(3333)),
            (5, 1, 600),
            (3, 2, 5),
        ] {
            for forms in [(0, 0), (1, 1), (2, 4), (0, 3), (8, 5)] {
                let mut zero = || if random.below(7) == 0 { -0.0 } else { random.value() as f32 };
                let a = Matrix::new(m, k, forms.0, &mut zero);
                let b = Matrix::new(k, n, forms.1, &mut zero);
                for form in [0, 2] {
                    let mut c = Matrix::new(m, n, form, || f32::NAN);
                    let mut expected = c.clone();
                    // SAFETY: the matrices hold all their elements.
                    unsafe {
                        if !run(&problem(m, n, k, &a, &b, &mut c), None) {
                            continue;
                        }
                        drive::run(isa_f32(), &problem(m, n, k, &a, &b, &mut expected), None);
                    }
                    taken += 1;
                    let bits = |c: &Matrix<f32>| c.memory.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                    assert_eq!(bits(&c), bits(&expected), "{m} {n} {k} {forms:?} {form}");
                }
            }
        }
        // Without multiply-adds that round once there is nothing to do.
        assert!(taken > 50 || isa() == Isa::Portable);
    }
}
